"""The verbs that look and change nothing: the next edition, how everything stands."""

import tempfile
import webbrowser
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import asdict
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from digestbot.addresses import masked
from digestbot.cli.context import SOME_FAILED, Cli, Clock, clean, console, json_option, now_option, print_json

if TYPE_CHECKING:
    from digestbot.cli.workplace import Workplace
    from digestbot.ledger import Transaction
    from digestbot.ledger.subscriptions import Standing
    from digestbot.models import Edition

FORMS: Final = {"html": ".html", "md": ".md", "text": ".txt", "rss": ".xml", "atom": ".xml", "json": ".json"}
"""The forms that preview knows, each with the end of its file name."""
_MOMENTS: Final = ("asked", "news", "next")
_BOUNCES: Final = timedelta(days=30)


@click.command("preview")
@click.argument("subscription")
@click.option("--open", "how", flag_value="open", help="Show it in the browser.")
@click.option("--watch", "how", flag_value="watch", help="Show it in the browser, anew when a template changes.")
@click.option("--format", "form", type=click.Choice(list(FORMS)), help="[default: html with --open, else md]")
@now_option
@click.pass_obj
def preview_command(obj: Cli, subscription: str, how: str | None, form: str | None, clock: Clock) -> None:
    """Show the edition that a subscription would get now. Nothing is sent or used up."""
    from digestbot.cli.trying import hints_of, print_hints  # noqa: PLC0415 (kept out of --help)
    from digestbot.cli.workplace import workplace  # noqa: PLC0415
    from digestbot.pipeline import preview  # noqa: PLC0415

    form = form or ("html" if how else "md")
    with workplace(obj.settings(), clock, owner=False) as place:
        edition = preview(place.ledger, id_of(place, subscription), clock(), writer=place.press.writer)
        assert edition is not None  # noqa: S101 (its id was just found)
        if how == "watch":
            _watch(place, edition)
            return
        content = rendered(place, edition, form)
        print_hints(hints_of(place.ledger, edition.subscription.query, clock(), place.macros))
    if how == "open":
        _show(content, FORMS[form])
    else:
        click.echo(content, nl=not content.endswith(b"\n"))


def _watch(place: "Workplace", edition: "Edition") -> None:
    """Show a page, anew when a template changes, until Ctrl-C."""
    from digestbot import resources  # noqa: PLC0415 (kept out of --help)
    from digestbot.cli.watching import watch  # noqa: PLC0415
    from digestbot.cli.workplace import press_of  # noqa: PLC0415

    def render() -> bytes:
        return press_of(place.settings).renderer.html(edition).encode()

    folders = (*place.settings.templates, resources.templates())
    with tempfile.TemporaryDirectory(prefix="digestbot-") as folder, suppress(KeyboardInterrupt):
        watch(render, folders, Path(folder) / "preview.html")


def rendered(place: "Workplace", edition: "Edition", form: str) -> bytes:
    """Return an edition in one of the forms that preview knows; a feed names its address on the web."""
    from digestbot.feeds import Feed, FeedEntry  # noqa: PLC0415 (kept out of --help)
    from digestbot.models import Card  # noqa: PLC0415 (kept out of --help)
    from digestbot.tokens import feed_path  # noqa: PLC0415

    renderer, instance, base = place.press.renderer, place.ledger.instance, place.press.base_url
    pages = {"html": renderer.html, "md": renderer.markdown, "text": renderer.text}
    if form in pages:
        return pages[form](edition).encode()
    new = tuple(FeedEntry(card, edition.due) for card in (*edition.cards, *edition.lines))
    entries = new + tuple(FeedEntry(Card(item.paper, (), ()), edition.due, item.facts) for item in edition.updates)
    make, name = {
        "rss": (renderer.rss, "rss.xml"),
        "atom": (renderer.atom, "atom.xml"),
        "json": (renderer.json_feed, "feed.json"),
    }[form]
    url = base + feed_path(instance.secret, edition.subscription.id, name) if base else ""
    return make(Feed(edition.subscription, instance.domain, edition.due, entries, url))


def id_of(place: "Workplace", wanted: str) -> str:
    """Return the id of the subscription with this id or name. Raises UsageError, with those there are."""
    from digestbot.ledger import subscriptions  # noqa: PLC0415 (kept out of --help)

    with place.ledger.read() as tx:
        known = [standing.subscription for standing in subscriptions.listing(tx) if standing.state != "removed"]
    found = [item.id for item in known if wanted in {item.id, item.name}]
    if len(found) == 1:
        return found[0]
    listed = "\n".join(f"  {item.id}  ({clean(item.name)})" for item in known) or "  none; see digestbot init"
    problem = f"{len(found)} subscriptions are called" if found else "no subscription is called"
    raise click.UsageError(f"{problem} {wanted!r}; there are:\n{listed}")


def _show(content: bytes, suffix: str) -> None:
    with tempfile.NamedTemporaryFile(prefix="digestbot-", suffix=suffix, delete=False) as file:
        file.write(content)
    webbrowser.open(Path(file.name).as_uri())
    click.echo(f"{file.name} is in the browser", err=True)


@click.command("status")
@now_option
@json_option
@click.pass_context
def status_command(ctx: click.Context, clock: Clock, as_json: bool) -> None:
    """Show how everything stands: sources, subscriptions, outbox, what is late and why."""
    from digestbot.cli.workplace import workplace  # noqa: PLC0415 (kept out of --help)

    with workplace(ctx.obj.settings(), clock, owner=False) as place:
        facts = _facts(place, clock())
    if as_json:
        print_json(facts)
    else:
        _print_facts(facts)
    troubled = any(source["verdict"] not in {"", "fresh", "quiet"} for source in facts["sources"])
    held = facts["waiting"] or facts["resting"] or facts["restored"]
    ctx.exit(SOME_FAILED if facts["faults"] or held or troubled else 0)


def _facts(place: "Workplace", now: datetime) -> dict[str, Any]:
    from digestbot.ledger import bounces, matches, overview, papers, sources, subscriptions  # noqa: PLC0415

    with place.ledger.read() as tx:
        standings = [standing for standing in subscriptions.listing(tx) if standing.state != "removed"]
        open_counts = matches.open_counts(tx)
        return {
            "ledger": place.ledger.path,
            "papers": papers.count(tx),
            "sources": _source_facts(place, tx, now),
            "digests": [plain(asdict(row)) for row in sources.latest(tx)],
            "subscriptions": [_standing_facts(standing, open_counts, now) for standing in standings],
            "outbox": overview.counts(tx),
            "waiting": [_waiting(asdict(item)) for item in overview.waiting(tx)],
            "resting": [plain(asdict(item)) for item in overview.resting(tx, now)],
            "restored": place.ledger.restored(),
            "bounces": bounces.counts(tx, now - _BOUNCES),
            "came_back": [_back(row) for row in bounces.latest(tx)],
            "suppressed": len(bounces.listing(tx)),
            "faults": [plain(asdict(fault)) for fault in place.faults],
        }


def _source_facts(place: "Workplace", tx: "Transaction", now: datetime) -> list[dict[str, Any]]:
    """Return how each declared source did last, when it had news, and when it is asked again."""
    from digestbot.ledger import runs  # noqa: PLC0415 (kept out of --help)
    from digestbot.pipeline.fetching import asked_of, next_at  # noqa: PLC0415

    sources = place.settings.sources
    latest = runs.latest(tx, [source.name for source in sources])
    rows = []
    for source in sources:
        run, memory = latest.get(source.name), runs.recall(tx, source.name, asked_of(source), now)
        facts = {
            "source": source.name,
            "kind": source.kind,
            "verdict": run.verdict if run else "",
            "reason": run.reason if run else "never asked",
            "asked": run.at if run else None,
            "news": memory.news_at,
            "next": next_at(source, memory),
        }
        rows.append(plain(facts))
    return rows


def plain(data: dict[str, Any]) -> dict[str, Any]:
    """Return a row as JSON takes it."""
    return {key: value.isoformat() if isinstance(value, datetime) else value for key, value in data.items()}


def _waiting(data: dict[str, Any]) -> dict[str, Any]:
    """Return a message that has not gone out as JSON, its address and those in other people's words masked."""
    return plain(data) | {name: masked(data[name]) for name in ("address", "reason", "reply")}


def _back(data: dict[str, Any]) -> dict[str, Any]:
    """Return a mail that came back as JSON, masked too."""
    return plain(data) | {name: masked(data[name]) for name in ("address", "said")}


def _moment(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None


def _next_due(standing: "Standing", now: datetime) -> str | None:
    """Return when a subscription is looked at next, `now` when that is overdue; None while it waits for a paper."""
    if standing.state != "active" or standing.next_look is None:
        return None
    return _moment(max(standing.next_look, now))


def _standing_facts(standing: "Standing", open_counts: dict[str, int], now: datetime) -> dict[str, Any]:
    item = standing.subscription
    return {
        "id": item.id,
        "name": item.name,
        "channel": item.channel,
        "state": standing.state,
        "reason": standing.reason,
        "open_matches": open_counts.get(item.id, 0),
        "last_due": _moment(standing.last_due),
        "next_due": _next_due(standing, now),
    }


def _print_facts(facts: dict[str, Any]) -> None:
    click.echo(clean(f"ledger {facts['ledger']}: {facts['papers']} papers"))
    # To the minute, in UTC, is all that a person wants to know of a source.
    rows = [
        {key: text[:16].replace("T", " ") if key in _MOMENTS and text else text for key, text in row.items()}
        for row in facts["sources"]
    ]
    print_table("sources", rows, ("source", "kind", "verdict", "asked", "news", "next", "reason"))
    print_table("digests, newest first", facts["digests"], ("source", "verdict", "papers", "rejects", "reason"))
    standing = ("id", "channel", "state", "open_matches", "last_due", "next_due")
    print_table("subscriptions", facts["subscriptions"], standing)
    outbox = ", ".join(f"{count} {state}" for state, count in sorted(facts["outbox"].items()))
    click.echo(f"outbox: {outbox or 'empty'}")
    trouble = ("id", "subscription_id", "state", "attempt", "next_at", "reason", "reply")
    print_table("not gone out", facts["waiting"], trouble)
    print_table("left alone for now", facts["resting"], ("channel", "domain", "until", "reason"))
    came = ", ".join(f"{count} {kind}" for kind, count in sorted(facts["bounces"].items()))
    click.echo(f"bounces in 30 days: {came or 'none'}; {facts['suppressed']} addresses suppressed")
    back = ("read_at", "kind", "reason", "status", "subscription_id", "address", "found_by", "said")
    rows = [row | {"read_at": row["read_at"][:16].replace("T", " ")} for row in facts["came_back"]]
    print_table("came back, newest first", rows, back)
    for line in _advice(facts):
        click.echo(line)


def _advice(facts: dict[str, Any]) -> Iterator[str]:
    """Yield what a person can do about what has not gone out."""
    if facts["restored"]:
        yield "The ledger was restored and nothing is sent: decide with  digestbot outbox restored --hold"
    if facts["outbox"].get("in_doubt"):
        yield "In doubt: look for the Message-ID at the server, then  digestbot outbox resolve sent|failed ID"
    if facts["outbox"].get("failed"):
        yield "Failed: when the cause is mended,  digestbot outbox retry ID"
    if facts["resting"]:
        yield "Left alone: when the cause is mended,  digestbot outbox resume"


def print_table(title: str, rows: Sequence[dict[str, Any]], columns: Sequence[str]) -> None:
    """Print rows below their title; nothing when there is none."""
    from rich.table import Table  # noqa: PLC0415 (kept out of --help)
    from rich.text import Text  # noqa: PLC0415

    if not rows:
        return
    table = Table(title=title, title_justify="left", title_style="bold", box=None, pad_edge=False, header_style="dim")
    for name in columns:
        table.add_column(name.replace("_", " "), overflow="fold")
    for row in rows:
        cells = ("" if row[name] is None else str(row[name]) for name in columns)
        table.add_row(*(Text(clean(cell)) for cell in cells))
    console().print(table)
