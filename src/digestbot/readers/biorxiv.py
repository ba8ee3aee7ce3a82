"""The API of bioRxiv and medRxiv: preprints of an interval, in a ``collection``."""

from collections.abc import Iterator, Mapping
from typing import Any, BinaryIO

from digestbot.dates import parse_date
from digestbot.models import Paper
from digestbot.readers.json_records import paths_of, read_document, read_papers, text_of
from digestbot.readers.markup import html_to_line, html_to_text, paragraphs
from digestbot.readers.name_lists import split_names
from digestbot.readers.protocol import Item, Remark

DIALECT = "biorxiv"


def sniff(head: bytes) -> float:
    """Return how sure it is: a collection of records with a DOI and a server's words around it."""
    paths = paths_of(head)
    if not {"collection", "messages"} <= paths and "collection.[].doi" not in paths:
        return 0.0
    return 1.0 if {"messages.[].status", "collection.[].server", "collection.[].rel_doi"} & paths else 0.5


def read(file: BinaryIO) -> Iterator[Item]:
    """Yield the preprints. Raises MalformedDigestError when it is no such JSON."""
    document = read_document(file, "collection")
    yield from read_papers(document, _paper)
    yield from _announced(document.value, len(document.records))


def _announced(value: Any, count: int) -> Iterator[Remark]:
    """Say so when the answer announces more records than it holds: it is one page of several."""
    messages = value.get("messages") if isinstance(value, dict) else None
    first = messages[0] if isinstance(messages, list) and messages and isinstance(messages[0], dict) else {}
    printed = first.get("count")
    if isinstance(printed, int | str) and str(printed).isascii() and str(printed).isdigit() and int(printed) > count:
        yield Remark(f"it announces {printed} records and holds {count}", "partial")


def _paper(record: Mapping[str, Any]) -> Paper | None:
    title = html_to_line(text_of(record, "title", "preprint_title", "rel_title") or "")
    if not title:
        return None
    authors, truncated = split_names(text_of(record, "authors", "preprint_authors") or "")
    published = text_of(record, "date", "preprint_date", "rel_date")
    category = text_of(record, "category", "preprint_category")
    return Paper(
        title=title,
        version=_version(record),
        abstract=_abstract(record),
        authors=authors,
        authors_truncated=truncated,
        affiliations=tuple(text for text in (text_of(record, "author_corresponding_institution"),) if text),
        published=parse_date(published or ""),
        published_text=published,
        categories=(category,) if category else (),
        venue=text_of(record, "server", "preprint_platform", "rel_site"),
        doi=text_of(record, "doi", "preprint_doi", "rel_doi"),
        url=text_of(record, "rel_link"),
    )


def _abstract(record: Mapping[str, Any]) -> str:
    texts = (record.get(name) for name in ("abstract", "preprint_abstract", "rel_abs"))
    text = next((each for each in texts if isinstance(each, str) and each.strip()), "")
    return html_to_text(text)[0] if "<" in text else paragraphs(text)


def _version(record: Mapping[str, Any]) -> int | None:
    text = str(record.get("version") or "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 4 else None
