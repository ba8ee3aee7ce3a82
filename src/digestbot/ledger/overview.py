"""What a person asks of the outbox: how much is in which state, and what has not gone out and why."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import func, select

from digestbot.ledger.relay_tables import destination, relay
from digestbot.ledger.schema import OPEN_STATES, message
from digestbot.ledger.store import Transaction

_TROUBLED: Final = ("in_doubt", "failed")
UNSENT: Final = (*OPEN_STATES, "failed")


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


@dataclass(frozen=True, slots=True)
class Resting:
    """A relay or a domain that is left alone for now."""

    channel: str
    domain: str
    """Empty for the relay itself."""
    until: datetime
    reason: str


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


def listing(tx: Transaction, states: Collection[str], limit: int) -> list[Waiting]:
    """Return the messages in these states, newest first."""
    columns = [message.c[name] for name in Waiting.__slots__]
    statement = select(*columns).where(message.c.state.in_(states)).order_by(message.c.id.desc()).limit(limit)
    return [Waiting(*row) for row in tx.connection.execute(statement)]


def resting(tx: Transaction, now: datetime, limit: int = 20) -> list[Resting]:
    """Return what gets nothing at `now`: relays of which too much went wrong, relays and domains that put us off."""
    paused = select(relay.c.channel, relay.c.paused_until, relay.c.reason).where(relay.c.paused_until > now)
    found = [Resting(row.channel, "", row.paused_until, row.reason) for row in tx.connection.execute(paused)]
    alone = select(destination).where(destination.c.not_before > now).order_by(destination.c.not_before.desc())
    for row in tx.connection.execute(alone.limit(limit)):
        who = "it" if row.domain else "the relay"
        reason = f"{who} failed or put us off {row.failures} times in a row"
        found.append(Resting(row.channel, row.domain, row.not_before, reason))
    return found


def subscription_of(tx: Transaction, key: str) -> str | None:
    """Return whose message it is that has this delivery key."""
    found = tx.connection.execute(select(message.c.subscription_id).where(message.c.key == key)).first()
    return None if found is None else str(found.subscription_id)
