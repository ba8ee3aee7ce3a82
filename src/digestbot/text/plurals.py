"""English plurals, with the irregular ones that papers are full of. Nothing deeper: no stemming.

A rule that is wrong is wrong on both sides, so it can only join two words, never part one from itself.
"""

import re

_PAIRS = (
    "corpora:corpus genera:genus criteria:criterion phenomena:phenomenon automata:automaton "
    "bacteria:bacterium spectra:spectrum optima:optimum maxima:maximum minima:minimum extrema:extremum "
    "quanta:quantum strata:stratum errata:erratum schemata:schema stigmata:stigma lemmata:lemma "
    "polyhedra:polyhedron tetrahedra:tetrahedron momenta:momentum equilibria:equilibrium "
    "symposia:symposium curricula:curriculum ganglia:ganglion taxa:taxon mitochondria:mitochondrion "
    "foci:focus loci:locus nuclei:nucleus radii:radius stimuli:stimulus fungi:fungus bacilli:bacillus "
    "alumni:alumnus moduli:modulus calculi:calculus gyri:gyrus sulci:sulcus hippocampi:hippocampus "
    "formulae:formula larvae:larva algae:alga vertebrae:vertebra antennae:antenna nebulae:nebula "
    "novae:nova supernovae:supernova hyphae:hypha men:man women:woman children:child mice:mouse "
    "lice:louse feet:foot teeth:tooth geese:goose oxen:ox axes:axis lenses:lens gases:gas biases:bias "
    "buses:bus aliases:alias canvases:canvas atlases:atlas irises:iris crises:crisis oases:oasis "
    "emphases:emphasis quizzes:quiz caches:cache aches:ache niches:niche avalanches:avalanche "
    "tranches:tranche movies:movie cookies:cookie calories:calorie zombies:zombie selfies:selfie "
    "rookies:rookie prairies:prairie ties:tie dies:die lies:lie pies:pie wolves:wolf halves:half "
    "leaves:leaf knives:knife shelves:shelf loaves:loaf thieves:thief calves:calf hooves:hoof elves:elf "
    "heroes:hero potatoes:potato tomatoes:tomato echoes:echo vetoes:veto mosquitoes:mosquito "
    "tornadoes:tornado volcanoes:volcano zeroes:zero torpedoes:torpedo topics:topic metrics:metric "
    "heuristics:heuristic characteristics:characteristic logics:logic critics:critic clinics:clinic "
    "epidemics:epidemic pandemics:pandemic comics:comic fabrics:fabric mosaics:mosaic "
    "antibiotics:antibiotic harmonics:harmonic relics:relic lyrics:lyric asics:asic cubics:cubic "
    "quadratics:quadratic conics:conic mimics:mimic ics:ic pics:pic mics:mic imus:imu icus:icu ecus:ecu "
    "emus:emu apus:apu ipus:ipu menus:menu relus:relu gelus:gelu elus:elu apis:api abis:abi ais:ai uis:ui "
    "guis:gui kpis:kpi mris:mri fmris:fmri pois:poi rois:roi dois:doi clis:cli bcis:bci npis:npi wikis:wiki "
    "emojis:emoji taxis:taxi skis:ski alibis:alibi "
)
_IRREGULAR = dict(pair.split(":") for pair in _PAIRS.split())
_ALIKE = (
    "series species news lens gas bias atlas canvas pandas alias pancreas whereas texas kansas overseas "
    "christmas was has his its this thus plus yes does goes always perhaps besides bayes keras kubernetes "
    "postgres chaos cosmos ethos pathos kudos rabies scabies caries themselves ourselves yourselves aids "
    "nas tts gps dns aws sms rms fps tps css ros pos ios mos qos dos sas cos los des les das kos sos abs "
    "obs vps cms pbs bos eos mds trans bus pus sus gus jus mus rus "
)
_STAY = frozenset(_ALIKE.split())
"""Words that end like a plural and are none, and acronyms of three letters that are one themselves."""
_ACRONYM = re.compile(r"[bcdfghjklmnpqrstvwxz]{2,4}us")
"""What ends like ``GPUs``: no Latin word has no vowel before its -us."""
_ENDINGS = (
    ("matrices", "matrix"),
    ("trices", "trix"),
    ("vertices", "vertex"),
    ("vortices", "vortex"),
    ("cortices", "cortex"),
    ("indices", "index"),
    ("appendices", "appendix"),
    ("simplices", "simplex"),
    ("helices", "helix"),
    ("radices", "radix"),
    ("codices", "codex"),
    ("apices", "apex"),
    ("analyses", "analysis"),
    ("lyses", "lysis"),
    ("theses", "thesis"),
    ("geneses", "genesis"),
    ("gnoses", "gnosis"),
    ("metastases", "metastasis"),
    ("neuroses", "neurosis"),
    ("psychoses", "psychosis"),
    ("fibroses", "fibrosis"),
    ("stenoses", "stenosis"),
    ("morphoses", "morphosis"),
    ("thromboses", "thrombosis"),
    ("hedra", "hedron"),
    ("sses", "ss"),
    ("shes", "sh"),
    ("ches", "ch"),
    ("xes", "x"),
    ("viruses", "virus"),
    ("corpuses", "corpus"),
    ("campuses", "campus"),
    ("statuses", "status"),
    ("focuses", "focus"),
    ("bonuses", "bonus"),
    ("censuses", "census"),
    ("consensuses", "consensus"),
    ("apparatuses", "apparatus"),
    ("nexuses", "nexus"),
    ("choruses", "chorus"),
    ("syllabuses", "syllabus"),
    ("sinuses", "sinus"),
    ("surpluses", "surplus"),
    ("minuses", "minus"),
    ("radiuses", "radius"),
    ("quies", "quy"),
)


def singular(word: str) -> str:
    """Return the singular of a plain English word, or the word itself. Idempotent, so ``criterias`` is `criterion`."""
    shorter = _without_plural(word)
    return word if shorter == word else singular(shorter)


def _without_plural(word: str) -> str:
    if word in _IRREGULAR:
        return _IRREGULAR[word]
    if len(word) < 3 or not word.isascii() or word in _STAY:
        return word
    for ending, form in _ENDINGS if word[-1] in "sa" else ():
        if word.endswith(ending):
            return word[: -len(ending)] + form
    if not word.endswith("s") or (word.endswith(("ss", "us", "is", "ics")) and not _ACRONYM.fullmatch(word)):
        return word
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    return word[:-1]
