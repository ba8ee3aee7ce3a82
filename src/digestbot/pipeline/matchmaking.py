"""Queries of the ledger's subscriptions held against papers: those that come in, and those that are here already."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from digestbot.errors import QueryError
from digestbot.ledger import Ledger, Transaction, matches, papers, subscriptions, visits
from digestbot.ledger.matches import OpenMatch
from digestbot.ledger.papers import StoredPaper
from digestbot.ledger.subscriptions import Standing
from digestbot.matching import Index
from digestbot.queries import Document

BACKLOG: Final = timedelta(days=7)
"""How far back a new or changed subscription looks."""


@dataclass(frozen=True, slots=True)
class Trouble:
    """Why a subscription could not be served."""

    subscription: str
    reason: str


def index_of(standings: Iterable[Standing]) -> tuple[Index, tuple[Trouble, ...]]:
    """Return an index of the queries, and the subscriptions whose query cannot be read."""
    index, troubles = Index(), []
    for item in standings:
        try:
            index.add_text(item.subscription.id, item.expanded)
        except QueryError as error:
            troubles.append(Trouble(item.subscription.id, str(error)))
    return index, tuple(troubles)


def documents_of(tx: Transaction, stored: Collection[StoredPaper]) -> list[Document]:
    """Return papers as queries are held against: with the names of the digests that brought each, and its stars."""
    names = papers.sources_of(tx, [item.row for item in stored])
    stars = visits.stars_of(tx, [item.paper for item in stored])
    return [Document(item.paper, names[item.row], stars.get(item.paper.id)) for item in stored]


def fans(tx: Transaction) -> tuple[Standing, ...]:
    """Return the active subscriptions that ask for stars."""
    return tuple(item for item in subscriptions.active(tx) if "stars:" in item.expanded)


def rematch(
    tx: Transaction, asking: Sequence[Standing], rows: Sequence[int], now: datetime, backlog: timedelta = BACKLOG
) -> int:
    """Match papers whose stars have changed with subscriptions that ask for them; return how many are promised.

    A subscription gets no paper that came longer than `backlog` before it did.
    """
    if not asking:
        return 0
    begun = {item.subscription.id: item.created_at - backlog for item in asking}
    index, _ = index_of(asking)
    stored = {item.paper.id: item for item in papers.at(tx, rows)}
    found = [
        OpenMatch(stored[item.paper.id].row, item)
        for item in index.match(documents_of(tx, stored.values()))
        if stored[item.paper.id].first_seen >= begun[item.subscription]
    ]
    matches.add(tx, found, now)
    return len(found)


def backfill(ledger: Ledger, now: datetime, backlog: timedelta = BACKLOG) -> tuple[Trouble, ...]:
    """Match new and changed subscriptions with papers that are here already; return those it cannot read.

    They look back over `backlog`, or to their last edition where that is longer ago. What was promised to a
    subscription before is not promised again.
    """
    with ledger.read() as tx:
        wanted = subscriptions.unmatched(tx)
    if not wanted:
        return ()
    index, troubles = index_of(wanted)
    start = now - backlog
    since = {item.subscription.id: min(start, item.last_due or start) for item in wanted}
    with ledger.write() as tx:
        stored = {item.paper.id: item for item in papers.seen_since(tx, min(since.values()))}
        found = [
            OpenMatch(stored[item.paper.id].row, item)
            for item in index.match(documents_of(tx, stored.values()))
            if stored[item.paper.id].first_seen >= since[item.subscription]
        ]
        matches.add(tx, found, now)
        subscriptions.set_matched(tx, since.keys() - {trouble.subscription for trouble in troubles})
    return troubles
