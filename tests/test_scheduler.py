"""`serve`: rounds go on, changes of the folder are seen, and a signal ends it after the round in hand."""

import signal
import subprocess
import sys
import threading
from collections.abc import Hashable, Iterator
from pathlib import Path

import pytest

from digestbot.scheduler import Watch, serve

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


def test_a_round_runs_at_once_and_after_a_change() -> None:
    stop, rounds, looks = threading.Event(), list[str](), iter([0, 1, 1])

    def job() -> None:
        rounds.append("round")
        if len(rounds) == 2:
            stop.set()

    serve(job, lambda: next(looks, 1), stop, every=3600, look_every=0.01)

    assert len(rounds) == 2


def test_a_round_that_fails_is_not_the_last(caplog: pytest.LogCaptureFixture) -> None:
    stop, rounds = threading.Event(), list[str]()

    def job() -> None:
        rounds.append("round")
        if len(rounds) == 1:
            raise ValueError("a fault in the first round")
        stop.set()

    serve(job, lambda: 0, stop, every=0.01, look_every=3600)

    assert len(rounds) >= 2
    assert "a fault in the first round" in caplog.text


def test_a_stop_waits_for_the_round_in_hand() -> None:
    stop, begun, ended = threading.Event(), threading.Event(), list[str]()

    def job() -> None:
        begun.set()
        stop.wait()
        ended.append("round")

    def end() -> None:
        begun.wait()
        stop.set()

    ender = threading.Thread(target=end)
    ender.start()
    serve(job, lambda: 0, stop, every=3600)
    ender.join()

    assert ended == ["round"]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_the_service_takes_a_new_digest_and_ends_on_a_signal(tmp_path: Path, number: signal.Signals) -> None:
    command = [sys.executable, "-u", "-m", "digestbot"]
    subprocess.run([*command, "init"], cwd=tmp_path, check=True, capture_output=True)
    with subprocess.Popen(
        [*command, "serve", "--every", "3600"], cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as service:
        assert service.stdout is not None
        first = service.stdout.readline()
        while "round" not in first and "0 digests" not in first:  # the round with nothing in it
            first = service.stdout.readline()
        (tmp_path / "digests" / "new.txt").write_bytes(SEED.read_bytes())
        said = service.stdout.readline()
        while not said.startswith("digests/new.txt") and "new.txt" not in said:
            said = service.stdout.readline()
        service.send_signal(number)
        rest, _ = service.communicate(timeout=60)

    assert service.returncode == 0
    assert "fresh" in said
    assert rest.splitlines()[-1].startswith("1 digests")
