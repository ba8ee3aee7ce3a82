"""The daily papers of the Hugging Face hub: one request a day, from the last one that was asked for up to today."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

from digestbot.connections.web import Web
from digestbot.declared import Source
from digestbot.sources.feed import seen_at
from digestbot.sources.items import Fetched, Item, Notice, Past, Remember

_API: Final = "https://huggingface.co/api/daily_papers"
_MOST: Final = 100
"""Papers of one answer, at most."""
_FARTHEST: Final = 60
"""Days that are asked for in one run; the others come in the next."""
_NONE: Final = (b"[]", b"[ ]", b"")


def fetch(source: Source, past: Past, web: Web, now: datetime) -> Iterator[Item]:
    """Yield a digest for each day that has papers. Days that were asked for before their end are asked for again.

    Raises FetchError; the days before that are kept.
    """
    today = now.astimezone(UTC).date()
    first = _first(source, past, today)
    for offset in range(min((today - first).days, _FARTHEST) + 1):
        yield from _day(source, past, web, first + timedelta(days=offset), today)


def _first(source: Source, past: Past, today: date) -> date:
    """Return the day to begin with: the one before the last, whose list was perhaps not complete."""
    known = past.get("day")
    if isinstance(known, str):
        return min(date.fromisoformat(known) - timedelta(days=1), today)
    return today - timedelta(days=source.days)


def _day(source: Source, past: Past, web: Web, day: date, today: date) -> Iterator[Item]:
    address = f"{_API}?date={day.isoformat()}&limit={_MOST}"
    answer = web.get(source, address, seen_at(past, address))
    asked: dict[str, Any] = {"day": day.isoformat()}
    if day == today:
        asked |= {"seen": {"at": address, **answer.validators} if answer.validators else None}
    if answer.unchanged or answer.data.strip() in _NONE:
        yield Remember({"day": asked["day"]} if answer.unchanged else asked)
        return
    yield Fetched(f"{source.name} {day.isoformat()}", answer.data, asked)
    if answer.data.count(b'"upvotes"') >= _MOST:
        yield Notice(f"{day.isoformat()} has {_MOST} papers, the most that is given; there may be more", "partial")
