"""A number outside the database that grows whenever something is sent: a restored back-up knows a smaller one.

What was sent after the back-up was made, it believes to be waiting still. So nothing is sent until a person has
decided. The file lies beside the ledger and is never part of its back-up.
"""

import os
from pathlib import Path

from digestbot.errors import LedgerError


def read(path: Path) -> int:
    """Return the number in the file; 0 when there is none. Raises LedgerError."""
    try:
        text = path.read_text(encoding="ascii").strip()
        return int(text) if text else 0
    except FileNotFoundError:
        return 0
    except (OSError, ValueError) as error:
        advice = "it holds how often the ledger was sent from; if you know that it is the newest one, remove the file"
        raise LedgerError(f"this file cannot be read: {error}; {advice}", path=str(path)) from error


def write(path: Path, number: int) -> None:
    """Put a number into the file, whole or not at all. Raises LedgerError."""
    draft = path.with_name(f"{path.name}.new")
    try:
        with draft.open("w", encoding="ascii") as file:
            file.write(f"{number}\n")
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    except OSError as error:
        hint = "check who owns the folder, and whether the disk is full"
        raise LedgerError(f"cannot be written: {error.strerror}; {hint}", path=str(path)) from error
