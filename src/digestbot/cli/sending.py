"""The outbox as a person sees it: what waits and why, and the decisions that are a person's."""

from collections.abc import Callable, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, Final, get_args

import click

from digestbot.cli.context import SOME_FAILED, Cli, Clock, clean, json_option, now_option, print_json

if TYPE_CHECKING:
    from datetime import datetime

    from digestbot.ledger import Ledger, Transaction

STATES: Final = ("due", "claimed", "handing", "in_doubt", "sent", "failed", "suppressed", "cancelled")
_ROWS = click.argument("messages", nargs=-1, required=True, metavar="ID...", type=int)


@click.group("outbox")
def outbox_command() -> None:
    """Show what waits to go out, and decide about what cannot be decided without you."""


def _open(obj: Cli, *, owner: bool = False) -> "Ledger":
    from digestbot.ledger import Ledger  # noqa: PLC0415 (kept out of --help)

    settings = obj.settings()
    return Ledger.open(settings.ledger, owner=owner, create=False, durable=settings.durable)


@outbox_command.command("list")
@click.option("--state", type=click.Choice(STATES), help="Only those in this state.")
@click.option("--limit", default=50, show_default=True, type=click.IntRange(1, 100_000))
@json_option
@click.pass_obj
def list_command(obj: Cli, state: str | None, limit: int, as_json: bool) -> None:
    """List the messages that have not gone out, newest first."""
    from digestbot.cli.looking import plain, print_table  # noqa: PLC0415 (kept out of --help)
    from digestbot.ledger import overview  # noqa: PLC0415

    with _open(obj) as ledger, ledger.read() as tx:
        rows = [plain(asdict(item)) for item in overview.listing(tx, [state] if state else overview.UNSENT, limit)]
    if as_json:
        for row in rows:
            print_json({"message": row})
        return
    columns = ("id", "subscription_id", "channel", "address", "state", "attempt", "next_at", "reason", "reply")
    print_table("outbox", rows, columns)


def _decide(
    obj: Cli, rows: Sequence[int], clock: Clock, act: "Callable[[Transaction, int, datetime], bool]", why_not: str
) -> int:
    """Do something to each of the messages; return the exit code."""
    with _open(obj) as ledger, ledger.write() as tx:
        refused = [row for row in rows if not act(tx, row, clock())]
    for row in refused:
        click.echo(f"digestbot: message {row} {why_not}", err=True)
    click.echo(f"{len(rows) - len(refused)} of {len(rows)} messages changed")
    return SOME_FAILED if refused else 0


@outbox_command.command("resolve")
@click.argument("outcome", type=click.Choice(["sent", "failed"]))
@_ROWS
@now_option
@click.pass_context
def resolve_command(ctx: click.Context, outcome: Any, messages: Sequence[int], clock: Clock) -> None:
    """Write down what you found out about messages in doubt: they were sent, or they failed."""
    from digestbot.ledger import decisions  # noqa: PLC0415 (kept out of --help)

    def act(tx: "Transaction", row: int, now: "datetime") -> bool:
        return decisions.resolve(tx, row, outcome, now)

    ctx.exit(_decide(ctx.obj, messages, clock, act, "is not in doubt"))


@outbox_command.command("retry")
@_ROWS
@now_option
@click.pass_context
def retry_command(ctx: click.Context, messages: Sequence[int], clock: Clock) -> None:
    """Send messages again that failed, are in doubt or were cancelled, and now those that wait; with the same ids."""
    from digestbot.ledger import decisions  # noqa: PLC0415 (kept out of --help)

    ctx.exit(_decide(ctx.obj, messages, clock, decisions.retry, "is out already, on its way, unknown, or too old"))


@outbox_command.command("cancel")
@_ROWS
@now_option
@click.pass_context
def cancel_command(ctx: click.Context, messages: Sequence[int], clock: Clock) -> None:
    """Take messages back that have not gone out yet."""
    from digestbot.ledger import decisions  # noqa: PLC0415 (kept out of --help)

    def act(tx: "Transaction", row: int, now: "datetime") -> bool:
        return decisions.cancel(tx, row, "cancelled by hand", now)

    ctx.exit(_decide(ctx.obj, messages, clock, act, "is not waiting any longer"))


@outbox_command.command("resume")
@click.argument("channels", nargs=-1, metavar="[CHANNEL]...")
@now_option
@click.pass_obj
def resume_command(obj: Cli, channels: Sequence[str], clock: Clock) -> None:
    """End the rest of channels that were paused, and of the domains that are left alone; of all without a name."""
    from digestbot.channels import CHANNELS  # noqa: PLC0415 (kept out of --help)
    from digestbot.ledger import relays  # noqa: PLC0415

    if unknown := sorted(set(channels) - set(CHANNELS)):
        raise click.UsageError(f"there is no channel {unknown[0]!r}; there is {', '.join(CHANNELS)}")
    with _open(obj) as ledger, ledger.write() as tx:
        found = relays.resume(tx, channels or list(CHANNELS), clock())
    click.echo(f"goes on: {', '.join(found)}" if found else "nothing was paused")


@outbox_command.command("restored")
@click.option("--send", "choice", flag_value="send", help="Let all that waits go out, with the ids of the first time.")
@click.option("--hold", "choice", flag_value="hold", help="Put all that waits in doubt, to decide about each.")
@click.option("--cancel", "choice", flag_value="cancel", help="Let nothing of what waits go out.")
@now_option
@click.pass_obj
def restored_command(obj: Cli, choice: str | None, clock: Clock) -> None:
    """After a back-up was restored: say what becomes of what it believes to be waiting, and let mails go out again."""
    from digestbot.ledger import decisions  # noqa: PLC0415 (kept out of --help)

    if choice not in get_args(decisions.AfterRestore):
        raise click.UsageError("decide: --send, --hold or --cancel")
    with _open(obj, owner=True) as ledger:
        if not ledger.restored():
            raise click.UsageError("this ledger is the newest one; there is nothing to decide")
        with ledger.write() as tx:
            count = decisions.after_restore(tx, choice, clock())  # type: ignore[arg-type]
        ledger.new_epoch()
    click.echo(clean(f"{count} messages: {choice}"))
