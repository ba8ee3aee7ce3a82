"""arXiv's listings as web pages: ``/list/…/new``, ``/recent``, ``/pastweek``, a month, a year, and results of its search.

::

    <dt>[1] arXiv:2303.08867 (cross-list from q-fin.TR) [pdf]</dt>
    <dd>Title: … Authors: … Comments: … Journal-ref: … Subjects: … (q-fin.TR); … abstract, in /new only</dd>

The page says how many entries there are, in all and section by section; when it holds fewer, the reading is partial.
"""

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import BinaryIO

from digestbot.dates import parse_date
from digestbot.errors import MalformedDigestError
from digestbot.identity import find_id
from digestbot.models import Paper, PartialDate, Reject
from digestbot.readers.feed_entries import AnnounceType
from digestbot.readers.html_page import Node, Page, parse_page
from digestbot.readers.intake import to_text
from digestbot.readers.markup import flat
from digestbot.readers.people import read_people
from digestbot.readers.protocol import Item, Remark, excerpt_of, name_of
from digestbot.readers.record_links import links_of

DIALECT = "arxiv-list"

_FORM = re.compile(r"class=[\"']?[^\"'>]{0,30}\b(?:list-identifier|list-title|list-authors|arxiv-result)\b|id=[\"']?dlpage\b")
_LABEL = re.compile(r"^(?:Title|Authors?|Comments?|Subjects?|Journal-ref|DOI|MSC-class|ACM-class|Report-no|Abstract)\s*:\s*", re.IGNORECASE)
_CODE = re.compile(r"\(([a-z][a-z-]{1,15}(?:\.[A-Za-z-]{2,20})?)\)")
_DAY = re.compile(
    r"(?:(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]{0,6},?\s+)?[0-9]{1,2}\s+(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]{0,6},?\s+[0-9]{2}(?:[0-9]{2})?\b"
)
_SUBMITTED = re.compile(r"Submitted\s+([0-9]{1,2}\s+[A-Z][a-z]{2,8},?\s+[0-9]{4})(?:;\s*v1\s+submitted\s+([0-9]{1,2}\s+[A-Z][a-z]{2,8},?\s+[0-9]{4}))?")
_TOTAL = re.compile(r"\btotal of ([0-9][0-9,]{0,8}) entr|\bshowing [0-9,]{1,9}\s*[-–]\s*[0-9,]{1,9} of ([0-9][0-9,]{0,8}) results", re.IGNORECASE)
_SECTION_TOTAL = re.compile(r"\b(?:showing|continued)\b.{0,40}?\bof ([0-9]{1,6}) entries", re.IGNORECASE)
_SECTIONS: tuple[tuple[str, AnnounceType], ...] = (("replace", "replace"), ("cross", "cross"), ("new", "new"))
_EMPTY = re.compile(r"no updates (?:today|for this)|total of 0 entries|produced no results", re.IGNORECASE)
_MORE = re.compile(r"\s*△ Less\s*$")


def sniff(head: bytes) -> float:
    """Return how sure it is: by the class names that arXiv gives to the parts of an entry."""
    text = head.decode("utf-8", "replace")
    return 1.0 if text.startswith("<") and _FORM.search(text) else 0.0


def read(file: BinaryIO) -> Iterator[Item]:
    """Yield the listing's day, its papers, and what is missing of it.

    Raises MalformedDigestError when it has no entry and does not say so, ReadError when it cannot be read.
    """
    source = name_of(file)
    page = parse_page(to_text(file.read(), source)[0])
    found = list(_listed(page)) or list(_results(page))
    headings = [page.words(node) for name in ("h3", "h2") for node in page.elements(name)]
    if date := next((date for text in headings if (date := _day(text))), None):
        yield date
    yield from found
    yield from _remarks(page, headings, sum(isinstance(item, Paper) for item in found))
    if not found and not _EMPTY.search(page.source):
        raise MalformedDigestError("holds no entry of arXiv's listings", source=source)


def _remarks(page: Page, headings: list[str], here: int) -> Iterator[Remark]:
    """Compare what is there with what the page announces."""
    whole = "\n".join(line.text for line in page.lines() if "of " in line.text and len(line.text) < 500)
    totals = [int((found[1] or found[2]).replace(",", "")) for found in _TOTAL.finditer(whole)]
    parts = [int(found[1]) for text in headings if (found := _SECTION_TOTAL.search(text))]
    announced = max(totals, default=sum(parts))
    if here < announced:
        yield Remark(f"it announces {announced} entries and holds {here}", "partial")
    elif not here:
        yield Remark("the listing is empty", "quiet")


def _day(text: str) -> PartialDate | None:
    """Return the day in a heading: ``Fri, 17 Mar 2023 (showing …)``, ``New submissions for Friday, 17 March 23``."""
    found = _DAY.search(text)
    if not found:
        return None
    return parse_date(re.sub(r"\b([0-9]{2})$", r"20\1", found[0]) if re.search(r"[a-z],? [0-9]{2}$", found[0]) else found[0])


def _listed(page: Page) -> Iterator[Paper | Reject]:
    """Yield the entries of a listing: each is a dt and the dd behind it, in the section that the last heading began."""
    kind: AnnounceType | None = None
    day: PartialDate | None = None
    dated = any(_day(page.words(node)) for node in page.elements("h3"))
    term: Node | None = None
    for node in page.elements():
        if node.name in ("h2", "h3"):
            heading = page.words(node)
            day = _day(heading) or day
            kind = next((kind for word, kind in _SECTIONS if word in heading.lower()), kind if day is None else kind)
        elif node.name == "dt":
            if term is not None:
                yield _cut(page, term)
            term = node
        elif node.name == "dd" and term is not None:
            yield _entry(page, term, node, kind or ("new" if dated else None), day)
            term = None
    if term is not None:
        yield _cut(page, term)


def _cut(page: Page, term: Node) -> Reject:
    return Reject(_line(page, term), "an entry without a title", excerpt_of(page.words(term)))


def _line(page: Page, node: Node) -> int:
    return page.source.count("\n", 0, node.offset) + 1


def _entry(page: Page, term: Node, body: Node, kind: AnnounceType | None, day: PartialDate | None) -> Paper | Reject:
    named = page.words(term)
    name = next((name for link in page.links(term) if (name := find_id(_absolute(link.url)))), None) or find_id(named)
    title = _field(page, body, "list-title")
    if not title or not name or not name[0].startswith("arxiv:"):
        return Reject(_line(page, term), "an entry without a title" if name else "an entry without a number", excerpt_of(named))
    kind = "cross" if "cross-list" in named and kind != "replace" else "replace" if "(replaced)" in named else kind
    people = read_people(_field(page, body, "list-authors"))
    number = name[0].partition(":")[2]
    return _with_words(
        Paper(
            title=title,
            id=name[0],
            version=name[1],
            authors=people.names,
            authors_truncated=people.truncated,
            author_count=people.count,
            affiliations=people.affiliations,
            published=day,
            updated=day if kind == "replace" else None,
            categories=tuple(dict.fromkeys(_CODE.findall(_field(page, body, "list-subjects")))),
            announce_type=kind,
            comments=_field(page, body, "list-comments") or None,
            venue=_field(page, body, "list-journal-ref") or None,
            doi=_field(page, body, "list-doi") or None,
            url=f"https://arxiv.org/abs/{number}",
            pdf_url=f"https://arxiv.org/pdf/{number}" if "pdf" in named else None,
        ),
        page,
        body,
    )


def _with_words(paper: Paper, page: Page, body: Node) -> Paper:
    """Add the abstract, a paragraph of its own, and the links in it and in the comments: they only say "this URL"."""
    text = next((node for node in page.elements("p", within=body.inside) if not node.is_a("list-title")), None)
    note = page.first(kind="list-comments", within=body.inside)
    lines = page.lines(text.place, text.end) if text else []
    links = [
        link
        for node, field in ((text, "abstract"), (note, "comments"))
        if node
        for link in links_of(page.links(node), field)
    ]
    return replace(paper, abstract=_LABEL.sub("", "\n".join(line.text for line in lines)), links=tuple(links))


def _field(page: Page, around: Node, kind: str) -> str:
    """Return what stands in a part of an entry, without its label."""
    return _LABEL.sub("", page.words(page.first(kind=kind, within=around.inside)), count=1)


def _absolute(url: str) -> str:
    return f"https://arxiv.org{url}" if url.startswith("/") else url


def _results(page: Page) -> Iterator[Paper | Reject]:
    """Yield the papers on a page of results of arXiv's search."""
    for node in page.elements("li", "arxiv-result"):
        name = next((name for link in page.links(node) if (name := find_id(_absolute(link.url)))), None)
        title = page.words(page.first("p", "title", node.inside))
        if not title or not name:
            yield Reject(_line(page, node), "a result without a title", excerpt_of(page.words(node)))
            continue
        people = read_people(_field(page, node, "authors"))
        submitted = _SUBMITTED.search(page.words(node))
        whole = page.first("span", "abstract-full", node.inside)
        days = [parse_date(text.replace(",", "")) for text in (submitted.groups() if submitted else ()) if text]
        yield Paper(
            title=title,
            id=name[0],
            version=name[1],
            abstract=_MORE.sub("", _LABEL.sub("", page.words(whole))),
            authors=people.names,
            authors_truncated=people.truncated,
            published=days[-1] if days else None,
            published_text=flat(submitted[0]) if submitted else None,
            updated=days[0] if len(days) > 1 else None,
            categories=tuple(dict.fromkeys(page.words(tag) for tag in page.elements("span", "tag", node.inside) if "." in page.words(tag) or tag.is_a("is-small"))),
            comments=_field(page, node, "comments") or None,
            url=f"https://arxiv.org/abs/{name[0].partition(':')[2]}",
        )
