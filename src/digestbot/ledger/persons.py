"""What the ledger holds of one person: to be given to them, and to be forgotten when they ask for it.

Which rows are a person's follows from the schema itself: their subscriptions, all that refers to these, and all that
names their address. So a table that is added later is found as well. Papers and digests are nobody's.
"""

from collections.abc import Collection, Iterator
from typing import Any

from sqlalchemy import ColumnElement, Table, delete, false, func, or_, select

from digestbot.addresses import parse_mailbox
from digestbot.ledger.schema import metadata, paper, subscription
from digestbot.ledger.store import Transaction


def subscriptions_of(tx: Transaction, who: str) -> list[tuple[str, str]]:
    """Return the subscriptions of a mail address, or the one with this id, whatever their state: id and origin.

    The origin is the file that declares it; empty when it lives in the ledger alone.
    """
    columns = (subscription.c.id, subscription.c.origin, subscription.c.address)
    near = (subscription.c.id == who) | func.lower(subscription.c.address).contains(who.lower(), autoescape=True)
    rows = tx.connection.execute(select(*columns).where(near).order_by(subscription.c.id))
    return [(row.id, row.origin) for row in rows if row.id == who or _address(row.address) == _address(who)]


def everything(tx: Transaction, names: Collection[str], address: str) -> dict[str, list[dict[str, Any]]]:
    """Return all rows of the subscriptions with these ids and of an address, by table."""
    found: dict[str, list[dict[str, Any]]] = {}
    for table, theirs in _owned(names, address):
        keys = list(table.primary_key.columns)
        rows = [dict(row._mapping) for row in tx.connection.execute(select(table).where(theirs).order_by(*keys))]
        found |= {table.name: rows} if rows else {}
    return found


def forget(tx: Transaction, names: Collection[str], address: str) -> dict[str, int]:
    """Delete all that `everything` returns; return how many rows of each table went."""
    counts = {}
    for table, theirs in reversed(list(_owned(names, address))):
        counts[table.name] = tx.connection.execute(delete(table).where(theirs)).rowcount
    return {name: count for name, count in counts.items() if count}


def _owned(names: Collection[str], address: str) -> Iterator[tuple[Table, ColumnElement[bool]]]:
    """Yield each table that can hold something of a person, with which of its rows; what refers to others, later."""
    owned: dict[str, ColumnElement[bool]] = {subscription.name: subscription.c.id.in_(names)}
    yield subscription, owned[subscription.name]
    for table in metadata.sorted_tables:
        if table in (subscription, paper):
            continue
        theirs: list[ColumnElement[bool]] = []
        for key in table.foreign_keys:
            if key.column.table.name in owned:
                inside = select(key.column).where(owned[key.column.table.name])
                theirs.append(key.parent.in_(inside))
        if "address" in table.c and address:
            theirs.append(func.lower(table.c.address) == _address(address))
        if theirs:
            owned[table.name] = or_(false(), *theirs)
            yield table, owned[table.name]


def _address(text: str) -> str:
    """Return the bare address in lower case; a text that is none, as it is."""
    try:
        return parse_mailbox(text).spec.lower()
    except ValueError:
        return text.lower()
