"""British and American spellings of one word. Candidates only: who asks looks whether they occur anywhere."""

import re
from collections.abc import Iterator

_PAIRS = (
    "colour:color behaviour:behavior neighbour:neighbor neighbourhood:neighborhood tumour:tumor favour:favor "
    "favourable:favorable labour:labor flavour:flavor vapour:vapor humour:humor rumour:rumor honour:honor "
    "harbour:harbor centre:center metre:meter litre:liter fibre:fiber theatre:theater "
    "calibre:caliber spectre:specter lustre:luster "
    "modelling:modeling modelled:modeled labelling:labeling labelled:labeled signalling:signaling travelling:traveling "
    "traveller:traveler cancelling:canceling cancelled:canceled channelling:channeling tunnelling:tunneling "
    "levelling:leveling levelled:leveled marshalling:marshaling fuelled:fueled unlabelled:unlabeled jewellery:jewelry "
    "focussed:focused focussing:focusing catalogue:catalog dialogue:dialog analogue:analog programme:program "
    "defence:defense offence:offense licence:license practise:practice pretence:pretense artefact:artifact grey:gray "
    "greyscale:grayscale aluminium:aluminum sulphur:sulfur sulphate:sulfate mould:mold plough:plow sceptical:skeptical "
    "manoeuvre:maneuver ageing:aging judgement:judgment acknowledgement:acknowledgment fulfil:fulfill enrol:enroll "
    "skilful:skillful instalment:installment anaesthesia:anesthesia anaemia:anemia haemoglobin:hemoglobin "
    "haemorrhage:hemorrhage leukaemia:leukemia oesophagus:esophagus oestrogen:estrogen foetal:fetal foetus:fetus "
    "paediatric:pediatric orthopaedic:orthopedic gynaecology:gynecology diarrhoea:diarrhea aetiology:etiology "
    "encyclopaedia:encyclopedia mediaeval:medieval palaeontology:paleontology archaeology:archeology caesium:cesium "
    "ischaemia:ischemia ischaemic:ischemic tyre:tire kerb:curb disc:disk "
)
_AMERICAN = dict(pair.split(":") for pair in _PAIRS.split())
_BOTH = {**_AMERICAN, **{american: british for british, american in _AMERICAN.items()}}
_ISE = re.compile(r"(?<=[a-z]{3})i([sz])(e|es|ed|er|ers|ing|ation|ational|ations|able)")
_YSE = re.compile(r"(?<=[a-z]{2})ly([sz])(e|ed|er|ing)")


def other_spellings(word: str) -> Iterator[str]:
    """Yield how the other side of the Atlantic may spell a folded word: `optimization` for `optimisation`."""
    if word in _BOTH:
        yield _BOTH[word]
    for pattern, stem in ((_ISE, "i"), (_YSE, "ly")):
        found = pattern.search(word)
        if found and found.end() == len(word):
            yield f"{word[: found.start()]}{stem}{'z' if found[1] == 's' else 's'}{found[2]}"
