"""Runs rounds in processes of their own and kills each at another statement of the ledger; a program for the tests.

``python crash_driver.py FOLDER CHANNEL PORT STEP`` prints a JSON line for each moment of death: what the killed round
and the ones after it left. With ``news`` behind it, the papers were sent to folders the day before, and it is the round
that brings their code which is killed. The processes are forked, so that a hundred of them need no hundred starts.
"""

import json
import os
import shutil
import signal
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import Engine, event, select

from digestbot.channels import Channel
from digestbot.channels.folder import FolderChannel
from digestbot.channels.smtp import SmtpChannel, SmtpServer
from digestbot.ledger import Ledger
from digestbot.ledger.schema import message
from digestbot.models import Link, Paper, Reading, Subscription
from digestbot.pipeline import Press, run, subscribe
from digestbot.rendering import Renderer

NOW = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)
PAPERS = tuple(Paper(f"Union of Experts {n}", f"arxiv:2503.0000{n}", abstract="We route tokens.") for n in (1, 2))
CODE = Link("https://github.com/lab/experts", "github", "", "record", "")
NEWS = tuple(replace(paper, links=(CODE,)) for paper in PAPERS)
PRESS = Press(Renderer(), "Digests <digests@example.org>")
PEOPLE = 2


class Killer:
    """Counts what the ledger is asked, and ends the process at one of the questions."""

    def __init__(self, at: int) -> None:
        self.at, self.count = at, 0
        event.listen(Engine, "before_cursor_execute", self.tick)
        event.listen(Engine, "commit", self.tick)

    def tick(self, *_: object) -> None:
        """Count one; at the chosen one, die as under ``kill -9``."""
        self.count += 1
        if self.count == self.at:
            os.kill(os.getpid(), signal.SIGKILL)


def one_round(
    folder: Path, channel: str, port: int, name: str, now: datetime, papers: Sequence[Paper] = PAPERS
) -> None:
    """Do what ``digestbot run`` does."""

    def open_channel(_: str) -> Channel:
        if channel == "folder":
            return FolderChannel(folder / "out")
        return SmtpChannel(SmtpServer("127.0.0.1", "digests@example.org", "none", port))

    people = [f"{name}-{n}@example.org" if channel == "email" else "" for n in range(PEOPLE)]
    declared = [
        Subscription(f"p{n}", f"p{n}", "experts", channel, address, "daily 08:00", origin="subs.toml")
        for n, address in enumerate(people)
    ]
    readings = [Reading(f"{n}.txt", "test", (paper,)) for n, paper in enumerate(papers)]
    with Ledger.open(f"sqlite:///{folder}/ledger.db", owner=True) as ledger:
        subscribe(ledger, declared, now)
        run(ledger, readings, PRESS, open_channel, lambda: now)


def in_child(work: Callable[[], object]) -> int:
    """Return how a forked process ended: 0, or the number of the signal, negative."""
    child = os.fork()
    if not child:
        code = 1
        try:
            work()
            code = 0
        finally:
            os._exit(code)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def states(folder: Path) -> list[str]:
    """Return the states of the messages."""
    with Ledger.open(f"sqlite:///{folder}/ledger.db") as ledger, ledger.read() as tx:
        return list(tx.connection.scalars(select(message.c.state).order_by(message.c.id)))


def main(root: Path, channel: str, port: int, step: int, papers: Sequence[Paper]) -> None:
    """Kill a round at each `step`-th statement, until one lives to its end."""
    at, ended = 1, -int(signal.SIGKILL)
    before = root / "before"
    before.mkdir(parents=True)
    if papers is NEWS:
        in_child(lambda: one_round(before, channel, port, "", NOW - timedelta(days=1)))
    while ended:
        name = f"{channel}{at}"
        folder = shutil.copytree(before, root / name)

        def killed(at: int = at, folder: Path = folder, name: str = name) -> None:
            Killer(at)
            one_round(folder, channel, port, name, NOW, papers)

        ended = in_child(killed)
        codes, seen = [ended], []
        for minutes in (1, 30):
            later = NOW + timedelta(minutes=minutes)
            codes.append(in_child(lambda: one_round(folder, channel, port, name, later, papers)))  # noqa: B023
            seen.append(states(folder))
        print(json.dumps({"name": name, "codes": codes, "states": seen}), flush=True)
        at += step


if __name__ == "__main__":
    with TemporaryDirectory() as warm_up:  # templates are compiled here, once
        one_round(Path(warm_up), "folder", 0, "warm", NOW)
    main(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]), int(sys.argv[4]), NEWS if "news" in sys.argv[5:] else PAPERS)
