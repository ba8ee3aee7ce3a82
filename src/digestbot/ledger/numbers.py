"""The ledger in numbers, for those who watch over it: how much there is, how old it is, and what waits."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Column, func, select, text

from digestbot.ledger.schema import OPEN_STATES, edition, match, message, paper, source_run, source_state, subscription
from digestbot.ledger.store import Transaction
from digestbot.models import Verdict

_IS_OPEN = text(f"message.state IN {OPEN_STATES}")


@dataclass(frozen=True, slots=True)
class SourceNumbers:
    """How a declared source did last."""

    source: str
    verdict: Verdict
    asked_at: datetime
    news_at: datetime | None
    """When it last had something new."""


@dataclass(frozen=True, slots=True)
class Numbers:
    """Counts and moments; nothing that names a person."""

    papers: int
    newest_paper: datetime | None
    subscriptions: dict[str, int]
    """By state."""
    open_matches: int
    editions: int
    newest_edition: datetime | None
    messages: dict[str, int]
    """By state."""
    oldest_waiting: datetime | None
    """When the oldest message that is due, on its way or in doubt was made."""
    next_look: datetime | None
    """When the subscription that is due first is to be looked at."""
    sources: tuple[SourceNumbers, ...]


def numbers(tx: Transaction) -> Numbers:
    """Return how everything stands."""
    ask = tx.connection.scalar
    return Numbers(
        papers=ask(select(func.count()).select_from(paper)) or 0,
        newest_paper=ask(select(func.max(paper.c.first_seen))),
        subscriptions=_by(tx, subscription.c.state),
        open_matches=ask(select(func.count()).select_from(match).where(match.c.edition_id.is_(None))) or 0,
        editions=ask(select(func.count()).select_from(edition)) or 0,
        newest_edition=ask(select(func.max(edition.c.created_at))),
        messages=_by(tx, message.c.state),
        oldest_waiting=ask(select(func.min(message.c.created_at)).where(_IS_OPEN)),
        next_look=ask(select(func.min(subscription.c.next_look)).where(text("subscription.state = 'active'"))),
        sources=_sources(tx),
    )


def _by(tx: Transaction, state: Column[str]) -> dict[str, int]:
    return {row[0]: row[1] for row in tx.connection.execute(select(state, func.count()).group_by(state))}


def _sources(tx: Transaction) -> tuple[SourceNumbers, ...]:
    newest = select(func.max(source_run.c.id)).group_by(source_run.c.source)
    rows = tx.connection.execute(
        select(source_run.c.source, source_run.c.verdict, source_run.c.at, source_state.c.news_at)
        .join(source_state, source_state.c.source == source_run.c.source)
        .where(source_run.c.id.in_(newest))
        .order_by(source_run.c.source)
    )
    return tuple(SourceNumbers(row.source, row.verdict, row.at, row.news_at) for row in rows)
