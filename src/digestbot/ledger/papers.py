"""One paper, however many digests bring it: records are kept as printed, a paper is the merge of its records.

::

    digest ─papers→ records, each wording once ─group, with every record in reach→ papers, new or changed
"""

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import Select, Table, delete, func, insert, select, update

from digestbot.ledger import grouping
from digestbot.ledger.schema import CHUNK, card, match, mention, paper, paper_alias, paper_title
from digestbot.ledger.schema import record as record_table
from digestbot.ledger.store import Transaction
from digestbot.models import Paper

_Item = TypeVar("_Item")


@dataclass(frozen=True, slots=True)
class StoredPaper:
    """A paper and its row."""

    row: int
    paper: Paper
    first_seen: datetime


@dataclass(frozen=True, slots=True)
class Recorded:
    """What a digest's papers changed."""

    changed: tuple[StoredPaper, ...]
    """Papers that are new or read differently now."""
    new: int
    """How many of them nobody had seen."""


@dataclass(frozen=True, slots=True)
class _Record:
    """One wording of a paper. `paper_row` is 0 for a record that has none yet."""

    row: int
    paper_row: int
    paper: Paper
    first_seen: datetime


def record(tx: Transaction, digest_row: int, papers: Sequence[Paper], now: datetime) -> Recorded:
    """Write down the papers of a digest, and find out which papers there are now."""
    prints = [_fingerprint(item) for item in papers]
    known = _rows_of(tx, prints)
    fresh = {key: item for key, item in zip(prints, papers, strict=True) if key not in known}
    start = _last(tx, record_table) + 1
    new = [_Record(row, 0, item, now) for row, item in enumerate(fresh.values(), start)]
    known |= {key: item.row for key, item in zip(fresh, new, strict=True)}
    result = _shelve(tx, new, list(fresh), now) if new else Recorded((), 0)
    mentions = [
        {"digest_id": digest_row, "position": position, "record_id": known[key]} for position, key in enumerate(prints)
    ]
    if mentions:
        tx.connection.execute(delete(mention).where(mention.c.digest_id == digest_row))
        tx.connection.execute(insert(mention), mentions)
    return result


def seen_since(tx: Transaction, moment: datetime) -> list[StoredPaper]:
    """Return the papers first seen at `moment` or later, in the order in which they came."""
    return _stored(tx, _papers().where(paper.c.first_seen >= moment))


def every(tx: Transaction) -> list[StoredPaper]:
    """Return all papers, in the order in which they came."""
    return _stored(tx, _papers())


def find(tx: Transaction, name: str) -> StoredPaper | None:
    """Return the paper with this id, which may be any that a digest gave it."""
    wanted = select(paper_alias.c.paper_id).where(paper_alias.c.alias == name)
    found = _stored(tx, _papers().where((paper.c.canonical == name) | paper.c.id.in_(wanted)).limit(1))
    return found[0] if found else None


def count(tx: Transaction) -> int:
    """Return how many papers there are."""
    return tx.connection.scalar(select(func.count()).select_from(paper)) or 0


def _shelve(tx: Transaction, new: Sequence[_Record], prints: Sequence[bytes], now: datetime) -> Recorded:
    """Find the papers that new records make with the records in reach, and write down what that changes."""
    reach = [*_in_reach(tx, [item.paper for item in new]), *new]
    groups = [[reach[n] for n in members] for members in grouping.group([item.paper for item in reach])]
    before: dict[int, set[int]] = defaultdict(set)
    for item in reach:
        before[item.paper_row].add(item.row)
    rows = _rows_for(groups, _last(tx, paper) + 1)
    touched = {
        row: members
        for row, members in zip(rows, groups, strict=True)
        if {item.row for item in members} != before.get(row)
    }
    changed = [_put(tx, row, members, now, is_new=row not in before) for row, members in touched.items()]
    _add_records(tx, touched, dict(zip((item.row for item in new), prints, strict=True)))
    _move_records(tx, touched)
    dropped = before.keys() - {0, *rows}
    for row in sorted(dropped):
        heir = next(new_row for new_row, members in touched.items() if min(before[row]) in {m.row for m in members})
        _inherit(tx, row, heir)
    _index(tx, touched, dropped)
    for row in dropped:
        tx.connection.execute(delete(paper).where(paper.c.id == row))
    return Recorded(tuple(changed), sum(row not in before for row in touched))


def _rows_for(groups: Sequence[Sequence[_Record]], free: int) -> list[int]:
    """Return the row of each group: the oldest that one of its records has and no other group took, or a free one."""
    taken: list[int] = []
    for members in groups:
        own = sorted({item.paper_row for item in members} - {0, *taken})
        taken.append(own[0] if own else free)
        free += not own
    return taken


def _put(tx: Transaction, row: int, members: Sequence[_Record], now: datetime, *, is_new: bool) -> StoredPaper:
    item = grouping.whole([member.paper for member in members])
    first_seen = min(member.first_seen for member in members)
    values = {"canonical": item.id, "data": item.as_dict(), "first_seen": first_seen, "updated_at": now}
    change = insert(paper).values(id=row) if is_new else update(paper).where(paper.c.id == row)
    tx.connection.execute(change.values(values))
    return StoredPaper(row, item, first_seen)


def _add_records(tx: Transaction, touched: Mapping[int, Sequence[_Record]], prints: Mapping[int, bytes]) -> None:
    values = [
        {
            "id": item.row,
            "paper_id": row,
            "fingerprint": prints[item.row],
            "data": item.paper.as_dict(),
            "first_seen": item.first_seen,
        }
        for row, members in touched.items()
        for item in members
        if item.row in prints
    ]
    tx.connection.execute(insert(record_table), values)


def _move_records(tx: Transaction, touched: Mapping[int, Sequence[_Record]]) -> None:
    for row, members in touched.items():
        for item in members:
            if item.paper_row not in {0, row}:
                tx.connection.execute(update(record_table).where(record_table.c.id == item.row).values(paper_id=row))


def _inherit(tx: Transaction, row: int, heir: int) -> None:
    """Give the promises of a paper that is none of its own any longer to the one it became."""

    def of(paper_row: int, *, consumed: bool) -> Select[tuple[str]]:
        there = select(match.c.subscription_id).where(match.c.paper_id == paper_row)
        return there.where(match.c.edition_id.is_not(None)) if consumed else there

    still_open = (match.c.paper_id == heir) & match.c.edition_id.is_(None)
    tx.connection.execute(delete(match).where(still_open, match.c.subscription_id.in_(of(row, consumed=True))))
    doubled = (match.c.paper_id == row) & match.c.subscription_id.in_(of(heir, consumed=False))
    tx.connection.execute(delete(match).where(doubled))
    for table in (match, card):
        tx.connection.execute(update(table).where(table.c.paper_id == row).values(paper_id=heir))


def _index(tx: Transaction, touched: Mapping[int, Sequence[_Record]], dropped: Iterable[int]) -> None:
    """Write down by which ids and titles these papers are found."""
    for rows in _chunks([*touched, *dropped]):
        for table in (paper_alias, paper_title):
            tx.connection.execute(delete(table).where(table.c.paper_id.in_(rows)))
    names: dict[str, int] = {}
    titles: dict[tuple[str, int], None] = {}
    for row, members in touched.items():
        for item in members:
            names |= dict.fromkeys(grouping.strong_aliases(item.paper), row)
            titles[grouping.title_of(item.paper), row] = None
    if names:
        values = [{"alias": name, "paper_id": row} for name, row in names.items()]
        tx.connection.execute(insert(paper_alias), values)
    values = [{"title_key": title, "paper_id": row} for title, row in titles]
    tx.connection.execute(insert(paper_title), values)


def _in_reach(tx: Transaction, papers: Iterable[Paper]) -> list[_Record]:
    """Return every record that could be one of these papers, by an id or a title, directly or over others."""
    found: dict[int, list[_Record]] = {}
    waiting = list(papers)
    names: set[str] = set()
    titles: set[str] = set()
    while waiting:
        more_names = {name for item in waiting for name in grouping.strong_aliases(item)} - names
        more_titles = {grouping.title_of(item) for item in waiting} - titles
        names |= more_names
        titles |= more_titles
        rows = {
            row
            for column, wanted, owner in (
                (paper_alias.c.alias, more_names, paper_alias.c.paper_id),
                (paper_title.c.title_key, more_titles, paper_title.c.paper_id),
            )
            for some in _chunks(sorted(wanted))
            for row in tx.connection.scalars(select(owner).where(column.in_(some)))
        }
        new = _records_of(tx, sorted(rows - found.keys()))
        for item in new:
            found.setdefault(item.paper_row, []).append(item)
        waiting = [item.paper for item in new]
    return [item for row in sorted(found) for item in found[row]]


def _records_of(tx: Transaction, paper_rows: Sequence[int]) -> list[_Record]:
    columns = (record_table.c.id, record_table.c.paper_id, record_table.c.data, record_table.c.first_seen)
    return [
        _Record(row.id, row.paper_id, Paper.from_dict(row.data), row.first_seen)
        for some in _chunks(paper_rows)
        for row in tx.connection.execute(
            select(*columns).where(record_table.c.paper_id.in_(some)).order_by(record_table.c.id)
        )
    ]


def _rows_of(tx: Transaction, prints: Sequence[bytes]) -> dict[bytes, int]:
    """Return the rows of the records that are known, by fingerprint."""
    columns = (record_table.c.fingerprint, record_table.c.id)
    return {
        row.fingerprint: row.id
        for some in _chunks(prints)
        for row in tx.connection.execute(select(*columns).where(record_table.c.fingerprint.in_(some)))
    }


def _fingerprint(item: Paper) -> bytes:
    text = json.dumps(item.as_dict(), sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode("ascii")).digest()


def _last(tx: Transaction, table: Table) -> int:
    return tx.connection.scalar(select(func.max(table.c.id))) or 0


def _papers() -> Select[tuple[int, Any, datetime]]:
    return select(paper.c.id, paper.c.data, paper.c.first_seen).order_by(paper.c.id)


def _stored(tx: Transaction, statement: Select[tuple[int, Any, datetime]]) -> list[StoredPaper]:
    rows = tx.connection.execute(statement)
    return [StoredPaper(row.id, Paper.from_dict(row.data), row.first_seen) for row in rows]


def _chunks(items: Sequence[_Item]) -> Iterator[Sequence[_Item]]:
    return (items[start : start + CHUNK] for start in range(0, len(items), CHUNK))
