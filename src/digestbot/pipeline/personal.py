"""What a subscription's person likes, learned when their opinions changed, and how open papers stand to it."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from digestbot.ledger import Ledger, opinions, papers
from digestbot.models import Paper
from digestbot.personal import FORM, JUDGED, OTHERS, Leaning, Taste, learn


def leanings(ledger: Ledger, subscription: str, shown: Iterable[Paper], now: datetime) -> Mapping[str, Leaning]:
    """Return how each of these papers stands to what the person liked, by id; nothing when they never said.

    Learning takes a second or less and happens between transactions.
    """
    taste = _taste(ledger, subscription, now)
    return {} if taste is None else {paper.id: taste.leaning(paper) for paper in shown}


def _taste(ledger: Ledger, subscription: str, now: datetime) -> Taste | None:
    with ledger.read() as tx:
        given = opinions.mark(tx, subscription)
        if not given:
            return None
        mark = f"{FORM}-{given}"
        known = opinions.learned(tx, subscription, mark)
        if known is not None:
            return Taste.from_dict(known)
        liked = [item.paper for item in opinions.newest(tx, subscription, liked=True, most=JUDGED)]
        disliked = [item.paper for item in opinions.newest(tx, subscription, liked=False, most=JUDGED)]
        others = [stored.paper for stored in papers.sample(tx, OTHERS)]
    judged = {paper.id for paper in (*liked, *disliked)}
    taste = learn(liked, disliked, [paper for paper in others if paper.id not in judged])
    with ledger.write() as tx:
        opinions.keep(tx, subscription, mark, taste.as_dict(), now)
    return taste
