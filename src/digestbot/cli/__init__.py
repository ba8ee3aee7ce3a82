"""The command line: reads arguments, calls one function below, prints what it returned.

Commands live in modules by theme and are imported when they are asked for, and what is heavy (database,
templates, network) only inside their bodies, so that ``digestbot --help`` stays quick.
"""

import sys
from collections.abc import Mapping
from importlib import import_module
from types import MappingProxyType
from typing import Any, Final

import click

from digestbot import __version__
from digestbot.cli.context import Cli
from digestbot.errors import DigestbotError

COMMANDS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "demo": "starting",
        "init": "starting",
        "read": "reading",
        "match": "reading",
        "query": "reading",
        "explain": "trying",
        "tldr": "reading",
        "ingest": "rounds",
        "publish": "rounds",
        "deliver": "rounds",
        "links": "linking",
        "run": "rounds",
        "serve": "serving",
        "preview": "looking",
        "backtest": "trying",
        "status": "looking",
        "outbox": "sending",
        "doctor": "doctor",
        "subscriptions": "subscribing",
        "bounces": "returned",
        "suppressions": "returned",
        "dkim": "signing",
        "library": "liking",
        "metrics": "measuring",
        "backup": "keeping",
        "restore": "keeping",
        "export": "keeping",
        "forget": "keeping",
    }
)
"""Each verb and the module that holds it, in the order in which ``--help`` shows them."""

COULD_NOT_START: Final = 2


class _Verbs(click.Group):
    """A group that imports a command's module when the command is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 (click's signature)
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        if cmd_name not in COMMANDS:
            return None
        module = import_module(f"digestbot.cli.{COMMANDS[cmd_name]}")
        command: click.Command = getattr(module, f"{cmd_name}_command")
        return command

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except DigestbotError as error:
            click.echo(f"digestbot: {error}", err=True)
            ctx.exit(COULD_NOT_START)


@click.group(cls=_Verbs, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="digestbot")
@click.option(
    "--config",
    "config_path",
    metavar="FILE",
    type=click.Path(),
    help="The configuration to use.  [default: ./digestbot.toml, when it is there]",
)
@click.pass_context
def cli(ctx: click.Context, config_path: str | None) -> None:
    """Turn the flood of new research papers into the few that you asked for.

    New here? Start with  digestbot demo  and then  digestbot init .
    """
    ctx.obj = Cli(config_path)


def main() -> None:
    """Run the command line; exits with 0 (done), 1 (some items failed) or 2 (could not start)."""
    for stream in (sys.stdout, sys.stderr):
        # A title in Cyrillic must not end the program on a terminal that cannot show it.
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
    cli(prog_name="digestbot")
