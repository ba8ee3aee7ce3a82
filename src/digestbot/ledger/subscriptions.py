"""Who wants what, as the ledger knows it: declared in files or here, active, suppressed or removed.

A row is never deleted: it remembers which papers were promised, so that a subscription that comes back does
not get them again.
"""

import hashlib
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import datetime
from types import MappingProxyType
from typing import Any, Final, Literal, NamedTuple

from sqlalchemy import Row, and_, bindparam, delete, func, insert, or_, select, text, update

from digestbot.errors import QueryError, SubscriptionError
from digestbot.ledger.schema import CHUNK, Moment, match, paper_update, subscription
from digestbot.ledger.statements import PreparedRows
from digestbot.ledger.store import Transaction
from digestbot.models import Subscription
from digestbot.queries import format_query, parse, typed_clauses
from digestbot.timetable import AT_ONCE, first_look

State = Literal["active", "suppressed", "removed"]
_NO_MACROS: Final[Mapping[str, str]] = MappingProxyType({})
_IS_ACTIVE: Final = text("subscription.state = 'active'")
"""Written out, not as a parameter: only so does SQLite use the indexes that hold the active rows alone."""
_MARKED_TOGETHER: Final = 1 << 16
_MARKED: Final = """
    SELECT group_concat(length(id) || ' ' || length(expanded) || ' ' || id || expanded, '') FROM subscription
    WHERE state = 'active' AND rowid BETWEEN :first AND :last
"""
_FIELDS: Final = tuple(item.name for item in fields(Subscription))
_MATCHED: Final = PreparedRows(
    update(subscription).where(subscription.c.id == bindparam("of")).values(matched=True), "of"
)
_WAKE: Final = PreparedRows(
    update(subscription)
    .where(subscription.c.id == bindparam("of"), subscription.c.next_look.is_(None))
    .values(next_look=AT_ONCE),
    "of",
)
_ANSWERED: Final = func.coalesce(bindparam("answered", type_=Moment), subscription.c.last_due)
_LOOKED: Final = PreparedRows(
    update(subscription)
    .where(subscription.c.id == bindparam("of"))
    .values(last_due=_ANSWERED, next_look=bindparam("look", type_=Moment)),
    *("of", "answered", "look"),
)


@dataclass(frozen=True, slots=True)
class Standing:
    """A subscription and how it stands."""

    subscription: Subscription
    expanded: str
    """The query in canonical form, with named queries written out: what is matched."""
    state: State
    reason: str
    """Why it is suppressed: ``unsubscribed``, ``bounced`` …"""
    created_at: datetime
    last_due: datetime | None
    """The scheduled time that was answered last; None before the first."""
    next_look: datetime | None = None
    """When it may be due next; None while one that goes out at once has nothing to send."""
    typed: Mapping[str, str] = field(default_factory=dict)
    """Clauses as the person typed them, named queries' too, by their canonical form: what an edition shows."""


class _Asked(NamedTuple):
    """A query in canonical form, and its clauses as they were typed."""

    expanded: str
    typed: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Changes:
    """What a look at the subscription files changed, by id."""

    added: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()


def sync(
    tx: Transaction,
    declared: Sequence[Subscription],
    now: datetime,
    keep: Collection[str] = (),
    macros: Mapping[str, str] = _NO_MACROS,
) -> Changes:
    """Make the ledger agree with what the files declare. Files win for what they declare.

    What no file declares any longer is removed, unless its file is in `keep`: a file that could not be read
    says nothing. A suppressed subscription stays suppressed: a person's no outweighs a file.
    """
    known = {standing.subscription.id: standing for standing in _declared(tx, [item.id for item in declared])}
    added = [item for item in declared if _is_gone(known.get(item.id))]
    full = {item.id: _asked(item.query, macros) for item in declared}
    changed = [
        item
        for item in declared
        if not _is_gone(before := known.get(item.id))
        and before is not None
        and (before.subscription != item or (before.expanded, before.typed) != full[item.id])
    ]
    for item in [*added, *changed]:
        _write(tx, item, full[item.id], known.get(item.id), now)
    here = {item.id for item in declared}
    gone = [
        name
        for name, standing in known.items()
        if name not in here
        and standing.state != "removed"
        and standing.subscription.origin
        and standing.subscription.origin not in keep
    ]
    for name in gone:
        remove(tx, name, now)
    return Changes(_ids(added), _ids(changed), tuple(gone))


def put(tx: Transaction, item: Subscription, now: datetime, macros: Mapping[str, str] = _NO_MACROS) -> None:
    """Add or change a subscription that lives in the ledger alone. `macros` are the named queries that it may use.

    Raises SubscriptionError when a file declares it: that file has to be changed.
    """
    standing = get(tx, item.id)
    if standing is not None and standing.state != "removed" and standing.subscription.origin:
        raise SubscriptionError(f"{item.id} is declared here; change it here", path=standing.subscription.origin)
    _write(tx, item, _asked(item.query, macros), standing, now)


def remove(tx: Transaction, name: str, now: datetime) -> bool:
    """Remove a subscription: what is open goes, what it was promised stays. Return whether it was there."""
    _drop_open_matches(tx, name)
    _drop_open_updates(tx, name)
    return _set_state(tx, name, "removed", "", now)


def suppress(tx: Transaction, name: str, reason: str, now: datetime) -> bool:
    """Send nothing more to a subscription, not even what is in the outbox. Return whether it was there."""
    return _set_state(tx, name, "suppressed", reason, now)


def resume(tx: Transaction, name: str, now: datetime) -> bool:
    """Undo `suppress`: it gets what came in meanwhile, as if its query were new. Return whether it was there."""
    tx.connection.execute(update(subscription).where(subscription.c.id == name).values(matched=False))
    return _set_state(tx, name, "active", "", now)


def get(tx: Transaction, name: str) -> Standing | None:
    """Return a subscription by its id, whatever its state."""
    row = tx.connection.execute(select(subscription).where(subscription.c.id == name)).first()
    return None if row is None else _standing(row)


def listing(tx: Transaction) -> list[Standing]:
    """Return all subscriptions by id, the removed ones too."""
    return [_standing(row) for row in tx.connection.execute(select(subscription).order_by(subscription.c.id))]


def active(tx: Transaction) -> list[Standing]:
    """Return the subscriptions that get editions, by id."""
    return [standing for standing in listing(tx) if standing.state == "active"]


def count_active(tx: Transaction, most: int | None = None) -> int:
    """Return how many subscriptions get editions; with `most`, that many when it is more: it counts no further."""
    counted = select(subscription.c.id).where(_IS_ACTIVE).limit(most).subquery()
    return tx.connection.scalar(select(func.count()).select_from(counted)) or 0


def asked(tx: Transaction) -> Iterator[tuple[str, str]]:
    """Yield the id of every subscription that gets editions, and its query in canonical form."""
    wanted = select(subscription.c.id, subscription.c.expanded).where(subscription.c.state == "active")
    yield from tx.connection.execution_options(yield_per=CHUNK).execute(wanted)


def mark(tx: Transaction) -> str:
    """Return a text that is another one whenever `asked` yields something else: a checksum, joined by the database.

    It may change as well when only the order does in which the rows lie.
    """
    checksum = hashlib.blake2b(digest_size=32)
    last = tx.connection.scalar(text("SELECT max(rowid) FROM subscription")) or 0
    for start in range(0, last + 1, _MARKED_TOGETHER):
        some = tx.connection.scalar(text(_MARKED), {"first": start, "last": start + _MARKED_TOGETHER - 1})
        checksum.update((some or "").encode("utf-8", "surrogatepass"))
    return checksum.hexdigest()


def unmatched(tx: Transaction) -> list[Standing]:
    """Return the active subscriptions whose query is new or changed since `set_matched`, by id."""
    new = text("subscription.matched = 0")
    rows = tx.connection.execute(select(subscription).where(_IS_ACTIVE, new).order_by(subscription.c.id))
    return [_standing(row) for row in rows]


def to_look_at(tx: Transaction, now: datetime, after: Standing | None = None, limit: int = CHUNK) -> list[Standing]:
    """Return the active subscriptions that may be due at `now`, longest due first, from behind `after` on.

    A range of an index, whatever the number of subscriptions.
    """
    place = (subscription.c.next_look, subscription.c.id)
    wanted = select(subscription).where(_IS_ACTIVE, place[0] <= now)
    if after is not None:
        moment, name = after.next_look, after.subscription.id
        wanted = wanted.where(place[0] >= moment, or_(place[0] > moment, and_(place[0] == moment, place[1] > name)))
    return [_standing(row) for row in tx.connection.execute(wanted.order_by(*place).limit(limit))]


def set_matched(tx: Transaction, names: Iterable[str]) -> None:
    """Remember that these were held against the papers that are here."""
    _MATCHED.run(tx, [(name,) for name in names])


def set_looked(tx: Transaction, looked: Iterable[tuple[str, datetime | None, datetime | None]]) -> None:
    """Remember of each when to look again, and the scheduled time it has answered, when it has answered one."""
    _LOOKED.run(tx, list(looked))


def wake(tx: Transaction, names: Collection[str]) -> None:
    """Look at these as soon as possible, where they wait for something to come."""
    _WAKE.run(tx, [(name,) for name in names])


def _declared(tx: Transaction, names: Sequence[str]) -> list[Standing]:
    """Return the subscriptions of files, and those with one of these ids."""
    rows = {row.id: row for row in tx.connection.execute(select(subscription).where(subscription.c.origin != ""))}
    for start in range(0, len(names), CHUNK):
        wanted = select(subscription).where(subscription.c.id.in_(names[start : start + CHUNK]))
        rows |= {row.id: row for row in tx.connection.execute(wanted)}
    return [_standing(rows[name]) for name in sorted(rows)]


def _asked(query: str, macros: Mapping[str, str]) -> _Asked:
    """Return what a query asks; one that cannot be read stays as it is, and is told when it is matched."""
    try:
        return _Asked(format_query(parse(query, macros)), typed_clauses(query, macros))
    except QueryError:
        return _Asked(query, {})


def _write(tx: Transaction, item: Subscription, asked: _Asked, before: Standing | None, now: datetime) -> None:
    values: dict[str, Any] = {name: getattr(item, name) for name in _FIELDS}
    last_due = before.last_due if before else None
    values |= {"expanded": asked.expanded, "typed": dict(asked.typed)}
    values |= {"changed_at": now, "next_look": first_look(item, last_due)}
    if before is None:
        fresh = {"state": "active", "reason": "", "matched": False, "created_at": now}
        tx.connection.execute(insert(subscription).values(values | fresh))
        return
    if before.state == "removed":
        values |= {"state": "active", "reason": ""}
    if before.state == "removed" or before.expanded != asked.expanded:
        values |= {"matched": False}
        _drop_open_matches(tx, item.id)
    if before.subscription.updates != item.updates:
        _drop_open_updates(tx, item.id, item.updates)
    tx.connection.execute(update(subscription).where(subscription.c.id == item.id).values(values))


def _set_state(tx: Transaction, name: str, state: State, reason: str, now: datetime) -> bool:
    values = {"state": state, "reason": reason, "changed_at": now}
    return tx.connection.execute(update(subscription).where(subscription.c.id == name).values(values)).rowcount > 0


def _drop_open_matches(tx: Transaction, name: str) -> None:
    tx.connection.execute(delete(match).where(match.c.subscription_id == name, match.c.edition_id.is_(None)))


def _drop_open_updates(tx: Transaction, name: str, kinds: Collection[str] = ()) -> None:
    """Drop what is open for a subscription and of none of these kinds."""
    mine = (paper_update.c.subscription_id == name) & paper_update.c.edition_id.is_(None)
    kept = (*kinds, "withdrawn") if kinds else ()
    tx.connection.execute(delete(paper_update).where(mine, paper_update.c.kind.not_in(kept)))


def _is_gone(standing: Standing | None) -> bool:
    return standing is None or standing.state == "removed"


def _ids(items: Iterable[Subscription]) -> tuple[str, ...]:
    return tuple(item.id for item in items)


def _standing(row: Row[Any]) -> Standing:
    values = row._mapping
    item = Subscription(**{name: values[name] for name in _FIELDS})
    facts = {name: values[name] for name in ("expanded", "state", "reason", "created_at", "last_due", "next_look")}
    return Standing(item, **facts, typed=values["typed"] or {})
