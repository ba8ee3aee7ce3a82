"""Chats and pushes, by Apprise: an address is one of its URLs, a message is short.

::

    NotifyChannel ─url, title, body→ a process of its own ─Apprise→ the service
                  ←────── what became of it ──────┘

The process is there because Apprise loads a lot, reads answers of any length and keeps to no time as a whole; one
that is of no use any longer can be ended. Its environment holds none of our secrets.
"""

import importlib.util
import json
import os
import subprocess
import sys
from collections.abc import Collection, Mapping
from types import TracebackType
from typing import Any, ClassVar, Final, Self

from digestbot.errors import (
    ConfigError,
    DeliveryError,
    DoubtfulDeliveryError,
    PermanentDeliveryError,
    TransientDeliveryError,
)
from digestbot.models import Message

BRIEF_TEXT: Final = "text/plain; form=brief"
BRIEF_MARKDOWN: Final = "text/markdown; form=brief"
MISSING: Final = "chats and pushes need an extra: pip install 'digestbot[notify]'"

_PROGRAM: Final = (sys.executable, "-P", "-m", "digestbot.channels.notifying")
_ERRORS: Final[Mapping[str, type[DeliveryError]]] = {
    "later": TransientDeliveryError,
    "never": PermanentDeliveryError,
    "doubt": DoubtfulDeliveryError,
}


class NotifyChannel:
    """Sends short messages. Raises ConfigError when Apprise is not installed."""

    accepts: ClassVar[Collection[str]] = (BRIEF_TEXT, BRIEF_MARKDOWN)

    def __init__(self, seconds: float = 60.0, memory: int = 1 << 30) -> None:
        if importlib.util.find_spec("apprise") is None:
            raise ConfigError(MISSING, path="notify")
        self._seconds, self._memory = seconds, memory

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close nothing: no process outlives its message."""

    def deliver(self, message: Message) -> str:
        """Hand the short form over; return what the service said. Raises the DeliveryError tree."""
        forms = {part.media_type: part.content.decode() for part in message.parts}
        if not forms.keys() >= set(self.accepts):
            text = f"the message has no part of {', '.join(self.accepts)}"
            raise PermanentDeliveryError(text, channel=message.channel, address=message.address)
        order = {"url": message.address, "title": message.subject, "memory": self._memory}
        outcome, said = self._told({**order, "text": forms[BRIEF_TEXT], "markdown": forms[BRIEF_MARKDOWN]})
        if outcome == "sent":
            return said
        raise _ERRORS[outcome](said, channel=message.channel, address=message.address)

    def _told(self, order: Mapping[str, Any]) -> tuple[str, str]:
        """Return what became of an order, and the words for it."""
        try:
            done = subprocess.run(  # noqa: S603 (our own program; the order goes over its standard input)
                _PROGRAM,
                input=json.dumps(order).encode(),
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,  # it may hold secrets
                timeout=self._seconds,
                env={name: value for name, value in os.environ.items() if not name.startswith("DIGESTBOT_")},
                start_new_session=True,  # Ctrl-C lets what is under way come to its end
                check=False,
            )
        except subprocess.TimeoutExpired:
            return "doubt", f"the service did not come to an end within {self._seconds:g} s"
        except OSError as error:
            return "later", f"the notifier cannot be started: {error.strerror or error}"
        try:
            outcome, said = json.loads(done.stdout.splitlines()[-1])
        except (ValueError, IndexError):
            return "doubt", f"the notifier ended without a word, with code {done.returncode}"
        return (outcome, str(said)) if outcome in {"sent", *_ERRORS} else ("doubt", str(said))
