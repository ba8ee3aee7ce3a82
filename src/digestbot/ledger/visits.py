"""Which links are worth a visit, what was found there, and when to come again.

::

    paper ─file→ its links, its promise ─due→ visit ─record→ found, next time ─of_papers→ cards, queries

What somebody matched is visited first, then the newest.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import delete, exists, func, or_, select
from sqlalchemy.dialects.sqlite import insert

from digestbot.ledger.schema import CHUNK, host_wait, match, paper, paper_link, record, visit
from digestbot.ledger.store import Transaction
from digestbot.links import is_code_link, link_key
from digestbot.models import Paper
from digestbot.visits import Visit, stars

PROMISE: Final = "promise:"
"""What the key of a promise begins with; the paper's id follows."""

_KINDS: Final = frozenset({"huggingface", "zenodo", "osf", "figshare", "project_page", "dataset", "weights"})
_MOST: Final = 8
"""Links of a paper that are visited: as many as a card shows."""


@dataclass(frozen=True, slots=True)
class DueVisit:
    """A place to visit, or a promise to look after where `url` is empty; with what is known of it."""

    key: str
    url: str
    paper: Paper
    """One of the papers that link to it."""
    before: Visit | None
    answers: Mapping[str, Any]


def file(tx: Transaction, papers: Mapping[int, Paper], gone: Iterable[int]) -> None:
    """Write down what of these papers, by row, is worth a visit."""
    rows = [*papers, *gone]
    for start in range(0, len(rows), CHUNK):
        tx.connection.execute(delete(paper_link).where(paper_link.c.paper_id.in_(rows[start : start + CHUNK])))
    values = [
        {"paper_id": row, "key": key, "url": url} for row, item in papers.items() for key, url in _places(item).items()
    ]
    if values:
        tx.connection.execute(insert(paper_link).on_conflict_do_nothing(), values)


def due(tx: Transaction, now: datetime, limit: int) -> list[DueVisit]:
    """Return places to visit now, at most `limit`, each once."""
    wanted = exists().where(match.c.paper_id == paper_link.c.paper_id)
    lately = func.max(paper_link.c.paper_id)
    order = (func.max(wanted).desc(), visit.c.key.is_(None).desc(), lately.desc())
    rows = tx.connection.execute(
        select(paper_link.c.key, func.min(paper_link.c.url).label("url"), lately.label("row"))
        .outerjoin(visit, visit.c.key == paper_link.c.key)
        .where(or_(visit.c.key.is_(None), visit.c.next_at <= now))
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


def _places(item: Paper) -> dict[str, str]:
    links = [link for link in item.links if link.kind in _KINDS or is_code_link(link)][:_MOST]
    places = {link_key(link.url): link.url for link in links}
    return {**places, **({f"{PROMISE}{item.id}": ""} if item.promises_code else {})}
