"""Code that is claimed or promised in words, without an address.

A sentence counts when it says of code, as a thing one can have,

- that it is out or will be: *the code … is … available* (`_is_out`, `_is_announced`),
- that somebody gives it: *we … release … code* (`_is_given`),

or when it says *we open-source it* of anything that runs (`_is_opened`). Codes of information theory, code as a
subject of study and denials do not count: the words beside tell.
"""

import re
from collections.abc import Sequence

from digestbot.links.finding import is_code_link
from digestbot.models import Link

_LONGEST = 150  # words of a sentence that are read
_HINTS = (  # one stands in every sentence that claims or promises code, and most sentences hold none
    *("code", "implementation", "software", "script", "toolkit", "toolbox", "library", "package", "repository"),
    "open-source",
)

_SENTENCE_END = re.compile(r"[.!?]['\")\]]?(?:\s+|$)|\n\s*\n|;\s")
_WORD = re.compile(r"[a-z]+(?:['’-][a-z]+)*-?|[,:(]")


def _words(text: str) -> frozenset[str]:
    return frozenset(re.split(r"\s+", text.strip()))


_CODE = _words("code codes codebase codebases code-base code-bases source-code source-codes")
_PRODUCTS = _words("implementation implementations software scripts toolkit toolbox library package repository")
_THINGS = _CODE | _PRODUCTS
_RUNS = (
    _CODE
    | _PRODUCTS
    | _words("framework frameworks kernel kernels system systems tool tools engine platform pipeline simulator")
)
_GOODS = _words(
    """model models dataset datasets data weights checkpoint checkpoints embedding embeddings benchmark corpus corpora
    llm llms variants"""
)
_OTHER_CODES = _words(
    """error-correcting correcting correction detecting linear polar ldpc turbo block convolutional quantum surface
    stabilizer toric qr bar morse hash genetic neural sparse binary latent network medical icd zip machine byte legacy
    executable generated generating generate generates python solver low-level
    if when where whose whether unless no without only which that most many some few existing public any"""
)
_TOPICS = _words(
    """generation generating generator completion synthesis search retrieval review reviews understanding summarization
    translation editing edits repair llm llms language languages switching mixing interpreter interpreters snippet
    snippets execution reasoning rate rates length book word words space division agent agents intelligence
    vulnerability vulnerabilities quality clone clones token tokens lines changes"""
)
_BE = _words("is are was were be been being becomes become remains")
_OUT = _words(
    """available accessible released public published open-sourced open-source shared provided downloadable found
    obtained accessed hosted uploaded included attached integrated open online"""
)
_STEPS = _BE | _words("will shall can could has have to made also now all and soon fully open sourced set in the")
_DENIALS = _words("not never cannot can't won't unavailable neither nor no")
_BREAKS = _words("while but we where whereas because although : (")
_PREPOSITIONS = _words(
    "for of on in that to with how from by than as which where between about over evidence into using"
)
_GIVING = _words(
    """release released releasing open-source open-sourced open-sourcing opensource publish published publishing share
    shared sharing provide provided providing make making made open opened upload uploaded"""
)
_MAKING = _words("make making made")
_GIVERS = _words("we authors i us to will by and both , further hereby")
_HELPERS = _words("also will have has shall plan intend aim hope promise are going then now both")
_OWN = _words("our the this all full complete source")
_SOON = _words("available released coming upon after in as")
_SOON_WHAT = _words(
    "soon upon after acceptance publication request online at supplementary supplement supplemental appendix"
)


def promises_code(text: str, links: Sequence[Link]) -> bool:
    """Tell whether `text` claims or promises code, while none of `links` leads to any."""
    if any(is_code_link(link) for link in links):
        return False
    lower = text.replace("open source", "open-source").replace("Open source", "open-source").lower()
    hints = [hint for hint in _HINTS if hint in lower]
    sentences = _SENTENCE_END.split(lower) if hints else ()
    likely = (sentence for sentence in sentences if any(hint in sentence for hint in hints))
    return any(_claims(_WORD.findall(sentence)[:_LONGEST]) for sentence in likely)


def _claims(words: list[str]) -> bool:
    """Tell whether one sentence says that there is, or will be, code to have."""
    things = [at for at, word in enumerate(words) if word in _THINGS and _is_a_thing(words, at)]
    if any(_is_out(words, at) or _is_announced(words, at) or _is_given(words, at) for at in things):
        return True
    return any(_is_opened(words, at) for at, word in enumerate(words) if word in ("open-source", "open-sourced"))


def _is_a_thing(words: list[str], at: int) -> bool:
    """Tell whether the word is code that one can have: no topic, no other kind of code, somebody's own product."""
    if words[at] in _PRODUCTS:
        return bool(_OWN.intersection(words[max(0, at - 4) : at]))
    first = at - 1 if at and words[at - 1] == "source" else at
    before, after = words[first - 1 : first], words[at + 1 : at + 2]
    return _OTHER_CODES.isdisjoint(before) and _TOPICS.isdisjoint(after)


def _is_out(words: list[str], at: int) -> bool:
    """Tell whether the code *is available*, *will be released*, and the like."""
    start = at + 2 if words[at + 1 : at + 2] == ["("] else at + 1
    for be in range(start, min(at + 20, len(words))):
        if words[be] in _BREAKS or words[be] in _DENIALS:
            return False
        if words[be] in _BE:
            return _reaches_out(words, be + 1)
    return False


def _reaches_out(words: list[str], at: int) -> bool:
    """Tell whether nothing but helping words stand before one that says it is out."""
    for word in words[at : at + 7]:
        if word in _OUT:
            return True
        if word not in _STEPS and not word.endswith("ly"):
            return False
    return False


def _is_announced(words: list[str], at: int) -> bool:
    """Tell whether it is *code available online*, *code upon acceptance*, *code in the supplement*, without a verb."""
    near = words[at + 1 : at + 8]
    starts = at == 0 or words[at - 1] in _OWN or words[at - 1] in ("(", ",", ":", "and", "with")
    if not starts or _DENIALS.intersection(near):
        return False
    sayings = (where for where, word in enumerate(near[:4]) if word in _SOON)
    return any(_SOON_WHAT.intersection(near[where + 1 : where + 4]) for where in sayings)


def _is_given(words: list[str], at: int) -> bool:
    """Tell whether somebody gives the code: *we release our code*, *to make the code public*."""
    for verb in range(at - 1, max(-1, at - 10), -1):
        if words[verb] in _PREPOSITIONS or words[verb] in _DENIALS:
            return False
        if words[verb] in _GIVING and _has_giver(words, verb):
            return words[verb] not in _MAKING or bool(_OUT.intersection(words[at + 1 : at + 8]))
    return False


def _has_giver(words: list[str], verb: int) -> bool:
    """Tell whether the word is a verb with somebody before it, and not an adjective: *recently released LLMs*."""
    if words[verb] in ("releasing", "open-sourcing"):
        return True
    at = verb - 1
    while at >= 0 and at > verb - 6 and (words[at] in _HELPERS or words[at].endswith("ly")):
        at -= 1
    return at < 0 or words[at] in _GIVERS


def _is_opened(words: list[str], at: int) -> bool:
    """Tell whether somebody open-sources something that runs: *we open-source X*, *our system is open-sourced*."""
    if words[at] == "open-sourced" and at and words[at - 1] in _BE:
        return bool(_RUNS.intersection(words[max(0, at - 6) : at])) and not _DENIALS.intersection(words[:at])
    start = at - 1
    while start >= 0 and (words[start] in _HELPERS or words[start] == "to" or words[start].endswith("ly")):
        start -= 1
    if start > 0 and words[start] == "and":
        start -= 2
    if start < 0 or words[start] not in ("we", "authors"):
        return False
    what = words[at + 1 : at + 10]
    return bool(_RUNS.intersection(what)) or not _GOODS.intersection(what)
