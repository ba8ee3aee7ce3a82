"""Open matches into the outbox: for each subscription that is due, one edition, in one transaction, or nothing."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import lru_cache

from digestbot import editions
from digestbot.errors import RenderError
from digestbot.feeds import FeedEntry
from digestbot.ledger import Ledger, matches, outbox, paper_updates, sentences, subscriptions, visits
from digestbot.ledger import editions as published
from digestbot.ledger.matches import OpenMatch
from digestbot.ledger.paper_updates import OpenUpdate
from digestbot.ledger.subscriptions import Standing
from digestbot.links import link_key
from digestbot.models import Card, Edition, Message, Proof
from digestbot.pipeline.matchmaking import BACKLOG, Trouble, backfill
from digestbot.pipeline.personal import leanings
from digestbot.pipeline.rendering import ENTRIES, Press, message_of
from digestbot.timetable import Turn, look
from digestbot.visits import Visit, notes
from digestbot.weeks import WEEKS, weeks


@dataclass(frozen=True, slots=True)
class Issue:
    """One edition that entered the outbox."""

    subscription: str
    due: datetime
    subject: str
    papers: int
    channel: str
    address: str
    key: str
    updates: int = 0
    """Papers of former editions of which it tells news."""


@dataclass(frozen=True, slots=True)
class PublishReport:
    """What was published, who was due and had nothing, and who could not be served."""

    issues: tuple[Issue, ...]
    empty: tuple[str, ...] = ()
    troubles: tuple[Trouble, ...] = ()

    @property
    def failed(self) -> bool:
        """Whether something has to be looked at."""
        return bool(self.troubles)


@dataclass(frozen=True, slots=True)
class _Draft:
    """An edition before it is written down."""

    edition: Edition
    opened: tuple[OpenMatch, ...]
    news: tuple[OpenUpdate, ...]
    entries: tuple[FeedEntry, ...]
    """What the subscription got before, newest first."""


class _TakenError(Exception):
    """Somebody changed the subscription while its edition was being made."""


def publish(ledger: Ledger, press: Press, now: datetime, backlog: timedelta = BACKLOG) -> PublishReport:
    """Compose, render and put into the outbox what is due at `now`; each edition in one transaction.

    A subscription is due when a scheduled time has passed since the last one it answered; a new one is due at
    once, for the last scheduled time before `now`. What cannot be rendered is in the report, stays open, and
    is tried again in the next round. `backlog` is how far back a new subscription looks.
    """
    troubles = list(backfill(ledger, now, backlog))
    proof = _proofs(ledger, now - backlog)
    issues: list[Issue] = []
    empty: list[str] = []
    looked: list[tuple[str, datetime | None, datetime | None]] = []
    for standing, waiting in _to_look_at(ledger, now):
        item = standing.subscription
        try:
            turn = _turn(ledger, standing, now, waiting)
            if turn.due is None or (not waiting and item.empty == "skip"):
                looked.append((item.id, turn.answered, turn.next_look))
                empty += [item.id] if turn.due else []
                continue
            draft = _draft(ledger, standing, turn.due, proof, now, press.writer)
            edition, message = message_of(press, ledger.instance, draft.edition, draft.entries, now)
            issues.append(_write(ledger, replace(draft, edition=edition), message, turn, now))
        except (ValueError, RenderError, _TakenError) as error:
            troubles.append(Trouble(item.id, str(error)))
    if looked:
        with ledger.write() as tx:
            subscriptions.set_looked(tx, looked)
    return PublishReport(tuple(issues), tuple(empty), tuple(troubles))


def _to_look_at(ledger: Ledger, now: datetime) -> Iterator[tuple[Standing, int]]:
    """Yield each subscription that may be due, with how many matches and updates are open for it."""
    last: Standing | None = None
    while True:
        with ledger.read() as tx:
            standings = subscriptions.to_look_at(tx, now, last)
            names = [standing.subscription.id for standing in standings]
            waiting = Counter(matches.open_counts(tx, names)) + Counter(paper_updates.open_counts(tx, names))
        for standing in standings:
            yield standing, waiting[standing.subscription.id]
        if not standings:
            return
        last = standings[-1]


def _turn(ledger: Ledger, standing: Standing, now: datetime, waiting: int) -> Turn:
    """Return what a subscription has to answer now. Raises ValueError for a schedule or a zone that is none."""

    def counted(since: datetime) -> int:
        with ledger.read() as tx:
            return published.count_since(tx, standing.subscription.id, since)

    return look(standing.subscription, standing.last_due, now, waiting, counted)


def preview(
    ledger: Ledger, name: str, now: datetime, backlog: timedelta = BACKLOG, *, writer: str = ""
) -> Edition | None:
    """Return the edition that a subscription would get at `now`; None when there is no such subscription.

    `writer` is the language model whose sentences are shown, where it has written some.
    """
    backfill(ledger, now, backlog)
    with ledger.read() as tx:
        standing = subscriptions.get(tx, name)
    if standing is None:
        return None
    return _draft(ledger, standing, now, _proofs(ledger, now - backlog), now, writer).edition


def _draft(  # noqa: PLR0913, PLR0917 (all that an edition is made of)
    ledger: Ledger,
    standing: Standing,
    due: datetime,
    proof: Callable[[datetime | None], Proof],
    now: datetime,
    writer: str,
) -> _Draft:
    """Return the edition with what is open now; the proof counts from the last edition."""
    item = standing.subscription
    with ledger.read() as tx:
        opened = tuple(matches.open_for(tx, item.id))
        news = tuple(paper_updates.open_for(tx, item.id))
        since = published.last_created(tx, item.id)
        entries = published.entries(tx, item.id, ENTRIES, now) if item.channel == "feed" else ()
        seen = visits.of_papers(tx, [found.match.paper for found in opened])
        past = published.sent(tx, item.id, due - timedelta(weeks=WEEKS))
        said = sentences.of_papers(tx, writer, [found.match.paper for found in opened]) if writer else {}
    facts = replace(proof(since), matched=len(opened))
    if item.channel == "feed":  # a reader pages by itself, so nothing has to wait for the next edition
        item = replace(item, limit=max(item.limit, len(opened)))
    papers, updated = [found.match for found in opened], [found.updated for found in news]
    liked = leanings(ledger, item.id, (match.paper for match in papers), now) if item.sort == "relevance" else {}
    edition = editions.as_typed(editions.compose(item, papers, due, facts, updated, leanings=liked), standing.typed)
    edition = replace(_noted(edition, seen, now) if seen else edition, weeks=weeks(past, edition.due))
    edition = editions.retold(edition, said, writer) if said else edition
    return _Draft(edition, opened, news, entries)


def _noted(edition: Edition, seen: Mapping[str, Visit], now: datetime) -> Edition:
    """Return the edition with what visits found at the links of its papers."""

    def noted(card: Card) -> Card:
        found = (seen.get(link_key(link.url)) for link in card.paper.links)
        return replace(card, notes=notes((visit for visit in found if visit), card.paper, now))

    return replace(edition, cards=tuple(map(noted, edition.cards)), lines=tuple(map(noted, edition.lines)))


def _write(ledger: Ledger, draft: _Draft, message: Message, turn: Turn, now: datetime) -> Issue:
    """Consume the matches and the updates that are shown and put the message into the outbox, together.

    What is only counted stays open for the next edition. Raises _TakenError and leaves nothing.
    """
    edition, name = draft.edition, draft.edition.subscription.id
    rows = {found.match.paper.id: found.row for found in draft.opened}
    shown = [(rows[card.paper.id], card) for card in (*edition.cards, *edition.lines)]
    papers = [paper for paper, _ in shown]
    of_news = {item.paper.id for item in edition.updates}
    told = [found for found in draft.news if found.updated.paper.id in of_news]
    with ledger.write() as tx:
        row = published.add(tx, edition, len(shown), now)
        if row is None or not matches.consume(tx, name, papers, row) or not paper_updates.consume(tx, name, told, row):
            raise _TakenError("it changed while its edition was being made; the next round will serve it")
        published.add_cards(tx, row, shown)
        paper_updates.follow(tx, edition.subscription, shown, now)
        outbox.enqueue(tx, row, name, message, now)
        subscriptions.set_looked(tx, [(name, turn.answered, turn.next_look)])
    where = message.channel, message.address, message.key
    return Issue(name, edition.due, message.subject, len(shown), *where, updates=len(told))


def _proofs(ledger: Ledger, start: datetime) -> Callable[[datetime | None], Proof]:
    """Return what stands behind editions since a moment, or since `start`; most subscriptions ask for the same one."""

    @lru_cache(maxsize=64)
    def proof(since: datetime | None) -> Proof:
        with ledger.read() as tx:
            return published.proof(tx, since or start)

    return proof
