"""Records as JSON data and back: what the ledger keeps of hits and cards."""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from digestbot.facts import Fact, Note
from digestbot.models import Card, Hit, Paper, Reason


def hits_data(hits: Sequence[Hit]) -> list[list[Any]]:
    """Return hits as JSON data, a row each: there are many."""
    return [[hit.field, hit.start, hit.end, hit.text, hit.clause, hit.item] for hit in hits]


def hits_of(data: Sequence[Sequence[Any]]) -> tuple[Hit, ...]:
    """Read what `hits_data` wrote."""
    return tuple(Hit(*row) for row in data)


@lru_cache(maxsize=512)  # most cards of a day go to many people
def card_data(card: Card) -> Mapping[str, Any]:
    """Return a card as JSON data."""
    reasons = [[reason.clause, list(reason.words), reason.typed] for reason in card.reasons]
    return {
        "paper": card.paper.as_dict(),
        "hits": hits_data(card.hits),
        "reasons": reasons,
        "summary": card.summary,
        **({"notes": [[note.key, note.text] for note in card.notes]} if card.notes else {}),
        "place": card.place,
    }


def card_of(data: dict[str, Any]) -> Card:
    """Read what `card_data` wrote."""
    reasons = tuple(Reason(clause, tuple(words), *typed) for clause, words, *typed in data["reasons"])
    paper, notes = Paper.from_dict(data["paper"]), tuple(Note(*row) for row in data.get("notes", ()))
    return Card(paper, hits_of(data["hits"]), reasons, data["summary"], data.get("place", ""), notes)


def facts_data(facts: Sequence[Fact]) -> list[list[str]]:
    """Return facts as JSON data, a row each."""
    return [[fact.kind, fact.key, fact.evidence, fact.url] for fact in facts]


def facts_of(data: Sequence[Sequence[Any]]) -> tuple[Fact, ...]:
    """Read what `facts_data` wrote."""
    return tuple(Fact(*row) for row in data)
