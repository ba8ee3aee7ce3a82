"""Editions as the rows that are written of them: texts and numbers, made wherever there is time for it.

Most cards of a day go to many people. What is made of one is made once and is one object, as long as the paper and the
hits are; so it is also sent once to another process, however many editions show it.
"""

from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any, Generic, NamedTuple, TypeVar

from digestbot.facts import Fact, Note
from digestbot.ledger import records
from digestbot.ledger.schema import to_json
from digestbot.models import Card, Edition, Hit, Paper, Proof, Reason
from digestbot.updates import facts_shown
from digestbot.weeks import Week

_T = TypeVar("_T")


class CardRow(NamedTuple):
    """A card as it is kept, of the paper in a row."""

    paper: int
    data: str
    """JSON text."""
    facts: tuple[Fact, ...]
    """What it says of what became of the paper."""
    told: str
    """The same as JSON text."""


class EditionRow(NamedTuple):
    """An edition as it is kept beside its cards."""

    subscription: str
    due: datetime
    subject: str
    papers: int
    behind: str
    """JSON text."""


class _Same(Generic[_T]):
    """An object as a key, by what it is and not by what it holds: a paper holds much.

    It keeps the object alive, so that no other can take its place in memory.
    """

    __slots__ = ("it",)

    def __init__(self, it: _T) -> None:
        self.it = it

    def __hash__(self) -> int:
        return id(self.it)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and self.it is other.it


def edition_row(item: Edition, papers: int) -> EditionRow:
    """Return what is kept of an edition with so many papers."""
    behind = _behind(item.proof, item.weeks, item.more, item.more_updates)
    return EditionRow(item.subscription.id, item.due, item.subject, papers, behind)


def card_row(row: int, item: Card) -> CardRow:
    """Return what is kept of a card, with its paper's row."""
    said = item.reasons, item.summary, item.place, item.notes, item.written_by
    return _card_row(row, _Same(item.paper), _Same(item.hits), *said)


@lru_cache(maxsize=1024)
def hits_text(hits: tuple[Hit, ...]) -> str:
    """Return hits as JSON text."""
    return to_json(records.hits_data(hits))


@lru_cache(maxsize=2048)
def _card_row(  # noqa: PLR0913, PLR0917 (all that a card is made of)
    row: int,
    paper: _Same[Paper],
    hits: _Same[tuple[Hit, ...]],
    reasons: tuple[Reason, ...],
    summary: str,
    place: str,
    notes: tuple[Note, ...],
    written_by: str,
) -> CardRow:
    printed, facts, told = _paper(paper)
    beside = to_json(records.beside_data(Card(paper.it, hits.it, reasons, summary, place, notes, written_by)))
    return CardRow(row, f'{{"paper":{printed},{beside[1:]}', facts, told)


@lru_cache(maxsize=1024)
def _paper(paper: _Same[Paper]) -> tuple[str, tuple[Fact, ...], str]:
    facts = facts_shown(paper.it)
    return to_json(paper.it.as_dict()), facts, to_json(records.facts_data(facts))


@lru_cache(maxsize=256)
def _behind(proof: Proof, weeks: Sequence[Week], more: int, more_updates: int) -> str:
    data: dict[str, Any] = records.behind_data(proof, weeks, more, more_updates)
    return to_json(data)
