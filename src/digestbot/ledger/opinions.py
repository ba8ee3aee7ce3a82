"""What people think of papers, and what was learned from it: one opinion a subscription and paper, the last one given.

An opinion keeps the title and abstract that it is about. So a library brings no papers that could go out as new ones,
and what was learned does not change when a paper is merged with another.
"""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import delete, func, select
from sqlalchemy.dialects.sqlite import insert

from digestbot.identity.keys import aliases
from digestbot.ledger import papers
from digestbot.ledger.opinion_tables import opinion, taste
from digestbot.ledger.papers import StoredPaper
from digestbot.ledger.schema import CHUNK, card, edition, paper, paper_key
from digestbot.ledger.store import Transaction
from digestbot.models import Paper

Origin = Literal["feedback", "library"]
"""A click under a card, or a library that was imported."""


@dataclass(frozen=True, slots=True)
class Opinion:
    """What a person thinks of a paper: of it, only id, title and abstract are kept."""

    paper: Paper
    liked: bool
    origin: Origin
    given_at: datetime


def shown(tx: Transaction, subscription: str, name: str) -> StoredPaper | None:
    """Return the paper that a card of a subscription showed under this id, which may have a better one since."""
    found = papers.find(tx, name)
    if found is not None:
        return found
    cards = select(paper.c.canonical).join(card, card.c.paper_id == paper.c.id).join(edition)
    theirs = (edition.c.subscription_id == subscription) & (card.c.data["paper"]["id"].as_string() == name)
    canonical = tx.connection.scalar(cards.where(theirs).limit(1))
    return None if canonical is None else papers.find(tx, canonical)


def give(tx: Transaction, subscription: str, stored: StoredPaper, liked: bool, now: datetime) -> None:
    """Write down what a person said of a paper, in place of what they said before, under whatever id."""
    take_back(tx, subscription, stored)
    tx.connection.execute(insert(opinion).values(_row(subscription, stored.paper, liked, "feedback", now)))


def take_back(tx: Transaction, subscription: str, stored: StoredPaper) -> None:
    """Forget what a person said of a paper."""
    tx.connection.execute(delete(opinion).where(_about(subscription, stored)))


def said(tx: Transaction, subscription: str, stored: StoredPaper) -> bool | None:
    """Return whether a person liked a paper; None when they never said."""
    newest = select(opinion.c.liked).where(_about(subscription, stored)).order_by(opinion.c.given_at.desc())
    liked: bool | None = tx.connection.scalar(newest.limit(1))
    return liked


def take_in(tx: Transaction, subscription: str, library: Iterable[Paper], now: datetime) -> int:
    """Like the papers of a library; return how many were new. What a person said of one of them stays."""
    rows = {item.id: _row(subscription, item, True, "library", now) for item in library}
    before = count(tx, subscription)
    every = list(rows.values())
    for start in range(0, len(every), CHUNK):
        tx.connection.execute(insert(opinion).on_conflict_do_nothing(), every[start : start + CHUNK])
    return count(tx, subscription) - before


def drop_library(tx: Transaction, subscription: str) -> int:
    """Forget what was imported; return how many papers that were."""
    mine = (opinion.c.subscription_id == subscription) & (opinion.c.origin == "library")
    return tx.connection.execute(delete(opinion).where(mine)).rowcount


def count(tx: Transaction, subscription: str) -> int:
    """Return how many opinions there are."""
    mine = opinion.c.subscription_id == subscription
    return tx.connection.scalar(select(func.count()).select_from(opinion).where(mine)) or 0


def listing(tx: Transaction, subscription: str) -> list[Opinion]:
    """Return all opinions, the newest first."""
    return _opinions(tx, subscription, select(opinion))


def newest(tx: Transaction, subscription: str, liked: bool, most: int) -> list[Opinion]:
    """Return the newest opinions of one kind, at most so many."""
    return _opinions(tx, subscription, select(opinion).where(opinion.c.liked == liked).limit(most))


def given(tx: Transaction, names: Sequence[str]) -> frozenset[str]:
    """Return which of these subscriptions have any opinions; a few hundred at most."""
    some = select(opinion.c.subscription_id).where(opinion.c.subscription_id.in_(names)).distinct()
    return frozenset(tx.connection.scalars(some))


def mark(tx: Transaction, subscription: str) -> str:
    """Return what changes with the opinions of a subscription; empty when it has none."""
    columns = select(opinion.c.paper, opinion.c.liked, opinion.c.given_at)
    mine = columns.where(opinion.c.subscription_id == subscription).order_by(opinion.c.paper)
    rows = [f"{row.paper}|{row.liked}|{row.given_at.isoformat()}" for row in tx.connection.execute(mine)]
    return hashlib.sha256("\n".join(rows).encode("utf-8", "replace")).hexdigest()[:32] if rows else ""


def learned(tx: Transaction, subscription: str, wanted: str) -> dict[str, Any] | None:
    """Return what was learned from the opinions of this mark; None when it is not known any more."""
    mine = (taste.c.subscription_id == subscription) & (taste.c.mark == wanted)
    data: dict[str, Any] | None = tx.connection.scalar(select(taste.c.data).where(mine))
    return data


def keep(tx: Transaction, subscription: str, learned_from: str, data: dict[str, Any], now: datetime) -> None:
    """Remember what was learned from the opinions of a mark, in place of what was learned before."""
    values = {"mark": learned_from, "data": data, "learned_at": now}
    statement = insert(taste).values(subscription_id=subscription, **values)
    tx.connection.execute(statement.on_conflict_do_update(index_elements=[taste.c.subscription_id], set_=values))


def _about(subscription: str, stored: StoredPaper) -> Any:
    """Return the condition of an opinion on a paper, under its id or one that it had before it was known better."""
    filed = select(paper_key.c.key).where(paper_key.c.paper_id == stored.row)
    by_name = opinion.c.paper.in_({stored.paper.id, *aliases(stored.paper)}) | opinion.c.paper.in_(filed)
    return (opinion.c.subscription_id == subscription) & by_name


def _opinions(tx: Transaction, subscription: str, statement: Any) -> list[Opinion]:
    order = (opinion.c.given_at.desc(), opinion.c.paper)
    rows: Sequence[Any] = tx.connection.execute(
        statement.where(opinion.c.subscription_id == subscription).order_by(*order)
    ).all()
    return [
        Opinion(Paper(row.title, row.paper, abstract=row.abstract), row.liked, row.origin, row.given_at) for row in rows
    ]


def _row(subscription: str, item: Paper, liked: bool, origin: Origin, now: datetime) -> dict[str, Any]:
    about = {"paper": item.id, "title": item.title, "abstract": item.abstract}
    return {"subscription_id": subscription, **about, "liked": liked, "origin": origin, "given_at": now}
