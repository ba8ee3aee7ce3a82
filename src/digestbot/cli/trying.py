"""The verbs that try a query: on one paper (explain), on all that is stored (backtest), and the hints that follow."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import date, datetime
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

import click

from digestbot.cli.context import Cli, Clock, clean, json_option, now_option, print_json
from digestbot.errors import DigestbotError, QueryError

if TYPE_CHECKING:
    from digestbot.advice import Hint
    from digestbot.ledger import Ledger
    from digestbot.pipeline.backtesting import Backtest, Found
    from digestbot.queries import Document

_SHOWN: Final = 20
"""Papers that are listed; --json lists them all."""
_HEIGHT: Final = 5
"""Lines of a chart."""
_LEVELS: Final = " ▁▂▃▄▅▆▇█"
_NO_MACROS: Mapping[str, str] = MappingProxyType({})


def hints_of(ledger: "Ledger", query: str, now: datetime, macros: Mapping[str, str] = _NO_MACROS) -> "tuple[Hint, ...]":
    """Return what the stored papers say about a query that can be read."""
    from digestbot.pipeline.backtesting import hints, span_of  # noqa: PLC0415 (kept out of --help)

    with ledger.read() as tx:
        return hints(tx, query, span_of(now), macros=macros)


def stored_hints(obj: Cli, query: str) -> "tuple[Hint, ...]":
    """Return the same from the ledger of the settings, where there is one: nothing may fail for a hint."""
    from digestbot.ledger import Ledger  # noqa: PLC0415 (kept out of --help)

    try:
        with Ledger.open(obj.settings().ledger, create=False) as ledger:
            return hints_of(ledger, query, Clock()())
    except DigestbotError:
        return ()


def cost_hints(query: str) -> "tuple[Hint, ...]":
    """Return what a query costs, where that is as much as hundreds of others; nothing of one that cannot be read."""
    from digestbot.advice import Hint  # noqa: PLC0415 (kept out of --help)
    from digestbot.matching import cost  # noqa: PLC0415
    from digestbot.queries import parse  # noqa: PLC0415

    try:
        return tuple(Hint(said) for said in cost.remarks(parse(query)))
    except QueryError:
        return ()


def print_hints(hints: "Sequence[Hint]") -> None:
    """Print hints for a person, beside what a command is asked for."""
    for hint in hints:
        click.echo(clean(f"hint: {hint.message}"), err=True)
        for title in hint.titles:
            click.echo(clean(f"        {title}"), err=True)
        if hint.query:
            click.echo(clean(f"        {hint.query}"), err=True)


@click.command("backtest")
@click.argument("query")
@click.option("--days", type=click.IntRange(1, 36500), default=90, show_default=True, help="How far back to look.")
@now_option
@json_option
@click.pass_obj
def backtest_command(obj: Cli, query: str, days: int, clock: Clock, as_json: bool) -> None:
    """Say what a query would have brought a day, from what is stored, and which papers."""
    from digestbot.ledger import Ledger  # noqa: PLC0415 (kept out of --help)
    from digestbot.pipeline.backtesting import backtest, hints, span_of  # noqa: PLC0415
    from digestbot.queries import parse  # noqa: PLC0415

    parsed, span = parse(query), span_of(clock(), days)
    with Ledger.open(obj.settings().ledger, create=False) as ledger, ledger.read() as tx:
        found = backtest(tx, parsed, span)
        said = hints(tx, query, span, found)
    if as_json:
        print_json(_facts(found, said))
        for match in found.matches:
            print_json(_match_facts(match))
    else:
        _print_backtest(found, days)
        print_hints(said)


def _facts(found: "Backtest", hints: "Sequence[Hint]") -> dict[str, Any]:
    return {
        "papers": sum(found.seen.values()),
        "matched": len(found.matches),
        "days": {str(day): count for day, count in found.days.items()},
        "median": found.median,
        "mean": round(found.mean, 3),
        "most": found.most,
        "empty_days": found.empty_days,
        "flood_days": found.flood_days,
        "hints": [asdict(hint) for hint in hints],
    }


def _match_facts(match: "Found") -> dict[str, Any]:
    from digestbot.cli.reading import hit_facts  # noqa: PLC0415 (kept out of --help)

    paper = match.stored.paper
    hits = [hit_facts(hit) for hit in match.hits]
    return {"id": paper.id, "title": paper.title, "first_seen": match.stored.first_seen.isoformat(), "hits": hits}


def _print_backtest(found: "Backtest", days: int) -> None:
    total = sum(found.seen.values())
    if not total:
        click.echo(f"No papers came in during the last {days} days.")
        return
    for line in chart(found.days) if found.matches else ():
        click.echo(line)
    click.echo(
        f"{len(found.matches):,} of {total:,} papers match, on {len(found.seen)} days with papers: "
        f"a median of {found.median:g} a day, {found.mean:.1f} on average, {found.most} at most; "
        f"{_days(found.empty_days)} without any, {_days(found.flood_days)} with more than an edition shows"
    )
    for match in found.matches[:_SHOWN]:
        words = ", ".join(dict.fromkeys(hit.text for hit in match.hits))
        click.echo(clean(f"  {match.day}  {match.stored.paper.title}  [{_short(words)}]"))
    if len(found.matches) > _SHOWN:
        click.echo(f"  and {len(found.matches) - _SHOWN:,} more; --json lists them all")
    if not found.matches:
        click.echo("Nothing matched. See what is near:  digestbot explain QUERY PAPER")


def _days(count: int) -> str:
    return f"{count} day" + ("" if count == 1 else "s")


def _short(text: str, width: int = 60) -> str:
    return text if len(text) <= width else text[: width - 1] + "…"


def chart(days: Mapping[date, int]) -> list[str]:
    """Return bars from left to right, one a day, or one for several days where there are more than 90.

    A dot under it is a time in which no papers came in.
    """
    first, last = min(days), max(days)
    length = (last - first).days + 1
    wide = -(-length // 90)
    bars: list[int | None] = [None] * -(-length // wide)
    for day, count in days.items():
        at = (day - first).days // wide
        bars[at] = (bars[at] or 0) + count
    most = max(count or 0 for count in bars) or 1
    label = len(str(most))
    lines = ["".join(_block(count, most, row) for count in bars) for row in reversed(range(_HEIGHT))]
    base = "".join("·" if count is None else "─" for count in bars)
    marks = [str(most), *[""] * (_HEIGHT - 1)]
    drawn = [f"{mark:>{label}} │{line}".rstrip() for mark, line in zip(marks, lines, strict=True)]
    said = "a day" if wide == 1 else f"every {wide} days"
    return [*drawn, f"{'0':>{label}} └{base}", f"{'':>{label}}  {first} … {last}, {said}"]


def _block(count: int | None, most: int, row: int) -> str:
    """Return one character of a bar: eighths of a line; what is not nothing is seen."""
    eighths = -(-(count or 0) * _HEIGHT * 8 // most)
    return _LEVELS[max(0, min(8, eighths - 8 * row))]


@click.command("explain")
@click.argument("query")
@click.argument("paper")
@click.option(
    "--in", "files", multiple=True, metavar="FILE", type=click.Path(), help="Look for the paper in this file."
)
@json_option
@click.pass_obj
def explain_command(obj: Cli, query: str, paper: str, files: Sequence[str], as_json: bool) -> None:
    """Say why a paper matches a query, or why not, how near it came, and what to write instead.

    PAPER is an id, or words of its title. Without --in, it is looked for among the stored papers.
    """
    from digestbot.cli.reading import documents_of  # noqa: PLC0415 (kept out of --help)
    from digestbot.matching import explain  # noqa: PLC0415
    from digestbot.queries import parse_with_warnings  # noqa: PLC0415

    parsed = parse_with_warnings(query)
    document = _find_paper(paper, documents_of(files, None)[0]) if files else _stored(obj, paper)
    told = explain(parsed.query, document, parsed.typed)
    if as_json:
        print_json(asdict(told))
    else:
        click.echo(clean_lines(str(told)))


def clean_lines(text: str) -> str:
    """Return text from outside fit for a terminal, its line ends kept."""
    return "\n".join(clean(line) for line in text.splitlines())


def _stored(obj: Cli, wanted: str) -> "Document":
    """Return the stored paper with this id, or with these words in its title; raises UsageError."""
    from digestbot.ledger import Ledger, papers, stock  # noqa: PLC0415 (kept out of --help)
    from digestbot.pipeline.matchmaking import documents_of  # noqa: PLC0415

    with Ledger.open(obj.settings().ledger, create=False) as ledger, ledger.read() as tx:
        for name in (wanted, f"arxiv:{wanted}", f"doi:{wanted}", f"pmid:{wanted}", f"openreview:{wanted}"):
            if (known := papers.find(tx, name)) is not None:
                return documents_of(tx, [known])[0]
        return _find_paper(wanted, documents_of(tx, stock.titled(tx, wanted)), papers.count(tx))


def _find_paper(wanted: str, documents: "Sequence[Document]", among: int | None = None) -> "Document":
    """Return the paper with this id, or the one whose title holds these words; raises UsageError."""
    from digestbot.text import fold  # noqa: PLC0415 (kept out of --help)

    for document in documents:
        if wanted in {document.paper.id, document.paper.id.partition(":")[2]}:
            return document
    called = {document.paper.id: document for document in documents if fold(wanted) in fold(document.paper.title)}
    found = list(called.values())
    if len(found) == 1:
        return found[0]
    if not found:
        raise click.UsageError(f"no paper is called {wanted!r} among {len(documents) if among is None else among}")
    titles = "\n  ".join(clean(document.paper.title) for document in found[:10])
    raise click.UsageError(f"{len(found)} papers fit {wanted!r}; say more of the title:\n  {titles}")
