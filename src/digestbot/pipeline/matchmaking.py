"""Queries of the ledger's subscriptions held against papers: those that come in, and those that are here already."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from digestbot.errors import QueryError
from digestbot.ledger import Ledger, matches, papers, subscriptions
from digestbot.ledger.matches import OpenMatch
from digestbot.matching import Index
from digestbot.models import Subscription
from digestbot.queries import parse

BACKLOG: Final = timedelta(days=7)
"""How far back a new or changed subscription looks."""


@dataclass(frozen=True, slots=True)
class Trouble:
    """Why a subscription could not be served."""

    subscription: str
    reason: str


def index_of(items: Iterable[Subscription]) -> tuple[Index, tuple[Trouble, ...]]:
    """Return an index of the queries, and the subscriptions whose query cannot be read."""
    index, troubles = Index(), []
    for item in items:
        try:
            index.add(item.id, parse(item.query))
        except QueryError as error:
            troubles.append(Trouble(item.id, str(error)))
    return index, tuple(troubles)


def backfill(ledger: Ledger, now: datetime, backlog: timedelta = BACKLOG) -> tuple[Trouble, ...]:
    """Match new and changed subscriptions with the papers first seen in the last days; return those it cannot read.

    What was promised to a subscription before is not promised again.
    """
    with ledger.read() as tx:
        wanted = subscriptions.unmatched(tx)
    if not wanted:
        return ()
    index, troubles = index_of(wanted)
    with ledger.write() as tx:
        recent = {stored.paper.id: stored for stored in papers.seen_since(tx, now - backlog)}
        found = index.match([stored.paper for stored in recent.values()])
        matches.add(tx, [OpenMatch(recent[item.paper.id].row, item) for item in found], now)
        subscriptions.set_matched(tx, {item.id for item in wanted} - {trouble.subscription for trouble in troubles})
    return troubles
