"""Web of Science's field-tagged export: two capitals, a blank, a text; three blanks go on with it.

::

    PT J
    AU Abe, A
       Berg, B
    TI A title that
       goes on
    ER
"""

import re
from collections.abc import Iterable, Iterator
from typing import BinaryIO

from digestbot.dates import parse_date
from digestbot.errors import MalformedDigestError
from digestbot.models import Paper, PartialDate, Reject
from digestbot.readers.lines import Line, numbered_lines
from digestbot.readers.name_lists import given_first
from digestbot.readers.protocol import Item, name_of
from digestbot.readers.tagged_lines import TaggedRecord, tagged_records

DIALECT = "web-of-science"

_TAG = re.compile(r"([A-Z][A-Z0-9])(?: |$)(.*)")
_START = re.compile(rb"(?:^|\n)PT [A-Z][^\n]{0,20}\n(?:[A-Z][A-Z0-9] |   )")
_LISTS = frozenset(("AU", "AF", "C1"))  # a line an item
_SEMICOLON = re.compile(r"\s*;\s*")


def sniff(head: bytes) -> float:
    """Return how sure it is: a line with the tag PT, and tags below it."""
    found = _START.search(head)
    return 0.0 if not found else 1.0 if len(head[: found.start()].split()) < 30 else 0.4


def read(file: BinaryIO) -> Iterator[Item]:
    """Yield the references. Raises MalformedDigestError when there is none."""
    seen = 0
    for record in tagged_records(_listed(numbered_lines(file)), _TAG, "PT", "ER"):
        if not record.first("PT"):
            continue  # the head and the foot of the file
        seen += 1
        yield _paper(record) or Reject(record.line, "a record without a title", record.excerpt())
    if not seen:
        raise MalformedDigestError("holds no reference: none begins with PT", source=name_of(file))


def _listed(lines: Iterable[Line]) -> Iterator[Line]:
    """Yield the lines with the tag repeated where each line of a field is an item of its own."""
    tag = ""
    for line in lines:
        if line.indent >= 2 and line.text and tag in _LISTS:
            yield line._replace(text=f"{tag} {line.text}", indent=0)
            continue
        tag = line.text[:2] if line.indent < 2 and line.text else tag
        yield line


def _paper(record: TaggedRecord) -> Paper | None:
    title = record.first("TI")
    if not title:
        return None
    text, date = _published(record.first("PY"), record.first("PD"))
    pmid = record.first("PM")
    return Paper(
        title=title,
        id=f"pmid:{pmid}" if pmid.isdecimal() and not record.first("DI") else "",
        abstract=record.first("AB"),
        authors=tuple(map(given_first, record.all("AF") or record.all("AU"))) or tuple(record.all("CA", "GP")),
        affiliations=tuple(dict.fromkeys(record.all("C1"))),
        published=date,
        published_text=text,
        venue=record.first("SO", "JI", "J9") or None,
        doi=record.first("DI") or None,
        keywords=tuple(filter(None, _SEMICOLON.split(record.first("DE")))),
    )


def _published(year: str, day: str) -> tuple[str | None, PartialDate | None]:
    """Return the date: ``PD`` has month and day, ``PY`` the year."""
    whole = f"{day} {year}".strip()
    for text in (whole, year):
        if date := parse_date(text):
            return text, date
    return whole or None, None
