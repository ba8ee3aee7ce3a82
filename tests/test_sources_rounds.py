"""Sources in rounds: when each is asked, what it remembers, what survives a crash, and what a person gets to see."""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from bad_server import BadServer, bad_server, feed
from digestbot.cli import cli
from digestbot.cli.serving import folder_patterns
from digestbot.cli.workplace import Workplace, pause
from digestbot.declared import Source
from digestbot.errors import FetchError
from digestbot.expectations import Look
from digestbot.ledger import Ledger, runs, sources, subscriptions
from digestbot.ledger.runs import Memory, SourceRun
from digestbot.models import Paper, SourceState, Subscription
from digestbot.pipeline import Fetching, IngestReport, ingest
from digestbot.pipeline.fetching import asked_of, is_due, next_at
from digestbot.sources.items import Fetched, Item, Notice, Past, Remember, Unread

NOW = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
SOURCE = Source("s", "feed", url="https://s.example.org/", every=0)


def digest(*titles: str, name: str = "d", **remember: Any) -> Fetched:
    lines = [json.dumps({"paper": Paper(title, f"title:{title}").as_dict()}) for title in titles]
    return Fetched(name, "\n".join(lines).encode(), remember)


class Script:
    """Stands for all kinds of sources: gives what the test says, and notes what it was told."""

    def __init__(self, *items: Item | FetchError) -> None:
        self.items = list(items)
        self.past: list[dict[str, Any]] = []

    def __call__(self, source: Source, past: Past, now: datetime) -> Iterator[Item]:
        self.past.append(dict(past))
        for item in self.items:
            if isinstance(item, FetchError):
                raise item
            yield item


@pytest.fixture
def ledger() -> Iterator[Ledger]:
    with Ledger.open("sqlite://") as ledger:
        yield ledger


def run(ledger: Ledger, script: Script, source: Source = SOURCE, now: datetime = NOW) -> IngestReport:
    return ingest(ledger, (), now, Fetching([source], script))


def memory(ledger: Ledger, source: Source = SOURCE, now: datetime = NOW) -> Memory:
    with ledger.read() as tx:
        return runs.recall(tx, source.name, asked_of(source), now)


# When


@pytest.mark.parametrize(
    ("asked", "wait", "now", "due"),
    [
        (None, None, NOW, True),
        (NOW, None, NOW, False),
        (NOW, None, NOW + HOUR, True),
        (NOW, None, NOW + 0.96 * HOUR, True),  # cron is not exact
        (NOW, None, NOW + 0.9 * HOUR, False),
        (NOW, NOW + 5 * HOUR, NOW + 4 * HOUR, False),
        (NOW, NOW + 5 * HOUR, NOW + 5 * HOUR, True),
        (NOW + DAY, None, NOW, True),  # the clock was set back
        (NOW + HOUR / 60, None, NOW, False),  # a little
    ],
)
def test_when_a_source_is_asked(asked: datetime | None, wait: datetime | None, now: datetime, due: bool) -> None:
    assert is_due(replace(SOURCE, every=3600), Memory({}, (), NOW, asked, None, wait), now) is due


def test_when_it_is_asked_again() -> None:
    hourly = replace(SOURCE, every=3600)

    assert next_at(hourly, Memory({}, (), NOW)) == NOW
    assert next_at(hourly, Memory({}, (), NOW, NOW)) == NOW + 0.95 * HOUR
    assert next_at(hourly, Memory({}, (), NOW, NOW, None, NOW + DAY)) == NOW + DAY


def test_a_source_that_is_not_due_is_left_alone(ledger: Ledger) -> None:
    script, hourly = Script(digest("One")), replace(SOURCE, every=3600)

    counts = [len(run(ledger, script, hourly, NOW + HOUR * n / 2).sources) for n in range(5)]

    assert counts == [1, 0, 1, 0, 1]
    assert len(script.past) == 3


def test_who_asks_for_patience_gets_it(ledger: Ledger) -> None:
    script = Script(FetchError("answered 429", "blocked", retry_after=7200))

    assert [len(run(ledger, script, SOURCE, NOW + HOUR * n).sources) for n in range(3)] == [1, 0, 1]
    script.items = [digest("One")]
    assert run(ledger, script, SOURCE, NOW + 4 * HOUR).sources[0].verdict == "fresh"
    assert memory(ledger).wait_until is None


def test_asked_for_another_thing_it_forgets(ledger: Ledger) -> None:
    script, hourly = Script(digest("One", etag="1")), replace(SOURCE, every=3600)
    run(ledger, script, hourly)

    run(ledger, script, replace(hourly, timeout=5), NOW + HOUR)
    other = replace(hourly, url="https://other.example.org/")
    seen = run(ledger, script, other, NOW + HOUR).sources

    assert script.past == [{}, {"etag": "1"}, {}]
    assert [item.verdict for item in seen] == ["fresh"]


# What is remembered


def test_only_what_was_read_is_remembered(ledger: Ledger) -> None:
    script = Script(
        digest("One", one=1),
        Fetched("bad", b"\x00", {"two": 2}),
        Fetched("odd", b"what is this?", {"three": 3}, once=True),
        Unread("large", "has more than 3 bytes"),
        Unread("larger", "has more than 3 bytes", {"four": 4}),
        Remember({"five": 5, "six": 6}),
        Remember({"six": None}),
    )

    report = run(ledger, script)

    assert dict(memory(ledger).state) == {"one": 1, "three": 3, "four": 4, "five": 5}
    assert [(item.source, item.verdict) for item in report.digests] == [
        ("d", "fresh"),
        ("bad", "unreadable"),
        ("odd", "unreadable"),
        ("large", "unreadable"),
        ("larger", "unreadable"),
    ]
    (seen,) = report.sources
    assert (seen.verdict, seen.digests, seen.papers, seen.news) == ("partial", 5, 1, 1)
    assert seen.reason.startswith("4 of 5 digests could not be read: bad: ")


def test_what_came_before_a_failure_is_kept(ledger: Ledger) -> None:
    script = Script(digest("One", day=1), digest("Two", day=2), FetchError("answered 503", "down"))

    (seen,) = run(ledger, script).sources

    assert (seen.verdict, seen.reason) == ("partial", "answered 503, after 2 new papers")
    assert dict(memory(ledger).state) == {"day": 2}


def test_a_round_that_is_stopped(ledger: Ledger) -> None:
    script = Script(digest("One", day=1), digest("Two", day=2))
    stops = iter([False, True, True, True])
    others = [SOURCE, replace(SOURCE, name="t")]

    report = ingest(ledger, (), NOW, Fetching(others, script, lambda: next(stops)))

    assert (report.sources, len(report.digests), len(script.past)) == ((), 1, 1)
    assert dict(memory(ledger).state) == {"day": 1}
    assert memory(ledger).asked_at is None
    assert run(ledger, script).sources[0].news == 1


def test_a_pause_that_is_stopped(ledger: Ledger) -> None:
    stopped = [False]

    def waiting(source: Source, past: Past, now: datetime) -> Iterator[Item]:
        yield digest("One", day=1)
        stopped[0] = True
        pause(60, lambda: stopped[0])

    stops = iter([False, False, True])  # before the source, after its digest, when it broke off

    assert ingest(ledger, (), NOW, Fetching([SOURCE], waiting, lambda: next(stops))).sources == ()
    assert dict(memory(ledger).state) == {"day": 1}
    pause(0.001, lambda: False)


def test_holidays_are_learned_from_the_year_before(ledger: Ledger) -> None:
    daily = replace(SOURCE, expect="daily")
    titles = iter(range(10_000))

    def looked(days: int, *, news: bool) -> str:
        script = Script(digest(f"Paper {next(titles)}")) if news else Script()
        return run(ledger, script, daily, NOW + DAY * days).sources[0].verdict

    for days in (0, 1, 2, 3, 365, 366):
        looked(days, news=days != 2)

    assert looked(368, news=False) == "quiet"  # the day that is over is the one that was silent a year before
    assert looked(369, news=False) == "stale"


def test_a_run_that_is_killed_loses_and_doubles_nothing(ledger: Ledger) -> None:
    """Dies with 60 of 70 digests read: what it remembers was written down after the fiftieth."""

    class Killed(BaseException):
        pass

    def dying(source: Source, past: Past, now: datetime) -> Iterator[Item]:
        for number in range(past.get("n", 0), 60):
            yield digest(f"Paper {number:02d}", n=number + 1)
        raise Killed

    with pytest.raises(Killed):
        ingest(ledger, (), NOW, Fetching([SOURCE], dying))
    assert memory(ledger).state["n"] == 49
    script = Script(*(digest(f"Paper {number:02d}", n=number + 1) for number in range(49, 70)))

    (seen,) = run(ledger, script, now=NOW + HOUR).sources

    assert (seen.verdict, seen.digests, seen.news) == ("fresh", 21, 20)
    with ledger.read() as tx:
        assert sources.count(tx, NOW - DAY) == 70


def test_many_papers_are_not_remembered_for_ever(ledger: Ledger) -> None:
    with ledger.write() as tx:
        runs.remember(tx, "s", "x", Memory({}, tuple(map(str, range(12_000))), NOW))
        seen = runs.recall(tx, "s", "x", NOW).seen

    assert (len(seen), seen[-1]) == (10_000, "11999")


# What is written down


def test_each_run_has_its_row(ledger: Ledger) -> None:
    script = Script(digest("One"), Notice("hm"))
    for hours in range(3):
        run(ledger, script, now=NOW + HOUR * hours)

    with ledger.read() as tx:
        looks = runs.looks(tx, "s", NOW - DAY, NOW + 999 * DAY)
        assert runs.latest(tx, ["s", "t"]) == {"s": SourceRun("s", NOW + 2 * HOUR, "quiet", "nothing new; hm", 1, 1, 0)}
        assert runs.latest(tx, ["t"]) == {}
    assert looks == [Look(NOW, True), Look(NOW + HOUR, False), Look(NOW + 2 * HOUR, False)]


def test_runs_of_long_ago_are_dropped(ledger: Ledger) -> None:
    script = Script()
    for days in (0, 399, 401):
        run(ledger, script, now=NOW + DAY * days)

    with ledger.read() as tx:
        assert [look.at for look in runs.looks(tx, "s", NOW - DAY, NOW + 999 * DAY)] == [
            NOW + 399 * DAY,
            NOW + 401 * DAY,
        ]


def test_faults_are_those_of_sources_and_of_files(ledger: Ledger, tmp_path: Path) -> None:
    bad = Script(Fetched("part of s", b"what is this?"))
    report = run(ledger, bad)
    ingest(ledger, [next(iter(read_errors(tmp_path)))], NOW)

    with ledger.read() as tx:
        faults = sources.faults(tx, NOW - DAY)
        rows = {row.source: row.verdict for row in sources.latest(tx)}
    assert report.failed
    assert [(item.name, item.verdict) for item in faults] == [
        (str(tmp_path / "none"), "unreadable"),
        ("s", "unreadable"),
    ]
    assert rows == {"part of s": "unreadable", str(tmp_path / "none"): "unreadable"}
    run(ledger, Script(digest("One")), now=NOW + HOUR)
    with ledger.read() as tx:
        assert [item.name for item in sources.faults(tx, NOW - DAY)] == [str(tmp_path / "none")]


def read_errors(folder: Path) -> Iterator[Any]:
    from digestbot.pipeline import digest_of  # noqa: PLC0415

    yield digest_of(folder / "none")


def test_a_stale_source_has_to_be_looked_at(ledger: Ledger) -> None:
    daily, script = replace(SOURCE, expect="daily"), Script(digest("One"))

    reports = [run(ledger, script, daily, NOW + DAY * day) for day in range(3)]

    assert [report.failed for report in reports] == [False, False, True]
    assert reports[2].sources[0].reason == (
        "nothing new since Friday, 20 November, 08:00 UTC, and it was due by Sunday, 22 November, 00:00 UTC"
    )
    later = run(ledger, Script(digest("One", "Two")), daily, NOW + 3 * DAY)
    assert (later.sources[0].verdict, later.failed) == ("fresh", False)


def test_a_source_that_never_had_anything_is_stale_in_time(ledger: Ledger) -> None:
    daily = replace(SOURCE, expect="daily")

    verdicts = [run(ledger, Script(), daily, NOW + DAY * day).sources[0].verdict for day in range(3)]

    assert verdicts == ["quiet", "quiet", "stale"]


def test_papers_of_sources_are_matched(ledger: Ledger) -> None:
    with ledger.write() as tx:
        subscriptions.put(tx, Subscription("ada", "ada", "pruning", "folder"), NOW)

    report = run(ledger, Script(digest("Pruning Again", "Something Else")))

    assert report.digests[0].matches == 1


# Old ledgers

OLDEST = Path(__file__).parent / "data" / "ledger-1.sql"


def test_a_ledger_from_before_there_were_sources(tmp_path: Path) -> None:
    path = tmp_path / "old.db"
    with closing(sqlite3.connect(path)) as old:
        old.executescript(OLDEST.read_text(encoding="utf-8"))
        old.executescript(
            "INSERT INTO digest (sha256, source, dialect, verdict, reason, papers, rejects, added_at, read_at)"
            " VALUES ('x', 'old.txt', '', 'unreadable', 'why', 0, 0, '2026-11-20 07:00:00', '2026-11-20 07:00:00')"
        )

    with Ledger.open(str(path)) as ledger:
        assert run(ledger, Script(digest("One"))).sources[0].verdict == "fresh"
        with ledger.read() as tx:
            assert sources.faults(tx, NOW - DAY) == (SourceState("old.txt", "unreadable", "why"),)


# The command line


@pytest.fixture(scope="module")
def server() -> Iterator[BadServer]:
    with bad_server() as server:
        yield server


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("DIGESTBOT_CONFIG", raising=False)
    (tmp_path / "subscriptions").mkdir()
    return tmp_path


def call(*words: str) -> Result:
    return CliRunner().invoke(cli, words)


def settings(folder: Path, server: BadServer, *paths: str) -> None:
    tables = [
        f'[[source]]\nname = "{path}"\nkind = "feed"\nurl = "{server.url}/{path}"\n'
        'allow_private = true\ndelay = 0\ntimeout = 5\nevery = "1h"\n'
        for path in paths
    ]
    (folder / "digestbot.toml").write_text("\n".join(tables))


def json_lines(result: Result) -> list[dict[str, Any]]:
    return [json.loads(line) for line in result.stdout.splitlines()]


AT = "2026-11-20T08:00:00+00:00"


def test_a_run_and_what_status_says(folder: Path, server: BadServer) -> None:
    settings(folder, server, "good", "403")

    before = call("status", "--now", AT)
    done = call("run", "--now", AT)
    after = call("status", "--now", AT)
    facts = json_lines(call("status", "--json", "--now", AT))[0]["sources"]

    assert before.exit_code == 0
    assert "never asked" in before.stdout
    assert done.exit_code == 1
    assert "good: fresh (1 digests, 2 papers, 2 new to it)" in done.stdout
    assert "403: blocked: answered 403 Forbidden (0 digests, 0 papers, 0 new to it)" in done.stdout
    assert after.exit_code == 1
    assert "answered 403 Forbidden" in after.stdout
    assert facts[0] | {"next": ""} == {
        "source": "good",
        "kind": "feed",
        "verdict": "fresh",
        "reason": "",
        "asked": facts[0]["asked"],
        "news": facts[0]["asked"],
        "next": "",
    }
    assert (facts[1]["verdict"], facts[1]["news"]) == ("blocked", None)


def test_status_is_content_when_all_is_well(folder: Path, server: BadServer) -> None:
    settings(folder, server, "good")

    assert call("run", "--now", AT).exit_code == 0
    assert call("status", "--now", AT).exit_code == 0


def test_as_json(folder: Path, server: BadServer) -> None:
    settings(folder, server, "good")

    first, second = (json_lines(call("ingest", "--json", "--now", AT)) for _ in range(2))

    (run,) = [line["source"] for line in first if "source" in line]
    assert run | {"at": ""} == {
        "source": "good", "at": "", "verdict": "fresh", "reason": "", "digests": 1, "papers": 2, "news": 2,
    }  # fmt: skip
    assert [line["ingested"]["fetched_from"] for line in first if "ingested" in line] == ["good"]
    assert second == []  # it is not due


def test_named_files_are_all_that_is_read(folder: Path, server: BadServer) -> None:
    settings(folder, server, "good")
    (folder / "a.xml").write_bytes(feed("One"))

    done = json_lines(call("ingest", "--json", "--now", AT, "a.xml"))

    assert [next(iter(line)) for line in done] == ["ingested"]


def test_a_dry_run_asks_and_forgets(folder: Path, server: BadServer) -> None:
    settings(folder, server, "good")

    assert "good: fresh" in call("run", "--dry-run", "--now", AT).stdout
    assert "good: fresh" in call("run", "--now", AT).stdout


def test_an_empty_mail_says_why(folder: Path, server: BadServer) -> None:
    settings(folder, server, "403")
    (folder / "subscriptions" / "a.toml").write_text(
        '[[subscription]]\nname = "a"\nchannel = "folder"\nquery = "experts"\nempty = "send"\nschedule = "daily"\n'
    )

    assert call("run", "--now", AT).exit_code == 1
    (page,) = (folder / "out").rglob("*.md")
    assert "answered 403 Forbidden" in page.read_text()


def test_doctor_asks_for_a_contact(folder: Path, server: BadServer) -> None:
    settings(folder, server, "good")
    assert "look  sources: 1 in the settings; set digestbot.contact" in call("doctor").stdout

    config = folder / "digestbot.toml"
    config.write_text('[digestbot]\ncontact = "you@example.org"\n' + config.read_text())
    assert "ok    sources: 1 in the settings\n" in call("doctor").stdout


def test_the_server_sees_who_asks(folder: Path, server: BadServer) -> None:
    settings(folder, server, "good")
    config = folder / "digestbot.toml"
    config.write_text(
        '[digestbot]\ncontact = "you@example.org"\nbase_url = "https://d.example.org"\n' + config.read_text()
    )

    call("run", "--now", AT)

    assert "user-agent: digestbot/" in server.heads[-1].lower()
    assert "(+https://d.example.org; mailto:you@example.org)" in server.heads[-1]


def test_serve_watches_the_folders_of_sources() -> None:
    declared = [
        Source("a", "folder", path="/in/[x]", pattern="*.txt"),
        Source("b", "glob", pattern="/srv/*"),
        Source("c", "feed"),
    ]

    assert folder_patterns(declared) == ["/in/[[]x]/*.txt", "/srv/*"]


def test_a_terminal_sees_who_is_asked(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:  # fmt: skip # noqa: E501
    from digestbot.config import load  # noqa: PLC0415

    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    declared = Source("the \x1b[31minbox", "folder", path=str(tmp_path), pattern="*")
    place = Workplace(replace(load(None, {}), sources=(declared,)), None, None, ())  # type: ignore[arg-type]

    fetching = place.fetching()

    assert fetching is not None
    assert list(fetching.open(declared, {}, NOW)) == []
    assert capsys.readouterr().err == "asking the  [31minbox\n"
    assert Workplace(load(None, {}), None, None, ()).fetching() is None  # type: ignore[arg-type]
