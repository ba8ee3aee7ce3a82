"""What a batch of subscriptions is to get: read together in one transaction, composed each for itself.

Most papers go to many of them, so papers, what visits found, and what stands behind the editions are read once.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import lru_cache

from digestbot import editions
from digestbot.feeds import FeedEntry
from digestbot.ledger import Ledger, matches, opinions, paper_updates, sentences, visits
from digestbot.ledger import editions as published
from digestbot.ledger.matches import OpenMatch
from digestbot.ledger.paper_updates import OpenUpdate
from digestbot.ledger.subscriptions import Standing
from digestbot.links import link_key
from digestbot.models import Card, Edition, Proof
from digestbot.pipeline.personal import leanings
from digestbot.pipeline.rendering import ENTRIES
from digestbot.visits import Visit, notes
from digestbot.weeks import WEEKS

Proofs = Callable[[datetime | None], Proof]
"""What stands behind editions since a moment; since the first of the round for None."""


@dataclass(frozen=True, slots=True)
class Draft:
    """An edition before it is written down."""

    edition: Edition
    opened: tuple[OpenMatch, ...]
    news: tuple[OpenUpdate, ...]
    entries: tuple[FeedEntry, ...]
    """What the subscription got before, newest first."""


@dataclass(frozen=True, slots=True)
class Stock:
    """What the ledger holds for some subscriptions, by their ids."""

    opened: Mapping[str, Sequence[OpenMatch]]
    news: Mapping[str, Sequence[OpenUpdate]]
    last: Mapping[str, datetime]
    """When the last edition was made."""
    past: Mapping[str, Sequence[tuple[datetime, int]]]
    entries: Mapping[str, tuple[FeedEntry, ...]]
    visits: Mapping[str, Visit]
    judged: frozenset[str]
    """Who ever said what they like."""
    writer: str
    """The language model whose sentences are shown; empty for none."""
    said: Mapping[str, str]
    """What it wrote, by the papers' ids."""


def take_stock(ledger: Ledger, asked: Sequence[tuple[Standing, datetime]], now: datetime, writer: str = "") -> Stock:
    """Return what the editions of some subscriptions, a few hundred at most, are made of; each with when it is due.

    `writer` is the language model whose sentences are shown, where it has written some.
    """
    names = [standing.subscription.id for standing, _ in asked]
    since = min((due for _, due in asked), default=now) - timedelta(weeks=WEEKS)
    feeds = [standing.subscription.id for standing, _ in asked if standing.subscription.channel == "feed"]
    with ledger.read() as tx:
        opened = matches.open_for(tx, names)
        papers = {found.row: found.match.paper for items in opened.values() for found in items}
        return Stock(
            opened,
            paper_updates.open_for(tx, names),
            published.last_created(tx, names),
            published.sent(tx, names, since),
            {name: published.entries(tx, name, ENTRIES, now) for name in feeds},
            visits.of_papers(tx, papers.values()),
            opinions.given(tx, names),
            writer,
            sentences.of_papers(tx, writer, papers.values()) if writer else {},
        )


def draft(  # noqa: PLR0913, PLR0917 (what one edition is made of)
    ledger: Ledger, stock: Stock, standing: Standing, due: datetime, proof: Proofs, now: datetime
) -> Draft:
    """Return the edition of one of the subscriptions that stock was taken for; the proof counts from its last one."""
    item = standing.subscription
    opened, news = tuple(stock.opened[item.id]), tuple(stock.news.get(item.id, ()))
    facts = replace(proof(stock.last.get(item.id)), matched=len(opened))
    if item.channel == "feed":  # a reader pages by itself, so nothing has to wait for the next edition
        item = replace(item, limit=max(item.limit, len(opened)))
    papers, updated = [found.match for found in opened], [found.updated for found in news]
    asked = item.sort == "relevance" and item.id in stock.judged
    liked = leanings(ledger, item.id, (match.paper for match in papers), now) if asked else {}
    past = stock.past[item.id]
    edition = editions.compose(item, papers, due, facts, updated, leanings=liked, typed=standing.typed, past=past)
    edition = _noted(edition, stock.visits, now) if stock.visits else edition
    edition = editions.retold(edition, stock.said, stock.writer) if stock.said else edition
    return Draft(edition, opened, news, stock.entries.get(item.id, ()))


def proofs(ledger: Ledger, start: datetime) -> Proofs:
    """Return what stands behind editions since a moment, or since `start`; most subscriptions ask for the same one."""

    @lru_cache(maxsize=64)
    def proof(since: datetime | None) -> Proof:
        with ledger.read() as tx:
            return published.proof(tx, since or start)

    return proof


def _noted(edition: Edition, seen: Mapping[str, Visit], now: datetime) -> Edition:
    """Return the edition with what visits found at the links of its papers."""

    def noted(card: Card) -> Card:
        found = (seen.get(link_key(link.url)) for link in card.paper.links)
        return replace(card, notes=notes((visit for visit in found if visit), card.paper, now))

    return replace(edition, cards=tuple(map(noted, edition.cards)), lines=tuple(map(noted, edition.lines)))
