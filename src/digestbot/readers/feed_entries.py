"""One entry of a feed, as feedparser gives it, turned into a paper.

Each field has its usual places in RSS, RDF, Atom, Dublin Core, PRISM and arXiv's own elements; the first
that holds something wins. Preprint servers print facts into titles and descriptions as well: those are
taken out of the text and put where they belong.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any, Literal, get_args

from digestbot.dates import parse_date
from digestbot.identity import find_id
from digestbot.models import Link, Paper, PartialDate
from digestbot.readers.labels import read_labels
from digestbot.readers.markup import Anchor, flat, html_to_line, html_to_text, looks_like_html, paragraphs
from digestbot.readers.name_lists import split_names
from digestbot.readers.pubmed_feed import read_pubmed
from digestbot.readers.record_links import links_of

AnnounceType = Literal["new", "cross", "replace", "replace-cross"]
Entry = Mapping[str, Any]
Facts = dict[str, Any]
"""The fields of a paper to be."""

_SUFFIX = re.compile(
    r"\.?\s*\(arXiv:(?P<id>[^\s()\[\]]{5,40})(?:\s*\[(?P<category>[^\[\]]{1,40})\])?\s*(?P<mark>[A-Z ]{0,20})\)\s*$"
)
_ANNOUNCED = re.compile(r"\s*arXiv:(?P<id>\S{5,40})\s+Announce Type:\s*(?P<type>[a-z-]{1,20})\s*(?:Abstract:\s*)?")
_IMPRINT = re.compile(r"[^\n]{1,100}, Published online: [^\n]{1,40}; (?:\| )?doi:\S{1,100}\n?")
_MARKS: dict[str, AnnounceType] = {"": "new", "UPDATED": "replace", "CROSS LISTED": "cross"}
_DOI = re.compile(r"\b10\.[0-9]{4,9}/[^\s\"<>]{1,200}")
_AFFILIATION = re.compile(r"<(?:\w{1,20}:)?affiliation\b[^<>]*>([^<]{1,500})<")
_ADDRESSED = re.compile(  # RSS 2.0 asks for ``ada@example.org (Ada Abe)``
    r"(?P<before>[^@<>()]{0,200}?)\s?<?[^\s@<>()]{1,100}@[^\s@<>()]{1,200}>?(?:\s?\((?P<behind>[^@()]{1,200})\))?"
)
_IDENTIFIER = re.compile(r"<(?:\w{1,20}:)?(?:identifier|doi)\b[^<>]*>\s*(?:<!\[CDATA\[)?\s*([^<]{1,300})<")
_LETTER = re.compile(r"\w")
_SERVER_VERSION = re.compile(r"\b(?:bio|med)rxiv\.org/[^\s?#]{5,100}?v([0-9]{1,3})(?:[.?/]|$)")
_KINDS: tuple[AnnounceType, ...] = get_args(AnnounceType)
_LONGEST_TEASER = 20_000  # characters; what is longer is an article, and its teaser is the abstract


def to_paper(entry: Entry, feed: Entry, raw: str) -> Paper | None:
    """Return the paper of `entry`, or None when it has neither a title nor words to make one of.

    `feed` holds the fields of the whole feed, `raw` the entry's XML: feedparser keeps one of repeated elements.
    `entry` and `feed` are plain dictionaries: those of feedparser guess at what is missing.
    """
    abstract, anchors = _abstract(entry)
    title = next((text for text in (_title(entry), first_words(abstract)) if _LETTER.search(text)), None)
    if title is None:
        return None
    facts = _facts(entry, feed, raw, title, abstract)
    _unsuffix(facts)
    _announce(facts)
    _identify(facts, entry)
    paper = Paper(**facts)
    paper = read_labels(paper) if paper.id else paper
    return read_pubmed(replace(paper, links=_links(paper, anchors)) if anchors else paper)


def _facts(entry: Entry, feed: Entry, raw: str, title: str, abstract: str) -> Facts:
    """Return what the fields of the entry say."""
    authors, truncated = _authors(entry)
    text, published, updated = _dates(entry, raw)
    return {
        "title": title,
        "id": "",
        "version": None,
        "abstract": abstract,
        "authors": authors,
        "authors_truncated": truncated,
        "affiliations": _affiliations(raw),
        "published": published,
        "published_text": text,
        "updated": updated,
        "categories": _categories(entry),
        "comments": _field(entry, "arxiv_comment"),
        "venue": _venue(entry, feed),
        "doi": _doi(entry, raw),
        "url": _url(entry),
        "pdf_url": _pdf_url(entry),
        "comment_count": _count(entry, "slash_comments"),
        "announce_type": announce_type(_field(entry, "arxiv_announce_type")),
    }


def first_words(text: str) -> str:
    """Return the beginning of `text` for an entry without a title: a line, at most 100 characters of it."""
    line = flat(text.partition("\n")[0][:400])
    return line if len(line) <= 100 else f"{line[:99].rpartition(' ')[0] or line[:99]}…"


def announce_type(text: str | None) -> AnnounceType | None:
    """Return arXiv's announcement type when `text` is one."""
    return next((kind for kind in _KINDS if kind == text), None)


def _field(entry: Entry, *names: str) -> str | None:
    """Return the first of these fields that holds text, on one line."""
    for name in names:
        value = entry.get(name)
        if isinstance(value, str) and (text := html_to_line(value) if looks_like_html(value) else flat(value)):
            return text
    return None


def _items(entry: Entry, name: str) -> list[Entry]:
    value = entry.get(name)
    return [dict(item) for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def _title(entry: Entry) -> str:
    return _field(entry, "title") or ""


def _abstract(entry: Entry) -> tuple[str, tuple[Anchor, ...]]:
    """Return the longest text that is not a whole article, and its links."""
    texts = [entry.get("summary")]
    texts += [item.get("value") for item in _items(entry, "content")]
    known = sorted({text for text in texts if isinstance(text, str) and text.strip()}, key=len, reverse=True)
    chosen = next((text for text in known if len(text) <= _LONGEST_TEASER), known[-1] if known else "")
    text, anchors = html_to_text(chosen) if looks_like_html(chosen) else (paragraphs(chosen), ())
    imprint = _IMPRINT.match(text)  # a line of the journal's, before its abstract
    return text[imprint.end() :] if imprint else text, anchors


def _authors(entry: Entry) -> tuple[tuple[str, ...], bool]:
    """Return the people: one an element, or all in one element."""
    names = [name for item in _items(entry, "authors") if (name := _field(item, "name"))]
    if len(names) == 1:
        addressed = _ADDRESSED.fullmatch(_field(entry, "author") or "")
        return split_names((addressed["behind"] or addressed["before"]) if addressed else names[0])
    return tuple(dict.fromkeys(names)), False


def _affiliations(raw: str) -> tuple[str, ...]:
    if "affiliation" not in raw:
        return ()
    return tuple(dict.fromkeys(html_to_line(place) for place in _AFFILIATION.findall(raw)))


def _categories(entry: Entry) -> tuple[str, ...]:
    """Return the terms, the primary one first."""
    primary = entry.get("arxiv_primary_category")
    first = [flat(str(primary["term"]))] if isinstance(primary, dict) and primary.get("term") else []
    terms = (term for item in _items(entry, "tags") if (term := _field(item, "term", "label")))
    return tuple(dict.fromkeys([*first, *terms]))


def _venue(entry: Entry, feed: Entry) -> str | None:
    """Return the journal. Some print their date and DOI behind its name in dc:source."""
    named = _field(
        entry, "arxiv_journal_ref", "arxiv_journal_reference", "prism_publicationname", "citation_journal_title"
    )
    source = (_field(entry, "dc_source") or "").partition(", Published")[0]
    return named or source or _field(feed, "prism_publicationname")


def _doi(entry: Entry, raw: str) -> str | None:
    repeated = _IDENTIFIER.findall(raw) if "identifier" in raw or "doi" in raw else ()
    printed = (_field(entry, "arxiv_doi", "prism_doi", "dc_identifier", "doi") or "", *repeated)
    return next((found[0] for text in printed if (found := _DOI.search(text))), None)


def _url(entry: Entry) -> str | None:
    """Return the entry's page: its link, else an identifier that is an address."""
    link, name = _field(entry, "link"), _field(entry, "id") or ""
    return link or (name if name.startswith(("http://", "https://")) else None)


def _pdf_url(entry: Entry) -> str | None:
    for link in _items(entry, "links"):
        if link.get("title") == "pdf" or link.get("type") == "application/pdf":
            return _field(link, "href")
    return None


def _count(entry: Entry, name: str) -> int | None:
    text = _field(entry, name) or ""
    return int(text) if re.fullmatch(r"[0-9]{1,9}", text) else None


def _dates(entry: Entry, raw: str) -> tuple[str | None, PartialDate | None, PartialDate | None]:
    """Return when it was published, as printed and as read, and when changed. What has one date was published then."""
    printed = _field(entry, "published", "prism_publicationdate", "prism_coverdate", "created")
    changed = _field(entry, "updated")
    text = printed or changed
    again = _date(changed) if printed and "dc:date" not in raw else None  # feedparser takes dc:date for a change
    return text, _date(text), again


def _date(text: str | None) -> PartialDate | None:
    return parse_date(text) if text else None


def _unsuffix(facts: Facts) -> None:
    """Take arXiv's ``(arXiv:2306.14048v1 [cs.LG])`` off a title."""
    found = _SUFFIX.search(facts["title"]) if "(arXiv:" in facts["title"] else None
    name = find_id(f"arXiv:{found['id']}") if found else None
    if not found or not name or not found.start():
        return
    facts["id"], facts["version"] = name
    facts["title"] = facts["title"][: found.start()]
    facts["announce_type"] = facts["announce_type"] or _MARKS.get(found["mark"].strip())
    if found["category"]:
        facts["categories"] = tuple(dict.fromkeys((found["category"], *facts["categories"])))


def _announce(facts: Facts) -> None:
    """Take arXiv's ``arXiv:2306.14048v2 Announce Type: replace`` off a description."""
    found = _ANNOUNCED.match(facts["abstract"])
    name = find_id(f"arXiv:{found['id']}") if found else None
    if found and name:
        facts["id"], facts["version"] = name
        facts["abstract"] = facts["abstract"][found.end() :]
        facts["announce_type"] = facts["announce_type"] or announce_type(found["type"])


def _identify(facts: Facts, entry: Entry) -> None:
    """Fill in an id and a version that a field of the entry prints."""
    if facts["id"] and facts["version"] is not None:
        return
    doi = f"doi:{facts['doi']}" if facts["doi"] else ""
    found: list[tuple[str, int | None]] = []
    for text in (_field(entry, "id") or "", facts["url"] or "", facts["pdf_url"] or "", doi):
        if name := find_id(text.removeprefix("oai:")):
            found.append(name)
        if found and found[0][0].startswith("arxiv:") and found[0][1] is not None:
            break  # no other could say more
    best = next((name for name in found if name[0].startswith("arxiv:")), found[0] if found else None)
    if best is None or facts["id"] not in ("", best[0]):
        return
    named = (name[1] for name in found if name[0] == best[0] and name[1] is not None)
    facts["id"], facts["version"] = best[0], next(named, facts["version"]) or _server_version(facts["url"])


def _server_version(url: str | None) -> int | None:
    """Return the version in an address of bioRxiv or medRxiv, which their DOIs leave out."""
    found = _SERVER_VERSION.search(url or "")
    return int(found[1]) if found else None


def _links(paper: Paper, anchors: Iterable[Anchor]) -> tuple[Link, ...]:
    """Return the links of the description, but for the paper's own page and file."""
    own = {url for url in (paper.url, paper.pdf_url) if url}
    return links_of((anchor for anchor in anchors if anchor.url not in own), "abstract")
