"""The web application beside the rounds: the option ``--web``, and what to install when it cannot be had."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

import click

if TYPE_CHECKING:
    from digestbot.config import Settings
    from digestbot.scheduler import Pulse

_EXTRA: Final = frozenset({"starlette", "uvicorn"})

web_option = click.option(
    "--web", metavar="HOST:PORT", help="Answer here too: unsubscribe links, feeds, /health. Needs the extra 'web'."
)


@contextmanager
def answering(settings: "Settings", place: str | None, pulse: "Pulse | None" = None) -> Iterator[None]:
    """Answer at `place` while the body runs; without a place, do nothing beside it.

    Raises UsageError when the extra is not installed, ConfigError when nobody can listen there.
    """
    if place is None:
        yield
        return
    try:
        from digestbot.web import create_app  # noqa: PLC0415 (an extra)
        from digestbot.web.server import address_of, listen, serving  # noqa: PLC0415
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] not in _EXTRA:
            raise
        raise click.UsageError(
            "--web needs more than is installed; get it with: pip install 'digestbot[web]'"
        ) from error
    from digestbot.ledger import Ledger  # noqa: PLC0415 (kept out of --help)
    from digestbot.rendering import Renderer  # noqa: PLC0415

    def open_ledger() -> Ledger:
        return Ledger.open(settings.ledger, create=False)  # the first round makes it

    def silent() -> list[str]:
        return pulse.silent(datetime.now(UTC)) if pulse else []

    app = create_app(open_ledger, Renderer(settings.templates, settings.theme, kept=0), settings.base_url, silent)
    listening = listen(place)
    click.echo(f"digestbot answers at {address_of(listening)}", err=True)
    if not settings.base_url:
        click.echo("digestbot: digestbot.base_url is not set, so mails and feeds do not name that address", err=True)
    with serving(app, listening):
        yield
