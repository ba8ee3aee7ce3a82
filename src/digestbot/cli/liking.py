"""``digestbot library``: papers that a subscription's reader likes, from the exports of their library."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from digestbot.cli.context import SOME_FAILED, Cli, Clock, clean, json_option, print_json
from digestbot.errors import ReadError

if TYPE_CHECKING:
    from digestbot.cli.workplace import Workplace
    from digestbot.models import Paper

_MOST: Final = 5000
"""Papers of an import; what is learned looks at the newest few hundred."""

_for_option = click.option(
    "--for", "subscription", metavar="SUBSCRIPTION", help="Whose library it is.  [default: the only subscription]"
)


@click.group("library")
def library_command() -> None:
    """Like the papers of a library: they go into the order of an edition, never into what it holds."""


@library_command.command("import")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@_for_option
@json_option
@click.pass_context
def import_command(ctx: click.Context, files: tuple[Path, ...], subscription: str | None, as_json: bool) -> None:
    """Like the papers in FILES: BibTeX, RIS, CSL-JSON or any other dialect that `digestbot read` knows."""
    from digestbot.ledger import opinions  # noqa: PLC0415 (kept out of --help)

    with _opened(ctx.obj, subscription) as (place, name):
        found, left, faults = _read(files)
        with place.ledger.write() as tx:
            new = opinions.take_in(tx, name, found, Clock()())
    for fault in faults:
        click.echo(clean(fault), err=True)
    if as_json:
        print_json({"subscription": name, "papers": len(found), "new": new, "left_out": left, "faults": len(faults)})
    else:
        over = f", {left} left out: {_MOST} are the most" if left else ""
        click.echo(f"{name} likes {len(found)} papers of {len(files)} files, {new} of them new{over}")
    ctx.exit(SOME_FAILED if faults or left else 0)


@library_command.command("list")
@_for_option
@json_option
@click.pass_obj
def list_command(obj: Cli, subscription: str | None, as_json: bool) -> None:
    """List what is liked and disliked, by feedback and by library, the newest first."""
    from digestbot.ledger import opinions  # noqa: PLC0415 (kept out of --help)

    with _opened(obj, subscription) as (place, name), place.ledger.read() as tx:
        known = opinions.listing(tx, name)
    for item in known:
        if as_json:
            facts = {"liked": item.liked, "origin": item.origin, "given_at": item.given_at.isoformat()}
            print_json({"id": item.paper.id, "title": item.paper.title, **facts})
        else:
            word = "more" if item.liked else "less"
            click.echo(clean(f"{word}  {item.origin:8}  {item.paper.title}  ({item.paper.id})"))
    click.echo(f"{len(known)} papers", err=True)


@library_command.command("forget")
@_for_option
@click.pass_obj
def forget_command(obj: Cli, subscription: str | None) -> None:
    """Forget all that was imported; what was said by feedback stays."""
    from digestbot.ledger import opinions  # noqa: PLC0415 (kept out of --help)

    with _opened(obj, subscription) as (place, name):
        with place.ledger.write() as tx:
            count = opinions.drop_library(tx, name)
        click.echo(f"forgot {count} papers of the library of {name}")


@contextmanager
def _opened(obj: Cli, subscription: str | None) -> Iterator[tuple["Workplace", str]]:
    """Yield the workplace and the id of the subscription that is meant. Raises UsageError."""
    from digestbot.cli.looking import id_of  # noqa: PLC0415 (kept out of --help)
    from digestbot.cli.workplace import workplace  # noqa: PLC0415
    from digestbot.ledger import subscriptions  # noqa: PLC0415

    with workplace(obj.settings(), Clock(), owner=False) as place:
        if subscription is None:
            with place.ledger.read() as tx:
                known = [item.subscription.id for item in subscriptions.listing(tx) if item.state != "removed"]
            if len(known) != 1:
                raise click.UsageError(f"there are {len(known)} subscriptions; say which with --for")
            subscription = known[0]
        yield place, id_of(place, subscription)


def _read(files: tuple[Path, ...]) -> tuple[list["Paper"], int, list[str]]:
    """Return the papers of all files, each once, how many are over the limit, and what could not be read."""
    from digestbot.readers import read_path  # noqa: PLC0415 (kept out of --help)

    found: dict[str, Paper] = {}
    faults: list[str] = []
    for path in files:
        try:
            reading = read_path(path)
        except ReadError as error:
            faults.append(str(error))
            continue
        faults += [f"{path}:{item.line}: {item.reason}" for item in reading.rejects]
        faults += [f"{path}: {reading.reason}"] if reading.verdict in {"unreadable", "partial"} else []
        for paper in reading.papers:
            found.setdefault(paper.id, paper)
    return list(found.values())[:_MOST], max(0, len(found) - _MOST), faults
