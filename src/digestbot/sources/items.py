"""What a source yields, and what it gets to work with.

::

    declared Source, what it remembers, Visit ─fetch→ Fetched | Unread | Remember | Notice … or FetchError

A source keeps no state of its own. What it wants to know the next time it yields as `remember`: plain JSON, a key
whose value is None is forgotten. It is kept only once the digest has been read, so that nothing is lost on the way.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import Any

from digestbot.declared import Source
from digestbot.models import Verdict

Past = Mapping[str, Any]
"""What a source remembers, as JSON data."""

NOTHING: Past = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Fetched:
    """A digest: its name for people, its bytes, and what to remember once it has been read.

    With `once`, that is remembered even when no reader could read it: it is told, and not asked for again.
    """

    name: str
    data: bytes = field(repr=False)
    remember: Past = field(default_factory=dict)
    once: bool = False


@dataclass(frozen=True, slots=True)
class Unread:
    """A digest that is there and was not taken, and why. With `remember` it is told once, else in every run."""

    name: str
    reason: str
    remember: Past = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Remember:
    """Something to remember that hangs on no digest."""

    values: Past


@dataclass(frozen=True, slots=True)
class Notice:
    """Something to tell of the run as a whole; with a verdict when it is a fault."""

    reason: str
    verdict: Verdict | None = None


Item = Fetched | Unread | Remember | Notice

Open = Callable[[Source, Past, datetime], Iterator[Item]]
"""Fetches a source, given what it remembers and the time. Raises FetchError, also after some items."""
