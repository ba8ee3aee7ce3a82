"""An edition as data for a program: what a webhook posts. The form is that of the page *Channels* in docs/.

Text is as the digests printed it, and only JSON's own signs are escaped; addresses are web addresses or null.
"""

import json
from typing import Any

from digestbot.models import Card, Edition, Proof, Updated
from digestbot.rendering.clicks import paper_address

VERSION = 1
"""Grows when a name goes or changes its meaning; a new name is no new version."""


def payload(edition: Edition, key: str, subject: str) -> bytes:
    """Return the edition as JSON in UTF-8: ``{"type": "edition.published", "timestamp": …, "data": {…}}``."""
    data = {
        "version": VERSION,
        "key": key,
        "subscription": {"id": edition.subscription.id, "name": edition.subscription.name},
        "due": edition.due.isoformat(),
        "subject": subject,
        "papers": [_paper(card) for card in (*edition.cards, *edition.lines)],
        "more": edition.more,
        "updates": [_update(item) for item in edition.updates],
        "more_updates": edition.more_updates,
        "proof": _proof(edition.proof),
    }
    whole = {"type": "edition.published", "timestamp": edition.due.isoformat(), "data": data}
    return json.dumps(whole, ensure_ascii=False).encode("utf-8", "replace")


def _paper(card: Card) -> dict[str, Any]:
    why = [{"clause": reason.typed or reason.clause, "words": list(reason.words)} for reason in card.reasons]
    url = str(paper_address(card.paper)) or None
    by = {"summary_by": card.written_by} if card.written_by else {}
    return {"url": url, "summary": card.summary, **by, "why": why, "paper": card.paper.as_dict()}


def _update(item: Updated) -> dict[str, Any]:
    url = str(paper_address(item.paper)) or None
    facts = [{"kind": fact.kind, "evidence": fact.evidence, "url": fact.url or None} for fact in item.facts]
    return {"url": url, "facts": facts, "paper": item.paper.as_dict()}


def _proof(proof: Proof) -> dict[str, Any]:
    faults = [{"source": item.name, "verdict": item.verdict, "reason": item.reason} for item in proof.faults]
    return {"digests": proof.digests, "papers": proof.papers, "matched": proof.matched, "faults": faults}
