"""Plain text for mail: every line at most 78 columns, as RFC 5322 (2.1.1) asks, and no address broken."""

import re
import unicodedata
from collections.abc import Iterator

WIDTH = 78
"""Columns of a line."""

# Blanks, then perhaps a bullet or number: what follows a break hangs under the text behind it.
_INDENT = re.compile(r" {0,20}(?:[-*·] |\d{1,3}\. )?")
_ASCII = re.compile(r"[\x20-\x7e]*")


def wrapped(text: str, width: int = WIDTH) -> str:
    """Return the text with its long lines broken between words. A longer word is broken, an address never."""
    lines = (line.rstrip() for line in text.splitlines())
    return "".join(f"{piece}\n" for line in lines for piece in _broken(line, width))


def columns(text: str) -> int:
    """Return how wide the text is where letters have one width: East Asian wide ones two, combining ones none."""
    return len(text) if _ASCII.fullmatch(text) else sum(map(_columns, text))


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
    hanging, room = " " * len(start), width - len(start)
    current, used = "", 0
    for word in _words(line[len(start) :], room):
        size = columns(word)
        if current and used + 1 + size > room:
            yield start + current
            start, current, used = hanging, "", 0
        current, used = (f"{current} {word}", used + 1 + size) if current else (word, size)
    yield start + current


def _words(text: str, room: int) -> Iterator[str]:
    """Yield the words, those wider than the room in pieces that fit."""
    for word in text.split(" "):
        if "://" in word or columns(word) <= room:
            yield word
        else:
            yield from _pieces(word, room)


def _pieces(word: str, room: int) -> Iterator[str]:
    piece, used = "", 0
    for character in word:
        size = _columns(character)
        if used + size > room:
            yield piece
            piece, used = "", 0
        piece, used = piece + character, used + size
    yield piece
