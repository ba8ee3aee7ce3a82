"""Many rows by one statement, at the cost of the database alone.

A statement is put together once. Values are made what the column types say, a column at a time, and go to the database
without what is done anew for each row of `Connection.execute`, which takes longer than to write the row.
"""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC
from functools import lru_cache
from itertools import repeat
from typing import Any, Final

from sqlalchemy import Dialect, Insert, Update
from sqlalchemy.sql.compiler import SQLCompiler

from digestbot.ledger.schema import Moment
from digestbot.ledger.store import Transaction

Row = Sequence[Any]
_Column = Callable[[Sequence[Row]], Iterable[Any]]
"""Takes the values of one parameter out of rows that are turned on their side."""


@dataclass(frozen=True, slots=True)
class _Compiled:
    dialect: Dialect
    sql: str
    columns: tuple[_Column, ...]


class Many:
    """A statement to be run for many rows; `names` are its parameters in the order in which a row gives them.

    For an INSERT they are names of columns. What the statement has of values itself is the same in every row. Those in
    `as_text` come as the text that is stored: JSON that is written already.
    """

    def __init__(self, statement: Insert | Update, *names: str, as_text: Collection[str] = ()) -> None:
        self._statement, self._names, self._as_text = statement, names, frozenset(as_text)
        self._last: _Compiled | None = None

    def run(self, tx: Transaction, rows: Sequence[Row]) -> int:
        """Run it for each row, one value for each of the names; return how many rows of the table were concerned.

        Raises ValueError when a row has more or fewer values than another, or when a value is none for its column.
        """
        if not rows:
            return 0
        made = self._last
        if made is None or made.dialect is not tx.connection.dialect:
            made = self._last = self._compiled(tx.connection.dialect)
        turned = list(zip(*rows, strict=True))
        written = list(zip(*(column(turned) for column in made.columns), strict=False))
        return tx.connection.exec_driver_sql(made.sql, written).rowcount

    def _compiled(self, dialect: Dialect) -> _Compiled:
        is_insert = isinstance(self._statement, Insert)
        statement = self._statement.inline() if isinstance(self._statement, Insert) else self._statement
        made = statement.compile(dialect=dialect, column_keys=self._names if is_insert else None)
        order = made.positiontup or ()
        if missing := set(self._names).difference(order):
            raise ValueError(f"the statement has no {', '.join(sorted(missing))}")
        return _Compiled(dialect, made.string, tuple(self._column(made, dialect, name) for name in order))

    def _column(self, made: SQLCompiler, dialect: Dialect, name: str) -> _Column:
        bind = made.binds[name]
        writes = None if name in self._as_text else bind.type.dialect_impl(dialect).bind_processor(dialect)
        convert = _spelling(writes) if writes and isinstance(bind.type, Moment) else writes
        if name not in self._names:
            return _same(convert(bind.effective_value) if convert else bind.effective_value)
        place: Final = self._names.index(name)
        return _as_given(place) if convert is None else _converted(place, convert)


def _same(value: Any) -> _Column:
    return lambda _: repeat(value)


def _as_given(place: int) -> _Column:
    return lambda turned: turned[place]


def _converted(place: int, convert: Callable[[Any], Any]) -> _Column:
    return lambda turned: map(convert, turned[place])


def _spelling(convert: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Return what spells moments: those of one round are few, and to spell one takes longer than to write a row."""
    spell = lru_cache(maxsize=256)(convert)
    # By the moment in UTC alone: of a doubled hour, two that differ are equal to Python.
    return lambda value: spell(value.astimezone(UTC)) if value is not None and value.tzinfo else convert(value)
