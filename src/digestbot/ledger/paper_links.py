"""What of a paper is worth a visit, written down with the paper: its links, and its promise of code."""

from collections.abc import Iterable, Mapping
from typing import Final

from sqlalchemy import Connection, delete, select
from sqlalchemy.dialects.sqlite import insert

from digestbot.ledger.schema import CHUNK, paper
from digestbot.ledger.visit_tables import paper_link
from digestbot.links import is_code_link, link_key
from digestbot.models import Paper

PROMISE: Final = "promise:"
"""What the key of a promise begins with; the paper's id follows."""

_KINDS: Final = frozenset({"huggingface", "zenodo", "osf", "figshare", "project_page", "dataset", "weights"})
_MOST: Final = 8
"""Links of a paper that are visited: as many as a card shows."""


def file(connection: Connection, papers: Mapping[int, Paper], gone: Iterable[int] = ()) -> None:
    """Write down what of these papers, by row, is worth a visit, in place of what was there."""
    rows = [*papers, *gone]
    for start in range(0, len(rows), CHUNK):
        connection.execute(delete(paper_link).where(paper_link.c.paper_id.in_(rows[start : start + CHUNK])))
    values = [
        {"paper_id": row, "key": key, "url": url} for row, item in papers.items() for key, url in _places(item).items()
    ]
    if values:
        connection.execute(insert(paper_link).on_conflict_do_nothing(), values)


def file_the_rest(connection: Connection) -> None:
    """Write that down for the papers of a ledger that is older than this table."""
    last = 0
    while found := _after(connection, last):
        file(connection, found)
        last = max(found)


def _after(connection: Connection, row: int) -> dict[int, Paper]:
    rows = select(paper.c.id, paper.c.data).where(paper.c.id > row).order_by(paper.c.id).limit(CHUNK)
    return {item.id: Paper.from_dict(item.data) for item in connection.execute(rows)}


def _places(item: Paper) -> dict[str, str]:
    links = [link for link in item.links if link.kind in _KINDS or is_code_link(link)][:_MOST]
    places = {link_key(link.url): link.url for link in links}
    return {**places, **({f"{PROMISE}{item.id}": ""} if item.promises_code else {})}
