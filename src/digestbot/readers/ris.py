"""RIS, as reference managers and publishers exchange it: a tag of two letters, two blanks, a hyphen, a text."""

import re
from collections.abc import Iterator
from typing import BinaryIO

from digestbot.dates import parse_date
from digestbot.errors import MalformedDigestError
from digestbot.identity import find_id
from digestbot.models import Paper, PartialDate, Reject
from digestbot.readers.lines import numbered_lines
from digestbot.readers.markup import html_to_line, html_to_text, looks_like_html
from digestbot.readers.name_lists import given_first
from digestbot.readers.protocol import Item, name_of
from digestbot.readers.tagged_lines import TaggedRecord, tagged_records

DIALECT = "ris"

_TAG = re.compile(r"([A-Z][A-Z0-9]) {0,2}-(?: |$)(.*)")
_START = re.compile(rb"(?:^|\n)TY {0,2}- ?[A-Z]{2,12}[ \t]*\r?\n")
_DATE = re.compile(r"([0-9]{4})(?:[/-]+([0-9]{1,2}))?(?:[/-]+([0-9]{1,2}))?/*(?:[/ ].{0,40})?")
_ID_TAGS = ("AN", "M1", "M3", "ID", "JO", "JF", "T2", "PB", "N1", "UR")
_ET_AL = re.compile(r"et\.? al\.?|others|\.\.\.|…", re.IGNORECASE)


def sniff(head: bytes) -> float:
    """Return how sure it is: a line with the tag TY."""
    found = _START.search(head)
    return 0.0 if not found else 1.0 if len(head[: found.start()].split()) < 30 else 0.4


def read(file: BinaryIO) -> Iterator[Item]:
    """Yield the references. Raises MalformedDigestError when there is none."""
    seen = 0
    for record in tagged_records(numbered_lines(file), _TAG, "TY", "ER"):
        if not record.first("TY") and not record.first("TI", "T1"):
            continue  # what stood before the first
        seen += 1
        yield _paper(record) or Reject(record.line, "a record without a title", record.excerpt())
    if not seen:
        raise MalformedDigestError("holds no reference: none begins with TY", source=name_of(file))


def _paper(record: TaggedRecord) -> Paper | None:
    title = html_to_line(record.first("TI", "T1", "CT", "BT"))
    if not re.search(r"\w", title):
        return None
    people = record.all("AU", "A1")
    names = tuple(given_first(name) for name in people if not _ET_AL.fullmatch(name))
    text, date = _published(record)
    pages = [url for url in record.all("UR", "LK", "L2") if url.startswith(("http://", "https://"))]
    files = [*record.all("L1"), *(url for url in pages if url.lower().endswith(".pdf"))]
    abstract = record.first("AB", "N2")
    name = next(
        (found for text in record.all(*_ID_TAGS) if "arxiv" in text.casefold() and (found := find_id(text))), None
    )
    return Paper(
        title=title,
        id=name[0] if name else "",
        version=name[1] if name else None,
        abstract=html_to_text(abstract)[0] if looks_like_html(abstract) else abstract,
        authors=names,
        authors_truncated=len(names) < len(people),
        published=date,
        published_text=text,
        comments=record.first("N1") or None,
        venue=record.first("JF", "T2", "JO", "JA", "BT", "PB") or None,
        doi=record.first("DO", "DI") or None,
        url=next((url for url in pages if url not in files), pages[0] if pages else None),
        pdf_url=next((url for url in files if url.startswith(("http://", "https://"))), None),
        keywords=tuple(dict.fromkeys(record.all("KW"))),
    )


def _published(record: TaggedRecord) -> tuple[str | None, PartialDate | None]:
    """Return the most precise of the dates that name the same year; in ``2020/01//`` parts may be missing."""
    printed = [text for text in record.all("PY", "Y1", "DA") if text]
    read = [(text, date) for text in printed if (date := _date(text))]
    year = read[0][1].year if read else None
    best = max((each for each in read if each[1].year == year), key=lambda each: str(each[1]).count("-"), default=None)
    return best or (printed[0] if printed else None, None)


def _date(text: str) -> PartialDate | None:
    found = _DATE.fullmatch(text)
    return parse_date("-".join(part.zfill(2) for part in found.groups() if part)) if found else parse_date(text)
