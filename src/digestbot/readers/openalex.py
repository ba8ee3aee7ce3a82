"""OpenAlex: works, their abstracts put together again from the inverted index that it sends in their place."""

from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any, BinaryIO

from digestbot.dates import parse_date
from digestbot.identity import find_id
from digestbot.models import Paper
from digestbot.readers.json_records import (
    integer_of,
    object_of,
    objects_of,
    paths_of,
    read_document,
    read_papers,
    text_of,
)
from digestbot.readers.markup import html_to_line, html_to_text
from digestbot.readers.protocol import Item

DIALECT = "openalex"

_LONGEST = 20_000  # words of an abstract


def sniff(head: bytes) -> float:
    """Return how sure it is: works with what only OpenAlex has, in a list of results, in a list, or alone."""
    paths = paths_of(head)
    marks = ("authorships", "primary_location", "abstract_inverted_index")
    return 1.0 if any(f"{place}{mark}" in paths for place in ("results.[].", "[].", "") for mark in marks) else 0.0


def read(file: BinaryIO) -> Iterator[Item]:
    """Yield the works as papers. Raises MalformedDigestError when it is no such JSON."""
    yield from read_papers(read_document(file, "results", ""), _paper)


def _paper(work: Mapping[str, Any]) -> Paper | None:
    title = html_to_line(text_of(work, "title", "display_name") or "")
    if not title:
        return None
    place = object_of(work, "primary_location")
    published = text_of(work, "publication_date") or str(integer_of(work, "publication_year") or "") or None
    doi = (text_of(work, "doi") or "").removeprefix("https://doi.org/") or None
    name = find_id(f"doi:{doi}") if doi else _name(work)
    people = objects_of(work, "authorships")
    return Paper(
        title=title,
        id=name[0] if name else "",
        abstract=html_to_text(_abstract(object_of(work, "abstract_inverted_index")))[0],
        authors=tuple(person for each in people if (person := _person(each))),
        authors_truncated=work.get("is_authors_truncated") is True,
        affiliations=_affiliations(people),
        published=parse_date(published or ""),
        published_text=published,
        categories=_names(work, "topics"),
        keywords=_names(work, "keywords"),
        venue=text_of(object_of(place, "source"), "display_name"),
        doi=doi,
        url=text_of(place, "landing_page_url") or text_of(work, "doi", "id"),
        pdf_url=text_of(place, "pdf_url") or text_of(object_of(work, "best_oa_location"), "pdf_url"),
    )


def _abstract(index: Mapping[str, Any]) -> str:
    """Return the words in the order of their places; a place may be any number, so nothing is sized by it."""
    places = (
        (place, word)
        for word, listed in index.items()
        if isinstance(listed, list)
        for place in listed
        if isinstance(place, int)
    )
    return " ".join(word for _, word in sorted(islice(places, _LONGEST)))


def _name(work: Mapping[str, Any]) -> tuple[str, int | None] | None:
    """Return the id of a work without a DOI: that of a place where it is kept, or PubMed's."""
    pages = [text_of(place, "landing_page_url") for place in objects_of(work, "locations")]
    pages.append(text_of(object_of(work, "ids"), "pmid"))
    return next((name for page in pages if page and (name := find_id(page))), None)


def _person(authorship: Mapping[str, Any]) -> str | None:
    return text_of(object_of(authorship, "author"), "display_name") or text_of(authorship, "raw_author_name")


def _affiliations(people: list[Mapping[str, Any]]) -> tuple[str, ...]:
    places = (text_of(place, "display_name") for each in people for place in objects_of(each, "institutions"))
    return tuple(dict.fromkeys(place for place in places if place))


def _names(work: Mapping[str, Any], name: str) -> tuple[str, ...]:
    return tuple(text for each in objects_of(work, name) if (text := text_of(each, "display_name")))
