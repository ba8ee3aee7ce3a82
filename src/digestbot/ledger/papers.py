"""One paper, however many digests bring it: records are kept as printed, a paper is the merge of its records.

::

    digest ─papers→ records, each wording once ─group, with every record in reach→ papers, new or changed

Which records are one paper is asked anew of all records in reach whenever one comes. So the papers follow from
the set of records, and the order in which digests were read is lost.
"""

import hashlib
import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence, Set
from dataclasses import dataclass, replace
from datetime import datetime
from functools import reduce
from typing import Any, TypeVar

from sqlalchemy import Select, Table, Text, cast, delete, func, insert, literal, select, update

from digestbot.identity import group, keys, merge, paper_id
from digestbot.ledger import filing, paper_links, paper_updates, records
from digestbot.ledger.schema import CHUNK, card, digest, match, mention, paper, paper_key
from digestbot.ledger.schema import record as record_table
from digestbot.ledger.store import Transaction
from digestbot.models import Paper
from digestbot.updates import facts

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
    """Papers that are new, or that say something else now."""
    new: int
    """How many of them nobody had seen."""


@dataclass(frozen=True, slots=True)
class _Record:
    """One wording of a paper. `paper_row` is 0 for a record that has none yet."""

    row: int
    paper_row: int
    paper: Paper
    first_seen: datetime
    fingerprint: bytes


@dataclass(frozen=True, slots=True)
class _Shelf:
    """One paper as it is to be written down, with its records."""

    row: int
    paper: Paper
    records: tuple[_Record, ...]

    @property
    def first_seen(self) -> datetime:
        return min(item.first_seen for item in self.records)


def record(tx: Transaction, digest_row: int, papers: Sequence[Paper], now: datetime) -> Recorded:
    """Write down the papers of a digest, and find out which papers there are now."""
    prints = [_fingerprint(item) for item in papers]
    rows = _rows_of(tx, prints)
    free = tx.last(record_table) + 1
    new: list[_Record] = []
    for key, item in zip(prints, papers, strict=True):
        if key not in rows:
            rows[key] = free + len(new)
            new.append(_Record(rows[key], 0, item, now, key))
    result = _shelve(tx, new, now) if new else Recorded((), 0)
    tx.connection.execute(delete(mention).where(mention.c.digest_id == digest_row))
    values = [{"digest_id": digest_row, "position": n, "record_id": rows[key]} for n, key in enumerate(prints)]
    _insert(tx, mention, values)
    return result


def seen_since(tx: Transaction, moment: datetime) -> list[StoredPaper]:
    """Return the papers first seen at `moment` or later, in the order in which they came."""
    return _stored(tx, _papers().where(paper.c.first_seen >= moment))


def every(tx: Transaction) -> list[StoredPaper]:
    """Return all papers, in the order in which they came."""
    return _stored(tx, _papers())


def newest(tx: Transaction, most: int) -> list[StoredPaper]:
    """Return the papers that came last, at most so many, the newest first."""
    return _stored(tx, _papers().order_by(None).order_by(paper.c.id.desc()).limit(most))


def find(tx: Transaction, name: str) -> StoredPaper | None:
    """Return the paper with this id, which may be any that a digest gave it."""
    wanted = select(paper_key.c.paper_id).where(paper_key.c.key == name)
    found = _stored(tx, _papers().where((paper.c.canonical == name) | paper.c.id.in_(wanted)))
    return min(found, key=lambda item: (item.paper.id != name, item.row), default=None)


def of_digest(tx: Transaction, digest_row: int) -> list[StoredPaper]:
    """Return the papers that a digest holds, in the order in which they came."""
    rows = select(record_table.c.paper_id).join(mention).where(mention.c.digest_id == digest_row)
    return _stored(tx, _papers().where(paper.c.id.in_(rows)))


def at(tx: Transaction, rows: Sequence[int]) -> list[StoredPaper]:
    """Return the papers in these rows, in the order in which they came."""
    return [item for some in _chunks(rows) for item in _stored(tx, _papers().where(paper.c.id.in_(some)))]


def sources_of(tx: Transaction, rows: Sequence[int]) -> dict[int, tuple[str, ...]]:
    """Return the names of the digests that brought each of these papers, by the paper's row."""
    found: dict[int, list[str]] = {row: [] for row in rows}
    columns = (record_table.c.paper_id, digest.c.source)
    pairs = select(*columns).join(mention, mention.c.record_id == record_table.c.id).join(digest).distinct()
    for some in _chunks(rows):
        wanted = pairs.where(record_table.c.paper_id.in_(some)).order_by(digest.c.source)
        for row in tx.connection.execute(wanted):
            found[row.paper_id].append(row.source)
    return {row: tuple(names) for row, names in found.items()}


def sample(tx: Transaction, most: int) -> list[StoredPaper]:
    """Return at most so many papers, spread evenly over all of them; the same ones while none comes."""
    step = max(1, -(-tx.last(paper) // most))
    return _stored(tx, _papers().where(paper.c.id % step == 0).limit(most))


def count(tx: Transaction) -> int:
    """Return how many papers there are."""
    return tx.connection.scalar(select(func.count()).select_from(paper)) or 0


def _shelve(tx: Transaction, new: Sequence[_Record], now: datetime) -> Recorded:
    """Find the papers that new records make with the records in reach, and write down what that changes."""
    reach = [*_in_reach(tx, [item.paper for item in new]), *new]
    before: dict[int, set[int]] = defaultdict(set)
    for item in reach:
        before[item.paper_row].add(item.row)
    names = _names(tx, before.keys() - {0})
    shelves = _shelves(reach, tx.last(paper) + 1)
    touched = [
        shelf
        for shelf in shelves
        if before.get(shelf.row) != {item.row for item in shelf.records} or names[shelf.row] != shelf.paper.id
    ]
    gone = before.keys() - {0, *(shelf.row for shelf in shelves)}
    _put(tx, touched, before.keys(), gone, now)
    for row in sorted(gone):
        heir = next(shelf for shelf in touched if min(before[row]) in {item.row for item in shelf.records})
        _inherit(tx, row, heir.row)
    _file(tx, touched, gone)
    for some in _chunks(sorted(gone)):
        tx.connection.execute(delete(paper).where(paper.c.id.in_(some)))
    changed = tuple(StoredPaper(shelf.row, shelf.paper, shelf.first_seen) for shelf in touched)
    return Recorded(changed, sum(shelf.row not in before for shelf in touched))


def _shelves(reach: Sequence[_Record], free: int) -> list[_Shelf]:
    """Return the papers that the records make.

    Each keeps the oldest row that one of its records has and no other took; a new one gets a row from `free` on.
    """
    by_paper: dict[Paper, list[_Record]] = defaultdict(list)
    for item in reach:
        by_paper[item.paper].append(item)
    groups = [
        tuple(item for one in dict.fromkeys(members) for item in by_paper[one]) for members in group(list(by_paper))
    ]
    wholes = [reduce(merge, [item.paper for item in members]) for members in groups]
    shared = Counter(map(paper_id, wholes))
    taken: set[int] = set()
    shelves: list[_Shelf] = []
    for members, whole in zip(groups, wholes, strict=True):
        own = sorted({member.paper_row for member in members} - {0, *taken})
        row = own[0] if own else free
        free += not own
        taken.add(row)
        name = paper_id(whole)
        if shared[name] > 1:  # two papers of one title and nothing else, or records that contradict each other
            name += f"~{min(member.fingerprint for member in members).hex()[:12]}"
        shelves.append(_Shelf(row, replace(whole, id=name), members))
    return shelves


def _put(tx: Transaction, touched: Sequence[_Shelf], known: Set[int], gone: Set[int], now: datetime) -> None:
    """Write down papers and their records."""
    values: dict[int, dict[str, Any]] = {
        shelf.row: {
            "id": shelf.row,
            "canonical": shelf.paper.id,
            "data": shelf.paper.as_dict(),
            "first_seen": shelf.first_seen,
            "updated_at": now,
            "facts": records.facts_data(facts(item.paper for item in shelf.records)),
        }
        for shelf in touched
    }
    # Two papers may swap ids; so all let go of theirs first.
    for some in _chunks(sorted(gone | (known & values.keys()))):
        parked = literal("~").concat(cast(paper.c.id, Text))
        tx.connection.execute(update(paper).where(paper.c.id.in_(some)).values(canonical=parked))
    _insert(tx, paper, [facts for row, facts in values.items() if row not in known])
    for row in sorted(known & values.keys()):
        tx.connection.execute(update(paper).where(paper.c.id == row).values(values[row]))
    wordings = [(shelf.row, item) for shelf in touched for item in shelf.records]
    fresh = [
        {
            "id": item.row,
            "paper_id": row,
            "fingerprint": item.fingerprint,
            "data": item.paper.as_dict(),
            "first_seen": item.first_seen,
        }
        for row, item in wordings
        if not item.paper_row
    ]
    _insert(tx, record_table, fresh)
    for row, item in wordings:
        if item.paper_row not in {0, row}:
            tx.connection.execute(update(record_table).where(record_table.c.id == item.row).values(paper_id=row))


def _inherit(tx: Transaction, row: int, heir: int) -> None:
    """Give the promises of a paper that is none of its own any longer to the one that it became."""

    def subscribers(paper_row: int) -> Select[tuple[str]]:
        return select(match.c.subscription_id).where(match.c.paper_id == paper_row)

    kept = subscribers(row).where(match.c.edition_id.is_not(None))
    still_open = (match.c.paper_id == heir) & match.c.edition_id.is_(None)
    tx.connection.execute(delete(match).where(still_open, match.c.subscription_id.in_(kept)))
    doubled = (match.c.paper_id == row) & match.c.subscription_id.in_(subscribers(heir))
    tx.connection.execute(delete(match).where(doubled))
    for table in (match, card):
        tx.connection.execute(update(table).where(table.c.paper_id == row).values(paper_id=heir))
    paper_updates.inherit(tx, row, heir)


def _file(tx: Transaction, touched: Iterable[_Shelf], gone: Iterable[int]) -> None:
    """Write down by which keys these papers are found."""
    for some in _chunks([*(shelf.row for shelf in touched), *gone]):
        tx.connection.execute(delete(paper_key).where(paper_key.c.paper_id.in_(some)))
    filed = {(key, shelf.row) for shelf in touched for item in shelf.records for key in keys(item.paper)}
    _insert(tx, paper_key, [{"key": key, "paper_id": row} for key, row in sorted(filed)])
    filing.unfile(tx.connection, gone)
    filing.file(tx.connection, [(shelf.row, shelf.paper) for shelf in touched])
    paper_links.file(tx.connection, {shelf.row: shelf.paper for shelf in touched}, gone)


def _in_reach(tx: Transaction, papers: Iterable[Paper]) -> list[_Record]:
    """Return every record that shares a key with one of these papers, directly or through others."""
    found: dict[int, list[_Record]] = {}
    asked: set[str] = set()
    waiting = list(papers)
    while waiting:
        wanted = {key for item in waiting for key in keys(item)} - asked
        asked |= wanted
        rows = {
            row
            for some in _chunks(sorted(wanted))
            for row in tx.connection.scalars(select(paper_key.c.paper_id).where(paper_key.c.key.in_(some)))
        }
        new = _records_of(tx, sorted(rows - found.keys()))
        for item in new:
            found.setdefault(item.paper_row, []).append(item)
        waiting = [item.paper for item in new]
    return [item for row in sorted(found) for item in found[row]]


def _records_of(tx: Transaction, rows: Sequence[int]) -> list[_Record]:
    """Return the records of the papers in these rows."""
    order = ("id", "paper_id", "data", "first_seen", "fingerprint")
    columns = select(*(record_table.c[name] for name in order)).order_by(record_table.c.id)
    return [
        _Record(row.id, row.paper_id, Paper.from_dict(row.data), row.first_seen, row.fingerprint)
        for some in _chunks(rows)
        for row in tx.connection.execute(columns.where(record_table.c.paper_id.in_(some)))
    ]


def _rows_of(tx: Transaction, prints: Sequence[bytes]) -> dict[bytes, int]:
    """Return the rows of the records that are known, by fingerprint."""
    columns = select(record_table.c.fingerprint, record_table.c.id)
    return {
        row.fingerprint: row.id
        for some in _chunks(prints)
        for row in tx.connection.execute(columns.where(record_table.c.fingerprint.in_(some)))
    }


def _names(tx: Transaction, rows: Iterable[int]) -> dict[int, str]:
    """Return the ids of the papers in these rows."""
    return {
        row.id: row.canonical
        for some in _chunks(sorted(rows))
        for row in tx.connection.execute(select(paper.c.id, paper.c.canonical).where(paper.c.id.in_(some)))
    }


def _fingerprint(item: Paper) -> bytes:
    text = json.dumps(item.as_dict(), sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode("ascii")).digest()


def _insert(tx: Transaction, table: Table, values: Sequence[dict[str, Any]]) -> None:
    if values:
        tx.connection.execute(insert(table), values)


def _papers() -> Select[tuple[int, Any, datetime]]:
    return select(paper.c.id, paper.c.data, paper.c.first_seen).order_by(paper.c.id)


def _stored(tx: Transaction, statement: Select[tuple[int, Any, datetime]]) -> list[StoredPaper]:
    rows = tx.connection.execute(statement)
    return [StoredPaper(row.id, Paper.from_dict(row.data), row.first_seen) for row in rows]


def _chunks(items: Sequence[_Item]) -> Iterator[Sequence[_Item]]:
    return (items[start : start + CHUNK] for start in range(0, len(items), CHUNK))
