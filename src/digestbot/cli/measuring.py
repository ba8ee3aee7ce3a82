"""The verb that tells how everything stands to a monitoring system, and the option of ``serve`` that answers one."""

import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from digestbot.cli.context import Cli, Clock, now_option
from digestbot.errors import ConfigError

if TYPE_CHECKING:
    from digestbot.config import Settings
    from digestbot.ledger.numbers import Numbers

metrics_option = click.option(
    "--metrics", metavar="HOST:PORT", help="Answer Prometheus here. Needs the extra 'metrics'."
)


@click.command("metrics")
@click.option("--output", type=click.Path(dir_okay=False, path_type=Path), help="A file to replace.  [default: print]")
@now_option
@click.pass_obj
def metrics_command(obj: Cli, output: Path | None, clock: Clock) -> None:
    """Tell how everything stands in the text format of Prometheus, for a textfile collector."""
    with _extra():
        from digestbot.metrics import exposition  # noqa: PLC0415 (an extra)
    text = exposition(_asking(obj.settings(), clock))
    if output is None:
        click.echo(text, nl=False)
    else:
        _replace(output, text)


@contextmanager
def measuring(settings: "Settings", place: str | None, clock: Clock) -> Iterator[None]:
    """Answer Prometheus at `place` while the body runs; without a place, do nothing beside it.

    Raises UsageError when the extra is not installed, ConfigError when nobody can listen there.
    """
    if place is None:
        yield
        return
    with _extra():
        from digestbot.metrics import answering  # noqa: PLC0415 (an extra)
    host, _, port = place.rpartition(":")
    if not host or not port.isdecimal() or int(port) > 65535:
        raise ConfigError(f"{place!r} is no address; write it as in 127.0.0.1:9464", path="--metrics")
    try:
        with answering(_asking(settings, clock), host.strip("[]"), int(port)) as found:
            click.echo(f"digestbot answers Prometheus at http://{host}:{found}/metrics", err=True)
            yield
    except OSError as error:
        raise ConfigError(f"cannot listen at {place}: {error.strerror}", path="--metrics") from error


def _asking(settings: "Settings", clock: Clock) -> "Callable[[], tuple[Numbers, datetime]]":
    from digestbot.ledger import Ledger  # noqa: PLC0415 (kept out of --help)
    from digestbot.ledger.numbers import numbers  # noqa: PLC0415

    def ask() -> "tuple[Numbers, datetime]":
        with Ledger.open(settings.ledger, create=False) as ledger, ledger.read() as tx:
            return numbers(tx), clock()

    return ask


@contextmanager
def _extra() -> Iterator[None]:
    """Say what to install where the extra is missing."""
    try:
        yield
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] != "prometheus_client":
            raise
        raise click.UsageError(
            "metrics need more than is installed; get it with: pip install 'digestbot[metrics]'"
        ) from error


def _replace(path: Path, text: bytes) -> None:
    """Put the text into a file whole: whoever reads it sees the former text or this one."""
    with tempfile.NamedTemporaryFile(dir=path.parent or Path(), prefix=f".{path.name}", delete=False) as file:
        file.write(text)
        os.fchmod(file.fileno(), 0o644)
    Path(file.name).replace(path)
