"""Papers by their rows, each read once however many ask for it."""

from collections.abc import Collection
from typing import Final

from sqlalchemy import bindparam, select

from digestbot.ledger.schema import CHUNK, paper
from digestbot.ledger.store import Transaction
from digestbot.models import Paper

_BY_ROW: Final = select(paper.c.id, paper.c.data).where(paper.c.id.in_(bindparam("rows", expanding=True)))


def papers_in(tx: Transaction, rows: Collection[int]) -> dict[int, Paper]:
    """Return the papers in these rows, by row."""
    every = sorted(rows)
    found: dict[int, Paper] = {}
    for start in range(0, len(every), CHUNK):
        for row in tx.connection.execute(_BY_ROW, {"rows": every[start : start + CHUNK]}):
            found[row.id] = Paper.from_dict(row.data)
    return found
