"""Open matches into the outbox: for each subscription that is due, one edition, whole or not at all.

::

    due ─a page→ batches ─read together→ drafts ─render, each for itself→ messages ─one transaction→ outbox

A batch shares its two transactions, since that is what a small edition costs most. What somebody else has changed
meanwhile is left out of it, and what cannot be rendered never gets there.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from digestbot.errors import LedgerError
from digestbot.ledger import Ledger, matches, outbox, paper_updates, subscriptions
from digestbot.ledger import editions as published
from digestbot.ledger.outbox import Letter
from digestbot.ledger.store import Transaction
from digestbot.ledger.subscriptions import Standing
from digestbot.models import Edition
from digestbot.pipeline.drafting import draft, proofs, take_stock
from digestbot.pipeline.making import Due, Maker, Ready
from digestbot.pipeline.matchmaking import BACKLOG, Trouble, backfill
from digestbot.pipeline.printers import Printers, made
from digestbot.pipeline.rendering import Press
from digestbot.timetable import Turn, look

_TOGETHER = 100
"""Subscriptions whose editions are read and written together at most."""
_WAITING = 2000
"""Open matches and updates in a batch; one subscription alone may have more."""
_OF_A_FEED = 100
"""What a feed counts for in it: it shows as many entries, in three forms."""
_ROOM = 4_000_000
"""Bytes of messages that are held before they are written."""


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


def publish(
    ledger: Ledger, press: Press, now: datetime, backlog: timedelta = BACKLOG, printers: Printers | None = None
) -> PublishReport:
    """Compose, render and put into the outbox what is due at `now`; each edition whole or not at all.

    A subscription is due when a scheduled time has passed since the last one it answered; a new one is due at
    once, for the last scheduled time before `now`. What cannot be rendered is in the report, stays open, and
    is tried again in the next round. `backlog` is how far back a new subscription looks. `printers` are other
    processes that compose and render where there is much to do.
    """
    round_ = _Round(ledger, now)
    round_.troubles += backfill(ledger, now, backlog)
    batches = (batch for page in _pages(ledger, now) for batch in _batches(round_.due(page)))
    for items in made(Maker(ledger, press, now, now - backlog), batches, printers):
        round_.take(items)
    return PublishReport(tuple(round_.issues), tuple(round_.empty), tuple(round_.troubles))


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
    stock = take_stock(ledger, [(standing, now)], now, writer)
    return draft(ledger, stock, standing, now, proofs(ledger, now - backlog), now).edition


class _Round:
    """One round of publishing, and what came of it so far."""

    def __init__(self, ledger: Ledger, now: datetime) -> None:
        self._ledger, self._now = ledger, now
        self.issues: list[Issue] = []
        self.empty: list[str] = []
        self.troubles: list[Trouble] = []

    def due(self, page: Sequence[tuple[Standing, int]]) -> Iterator[Due]:
        """Yield those of a page that get an edition, and remember of the others when to look again."""
        looked: list[tuple[str, datetime | None, datetime | None]] = []
        for standing, waiting in page:
            item = standing.subscription
            try:
                turn = _turn(self._ledger, standing, self._now, waiting)
            except ValueError as error:
                self.troubles.append(Trouble(item.id, str(error)))
                continue
            if turn.due is not None and (waiting or item.empty != "skip"):
                yield Due(standing, turn, turn.due, waiting)
            else:
                looked.append((item.id, turn.answered, turn.next_look))
                self.empty += [item.id] if turn.due else []
        if looked:
            with self._ledger.write() as tx:
                subscriptions.set_looked(tx, looked)

    def take(self, items: Iterable[Ready | Trouble]) -> None:
        """Put the editions of a batch into the outbox."""
        ready: list[Ready] = []
        size = 0
        for item in items:
            if isinstance(item, Trouble):
                self.troubles.append(item)
                continue
            ready.append(item)
            size += item.size
            if size > _ROOM:
                self._write(ready)
                ready, size = [], 0
        self._write(ready)

    def _write(self, ready: Sequence[Ready]) -> None:
        """Consume the matches and the updates that are shown and put the messages into the outbox, together."""
        if not ready:
            return
        with self._ledger.write() as tx:
            taken = _taken(tx, ready)
            free = [edition for edition in ready if edition.name not in taken]
            if not _put(tx, free, self._now):
                raise LedgerError("it changed under one transaction; nothing was published", path=self._ledger.path)
        reason = "it changed while its edition was being made; the next round will serve it"
        self.troubles += [Trouble(edition.name, reason) for edition in ready if edition.name in taken]
        self.issues += map(_issue, free)


def _taken(tx: Transaction, ready: Sequence[Ready]) -> set[str]:
    """Return the subscriptions that somebody changed while their editions were being made."""
    names = [edition.name for edition in ready]
    answered = published.answered(tx, [edition.edition for edition in ready])
    pairs = matches.open_pairs(tx, names)
    news = paper_updates.open_pairs(tx, names) if any(edition.told for edition in ready) else set()

    def is_taken(item: Ready) -> bool:
        consumed = any((item.name, card.paper) not in pairs for card in item.cards)
        told = any((item.name, row, fact) not in news for row, fact in item.told)
        return consumed or told or (item.name, item.edition.due) in answered

    return {edition.name for edition in ready if is_taken(edition)}


def _put(tx: Transaction, ready: Sequence[Ready], now: datetime) -> bool:
    """Write editions down. Return False when something was not open that is: then roll back."""
    rows = published.add(tx, [item.edition for item in ready], now)
    placed = list(zip(rows, ready, strict=True))
    consumed = matches.consume(tx, [(item.name, card.paper, row) for row, item in placed for card in item.cards])
    told = [(item.name, paper, fact, row) for row, item in placed for paper, fact in item.told]
    if not (consumed and paper_updates.consume(tx, told)):
        return False
    published.add_cards(tx, [(row, item.cards) for row, item in placed])
    paper_updates.follow(tx, [(item.name, item.kinds, item.cards) for item in ready], now)
    outbox.enqueue(tx, [_letter(row, item) for row, item in placed], now)
    subscriptions.set_looked(tx, [(item.name, item.turn.answered, item.turn.next_look) for item in ready])
    return True


def _letter(row: int, item: Ready) -> Letter:
    return Letter(row, item.edition.due, item.name, item.message, item.domain)


def _issue(item: Ready) -> Issue:
    edition, message = item.edition, item.message
    where = message.channel, message.address, message.key
    updates = len({row for row, _ in item.told})
    return Issue(item.name, edition.due, message.subject, edition.papers, *where, updates=updates)


def _batches(due: Iterator[Due]) -> Iterator[list[Due]]:
    """Yield those that are due in batches that stay small however much waits for one of them."""
    batch: list[Due] = []
    waiting = 0
    for item in due:
        if batch and (len(batch) >= _TOGETHER or waiting + item.waiting > _WAITING):
            yield batch
            batch, waiting = [], 0
        batch.append(item)
        waiting += item.waiting + _OF_A_FEED * (item.standing.subscription.channel == "feed")
    if batch:
        yield batch


def _pages(ledger: Ledger, now: datetime) -> Iterator[list[tuple[Standing, int]]]:
    """Yield the subscriptions that may be due, with how many matches and updates are open for each."""
    last: Standing | None = None
    while True:
        with ledger.read() as tx:
            standings = subscriptions.to_look_at(tx, now, last)
            names = [standing.subscription.id for standing in standings]
            waiting = Counter(matches.open_counts(tx, names)) + Counter(paper_updates.open_counts(tx, names))
        if not standings:
            return
        yield [(standing, waiting[standing.subscription.id]) for standing in standings]
        last = standings[-1]


def _turn(ledger: Ledger, standing: Standing, now: datetime, waiting: int) -> Turn:
    """Return what a subscription has to answer now. Raises ValueError for a schedule or a zone that is none."""

    def counted(since: datetime) -> int:
        with ledger.read() as tx:
            return published.count_since(tx, standing.subscription.id, since)

    return look(standing.subscription, standing.last_due, now, waiting, counted)
