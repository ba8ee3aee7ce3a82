"""The page of one paper: arXiv's abstract page, and every publisher's page that describes itself for search engines.

::

    <meta name="citation_title" content="…">             once
    <meta name="citation_author" content="Abe, Jun">     one an author, in order; the family name first is turned round
    <meta name="DC.title">, <meta name="prism.doi">      older vocabularies, where the first is missing

What arXiv prints on its page besides (comments, subjects, the dates of the versions) is read from there.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import BinaryIO

from digestbot.dates import parse_date
from digestbot.errors import MalformedDigestError
from digestbot.identity import find_id
from digestbot.models import Paper, PartialDate
from digestbot.readers.html_page import Page, parse_page
from digestbot.readers.intake import to_text
from digestbot.readers.markup import flat, html_to_line, html_to_text, looks_like_html, paragraphs
from digestbot.readers.name_lists import given_first
from digestbot.readers.people import People, read_people
from digestbot.readers.protocol import Item, name_of
from digestbot.readers.record_links import links_of

DIALECT = "paper-page"

_CITATION = re.compile(r"<meta\b[^<>]{0,40}(?:name|property)=[\"']?(?:bepress_)?citation_title\b", re.IGNORECASE)
_CORE = re.compile(
    r"<meta\b[^<>]{0,40}name=[\"']?(?:dc|dcterms|eprints|prism)\.(?:title|doi|creators?_?(?:name)?)\b", re.IGNORECASE
)
_ABSTRACT_PAGE = re.compile(r"<blockquote\b[^<>]{0,60}\babstract\b|<div\b[^<>]{0,20}id=[\"']abs[\"']", re.IGNORECASE)
_CODE = re.compile(r"\(([a-z][a-z-]{1,15}(?:\.[A-Za-z-]{2,20})?)\)")
_LABEL = re.compile(
    r"^(?:Title|Authors?|Abstract|Comments?|Subjects?|Journal reference|Related DOI)\s*:\s*", re.IGNORECASE
)
_DATELINE = re.compile(
    r"Submitted on (?P<first>[0-9]{1,2} [A-Z][a-z]{2,8} [0-9]{4})"
    r"(?:.{0,60}?(?:last )?revised (?P<last>[0-9]{1,2} [A-Z][a-z]{2,8} [0-9]{4}))?"
    r"(?:.{0,30}?this version, v(?P<version>[0-9]{1,3}))?"
)
_NUMBER = re.compile(r"\[([0-9]{4}\.[0-9]{4,5}(?:v[0-9]{1,3})?|[a-z-]{2,12}/[0-9]{7}(?:v[0-9]{1,3})?)\]")
_SECTION = re.compile(
    r"(?:^|\s)(?:abstract|hlFld-Abstract|abstractSection|abstract-content|Abs1-content|article-section__content)(?:\s|$)",
    re.IGNORECASE,
)
_SEVERAL = re.compile(r";|,.*,| and ")
_SUFFIX = re.compile(r",\s*(?:Jr|Sr|II|III|IV)\.?$", re.IGNORECASE)
_MOST_VALUES = 6000  # of one name; the largest collaborations have some 5,000 authors

_TITLE = ("citation_title", "bepress_citation_title", "dc.title", "dcterms.title", "eprints.title", "prism.title")
_AUTHOR = (
    "citation_author",
    "bepress_citation_author",
    "dc.creator",
    "dcterms.creator",
    "eprints.creators_name",
    "citation_authors",
)
_DATE = (
    "citation_publication_date",
    "citation_online_date",
    "citation_date",
    "bepress_citation_date",
    "prism.publicationdate",
    "dc.date",
    "dcterms.issued",
    "dc.date.issued",
    "eprints.date",
    "article:published_time",
    "citation_cover_date",
    "citation_year",
)
_VENUE = (
    "citation_journal_title",
    "citation_conference_title",
    "citation_conference",
    "citation_inbook_title",
    "bepress_citation_journal_title",
    "prism.publicationname",
    "dc.source",
    "eprints.publication",
)
_DOI = ("citation_doi", "bepress_citation_doi", "prism.doi", "dc.identifier.doi", "dc.identifier", "eprints.id_number")
_ABSTRACT = (
    "citation_abstract",
    "dc.description.abstract",
    "dcterms.abstract",
    "dc.description",
    "eprints.abstract",
    "og:description",
    "description",
)
_PAGE = (
    "citation_public_url",
    "citation_abstract_html_url",
    "bepress_citation_abstract_html_url",
    "og:url",
    "citation_fulltext_html_url",
)
_PLACE = ("citation_author_institution", "citation_author_affiliation", "bepress_citation_author_institution")


def sniff(head: bytes) -> float:
    """Return how sure it is: by the names of its meta elements, or by the parts of arXiv's page."""
    text = head.decode("utf-8", "replace")
    if not text.startswith("<") or (text.startswith("<?xml version") and "<html" not in text[:2000].lower()):
        return 0.0
    if _CITATION.search(text):
        return 1.0
    is_abstract = _ABSTRACT_PAGE.search(text) and ("arxiv" in text.lower() or _NUMBER.search(text[:4000]))
    return 0.7 if is_abstract else 0.5 if _CORE.search(text) else 0.0


def read(file: BinaryIO) -> Iterator[Item]:
    """Yield the paper of the page. Raises MalformedDigestError when the page names none."""
    source = name_of(file)
    page = parse_page(to_text(file.read(), source)[0])
    paper = _paper(_facts(page), page)
    if paper is None:
        raise MalformedDigestError("is the page of no paper: it gives no title in a form that is known", source=source)
    yield paper


def _facts(page: Page) -> dict[str, list[str]]:
    """Return the contents of the meta elements by name, in small letters."""
    facts: dict[str, list[str]] = {}
    for node in page.elements("meta"):
        name = (node.attribute("name") or node.attribute("property")).lower()
        content = (
            flat(node.attribute("content"))
            if not name.endswith(("abstract", "description"))
            else node.attribute("content")
        )
        if name and content and len(facts.setdefault(name, [])) < _MOST_VALUES:
            facts[name].append(content)
    return facts


def _first(facts: Mapping[str, Sequence[str]], names: Sequence[str]) -> str:
    return next((facts[name][0] for name in names if facts.get(name)), "")


def _paper(facts: Mapping[str, Sequence[str]], page: Page) -> Paper | None:
    title = html_to_line(_first(facts, _TITLE)) or _part(page, "h1", "title")
    if not title:
        return None
    people = _people(facts, page)
    printed = _first(facts, _DATE)
    doi = _doi(facts)
    number = _first(facts, ("citation_arxiv_id",)) or _number(page)
    name = find_id(f"arXiv:{number}") if number else None
    pmid = _first(facts, ("citation_pmid",))
    paper = Paper(
        title=title,
        id=name[0] if name else f"pmid:{pmid}" if pmid.isdecimal() and not doi else "",
        version=name[1] if name else None,
        abstract=_abstract(facts),
        authors=people.names,
        authors_truncated=people.truncated,
        author_count=people.count,
        affiliations=people.affiliations
        or tuple(dict.fromkeys(place for key in _PLACE for place in facts.get(key, ()))),
        published=_date(printed),
        published_text=printed or None,
        venue=_first(facts, _VENUE) or None,
        doi=doi,
        url=_url(facts, page, name[0] if name else ""),
        pdf_url=_address(_first(facts, ("citation_pdf_url", "bepress_citation_pdf_url"))),
        keywords=_keywords(facts),
    )
    return _with_abstract_page(replace(paper, abstract=paper.abstract or _section(page)), page)


def _section(page: Page) -> str:
    """Return the section of the page that is called its abstract, without its heading."""
    for node in page.elements():
        marks = (
            f"{node.attribute('id')} {node.attribute('class')}"
            if "bstract" in node.content or "Abs1" in node.content
            else ""
        )
        if node.name in ("div", "section", "p", "blockquote") and _SECTION.search(marks):
            words = _LABEL.sub("", re.sub(r"^Abstract\s+", "", page.words(node)))
            if len(words) > 40:
                return words
    return ""


def _date(printed: str) -> PartialDate | None:
    return parse_date(printed) or parse_date(printed[:10]) if printed else None


def _people(facts: Mapping[str, Sequence[str]], page: Page) -> People:
    """Return the authors: one a meta element, all in one, or as arXiv prints them."""
    values = next((facts[name] for name in _AUTHOR if facts.get(name)), ())
    if len(values) == 1 and _SEVERAL.search(_SUFFIX.sub("", values[0])):
        given = read_people(values[0])
        given = replace(given, names=tuple(map(given_first, given.names)) if ";" in values[0] else given.names)
    else:
        given = People(tuple(given_first(value) for value in values if re.search(r"\w", value)))
    printed = read_people(_part(page, "div", "authors"))
    return printed if len(printed.names) >= len(given.names) else given


def _doi(facts: Mapping[str, Sequence[str]]) -> str | None:
    for name in _DOI:
        for value in facts.get(name, ()):
            if found := re.search(r"10\.[0-9]{4,9}/\S{1,200}", value):
                return found[0]
    return None


def _number(page: Page) -> str:
    """Return the number in the title of arXiv's page."""
    found = _NUMBER.search(page.words(page.first("title"))) if page.first("blockquote", "abstract") else None
    return found[1] if found else ""


def _url(facts: Mapping[str, Sequence[str]], page: Page, name: str) -> str | None:
    """Return the page's own address, as far as it gives it."""
    canonical = (
        node.attribute("href") for node in page.elements("link") if node.attribute("rel").lower() == "canonical"
    )
    stated = (_address(text) for text in (next(canonical, ""), *(_first(facts, (key,)) for key in _PAGE)))
    return next(
        filter(None, stated), f"https://arxiv.org/abs/{name.partition(':')[2]}" if name.startswith("arxiv:") else None
    )


def _address(text: str) -> str | None:
    return text if text.startswith(("http://", "https://")) else None


def _abstract(facts: Mapping[str, Sequence[str]]) -> str:
    """Return the abstract; what a page says of itself to everybody is one only when it is as long as one."""
    for name in _ABSTRACT:
        text = max(facts.get(name, ("",)), key=len)
        if text and (name not in ("og:description", "description", "dc.description") or len(text) > 250):
            plain = html_to_text(text)[0] if looks_like_html(text) else paragraphs(text)
            return re.sub(r"^Abstract\s*[:.]?\s*", "", plain)
    return ""


def _keywords(facts: Mapping[str, Sequence[str]]) -> tuple[str, ...]:
    values = facts.get("citation_keywords", ())
    texts = [part.strip() for value in values for part in re.split(r"[;,]" if len(values) == 1 else r";", value)]
    return tuple(dict.fromkeys(filter(None, texts)))


def _part(page: Page, name: str, kind: str) -> str:
    """Return what a part of arXiv's page says, without its label."""
    node = page.first(name, kind)
    return _LABEL.sub("", page.words(node), count=1) if node else ""


def _with_abstract_page(paper: Paper, page: Page) -> Paper:
    """Add what arXiv prints on its page: the abstract with its links, comments, subjects, versions."""
    block = page.first("blockquote", "abstract")
    if block is None:
        return paper
    dates = _DATELINE.search(_part(page, "div", "dateline"))
    words = _LABEL.sub(
        "", "\n".join(line.text for line in page.lines(block.place, block.end)).removeprefix("Abstract:\n")
    )
    note = page.first("td", "comments")
    first, last = (parse_date(dates[key] or "") for key in ("first", "last")) if dates else (None, None)
    return replace(
        paper,
        abstract=words.strip() or paper.abstract,
        links=links_of(page.links(block), "abstract") + (links_of(page.links(note), "comments") if note else ()),
        comments=_part(page, "td", "comments") or None,
        venue=_part(page, "td", "jref") or paper.venue,
        doi=paper.doi or _part(page, "td", "doi") or None,
        categories=tuple(dict.fromkeys(_CODE.findall(_part(page, "td", "subjects")))),
        published=first or paper.published,
        published_text=dates["first"] if dates else paper.published_text,
        updated=last,
        version=paper.version or (int(dates["version"]) if dates and dates["version"] else None),
    )
