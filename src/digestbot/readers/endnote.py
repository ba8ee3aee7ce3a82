"""EndNote's two forms, as reference managers and library catalogues export them.

::

    %0 Journal Article          <xml><records><record>
    %T A title                    <contributors><authors><author>Abe, Ada</author> …
    %A Abe, Ada                   <titles><title>A title</title> …
    %D 2024                       <dates><year>2024</year> …

Refer, the older form with percent signs, has no ``%0``: there an empty line parts the references.
"""

import re
from collections.abc import Iterable, Iterator
from typing import BinaryIO

from digestbot.dates import parse_date
from digestbot.errors import MalformedDigestError
from digestbot.models import Paper, PartialDate, Reject
from digestbot.readers.feed_text import find_root
from digestbot.readers.intake import to_text
from digestbot.readers.lines import Line, numbered_lines
from digestbot.readers.markup import html_to_line, html_to_text, looks_like_html
from digestbot.readers.name_lists import given_first
from digestbot.readers.protocol import Item, NamedBytes, Remark, excerpt_of, name_of
from digestbot.readers.tagged_lines import TaggedRecord, tagged_records
from digestbot.readers.xml_records import Element, records_in, refuse_entities

DIALECT = "endnote"

_TAG = re.compile(r"(%[0-9A-Z@!?^~$&*+#<>\[\]()=:])(?: |$)(.*)")
_TITLE = re.compile(rb"(?:^|\n)%T [^\n]")
_OTHER = re.compile(rb"(?:^|\n)%[0ADJ] [^\n]")
_KIND = re.compile(rb"(?:^|\n)%0 ")
_KEYWORDS = re.compile(r"\s*[;,]\s*")
_YEAR = re.compile(r"[0-9]{4}")


def sniff(head: bytes) -> float:
    """Return how sure it is: percent tags for a title and something else, or EndNote's root elements."""
    if head.lstrip().startswith(b"<"):
        return 1.0 if b"<records>" in head and b"<ref-type" in head else 0.0
    return 0.95 if head.startswith(b"%") and _TITLE.search(head) and _OTHER.search(head) else 0.0


def read(file: BinaryIO) -> Iterator[Item]:
    """Yield the references. Raises MalformedDigestError when there is none, or the XML is not safe to parse."""
    data, source = file.read(), name_of(file)
    items = _from_xml(to_text(data, source)[0], source) if data.lstrip().startswith(b"<") else _from_tags(data)
    seen = False
    for item in items:
        seen = True
        yield item
    if not seen:
        raise MalformedDigestError("holds no reference of EndNote", source=source)


def _from_tags(data: bytes) -> Iterator[Item]:
    lines: Iterable[Line] = numbered_lines(NamedBytes(data, ""))
    for record in tagged_records(lines if _KIND.search(data) else _begun(lines), _TAG, "%0"):
        yield _paper(record) or Reject(record.line, "a record without a title", record.excerpt())


def _begun(lines: Iterable[Line]) -> Iterator[Line]:
    """Yield the lines of Refer's form with a ``%0`` before each reference."""
    open_ = False
    for line in lines:
        if line.text.startswith("%") and not open_:
            yield Line(line.number, "%0")
            open_ = True
        open_ = open_ and bool(line.text)
        yield line


def _paper(record: TaggedRecord) -> Paper | None:
    title, abstract = html_to_line(record.first("%T")), record.first("%X")
    if not re.search(r"\w", title):
        return None
    text, date = _dated(record.first("%D"), record.first("%8"))
    return Paper(
        title=title,
        abstract=html_to_text(abstract)[0] if looks_like_html(abstract) else abstract,
        authors=tuple(given_first(name.rstrip(",")) for name in record.all("%A")),
        published=date,
        published_text=text,
        venue=record.first("%J", "%B", "%S") or None,
        comments=record.first("%Z") or None,
        doi=record.first("%R") or None,
        url=next((url for url in record.all("%U") if url.startswith(("http://", "https://"))), None),
        pdf_url=next((url for url in record.all("%>") if url.startswith(("http://", "https://"))), None),
        keywords=tuple(filter(None, _KEYWORDS.split(record.first("%K")))),
    )


def _dated(year: str, day: str) -> tuple[str | None, PartialDate | None]:
    """Return the more precise of a year and a day, which may stand without its year: ``Mar 3``."""
    printed = [day if _YEAR.search(day) else f"{day} {year}".strip(), year]
    found = [(text, date) for text in printed if text and (date := parse_date(text))]
    return found[0] if found else (year or day or None, None)


def _from_xml(text: str, source: str) -> Iterator[Item]:
    refuse_entities(text.encode(), source)
    root = find_root(text)
    if root is None or root.name not in ("xml", "records", "record"):
        raise MalformedDigestError("is no export of EndNote", source=source)
    for record in records_in(text.encode(), "record"):
        if record.element is None:
            yield record.reject or Reject(record.line, "cannot be read", "")
            yield from [Remark("the export is cut off", "partial")] if record.is_cut else []
        else:
            excerpt = excerpt_of(record.element.text())
            yield _paper_of(record.element) or Reject(record.line, "a record without a title", excerpt)


def _paper_of(record: Element) -> Paper | None:
    title = record.text("titles/title")
    if not title:
        return None
    text, date = _dated(record.text("dates/year"), record.text("dates/pub-dates/date"))
    pages = record.texts("urls/related-urls/url") + record.texts("urls/web-urls/url")
    return Paper(
        title=title,
        abstract=record.text("abstract"),
        authors=tuple(map(given_first, record.texts("contributors/authors/author"))),
        published=date,
        published_text=text,
        venue=record.text("periodical/full-title") or record.text("titles/secondary-title") or None,
        comments=record.text("notes") or None,
        doi=record.text("electronic-resource-num") or None,
        url=next((url for url in pages if url.startswith(("http://", "https://"))), None),
        pdf_url=next((url for url in record.texts("urls/pdf-urls/url") if url.startswith("http")), None),
        keywords=record.texts("keywords/keyword"),
    )
