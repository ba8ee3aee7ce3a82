"""From what is due to what is to be written: editions with their messages, a batch at a time.

Nothing is written here, so it does not matter where it happens, in this process or in another one.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from digestbot.errors import RenderError
from digestbot.ledger import Ledger
from digestbot.ledger.paper_updates import OpenUpdate
from digestbot.ledger.subscriptions import Standing
from digestbot.models import Card, Edition, Message
from digestbot.pipeline.drafting import Draft, draft, proofs, take_stock
from digestbot.pipeline.matchmaking import Trouble
from digestbot.pipeline.rendering import Press, message_of
from digestbot.timetable import Turn


@dataclass(frozen=True, slots=True)
class Due:
    """A subscription that is to get an edition."""

    standing: Standing
    turn: Turn
    due: datetime
    waiting: int
    """Its open matches and updates."""


@dataclass(frozen=True, slots=True)
class Ready:
    """An edition with its message, to be written down."""

    edition: Edition
    """As far as there was room for it."""
    shown: tuple[tuple[int, Card], ...]
    """The cards that are shown, with their papers' rows."""
    told: tuple[OpenUpdate, ...]
    """The news that is told. What is only counted stays open for the next edition."""
    message: Message
    turn: Turn

    @property
    def name(self) -> str:
        """The subscription's id."""
        return self.edition.subscription.id

    @property
    def size(self) -> int:
        """Bytes of the message."""
        return sum(len(part.content) for part in self.message.parts)


class Maker:
    """Makes the editions of one round. `start` is the first moment that stands behind them."""

    def __init__(self, ledger: Ledger, press: Press, now: datetime, start: datetime) -> None:
        self._ledger, self._press = ledger, press
        self.now, self.start = now, start
        self._proof = proofs(ledger, start)
        press.renderer.renew()

    def make(self, batch: Sequence[Due]) -> Iterator[Ready | Trouble]:
        """Yield each edition of a batch, or why there is none."""
        stock = take_stock(self._ledger, [(item.standing, item.due) for item in batch], self.now)
        for item in batch:
            try:
                made = draft(self._ledger, stock, item.standing, item.due, self._proof, self.now)
                shown, message = message_of(self._press, self._ledger.instance, made.edition, made.entries, self.now)
                yield _ready(made, shown, message, item.turn)
            except (ValueError, RenderError) as error:
                yield Trouble(item.standing.subscription.id, str(error))


def _ready(made: Draft, edition: Edition, message: Message, turn: Turn) -> Ready:
    rows = {found.match.paper.id: found.row for found in made.opened}
    shown = tuple((rows[card.paper.id], card) for card in (*edition.cards, *edition.lines))
    papers = {item.paper.id for item in edition.updates}
    told = tuple(found for found in made.news if found.updated.paper.id in papers)
    return Ready(edition, shown, told, message, turn)
