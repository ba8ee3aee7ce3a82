"""What a person likes, learned from the papers they liked: one weight a word, so that each order can say why.

::

    liked, disliked, others ─words, by rarity→ vectors ─ridge regression→ a weight a word ─sum over a paper→ Leaning

A liked paper stands for 1, a disliked one for -1, and one that nobody judged for 0: not to have asked for more of it
is no dislike. The others are there so that words of every paper weigh nothing.
"""

import math
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any, Final, Self

import numpy as np

from digestbot.models import Paper
from digestbot.summaries.words import DULL, FUNCTION, stem
from digestbot.text import Words, split

FORM: Final = 1
"""Grows when a taste is learned or kept in another way: what was kept before is learned anew."""
JUDGED: Final = 500
"""Papers of each kind that are learned from at most; who gives more should give the newest."""
OTHERS: Final = 300
"""Papers that nobody judged, beside them: enough to know which words are common."""

_KNOWN = 4000  # words of a taste at most
_TITLE, _ABSTRACT = 500, 5000  # characters that are looked at
_IN_TITLE = 2  # a word of the title counts like so many
_STIFF = 0.2  # how much a judged paper resists the pull towards weights of nothing: the less, the closer to it
_STEEP = 3.0  # how soon a sum counts as a leaning to one side
_NAMED, _SHARE = 3, 0.04  # words that are named as the reason, and what part of the sum each has at least

Bag = Mapping[str, int]
Vector = Sequence[tuple[str, float]]


@dataclass(frozen=True, slots=True)
class Leaning:
    """How a paper stands to what a person liked."""

    value: float
    """From -1, like what was disliked, to 1, like what was liked; 0 is neither."""
    because: tuple[str, ...] = ()
    """The words that say most for it, as the paper prints them; against it when `value` is below 0."""


@dataclass(frozen=True, slots=True)
class Taste:
    """What was learned: how rare each word is and what it weighs."""

    rarest: float
    """How rare a word is that was never met."""
    words: Mapping[str, tuple[float, float]]
    """Rarity and weight, by folded word or phrase."""

    def leaning(self, paper: Paper) -> Leaning:
        """Return how a paper stands to it; the same for the same paper, always."""
        printed = _printed(paper)
        bag = _bag(paper)
        rarity = {word: self.words[word][0] for word in bag if word in self.words}
        parts = {word: self.words[word][1] * size for word, size in _vector(bag, rarity, self.rarest)}
        total = sum(parts.values())
        sign = 1 if total >= 0 else -1
        named = _named({word: sign * part for word, part in parts.items()}, abs(total))
        return Leaning(round(math.tanh(_STEEP * total), 3), tuple(printed[word] for word in named))

    def as_dict(self) -> dict[str, Any]:
        """Return plain JSON data; `from_dict` reads it back."""
        return {"rarest": self.rarest, "words": {word: list(known) for word, known in self.words.items()}}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        """Read what `as_dict` wrote. Raises KeyError, TypeError or ValueError when it is something else."""
        return cls(
            float(data["rarest"]), {word: (float(one), float(two)) for word, (one, two) in data["words"].items()}
        )


def learn(liked: Sequence[Paper], disliked: Sequence[Paper], others: Sequence[Paper]) -> Taste:
    """Return the taste of a person; the same for the same papers in any order.

    Ridge regression on TF-IDF vectors of unit length. A sample of papers counts no more than the judged ones together.
    """
    judged = [(bag, 1.0) for bag in _bags(liked[:JUDGED])] + [(bag, -1.0) for bag in _bags(disliked[:JUDGED])]
    rest = _bags(others[:OTHERS])
    if not judged:
        return Taste(0.0, {})
    met = Counter(chain.from_iterable([*(bag for bag, _ in judged), *rest]))
    common = Counter(chain.from_iterable(bag for bag, _ in judged))
    # What one paper says once, in passing, is no reason to like another.
    said = {word for bag, _ in judged for word, often in bag.items() if often > 1 or common[word] > 1}
    known = sorted(said, key=lambda word: (-common[word], word))[:_KNOWN]
    every = len(judged) + len(rest)
    rarity = {word: round(_rarity(met[word], every), 4) for word in known}
    rarest = round(_rarity(0, every), 4)
    slack = _STIFF * max(1.0, len(rest) / len(judged))
    goals = [*((bag, goal, _STIFF) for bag, goal in judged), *((bag, 0.0, slack) for bag in rest)]
    weights = _ridge([(_vector(bag, rarity, rarest), goal, give) for bag, goal, give in goals], known)
    return Taste(rarest, {word: (rarity[word], round(weight, 5)) for word, weight in zip(known, weights, strict=True)})


def _ridge(rows: Sequence[tuple[Vector, float, float]], words: Sequence[str]) -> list[float]:
    """Return the weights w of the words with the least |w|² + Σ (w·x - goal)² / slack, of rows (x, goal, slack).

    Solved for the rows, of which there are fewer than words (Saunders, Gammerman and Vovk 1998).
    """
    at = {word: number for number, word in enumerate(words)}
    sizes = np.zeros((len(rows), len(words)))
    for row, (vector, _, _) in enumerate(rows):
        for word, size in vector:
            sizes[row, at[word]] = size
    goals, slack = np.array([row[1] for row in rows]), np.diag([row[2] for row in rows])
    weights: list[float] = (sizes.T @ np.linalg.solve(sizes @ sizes.T + slack, goals)).tolist()
    return weights


def _bags(papers: Iterable[Paper]) -> list[Bag]:
    """Return the words of each paper, in an order that does not depend on theirs: sums of floats do."""
    return sorted((_bag(paper) for paper in papers), key=lambda bag: sorted(bag.items()))


def _bag(paper: Paper) -> Counter[str]:
    """Return how often each word and phrase stands in a paper, those of the title more than once."""
    title, abstract = _texts(paper)
    bag = Counter(term for term, _, _ in _terms(abstract))
    for term, _, _ in _terms(title):
        bag[term] += _IN_TITLE
    return bag


def _texts(paper: Paper) -> tuple[Words, Words]:
    return split(paper.title[:_TITLE]), split(paper.abstract[:_ABSTRACT])


def _printed(paper: Paper) -> dict[str, str]:
    """Return how a paper prints its words and phrases, the first time."""
    found: dict[str, str] = {}
    for words in _texts(paper):
        for term, first, end in _terms(words):
            found.setdefault(term, " ".join(words.printed(first, end).split()))
    return found


def _terms(words: Words) -> Iterator[tuple[str, int, int]]:
    """Yield the words of a text that say something, and the pairs of them that stand together: with their positions.

    A pair may have one small word inside: "mixture of experts".
    """
    telling = [_is_telling(word) for word in words.words]
    for at, word in enumerate(words.words):
        if not telling[at]:
            continue
        yield word, at, at + 1
        end = at + 1
        if end < len(telling) and stem(words.words[end]) in FUNCTION:
            end += 1
        if end < len(telling) and telling[end] and _is_whole(words, at, end):
            yield " ".join(words.words[at : end + 1]), at, end + 1


def _is_whole(words: Words, first: int, last: int) -> bool:
    """Return whether nothing but blanks and hyphens stands between the words."""
    return all(not words.gap(at).strip(" \n\t-‐‑") for at in range(first + 1, last + 1))


def _is_telling(word: str) -> bool:
    """Return whether a word says something of a paper: no number, no lone letter, nothing of every paper."""
    return not word.isdecimal() and (len(word) > 1 or not word.isascii()) and stem(word) not in DULL


def _rarity(papers: int, every: int) -> float:
    return math.log((every + 1) / (papers + 0.5))


def _vector(bag: Bag, rarity: Mapping[str, float], rarest: float) -> Vector:
    """Return what each known word is of a paper; with the unknown ones the squares would add up to 1."""
    sizes = {word: (1 + math.log(often)) * rarity.get(word, rarest) for word, often in sorted(bag.items())}
    length = math.sqrt(sum(size * size for size in sizes.values())) or 1.0
    return [(word, size / length) for word, size in sizes.items() if word in rarity]


def _named(parts: Mapping[str, float], total: float) -> list[str]:
    """Return the words that add most to a sum, phrases rather than the words in them."""
    # A phrase says more than its words, so it is taken where it weighs nearly as much.
    order = sorted(parts, key=lambda word: (-parts[word] * (1.6 if " " in word else 1.0), word))
    named: list[str] = []
    for word in order:
        if len(named) == _NAMED or parts[word] < _SHARE * total or parts[word] <= 0:
            break
        if not any(set(word.split()) & set(other.split()) for other in named):
            named.append(word)
    return named
