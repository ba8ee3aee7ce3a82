"""How messages are delivered, and what is told of it afterwards."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Literal

from digestbot.ledger import outbox
from digestbot.ledger.relays import Limits
from digestbot.pipeline.pacing import Budget

Clock = Callable[[], datetime]
State = Literal["sent", "due", "failed", "in_doubt", "lost"]
"""``due``: put off. ``lost``: another worker had taken the message over by the time it was done."""


def uptime() -> float:
    """Return the seconds since the machine was started, time asleep included where the system counts it.

    Nobody can set this clock, and on one machine all processes read the same.
    """
    return time.clock_gettime(time.CLOCK_BOOTTIME) if hasattr(time, "CLOCK_BOOTTIME") else time.monotonic()


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
class Terms:
    """How `deliver` works."""

    batch: int = 100
    """How many messages one claim takes."""
    lease: timedelta = outbox.LEASE
    """Longer than one hand-over can take."""
    limits: Mapping[str, Limits] = field(default_factory=lambda: MappingProxyType({}))
    """What each channel may be given; one connection without."""
    budget: Budget = field(default_factory=Budget)
    hold: tuple[str, ...] = ()
    """Channels whose doubts are left to a person; on the others they are sent once more."""
    patience: float = 600.0
    """Seconds to go on trying to write down an outcome; after that LedgerError is raised."""
    grace: float = 20.0
    """Seconds that hand-overs may still take after `stop`; then they are left in doubt."""
    pause: Callable[[float], None] = time.sleep
    stop: Callable[[], bool] = lambda: False
    """Asked before each message: whether to leave the rest for later."""
    uptime: Callable[[], float] = uptime
    tell: Callable[[Delivery], None] = lambda _: None
    """Called with each message that came to an end, as soon as that is written down."""


@dataclass(frozen=True, slots=True)
class DeliverReport:
    """What became of the messages that were due."""

    deliveries: tuple[Delivery, ...] = ()
    """The first thousand; `Terms.tell` gets all of them."""
    counts: Mapping[State, int] = field(default_factory=dict)
    doubtful: int = 0
    """Messages found whose worker had vanished while it handed them over."""
    held: tuple[str, ...] = ()
    """Why messages wait that could have gone: what rests, since when, and until when."""

    @property
    def failed(self) -> bool:
        """Whether something has to be looked at."""
        return bool(self.doubtful or self.held) or any(self.counts[state] for state in self.counts if state != "sent")

    def count(self, state: State) -> int:
        """Return how many messages ended in `state`."""
        return self.counts.get(state, 0)
