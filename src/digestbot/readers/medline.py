"""PubMed's MEDLINE format (``.nbib``): a tag of up to four letters, a hyphen, a text; six blanks go on with it."""

import re
from collections.abc import Iterator
from typing import BinaryIO

from digestbot.dates import parse_date
from digestbot.errors import MalformedDigestError
from digestbot.models import Paper, Reject
from digestbot.readers.lines import numbered_lines
from digestbot.readers.markup import flat
from digestbot.readers.name_lists import given_first
from digestbot.readers.protocol import Item, excerpt_of, name_of
from digestbot.readers.pubmed_xml import plain_title, read_pubmed_date
from digestbot.readers.tagged_lines import TaggedRecord, tagged_records

DIALECT = "medline"

_TAG = re.compile(r"([A-Z][A-Z0-9]{1,3}) {0,2}-(?: |$)(.*)")
_START = re.compile(rb"(?:^|\n)PMID ?- ?[0-9]{1,8}\s*\n")
_MARKED = re.compile(r"(.*?)\s*\[(doi|pii|book|bookaccession)\]", re.IGNORECASE)
_RANK = re.compile(r",? (?=(?:Jr|Sr|II|III|IV|[2-4](?:nd|rd|th))\.?$)")


def sniff(head: bytes) -> float:
    """Return how sure it is: a line with the tag PMID, before anything else is said."""
    found = _START.search(head)
    return 0.0 if not found else 1.0 if not head[: found.start()].strip() else 0.6


def read(file: BinaryIO) -> Iterator[Item]:
    """Yield the articles. Raises MalformedDigestError when there is none."""
    seen = 0
    for record in tagged_records(numbered_lines(file), _TAG, "PMID"):
        if not record.first("PMID"):
            continue  # what stood before the first
        seen += 1
        yield _paper(record) or Reject(record.line, "a record without a title", excerpt_of(record.first("PMID")))
    if not seen:
        raise MalformedDigestError("holds no record of MEDLINE: none has a PMID", source=name_of(file))


def _paper(record: TaggedRecord) -> Paper | None:
    title = plain_title(flat(record.first("TI", "BTI", "TT")), record.first("TT"))
    if not title:
        return None
    pmid, printed = record.first("PMID"), record.first("DP", "DEP")
    people = record.all("FAU", "CN") if record.all("FAU") else record.all("AU", "CN")
    return Paper(
        title=title,
        id=f"pmid:{pmid}" if pmid.isdecimal() else "",
        abstract=record.first("AB", "OAB"),
        authors=tuple(_person(name) for name in people),
        affiliations=tuple(dict.fromkeys(record.all("AD"))),
        published=read_pubmed_date(printed),
        published_text=printed or None,
        updated=parse_date(record.first("LR")),
        categories=tuple(record.all("PT")),
        venue=record.first("JT", "TA", "BTI") or None,
        comments="; ".join(f"Retraction in: {text}" for text in record.all("RIN")) or None,
        doi=_doi(record),
        url=f"https://pubmed.ncbi.nlm.nih.gov/{pmid}/" if pmid.isdecimal() else None,
        keywords=tuple(dict.fromkeys(text.lstrip("*") for text in record.all("OT"))),
    )


def _person(name: str) -> str:
    """Return ``Martin Luther King Jr`` for ``King, Martin Luther Jr``."""
    whole, *rank = _RANK.split(name)
    return " ".join((given_first(whole), *rank))


def _doi(record: TaggedRecord) -> str | None:
    marked = (_MARKED.fullmatch(text) for text in record.all("LID", "AID"))
    return next((found[1] for found in marked if found and found[2].lower() == "doi"), None)
