"""Papers in Markdown tables: a row each, as the daily lists of preprints and the weekly ones have them.

::

    ## SLAM
    |Publish Date|Title|Authors|PDF|Code|
    |---|---|---|---|---|
    |**2022-03-31**|**Title**|A B et.al.|[2203.12345](http://arxiv.org/abs/2203.12345)|**[link](https://…)**|

    | **Paper** | **Links** |
    | --- | --- |
    | 1) **Title** - what it does | [Paper](https://…), [Tweet](https://…) |

A table is one of papers when a column holds titles; others are left out, and that is said. Tables of HTML within the
page count as well. What stands between the tables is read as a list, of which only papers are kept: the rest is
contents and thanks.
"""

import re
from collections.abc import Iterable, Iterator
from itertools import chain
from typing import BinaryIO

from digestbot.errors import MalformedDigestError
from digestbot.models import Paper, PartialDate, Reject
from digestbot.readers.html_rows import with_rows
from digestbot.readers.lines import LONGEST_LINE, Line, head_lines, numbered_lines, reject
from digestbot.readers.mailboxes import carrier_of
from digestbot.readers.markdown_entries import Entries
from digestbot.readers.markdown_forms import date_in, dates_its_papers, is_paper_address
from digestbot.readers.markdown_inline import read_inline
from digestbot.readers.markdown_rows import Column, cells_of, columns_by_looks, columns_of, is_rule, paper_of
from digestbot.readers.protocol import Item, Remark, name_of

DIALECT = "markdown-table"

_OTHER_FORMATS = (b"<?xml", b"<!doctype", b"<html", b"<rss", b"<feed", b"<article", b"{", b"[{")
_LONGEST_TORN = 2_000  # characters of a row that goes on in the next line
_HEADING = re.compile(r"(#{1,6})\s+(.*)")


def sniff(head: bytes) -> float:
    """Return how sure it is: rows of tables that are papers, and more of them than of list items."""
    if head.lstrip()[:9].lower().startswith(_OTHER_FORMATS) or carrier_of(head):
        return 0.0
    lines = list(with_rows(head_lines(head)))
    if not any(line.text.startswith("|") or is_rule(line.text) for line in lines):
        return 0.0
    tables = Tables()
    items = list(_items(tables, lines))
    rows = sum(isinstance(item, Paper) for item in items)
    if not tables.papers:
        return 0.0
    return 0.9 if 2 * tables.papers >= rows else 0.86  # a list would lose the rows, and here lists are read too


def read(file: BinaryIO) -> Iterator[Item]:
    """Yield the papers of the rows, and the dates of the page. Raises MalformedDigestError when there was no paper."""
    tables = Tables()
    papers = 0
    for item in _items(tables, with_rows(numbered_lines(file))):
        papers += isinstance(item, Paper)
        yield item
    yield from tables.remarks()
    if not papers and tables.rows:
        raise MalformedDigestError(f"no papers: none of its {tables.rows} rows names one", source=name_of(file))
    if not papers:
        yield Remark("its tables have no row", "quiet")


def _items(tables: "Tables", lines: Iterable[Line]) -> Iterator[Paper | Reject | PartialDate]:
    return chain(chain.from_iterable(tables.take(line) for line in lines), tables.close())


class Tables:
    """Reads the lines of a page: `take` them in order, then `close`."""

    def __init__(self) -> None:
        self.papers = self.rows = 0
        self._entries = Entries()
        self._header: Line | None = None  # a line that may turn out to be a header
        self._columns: tuple[Column, ...] | None = None
        self._inside = False
        self._torn: Line | None = None  # a row that goes on in the next line
        self._left_out: list[int] = []
        self._section: tuple[int, tuple[str, PartialDate]] | None = None

    def take(self, line: Line) -> Iterator[Paper | Reject | PartialDate]:
        """Yield what `line` completes."""
        text = line.text
        if line.cut:
            yield reject(line.number, f"a line of more than {LONGEST_LINE:,} characters", text)
        elif is_rule(text) and self._header is not None:
            self._begin(self._header)
        elif text.startswith("|") or (self._inside and (self._torn or "|" in text)):
            yield from self._whole(line)
        else:
            yield from self._other(line)

    def close(self) -> Iterator[Paper | Reject | PartialDate]:
        """Yield what is left."""
        torn, self._torn = self._torn, None
        yield from self._row(torn) if torn else ()
        yield from self._pending()
        yield from self._kept(self._entries.close())

    def remarks(self) -> Iterator[Remark]:
        """Say which tables were left out."""
        if self._left_out:
            lines = ", ".join(map(str, self._left_out[:5]))
            yield Remark(f"tables without a column of titles were left out (line {lines})")

    def _begin(self, header: Line) -> None:
        """Begin a table below its header."""
        self._header, self._inside = None, True
        self._columns = columns_of(cells_of(header.text))
        if self._columns is None:
            self._left_out.append(header.number)

    def _whole(self, line: Line) -> Iterator[Paper | Reject | PartialDate]:
        """Read a row, together with the line before it when a line break within a cell tore them apart."""
        torn, self._torn = self._torn, None
        if torn and line.text and not line.text.startswith("|") and len(torn.text) < _LONGEST_TORN:
            line = torn._replace(text=f"{torn.text} {line.text}")
        elif torn:
            yield from self._row(torn)
        unfinished = self._inside and self._columns and not line.text.endswith("|")
        if unfinished and self._columns and len(cells_of(line.text)) < len(self._columns) - 1:
            self._torn = line
        else:
            yield from self._row(line)

    def _row(self, line: Line) -> Iterator[Paper | Reject | PartialDate]:
        yield from self._kept(self._entries.close())
        if not self._inside:
            yield from self._pending()
            self._header = line
            return
        self.rows += 1
        yield from self._read(line)

    def _read(self, line: Line) -> Iterator[Paper | Reject]:
        again = columns_of(cells_of(line.text)) if self._columns and len(line.text) < 300 else None
        if again and all(column.field or not column.name for column in again) and len(again) > 1:
            self._columns = again  # the header comes again, perhaps with other columns
        elif self._columns:
            item = paper_of(line.number, line.text, self._columns, self._section[1] if self._section else None)
            self.papers += isinstance(item, Paper)
            yield from (item,) if item else ()

    def _pending(self) -> Iterator[Paper | Reject]:
        """Read a row that stands below no header, and so is none itself."""
        line, self._header = self._header, None
        if line is not None:
            self._columns = columns_by_looks(cells_of(line.text))
            yield from self._read(line)

    def _other(self, line: Line) -> Iterator[Paper | Reject | PartialDate]:
        torn, self._torn = self._torn, None
        yield from self._row(torn) if torn else ()
        yield from self._pending()
        self._inside = False
        if heading := _HEADING.fullmatch(line.text):
            level, words = len(heading[1]), read_inline(heading[2]).text
            found = date_in(words)
            if found and dates_its_papers(level, words):
                self._section = (level, found)
            elif self._section and level <= self._section[0]:
                self._section = None
        if "|" in line.text and not line.text.startswith(("#", ">", "-", "*")):
            self._header = line  # a table may do without pipes at its ends
        yield from self._kept(self._entries.take(line))

    def _kept(self, items: Iterable[Paper | Reject | PartialDate]) -> Iterator[Paper | PartialDate]:
        """Yield dates, and papers that lead to one: a table of contents is a list too."""
        for item in items:
            if isinstance(item, PartialDate) or (isinstance(item, Paper) and _leads_somewhere(item)):
                yield item


def _leads_somewhere(paper: Paper) -> bool:
    return bool(paper.pdf_url or paper.authors or paper.abstract or is_paper_address(paper.url or ""))
