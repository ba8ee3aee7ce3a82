"""How often a host is asked, and for how long it wants to be left alone."""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Final

_PACES: Final = {
    "arxiv.org": 3.0,  # info.arxiv.org/help/api/tou: one request every three seconds, one connection at a time
    "biorxiv.org": 1.0,
    "semanticscholar.org": 3.0,  # without a key a hundred requests in five minutes, shared by all
}
"""Seconds between two requests, by the end of the host's name: all hosts of one house count as one."""
_LONGEST: Final = 86_400.0  # seconds; nobody can send us away for ever


class Pace:
    """Remembers when each host was asked last, and waits as long as politeness wants."""

    def __init__(self, clock: Callable[[], float], pause: Callable[[float], object]) -> None:
        self._clock, self._pause = clock, pause
        self._last: dict[str, float] = {}

    def wait(self, host: str, delay: float) -> None:
        """Wait until the host may be asked again: `delay` seconds after the last time, longer where it wants that."""
        house, least = house_of(host)
        if house in self._last:
            left = self._last[house] + max(delay, least) - self._clock()
            if left > 0:
                self._pause(left)

    def asked(self, host: str) -> None:
        """Note that the host has been asked, and has answered or not."""
        self._last[house_of(host)[0]] = self._clock()


def house_of(host: str) -> tuple[str, float]:
    """Return whom a host belongs to, and the seconds that they want between two requests."""
    name = host.lower().rstrip(".")
    for end, pace in _PACES.items():
        if name == end or name.endswith(f".{end}"):
            return end, pace
    return name, 0.0


def retry_after(header: str, moment: Callable[[], datetime]) -> float | None:
    """Return the seconds that a header Retry-After asks for (RFC 9110, section 10.2.3): a number, or a date.

    None for one that says nothing; at most a day.
    """
    text = header.strip()
    if re.fullmatch(r"[0-9]{1,9}", text):
        return min(float(text), _LONGEST)
    try:
        date = parsedate_to_datetime(text)
    except (ValueError, TypeError, OverflowError):
        return None
    seconds = (date if date.tzinfo else date.replace(tzinfo=UTC)) - moment()
    return min(max(seconds.total_seconds(), 0.0), _LONGEST)


def rate_limit(headers: Mapping[str, str], moment: Callable[[], datetime]) -> float | None:
    """Return the seconds until an API may be asked again that has counted our requests and says that none is left.

    ``X-RateLimit-Remaining`` and ``-Reset`` as GitHub and Zenodo send them, the latter in seconds since 1970; GitLab
    leaves the ``X-`` out. None where requests are left, or nothing is said; at most a day.
    """
    left = headers.get("X-RateLimit-Remaining") or headers.get("RateLimit-Remaining") or ""
    reset = headers.get("X-RateLimit-Reset") or headers.get("RateLimit-Reset") or ""
    if left.strip() != "0" or not re.fullmatch(r"[0-9]{1,12}", reset.strip()):
        return None
    return min(max(int(reset) - moment().timestamp(), 1.0), _LONGEST)
