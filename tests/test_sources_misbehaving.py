"""A source on a bad day: what the server does, the verdict, and what a person reads. Nothing hangs past its bound."""

import re
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bad_server import BadServer, bad_server
from digestbot.connections.web import Web, World
from digestbot.declared import Source
from digestbot.ledger import Ledger, editions
from digestbot.models import SourceState
from digestbot.pipeline import Fetching, IngestReport, ingest
from digestbot.sources.kinds import opener

NOW = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)
DOCS = Path(__file__).parents[1] / "docs" / "sources.md"
TIMEOUT = 0.6
LIMIT = 200_000
PUBLIC = "93.184.216.34"

PATHS = {
    "answers": "good",
    "packs with gzip": "packed",
    "packs with bare deflate": "deflated",
    "has moved": "moved",
    "sends Latin-1, and says so": "latin",
    "says UTF-16, sends UTF-8": "wrong-charset",
    "names an encoding that nobody knows": "unknown-charset",
    "gives a page that names its feed": "page",
    "fails twice with 503": "flaky",
    "wants 7 s of patience once": "flaky-limit",
    "gives a feed without entries": "no-entries",
    "sends a byte now and then, a head without end": "slow-head",
    "sends a byte now and then, a body without end": "slow-body",
    "takes the request and says nothing": "silent",
    "hangs up in the middle of the body": "cut",
    "hangs up in the middle of what is packed": "cut-packed",
    "hangs up at once": "hang-up",
    "is a mail server": "no-http",
    "sends chunks that are none": "bad-chunks",
    "sends four megabytes of headers": "huge-head",
    "answers 500": "500",
    "answers 304 to a first question": "304",
    "redirects to itself": "loop",
    "redirects to what is no address": "to-nonsense",
    "redirects into the local network": "to-private",
    "redirects to a file": "to-file",
    "answers 403": "403",
    "answers 404": "404",
    "answers 410": "410",
    "answers 429": "429",
    "wants to be left alone for an hour": "429-long",
    "sends for ever": "endless",
    "announces a terabyte": "too-long",
    "packs 20 MB of nothing into 20 KB": "bomb",
    "says gzip, and it is none": "no-unpacking",
    "packs with what was not asked for": "brotli",
    "gives a page without a feed": "bare-page",
    "gives a page whose feed is a page": "page-of-pages",
    "gives nothing at all": "empty",
}
"""Where the server behaves as a row of the table says."""


def rows() -> list[tuple[str, str, str]]:
    """Return the table of the documentation: what the server does, the verdict, what a person reads."""
    part = DOCS.read_text(encoding="utf-8").partition("### A bad day")[2].partition("\n## ")[0]
    return re.findall(r"^\| ([^`|]+?) \| `(\w+)` \| (.*?) ?\|$", part, flags=re.MULTILINE)


@pytest.fixture(scope="module")
def server() -> Iterator[BadServer]:
    with bad_server() as server:
        yield server


@pytest.fixture
def ledger() -> Iterator[Ledger]:
    with Ledger.open("sqlite://") as ledger:
        yield ledger


class Run:
    """Asks one source of the bad server, as if it were on the public internet."""

    def __init__(self, server: BadServer) -> None:
        self.pauses: list[float] = []
        self.world = World(pause=self.pauses.append, moment=lambda: NOW, resolve=self.resolve, dial=server.dial)
        self.web = Web("you@example.org", "https://digests.example.org", self.world)

    def resolve(self, host: str, port: int) -> list[str]:
        return [host if host[0].isdigit() else PUBLIC]

    def __call__(self, ledger: Ledger, source: Source, now: datetime = NOW) -> IngestReport:
        return ingest(ledger, (), now, Fetching([source], opener(self.web)))


def source(path: str) -> Source:
    url = f"http://feeds.example.org/{path}"
    return Source("a feed", "feed", url=url, max_bytes=LIMIT, timeout=TIMEOUT, delay=0, every=0)


def test_every_bad_day_has_a_row() -> None:
    assert sorted(words for words, _, _ in rows()) == sorted(PATHS)


@pytest.mark.parametrize(("words", "verdict", "reason"), rows(), ids=[PATHS[row[0]] for row in rows()])
def test_a_bad_day(words: str, verdict: str, reason: str, server: BadServer, ledger: Ledger) -> None:
    run, begun = Run(server), time.monotonic()

    report = run(ledger, source(PATHS[words]))

    spent = time.monotonic() - begun
    (seen,) = report.sources
    print(f"{words}: {seen.verdict} after {spent:.2f} s, pauses {run.pauses}: {seen.reason}")  # shown with -s
    here = reason.replace("60 s", f"{TIMEOUT:g} s").replace("33,554,432", f"{LIMIT:,}")
    assert seen.verdict == verdict, seen.reason
    assert re.fullmatch(re.escape(here).replace("…", ".+"), seen.reason), seen.reason
    assert spent < TIMEOUT + 1
    assert sum(run.pauses) <= 10
    assert report.failed is (verdict not in {"fresh", "quiet"})
    with ledger.read() as tx:
        faults = editions.proof(tx, NOW - timedelta(days=1)).faults
    assert faults == ((SourceState("a feed", seen.verdict, seen.reason),) if report.failed else ())
