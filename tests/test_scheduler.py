"""`serve`: rounds go on, changes of the folder are seen, and a signal ends it after the round in hand."""

import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Hashable, Iterator
from datetime import UTC, datetime, timedelta, tzinfo
from functools import partial
from pathlib import Path
from typing import IO, Self

import pytest
from sqlalchemy import func, select

from digestbot.cli.systemd import tell, watchdog
from digestbot.ledger import Ledger, claiming, jobs, outbox, overview, schema, subscriptions
from digestbot.ledger.claiming import Wanted
from digestbot.ledger.outbox import Lease, Letter, Outcome
from digestbot.models import Message, Part, Subscription
from digestbot.pipeline import housekeeping
from digestbot.scheduler import Job, Pulse, Watch, serve

HOUR = timedelta(hours=1)

SEED = Path(__file__).resolve().parents[1] / "seeds" / "daily-papers.txt"


def watch_over(*looks: Hashable) -> Watch:
    seen: Iterator[Hashable] = iter(looks)
    return Watch(lambda: next(seen))


def test_a_folder_that_stays_as_it_is_has_not_changed() -> None:
    watch = watch_over(1, 1, 1)

    assert [watch.changed(), watch.changed()] == [False, False]


def test_a_file_is_taken_when_it_stops_growing_and_once() -> None:
    watch = watch_over(0, 1, 2, 3, 3, 3)

    assert [watch.changed() for _ in range(5)] == [False, False, False, True, False]


def test_what_came_and_went_again_is_no_change() -> None:
    watch = watch_over(0, 1, 0, 0)

    assert [watch.changed() for _ in range(3)] == [False, False, False]


def noting(note: Callable[..., None], *what: str) -> list[str]:
    note(*what)
    return []


def run(*jobs: Job, stop: threading.Event) -> Pulse:
    pulse = Pulse()
    serve(jobs, stop, pulse)
    return pulse


def test_a_job_runs_at_once_and_when_another_asks_for_it() -> None:
    stop, ran = threading.Event(), list[str]()

    def first() -> list[str]:
        ran.append("first")
        return ["second"]

    def second() -> list[str]:
        ran.append("second")
        if ran.count("second") == 2:
            stop.set()
        return []

    run(Job("second", second, HOUR, "one"), Job("first", first, timedelta(milliseconds=50), "two"), stop=stop)

    assert ran.count("second") == 2


def test_a_job_that_was_missed_runs_once_at_the_start() -> None:
    stop, ran = threading.Event(), list[str]()
    long_ago = datetime.now(UTC) - 100 * HOUR

    def missed() -> list[str]:
        ran.append("missed")
        return ["end"]

    def end() -> list[str]:
        if ran:
            stop.set()
        return []

    run(Job("missed", missed, HOUR, first=long_ago), Job("end", end, HOUR), stop=stop)

    assert ran == ["missed"]


class ShiftedTime(datetime):
    """The time after the machine has slept for so long."""

    slept = timedelta()

    @classmethod
    def now(cls, tz: tzinfo | None = None) -> Self:
        return super().now(tz) + cls.slept


def test_a_machine_that_slept_for_hours_does_what_it_missed_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("apscheduler.schedulers.base.datetime", ShiftedTime)
    monkeypatch.setattr("apscheduler.executors.base.datetime", ShiftedTime)
    monkeypatch.setattr(ShiftedTime, "slept", timedelta())
    stop, ran = threading.Event(), list[str]()

    def hourly() -> list[str]:
        ran.append("hourly")
        ShiftedTime.slept = 5.5 * HOUR
        return ["end"]

    def end() -> list[str]:
        stop.set()
        return []

    later = datetime.now(UTC) + HOUR
    often = timedelta(seconds=0.5)  # so that it is never late itself
    run(Job("hourly", hourly, HOUR, "one"), Job("end", end, often, "two", first=later), stop=stop)

    assert ran == ["hourly", "hourly"]  # neither dropped, nor five times


def test_a_job_whose_time_has_not_come_waits() -> None:
    stop, ran = threading.Event(), list[str]()

    def end() -> list[str]:
        stop.set()
        return []

    later = datetime.now(UTC) + HOUR
    run(Job("later", partial(noting, ran.append, "later"), HOUR, first=later), Job("end", end, HOUR), stop=stop)

    assert ran == []


def test_a_job_that_fails_is_not_the_last(caplog: pytest.LogCaptureFixture) -> None:
    stop, turns = threading.Event(), list[str]()

    def job() -> list[str]:
        turns.append("turn")
        if len(turns) == 1:
            raise ValueError("a fault in the first turn")
        stop.set()
        return []

    run(Job("job", job, timedelta(milliseconds=10)), stop=stop)

    assert len(turns) >= 2
    assert "a fault in the first turn" in caplog.text


def test_a_slow_job_holds_up_its_own_lane_alone() -> None:
    stop, quick = threading.Event(), threading.Event()

    def slow() -> list[str]:
        assert quick.wait(30)
        stop.set()
        return []

    run(Job("slow", slow, HOUR, "fetch"), Job("quick", partial(noting, quick.set), HOUR, "deliver"), stop=stop)

    assert quick.is_set()


def test_a_stop_waits_for_the_job_in_hand() -> None:
    stop, begun, ended = threading.Event(), threading.Event(), list[str]()

    def job() -> list[str]:
        begun.set()
        stop.wait()
        ended.append("job")
        return []

    def end() -> None:
        begun.wait()
        stop.set()

    ender = threading.Thread(target=end)
    ender.start()
    run(Job("job", job, HOUR), stop=stop)
    ender.join()

    assert ended == ["job"]


def test_a_job_that_hangs_is_known_by_name() -> None:
    start = datetime(2026, 11, 20, tzinfo=UTC)
    pulse = Pulse()
    pulse.begin([Job("often", list, timedelta(minutes=1)), Job("seldom", list, 24 * HOUR)], start)

    assert pulse.silent(start + timedelta(minutes=15)) == []
    assert pulse.silent(start + timedelta(minutes=16)) == ["often"]
    pulse.beat("often", start + HOUR)
    assert pulse.silent(start + HOUR + timedelta(minutes=15)) == []


def test_the_service_manager_is_told(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as ear:
        ear.bind(str(tmp_path / "notify"))
        tell("READY=1", {"NOTIFY_SOCKET": str(tmp_path / "notify")})
        assert ear.recv(100) == b"READY=1"
    tell("READY=1", {"NOTIFY_SOCKET": str(tmp_path / "notify")})
    tell("READY=1", {})


@pytest.mark.parametrize(
    ("environ", "every"),
    [
        ({}, None),
        ({"WATCHDOG_USEC": "120000000"}, timedelta(minutes=1)),
        ({"WATCHDOG_USEC": "120000000", "WATCHDOG_PID": str(os.getpid())}, timedelta(minutes=1)),
        ({"WATCHDOG_USEC": "120000000", "WATCHDOG_PID": "1"}, None),
        ({"WATCHDOG_USEC": "soon"}, None),
        ({"WATCHDOG_USEC": "0"}, None),
    ],
)
def test_the_watchdog_is_fed_twice_as_often_as_it_asks(environ: dict[str, str], every: timedelta | None) -> None:
    assert watchdog(environ) == every


def line_with(stream: IO[str], wanted: str) -> str:
    """Return the first line that says this; a stream that ends without it fails the test."""
    return next(line for line in stream if wanted in line)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_the_service_takes_a_new_digest_and_ends_on_a_signal(tmp_path: Path, number: signal.Signals) -> None:
    command = [sys.executable, "-u", "-m", "digestbot"]
    subprocess.run([*command, "init"], cwd=tmp_path, check=True, capture_output=True)
    with subprocess.Popen(
        [*command, "serve", "--every", "3600"], cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as service:
        assert service.stdout is not None
        assert service.stderr is not None
        line_with(service.stderr, "is ready")
        (tmp_path / "digests" / "new.txt").write_bytes(SEED.read_bytes())
        said = line_with(service.stdout, "new.txt")
        service.send_signal(number)
        _, complaints = service.communicate(timeout=60)

    assert service.returncode == 0
    assert "fresh" in said
    assert "Traceback" not in complaints


def test_old_bytes_go_and_the_next_time_is_remembered() -> None:
    sent = datetime(2026, 1, 1, tzinfo=UTC)
    with Ledger.open("sqlite://") as ledger:
        assert housekeeping.next_at(ledger) is None
        with ledger.write() as tx:
            subscriptions.put(tx, Subscription("ada", "ada", "experts", "feed"), sent)
            for n in range(3):
                edition = tx.insert(
                    schema.edition, subscription_id="ada", due_at=sent + n * HOUR, created_at=sent, subject="", papers=1
                )
                message = Message(f"k{n}", "email", "a@example.org", "", (Part("a", "b/c", b"d"),))
                outbox.enqueue(tx, [Letter(edition, sent + n * HOUR, "ada", message)], sent)
            first, *_ = claiming.claim(tx, Wanted(1), Lease("token", 0), sent)
            claiming.hand(tx, [first], sent)
            outbox.settle(tx, [Outcome(first, "sent", "", "ok")], sent)

        assert housekeeping.keep_house(ledger, sent + jobs.KEPT) == 0
        assert housekeeping.keep_house(ledger, sent + jobs.KEPT + HOUR) == 1
        assert housekeeping.keep_house(ledger, sent + jobs.KEPT + 2 * HOUR) == 0
        assert housekeeping.next_at(ledger) == sent + jobs.KEPT + 26 * HOUR
        with ledger.read() as tx:
            assert tx.connection.scalar(select(func.count()).select_from(schema.message_part)) == 2
            assert overview.counts(tx)["sent"] == 1
