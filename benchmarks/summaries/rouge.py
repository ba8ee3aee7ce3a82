"""ROUGE-1, -2 and -L as F1 on stems (Lin 2004), and ROUGE-1 on what a title does not say already."""

import re
from collections import Counter
from collections.abc import Sequence
from functools import cache
from itertools import pairwise

import snowballstemmer

_PORTER = snowballstemmer.stemmer("porter")
_WORD = re.compile(r"[a-z0-9]+")
# What says nothing about one paper: function words, and what every paper says of itself.
_LIST = (
    "a an the of and or in on for to with by from at as is are was were be been being this that these those it its "
    "their our we us they them which who whom whose where when while can could may might will would shall should do "
    "does did has have had not no nor but if then than so such also more most very into over under between within "
    "without through via using use used both each all any some paper papers work article study author authors propose "
    "proposes proposed introduce introduces introduced present presents presented show shows shown demonstrate "
    "demonstrates novel new method methods approach approaches model models"
)
_DULL = frozenset(_LIST.split())

Words = tuple[str, ...]


@cache
def _stem(word: str) -> str:
    return str(_PORTER.stemWord(word)) if len(word) > 3 else word


def words(text: str) -> Words:
    """Return the stems of the words of `text`."""
    return tuple(_stem(word) for word in _WORD.findall(text.lower()))


def beyond(text: str, title: str) -> Words:
    """Return the stems of the content words of `text` that `title` does not hold."""
    known = {form for word in _WORD.findall(title.lower()) for form in (word, word.rstrip("s"))}
    kept = (
        word for word in _WORD.findall(text.lower()) if word not in _DULL and known.isdisjoint((word, word.rstrip("s")))
    )
    return tuple(_stem(word) for word in kept)


def rouge(summary: Words, reference: Words) -> tuple[float, float, float]:
    """Return ROUGE-1, ROUGE-2 and ROUGE-L, from 0 to 1."""
    pairs = tuple(pairwise(summary)), tuple(pairwise(reference))
    longest = _longest_common(summary, reference)
    return overlap(summary, reference), overlap(*pairs), _f1(longest, len(summary), len(reference))


def overlap(left: Sequence[object], right: Sequence[object]) -> float:
    """Return the F1 of two bags: ROUGE-1 of words, ROUGE-2 of pairs."""
    return _f1((Counter(left) & Counter(right)).total(), len(left), len(right))


def _f1(shared: int, left: int, right: int) -> float:
    return 2 * shared / (left + right) if shared else 0.0


def _longest_common(left: Words, right: Words) -> int:
    row = [0] * (len(right) + 1)
    for word in left:
        new = [0]
        for index, other in enumerate(right):
            new.append(row[index] + 1 if word == other else max(row[index + 1], new[index]))
        row = new
    return row[-1]
