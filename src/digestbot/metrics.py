"""How everything stands, in the text format of Prometheus, told from the ledger.

Nothing is counted in the process: a round from cron, a service that was restarted and a second program that only looks
all give the same numbers. Addresses and names of subscribers are in none of them.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import get_args

from prometheus_client import CollectorRegistry, generate_latest, start_http_server
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from digestbot import __version__
from digestbot.ledger.numbers import Numbers
from digestbot.models import Verdict

Ask = Callable[[], tuple[Numbers, datetime]]
"""Asks the ledger, and the clock."""


def exposition(ask: Ask) -> bytes:
    """Return the numbers in the text format, version 0.0.4."""
    return generate_latest(_registry(ask))


@contextmanager
def answering(ask: Ask, host: str, port: int) -> Iterator[int]:
    """Answer whoever asks at this address while the body runs, and yield the port; 0 takes a free one.

    Raises OSError when nobody can listen there.
    """
    server, thread = start_http_server(port, host, _registry(ask))
    try:
        yield int(server.server_port)
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _registry(ask: Ask) -> CollectorRegistry:
    registry = CollectorRegistry()
    registry.register(_Collector(ask))
    return registry


class _Collector(Collector):
    """What a registry asks for families, anew at each look."""

    def __init__(self, ask: Ask) -> None:
        self._ask = ask

    def describe(self) -> list[GaugeMetricFamily]:
        """Return nothing, so that nothing is asked before the first look."""
        return []

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Yield each family with its samples."""
        found, now = self._ask()
        yield _by("digestbot_info", "The version that tells this.", "version", {__version__: 1})
        yield _one("digestbot_papers", "Papers in the ledger.", found.papers)
        yield _one("digestbot_open_matches", "Papers promised and not yet in an edition.", found.open_matches)
        yield _one("digestbot_editions", "Editions made so far.", found.editions)
        yield _by("digestbot_subscriptions", "Subscriptions by state.", "state", found.subscriptions)
        yield _by("digestbot_messages", "Messages of the outbox by state.", "state", found.messages)
        yield _age("digestbot_newest_paper_age_seconds", "Since a paper came in last.", found.newest_paper, now)
        yield _age("digestbot_newest_edition_age_seconds", "Since an edition was made.", found.newest_edition, now)
        yield _age("digestbot_outbox_age_seconds", "Age of the oldest message that waits.", found.oldest_waiting, now)
        yield _late(found.next_look, now)
        yield from _sources(found, now)


def _sources(found: Numbers, now: datetime) -> Iterator[GaugeMetricFamily]:
    verdicts = GaugeMetricFamily(
        "digestbot_source_verdict", "1 for the verdict of a source's last run.", labels=["source", "verdict"]
    )
    news = GaugeMetricFamily(
        "digestbot_source_news_age_seconds", "Since a source had something new.", labels=["source"]
    )
    asked = GaugeMetricFamily("digestbot_source_asked_age_seconds", "Since a source was asked.", labels=["source"])
    for item in found.sources:
        for verdict in get_args(Verdict):
            verdicts.add_metric([item.source, verdict], float(item.verdict == verdict))
        asked.add_metric([item.source], _seconds(item.asked_at, now))
        if item.news_at is not None:
            news.add_metric([item.source], _seconds(item.news_at, now))
    yield from (verdicts, news, asked)


def _one(name: str, what: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(name, what, value=value)


def _by(name: str, what: str, label: str, counts: dict[str, int]) -> GaugeMetricFamily:
    family = GaugeMetricFamily(name, what, labels=[label])
    for value, count in sorted(counts.items()):
        family.add_metric([value], count)
    return family


def _age(name: str, what: str, moment: datetime | None, now: datetime) -> GaugeMetricFamily:
    """Return an age; without a sample where there is nothing whose age it could be."""
    family = GaugeMetricFamily(name, what, labels=[])
    if moment is not None:
        family.add_metric([], _seconds(moment, now))
    return family


def _late(next_look: datetime | None, now: datetime) -> GaugeMetricFamily:
    """Return how long a subscription has been due that nobody has looked at; one that is new does not count."""
    late = 0.0 if next_look is None or next_look.year < 2000 else _seconds(next_look, now)
    return _one("digestbot_publishing_late_seconds", "How long a subscription has been due and not looked at.", late)


def _seconds(moment: datetime, now: datetime) -> float:
    return max(0.0, (now - moment).total_seconds())
