"""Crossref's REST API: a list of works, or one work."""

from collections.abc import Iterator, Mapping
from typing import Any, BinaryIO

from digestbot.dates import parse_date
from digestbot.models import Paper, PartialDate
from digestbot.readers.json_records import (
    object_of,
    objects_of,
    paths_of,
    read_document,
    read_papers,
    text_of,
    texts_of,
)
from digestbot.readers.markup import html_to_line, html_to_text
from digestbot.readers.protocol import Item

DIALECT = "crossref"

_LATEST = 1  # years a paper may be issued after it was registered; what lies later is a slip


def sniff(head: bytes) -> float:
    """Return how sure it is: a message with works that have a DOI."""
    paths = paths_of(head)
    return 1.0 if {"message.items.[].DOI", "message.DOI"} & paths else 0.7 if "message.items" in paths else 0.0


def read(file: BinaryIO) -> Iterator[Item]:
    """Yield the works as papers. Raises MalformedDigestError when it is no such JSON."""
    yield from read_papers(read_document(file, "message.items", "message"), _paper)


def _paper(work: Mapping[str, Any]) -> Paper | None:
    title = html_to_line(next(iter(texts_of(work, "title")), ""))
    if not title:
        return None
    subtitle = next(iter(texts_of(work, "subtitle")), "")
    published = _issued(work)
    return Paper(
        title=f"{title}: {html_to_line(subtitle)}" if subtitle and subtitle not in title else title,
        abstract=html_to_text(_plain_heading(text_of(work, "abstract") or ""))[0],
        authors=tuple(person for each in objects_of(work, "author") if (person := _person(each))),
        affiliations=_affiliations(work),
        published=published,
        published_text=None if published is None else str(published),
        categories=texts_of(work, "subject"),
        venue=next(iter(texts_of(work, "container-title")), None),
        doi=text_of(work, "DOI"),
        url=text_of(work, "URL"),
        pdf_url=_pdf(work),
    )


def _plain_heading(abstract: str) -> str:
    """Take off the heading that says no more than that it is the abstract."""
    for heading in ("<jats:title>Abstract</jats:title>", "<title>Abstract</title>"):
        abstract = abstract.removeprefix(heading)
    return abstract


def _person(author: Mapping[str, Any]) -> str | None:
    """Return given and family name; a group has one name."""
    names = [name for part in ("given", "family", "suffix") if (name := text_of(author, part))]
    return " ".join(names) or text_of(author, "name", "literal")


def _affiliations(work: Mapping[str, Any]) -> tuple[str, ...]:
    places = (
        text_of(place, "name") for each in objects_of(work, "author") for place in objects_of(each, "affiliation")
    )
    return tuple(dict.fromkeys(place for place in places if place))


def _issued(work: Mapping[str, Any]) -> PartialDate | None:
    """Return when it was issued, or registered where the first is missing or years after the second."""
    issued, created = _date(object_of(work, "issued")), _date(object_of(work, "created"))
    if issued and created and (issued.year or 0) > (created.year or 0) + _LATEST:
        return created
    return issued or created


def _date(data: Mapping[str, Any]) -> PartialDate | None:
    """Return the first of the ``date-parts``: ``[[2018, 4]]``."""
    parts = data.get("date-parts")
    first = parts[0] if isinstance(parts, list) and parts else None
    if not isinstance(first, list) or not first or not all(isinstance(part, int) for part in first):
        return None
    return parse_date("-".join(f"{part:02d}" for part in first[:3]))


def _pdf(work: Mapping[str, Any]) -> str | None:
    files = (each for each in objects_of(work, "link") if text_of(each, "content-type") == "application/pdf")
    return next((text_of(each, "URL") for each in files), None)
