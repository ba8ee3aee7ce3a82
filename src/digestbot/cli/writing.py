"""Sentences by a language model, before editions are made: the step, and the line that tells what became of it."""

from collections import Counter
from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING

import click

from digestbot.cli.context import clean, print_json

if TYPE_CHECKING:
    from digestbot.cli.workplace import Workplace
    from digestbot.pipeline.summarising import WriteReport


def write_sentences(place: "Workplace", now: datetime, stop: Callable[[], bool], *, as_json: bool) -> None:
    """Ask for the sentences that the next editions lack, and print what became of them."""
    from digestbot.pipeline.summarising import write  # noqa: PLC0415 (kept out of --help)

    print_written(write(place.ledger, place.author(), now, stop), as_json=as_json)


def print_written(report: "WriteReport", *, as_json: bool) -> None:
    """Print one line: how many sentences were written, how many were not, and why."""
    if as_json:
        facts = {"model": report.model, "written": report.written, "left": report.left}
        print_json({"summaries": facts | {"refused": dict(report.refused), "faults": dict(report.faults)}})
    elif report.written or report.fell_back:
        click.echo(clean(f"summaries by {report.model}: {'; '.join(_told(report))}"))


def _told(report: "WriteReport") -> list[str]:
    told = [f"{report.written} written"]
    if report.fell_back:
        told.append(f"{report.fell_back} left to the abstract's own sentence")
    reasons: Counter[str] = report.refused + report.faults
    told += [f"{count} × {reason}" for reason, count in reasons.most_common()]
    return told + ([f"{report.left} for want of time or calls"] if report.left else [])
