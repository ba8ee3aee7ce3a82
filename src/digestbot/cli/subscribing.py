"""``digestbot subscriptions``: those in files are looked at, those in the ledger can be changed too."""

import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from digestbot.addresses import masked
from digestbot.cli.context import SOME_FAILED, Cli, Clock, clean, console, json_option, print_json
from digestbot.cli.trying import cost_hints, hints_of, print_hints
from digestbot.errors import QueryError, SubscriptionError

if TYPE_CHECKING:
    from digestbot.cli.workplace import Workplace
    from digestbot.ledger.subscriptions import Standing
    from digestbot.models import Subscription
    from digestbot.subscriptions import Declared

_KEYS: Final = (
    *("name", "query", "email", "channel", "path", "address", "schedule", "timezone", "limit", "empty", "sort"),
    *("updates", "catch_up", "quiet", "max_per_day", "feedback", "note"),
)
_NUMBERS: Final = ("limit", "max_per_day")
_TEXTS: Final = [key for key in _KEYS if key not in {"name", "updates", "feedback", *_NUMBERS}]


@click.group("subscriptions")
def subscriptions_command() -> None:
    """List, add, edit, remove, import and export subscriptions."""


@contextmanager
def _opened(obj: Cli) -> Iterator["Workplace"]:
    from digestbot.cli.workplace import workplace  # noqa: PLC0415 (kept out of --help)

    with workplace(obj.settings(), Clock(), owner=False) as place:
        yield place


@subscriptions_command.command("list")
@json_option
@click.pass_context
def list_command(ctx: click.Context, as_json: bool) -> None:
    """List all subscriptions, after a look at the files."""
    from digestbot.ledger import subscriptions  # noqa: PLC0415 (kept out of --help)

    with _opened(ctx.obj) as place:
        with place.ledger.read() as tx:
            standings = [item for item in subscriptions.listing(tx) if item.state != "removed"]
        if as_json:
            for standing in standings:
                print_json({"subscription": _facts(standing)})
        else:
            _print_standings(standings)
        ctx.exit(SOME_FAILED if place.faults else 0)


def _facts(standing: "Standing") -> dict[str, Any]:
    item = standing.subscription
    values = {name: getattr(item, name) for name in ("id", *_KEYS) if name not in {"email", "path", "address"}}
    return {**values, "address": _shown(item), "origin": item.origin, "state": standing.state}


def _shown(item: "Subscription") -> str:
    """Return where a subscription goes, without the tokens that stand in URLs."""
    return masked(item.address) if item.channel in {"notify", "webhook"} else item.address


def _print_standings(standings: "list[Standing]") -> None:
    from rich.table import Table  # noqa: PLC0415 (kept out of --help)
    from rich.text import Text  # noqa: PLC0415

    table = Table(box=None, pad_edge=False, header_style="dim")
    for name in ("id", "to", "when", "query", "state", "declared in"):
        table.add_column(name, overflow="fold")
    for standing in standings:
        item = standing.subscription
        when = f"{item.schedule} {item.timezone}"
        cells = (item.id, _shown(item) or item.channel, when, item.query, standing.state, item.origin or "the ledger")
        table.add_row(*(Text(clean(cell)) for cell in cells))
    console().print(table)
    click.echo(f"{len(standings)} subscriptions", err=True)


def _options(command: Any) -> Any:
    for key in reversed(_TEXTS):
        command = click.option(_flag(key), help=f"As {key} in a file.")(command)
    for key in _NUMBERS:
        command = click.option(_flag(key), type=int, help=f"As {key} in a file.")(command)
    words = click.option("--updates", callback=_words, help="As updates in a file, with commas between: venue,code.")
    switch = click.option("--feedback/--no-feedback", default=None, help="As feedback in a file.")
    return words(switch(command))


def _flag(key: str) -> str:
    return f"--{key.replace('_', '-')}"


def _words(_ctx: click.Context, _option: click.Parameter, given: str | None) -> list[str] | None:
    """Return the words of an option as the list that a file holds."""
    return None if given is None else [word.strip() for word in given.split(",") if word.strip()]


@subscriptions_command.command("add")
@click.argument("name")
@_options
@click.pass_obj
def add_command(obj: Cli, /, name: str, **given: Any) -> None:
    """Add a subscription to the ledger; its options are the keys of a subscription file."""
    from digestbot.ledger import subscriptions  # noqa: PLC0415 (kept out of --help)

    item = _checked({"name": name, **given})
    with _opened(obj) as place:
        with place.ledger.write() as tx:
            known = subscriptions.get(tx, item.id)
            if known is not None and known.state != "removed":
                raise click.UsageError(
                    f"{item.id} is there already; change it with  digestbot subscriptions edit {item.id}"
                )
            subscriptions.put(tx, item, Clock()())
        hints = [*cost_hints(item.query), *hints_of(place.ledger, item.query, Clock()())]
    click.echo(f"added {item.id}")
    print_hints(hints)


def _checked(values: Mapping[str, Any], kept_id: str = "") -> "Subscription":
    """Return a subscription from values as a file would hold them. Raises UsageError with what is wrong."""
    declared = _read(_toml({**values, **({"id": kept_id} if kept_id else {})}))
    if declared.faults:
        raise click.UsageError("\n".join(f"{fault.message}\n{fault.excerpt}" for fault in declared.faults))
    return replace(declared.subscriptions[0], origin="")


def _read(text: str) -> "Declared":
    """Return what a subscription file with this text declares."""
    from digestbot.subscriptions import load_folder  # noqa: PLC0415 (kept out of --help)

    with tempfile.TemporaryDirectory(prefix="digestbot-") as folder:
        (Path(folder) / "given.toml").write_text(text, encoding="utf-8")
        return load_folder(Path(folder))


def _alone(item: "Subscription", macros: Mapping[str, str]) -> "Subscription":
    """Return a subscription whose query needs none of the queries that only its file names."""
    from digestbot.queries import format_query, parse  # noqa: PLC0415 (kept out of --help)

    for known in ({}, macros):
        try:
            query = parse(item.query, known)
        except QueryError:
            continue
        return replace(item, query=format_query(query)) if known else item
    return item


def _toml(values: Mapping[str, Any]) -> str:
    """Return values as a ``[[subscription]]`` table."""
    lines = [f"{key} = {_literal(value)}" for key, value in values.items() if value not in (None, "")]
    return "\n".join(["[[subscription]]", *lines, ""])


def _literal(value: str | int | list[str]) -> str:
    """Return a TOML literal; a text is a basic string, with what it cannot hold escaped (TOML 1.0)."""
    if isinstance(value, list):
        return f"[{', '.join(map(_literal, value))}]"
    if isinstance(value, int):
        return str(value).lower()  # true and false are small in TOML
    escapes = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\t": "\\t", "\r": "\\r"}
    body = "".join(escapes.get(sign) or (sign if sign.isprintable() else f"\\U{ord(sign):08x}") for sign in value)
    return f'"{body}"'


@subscriptions_command.command("edit")
@click.argument("subscription")
@_options
@click.pass_obj
def edit_command(obj: Cli, /, subscription: str, **given: Any) -> None:
    """Change a subscription that lives in the ledger; what is not named stays as it is."""
    from digestbot.cli.looking import id_of  # noqa: PLC0415 (kept out of --help)
    from digestbot.ledger import subscriptions  # noqa: PLC0415

    with _opened(obj) as place:
        name = id_of(place, subscription)
        with place.ledger.write() as tx:
            standing = subscriptions.get(tx, name)
            assert standing is not None  # noqa: S101 (its id was just found)
            values = _values(standing.subscription) | {key: value for key, value in given.items() if value is not None}
            item = _checked(values, name)
            subscriptions.put(tx, item, Clock()())
        hints = [*cost_hints(item.query), *hints_of(place.ledger, item.query, Clock()())]
    click.echo(f"changed {name}")
    print_hints(hints)


def _values(item: "Subscription") -> dict[str, Any]:
    """Return a subscription as the values of a file."""
    word = {"email": "email", "notify": "address", "webhook": "address"}.get(item.channel, "path")
    place = {word: item.address} | ({} if word == "email" else {"channel": item.channel})
    rest = {key: getattr(item, key) for key in _KEYS if key not in {"email", "path", "address", "channel"}}
    return {**rest, "updates": list(item.updates) or "none", **place}


@subscriptions_command.command("remove")
@click.argument("subscription")
@click.pass_obj
def remove_command(obj: Cli, subscription: str) -> None:
    """Remove a subscription that lives in the ledger."""
    from digestbot.cli.looking import id_of  # noqa: PLC0415 (kept out of --help)
    from digestbot.ledger import subscriptions  # noqa: PLC0415

    with _opened(obj) as place:
        name = id_of(place, subscription)
        with place.ledger.write() as tx:
            standing = subscriptions.get(tx, name)
            if standing is not None and standing.subscription.origin:
                raise click.UsageError(f"{name} is declared in {standing.subscription.origin}; remove it there")
            subscriptions.remove(tx, name, Clock()())
    click.echo(f"removed {name}")


@subscriptions_command.command("import")
@click.argument("file", type=click.File("r", encoding="utf-8"))
@click.pass_context
def import_command(ctx: click.Context, file: Any) -> None:
    """Take the subscriptions of a file into the ledger; the faulty ones are listed, the others come in."""
    from digestbot.ledger import subscriptions  # noqa: PLC0415 (kept out of --help)

    declared, elsewhere = _read(file.read()), []
    with _opened(ctx.obj) as place, place.ledger.write() as tx:
        for item in declared.subscriptions:
            try:
                subscriptions.put(tx, replace(_alone(item, declared.macros), origin=""), Clock()())
            except SubscriptionError as error:  # a file declares it, and files win
                elsewhere.append(str(error))
    for item in declared.subscriptions:
        print_hints([replace(hint, message=f"{item.id}: {hint.message}") for hint in cost_hints(item.query)])
    for fault in declared.faults:
        click.echo(f"{file.name}:{fault.line}:{fault.column}: {fault.message}\n{fault.excerpt}", err=True)
    for reason in elsewhere:
        click.echo(f"left out: {reason}", err=True)
    click.echo(
        f"imported {len(declared.subscriptions) - len(elsewhere)}, {len(declared.faults) + len(elsewhere)} faults"
    )
    ctx.exit(SOME_FAILED if declared.faults or elsewhere else 0)


@subscriptions_command.command("export")
@click.pass_obj
def export_command(obj: Cli) -> None:
    """Print all subscriptions as a file that import takes."""
    from digestbot.ledger import subscriptions  # noqa: PLC0415 (kept out of --help)

    with _opened(obj) as place, place.ledger.read() as tx:
        items = [standing.subscription for standing in subscriptions.listing(tx) if standing.state != "removed"]
        items = [_alone(item, place.macros) for item in items]
    for item in items:
        click.echo(_toml({"id": item.id, **_values(item)}))


@subscriptions_command.command("secret")
@click.argument("subscription")
@click.pass_obj
def secret_command(obj: Cli, subscription: str) -> None:
    """Print the secret by which the receiver of a webhook verifies our signatures."""
    from digestbot.cli.looking import id_of  # noqa: PLC0415 (kept out of --help)
    from digestbot.ledger import subscriptions  # noqa: PLC0415
    from digestbot.tokens import webhook_secret  # noqa: PLC0415

    with _opened(obj) as place:
        name = id_of(place, subscription)
        with place.ledger.read() as tx:
            standing = subscriptions.get(tx, name)
    if standing is None or standing.subscription.channel != "webhook":
        raise click.UsageError(f"{name} goes to no webhook, so nothing of it is signed")
    click.echo(webhook_secret(place.ledger.instance.secret, standing.subscription.address))
