"""The moments at which something can happen to the program: each statement of the ledger, each file, each verb."""

import os
import re
import signal
import socket
import sqlite3
import threading
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Engine, event

from digestbot.cli.context import Clock

Action = Callable[[Path], None]


def kill(_: Path) -> None:
    """Die as under ``kill -9``."""
    os.kill(os.getpid(), signal.SIGKILL)


def terminate(_: Path) -> None:
    """Be asked to end, as by a service manager."""
    os.kill(os.getpid(), signal.SIGTERM)


def freeze(_: Path) -> None:
    """Be stopped until somebody sends SIGCONT."""
    os.kill(os.getpid(), signal.SIGSTOP)


def fill(folder: Path) -> None:
    """Fill the disk to the last byte; the one who waits for us makes room again."""
    with (folder / "filler").open("wb", buffering=0) as file:
        for size in (65536, 4096, 1):
            try:
                while True:
                    file.write(bytes(size))
            except OSError:
                continue


def lock(folder: Path) -> None:
    """Let another process hold the write lock of the database for a moment."""
    if os.fork():
        return
    try:
        other = sqlite3.connect(folder / "digestbot.db", timeout=5, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        time.sleep(0.3)
        other.execute("ROLLBACK")
    except sqlite3.Error:
        pass  # it was ours all the time
    finally:
        os._exit(0)


def jump(hours: int) -> Action:
    """Return what sets the clock forward, or back."""

    def act(_: Path) -> None:
        look = Clock.__call__

        def later(self: Clock) -> datetime:
            return look(self) + timedelta(hours=hours)

        Clock.__call__ = later  # type: ignore[method-assign]

    return act


ACTIONS: Final[dict[str, Action]] = {
    "kill": kill,
    "terminate": terminate,
    "freeze": freeze,
    "fill": fill,
    "lock": lock,
    "forward": jump(1),
    "back": jump(-1),
}


class Moments:
    """Counts the moments of this process, and does something at one of them."""

    def __init__(self, folder: Path, at: int = 0, action: Action = kill) -> None:
        self.folder, self.at, self.action = folder, at, action
        self.names: list[str] = []
        self._lock = threading.Lock()
        event.listen(Engine, "before_cursor_execute", self._statement)
        event.listen(Engine, "commit", lambda _: self.tick("COMMIT"))
        self._wrap(socket.socket, "sendall", lambda data: f"send {self._verb(data)}")
        self._wrap(socket.socket, "send", lambda data: f"send {self._verb(data)}")
        self._wrap(socket.socket, "recv", lambda _: "reply")
        self._wrap(socket.socket, "connect", lambda _: "connect")
        self._wrap(os, "replace", lambda _: "rename")

    def tick(self, name: str) -> None:
        """Count one; at the chosen one, act."""
        with self._lock:
            self.names.append(name)
            due = len(self.names) == self.at
        if due:
            self.action(self.folder)

    def _statement(self, _connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        words = re.sub(r"\s+", " ", statement).split(" ")
        table = next((word for word in words[1:] if word in _TABLES), "")
        self.tick(" ".join(filter(None, [words[0], table])))

    def _wrap(self, owner: Any, name: str, tell: Callable[[Any], str]) -> None:
        """Make two moments of a call: before and after it."""
        real = getattr(owner, name)

        def call(*arguments: Any, **options: Any) -> Any:
            told = tell(arguments[-1])
            self.tick(f"before {told}")
            result = real(*arguments, **options)
            self.tick(f"after {told}")
            return result

        setattr(owner, name, call)

    @staticmethod
    def _verb(data: Any) -> str:
        head = bytes(data[:4]).decode("ascii", "replace")
        return head.strip() if head.isalpha() and head.isupper() else "mail"


_TABLES: Final = frozenset(
    ["message", "message_part", "edition", "match", "paper", "record", "digest", "subscription", "card", "instance"]
)
