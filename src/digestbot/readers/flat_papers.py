"""The paper that a record of an unknown source makes: an object, a row of a table, whatever names its fields."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from digestbot.identity import find_id
from digestbot.identity.ids import KINDS, find_ids, kind_of_id
from digestbot.models import Link, LinkKind, Paper, PartialDate
from digestbot.readers.feed_entries import announce_type
from digestbot.readers.field_names import bare, place_of
from digestbot.readers.markdown_forms import is_paper_address
from digestbot.readers.markup import flat, html_to_line, html_to_text, looks_like_html, paragraphs
from digestbot.readers.record_links import given_link
from digestbot.readers.values import date_in_value, is_nothing, items_in, number_in, people_in, text_in, urls_in

Record = Mapping[str, Any]
Fields = Mapping[str, Sequence[Any]]

_SHARED_LINKS: dict[str, LinkKind] = {
    "code": "other",
    "project": "project_page",
    "data": "dataset",
    "weights": "weights",
    "video": "video",
}
_EVIDENCE = {"project": "project page", "weights": "model"}
_INNER = 100  # the rank of names within an inner object
_GROUPS = ("links", "urls", "externalids", "ids", "metadata", "resources")
_SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+){2,}")  # a name made for an address, often cut short
_SHORT_NUMBER = re.compile(r"([0-9]{4})\.([0-9]{1,4})")


def by_field(record: Record) -> Fields:
    """Return what a record holds under each field, the best name first; that of its inner objects comes last."""
    found: dict[str, list[tuple[int, Any]]] = {}
    _file(record, 0, found)
    for key, value in record.items():
        if isinstance(value, Mapping) and bare(str(key)) in _GROUPS:
            _file(value, _INNER, found)
    return {field: [value for _, value in sorted(each, key=_rank)] for field, each in found.items()}


def _file(record: Record, rank: int, found: dict[str, list[tuple[int, Any]]]) -> None:
    for key, value in record.items():
        place = place_of(str(key))
        if place and not is_nothing(value):
            found.setdefault(place[0], []).append((place[1] + rank, value))


def _rank(each: tuple[int, Any]) -> int:
    return each[0]


def is_paper(record: Record) -> bool:
    """Return whether a record has a title, and besides it what only papers have."""
    fields = by_field(record)
    named = any(name in fields for name in ("abstract", "authors", "arxiv", "doi", "pmid", "pdf"))
    if not re.search(r"\w", _title(fields, known=named)):
        return False
    if named or next(_texts(fields, "summary"), ""):
        return True
    return any(find_id(text) for field in ("id", "url") for text in _texts(fields, field)) or any(
        map(is_paper_address, _addresses(fields, "url"))
    )


def to_paper(record: Record) -> Paper | None:
    """Return the paper of a record; None when it has no title."""
    fields = by_field(record)
    title = _title(fields, known=True)
    if not re.search(r"\w", title):
        return None
    abstract, summary = _abstract(fields)
    authors, truncated = _authors(fields)
    text, date = _date(fields, "published", "year", "created")
    url, pdf = _pages(fields)
    name = _name(fields, url, pdf)
    return Paper(
        title=title,
        id=name[0],
        version=_version(fields) or name[1],
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


def _values(fields: Fields, field: str) -> Iterator[Any]:
    return iter(fields.get(field, ()))


def _texts(fields: Fields, field: str) -> Iterator[str]:
    return (text for value in _values(fields, field) if not is_nothing(text := text_in(value)))


def _items(fields: Fields, field: str) -> tuple[str, ...]:
    return next(filter(None, map(items_in, _values(fields, field))), ())


def _count(fields: Fields, field: str) -> int | None:
    numbers = (number_in(value) for value in _values(fields, field))
    return next((int(number) for number in numbers if number is not None and number >= 0), None)


def _title(fields: Fields, *, known: bool) -> str:
    """Return the title. What is only called a name is one where the record is known to be a paper's."""
    texts = [*_texts(fields, "title"), *(_texts(fields, "name") if known else ())]
    return html_to_line(texts[0]) if texts else ""


def _abstract(fields: Fields) -> tuple[str, str]:
    """Return the abstract and a machine's summary. A summary beside an abstract is none of the authors'."""
    texts = [*_texts(fields, "abstract"), *_texts(fields, "summary")]
    abstract = texts[0] if texts else ""
    summary = next(_texts(fields, "tldr"), "") or next((text for text in texts[1:] if text != abstract), "")
    return html_to_text(abstract)[0] if looks_like_html(abstract) else paragraphs(abstract), flat(summary)


def _authors(fields: Fields) -> tuple[tuple[str, ...], bool]:
    found = next((people for value in _values(fields, "authors") if (people := people_in(value))[0]), None)
    if found:
        return found
    first = next((people for value in _values(fields, "firstauthor") if (people := people_in(value))[0]), ((), False))
    return first[0], bool(first[0])


def _date(fields: Fields, *names: str) -> tuple[str | None, PartialDate | None]:
    """Return the first date that can be read, as printed and as read; else the first that is printed."""
    found = [date for name in names for value in _values(fields, name) if (date := date_in_value(value))]
    first = next((date for date in found if date[1]), found[0] if found else (None, None))
    return first if first[1] else _from_versions(fields) or first


def _from_versions(fields: Fields) -> tuple[str, PartialDate | None] | None:
    """Return when the first version came, where a record lists its versions."""
    first = next((value[0] for value in _values(fields, "versions") if isinstance(value, list) and value), None)
    return date_in_value(first.get("created")) if isinstance(first, Mapping) else None


def _version(fields: Fields) -> int | None:
    last = next((value[-1] for value in _values(fields, "versions") if isinstance(value, list) and value), None)
    texts = [*_texts(fields, "version"), text_in(last.get("version")) if isinstance(last, Mapping) else ""]
    found = (re.fullmatch(r"v?([1-9][0-9]{0,2})", text) for text in texts)
    return next((int(match[1]) for match in found if match), None)


def _addresses(fields: Fields, field: str) -> Iterator[str]:
    return (url for value in _values(fields, field) for url in urls_in(value))


def _pages(fields: Fields) -> tuple[str | None, str | None]:
    """Return the address of the page and of the PDF; a page that is a PDF is both."""
    pages = [*_addresses(fields, "url"), *_addresses(fields, "id")]
    files = [*_addresses(fields, "pdf"), *(url for url in pages if "/pdf/" in url or url.lower().endswith(".pdf"))]
    page = next((url for url in pages if url not in files), None)
    return page or (files[0] if files else None), files[0] if files else None


def _links(fields: Fields) -> tuple[Link, ...]:
    found = [
        link
        for field, kind in _SHARED_LINKS.items()
        for url in _addresses(fields, field)
        for link in given_link(url, _EVIDENCE.get(field, field), kind)
    ]
    return tuple({link.url: link for link in reversed(found)}.values())[::-1]


def _name(fields: Fields, *addresses: str | None) -> tuple[str, int | None]:
    """Return the strongest of the ids that fields and addresses give, and its version; of equals the first."""
    texts = (*_id_texts(fields), *(address for address in addresses if address))
    found = [name for text in texts for name in find_ids(text)]
    return min(found, key=lambda name: KINDS.index(kind_of_id(name[0])), default=("", None))


def _id_texts(fields: Fields) -> Iterator[str]:
    """Yield what may be an id, the surest first."""
    for text in _texts(fields, "arxiv"):
        short = _SHORT_NUMBER.fullmatch(text)  # a number that lost the zeros at its end
        yield f"arXiv:{short[1]}.{short[2].ljust(5 if short[1] >= '1501' else 4, '0')}" if short else f"arXiv:{text}"
        yield text
    yield from _texts(fields, "id")
    yield from (f"doi:{text}" for text in _texts(fields, "doi"))
    yield from (f"pmid:{text}" for text in _texts(fields, "pmid") if text.isdecimal())
    yield from (f"openreview:{text}" for text in _texts(fields, "forum"))
