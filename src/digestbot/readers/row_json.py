r"""JSON whose texts are rows of Markdown, by section and id: what daily lists keep to print their pages from.

::

    {"SLAM": {"2203.12345": "|**2022-03-31**|**Title**|A B et.al.|[2203.12345](http://…)|null|\\n"}}
    {"SLAM": {"2203.12345": "- 2022-03-31, **Title**, A B et.al., Paper: [http://…](http://…)\\n"}}
"""

import re
from collections.abc import Iterator
from typing import BinaryIO

from digestbot.errors import MalformedDigestError
from digestbot.models import Paper, Reject
from digestbot.readers.intake import to_text
from digestbot.readers.json_records import decode
from digestbot.readers.lines import LONGEST_LINE, line_of
from digestbot.readers.markdown_entries import Entries
from digestbot.readers.markdown_table import Tables
from digestbot.readers.protocol import Item, Remark, excerpt_of, name_of

DIALECT = "row-json"

_TEXT = re.compile(r'"(?:[^"\\]++|\\.)*+"', re.DOTALL)
_ROW = re.compile(r'"(?:\||[-*] )[^"]{0,400}(?:\]\(|https?:)')
_LEAST = 2  # rows in the beginning of a file


def sniff(head: bytes) -> float:
    """Return how sure it is: a JSON document with texts that are rows or list items with links."""
    text = head.decode("utf-8", "replace").lstrip()
    if text[:1] not in ("{", "["):
        return 0.0
    rows = len(_ROW.findall(text))
    return 0.8 if rows >= _LEAST else 0.5 if rows else 0.0


def read(file: BinaryIO) -> Iterator[Item]:
    """Yield the papers of the rows. Raises MalformedDigestError when no text is a row."""
    source = name_of(file)
    text = to_text(file.read(), source)[0]
    papers = 0
    for item in _items(text):
        papers += isinstance(item, Paper)
        yield item
    fault = _fault(text)
    if not papers:
        raise MalformedDigestError("holds no text that is a row of papers", source=source)
    if fault:
        yield Remark(f"it is not valid JSON ({fault}); complete rows kept: {papers}", "partial")


def _items(text: str) -> Iterator[Item]:
    """Yield what the texts hold, each read as a page of its own: rows have no header here, items no neighbours."""
    line = seen = 0
    for found in _TEXT.finditer(text):
        if not found[0].startswith(('"|', '"- ', '"* ')):
            continue
        line, seen = line + text.count("\n", seen, found.start()), found.start()
        page = _decoded(found[0])
        taken = list(_page(page, line + 1))
        yield from taken
        if not taken and "](" in page:
            yield Reject(line + 1, "a row that names no paper", excerpt_of(page))


def _page(text: str, line: int) -> Iterator[Item]:
    rows, entries = Tables(), Entries()
    for row in text.split("\n"):
        taken = line_of(line, row[: LONGEST_LINE + 1], cut=len(row) > LONGEST_LINE)
        yield from rows.take(taken) if row.startswith("|") else entries.take(taken)
    yield from rows.close()
    yield from entries.close()


def _decoded(token: str) -> str:
    try:
        return str(decode(token))
    except ValueError:
        return ""


def _fault(text: str) -> str:
    """Return why the whole is no JSON, or ""."""
    try:
        decode(text)
    except ValueError as error:
        return str(error)[:100]
    except RecursionError:
        return "nested too deeply"
    return ""
