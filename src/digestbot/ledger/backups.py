"""A copy of the ledger that is whole, made while it is in use; and such a copy put back in its place."""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import Final

from digestbot.errors import LedgerError
from digestbot.ledger.lock import ProcessLock

_PAGES: Final = 1000
"""How much is copied before others may write again."""
_BESIDE: Final = ("-wal", "-shm")


def back_up(ledger: Path, target: Path) -> int:
    """Copy a ledger, which may be in use, to a file that must not be there yet; return its size in bytes.

    The copy appears under its name when it is whole and has been checked. Raises LedgerError.
    """
    if target.exists():
        raise LedgerError("there is a file of that name already; name another one", path=str(target))
    if not ledger.is_file():
        raise LedgerError("there is no ledger here to copy", path=str(ledger))
    partial = target.with_name(f"{target.name}.part")
    with _told(target):
        try:
            with closing(sqlite3.connect(ledger)) as source, closing(sqlite3.connect(partial)) as copy:
                source.backup(copy, pages=_PAGES)
                copy.execute("PRAGMA journal_mode=DELETE").close()  # one file, with nothing beside it
            check(partial)
            _sync(partial)
            os.link(partial, target)  # fails where somebody made the target meanwhile
        finally:
            partial.unlink(missing_ok=True)
    return target.stat().st_size


def restore(copy: Path, ledger: Path, now: datetime) -> Path | None:
    """Put a copy in the place of the ledger; return where the former one is kept, None when there was none.

    Raises LedgerError when the copy is damaged or no ledger, and when a process works on the ledger.
    """
    check(copy)
    lock = ProcessLock.take(ledger.with_name(f"{ledger.name}.lock"))
    try:
        with _told(ledger):
            fresh = ledger.with_name(f"{ledger.name}.part")
            with closing(sqlite3.connect(copy)) as source, closing(sqlite3.connect(fresh)) as target:
                source.backup(target)
            _sync(fresh)
            kept = _put_aside(ledger, now)
            fresh.replace(ledger)
            return kept
    finally:
        lock.release()


def check(file: Path) -> None:
    """Raise LedgerError when a file is no ledger, or a damaged one."""
    if not file.is_file():
        raise LedgerError("there is no such file", path=str(file))
    with _told(file), closing(sqlite3.connect(f"{file.resolve().as_uri()}?mode=ro", uri=True)) as copy:
        said = copy.execute("PRAGMA integrity_check(1)").fetchone()[0]
        if said != "ok":
            raise LedgerError(f"this copy is damaged: {said}", path=str(file))
        if copy.execute("SELECT 1 FROM sqlite_master WHERE name = 'migration'").fetchone() is None:
            raise LedgerError("this is no ledger of digestbot", path=str(file))


def _put_aside(ledger: Path, now: datetime) -> Path | None:
    """Give the former ledger another name, whole: what is still in its log is folded in first."""
    if not ledger.exists():
        return None
    with suppress(sqlite3.DatabaseError), closing(sqlite3.connect(ledger)) as old:  # it may be damaged: that is why
        old.execute("PRAGMA wal_checkpoint(TRUNCATE)").close()
    kept = ledger.with_name(f"{ledger.name}.before-{now:%Y%m%dT%H%M%S}")
    for end in _BESIDE:
        with suppress(FileNotFoundError):
            ledger.with_name(ledger.name + end).rename(kept.with_name(kept.name + end))
    ledger.rename(kept)
    return kept


def _sync(file: Path) -> None:
    with file.open("rb") as opened:
        os.fsync(opened.fileno())


@contextmanager
def _told(file: Path) -> Iterator[None]:
    """Turn what the system and the database raise into a LedgerError about `file`."""
    try:
        yield
    except (OSError, sqlite3.Error) as error:
        raise LedgerError(str(error), path=str(file)) from error
