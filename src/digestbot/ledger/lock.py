"""One process at a time: a lock on a file beside the ledger, which the system releases even after a crash."""

import os
import sys
from pathlib import Path
from typing import Self

from digestbot.errors import LedgerBusyError, LedgerError

if sys.platform == "win32":  # pragma: no cover (no such machine here)
    import msvcrt

    def _lock(descriptor: int) -> None:
        # Windows locks bytes against reading too: one far behind the text leaves the text readable.
        os.lseek(descriptor, 1 << 20, os.SEEK_SET)
        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)

else:
    import fcntl

    def _lock(descriptor: int) -> None:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)


class ProcessLock:
    """The right to run steps on a ledger. Held until `release` or until the process ends, however it ends."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor

    @classmethod
    def take(cls, path: Path) -> Self:
        """Lock `path`, which is made when it is missing, and write this process's id into it.

        Raises LedgerBusyError with the id of the process that holds it, and LedgerError when the file cannot
        be written.
        """
        try:
            descriptor = os.open(path, os.O_RDWR | os.O_CREAT | getattr(os, "O_CLOEXEC", 0), 0o644)
        except OSError as error:
            hint = "check who owns the folder and whether it can be written"
            raise LedgerError(f"cannot make the lock file: {error.strerror}; {hint}", path=str(path)) from error
        try:
            _lock(descriptor)
        except OSError as error:
            holder = os.pread(descriptor, 20, 0).decode("ascii", "replace").strip() if hasattr(os, "pread") else ""
            os.close(descriptor)
            who = f"process {holder}" if holder else "another process"
            advice = "wait until it is done, or stop it"
            raise LedgerBusyError(f"{who} is working on this ledger; {advice}", path=str(path)) from error
        os.ftruncate(descriptor, 0)
        os.lseek(descriptor, 0, os.SEEK_SET)
        os.write(descriptor, f"{os.getpid()}\n".encode())
        return cls(descriptor)

    def release(self) -> None:
        """Let the next process in. The file stays: removing it would let two processes lock two files."""
        os.close(self._descriptor)
