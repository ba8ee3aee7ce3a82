"""OAI-PMH 2.0: what a repository hands to harvesters, arXiv's above all.

Three forms of metadata are read: ``arXiv`` (people in parts, dates of the first version), ``arXivRaw`` (every version,
one line of authors), and Dublin Core, which every repository has. A deleted record is no paper. Where the answer says
how many records there are in all, it is told when there are more.
"""

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import BinaryIO

from digestbot.dates import parse_date
from digestbot.errors import MalformedDigestError
from digestbot.identity import find_id
from digestbot.models import Paper, PartialDate, Reject
from digestbot.readers.feed_text import find_root
from digestbot.readers.intake import to_utf8
from digestbot.readers.markup import flat, paragraphs
from digestbot.readers.name_lists import given_first, split_names
from digestbot.readers.protocol import Item, Remark, excerpt_of, name_of
from digestbot.readers.xml_records import Element, records_in, refuse_entities

DIALECT = "oai-pmh"

_ROOTS = ("oai-pmh", "listrecords", "getrecord")
_TOKEN = re.compile(rb"<(?:\w{1,20}:)?resumptionToken\b([^<>]{0,500})>([^<>]{0,2000})")
_SIZE = re.compile(rb"completeListSize\s*=\s*[\"']([0-9]{1,9})[\"']")
_CURSOR = re.compile(rb"cursor\s*=\s*[\"']([0-9]{1,9})[\"']")
_ERROR = re.compile(
    rb"<(?:\w{1,20}:)?error\b[^<>]{0,200}?code\s*=\s*[\"']([A-Za-z]{1,40})[\"'][^<>]{0,200}>([^<>]{0,500})"
)
_RESPONSE = re.compile(rb"<(?:\w{1,20}:)?responseDate\b[^<>]{0,100}>([^<>]{1,60})<")
_COMMENT = re.compile(r"comments?: ?", re.IGNORECASE)
_DAY = re.compile(r"[0-9]{4}(?:-[0-9]{2}(?:-[0-9]{2})?)?")


def sniff(head: bytes) -> float:
    """Return how sure it is that this is OAI-PMH: by the root element."""
    text = head.decode("utf-8", "replace")
    root = find_root(text)
    if root and root.name == "record" and "oai:" in text:
        return 0.8
    return 1.0 if root and root.name in _ROOTS else 0.0


def read(file: BinaryIO) -> Iterator[Item]:
    """Yield the records as papers. Raises MalformedDigestError for what is no such answer or not safe to parse."""
    source = name_of(file)
    data = to_utf8(file.read(), source)[0]
    refuse_entities(data, source)
    if date := _response_date(data):
        yield date
    seen = deleted = 0
    for record in records_in(data, "record", first="header"):
        seen += 1
        if record.element is None:
            yield record.reject or Reject(record.line, "cannot be read", "")
            yield from [Remark("the answer is cut off", "partial")] if record.is_cut else []
        elif _is_deleted(record.element):
            deleted += 1
        else:
            yield _paper(record.element) or Reject(
                record.line, _why_not(record.element), excerpt_of(record.element.text())
            )
    yield from _remarks(data, seen, deleted, source)


def _response_date(data: bytes) -> PartialDate | None:
    found = _RESPONSE.search(data, 0, 5000)
    return parse_date(found[1].decode("utf-8", "replace")) if found else None


def _is_deleted(record: Element) -> bool:
    header = record.find("header")
    return header is not None and header.attributes.get("status", "").lower() == "deleted"


def _why_not(record: Element) -> str:
    metadata = record.find("metadata")
    form = next((each.name for each in metadata.children()), "") if metadata else ""
    known = form.lower() in ("arxiv", "arxivraw", "arxivold", "dc")
    return "a record without a title" if known or not form else f"its metadata is of a form that is not read: {form}"


def _remarks(data: bytes, seen: int, deleted: int, source: str) -> Iterator[Remark]:
    """Say what the repository said of the whole: an error, that nothing matched, that there is more."""
    if deleted:
        yield Remark(f"deleted records, which are no papers: {deleted}", None if seen > deleted else "quiet")
    if error := _ERROR.search(data):
        code, said = (part.decode("utf-8", "replace") for part in error.groups())
        quiet = code == "noRecordsMatch"
        words = flat(said) or code
        yield Remark(f"the repository answered: {words}", "quiet" if quiet else "unreadable")
    elif not seen:
        raise MalformedDigestError("holds no record; ask the repository for ListRecords", source=source)
    token = _TOKEN.search(data)
    size = _SIZE.search(token[1]) if token else None
    cursor = _CURSOR.search(token[1]) if token else None
    if token and size and int(size[1]) > seen and token[2].strip():
        before = f" from number {cursor[1].decode()} on" if cursor else ""
        yield Remark(f"it announces {size[1].decode()} records and holds {seen}{before}", "partial")


def _paper(record: Element) -> Paper | None:
    metadata = record.find("metadata")
    data = next((each for each in metadata.children() if each.name != "about"), None) if metadata else None
    if data is None:
        return None
    paper = _of_arxiv(data) if data.find("id") is not None else _of_dublin_core(data)
    name = find_id((record.text("header/identifier")).removeprefix("oai:").replace("arXiv.org:", "arXiv:"))
    if paper is None or paper.id or name is None:
        return paper
    return replace(paper, id=name[0])


def _of_arxiv(data: Element) -> Paper | None:
    """Read arXiv's own forms: ``arXiv``, ``arXivRaw``, ``arXivOld``."""
    title, number = data.text("title"), data.text("id")
    if not title:
        return None
    name = find_id(f"arXiv:{number}") or ("", None)
    versions = list(data.children("version"))
    created = data.text("created") or (versions[0].text("date") if versions else "")
    updated = data.text("updated") or (versions[-1].text("date") if len(versions) > 1 else "")
    authors, truncated = _people(data)
    return Paper(
        title=title,
        id=name[0],
        version=_last_version(versions) or name[1],
        abstract=_abstract(data, "abstract"),
        authors=authors,
        authors_truncated=truncated,
        affiliations=data.texts("authors/author/affiliation"),
        published=parse_date(created),
        published_text=created or None,
        updated=parse_date(updated),
        categories=tuple(data.text("categories").split()),
        comments=data.text("comments") or None,
        venue=data.text("journal-ref") or None,
        doi=next(iter(data.text("doi").split()), None),
        url=f"https://arxiv.org/abs/{number}" if name[0] else None,
    )


def _abstract(data: Element, name: str) -> str:
    element = data.find(name)
    return paragraphs("".join(element.pieces())) if element else ""


def _last_version(versions: list[Element]) -> int | None:
    found = re.fullmatch(r"v([0-9]{1,3})", versions[-1].attributes.get("version", "")) if versions else None
    return int(found[1]) if found else None


def _people(data: Element) -> tuple[tuple[str, ...], bool]:
    """Return the people, given names first; the older forms print them as one line."""
    names = [_person(each) for each in data.find_all("authors/author")]
    if names:
        return tuple(name for name in names if re.search(r"\w", name)), False
    return split_names(data.text("authors"))


def _person(author: Element) -> str:
    return " ".join(part for name in ("forenames", "keyname", "suffix") if (part := author.text(name)))


def _of_dublin_core(data: Element) -> Paper | None:
    """Read Dublin Core. Of its dates the first is when it appeared; a description may be a comment."""
    title = data.text("title")
    if not title:
        return None
    described = [paragraphs("".join(each.pieces())) for each in data.children("description", "abstract")]
    comments = [text for text in described if _COMMENT.match(text)]
    dates = sorted(text for text in data.texts("date") if _DAY.match(text))
    identifiers = data.texts("identifier") + data.texts("relation")
    addresses = [text for text in identifiers if text.startswith(("http://", "https://"))]
    name = next((found for text in identifiers if (found := find_id(text)) and found[0].startswith("arxiv:")), None)
    people = [given_first(each.text("name") or each.text()) for each in data.children("creator")]
    return Paper(
        title=title,
        id=name[0] if name else "",
        version=name[1] if name else None,
        abstract=max((text for text in described if text not in comments), key=len, default=""),
        authors=split_names(people[0])[0] if len(people) == 1 else tuple(filter(None, people)),
        affiliations=data.texts("creator/affiliation"),
        published=parse_date(dates[0]) if dates else None,
        published_text=dates[0] if dates else None,
        updated=parse_date(dates[-1]) if len(dates) > 1 else None,
        categories=data.texts("subject"),
        comments=_COMMENT.sub("", comments[0], count=1) if comments else None,
        venue=data.text("source") or None,
        doi=next(
            (found[0][4:] for text in identifiers if (found := find_id(text)) and found[0].startswith("doi:")), None
        ),
        url=next((url for url in addresses if find_id(url)), addresses[0] if addresses else None),
    )
