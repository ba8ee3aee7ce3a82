"""``digestbot dkim``: the public halves of the keys that mails are signed with, and new keys."""

import os
from pathlib import Path

import click


@click.command("dkim")
@click.option("--new", "new", metavar="FILE", type=click.Path(), help="Make a private key first.")
@click.option("--type", "kind", type=click.Choice(["rsa", "ed25519"]), default="rsa", show_default=True)
@click.pass_context
def dkim_command(ctx: click.Context, new: str | None, kind: str) -> None:
    """Print what to publish in the DNS for the keys that mails are signed with."""
    from digestbot.cli.workplace import dkim_keys  # noqa: PLC0415 (kept out of --help)

    if new:
        _make_key(Path(new), kind)
        click.echo(f'{new} holds a new key; add "SELECTOR={new}" to dkim.keys and call this again')
        return
    keys = dkim_keys(ctx.obj.settings())
    if not keys:
        raise click.UsageError("dkim.keys names no key; make one with  digestbot dkim --new FILE")
    for key in keys:
        click.echo(key.zone_line)


def _make_key(path: Path, kind: str) -> None:
    from digestbot.rendering.dkim import new_key  # noqa: PLC0415 (kept out of --help)

    try:
        pem = new_key(kind)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(pem)
    except ValueError as error:
        raise click.UsageError(str(error)) from error
    except OSError as error:
        raise click.UsageError(f"{path} cannot be made: {error.strerror}; a key is never replaced") from error
