"""The index of all active subscriptions: compiled anew while they are few, kept beside the ledger when they are many.

What is kept is only a copy: it says of which subscriptions it was made, and where that is not what the ledger says, or
the file is torn or foreign, the index is brought in line or made anew. Two processes may write it; the last one wins.
"""

import mmap
import os
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final

from digestbot.ledger import Ledger, Transaction, papers, subscriptions
from digestbot.matching import Index
from digestbot.matching.snapshot import Snapshot, dump, load
from digestbot.pipeline.matchmaking import Trouble, documents_of, index_of

MANY: Final = 5000
"""Subscriptions from which on an index is kept: fewer are compiled in less than a second."""
_LEARNT: Final = 1000
"""Papers from which a new index learns which words are rare."""


def standing_index(ledger: Ledger, many: int = MANY) -> tuple[Index, tuple[Trouble, ...]]:
    """Return an index of the active subscriptions, and those whose query cannot be read."""
    file = ledger.beside("index")
    with ledger.read() as tx:
        if file is None or subscriptions.count_active(tx, many) < many:
            return index_of(subscriptions.active(tx))
        mark, key = subscriptions.mark(tx), ledger.instance.secret
        known = _load(file, key)
        if known and known.notes["mark"] == mark:
            return known.restored, _troubles(known.notes["troubles"])
        index = known.restored if known else Index()
        troubles = [(name, str(error)) for name, error in index.agree(subscriptions.asked(tx))]
        if not known:
            _learn(tx, index)
    _save(file, index, {"mark": mark, "troubles": troubles}, key)
    return index, _troubles(troubles)


def _troubles(listed: Sequence[Sequence[str]]) -> tuple[Trouble, ...]:
    return tuple(Trouble(name, reason) for name, reason in listed)


def _learn(tx: Transaction, index: Index) -> None:
    """Let a new index find out which words are rare in the newest papers."""
    index.select(documents_of(tx, papers.newest(tx, _LEARNT)))


def _load(file: Path, key: bytes) -> Snapshot | None:
    try:
        with file.open("rb") as data:
            return load(memoryview(mmap.mmap(data.fileno(), 0, access=mmap.ACCESS_READ)), key)
    except (OSError, ValueError):  # there is none, or it is empty
        return None


def _save(file: Path, index: Index, notes: dict[str, object], key: bytes) -> None:
    """Write the index beside the ledger, whole or not at all. Where that cannot be, the next round does without."""
    new = file.with_name(f"{file.name}.{os.getpid()}")
    with suppress(OSError):
        try:
            with new.open("wb") as data:
                new.chmod(0o600)
                data.writelines(dump(index, notes, key))
            new.replace(file)
        finally:
            new.unlink(missing_ok=True)
