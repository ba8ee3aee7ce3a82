"""``source:`` asks for the digests that brought a paper, whichever of them came first."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from digestbot.ledger import Ledger, matches, subscriptions
from digestbot.models import Paper, Reading, Subscription
from digestbot.pipeline import backfill, ingest

NOW = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)
PAPER = Paper("Routing in Parts", "arxiv:2503.00001", abstract="We route.", authors=("Ada Lovelace",))
READINGS = [Reading("hub/monday.txt", "a", (PAPER,)), Reading("group.txt", "b", (PAPER,))]
ASKED = Subscription("ada", "Routing", "routing source:hub", "folder")


@pytest.fixture
def ledger() -> Iterator[Ledger]:
    with Ledger.open("sqlite://", domain="digests.example.org") as ledger:
        yield ledger


def follow(ledger: Ledger) -> None:
    with ledger.write() as tx:
        subscriptions.put(tx, ASKED, NOW)


def waiting(ledger: Ledger) -> int:
    with ledger.read() as tx:
        return matches.open_counts(tx).get("ada", 0)


@pytest.mark.parametrize("order", [(0, 1), (1, 0)], ids=str)
def test_a_source_is_known_in_any_order(ledger: Ledger, order: tuple[int, ...]) -> None:
    follow(ledger)

    ingest(ledger, [READINGS[n] for n in order], NOW)

    assert waiting(ledger) == 1


def test_a_digest_of_another_name_is_not_meant(ledger: Ledger) -> None:
    follow(ledger)

    ingest(ledger, READINGS[1:], NOW)

    assert waiting(ledger) == 0


def test_a_new_subscription_knows_the_sources_of_papers_that_are_here(ledger: Ledger) -> None:
    ingest(ledger, READINGS, NOW)
    follow(ledger)

    backfill(ledger, NOW)

    assert waiting(ledger) == 1
