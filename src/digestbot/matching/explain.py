"""Why a paper matches a query, why it does not, how near it came, and the smallest change that would let it in.

The nearest miss is the smallest set of clauses whose truth would have to change; it is found exactly, since every
clause is looked at once.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from types import MappingProxyType

from digestbot.matching.absence import absence
from digestbot.matching.find import hits_of
from digestbot.matching.forms import Form, forms, legible, narrower
from digestbot.matching.legible import as_typed
from digestbot.models import Hit, Paper
from digestbot.queries import (
    Document,
    Leaf,
    Query,
    all_of,
    any_of,
    evaluate,
    excludes_only,
    format_query,
    format_typed,
    negate,
)
from digestbot.queries.evaluate import holds
from digestbot.queries.nodes import And, Not, Or

_EXAMPLES = 5
"""Words shown of one clause at most."""
_REPAIRS = 3
"""Repairs that are offered at most."""
_PRINTED = {
    "announce_type": "announced",
    "authors": "author",
    "categories": "category",
    "links": "link",
    "organization": "organisation",
}
_Typed = Mapping[Leaf, str]
_Miss = tuple[Leaf, bool]
"""A leaf that keeps a query from matching, and whether it is wanted."""


@dataclass(frozen=True, slots=True)
class ClauseReport:
    """One clause of a query against one paper."""

    clause: str
    """In canonical form; with ``-`` when it is excluded."""
    typed: str
    """As the person typed it, where that is known."""
    fulfilled: bool
    needed: bool
    """False for what is not fulfilled and need not be: another alternative is."""
    hits: tuple[Hit, ...] = ()
    """Where the paper holds it, whether that is wanted or not."""
    reason: str = ""
    """Why it is not fulfilled, in plain words."""

    @property
    def words(self) -> tuple[str, ...]:
        """What was found of it, as printed, without repeats."""
        return tuple(dict.fromkeys(hit.text for hit in self.hits))


@dataclass(frozen=True, slots=True)
class Repair:
    """A small change with which the paper would match, and the whole query after it."""

    change: str
    query: str


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why a paper matches a query, or why not."""

    query: str
    """As typed, as far as that is known."""
    title: str
    matched: bool
    clauses: tuple[ClauseReport, ...]
    nearest: tuple[str, ...] = ()
    """The fewest clauses that would have to come out the other way; empty when the paper matches."""
    repairs: tuple[Repair, ...] = ()
    """The smallest changes first: without those clauses, or with what the paper holds in their place."""

    def __str__(self) -> str:
        verdict = "matches" if self.matched else "does not match"
        lines = [f"“{legible(self.title)}” {verdict}  {self.query}", *map(_line, self.clauses)]
        without = [repair for repair in self.repairs if repair.change.startswith("without ")]
        if self.nearest and not without and len(self.clauses) > 1:
            lines.append(f"It would match if {' and '.join(self.nearest)} held.")
        lines += [f"It would match {repair.change}." for repair in without]
        lines += [_as(repair, len(self.clauses) > 1) for repair in self.repairs if repair not in without]
        return "\n".join(lines)


def explain(query: Query, paper: Paper | Document, typed: _Typed = MappingProxyType({})) -> Explanation:
    """Return why `paper` matches `query` or does not, clause by clause; `typed` are its leaves as typed."""
    document = paper if isinstance(paper, Document) else Document(paper)
    matched = evaluate(query, document)
    clauses = tuple(dict.fromkeys(_reports(query, document, typed, wanted=True, needed=True)))
    misses = [] if matched else list(dict.fromkeys(_misses(query, document, wanted=True)))
    nearest = tuple(_signed(leaf, wanted, typed) for leaf, wanted in misses)
    repairs = tuple(_repairs(query, misses, document, typed))
    return Explanation(format_typed(query, typed), document.paper.title, matched, clauses, nearest, repairs)


def _as(repair: Repair, several: bool) -> str:
    return f"It would match as  {repair.query}" + (f"  ({repair.change})" if several else "")


def _signed(query: Query, wanted: bool, typed: _Typed) -> str:
    return format_typed(query if wanted else negate(query), typed)


def _line(report: ClauseReport) -> str:
    mark = "yes" if report.fulfilled else "no " if report.needed else "-  "
    if not report.needed and not report.fulfilled:
        return f"  {mark}  {report.typed}: not needed"
    if report.fulfilled and not report.hits:
        return f"  {mark}  {report.typed}: not there"
    found = f": {_found(report.hits)}" if report.hits else ""
    why = f" — {report.reason}" if report.reason else ""
    return f"  {mark}  {report.typed}{found}{why}"


def _found(hits: tuple[Hit, ...]) -> str:
    """Return the different words of hits, each with the fields it stands in."""
    places: dict[str, dict[str, None]] = {}
    printed: dict[str, str] = {}
    for hit in hits:
        text = legible(hit.text)
        printed.setdefault(text.casefold(), text)
        places.setdefault(text.casefold(), {})[_PRINTED.get(hit.field, hit.field)] = None
    said = [f"{printed[text]} ({', '.join(fields)})" for text, fields in places.items()]
    return ", ".join(said[:_EXAMPLES]) + (f" and {len(said) - _EXAMPLES} more" if len(said) > _EXAMPLES else "")


def _reports(query: Query, document: Document, typed: _Typed, *, wanted: bool, needed: bool) -> Iterator[ClauseReport]:
    """Yield a report of every leaf; what cannot change the verdict is not `needed`."""
    if isinstance(query, Not):
        yield from _reports(query.part, document, typed, wanted=not wanted, needed=needed)
    elif isinstance(query, And | Or):
        needed = needed and evaluate(query, document) is not wanted
        for part in query.parts:
            yield from _reports(part, document, typed, wanted=wanted, needed=needed)
    else:
        yield _report(query, document, typed, wanted, needed)


def _report(leaf: Leaf, document: Document, typed: _Typed, wanted: bool, needed: bool) -> ClauseReport:
    true = holds(leaf, document)
    reason = ""
    if true is not wanted:
        reason = _reason(leaf, document, typed) if wanted else "it is excluded"
    hits = hits_of(leaf, document) if true else ()
    clause = format_query(leaf if wanted else negate(leaf))
    return ClauseReport(clause, _signed(leaf, wanted, typed), true is wanted, needed, hits, reason)


def _reason(leaf: Leaf, document: Document, typed: _Typed) -> str:
    """Return why a leaf does not hold, with the nearest that the paper has."""
    said = absence(leaf, document, typed.get(leaf, format_query(leaf)))
    nearest = next(forms(leaf, document), None)
    return said if nearest is None or not nearest.said else f"{said}; {nearest.said}"


def _misses(query: Query, document: Document, *, wanted: bool) -> list[_Miss]:
    """Return the fewest leaves that keep `query` from being `wanted`."""
    if isinstance(query, Not):
        return _misses(query.part, document, wanted=not wanted)
    if evaluate(query, document) is wanted:
        return []
    if isinstance(query, And | Or):
        parts = [_misses(part, document, wanted=wanted) for part in query.parts]
        every = isinstance(query, And) is wanted
        return [miss for part in parts for miss in part] if every else min(parts, key=len)
    return [(query, wanted)]


def _repairs(query: Query, misses: list[_Miss], document: Document, typed: _Typed) -> Iterator[Repair]:
    """Yield small changes, each tried: other forms of what is missing, then the query without it."""
    found: dict[str, Repair] = {}
    for change, repaired, shown in _changes(query, misses, document, typed):
        if repaired is None or (excludes_only(repaired) and not excludes_only(query)):
            continue
        if evaluate(repaired, document):
            text = format_typed(repaired, shown)
            found.setdefault(text, Repair(change, text))
    yield from islice(found.values(), _REPAIRS)


def _changes(
    query: Query, misses: list[_Miss], document: Document, typed: _Typed
) -> Iterator[tuple[str, Query | None, _Typed]]:
    known = {miss: _forms(miss, document) for miss in misses}
    for rank in range(2 if misses and all(known.values()) else 0):
        chosen: dict[_Miss, Query | None] = {}
        named, shown = list[str](), dict(typed)
        for miss, options in known.items():
            new = chosen[miss] = options[min(rank, len(options) - 1)].query
            shown |= as_typed(new, typed, document)
            named.append(f"{_signed(new, miss[1], shown)} for {_signed(*miss, typed)}")
        yield ", ".join(named), _changed(query, chosen), shown
    if misses:
        gone = " and ".join(_signed(leaf, wanted, typed) for leaf, wanted in misses)
        yield f"without {gone}", _changed(query, dict.fromkeys(misses)), typed


def _forms(miss: _Miss, document: Document) -> list[Form]:
    leaf, wanted = miss
    return list(islice(forms(leaf, document) if wanted else narrower(leaf, document), 2))


def _changed(query: Query, changes: Mapping[_Miss, Query | None], wanted: bool = True) -> Query | None:
    """Return `query` with leaves replaced, or left out where there is None; None when nothing is left of it."""
    if isinstance(query, Not):
        inner = _changed(query.part, changes, not wanted)
        return None if inner is None else negate(inner)
    if isinstance(query, And | Or):
        parts = [part for part in (_changed(part, changes, wanted) for part in query.parts) if part is not None]
        return (all_of(parts) if isinstance(query, And) else any_of(parts)) if parts else None
    return changes.get((query, wanted), query)
