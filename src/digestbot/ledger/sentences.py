"""Sentences that a language model wrote about papers: which are wanted, and what was written.

::

    open matches of who is due ─wanted→ papers ─model→ put ─of_papers→ cards
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.dialects.sqlite import insert

from digestbot.ledger.schema import CHUNK, match, paper, subscription
from digestbot.ledger.sentence_tables import sentence
from digestbot.ledger.store import Transaction
from digestbot.models import Paper
from digestbot.summaries.asking import PROMPT, digest_of


@dataclass(frozen=True, slots=True)
class Written:
    """A sentence about a paper, by the model that wrote it."""

    paper: str
    text_hash: str
    text: str
    flaw: str = ""
    """Why it is not shown; empty when it is."""


def wanted(tx: Transaction, model: str, now: datetime, limit: int) -> list[Paper]:
    """Return papers that the next editions may show and that the model has not written about, the newest first."""
    due = (subscription.c.next_look <= now) & (subscription.c.state == "active")
    rows = (
        select(match.c.paper_id)
        .join(subscription, subscription.c.id == match.c.subscription_id)
        .where(match.c.edition_id.is_(None), due)
        .distinct()
        .order_by(match.c.paper_id.desc())
    )
    found: list[Paper] = []
    for papers in _papers(tx, list(tx.connection.scalars(rows))):
        known = of_papers(tx, model, papers, flawed=True)
        found += [item for item in papers if item.abstract and item.id not in known]
        if len(found) >= limit:
            break
    return found[:limit]


def put(tx: Transaction, model: str, item: Written, now: datetime) -> None:
    """Write a sentence down; the first one stays."""
    facts = {"paper": item.paper, "text_hash": item.text_hash, "text": item.text, "flaw": item.flaw}
    statement = insert(sentence).values(**facts, model=model, prompt=PROMPT, written_at=now)
    tx.connection.execute(statement.on_conflict_do_nothing())


def of_papers(tx: Transaction, model: str, papers: Collection[Paper], *, flawed: bool = False) -> dict[str, str]:
    """Return the model's sentences about these papers as they read now, by the paper's id; `flawed` ones too."""
    hashes = {item.id: digest_of(item.title, item.abstract) for item in papers}
    names = sorted(hashes)
    found: dict[str, str] = {}
    for start in range(0, len(names), CHUNK):
        mine = sentence.c.paper.in_(names[start : start + CHUNK])
        rows = select(sentence).where(mine, sentence.c.model == model, sentence.c.prompt == PROMPT)
        for row in tx.connection.execute(rows):
            if row.text_hash == hashes[row.paper] and (flawed or not row.flaw):
                found[row.paper] = row.text
    return found


def _papers(tx: Transaction, rows: list[int]) -> Iterator[list[Paper]]:
    """Yield these papers, some hundred at a time, in this order."""
    for start in range(0, len(rows), CHUNK):
        piece = rows[start : start + CHUNK]
        read = tx.connection.execute(select(paper.c.id, paper.c.data).where(paper.c.id.in_(piece)))
        data = {row.id: row.data for row in read}
        yield [Paper.from_dict(data[row]) for row in piece]
