"""How the declared sources did: a verdict for each run, and what each remembers for the next."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import delete, func, select, update

from digestbot.expectations import Look
from digestbot.ledger.schema import source_run, source_state
from digestbot.ledger.store import Transaction
from digestbot.models import Verdict

_KEPT: Final = timedelta(days=400)
"""How long runs are kept: the same days of last year show its holidays."""
_SEEN: Final = 10_000
"""Papers that a source has to have seen to know what is new to it; more than the longest feed."""
_ANSWERED: Final = ("fresh", "quiet", "stale", "partial")


@dataclass(frozen=True, slots=True)
class Memory:
    """What a source remembers."""

    state: Mapping[str, Any]
    seen: tuple[str, ...]
    """Marks of the papers that it gave last, the newest last."""
    begun_at: datetime
    """When it was first asked for what it is asked for now."""
    asked_at: datetime | None = None
    news_at: datetime | None = None
    wait_until: datetime | None = None
    """Until when it wants to be left alone."""


@dataclass(frozen=True, slots=True)
class SourceRun:
    """How a source did in one run."""

    source: str
    at: datetime
    verdict: Verdict
    reason: str
    digests: int = 0
    papers: int = 0
    news: int = 0
    """Papers that were new to it."""


def recall(tx: Transaction, source: str, asked: str, now: datetime) -> Memory:
    """Return what a source remembers; nothing when it was never asked, or for another thing than `asked`."""
    row = tx.connection.execute(select(source_state).where(source_state.c.source == source)).first()
    if row is None or row.asked != asked:
        return Memory({}, (), now)
    moments = {name: getattr(row, name) for name in ("begun_at", "asked_at", "news_at", "wait_until")}
    return Memory(row.state, tuple(row.seen), **moments)


def remember(tx: Transaction, source: str, asked: str, memory: Memory) -> None:
    """Write down what a source has to know the next time."""
    values = {
        "asked": asked,
        "state": dict(memory.state),
        "seen": list(memory.seen[-_SEEN:]),
        "begun_at": memory.begun_at,
        "asked_at": memory.asked_at,
        "news_at": memory.news_at,
        "wait_until": memory.wait_until,
    }
    known = source_state.c.source == source
    if not tx.connection.execute(update(source_state).where(known).values(values)).rowcount:
        tx.connection.execute(source_state.insert().values(source=source, **values))


def record(tx: Transaction, run: SourceRun) -> None:
    """Write down how a run went; runs of long ago are dropped."""
    values = {name: getattr(run, name) for name in SourceRun.__slots__}
    tx.insert(source_run, **values)
    old = (source_run.c.source == run.source) & (source_run.c.at < run.at - _KEPT)
    tx.connection.execute(delete(source_run).where(old))


def looks(tx: Transaction, source: str, since: datetime, until: datetime) -> list[Look]:
    """Return the looks at a source after `since`, up to `until`, that were answered, oldest first."""
    wanted = (source_run.c.source == source) & source_run.c.verdict.in_(_ANSWERED)
    wanted &= (source_run.c.at > since) & (source_run.c.at <= until)
    rows = tx.connection.execute(select(source_run.c.at, source_run.c.news).where(wanted).order_by(source_run.c.at))
    return [Look(row.at, row.news > 0) for row in rows]


def latest(tx: Transaction, sources: Iterable[str]) -> dict[str, SourceRun]:
    """Return the last run of each of these sources; those that have none are left out."""
    newest = select(func.max(source_run.c.id)).group_by(source_run.c.source).scalar_subquery()
    rows = tx.connection.execute(select(*_columns()).where(source_run.c.id.in_(newest)))
    found = {row.source: SourceRun(*row) for row in rows}
    return {name: found[name] for name in sources if name in found}


def _columns() -> Sequence[Any]:
    return [source_run.c[name] for name in SourceRun.__slots__]
