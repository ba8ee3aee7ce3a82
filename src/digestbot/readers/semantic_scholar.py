"""Semantic Scholar's Graph and Recommendations API: searches, batches, citations, references, single papers."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, BinaryIO

from digestbot.dates import parse_date
from digestbot.identity import find_id, paper_id
from digestbot.models import Paper
from digestbot.readers.json_records import (
    integer_of,
    object_of,
    objects_of,
    paths_of,
    read_document,
    read_papers,
    text_of,
    texts_of,
)
from digestbot.readers.markup import html_to_text
from digestbot.readers.protocol import Item

DIALECT = "semantic-scholar"

_LISTS = ("data", "recommendedPapers")
_WRAPPERS = ("citingPaper", "citedPaper")
_NUMBER = re.compile(r"[0-9a-f]{40}")
_IDENTIFIERS = {"ArXiv": "arXiv:", "DOI": "doi:", "PubMed": "pmid:"}


def sniff(head: bytes) -> float:
    """Return how sure it is: records with a paperId, where the API puts them."""
    paths = paths_of(head)
    places = ("", "[].", *(f"{name}.[]." for name in _LISTS))
    wrapped = (f"{place}{inner}" for place in places for inner in ("", *(f"{name}." for name in _WRAPPERS)))
    return 1.0 if any(f"{place}paperId" in paths for place in wrapped) else 0.0


def read(file: BinaryIO) -> Iterator[Item]:
    """Yield the papers. Raises MalformedDigestError when it is no such JSON."""
    document = read_document(file, *_LISTS, "")
    yield from read_papers(document, _paper)


def _paper(record: Mapping[str, Any]) -> Paper | None:
    data = next((inner for name in _WRAPPERS if (inner := object_of(record, name))), record)
    title = text_of(data, "title")
    if not title:
        return None
    identifiers = object_of(data, "externalIds")
    name = _name(identifiers)
    year = integer_of(data, "year")
    published = text_of(data, "publicationDate") or (str(year) if year else None)
    paper = Paper(
        title=title,
        id=name[0],
        version=name[1],
        abstract=html_to_text(text_of(data, "abstract") or "")[0],
        authors=tuple(person for each in objects_of(data, "authors") if (person := text_of(each, "name"))),
        published=parse_date(published or ""),
        published_text=published,
        categories=texts_of(data, "fieldsOfStudy"),
        venue=text_of(data, "venue") or text_of(object_of(data, "publicationVenue"), "name"),
        doi=text_of(identifiers, "DOI"),
        url=text_of(data, "url"),
        pdf_url=text_of(object_of(data, "openAccessPdf"), "url"),
        machine_summary=text_of(object_of(data, "tldr"), "text"),
    )
    number = text_of(data, "paperId") or ""
    if paper.id or not _NUMBER.fullmatch(number):
        return paper
    return replace(paper, id=paper_id(replace(paper, id=f"s2:{number}")))


def _name(identifiers: Mapping[str, Any]) -> tuple[str, int | None]:
    """Return the best of the identifiers as an id, and the version."""
    known = ((scheme, text_of(identifiers, key)) for key, scheme in _IDENTIFIERS.items())
    found = (find_id(f"{scheme}{text}") for scheme, text in known if text)
    return next((name for name in found if name), ("", None))
