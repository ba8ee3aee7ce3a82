"""JSON Feed 1.0 and 1.1 (jsonfeed.org)."""

import re
from collections.abc import Iterator, Mapping
from typing import Any, BinaryIO

from digestbot.dates import parse_date
from digestbot.models import Paper
from digestbot.readers.feed_entries import first_words
from digestbot.readers.json_records import objects_of, read_document, read_papers, text_of, texts_of
from digestbot.readers.markup import html_to_line, html_to_text, looks_like_html, paragraphs
from digestbot.readers.protocol import Item
from digestbot.readers.record_links import links_of

DIALECT = "json-feed"

_VERSION = re.compile(rb'"version"\s*:\s*"https?:\\?/\\?/(?:www\.)?jsonfeed\.org\\?/version\\?/')


def sniff(head: bytes) -> float:
    """Return how sure it is that this is a JSON Feed: it names its version's address."""
    return 1.0 if head.lstrip().startswith(b"{") and _VERSION.search(head) else 0.0


def read(file: BinaryIO) -> Iterator[Item]:
    """Yield the items of a feed as papers. Raises MalformedDigestError when it is no JSON or has no items."""
    document = read_document(file, "items")
    feed = document.value if isinstance(document.value, dict) else {}
    yield from read_papers(document, lambda item: _paper(item, feed))


def _paper(item: Mapping[str, Any], feed: Mapping[str, Any]) -> Paper | None:
    abstract, anchors = _text(item)
    title = html_to_line(text_of(item, "title") or "") or first_words(abstract)
    if not re.search(r"\w", title):
        return None
    published = text_of(item, "date_published")
    return Paper(
        title=title,
        abstract=abstract,
        authors=_people(item) or _people(feed),
        categories=texts_of(item, "tags"),
        published=parse_date(published) if published else None,
        published_text=published,
        updated=parse_date(text_of(item, "date_modified") or ""),
        url=_address(item),
        pdf_url=_pdf(item),
        links=links_of(anchors, "abstract"),
    )


def _text(item: Mapping[str, Any]) -> tuple[str, tuple[Any, ...]]:
    """Return the longest text the item has, and the links in it."""
    page, plain, summary = (item.get(name) for name in ("content_html", "content_text", "summary"))
    if isinstance(page, str) and page.strip():
        return html_to_text(page)
    text = plain if isinstance(plain, str) and plain.strip() else summary
    if not isinstance(text, str):
        return "", ()
    return html_to_text(text) if looks_like_html(text) else (paragraphs(text), ())


def _people(data: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the authors: a list in 1.1, one object in 1.0."""
    author = data.get("author")
    listed = [*objects_of(data, "authors"), *([author] if isinstance(author, dict) else [])]
    return tuple(dict.fromkeys(name for person in listed if (name := text_of(person, "name"))))


def _address(item: Mapping[str, Any]) -> str | None:
    return text_of(item, "url", "external_url") or next(
        (name for name in (text_of(item, "id"),) if name and name.startswith(("http://", "https://"))), None
    )


def _pdf(item: Mapping[str, Any]) -> str | None:
    files = (each for each in objects_of(item, "attachments") if text_of(each, "mime_type") == "application/pdf")
    return next((text_of(each, "url") for each in files), None)
