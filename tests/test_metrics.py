"""The numbers of a ledger as Prometheus reads them: from the command, from a file, from a running service."""

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from digestbot.ledger import Ledger, claiming, outbox, runs, subscriptions
from digestbot.ledger.claiming import Wanted
from digestbot.ledger.numbers import Numbers, numbers
from digestbot.ledger.outbox import Lease, Outcome
from digestbot.ledger.runs import Memory, SourceRun
from digestbot.metrics import answering, exposition
from digestbot.models import Paper, Reading, Subscription
from digestbot.pipeline import Press, ingest, publish
from digestbot.rendering import Renderer

NOW = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
ADA = Subscription("ada", "secret wish", "experts", "email", "ada@example.org", "daily 08:00")
Samples = dict[tuple[str, ...], float]


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    with Ledger.open(str(tmp_path / "digestbot.db"), domain="digests.example.org") as ledger:
        yield ledger


def samples(text: bytes) -> Samples:
    families = text_string_to_metric_families(text.decode())
    return {(item.name, *item.labels.values()): item.value for family in families for item in family.samples}


def told(ledger: Ledger, now: datetime) -> Samples:
    def ask() -> tuple[Numbers, datetime]:
        with ledger.read() as tx:
            return numbers(tx), now

    return samples(exposition(ask))


def test_an_empty_ledger_has_no_ages(ledger: Ledger) -> None:
    found = told(ledger, NOW)

    assert found["digestbot_papers",] == 0
    assert found["digestbot_publishing_late_seconds",] == 0
    assert not [name for name, *_ in found if name.endswith("age_seconds")]


def test_what_waits_and_how_long(ledger: Ledger) -> None:
    with ledger.write() as tx:
        subscriptions.put(tx, ADA, NOW)
        subscriptions.put(tx, replace(ADA, id="off"), NOW)
        subscriptions.suppress(tx, "off", "unsubscribed", NOW)
    ingest(ledger, [Reading("a.txt", "test", (Paper("Union of Experts", "arxiv:2503.00001"),))], NOW)
    assert told(ledger, NOW)["digestbot_open_matches",] == 1
    publish(ledger, Press(Renderer(), "Digests <d@example.org>"), NOW)

    found = told(ledger, NOW + 25 * HOUR)

    assert found["digestbot_papers",] == 1
    assert found["digestbot_messages", "due"] == 1
    assert found["digestbot_subscriptions", "active"] == 1
    assert found["digestbot_subscriptions", "suppressed"] == 1
    assert found["digestbot_outbox_age_seconds",] == 25 * 3600
    assert found["digestbot_newest_paper_age_seconds",] == 25 * 3600
    assert found["digestbot_publishing_late_seconds",] == 3600
    with ledger.write() as tx:
        [claim] = claiming.claim(tx, Wanted(1), Lease("token", 0), NOW + 26 * HOUR)
        claiming.hand(tx, [claim], NOW + 26 * HOUR)
        outbox.settle(tx, [Outcome(claim, "sent", "", "250 ok")], NOW + 26 * HOUR)
    assert ("digestbot_outbox_age_seconds",) not in told(ledger, NOW + 27 * HOUR)


def test_each_source_has_one_verdict(ledger: Ledger) -> None:
    with ledger.write() as tx:
        for verdict, at in (("fresh", NOW - HOUR), ("stale", NOW)):
            runs.record(tx, SourceRun('a "feed"', at, verdict, "", 1, 2, 3))  # type: ignore[arg-type]
        runs.remember(tx, 'a "feed"', "x", Memory({}, (), NOW - HOUR, NOW, NOW - HOUR))

    found = told(ledger, NOW + HOUR)

    assert found["digestbot_source_verdict", 'a "feed"', "stale"] == 1
    assert found["digestbot_source_verdict", 'a "feed"', "fresh"] == 0
    assert found["digestbot_source_news_age_seconds", 'a "feed"'] == 7200
    assert found["digestbot_source_asked_age_seconds", 'a "feed"'] == 3600


def test_nobody_is_named(ledger: Ledger) -> None:
    with ledger.write() as tx:
        subscriptions.put(tx, ADA, NOW)
        text = exposition(lambda: (numbers(tx), NOW)).decode()

    assert "ada" not in text
    assert "secret" not in text


def test_a_server_answers_anew_each_time(ledger: Ledger) -> None:
    def ask() -> tuple[Numbers, datetime]:
        with ledger.read() as tx:
            return numbers(tx), NOW

    with answering(ask, "127.0.0.1", 0) as port, httpx.Client(trust_env=False) as client:
        before = samples(client.get(f"http://127.0.0.1:{port}/metrics").content)
        ingest(ledger, [Reading("a.txt", "test", (Paper("Union of Experts", "arxiv:2503.00001"),))], NOW)
        after = samples(client.get(f"http://127.0.0.1:{port}/metrics").content)

    assert (before["digestbot_papers",], after["digestbot_papers",]) == (0, 1)


def digestbot(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "digestbot", *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


def test_the_command_prints_or_replaces_a_file(ledger: Ledger, tmp_path: Path) -> None:
    assert samples(digestbot(tmp_path, "metrics").stdout.encode())["digestbot_papers",] == 0
    (tmp_path / "digestbot.prom").write_text("old")
    assert digestbot(tmp_path, "metrics", "--output", "digestbot.prom").returncode == 0
    assert samples((tmp_path / "digestbot.prom").read_bytes())["digestbot_papers",] == 0
    assert not [path for path in tmp_path.iterdir() if path.name.startswith(".digestbot.prom")]


def test_without_the_extra_it_says_what_to_install(tmp_path: Path) -> None:
    script = "import sys; sys.modules['prometheus_client'] = None; from digestbot.cli import main; main()"

    done = subprocess.run(
        [sys.executable, "-c", script, "metrics"], cwd=tmp_path, capture_output=True, text=True, check=False
    )

    assert done.returncode == 2
    assert "pip install 'digestbot[metrics]'" in done.stderr


@pytest.mark.parametrize("place", ["9464", "127.0.0.1:port", "127.0.0.1:99999"])
def test_an_address_that_is_none_is_told(tmp_path: Path, place: str) -> None:
    done = digestbot(tmp_path, "serve", "--metrics", place)

    assert done.returncode == 2
    assert "127.0.0.1:9464" in done.stderr
