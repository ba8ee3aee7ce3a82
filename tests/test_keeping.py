"""Back-ups made in use and put back; what is held of a person given out and forgotten."""

import json
import sqlite3
import subprocess
import sys
import threading
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from digestbot.errors import LedgerBusyError, LedgerError
from digestbot.ledger import Ledger, persons, subscriptions
from digestbot.ledger.backups import back_up, check, restore
from digestbot.ledger.schema import metadata
from digestbot.models import Paper, Reading, Subscription
from digestbot.pipeline import Press, ingest, publish
from digestbot.rendering import Renderer

NOW = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)
ADA = Subscription("ada", "experts", "experts", "email", "Ada <Ada@Example.org>", "daily 08:00")
BOB = replace(ADA, id="bob", address="bob@example.org")
EXPERTS = Paper("Union of Experts", "arxiv:2503.00001", abstract="We route tokens to experts.")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Return a ledger in which two people got an edition."""
    path = tmp_path / "digestbot.db"
    with Ledger.open(str(path), domain="digests.example.org") as ledger:
        follow(ledger, ADA, BOB)
        ingest(ledger, [Reading("a.txt", "test", (EXPERTS,))], NOW)
        assert len(publish(ledger, Press(Renderer(), "Digests <d@example.org>"), NOW).issues) == 2
    return path


def follow(ledger: Ledger, *who: Subscription) -> None:
    with ledger.write() as tx:
        for item in who:
            subscriptions.put(tx, item, NOW)


def names(path: Path) -> list[str]:
    with Ledger.open(str(path)) as ledger, ledger.read() as tx:
        return [standing.subscription.id for standing in subscriptions.listing(tx)]


def test_a_copy_made_while_others_write_is_whole(path: Path, tmp_path: Path) -> None:
    stop, done = threading.Event(), threading.Event()

    def write() -> None:
        with Ledger.open(str(path)) as ledger:
            n = 0
            while not stop.is_set():
                follow(ledger, replace(BOB, id=f"n{n}"), replace(BOB, id=f"m{n}"))
                n += 1
                done.set()

    writer = threading.Thread(target=write)
    writer.start()
    done.wait()
    size = back_up(path, tmp_path / "copy.db")
    stop.set()
    writer.join()

    assert size == (tmp_path / "copy.db").stat().st_size
    found = names(tmp_path / "copy.db")
    assert {"ada", "bob", "n0"} <= set(found)
    assert len([name for name in found if name[0] == "n"]) == len([name for name in found if name[0] == "m"])


def test_what_is_put_back_is_what_was_copied_and_the_former_one_is_kept(path: Path, tmp_path: Path) -> None:
    back_up(path, tmp_path / "copy.db")
    with Ledger.open(str(path)) as ledger:
        follow(ledger, replace(BOB, id="late"))

    kept = restore(tmp_path / "copy.db", path, NOW)

    assert names(path) == ["ada", "bob"]
    assert kept == tmp_path / "digestbot.db.before-20261120T080000"
    assert names(kept) == ["ada", "bob", "late"]
    assert restore(tmp_path / "copy.db", tmp_path / "other.db", NOW) is None


def test_nothing_is_put_in_the_place_of_a_ledger_in_use(path: Path, tmp_path: Path) -> None:
    back_up(path, tmp_path / "copy.db")

    with Ledger.open(str(path), owner=True), pytest.raises(LedgerBusyError):
        restore(tmp_path / "copy.db", path, NOW)


def test_a_damaged_copy_and_another_programs_file_are_refused(path: Path, tmp_path: Path) -> None:
    back_up(path, tmp_path / "copy.db")
    data = bytearray((tmp_path / "copy.db").read_bytes())
    data[4096 * 3 : 4096 * 12] = bytes(4096 * 9)
    (tmp_path / "torn.db").write_bytes(data)
    with closing(sqlite3.connect(tmp_path / "other.db")) as other:
        other.execute("CREATE TABLE shop (id INTEGER)")
    (tmp_path / "text.db").write_text("hello\n" * 1000)

    for name in ("torn.db", "other.db", "text.db", "none.db"):
        with pytest.raises(LedgerError, match=name):
            restore(tmp_path / name, path, NOW)
    assert names(path) == ["ada", "bob"]


def test_a_back_up_overwrites_nothing(path: Path, tmp_path: Path) -> None:
    (tmp_path / "copy.db").write_text("mine")

    with pytest.raises(LedgerError, match="a file of that name"):
        back_up(path, tmp_path / "copy.db")
    with pytest.raises(LedgerError, match="no ledger here"):
        back_up(tmp_path / "none.db", tmp_path / "new.db")

    assert (tmp_path / "copy.db").read_text() == "mine"
    check(path)


@pytest.mark.parametrize("who", ["ada", "ada@example.org", "ADA@example.ORG"])
def test_a_person_is_found_by_address_and_id(path: Path, who: str) -> None:
    with Ledger.open(str(path)) as ledger, ledger.read() as tx:
        assert persons.subscriptions_of(tx, who) == [("ada", "")]
        assert persons.subscriptions_of(tx, "example.org") == []


def test_everything_of_one_person_goes_and_nothing_of_another(path: Path) -> None:
    with Ledger.open(str(path)) as ledger:
        with ledger.read() as tx:
            mine, theirs = (persons.everything(tx, [name], f"{name}@example.org") for name in ("ada", "bob"))
        with ledger.write() as tx:
            counts = persons.forget(tx, ["ada"], "ada@example.org")
        with ledger.read() as tx:
            assert persons.everything(tx, ["ada"], "ada@example.org") == {}
            assert persons.everything(tx, ["bob"], "bob@example.org") == theirs

    assert counts == {table: len(rows) for table, rows in mine.items()}
    assert {"subscription", "match", "edition", "card", "message", "message_part"} <= mine.keys()
    with closing(sqlite3.connect(path)) as raw:
        rows = [row for table in metadata.sorted_tables for row in raw.execute(f'SELECT * FROM "{table.name}"')]  # noqa: S608
    assert "ada" not in repr(rows).casefold()
    assert "bob" in repr(rows)


def test_every_table_that_names_people_is_looked_into() -> None:
    named = {
        table.name
        for table in metadata.sorted_tables
        if "address" in table.c or any("subscription" in column.name for column in table.c)
    }
    looked = {table.name for table, _ in persons._owned(["x"], "x@example.org")}

    assert named <= looked


def digestbot(folder: Path, *arguments: str, typed: str = "") -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "digestbot", *arguments]
    return subprocess.run(command, cwd=folder, input=typed, capture_output=True, text=True, check=False)


def test_the_commands(path: Path, tmp_path: Path) -> None:
    assert digestbot(tmp_path, "backup", "copy.db").stdout.endswith("bytes, checked\n")
    exported = json.loads(digestbot(tmp_path, "export", "ada@example.org").stdout)
    assert exported["subscription"][0]["address"] == "Ada <Ada@Example.org>"
    assert digestbot(tmp_path, "forget", "ada", typed="n\n").returncode == 1
    assert digestbot(tmp_path, "forget", "ada", "--yes").stdout.startswith("forgotten: ada (")
    assert digestbot(tmp_path, "forget", "ada", "--yes").returncode == 2
    assert "is now what copy.db was" in digestbot(tmp_path, "restore", "copy.db").stdout
    assert names(path) == ["ada", "bob"]
    assert digestbot(tmp_path, "backup", "copy.db").returncode == 2
