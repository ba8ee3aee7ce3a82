"""``digestbot bounces`` and ``digestbot suppressions``: what came back, and who gets nothing because of it."""

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Final

import click

from digestbot.addresses import masked
from digestbot.cli.context import SOME_FAILED, Clock, clean, json_option, now_option, print_json
from digestbot.errors import LedgerError

if TYPE_CHECKING:
    from datetime import datetime

    from digestbot.cli.workplace import Workplace
    from digestbot.config import Settings
    from digestbot.ledger import Ledger
    from digestbot.pipeline.returning import Returned, ReturnReport

TRY_AGAIN: Final = 75
"""Exit code (``sysexits.h``) for a mail server that pipes a mail in while the ledger is busy: it keeps the mail."""
_LARGEST: Final = 32 << 20


class _Undone(Exception):  # noqa: N818 (no error: a dry run ends so)
    """Ends a transaction that is to leave nothing."""


@click.command("bounces")
@click.argument("files", nargs=-1, metavar="[FILE]...", type=click.Path(allow_dash=True))
@click.option("--files-from", type=click.File("r"), metavar="LIST", help="Take more paths from a file, one a line.")
@click.option("--dry-run", is_flag=True, help="Say what they are, and change nothing.")
@now_option
@json_option
@click.pass_context
def bounces_command(  # noqa: PLR0913, PLR0917 (an option each)
    ctx: click.Context, files: Sequence[str], files_from: IO[str] | None, dry_run: bool, clock: Clock, as_json: bool
) -> None:
    """Read mails that came back, and stop writing to addresses that are dead.

    FILE is a mail, an mbox or a Maildir; - is a mail that a mail server pipes in. Without any, the mailbox of the
    settings is read.
    """
    listed = [line.rstrip("\r\n") for line in files_from or () if line.strip()]
    paths = [*files, *listed]
    settings = ctx.obj.settings()
    try:
        failed = _read_files(settings, paths, clock, dry_run, as_json) if paths else _mailbox(settings, clock, as_json)
    except LedgerError as error:
        if "-" not in paths:
            raise
        click.echo(f"digestbot: {error}", err=True)
        ctx.exit(TRY_AGAIN)
    ctx.exit(SOME_FAILED if failed else 0)


def _mailbox(settings: "Settings", clock: Clock, as_json: bool) -> bool:
    """Read the mailbox of the settings; return whether something could not be read."""
    from digestbot.cli.workplace import workplace  # noqa: PLC0415 (kept out of --help)

    if settings.bounces.source is None:
        raise click.UsageError("name a FILE, or the mailbox under [bounces] in the settings")
    with workplace(settings, clock, owner=False) as place:
        report = returned(place, clock())
    print_back(report, as_json=as_json)
    return bool(report.troubles)


def returned(place: "Workplace", now: "datetime", **options: Any) -> "ReturnReport":
    """Count refusals and read the mailbox of the settings, if there is one."""
    from digestbot.ledger.bounces import Terms  # noqa: PLC0415 (kept out of --help)
    from digestbot.pipeline.returning import take_back  # noqa: PLC0415

    bounces = place.settings.bounces
    terms = Terms(now, bounces.soft, bounces.days)
    if bounces.source is None:
        return take_back(place.ledger, None, None, terms, **options)
    from digestbot.connections.web import Web  # noqa: PLC0415
    from digestbot.sources.kinds import opener  # noqa: PLC0415 (httpx takes a while)

    fetch = opener(Web(place.settings.contact, place.settings.base_url))
    return take_back(place.ledger, bounces.source, fetch, terms, **options)


def print_back(report: "ReturnReport", *, as_json: bool) -> None:
    """Print what came back, was refused at the door or could not be read; for a journal, so addresses are masked."""
    for mail in report.mails:
        print_returned(mail, as_json=as_json, journal=True)
    for taken in report.refused:
        if as_json:
            print_json(_masked({"refused": asdict(taken)}))
        else:
            end = f"; suppressed, {taken.suppressed}" if taken.suppressed else ""
            click.echo(clean(f"{masked(taken.address)}: {taken.kind}, {taken.reason}, refused{end}"))
    for trouble in report.troubles:
        click.echo(f"digestbot: {clean(masked(trouble))}", err=True)


def _masked(data: Any) -> Any:
    """Return JSON data with the addresses in every text of it masked."""
    if isinstance(data, str):
        return masked(data)
    if isinstance(data, dict):
        return {key: _masked(value) for key, value in data.items()}
    return [_masked(item) for item in data] if isinstance(data, list | tuple) else data


def _read_files(settings: "Settings", paths: Sequence[str], clock: Clock, dry_run: bool, as_json: bool) -> bool:
    failed = False
    with _ledger(settings) as ledger:
        for path in paths:
            try:
                for name, data in mails_in(path):
                    print_returned(
                        _taken(ledger, settings, (path, name, data), clock, dry_run), as_json=as_json, path=path
                    )
            except (OSError, ValueError) as error:
                failed = True
                click.echo(clean(f"digestbot: {path}: {getattr(error, 'strerror', None) or error}"), err=True)
    return failed


@contextmanager
def _ledger(settings: "Settings") -> Iterator["Ledger | None"]:
    """Open the ledger; None when there is none yet, so that mails can be looked at anywhere."""
    from digestbot.ledger import Ledger  # noqa: PLC0415 (kept out of --help)

    place = settings.ledger.removeprefix("sqlite:///")
    if "://" not in place and not Path(place).exists():
        click.echo("digestbot: there is no ledger here, so nothing is written down", err=True)
        yield None
        return
    with Ledger.open(settings.ledger, create=False) as ledger:
        yield ledger


def _taken(
    ledger: "Ledger | None", settings: "Settings", mail: tuple[str, str, bytes], clock: Clock, dry_run: bool
) -> "Returned":
    """Take one mail; in a dry run, leave nothing of it."""
    from digestbot.bounces import read_report  # noqa: PLC0415 (kept out of --help)
    from digestbot.ledger.bounces import Terms  # noqa: PLC0415
    from digestbot.pipeline.returning import Returned, take_mail  # noqa: PLC0415

    _, name, data = mail
    if ledger is None:
        return Returned(name, read_report(data, settings.domain))
    terms = Terms(clock(), settings.bounces.soft, settings.bounces.days)
    made: list[Returned] = []
    try:
        with ledger.write() as tx:
            made.append(take_mail(tx, name, data, terms))
            if dry_run:
                raise _Undone  # noqa: TRY301 (it is meant to leave the transaction)
    except _Undone:
        pass
    return made[0]


def mails_in(path: str) -> Iterator[tuple[str, bytes]]:
    """Yield the mails at a path, each with a name for people. Raises OSError, ValueError."""
    from digestbot.sources.mailboxes import split_mbox  # noqa: PLC0415 (kept out of --help)

    if path == "-":
        yield "-", _bounded(sys.stdin.buffer.read(_LARGEST + 1))
        return
    place = Path(path)
    if place.is_dir():
        folders = [place / name for name in ("cur", "new") if (place / name).is_dir()]
        if not folders:
            raise ValueError("is no Maildir: it has neither a folder cur nor one called new")
        for file in sorted(file for folder in folders for file in folder.iterdir() if file.is_file()):
            if not file.name.startswith("."):
                yield str(file), _bounded(file.read_bytes())
        return
    with place.open("rb") as opened:
        is_mbox = opened.read(5) == b"From "
        opened.seek(0)
        if not is_mbox:
            yield path, _bounded(opened.read(_LARGEST + 1))
            return
        for number, (mail, _) in enumerate(split_mbox(opened, _LARGEST), 1):
            yield f"{path}#{number}", b"" if mail is None else mail


def _bounded(data: bytes) -> bytes:
    if len(data) > _LARGEST:
        raise ValueError(f"is larger than {_LARGEST >> 20} MB")
    return data


def print_returned(mail: "Returned", *, as_json: bool, path: str = "", journal: bool = False) -> None:
    """Print what one mail says and what was made of it; in a journal, addresses are masked."""
    report = mail.report
    if as_json:
        told = [asdict(failure) | {"hard": failure.hard} for failure in report.failures]
        failed = [item for item in told if item["action"] == "failed"]
        later = [item for item in told if item["action"] == "delayed"]
        facts = {"file": path or mail.name, "mail": mail.name, "kind": report.kind, "why": report.why}
        taken = [asdict(item) for item in mail.taken]
        whole = {**facts, "feedback": report.feedback, "bounces": failed, "delays": later, "taken": taken}
        print_json(_masked(whole) if journal else whole)
        return
    for line in _lines(mail):
        click.echo(clean(f"{mail.name}: {masked(line) if journal else line}"))


def _lines(mail: "Returned") -> Iterator[str]:
    report = mail.report
    if mail.taken:
        for taken in mail.taken:
            whose = f" of {taken.subscription}" if taken.subscription else ""
            proof = f" (found by {taken.found_by}{whose})" if taken.found_by else " (no mail of ours)"
            end = f"; suppressed, {taken.suppressed}" if taken.suppressed else "; known" if taken.known else ""
            yield f"{taken.address or 'an address that is not named'}: {taken.kind}, {taken.reason}{proof}{end}"
    elif report.failures:
        for failure in report.failures:
            kind = "hard" if failure.hard else "delayed" if failure.action == "delayed" else "soft"
            kind = report.kind if report.kind == "complaint" else kind
            yield f"{failure.recipient}: {kind}, {failure.reason} {failure.status}".rstrip()
    else:
        yield f"{'no bounce' if report.kind != 'complaint' else 'complaint'}: {report.why or report.feedback}"


@click.group("suppressions")
def suppressions_command() -> None:
    """List, add and remove addresses that get nothing."""


@contextmanager
def _opened(ctx: click.Context) -> Iterator["Workplace"]:
    from digestbot.cli.workplace import workplace  # noqa: PLC0415 (kept out of --help)

    with workplace(ctx.obj.settings(), Clock(), owner=False) as place:
        yield place


@suppressions_command.command("list")
@json_option
@click.pass_context
def list_command(ctx: click.Context, as_json: bool) -> None:
    """List the suppressed addresses, the newest first."""
    from digestbot.ledger import bounces  # noqa: PLC0415 (kept out of --help)

    with _opened(ctx) as place, place.ledger.read() as tx:
        for item in bounces.listing(tx):
            if as_json:
                print_json({"suppressed": asdict(item) | {"since": item.since.isoformat()}})
            else:
                click.echo(clean(f"{item.address}  {item.reason}  since {item.since:%Y-%m-%d}"))


@suppressions_command.command("add")
@click.argument("address")
@click.pass_context
def add_command(ctx: click.Context, address: str) -> None:
    """Send nothing more to ADDRESS."""
    from digestbot.ledger import bounces  # noqa: PLC0415 (kept out of --help)

    with _opened(ctx) as place, place.ledger.write() as tx:
        held = bounces.add(tx, _checked(address), "by hand", Clock()())
    click.echo(f"{len(held)} subscriptions suppressed", err=True)


@suppressions_command.command("remove")
@click.argument("address")
@click.pass_context
def remove_command(ctx: click.Context, address: str) -> None:
    """Write to ADDRESS again; its subscriptions get what came in meanwhile."""
    from digestbot.ledger import bounces  # noqa: PLC0415 (kept out of --help)

    with _opened(ctx) as place, place.ledger.write() as tx:
        again = bounces.forgive(tx, _checked(address), Clock()())
    if again is None:
        raise click.UsageError(f"{clean(address)!r} is not suppressed")
    click.echo(f"{len(again)} subscriptions go on", err=True)


def _checked(address: str) -> str:
    from digestbot.addresses import parse_mailbox  # noqa: PLC0415 (kept out of --help)

    try:
        return parse_mailbox(address).spec
    except ValueError as error:
        raise click.UsageError(str(error)) from error
