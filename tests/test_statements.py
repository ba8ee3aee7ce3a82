"""Rows that are written many at a time read back as those that are written one by one."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import bindparam, insert, select, update

from digestbot.errors import LedgerError
from digestbot.ledger import Ledger, Transaction
from digestbot.ledger.schema import source_run, source_state, subscription
from digestbot.ledger.statements import PreparedRows

BERLIN = ZoneInfo("Europe/Berlin")
DOUBLED = datetime(2026, 10, 25, 2, 30, tzinfo=BERLIN)  # the clock shows it twice, and the two are equal to Python
EARLY = datetime(1971, 1, 1)  # noqa: DTZ001 (hypothesis gives it a zone)
COLUMNS = ("source", "asked", "state", "seen", "begun_at", "asked_at")
MOMENTS = st.datetimes(
    EARLY, EARLY.replace(year=2999), timezones=st.sampled_from((UTC, BERLIN, ZoneInfo("Asia/Kathmandu")))
)
ROWS = st.lists(
    st.tuples(
        st.text(st.characters(), max_size=9),
        st.sampled_from(("a", "b")),
        st.lists(st.integers(-9, 9) | st.text(st.characters(), max_size=5), max_size=3),
        st.just({"k": "ü"}),
        MOMENTS | st.sampled_from((DOUBLED, DOUBLED.replace(fold=1))),
        st.none() | MOMENTS,
    ),
    max_size=5,
    unique_by=lambda row: row[0].encode("utf-16", "surrogatepass").decode("utf-16", "replace").replace("\0", "\ufffd"),
)


@pytest.fixture(scope="module")
def ledger(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ledger]:
    with Ledger.open(str(tmp_path_factory.mktemp("rows") / "digestbot.db"), owner=True) as opened:
        yield opened


@contextmanager
def passing(ledger: Ledger) -> Iterator[Transaction]:
    """Open a transaction that leaves nothing behind."""
    with ledger.write() as tx:
        before = tx.connection.begin_nested()
        yield tx
        before.rollback()


def stored(ledger: Ledger, rows: list[tuple[Any, ...]], *, together: bool) -> list[tuple[Any, ...]]:
    """Return what the table holds, as the database has it, when so many rows were written."""
    found: list[tuple[Any, ...]] = []
    with passing(ledger) as tx:
        if together:
            assert PreparedRows(insert(source_state), *COLUMNS).run(tx, rows) == len(rows)
        else:
            for row in rows:
                tx.connection.execute(insert(source_state).values(dict(zip(COLUMNS, row, strict=True))))
        found += [tuple(row) for row in tx.connection.exec_driver_sql("SELECT * FROM source_state ORDER BY 1")]
    return found


@given(ROWS)
def test_rows_written_together_are_those_written_one_by_one(ledger: Ledger, rows: list[tuple[Any, ...]]) -> None:
    assert stored(ledger, rows, together=True) == stored(ledger, rows, together=False)


def test_an_hour_that_comes_twice_is_two_moments(ledger: Ledger) -> None:
    moments = [DOUBLED, DOUBLED.replace(fold=1), DOUBLED]
    rows: list[tuple[Any, ...]] = [(str(n), "a", [], {}, moment, None) for n, moment in enumerate(moments)]

    written = [row[4] for row in stored(ledger, rows, together=True)]

    assert [text[11:16] for text in written] == ["00:30", "01:30", "00:30"]


def test_text_that_is_json_already_is_stored_as_it_is(ledger: Ledger) -> None:
    with passing(ledger) as tx:
        now = datetime(2026, 11, 20, tzinfo=UTC)
        PreparedRows(insert(source_state), *COLUMNS, as_text=("state", "seen")).run(
            tx, [("a", "a", '{"x": 1}', "[]", now, None)]
        )
        assert tx.connection.execute(select(source_state.c.state, source_state.c.seen)).one() == ({"x": 1}, [])


def test_what_the_statement_says_itself_is_in_every_row(ledger: Ledger) -> None:
    same = {"verdict": "fresh", "reason": "", "digests": 1, "papers": 2, "news": 3}
    with passing(ledger) as tx:
        days = [datetime(2026, 11, 20, tzinfo=UTC) + timedelta(n) for n in range(3)]
        PreparedRows(insert(source_run).values(same), "at", "source").run(tx, [(day, "a") for day in days])
        rows = tx.connection.execute(select(source_run.c.at, source_run.c.verdict, source_run.c.news))
        assert [tuple(row) for row in rows] == [(day, "fresh", 3) for day in days]


def test_it_tells_how_many_rows_were_changed(ledger: Ledger) -> None:
    change = PreparedRows(update(subscription).where(subscription.c.id == bindparam("of")).values(matched=True), "of")
    with ledger.write() as tx:
        assert change.run(tx, [("nobody",), ("nowhere",)]) == 0
        assert change.run(tx, []) == 0


def test_what_is_no_row_is_refused(ledger: Ledger) -> None:
    now = datetime(2026, 11, 20, tzinfo=UTC)
    with pytest.raises(ValueError, match="no other"), ledger.write() as tx:
        PreparedRows(insert(source_state), *COLUMNS, "other").run(tx, [("a",) * 7])
    with pytest.raises(ValueError, match="argument"), ledger.write() as tx:
        PreparedRows(insert(source_state), *COLUMNS).run(tx, [("a", "a", [], {}, now, None), ("b",)])
    with pytest.raises(ValueError, match="no time zone"), ledger.write() as tx:
        PreparedRows(insert(source_state), *COLUMNS).run(tx, [("a", "a", [], {}, now.replace(tzinfo=None), None)])
    with pytest.raises(LedgerError), ledger.write() as tx:
        PreparedRows(insert(source_state), *COLUMNS).run(tx, [("a", "a", [], {}, now, None)] * 2)


def test_each_ledger_is_written_by_its_own_rules(ledger: Ledger, tmp_path: Path) -> None:
    change = PreparedRows(insert(source_state), *COLUMNS)
    with Ledger.open(str(tmp_path / "other.db"), owner=True) as other:
        for one in (ledger, other, ledger):
            with passing(one) as tx:
                assert change.run(tx, [("a", "a", [1], {}, DOUBLED, None)]) == 1
