"""The ledger as a file: who may open it, what it survives, and what it says when it cannot go on."""

import os
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, create_engine, inspect, select, text
from sqlalchemy.exc import StatementError

from digestbot.errors import LedgerBusyError, LedgerError, SubscriptionError
from digestbot.ledger import Ledger, editions, migrations, sources, subscriptions
from digestbot.ledger.migrations import STEPS, Step, UnusableLedgerError, migrate
from digestbot.ledger.schema import Moment, Words, digest, metadata, reject
from digestbot.ledger.subscriptions import Changes
from digestbot.ledger.written import edition_row
from digestbot.models import Edition, PartialDate, Reading, Reject, SourceState, Subscription

NOW = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)
ADA = Subscription("ada", "Ada", "sparse", "email", "ada@example.org", origin="subs.toml")


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path}/ledger.db"


@pytest.fixture
def ledger(url: str) -> Iterator[Ledger]:
    with Ledger.open(url) as ledger:
        yield ledger


def pragma(ledger: Ledger, name: str) -> Any:
    with ledger.read() as tx:
        return tx.connection.exec_driver_sql(f"PRAGMA {name}").scalar()


def message_of(action: Callable[[], object]) -> str:
    with pytest.raises(LedgerError) as caught:
        action()
    return str(caught.value)


def test_each_commit_is_on_the_disk(ledger: Ledger) -> None:
    found = {name: pragma(ledger, name) for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")}

    assert found == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "busy_timeout": 10_000}


def test_a_transaction_is_whole_or_nothing(ledger: Ledger) -> None:
    def put_and_fail() -> None:
        with ledger.write() as tx:
            subscriptions.put(tx, ADA, NOW)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        put_and_fail()
    with ledger.read() as tx:
        assert subscriptions.listing(tx) == []


def test_a_reader_sees_one_state(url: str, ledger: Ledger) -> None:
    with Ledger.open(url) as other, other.read() as tx:
        assert subscriptions.listing(tx) == []
        with ledger.write() as writing:
            subscriptions.put(writing, ADA, NOW)
        assert subscriptions.listing(tx) == []
    with ledger.read() as tx:
        assert len(subscriptions.listing(tx)) == 1


def test_a_second_writer_waits_and_then_says_so(url: str, ledger: Ledger) -> None:
    with Ledger.open(url, patience=0.05) as other, ledger.write():
        said = message_of(lambda: other.write().__enter__())

    assert said.endswith("ledger.db: another process is writing and did not finish in time; try again")


def test_a_second_thread_waits_too(url: str) -> None:
    said: list[str] = []
    with Ledger.open(url, patience=0.05) as ledger, ledger.write():
        thread = threading.Thread(target=lambda: said.append(message_of(lambda: ledger.write().__enter__())))
        thread.start()
        thread.join()

    assert said[0].endswith("another thread is writing and did not finish in time")


def test_the_instance_is_made_once(url: str) -> None:
    with Ledger.open(url, domain="digests.example.org") as first:
        instance = first.instance
    with Ledger.open(url) as again:
        assert again.instance == instance

    assert len(instance.secret) == 32
    assert instance.domain == "digests.example.org"
    assert repr(instance) == "Instance(domain='digests.example.org', epoch=1)"


def test_the_domain_can_change_until_an_edition_is_out(url: str) -> None:
    with Ledger.open(url) as ledger:
        secret = ledger.instance.secret
        assert ledger.instance.domain == "digestbot.invalid"
    with Ledger.open(url, domain="a.example.org") as ledger, ledger.write() as tx:
        assert ledger.instance.secret == secret
        subscriptions.put(tx, ADA, NOW)
        editions.add(tx, [edition_row(Edition(ADA, NOW, "subject", ()), 1)], NOW)

    said = message_of(lambda: Ledger.open(url, domain="b.example.org"))

    assert "its domain is a.example.org and cannot become b.example.org" in said
    with Ledger.open(url, domain="a.example.org") as ledger:
        assert ledger.instance.domain == "a.example.org"


def test_one_process_owns_it(url: str) -> None:
    with Ledger.open(url, owner=True) as ledger:
        assert ledger.owned
        said = message_of(lambda: Ledger.open(url, owner=True))
        assert f"process {os.getpid()} is working on this ledger" in said
        with Ledger.open(url) as reading:
            assert not reading.owned
    with Ledger.open(url, owner=True) as ledger:
        assert ledger.owned


def test_a_killed_owner_leaves_no_lock(url: str) -> None:
    script = (
        f"import os\nfrom digestbot.ledger import Ledger\nLedger.open({url!r}, owner=True)\nos.kill(os.getpid(), 9)"
    )

    done = subprocess.run([sys.executable, "-c", script], check=False)

    assert done.returncode == -9
    with Ledger.open(url, owner=True) as ledger:
        assert ledger.owned


def test_another_process_is_named(url: str) -> None:
    script = (
        "import sys\nfrom digestbot.ledger import Ledger\n"
        f"with Ledger.open({url!r}, owner=True):\n    print('ready', flush=True)\n    sys.stdin.read()"
    )
    command = [sys.executable, "-c", script]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout is not None
        other.stdout.readline()
        with pytest.raises(LedgerBusyError, match=f"process {other.pid} is working on this ledger; wait until"):
            Ledger.open(url, owner=True)
        other.communicate()


def test_a_ledger_in_memory_has_no_other_owner() -> None:
    with Ledger.open("sqlite://", owner=True) as ledger:
        assert ledger.owned
        assert ledger.path == "sqlite://"


def test_a_path_is_as_good_as_a_url(tmp_path: Path) -> None:
    path = tmp_path / "a?b%20c#d" / "my ledger.db"
    with Ledger.open(str(path)) as ledger:
        assert ledger.path == str(path)

    assert path.exists()


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("nonsense://x", "nonsense://x: this is no URL of a database; write it like sqlite:///var/digestbot.db"),
        ("mysql+none://me:hidden@host/x", "host/x: this is no URL of a database"),
        ("postgresql://me:hidden@host/x", "postgresql://me:***@host/x: postgresql is not supported yet; use sqlite"),
        ("sqlite://me:hidden@host/x", "x: Invalid SQLite URL: sqlite://me:***@host/x"),
        ("sqlite:////dev/null/a/x.db", "/dev/null/a/x.db: cannot make its folder: Not a directory"),
    ],
)
def test_urls_that_are_none(url: str, said: str) -> None:
    assert message_of(lambda: Ledger.open(url)).startswith(said)


def test_no_ledger_where_one_should_be(url: str) -> None:
    said = message_of(lambda: Ledger.open(url, create=False))

    assert said.endswith("there is no ledger here yet; the first digestbot ingest or run makes it")


def test_a_folder_is_no_ledger(tmp_path: Path) -> None:
    (tmp_path / "x.db").mkdir()

    assert "the ledger cannot be opened; check that its folder exists" in message_of(
        lambda: Ledger.open(f"sqlite:///{tmp_path}/x.db")
    )


def test_a_lock_file_that_cannot_be_made(tmp_path: Path, url: str) -> None:
    (tmp_path / "ledger.db.lock").mkdir()

    assert "cannot make the lock file: Is a directory" in message_of(lambda: Ledger.open(url, owner=True))


def test_a_read_only_file(tmp_path: Path, url: str) -> None:
    Ledger.open(url).close()
    with Ledger.open(f"sqlite:///file:{tmp_path}/ledger.db?mode=ro&uri=true") as ledger:

        def write() -> None:
            with ledger.write() as tx:
                subscriptions.put(tx, ADA, NOW)

        said = message_of(write)

    assert "the ledger cannot be written; check who owns the file" in said
    assert said.endswith("(SQLite: attempt to write a readonly database)")


def test_a_full_disk_leaves_nothing_half_written(ledger: Ledger) -> None:
    with ledger.read() as tx:
        pages = tx.connection.exec_driver_sql("PRAGMA page_count").scalar() or 0
        tx.connection.exec_driver_sql(f"PRAGMA max_page_count={pages + 1}")

    def write() -> None:
        with ledger.write() as tx:
            subscriptions.put(tx, ADA, NOW)
            subscriptions.put(tx, replace(ADA, id="bob", note="x" * 100_000, origin=""), NOW)

    assert "the disk is full; make room, then run again" in message_of(write)
    with ledger.read() as tx:
        assert subscriptions.listing(tx) == []


@pytest.mark.parametrize("content", [b"this is a text about a database " * 50, b"SQLite format 3\0" + b"\xff" * 4096])
def test_a_file_that_is_no_database(content: bytes, tmp_path: Path, url: str) -> None:
    (tmp_path / "ledger.db").write_bytes(content)

    said = message_of(lambda: Ledger.open(url))

    assert "this file is no ledger" in said or "the ledger is damaged" in said


def test_a_damaged_ledger(tmp_path: Path, url: str) -> None:
    with Ledger.open(url) as ledger, ledger.write() as tx:
        subscriptions.put(tx, ADA, NOW)
    path = tmp_path / "ledger.db"
    data = path.read_bytes()
    path.write_bytes(data[:4096] + b"\xa5" * (len(data) - 4096))

    assert "the ledger is damaged; restore the last back-up" in message_of(lambda: Ledger.open(url))


def test_another_program_s_database(tmp_path: Path, url: str) -> None:
    with sqlite3.connect(tmp_path / "ledger.db") as other:
        other.execute("CREATE TABLE recipes (name TEXT)")
    other.close()

    assert "another program's database (it has a table recipes); name another file" in message_of(
        lambda: Ledger.open(url)
    )


def test_a_newer_ledger(url: str, ledger: Ledger) -> None:
    with ledger.write() as tx:
        tx.connection.execute(text("INSERT INTO migration VALUES (99, 'of tomorrow', '2030-01-01 00:00:00.000000')"))

    said = message_of(lambda: Ledger.open(url))

    assert "written by a newer digestbot (schema 99, known" in said
    assert said.endswith("use the newer program, or restore a back-up made by this one")


def own_tables(connection: Connection) -> set[str]:
    """Return the tables without those that make up the index of words."""
    names = inspect(connection).get_table_names()
    return {name for name in names if not name.startswith(("paper_words", "paper_vocabulary"))}


def migrated(connection: Connection, steps: Sequence[Step]) -> list[int]:
    migrate(connection, NOW, steps)
    return list(connection.scalars(text("SELECT number FROM migration ORDER BY number")))


def test_migrations_run_once_and_in_order() -> None:
    def step(number: int) -> Step:
        def apply(connection: Connection) -> None:
            connection.exec_driver_sql(f"CREATE TABLE t{number} (x)")

        return Step(number, f"t{number}", apply)

    steps = [*STEPS, step(len(STEPS) + 1), step(len(STEPS) + 2)]
    with create_engine("sqlite://").connect() as connection:
        assert migrated(connection, STEPS) == [item.number for item in STEPS]
        assert migrated(connection, steps[:-1]) == [item.number for item in steps[:-1]]
        assert migrated(connection, steps) == [item.number for item in steps]
        assert migrated(connection, steps) == [item.number for item in steps]
        with pytest.raises(UnusableLedgerError):
            migrate(connection, NOW, STEPS)
        tables = own_tables(connection)
    with create_engine("sqlite://").connect() as connection:
        assert migrated(connection, steps) == [item.number for item in steps]
        assert own_tables(connection) == {*metadata.tables}

    assert tables == {*metadata.tables, f"t{len(STEPS) + 1}", f"t{len(STEPS) + 2}"}
    assert [item.number for item in migrations.STEPS] == list(range(1, len(STEPS) + 1))


def test_moments_are_utc_and_never_naive(ledger: Ledger) -> None:
    there = NOW.astimezone(timezone(timedelta(hours=9)))
    with ledger.write() as tx:
        subscriptions.put(tx, ADA, there)
        standing = subscriptions.get(tx, "ada")
        stored = tx.connection.exec_driver_sql("SELECT created_at FROM subscription").scalar()

    assert standing is not None
    assert (standing.created_at, standing.created_at.tzinfo) == (NOW, UTC)
    assert stored == "2026-11-20 08:00:00.000000"
    with ledger.write() as tx, pytest.raises(StatementError, match="has no time zone"):
        subscriptions.put(tx, replace(ADA, origin="", id="x"), NOW.replace(tzinfo=None))


def test_nothing_stays_nothing() -> None:
    dialect = create_engine("sqlite://").dialect

    assert Moment().process_bind_param(None, dialect) is None
    assert Words().process_bind_param(None, dialect) is None


def test_words_that_databases_refuse(ledger: Ledger) -> None:
    with ledger.write() as tx:
        subscriptions.put(tx, replace(ADA, name="a\0b\ud800c\U0001f600é"), NOW)
        standing = subscriptions.get(tx, "ada")

    assert standing is not None
    assert standing.subscription.name == "a\ufffdb\ufffdc\U0001f600é"


def sync(ledger: Ledger, *declared: Subscription, keep: Sequence[str] = ()) -> Changes:
    with ledger.write() as tx:
        return subscriptions.sync(tx, declared, NOW, keep)


def state_of(ledger: Ledger, name: str) -> tuple[str, bool]:
    with ledger.read() as tx:
        standing = subscriptions.get(tx, name)
        assert standing is not None
        return standing.state, standing in subscriptions.unmatched(tx)


def test_files_and_ledger_agree(ledger: Ledger) -> None:
    bob = replace(ADA, id="bob")
    assert sync(ledger, ADA, bob) == Changes(added=("ada", "bob"))
    assert sync(ledger, ADA, bob) == Changes()
    with ledger.write() as tx:
        subscriptions.set_matched(tx, ["ada", "bob"])
    assert sync(ledger, replace(ADA, note="hello"), bob) == Changes(changed=("ada",))
    assert state_of(ledger, "ada") == ("active", False)
    assert sync(ledger, replace(ADA, query="dense"), bob) == Changes(changed=("ada",))
    assert state_of(ledger, "ada") == ("active", True)
    assert sync(ledger, replace(ADA, query="dense")) == Changes(removed=("bob",))
    assert sync(ledger, replace(ADA, query="dense")) == Changes()
    assert state_of(ledger, "bob") == ("removed", False)
    assert sync(ledger, ADA, bob) == Changes(added=("bob",), changed=("ada",))
    assert state_of(ledger, "bob") == ("active", True)


def test_named_queries_are_written_out(ledger: Ledger) -> None:
    item = replace(ADA, query="@moe  AND sparse")

    def expanded(macros: dict[str, str]) -> tuple[Changes, str, bool]:
        with ledger.write() as tx:
            changes = subscriptions.sync(tx, [item], NOW, macros=macros)
            standing = subscriptions.get(tx, "ada")
            assert standing is not None
            is_unmatched = standing in subscriptions.unmatched(tx)
            subscriptions.set_matched(tx, ["ada"])
            return changes, standing.expanded, is_unmatched

    assert expanded({"moe": "=MoE"}) == (Changes(added=("ada",)), "=MoE sparse", True)
    assert expanded({"moe": "=MoE", "other": "x"}) == (Changes(), "=MoE sparse", False)
    assert expanded({"moe": "=MOE"}) == (Changes(changed=("ada",)), "=MOE sparse", True)
    assert expanded({}) == (Changes(changed=("ada",)), "@moe  AND sparse", True)


def test_a_file_that_cannot_be_read_removes_nobody(ledger: Ledger) -> None:
    sync(ledger, ADA, replace(ADA, id="bob", origin="other.toml"))

    assert sync(ledger, keep=["subs.toml"]) == Changes(removed=("bob",))


def test_a_no_outweighs_a_file(ledger: Ledger) -> None:
    sync(ledger, ADA)
    with ledger.write() as tx:
        assert subscriptions.suppress(tx, "ada", "unsubscribed", NOW)
        assert not subscriptions.suppress(tx, "nobody", "unsubscribed", NOW)

    sync(ledger, replace(ADA, query="dense"))

    assert state_of(ledger, "ada") == ("suppressed", False)
    with ledger.write() as tx:
        standing = subscriptions.get(tx, "ada")
        assert standing is not None
        assert standing.reason == "unsubscribed"
        assert subscriptions.active(tx) == []
        assert subscriptions.resume(tx, "ada", NOW)
    assert state_of(ledger, "ada") == ("active", True)


def test_subscriptions_of_the_ledger_alone(ledger: Ledger) -> None:
    own = replace(ADA, origin="")
    with ledger.write() as tx:
        subscriptions.put(tx, own, NOW)
        subscriptions.put(tx, replace(own, limit=3), NOW)
    assert sync(ledger) == Changes()
    assert sync(ledger, ADA) == Changes(changed=("ada",))
    with ledger.write() as tx:
        with pytest.raises(SubscriptionError, match=r"subs\.toml: ada is declared here; change it here"):
            subscriptions.put(tx, own, NOW)
        subscriptions.remove(tx, "ada", NOW)
        subscriptions.put(tx, own, NOW)
    assert state_of(ledger, "ada") == ("active", True)


def unreadable(source: str) -> Reading:
    return Reading(source, "", (), verdict="unreadable", reason="no reader knows this form")


def test_digests_are_known_by_their_content(ledger: Ledger) -> None:
    rejects = (Reject(3, "no title", "x\0y"),)
    reading = Reading("a.txt", "listing", (), rejects, PartialDate(2026, 11), "partial", "half")
    with ledger.write() as tx:
        assert not sources.known(tx, "1")
        sources.record(tx, reading, "1", NOW)
        assert sources.known(tx, "1")
        assert tx.connection.execute(select(reject.c.line, reject.c.excerpt)).all() == [(3, "x\ufffdy")]
        [row] = sources.latest(tx)

    assert (row.source, row.date, row.rejects, row.verdict, row.added_at) == ("a.txt", "2026-11", 1, "partial", NOW)


def test_an_unreadable_digest_is_tried_again(ledger: Ledger) -> None:
    later, latest = NOW + timedelta(hours=1), NOW + timedelta(hours=2)
    with ledger.write() as tx:
        sources.record(tx, unreadable("a.txt"), "1", NOW)
        sources.record(tx, unreadable("a.txt"), "1", later)
        assert not sources.known(tx, "1")
        assert sources.count(tx, NOW - timedelta(days=1)) == 0
        assert sources.faults(tx, NOW) == (SourceState("a.txt", "unreadable", "no reader knows this form"),)
        assert sources.faults(tx, later) == ()
        sources.record(tx, Reading("a.txt", "listing", ()), "1", latest)
        assert sources.known(tx, "1")
        assert sources.faults(tx, NOW) == ()
        assert sources.count(tx, later) == 1
        assert tx.connection.execute(select(digest.c.added_at)).scalars().all() == [latest]


def test_faults_are_those_of_the_last_look(ledger: Ledger) -> None:
    with ledger.write() as tx:
        sources.record(tx, unreadable("b"), "1", NOW + timedelta(hours=1))
        sources.record(tx, unreadable("a"), "2", NOW + timedelta(hours=1))
        sources.record(tx, Reading("b", "listing", ()), "3", NOW + timedelta(hours=2))
        sources.record(tx, replace(unreadable("c"), verdict="quiet"), "4", NOW + timedelta(hours=1))

        assert [item.name for item in sources.faults(tx, NOW)] == ["a"]


def shape(path: Path) -> dict[str, set[str]]:
    """Return the columns of each table, and the indexes with what they hold."""
    with closing(sqlite3.connect(path)) as raw:
        found = raw.execute("SELECT type, name, sql FROM sqlite_master WHERE name NOT LIKE 'sqlite_%'").fetchall()
        tables = [name for kind, name, _ in found if kind == "table"]
        columns = {name: {row[1] for row in raw.execute(f'PRAGMA table_info("{name}")')} for name in tables}
        return columns | {"indexes": {" ".join(sql.split()) for kind, _, sql in found if kind == "index"}}


def test_the_oldest_ledger_becomes_what_a_new_one_is(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "old.db")) as old:
        old.executescript((Path(__file__).parent / "data" / "ledger-1.sql").read_text(encoding="utf-8"))
    for name in ("old.db", "new.db"):
        Ledger.open(str(tmp_path / name)).close()

    assert shape(tmp_path / "old.db") == shape(tmp_path / "new.db")
