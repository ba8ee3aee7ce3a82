"""Every zone and every change of its clocks from 2020 to 2035: does each schedule fire once in each local period?

The answer is worked out a second way, from a table of each zone's offsets and not from the clock on the wall, and the
two have to agree. ``python tests/zone_clocks.py`` asks all zones, the tests every so many.
"""

import argparse
import sys
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo, available_timezones

from digestbot.schedules import Schedule, parse_schedule

FIRST, LAST = datetime(2020, 1, 1, tzinfo=UTC), datetime(2036, 1, 1, tzinfo=UTC)
AROUND = timedelta(days=2)
HALF_HOURS = [f"{hour:02d}:{minute:02d}" for hour in (0, 1, 2, 3, 23) for minute in (0, 30)]
DAILY = [f"daily {at}" for at in HALF_HOURS]
TEXTS = [
    *DAILY,
    "hourly",
    "weekdays 02:30",
    "weekly sun 02:00",
    "weekly sat,sun 00:30",
    "monthly 31 01:30",
    "*/20 * * * *",
]


@dataclass(frozen=True, slots=True)
class Span:
    """From one change of the clocks to the next: moments in UTC, and what is added to them."""

    begins: datetime
    ends: datetime
    offset: timedelta


def spans(zone: ZoneInfo) -> list[Span]:
    """Return the spans of a zone, found by halving the days in which its offset changes."""
    days = [FIRST + timedelta(days=number) for number in range((LAST - FIRST).days + 1)]
    offsets = [_offset(day, zone) for day in days]
    changes = [
        _change(one, two, zone)
        for one, two, before, after in zip(days, days[1:], offsets, offsets[1:], strict=False)
        if before != after
    ]
    borders = [FIRST - AROUND * 20, *changes, LAST + AROUND * 20]
    return [Span(begins, ends, _offset(max(begins, FIRST), zone)) for begins, ends in pairwise(borders)]


def _offset(moment: datetime, zone: ZoneInfo) -> timedelta:
    return moment.astimezone(zone).utcoffset() or timedelta()


def _change(one: datetime, two: datetime, zone: ZoneInfo) -> datetime:
    before = _offset(one, zone)
    while two - one > timedelta(seconds=1):
        middle = one + (two - one) // 2
        one, two = (middle, two) if _offset(middle, zone) == before else (one, middle)
    return two.replace(microsecond=0)


def first_moment(wall: datetime, table: list[Span]) -> datetime:
    """Return when the clock first shows `wall` (without a zone), or a later time where it is skipped."""
    for span in table:
        moment = (wall - span.offset).replace(tzinfo=UTC)
        if moment < span.ends:
            return max(moment, span.begins)
    raise AssertionError(wall)


def expected(schedule: Schedule, begins: datetime, ends: datetime, table: list[Span]) -> list[datetime]:
    """Return the moments after `begins` up to `ends` at which a schedule fires, each once."""
    pattern = schedule.pattern
    assert pattern is not None
    days = [begins.date() + timedelta(days=number) for number in range(-2, (ends - begins).days + 3)]
    walls = [datetime.combine(day, at) for day in days if pattern.has(day) for at in pattern.times()]
    return sorted({moment for wall in walls if begins < (moment := first_moment(wall, table)) <= ends})


def fired(schedule: Schedule, begins: datetime, ends: datetime, zone: ZoneInfo) -> list[datetime]:
    """Return the moments that the program finds."""
    found, moment = [], schedule.next_after(begins, zone).astimezone(UTC)
    while moment <= ends:
        found.append(moment)
        moment = schedule.next_after(moment, zone).astimezone(UTC)
    return found


def periods_without_one(table: list[Span], begins: datetime, ends: datetime) -> Iterator[tuple[str, date]]:
    """Yield the daily schedules and the local days, whole within the time looked at, that do not get one firing."""
    first, last = (moment + _span_at(table, moment).offset for moment in (begins, ends))
    days = [first.date() + timedelta(days=number) for number in range(1, (last.date() - first.date()).days)]
    for text in DAILY:
        pattern = parse_schedule(text).pattern
        assert pattern is not None
        moments = [first_moment(datetime.combine(day, pattern.times()[0]), table) for day in days]
        yield from ((text, day) for day, one, two in zip(days, moments, moments[1:], strict=False) if one >= two)


def _span_at(table: list[Span], moment: datetime) -> Span:
    return table[bisect_right([span.begins for span in table], moment) - 1]


@dataclass(slots=True)
class Count:
    """What was asked, and what was found wrong."""

    zones: int = 0
    changes: int = 0
    firings: int = 0
    wrong: tuple[str, ...] = ()


def ask(names: Iterable[str]) -> Count:
    """Hold every schedule against every change of the clocks of these zones, and the laws of daily ones as well."""
    count, schedules = Count(), [parse_schedule(text) for text in TEXTS]
    for name in names:
        zone = ZoneInfo(name)
        table = spans(zone)
        count.zones += 1
        for span in table[1:] or [Span(FIRST + AROUND * 2, LAST, timedelta())]:
            begins, ends = span.begins - AROUND, span.begins + AROUND
            count.changes += len(table) > 1
            for schedule in schedules:
                found = fired(schedule, begins, ends, zone)
                count.firings += len(found)
                if found != expected(schedule, begins, ends, table):
                    count.wrong += (f"{name} {span.begins:%Y-%m-%d %H:%M} {schedule}",)
            count.wrong += tuple(f"{name} {day} {text}" for text, day in periods_without_one(table, begins, ends))
    return count


def main() -> int:
    """Ask every zone, or every so many."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--every", type=int, default=1, help="take every so many of the zones")
    names = sorted(available_timezones())[:: parser.parse_args().every]
    count = ask(names)
    print(f"{count.zones} zones, {count.changes} changes of clocks, {len(TEXTS)} schedules, {count.firings} firings")
    print(f"{len(count.wrong)} wrong", *count.wrong[:20], sep="\n")
    return bool(count.wrong)


if __name__ == "__main__":
    sys.exit(main())
