"""Printed dates, read as precisely as they were printed and not a bit more.

A date is one of a handful of shapes (`_SHAPES`), with or without a time behind it and a weekday before
it. The whole text must be the date. What two people could read in two ways (``03/05/2024``), what no
calendar holds (``Feb 30``) and what no paper bears (years before 1600 or after 2100) is no date.
"""

import re
from collections.abc import Iterator, Mapping
from datetime import date
from functools import lru_cache

from digestbot.models import PartialDate

_LONGEST = 80  # characters; the longest RFC 822 date with comments has about 45
_YEARS = range(1600, 2101)
_DAYS = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)  # of a year we do not know
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")

_MONTH = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?"
    r"|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\b\.?"
)
_NAME = rf"(?P<name>{_MONTH})"
_DAY = r"(?P<day>[0-9]{1,2})(?:st|nd|rd|th)?"
_YEAR = r"(?P<year>[0-9]{4})"
_WEEKDAY = r"(?:(?:mon|tue(?:s)?|wed(?:nes)?|thu(?:rs?)?|fri|sat(?:ur)?|sun)(?:day)?\b\.?,?\s+)?"
_CLOCK = (
    r"(?P<hour>[0-9]{1,2}):(?P<minute>[0-9]{2})(?::(?P<second>[0-9]{2})(?:[.,][0-9]{1,9})?)?"
    r"(?:\s*[ap]\.?m\b\.?)?(?:\s*(?:z|[a-z]{1,5}|(?:utc|gmt)?[+-][0-9]{2}:?[0-9]{2}))?(?:\s*\([a-z]{1,5}\))?"
)
_TIME = rf"(?:,?\s+(?:at\s+)?{_CLOCK})?"

_SHAPES = tuple(
    re.compile(rf"{_WEEKDAY}{shape}", re.IGNORECASE | re.ASCII)
    for shape in (
        rf"{_YEAR}(?P<mark>[-/.])(?P<month>[0-9]{{1,2}})(?:(?P=mark)(?P<day>[0-9]{{1,2}})(?:[t\s]\s*{_CLOCK})?)?",
        r"(?P<year>[0-9]{4})(?P<month>[0-9]{2})(?P<day>[0-9]{2})(?:t[0-9]{4,6}z?)?",
        rf"{_NAME}\s*{_DAY}(?:\s*,\s*|\s+){_YEAR}{_TIME}",
        rf"{_NAME}\s*{_DAY}{_TIME}",
        rf"{_DAY}[\s-]*(?:of\s+)?{_NAME}(?:[,\s-]\s*{_YEAR})?{_TIME}",
        rf"{_DAY}\s+{_NAME}\s+(?P<short>[0-9]{{2}})\s+{_CLOCK}",  # RFC 822, section 5
        rf"{_NAME}\s+{_DAY}\s+{_CLOCK}\s+{_YEAR}",  # C's asctime
        rf"{_NAME}(?:,?\s*{_YEAR})?",
        rf"{_YEAR}(?:[\s-]\s*{_NAME}(?:[\s-]\s*{_DAY})?)?{_TIME}",
        rf"{_YEAR}\s(?:{_MONTH}-{_MONTH}|spring|summer|autumn|fall|winter)",  # MEDLINE: only the year is sure
        rf"(?:{_MONTH}-{_MONTH}|spring|summer|autumn|fall|winter)\s{_YEAR}",
        r"(?P<one>[0-9]{1,2})(?P<mark>[-/.])(?P<two>[0-9]{1,2})(?P=mark)(?P<year>[0-9]{4})" + _TIME,
        rf"{_YEAR}\s*年(?:\s*(?P<month>[0-9]{{1,2}})\s*月(?:\s*(?P<day>[0-9]{{1,2}})\s*日)?)?",
    )
)


def parse_date(text: str) -> PartialDate | None:
    """Return the date that `text` is, or None when it is none or could be two.

    White space around it, a weekday before it and a time behind it (RFC 822, ISO 8601) are allowed and
    not kept. A two-digit year counts only in RFC 822 form, with a time, and as RFC 5322 section 4.3 reads it.
    """
    if len(text) > 2 * _LONGEST:
        return None
    spaced = " ".join(text.split())
    return _read(spaced) if len(spaced) <= _LONGEST else None


@lru_cache(maxsize=512)  # the papers of a digest share a few dates
def _read(spaced: str) -> PartialDate | None:
    found = (shape.fullmatch(spaced) for shape in _SHAPES)
    return next((day for match in found if match for day in _dates(match.groupdict())), None)


def infer_year(day: PartialDate, earliest: date, latest: date) -> PartialDate:
    """Return `day` with the one year that puts it between two days (both included), marked as inferred.

    When it has a year already, or none or several years fit, it comes back as it was.
    """
    if day.year is not None or day.month is None or day.day is None:
        return day
    years = range(max(earliest.year, _YEARS.start), min(latest.year, _YEARS.stop - 1) + 1)
    fitting = [
        year
        for year in years
        if _real(year, day.month, day.day) and earliest <= date(year, day.month, day.day) <= latest
    ]
    return PartialDate(fitting[0], day.month, day.day, inferred=True) if len(fitting) == 1 else day


def _dates(parts: Mapping[str, str | None]) -> Iterator[PartialDate]:
    """Yield the date that the parts of a shape make, if it is one."""
    year = _number(parts, "year")
    if (short := _number(parts, "short")) is not None:
        year = short + (2000 if short < 50 else 1900)
    month, day = _number(parts, "month"), _number(parts, "day")
    if name := parts.get("name"):
        month = _MONTHS.index(name[:3].lower()) + 1
    if parts.get("one"):
        day, month = _day_and_month(int(parts["one"] or 0), int(parts["two"] or 0))
    if _real(year, month, day) and _on_the_clock(parts):
        yield PartialDate(year, month, day)


def _number(parts: Mapping[str, str | None], name: str) -> int | None:
    text = parts.get(name)
    return None if text is None else int(text)


def _day_and_month(one: int, two: int) -> tuple[int, int]:
    """Tell the day from the month where one of them cannot be a month; (0, 0) where both could."""
    if one == two or one > 12:
        return one, two
    return (two, one) if two > 12 else (0, 0)


def _real(year: int | None, month: int | None, day: int | None) -> bool:
    """Tell whether a calendar holds such a day."""
    if year is not None and year not in _YEARS:
        return False
    if month is not None and not 1 <= month <= 12:
        return False
    if month is None or day is None:
        return True
    leap = year is None or (year % 4 == 0 and (year % 100 != 0 or year % 400 == 0))
    return 1 <= day <= (28 if month == 2 and not leap else _DAYS[month - 1])


def _on_the_clock(parts: Mapping[str, str | None]) -> bool:
    """Tell whether the time, if one was printed, exists. A minute may have a leap second."""
    limits = (("hour", 24), ("minute", 60), ("second", 61))
    return all((_number(parts, name) or 0) < limit for name, limit in limits)
