"""More papers than an edition can show: nothing is used up that nobody saw."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import feedparser
import pytest

from digestbot.editions import BUDGET, LINES
from digestbot.ledger import Ledger, claiming, matches, outbox, subscriptions
from digestbot.ledger.claiming import Wanted
from digestbot.ledger.outbox import Lease
from digestbot.models import Message, Paper, Reading, Subscription
from digestbot.pipeline import Press, ingest, publish
from digestbot.rendering import Renderer

NOW = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)
DAY = timedelta(days=1)
PRESS = Press(Renderer(), "Digests <digests@example.org>", "https://example.org/feeds")


@pytest.fixture
def ledger() -> Iterator[Ledger]:
    with Ledger.open("sqlite://", domain="digests.example.org") as ledger:
        yield ledger


def flood(ledger: Ledger, subscription: Subscription, count: int, abstract: str = "We route.") -> None:
    papers = tuple(
        Paper(f"Routing in {n} parts", f"arxiv:2503.{n:05d}", abstract=abstract, authors=("Ada Lovelace",))
        for n in range(1, count + 1)
    )
    with ledger.write() as tx:
        subscriptions.put(tx, subscription, NOW)
    ingest(ledger, [Reading("flood.txt", "test", papers)], NOW)


def waiting(ledger: Ledger, name: str) -> int:
    with ledger.read() as tx:
        return matches.open_counts(tx).get(name, 0)


def messages(ledger: Ledger) -> list[Message]:
    with ledger.write() as tx:
        claims = claiming.claim(tx, Wanted(100), Lease("reader", 0), NOW + 100 * DAY)
        found = outbox.load(tx, claims)
    return [found[item.row] for item in claims]


def test_what_a_mail_only_counts_comes_with_the_next_one(ledger: Ledger) -> None:
    shown = 5 + LINES
    flood(ledger, Subscription("ada", "Routing", "routing", "email", "ada@example.org", "daily 08:00", limit=5), 80)

    days = [publish(ledger, PRESS, NOW + day * DAY).issues for day in range(4)]

    assert [[issue.papers for issue in issues] for issues in days] == [[shown], [shown], [80 - 2 * shown], []]
    assert waiting(ledger, "ada") == 0


def test_a_mail_that_is_too_large_keeps_the_rest_for_the_next_one(ledger: Ledger) -> None:
    long = "We route. " * 390
    flood(
        ledger,
        Subscription("ada", "Routing", "routing", "email", "ada@example.org", "daily 08:00", limit=60),
        80,
        long,
    )

    seen = 0
    for day in range(10):
        for issue in publish(ledger, PRESS, NOW + day * DAY).issues:
            seen += issue.papers

    assert seen == 80
    for item in messages(ledger):
        html = item.parts[0].content.partition(b"text/html")[2]
        assert len(html) < 1.3 * BUDGET  # quoted-printable is a little longer than what it holds


def test_a_feed_shows_all_of_them_in_order_and_no_two_at_once(ledger: Ledger) -> None:
    flood(ledger, Subscription("feed", "Routing", "routing", "feed", schedule="instant", limit=5), 70)

    publish(ledger, PRESS, NOW)

    (message,) = messages(ledger)
    atom = next(part.content for part in message.parts if part.media_type == "application/atom+xml")
    entries = feedparser.parse(atom).entries
    moments = [entry.updated for entry in entries]
    assert len(entries) == 70
    assert waiting(ledger, "feed") == 0
    assert moments == sorted(set(moments), reverse=True)
