"""``links``: visits to what the papers link to, or, for files, what their links are without asking anybody."""

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from digestbot.cli.context import SOME_FAILED, Clock, clean, console, json_option, now_option, print_json
from digestbot.cli.rounds import opened
from digestbot.errors import ReadError

if TYPE_CHECKING:
    from digestbot.pipeline.visiting import VisitReport


@click.command("links")
@click.argument("files", nargs=-1, metavar="[FILE]...", type=click.Path())
@now_option
@json_option
@click.pass_context
def links_command(ctx: click.Context, files: Sequence[str], clock: Clock, as_json: bool) -> None:
    """Visit the links of papers that are due and print what is there; of files, list the links and ask nobody."""
    if files:
        ctx.exit(_list_links(files, as_json=as_json))
    from digestbot.pipeline.visiting import visit  # noqa: PLC0415 (kept out of --help)

    with opened(ctx.obj, clock) as place:
        report = visit(place.ledger, place.asking(), clock())
        print_visited(report, as_json=as_json)
        if not report.visited and not as_json:
            click.echo("no link is due for a visit", err=True)


def print_visited(report: "VisitReport", *, as_json: bool) -> None:
    """Print what each visit found, and which hosts are left alone for now."""
    for item in report.visited:
        if as_json:
            print_json({"visited": asdict(item)})
        else:
            came = "code has come: " if item.arrived else ""
            click.echo(clean(f"{item.place}: {came}{item.state}{f': {item.found}' if item.found else ''}"))
    for host in report.left_alone:
        if as_json:
            print_json({"left_alone": host})
        else:
            click.echo(clean(f"{host} is left alone for now"))


def _list_links(files: Sequence[str], *, as_json: bool) -> int:
    """Print what the addresses in digest files lead to, each once; return the exit code."""
    rows: dict[str, dict[str, Any]] = {}
    failed = 0
    for path in files:
        try:
            rows |= {row["key"]: row for row in _rows(path) if row["key"] not in rows}
        except ReadError as error:
            click.echo(f"digestbot: {error}", err=True)
            failed = SOME_FAILED
    if as_json:
        for row in rows.values():
            print_json({"link": {name: value for name, value in row.items() if name != "key"}})
    else:
        _print_table(list(rows.values()))
    return failed


def _rows(path: str) -> list[dict[str, Any]]:
    """Return a row for each link of a file that can be visited. Raises ReadError."""
    from digestbot.enrichment.targets import target_of  # noqa: PLC0415 (kept out of --help)
    from digestbot.links import link_key  # noqa: PLC0415
    from digestbot.readers import read_path  # noqa: PLC0415

    return [
        {
            "host": target.host,
            "kind": link.kind,
            "asked": target.kind,
            "owner": target.owner,
            "name": target.name,
            "url": target.url,
            "paper": paper.id,
            "key": link_key(link.url),
        }
        for paper in read_path(Path(path)).papers
        for link in paper.links
        if (target := target_of(link.url))
    ]


def _print_table(rows: Sequence[dict[str, Any]]) -> None:
    from rich.table import Table  # noqa: PLC0415 (kept out of --help)
    from rich.text import Text  # noqa: PLC0415

    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in ("host", "kind", "owner", "name", "url"):
        table.add_column(name, overflow="fold" if name == "url" else "ellipsis", no_wrap=name != "url")
    for row in rows:
        table.add_row(*(Text(clean(row[name])) for name in ("host", "kind", "owner", "name", "url")))
    console().print(table)
    hosts = len({row["host"] for row in rows})
    click.echo(f"{len(rows)} links on {hosts} hosts; nobody was asked")
