"""Which links are worth a visit, what was found there, and when to come again.

::

    links of papers, promises ─due→ visit ─record→ found, next time ─of_papers→ cards, queries

What somebody matched is visited first, then the newest.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import exists, func, or_, select
from sqlalchemy.dialects.sqlite import insert

from digestbot.ledger.schema import CHUNK, match, paper, record
from digestbot.ledger.store import Transaction
from digestbot.ledger.visit_tables import host_wait, paper_link, visit
from digestbot.links import link_key
from digestbot.models import Paper
from digestbot.visits import Visit, stars

_PATIENCE: Final = timedelta(days=365)


@dataclass(frozen=True, slots=True)
class DueVisit:
    """A place to visit, or a promise to look after where `url` is empty; with what is known of it."""

    key: str
    url: str
    paper: Paper
    """One of the papers that link to it."""
    before: Visit | None
    answers: Mapping[str, Any]


def due(tx: Transaction, now: datetime, limit: int) -> list[DueVisit]:
    """Return places to visit now, at most `limit`, each once; those of papers that came in the last year."""
    wanted = exists().where(match.c.paper_id == paper_link.c.paper_id)
    lately = func.max(paper_link.c.paper_id)
    order = (func.max(wanted).desc(), visit.c.key.is_(None).desc(), lately.desc())
    rows = tx.connection.execute(
        select(paper_link.c.key, func.min(paper_link.c.url).label("url"), lately.label("row"))
        .join(paper)
        .outerjoin(visit, visit.c.key == paper_link.c.key)
        .where(or_(visit.c.key.is_(None), visit.c.next_at <= now), paper.c.first_seen > now - _PATIENCE)
        .group_by(paper_link.c.key)
        .order_by(*order)
        .limit(limit)
    ).all()
    return [_due(tx, row) for row in rows]


def _due(tx: Transaction, row: Any) -> DueVisit:
    data = tx.connection.scalar(select(paper.c.data).where(paper.c.id == row.row))
    known = tx.connection.execute(select(visit.c.data, visit.c.answers).where(visit.c.key == row.key)).first()
    before, answers = (Visit.from_dict(known.data), known.answers) if known else (None, {})
    return DueVisit(row.key, row.url, Paper.from_dict(data or {"title": ""}), before, answers)


def put(tx: Transaction, key: str, found: Visit, answers: Mapping[str, Any], next_at: datetime | None) -> None:
    """Write down what a visit found."""
    values = {"data": found.as_dict(), "answers": dict(answers), "next_at": next_at}
    statement = insert(visit).values(key=key, **values)
    tx.connection.execute(statement.on_conflict_do_update(index_elements=[visit.c.key], set_=values))


def of_papers(tx: Transaction, papers: Collection[Paper]) -> dict[str, Visit]:
    """Return what was found at the links of these papers, by the link's key."""
    wanted = sorted({link_key(link.url) for item in papers for link in item.links})
    found: dict[str, Visit] = {}
    for start in range(0, len(wanted), CHUNK):
        chosen = visit.c.key.in_(wanted[start : start + CHUNK])
        for row in tx.connection.execute(select(visit.c.key, visit.c.data).where(chosen)):
            found[row.key] = Visit.from_dict(row.data)
    return found


def stars_of(tx: Transaction, papers: Collection[Paper]) -> dict[str, int]:
    """Return how many stars the code of these papers has, by the paper's id, where visits found some."""
    known = of_papers(tx, papers)
    found = {
        item.id: stars(known[key] for link in item.links if (key := link_key(link.url)) in known) for item in papers
    }
    return {name: number for name, number in found.items() if number is not None}


def papers_at(tx: Transaction, key: str) -> list[int]:
    """Return the rows of the papers that link to a place, or that made a promise."""
    return list(tx.connection.scalars(select(paper_link.c.paper_id).where(paper_link.c.key == key)))


def first_record(tx: Transaction, row: int) -> Paper | None:
    """Return the oldest record of a paper."""
    mine = select(record.c.data).where(record.c.paper_id == row).order_by(record.c.id).limit(1)
    data = tx.connection.scalar(mine)
    return None if data is None else Paper.from_dict(data)


def waits(tx: Transaction, now: datetime) -> frozenset[str]:
    """Return the hosts that want to be left alone now."""
    return frozenset(tx.connection.scalars(select(host_wait.c.host).where(host_wait.c.until > now)))


def leave(tx: Transaction, host: str, until: datetime) -> None:
    """Leave a host alone until then."""
    statement = insert(host_wait).values(host=host, until=until)
    tx.connection.execute(statement.on_conflict_do_update(index_elements=[host_wait.c.host], set_={"until": until}))
