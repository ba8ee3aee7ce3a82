"""``serve``: the three steps as jobs that go on until it is stopped, and the web application beside them."""

import glob
import logging
import signal
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Final

import click

from digestbot.cli.answering import answering, web_option
from digestbot.cli.context import Clock, json_option
from digestbot.cli.measuring import measuring, metrics_option
from digestbot.cli.returned import print_back, returned
from digestbot.cli.rounds import delivered_by, opened, print_ingested, print_published
from digestbot.cli.systemd import tell, watchdog
from digestbot.cli.writing import write_sentences

if TYPE_CHECKING:
    from digestbot.cli.workplace import Workplace
    from digestbot.config import Settings
    from digestbot.declared import Source
    from digestbot.models import Fault
    from digestbot.pipeline import Fetching
    from digestbot.pipeline.visiting import Begin
    from digestbot.scheduler import Job, Pulse

_LOG: Final = logging.getLogger("digestbot.serve")
_LOOK: Final = timedelta(seconds=2)
_VISITS: Final = timedelta(minutes=10)
"""Between two rounds of visits to links, at least."""
_READ, _PUBLISH, _DELIVER, _BOUNCES, _LINKS = "read", "publish", "deliver", "bounces", "links"


class _Service:
    """The jobs of a service, and what they share."""

    def __init__(self, place: "Workplace", clock: Clock, stop: Callable[[], bool], *, as_json: bool) -> None:
        self._place, self._clock, self._stop, self._as_json = place, clock, stop, as_json
        self._faults: Sequence[Fault] = place.faults
        self._ready = False

    def jobs(self, every: timedelta) -> "Iterator[Job]":
        """Yield what is to be done, each in its lane: asking sources takes long, and so may a mail server."""
        from digestbot.pipeline import housekeeping  # noqa: PLC0415 (kept out of --help)
        from digestbot.scheduler import Job  # noqa: PLC0415

        yield Job(_READ, self._read, every)
        yield Job(_PUBLISH, self._publish, every)
        yield Job(_DELIVER, self._deliver, every, "deliver")
        fetching = self._place.fetching(self._stop)
        for one in _each(fetching) if fetching else ():
            yield Job(f"fetch {one.sources[0].name}", partial(self._fetch, one), every, "fetch")
        if self._place.settings.links.visit:
            begin = self._place.asking(self._stop)
            yield Job(_LINKS, partial(self._visit, begin), max(every, _VISITS), _LINKS)
        yield Job(_BOUNCES, self._take_back, every, "bounces")
        first = housekeeping.next_at(self._place.ledger)
        yield Job(housekeeping.NAME, self._keep_house, housekeeping.EVERY, first=first)

    def _read(self) -> Iterable[str]:
        from digestbot.cli.steps import ingest  # noqa: PLC0415 (kept out of --help)

        report = ingest(self._place, self._place.digests(), self._clock())
        print_ingested(report, as_json=self._as_json)
        if not self._ready:
            self._ready = True
            tell("READY=1")
            click.echo("digestbot is ready", err=True)
        return [_PUBLISH] if any(item.matches for item in report.digests) else []

    def _fetch(self, fetching: "Fetching") -> Iterable[str]:
        from digestbot.cli.steps import ingest  # noqa: PLC0415 (kept out of --help)

        report = ingest(self._place, (), self._clock(), fetching)
        print_ingested(report, as_json=self._as_json)
        return [_PUBLISH] if any(item.matches for item in report.digests) else []

    def _visit(self, begin: "Begin") -> Iterable[str]:
        from digestbot.cli.linking import print_visited  # noqa: PLC0415 (kept out of --help)
        from digestbot.pipeline.visiting import visit  # noqa: PLC0415

        report = visit(self._place.ledger, begin, self._clock(), self._stop)
        print_visited(report, as_json=self._as_json)
        return [_PUBLISH] if report.matches or any(item.arrived for item in report.visited) else []

    def _publish(self) -> Iterable[str]:
        from digestbot.cli.steps import publish  # noqa: PLC0415 (kept out of --help)

        self._declare()
        if self._place.settings.summaries.endpoint:
            write_sentences(self._place, self._clock(), self._stop, as_json=self._as_json)
        report = publish(self._place, self._clock())
        print_published(report, as_json=self._as_json)
        return [_DELIVER] if report.issues else []

    def _declare(self) -> None:
        """Read the subscription files again; what is wrong in them is told when it changes."""
        from digestbot.cli.workplace import declare, tell_faults  # noqa: PLC0415 (kept out of --help)

        faults = declare(self._place.ledger, self._place.settings, self._clock()).faults
        if faults != self._faults:
            tell_faults(faults)
            self._faults = faults

    def _deliver(self) -> Iterable[str]:
        delivered_by(self._place, self._clock, self._stop, as_json=self._as_json)
        return []

    def _take_back(self) -> Iterable[str]:
        report = returned(self._place, self._clock(), stop=self._stop)
        print_back(report, as_json=self._as_json)
        return []

    def _keep_house(self) -> Iterable[str]:
        from digestbot.pipeline import housekeeping  # noqa: PLC0415 (kept out of --help)

        dropped = housekeeping.keep_house(self._place.ledger, self._clock())
        _LOG.info("dropped the bytes of %d messages that went out long ago", dropped)
        return []


def _each(fetching: "Fetching") -> "list[Fetching]":
    """Return the fetching of each source by itself; they share the paces that hosts want."""
    return [replace(fetching, sources=(source,)) for source in fetching.sources]


@click.command("serve")
@click.option("--every", default=60.0, show_default=True, type=click.FloatRange(1, 3600), help="Seconds between looks.")
@web_option
@metrics_option
@json_option
@click.pass_context
def serve_command(ctx: click.Context, every: float, web: str | None, metrics: str | None, as_json: bool) -> None:
    """Keep the three steps running: new digests, what is due, what waits in the outbox."""
    from digestbot.scheduler import Pulse, serve  # noqa: PLC0415 (kept out of --help)

    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    settings, clock = ctx.obj.settings(), Clock()
    pulse = Pulse()
    click.echo(f"digestbot looks every {every:g} s; stop it with Ctrl-C", err=True)
    with answering(settings, web, pulse), measuring(settings, metrics, clock), opened(ctx.obj, clock) as place:
        service = _Service(place, clock, stop.is_set, as_json=as_json)
        serve([*service.jobs(timedelta(seconds=every)), _watching(settings), *_signs_of_life(pulse)], stop, pulse)
        tell("STOPPING=1")


def _watching(settings: "Settings") -> "Job":
    """Return the job that wakes the reading of digests when a folder of theirs has changed and is at rest."""
    from digestbot.scheduler import Job, Watch  # noqa: PLC0415 (kept out of --help)

    patterns = (*settings.digests, *folder_patterns(settings.sources))
    watch = Watch(lambda: _seen(patterns))
    return Job("watch", lambda: [_READ] if watch.changed() else [], _LOOK, "watch")


def _signs_of_life(pulse: "Pulse") -> "Iterator[Job]":
    """Yield the job that keeps the service manager's watchdog quiet, as long as no other job has fallen silent."""
    from digestbot.scheduler import Job  # noqa: PLC0415 (kept out of --help)

    def ping() -> Iterable[str]:
        silent = pulse.silent(datetime.now(UTC))
        if silent:
            _LOG.error("these jobs have not ended for long: %s", ", ".join(silent))
        else:
            tell("WATCHDOG=1")
        return []

    if (wanted := watchdog()) is not None:
        yield Job("watchdog", ping, wanted, "watchdog")


def folder_patterns(sources: "Sequence[Source]") -> list[str]:
    """Return the patterns of files that the sources wait for, as `glob` knows them."""
    folders = [f"{glob.escape(item.path)}/{item.pattern}" for item in sources if item.kind == "folder"]
    return folders + [item.pattern for item in sources if item.kind == "glob"]


def _seen(patterns: Sequence[str]) -> tuple[tuple[str, int, int], ...]:
    """Return name, size and time of change (ns) of every digest file."""
    from digestbot.cli.workplace import digest_files  # noqa: PLC0415 (kept out of --help)

    seen = []
    for path in digest_files(patterns):
        with suppress(OSError):  # it vanished between the two looks
            state = path.stat()
            seen.append((str(path), state.st_size, state.st_mtime_ns))
    return tuple(seen)
