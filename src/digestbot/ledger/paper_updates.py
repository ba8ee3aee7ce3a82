"""What became of papers that were sent: told to each of their recipients once, and to nobody else.

::

    facts of the paper ─ what the card showed, what was told ─ what the subscription wants → open updates ─edition→ told

What is open follows from these alone and is made anew whenever a paper changes. So it does not matter in which order
digests come, nor how often one is read.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, NamedTuple

from sqlalchemy import BindParameter, ColumnElement, Select, bindparam, case, delete, func, literal, select, update
from sqlalchemy.dialects.sqlite import insert

from digestbot import updates
from digestbot.facts import Fact
from digestbot.ledger import records, subscriptions
from digestbot.ledger.paper_data import papers_in
from digestbot.ledger.schema import CHUNK, Moment, card, edition, match, paper, paper_update, subscription
from digestbot.ledger.statements import PreparedRows
from digestbot.ledger.store import Transaction
from digestbot.ledger.written import CardRow
from digestbot.models import Paper, Updated


@dataclass(frozen=True, slots=True)
class OpenUpdate:
    """A paper with news that no edition has told, and its row."""

    row: int
    updated: Updated


_FACT: Final = (paper_update.c.kind, paper_update.c.key, paper_update.c.evidence, paper_update.c.url)
_STORED: Final = select(paper_update.c.subscription_id, paper_update.c.paper_id, *_FACT)
_NAMES: Final[BindParameter[Any]] = bindparam("names", expanding=True)
_IS_OPEN: Final = paper_update.c.subscription_id.in_(_NAMES) & paper_update.c.edition_id.is_(None)
# Made once: to put a statement together costs more than to run it.
_OPEN: Final = _STORED.where(_IS_OPEN).order_by(paper_update.c.paper_id, paper_update.c.kind, paper_update.c.key)
_COUNTED: Final = (
    select(paper_update.c.subscription_id, func.count(paper_update.c.paper_id.distinct()))
    .where(_IS_OPEN)
    .group_by(paper_update.c.subscription_id)
)
_PLACE: Final = (paper_update.c.subscription_id, paper_update.c.paper_id, paper_update.c.kind, paper_update.c.key)
_THIS: Final = [column == bindparam(f"of_{column.name}") for column in _PLACE]
_CONSUME: Final = PreparedRows(
    update(paper_update).where(*_THIS, paper_update.c.edition_id.is_(None)).values(edition_id=bindparam("edition")),
    *(f"of_{column.name}" for column in _PLACE),
    "edition",
)
_ROWS: Final[BindParameter[Any]] = bindparam("rows", expanding=True)
_UNTOLD: Final = case((paper.c.facts.is_(None), paper.c.data)).label("data")
_KNOWN: Final = select(paper.c.id, paper.c.facts, _UNTOLD).where(paper.c.id.in_(_ROWS))


class _Place(NamedTuple):
    """A paper that a subscription was sent."""

    subscription: str
    row: int


def settle(tx: Transaction, rows: Collection[int], now: datetime) -> None:
    """Make the open updates of these papers exactly what those who were sent them are to be told and were not."""
    every = sorted(rows)
    for start in range(0, len(every), CHUNK):
        some = every[start : start + CHUNK]
        if recipients := _recipients(tx, some):
            _settle(tx, sorted({place.row for place in recipients}), recipients, now)


def follow(tx: Transaction, sent: Sequence[tuple[str, Collection[str], Sequence[CardRow]]], now: datetime) -> None:
    """Open what is known of papers that are being sent, and does not stand on their cards.

    `sent` are subscriptions, by their ids, with the kinds of updates that they take and their cards. A digest may have
    come while an edition was made, or several records said something else in the same place.
    """
    shown = [(name, kinds, item) for name, kinds, cards in sent if kinds for item in cards]
    every = sorted({item.paper for _, _, item in shown})
    known: dict[int, tuple[Fact, ...]] = {}
    for start in range(0, len(every), CHUNK):
        known.update(_known(tx, every[start : start + CHUNK]))
    found: dict[_Place, set[Fact]] = {}
    for name, kinds, item in shown:
        if item.paper in known and known[item.paper] != item.facts:
            unseen = updates.news(item.facts, known[item.paper])
            found[_Place(name, item.paper)] = {fact for fact in unseen if updates.wanted(kinds, fact)}
    _insert(tx, found, now)


def open_for(tx: Transaction, names: Sequence[str]) -> dict[str, list[OpenUpdate]]:
    """Return what the next editions of some subscriptions have to tell, a paper each; those without are left out.

    `names` are a few hundred at most.
    """
    found: dict[_Place, list[Fact]] = defaultdict(list)
    for place, fact in _read(tx, _OPEN, {"names": list(names)}):
        found[place].append(fact)
    papers = papers_in(tx, {place.row for place in found})
    waiting: dict[str, list[OpenUpdate]] = defaultdict(list)
    for place, facts in found.items():
        item = Updated(papers[place.row], updates.joined(facts))
        waiting[place.subscription].append(OpenUpdate(place.row, item))
    return waiting


def open_pairs(tx: Transaction, names: Sequence[str]) -> set[tuple[str, int, Fact]]:
    """Return what some subscriptions, a few hundred at most, are to be told of which papers, by row."""
    return {(place.subscription, place.row, fact) for place, fact in _read(tx, _OPEN, {"names": list(names)})}


def open_counts(tx: Transaction, names: Sequence[str]) -> dict[str, int]:
    """Return of how many papers there is news for the next edition; subscriptions without are left out.

    `names` are the ids of those that are asked for, a few hundred at most.
    """
    return dict(tx.connection.execute(_COUNTED, {"names": list(names)}).all())


def told_by(tx: Transaction, row: int) -> tuple[Updated, ...]:
    """Return the news that an edition told, by the papers' titles, each paper as it is known now."""
    columns = (*_FACT, paper_update.c.paper_id, paper.c.data)
    found: dict[int, list[Fact]] = defaultdict(list)
    papers: dict[int, Any] = {}
    for item in tx.connection.execute(select(*columns).join(paper).where(paper_update.c.edition_id == row)):
        papers[item.paper_id] = item.data
        found[item.paper_id].append(_fact(item))
    told = [Updated(Paper.from_dict(papers[key]), updates.joined(facts)) for key, facts in found.items()]
    return tuple(sorted(told, key=lambda item: (item.paper.title, item.paper.id)))


def latest(
    tx: Transaction, name: str, limit: int, pending_at: datetime | None
) -> dict[int, tuple[tuple[Fact, ...], datetime]]:
    """Return the papers of a subscription of which there was news, at most `limit`: what was told of each, when last.

    By the paper's row. What no edition has told yet is left out, or told at `pending_at`.
    """
    at = func.coalesce(edition.c.created_at, literal(pending_at, Moment))
    mine = (
        select(paper_update.c.paper_id)
        .outerjoin(edition)
        .where(paper_update.c.subscription_id == name, at.is_not(None))
    )
    newest = mine.group_by(paper_update.c.paper_id).order_by(func.max(at).desc(), paper_update.c.paper_id).limit(limit)
    rows = mine.add_columns(*_FACT, at.label("at")).where(paper_update.c.paper_id.in_(newest))
    told: dict[int, tuple[tuple[Fact, ...], datetime]] = {}
    for row in tx.connection.execute(rows):
        facts, last = told.get(row.paper_id, ((), row.at))
        told[row.paper_id] = updates.joined((*facts, _fact(row))), max(last, row.at)
    return told


def consume(tx: Transaction, told: Sequence[tuple[str, int, Fact, int]]) -> bool:
    """Give updates to editions: each a subscription, the paper's row, what it tells, the edition's row.

    Return False when one of them is no longer open: then roll back.
    """
    rows = [(name, row, fact.kind, fact.key, edition_row) for name, row, fact, edition_row in told]
    return _CONSUME.run(tx, rows) == len(told)


def inherit(tx: Transaction, row: int, heir: int) -> None:
    """Give what was told of a paper to the one that it became; what is open is made anew by `settle`."""
    both = paper_update.alias("both")
    doubled = (
        select(both.c.paper_id)
        .where(
            both.c.paper_id == heir,
            both.c.subscription_id == paper_update.c.subscription_id,
            both.c.kind == paper_update.c.kind,
            both.c.key == paper_update.c.key,
        )
        .exists()
    )
    tx.connection.execute(
        delete(paper_update).where(paper_update.c.paper_id.in_((row, heir)), paper_update.c.edition_id.is_(None))
    )
    tx.connection.execute(delete(paper_update).where(paper_update.c.paper_id == row, doubled))
    tx.connection.execute(update(paper_update).where(paper_update.c.paper_id == row).values(paper_id=heir))


def _fact(row: Any) -> Fact:
    return Fact(row.kind, row.key, row.evidence, row.url)


def _recipients(tx: Transaction, rows: Sequence[int]) -> dict[_Place, tuple[str, ...]]:
    """Return who was sent these papers and takes updates, with the kinds."""
    sent = match.c.paper_id.in_(rows) & match.c.edition_id.is_not(None)
    takes = (subscription.c.updates != ()) & (subscription.c.state != "removed")
    columns = (match.c.subscription_id, match.c.paper_id, subscription.c.updates)
    found = tx.connection.execute(select(*columns).join(subscription).where(sent, takes))
    return {_Place(row.subscription_id, row.paper_id): row.updates for row in found}


def _settle(tx: Transaction, rows: Sequence[int], recipients: dict[_Place, tuple[str, ...]], now: datetime) -> None:
    known = dict(_known(tx, rows))
    told, before = _told(tx, rows), _open(tx, rows)
    after: dict[_Place, set[Fact]] = {}
    made: dict[tuple[int, tuple[Fact, ...]], tuple[Fact, ...]] = {}  # most recipients were told the same
    for place, kinds in recipients.items():
        if place not in told:  # nothing says what they saw
            continue
        question = place.row, tuple(told[place])
        if question not in made:
            made[question] = updates.news(question[1], known[place.row])
        after[place] = {fact for fact in made[question] if updates.wanted(kinds, fact)}
    for place, facts in before.items():
        for fact in facts - after.get(place, set()):
            tx.connection.execute(delete(paper_update).where(*_is(place, fact)))
    _insert(tx, {place: facts - before.get(place, set()) for place, facts in after.items()}, now)


def _insert(tx: Transaction, found: dict[_Place, set[Fact]], now: datetime) -> None:
    values = [
        {
            "subscription_id": place.subscription,
            "paper_id": place.row,
            "kind": fact.kind,
            "key": fact.key,
            "evidence": fact.evidence,
            "url": fact.url,
            "created_at": now,
        }
        for place, facts in found.items()
        for fact in facts
    ]
    if values:
        tx.connection.execute(insert(paper_update).on_conflict_do_nothing(), values)
        subscriptions.wake(tx, {place.subscription for place, facts in found.items() if facts})


def _known(tx: Transaction, rows: Sequence[int]) -> Iterator[tuple[int, tuple[Fact, ...]]]:
    """Yield what is known of each paper."""
    for row in tx.connection.execute(_KNOWN, {"rows": list(rows)}):
        stored = row.facts is not None
        yield row.id, records.facts_of(row.facts) if stored else updates.facts([Paper.from_dict(row.data)])


def _told(tx: Transaction, rows: Sequence[int]) -> dict[_Place, list[Fact]]:
    """Return what each recipient knows of these papers: by the cards, and by what editions told later."""
    found: dict[_Place, list[Fact]] = defaultdict(list)
    data = case((card.c.told.is_(None), card.c.data))
    columns = (edition.c.subscription_id, card.c.paper_id, card.c.told, data.label("data"))
    cards = select(*columns).join(edition).where(card.c.paper_id.in_(rows)).order_by(card.c.edition_id)
    for row in tx.connection.execute(cards):
        stored = row.told is not None
        shown = records.facts_of(row.told) if stored else updates.facts([records.card_of(row.data).paper])
        found[_Place(row.subscription_id, row.paper_id)] += shown
    for place, fact in _stored(tx, paper_update.c.paper_id.in_(rows) & paper_update.c.edition_id.is_not(None)):
        found[place].append(fact)
    return found


def _open(tx: Transaction, rows: Sequence[int]) -> dict[_Place, set[Fact]]:
    found: dict[_Place, set[Fact]] = defaultdict(set)
    for place, fact in _stored(tx, paper_update.c.paper_id.in_(rows) & paper_update.c.edition_id.is_(None)):
        found[place].add(fact)
    return found


def _stored(tx: Transaction, wanted: ColumnElement[bool]) -> Iterator[tuple[_Place, Fact]]:
    return _read(tx, _STORED.where(wanted).order_by(*_PLACE), {})


def _read(tx: Transaction, stored: Select[Any], values: Mapping[str, Any]) -> Iterator[tuple[_Place, Fact]]:
    for name, row, *fact in tx.connection.execute(stored, values):
        yield _Place(name, row), Fact(*fact)


def _is(place: _Place, fact: Fact) -> tuple[ColumnElement[bool], ...]:
    """Return what is true of one update alone."""
    return (
        paper_update.c.subscription_id == place.subscription,
        paper_update.c.paper_id == place.row,
        paper_update.c.kind == fact.kind,
        paper_update.c.key == fact.key,
    )
