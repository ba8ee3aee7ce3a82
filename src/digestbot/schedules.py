"""A schedule is a pattern of clock times; this module finds the one after and the one before a moment.

::

    instant                       every minute, so that a paper goes out as soon as it is in
    hourly                        0 * * * *
    daily 08:00                   0 8 * * *
    weekdays 08:00                0 8 * * mon-fri
    weekly mon 08:00              0 8 * * mon        also weekly mon,thu 08:00
    monthly 1 08:00               0 8 1 * *          the 31st of a short month is its last day
    */30 9-17 1,15 * mon-fri      minute, hour, day, month, weekday, as in crontab(5)

One rule covers the days on which clocks change: a clock time stands for the *first moment at which the
clock on the wall shows it or a later time*. So a time that is skipped in spring moves forward to the end
of the gap, and one that comes twice in autumn fires once, at its first coming. The rule never swaps two
times, which is why searching forward and backward find the same ones.
"""

import re
from calendar import monthrange
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from difflib import get_close_matches
from zoneinfo import ZoneInfo

_DEFAULT_TIME = "08:00"
_WORDS = ("instant", "hourly", "daily", "weekdays", "weekly", "monthly")
_WEEKDAYS = {"sun": 0, "mon": 1, "tue": 2, "wed": 3, "thu": 4, "fri": 5, "sat": 6}
_LONG_WEEKDAYS = ("sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday")
_MONTHS = {"jan": 1, "feb": 2, "mar": 3, "apr": 4, "may": 5, "jun": 6}
_MONTHS |= {"jul": 7, "aug": 8, "sep": 9, "oct": 10, "nov": 11, "dec": 12}
_NO_NAMES: Mapping[str, int] = {}
_FIELDS = (
    ("minute", 0, 59, _NO_NAMES),
    ("hour", 0, 23, _NO_NAMES),
    ("day of the month", 1, 31, _NO_NAMES),
    ("month", 1, 12, _MONTHS),
    ("weekday", 0, 7, _WEEKDAYS),
)
_LONGEST_TEXT = 200
_LONGEST_WAIT = 41 * 366  # days: from Sunday, 29 February 1880 to the next such Sunday
_FIRST_DAY, _LAST_DAY = date(1, 1, 3), date(9999, 12, 29)  # a zone's offset must not lead out of the calendar
_LONGEST_SHIFT = timedelta(hours=26)  # no clock was ever set further than a day


@dataclass(frozen=True, slots=True)
class Pattern:
    """The clock times of a schedule: sets of what each field of a cron expression may be."""

    minutes: frozenset[int]
    hours: frozenset[int]
    days: frozenset[int]
    months: frozenset[int]
    weekdays: frozenset[int]
    """0 is Sunday."""
    either: bool = False
    """True when one of day and weekday is enough: crontab(5) says so when both are restricted."""
    clamp: bool = False
    """True when a day that the month does not have means its last one."""

    def has(self, day: date) -> bool:
        """Return whether the schedule fires on this day of the calendar."""
        if day.month not in self.months:
            return False
        in_days = day.day in self.days or (
            self.clamp and day.day == monthrange(day.year, day.month)[1] and max(self.days) > day.day
        )
        in_weekdays = day.isoweekday() % 7 in self.weekdays
        return in_days or in_weekdays if self.either else in_days and in_weekdays

    def times(self) -> list[time]:
        """Return the clock times of a day, earliest first."""
        return [time(hour, minute) for hour in sorted(self.hours) for minute in sorted(self.minutes)]


@dataclass(frozen=True, slots=True)
class Schedule:
    """When editions are due. `text` is the canonical spelling; a `pattern` of None fires every minute.

    Moments have to be compared in UTC: Python compares two times of one zone by their clock faces.
    """

    text: str
    pattern: Pattern | None

    def __str__(self) -> str:
        return self.text

    def next_after(self, moment: datetime, zone: ZoneInfo) -> datetime:
        """Return the first scheduled time later than `moment` (aware), in `zone`.

        Raises ValueError when `moment` is naive or there is no such time before the year 9999.
        """
        utc = _utc(moment)
        if self.pattern is None:
            return (utc.replace(second=0, microsecond=0) + timedelta(minutes=1)).astimezone(zone)
        for wall in _walls_after(self.pattern, _wall(utc, zone)):
            fired = _first_moment(wall, zone)
            if fired > utc:
                return fired.astimezone(zone)
        raise ValueError(f"{self.text!r} has no time after {moment}")

    def last_before(self, moment: datetime, zone: ZoneInfo) -> datetime:
        """Return the last scheduled time not later than `moment` (aware), in `zone`.

        Raises ValueError when `moment` is naive or there is no such time since the year 1.
        """
        utc = _utc(moment)
        if self.pattern is None:
            return utc.replace(second=0, microsecond=0).astimezone(zone)
        # In the second pass of a doubled hour the first pass had already shown later times.
        latest = max(_wall(utc, zone), _wall(utc - _LONGEST_SHIFT, zone) + _LONGEST_SHIFT)
        for wall in _walls_before(self.pattern, latest):
            fired = _first_moment(wall, zone)
            if fired <= utc:
                return fired.astimezone(zone)
        raise ValueError(f"{self.text!r} has no time before {moment}")


def parse_schedule(text: str) -> Schedule:
    """Return the schedule that `text` spells; see the module's table. Case does not matter.

    Raises ValueError with a message that says what is wrong and what to write instead.
    """
    if len(text) > _LONGEST_TEXT:
        raise ValueError(f"a schedule is shorter than {_LONGEST_TEXT} characters")
    words = text.lower().split()
    if not words:
        raise ValueError(f"the schedule is empty; write one of {', '.join(_WORDS)}, or a cron expression")
    if words[0] in _WORDS:
        return _named(words[0], words[1:])
    if len(words) == 5 and words[0][0] in "*0123456789":
        return Schedule(" ".join(words), _cron(text.lower()))
    raise ValueError(_not_understood(text, words))


def _named(word: str, rest: list[str]) -> Schedule:
    """Return the schedule that starts with one of the words."""
    if word in ("instant", "hourly"):
        _nothing_more(word, rest)
        return Schedule(word, None if word == "instant" else _cron("0 * * * *"))
    if word in ("daily", "weekdays"):
        at = _time(word, rest)
        return Schedule(f"{word} {at}", _cron(f"{_minute_hour(at)} * * {'*' if word == 'daily' else '1-5'}"))
    if not rest:
        raise ValueError(f"{word} needs a day: {'weekly mon' if word == 'weekly' else 'monthly 1'} {_DEFAULT_TIME}")
    at = _time(f"{word} {rest[0]}", rest[1:])
    return _weekly(rest[0], at) if word == "weekly" else _monthly(rest[0], at)


def _weekly(days: str, at: str) -> Schedule:
    names = [_weekday(day) for day in days.split(",")]
    return Schedule(f"weekly {','.join(names)} {at}", _cron(f"{_minute_hour(at)} * * {','.join(names)}"))


def _weekday(name: str) -> str:
    short = name[:3]
    if name in _WEEKDAYS or name in _LONG_WEEKDAYS:
        return short
    near = get_close_matches(name, (*_WEEKDAYS, *_LONG_WEEKDAYS), n=1, cutoff=0.5)
    hint = f"did you mean {near[0]}?" if near else f"write one of {', '.join(_WEEKDAYS)}"
    raise ValueError(f"{name!r} is no weekday; {hint}")


def _monthly(day: str, at: str) -> Schedule:
    number = 31 if day == "last" else _number(day)
    if not 1 <= number <= 31:
        raise ValueError(f"{day!r} is no day of a month; write monthly 1 to monthly 31, or monthly last")
    return Schedule(f"monthly {number} {at}", _cron(f"{_minute_hour(at)} {number} * *", clamp=True))


def _time(before: str, rest: list[str]) -> str:
    """Return the time of day as HH:MM, the default when none is given."""
    if not rest:
        return _DEFAULT_TIME
    found = re.fullmatch("([0-9]{1,2}):([0-9]{2})", rest[0])
    if found is None or int(found[1]) > 23 or int(found[2]) > 59:
        raise ValueError(f"{rest[0]!r} is no time of day; write it as in {before} {_DEFAULT_TIME}")
    _nothing_more(f"{before} {rest[0]}", rest[1:])
    return f"{int(found[1]):02d}:{found[2]}"


def _minute_hour(at: str) -> str:
    hour, _, minute = at.partition(":")
    return f"{minute} {hour}"


def _nothing_more(before: str, rest: list[str]) -> None:
    if rest:
        raise ValueError(f"{' '.join(rest)!r} is too much after {before!r}")


def _not_understood(text: str, words: list[str]) -> str:
    """Return what to say about a text that is no schedule."""
    near = get_close_matches(words[0].lstrip("@"), (*_WORDS, *_WEEKDAYS, *_LONG_WEEKDAYS), n=1)
    if near and near[0] in _WORDS:
        return f"{text!r} is no schedule; did you mean {' '.join([near[0], *words[1:]])!r}?"
    if near:
        return f"{text!r} is no schedule; did you mean {' '.join(['weekly', near[0][:3], *words[1:]])!r}?"
    if words[0][0] in "*0123456789":
        return f"a cron expression has 5 fields (minute hour day month weekday), this one has {len(words)}"
    return f"{text!r} is no schedule; write one of {', '.join(_WORDS)}, or a cron expression"


def _cron(text: str, *, clamp: bool = False) -> Pattern:
    """Return the pattern of the five fields of a cron expression."""
    words = text.split()
    minutes, hours, days, months, weekdays = (_field(word, *field) for word, field in zip(words, _FIELDS, strict=True))
    either = not (words[2].startswith("*") or words[4].startswith("*"))
    pattern = Pattern(minutes, hours, days, months, frozenset(day % 7 for day in weekdays), either, clamp)
    longest = max(29 if month == 2 else monthrange(2023, month)[1] for month in months)
    if min(days) > longest and not (either or clamp):
        raise ValueError(f"no month of {text!r} has a day {min(days)}: it would never fire")
    return pattern


def _field(text: str, name: str, low: int, high: int, names: Mapping[str, int]) -> frozenset[int]:
    """Return the numbers that one field of a cron expression allows."""
    allowed: set[int] = set()
    for item in text.split(","):
        found = re.fullmatch(r"(?:\*|([0-9a-z]+)(?:-([0-9a-z]+))?)(?:/([0-9]+))?", item)
        if found is None:
            raise ValueError(f"{item!r} is no {name}; a cron field is *, 5, 1-5, */10 or 1,15")
        first, last, step = found.groups()
        start = low if first is None else _value(first, name, low, high, names)
        # A lone number with a step runs to the end, as in crontab(5) of cronie: 5/15 is 5-59/15.
        stop = _value(last, name, low, high, names) if last else high if step or first is None else start
        if names is _WEEKDAYS and stop == 0 and start:
            stop = 7  # fri-sun
        if start > stop:
            raise ValueError(f"{item!r} runs backwards: the {name} goes from {low} to {high}")
        if step is not None and _number(step) < 1:
            raise ValueError(f"{item!r} has a step of 0; the smallest step is 1")
        allowed.update(range(start, stop + 1, _number(step or "1")))
    return frozenset(allowed)


def _value(text: str, name: str, low: int, high: int, names: Mapping[str, int]) -> int:
    number = names.get(text, _number(text))
    if not low <= number <= high:
        near = get_close_matches(text, names, n=1, cutoff=0.5)
        hint = f"; did you mean {near[0]}?" if near else ""
        raise ValueError(f"{text!r} is no {name}, which goes from {low} to {high}{hint}")
    return number


def _number(text: str) -> int:
    """Return the number that `text` spells, -1 when it spells none that any field could have."""
    return int(text) if re.fullmatch("[0-9]{1,4}", text) else -1


def _utc(moment: datetime) -> datetime:
    if moment.utcoffset() is None:
        raise ValueError(f"{moment} has no time zone")
    if not _FIRST_DAY.year < moment.year < _LAST_DAY.year:
        raise ValueError(f"{moment} is outside the calendar")
    return moment.astimezone(UTC)


def _wall(utc: datetime, zone: ZoneInfo) -> datetime:
    """Return what the clock on the wall shows, without a zone."""
    return utc.astimezone(zone).replace(tzinfo=None, fold=0)


def _first_moment(wall: datetime, zone: ZoneInfo) -> datetime:
    """Return, in UTC, the first moment at which the clock shows `wall` or a later time."""
    early, late = sorted(wall.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1))
    if _wall(early, zone) == wall:  # there is such a time; if it comes twice, this is the first
        return early
    while late - early > timedelta(seconds=1):  # skipped: the clock was set forward between the two
        middle = early + timedelta(seconds=(late - early) // timedelta(seconds=2))
        early, late = (early, middle) if _wall(middle, zone) >= wall else (middle, late)
    return late


def _walls_after(pattern: Pattern, wall: datetime) -> Iterator[datetime]:
    """Yield the clock times after `wall`, earliest first, for as many days as a schedule can pause."""
    times = pattern.times()
    for day in _days(wall.date(), 1):
        if pattern.has(day):
            yield from (at for at in (datetime.combine(day, moment) for moment in times) if at > wall)


def _walls_before(pattern: Pattern, wall: datetime) -> Iterator[datetime]:
    """Yield the clock times up to `wall`, latest first, for as many days as a schedule can pause."""
    times = pattern.times()[::-1]
    for day in _days(wall.date(), -1):
        if pattern.has(day):
            yield from (at for at in (datetime.combine(day, moment) for moment in times) if at <= wall)


def _days(day: date, step: int) -> Iterator[date]:
    """Yield `day` and the days after (or before) it, within the calendar."""
    first = day.toordinal()
    last = min(max(first + step * _LONGEST_WAIT, _FIRST_DAY.toordinal()), _LAST_DAY.toordinal())
    return (date.fromordinal(number) for number in range(first, last + step, step))
