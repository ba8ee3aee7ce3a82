"""What may stand behind ``date:``, ``upvotes:``, ``has:`` and the other fields that hold no free text.

Every function takes the text of a value and returns a leaf, or raises ValueError with what was expected instead.
"""

import re
from collections.abc import Callable
from datetime import date
from difflib import get_close_matches
from types import MappingProxyType

from digestbot.models import PartialDate
from digestbot.queries.categories import code_asked
from digestbot.queries.nodes import (
    Announced,
    Announcement,
    Category,
    Count,
    Has,
    Host,
    Identifier,
    Leaf,
    Published,
    Thing,
)
from digestbot.queries.records import canonical_id, days_of

_THINGS: dict[str, Thing] = {
    "code": "code", "repo": "code", "repository": "code", "weights": "weights", "weight": "weights", "model": "weights",
    "models": "weights", "checkpoint": "weights", "data": "data", "dataset": "data", "datasets": "data", "page": "page",
    "project": "page", "website": "page", "demo": "page", "video": "video",
}  # fmt: skip
_KINDS: dict[str, Announcement] = {
    "new": "new", "cross": "cross", "cross-list": "cross", "crosslist": "cross", "replacement": "replacement",
    "replace": "replacement", "replaced": "replacement", "updated": "replacement",
}  # fmt: skip
_COMPARISON = re.compile(r"([<>=≤≥]{1,2})\s?(.*)", re.DOTALL)
_SIGNS = MappingProxyType({"≥": ">=", "≤": "<=", "=>": ">=", "=<": "<=", "==": "="})
_BRACKETS = re.compile(r"\[\s*(\S+)\s+TO\s+(\S+)\s*\]", re.IGNORECASE)
_DATE = re.compile(r"(\d{4})(?:[-/.](\d{1,2})(?:[-/.](\d{1,2}))?)?")
_NUMBER = re.compile(r"[-+]?\d{1,15}(?:\.\d{1,15})?")
_TO = re.compile(r"\.\.+|…")


class SlipError(ValueError):
    """A value that cannot be read; `repair` is what was probably meant, or empty."""

    def __init__(self, message: str, repair: str = "") -> None:
        super().__init__(message)
        self.repair = repair


def leaf_of(field: str, text: str) -> Leaf:
    """Return the leaf that ``field:text`` means, for one of the fields in `VALUES`. Raises SlipError."""
    return VALUES[field](text.strip())


def _has(text: str) -> Has:
    return Has(_THINGS[_chosen("has", text, _THINGS)])


def _is(text: str) -> Announced:
    return Announced(_KINDS[_chosen("is", text, _KINDS)])


def _chosen(field: str, text: str, choices: dict[str, Thing] | dict[str, Announcement]) -> str:
    name = text.casefold()
    if name in choices:
        return name
    usual = list(dict.fromkeys(choices.values()))
    near = get_close_matches(name, [*choices], n=1, cutoff=0.5)
    raise SlipError(f"{field}: knows {', '.join(usual)}", choices[near[0]] if near else usual[0])


def _host(text: str) -> Host:
    name = text.casefold().removeprefix("https://").removeprefix("http://").strip("/")
    if not re.fullmatch(r"[a-z0-9_-]+(?:\.[a-z0-9_-]+)*", name):
        raise SlipError("code: takes the name of a host, as in code:github", "github")
    return Host(name)


def _category(text: str) -> Category:
    code = code_asked(text)
    if not code:
        raise SlipError("category: takes a category, as in category:cs.LG", "cs.LG")
    return Category(code)


def _identifier(text: str) -> Identifier:
    value = canonical_id(text)
    if not value or re.search(r'[\s"]', value):
        raise SlipError("id: takes one id without blanks, as in id:2306.14048")
    return Identifier(value)


def _published(text: str) -> Published:
    sign, low, high = _limits(text)
    first = None if low is None else _days(low)
    last = None if high is None else _days(high)
    if sign == ">" and first:
        return Published(_next_day(first[1], 1), None)
    if sign == "<" and last:
        return Published(None, _next_day(last[0], -1))
    span = Published(first[0] if first else None, last[1] if last else None)
    if span.first and span.last and span.first > span.last:
        raise SlipError("the range ends before it begins", f"{high}..{low}")
    return span


def _days(text: str) -> tuple[date, date]:
    found = _DATE.fullmatch(text)
    year, month, day = (int(part) if part else None for part in found.groups()) if found else (None, None, None)
    days = days_of(PartialDate(year, month, day))
    if days is None:
        raise SlipError("a date looks like 2024, 2024-06 or 2024-06-01; a range like 2024-06..2024-12 or >=2024-06-01")
    return days


def _next_day(day: date, step: int) -> date:
    try:
        return date.fromordinal(day.toordinal() + step)
    except (ValueError, OverflowError):
        raise SlipError("this date is out of range") from None


def _count(field: str) -> Callable[[str], Count]:
    def read(text: str) -> Count:
        sign, low, high = _limits(text)
        least, most = (None if part is None else _number(field, part) for part in (low, high))
        if least is not None and most is not None and least > most:
            raise SlipError("the range ends before it begins", f"{high}..{low}")
        return Count(field, least, most, above=sign == ">", below=sign == "<")

    return read


def _number(field: str, text: str) -> float:
    if not _NUMBER.fullmatch(text):
        raise SlipError(f"{field}: takes a number, as in {field}:>=20, {field}:<5 or {field}:20..50")
    return float(text)


def _limits(text: str) -> tuple[str, str | None, str | None]:
    """Return the sign of a comparison (or nothing), and the lower and the upper limit as written."""
    if brackets := _BRACKETS.fullmatch(text):
        text = "..".join("" if limit == "*" else limit for limit in brackets.groups())
    if found := _COMPARISON.fullmatch(text):
        sign = _SIGNS.get(found[1], found[1])
        limit = found[2].strip()
        if sign not in (">", ">=", "<", "<=", "="):
            raise SlipError(f"{found[1]} compares nothing; write >, >=, < or <=", f">={limit}")
        return sign, limit if sign[0] in ">=" else None, limit if sign[0] in "<=" else None
    if (dots := _TO.search(text)) is None:
        return "", text, text
    low, high = text[: dots.start()].strip(), text[dots.end() :].strip()
    if not low and not high:
        raise SlipError("the range has no limits")
    return "", low or None, high or None


VALUES: MappingProxyType[str, Callable[[str], Leaf]] = MappingProxyType(
    {
        "has": _has,
        "is": _is,
        "code": _host,
        "category": _category,
        "id": _identifier,
        "date": _published,
        "upvotes": _count("upvotes"),
        "score": _count("score"),
        "stars": _count("stars"),
    }
)
