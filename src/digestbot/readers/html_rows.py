"""Tables of HTML within Markdown, written as Markdown writes its tables: a line a row.

::

    <table><tr><th>#</th><th>Title</th></tr>             | # | Title |
    <tr><td>1</td>                               →       |---|---|
      <td><a href="https://…">A title</a></td></tr>      | 1 | [A title](https://…) |
"""

import re
from collections.abc import Iterable, Iterator

from digestbot.readers.lines import LONGEST_LINE, Line
from digestbot.readers.markdown_inline import in_markdown

_TABLE = re.compile(r"<table\b[^<>]{0,500}>", re.IGNORECASE)
_END = re.compile(r"</(?:tr|table|thead|tbody)\s{0,3}>", re.IGNORECASE)
_CELL = re.compile(r"<t[dh]\b[^<>]{0,1000}>", re.IGNORECASE)
_CELL_END = re.compile(r"</t[dh]\s{0,3}>", re.IGNORECASE)
_ARXIV = re.compile(r"\bdata-arxiv-id=\"([0-9]{4}\.[0-9]{4,5}(?:v[0-9]{1,2})?)\"")
_BUTTON = re.compile(r"<button\b[^<>]{0,2000}>[^<>]{0,200}</button>", re.IGNORECASE)


def with_rows(lines: Iterable[Line]) -> Iterator[Line]:
    """Yield `lines` with each row of a table of HTML on a line of its own, below its header a rule."""
    table = _Table()
    for line in lines:
        found = None if line.cut or table.inside else _TABLE.search(line.text)
        if found:
            table = _Table(inside=True)
            yield from (line._replace(text=before),) if (before := line.text[: found.start()].strip()) else ()
            yield from table.take(line._replace(text=line.text[found.end() :]))
        elif table.inside and not line.cut:
            yield from table.take(line)
        else:
            yield line
    yield from table.close()


class _Table:
    """One table while it is read."""

    def __init__(self, *, inside: bool = False) -> None:
        self.inside = inside
        self._row: list[str] = []
        self._start = self._length = self._rows = 0

    def take(self, line: Line) -> Iterator[Line]:
        """Yield the rows that a line completes."""
        place = 0
        for found in _END.finditer(line.text):
            self._keep(line.number, line.text[place : found.start()])
            place = found.end()
            yield from self.close()
            if found[0].lower().startswith("</table"):
                self.inside = False
                break
        self._keep(line.number, line.text[place:])
        if not self.inside or self._length > LONGEST_LINE:
            self.inside = False
            yield from self.close()

    def close(self) -> Iterator[Line]:
        """Yield the row that is open."""
        row, self._row, self._length = " ".join(self._row), [], 0
        if len(row) > LONGEST_LINE:
            yield Line(self._start, row[:LONGEST_LINE], cut=True)
            return
        cells = [_written(cell) for cell in _CELL.split(row)[1:]]
        if not cells:
            return
        yield Line(self._start, f"| {' | '.join(cells)} |")
        if not self._rows:
            yield Line(self._start, "|---" * len(cells) + "|")
        self._rows += 1

    def _keep(self, number: int, text: str) -> None:
        if not self._row:
            self._start = number
        if text.strip():
            self._row.append(text.strip())
            self._length += len(text)


def _written(cell: str) -> str:
    """Return a cell as Markdown. What a button knows of a paper becomes a link."""
    named = _ARXIV.search(cell)
    cell = in_markdown(_CELL_END.sub("", _BUTTON.sub("", cell))).replace("|", "\\|").strip()
    return f"{cell} [arXiv](https://arxiv.org/abs/{named[1]})".strip() if named else cell
