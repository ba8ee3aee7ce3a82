"""OpenReview's API, both generations: notes whose content is a paper, in a list or in an answer.

::

    {"notes": [{"id", "forum", "cdate", "content": {"title": "…"}}]}                first
    {"notes": [{"id", "forum", "cdate", "content": {"title": {"value": "…"}}}]}     second

Reviews, comments and decisions are notes too: they answer another one, and are none of our business.
"""

from collections.abc import Iterator, Mapping
from typing import Any, BinaryIO

from digestbot.errors import MalformedDigestError
from digestbot.models import Paper, Reject
from digestbot.readers.intake import LIMIT
from digestbot.readers.json_records import object_lines, paths_of, read_document, text_of
from digestbot.readers.markup import flat, paragraphs
from digestbot.readers.protocol import Item, Remark, excerpt_of, name_of
from digestbot.readers.record_links import given_link
from digestbot.readers.values import date_in_value, items_in, people_in, text_in

DIALECT = "openreview"

_SITE = "https://openreview.net"
_DEEPEST = 5  # levels; notes lie within
_OWN_KEYS = ("forum", "invitation", "invitations", "tcdate", "tmdate", "signatures", "domain")
_CODE = ("code", "Code", "code_link", "github", "code_url", "supplementary_code")


def sniff(head: bytes) -> float:
    """Return how sure it is: objects with a content that has a title, and a note's own keys beside it."""
    paths = paths_of(head)
    places = {
        path.rpartition("content.title")[0] for path in paths if path.endswith(("content.title", "content.title.value"))
    }
    return 1.0 if any(f"{place}{key}" in paths for place in places for key in _OWN_KEYS) else 0.0


def read(file: BinaryIO) -> Iterator[Item]:
    """Yield the submissions as papers. Raises MalformedDigestError when there is no note."""
    document = read_document(file, "", large=LIMIT)
    value = document.value if document.value is not None else list(document.records)
    notes, lines = 0, dict[int, int]()
    for note in _notes(value, 0):
        notes += 1
        if not _is_submission(note):
            continue
        if paper := _paper(note):
            yield paper
            continue
        lines = lines or object_lines(value, document.text)
        yield Reject(lines.get(id(note), 1), "a record without a title", excerpt_of(str(note.get("id"))))
    if document.remark:
        yield document.remark
    count = value.get("count") if isinstance(value, dict) else None
    if isinstance(count, int) and count > notes > 0:
        yield Remark(f"it announces {count} records and holds {notes}", "partial")
    if not notes and value != [] and not (isinstance(value, dict) and value.get("notes") == []):
        raise MalformedDigestError("holds no note of OpenReview", source=name_of(file))
    if not notes:
        yield Remark("its list of papers is empty", "quiet")


def _notes(value: Any, depth: int) -> Iterator[Mapping[str, Any]]:
    """Yield the notes; what lies within one (revisions, reviews) is a part of it."""
    if isinstance(value, dict) and isinstance(value.get("content"), dict):
        yield value
    elif isinstance(value, list | dict) and depth < _DEEPEST:
        for item in value if isinstance(value, list) else value.values():
            yield from _notes(item, depth + 1)


def _is_submission(note: Mapping[str, Any]) -> bool:
    """Return whether a note is nobody's answer and was not deleted."""
    forum = note.get("forum")
    own = forum is None or note.get("id") in (None, forum)
    return own and not note.get("replyto") and not note.get("ddate")


def _paper(note: Mapping[str, Any]) -> Paper | None:
    content = {key: item.get("value") if isinstance(item, dict) else item for key, item in note["content"].items()}
    title = text_of(content, "title")
    if not title:
        return None
    name = text_of(note, "forum", "id")
    text, date = _date(note, "cdate", "tcdate", "pdate")
    authors, truncated = people_in(content.get("authors"))
    summary = text_of(content, "TL;DR", "TLDR", "tldr", "one-sentence_summary")
    return Paper(
        title=title,
        id=f"openreview:{name}" if name else "",
        abstract=paragraphs(text_in(content.get("abstract"))),
        authors=authors,
        authors_truncated=truncated,
        published=date,
        published_text=text,
        updated=_date(note, "mdate", "tmdate")[1],
        categories=items_in(content.get("primary_area")) + items_in(content.get("subject_areas")),
        keywords=items_in(content.get("keywords")),
        comments=f"TL;DR: {summary}" if summary else None,
        venue=_venue(content, note),
        url=f"{_SITE}/forum?id={name}" if name else None,
        pdf_url=_pdf(content, name),
        links=tuple(link for key in _CODE for link in given_link(text_of(content, key), "code")),
    )


def _date(note: Mapping[str, Any], *names: str) -> tuple[str | None, Any]:
    """Return a date of a note, which is a number of milliseconds: the first that is there."""
    found = (date for name in names if note.get(name) and (date := date_in_value(note[name])))
    return next(found, (None, None))


def _venue(content: Mapping[str, Any], note: Mapping[str, Any]) -> str | None:
    """Return the place of publication; where nothing names it, the conference that was asked."""
    asked = text_of(note, "invitation") or next(iter(items_in(note.get("invitations"))), "")
    return text_of(content, "venue", "venueid") or flat(asked.partition("/-/")[0]) or None


def _pdf(content: Mapping[str, Any], name: str | None) -> str | None:
    path = text_of(content, "pdf") or ""
    if path.startswith("/"):
        return f"{_SITE}{path}"
    return path if path.startswith(("http://", "https://")) else f"{_SITE}/pdf?id={name}" if path and name else None
