"""The verbs that need no memory: what is in these files, what matches, how a query is understood."""

import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from digestbot.cli.context import SOME_FAILED, clean, console, json_option, print_json, progress
from digestbot.errors import MalformedDigestError, QueryError, ReadError
from digestbot.models import Hit, Match, Paper, Reading

if TYPE_CHECKING:
    from digestbot.queries import Document

_FILES = click.argument("files", nargs=-1, required=True, metavar="FILE...", type=click.Path())
_DIALECT = click.option("--dialect", metavar="NAME", help="Read the files as this dialect instead of guessing.")
_QUERY_FAULT: Final = 2
_SIGNS: Final = {"added": "+", "removed": "-", "changed": "~"}


@click.command("read")
@_FILES
@_DIALECT
@click.option("--diff", "former", metavar="FILE", type=click.Path(), help="Show what changed since this reading.")
@json_option
@click.pass_context
def read_command(
    ctx: click.Context, files: Sequence[str], dialect: str | None, former: str | None, as_json: bool
) -> None:
    """Show the papers of digest files, and the lines that could not be read.

    A former reading for --diff is what --json printed then, or the former digest itself.
    """
    show = _print_reading_json if as_json else _print_reading
    failed = False
    papers: list[Paper] = []
    for reading in _readings(files, dialect):
        papers += reading.papers
        if former is None:
            show(reading)
        failed |= bool(reading.rejects) or reading.verdict in {"unreadable", "partial"}
    if former is not None:
        _print_differences(former, papers, as_json=as_json)
    ctx.exit(SOME_FAILED if failed else 0)


def _print_differences(former: str, papers: Sequence[Paper], *, as_json: bool) -> None:
    """Print what changed since a former reading. Raises ReadError when that cannot be read."""
    from digestbot.cli.differences import differences  # noqa: PLC0415 (kept out of --help)
    from digestbot.readers import read_path  # noqa: PLC0415

    count = 0
    for item in differences(read_path(Path(former)).papers, papers):
        count += 1
        if as_json:
            print_json({"difference": asdict(item)})
        else:
            what = f" ({', '.join(item.fields)})" if item.fields else ""
            updates = "; ".join(fact.url if fact.kind == "code" else fact.evidence for fact in item.updates)
            click.echo(clean(f"{_SIGNS[item.change]} {item.title}{what}{': ' if updates else ''}{updates}"))
    click.echo(f"{count} differences from {former}", err=True)


def _readings(files: Sequence[str], dialect: str | None) -> Iterator[Reading]:
    """Yield what each file held; a file that cannot be read gives a reading that says so."""
    from digestbot.readers import read_path  # noqa: PLC0415 (kept out of --help)

    with progress(files, label="reading", total=len(files)) as paths:
        for path in paths:
            try:
                yield read_path(Path(path), dialect)
            except ReadError as error:
                yield _unreadable(path, error)


def _unreadable(path: str, error: ReadError) -> Reading:
    line = f" (line {error.line})" if isinstance(error, MalformedDigestError) and error.line else ""
    return Reading(path, "", (), verdict="unreadable", reason=f"{error.message}{line}")


def _print_reading_json(reading: Reading) -> None:
    for paper in reading.papers:
        print_json({"paper": paper.as_dict()})
    for source in reading.sources:
        print_json({"source": {"name": source.name, "url": source.url, "page": source.page}})
    for reject in reading.rejects:
        print_json({"reject": {"line": reject.line, "reason": reject.reason, "excerpt": reject.excerpt}})
    print_json({"digest": digest_facts(reading)})


def digest_facts(reading: Reading) -> dict[str, Any]:
    """Return the counts of a reading as JSON data."""
    return {
        "source": reading.source,
        "dialect": reading.dialect,
        "date": None if reading.date is None else str(reading.date),
        "papers": len(reading.papers),
        "rejects": len(reading.rejects),
        "sources": len(reading.sources),
        "links": sum(len(paper.links) for paper in reading.papers),
        "verdict": reading.verdict,
        "reason": reading.reason,
    }


def _print_reading(reading: Reading) -> None:
    from rich.table import Table  # noqa: PLC0415 (kept out of --help)
    from rich.text import Text  # noqa: PLC0415

    out = console()
    if reading.papers:
        table = Table(box=None, pad_edge=False, header_style="bold")
        for name, options in (("", {"justify": "right"}), ("title", {"ratio": 5}), ("authors", {"ratio": 3})):
            table.add_column(name, overflow="ellipsis", no_wrap=True, **options)
        for name in ("date", "links"):
            table.add_column(name, no_wrap=True)
        for number, paper in enumerate(reading.papers, 1):
            cells = (str(number), paper.title, _people(paper), paper.published_text or "", _code(paper))
            table.add_row(*(Text(clean(cell)) for cell in cells))
        out.print(table)
    for reject in reading.rejects:
        place = f"{reading.source}:{reject.line}"
        out.print(Text(clean(f"  rejected {place}: {reject.reason}: {reject.excerpt}"), style="yellow"))
    out.print(Text(_summary_line(reading), style="bold" if reading.papers else "bold red"))


def _summary_line(reading: Reading) -> str:
    facts = digest_facts(reading)
    counts = f"{facts['papers']} papers, {facts['rejects']} rejects, {facts['links']} links"
    counts += f", {facts['sources']} sources" if facts["sources"] else ""
    about = ", ".join(str(item) for item in (facts["dialect"], facts["date"]) if item)
    end = "" if reading.verdict == "fresh" and not reading.reason else f" - {reading.verdict}: {reading.reason}"
    return clean(f"{reading.source}: {counts}{f' ({about})' if about else ''}{end}")


def _people(paper: Paper) -> str:
    if paper.authors:
        return ", ".join(paper.authors[:3]) + (" et al." if paper.authors_truncated or len(paper.authors) > 3 else "")
    count = paper.author_count
    return paper.organization or (f"{count} author{'s' if count > 1 else ''}" if count else "")


def _code(paper: Paper) -> str:
    if paper.links:
        return ", ".join(dict.fromkeys(link.kind for link in paper.links))
    return "promised" if paper.promises_code else ""


@click.command("match")
@click.argument("query")
@_FILES
@_DIALECT
@json_option
@click.pass_context
def match_command(ctx: click.Context, query: str, files: Sequence[str], dialect: str | None, as_json: bool) -> None:
    """Show the papers of digest files that a query matches, and where."""
    from digestbot.matching import Index  # noqa: PLC0415 (kept out of --help)
    from digestbot.queries import parse  # noqa: PLC0415

    index = Index()
    index.add("query", parse(query))
    documents, failed = documents_of(files, dialect)
    matches: dict[str, Match] = {}
    for match in index.match(documents):
        matches.setdefault(match.paper.id, match)
    for match in matches.values():
        (_print_match_json if as_json else _print_match)(match)
    different = len({document.paper.id for document in documents})
    click.echo(f"{len(matches)} of {different} papers match", err=True)
    ctx.exit(SOME_FAILED if failed else 0)


def documents_of(files: Sequence[str], dialect: str | None) -> tuple[list["Document"], bool]:
    """Return the papers of all files as queries are held against, and whether a file could not be read."""
    from digestbot.queries import Document  # noqa: PLC0415 (kept out of --help)

    documents: list[Document] = []
    failed = False
    for reading in _readings(files, dialect):
        if reading.verdict == "unreadable":
            click.echo(f"digestbot: {_summary_line(reading)}", err=True)
            failed = True
        documents += [Document(paper, reading.source) for paper in reading.papers]
    return documents, failed


def _print_match_json(match: Match) -> None:
    hits = [hit_facts(hit) for hit in match.hits]
    print_json({"id": match.paper.id, "title": match.paper.title, "hits": hits})


def hit_facts(hit: Hit) -> dict[str, Any]:
    """Return a hit as JSON data."""
    data = {"field": hit.field, "start": hit.start, "end": hit.end, "text": hit.text, "clause": hit.clause}
    return data if hit.item is None else {**data, "item": hit.item}


def _print_match(match: Match) -> None:
    from rich.text import Text  # noqa: PLC0415 (kept out of --help)

    out = console()
    title = Text(clean(match.paper.title), style="bold")
    for hit in (hit for hit in match.hits if hit.field == "title"):
        title.stylize("reverse", hit.start, hit.end)
    out.print(title)
    for hit in _first_of_each_clause(match.hits):
        out.print(_snippet(match.paper, hit))


def _first_of_each_clause(hits: Sequence[Hit]) -> list[Hit]:
    first: dict[str, Hit] = {}
    for hit in hits:
        first.setdefault(hit.clause, hit)
    return list(first.values())


def _snippet(paper: Paper, hit: Hit, around: int = 50) -> Any:
    """Return a hit with the words around it, the hit itself marked, as text for a terminal."""
    from rich.text import Text  # noqa: PLC0415 (kept out of --help)

    value = getattr(paper, hit.field, None)
    whole = value[hit.item] if hit.item is not None and isinstance(value, tuple) else value
    line = Text(f"  {hit.field}: ", style="dim")
    if not isinstance(whole, str):
        return line.append(clean(hit.text), style="reverse not dim")
    start, end = max(0, hit.start - around), min(len(whole), hit.end + around)
    line.append(("…" if start else "") + clean(whole[start : hit.start]), style="not dim")
    line.append(clean(hit.text), style="reverse not dim")
    return line.append(clean(whole[hit.end : end]) + ("…" if end < len(whole) else ""), style="not dim")


@click.command("query")
@click.argument("query")
@json_option
@click.pass_context
def query_command(ctx: click.Context, query: str, as_json: bool) -> None:
    """Show how a query is understood: its canonical form and warnings, or the fault with a caret.

    Where papers are stored already, hints say what they teach about it.
    """
    from digestbot.cli.trying import print_hints, stored_hints  # noqa: PLC0415
    from digestbot.matching import cost  # noqa: PLC0415 (kept out of --help)
    from digestbot.queries import QueryWarning, format_query, parse, warnings  # noqa: PLC0415

    try:
        parsed = parse(query)
    except QueryError as error:
        _print_query_fault(error, as_json=as_json)
        ctx.exit(_QUERY_FAULT)
    remarks = [*warnings(query), *(QueryWarning(0, said) for said in cost.remarks(parsed))]
    hints = stored_hints(ctx.obj, query)
    if as_json:
        listed = [{"column": remark.column, "message": remark.message} for remark in remarks]
        advice = [asdict(hint) for hint in hints]
        print_json({"query": query, "canonical": format_query(parsed), "warnings": listed, "hints": advice})
        return
    click.echo(clean(format_query(parsed)))
    for remark in remarks:
        click.echo(f"{clean(query)}\n{' ' * remark.column}^ {remark.message}", err=True)
    print_hints(hints)


def _print_query_fault(error: QueryError, *, as_json: bool) -> None:
    if as_json:
        fault = {"message": error.message, "column": error.column, "repair": error.repair}
        print_json({"query": error.text, "error": fault})
    else:
        click.echo(str(error), err=True)


@click.command("tldr")
@click.option("--json", "as_json", is_flag=True, help='Print JSON Lines {"summary": …} instead of plain lines.')
@click.pass_context
def tldr_command(ctx: click.Context, as_json: bool) -> None:
    """Summarise papers in one sentence each: JSON Lines {"title", "abstract"} in, a line each out."""
    from digestbot.summaries import summarise  # noqa: PLC0415 (kept out of --help)

    failed = False
    for number, line in enumerate(sys.stdin, 1):
        if not line.strip():
            continue
        paper = _title_and_abstract(line)
        if paper is None:
            click.echo(f'digestbot: line {number} is no JSON object with "title" and "abstract"', err=True)
            failed = True
        summary = "" if paper is None else summarise(*paper)
        if as_json:
            print_json({"summary": summary})
        else:
            click.echo(clean(summary))
    ctx.exit(SOME_FAILED if failed else 0)


def _title_and_abstract(line: str) -> tuple[str, str] | None:
    try:
        data = json.loads(line)
    except (ValueError, RecursionError):
        return None
    if not isinstance(data, dict):
        return None
    title, abstract = data.get("title", ""), data.get("abstract", "")
    return (title, abstract) if isinstance(title, str) and isinstance(abstract, str) else None
