"""What went out: editions with their cards as they were shown, and what stood behind them."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import func, insert, select

from digestbot.feeds import FeedEntry
from digestbot.ledger import paper_updates, records, sources
from digestbot.ledger.schema import CHUNK, card, digest, edition, mention, paper, record
from digestbot.ledger.store import Transaction
from digestbot.models import Card, Edition, Proof
from digestbot.updates import facts


def add(tx: Transaction, item: Edition, papers: int, now: datetime) -> int | None:
    """Write down an edition of `papers` papers; return its row, or None when this due time has one already."""
    name = item.subscription.id
    taken = (edition.c.subscription_id == name) & (edition.c.due_at == item.due)
    if tx.connection.execute(select(edition.c.id).where(taken)).first() is not None:
        return None
    facts = {"due_at": item.due, "subject": item.subject, "papers": papers}
    return tx.insert(edition, subscription_id=name, created_at=now, **facts)


def add_cards(tx: Transaction, row: int, cards: Sequence[tuple[int, Card]]) -> None:
    """Keep the cards of an edition, each with its paper's row, as they were shown."""
    values = [
        {
            "edition_id": row,
            "position": position,
            "paper_id": paper_row,
            "data": records.card_data(item),
            "told": records.facts_data(facts([item.paper])),
        }
        for position, (paper_row, item) in enumerate(cards)
    ]
    if values:
        tx.connection.execute(insert(card), values)


def added_at(created: datetime, position: int) -> datetime:
    """Return the moment at which a feed says that a card was added: a second earlier for each card before it.

    Readers sort by it, so that the order of an edition holds, and no two entries share it.
    """
    return created - timedelta(seconds=position)


def entries(
    tx: Transaction, subscription: str, limit: int, pending_at: datetime | None = None
) -> tuple[FeedEntry, ...]:
    """Return the newest cards of a subscription, newest edition first, each in its order there.

    Behind them stand older ones of whose papers there was news lately, as many at most. What became of a paper stands
    at its newest card. What no edition has told yet is left out, or told at `pending_at`.
    """
    changes = paper_updates.latest(tx, subscription, limit, pending_at)
    mine = (
        select(card.c.edition_id, card.c.position, card.c.paper_id, card.c.data, edition.c.created_at)
        .join(edition)
        .where(edition.c.subscription_id == subscription)
        .order_by(edition.c.due_at.desc(), card.c.position)
    )
    rows = list(tx.connection.execute(mine.limit(limit)))
    missing = sorted(changes.keys() - {row.paper_id for row in rows})
    for start in range(0, len(missing), CHUNK):
        rows += tx.connection.execute(mine.where(card.c.paper_id.in_(missing[start : start + CHUNK])))
    found = []
    for row in rows:
        facts_told, changed = changes.pop(row.paper_id, ((), None))
        added = added_at(row.created_at, row.position)
        found.append(FeedEntry(records.card_of(row.data), added, facts_told, changed))
    return tuple(found)


def count_since(tx: Transaction, subscription: str, since: datetime) -> int:
    """Return how many editions a subscription got for due times from `since` on."""
    mine = (edition.c.subscription_id == subscription) & (edition.c.due_at >= since)
    return tx.connection.scalar(select(func.count()).select_from(edition).where(mine)) or 0


def sent(tx: Transaction, subscription: str, since: datetime) -> list[tuple[datetime, int]]:
    """Return the due times of a subscription's editions from `since` on, oldest first, and how many papers each had."""
    mine = (edition.c.subscription_id == subscription) & (edition.c.due_at >= since)
    rows = tx.connection.execute(select(edition.c.due_at, edition.c.papers).where(mine).order_by(edition.c.due_at))
    return [(row.due_at, row.papers) for row in rows]


def last_created(tx: Transaction, subscription: str) -> datetime | None:
    """Return when the last edition of a subscription was made."""
    mine = edition.c.subscription_id == subscription
    moment: datetime | None = tx.connection.scalar(select(func.max(edition.c.created_at)).where(mine))
    return moment


def proof(tx: Transaction, since: datetime) -> Proof:
    """Return what came in after `since`. How many papers matched is for the caller to add."""
    seen = (
        select(func.count(record.c.paper_id.distinct()))
        .select_from(mention)
        .join(record)
        .join(digest)
        .where(digest.c.added_at > since)
    )
    newest = tx.connection.execute(
        select(paper.c.canonical, paper.c.first_seen).order_by(paper.c.first_seen.desc(), paper.c.id.desc()).limit(1)
    ).first()
    facts = Proof(sources.count(tx, since), tx.connection.scalar(seen) or 0, faults=sources.faults(tx, since))
    return facts if newest is None else replace(facts, newest=newest.canonical, newest_seen=newest.first_seen)
