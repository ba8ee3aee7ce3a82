"""The words around a link that say what it is, and what they say."""

import re

from digestbot.models import LinkKind

_LONGEST = 160
_BOUNDARY = re.compile(r"[.!?]['\")\]]?\s+(?=[A-Z(\[\"'])|\n\s*\n|\s\|\s|;\s|\s[•·]\s")
_END = re.compile(r"[.,;!?](?:[\sA-Z]|$)|\n\s*[\n\[]|\||https?:|www\.")
_ADDRESS = re.compile(r"(?:https?://|www\.)[^\s{},;]+")
_WRAPPING = re.compile(r"\\?(?:url|href|texttt)\s?\{|[{}]|\[[^\[\]]{0,80}\]\(<?$|<[^<>]{0,200}$|\s?</?\w[^<>]{0,80}>")

_PROJECT = re.compile(
    r"\bproject\W{0,3}(?:web)?\s?(?:pages?|site)|\bweb ?(?:site|page)|\bhome ?page|^project\b", re.IGNORECASE
)
_CODE = re.compile(
    r"\b(?:source[- ])?codes?(?: ?base)?\b(?!-)|\bimplementations?\b|\bsoftware\b|\brepositor(?:y|ies)\b|\bscripts?\b"
    r"|\bgithub\b|\btoolkit\b|\blibrary\b",
    re.IGNORECASE,
)
_DATA = re.compile(r"\bdata ?(?:sets?)?\b|\bcorp(?:us|ora)\b|\bbenchmarks?\b", re.IGNORECASE)
_WEIGHTS = re.compile(r"\b(?:weights|checkpoints?|pre-?trained (?:\w+ )?models?)\b", re.IGNORECASE)
_VIDEO = re.compile(r"\bvideos?\b", re.IGNORECASE)


def evidence(text: str, start: int, end: int, previous: int, label: str) -> str:
    """Return the part of the sentence around ``text[start:end]``, the address itself as ``…``, at most 160 characters.

    `previous` is where the link before it ended: its words are its own, unless there are hardly any between.
    """
    before = _sentence(text[max(previous, start - 200) : start])
    if len(before.split()) < 3 and previous > start - 200 and not label:
        before = _sentence(_ADDRESS.sub("…", text[max(0, start - 200) : start]))
    shown = "" if _ADDRESS.match(label) else label
    return _clipped(_tidy(f"{before} {shown} …"), _after(text[end : end + 80]))


def kind_by_words(words: str) -> LinkKind:
    """Return what the evidence says of a site that nobody knows: ``other`` where it speaks of code, or of nothing."""
    if _PROJECT.search(words):
        return "project_page"
    if speaks_of_code(words):
        return "other"
    kinds: tuple[tuple[re.Pattern[str], LinkKind], ...] = ((_DATA, "dataset"), (_WEIGHTS, "weights"), (_VIDEO, "video"))
    return next((kind for pattern, kind in kinds if pattern.search(words)), "other")


def speaks_of_code(words: str) -> bool:
    """Tell whether the evidence mentions code."""
    return bool(_CODE.search(words))


def speaks_of_other_goods(words: str) -> bool:
    """Tell whether the evidence mentions data or trained weights."""
    return bool(_DATA.search(words) or _WEIGHTS.search(words) or re.search(r"\bmodels?\b", words, re.IGNORECASE))


def _sentence(before: str) -> str:
    """Return what stands behind the last boundary of a sentence."""
    ends = [found.end() for found in _BOUNDARY.finditer(before)]
    return _tidy(before[ends[-1] :] if ends else before).lstrip(".,;:!?)]}>\"' ")


def _after(follows: str) -> str:
    """Return the rest of the clause; nothing where it leads up to another link."""
    finish = _END.search(follows)
    if finish is None:
        return _tidy(follows if len(follows) < 80 else follows.rpartition(" ")[0])
    return "" if finish[0][0] in "hHwW" else _tidy(follows[: finish.start()])


def _tidy(words: str) -> str:
    return " ".join(_WRAPPING.sub(" ", words).split()).replace("( …", "…").replace("~ …", "…").strip("~$)(]['\"<> ,;|")


def _clipped(before: str, after: str) -> str:
    """Put the two sides together; what is too long loses words far from the address."""
    room = _LONGEST - 1
    if len(before) > room:
        before = before[-room:].partition(" ")[2]
    whole = f"{before} {after}".strip()
    return whole if len(whole) <= _LONGEST else whole[:_LONGEST].rpartition(" ")[0]
