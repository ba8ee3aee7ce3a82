"""Where in a TOML text each table, key and character of a value stands, which the standard parser does not tell.

It reads only what that parser has already taken, so it can be simple: it follows heads, keys and values, and
where it loses its way it points at the nearest thing that it knows.
"""

import re
import tomllib
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

Path = tuple[str | int, ...]
"""A way into the data: ``("subscription", 0, "query")``."""

_BLANK: Final = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*+")
_PART: Final = r"""(?:[\w-]+|"(?:[^"\\\n]|\\.)*+"|'[^'\n]*+')"""
_NAME: Final = rf"{_PART}(?:[ \t]*\.[ \t]*{_PART})*+"
_HEAD: Final = re.compile(rf"(\[\[?)[ \t]*({_NAME})[ \t]*\]")
_KEY: Final = re.compile(rf"({_NAME})[ \t]*=[ \t]*")
_PARTS: Final = re.compile(_PART)
_TOKEN: Final = re.compile(
    r""""{3}(?:[^\\"]|\\[\s\S]|"(?!""))*+"{3,5}|'{3}(?:[^']|'(?!''))*+'{3,5}"""
    r"""|"(?:[^"\\\n]|\\.)*+"|'[^'\n]*+'|\#[^\n]*|[\[\]{}\n]|[^"'\#\[\]{}\n]++"""
)
_PIECE: Final = re.compile(r"(\\[ \t]*\n[ \t\n]*)|\\u[0-9A-Fa-f]{4}|\\U[0-9A-Fa-f]{8}|\\[\s\S]|[\s\S]")
_WIDEST: Final = 100


@dataclass(frozen=True, slots=True)
class _Entry:
    start: int
    value: int
    end: int


class Lines:
    """A text, whose lines end with a line feed, and any spot of it."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._starts = [0, *(found.end() for found in re.finditer("\n", text))]

    def spot(self, offset: int) -> tuple[int, int]:
        """Return the line and the column of an offset, both from 1."""
        line = bisect_right(self._starts, offset)
        return line, offset - self._starts[line - 1] + 1

    def offset(self, line: int, column: int) -> int:
        """Return the offset of a line and a column, both from 1; the text's end for what lies behind it."""
        return min(self._starts[min(line, len(self._starts)) - 1] + column - 1, len(self.text))

    def excerpt(self, offset: int) -> str:
        """Return the line around an offset with a caret under it, cut to what fits on a screen."""
        line, column = self.spot(offset)
        start = self._starts[line - 1]
        end = self._starts[line] - 1 if line < len(self._starts) else len(self.text)
        first = max(0, min(column - 1 - _WIDEST * 2 // 3, end - start - _WIDEST))
        cut = self.text[start + first : min(end, start + first + _WIDEST)]
        plain = "".join(character if character.isprintable() else " " for character in cut)
        return f"{plain}\n{' ' * (column - 1 - first)}^"


class Places(Lines):
    """The places of a text that is good TOML; another kind could cost more than its length to follow."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self._entries = dict(_entries(text))

    def key(self, path: Path) -> int:
        """Return the offset of a key or of a table's head; of what is around it, when it is not found."""
        while path and path not in self._entries:
            path = path[:-1]
        return self._entries[path].start if path else 0

    def value(self, path: Path, index: int | None = None) -> int:
        """Return the offset of a value; of the character `index` of it, when it is a text."""
        entry = self._entries.get(path)
        if entry is None:
            return self.key(path)
        if index is None:
            return entry.value
        offsets = _offsets(self.text[entry.value : entry.end])
        return entry.value + offsets[min(index, len(offsets) - 1)]

    def item(self, path: Path, number: int) -> int:
        """Return the offset of the text `number`, from 0, of a list of texts; of the list when it has no such one."""
        entry = self._entries.get(path)
        if entry is None:
            return self.key(path)
        tokens = _TOKEN.finditer(self.text, entry.value, entry.end)
        texts = [token.start() for token in tokens if token[0][0] in "\"'"]
        return texts[number] if number < len(texts) else entry.value


def _entries(text: str) -> Iterator[tuple[Path, _Entry]]:
    """Yield every table and key with where it begins and where its value is."""
    table: Path = ()
    counts: dict[Path, int] = {}
    position = 0
    while (position := _skip(text, position)) < len(text):
        if head := _HEAD.match(text, position):
            table = _table(_names(head[2]), counts, counts_up=head[1] == "[[")
            position = text.find("\n", head.end())
            yield table, _Entry(head.start(), head.start(), head.end())
        elif key := _KEY.match(text, position):
            position = _end(text, key.end())
            yield (*table, *_names(key[1])), _Entry(key.start(), key.end(), position)
        else:
            position = text.find("\n", position)
        if position < 0:
            return


def _skip(text: str, position: int) -> int:
    """Return the offset of the next head or key."""
    found = _BLANK.match(text, position)
    return found.end() if found else position


def _names(dotted: str) -> list[str]:
    """Return the parts of a dotted key, without quotes."""
    parts = _PARTS.findall(dotted)
    return [next(iter(tomllib.loads(f"{part}=1"))) if part[0] in "\"'" else part for part in parts]


def _table(names: list[str], counts: dict[Path, int], *, counts_up: bool) -> Path:
    """Return the path that a head opens: ``[[a]]`` is the next one of its array, ``[a.b]`` belongs to the last a."""
    path: Path = ()
    for name in names:
        path = (*path, name)
        if counts_up and len(names) == sum(isinstance(part, str) for part in path):
            counts[path] = counts.get(path, -1) + 1
        if path in counts:
            path = (*path, counts[path])
    return path


def _end(text: str, position: int) -> int:
    """Return where the value that begins at `position` ends: before a comment or a line's end outside brackets."""
    depth, start = 0, position
    while found := _TOKEN.match(text, position):
        if depth == 0 and found[0][0] in "\n#":
            break
        depth += (found[0] in "[{") - (found[0] in "]}")
        position = found.end()
    return start + len(text[start:position].rstrip())


def _offsets(raw: str) -> list[int]:
    """Return where each character of a text's value stands in its source, and last where the text ends."""
    if raw[:1] not in ("'", '"'):
        return [0]
    width = 3 if raw[:3] in ("'''", '"""') else 1
    first = width + (width == 3 and raw[3:4] == "\n")
    end = max(first, len(raw) - width)
    if raw[0] == "'":
        return list(range(first, end + 1))
    return [*(found.start() for found in _PIECE.finditer(raw, first, end) if not found[1]), end]
