"""A webhook gets the edition as signed JSON, and what became of it follows from the status of the answer.

::

    2xx                                              sent
    408, 425, 429, 5xx, no answer, no connection,
    an address that may not be asked                 TransientDeliveryError
    any other, redirects too                         PermanentDeliveryError; 410 ends the subscription

Requests are signed as https://www.standardwebhooks.com has it, so receivers verify them with a library. An answer
that was lost leaves nothing in doubt: each attempt bears the same ``webhook-id``, by which receivers know a repeat.
"""

import base64
import hashlib
import hmac
import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from types import TracebackType
from typing import ClassVar, Final, Self

from digestbot.addresses import masked, without
from digestbot.connections.reach import Guard
from digestbot.errors import PermanentDeliveryError, TransientDeliveryError
from digestbot.models import Message
from digestbot.tokens import webhook_key

_LATER: Final = frozenset({408, 425, 429})
_PRIVATE: Final = "set webhook.allow_private = true if that is meant"


@dataclass(frozen=True, slots=True)
class Posting:
    """How webhooks are posted."""

    guard: Guard = field(default_factory=lambda: Guard(advice=_PRIVATE))
    """Where connections may go."""
    seconds: float = 30.0
    """For all of one attempt; well below the lease of a message."""
    clock: Callable[[], float] = time.time
    """Receivers refuse a signature that is minutes old, so it bears the moment of the attempt."""

    @classmethod
    def to(cls, *, private: bool) -> Self:
        """Return how to post to public addresses, or to private ones too."""
        return cls(Guard(private, advice=_PRIVATE))


class WebhookChannel:
    """Posts editions; `secret` is the installation's, from which each address has a key of its own."""

    accepts: ClassVar[Collection[str]] = ("application/json",)

    def __init__(self, secret: bytes, posting: Posting | None = None) -> None:
        self._secret, self._posting = secret, posting or Posting()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close nothing: no connection outlives its message."""

    def deliver(self, message: Message) -> str:
        """Post the edition; return the status and its phrase. Raises the DeliveryError tree."""
        from digestbot.channels.posting import post  # noqa: PLC0415 (httpx takes a while)

        content = next((part.content for part in message.parts if part.media_type in self.accepts), b"")
        if not content:
            raise _failure(PermanentDeliveryError, message, "the message has no part of application/json")
        headers = signed(self._secret, message, content, int(self._posting.clock()))
        status, words = post(message, content, headers, self._posting.guard, self._posting.seconds)
        said = masked(without(words, message.address))  # a page for 404 likes to repeat what was asked for
        reply = f"{status} {_phrase(status)}{said and f': {said}'}"
        if 200 <= status < 300:
            return reply
        kind = TransientDeliveryError if status in _LATER or status >= 500 else PermanentDeliveryError
        where = "; it redirects, and nothing is sent on: write the new address" if 300 <= status < 400 else ""
        raise _failure(kind, message, f"the webhook answered {status} {_phrase(status)}{where}", reply)


def signed(secret: bytes, message: Message, content: bytes, moment: int) -> Mapping[str, str]:
    """Return the headers that let a receiver know who sent `content`, and whether it had it before.

    The signature is an HMAC-SHA-256 (RFC 2104) of ``id.moment.content``; `moment` is in seconds since 1970.
    """
    name = f"{message.key}.{message.generation}"
    facts = b".".join((name.encode("ascii", "replace"), str(moment).encode(), content))
    signature = base64.b64encode(hmac.digest(webhook_key(secret, message.address), facts, hashlib.sha256)).decode()
    return {"webhook-id": name, "webhook-timestamp": str(moment), "webhook-signature": f"v1,{signature}"}


def is_gone(channel: str, reply: str) -> bool:
    """Return whether a receiver said that it wants nothing more, ever (RFC 9110, 15.5.11)."""
    return channel == "webhook" and reply.startswith(f"{HTTPStatus.GONE.value} ")


def _phrase(status: int) -> str:
    return HTTPStatus(status).phrase if status in set(HTTPStatus) else "without a known meaning"


def _failure(
    kind: type[PermanentDeliveryError | TransientDeliveryError], message: Message, text: str, reply: str = ""
) -> PermanentDeliveryError | TransientDeliveryError:
    return kind(text, channel=message.channel, address=message.address, reply=reply)
