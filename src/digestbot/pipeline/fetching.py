"""Declared sources into the ledger: each that is due is asked, what it gives is ingested, and it gets its verdict.

What a source wants to remember is written down after its digests are in the ledger. A run that is killed in
between fetches them again, finds them known, and nothing is lost or doubled.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from hashlib import blake2b, sha256
from typing import Any, Final

from digestbot.declared import Source
from digestbot.errors import FetchError, ReadError
from digestbot.expectations import WEEKS, YEAR, overdue, silence
from digestbot.ledger import Ledger, runs
from digestbot.ledger.runs import Memory, SourceRun
from digestbot.models import Paper, Reading, SourceState
from digestbot.pipeline.verdicts import Tally, judge
from digestbot.sources.items import Fetched, Item, Notice, Open, Remember, Unread
from digestbot.tracing import Trace, untraced

_EARLY: Final = 0.95
"""A round that comes a little early counts: cron is not exact, and a day's interval must not skip a day."""
_FLUSH: Final = 50
"""Digests after which what a source remembers is written down, at the latest."""

Take = Callable[[Fetched | ReadError, Source], Reading]
"""Ingests one digest of a source and returns what was read of it."""


@dataclass(frozen=True, slots=True)
class Fetching:
    """Which sources there are, and how they are asked."""

    sources: Sequence[Source]
    open: Open
    stop: Callable[[], bool] = lambda: False
    """Asked between digests: whether to leave the rest for later."""
    trace: Trace = untraced
    """Opens a span for each source that is asked."""


def fetch(ledger: Ledger, fetching: Fetching, take: Take, now: datetime) -> tuple[SourceRun, ...]:
    """Ask every source that is due, and return how each did. One that was stopped on the way has no verdict."""
    reports = []
    for source in fetching.sources:
        asked = asked_of(source)
        with ledger.read() as tx:
            memory = runs.recall(tx, source.name, asked, now)
        if fetching.stop() or not is_due(source, memory, now):
            continue
        with fetching.trace("fetch", source=source.name, kind=source.kind) as note:
            run = _Run(ledger, source, asked, memory, now)
            if run.go(fetching, take):
                reports.append(done := run.end())
                note(verdict=done.verdict, digests=done.digests, papers=done.papers, news=done.news)
    return tuple(reports)


def is_due(source: Source, memory: Memory, now: datetime) -> bool:
    """Return whether a source is to be asked now: its interval is over, and it does not want to be left alone."""
    if memory.asked_at is None:
        return True
    if memory.wait_until and now < memory.wait_until:
        return False
    return abs(now - memory.asked_at) >= _interval(source)  # a clock that was set back stops nothing


def next_at(source: Source, memory: Memory) -> datetime:
    """Return from when on a source may be asked again."""
    begun = memory.asked_at or memory.begun_at
    due = begun + _interval(source) if memory.asked_at else begun
    return max(due, memory.wait_until) if memory.wait_until else due


def _interval(source: Source) -> timedelta:
    return timedelta(seconds=source.every * _EARLY)


def asked_of(source: Source) -> str:
    """Return what a source is asked for, as a fingerprint: when that changes, what it remembers is of no use."""
    asked = (
        source.kind,
        source.path,
        source.pattern,
        source.url,
        source.categories,
        source.query,
        source.filter,
        source.server,
        source.host,
        source.port,
        source.user,
        source.mailbox,
        source.senders,
    )
    return sha256(repr(asked).encode("utf-8", "surrogatepass")).hexdigest()[:16]


class _Run:
    """One run of one source."""

    def __init__(self, ledger: Ledger, source: Source, asked: str, memory: Memory, now: datetime) -> None:
        self._ledger, self._source, self._asked, self._now = ledger, source, asked, now
        self._before, self._memory = memory, memory
        self._seen = set(memory.seen)
        self._unwritten = 0
        self._tally = Tally()

    def go(self, fetching: Fetching, take: Take) -> bool:
        """Take in what the source gives; return whether it came to an end of its own."""
        try:
            for item in fetching.open(self._source, self._before.state, self._now):
                self._accept(item, take)
                if fetching.stop():
                    self._write()
                    return False
        except FetchError as error:
            self._tally.failure = error
            if fetching.stop():  # it was us who broke off
                self._write()
                return False
        return True

    def end(self) -> SourceRun:
        """Give the verdict, and write it down with what is to be remembered."""
        source, tally, now = self._source, self._tally, self._now
        since = self._memory.news_at or self._memory.begun_at
        with self._ledger.read() as tx:
            history = runs.looks(tx, source.name, since - timedelta(weeks=WEEKS), now)
            history += runs.looks(tx, source.name, since - YEAR, now - YEAR + timedelta(days=2))
        late = overdue(source.expect, since, now, history)
        verdict, reason = judge(tally, late, since, silence(source.expect, since, now, history))
        run = SourceRun(source.name, now, verdict, reason, len(tally.digests), tally.papers, tally.news)
        wanted = tally.failure.retry_after if tally.failure else None
        wait = now + timedelta(seconds=wanted) if wanted else None
        self._memory = replace(self._memory, asked_at=now, wait_until=wait)
        with self._ledger.write() as tx:
            runs.remember(tx, source.name, self._asked, self._memory)
            runs.record(tx, run)
        return run

    def _accept(self, item: Item, take: Take) -> None:
        match item:
            case Remember(values):
                self._remember(values)
            case Notice(reason, verdict):
                self._tally.notices.append((reason, verdict))
            case Unread():
                self._read(take(ReadError(item.reason, source=item.name), self._source))
                self._remember(item.remember)
            case Fetched():
                reading = take(item, self._source)
                self._read(reading)
                if reading.verdict != "unreadable" or item.once:
                    self._remember(item.remember)

    def _read(self, reading: Reading) -> None:
        """Count what a digest brought."""
        self._tally.digests.append(SourceState(reading.source, reading.verdict, reading.reason))
        marks = dict.fromkeys(map(_mark, reading.papers))
        news = [mark for mark in marks if mark not in self._seen]
        self._tally.papers += len(reading.papers)
        self._tally.news += len(news)
        if news:
            self._seen.update(news)
            self._memory = replace(self._memory, seen=(*self._memory.seen, *news), news_at=self._now)
        self._unwritten += 1
        if self._unwritten >= _FLUSH:
            self._write()

    def _remember(self, values: Mapping[str, Any]) -> None:
        state = {**self._memory.state, **values}
        self._memory = replace(self._memory, state={key: value for key, value in state.items() if value is not None})

    def _write(self) -> None:
        with self._ledger.write() as tx:
            runs.remember(tx, self._source.name, self._asked, self._memory)
        self._unwritten = 0


def _mark(paper: Paper) -> str:
    """Return what tells a paper from others and from its own other versions; how often it was liked does not."""
    text = f"{paper.id}\0{paper.version}\0{paper.announce_type}"
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=6).hexdigest()
