"""Who may hand over what: rows are claimed in batches, and marked one a connection just before they leave.

A claim looks at a bounded number of rows, those due longest first. On the way it takes out what must not go:
messages of a subscription that has ended, states of a feed that a newer one replaces.
"""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from sqlalchemy import Row, Select, bindparam, func, or_, select, text, update

from digestbot.ledger.outbox import IS_OPEN, REPEATABLE, Claim, Lease
from digestbot.ledger.relay_tables import destination, relay
from digestbot.ledger.schema import OPEN_STATES, Moment, message, subscription, values_of
from digestbot.ledger.statements import Prepared
from digestbot.ledger.store import Transaction

_LOOK_AHEAD: Final = 3
"""How many rows a claim looks at for each that it takes."""
_other = message.alias("other")
_FACTS: Final = tuple(message.c[name] for name in ("id", "channel", "address", "domain", "attempt", "first_claimed_at"))


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a worker asks for."""

    limit: int
    """How many messages at most."""
    share: int = 1 << 30
    """How many of them for one domain, so that a slow one never fills a claim."""
    closed: Collection[str] = ()
    """Channels that it has no use for now."""
    crowded: Collection[tuple[str, str]] = ()
    """Channels and domains of which it holds enough."""


def claim(tx: Transaction, wanted: Wanted, lease: Lease, now: datetime) -> list[Claim]:
    """Take due messages, those due longest first. What a relay or a domain that rests would get stays.

    Messages of a subscription that is no longer active are suppressed on the way. A newer state of a feed
    replaces an older one that is still waiting, and two messages to the same files never overtake.
    """
    rows, chosen = _looked_through(tx, wanted, now)
    gone = _finish(tx, [row.id for row in rows if row.state_of != "active"], "suppressed", _ENDED, now)
    _finish(tx, [row.id for row in rows if row.replaced and row.id not in gone], "cancelled", _REPLACED, now)
    if chosen:
        own = {"holder": lease.token, "until": lease.until, "boot": tx.incarnation}
        _TAKE.run(tx, rows=[row.id for row in chosen], now=now, **own)
    return [_claim(row, lease.token, now) for row in chosen]


def _claim(row: Row[Any], token: str, now: datetime) -> Claim:
    return Claim(
        row.id,
        token,
        row.channel,
        row.address,
        row.domain,
        row.attempt + 1,
        row.first_claimed_at or now.astimezone(UTC),
    )


_NOW: Final = bindparam("now", type_=Moment)
# Nobody else writes in the meantime, so that what was looked at is what is taken.
_TAKE: Final = Prepared(
    update(message)
    .where(message.c.id.in_(values_of("rows")), message.c.state == "due")
    .values(
        state="claimed",
        state_at=_NOW,
        token=bindparam("holder"),
        lease_until=bindparam("until"),
        incarnation=bindparam("boot"),
        attempt=message.c.attempt + 1,
        first_claimed_at=func.coalesce(message.c.first_claimed_at, _NOW),
    )
)
_WANTED: Final = select(subscription.c.id).where(
    subscription.c.id == message.c.subscription_id, subscription.c.state == "active"
)
_MINE: Final = message.c.id.in_(values_of("rows")) & (message.c.token == bindparam("holder"))
_HAND: Final = Prepared(
    update(message).where(_MINE, message.c.state == "claimed", _WANTED.exists()).values(state="handing", state_at=_NOW)
)
_HANDED: Final = Prepared(select(message.c.id).where(_MINE, message.c.state == "handing", message.c.state_at == _NOW))


def hand(tx: Transaction, claims: Sequence[Claim], now: datetime) -> set[int]:
    """Mark messages of one claim that were not marked before as being handed over; return the rows that may be.

    The others are another's by now, or their subscription ended after they were claimed.
    """
    rows = [item.row for item in claims]
    if not rows:
        return set()
    values = {"rows": rows, "holder": claims[0].token, "now": now}
    if _HAND.run(tx, **values).rowcount == len(rows):
        return set(rows)
    return set(_HANDED.run(tx, **values).scalars())


def renew(tx: Transaction, lease: Lease) -> None:
    """Prolong the right to everything that a worker holds."""
    mine = (message.c.token == lease.token) & message.c.state.in_(("claimed", "handing"))
    tx.connection.execute(update(message).where(IS_OPEN, mine).values(lease_until=lease.until))


_ENDED: Final = "the subscription is no longer active"
_REPLACED: Final = "a newer state of the feed replaces it"


def _candidates() -> Select[Any]:
    """Return what is due and first in line where the order matters, with what speaks against it."""
    same = (_other.c.subscription_id == message.c.subscription_id) & (_other.c.channel == message.c.channel)
    # A state of a feed that only waits is about to be replaced: it is in nobody's way.
    before = (_other.c.id < message.c.id) & or_(message.c.channel != "feed", _other.c.state != "due")
    ahead = select(_other.c.id).where(text(f"other.state IN {OPEN_STATES}"), same, before)
    newer = select(_other.c.id).where(
        text("message.channel = 'feed'"),
        same,
        _other.c.address == message.c.address,
        _other.c.id > message.c.id,
        _other.c.state.in_(("sent", *OPEN_STATES)),
    )
    state_of = select(subscription.c.state).where(subscription.c.id == message.c.subscription_id).scalar_subquery()
    free = or_(message.c.channel.not_in(REPEATABLE), newer.exists(), ~ahead.exists())
    ready = (message.c.state == "due") & (message.c.next_at <= _NOW)
    found = select(*_FACTS, state_of.label("state_of"), newer.exists().label("replaced")).where(
        IS_OPEN, ready, free, *_open_ways()
    )
    return found.order_by(message.c.next_at, message.c.id).limit(bindparam("most"))


def _open_ways() -> list[Any]:
    resting = select(destination.c.domain).where(
        destination.c.channel == message.c.channel,
        destination.c.domain.in_((message.c.domain, "")),
        destination.c.not_before > _NOW,
    )
    paused = select(relay.c.channel).where(relay.c.paused_until > _NOW)
    return [~resting.exists(), message.c.channel.not_in(paused), message.c.channel.not_in(values_of("closed"))]


_CANDIDATES: Final = _candidates()


def _looked_through(tx: Transaction, wanted: Wanted, now: datetime) -> tuple[list[Row[Any]], list[Row[Any]]]:
    """Return the rows that were looked at, and those to take; looks no further than it has to."""
    most = wanted.limit * _LOOK_AHEAD
    seen, chosen, taken = list[Row[Any]](), list[Row[Any]](), Counter[tuple[str, str]]()
    with tx.connection.execute(_CANDIDATES, {"now": now, "most": most, "closed": [*wanted.closed]}) as found:
        while len(chosen) < wanted.limit and (rows := found.fetchmany(wanted.limit)):
            seen += rows
            for row in rows:
                way = (row.channel, row.domain)
                fits = not row.domain or (taken[way] < wanted.share and way not in wanted.crowded)
                if fits and len(chosen) < wanted.limit and row.state_of == "active" and not row.replaced:
                    taken[way] += 1
                    chosen.append(row)
    return seen, chosen


def _finish(tx: Transaction, rows: Sequence[int], state: str, reason: str, now: datetime) -> set[int]:
    if rows:
        values = {"state": state, "state_at": now, "reason": reason}
        tx.connection.execute(update(message).where(message.c.id.in_(rows)).values(values))
    return set(rows)
