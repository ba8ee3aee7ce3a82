"""Editions made by several processes are those that one would make, whatever becomes of the others."""

import os
import select
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import pytest

from digestbot.ledger import Ledger, subscriptions
from digestbot.models import Edition, Paper, Reading, Subscription
from digestbot.pipeline import Press, Printers, ingest, publish
from digestbot.rendering import Renderer

NOW = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)
WHO = Subscription("p", "p", "experts", "email", "p@example.org", schedule="daily 08:00")
MANY = 301  # one more than make three batches


@contextmanager
def filled(path: Path, people: int = MANY) -> Iterator[Ledger]:
    """Open a ledger in which so many people are due; one of them cannot be served."""
    with Ledger.open(str(path), owner=True) as ledger:
        with ledger.write() as tx:
            for n in range(people):
                subscriptions.put(tx, replace(WHO, id=f"p{n}", name=f"Reader {n}"), NOW)
            subscriptions.put(tx, replace(WHO, id="nowhere", channel="pigeon"), NOW)
        ingest(ledger, [Reading("a.txt", "test", (Paper("Union of Experts", "arxiv:2503.02495"),))], NOW)
        yield ledger


def press() -> Press:
    return Press(Renderer(), "Digests <digests@example.org>", "https://example.org/digests")


def begun(path: str) -> tuple[Ledger, Press]:
    return Ledger.open(path, create=False), press()


def dying(path: str) -> tuple[Ledger, Press]:
    """Begin in a process that ends when it is to make its first edition."""

    class Dead(Renderer):
        def subject(self, edition: Edition) -> str:
            os._exit(3)

    ledger, made = begun(path)
    return ledger, replace(made, renderer=Dead())


def noted(path: str, note: str) -> tuple[Ledger, Press]:
    """Begin, and leave the number of the process behind."""
    Path(note).write_text(str(os.getpid()))
    return begun(path)


def mails(ledger: Ledger) -> list[tuple[str, bytes]]:
    """Return what goes out to whom, and what is kept of it."""
    told = "SELECT address || subscription_id, content FROM message JOIN message_part ON message_id = id ORDER BY 1"
    columns = "subscription_id, CAST(data || told || behind AS BLOB)"
    kept = f"SELECT {columns} FROM card JOIN edition ON edition_id = id ORDER BY 1"  # noqa: S608 (our own)
    with ledger.read() as tx:
        return [(row[0], row[1]) for asked in (told, kept) for row in tx.connection.exec_driver_sql(asked)]


@pytest.fixture(scope="module")
def by_one(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[tuple[str, bytes]]]:
    """Return a ledger before its editions are made, and the mails that one process makes."""
    folder = tmp_path_factory.mktemp("printers")
    with filled(folder / "before.db") as ledger:
        ledger.optimise()
    (folder / "one.db").write_bytes((folder / "before.db").read_bytes())
    with Ledger.open(str(folder / "one.db"), owner=True) as ledger:
        report = publish(ledger, press(), NOW)
        assert (len(report.issues), [trouble.subscription for trouble in report.troubles]) == (MANY, ["nowhere"])
        return folder / "before.db", mails(ledger)


@pytest.mark.parametrize("begin", [begun, dying])
def test_several_make_what_one_makes(
    begin: Callable[[str], tuple[Ledger, Press]], by_one: tuple[Path, list[tuple[str, bytes]]], tmp_path: Path
) -> None:
    path = tmp_path / "digestbot.db"
    path.write_bytes(by_one[0].read_bytes())
    with Ledger.open(str(path), owner=True) as ledger:
        report = publish(ledger, press(), NOW, printers=Printers(2, partial(begin, str(path))))
        assert (len(report.issues), [trouble.subscription for trouble in report.troubles]) == (MANY, ["nowhere"])
        assert mails(ledger) == by_one[1]
        assert publish(ledger, press(), NOW).issues == ()


def test_a_few_are_made_without_another_process(tmp_path: Path) -> None:
    note = tmp_path / "note"
    with filled(tmp_path / "digestbot.db", people=3) as ledger:
        report = publish(ledger, press(), NOW, printers=Printers(2, partial(noted, ledger.path, str(note))))
    assert len(report.issues) == 3
    assert not note.exists()


def test_a_system_without_processes_does_without(
    by_one: tuple[Path, list[tuple[str, bytes]]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*_: object) -> None:
        raise OSError(38, "Function not implemented")

    monkeypatch.setattr("digestbot.pipeline.printers.ProcessPoolExecutor", refused)
    path = tmp_path / "digestbot.db"
    path.write_bytes(by_one[0].read_bytes())
    with Ledger.open(str(path), owner=True) as ledger:
        publish(ledger, press(), NOW, printers=Printers(2, partial(begun, str(path))))
        assert mails(ledger) == by_one[1]


KILLED = """
import os, signal, sys
from pathlib import Path
sys.path.insert(0, sys.argv[1])
from functools import partial
import test_printers as t
from digestbot.pipeline import making, printers, publishing

def die(maker, batch, future):
    future.result()
    print("killed", flush=True)
    os.kill(os.getpid(), signal.SIGKILL)

if __name__ == "__main__":
    printers._result = die
    with t.filled(Path(sys.argv[2])) as ledger:
        begin = partial(t.noted, ledger.path, sys.argv[3])
        publishing.publish(ledger, t.press(), t.NOW, printers=printers.Printers(1 + 1, begin))
"""


@pytest.mark.skipif(not hasattr(os, "pidfd_open"), reason="tells the end of another's process")
def test_no_process_outlives_one_that_is_killed(tmp_path: Path) -> None:
    script, note, ledger = tmp_path / "killed.py", tmp_path / "note", tmp_path / "digestbot.db"
    script.write_text(KILLED)
    command = [sys.executable, str(script), str(Path(__file__).parent), str(ledger), str(note)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE)
    with process:
        assert process.stdout
        assert process.stdout.readline() == b"killed\n"
        try:
            file = os.pidfd_open(int(note.read_text()))
        except ProcessLookupError:  # it is gone already
            file = -1
        assert process.wait() == -signal.SIGKILL
    if file >= 0:
        assert select.select([file], [], [], 30)[0], "it lives on"
        os.close(file)
    with Ledger.open(str(ledger), owner=True) as again:
        assert len(publish(again, press(), NOW).issues) == MANY
