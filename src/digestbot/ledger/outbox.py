"""The outbox: messages on their way, as a state machine whose every step is one fenced UPDATE.

::

                    ┌──────────── deferred, released, nobody tried ───────────┐
                    ▼                                                         │
     enqueue ──→   due  ──claim──→ claimed ──hand──→ handing ──→ sent, failed │
                    │ ▲                                 │   └─────────────────┘
      suppressed ◀──┘ └── once, after a while ── in_doubt ──→ sent, failed (a person, or a late commit)

The mark ``handing`` is written before a message leaves our hands, in the same commit as the outcome of the
one before it. So a process that dies leaves at most one message of which nobody knows whether it arrived,
and that one is known by name. `token` is the worker's: who lost the lease cannot write an outcome.
"""

import base64
import hashlib
import hmac
import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final, Literal

from sqlalchemy import ColumnElement, Select, case, func, insert, literal, select, text, true, update

from digestbot.ledger.schema import OPEN_STATES, Moment, message, message_part, subscription
from digestbot.ledger.store import Transaction
from digestbot.models import Message, Part

Policy = Literal["resend", "hold"]
"""What becomes of a doubtful message: sent once more, with the same Message-ID, or left to a person."""

REPEATABLE: Final = ("feed", "folder", "webhook")
"""Channels on which a second hand-over leaves what the first one left: the same files, or a call under an id by which
its receiver knows it. Nothing is doubtful there."""
LEASE: Final = timedelta(minutes=3)
"""Longer than any hand-over takes, so that nobody else takes a message that is under way."""
FIRST_WAIT: Final = timedelta(minutes=5)
LONGEST_WAIT: Final = timedelta(minutes=70)
GIVE_UP: Final = timedelta(days=3)
DOUBT: Final = timedelta(minutes=15)

_IS_OPEN: Final = text(f"message.state IN {OPEN_STATES}")
"""Written out, not as parameters: only so does SQLite use the index that holds the open rows alone."""
_other = message.alias("other")


@dataclass(frozen=True, slots=True)
class Claim:
    """A message that a worker may hand over while its lease lasts."""

    row: int
    token: str
    channel: str
    address: str
    attempt: int
    """1 for the first."""
    created_at: datetime
    lease_until: datetime


@dataclass(frozen=True, slots=True)
class Reconciled:
    """How many messages were settled that nobody was working on any longer."""

    released: int = 0
    """Due again: nobody had tried."""
    doubtful: int = 0
    resent: int = 0
    """Due once more after a doubt."""


def delivery_key(secret: bytes, subscription_id: str, due: datetime, channel: str) -> str:
    """Return the key of a message: derived, so that a repeated step meets its own earlier self; not to be guessed.

    26 characters of base32 (RFC 4648) in lower case: the first 130 bits of an HMAC-SHA-256 (RFC 2104).
    """
    facts = f"{subscription_id}|{due.astimezone(UTC).isoformat()}|{channel}"
    digest = hmac.digest(secret, facts.encode("utf-8", "surrogatepass"), hashlib.sha256)
    return base64.b32encode(digest).decode("ascii")[:26].lower()


def back_off(attempt: int, jitter: float) -> timedelta:
    """Return how long to wait after the attempt with this number (from 1): 5 minutes, doubled up to 70.

    `jitter` from 0 to 1 adds up to a fifth, so that what failed together does not come back together.
    """
    doublings = max(0, min(attempt - 1, 10))
    return min(FIRST_WAIT * (1 << doublings), LONGEST_WAIT) * (1 + jitter / 5)


def enqueue(tx: Transaction, edition: int, subscription_id: str, item: Message, now: datetime) -> int:
    """Put a message into the outbox, due at once; return its row."""
    values = {
        "edition_id": edition,
        "subscription_id": subscription_id,
        "key": item.key,
        "generation": item.generation,
        "channel": item.channel,
        "address": item.address,
        "subject": item.subject,
    }
    fresh = {"state": "due", "state_at": now, "next_at": now, "created_at": now, "attempt": 0, "resent": 0}
    nothing = {"reply": "", "queue_id": "", "reason": ""}
    row = tx.insert(message, **(values | fresh | nothing))
    parts = [
        {"message_id": row, "position": n, "name": part.name, "media_type": part.media_type, "content": part.content}
        for n, part in enumerate(item.parts)
    ]
    tx.connection.execute(insert(message_part), parts)
    return row


def claim(tx: Transaction, limit: int, token: str, now: datetime, lease: timedelta = LEASE) -> list[Claim]:
    """Take up to `limit` due messages, those due longest first; the first of them is marked as being handed over.

    Messages of a subscription that is no longer active are suppressed on the way. A newer state of a feed
    replaces an older one that is still waiting, and two messages to the same files never overtake.
    """
    _suppress(tx, now)
    _supersede(tx, now)
    values = {
        "state": "claimed",
        "state_at": now,
        "token": token,
        "lease_until": now + lease,
        "incarnation": tx.incarnation,
        "attempt": message.c.attempt + 1,
        "first_claimed_at": func.coalesce(message.c.first_claimed_at, now),
    }
    taken = update(message).where(message.c.id.in_(_claimable(now, limit))).values(values)
    columns = [message.c[name] for name in Claim.__slots__ if name != "row"]
    rows = tx.connection.execute(taken.returning(message.c.next_at, message.c.id, *columns)).all()
    claims = [Claim(*row[1:]) for row in sorted(rows, key=lambda row: (row.next_at, row.id))]
    if claims:
        hand(tx, claims[0], now, lease)
    return claims


def hand(tx: Transaction, item: Claim, now: datetime, lease: timedelta = LEASE) -> bool:
    """Mark a claimed message as being handed over, and renew the lease of all that its worker holds.

    Return False when the message is no longer this worker's: it must not be handed over then.
    """
    mine = (message.c.token == item.token) & message.c.state.in_(("claimed", "handing"))
    tx.connection.execute(update(message).where(_IS_OPEN, mine).values(lease_until=now + lease))
    return _move(tx, item, ("claimed",), {"state": "handing", "state_at": now})


def load(tx: Transaction, item: Claim) -> Message:
    """Return the message that was claimed, with its parts."""
    columns = (message.c.key, message.c.channel, message.c.address, message.c.subject, message.c.generation)
    facts = tx.connection.execute(select(*columns).where(message.c.id == item.row)).one()
    content = select(message_part.c.name, message_part.c.media_type, message_part.c.content)
    mine = content.where(message_part.c.message_id == item.row).order_by(message_part.c.position)
    parts = tuple(Part(row.name, row.media_type, row.content) for row in tx.connection.execute(mine))
    return Message(facts.key, facts.channel, facts.address, facts.subject, parts, facts.generation)


def sent(tx: Transaction, item: Claim, reply: str, now: datetime) -> bool:
    """Record that the other side took the message, in its own words. Return False when the row is another's by now.

    Valid even past the lease, as long as nobody else has claimed the message: it did go out.
    """
    values = {"state": "sent", "reply": reply, "queue_id": _queue_id(reply), "reason": ""}
    return _settle(tx, item, ("handing", "in_doubt", "due"), values, now)


def deferred(tx: Transaction, item: Claim, why: tuple[str, str], now: datetime, jitter: float) -> bool:
    """Try again later, or record a failure when the message is older than 3 days; `why` is reason and reply.

    Return False when the row is another's by now.
    """
    reason, reply = why
    if now - item.created_at >= GIVE_UP:
        return failed(tx, item, (f"given up after {GIVE_UP.days} days: {reason}", reply), now)
    values = {"state": "due", "next_at": now + back_off(item.attempt, jitter), "reason": reason, "reply": reply}
    return _settle(tx, item, ("handing", "in_doubt"), values, now)


def failed(tx: Transaction, item: Claim, why: tuple[str, str], now: datetime) -> bool:
    """Record that it will not work; `why` is reason and reply. Return False when the row is another's by now."""
    return _settle(tx, item, ("handing", "in_doubt"), {"state": "failed", "reason": why[0], "reply": why[1]}, now)


def doubtful(tx: Transaction, item: Claim, why: tuple[str, str], now: datetime) -> bool:
    """Record that it was handed over and the answer was lost. Return False when the row is another's by now."""
    return _settle(tx, item, ("handing",), {"state": "in_doubt", "reason": why[0], "reply": why[1]}, now)


def release(tx: Transaction, token: str, now: datetime, untouched: Claim | None = None) -> int:
    """Give back what a worker holds and has not begun; return how many messages.

    `untouched` is one that is marked as being handed over although that has not begun.
    """
    mine = (message.c.token == token) & (message.c.state == "claimed")
    if untouched is not None:
        mine |= (message.c.id == untouched.row) & (message.c.token == token) & (message.c.state == "handing")
    return _free(tx, mine, now)


def reconcile(tx: Transaction, now: datetime, *, alone: bool = False, policy: Policy = "resend") -> Reconciled:
    """Settle what nobody works on any longer: leases that ran out, doubts that lasted 15 minutes.

    `alone` says that no other worker lives, so that every claim is an orphan whatever its lease says.
    """
    orphaned = true() if alone else message.c.lease_until <= now
    claimed, handing = message.c.state == "claimed", message.c.state == "handing"
    harmless = handing & message.c.channel.in_(REPEATABLE)
    released = _free(tx, orphaned & (claimed | harmless), now)
    vanished = {"state": "in_doubt", "state_at": now, "reason": "the worker vanished while it handed the message over"}
    lost = update(message).where(_IS_OPEN, orphaned, handing).values(vanished)
    doubtful_rows = tx.connection.execute(lost).rowcount
    old = (message.c.state == "in_doubt") & (message.c.state_at <= now - DOUBT) & (message.c.resent == 0)
    again = {"state": "due", "state_at": now, "next_at": now, "resent": 1}
    resend = update(message).where(_IS_OPEN, old).values(again)
    resent = tx.connection.execute(resend).rowcount if policy == "resend" else 0
    return Reconciled(released, doubtful_rows, resent)


def resolve(tx: Transaction, row: int, outcome: Literal["sent", "failed"], now: datetime) -> bool:
    """Write down what a person found out about a doubtful message. Return False when it is not in doubt."""
    doubted = (message.c.id == row) & (message.c.state == "in_doubt")
    values = {"state": outcome, "state_at": now, "reason": "decided by hand"}
    return tx.connection.execute(update(message).where(doubted).values(values)).rowcount == 1


def cancel(tx: Transaction, row: int, reason: str, now: datetime) -> bool:
    """Take a message back that is not being handed over. Return False when that is too late."""
    waiting = (message.c.id == row) & message.c.state.in_(("due", "claimed", "in_doubt"))
    values = {"state": "cancelled", "state_at": now, "reason": reason}
    return tx.connection.execute(update(message).where(waiting).values(values)).rowcount == 1


def _claimable(now: datetime, limit: int) -> Select[tuple[int]]:
    """Return the rows to claim: due, and first in line where the order matters."""
    ahead = select(_other.c.id).where(
        text(f"other.state IN {OPEN_STATES}"),
        _other.c.subscription_id == message.c.subscription_id,
        _other.c.channel == message.c.channel,
        _other.c.id < message.c.id,
    )
    free = message.c.channel.not_in(REPEATABLE) | ~ahead.exists()
    ready = (message.c.state == "due") & (message.c.next_at <= now)
    return select(message.c.id).where(_IS_OPEN, ready, free).order_by(message.c.next_at, message.c.id).limit(limit)


def _suppress(tx: Transaction, now: datetime) -> None:
    off = select(subscription.c.id).where(subscription.c.state != "active")
    rows = (message.c.state == "due") & message.c.subscription_id.in_(off)
    values = {"state": "suppressed", "state_at": now, "reason": "the subscription is no longer active"}
    tx.connection.execute(update(message).where(_IS_OPEN, rows).values(values))


def _supersede(tx: Transaction, now: datetime) -> None:
    replaced = select(_other.c.id).where(
        _other.c.subscription_id == message.c.subscription_id,
        _other.c.channel == message.c.channel,
        _other.c.address == message.c.address,
        _other.c.id > message.c.id,
        _other.c.state.in_(("sent", *OPEN_STATES)),
    )
    old = (message.c.state == "due") & (message.c.channel == "feed") & replaced.exists()
    values = {"state": "cancelled", "state_at": now, "reason": "a newer state of the feed replaces it"}
    tx.connection.execute(update(message).where(_IS_OPEN, old).values(values))


def _free(tx: Transaction, rows: ColumnElement[bool], now: datetime) -> int:
    # An attempt that was begun counts, and a message that may have ended the process goes behind the others.
    begun = message.c.state == "handing"
    attempt = message.c.attempt - case((begun, 0), else_=1)
    next_at = case((begun, literal(now, Moment)), else_=message.c.next_at)
    values = {"state": "due", "state_at": now, "next_at": next_at, "attempt": attempt}
    return tx.connection.execute(update(message).where(_IS_OPEN, rows).values(values)).rowcount


def _settle(tx: Transaction, item: Claim, states: Collection[str], values: dict[str, Any], now: datetime) -> bool:
    return _move(tx, item, states, values | {"state_at": now})


def _move(tx: Transaction, item: Claim, states: Collection[str], values: dict[str, Any]) -> bool:
    """Change a row if it is in one of `states` and the worker's token is still on it; return whether it was."""
    mine = (message.c.id == item.row) & (message.c.token == item.token) & message.c.state.in_(states)
    return tx.connection.execute(update(message).where(mine).values(values)).rowcount == 1


def _queue_id(reply: str) -> str:
    """Return the id under which a mail server has queued a message, when its reply tells (Postfix, Exim, Sendmail)."""
    found = re.search(r"queued as ([\w.-]{1,100})|\bid=([\w.-]{1,100})|\b(\S{1,100}) Message accepted", reply[:1000])
    return next((group for group in found.groups() if group), "") if found else ""
