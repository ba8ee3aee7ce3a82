"""A digest's text as numbered lines, in bounded memory whatever the bytes are.

The text is taken for UTF-8; what is not becomes U+FFFD. Every usual line end counts as one (LF, CRLF, CR),
a byte-order mark and control characters vanish, and an over-long line is cut: it cannot be an entry.
"""

import io
import re
from collections.abc import Iterator
from typing import BinaryIO, NamedTuple

from digestbot.models import Reject
from digestbot.readers.protocol import excerpt_of

LONGEST_LINE = 100_000
"""Characters of a line that are kept. The longest abstract of arXiv has 1,920, of PubMed some 10,000."""

_STEP = 1 << 16
_LIKE_SPACE = re.compile(r"[\t\v\f\x1c-\x1f\x85\u2028\u2029]")
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1b\x7f-\x9f\ufeff]")
_NOT_SPACE = re.compile(r"\S")


class Line(NamedTuple):
    """One line: its number (counted from 1), its text without the white space around it, whether it was cut."""

    number: int
    text: str
    cut: bool = False
    indent: int = 0
    """How many columns of white space stood before it; a tab counts as four."""


def numbered_lines(file: BinaryIO) -> Iterator[Line]:
    """Yield every line of `file`, empty ones included. The file stays open."""
    reader = io.TextIOWrapper(file, encoding="utf-8-sig", errors="replace")
    try:
        number = 0
        while text := reader.readline(LONGEST_LINE + 1):
            number += 1
            cut = len(text) > LONGEST_LINE and not text.endswith("\n")
            if cut:
                _skip_line(reader)
            yield line_of(number, text, cut=cut)
    finally:
        reader.detach()


def line_of(number: int, text: str, *, cut: bool = False) -> Line:
    """Return `text` as a line: control characters removed, white space around it cut."""
    clean = _CONTROL.sub("", _LIKE_SPACE.sub(lambda match: "    " if match[0] == "\t" else " ", text))
    start = _NOT_SPACE.search(clean)
    return Line(number, clean.strip(), cut, start.start() if start else 0)


def reject(line: int, reason: str, text: str) -> Reject:
    """Return a `Reject` with as much of `text` as it may hold."""
    return Reject(line, reason, excerpt_of(text))


def head_lines(head: bytes) -> list[Line]:
    """Return the lines of a file's first bytes; the last one may be cut short."""
    return list(numbered_lines(io.BytesIO(head)))


def _skip_line(reader: io.TextIOWrapper) -> None:
    """Read on to the end of the line."""
    while (text := reader.readline(_STEP)) and not text.endswith("\n"):
        pass
