"""A carrier is one connection: a thread that hands over one message at a time and says what became of it.

It knows nothing of the ledger. What it is given is marked there already, and what it says is written there by
whoever gave it; so a carrier never holds more than the one message that may be in doubt.
"""

import threading
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from queue import SimpleQueue

from digestbot.channels import Channel
from digestbot.errors import DeliveryError, DigestbotError, DoubtfulDeliveryError, PermanentDeliveryError
from digestbot.ledger.outbox import Claim, State
from digestbot.models import Message

OpenChannel = Callable[[str], Channel]
"""Gives the channel with a name. Raises DigestbotError when it is not set up; its messages wait then."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """What became of one hand-over."""

    state: State
    reason: str = ""
    reply: str = ""


@dataclass(frozen=True, slots=True)
class Task:
    """One message to hand over, as long as that is allowed."""

    claim: Claim
    message: Message
    allowed: Callable[[], bool]
    """Whether the lease lasts still."""


@dataclass(frozen=True, slots=True)
class Done:
    """A task that came to an end."""

    carrier: "Carrier"
    task: Task
    attempt: Attempt | None
    """None when it was not begun."""
    crash: BaseException | None = field(default=None)
    """What ended the carrier itself: an interrupt."""


class Carrier:
    """One connection. `give` it a task when it is idle; what became of it comes into the queue `done`."""

    def __init__(self, channel: str, open_channel: OpenChannel, done: "SimpleQueue[Done]") -> None:
        self.channel = channel
        self.task: Task | None = None
        self._open, self._done = open_channel, done
        self._inbox: SimpleQueue[Task | None] = SimpleQueue()
        # A daemon: a server that never answers must not keep the program from ending.
        self._thread = threading.Thread(target=self._work, name=f"digestbot-{channel}", daemon=True)
        self._thread.start()

    def give(self, task: Task) -> None:
        """Let it hand a message over."""
        self.task = task
        self._inbox.put(task)

    def end(self) -> None:
        """Let it close its connection as soon as it is idle."""
        self._inbox.put(None)

    def join(self, seconds: float) -> None:
        """Wait for the connection to be closed, but not for ever."""
        self._thread.join(max(0.0, seconds))

    def _work(self) -> None:
        with ExitStack() as stack:
            channel: Channel | None = None
            while (task := self._inbox.get()) is not None:
                try:
                    if not task.allowed():
                        self._done.put(Done(self, task, None))
                        continue
                    if channel is None:
                        channel = stack.enter_context(self._open(self.channel))
                    self._done.put(Done(self, task, hand_over(channel, task.message)))
                except DigestbotError as error:
                    self._done.put(Done(self, task, Attempt("due", str(error))))
                except BaseException as error:  # noqa: BLE001 (told to the one who can end the program)
                    self._done.put(Done(self, task, None, error))


def hand_over(channel: Channel, message: Message) -> Attempt:
    """Hand one message over; whatever the channel raises is an outcome.

    An error that nobody foresaw leaves the message in doubt: nobody knows how far it came.
    """
    try:
        return Attempt("sent", "", channel.deliver(message))
    except PermanentDeliveryError as error:
        return Attempt("failed", error.message, error.reply)
    except DoubtfulDeliveryError as error:
        return Attempt("in_doubt", error.message, error.reply)
    except DeliveryError as error:
        return Attempt("due", error.message, error.reply)
    except DigestbotError as error:
        return Attempt("due", str(error))
    except Exception as error:  # noqa: BLE001 (a fault of ours in one message must not stop the others)
        return Attempt("in_doubt", f"the channel failed in a way that nobody foresaw: {type(error).__name__}: {error}")
