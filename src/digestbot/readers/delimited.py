"""Tables as text, CSV and TSV: a line of names, then a line a paper.

The delimiter is the one that gives the header most names that are known. A header may come again, with other columns:
what stands below it is read by it. A row of more cells than names is a reject, for nobody can say which cell is which.
"""

import csv
import io
import re
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any, BinaryIO, NamedTuple, Protocol

from digestbot.errors import MalformedDigestError
from digestbot.models import Reject
from digestbot.readers.field_names import FIELDS, bare, field_of
from digestbot.readers.flat_papers import to_paper
from digestbot.readers.intake import to_utf8
from digestbot.readers.protocol import Item, Remark, excerpt_of, name_of

DIALECT = "csv"

_DELIMITERS = ",\t;|"
_OTHER_FORMATS = ("<", "{", "[{", "From ", "```", "|")
_RULE = re.compile(r"[\s|:-]{3,}")
_PREAMBLE = 20  # lines that may stand before the header
_LONGEST_HEADER = 5_000  # characters
_EVIDENCE = frozenset(
    ("abstract", "summary", "authors", "firstauthor", "arxiv", "doi", "pmid", "url", "pdf", "published", "year", "id")
)


class Table(Protocol):
    """What `io.StringIO` is, as far as it is needed here."""

    def readline(self) -> str:
        """Return the next line with its end; nothing at the end."""

    def tell(self) -> int:
        """Return the place of the next line."""

    def seek(self, place: int, /) -> int:
        """Go back to a place."""


class Header(NamedTuple):
    """The names of the columns, the line they stand in (from 0), and what parts them."""

    names: tuple[str, ...]
    line: int
    delimiter: str


def sniff(head: bytes) -> float:
    """Return how sure it is: a header with a title and something else that papers have, and rows that fit it."""
    text = head.decode("utf-8", "replace")
    file = io.StringIO(text, newline="")
    header = find_header(file)
    if header is None or text.lstrip().startswith(_OTHER_FORMATS):
        return 0.0
    if header.delimiter == "|" and _RULE.fullmatch(_peek(file)):
        return 0.0  # a table in Markdown
    known = len({field for name in header.names if (field := field_of(name))})
    rows = [row for _, row in islice(_rows(file, header.delimiter), 200)]
    fitting = sum(2 <= len(row) <= len(header.names) for row in rows[:-1] or rows)
    if not rows or fitting < 0.5 * len(rows[:-1] or rows):
        return 0.2
    return min(0.95, 0.4 + 0.15 * known)


def find_header(file: Table) -> Header | None:
    """Return the first line that names columns, None when there is none; `file` is read as far as that."""
    for number in range(_PREAMBLE):
        line = file.readline()
        if len(line) > _LONGEST_HEADER:
            continue
        found = [
            (len(_fields(names)), names, mark) for mark in _DELIMITERS if mark in line and (names := _cells(line, mark))
        ]
        best = max(found, key=lambda each: each[0], default=None)
        if best and _is_header(best[1]):
            return Header(best[1], number, best[2])
    return None


def read(file: BinaryIO) -> Iterator[Item]:
    """Yield the rows as papers. Raises MalformedDigestError when no line names the columns."""
    source = name_of(file)
    table = _table(to_utf8(file.read(), source)[0])
    header = find_header(table)
    if header is None:
        raise MalformedDigestError(
            "names no columns: no line holds a title and an abstract, authors or a date", source=source
        )
    names, seen = header.names, 0
    for number, row in _rows(table, header.delimiter):
        line = number + header.line + 1
        if _is_header(row):
            names = tuple(row)
        elif row:
            seen += 1
            yield _item(line, names, row)
    if not seen:
        yield Remark("the table has no row", "quiet")


def _table(data: bytes) -> Table:
    """Return the lines of a table; those of old computers, which end with a return alone, take more memory."""
    return io.StringIO(data.decode(), newline="") if re.search(rb"\r(?!\n)", data) else _Utf8Lines(data)


class _Utf8Lines:
    """Lines of UTF-8, each decoded when it is read."""

    def __init__(self, data: bytes) -> None:
        self._file = io.BytesIO(data)
        self.tell, self.seek = self._file.tell, self._file.seek

    def readline(self) -> str:
        return self._file.readline().decode()


def _peek(file: Table) -> str:
    """Return the next line without taking it."""
    place = file.tell()
    line = file.readline()
    file.seek(place)
    return line.rstrip("\r\n")


def _cells(line: str, delimiter: str) -> tuple[str, ...]:
    try:
        return tuple(cell.strip() for cell in next(csv.reader([line], delimiter=delimiter, skipinitialspace=True), ()))
    except csv.Error:
        return ()


def _fields(names: Sequence[str]) -> set[str]:
    return {field for name in names if (field := field_of(name))}


def _is_header(row: Sequence[str]) -> bool:
    """Return whether these cells name columns: a title's and at least one more, and no cell is long."""
    if len(row) < 2 or any(len(cell) > 60 for cell in row):
        return False
    fields = _fields(row)
    named = {bare(cell) for cell in row} & {*FIELDS["title"], *FIELDS["name"]}
    return bool(named) and bool(fields & _EVIDENCE)


class _Lines:
    """The lines of a table, as `csv` takes them, and where the row that is being read began."""

    def __init__(self, file: Table) -> None:
        self._file = file
        self._number = 0
        self._row: list[tuple[int, int]] = []  # number and place of the first two lines of the row

    def __iter__(self) -> Iterator[str]:
        while True:
            place = self._file.tell()
            if not (line := self._file.readline()):
                return
            self._number += 1
            if len(self._row) < 2:
                self._row.append((self._number, place))
            yield line

    def begun(self) -> int:
        """Return the line in which the row began, and forget it."""
        row, self._row = self._row, []
        return row[0][0] if row else self._number

    def resume(self) -> tuple[int, str]:
        """Go back behind the first line of the row; return its number and text."""
        (number, place), *second = self._row
        self._file.seek(place)
        text = self._file.readline()
        if second:
            self._file.seek(second[0][1])
        self._number, self._row = number, []
        return number, text


def _rows(file: Table, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """Yield each row and the line it begins in. A quote without an end costs its line, not the rest."""
    lines = _Lines(file)
    while True:
        try:
            for row in csv.reader(lines, delimiter=delimiter, skipinitialspace=True):
                yield lines.begun(), row
        except csv.Error:
            number, text = lines.resume()
            yield number, [text.strip()]
        else:
            return


def _item(line: int, names: Sequence[str], row: list[str]) -> Item:
    text = " ".join(cell for cell in row if cell)
    if any(map(str.strip, row[len(names) :])):
        return Reject(line, f"a row of {len(row)} cells below {len(names)} names", excerpt_of(text))
    record: dict[str, Any] = {}
    for name, cell in zip(names, row, strict=False):
        if cell.strip():
            record.setdefault(name, cell)
    return to_paper(record) or Reject(line, "a row without a title", excerpt_of(text))
