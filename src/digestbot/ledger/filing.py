"""A coarse index of the stored papers' words: SQLite's FTS5, filled with what `matching.sieve` says, without the text.

Where SQLite was built without FTS5 there is no index, and nobody finds less: a paper that is not filed, or was filed by
other rules, is a candidate of every query. A paper that changes is filed under a new number; what stood under the old
one leads nowhere.
"""

from collections.abc import Iterable, Sequence
from typing import Final

from sqlalchemy import Connection, and_, delete, func, insert, select

from digestbot.ledger.schema import CHUNK, filing, paper
from digestbot.matching.sieve import FORM, Filed, filed_under
from digestbot.models import Paper

INDEX: Final = "paper_words"
_COLUMNS: Final = ", ".join(Filed._fields)
MAKE: Final = (
    f"CREATE VIRTUAL TABLE IF NOT EXISTS {INDEX} "
    f"USING fts5({_COLUMNS}, content='', columnsize=0, tokenize=\"ascii tokenchars '_'\")"
)
VOCABULARY: Final = "paper_vocabulary"
_SHOW_WORDS: Final = f"CREATE VIRTUAL TABLE IF NOT EXISTS {VOCABULARY} USING fts5vocab({INDEX}, 'col')"
FILL: Final = f"INSERT INTO {INDEX} (rowid, {_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?)"  # noqa: S608 (our own names)


def make(connection: Connection) -> None:
    """Make the index, where SQLite can."""
    if _has_fts5(connection):
        connection.exec_driver_sql(MAKE)
        connection.exec_driver_sql(_SHOW_WORDS)


def is_there(connection: Connection) -> bool:
    """Return whether papers are filed in this ledger, and this SQLite can look them up."""
    known = connection.exec_driver_sql("SELECT 1 FROM sqlite_master WHERE name = ?", (INDEX,)).first()
    return known is not None and _has_fts5(connection)


def file(connection: Connection, papers: Sequence[tuple[int, Paper]]) -> None:
    """File papers, given with their rows, in place of what they were filed under before."""
    unfile(connection, [row for row, _ in papers])
    if not papers or not is_there(connection):
        return
    numbered = list(enumerate(papers, _last(connection) + 1))
    connection.exec_driver_sql(FILL, [(number, *filed_under(item)) for number, (_, item) in numbered])
    facts = [{"id": number, "paper_id": row, "form": FORM} for number, (row, _) in numbered]
    connection.execute(insert(filing), facts)


def unfile(connection: Connection, rows: Iterable[int]) -> None:
    """Forget what the papers in these rows were filed under."""
    every = sorted(rows)
    for start in range(0, len(every), CHUNK):
        connection.execute(delete(filing).where(filing.c.paper_id.in_(every[start : start + CHUNK])))


def file_the_rest(connection: Connection) -> None:
    """File every paper that is not filed yet, or was filed by other rules."""
    if not is_there(connection):
        return
    while rows := unfiled(connection, CHUNK):
        stored = connection.execute(select(paper.c.id, paper.c.data).where(paper.c.id.in_(rows)))
        file(connection, [(row.id, Paper.from_dict(row.data)) for row in stored])


def unfiled(connection: Connection, most: int = -1) -> list[int]:
    """Return the rows of the papers that are not filed by the rules of now, at most so many."""
    filed = connection.scalar(select(func.count()).where(filing.c.form == FORM))
    if filed == connection.scalar(select(func.count()).select_from(paper)):
        return []  # the usual case, and soon known
    ours = and_(filing.c.paper_id == paper.c.id, filing.c.form == FORM)
    missing = select(paper.c.id).outerjoin(filing, ours).where(filing.c.id.is_(None))
    return list(connection.scalars(missing.order_by(paper.c.id).limit(most)))


def _last(connection: Connection) -> int:
    """Return the last number that was given, also when nothing stands under it any longer."""
    row = connection.exec_driver_sql("SELECT seq FROM sqlite_sequence WHERE name = 'filing'").first()
    return 0 if row is None else int(row[0])


def _has_fts5(connection: Connection) -> bool:
    return connection.exec_driver_sql("SELECT 1 FROM pragma_module_list WHERE name = 'fts5'").first() is not None
