"""Articles in JATS, the XML that journals, PubMed Central and preprint servers keep them in.

Only the front of an article is looked at: its title, people, dates and abstract. The date is the first to appear, in
print or not.
"""

from collections.abc import Iterator
from typing import BinaryIO

from digestbot.dates import parse_date
from digestbot.errors import MalformedDigestError
from digestbot.models import Paper, PartialDate, Reject
from digestbot.readers.feed_text import find_root
from digestbot.readers.intake import to_utf8
from digestbot.readers.markup import flat
from digestbot.readers.protocol import Item, Remark, excerpt_of, name_of
from digestbot.readers.xml_records import Element, records_in, refuse_entities

DIALECT = "jats"

_ROOTS = ("article", "pmc-articleset")
_NOTES = frozenset(("xref", "fn", "related-article"))  # marks within a title
_RECEIVED = ("received", "accepted", "rev-recd", "collection", "nihms-submitted")


def sniff(head: bytes) -> float:
    """Return how sure it is: by the root element and by the parts of its front."""
    root = find_root(head.decode("utf-8", "replace"))
    if root is None or root.name not in _ROOTS:
        return 0.0
    return 1.0 if b"<article-meta" in head or b"<journal-meta" in head else 0.2


def read(file: BinaryIO) -> Iterator[Item]:
    """Yield the articles. Raises MalformedDigestError for what is no such XML or not safe to parse."""
    source = name_of(file)
    data = to_utf8(file.read(), source)[0]
    refuse_entities(data, source)
    seen = 0
    for record in records_in(data, "front"):
        seen += 1
        if record.element is None:
            yield record.reject or Reject(record.line, "cannot be read", "")
            yield from [Remark("the file is cut off", "partial")] if record.is_cut else []
        else:
            excerpt = excerpt_of(record.element.text())
            yield _paper(record.element) or Reject(record.line, "an article without a title", excerpt)
    if not seen:
        raise MalformedDigestError("holds no article with a front", source=source)


def _paper(front: Element) -> Paper | None:
    meta = front.find("article-meta") or front
    heading = meta.find("title-group/article-title")
    title = flat("".join(_words(heading))) if heading else ""
    if not title:
        return None
    text, date = _published(meta)
    pmid = _identifier(meta, "pmid")
    doi = _identifier(meta, "doi") or None
    journal = front.find("journal-meta") or front
    return Paper(
        title=title,
        id=f"pmid:{pmid}" if pmid.isdecimal() and not doi else "",
        abstract=_abstract(meta),
        authors=_people(meta),
        affiliations=meta.texts("aff") or meta.texts("contrib-group/aff"),
        published=date,
        published_text=text,
        categories=meta.texts("article-categories/subj-group/subject"),
        venue=journal.text("journal-title-group/journal-title") or journal.text("journal-title") or None,
        doi=doi,
        keywords=meta.texts("kwd-group/kwd"),
    )


def _words(element: Element) -> Iterator[str]:
    """Yield the text of a title without the marks of its notes."""
    for each in element.content:
        if isinstance(each, str):
            yield each
        elif each.name not in _NOTES:
            yield from _words(each)


def _identifier(meta: Element, kind: str) -> str:
    found = (each.text() for each in meta.children("article-id") if each.attributes.get("pub-id-type") == kind)
    return next((text for text in found if text), "")


def _people(meta: Element) -> tuple[str, ...]:
    """Return the authors; groups among them by the group's name."""
    names = [
        _person(each)
        for each in meta.find_all("contrib-group/contrib")
        if each.attributes.get("contrib-type", "author") == "author"
    ]
    return tuple(dict.fromkeys(name for name in names if name))


def _person(contributor: Element) -> str:
    name = contributor.find("name") or contributor.find("name-alternatives/name") or contributor.find("string-name")
    if name is None:
        return contributor.text("collab/institution") or contributor.text("collab")
    parts = (name.text("given-names"), name.text("surname"), name.text("suffix"))
    return " ".join(part for part in parts if part) or name.text()


def _published(meta: Element) -> tuple[str | None, PartialDate | None]:
    """Return the first of the dates on which it appeared; of two of one year the more precise one."""
    found: list[tuple[str, PartialDate]] = []
    for each in meta.children("pub-date"):
        kind = each.attributes.get("pub-type") or each.attributes.get("date-type") or ""
        text = "-".join(part.zfill(2) for name in ("year", "month", "day") if (part := each.text(name)))
        spoken = " ".join(part for name in ("day", "month", "year") if (part := each.text(name)))
        date = parse_date(text) or parse_date(spoken) or parse_date(each.text("year"))
        if date and kind not in _RECEIVED:
            found.append((str(date), date))
    if not found:
        return None, None
    year = min(text[:4] for text, _ in found)
    precise = [each for each in found if each[0].startswith(year)]
    return min(precise, key=lambda each: (-len(each[0]), each[0]))


def _abstract(meta: Element) -> str:
    """Return the abstract, a paragraph a line; not the graphical one nor the one for laymen."""
    plain = [each for each in meta.children("abstract") if not each.attributes.get("abstract-type")]
    lines = "".join(plain[0].pieces()).split("\n") if plain else []
    return "\n".join(line for part in lines if (line := flat(part)))
