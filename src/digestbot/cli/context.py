"""What every command needs: the settings, the time, and a place to print."""

import json
import os
import sys
import time
from collections.abc import Iterable, Mapping
from contextlib import AbstractContextManager, nullcontext
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

if TYPE_CHECKING:
    from rich.console import Console

    from digestbot.config import Settings

SOME_FAILED: Final = 1
"""Exit code: the work was done, and what could not be done was listed."""

DEFAULT_CONFIG: Final = "digestbot.toml"


class Cli:
    """The options before the verb, made useful."""

    def __init__(self, config_path: str | None) -> None:
        self._config_path = config_path

    def settings(self) -> "Settings":
        """Return the settings; raises ConfigError with every fault that was found."""
        from digestbot.config import load  # noqa: PLC0415 (kept out of --help)

        path = self._config_path or os.environ.get("DIGESTBOT_CONFIG")
        if path is None and Path(DEFAULT_CONFIG).exists():
            path = DEFAULT_CONFIG
        return load(None if path is None else Path(path), os.environ)


def console(*, stderr: bool = False) -> "Console":
    """Return a place for text that a person reads."""
    from rich.console import Console  # noqa: PLC0415 (kept out of --help)

    # Without a terminal there is no width to fit into; lines stay whole for grep and less.
    width = None if (sys.stderr if stderr else sys.stdout).isatty() else 160
    return Console(stderr=stderr, width=width, highlight=False, soft_wrap=False)


def progress(items: Iterable[Any], *, label: str, total: int) -> AbstractContextManager[Iterable[Any]]:
    """Return `items` with a progress bar, on a terminal only."""
    if not sys.stderr.isatty():
        return nullcontext(items)
    bar: AbstractContextManager[Iterable[Any]] = click.progressbar(items, label=label, length=total, file=sys.stderr)
    return bar


def print_json(data: Mapping[str, Any]) -> None:
    """Print one line of JSON."""
    click.echo(json.dumps(data, ensure_ascii=False))


def clean(text: str) -> str:
    """Return text from outside without what a terminal would obey: control characters become spaces."""
    return "".join(char if char.isprintable() else " " for char in text)


class Clock:
    """The time: the clock's, or one that a person set and that goes on from there."""

    def __init__(self, start: datetime | None = None) -> None:
        self._start, self._since = start, time.monotonic()

    def __call__(self) -> datetime:
        """Return the present moment, aware."""
        if self._start is None:
            return datetime.now(UTC)
        return self._start + timedelta(seconds=time.monotonic() - self._since)


def _clock(_ctx: click.Context, _param: click.Parameter, value: str | None) -> Clock:
    """Return the clock that ``--now`` asks for. A moment without an offset is UTC. Raises BadParameter."""
    if value is None:
        return Clock()
    try:
        moment = datetime.fromisoformat(value)
    except ValueError as error:
        raise click.BadParameter(f"{value!r} is no ISO 8601 time, such as 2026-11-20T08:00+01:00") from error
    return Clock(moment if moment.tzinfo else moment.replace(tzinfo=UTC))


now_option = click.option(
    "--now", "clock", metavar="ISO", callback=_clock, help="Pretend that it is this time.  [default: the clock]"
)
json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON Lines for a program.")
