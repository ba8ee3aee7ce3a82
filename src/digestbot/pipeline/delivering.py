"""The outbox into the world: one message at a time, and what became of it written down before the next."""

import secrets
import time
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Final, Literal, TypeVar

from digestbot.channels import Channel
from digestbot.errors import DeliveryError, DigestbotError, DoubtfulDeliveryError, LedgerError, PermanentDeliveryError
from digestbot.ledger import Ledger, Transaction, outbox
from digestbot.ledger.outbox import Claim, Policy
from digestbot.models import Message
from digestbot.pipeline.retiring import retire

Clock = Callable[[], datetime]
OpenChannel = Callable[[str], Channel]
"""Gives the channel with a name. Raises DigestbotError when it is not set up; its messages wait then."""
State = Literal["sent", "due", "failed", "in_doubt", "lost"]
"""``due``: put off. ``lost``: another worker had taken the message over by the time it was done."""

_PAUSE: Final = 1.0
_Result = TypeVar("_Result")


@dataclass(frozen=True, slots=True)
class Terms:
    """How `deliver` works."""

    batch: int = 20
    """How many messages one claim takes."""
    lease: timedelta = outbox.LEASE
    """Longer than one hand-over can take."""
    policy: Policy = "resend"
    patience: float = 600.0
    """Seconds to go on trying to write down an outcome; after that LedgerError is raised."""
    pause: Callable[[float], None] = time.sleep
    stop: Callable[[], bool] = lambda: False
    """Asked before each message: whether to leave the rest for later."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """What became of one message."""

    key: str
    channel: str
    address: str
    subject: str
    state: State
    said: str
    """The other side's words, or what went wrong."""


@dataclass(frozen=True, slots=True)
class DeliverReport:
    """What became of the messages that were due."""

    deliveries: tuple[Delivery, ...]
    doubtful: int = 0
    """Messages found whose worker had vanished while it handed them over."""

    @property
    def failed(self) -> bool:
        """Whether something has to be looked at."""
        return bool(self.doubtful) or any(item.state != "sent" for item in self.deliveries)

    def count(self, state: State) -> int:
        """Return how many messages ended in `state`."""
        return sum(item.state == state for item in self.deliveries)


@dataclass(frozen=True, slots=True)
class _Outcome:
    state: State
    reason: str
    reply: str


def deliver(ledger: Ledger, open_channel: OpenChannel, clock: Clock, terms: Terms | None = None) -> DeliverReport:
    """Hand over what is due, until nothing is or `terms.stop` says so.

    A clock, not a moment: leases have to end while this runs. One `deliver` runs on an owned ledger at a
    time, so what it finds claimed belongs to a process that is gone. A message can fail; this cannot, but for
    LedgerError: when an outcome cannot be written down, the message ends in doubt and is named.
    """
    terms = terms or Terms()
    with ledger.write() as tx:
        found = outbox.reconcile(tx, clock(), alone=ledger.owned, policy=terms.policy)
    deliveries: list[Delivery] = []
    with _Courier(ledger, open_channel, clock, terms) as courier:
        while claims := courier.claim():
            deliveries += courier.work(claims)
    retire(ledger, [(item.key, item.channel, item.said) for item in deliveries if item.state == "failed"], clock())
    return DeliverReport(tuple(deliveries), found.doubtful)


class _Courier:
    """One worker: a token, the channels it keeps open, and the messages it holds."""

    def __init__(self, ledger: Ledger, open_channel: OpenChannel, clock: Clock, terms: Terms) -> None:
        self._ledger, self._open, self._clock, self._terms = ledger, open_channel, clock, terms
        self._token = secrets.token_hex(8)
        self._channels: dict[str, Channel] = {}
        self._stack = ExitStack()

    def __enter__(self) -> "_Courier":
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def claim(self) -> list[Claim]:
        """Take the next messages; none when it is time to stop."""
        if self._terms.stop():
            return []
        with self._ledger.write() as tx:
            return outbox.claim(tx, self._terms.batch, self._token, self._clock(), self._terms.lease)

    def work(self, claims: Sequence[Claim]) -> Iterator[Delivery]:
        """Hand over each of the messages; give back what there is no time for."""
        lease_until: datetime | None = claims[0].lease_until
        with self._giving_back():
            for item, following in zip(claims, (*claims[1:], None), strict=True):
                if self._terms.stop() or lease_until is None or self._clock() >= lease_until:
                    self._release(item)
                    return
                with self._ledger.read() as tx:
                    message = outbox.load(tx, item)
                outcome = self._hand_over(message)
                mine, lease_until = self._until_it_holds(partial(self._settle, item, outcome, following))
                state, said = outcome.state if mine else "lost", outcome.reply or outcome.reason
                yield Delivery(message.key, message.channel, message.address, message.subject, state, said)

    def _hand_over(self, message: Message) -> _Outcome:
        try:
            return _Outcome("sent", "", self._channel(message.channel).deliver(message))
        except PermanentDeliveryError as error:
            return _Outcome("failed", error.message, error.reply)
        except DoubtfulDeliveryError as error:
            return _Outcome("in_doubt", error.message, error.reply)
        except DeliveryError as error:
            return _Outcome("due", error.message, error.reply)
        except DigestbotError as error:
            return _Outcome("due", str(error), "")

    def _channel(self, name: str) -> Channel:
        if name not in self._channels:
            self._channels[name] = self._stack.enter_context(self._open(name))
        return self._channels[name]

    def _settle(
        self, item: Claim, outcome: _Outcome, following: Claim | None, tx: Transaction
    ) -> tuple[bool, datetime | None]:
        """Write an outcome and the mark of the next message, in one commit.

        Return whether the message was ours still, and until when the next one is.
        """
        now, lease = self._clock(), self._terms.lease
        mine = _write(tx, item, outcome, now)
        held = following is not None and outbox.hand(tx, following, now, lease)
        return mine, now + lease if held else None

    def _until_it_holds(self, change: Callable[[Transaction], _Result]) -> _Result:
        """Repeat a commit: the mail is out, and a ledger that does not know would send it again."""
        waited = 0.0
        while True:
            try:
                with self._ledger.write() as tx:
                    return change(tx)
            except LedgerError:
                if waited >= self._terms.patience:
                    raise
                self._terms.pause(_PAUSE)
                waited += _PAUSE

    def _release(self, untouched: Claim) -> None:
        with self._ledger.write() as tx:
            outbox.release(tx, self._token, self._clock(), untouched)

    @contextmanager
    def _giving_back(self) -> Iterator[None]:
        """Whatever ends the batch, an interrupt too: what was not begun is due again at once."""
        try:
            yield
        finally:
            with self._ledger.write() as tx:
                outbox.release(tx, self._token, self._clock())


def _write(tx: Transaction, item: Claim, outcome: _Outcome, now: datetime) -> bool:
    why = (outcome.reason, outcome.reply)
    match outcome.state:
        case "sent":
            return outbox.sent(tx, item, outcome.reply, now)
        case "failed":
            return outbox.failed(tx, item, why, now)
        case "in_doubt":
            return outbox.doubtful(tx, item, why, now)
        case _:
            jitter = zlib.crc32(f"{item.row} {item.attempt}".encode()) / 2**32
            return outbox.deferred(tx, item, why, now, jitter)
