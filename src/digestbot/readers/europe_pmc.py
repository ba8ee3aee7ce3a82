"""Europe PMC's search: articles and preprints, in a ``resultList`` of JSON or of XML."""

import re
from collections.abc import Iterator, Mapping
from typing import Any, BinaryIO

from digestbot.dates import parse_date
from digestbot.models import Paper, Reject
from digestbot.readers.feed_text import find_root
from digestbot.readers.intake import to_utf8
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
from digestbot.readers.markup import html_to_line, html_to_text
from digestbot.readers.name_lists import split_names
from digestbot.readers.protocol import Item, Remark, excerpt_of, name_of
from digestbot.readers.xml_records import Element, records_in, refuse_entities

DIALECT = "europe-pmc"

_MARKED = frozenset(("title", "abstractText"))  # texts that may hold markup


def sniff(head: bytes) -> float:
    """Return how sure it is: a list of results that have a source and an id, where Europe PMC puts it."""
    if head.lstrip().startswith(b"<"):
        root = find_root(head.decode("utf-8", "replace"))
        return 1.0 if root and root.name == "responsewrapper" else 0.0
    paths = paths_of(head)
    if "resultList.result.[].title" in paths:
        return 1.0
    return 0.8 if "resultList.result" in paths else 0.0


def read(file: BinaryIO) -> Iterator[Item]:
    """Yield the articles. Raises MalformedDigestError when it is neither such JSON nor safe XML."""
    start = file.read(64)
    file.seek(0)
    if start.lstrip().startswith(b"<"):
        yield from _from_xml(file)
        return
    document = read_document(file, "resultList.result")
    yield from read_papers(document, _paper)
    total = integer_of(document.value, "hitCount") if isinstance(document.value, dict) else None
    if document.records and total is not None and total > len(document.records):
        yield Remark(f"it announces {total} records and holds {len(document.records)}", "partial")


def _from_xml(file: BinaryIO) -> Iterator[Item]:
    source = name_of(file)
    data = to_utf8(file.read(), source)[0]
    refuse_entities(data, source)
    seen = 0
    for record in records_in(data, "result"):
        seen += 1
        if record.element is None:
            yield record.reject or Reject(record.line, "cannot be read", "")
            yield from [Remark("the answer is cut off", "partial")] if record.is_cut else []
        else:
            excerpt = excerpt_of(record.element.text())
            yield _paper(_as_json(record.element)) or Reject(record.line, "a record without a title", excerpt)
    total = re.search(rb"<hitCount>([0-9]{1,9})</hitCount>", data)
    if seen and total and int(total[1]) > seen:
        yield Remark(f"it announces {int(total[1])} records and holds {seen}", "partial")
    if not seen:
        yield Remark("the answer holds no record", "quiet")


def _as_json(element: Element) -> dict[str, Any]:
    """Return an element as the same answer in JSON has it: lists by their names, texts, objects."""
    found: dict[str, Any] = {}
    for each in element.children():
        inner = next(each.children(), None)
        value: Any = each.text() if inner is None or each.name in _MARKED else _as_json(each)
        if element.name.endswith("List"):
            found.setdefault(each.name, []).append(value)
        else:
            found[each.name] = value
    return found


def _paper(record: Mapping[str, Any]) -> Paper | None:
    title = html_to_line(text_of(record, "title") or "")
    if not title:
        return None
    authors, truncated = _authors(record)
    journal = object_of(record, "journalInfo")
    published = text_of(record, "firstPublicationDate", "electronicPublicationDate") or text_of(
        journal, "printPublicationDate"
    )
    published = published or text_of(record, "pubYear")
    pmid = text_of(record, "pmid") or ""
    doi = text_of(record, "doi")
    return Paper(
        title=title,
        id=f"pmid:{pmid}" if pmid.isdecimal() and not doi else "",
        version=integer_of(record, "versionNumber"),
        abstract=html_to_text(text_of(record, "abstractText") or "")[0],
        authors=authors,
        authors_truncated=truncated,
        affiliations=_affiliations(record),
        published=parse_date(published or ""),
        published_text=published,
        categories=texts_of(object_of(record, "subsetList"), "subset"),
        keywords=texts_of(object_of(record, "keywordList"), "keyword"),
        venue=text_of(object_of(journal, "journal"), "title") or text_of(record, "journalTitle", "bookOrReportDetails"),
        doi=doi,
        url=_page(record),
        pdf_url=_pdf(record),
    )


def _authors(record: Mapping[str, Any]) -> tuple[tuple[str, ...], bool]:
    """Return the people by their full names; where only the line of initials is given, by those."""
    people = objects_of(object_of(record, "authorList"), "author")
    named = (" ".join(filter(None, (text_of(each, "firstName"), text_of(each, "lastName")))) for each in people)
    names = [name or text_of(each, "collectiveName", "fullName") for name, each in zip(named, people, strict=True)]
    if any(names):
        return tuple(name for name in names if name), False
    return split_names((text_of(record, "authorString") or "").rstrip("."))


def _affiliations(record: Mapping[str, Any]) -> tuple[str, ...]:
    people = objects_of(object_of(record, "authorList"), "author")
    listed = [text_of(each, "affiliation") for each in people]
    listed += [
        text_of(place, "affiliation")
        for each in people
        for place in objects_of(object_of(each, "authorAffiliationDetailsList"), "authorAffiliation")
    ]
    return tuple(dict.fromkeys(place for place in listed if place))


def _page(record: Mapping[str, Any]) -> str | None:
    source, name = text_of(record, "source"), text_of(record, "id")
    return f"https://europepmc.org/article/{source}/{name}" if source and name else None


def _pdf(record: Mapping[str, Any]) -> str | None:
    files = objects_of(object_of(record, "fullTextUrlList"), "fullTextUrl")
    return next((text_of(each, "url") for each in files if each.get("documentStyle") == "pdf"), None)
