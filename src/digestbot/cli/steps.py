"""The three steps as the verbs take them: at a workplace, each in a span for those who trace."""

import os
from collections.abc import Iterable
from contextlib import AbstractContextManager, nullcontext
from datetime import datetime
from typing import TYPE_CHECKING

import click

from digestbot import pipeline, tracing
from digestbot.cli.context import Clock

if TYPE_CHECKING:
    from digestbot.cli.workplace import Workplace


def tracer() -> AbstractContextManager[tracing.Trace]:
    """Return what opens spans while it lasts: for a collector when the variables name one, else for nobody.

    A missing extra is told and stops nothing: a cluster may set the variables for everything that runs in it.
    """
    if not tracing.wanted(os.environ):
        return nullcontext(tracing.untraced)
    try:
        return tracing.exporting()
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] != "opentelemetry":
            raise
        click.echo(
            "digestbot: a collector of spans is named by OTEL_EXPORTER_OTLP_ENDPOINT, and gets none: they need more "
            "than is installed; get it with: pip install 'digestbot[tracing]'",
            err=True,
        )
        return nullcontext(tracing.untraced)


def ingest(
    place: "Workplace",
    digests: Iterable[pipeline.Digest],
    now: datetime,
    fetching: pipeline.Fetching | None = None,
) -> pipeline.IngestReport:
    """Take digests in, and those of the sources that are due."""
    with place.trace("ingest") as note:
        report = pipeline.ingest(place.ledger, digests, now, fetching)
        new = [item for item in report.digests if item.reason != "read before"]
        note(digests=len(new), papers=sum(item.new for item in new), matches=sum(item.matches for item in new))
        note(failed=report.failed)
    return report


def publish(place: "Workplace", now: datetime) -> pipeline.PublishReport:
    """Write the editions that are due."""
    with place.trace("publish") as note:
        report = pipeline.publish(place.ledger, place.press, now, printers=place.printers)
        note(editions=len(report.issues), empty=len(report.empty), failed=report.failed)
    return report


def deliver(place: "Workplace", clock: Clock, terms: pipeline.Terms) -> pipeline.DeliverReport:
    """Hand over what is due in the outbox."""
    with place.trace("deliver") as note:
        report = pipeline.deliver(place.ledger, place.open_channel, clock, terms)
        note(sent=report.count("sent"), put_off=report.count("due"), given_up=report.count("failed"))
        note(in_doubt=report.count("in_doubt"), failed=report.failed)
    return report
