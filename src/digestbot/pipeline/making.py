"""From what is due to what is to be written: editions with their messages, a batch at a time.

Nothing is written here, so it does not matter where it happens, in this process or in another one.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from digestbot.errors import RenderError
from digestbot.facts import Fact
from digestbot.ledger import Ledger
from digestbot.ledger.outbox import domain_of
from digestbot.ledger.subscriptions import Standing
from digestbot.ledger.written import CardRow, EditionRow, card_row, edition_row
from digestbot.models import Edition, Message
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


class Ready(NamedTuple):
    """An edition with its message as it is to be written down: no papers, so that it is light on its way."""

    edition: EditionRow
    cards: tuple[CardRow, ...]
    """What is shown, as far as there was room for it."""
    kinds: tuple[str, ...]
    """The kinds of updates that the subscription takes."""
    told: tuple[tuple[int, Fact], ...]
    """The news that is told, with its papers' rows. What is only counted stays open for the next edition."""
    message: Message
    domain: str
    """Where the message goes."""
    turn: Turn

    @property
    def name(self) -> str:
        """The subscription's id."""
        return self.edition.subscription

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
        asked = [(item.standing, item.due) for item in batch]
        stock = take_stock(self._ledger, asked, self.now, self._press.writer)
        for item in batch:
            try:
                made = draft(self._ledger, stock, item.standing, item.due, self._proof, self.now)
                shown, message = message_of(self._press, self._ledger.instance, made.edition, made.entries, self.now)
                yield _ready(made, shown, message, item.turn)
            except (ValueError, RenderError) as error:
                yield Trouble(item.standing.subscription.id, str(error))


def _ready(made: Draft, edition: Edition, message: Message, turn: Turn) -> Ready:
    rows = {found.match.paper.id: found.row for found in made.opened}
    shown = tuple(card_row(rows[card.paper.id], card) for card in (*edition.cards, *edition.lines))
    papers = {item.paper.id for item in edition.updates}
    news = [found for found in made.news if found.updated.paper.id in papers]
    told = tuple((found.row, fact) for found in news for fact in found.updated.facts)
    return Ready(
        edition_row(edition, len(shown)), shown, edition.subscription.updates, told, message, domain_of(message), turn
    )
