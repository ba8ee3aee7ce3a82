"""The verbs that keep the ledger safe, and that give or forget what it holds of a person."""

import base64
import json
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from digestbot.cli.context import Cli, clean, json_option, print_json
from digestbot.errors import ConfigError

if TYPE_CHECKING:
    from digestbot.config import Settings

_SQLITE: Final = "sqlite:///"


@click.command("backup")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@json_option
@click.pass_obj
def backup_command(obj: Cli, file: Path, as_json: bool) -> None:
    """Copy the ledger to FILE, whole and checked, also while the program runs."""
    from digestbot.ledger.backups import back_up  # noqa: PLC0415 (kept out of --help)

    size = back_up(_ledger_file(obj.settings()), file)
    if as_json:
        print_json({"backup": str(file), "bytes": size})
    else:
        click.echo(f"{clean(str(file))}: {size:,} bytes, checked")


@click.command("restore")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@json_option
@click.pass_obj
def restore_command(obj: Cli, file: Path, as_json: bool) -> None:
    """Put a back-up in the place of the ledger. The former ledger is kept under another name."""
    from digestbot.ledger.backups import restore  # noqa: PLC0415 (kept out of --help)

    ledger = _ledger_file(obj.settings())
    kept = restore(file, ledger, datetime.now(UTC))
    if as_json:
        print_json({"restored": str(ledger), "kept": str(kept) if kept else None})
        return
    click.echo(f"{clean(str(ledger))} is now what {clean(str(file))} was")
    if kept:
        click.echo(f"the former one is {clean(kept.name)}; delete it when all is well")
    click.echo("What was sent after the back-up was made may be sent again. See:  digestbot status")


@click.command("export")
@click.argument("who", metavar="ADDRESS_OR_ID")
@click.option("--output", type=click.Path(dir_okay=False, path_type=Path), help="A file to write.  [default: print]")
@click.pass_obj
def export_command(obj: Cli, who: str, output: Path | None) -> None:
    """Give out everything that the ledger holds of one subscriber, as JSON."""
    from digestbot.ledger import Ledger, persons  # noqa: PLC0415 (kept out of --help)

    with Ledger.open(obj.settings().ledger, create=False) as ledger, ledger.read() as tx:
        names = _known(persons.subscriptions_of(tx, who), who)
        found = persons.everything(tx, names, who if "@" in who else "")
    text = json.dumps(found, default=_plain, ensure_ascii=False, indent=1)
    if output is None:
        click.echo(text)
    else:
        output.write_text(text + "\n", encoding="utf-8")
        click.echo(f"{clean(str(output))}: {sum(map(len, found.values()))} records", err=True)


@click.command("forget")
@click.argument("who", metavar="ADDRESS_OR_ID")
@click.option("--yes", is_flag=True, help="Do not ask.")
@json_option
@click.pass_obj
def forget_command(obj: Cli, who: str, yes: bool, as_json: bool) -> None:
    """Delete everything that the ledger holds of one subscriber: it cannot be taken back."""
    from digestbot.ledger import Ledger, persons  # noqa: PLC0415 (kept out of --help)

    with Ledger.open(obj.settings().ledger, owner=True, create=False) as ledger:
        with ledger.read() as tx:
            found = persons.subscriptions_of(tx, who)
        names = _known(found, who)
        if files := sorted({origin for _, origin in found if origin}):
            raise click.UsageError(f"declared in {', '.join(files)}: delete it there first, or it comes back")
        if not yes:
            click.confirm(f"Delete {', '.join(names)} and all that was sent?", abort=True, err=True)
        with ledger.write() as tx:
            counts = persons.forget(tx, names, who if "@" in who else "")
    if as_json:
        print_json({"forgotten": names, "rows": counts})
    else:
        click.echo(f"forgotten: {', '.join(names)} ({sum(counts.values())} records)")
        click.echo("Back-ups still hold it, and so do the mails and files that went out.", err=True)


def _known(found: Sequence[tuple[str, str]], who: str) -> list[str]:
    if not found:
        raise click.UsageError(f"nothing is known of {who!r}; see:  digestbot subscriptions list")
    return [name for name, _ in found]


def _ledger_file(settings: "Settings") -> Path:
    """Return the ledger's file. Raises ConfigError when it is no file."""
    if settings.ledger.startswith(_SQLITE):
        return Path(settings.ledger.removeprefix(_SQLITE))
    if "://" in settings.ledger:
        raise ConfigError("only a ledger on SQLite is a file", path=str(settings.path or "digestbot.toml"))
    return Path(settings.ledger)


def _plain(value: Any) -> str:
    """Return moments and bytes as text."""
    if isinstance(value, datetime):
        return value.isoformat()
    return base64.b64encode(value).decode("ascii")
