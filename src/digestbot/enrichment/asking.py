"""The questions of a visit: counted, conditional, and never asked of a host that wants to be left alone.

An answer is reduced at once to the few things that it says (`said`), which are kept with its ETag. When the host
answers 304, what it said the last time holds.
"""

import json
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Final
from urllib.parse import urlsplit

from digestbot.connections.web import Answer, Web
from digestbot.errors import FetchError

Said = dict[str, Any]
"""What an answer came to, as JSON data."""

_NONE: Mapping[str, str] = MappingProxyType({})
_LIMITED: Final = frozenset({403, 429, 503})
_PAUSE: Final = 900.0  # seconds that a host is left alone that has had enough and does not say for how long
_SILENT: Final = 2
"""Questions without an answer after which a host is left alone for the rest of the round."""


@dataclass(frozen=True, slots=True)
class Api:
    """Where a host is asked, and as whom."""

    url: str
    token: str = field(default="", repr=False)
    """Empty for asking as anybody."""

    @property
    def headers(self) -> Mapping[str, str]:
        """What to send along: the token, which goes to this host alone."""
        return {"Authorization": f"Bearer {self.token}"} if self.token else {}


@dataclass(frozen=True, slots=True)
class Bounds:
    """What bounds one request."""

    allow_private: bool = False
    max_bytes: int = 2 * 1024**2
    timeout: float = 20.0
    delay: float = 1.0


class SpentError(Exception):
    """The requests of this round are used up; what was begun is for the next one."""


class LimitedError(Exception):
    """A host wants to be left alone: for some seconds, or where there are none, until the next round."""

    def __init__(self, host: str, seconds: float | None = None) -> None:
        self.host, self.seconds = host, seconds
        super().__init__(f"{host} wants to be left alone")


class Asking:
    """Asks, as long as there are requests left; `begin` a visit with what its answers came to the last time.

    `waiting` are the hosts that are to be left alone in this round.
    """

    def __init__(
        self, web: Web, apis: Mapping[str, Api], bounds: Bounds, requests: int, waiting: Iterable[str] = ()
    ) -> None:
        self.apis = apis
        self._web, self._bounds, self._left = web, bounds, requests
        self._waiting = set(waiting)
        self._silent: Counter[str] = Counter()
        self._past: Mapping[str, Any] = {}
        self.answers: dict[str, Any] = {}
        """What the answers of this visit came to, to bring along the next time."""

    @property
    def left(self) -> int:
        """How many requests are left."""
        return self._left

    def begin(self, past: Mapping[str, Any]) -> None:
        """Begin a visit."""
        self._past, self.answers = past, {}

    def said(
        self, url: str, reduce: Callable[[bytes], Said], headers: Mapping[str, str] = _NONE, kept: bool = True
    ) -> Said:
        """Return what the answer to GET says. Raises FetchError, LimitedError, SpentError."""
        before = self._past.get(url, {})
        answer = self._answer(url, before.get("validators", {}), headers)
        said: Said = before.get("said", {}) if answer.unchanged else {**reduce(answer.data), "from": answer.url}
        if kept:
            self.answers[url] = {"validators": answer.validators or before.get("validators", {}), "said": said}
        return said

    def _answer(self, url: str, validators: Mapping[str, Any], headers: Mapping[str, str]) -> Answer:
        host = urlsplit(url).netloc
        if host in self._waiting or self._silent[host] >= _SILENT:
            raise LimitedError(host)
        if self._left <= 0:
            raise SpentError
        self._left -= 1
        try:
            return self._web.get(self._bounds, url, validators, headers)
        except FetchError as error:
            self._silent[host] += error.verdict == "down" and error.status is None
            if error.status == 429 or (error.status in _LIMITED and error.retry_after is not None):
                self._waiting.add(host)
                raise LimitedError(host, error.retry_after or _PAUSE) from error
            raise

    def maybe(self, url: str, reduce: Callable[[bytes], Said], headers: Mapping[str, str] = _NONE) -> Said:
        """Return what the answer says; what it said before where none comes, nothing where there is none (404)."""
        try:
            return self.said(url, reduce, headers)
        except FetchError as error:
            before: Said = {} if error.status == 404 else self._past.get(url, {}).get("said", {})
            return before


def from_json(data: bytes) -> Any:
    """Return JSON data. Raises FetchError for what is none."""
    try:
        return json.loads(data)
    except (ValueError, RecursionError) as error:
        raise FetchError("answered with something that is no JSON", "unreadable") from error


def record(data: bytes) -> Mapping[str, Any]:
    """Return a JSON object. Raises FetchError for anything else."""
    found = from_json(data)
    if not isinstance(found, dict):
        raise FetchError("answered with JSON of another form", "unreadable")
    return found


def text(data: Any, *names: str) -> str:
    """Return a text inside of JSON data, at most 500 characters in one line; empty where there is none."""
    for name in names:
        data = data.get(name) if isinstance(data, dict) else None
    return " ".join(data[:500].split()) if isinstance(data, str) else ""


def number(data: Mapping[str, Any], name: str) -> int | None:
    """Return a whole number that counts something, or None."""
    value = data.get(name)
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 10**12 else None
