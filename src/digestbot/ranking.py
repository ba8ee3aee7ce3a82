"""In what order papers stand, and in a few words why one stands where it would not be looked for.

::

    matches ─one a paper→ by relevance, date or votes ─relatives together→ ─one lab does not fill the page→ ranked

The last two only when relevance was asked for: who wants dates or votes gets them as they are. Nothing is ever dropped.
What a person liked comes on top, softly (`by_taste`): the same papers, in another order.
"""

import math
import re
from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import lru_cache
from types import MappingProxyType

from digestbot.identity.names import read_name
from digestbot.models import Hit, Match, Paper, PartialDate
from digestbot.personal import Leaning
from digestbot.text import fold, to_unicode

# How much a hit counts by its field (any other counts 1), how fast more hits stop to count (k1 of BM25), and the length
# of an abstract, in characters, from which on hits in it count less.
_WEIGHTS = {"title": 4.0, "keywords": 3.0}
_SATURATION = 1.2
_LONG = 2_000

# So many papers of one lab stand where they belong; each one more counts this much less than the one before.
_FREE = 2
_LESS = 0.8

_VARIED = 150
"""Papers, from the first, that change places for it."""

_ALIKE = 0.75
"""Share of the words of two titles, by the same first author, from which on they are called alike."""
_COMPARED = 50
"""Papers of one first author that are compared with each other."""

_PART = re.compile(
    r"(?:\b(?:part|volume|vol|chapter|episode)\s+(?:[ivx]{1,5}|\d{1,3}|one|two|three|four|five)\b"
    r"|(?<=\w)\s(?:[ivx]{1,4}|\d)(?=\s*(?::|$)))",  # the second: "Sparse Experts II", "Routing 2: Trees"
    re.IGNORECASE,
)

_AS_COMMON: Mapping[str, float] = MappingProxyType({})

_LIKED = 2.0
"""A paper quite like what was liked counts so many times what it would, one like what was disliked so much less."""
_TELLING = 0.2
"""A leaning below this is not named as a reason."""
_NO_TASTE: Mapping[str, Leaning] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Ranked:
    """A match at its place."""

    match: Match
    why: str = ""
    """Why it stands here, where its hits alone do not say so."""


def ranked(
    matches: Sequence[Match], sort: str, due: datetime, leanings: Mapping[str, Leaning] = _NO_TASTE
) -> list[Ranked]:
    """Return one match a paper, best first; the same for the same matches in any order.

    `sort` is ``relevance``, ``date`` or ``upvotes``; the other two break ties. `due` tells the year of a date
    that was printed without one. `leanings`, by the papers' ids, make relevance greater or less.
    """
    single = one_each(matches)
    rarity = _rarity(single)
    scores = {id(match): round(relevance(match, rarity) * _liked(match, leanings), 3) for match in single}
    order = sorted(single, key=lambda match: _key(match, scores[id(match)], sort, due))
    if sort != "relevance":
        return [Ranked(match) for match in order]
    return _varied(_families(order), scores)


def by_taste(order: Sequence[Ranked], due: datetime, leanings: Mapping[str, Leaning]) -> list[Ranked]:
    """Return the same papers with those first that a person rather likes; one that moved for it says why."""
    before = {id(item.match): place for place, item in enumerate(order)}
    moved = ranked([item.match for item in order], "relevance", due, leanings)
    return [
        replace(item, why="; ".join(filter(None, (_because(item, before[id(item.match)] - place, leanings), item.why))))
        for place, item in enumerate(moved)
    ]


def relevance(match: Match, rarity: Mapping[str, float] = _AS_COMMON) -> float:
    """Return how well a paper answers the query, from 0; the greater, the better.

    The sum over the clauses it fulfils of what their hits weigh by field, saturated: one clause more is worth more
    than the same one often (BM25F, Robertson and Zaragoza 2009). `rarity` is what a clause is worth, usually 1.
    """
    often = _often(match.hits, max(1.0, len(match.paper.abstract) / _LONG))
    return sum(rarity.get(clause, 1.0) * share for clause, share in often)


@lru_cache(maxsize=4096)  # a paper goes to many people who asked for the same words
def _often(hits: tuple[Hit, ...], length: float) -> tuple[tuple[str, float], ...]:
    """Return each clause that is fulfilled, and what its hits weigh, saturated: from 0 to 1."""
    words: dict[str, dict[str, list[Hit]]] = defaultdict(lambda: defaultdict(list))
    for hit in hits:
        words[hit.clause][hit.text.casefold()].append(hit)
    sums = {clause: sum(_worth(same, length) for same in forms.values()) for clause, forms in words.items()}
    return tuple((clause, often / (often + _SATURATION)) for clause, often in sums.items())


def one_each(matches: Iterable[Match]) -> list[Match]:
    """Return one match a paper: of several records of it, the one that answers best."""
    best: dict[str, Match] = {}
    for match in matches:
        key = match.paper.id or match.paper.title
        if key not in best or _fullness(match) > _fullness(best[key]):
            best[key] = match
    return list(best.values())


def _liked(match: Match, leanings: Mapping[str, Leaning]) -> float:
    leaning = leanings.get(match.paper.id)
    return 1.0 if leaning is None else math.pow(_LIKED, leaning.value)


def _because(item: Ranked, up: int, leanings: Mapping[str, Leaning]) -> str:
    """Return why a paper went `up` so many places, or down when that is less than 0: when it did so by its words."""
    leaning = leanings.get(item.match.paper.id)
    if leaning is None or not leaning.because or up * leaning.value <= 0 or abs(leaning.value) < _TELLING:
        return ""
    words = ", ".join(_readable(word, 60) for word in leaning.because)
    return f"{'higher' if up > 0 else 'lower'} because of: {words}"


def _worth(hits: Sequence[Hit], length: float) -> float:
    """Return what the hits of one word weigh: by the best field it stands in, and a little more the more there are."""
    weight = max(_WEIGHTS.get(hit.field, 1 / length if hit.field == "abstract" else 1.0) for hit in hits)
    return weight * (1 + math.log(len(hits)))


def _rarity(matches: Sequence[Match]) -> dict[str, float]:
    """Return from 1 to 2 for each clause: what all papers fulfil says less than what few do."""
    counts = Counter(clause for match in matches for clause in {hit.clause for hit in match.hits})
    every = len(matches) + 1
    return {clause: 1 + math.log(every / (count + 1)) / math.log(every + 1) for clause, count in counts.items()}


def _fullness(match: Match) -> tuple[float, int]:
    return relevance(match), len(match.paper.abstract)


def _key(match: Match, score: float, sort: str, due: datetime) -> tuple[object, ...]:
    """Return what to sort by, best first; ties are broken in the same way on every run."""
    paper = match.paper
    date, votes = tuple(-number for number in _moment(paper.published, due)), -(paper.upvotes or 0)
    order = {"relevance": (-score, date, votes), "date": (date, -score, votes), "upvotes": (votes, -score, date)}[sort]
    return (*order, paper.id, paper.title)


def _moment(date: PartialDate | None, due: datetime) -> tuple[int, int, int]:
    """Return the date as numbers; without a year it is the last such day that is not after `due`."""
    if date is None:
        return (0, 0, 0)
    month, day = date.month or 0, date.day or 0
    if date.year is not None:
        return (date.year, month, day)
    tomorrow = due + timedelta(days=1)  # papers are dated ahead of us in some time zones
    return (tomorrow.year - ((month, day) > (tomorrow.month, tomorrow.day)), month, day)


def _families(order: Sequence[Match]) -> list[list[Ranked]]:
    """Return the papers in their order, each followed by its relatives: other parts of it, or titles much like it."""
    by_author: dict[Hashable, list[Match]] = defaultdict(list)
    for match in order:
        by_author[_person(match.paper.authors[0]) if match.paper.authors else match.paper.title].append(match)
    head: dict[int, tuple[Match, str]] = {}
    for works in by_author.values():
        near = [(match, _title(match.paper.title)) for match in works[:_COMPARED]]
        for place, (match, title) in enumerate(near):
            for other, another in near[:place]:
                relation = _relation(title, another)
                if relation and id(other) not in head:
                    head[id(match)] = (other, relation)
                    break
    families = {id(match): [Ranked(match)] for match in order if id(match) not in head}
    for match in order:
        if id(match) in head:
            first, relation = head[id(match)]
            families[id(first)].append(Ranked(match, f"beside “{_named(first.paper.title)}”, {relation}"))
    return list(families.values())


@dataclass(frozen=True, slots=True)
class _Title:
    """What is compared of a title: what stands before its "Part II", and its words."""

    head: str
    part: bool
    words: frozenset[str]


@lru_cache(maxsize=1024)
def _title(printed: str) -> _Title:
    text = _readable(printed)
    head, *rest = _PART.split(text, maxsplit=1)
    return _Title(fold(head), bool(rest), frozenset(fold(text).split()))


def _relation(one: _Title, two: _Title) -> str:
    """Return what two titles by one person have to do with each other, in words; empty for nothing."""
    if (one.part or two.part) and one.head and one.head == two.head:
        return "the same series"
    shared = len(one.words & two.words)
    alike = shared > 2 and shared >= _ALIKE * len(one.words | two.words)
    return "whose title is much alike" if alike else ""


def _varied(families: Sequence[Sequence[Ranked]], scores: Mapping[int, float]) -> list[Ranked]:
    """Return the families with those lower that would be the third of a person or an organisation, and why."""
    near, far = families[:_VARIED], families[_VARIED:]
    papers = [item.match.paper for family in near for item in family]
    if max(Counter(lab for paper in papers for lab, _ in _labs(paper)).values(), default=0) <= _FREE:
        return [item for family in families for item in family]
    labs = [dict(_labs(family[0].match.paper)) for family in near]
    left = {place: scores[id(family[0].match)] for place, family in enumerate(near)}
    shown: Counter[Hashable] = Counter()
    out: list[Ranked] = []
    while left:
        over = {place: max((shown[lab] for lab in labs[place]), default=0) for place in left}
        best = max(left, key=lambda place: (left[place] * _LESS ** max(0, over[place] - _FREE + 1), -place))
        del left[best]
        lower = over[best] >= _FREE and any(place > best for place in range(len(near)) if place not in left)
        name = next((labs[best][lab] for lab in labs[best] if shown[lab] == over[best]), "")
        why = f"lower for variety: {over[best]} papers of {name} stand above" if lower else ""
        out += [Ranked(near[best][0].match, why), *near[best][1:]]
        shown.update(lab for item in near[best] for lab, _ in _labs(item.match.paper))
    return out + [item for family in far for item in family]


@lru_cache(maxsize=1024)  # a paper goes to many people
def _labs(paper: Paper) -> tuple[tuple[Hashable, str], ...]:
    """Return who a paper is counted for, each once and with its name: first author, last author, organisation."""
    names = {
        _person(name): name for name in (*paper.authors[:1], *([] if paper.authors_truncated else paper.authors[-1:]))
    }
    if paper.organization:
        names[fold(paper.organization)] = paper.organization
    return tuple((key, _readable(name, 60)) for key, name in names.items() if key)


@lru_cache(maxsize=4096)
def _person(name: str) -> Hashable:
    read = read_name(name)
    return read.words if read else fold(name)


@lru_cache(maxsize=1024)
def _named(printed: str) -> str:
    """Return a title, or its beginning where it is long."""
    title = " ".join(_readable(printed).split())
    return title if len(title) <= 60 else f"{title[:59].rpartition(' ')[0] or title[:59]}…"


def _readable(text: str, most: int = 300) -> str:
    return to_unicode(text[:most])
