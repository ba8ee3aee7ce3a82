"""The stored papers as something to search: which of them a query may match, and which words they hold."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Final

from sqlalchemy import ColumnElement, Connection, func, select, text

from digestbot.ledger import filing
from digestbot.ledger.papers import StoredPaper
from digestbot.ledger.schema import CHUNK, paper
from digestbot.ledger.store import Transaction
from digestbot.matching.sieve import FORM, expression
from digestbot.models import Paper
from digestbot.queries import Query, evaluate
from digestbot.queries.nodes import Phrase
from digestbot.text import fold

_SEARCH: Final = text(
    f"SELECT paper_id FROM filing WHERE form = :form AND id IN "  # noqa: S608 (our own names)
    f"(SELECT rowid FROM {filing.INDEX} WHERE {filing.INDEX} MATCH :expression)"
)
_VOCABULARY: Final = (
    f"SELECT term, doc FROM {filing.VOCABULARY} "  # noqa: S608 (our own names)
    "WHERE col = 'words' AND term >= :first AND term < :end AND length(term) BETWEEN :shortest AND :longest"
)


@dataclass(frozen=True, slots=True)
class Span:
    """Papers first seen from `since` to before `until`; both are aware."""

    since: datetime
    until: datetime

    def holds(self) -> ColumnElement[bool]:
        """Return the condition of such a paper."""
        return (paper.c.first_seen >= self.since) & (paper.c.first_seen < self.until)


def candidates(tx: Transaction, query: Query, span: Span) -> Iterator[StoredPaper]:
    """Yield the papers of a span that `query` may match, newest first.

    Every paper that it does match is among them; `queries.evaluate` has the last word. They are read as they are
    asked for, so whoever has seen enough may stop.
    """
    wanted = select(paper.c.id, paper.c.data, paper.c.first_seen).where(span.holds()).order_by(paper.c.id.desc())
    found = _found(tx.connection, query)
    chunks = [wanted] if found is None else (wanted.where(paper.c.id.in_(some)) for some in _chunks(found))
    for statement in chunks:
        rows = tx.connection.execute(statement)
        while some := rows.fetchmany(CHUNK):
            yield from (StoredPaper(row.id, Paper.from_dict(row.data), row.first_seen) for row in some)


def titled(tx: Transaction, words: str) -> list[StoredPaper]:
    """Return the papers whose title holds these words next to each other, newest first."""
    asked = tuple(fold(words).split())
    if not asked:
        return []
    everything = Span(datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC))
    wanted = Phrase(asked, "title")
    return [stored for stored in candidates(tx, wanted, everything) if evaluate(wanted, stored.paper)]


def seen_by_day(tx: Transaction, span: Span) -> dict[date, int]:
    """Return how many papers were first seen on each day of a span, in UTC, oldest first; days without are left out."""
    day = func.date(paper.c.first_seen)
    counted = select(day, func.count()).where(span.holds()).group_by(day).order_by(day)
    return {date.fromisoformat(row[0]): row[1] for row in tx.connection.execute(counted)}


def words_like(tx: Transaction, word: str) -> dict[str, int]:
    """Return words of the stored papers that `word` may be a slip of, and in about how many papers each stands.

    They begin with the same letter and are as long, give or take two; none are known where there is no index.
    """
    if not filing.is_there(tx.connection):
        return {}
    bare = word.rstrip("*")
    limits = {"first": bare[:1], "end": chr(ord(bare[0]) + 1), "shortest": len(bare) - 2, "longest": len(bare) + 2}
    return {row.term: row.doc for row in tx.connection.execute(text(_VOCABULARY), limits)}


def _found(connection: Connection, query: Query) -> list[int] | None:
    """Return the rows that the index finds or does not know, the last first; None when all have to be looked at."""
    search = expression(query)
    if search is None or not filing.is_there(connection):
        return None
    rows = connection.execute(_SEARCH, {"expression": search, "form": FORM})
    return sorted({*rows.scalars(), *filing.unfiled(connection)}, reverse=True)


def _chunks(rows: Sequence[int]) -> Iterator[Sequence[int]]:
    return (rows[start : start + CHUNK] for start in range(0, len(rows), CHUNK))
