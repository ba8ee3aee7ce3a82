"""Statements that are put into SQLite's words once, for one run or for many rows.

Values are turned into what is stored by their columns' own types, as everywhere, and go to the database without what
`Connection.execute` does anew each time, which costs as much as what the database does with it.
"""

from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import UTC
from functools import lru_cache
from itertools import repeat
from typing import Any, Final

from sqlalchemy import BindParameter, ClauseElement, CursorResult, Insert, Update
from sqlalchemy.dialects import sqlite

from digestbot.ledger.schema import Moment, to_json
from digestbot.ledger.store import Transaction

Row = Sequence[Any]
_Storing = Callable[[Any], Any]
"""Turns a value into what is stored."""
_Column = Callable[[Sequence[Row]], Iterable[Any]]
"""Takes the values of one parameter out of rows that are turned on their side."""

_DIALECT: Final = sqlite.dialect(json_serializer=to_json)


class Prepared:
    """A statement for one run. Its rows come as they are stored: it is not for columns that hold moments."""

    def __init__(self, statement: ClauseElement) -> None:
        words = _DIALECT.statement_compiler(_DIALECT, statement)
        self._words, self._order = str(words), tuple(words.positiontup or ())
        self._stored = {name: _storing(words.binds[name]) or _as_it_is for name in self._order}
        self._fixed = {
            name: self._stored[name](words.binds[name].value) for name in self._order if not words.binds[name].required
        }

    def run(self, tx: Transaction, **values: Any) -> CursorResult[Any]:
        """Run it with these parameters."""
        given = self._fixed | {name: self._stored[name](value) for name, value in values.items()}
        return tx.connection.exec_driver_sql(self._words, tuple(given[name] for name in self._order))


class PreparedRows:
    """A statement for many rows; `names` are its parameters in the order in which a row gives them.

    For an INSERT they are names of columns. What the statement has of values itself is the same in every row. Those in
    `as_text` come as the text that is stored: JSON that is written already. Raises ValueError for a name that the
    statement does not have.
    """

    def __init__(self, statement: Insert | Update, *names: str, as_text: Collection[str] = ()) -> None:
        plain, keys = (statement.inline(), names) if isinstance(statement, Insert) else (statement, None)
        words = _DIALECT.statement_compiler(_DIALECT, plain, column_keys=keys)
        order = tuple(words.positiontup or ())
        if missing := set(names).difference(order):
            raise ValueError(f"the statement has no {', '.join(sorted(missing))}")
        self._words = str(words)
        self._columns = tuple(_column(words.binds[name], names, as_text=name in as_text) for name in order)

    def run(self, tx: Transaction, rows: Sequence[Row]) -> int:
        """Run it for each row, one value for each of the names; return how many rows of the table were concerned.

        Raises ValueError when a row has more or fewer values than another, or when a value is none for its column.
        """
        if not rows:
            return 0
        turned = list(zip(*rows, strict=True))
        written = list(zip(*(column(turned) for column in self._columns), strict=False))
        return tx.connection.exec_driver_sql(self._words, written).rowcount


def _storing(parameter: BindParameter[Any]) -> _Storing | None:
    """Return what turns a parameter's value into what is stored; None where it is stored as it is."""
    return parameter.type.dialect_impl(_DIALECT).bind_processor(_DIALECT)


def _as_it_is(value: Any) -> Any:
    return value


def _column(parameter: BindParameter[Any], names: Sequence[str], *, as_text: bool) -> _Column:
    storing = None if as_text else _storing(parameter)
    if storing and isinstance(parameter.type, Moment):
        storing = _spelling(storing)
    if parameter.key not in names:
        value = parameter.effective_value
        return _same(storing(value) if storing else value)
    place = names.index(parameter.key)
    return _given(place) if storing is None else _stored(place, storing)


def _same(value: Any) -> _Column:
    return lambda _: repeat(value)


def _given(place: int) -> _Column:
    return lambda turned: turned[place]


def _stored(place: int, storing: _Storing) -> _Column:
    return lambda turned: map(storing, turned[place])


def _spelling(storing: _Storing) -> _Storing:
    """Return what spells moments: those of one round are few, and to spell one takes longer than to write a row."""
    spell = lru_cache(maxsize=256)(storing)
    # By the moment in UTC alone: of a doubled hour, two that differ are equal to Python.
    return lambda value: spell(value.astimezone(UTC)) if value is not None and value.tzinfo else storing(value)
