"""Plain text for mail: every line at most 78 columns, as RFC 5322 (2.1.1) asks, and no address broken."""

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache

WIDTH = 78
"""Columns of a line."""

_REMEMBERED = 200
"""Characters of a line that is remembered."""

# Blanks, then perhaps a bullet or number: what follows a break hangs under the text behind it.
_INDENT = re.compile(r" {0,20}(?:[-*·] |\d{1,3}\. )?")


def wrapped(text: str, width: int = WIDTH) -> str:
    """Return the text with its long lines broken between words. A longer word is broken, an address never."""
    return "".join([(_known if len(line) <= _REMEMBERED else _fitted)(line, width) for line in text.splitlines()])


def _fitted(line: str, width: int) -> str:
    """Return a line as those that fit, each with its end."""
    line = line.rstrip()
    if len(line) <= width and line.isascii() and line.isprintable():
        return f"{line}\n"
    return "".join(f"{piece}\n" for piece in _broken(line, width))


_known = lru_cache(maxsize=8192)(_fitted)  # most lines of an edition stand in many others


def columns(text: str) -> int:
    """Return how wide the text is where letters have one width: East Asian wide ones two, combining ones none."""
    return len(text) if text.isascii() and text.isprintable() else sum(map(_columns, text))


@lru_cache(maxsize=4096)
def _columns(character: str) -> int:
    if unicodedata.category(character) in {"Mn", "Me", "Cf"}:
        return 0
    return 2 if unicodedata.east_asian_width(character) in {"W", "F"} else 1


def _broken(line: str, width: int) -> Iterator[str]:
    if columns(line) <= width:
        yield line
        return
    indent = _INDENT.match(line)
    start = indent[0] if indent else ""
    hanging, text, room = " " * len(start), line[len(start) :], width - len(start)
    is_plain = text.isascii() and text.isprintable() and "  " not in text and "://" not in text
    for piece in _cut(text, room) if is_plain else _filled(text, room):
        yield start + piece
        start = hanging


def _cut(text: str, room: int) -> Iterator[str]:
    """Yield lines of a text in which each character is a column: cut at the last blank that leaves room."""
    while len(text) > room:
        at = text.rfind(" ", 0, room + 1)
        yield text[: at if at > 0 else room]
        text = text[at + 1 if at > 0 else room :]
    yield text


def _filled(text: str, room: int) -> Iterator[str]:
    words: list[str] = []
    used = 0
    for word, size in _words(text, room):
        if words and used + 1 + size > room:
            yield " ".join(words)
            words, used = [], 0
        used += size + (1 if words else 0)
        words.append(word)
    yield " ".join(words)


def _words(text: str, room: int) -> Iterator[tuple[str, int]]:
    """Yield the words with their columns, those wider than the room in pieces that fit."""
    for word in text.split(" "):
        size = columns(word)
        if size <= room or "://" in word:
            yield word, size
        else:
            yield from _pieces(word, room)


def _pieces(word: str, room: int) -> Iterator[tuple[str, int]]:
    piece, used = "", 0
    for character in word:
        size = _columns(character)
        if used + size > room:
            yield piece, used
            piece, used = "", 0
        piece, used = piece + character, used + size
    yield piece, used
