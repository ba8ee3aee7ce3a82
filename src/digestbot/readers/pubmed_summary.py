"""PubMed's summaries, as esummary answers: JSON with a list of uids, or XML with a ``DocSum`` each."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, BinaryIO

from digestbot.models import Paper, Reject
from digestbot.readers.feed_text import find_root
from digestbot.readers.intake import to_utf8
from digestbot.readers.json_records import object_lines, object_of, objects_of, paths_of, read_document, text_of
from digestbot.readers.markup import html_to_line
from digestbot.readers.protocol import Item, Remark, excerpt_of, name_of
from digestbot.readers.pubmed_xml import plain_title, read_pubmed_date
from digestbot.readers.xml_records import Element, records_in, refuse_entities

DIALECT = "pubmed-summary"


def sniff(head: bytes) -> float:
    """Return how sure it is: a result with uids, or the root element of the XML."""
    if head.lstrip().startswith(b"<"):
        root = find_root(head.decode("utf-8", "replace"))
        return 1.0 if root and root.name == "esummaryresult" else 0.0
    return 0.9 if {"result.uids", "result.uids.[]"} & paths_of(head) else 0.0


def read(file: BinaryIO) -> Iterator[Item]:
    """Yield the articles. Raises MalformedDigestError for what is neither JSON nor safe XML."""
    start = file.read(64)
    file.seek(0)
    seen = False
    for item in _from_xml(file) if start.lstrip().startswith(b"<") else _from_json(file):
        seen = True
        yield item
    if not seen:
        yield Remark("the answer holds no summary", "quiet")


def _from_json(file: BinaryIO) -> Iterator[Item]:
    document = read_document(file, "")
    value = document.value if isinstance(document.value, dict) else {}
    result = object_of(value, "result")
    lines = object_lines(value, document.text)
    uids = result.get("uids")
    for uid in uids if isinstance(uids, list) else []:
        record = object_of(result, str(uid))
        people = [each for each in objects_of(record, "authors") if text_of(each, "name")]
        ids = {text_of(each, "idtype"): text_of(each, "value") for each in objects_of(record, "articleids")}
        names = [html_to_line(text_of(each, "name") or "") for each in people]
        yield _paper(str(uid), record, names, ids.get("doi")) or Reject(
            lines.get(id(record), 1), text_of(record, "error") or "no summary of an article", str(uid)[:80]
        )
    if document.remark:
        yield document.remark


def _from_xml(file: BinaryIO) -> Iterator[Item]:
    source = name_of(file)
    data = to_utf8(file.read(), source)[0]
    refuse_entities(data, source)
    for record in records_in(data, "DocSum", "DocumentSummary"):
        if record.element is None:
            yield record.reject or Reject(record.line, "cannot be read", "")
            yield from [Remark("the answer is cut off", "partial")] if record.is_cut else []
            continue
        uid, fields, names = _of_element(record.element)
        yield _paper(uid, fields, names, fields.get("doi")) or Reject(
            record.line, "no summary of an article", excerpt_of(record.element.text())
        )


def _of_element(record: Element) -> tuple[str, dict[str, str], list[str]]:
    """Return the uid, the fields by their names in small letters, and the authors."""
    if record.name == "DocumentSummary":
        fields = {each.name.lower(): each.text() for each in record.children()}
        ids = {each.text("IdType"): each.text("Value") for each in record.find_all("ArticleIds/ArticleId")}
        names = [each.text("Name") for each in record.find_all("Authors/Author")]
        return record.attributes.get("uid", ""), fields | ids, names
    items = list(record.children("Item"))
    fields = {each.attributes.get("Name", "").lower(): each.text() for each in items}
    people = next((each for each in items if each.attributes.get("Name") == "AuthorList"), None)
    names = [each.text() for each in people.children("Item")] if people else []
    return record.text("Id"), fields, names


def _paper(uid: str, record: Mapping[str, Any], names: Sequence[str], doi: str | None) -> Paper | None:
    title = plain_title(
        html_to_line(text_of(record, "title") or ""), text_of(record, "vernaculartitle", "booktitle") or ""
    )
    printed = text_of(record, "pubdate", "epubdate") or ""
    if not title or not (printed or names):  # summaries of genes and the like have titles too
        return None
    return Paper(
        title=title,
        id=f"pmid:{uid}" if uid.isdecimal() else "",
        authors=tuple(name for name in names if name),
        published=read_pubmed_date(printed),
        published_text=printed or None,
        venue=text_of(record, "fulljournalname", "source") or None,
        doi=doi or None,
        url=f"https://pubmed.ncbi.nlm.nih.gov/{uid}/" if uid.isdecimal() else None,
    )
