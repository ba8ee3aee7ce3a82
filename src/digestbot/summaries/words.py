"""A paper as bags of stems: what its title says, what its sentences share, and which of them announce something."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

_TOKEN = re.compile(r"[a-z0-9]+")
_ENDING = re.compile(r"(?:ization|isation|ations?|ingly|ings?|edly|ed|ies|ers?|ors?|ments?|e?s|ly|y|e)$")
_FUNCTION_WORDS = (
    "a an the of and or in on for to with by from at as is are was were be been being this that these those it its "
    "their our we us they them which who whom whose where when while can could may might will would shall should do "
    "does did has have had not no nor but if then than so such also more most very into over under between within "
    "without through via using use used both each all any some however there here other only about how what"
)
_OF_EVERY_PAPER = (
    "paper papers work article study author authors propose proposes proposed introduce introduces introduced present "
    "presents presented show shows shown demonstrate demonstrates novel new method methods approach approaches model "
    "models"
)
_HERE = r"\b(?:we|this (?:paper|work|article|study)|the paper)\b"
CUE = re.compile(
    rf"{_HERE}.{{0,40}}?\b(?:propos|introduc|present|develop|describ|stud|investigat|explor|show|demonstrat|provid|"
    r"address|analy[sz]|prove|deriv|design|offer|suggest|examin|report|extend|establish)",
    re.IGNORECASE,
)
"""What announces something: "we propose", "this paper shows"."""
PROPOSAL = re.compile(rf"{_HERE}.{{0,30}}?\b(?:propos|introduc|present|develop|design|devis)", re.IGNORECASE)
"""What announces something made."""


@lru_cache(maxsize=1 << 15)
def stem(word: str) -> str:
    """Return a word of lower case without its ending, roughly: what is left is compared, never shown."""
    if len(word) < 5:
        return word[:-1] if len(word) == 4 and word.endswith("s") and not word.endswith("ss") else word
    short = _ENDING.sub("", word)
    return short if len(short) >= 3 else word


def stems(text: str) -> list[str]:
    """Return the stems of the words of `text`."""
    return [stem(word) for word in _TOKEN.findall(text.lower())]


FUNCTION = frozenset(map(stem, _FUNCTION_WORDS.split()))
"""Stems of words that only join others."""
DULL = FUNCTION.union(map(stem, _OF_EVERY_PAPER.split()))
"""Those, and what every paper says of itself."""


@dataclass(frozen=True, slots=True)
class Stems:
    """A paper as stems."""

    title: frozenset[str]
    title_pairs: frozenset[tuple[str, str]]
    spread: Mapping[str, int]
    """How many sentences each stem of the abstract stands in."""
    cues: tuple[int, ...]
    """The sentences that announce something."""
    proposals: tuple[int, ...]


def read(title: str, sentences: Sequence[str]) -> Stems:
    """Return title and sentences as stems."""
    named = stems(title)
    return Stems(
        frozenset(named) - FUNCTION,
        frozenset(pairwise(named)),
        Counter(word for sentence in sentences for word in set(stems(sentence))),
        tuple(index for index, sentence in enumerate(sentences) if CUE.search(sentence)),
        tuple(index for index, sentence in enumerate(sentences) if PROPOSAL.search(sentence)),
    )
