"""How much a relay and the domains behind it may be given: rows, so that a limit outlives the process that met it.

A token bucket bounds the rate, five-minute slots the quota of an hour and of a day. A domain that puts our
messages off gets half as many at once, and none for a while after a few in a row; one that takes them gets one
more each time that a whole cohort went well. That is Postfix's scheme; the relay itself is the domain ``""``.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Row, delete, func, select, update
from sqlalchemy.dialects.sqlite import insert

from digestbot.ledger.relay_tables import destination, relay, relay_slot
from digestbot.ledger.schema import CHUNK
from digestbot.ledger.store import Transaction

START: Final = 5
"""How many messages a domain gets at once at first (Postfix: initial_destination_concurrency)."""
MOST: Final = 20
"""And at most (Postfix: default_destination_concurrency_limit)."""
IN_A_ROW: Final = 3
"""So many failures in a row, and a domain is left alone for a while."""
FIRST_REST: Final = timedelta(minutes=1)
LONGEST_REST: Final = timedelta(minutes=30)

_SLOT: Final = timedelta(minutes=5)
_HOUR: Final = timedelta(hours=1)
_DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Limits:
    """What one relay may be given. 0 is no limit."""

    connections: int = 1
    """At once."""
    rate: float = 0.0
    """Messages a second."""
    burst: float = 0.0
    """How many may go at once after a silence; 0 for what a second allows, at least one."""
    per_hour: int = 0
    per_day: int = 0

    @property
    def free(self) -> bool:
        """Whether nothing but the number of connections is limited."""
        return not (self.rate or self.per_hour or self.per_day)

    @property
    def bucket(self) -> float:
        """How many tokens the bucket holds."""
        return self.burst or max(1.0, self.rate)


@dataclass(frozen=True, slots=True)
class Grant:
    """How many messages may go now, and after how long to ask again when it is fewer than were wanted."""

    count: int
    wait: timedelta = timedelta(0)
    reason: str = ""
    """Why it is fewer, when that takes longer than a few seconds."""


@dataclass(frozen=True, slots=True)
class Standing:
    """How a relay stands."""

    channel: str
    limits: Limits
    recent: str
    paused_until: datetime | None
    reason: str


@dataclass(frozen=True, slots=True)
class Destination:
    """How a domain takes our messages."""

    channel: str
    domain: str
    concurrency: int = START
    failures: int = 0
    """In a row."""
    rests: int = 0
    """How often in a row it was left alone."""
    not_before: datetime | None = None

    def failed(self, now: datetime) -> "Destination":
        """Return it after it has put a message off: half as much at once, after a few in a row nothing for a while."""
        half, failures = max(1, self.concurrency // 2), self.failures + 1
        if failures < IN_A_ROW or (self.not_before is not None and self.not_before > now):
            return replace(self, concurrency=half, failures=failures)
        rest = min(FIRST_REST * (1 << min(self.rests, 10)), LONGEST_REST)
        return replace(self, concurrency=half, failures=failures, rests=self.rests + 1, not_before=now + rest)

    def took(self, *, cohort: bool, most: int = MOST) -> "Destination":
        """Return it after it has taken a message; `cohort` says that as many went well as it gets at once."""
        more = min(self.concurrency + 1, most) if cohort else self.concurrency
        if more == self.concurrency and not (self.failures or self.rests or self.not_before):
            return self
        return replace(self, concurrency=more, failures=0, rests=0, not_before=None)


def declare(tx: Transaction, limits: Mapping[str, Limits], now: datetime) -> None:
    """Make the rows of the relays agree with the settings."""
    for channel, item in limits.items():
        facts = {name: getattr(item, name) for name in Limits.__slots__}
        fresh = {"tokens": item.bucket, "tokens_at": now, "recent": "", "reason": ""}
        row = insert(relay).values(channel=channel, **facts, **fresh)
        tx.connection.execute(row.on_conflict_do_update(index_elements=["channel"], set_=facts))


def standings(tx: Transaction) -> list[Standing]:
    """Return how every relay stands."""
    rows = tx.connection.execute(select(relay).order_by(relay.c.channel))
    return [
        Standing(
            row.channel,
            Limits(row.connections, row.rate, row.burst, row.per_hour, row.per_day),
            row.recent,
            row.paused_until,
            row.reason,
        )
        for row in rows
    ]


def grant(tx: Transaction, channel: str, limits: Limits, wanted: int, now: datetime) -> Grant:
    """Take up to `wanted` messages off what a relay may still be given now."""
    if limits.free or not wanted:
        return Grant(wanted)
    quota = _quota(tx, channel, limits, now)
    paced = _tokens(tx, channel, limits, min(wanted, quota.count), now) if limits.rate else quota
    count = min(wanted, paced.count)
    if count:
        start = now.replace(minute=now.minute - now.minute % 5, second=0, microsecond=0)
        row = insert(relay_slot).values(channel=channel, slot=start, messages=count)
        more = {"messages": relay_slot.c.messages + count}
        tx.connection.execute(row.on_conflict_do_update(index_elements=["channel", "slot"], set_=more))
    return quota if quota.count == 0 else Grant(count, paced.wait)


def _tokens(tx: Transaction, channel: str, limits: Limits, wanted: int, now: datetime) -> Grant:
    row = tx.connection.execute(select(relay.c.tokens, relay.c.tokens_at).where(relay.c.channel == channel)).first()
    tokens, at = (row.tokens, row.tokens_at) if row else (limits.bucket, now)
    # A clock that was set back fills nothing, one that was set forward fills the bucket once.
    there = min(limits.bucket, tokens + max(0.0, (now - at).total_seconds()) * limits.rate)
    count = min(wanted, int(there))
    left = {"tokens": there - count, "tokens_at": now}
    tx.connection.execute(update(relay).where(relay.c.channel == channel).values(left))
    return Grant(count, timedelta(seconds=max(0.0, 1 - there + count) / limits.rate))


def _quota(tx: Transaction, channel: str, limits: Limits, now: datetime) -> Grant:
    """Return how many more the hour and the day allow. A slot counts until all of it is past."""
    tx.connection.execute(delete(relay_slot).where(relay_slot.c.channel == channel, relay_slot.c.slot < now - 2 * _DAY))
    left, reason = 1 << 30, ""
    for most, span, name in ((limits.per_hour, _HOUR, "hour"), (limits.per_day, _DAY, "day")):
        if most:
            since = (relay_slot.c.channel == channel) & (relay_slot.c.slot > now - span - _SLOT)
            given = tx.connection.scalar(select(func.coalesce(func.sum(relay_slot.c.messages), 0)).where(since)) or 0
            if most - given < left:
                left, reason = max(0, most - given), f"the {most} messages that it takes in one {name} are used up"
    return Grant(left, _SLOT if left == 0 else timedelta(0), reason if left == 0 else "")


def destinations(tx: Transaction, ways: Iterable[tuple[str, str]]) -> dict[tuple[str, str], Destination]:
    """Return how these domains take our messages, by channel and domain; one that behaves has no row."""
    wanted = sorted({domain for _, domain in ways})
    found = {}
    for start in range(0, len(wanted), CHUNK):
        names = wanted[start : start + CHUNK]
        for row in tx.connection.execute(select(destination).where(destination.c.domain.in_(names))):
            found[row.channel, row.domain] = _destination(row)
    return found


def _destination(row: Row[Any]) -> Destination:
    return Destination(row.channel, row.domain, row.concurrency, row.failures, row.rests, row.not_before)


_ANEW: Final = insert(destination)
_KEEP: Final = _ANEW.on_conflict_do_update(
    index_elements=["channel", "domain"],
    set_={name: _ANEW.excluded[name] for name in ("concurrency", "failures", "rests", "not_before", "changed_at")},
)


def keep(tx: Transaction, changed: Sequence[Destination], now: datetime) -> None:
    """Write down how domains take our messages."""
    if changed:
        rows = [{name: getattr(item, name) for name in Destination.__slots__} | {"changed_at": now} for item in changed]
        tx.connection.execute(_KEEP, rows)


def forget(tx: Transaction, now: datetime) -> None:
    """Drop the domains that nothing was heard of for a week."""
    tx.connection.execute(delete(destination).where(destination.c.changed_at < now - 7 * _DAY))


def note(tx: Transaction, channel: str, recent: str) -> None:
    """Keep what the last attempts ended in."""
    tx.connection.execute(update(relay).where(relay.c.channel == channel).values(recent=recent))


def pause(tx: Transaction, channel: str, until: datetime, reason: str) -> None:
    """Let a relay rest; `recent` begins anew, so that it is not paused again for what is past."""
    values = {"paused_until": until, "reason": reason, "recent": ""}
    tx.connection.execute(update(relay).where(relay.c.channel == channel).values(values))


def resume(tx: Transaction, channels: Sequence[str], now: datetime) -> list[str]:
    """End the rests of these relays and of the domains behind them; return those that did rest."""
    rests = (relay.c.channel.in_(channels)) & (relay.c.paused_until > now)
    alone = (destination.c.channel.in_(channels)) & (destination.c.not_before > now)
    found = {*tx.connection.scalars(select(relay.c.channel).where(rests))}
    found |= {*tx.connection.scalars(select(destination.c.channel).where(alone))}
    tx.connection.execute(delete(destination).where(destination.c.channel.in_(channels)))
    values = {"paused_until": None, "reason": "", "recent": ""}
    tx.connection.execute(update(relay).where(relay.c.channel.in_(channels)).values(values))
    return sorted(found)
