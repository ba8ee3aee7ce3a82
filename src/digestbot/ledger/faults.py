"""What SQLite says when it cannot go on, as one sentence that a person can act on."""

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Final

from sqlalchemy.exc import SQLAlchemyError

from digestbot.errors import LedgerBusyError, LedgerError

_ADVICE: Final[Mapping[str, str]] = {
    "READONLY": "the ledger cannot be written; check who owns the file and its folder, and whether the disk is mounted "
    "read-only",
    "FULL": "the disk is full; make room, then run again (nothing was half written)",
    "CORRUPT": "the ledger is damaged; restore the last back-up, or save what is left with: sqlite3 FILE .recover",
    "NOTADB": "this file is no ledger; name another file, or restore the last back-up",
    "CANTOPEN": "the ledger cannot be opened; check that its folder exists and may be read and written",
    "IOERR": "the disk does not answer properly; check its health and that it is a local disk",
    "PERM": "the ledger may not be opened; check who owns the file",
}
"""By the middle word of SQLite's result code, https://www.sqlite.org/rescode.html."""
_BUSY: Final = frozenset({"BUSY", "LOCKED"})


@contextmanager
def translated(path: str) -> Iterator[None]:
    """Turn every error of the database below into a LedgerError about `path`, with what to do."""
    try:
        yield
    except SQLAlchemyError as error:
        cause = error.__cause__ if isinstance(error.__cause__, sqlite3.Error) else error.__context__
        word = _word(cause)
        if word in _BUSY:
            reason = "another process is writing and did not finish in time; try again"
            raise LedgerBusyError(reason, path=path) from error
        said = str(cause if isinstance(cause, sqlite3.Error) else error).partition("\n")[0]
        advice = _ADVICE.get(word)
        raise LedgerError(f"{advice} (SQLite: {said})" if advice else said, path=path) from error


def _word(cause: BaseException | None) -> str:
    """Return the middle word of SQLite's result code: ``SQLITE_IOERR_WRITE`` gives ``IOERR``."""
    name = getattr(cause, "sqlite_errorname", "") or ""
    return name.split("_")[1] if "_" in name else ""
