"""Digests into the ledger: each content once, its papers resolved and matched, in one transaction."""

import hashlib
import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from digestbot.declared import Source
from digestbot.errors import MalformedDigestError, ReadError
from digestbot.ledger import Ledger, matches, paper_updates, papers, sources
from digestbot.ledger.runs import SourceRun
from digestbot.matching import Index
from digestbot.models import Reading, Verdict
from digestbot.pipeline.fetching import Fetching, fetch
from digestbot.pipeline.indexing import standing_index
from digestbot.pipeline.matchmaking import Trouble, documents_of
from digestbot.readers import intake, read
from digestbot.readers.protocol import NamedBytes
from digestbot.sources.items import Fetched


@dataclass(frozen=True, slots=True)
class Digest:
    """A digest that may have to be read: its name, the SHA-256 of its content, and how to read it."""

    source: str
    sha256: str
    read: Callable[[], Reading]
    """Raises ReadError."""


@dataclass(frozen=True, slots=True)
class DigestReport:
    """What became of one digest."""

    source: str
    verdict: Verdict
    reason: str = ""
    papers: int = 0
    new: int = 0
    """How many of the papers nobody had seen."""
    rejects: int = 0
    matches: int = 0
    """How many promises to subscriptions it brought."""
    fetched_from: str = ""
    """The declared source that it came from; empty for a file that was given."""


@dataclass(frozen=True, slots=True)
class IngestReport:
    """What became of the digests, and which subscriptions have a query that cannot be read."""

    digests: tuple[DigestReport, ...]
    troubles: tuple[Trouble, ...] = ()
    sources: tuple[SourceRun, ...] = ()
    """How the declared sources did that were asked."""

    @property
    def failed(self) -> bool:
        """Whether something has to be looked at. What a declared source gave counts in that source's verdict."""
        verdicts = [item.verdict for item in self.sources]
        verdicts += [item.verdict for item in self.digests if not item.fetched_from]
        return bool(self.troubles) or not {"fresh", "quiet"}.issuperset(verdicts)


def digest_of(path: Path, dialect: str | None = None) -> Digest:
    """Return the digest in a file. It is read from the disk here, once, and parsed only when it is new."""
    source = str(path)
    try:
        data = intake.read_bytes(path)
    except ReadError as error:
        return _unreadable(error)
    return Digest(source, hashlib.sha256(data).hexdigest(), lambda: read(NamedBytes(data, source), source, dialect))


def ingest(
    ledger: Ledger, digests: Iterable[Digest | Reading | ReadError], now: datetime, fetching: Fetching | None = None
) -> IngestReport:
    """Take the papers of digests in and match them with the active subscriptions; one transaction a digest.

    A content that was read before is quiet and changes nothing. One that cannot be read is written down with
    its verdict. The digests are taken one after the other, so a generator keeps one in memory. Those of the
    declared sources that are due come first.
    """
    index, troubles = standing_index(ledger)
    reports: list[DigestReport] = []

    def take(item: Fetched | ReadError, source: Source) -> Reading:
        digest = _fetched(item, source)
        reading = _read(digest)  # also when its content is known: what is new to this source is counted
        reports.append(_ingest(ledger, index, replace(digest, read=lambda: reading), now, source.name))
        return reading

    asked = fetch(ledger, fetching, take, now) if fetching else ()
    reports.extend(_ingest(ledger, index, _digest(item), now) for item in digests)
    return IngestReport(tuple(reports), troubles, asked)


def _ingest(ledger: Ledger, index: Index, digest: Digest, now: datetime, fetched_from: str = "") -> DigestReport:
    with ledger.read() as tx:
        if sources.known(tx, digest.sha256):
            return DigestReport(digest.source, "quiet", "read before", fetched_from=fetched_from)
    reading = _read(digest)
    with ledger.write() as tx:
        row = sources.record(tx, reading, digest.sha256, now, fetched_from)
        recorded = papers.record(tx, row, reading.papers, now)
        touched = {stored.row: stored for stored in (*papers.of_digest(tx, row), *recorded.changed)}
        found = index.match(documents_of(tx, touched.values()))
        matched = matches.settle(tx, touched.values(), found, now)
        paper_updates.settle(tx, touched, now)
    counts = {"papers": len(reading.papers), "new": recorded.new, "rejects": len(reading.rejects)}
    return DigestReport(
        reading.source, reading.verdict, reading.reason, matches=matched, fetched_from=fetched_from, **counts
    )


def _fetched(item: Fetched | ReadError, source: Source) -> Digest:
    """Return what a source gave, to be read as the source says."""
    if isinstance(item, ReadError):
        return _unreadable(item)
    name, data = item.name, item.data
    return Digest(name, hashlib.sha256(data).hexdigest(), lambda: read(NamedBytes(data, name), name, source.dialect))


def _read(digest: Digest) -> Reading:
    try:
        return digest.read()
    except ReadError as error:
        line = f" (line {error.line})" if isinstance(error, MalformedDigestError) and error.line else ""
        return Reading(digest.source, "", (), verdict="unreadable", reason=f"{error.message}{line}")


def _digest(item: Digest | Reading | ReadError) -> Digest:
    """Return a digest that is known by its bytes, by what was read, or by why it could not be."""
    if isinstance(item, Digest):
        return item
    if isinstance(item, ReadError):
        return _unreadable(item)
    return Digest(item.source, _sha256(_content(item)), lambda: item)


def _unreadable(error: ReadError) -> Digest:
    def fail() -> Reading:
        raise error

    return Digest(error.source, _sha256(["unreadable", error.source, error.message]), fail)


def _content(reading: Reading) -> list[Any]:
    """Return all that a digest says, whatever it is called."""
    rejects = [[item.line, item.reason, item.excerpt] for item in reading.rejects]
    date = None if reading.date is None else str(reading.date)
    return [reading.dialect, date, [item.as_dict() for item in reading.papers], rejects]


def _sha256(data: Any) -> str:
    return hashlib.sha256(json.dumps(data, sort_keys=True).encode("ascii")).hexdigest()
