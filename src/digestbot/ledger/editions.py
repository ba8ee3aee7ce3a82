"""What went out: editions with their cards as they were shown, and what stood behind them."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlalchemy import BindParameter, bindparam, func, insert, select

from digestbot.feeds import FeedEntry
from digestbot.ledger import paper_updates, records, sources
from digestbot.ledger.schema import CHUNK, Moment, card, digest, edition, mention, paper, record
from digestbot.ledger.statements import PreparedRows
from digestbot.ledger.store import Transaction
from digestbot.ledger.written import CardRow, EditionRow
from digestbot.models import Edition, Proof, Subscription

_NAMES: Final[BindParameter[Any]] = bindparam("names", expanding=True)
_MINE: Final = edition.c.subscription_id.in_(_NAMES)
# Made once: to put a statement together costs more than to run it.
_LAST: Final = (
    select(edition.c.subscription_id, func.max(edition.c.created_at)).where(_MINE).group_by(edition.c.subscription_id)
)
_SENT: Final = (
    select(edition.c.subscription_id, edition.c.due_at, edition.c.papers)
    .where(_MINE, edition.c.due_at >= bindparam("since", type_=Moment))
    .order_by(edition.c.due_at)
)
_MOMENTS: Final = bindparam("moments", expanding=True, type_=Moment)
_ANSWERED: Final = select(edition.c.subscription_id, edition.c.due_at).where(_MINE, edition.c.due_at.in_(_MOMENTS))
_COLUMNS: Final = ("subscription_id", "due_at", "subject", "papers", "behind")
_EDITIONS: Final = PreparedRows(insert(edition), "id", "created_at", *_COLUMNS, as_text=["behind"])
_CARDS: Final = PreparedRows(
    insert(card), "edition_id", "position", "paper_id", "data", "told", as_text=["data", "told"]
)


def add(tx: Transaction, items: Sequence[EditionRow], now: datetime) -> list[int]:
    """Write down editions; return their rows.

    None of them may be for a due time that `answered` returns.
    """
    rows = tx.numbers(edition, len(items))
    _EDITIONS.run(tx, [(row, now, *item) for row, item in zip(rows, items, strict=True)])
    return list(rows)


def answered(tx: Transaction, items: Collection[EditionRow]) -> set[tuple[str, datetime]]:
    """Return for which of these subscriptions and due times there is an edition; a few hundred at most."""
    names, moments = {item.subscription for item in items}, {item.due for item in items}
    known = tx.connection.execute(_ANSWERED, {"names": list(names), "moments": list(moments)})
    return {(row.subscription_id, row.due_at) for row in known}


def add_cards(tx: Transaction, shown: Sequence[tuple[int, Sequence[CardRow]]]) -> None:
    """Keep the cards of editions, by the edition's row, as they were shown."""
    cards_written = [
        (row, position, item.paper, item.data, item.told) for row, cards in shown for position, item in enumerate(cards)
    ]
    _CARDS.run(tx, cards_written)


def shown(tx: Transaction, item: Subscription, due: datetime) -> tuple[Edition, datetime] | None:
    """Return an edition with every paper as a whole card, and when it was made; None when there is none.

    None too for one of before it was written down what stood behind it.
    """
    mine = (edition.c.subscription_id == item.id) & (edition.c.due_at == due)
    row = tx.connection.execute(select(edition).where(mine)).first()
    if row is None or row.behind is None:
        return None
    cards = select(card.c.data).where(card.c.edition_id == row.id).order_by(card.c.position)
    made = records.edition_of(
        row.behind,
        subscription=item,
        due=due.astimezone(ZoneInfo(item.timezone)),
        subject=row.subject,
        cards=tuple(records.card_of(data) for data in tx.connection.scalars(cards)),
        updates=paper_updates.told_by(tx, row.id),
    )
    return made, row.created_at


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


def sent(tx: Transaction, names: Sequence[str], since: datetime) -> dict[str, list[tuple[datetime, int]]]:
    """Return the due times of subscriptions' editions from `since` on, oldest first, and how many papers each had.

    `names` are a few hundred at most.
    """
    found: dict[str, list[tuple[datetime, int]]] = {name: [] for name in names}
    for row in tx.connection.execute(_SENT, {"names": list(names), "since": since}):
        found[row.subscription_id].append((row.due_at, row.papers))
    return found


def last_created(tx: Transaction, names: Sequence[str]) -> dict[str, datetime]:
    """Return when the last edition of each subscription was made; those that got none are left out."""
    return {row[0]: row[1] for row in tx.connection.execute(_LAST, {"names": list(names)})}


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
