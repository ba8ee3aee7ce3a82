"""Everything that would stop an edition, looked at before it does: each finding says what to do."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal

import click

from digestbot.cli.context import SOME_FAILED, Clock, clean, json_option, print_json
from digestbot.errors import DigestbotError, QueryError

if TYPE_CHECKING:
    from digestbot.cli.workplace import Workplace
    from digestbot.config import Settings

_LITTLE_SPACE: Final = 100 * 2**20
_AT_HOME: Final = frozenset({"folder", "glob", "maildir", "mbox", "imap"})
"""Kinds of sources that nobody else has a hand in."""
_MARKS: Final = {"ok": "ok   ", "look": "look ", "fault": "FAULT"}


@dataclass(frozen=True, slots=True)
class _Finding:
    """What one look found. ``look`` is worth a look and stops nothing; ``fault`` does."""

    about: str
    state: Literal["ok", "look", "fault"]
    message: str


@click.command("doctor")
@json_option
@click.pass_context
def doctor_command(ctx: click.Context, as_json: bool) -> None:
    """Check everything that would stop an edition: settings, subscriptions, templates, mail server, disk, clock."""
    failed = False
    for finding in _examine(ctx.obj.settings()):
        failed |= finding.state == "fault"
        if as_json:
            print_json({"finding": asdict(finding)})
        else:
            click.echo(f"{_MARKS[finding.state]} {finding.about}: {clean_lines(finding.message)}")
    ctx.exit(SOME_FAILED if failed else 0)


def clean_lines(text: str) -> str:
    """Return text from outside fit for a terminal, its line ends kept."""
    return "\n      ".join(clean(line) for line in text.splitlines())


def _examine(settings: "Settings") -> Iterator[_Finding]:
    from digestbot.cli.workplace import workplace  # noqa: PLC0415 (kept out of --help)

    yield _Finding("settings", "ok", str(settings.path or "the defaults; digestbot init writes a file"))
    yield from _subscriptions(settings)
    try:
        with workplace(settings, Clock(), owner=False) as place:
            yield _Finding("ledger", "ok", place.ledger.path)
            yield from _queries(place)
            yield from _clock(place)
            yield from _templates(place)
            yield from _mail(place)
            yield from _signatures(place)
            yield from _bounces(place)
            yield from _chats(place)
    except DigestbotError as error:
        yield _Finding("ledger", "fault", str(error))
    yield from _digests(settings)
    yield from _disk(settings)


def _subscriptions(settings: "Settings") -> Iterator[_Finding]:
    from digestbot.cli.workplace import fault_text  # noqa: PLC0415 (kept out of --help)
    from digestbot.subscriptions import load_folder  # noqa: PLC0415

    try:
        declared = load_folder(settings.subscriptions)
    except DigestbotError as error:
        yield _Finding("subscriptions", "fault", f"{error}; digestbot init makes one")
        return
    for fault in declared.faults:
        yield _Finding("subscriptions", "fault", fault_text(fault))
    count = len(declared.subscriptions)
    yield _Finding("subscriptions", "ok" if count else "look", f"{count} in {settings.subscriptions}")


def _queries(place: "Workplace") -> Iterator[_Finding]:
    """Tell of the queries that cost as much as hundreds of others."""
    from digestbot.ledger import subscriptions  # noqa: PLC0415 (kept out of --help)
    from digestbot.matching import cost  # noqa: PLC0415

    with place.ledger.read() as tx:
        for name, text in subscriptions.asked(tx):
            with suppress(QueryError):  # a subscription that is faulty was told of
                yield from (_Finding("queries", "look", f"{name}: {said}") for said in cost.remarks_on(text))


def _clock(place: "Workplace") -> Iterator[_Finding]:
    """Compare the clock with the ledger: one that was set back sends nothing until it has caught up."""
    from digestbot.ledger import sources  # noqa: PLC0415 (kept out of --help)

    now = datetime.now(UTC)
    with place.ledger.read() as tx:
        newest = [row.read_at for row in sources.latest(tx, 1)]
    if newest and newest[0] > now + timedelta(minutes=5):
        yield _Finding("clock", "fault", f"it says {now:%Y-%m-%d %H:%M} UTC, before the last digest came in; set it")
    else:
        yield _Finding("clock", "ok", f"{now:%Y-%m-%d %H:%M} UTC")


def _templates(place: "Workplace") -> Iterator[_Finding]:
    """Render an edition of nothing in every form: what fails here fails for everybody."""
    from digestbot.cli.looking import FORMS, rendered  # noqa: PLC0415 (kept out of --help)
    from digestbot.editions import compose  # noqa: PLC0415
    from digestbot.models import Match, Paper, Proof, Subscription  # noqa: PLC0415

    sample = Subscription("sample", "Sample", "sample", channel="folder")
    matches = [Match("sample", Paper("A sample title", id="title:sample", abstract="We present a sample."), ())]
    edition = compose(sample, matches, datetime.now(UTC), Proof(papers=1, matched=1))
    names = ", ".join(str(folder) for folder in place.settings.templates) or "as shipped"
    try:
        for form in FORMS:
            rendered(place, edition, form)
        place.press.renderer.brief(edition, "md")
        place.press.renderer.brief(edition, "txt")
        place.press.renderer.unsubscribe(sample.name, "active")
        place.press.renderer.notice("A sample", "It says nothing.")
    except DigestbotError as error:
        yield _Finding("templates", "fault", str(error))
    else:
        yield _Finding("templates", "ok", names)


def _mail(place: "Workplace") -> Iterator[_Finding]:
    from digestbot.cli.workplace import mail_channel  # noqa: PLC0415 (kept out of --help)
    from digestbot.ledger import subscriptions  # noqa: PLC0415

    with place.ledger.read() as tx:
        wanted = sum(standing.subscription.channel == "email" for standing in subscriptions.active(tx))
    if place.settings.smtp is None:
        state: Literal["fault", "ok"] = "fault" if wanted else "ok"
        yield _Finding("mail", state, f"no [smtp]; {wanted} subscriptions want mail")
        return
    try:
        with mail_channel(place.settings) as channel:
            yield _Finding("mail", "ok", channel.probe())
    except DigestbotError as error:
        yield _Finding("mail", "fault", str(error))


def _chats(place: "Workplace") -> Iterator[_Finding]:
    """Look at what chats and webhooks need; nothing is sent."""
    from digestbot.ledger import subscriptions  # noqa: PLC0415 (kept out of --help)

    with place.ledger.read() as tx:
        channels = [standing.subscription.channel for standing in subscriptions.active(tx)]
    if "notify" in channels:
        try:
            place.open_channel("notify")
            yield _Finding("notify", "ok", f"{channels.count('notify')} subscriptions, by Apprise")
        except DigestbotError as error:
            yield _Finding("notify", "fault", str(error))
    if "webhook" in channels:
        where = "private ones too" if place.settings.webhook_private else "public ones only"
        advice = "receivers verify them with what  digestbot subscriptions secret NAME  prints"
        yield _Finding("webhook", "ok", f"{channels.count('webhook')} subscriptions; addresses: {where}; {advice}")


def _signatures(place: "Workplace") -> Iterator[_Finding]:
    """Show what has to be in the DNS for each key; that a key loads is known by now."""
    if place.settings.smtp is None:
        return
    for key in place.press.dkim:
        yield _Finding("dkim", "ok", f"{key.algorithm}; the DNS is to hold\n{key.zone_line}")
    if not place.press.dkim:
        yield _Finding("dkim", "look", "mails are not signed here; see dkim.keys, unless your mail server signs them")


def _bounces(place: "Workplace") -> Iterator[_Finding]:
    from digestbot.ledger import bounces  # noqa: PLC0415 (kept out of --help)

    if place.settings.smtp is None:
        return
    with place.ledger.read() as tx:
        count = len(bounces.listing(tx))
    path, source = place.settings.smtp.return_path, place.settings.bounces.source
    told = f"{count} addresses suppressed; to {path or 'the sender'}, read from {source.name if source else 'nowhere'}"
    advice = "" if source else "; set bounces.source, or let your mail server pipe them into  digestbot bounces -"
    yield _Finding("bounces", "ok" if source else "look", told + advice)


def _digests(settings: "Settings") -> Iterator[_Finding]:
    from digestbot.cli.workplace import digest_files  # noqa: PLC0415 (kept out of --help)

    found = digest_files(settings.digests)
    names = ", ".join(settings.digests)
    fine = found or settings.sources
    yield _Finding("digests", "ok" if fine else "look", f"{len(found)} files fit {names}")
    if settings.sources:
        known = settings.contact or all(source.kind in _AT_HOME for source in settings.sources)
        told = "" if known else "; set digestbot.contact, so that they can write to you before they lock you out"
        yield _Finding("sources", "ok" if known else "look", f"{len(settings.sources)} in the settings{told}")


def _disk(settings: "Settings") -> Iterator[_Finding]:
    for name, path in (("feeds", settings.feeds), ("folder", settings.folder)):
        place = next(parent for parent in (path, *path.parents) if parent.exists())
        try:
            _try_to_write(place)
        except OSError as error:
            yield _Finding(name, "fault", f"{place} cannot be written to: {error.strerror}")
            continue
        free = shutil.disk_usage(place).free
        state: Literal["ok", "look"] = "ok" if free > _LITTLE_SPACE else "look"
        yield _Finding(name, state, f"{path}, {free // 2**20} MiB free")


def _try_to_write(folder: Path) -> None:
    with tempfile.TemporaryFile(dir=folder):
        pass
