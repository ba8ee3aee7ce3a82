"""What came in: each digest once, known by the SHA-256 of its content, with how its source did."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import delete, func, insert, select, update

from digestbot.ledger.schema import digest, reject, source_run
from digestbot.ledger.store import Transaction
from digestbot.models import Reading, Reject, SourceState, Verdict

_UNREMARKABLE: Final = frozenset({"fresh", "quiet"})


@dataclass(frozen=True, slots=True)
class DigestRow:
    """A digest as the ledger remembers it."""

    source: str
    dialect: str
    verdict: Verdict
    reason: str
    date: str | None
    papers: int
    rejects: int
    added_at: datetime
    read_at: datetime


def known(tx: Transaction, sha256: str) -> bool:
    """Return whether a digest with this content was read before, by whatever name."""
    wanted = (digest.c.sha256 == sha256) & (digest.c.verdict != "unreadable")
    return tx.connection.execute(select(digest.c.id).where(wanted)).first() is not None


def record(tx: Transaction, reading: Reading, sha256: str, now: datetime, fetched_from: str = "") -> int:
    """Write down a digest and what of it could not be read; return its row.

    One that was unreadable before is brought up to date: it may be readable now. `fetched_from` names the
    declared source that it came from.
    """
    values: dict[str, Any] = {
        "source": reading.source,
        "dialect": reading.dialect,
        "verdict": reading.verdict,
        "reason": reading.reason,
        "date": None if reading.date is None else str(reading.date),
        "papers": len(reading.papers),
        "rejects": len(reading.rejects),
        "read_at": now,
        "fetched_from": fetched_from or None,
    }
    before = tx.connection.execute(select(digest.c.id).where(digest.c.sha256 == sha256)).first()
    if before is None:
        row = tx.insert(digest, sha256=sha256, added_at=now, **values)
    else:
        row = before.id
        added = {} if reading.verdict == "unreadable" else {"added_at": now}
        tx.connection.execute(update(digest).where(digest.c.id == row).values(values | added))
        tx.connection.execute(delete(reject).where(reject.c.digest_id == row))
    _record_rejects(tx, row, reading.rejects)
    return row


def _record_rejects(tx: Transaction, row: int, rejects: Sequence[Reject]) -> None:
    values = [
        {"digest_id": row, "position": position, "line": item.line, "reason": item.reason, "excerpt": item.excerpt}
        for position, item in enumerate(rejects)
    ]
    if values:
        tx.connection.execute(insert(reject), values)


def faults(tx: Transaction, since: datetime) -> tuple[SourceState, ...]:
    """Return the sources that did not do well when they were last read after `since`, by name.

    A file that was given is a source of its own; what a declared source gave counts in its verdict.
    """
    files = select(digest.c.source, digest.c.verdict, digest.c.reason).where(digest.c.fetched_from.is_(None))
    runs = select(source_run.c.source, source_run.c.verdict, source_run.c.reason)
    rows = [
        *tx.connection.execute(files.where(digest.c.read_at > since).order_by(digest.c.read_at, digest.c.id)),
        *tx.connection.execute(runs.where(source_run.c.at > since).order_by(source_run.c.at, source_run.c.id)),
    ]
    latest = {row.source: SourceState(row.source, row.verdict, row.reason) for row in rows}
    return tuple(latest[name] for name in sorted(latest) if latest[name].verdict not in _UNREMARKABLE)


def count(tx: Transaction, since: datetime) -> int:
    """Return how many digests came in after `since`, unreadable ones not counted."""
    wanted = (digest.c.added_at > since) & (digest.c.verdict != "unreadable")
    return tx.connection.scalar(select(func.count()).where(wanted)) or 0


def latest(tx: Transaction, limit: int = 20) -> list[DigestRow]:
    """Return the digests read last, newest first."""
    columns = [digest.c[name] for name in DigestRow.__slots__]
    rows = tx.connection.execute(select(*columns).order_by(digest.c.read_at.desc(), digest.c.id.desc()).limit(limit))
    return [DigestRow(*row) for row in rows]
