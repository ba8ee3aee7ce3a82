"""The verbs that do the work: each of the three steps alone, all of them once, and all of them again and again."""

import signal
import sqlite3
import tempfile
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager, nullcontext
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from digestbot.addresses import masked
from digestbot.cli.context import SOME_FAILED, Cli, Clock, clean, json_option, now_option, print_json, progress
from digestbot.cli.returned import print_back, returned
from digestbot.cli.writing import write_sentences
from digestbot.errors import ConfigError

if TYPE_CHECKING:
    from digestbot.cli.workplace import Workplace
    from digestbot.pipeline import DeliverReport, Delivery, IngestReport, PublishReport

_DRY = click.option("--dry-run", is_flag=True, help="Work on a copy of the ledger and send nothing.")
_SQLITE: Final = "sqlite:///"


@contextmanager
def opened(obj: Cli, clock: Clock, *, dry_run: bool = False) -> Iterator["Workplace"]:
    """Open what the steps work on; in a dry run, a copy of the ledger that is thrown away."""
    from digestbot.cli.steps import tracer  # noqa: PLC0415 (kept out of --help)
    from digestbot.cli.workplace import workplace  # noqa: PLC0415
    from digestbot.pipeline import collecting_rarely  # noqa: PLC0415

    settings = obj.settings()
    if not dry_run:
        with tracer() as trace, workplace(settings, clock, owner=True, trace=trace) as place, collecting_rarely():
            yield place
        return
    with tempfile.TemporaryDirectory(prefix="digestbot-") as folder:
        copy = Path(folder) / "ledger.db"
        _copy(settings.ledger, copy)
        with workplace(settings, clock, owner=True, ledger_url=f"{_SQLITE}{copy}") as place:
            yield place


def _copy(url: str, target: Path) -> None:
    """Copy the ledger as it stands, beside a running step too. Raises ConfigError when it is not SQLite."""
    if not url.startswith(_SQLITE):
        raise ConfigError("--dry-run needs a ledger on SQLite", path="digestbot.toml")
    path = Path(url.removeprefix(_SQLITE))
    if path.exists():
        with closing(sqlite3.connect(path)) as source, closing(sqlite3.connect(target)) as copy:
            source.backup(copy)


@click.command("ingest")
@click.argument("files", nargs=-1, metavar="[FILE]...", type=click.Path())
@now_option
@_DRY
@json_option
@click.pass_context
def ingest_command(ctx: click.Context, files: Sequence[str], clock: Clock, dry_run: bool, as_json: bool) -> None:
    """Take new digests in and match their papers: those named, or else those of the settings and of its sources."""
    from digestbot.cli.steps import ingest  # noqa: PLC0415 (kept out of --help)

    with opened(ctx.obj, clock, dry_run=dry_run) as place:
        with _watched(place, files) as digests:
            report = ingest(place, digests, clock(), None if files else place.fetching())
        print_ingested(report, as_json=as_json)
        ctx.exit(SOME_FAILED if report.failed or place.faults else 0)


@click.command("publish")
@now_option
@_DRY
@json_option
@click.pass_context
def publish_command(ctx: click.Context, clock: Clock, dry_run: bool, as_json: bool) -> None:
    """Make the editions that are due and put them into the outbox."""
    from digestbot.cli.steps import publish  # noqa: PLC0415 (kept out of --help)

    with opened(ctx.obj, clock, dry_run=dry_run) as place:
        if place.settings.summaries.endpoint and not dry_run:
            write_sentences(place, clock(), _never, as_json=as_json)
        report = publish(place, clock())
        print_published(report, as_json=as_json)
        ctx.exit(SOME_FAILED if report.failed or place.faults else 0)


@click.command("deliver")
@now_option
@json_option
@click.pass_context
def deliver_command(ctx: click.Context, clock: Clock, as_json: bool) -> None:
    """Hand over what is due in the outbox."""
    with opened(ctx.obj, clock) as place:
        report = delivered_by(place, clock, None, as_json=as_json)
        ctx.exit(SOME_FAILED if report.failed or place.faults else 0)


@click.command("run")
@now_option
@_DRY
@json_option
@click.pass_context
def run_command(ctx: click.Context, clock: Clock, dry_run: bool, as_json: bool) -> None:
    """Do the three steps once and exit: ingest, publish, deliver. For cron or a timer."""
    with opened(ctx.obj, clock, dry_run=dry_run) as place, place.trace("round") as note:
        failed = one_round(place, clock, as_json=as_json, dry_run=dry_run)
        note(failed=failed)
    ctx.exit(SOME_FAILED if failed else 0)


def one_round(
    place: "Workplace",
    clock: Clock,
    *,
    as_json: bool,
    dry_run: bool = False,
    stop: Callable[[], bool] | None = None,
) -> bool:
    """Do the three steps and print what became of them; return whether something has to be looked at.

    `stop` is asked before each digest of a source and each message: whether to leave the rest for later. Without
    it, a signal ends the first two steps at once, which leaves nothing half done, and the third in good order.
    """
    from digestbot.cli.steps import ingest, publish  # noqa: PLC0415 (kept out of --help)
    from digestbot.pipeline import DeliverReport  # noqa: PLC0415

    now: datetime = clock()
    with _watched(place, ()) as digests:
        ingested = ingest(place, digests, now, place.fetching(stop or _never))
    print_ingested(ingested, as_json=as_json)
    if place.settings.links.visit:
        _visit(place, now, as_json=as_json)
    came_back = returned(place, now)
    print_back(came_back, as_json=as_json)
    if place.settings.summaries.endpoint and not dry_run:
        write_sentences(place, now, stop or _never, as_json=as_json)
    published = publish(place, now)
    print_published(published, as_json=as_json)
    delivered = DeliverReport() if dry_run else delivered_by(place, clock, stop, as_json=as_json)
    failed = ingested.failed or published.failed or delivered.failed or bool(place.faults or came_back.troubles)
    _print_sum(ingested, published, delivered, as_json=as_json)
    return failed


def _visit(place: "Workplace", now: datetime, *, as_json: bool) -> None:
    from digestbot.cli.linking import print_visited  # noqa: PLC0415 (it needs this module)
    from digestbot.pipeline.visiting import visit  # noqa: PLC0415 (kept out of --help)

    print_visited(visit(place.ledger, place.asking(), now), as_json=as_json)


@contextmanager
def _watched(place: "Workplace", files: Sequence[str]) -> Iterator[Any]:
    """Yield the digests, with a bar on a terminal."""
    from digestbot.cli.workplace import digest_files  # noqa: PLC0415 (kept out of --help)

    total = len(digest_files(files or place.settings.digests, named=bool(files)))
    with progress(place.digests(files), label="digests", total=total) as digests:
        yield digests


def print_ingested(report: "IngestReport", *, as_json: bool) -> None:
    """Print how each source did, and what became of each digest that is not simply known already."""
    for run in report.sources:
        if as_json:
            print_json({"source": asdict(run) | {"at": run.at.isoformat()}})
        else:
            why = f": {run.reason}" if run.reason else ""
            counts = f"{run.digests} digests, {run.papers} papers, {run.news} new to it"
            click.echo(clean(f"{run.source}: {run.verdict}{why} ({counts})"))
    for item in report.digests:
        if as_json:
            print_json({"ingested": asdict(item)})
            continue
        if item.reason == "read before":
            continue
        counts = f"{item.papers} papers, {item.new} new, {item.matches} matches, {item.rejects} rejects"
        why = f": {item.reason}" if item.reason else ""
        click.echo(clean(f"{item.source}: {item.verdict}{why} ({counts})"))
    for trouble in report.troubles:
        _print_trouble(trouble.subscription, trouble.reason, as_json=as_json)


def print_published(report: "PublishReport", *, as_json: bool) -> None:
    """Print each edition that entered the outbox, and what stood in the way of others."""
    for issue in report.issues:
        if as_json:
            facts = {name: value for name, value in asdict(issue).items() if name != "address"}
            print_json({"published": facts | {"due": issue.due.isoformat()}})
        else:
            click.echo(clean(f"{issue.subscription}: {issue.subject}"))
    for name in report.empty:
        if as_json:
            print_json({"empty": {"subscription": name}})
        else:
            click.echo(clean(f"{name}: nothing new"))
    for trouble in report.troubles:
        _print_trouble(trouble.subscription, trouble.reason, as_json=as_json)


def _print_trouble(subscription: str, reason: str, *, as_json: bool) -> None:
    if as_json:
        print_json({"trouble": {"subscription": subscription, "reason": reason}})
    else:
        click.echo(f"digestbot: {clean(subscription)}: {reason}", err=True)


def _never() -> bool:
    return False


def delivered_by(
    place: "Workplace", clock: Clock, stop: Callable[[], bool] | None, *, as_json: bool
) -> "DeliverReport":
    """Deliver what is due and print what becomes of it. SIGTERM and Ctrl-C let what is under way come to its end."""
    from digestbot.cli.steps import deliver  # noqa: PLC0415 (kept out of --help)

    with nullcontext(stop) if stop else _stopped_by_signals() as asked:
        terms = place.terms(asked, lambda item: _print_delivery(item, as_json=as_json))
        report = deliver(place, clock, terms)
    for reason in report.held:
        if as_json:
            print_json({"held": {"reason": reason}})
        else:
            click.echo(f"digestbot: {clean(reason)}", err=True)
    return report


@contextmanager
def _stopped_by_signals() -> Iterator[Callable[[], bool]]:
    """Yield what tells whether a signal has asked us to stop; the second one of a kind ends us at once."""
    stop = threading.Event()
    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}

    def ask(number: int, _frame: object) -> None:
        stop.set()
        signal.signal(number, before[signal.Signals(number)])

    for number in before:
        signal.signal(number, ask)
    try:
        yield stop.is_set
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _print_delivery(item: "Delivery", *, as_json: bool) -> None:
    """Print what became of a message; what did not go out, on standard error."""
    said = masked(item.said)  # what is printed ends in a journal that others read
    if as_json:
        facts = {name: value for name, value in asdict(item).items() if name != "address"}
        print_json({"delivered": facts | {"said": said}})
    else:
        place = f"{item.channel} {masked(item.address)}".strip()
        click.echo(clean(f"{place}: {item.state}: {said}"), err=item.state != "sent")


def _print_sum(
    ingested: "IngestReport", published: "PublishReport", delivered: "DeliverReport", *, as_json: bool
) -> None:
    """Print one line for the journal."""
    new = [item for item in ingested.digests if item.reason != "read before"]
    facts = {
        "digests": len(new),
        "papers": sum(item.new for item in new),
        "editions": len(published.issues),
        "sent": delivered.count("sent"),
        "put_off": delivered.count("due"),
        "failed": delivered.count("failed"),
        "in_doubt": delivered.count("in_doubt"),
    }
    if as_json:
        print_json({"round": facts})
    else:
        words = ", ".join(f"{count} {name.replace('_', ' ')}" for name, count in facts.items())
        click.echo(words)
