"""Digests in, papers out: one module a dialect, one table of them.

::

    bytes ─intake→ UTF-8 ─sniff→ the surest reader ─read→ raw papers, rejects ─complete→ Reading

Every record stays as it stands in the digest, repeats too: telling which are one paper is the ledger's job.
"""

import re
from collections.abc import Iterable
from pathlib import Path
from typing import BinaryIO

from digestbot.errors import UnknownDialectError
from digestbot.models import NamedSource, Paper, PartialDate, Reading, Reject, Verdict
from digestbot.readers import (
    alert,
    arxiv_list,
    arxiv_mail,
    bibtex,
    biorxiv,
    crossref,
    daily_papers,
    delimited,
    endnote,
    europe_pmc,
    feeds,
    hugging_face,
    hugging_face_page,
    intake,
    jats,
    json_feed,
    json_lines,
    listing,
    mail,
    markdown_list,
    markdown_table,
    medline,
    oai_pmh,
    openalex,
    openreview,
    opml,
    paper_json,
    paper_lines,
    paper_page,
    papers_scrape,
    pubmed_summary,
    pubmed_xml,
    ris,
    row_json,
    scholar,
    semantic_scholar,
    web_of_science,
)
from digestbot.readers.completion import complete, with_plain_names
from digestbot.readers.protocol import Item, NamedBytes, Reader, Remark

READERS: tuple[Reader, ...] = (
    daily_papers,
    papers_scrape,
    listing,
    markdown_list,
    markdown_table,
    feeds,
    json_feed,
    json_lines,
    hugging_face,
    semantic_scholar,
    openalex,
    crossref,
    biorxiv,
    europe_pmc,
    openreview,
    oai_pmh,
    pubmed_xml,
    pubmed_summary,
    jats,
    medline,
    ris,
    endnote,
    web_of_science,
    bibtex,
    delimited,
    opml,
    row_json,
    paper_lines,
    paper_json,
    mail,
    arxiv_mail,
    arxiv_list,
    scholar,
    alert,
    paper_page,
    hugging_face_page,
)

_HEAD = 64 * 1024  # bytes a reader may look at
_BLANK = re.compile(  # what str.strip takes for white space, in UTF-8
    rb"(?:[\s\x1c-\x1f]|\xc2[\x85\xa0]|\xe1\x9a\x80|\xe2\x80[\x80-\x8a\xa8\xa9\xaf]|\xe2\x81\x9f|\xe3\x80\x80)*+"
)
_SURE_ENOUGH = 0.3
_TOO_CLOSE = 0.1


def read_path(path: Path, dialect: str | None = None, limit: int = intake.LIMIT) -> Reading:
    """Return what the digest in a file holds.

    `dialect` names the reader to use; without it the surest is taken. `limit` is in bytes. Raises ReadError
    (UnknownDialectError, MalformedDigestError) for whatever keeps it from being read; never OSError.
    """
    return _read(intake.read_bytes(path, limit), str(path), dialect)


def read(file: BinaryIO, source: str, dialect: str | None = None, limit: int = intake.LIMIT) -> Reading:
    """Return what the digest in an open file holds; `source` is its name for people. Raises as `read_path`."""
    return _read(intake.take(file, source, limit), source, dialect)


def _read(data: bytes, source: str, dialect: str | None) -> Reading:
    clean, note = intake.to_utf8(data, source)
    blank = _BLANK.match(clean)
    start = blank.end() if blank else 0
    reader, doubt = _choose(clean[start : start + _HEAD], source, dialect)
    items = reader.read(NamedBytes(clean, source, data))
    return _reading(source, reader.DIALECT, items, [note, doubt])


def _choose(head: bytes, source: str, dialect: str | None) -> tuple[Reader, str]:
    """Return the reader for what begins with `head`, and a note when another was as sure."""
    names = [reader.DIALECT for reader in READERS]
    if dialect is not None:
        for reader in READERS:
            if dialect == reader.DIALECT:
                return reader, ""
        message = f"there is no dialect {dialect!r}; it is one of {', '.join(names)}"
        raise UnknownDialectError(message, source=source, tried=names)
    (sure, best), (next_sure, next_best) = sorted(
        ((reader.sniff(head), reader) for reader in READERS), key=lambda pair: -pair[0]
    )[:2]
    if sure < _SURE_ENOUGH:
        raise UnknownDialectError(_unknown(head, names), source=source, tried=names)
    doubtful = sure - next_sure < _TOO_CLOSE and next_sure >= _SURE_ENOUGH
    return best, f"it could also be {next_best.DIALECT}; name the dialect to be sure" if doubtful else ""


def _unknown(head: bytes, names: Iterable[str]) -> str:
    """Say that nobody knows this form, and what to do about it."""
    begin = head[:1024].lstrip().lower()
    if begin.startswith((b"<!doctype html", b"<html")):
        return "is a web page, and no reader knows its form; give the feed it links to, or the text of the page"
    return f"no reader knows this form; name one of {', '.join(names)} to try it anyway"


def _reading(source: str, dialect: str, items: Iterable[Item], notes: list[str]) -> Reading:
    """Gather what a reader yields. The first date is the digest's; the gravest remark is its verdict."""
    papers: list[Paper] = []
    rejects: list[Reject] = []
    dates: list[PartialDate] = []
    remarks: list[Remark] = []
    sources: list[NamedSource] = []
    for item in items:
        match item:
            case Paper():
                papers.append(complete(item if dialect == json_lines.DIALECT else with_plain_names(item)))
            case Reject():
                rejects.append(item)
            case PartialDate():
                dates.append(item)
            case Remark():
                remarks.append(item)
            case NamedSource():
                sources.append(item)
    verdict, why = _verdict(bool(papers or sources), rejects, remarks)
    reason = "; ".join(dict.fromkeys(text for text in (why, *(remark.reason for remark in remarks), *notes) if text))
    date = dates[0] if dates else None
    return Reading(source, dialect, tuple(papers), tuple(rejects), date, verdict, reason, tuple(sources))


def _verdict(found: bool, rejects: list[Reject], remarks: list[Remark]) -> tuple[Verdict, str]:
    """Return the verdict, and why where no remark says it. `found` is whether there was anything but rejects."""
    said = [remark.verdict for remark in remarks if remark.verdict]
    for grave in ("unreadable", "partial"):
        if grave in said:
            return grave, ""
    if found:
        return (said[0] if said else "fresh"), ""
    if rejects:
        return "unreadable", f"none of its {len(rejects)} entries could be read: {rejects[0].reason}"
    return (said[0], "") if said else ("unreadable", "it holds no paper")
