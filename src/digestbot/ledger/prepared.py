"""A statement that is run for every few messages, put into SQLite's words once.

SQLAlchemy's way from a statement to a cursor costs as much as what the database does with it.
"""

from collections.abc import Callable
from typing import Any, Final

from sqlalchemy import BindParameter, ClauseElement, CursorResult
from sqlalchemy.dialects import sqlite

from digestbot.ledger.store import Transaction

_DIALECT: Final = sqlite.dialect()


class Prepared:
    """A statement whose parameters are turned into what is stored by their own types, as everywhere.

    Its rows come as they are stored: it is not for columns that hold moments.
    """

    def __init__(self, statement: ClauseElement) -> None:
        words = _DIALECT.statement_compiler(_DIALECT, statement)
        self._words, self._order = str(words), tuple(words.positiontup or ())
        self._stored = {name: _storing(words.binds[name]) for name in self._order}
        self._fixed = {
            name: self._stored[name](words.binds[name].value) for name in self._order if not words.binds[name].required
        }

    def run(self, tx: Transaction, **values: Any) -> CursorResult[Any]:
        """Run it with these parameters."""
        given = self._fixed | {name: self._stored[name](value) for name, value in values.items()}
        return tx.connection.exec_driver_sql(self._words, tuple(given[name] for name in self._order))


def _storing(parameter: BindParameter[Any]) -> Callable[[Any], Any]:
    """Return what turns a parameter's value into what is stored."""
    return parameter.type.dialect_impl(_DIALECT).bind_processor(_DIALECT) or (lambda value: value)
