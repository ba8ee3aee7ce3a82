"""The outbox: messages on their way, as a state machine whose every step is one fenced UPDATE.

::

                    ┌──────────── deferred, released, nobody tried ───────────┐
                    ▼                                                         │
     enqueue ──→   due  ──claim──→ claimed ──hand──→ handing ──→ sent, failed │
                    │ ▲                                 │   └─────────────────┘
      suppressed ◀──┘ └── once, after a while ── in_doubt ──→ sent, failed (a person, or a late commit)

The mark ``handing`` is written before a message leaves our hands, in the same commit as the outcomes of those
before it. So a process that dies leaves at most one message a connection of which nobody knows whether it
arrived, and that one is known by name. The token is the worker's: who lost the lease cannot write an outcome.
"""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from typing import Any, Final, Literal

from sqlalchemy import (
    JSON,
    ColumnElement,
    Update,
    bindparam,
    case,
    false,
    func,
    insert,
    literal,
    or_,
    select,
    text,
    true,
    update,
)

from digestbot.addresses import parse_mailbox
from digestbot.ledger.schema import OPEN_STATES, Moment, message, message_part, readable, values_of
from digestbot.ledger.statements import Prepared, PreparedRows
from digestbot.ledger.store import Transaction
from digestbot.models import Message, Part
from digestbot.tokens import fingerprint

State = Literal["sent", "due", "failed", "in_doubt"]
"""What one attempt can end in; ``due`` is put off."""

REPEATABLE: Final = ("feed", "folder", "webhook")
"""Channels on which a second hand-over leaves what the first one left: the same files, or a call under an id by which
its receiver knows it. Nothing is doubtful there."""
LEASE: Final = timedelta(minutes=3)
"""Longer than any hand-over takes, so that nobody else takes a message that is under way."""
FIRST_WAIT: Final = timedelta(minutes=5)
LONGEST_WAIT: Final = timedelta(minutes=70)
GIVE_UP: Final = timedelta(days=3)
DOUBT: Final = timedelta(minutes=15)

IS_OPEN: Final = text(f"message.state IN {OPEN_STATES}")
"""Written out, not as parameters: only so does SQLite use the index that holds the open rows alone."""


@dataclass(frozen=True, slots=True)
class Lease:
    """The right of a worker to what it has claimed, while it lasts."""

    token: str
    until: float
    """In seconds since the machine was started."""


@dataclass(frozen=True, slots=True)
class Claim:
    """A message that a worker may hand over while its lease lasts."""

    row: int
    token: str
    channel: str
    address: str
    domain: str
    """The recipient's; empty where there is none."""
    attempt: int
    """1 for the first."""
    first_claimed_at: datetime


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one attempt."""

    claim: Claim
    state: State
    reason: str = ""
    reply: str = ""
    """The other side's own words."""
    next_at: datetime | None = None
    """When one that is put off is due again."""


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
    return fingerprint(secret, facts)


def back_off(attempt: int, jitter: float) -> timedelta:
    """Return how long to wait after the attempt with this number (from 1): 5 minutes, doubled up to 70.

    `jitter` from 0 to 1 adds up to a fifth, so that what failed together does not come back together.
    """
    doublings = max(0, min(attempt - 1, 10))
    return min(FIRST_WAIT * (1 << doublings), LONGEST_WAIT) * (1 + jitter / 5)


def put_off(item: Claim, reason: str, reply: str, now: datetime, jitter: float) -> Outcome:
    """Return the outcome of an attempt that is to be repeated; of one that began 3 days ago, a failure."""
    if now - item.first_claimed_at >= GIVE_UP:
        return Outcome(item, "failed", f"given up after {GIVE_UP.days} days: {reason}", reply)
    return Outcome(item, "due", reason, reply, now + back_off(item.attempt, jitter))


@dataclass(frozen=True, slots=True)
class Letter:
    """A message that enters the outbox."""

    edition: int
    """The edition's row."""
    due: datetime
    """Since when it is due, at the latest at once."""
    subscription: str
    message: Message
    domain: str | None = None
    """What `domain_of` says of the message, where somebody has asked it already."""


def enqueue(tx: Transaction, letters: Sequence[Letter], now: datetime) -> list[int]:
    """Put messages into the outbox; return their rows."""
    rows = tx.numbers(message, len(letters))
    numbered = list(zip(rows, letters, strict=True))
    _MESSAGES.run(tx, [(row, *_new(letter, now)) for row, letter in numbered])
    parts = [
        (row, position, part.name, part.media_type, part.content)
        for row, letter in numbered
        for position, part in enumerate(letter.message.parts)
    ]
    _PARTS.run(tx, parts)
    return list(rows)


_FRESH: Final = {"state": "due", "attempt": 0, "resent": 0, "reply": "", "queue_id": "", "reason": ""}
_MESSAGES: Final = PreparedRows(
    insert(message).values(_FRESH),
    *("id", "edition_id", "subscription_id", "key", "generation", "channel", "address", "domain", "subject"),
    *("state_at", "created_at", "next_at"),
)
_PARTS: Final = PreparedRows(insert(message_part), "message_id", "position", "name", "media_type", "content")


def _new(letter: Letter, now: datetime) -> tuple[Any, ...]:
    """Return the row of a message but for its number, as `_MESSAGES` takes it."""
    item = letter.message
    whose = letter.edition, letter.subscription, item.key, item.generation
    where = item.channel, item.address, domain_of(item) if letter.domain is None else letter.domain
    return (*whose, *where, item.subject, now, now, min(now, letter.due))


def domain_of(item: Message) -> str:
    """Return the domain that a mail goes to; empty for other channels, and for an address that is none."""
    if item.channel != "email":
        return ""
    try:
        return parse_mailbox(item.address).domain
    except ValueError:  # the channel will say so
        return ""


# Statements are made once, and many rows are one parameter: to put a statement together costs more than to run it.
_FACTS: Final = (message.c.id, message.c.key, message.c.channel, message.c.address, message.c.subject)
_CONTENT: Final = (message_part.c.name, message_part.c.media_type, message_part.c.content)
_LOAD: Final = Prepared(
    select(*_FACTS, message.c.generation, *_CONTENT)
    .select_from(message.outerjoin(message_part))
    .where(message.c.id.in_(values_of("rows")))
    .order_by(message.c.id, message_part.c.position)
)


def load(tx: Transaction, claims: Sequence[Claim]) -> dict[int, Message]:
    """Return the messages that were claimed, with their parts, by row."""
    if not claims:
        return {}
    found: dict[int, Message] = {}
    for line in _LOAD.run(tx, rows=[item.row for item in claims]).all():
        row, key, channel, address, subject, generation, name, media_type, content = tuple(line)
        before = found[row].parts if row in found else ()
        parts = before if name is None else (*before, Part(name, media_type, content))
        found[row] = Message(key, channel, address, subject, parts, generation)
    return found


FROM: Final[Mapping[State, tuple[str, ...]]] = MappingProxyType(
    {
        # A message that is out is out, however late its worker tells, as long as nobody else has claimed it.
        "sent": ("handing", "in_doubt", "due"),
        "due": ("handing", "in_doubt"),
        "failed": ("handing", "in_doubt"),
        "in_doubt": ("handing",),
    }
)
"""The states from which each outcome is taken."""


_TOLD: Final = func.json_each(bindparam("told", type_=JSON)).table_valued("value", name="told")


def _told(place: int) -> ColumnElement[Any]:
    return func.json_extract(_TOLD.c.value, text(f"'$[{place}]'"))


_SENT: Final = Prepared(
    update(message)
    .where(message.c.id == _told(0), message.c.token == _told(1), text(f"message.state IN {FROM['sent']}"))
    .values(state="sent", state_at=bindparam("now"), reply=_told(2), queue_id=_told(3), reason=_told(4))
)
"""What most attempts end in, all of them at once: between two rows another thread would go first."""


def _settling(state: State, sources: Collection[str]) -> Update:
    """Return the statement that writes an outcome down, for many rows at once."""
    # The states are written out: many rows at once take no list of them as a parameter.
    states = text(f"state IN ({', '.join(repr(source) for source in sources)})")
    mine = (message.c.id == bindparam("row")) & (message.c.token == bindparam("holder")) & states
    names = ("reply", "queue_id", "reason", *(["next_at"] if state == "due" else []))
    values: dict[str, Any] = {name: bindparam(f"new_{name}") for name in ("state_at", *names)}
    return update(message).where(mine).values(state=state, **values)


_SETTLE: Final = MappingProxyType({state: _settling(state, FROM[state]) for state in FROM if state != "sent"})


def settle(tx: Transaction, outcomes: Sequence[Outcome], now: datetime) -> set[int]:
    """Write down what became of messages; return the rows that had another owner by then, unchanged.

    Valid even past the lease, as long as the token is still on the row.
    """
    lost: set[int] = set()
    for state in FROM:
        items = [item for item in outcomes if item.state == state]
        if items and _written(tx, state, items, now) != len(items):
            lost |= _not_written(tx, state, items, now)
    return lost


def _written(tx: Transaction, state: State, items: Sequence[Outcome], now: datetime) -> int:
    """Write outcomes of one kind down; return how many rows took theirs."""
    if state == "sent":
        told = [[item.claim.row, item.claim.token, *_said(item)] for item in items]
        return _SENT.run(tx, told=told, now=now).rowcount
    return tx.connection.execute(_SETTLE[state], [_row(item, now) for item in items]).rowcount


def _row(item: Outcome, now: datetime) -> dict[str, Any]:
    own = {"new_next_at": item.next_at} if item.state == "due" else {}
    said = dict(zip(("new_reply", "new_queue_id", "new_reason"), _said(item), strict=True))
    return {"row": item.claim.row, "holder": item.claim.token, "new_state_at": now} | said | own


def _said(item: Outcome) -> tuple[str, str, str]:
    return readable(item.reply), readable(_queue_id(item.reply)), readable(item.reason)


def _not_written(tx: Transaction, state: State, items: Sequence[Outcome], now: datetime) -> set[int]:
    rows = {item.claim.row for item in items}
    tokens = {item.claim.token for item in items}
    mine = message.c.id.in_(rows) & message.c.token.in_(tokens)
    written = select(message.c.id).where(mine, message.c.state == state, message.c.state_at == now)
    return rows - set(tx.connection.scalars(written))


def release(tx: Transaction, token: str, now: datetime, untouched: Collection[int] = ()) -> int:
    """Give back what a worker holds and has not begun; return how many messages.

    `untouched` are rows that are marked as being handed over although that has not begun.
    """
    mine = message.c.token == token
    begun = (message.c.state == "handing") & message.c.id.in_(untouched) if untouched else false()
    return _free(tx, mine & ((message.c.state == "claimed") | begun), now)


def put_back(tx: Transaction, claims: Sequence[Claim], now: datetime) -> int:
    """Give back some of the claimed messages that were not begun; return how many."""
    rows = [item.row for item in claims]
    return _free(tx, message.c.id.in_(rows) & (message.c.state == "claimed") & _held_by(claims), now) if rows else 0


def _held_by(claims: Sequence[Claim]) -> ColumnElement[bool]:
    return message.c.token.in_({item.token for item in claims})


def reconcile(
    tx: Transaction, now: datetime, uptime: float, *, alone: bool = False, hold: Collection[str] = ()
) -> Reconciled:
    """Settle what nobody works on any longer: leases that ran out, doubts that lasted 15 minutes.

    `uptime` is in seconds since the machine was started. `alone` says that no other worker lives, so that every
    claim is an orphan whatever its lease says. Doubts on the channels in `hold` wait for a person.

    Where commits are not on the disk when they return, a machine that was started anew may have lost the marks
    of its last moments: everything that was claimed before is in doubt then.
    """
    other_boot = func.coalesce(message.c.incarnation, "") != tx.incarnation
    over = message.c.lease_until.is_(None) | (message.c.lease_until <= uptime)
    orphaned = true() if alone else or_(other_boot, over)
    harmless = message.c.channel.in_(REPEATABLE)
    claimed, handing = message.c.state == "claimed", message.c.state == "handing"
    unsure = handing if tx.durable else handing | (claimed & other_boot)
    vanished = {"state": "in_doubt", "state_at": now, "reason": "the worker vanished while it handed the message over"}
    lost = update(message).where(IS_OPEN, orphaned, unsure, ~harmless).values(vanished)
    doubtful = tx.connection.execute(lost).rowcount
    released = _free(tx, orphaned & (claimed | (handing & harmless)), now)
    return Reconciled(released, doubtful, _resend(tx, now, hold))


def _resend(tx: Transaction, now: datetime, hold: Collection[str]) -> int:
    old = (message.c.state == "in_doubt") & (message.c.state_at <= now - DOUBT) & (message.c.resent == 0)
    again = {"state": "due", "state_at": now, "next_at": now, "resent": 1}
    statement = update(message).where(IS_OPEN, old, message.c.channel.not_in(hold)).values(again)
    return tx.connection.execute(statement).rowcount


def any_due(tx: Transaction, now: datetime) -> bool:
    """Return whether anything is to be handed over."""
    ready = (message.c.state == "due") & (message.c.next_at <= now)
    return tx.connection.execute(select(message.c.id).where(IS_OPEN, ready).limit(1)).first() is not None


def _free(tx: Transaction, rows: ColumnElement[bool], now: datetime) -> int:
    # An attempt that was begun counts, and a message that may have ended the process goes behind the others.
    begun = message.c.state == "handing"
    attempt = message.c.attempt - case((begun, 0), else_=1)
    next_at = case((begun, literal(now, Moment)), else_=message.c.next_at)
    values = {"state": "due", "state_at": now, "next_at": next_at, "attempt": attempt}
    return tx.connection.execute(update(message).where(IS_OPEN, rows).values(values)).rowcount


def _queue_id(reply: str) -> str:
    """Return the id under which a mail server has queued a message, when its reply tells (Postfix, Exim, Sendmail)."""
    found = re.search(r"queued as ([\w.-]{1,100})|\bid=([\w.-]{1,100})|\b(\S{1,100}) Message accepted", reply[:1000])
    return next((group for group in found.groups() if group), "") if found else ""
