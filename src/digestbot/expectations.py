"""When a source should have had something new: windows of time, less the days on which it is usually quiet.

::

    last news ──┤ window ├──┤ window ├── now        a whole window without news, and the source is stale

A window that is still open proves nothing. Days are those of UTC, arXiv's those of New York. What is usual is
learned from the eight weeks before the last news, and holidays from the same days of the year before; what came
after the last news teaches nothing, so that a source that died is not taken for a quiet one.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from digestbot.declared import Expect

WEEKS: Final = 8
"""Weeks of history that show a habit."""
YEAR: Final = timedelta(days=366)
"""How long before a day its holiday lies, at most."""

_ENOUGH: Final = 4  # days of a kind that have to be seen before they prove a habit
_DAY: Final = timedelta(days=1)
_FARTHEST: Final = timedelta(days=100)  # a source that was silent for longer is stale by any measure
_NEW_YORK: Final = ZoneInfo("America/New_York")
_MAILING: Final = time(20)
_SLACK: Final = timedelta(hours=6)  # the feeds follow at midnight, and now and then they are late
_NO_MAILING: Final = frozenset({4, 5})  # Friday and Saturday evenings
_HOLIDAYS: Final = frozenset(
    {(1, 1), (6, 19), (7, 3), (7, 4), (7, 5), (7, 6), (12, 24), (12, 25), (12, 26), (12, 29), (12, 30), (12, 31)}
)
"""Month and day of evenings on which arXiv announced nothing in one of the last years; it lists them anew each year."""
_MOVING: Final = frozenset({(1, 0, 3), (9, 0, 1), (11, 3, 4)})
"""Month, weekday and which of them: Martin Luther King Day, Labor Day, Thanksgiving."""


@dataclass(frozen=True, slots=True)
class Look:
    """One look at a source that answered: when, and whether there was something new."""

    at: datetime
    news: bool


@dataclass(frozen=True, slots=True)
class Window:
    """A time in which something new is due. `end` is when it is over."""

    start: datetime
    end: datetime


def overdue(expect: Expect, since: datetime, now: datetime, history: Sequence[Look]) -> Window | None:
    """Return the first window after `since` (the last news) that is over and brought nothing; None when all is well.

    All moments are aware. `history` may hold looks of any age, in any order.
    """
    quiet = quiet_weekdays(history, since) if expect in {"daily", "weekdays"} else frozenset()
    begin = max(since, now - _FARTHEST)
    kind, weekdays = _habit(history, since) if expect == "usual" else (expect, frozenset(range(7)) - quiet)
    holidays = _holidays(history, since)
    for window in _all(kind, begin):
        if window.end > now:
            return None
        is_free = kind in {"daily", "weekdays"} and (
            window.start.weekday() not in weekdays or window.start.date() in holidays
        )
        if window.start >= begin and not is_free:
            return window
    return None


def silence(expect: Expect, since: datetime, now: datetime, history: Iterable[Look]) -> str:
    """Return why nothing is due today, as the end of a sentence; empty when that is not known."""
    if expect == "arxiv":
        evening = now.astimezone(_NEW_YORK).date() - _DAY
        return "" if announces(evening) else f"arXiv announces nothing on the evening of {evening:%A, %d %B}"
    day = now.astimezone(UTC)
    usual = day.weekday() in quiet_weekdays(history, since) or (expect == "weekdays" and day.weekday() >= 5)
    return f"as usual on a {day:%A}" if usual and expect != "never" else ""


def quiet_weekdays(history: Iterable[Look], since: datetime) -> frozenset[int]:
    """Return the weekdays (Monday is 0) on which nothing came most of the times, in the weeks before `since`."""
    seen, newsy = _by_day(history, since)
    days, brought = Counter(day.weekday() for day in seen), Counter(day.weekday() for day in newsy)
    return frozenset(day for day, count in days.items() if count >= _ENOUGH and brought[day] * 2 < count)


def announces(evening: date) -> bool:
    """Return whether arXiv sends a mailing on the evening of this day in New York."""
    which = (evening.month, evening.weekday(), (evening.day + 6) // 7)
    is_holiday = (evening.month, evening.day) in _HOLIDAYS or which in _MOVING
    return evening.weekday() not in _NO_MAILING and not is_holiday


def _all(expect: Expect, since: datetime) -> Iterator[Window]:
    """Yield every window from about `since` on, without end; none where nothing is promised."""
    match expect:
        case "daily" | "weekdays":
            return (window for window in _days(since) if expect == "daily" or window.start.weekday() < 5)
        case "weekly":
            return _spans(_midnight(since.astimezone(UTC).date() - _DAY * since.astimezone(UTC).weekday()), 7)
        case "monthly":
            return _months(since)
        case "arxiv":
            return _evenings(since)
        case _:
            return iter(())


def _habit(history: Sequence[Look], since: datetime) -> tuple[Expect, frozenset[int]]:
    """Return what the history lets expect: news on some weekdays, else in every week, else nothing."""
    seen, newsy = _by_day(history, since)
    regular = _regular((day.weekday() for day in seen), (day.weekday() for day in newsy))
    if regular:
        return "daily", regular
    weeks = {_monday(day) for day in seen}
    weekly = len(weeks) >= _ENOUGH and 2 * len({_monday(day) for day in newsy}) > len(weeks)
    return ("weekly" if weekly else "never"), frozenset()


def _regular(seen: Iterable[int], newsy: Iterable[int]) -> frozenset[int]:
    """Return the weekdays that were seen often enough and brought something most of the times."""
    days, brought = Counter(seen), Counter(newsy)
    return frozenset(day for day, count in days.items() if count >= _ENOUGH and brought[day] * 2 > count)


def _by_day(history: Iterable[Look], since: datetime) -> tuple[set[date], set[date]]:
    """Return the days with a look, and those with news, in the weeks before `since`."""
    looks = [look for look in history if since - timedelta(weeks=WEEKS) < look.at <= since]
    seen = {look.at.astimezone(UTC).date() for look in looks}
    return seen, {look.at.astimezone(UTC).date() for look in looks if look.news}


def _holidays(history: Iterable[Look], since: datetime) -> frozenset[date]:
    """Return the days on whose date a year before somebody looked and nothing came."""
    looks = [look for look in history if look.at <= since]
    newsy = {look.at.astimezone(UTC).date() for look in looks if look.news}
    silent = {look.at.astimezone(UTC).date() for look in looks} - newsy
    return frozenset(day.replace(year=day.year + 1) for day in silent if (day.month, day.day) != (2, 29))


def _monday(day: date) -> date:
    return day - _DAY * day.weekday()


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)


def _days(since: datetime) -> Iterator[Window]:
    return _spans(_midnight(since.astimezone(UTC).date()), 1)


def _spans(start: datetime, days: int) -> Iterator[Window]:
    while True:
        end = start + _DAY * days
        yield Window(start, end)
        start = end


def _months(since: datetime) -> Iterator[Window]:
    start = since.astimezone(UTC).date().replace(day=1)
    while True:
        end = (start + 32 * _DAY).replace(day=1)
        yield Window(_midnight(start), _midnight(end))
        start = end


def _evenings(since: datetime) -> Iterator[Window]:
    """Yield a window for each mailing of arXiv, 20:00 in New York, Sunday to Thursday.

    So says info.arxiv.org/help/availability. It ends in the night, when the feeds have followed.
    """
    day = since.astimezone(_NEW_YORK).date()
    while True:
        if announces(day):
            start = datetime.combine(day, _MAILING, _NEW_YORK).astimezone(UTC)
            yield Window(start, start + _SLACK)
        day += _DAY
