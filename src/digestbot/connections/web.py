"""One way to fetch over HTTP: bounded in size, time and patience, polite, and only from where it may.

::

    get ─attempt→ hop ─redirect→ hop … ─→ Answer        each hop checked anew, one deadline for all of an attempt
        ←─again, after a pause: 429, 5xx, no connection, a cut body; not after a whole deadline

No cookies, no proxies and no log-in from the environment: what is sent is what stands here.
"""

import re
import socket
import ssl
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http import HTTPStatus
from types import MappingProxyType
from typing import Any, Final, Protocol
from urllib.parse import quote

import httpx

from digestbot import __version__
from digestbot.connections import bodies
from digestbot.connections.pace import Pace, rate_limit, retry_after
from digestbot.connections.reach import Deadline, Dial, Guard, Resolve, resolve
from digestbot.connections.wire import DEADLINE, Wire, closing
from digestbot.errors import FetchError

_ATTEMPTS: Final = 3
_BACK_OFF: Final = (2.0, 8.0)  # seconds
_PATIENCE: Final = 60.0  # seconds that a Retry-After is waited for on the spot; longer ones are for a later round
_HOPS: Final = 5
_REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})
_AGAIN: Final = frozenset({429, 500, 502, 503, 504})
_KEPT: Final = "!$%&'*+,/:=?@[]_~-."
"""Signs of an address that stay as they are; what is not ASCII cannot stand in a header."""
_ACCEPT: Final = "application/rss+xml, application/atom+xml, application/feed+json, application/json, */*;q=0.5"


Validators = Mapping[str, Any]
"""What identifies a state of an answer: ``etag`` and ``last_modified``."""
_NOTHING: Validators = MappingProxyType({})


class Limits(Protocol):
    """What bounds one request: a declared source does, and so do the visits to links."""

    @property
    def allow_private(self) -> bool:
        """Whether connections may go to this machine and the local network."""

    @property
    def max_bytes(self) -> int:
        """Bytes of an answer, unpacked."""

    @property
    def timeout(self) -> float:
        """Seconds for one answer, from the name look-up to the last byte."""

    @property
    def delay(self) -> float:
        """Seconds between two requests to one host, at least."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back. `unchanged` is for 304: then there is no body."""

    url: str
    """Where it came from in the end."""
    data: bytes = field(default=b"", repr=False)
    content_type: str = ""
    validators: Validators = field(default_factory=dict)
    """What to bring along the next time, so that an unchanged answer need not be sent again."""
    unchanged: bool = False


@dataclass(frozen=True, slots=True)
class World:
    """What is outside: time, names, connections. Tests bring their own."""

    clock: Callable[[], float] = time.monotonic
    """Seconds that only go on."""
    pause: Callable[[float], object] = time.sleep
    moment: Callable[[], datetime] = lambda: datetime.now(UTC)
    resolve: Resolve = resolve
    dial: Dial = socket.create_connection
    tls: ssl.SSLContext | None = None
    """What certificates are checked with; None for what the system trusts."""
    transport: httpx.BaseTransport | None = None
    """What sends requests; None for real connections."""

    def guard(self, limits: Limits) -> Guard:
        """Return what decides where connections may go."""
        return Guard(limits.allow_private, self.resolve, self.dial)


class Web:
    """Fetches, and remembers between two requests how long a host wants to be left alone."""

    def __init__(self, contact: str = "", base_url: str = "", world: World | None = None) -> None:
        self.world = world or World()
        self.contact = contact
        """The mail address of whoever answers for our requests; empty for none."""
        self._agent = agent(contact, base_url)
        self._pace = Pace(self.world.clock, self.world.pause)

    def get(
        self, limits: Limits, url: str, validators: Validators = _NOTHING, headers: Mapping[str, str] = _NOTHING
    ) -> Answer:
        """Return the answer to GET. `headers` go to the server of `url` only.

        `validators` are those of an earlier answer. Raises FetchError for whatever keeps it from being had.
        """
        waits = iter(_BACK_OFF)
        while True:
            try:
                answer = self._attempt(limits, url, validators, headers)
            except PassingError as error:
                back_off = next(waits, None)
                wanted = error.failure.retry_after
                if back_off is None or (wanted or 0) > _PATIENCE:
                    raise error.failure from error
                self.world.pause(max(back_off, wanted or 0))
            else:
                if answer.unchanged and not validators:
                    raise FetchError("answered 304 Not Modified, though nothing was known of it", "down")
                return answer

    def _attempt(self, limits: Limits, url: str, validators: Validators, headers: Mapping[str, str]) -> Answer:
        """Follow the address to its answer, once."""
        deadline = Deadline(self.world.clock, limits.timeout)
        transport = self.world.transport or Wire(self.world.guard(limits), self.world.tls)
        target = home = _url(url)
        try:
            for _ in range(_HOPS + 1):
                sent = {**_conditions(validators), **(headers if _is_at(target, home) else {})}
                found = self._hop(transport, limits, target, sent, deadline)
                if isinstance(found, Answer):
                    return found
                target = found
        finally:
            transport.close()
        raise FetchError(f"redirects more than {_HOPS} times", "down")

    def _hop(
        self,
        transport: httpx.BaseTransport,
        limits: Limits,
        url: httpx.URL,
        headers: Mapping[str, str],
        deadline: Deadline,
    ) -> Answer | httpx.URL:
        """Ask one address; return its answer, or where it sends us."""
        waited = self.world.clock()
        self._pace.wait(url.host, limits.delay)
        deadline.extend(self.world.clock() - waited)
        request = httpx.Request("GET", url, headers=self._headers(headers), extensions={DEADLINE: deadline})
        try:
            with in_words(limits.timeout), closing(transport.handle_request(request)) as response:
                return self._answer(response, limits, url, deadline)
        finally:
            self._pace.asked(url.host)

    def _headers(self, more: Mapping[str, str]) -> dict[str, str]:
        return {"User-Agent": self._agent, "Accept": _ACCEPT, "Accept-Encoding": bodies.ACCEPTED, **more}

    def _answer(
        self, response: httpx.Response, limits: Limits, url: httpx.URL, deadline: Deadline
    ) -> Answer | httpx.URL:
        status, given = response.status_code, response.headers
        if status in _REDIRECTS and "Location" in given:
            return _url(given["Location"], url)
        if status == HTTPStatus.NOT_MODIFIED:
            return Answer(str(url), unchanged=True)
        if not 200 <= status < 300:
            raise self._refusal(response)
        if _length(given) > limits.max_bytes:
            raise bodies.too_large(limits.max_bytes)
        encoding = given.get("Content-Encoding", "")
        data = bodies.take(response.iter_raw(), encoding, limits.max_bytes, deadline.left)
        kind = given.get("Content-Type", "")[:200]
        return Answer(str(url), bodies.to_utf8(data, kind), kind, _validators(given))

    def _refusal(self, response: httpx.Response) -> Exception:
        """Return what an answer without content comes to: passing when it is worth another try."""
        status = response.status_code
        phrase = HTTPStatus(status).phrase if status in set(HTTPStatus) else ""
        given = response.headers
        wanted = retry_after(given.get("Retry-After", ""), self.world.moment) or rate_limit(given, self.world.moment)
        later = f"; it wants to be left alone for {wanted:.0f} s" if wanted else ""
        failure = FetchError(
            f"answered {status} {phrase}".rstrip() + later,
            "blocked" if 400 <= status < 500 else "down",
            retry_after=wanted,
            status=status,
        )
        return PassingError(failure) if status in _AGAIN else failure


def agent(contact: str, base_url: str) -> str:
    """Return who we say we are: ``digestbot/1.0 (+https://digests.example.org; mailto:you@example.org)``."""
    told = (("+", base_url), ("mailto:", contact))
    known = "; ".join(f"{scheme}{quote(text, safe=_KEPT)}" for scheme, text in told if text)
    return f"digestbot/{__version__}" + (f" ({known})" if known else "")


class PassingError(Exception):
    """Something that may be over in a moment."""

    def __init__(self, failure: FetchError) -> None:
        super().__init__(failure.message)
        self.failure = failure


@contextmanager
def in_words(seconds: float) -> Iterator[None]:
    """Raise FetchError, or PassingError, for what goes wrong with a connection."""
    try:
        yield
    except (httpx.TimeoutException, TimeoutError) as error:
        raise FetchError(f"did not answer within {seconds:g} s", "down") from error
    except httpx.ConnectError as error:
        raise PassingError(FetchError(f"cannot be reached: {error}", "down")) from error
    except httpx.NetworkError as error:
        raise PassingError(FetchError(f"broke off: {error}", "down")) from error
    except httpx.TransportError as error:
        cut = isinstance(error, httpx.RemoteProtocolError) and re.search("closed connection|disconnected", str(error))
        what = "broke off" if cut else "does not keep to HTTP"
        raise PassingError(FetchError(f"{what}: {error}", "down")) from error


def _url(text: str, base: httpx.URL | None = None) -> httpx.URL:
    """Return an address that may be asked, without a log-in in it. Raises FetchError."""
    try:
        url = httpx.URL(text) if base is None else base.join(text)
        url = url.copy_with(userinfo=b"", fragment=None)
    except (httpx.InvalidURL, UnicodeError, ValueError) as error:
        raise FetchError(f"{text[:80]!r} is no address: {error}", "down") from error
    if url.port is not None and not 0 < url.port < 65536:
        raise FetchError(f"{text[:80]!r} is no address: there is no port {url.port}", "down")
    if url.scheme not in {"http", "https"} or not url.host:
        where = "redirects to" if base else "is"
        raise FetchError(f"{where} {str(url)[:80]!r}; only http and https addresses are fetched", "blocked")
    return url


def _is_at(url: httpx.URL, home: httpx.URL) -> bool:
    """Return whether an address belongs to the same server, asked the same way."""
    return (url.scheme, url.host, url.port) == (home.scheme, home.host, home.port)


def _conditions(validators: Validators) -> dict[str, str]:
    """Return the headers of a conditional GET (RFC 9110, section 13)."""
    names = {"etag": "If-None-Match", "last_modified": "If-Modified-Since"}
    return {header: value for name, header in names.items() if isinstance(value := validators.get(name), str)}


def _validators(headers: httpx.Headers) -> dict[str, str]:
    """Return what identifies this state of the answer; nothing that could not be sent back."""
    found = {"etag": headers.get("ETag", ""), "last_modified": headers.get("Last-Modified", "")}
    return {name: value for name, value in found.items() if value.isascii() and 0 < len(value) < 300}


def _length(headers: httpx.Headers) -> int:
    """Return the length that is announced; 0 for none."""
    text = headers.get("Content-Length", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 16 else 0
