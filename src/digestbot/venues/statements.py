"""What comments say of acceptance and publication: ``Accepted at ICML 2025``, ``to appear in Phys. Rev. D``.

A statement is a piece of the comments between commas, or as far as a name goes on behind one. What was submitted, is
under review, was rejected, or speaks of an earlier version or of anything but the paper is none.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from digestbot.venues.archives import is_published_in

_LONGEST = 4000  # characters of comments that are read
_MOST = 5  # statements of one text
_LONGEST_NAME, _LONGEST_WORDS = 120, 200


def _any(*alternatives: str, flags: int = re.IGNORECASE) -> re.Pattern[str]:
    """Return a pattern of whole words, or of parts of a pattern that end where words do."""
    return re.compile(rf"\b(?:{'|'.join(alternatives)})\b", flags)


_SERIES = (
    r"3DV|AAAI|AACL|AAMAS|ACC|ACCV|ACL|AIED|AIES|AISTATS|ALT|ASE|ASIACRYPT|ASPLOS|ASRU|AutoML|BMVC|CAV|CCC|CCS|CDC"
    r"|CEC|CHI|CHIL|CIKM|CLEF|CLeaR|COLING|COLM|COLT|CoNLL|CoRL|CRYPTO|CSCW|CVPR|DAC|DATE|EAAMO|EACL|ECAI|ECC|ECCV"
    r"|ECIR|ECML|EDM|EMNLP|ESA|ESANN|ESEC|ESWC|EUROCRYPT|EuroSys|EUSIPCO|EuroVis|FAccT|FOCS|FSE|GECCO|HPCA|HRI"
    r"|ICALP|ICANN|ICASSP|ICCAD|ICCV|ICDE|ICDM|ICIP|ICLR|ICME"
    r"|ICML|ICRA|ICSE|ICWSM|IJCAI|IJCNN|INLG|INTERSPEECH"
    r"|IPMI|IROS|ISBI|ISCA|ISMAR|ISMIR|ISSTA|ISWC|ITCS|ITSC|IUI|IWSLT|JCDL|JMLR|KDD|L4DC|LAK|LICS|LoG|LREC|MICCAI"
    r"|MICRO|MIDL|ML4H|MLHC|MLSys|MM|NAACL|NDSS|NeurIPS|NIPS|NSDI|OOPSLA|OSDI|PAKDD|PETS|PKDD|PLDI|POPL|PVLDB"
    r"|RecSys|RSS|SC|SemEval|SIGCOMM|SIGDIAL|SIGGRAPH(?:\sAsia)?|SIGIR|SIGMOD|SLT|SOSP|SoCG|SODA|STOC|TACAS|TACL"
    r"|TMLR|TREC|UAI|UIST|USENIX(?:\sSecurity|\sATC)?|VIS|VLDB|WACV|WASPAA|WMT|WSDM|WWW"
)
_YEAR = r"(?:19|20)[0-9]{2}|['’`-][0-9]{2}"
_EDITION = (
    rf"(?:(?:IEEE(?:/CVF)?|ACM|USENIX)[ ])?(?:{_SERIES})(?:[ -]?(?:Findings|Workshops?))?[ ,]{{0,2}}"
    rf"(?:{_YEAR})(?![0-9])"
)
_NAMED_EDITION = re.compile(rf"(?<![\w-]){_EDITION}")
_ALONE = re.compile(
    rf"[(\[]?(?:[Tt]he |[Ii]n |[Aa]t )?(?:Findings of (?:the )?)?{_EDITION}(?P<rest>\b.{{0,150}})", re.DOTALL
)
_ROLES = re.compile(
    r"(?:[\s()\[\]:/&+-]|(?:oral|poster|spotlight|highlight|main|conference|track|findings|paper|long|short|full|regular|demo"
    r"|award|best|outstanding|candidate|camera|ready|version|accepted|datasets|and|benchmarks|industry|presentation|talk"
    r"|proceedings|student|abstract|top|[0-9]{1,3}(?:\.[0-9])?%|[0-9]{1,3} pages)(?![\w])){0,40}",
    re.IGNORECASE,
)
_FREE_ROLE = re.compile(r"[\s(,:-]{0,3}(?:workshops?|[\w ]{0,40}\btrack)\b", re.IGNORECASE)

_ENDS = re.compile(r"(?<=[\w)\]])[.!?]\s+(?=[A-Z\d(\[])|;\s|\s[|–—]\s|\.$")
_ABBREVIATED = re.compile(
    r"(?:^|[\s(])(?:[A-Za-z]|phys|rev|lett|proc|conf|int|intl|symp|trans|journ|math|appl|comp|comput|comm|commun|astron"
    r"|astrophys|natl|nat|acad|inst|univ|annu|ann|theor|nucl|chem|mech|eng|sci|syst|inf|inform|process|mach|learn|res|stat"
    r"|biol|med|adv|bull|mon|not|roy|soc|vol|no|pp|fig|figs|eur|geophys|opt|mod|quant|class|grav|lect|notes|surv|mag|ser|ed"
    r"|eds|approx|incl|cf|st|dr)$",
    re.IGNORECASE,
)
_VERB = re.compile(
    r"\b(?:(?:(?P<alone>accepted|in press|forthcoming|camera[- ]ready|(?:published|journal) version"
    r"|(?:to|will) (?:appear|be (?:published|presented)))|appear(?:s|ed|ing)?|published|presented)(?![\w-])"
    r"|in (?=proc(?:\.|eedings\b))|(?=proceedings of\b))",
    re.IGNORECASE,
)
"""`alone` are those that need no name behind them."""
_NOT_YET = _any(
    r"(?:re)?submi(?:t|ts|tted|tting|ssions?)",
    r"under (?:[\w-]+ ){0,2}?(?:review|consideration|revision|evaluation)|in (?:review(?! of)|revision|preparation)",
    r"reject(?:s|ed|ion)?|withdr\w+|unpublished|never|yet to be|reviewed",
    r"not (?:\w+ ){0,2}?(?:accepted|published|appear\w*|presented)",
    r"(?:if|upon|after|until|before|pending|once|when) (?:\w+ )?(?:acceptance|publication|accepted|published)",
)
_ANOTHER = _any(
    r"previously|invited|intended|targets?|targeting|plan(?:s|ned|ning)?|hop(?:e|es|ing)|work in progress",
    r"builds?|based on|extends|supersedes|replaces|follow-?up|companion|sequel|related|similar|text overlap",
    r"challenge|competition|(?:widely|generally|commonly|well) accepted",
)
"""Words that do not speak of the paper itself, or not of what has happened; in a name they may well stand."""
_TWO_STEPS = _any("submitted (?:to )?and accepted", "accepted submission")
_EARLIER = _any(
    r"(?:preliminary|earlier|previous|prior|initial|short|shorter|shortened|abridged|condensed|conference|workshop|part|parts"
    r"|portion|subset|some|abstract|poster|demo)\b[^,;]{0,40}?\b(?:of|version|versions|abstract|draft|results)"
)
_THINGS = _any(
    r"code|codes|codebase|data|datasets?|software|packages?|models?|weights|checkpoints|toolkit|toolbox|library|benchmarks?",
    r"supplement\w*|appendi\w+|videos?|demos?|slides|website|repository|proofs?|figures?|tables?|catalogu?e?|scripts?",
    r"notebooks?",
)
_PAPER = _any("papers?|articles?|manuscripts?|works?|preprint")
_FILLER = re.compile(
    r"(?:[\s:(\[\"“,-]|(?:to|will|be|been|appear|for|publication|presentation|inclusion|as|an?|the|poster|oral|spotlight|talk"
    r"|full|long|short|regular|main|conference(?= (?:paper|track|proceedings|version|of|at)\b)"
    r"|research|technical|track|paper|article|version|manuscript|presented|published"
    r"|with|minor|major|revisions?|changes|at|to|by|in|on|and|into|its|contribution|principle|main-track)(?![\w.-]))+",
    re.IGNORECASE,
)
_OF_THIS = re.compile(
    r"\s*(?:of (?:the|this|our) (?:paper|article|manuscript|work)\b.{0,20})?[)\].!\s]*", re.IGNORECASE
)
_DAY = re.compile(
    r"[0-9]{1,4}(?=[\s./-]|$)|(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.? [0-9]", re.IGNORECASE
)
_NAME_STOPS = re.compile(
    r",\s*(?:[0-9]+\+?[ -](?:pages?|pp|figs?|figures?|tables?|columns?)|code|project|supplement\w*|appendix|includ\w+"
    r"|see|please|this|the|our|extended|full|camera|pages|figures|comments|first|equal|data|website|demo|video"
    r"|homepage|github|with|and|to|but|which|where|accepted|in|at|[a-z])\b"
    r"|\s*[(\[][^)\]]{0,30}?(?:pages|figures|pp\.)"
    r"|\s*\bhttps?:|\s*\bwww\.|\s*\bdoi\b|\s+(?:with|and) [0-9]|\s*\.?\s*$"
    r"|\s+(?:but|where|which|please|see|code|project page)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Acceptance:
    """A statement that a paper was accepted or published."""

    name: str
    """Where, as printed; empty when it does not say."""
    words: str
    """The statement as printed, in one line."""


def acceptances(comments: str) -> tuple[Acceptance, ...]:
    """Return what comments say of acceptance and publication, in order; at most five statements, in linear time."""
    found: dict[str, Acceptance] = {}
    for sentence in _sentences(comments[:_LONGEST]):
        for item in _stated(sentence):
            found.setdefault(item.name, item)
    return tuple(found.values())[:_MOST]


def _sentences(text: str) -> Iterator[str]:
    """Yield the sentences in one line each; the dots of ``Phys. Rev. D`` end none."""
    line = " ".join(text.split())
    start = 0
    for end in _ENDS.finditer(line):
        if end[0][0] == "." and _ABBREVIATED.search(line[max(start, end.start() - 12) : end.start()]):
            continue
        yield line[start : end.start()].strip()
        start = end.end()
    yield line[start:].strip()


def _stated(sentence: str) -> Iterator[Acceptance]:
    """Yield what one sentence states. A name may hold commas, what stands before the verb none."""
    end = 0
    for found in _VERB.finditer(sentence):
        if found.start() < end:
            continue
        start = _piece_start(sentence, found.start())
        name, end = _name(sentence, found)
        piece = sentence[start : max(end, found.end())]
        if _speaks_of_the_paper(sentence[start : found.start()], piece) and (
            item := _read(sentence, found, name, piece)
        ):
            yield item
        end = max(end, found.end())
    if not end:
        yield from _alone(sentence)


def _piece_start(sentence: str, at: int) -> int:
    """Return where the words begin that belong to a verb."""
    least = max(0, at - _LONGEST_WORDS)
    start = max(sentence.rfind(mark, least, at) for mark in (", ", ": ", "("))
    return start + 1 if start >= 0 else least


def _speaks_of_the_paper(before: str, piece: str) -> bool:
    if _NOT_YET.search(piece) and not _TWO_STEPS.search(piece):
        return False
    if _ANOTHER.search(f"{before}{piece[len(before) :].partition(' ')[0]}") or _EARLIER.search(before):
        return False
    return not _THINGS.search(before) or _PAPER.search(before) is not None


def _name(sentence: str, verb: re.Match[str]) -> tuple[str, int]:
    """Return the name behind a verb and where it ends; an empty one when there is none."""
    filler = _FILLER.match(sentence, verb.end())
    start = filler.end() if filler else verb.end()
    stop = _NAME_STOPS.search(sentence, start)
    end = min(stop.start() if stop else len(sentence), start + _LONGEST_NAME)
    return _closed(sentence[start:end].strip(" .,:;\"'“”")), end


def _read(sentence: str, verb: re.Match[str], name: str, piece: str) -> Acceptance | None:
    """Return the statement, when its name can be one or when it needs none."""
    words = _closed(piece[:_LONGEST_WORDS])
    if _is_a_name(name):
        return Acceptance(name, words) if is_published_in(name) else None
    if named := _NAMED_EDITION.search(piece):
        return Acceptance(named[0], words)
    tail = sentence[verb.end() :]
    filler = _FILLER.match(tail)
    rest = tail[filler.end() if filler else 0 :]
    bare = _OF_THIS.fullmatch(rest.partition(",")[0]) or _DAY.match(rest)
    return Acceptance("", words) if bare and verb["alone"] else None


def _is_a_name(text: str) -> bool:
    """Tell whether some words can be a name: one of the first three has a capital letter, and it is no day."""
    first = text.split()[:3]
    if not first or _DAY.match(text) or first[0].lower() in {"of", "our", "this"}:
        return False
    return any(map(_capital, first))


def _capital(word: str) -> bool:
    return any(sign.isupper() for sign in word)


def _alone(sentence: str) -> Iterator[Acceptance]:
    """Yield the names that stand for themselves between commas: ``12 pages, ICLR 2025 (oral)``."""
    for piece in (text.strip() for text in sentence.split(", ")):
        found = _ALONE.match(piece)
        fits = found and (_ROLES.fullmatch(found["rest"]) or _FREE_ROLE.match(found["rest"]))
        if fits and not _NOT_YET.search(piece) and not _ANOTHER.search(piece):
            yield Acceptance(_closed(piece), _closed(piece))


def _closed(text: str) -> str:
    """Return `text` without brackets around it, and with those closed that are open."""
    bare = text.strip(" .,:;[]").removeprefix("(")
    if bare.count(")") > bare.count("("):
        bare = bare.removesuffix(")")
    return bare + ")" * (bare.count("(") - bare.count(")"))
