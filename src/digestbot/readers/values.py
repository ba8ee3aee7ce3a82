"""What a field of an unknown record holds, as text, people, lists, dates and addresses, whatever type it was given in.

A list may be printed as Python or JSON prints it, a date be a number of seconds, a person be an object. What cannot
be understood is missing, never a crash.
"""

import ast
import re
import warnings
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from digestbot.dates import parse_date
from digestbot.models import PartialDate
from digestbot.readers.markdown_forms import is_category
from digestbot.readers.markup import flat, html_to_line, looks_like_html
from digestbot.readers.name_lists import split_names

LONGEST_LITERAL = 200_000
"""Characters of a Python literal that is read; Python needs some hundred times as much memory for it."""

_NOTHING = frozenset(
    ("", "null", "none", "nan", "n/a", "na", "nil", "undefined", "-", "--", "—", "[]", "{}", "无", "⚠️")
)
_PRINTED_LIST = re.compile(r"\[\s*['\"]|\{\s*['\"]|\(\s*['\"]")
_COMMAS = re.compile(r"\s*[,;|、]\s*")
_TEXT_KEYS = (
    "value",
    "name",
    "tldr",
    "text",
    "term",
    "display_name",
    "displayName",
    "title",
    "description",
    "label",
    "#text",
    "_",
    "$t",
    "@term",
)
_URL_KEYS = ("url", "href", "link", "@href")
_PUBMED_LIST = re.compile(r"[^.;]{1,100000}[^.;,] [A-Z]{1,4}\.")  # ``Doe J, Roe AB.``, unlike ``Doe, J.``
_NO_DAY = re.compile(r"(?<=[0-9]{4})(?:-00){1,2}$|(?<=[0-9]{4}-[0-9]{2})-00$")  # ``2023-01-00``, as ADS prints a month
_SECONDS, _MILLISECONDS = (10**8, 10**11), (10**11, 10**14)  # 1973 to 5138


def is_nothing(value: Any) -> bool:
    """Return whether a value says no more than that there is none: null, ``""``, ``[]``, ``"N/A"``, False."""
    if isinstance(value, str):
        return value.strip().casefold() in _NOTHING if len(value) < 20 else value.isspace()
    return value is None or value is False or (isinstance(value, list | dict | tuple) and not value)


def text_in(value: Any) -> str:
    """Return a value as text; an object by what it calls itself, a list by its only item."""
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, int | float) and not isinstance(value, bool):
        return str(value)
    if isinstance(value, Mapping):
        return next(
            (text for key in _TEXT_KEYS if isinstance(value.get(key), str | int) and (text := text_in(value[key]))), ""
        )
    if isinstance(value, list | tuple):
        return text_in(value[0]) if len(value) == 1 else "\n".join(filter(None, map(text_in, value)))[:100_000]
    return ""


def items_in(value: Any) -> tuple[str, ...]:
    """Return short texts, however they were given: a list, objects, ``"a, b"``, ``"['a', 'b']"``, ``"cs.LG cs.AI"``."""
    value = literal_in(value)
    if isinstance(value, str):
        value = flat(value)
        words = value.split(" ")
        parts: Iterable[str] = words if words and all(map(is_category, words)) else _COMMAS.split(value)
    elif isinstance(value, list | tuple):
        parts = (part for item in value for part in (items_in(item) if isinstance(item, str) else (text_in(item),)))
    else:
        parts = (text_in(value),)
    return tuple(dict.fromkeys(line for part in parts if not is_nothing(line := flat(part))))


def people_in(value: Any) -> tuple[tuple[str, ...], bool]:
    """Return names as printed, and whether there are more, from a text, a list of texts, objects or parts of names."""
    value = literal_in(value)
    if isinstance(value, str):
        line = html_to_line(value) if looks_like_html(value) else value.strip()
        return split_names(line.removesuffix(".") if _PUBMED_LIST.fullmatch(line) else line)
    if isinstance(value, Mapping):
        inner = value.get("author")
        value = inner if isinstance(inner, list) else [value]  # ``{"author": [{"text": "Ada Abe"}, …]}``
    if not isinstance(value, list | tuple):
        return (), False
    names = [name for each in value if re.search(r"\w", name := _person(each))]
    if len(names) == 1:
        return split_names(names[0])
    truncated = bool(names) and split_names(f"x, {names[-1]}") == (("x",), True)
    return tuple(names[:-1] if truncated else names), truncated


def _person(value: Any) -> str:
    """Return one person's name: given names first where they stand apart."""
    if isinstance(value, str):
        return html_to_line(value) if looks_like_html(value) else flat(value)
    if isinstance(value, list | tuple):  # arXiv's own snapshot: family name, given names, suffix
        parts = [flat(part) for part in value[:3] if isinstance(part, str)]
        return " ".join(part for part in (*parts[1:2], *parts[:1], *parts[2:]) if part)
    if not isinstance(value, Mapping):
        return ""
    inner = value.get("author")
    if isinstance(inner, Mapping | str) and inner:
        return _person(inner)
    bare = {re.sub(r"[\W_]+", "", str(key).casefold()): item for key, item in value.items()}
    pieces = (
        ("given", "forenames", "forename", "firstname", "first"),
        ("family", "keyname", "lastname", "surname", "last"),
        ("suffix",),
    )
    parts = [next((flat(bare[key]) for key in keys if isinstance(bare.get(key), str)), "") for keys in pieces]
    whole = next(
        (
            flat(bare[key])
            for key in ("fullname", "name", "displayname", "authorname", "literal", "creator", "text")
            if isinstance(bare.get(key), str)
        ),
        "",
    )
    return whole or " ".join(filter(None, parts))


def literal_in(value: Any) -> Any:
    """Return what a text is as a literal, when it is a printed list; anything else as it is."""
    if isinstance(value, str) and _PRINTED_LIST.match(value):
        found = read_literal(value)
        return value if found is None else found
    return value


def read_literal(text: str) -> Any:
    """Return the value that a Python literal stands for; None when it is none, or longer than `LONGEST_LITERAL`."""
    if len(text) > LONGEST_LITERAL:
        return None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of escapes that Python does not know
        try:
            return ast.literal_eval(text.strip())
        except (ValueError, TypeError, SyntaxError, RecursionError, MemoryError):
            return None


def date_in_value(value: Any) -> tuple[str, PartialDate | None] | None:
    """Return a date as printed and as read: text, a year, seconds or milliseconds since 1970 (UTC), or its parts."""
    if isinstance(value, Mapping):
        return _date_of_parts([value.get(name) for name in ("year", "month", "day")]) or date_in_value(
            value.get("date-parts")
        )
    if isinstance(value, list | tuple):
        return date_in_value(value[0]) if len(value) == 1 and not isinstance(value[0], int) else _date_of_parts(value)
    text = flat(text_in(value))
    if not text:
        return None
    if re.fullmatch(r"[0-9]{9,14}(?:\.[0-9]{1,9})?", text):
        moment = _moment(float(text))
        return (str(moment), moment) if moment else (text, None)
    return text[:100], parse_date(_NO_DAY.sub("", text))


def _moment(number: float) -> PartialDate | None:
    """Return the day of a number of seconds or milliseconds since 1970."""
    if _MILLISECONDS[0] <= number < _MILLISECONDS[1]:
        number /= 1000
    if not _SECONDS[0] <= number < _SECONDS[1]:
        return None
    day = datetime.fromtimestamp(number, UTC).date()
    return parse_date(day.isoformat())


def _date_of_parts(parts: Sequence[Any]) -> tuple[str, PartialDate | None] | None:
    numbers = [text for part in parts[:3] if re.fullmatch(r"[0-9]{1,4}", text := text_in(part))]
    if not numbers:
        return None
    text = "-".join(number.zfill(2) for number in numbers)
    return text, parse_date(text)


def urls_in(value: Any) -> Iterator[str]:
    """Yield the addresses in a text, an object or a list of either."""
    value = literal_in(value)
    if isinstance(value, str):
        yield from re.findall(r"https?://[^\s<>\"'|,;]{1,2000}", value[:100_000])
    elif isinstance(value, Mapping):
        yield from (url for key in _URL_KEYS if isinstance(value.get(key), str) for url in urls_in(value[key]))
    elif isinstance(value, list | tuple):
        for item in value[:100]:
            if isinstance(item, str | Mapping):
                yield from urls_in(item)


def number_in(value: Any) -> float | None:
    """Return a number below a billion, printed or not."""
    text = text_in(value).replace(",", "")
    if not re.fullmatch(r"-?[0-9]{1,9}(?:\.[0-9]{1,20})?", text):
        return None
    return float(text)
