"""The ways out. A channel says which media types it carries and hands one message over at a time.

::

    Message ─deliver→ the other side's words          it is out
                    ├ TransientDeliveryError          try again later
                    ├ PermanentDeliveryError          never try again
                    └ DoubtfulDeliveryError           it may have arrived
"""

from collections.abc import Collection, Mapping
from types import TracebackType
from typing import ClassVar, Final, Protocol, Self

from digestbot.channels.feed import FeedChannel
from digestbot.channels.folder import FolderChannel
from digestbot.channels.notify import NotifyChannel
from digestbot.channels.smtp import SmtpChannel
from digestbot.channels.webhook import WebhookChannel
from digestbot.models import Message


class Channel(Protocol):
    """A way out. Leaving the context closes what it keeps open; one thread uses it at a time."""

    accepts: ClassVar[Collection[str]]
    """The media types it carries; a message needs one part at least of these."""

    def deliver(self, message: Message) -> str:
        """Hand one message over and return the other side's words. Raises the DeliveryError tree."""
        ...

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...


CHANNELS: Final[Mapping[str, type[Channel]]] = {
    "email": SmtpChannel,
    "feed": FeedChannel,
    "folder": FolderChannel,
    "notify": NotifyChannel,
    "webhook": WebhookChannel,
}
"""The channels by the name that a subscription gives them."""
