"""What a person asks of the outbox: how much is in which state, and what has not gone out and why."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import func, select

from digestbot.ledger.schema import message
from digestbot.ledger.store import Transaction

_TROUBLED: Final = ("in_doubt", "failed")


@dataclass(frozen=True, slots=True)
class Waiting:
    """A message that has not gone out."""

    id: int
    subscription_id: str
    channel: str
    address: str
    subject: str
    state: str
    attempt: int
    next_at: datetime
    created_at: datetime
    reason: str
    reply: str


def counts(tx: Transaction) -> dict[str, int]:
    """Return how many messages are in each state; states without any are left out."""
    return {row[0]: row[1] for row in tx.connection.execute(select(message.c.state, func.count()).group_by("state"))}


def waiting(tx: Transaction, limit: int = 20) -> list[Waiting]:
    """Return the messages that were tried and did not go out, and those in doubt, newest trouble first."""
    columns = [message.c[name] for name in Waiting.__slots__]
    put_off = (message.c.state == "due") & (message.c.attempt > 0)
    statement = select(*columns).where(put_off | message.c.state.in_(_TROUBLED))
    rows = tx.connection.execute(statement.order_by(message.c.state_at.desc(), message.c.id.desc()).limit(limit))
    return [Waiting(*row) for row in rows]


def subscription_of(tx: Transaction, key: str) -> str | None:
    """Return whose message it is that has this delivery key."""
    found = tx.connection.execute(select(message.c.subscription_id).where(message.c.key == key)).first()
    return None if found is None else str(found.subscription_id)
