"""The paper that a record of an unknown source makes: an object, a row of a table, whatever names its fields."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from digestbot.identity import find_id, paper_id
from digestbot.models import Link, LinkKind, Paper, PartialDate
from digestbot.readers.feed_entries import announce_type
from digestbot.readers.field_names import FIELDS, bare
from digestbot.readers.markdown_forms import is_paper_address
from digestbot.readers.markup import flat, html_to_line, html_to_text, looks_like_html, paragraphs
from digestbot.readers.record_links import given_link
from digestbot.readers.values import date_in_value, is_nothing, items_in, number_in, people_in, text_in, urls_in

Record = Mapping[str, Any]

_SHARED_LINKS: dict[str, LinkKind] = {
    "code": "other",
    "project": "project_page",
    "data": "dataset",
    "weights": "weights",
    "video": "video",
}
_GROUPS = ("links", "urls", "externalids", "ids", "metadata", "resources")
_SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+){2,}")  # a name made for an address, often cut short
_SHORT_NUMBER = re.compile(r"([0-9]{4})\.([0-9]{1,4})")


def by_name(record: Record) -> dict[str, Any]:
    """Return the fields of a record that hold something, under their bare names; those of its inner objects too."""
    fields: dict[str, Any] = {}
    for key, value in record.items():
        if not is_nothing(value):
            fields.setdefault(bare(str(key)), value)
    for group in _GROUPS:
        inner = fields.get(group)
        if isinstance(inner, Mapping):
            fields = {**{bare(str(key)): value for key, value in inner.items() if not is_nothing(value)}, **fields}
    return fields


def is_paper(record: Record) -> bool:
    """Return whether a record has a title, and besides it what only papers have."""
    fields = by_name(record)
    named = any(
        fields.get(name) for field in ("abstract", "authors", "arxiv", "doi", "pmid", "pdf") for name in FIELDS[field]
    )
    if not re.search(r"\w", _title(fields, known=named)):
        return False
    if named or next(_texts(fields, "summary"), ""):
        return True
    return any(find_id(text) for field in ("id", "url") for text in _texts(fields, field)) or any(
        map(is_paper_address, _addresses(fields, "url"))
    )


def to_paper(record: Record) -> Paper | None:
    """Return the paper of a record; None when it has no title."""
    fields = by_name(record)
    title = _title(fields, known=True)
    if not re.search(r"\w", title):
        return None
    abstract, summary = _abstract(fields)
    authors, truncated = _authors(fields)
    text, date = _date(fields, "published", "year", "created")
    url, pdf = _pages(fields)
    paper = Paper(
        title=title,
        version=_version(fields),
        abstract=abstract,
        authors=authors,
        authors_truncated=truncated,
        affiliations=_items(fields, "affiliations"),
        published=date,
        published_text=text,
        updated=_date(fields, "updated")[1],
        categories=tuple(dict.fromkeys((*_items(fields, "primary"), *_items(fields, "categories")))),
        announce_type=announce_type(next(_texts(fields, "announced"), None)),
        comments=flat(next(_texts(fields, "comments"), "")) or None,
        venue=next((line for text in _texts(fields, "venue") if not _SLUG.fullmatch(line := flat(text))), None),
        doi=flat(next(_texts(fields, "doi"), "")) or None,
        url=url,
        pdf_url=pdf,
        keywords=_items(fields, "keywords"),
        upvotes=_count(fields, "upvotes"),
        comment_count=_count(fields, "commentcount"),
        score=next((number for value in _values(fields, "score") if (number := number_in(value)) is not None), None),
        machine_summary=summary or None,
        links=_links(fields),
    )
    return _identified(paper, fields)


def _values(fields: Record, field: str) -> Iterator[Any]:
    return (fields[name] for name in FIELDS[field] if name in fields)


def _texts(fields: Record, field: str) -> Iterator[str]:
    return (text for value in _values(fields, field) if not is_nothing(text := text_in(value)))


def _items(fields: Record, field: str) -> tuple[str, ...]:
    return next(filter(None, map(items_in, _values(fields, field))), ())


def _count(fields: Record, field: str) -> int | None:
    numbers = (number_in(value) for value in _values(fields, field))
    return next((int(number) for number in numbers if number is not None and number >= 0), None)


def _title(fields: Record, *, known: bool) -> str:
    """Return the title. What is only called a name is one where the record is known to be a paper's."""
    texts = [*_texts(fields, "title"), *(_texts(fields, "name") if known else ())]
    return html_to_line(texts[0]) if texts else ""


def _abstract(fields: Record) -> tuple[str, str]:
    """Return the abstract and a machine's summary. A summary beside an abstract is none of the authors'."""
    texts = [*_texts(fields, "abstract"), *_texts(fields, "summary")]
    abstract = texts[0] if texts else ""
    summary = next(_texts(fields, "tldr"), "") or next((text for text in texts[1:] if text != abstract), "")
    return html_to_text(abstract)[0] if looks_like_html(abstract) else paragraphs(abstract), flat(summary)


def _authors(fields: Record) -> tuple[tuple[str, ...], bool]:
    found = next((people for value in _values(fields, "authors") if (people := people_in(value))[0]), None)
    if found:
        return found
    first = next((people for value in _values(fields, "firstauthor") if (people := people_in(value))[0]), ((), False))
    return first[0], bool(first[0])


def _date(fields: Record, *names: str) -> tuple[str | None, PartialDate | None]:
    """Return the first date that can be read, as printed and as read; else the first that is printed."""
    found = [date for name in names for value in _values(fields, name) if (date := date_in_value(value))]
    first = next((date for date in found if date[1]), found[0] if found else (None, None))
    return first if first[1] else _from_versions(fields) or first


def _from_versions(fields: Record) -> tuple[str, PartialDate | None] | None:
    """Return when the first version came, where a record lists its versions."""
    versions = fields.get("versions")
    first = versions[0] if isinstance(versions, list) and versions else None
    return date_in_value(first.get("created")) if isinstance(first, Mapping) else None


def _version(fields: Record) -> int | None:
    versions = fields.get("versions")
    last = versions[-1] if isinstance(versions, list) and versions else None
    texts = [*_texts(fields, "version"), text_in(last.get("version")) if isinstance(last, Mapping) else ""]
    found = (re.fullmatch(r"v?([1-9][0-9]{0,2})", text) for text in texts)
    return next((int(match[1]) for match in found if match), None)


def _addresses(fields: Record, field: str) -> Iterator[str]:
    return (url for value in _values(fields, field) for url in urls_in(value))


def _pages(fields: Record) -> tuple[str | None, str | None]:
    """Return the address of the page and of the PDF; a page that is a PDF is both."""
    pages = [*_addresses(fields, "url"), *_addresses(fields, "id")]
    files = [*_addresses(fields, "pdf"), *(url for url in pages if "/pdf/" in url or url.lower().endswith(".pdf"))]
    page = next((url for url in pages if url not in files), None)
    return page or (files[0] if files else None), files[0] if files else None


def _links(fields: Record) -> tuple[Link, ...]:
    found = [
        link
        for field, kind in _SHARED_LINKS.items()
        for name in FIELDS[field]
        if name in fields
        for url in urls_in(fields[name])
        for link in given_link(url, name, kind)
    ]
    return tuple({link.url: link for link in reversed(found)}.values())[::-1]


def _identified(paper: Paper, fields: Record) -> Paper:
    """Return the paper with the strongest of the ids that its fields and addresses give."""
    for text in _id_texts(fields):
        if found := find_id(text):
            paper = replace(paper, id=found[0], version=paper.version or found[1])
            break
    name = paper_id(paper)
    return replace(paper, id="" if name.startswith("title:") else name)


def _id_texts(fields: Record) -> Iterator[str]:
    """Yield what may be an id, the surest first."""
    for text in _texts(fields, "arxiv"):
        short = _SHORT_NUMBER.fullmatch(text)  # a number that lost the zeros at its end
        yield f"arXiv:{short[1]}.{short[2].ljust(5 if short[1] >= '1501' else 4, '0')}" if short else f"arXiv:{text}"
        yield text
    yield from _texts(fields, "id")
    yield from (f"doi:{text}" for text in _texts(fields, "doi"))
    yield from (f"pmid:{text}" for text in _texts(fields, "pmid") if text.isdecimal())
    yield from (f"openreview:{note}" for name in ("forum", "forumid") if isinstance(note := fields.get(name), str))
