"""One query against what is stored: what it would have brought, day by day, and what might be asked instead."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import islice
from statistics import fmean, median
from types import MappingProxyType
from typing import Final

from digestbot import advice
from digestbot.advice import FLOOD, LOOKED_AT, Hint
from digestbot.ledger import Transaction, papers, stock, visits
from digestbot.ledger.papers import StoredPaper
from digestbot.ledger.stock import Span
from digestbot.matching import find
from digestbot.models import Hit
from digestbot.queries import Document, Leaf, Query, evaluate, leaves, parse_with_warnings
from digestbot.queries.nodes import Phrase

DAYS: Final = 90
_MOST: Final = 4 * LOOKED_AT
"""Candidates at most that are held against a query for that."""
_ASKED: Final = 20
"""Words or clauses of one query at most that are looked into: it may have thousands."""
_RARE: Final = 1 / 7
"""Papers a day below which a query starves: one a week."""
_NO_MACROS: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Found:
    """A stored paper that matches, with the digests that brought it where the query asks for those."""

    stored: StoredPaper
    query: Query
    sources: tuple[str, ...] = ()
    stars: int | None = None

    @property
    def day(self) -> date:
        """The day on which it came in, in UTC."""
        return self.stored.first_seen.astimezone(UTC).date()

    @property
    def hits(self) -> tuple[Hit, ...]:
        """Where it matches; looked for whenever it is asked, since of many papers few are shown."""
        return find(self.query, Document(self.stored.paper, self.sources, self.stars))

    @property
    def in_title(self) -> bool:
        """Whether it would match with its title alone, and what its record says."""
        alone = replace(self.stored.paper, abstract="", comments=None, keywords=())
        return evaluate(self.query, Document(alone, self.sources, self.stars))


@dataclass(frozen=True, slots=True)
class Backtest:
    """What a query would have brought over the days on which papers came in."""

    query: Query
    seen: Mapping[date, int]
    """Papers that came in, by day, oldest first; days on which none did are left out."""
    matches: tuple[Found, ...]
    """Newest first."""
    excluded: Mapping[Query, tuple[str, ...]]
    """Titles of the papers that match but for one exclusion, by that exclusion, newest first."""

    @property
    def days(self) -> dict[date, int]:
        """Matches by day, of every day on which papers came in."""
        counts = Counter(found.day for found in self.matches)
        return {day: counts[day] for day in self.seen}

    @property
    def median(self) -> float:
        """Matches on the middle day."""
        return median(self.days.values()) if self.seen else 0.0

    @property
    def mean(self) -> float:
        """Matches a day."""
        return fmean(self.days.values()) if self.seen else 0.0

    @property
    def most(self) -> int:
        """Matches on the fullest day."""
        return max(self.days.values(), default=0)

    @property
    def empty_days(self) -> int:
        """Days on which papers came in and none matched."""
        return sum(not count for count in self.days.values())

    @property
    def flood_days(self) -> int:
        """Days on which more matched than an edition shows whole."""
        return sum(count > FLOOD for count in self.days.values())

    @property
    def in_title(self) -> int:
        """How many of them would match with their title alone."""
        return sum(found.in_title for found in self.matches)


def span_of(now: datetime, days: int = DAYS) -> Span:
    """Return the last `days` days, today's among them, in UTC."""
    tomorrow = datetime.combine(now.astimezone(UTC).date() + timedelta(days=1), time(), UTC)
    return Span(tomorrow - timedelta(days=days), tomorrow)


def backtest(tx: Transaction, query: Query, span: Span, most: int | None = None) -> Backtest:
    """Hold a query against the papers of a span.

    `most` bounds how many candidates are looked at, the newest first: what is older than the last whole day among them
    is then no part of the answer.
    """
    matches: list[Found] = []
    excluded: defaultdict[Query, list[str]] = defaultdict(list)
    milder = advice.exclusions(query)[:_ASKED]
    first = date.min
    for number, (stored, document) in enumerate(_documents(tx, query, span), 1):
        if evaluate(query, document):
            matches.append(Found(stored, query, document.sources, document.stars))
        else:
            for clause in (clause for clause, rest in milder if evaluate(rest, document)):
                excluded[clause].append(stored.paper.title)
        if number == most:
            first = _whole_day(stored, matches)
            break
    seen = {day: count for day, count in stock.seen_by_day(tx, span).items() if day >= first}
    kept = tuple(found for found in matches if found.day >= first)
    return Backtest(query, seen, kept, {clause: tuple(titles) for clause, titles in excluded.items()})


def _whole_day(last: StoredPaper, matches: Sequence[Found]) -> date:
    """Return the first day of which all candidates were seen; the newest day counts in any case."""
    day = last.first_seen.astimezone(UTC).date()
    return min(day + timedelta(days=1), max((found.day for found in matches), default=day))


def hints(
    tx: Transaction, text: str, span: Span, found: Backtest | None = None, macros: Mapping[str, str] = _NO_MACROS
) -> tuple[Hint, ...]:
    """Return what the stored papers say about a query. Nothing is said while nothing is stored.

    `found` is its back-test over the same span, where that was made. Raises QueryError.
    """
    if not papers.count(tx):
        return ()
    query, _, typed = parse_with_warnings(text, macros)
    found = found or backtest(tx, query, span, most=_MOST)
    count = len(found.matches)
    said = [*_unknown(tx, query, span), *_names(tx, query, span, typed), *_spellings(tx, query, span, typed)]
    said += [advice.exclusion_hint(clause, titles, count, typed) for clause, titles in found.excluded.items()]
    if found.median > FLOOD:
        said.append(advice.flood_hint(found.median, found.in_title, count))
    if found.seen and found.mean < _RARE:
        said += _starving(tx, query, span, typed)
    return tuple(hint for hint in said if hint is not None)


def _unknown(tx: Transaction, query: Query, span: Span) -> Iterator[Hint]:
    everything = Span(datetime.min.replace(tzinfo=UTC), span.until)
    for word in advice.wanted_words(query)[:_ASKED]:
        if next(_matching(tx, Phrase((word,), "all"), everything), None) is None:
            yield advice.unknown_word(word, stock.words_like(tx, word))


def _names(tx: Transaction, query: Query, span: Span, typed: Mapping[Leaf, str]) -> Iterator[Hint | None]:
    for clause in advice.nameable(query)[:_ASKED]:
        holding = islice(_matching(tx, clause, span), LOOKED_AT)
        for name in advice.other_names(clause, (stored.paper for stored in holding))[:1]:
            more = _count(tx, advice.instead(query, clause, name.name), span)
            yield advice.name_hint(query, name, more, typed)


def _spellings(tx: Transaction, query: Query, span: Span, typed: Mapping[Leaf, str]) -> Iterator[Hint | None]:
    for clause, other in islice(advice.respelled(query), _ASKED):
        more = _count(tx, advice.instead(query, clause, other), span)
        yield advice.spelling_hint(query, clause, other, more, typed)


def _starving(tx: Transaction, query: Query, span: Span, typed: Mapping[Leaf, str]) -> Iterator[Hint | None]:
    for part, rest in advice.relaxations(query)[:_ASKED]:
        yield advice.starving_hint(part, rest, _count(tx, rest, span), typed)


def _count(tx: Transaction, query: Query, span: Span) -> int:
    return sum(1 for _ in islice(_matching(tx, query, span), LOOKED_AT))


def _matching(tx: Transaction, query: Query, span: Span) -> Iterator[StoredPaper]:
    """Yield papers that match, newest first, of the newest candidates."""
    return (stored for stored, document in islice(_documents(tx, query, span), _MOST) if evaluate(query, document))


def _documents(tx: Transaction, query: Query, span: Span) -> Iterator[tuple[StoredPaper, Document]]:
    """Yield the candidates as queries are held against; only a query that asks for it has to know their digests."""
    asks_source = any(getattr(leaf, "field", "") == "source" for leaf, _ in leaves(query))
    asks_stars = any(getattr(leaf, "field", "") == "stars" for leaf, _ in leaves(query))
    for stored in stock.candidates(tx, query, span):
        names = papers.sources_of(tx, [stored.row])[stored.row] if asks_source else ()
        stars = visits.stars_of(tx, [stored.paper]).get(stored.paper.id) if asks_stars else None
        yield stored, Document(stored.paper, names, stars)
