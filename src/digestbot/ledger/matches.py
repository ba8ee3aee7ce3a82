"""Which papers are promised to whom. Open until an edition consumes them, and then never again."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import BindParameter, Text, bindparam, delete, func, select, type_coerce, update
from sqlalchemy.dialects.sqlite import insert

from digestbot.ledger import records, subscriptions
from digestbot.ledger.paper_data import papers_in
from digestbot.ledger.papers import StoredPaper
from digestbot.ledger.schema import CHUNK, match
from digestbot.ledger.statements import PreparedRows
from digestbot.ledger.store import Transaction
from digestbot.ledger.written import hits_text
from digestbot.models import Match

_NAMES: Final[BindParameter[Any]] = bindparam("names", expanding=True)
_IS_OPEN: Final = match.c.subscription_id.in_(_NAMES) & match.c.edition_id.is_(None)
# Made once: to put a statement together costs more than to run it.
_OPEN_PAIRS: Final = select(match.c.subscription_id, match.c.paper_id).where(_IS_OPEN)
_HITS: Final = type_coerce(match.c.hits, Text)
_OPEN: Final = _OPEN_PAIRS.add_columns(_HITS).order_by(match.c.subscription_id, match.c.paper_id)
_COUNTED: Final = (
    select(match.c.subscription_id, func.count()).where(match.c.edition_id.is_(None)).group_by(match.c.subscription_id)
)
_THIS: Final = (match.c.subscription_id == bindparam("of")) & (match.c.paper_id == bindparam("row"))
_CONSUME: Final = PreparedRows(
    update(match).where(_THIS, match.c.edition_id.is_(None)).values(edition_id=bindparam("edition")),
    *("of", "row", "edition"),
)
_INSERT: Final = insert(match)
_ADD: Final = PreparedRows(
    _INSERT.on_conflict_do_update(
        index_elements=[match.c.subscription_id, match.c.paper_id],
        set_={"hits": _INSERT.excluded.hits},
        where=match.c.edition_id.is_(None),
    ),
    *("subscription_id", "paper_id", "hits", "created_at"),
    as_text=["hits"],
)


@dataclass(frozen=True, slots=True)
class OpenMatch:
    """A match that no edition has consumed, with the row of its paper."""

    row: int
    match: Match


def settle(tx: Transaction, papers: Collection[StoredPaper], found: Iterable[Match], now: datetime) -> int:
    """Make the open matches of these papers exactly those that were found; return how many are new.

    What an edition has consumed stays as it is: a paper that changed is not sent again.
    """
    rows = {stored.paper.id: stored.row for stored in papers}
    wanted = {(item.subscription, rows[item.paper.id]): item for item in found}
    before = _pairs(tx, rows.values())
    stale = [pair for pair, is_open in before.items() if is_open and pair not in wanted]
    for subscription, row in stale:
        tx.connection.execute(delete(match).where(match.c.subscription_id == subscription, match.c.paper_id == row))
    add(tx, [OpenMatch(row, item) for (_, row), item in wanted.items()], now)
    return sum(pair not in before for pair in wanted)


def add(tx: Transaction, found: Sequence[OpenMatch], now: datetime) -> None:
    """Write matches down; those that are known and open get the new hits, consumed ones stay."""
    _ADD.run(tx, [(item.match.subscription, item.row, hits_text(item.match.hits), now) for item in found])
    subscriptions.wake(tx, {item.match.subscription for item in found})


def open_for(tx: Transaction, names: Sequence[str]) -> dict[str, list[OpenMatch]]:
    """Return what the next editions of some subscriptions would hold, each in the order in which it came.

    `names` are a few hundred at most. A paper that several of them match is one object, and so are equal hits.
    """
    rows = tx.connection.execute(_OPEN, {"names": list(names)}).all()
    data = papers_in(tx, {row for _, row, _ in rows})
    found: dict[str, list[OpenMatch]] = {name: [] for name in names}
    for name, row, hits in rows:
        found[name].append(OpenMatch(row, Match(name, data[row], records.hits_in(hits))))
    return found


def open_pairs(tx: Transaction, names: Sequence[str]) -> set[tuple[str, int]]:
    """Return which papers, by row, wait for the next editions of some subscriptions, a few hundred at most."""
    return {(name, row) for name, row in tx.connection.execute(_OPEN_PAIRS, {"names": list(names)})}


def open_counts(tx: Transaction, names: Sequence[str] | None = None) -> dict[str, int]:
    """Return how many matches wait for the next edition, by subscription; those without are left out.

    `names` are the ids of the subscriptions that are asked for: all, or a few hundred.
    """
    counted = _COUNTED if names is None else _COUNTED.where(match.c.subscription_id.in_(_NAMES))
    values = {} if names is None else {"names": list(names)}
    return dict(tx.connection.execute(counted, values).all())


def consume(tx: Transaction, taken: Sequence[tuple[str, int, int]]) -> bool:
    """Give papers to editions: each a subscription, the paper's row, the edition's row.

    Return False when one of them is no longer open: then roll back.
    """
    return _CONSUME.run(tx, taken) == len(taken)


def _pairs(tx: Transaction, rows: Iterable[int]) -> dict[tuple[str, int], bool]:
    """Return each subscription and paper that were matched before, and whether that is open still."""
    every = list(rows)
    found: dict[tuple[str, int], bool] = {}
    for start in range(0, len(every), CHUNK):
        columns = (match.c.subscription_id, match.c.paper_id, match.c.edition_id)
        for item in tx.connection.execute(select(*columns).where(match.c.paper_id.in_(every[start : start + CHUNK]))):
            found[item.subscription_id, item.paper_id] = item.edition_id is None
    return found
