"""The daily papers of the Hugging Face hub, as its API answers: a list of ``{"paper": {…}, …}``."""

from collections import Counter
from collections.abc import Iterator, Mapping
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
    texts_of,
)
from digestbot.readers.markup import paragraphs
from digestbot.readers.protocol import Item
from digestbot.readers.record_links import given_link

DIALECT = "hugging-face"


def sniff(head: bytes) -> float:
    """Return how sure it is: a list of objects that hold a paper with an id, a title and upvotes."""
    paths = paths_of(head)
    if not {"[].paper.id", "[].paper.title"} <= paths:
        return 0.0
    return 1.0 if {"[].paper.upvotes", "[].paper.submittedOnDailyAt", "[].numComments"} & paths else 0.6


def read(file: BinaryIO) -> Iterator[Item]:
    """Yield the papers and the day they were listed on. Raises MalformedDigestError when it is no such JSON."""
    document = read_document(file, "")
    days = Counter(day for record in document.records if (day := listed_on(record)))
    if days:
        date = parse_date(days.most_common(1)[0][0])
        yield from (date,) if date else ()
    yield from read_papers(document, to_paper)


def listed_on(record: Any) -> str | None:
    """Return the day on which the page listed a paper, as printed; None when it does not say."""
    return text_of(object_of(record, "paper"), "submittedOnDailyAt") if isinstance(record, dict) else None


def to_paper(record: Mapping[str, Any]) -> Paper | None:
    """Return the paper of a record, None without a title. Facts stand in its own object, some again around it."""
    data = object_of(record, "paper")
    title = text_of(data, "title") or text_of(record, "title")
    if not title:
        return None
    name = find_id(f"arXiv:{text_of(data, 'id') or ''}") or ("", None)
    published = text_of(data, "publishedAt") or text_of(record, "publishedAt")
    return Paper(
        title=title,
        id=name[0],
        version=name[1],
        abstract=paragraphs(str(data.get("summary") or record.get("summary") or "")),
        authors=tuple(person for each in objects_of(data, "authors") if (person := text_of(each, "name"))),
        organization=_organization(data) or _organization(record),
        published=parse_date(published or ""),
        published_text=published,
        keywords=texts_of(data, "ai_keywords"),
        upvotes=integer_of(data, "upvotes"),
        comment_count=integer_of(record, "numComments"),
        machine_summary=text_of(data, "ai_summary"),
        links=given_link(text_of(data, "githubRepo"), "githubRepo")
        + given_link(text_of(data, "projectPage"), "projectPage", "project_page"),
    )


def _organization(data: Mapping[str, Any]) -> str | None:
    return text_of(object_of(data, "organization"), "fullname", "name")
