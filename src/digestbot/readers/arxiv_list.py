"""arXiv's listings as web pages: ``/list/…/new``, ``/recent``, ``/pastweek``, a month; and results of its search.

::

    <dt>[1] arXiv:2303.08867 (cross-list from q-fin.TR) [pdf]</dt>
    <dd>Title: … Authors: … Comments: … Journal-ref: … Subjects: … (q-fin.TR); … abstract, in /new only</dd>

The page says how many entries there are, in all and section by section; when it holds fewer, the reading is partial.
"""

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import BinaryIO, NamedTuple

from digestbot.dates import parse_date
from digestbot.errors import MalformedDigestError
from digestbot.identity import find_id
from digestbot.models import Paper, PartialDate, Reject
from digestbot.readers.feed_entries import AnnounceType
from digestbot.readers.html_page import Page, parse_page
from digestbot.readers.intake import to_text
from digestbot.readers.markup import flat
from digestbot.readers.people import read_people
from digestbot.readers.protocol import Item, Remark, excerpt_of, name_of
from digestbot.readers.record_links import links_of

DIALECT = "arxiv-list"

_FORM = re.compile(
    r"class=[\"']?[^\"'>]{0,30}\b(?:list-identifier|list-title|list-authors|arxiv-result)\b|id=[\"']?dlpage\b"
)
_LABEL = re.compile(
    r"^(?:Title|Authors?|Comments?|Subjects?|Journal-ref|DOI|MSC-class|ACM-class|Report-no|Abstract)\s*:\s*",
    re.IGNORECASE,
)
_CODE = re.compile(r"\(([a-z][a-z-]{1,15}(?:\.[A-Za-z-]{2,20})?)\)")
_DAY = re.compile(
    r"(?:(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]{0,6},?\s+)?[0-9]{1,2}\s+(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]{0,6},?\s+[0-9]{2}(?:[0-9]{2})?\b"
)
_SUBMITTED = re.compile(
    r"Submitted\s+([0-9]{1,2}\s+[A-Z][a-z]{2,8},?\s+[0-9]{4})(?:;\s*v1\s+submitted\s+([0-9]{1,2}\s+[A-Z][a-z]{2,8},?\s+[0-9]{4}))?"
)
_TOTAL = re.compile(
    r"\btotal of ([0-9][0-9,]{0,8}) entr|\bshowing [0-9,]{1,9}\s*[-–]\s*[0-9,]{1,9} of ([0-9][0-9,]{0,8}) results",
    re.IGNORECASE,
)
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
    return parse_date(
        re.sub(r"\b([0-9]{2})$", r"20\1", found[0]) if re.search(r"[a-z],? [0-9]{2}$", found[0]) else found[0]
    )


def _listed(page: Page) -> Iterator[Paper | Reject]:
    """Yield the entries of a listing: each is a dt and the dd behind it, in the section that the last heading began."""
    parts = [node for node in page.elements() if node.name in ("h2", "h3", "dt", "dd")]
    ends = [node.place for node in parts[1:]] + [len(page.nodes)] * bool(parts)
    section = _Section("new" if any(_day(page.words(node)) for node in parts if node.name == "h3") else None, None)
    term: _Part | None = None
    for node, next_place in zip(parts, ends, strict=True):
        part = _Part(node.place, min(node.end, next_place))
        if node.name in ("h2", "h3"):
            section = section.after(page.words_between(*part))
            continue
        if node.name == "dt" and term:
            yield _cut(page, term)
        elif node.name == "dd" and term:
            yield _entry(page, term, part, section)
        term = part if node.name == "dt" else None
    if term:
        yield _cut(page, term)


class _Part(NamedTuple):
    """The nodes of one part of an entry."""

    start: int
    end: int


class _Section(NamedTuple):
    """What a heading says of the entries below it."""

    kind: AnnounceType | None
    day: PartialDate | None

    def after(self, heading: str) -> "_Section":
        """Return the section that begins with a heading: it changes what it names."""
        kinds = (kind for word, kind in _SECTIONS if word in heading.lower())
        return _Section(next(kinds, self.kind), _day(heading) or self.day)


def _cut(page: Page, term: _Part) -> Reject:
    return Reject(
        page.line_of(page.nodes[term.start]), "an entry without a title", excerpt_of(page.words_between(*term))
    )


def _entry(page: Page, term: _Part, body: _Part, section: _Section) -> Paper | Reject:
    named = page.words_between(*term)
    links = (_absolute(node.attribute("href")) for node in page.elements("a", within=term))
    name = next((name for link in links if (name := find_id(link))), None) or find_id(named)
    title = _field(page, body, "list-title")
    if not title or not name or not name[0].startswith("arxiv:"):
        reason = "an entry without a title" if name else "an entry without a number"
        return Reject(page.line_of(page.nodes[term.start]), reason, excerpt_of(named))
    kind = section.kind
    kind = "cross" if "cross-list" in named and kind != "replace" else "replace" if "(replaced)" in named else kind
    people = read_people(_field(page, body, "list-authors"))
    number = name[0].partition(":")[2]
    paper = Paper(
        title=title,
        id=name[0],
        version=name[1],
        authors=people.names,
        authors_truncated=people.truncated,
        author_count=people.count,
        affiliations=people.affiliations,
        published=section.day,
        updated=section.day if kind == "replace" else None,
        categories=tuple(dict.fromkeys(_CODE.findall(_field(page, body, "list-subjects")))),
        announce_type=kind,
        comments=_field(page, body, "list-comments") or None,
        venue=_field(page, body, "list-journal-ref") or None,
        doi=_field(page, body, "list-doi") or None,
        url=f"https://arxiv.org/abs/{number}",
        pdf_url=f"https://arxiv.org/pdf/{number}" if "pdf" in named else None,
    )
    return _with_words(paper, page, body)


def _with_words(paper: Paper, page: Page, body: _Part) -> Paper:
    """Add the abstract, a paragraph of its own, and the links in it and in the comments: they only say "this URL"."""
    text = next((node for node in page.elements("p", within=body) if not node.is_a("list-title")), None)
    note = page.first(kind="list-comments", within=body)
    lines = page.lines(text.place, min(text.end, body.end)) if text else []
    links = [
        link
        for node, name in ((text, "abstract"), (note, "comments"))
        if node
        for link in links_of(page.links(node), name)
    ]
    return replace(paper, abstract=_LABEL.sub("", "\n".join(line.text for line in lines)), links=tuple(links))


def _field(page: Page, around: tuple[int, int], kind: str) -> str:
    """Return what stands in a part of an entry, without its label."""
    node = page.first(kind=kind, within=around)
    return _LABEL.sub("", page.words_between(node.place, min(node.end, around[1])), count=1) if node else ""


def _absolute(url: str) -> str:
    return f"https://arxiv.org{url}" if url.startswith("/") else url


def _results(page: Page) -> Iterator[Paper | Reject]:
    """Yield the papers on a page of results of arXiv's search."""
    for node in page.elements("li", "arxiv-result"):
        name = next((name for link in page.links(node) if (name := find_id(_absolute(link.url)))), None)
        title = page.words(page.first("p", "title", node.inside))
        if not title or not name:
            yield Reject(page.line_of(node), "a result without a title", excerpt_of(page.words(node)))
            continue
        people = read_people(_field(page, node.inside, "authors"))
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
            categories=tuple(
                dict.fromkeys(
                    page.words(tag)
                    for tag in page.elements("span", "tag", node.inside)
                    if "." in page.words(tag) or tag.is_a("is-small")
                )
            ),
            comments=_field(page, node.inside, "comments") or None,
            url=f"https://arxiv.org/abs/{name[0].partition(':')[2]}",
        )
