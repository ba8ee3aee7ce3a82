"""BibTeX taken apart into entries and fields, each entry on its own: a brace that is missing costs one entry.

::

    @string{jml = "Journal of …"}
    @article{key, title = {A {B}ig Title}, author = "Doe, Jane and {The ATLAS Collaboration}",
             journal = jml # " B", year = 2020}

An entry ends with its closing brace; where that is missing, before the next line that begins with ``@word{``.
"""

import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

_START = re.compile(r"@[ \t]{0,8}([A-Za-z][A-Za-z_-]{0,40})\s{0,8}[{(]")
_LINE_START = re.compile(r"^[ \t]{0,20}@[ \t]{0,8}[A-Za-z][A-Za-z_-]{0,40}\s{0,8}[{(]", re.MULTILINE)
_KEY = re.compile(r"\s*([^,\s={}()\"]{0,300})\s*(?=[,})])")
_FIELD = re.compile(r"[\s,]*([A-Za-z][\w:.+/-]{0,60})\s*=\s*")
_BRACES = re.compile(r"[{}]")
_QUOTES = re.compile(r'[{}"]')
_PLAIN = re.compile(r"[^\s,#{}\"()]{1,300}")
_JOINT = re.compile(r"\s*#\s*")
_LONGEST = 200_000  # characters of a value
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")


class Entry(NamedTuple):
    """An entry: where it begins, what it is, its fields by their names in small letters, and what is wrong with it."""

    line: int
    kind: str
    key: str
    fields: Mapping[str, str]
    fault: str
    text: str
    """Its beginning, for people."""


def entries_in(text: str) -> Iterator[Entry]:
    """Yield the entries in their order, with abbreviations written out. Comments and preambles are none."""
    names = {name: name for name in _MONTHS}
    place = line = 0
    bounds = _bounds(text)
    bound = next(bounds)
    while found := _START.search(text, place):
        line += text.count("\n", place, found.start())
        while bound <= found.start():
            bound = next(bounds)
        entry, end = _entry(text, found, bound, line + 1, names)
        line += text.count("\n", found.start(), end)
        place = end
        if entry.kind == "string":
            names |= {key: value[:_LONGEST] for key, value in entry.fields.items()}
        elif entry.kind not in ("comment", "preamble"):
            yield entry


def _bounds(text: str) -> Iterator[int]:
    """Yield where lines begin that begin an entry, then the end of the text for ever."""
    yield from (found.start() for found in _LINE_START.finditer(text))
    while True:
        yield len(text)


def _entry(text: str, start: re.Match[str], bound: int, line: int, names: Mapping[str, str]) -> tuple[Entry, int]:
    """Return the entry that begins at `start`, and where it ends: at `bound` at the latest."""
    kind, place, fields, fault = start[1].lower(), start.end(), dict[str, str](), ""
    key = _KEY.match(text, place, bound) if kind != "string" else None
    place = key.end() if key else place
    if kind in ("comment", "preamble"):
        end = _closing(text, start.end(), bound)
        return Entry(line, kind, "", {}, "", ""), bound if end < 0 else end
    while field := _FIELD.match(text, place, bound):
        value, place = _value(text, field.end(), bound, names)
        if value is None:
            fault = f"the value of {field[1]} has no end"
            break
        fields.setdefault(field[1].lower(), value)
    end = place
    if not fault:
        closing = re.compile(r"[\s,]*[})]").match(text, place, bound)
        end = closing.end() if closing else place
        fault = "" if closing else "its closing brace is missing"
    return Entry(line, kind, key[1] if key else "", fields, fault, text[start.start() : start.start() + 200]), end


def _value(text: str, place: int, bound: int, names: Mapping[str, str]) -> tuple[str | None, int]:
    """Return a value and where it ends; None when it does not end before `bound`."""
    parts: list[str] = []
    size = 0
    while True:
        part, place = _part(text, place, bound, names)
        if part is None:
            return None, bound
        size += len(part)
        parts += [part] if size <= _LONGEST else []
        joint = _JOINT.match(text, place, bound)
        if not joint:
            return "".join(parts), place
        place = joint.end()


def _part(text: str, place: int, bound: int, names: Mapping[str, str]) -> tuple[str | None, int]:
    if text.startswith("{", place):
        end = _closing(text, place + 1, bound)
        return (None, bound) if end < 0 else (text[place + 1 : end - 1], end)
    if text.startswith('"', place):
        end = _closing_quote(text, place + 1, bound)
        return (None, bound) if end < 0 else (text[place + 1 : end - 1], end)
    plain = _PLAIN.match(text, place, bound)
    return (names.get(plain[0].lower(), plain[0]), plain.end()) if plain else ("", place)


def _closing(text: str, place: int, bound: int) -> int:
    """Return the place behind the brace that closes what was opened before `place`, or -1."""
    depth = 1
    for found in _BRACES.finditer(text, place, bound):
        depth += 1 if found[0] == "{" else -1
        if not depth:
            return found.end()
    return -1


def _closing_quote(text: str, place: int, bound: int) -> int:
    """Return the place behind the quote that is not within braces, or -1."""
    depth = 0
    for found in _QUOTES.finditer(text, place, bound):
        if found[0] == '"' and depth <= 0:
            return found.end()
        depth += {"{": 1, "}": -1}.get(found[0], 0)
    return -1
