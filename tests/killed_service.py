"""A busy service killed again and again, with SIGKILL and at random moments; the last start has to finish everything.

A real mail server writes down what it took. Digests are dropped into the folder while the service lives and dies.
``python tests/killed_service.py --kills 50`` prints its seed, and what was lost, doubled or left in doubt.
"""

import argparse
import asyncio
import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections import Counter
from contextlib import closing
from dataclasses import dataclass
from email import message_from_bytes
from pathlib import Path

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from digestbot.models import Paper

TOPICS = [f"topic{chr(97 + n)}" for n in range(12)]
SETTINGS = """
[digestbot]
domain = "digests.example.org"
[smtp]
host = "127.0.0.1"
port = {port}
security = "none"
sender = "Digests <digests@example.org>"
"""
SUBSCRIPTION = """
[[subscription]]
name = "{name}"
email = "{name}@example.org"
query = "{query}"
schedule = "instant"
max_per_day = 0
"""
LONGEST_LIFE = 4.0
LONGEST_WORK = 2.0
PATIENCE = 120.0


class Relay(Controller):
    """A mail server on a free port that counts each Message-ID."""

    def __init__(self) -> None:
        self.ids: Counter[str] = Counter()
        super().__init__(self, hostname="127.0.0.1", port=0)

    def _trigger_server(self) -> None:
        assert isinstance(self.server, asyncio.Server)
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()  # type: ignore[no-untyped-call]

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        assert isinstance(envelope.original_content, bytes)
        self.ids[str(message_from_bytes(envelope.original_content)["Message-ID"])] += 1
        return f"250 queued as {len(self.ids)}"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the mail server took, held against the ledger."""

    kills: int
    papers: int
    messages: int
    lost: int
    """Messages that the ledger calls sent and the server never took."""
    doubled: int
    """Messages that the server took more often than doubts explain."""
    in_doubt: int
    missing: int
    """Pairs of a paper and a subscription that asked for it that are in no edition."""


def prepare(folder: Path, port: int) -> None:
    """Write settings and a subscription for each topic."""
    (folder / "digests").mkdir()
    (folder / "subscriptions").mkdir()
    (folder / "digestbot.toml").write_text(SETTINGS.format(port=port), encoding="utf-8")
    text = "".join(SUBSCRIPTION.format(name=topic, query=topic) for topic in TOPICS)
    (folder / "subscriptions" / "all.toml").write_text(text, encoding="utf-8")


def drop(folder: Path, number: int, dice: random.Random) -> int:
    """Drop a digest; return how many promises it makes."""
    papers = [
        Paper(f"Paper {number}-{n} on {' '.join(dice.sample(TOPICS, 2))}", f"doi:10.1000/{number}.{n}")
        for n in range(3)
    ]
    lines = "".join(json.dumps({"paper": paper.as_dict()}) + "\n" for paper in papers)
    partial = folder / "digests" / f".{number}"
    partial.write_text(lines, encoding="utf-8")
    partial.rename(folder / "digests" / f"{number}.jsonl")
    return 2 * len(papers)


def service(folder: Path, complaints: int = subprocess.PIPE) -> subprocess.Popen[bytes]:
    """Start the service."""
    command = [sys.executable, "-m", "digestbot", "serve", "--every", "1"]
    return subprocess.Popen(command, cwd=folder, stdout=subprocess.DEVNULL, stderr=complaints)


def until_ready(process: subprocess.Popen[bytes]) -> None:
    """Wait until the service has read what there was, or has ended."""
    assert process.stderr is not None
    for line in process.stderr:
        if b"is ready" in line:
            return


def rows(folder: Path, statement: str) -> list[tuple[object, ...]]:
    """Ask the ledger as it lies there."""
    path = folder / "digestbot.db"
    if not path.exists():
        return []
    try:
        with closing(sqlite3.connect(path, timeout=30)) as ledger:
            return ledger.execute(statement).fetchall()
    except sqlite3.OperationalError:  # the tables are not there yet
        return []


def finished(folder: Path, promises: int) -> bool:
    """Return whether every promise was made, and everything has gone out or is in doubt."""
    made = rows(folder, "SELECT count(*) FROM card")
    waiting = rows(folder, "SELECT count(*) FROM message WHERE state IN ('due', 'claimed', 'handing')")
    return bool(made and waiting) and made[0][0] == promises and waiting[0][0] == 0


def kill_again_and_again(kills: int, seed: int, folder: Path) -> Outcome:
    """Live through so many kills, then let the service finish."""
    dice, taken, promises = random.Random(seed), Relay(), 0  # noqa: S311 (no secret)
    taken.start()
    try:
        prepare(folder, taken.port)
        for number in range(kills):
            promises += drop(folder, number, dice)
            with service(folder) as process:
                # Every other one is killed at work, however long this machine takes to start it.
                life = dice.uniform(0, LONGEST_WORK) if number % 2 else dice.uniform(0.5, LONGEST_LIFE)
                if number % 2:
                    until_ready(process)
                try:
                    process.wait(life)
                except subprocess.TimeoutExpired:
                    os.kill(process.pid, signal.SIGKILL)
        with service(folder, subprocess.DEVNULL) as process:
            end = time.monotonic() + PATIENCE
            while not finished(folder, promises) and time.monotonic() < end:
                time.sleep(0.2)
            process.terminate()
    finally:
        taken.stop()
    return judge(folder, taken, kills, promises)


def judge(folder: Path, taken: Relay, kills: int, promises: int) -> Outcome:
    """Hold the mail server's list against the ledger."""
    known = rows(folder, "SELECT key || '.' || generation || '@digests.example.org', state, resent FROM message")
    sent = {f"<{row[0]}>": row for row in known}
    doubts = {key for key, row in sent.items() if row[1] == "in_doubt" or row[2]}
    ((made,),) = rows(folder, "SELECT count(*) FROM card")
    return Outcome(
        kills=kills,
        papers=promises // 2,
        messages=len(sent),
        lost=sum(row[1] == "sent" and not taken.ids[key] for key, row in sent.items()),
        doubled=sum(count > 1 + (key in doubts) or key not in sent for key, count in taken.ids.items()),
        in_doubt=len(doubts),
        missing=promises - int(str(made)),
    )


def main() -> int:
    """Kill it, and say what came of it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**6))
    asked = parser.parse_args()
    print(f"seed {asked.seed}", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        found = kill_again_and_again(asked.kills, asked.seed, Path(folder))
    print(found)
    return bool(found.lost or found.doubled or found.missing or found.in_doubt > found.kills)


if __name__ == "__main__":
    sys.exit(main())
