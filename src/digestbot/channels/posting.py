"""One POST over HTTP: bounded in size and time, only to where it may go, and never anywhere else."""

import base64
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from urllib.parse import unquote_to_bytes

import httpx

from digestbot import __version__
from digestbot.connections.reach import Deadline, Guard
from digestbot.connections.wire import DEADLINE, answer
from digestbot.errors import FetchError, PermanentDeliveryError, TransientDeliveryError
from digestbot.models import Message

_WORDS = 200
"""Characters of a refusal that are kept."""


def post(message: Message, content: bytes, headers: Mapping[str, str], guard: Guard, seconds: float) -> tuple[int, str]:
    """Post `content` to the message's address; return the status, and the first words of an answer that is no 2xx.

    The answer's body beyond that is not read, whatever its length. Raises TransientDeliveryError when there is no
    answer within `seconds`, PermanentDeliveryError when the address is none.
    """
    request = _request(message, content, headers, Deadline(time.monotonic, seconds))
    with ExitStack() as stack:
        with _in_words(message, seconds):
            response = stack.enter_context(answer(guard, request))
        return response.status_code, "" if response.is_success else _words(response)


def _request(message: Message, content: bytes, headers: Mapping[str, str], deadline: Deadline) -> httpx.Request:
    try:
        url = _url(message.address)
        given = {
            "User-Agent": f"digestbot/{__version__}",
            "Content-Type": "application/json",
            "Accept-Encoding": "identity",
            **_log_in(url),
            **headers,
        }
        bare = url.copy_with(userinfo=b"", fragment=None)
        return httpx.Request("POST", bare, headers=given, content=content, extensions={DEADLINE: deadline})
    except (httpx.InvalidURL, UnicodeError, ValueError) as error:
        text = f"the webhook has no address that can be posted to: {error}"
        raise PermanentDeliveryError(text, channel=message.channel, address=message.address) from error


def _url(text: str) -> httpx.URL:
    url = httpx.URL(text)
    if url.scheme not in {"http", "https"} or not url.host or not 0 < (url.port or 1) < 65536:
        raise ValueError("only http and https addresses with a host are posted to")
    return url


def _log_in(url: httpx.URL) -> dict[str, str]:
    """Return the log-in that stands in an address as a header (RFC 7617)."""
    if not url.userinfo:
        return {}
    return {"Authorization": f"Basic {base64.b64encode(unquote_to_bytes(url.userinfo)).decode('ascii')}"}


def _words(response: httpx.Response) -> str:
    """Return the first words of a body; a body that does not come says nothing."""
    piece = b""
    with suppress(httpx.TransportError, OSError):
        piece = next(response.iter_raw(), b"")
    text = piece[: 4 * _WORDS].decode("utf-8", "replace")
    return " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())[:_WORDS]


@contextmanager
def _in_words(message: Message, seconds: float) -> Iterator[None]:
    """Raise TransientDeliveryError for whatever keeps an answer from coming."""
    try:
        yield
    except FetchError as error:  # where connections may not go
        raise _later(message, error.message) from error
    except (httpx.ConnectError, httpx.ConnectTimeout) as error:
        raise _later(message, f"the webhook cannot be reached: {error}") from error
    except (httpx.TimeoutException, TimeoutError) as error:
        raise _later(message, f"the webhook did not answer within {seconds:g} s") from error
    except httpx.TransportError as error:
        raise _later(message, f"the webhook gave no answer that is HTTP: {error}") from error


def _later(message: Message, text: str) -> TransientDeliveryError:
    return TransientDeliveryError(text, channel=message.channel, address=message.address)
