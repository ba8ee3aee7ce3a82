"""Records as JSON data and back: what the ledger keeps of hits and cards."""

import json
from collections.abc import Callable, Sequence
from datetime import date, datetime
from functools import lru_cache
from typing import Any, Final, TypeVar

from digestbot.facts import Fact, Note
from digestbot.models import Card, Edition, Hit, Paper, Proof, Reason, SourceState
from digestbot.weeks import Week

_T = TypeVar("_T")
_LONGEST: Final = 16_384
"""Characters of a text that is kept with what it says; longer ones are rare, and read each time."""


def hits_data(hits: Sequence[Hit]) -> list[list[Any]]:
    """Return hits as JSON data, a row each: there are many."""
    return [[hit.field, hit.start, hit.end, hit.text, hit.clause, hit.item] for hit in hits]


def hits_of(data: Sequence[Sequence[Any]]) -> tuple[Hit, ...]:
    """Read what `hits_data` wrote."""
    return tuple(Hit(*row) for row in data)


def _kept(read: Callable[[str], _T], most: int) -> Callable[[str], _T]:
    """Return a reader of texts that gives for the same text the same object, as long as it is among the last `most`."""
    known = lru_cache(maxsize=most)(read)
    return lambda text: known(text) if len(text) <= _LONGEST else read(text)


hits_in: Final = _kept(lambda text: hits_of(json.loads(text)), 2048)
"""Reads the text of what `hits_data` wrote: for the same text the same object, since many people ask for the same."""
paper_in: Final = _kept(lambda text: Paper.from_dict(json.loads(text)), 1024)
"""Reads the text of a paper's data: for the same text the same object, since most papers go to many people."""


def beside_data(card: Card) -> dict[str, Any]:
    """Return what a card says beside its paper as JSON data."""
    reasons = [[reason.clause, list(reason.words), reason.typed] for reason in card.reasons]
    return {
        "hits": hits_data(card.hits),
        "reasons": reasons,
        "summary": card.summary,
        **({"notes": [[note.key, note.text] for note in card.notes]} if card.notes else {}),
        "place": card.place,
        **({"written_by": card.written_by} if card.written_by else {}),
    }


def card_of(data: dict[str, Any]) -> Card:
    """Read a card: what `beside_data` wrote, and its paper."""
    reasons = tuple(Reason(clause, tuple(words), *typed) for clause, words, *typed in data["reasons"])
    paper, notes = Paper.from_dict(data["paper"]), tuple(Note(*row) for row in data.get("notes", ()))
    how = data["summary"], data.get("place", ""), notes, data.get("written_by", "")
    return Card(paper, hits_of(data["hits"]), reasons, *how)


def facts_data(facts: Sequence[Fact]) -> list[list[str]]:
    """Return facts as JSON data, a row each."""
    return [[fact.kind, fact.key, fact.evidence, fact.url] for fact in facts]


def facts_of(data: Sequence[Sequence[Any]]) -> tuple[Fact, ...]:
    """Read what `facts_data` wrote."""
    return tuple(Fact(*row) for row in data)


def behind_data(proof: Proof, weeks: Sequence[Week], more: int, more_updates: int) -> dict[str, Any]:
    """Return what an edition says beside its papers as JSON data."""
    return {
        "proof": [proof.digests, proof.papers, proof.matched, proof.newest],
        "seen": proof.newest_seen.isoformat() if proof.newest_seen else None,
        "faults": [[state.name, state.verdict, state.reason] for state in proof.faults],
        "weeks": [[week.monday.isoformat(), week.papers] for week in weeks],
        "more": [more, more_updates],
    }


def edition_of(data: dict[str, Any], **told: Any) -> Edition:
    """Read what `behind_data` wrote; `told` is the rest of the edition."""
    seen = None if data["seen"] is None else datetime.fromisoformat(data["seen"])
    faults = tuple(SourceState(*row) for row in data["faults"])
    digests, papers, matched, newest = data["proof"]
    proof = Proof(digests, papers, matched, newest, seen, faults)
    weeks = tuple(Week(date.fromisoformat(monday), papers) for monday, papers in data["weeks"])
    more, more_updates = data["more"]
    return Edition(more=more, more_updates=more_updates, proof=proof, weeks=weeks, **told)
