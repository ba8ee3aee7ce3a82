"""Papers by their rows, each read once however many ask for it, and in whatever batch."""

from collections.abc import Collection
from typing import Final

from sqlalchemy import Text, bindparam, select, type_coerce

from digestbot.ledger import records
from digestbot.ledger.schema import CHUNK, paper
from digestbot.ledger.store import Transaction
from digestbot.models import Paper

_BY_ROW: Final = select(paper.c.id, type_coerce(paper.c.data, Text)).where(
    paper.c.id.in_(bindparam("rows", expanding=True))
)


def papers_in(tx: Transaction, rows: Collection[int]) -> dict[int, Paper]:
    """Return the papers in these rows, by row."""
    every = sorted(rows)
    found: dict[int, Paper] = {}
    for start in range(0, len(every), CHUNK):
        for row, text in tx.connection.execute(_BY_ROW, {"rows": every[start : start + CHUNK]}):
            found[row] = records.paper_in(text)
    return found
