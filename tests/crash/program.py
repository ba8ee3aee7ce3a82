"""The program under test: its own command line in a forked process, so that hundreds of deaths are cheap."""

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import digestbot.cli.rounds
import digestbot.cli.workplace  # noqa: F401 (here, not in each process)
from crash.moments import ACTIONS, Moments
from digestbot.cli import cli
from digestbot.models import Edition, Subscription
from digestbot.rendering import Renderer

NOW = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)
HERE = Path(__file__).parent
_ABSTRACT = "We route each token to a sparse set of experts."


class Sink:
    """The mail server's process."""

    def __init__(self, log: Path, *options: str) -> None:
        self.log = log
        command = [sys.executable, str(HERE / "server.py"), str(log), *options]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        assert self._process.stdout is not None
        self.port = int(self._process.stdout.readline())

    def __enter__(self) -> "Sink":
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.communicate()

    @property
    def died(self) -> bool:
        """Whether it has killed itself."""
        return self._process.poll() is not None

    def taken(self) -> list[dict[str, Any]]:
        """Return what it has taken, in that order; the last line may be cut where it died."""
        lines = self.log.read_text(encoding="utf-8").splitlines() if self.log.exists() else []
        return [json.loads(line) for line in lines if line.endswith("}")]


@dataclass
class Place:
    """A folder with everything that a round needs: two papers, some people who want mail, one folder, one feed."""

    folder: Path
    port: int
    people: int = 5
    connections: int = 2
    settings: str = ""
    codes: list[int] = field(default_factory=list)

    def lay_out(self) -> "Place":
        """Write the files."""
        (self.folder / "digests").mkdir(parents=True)
        (self.folder / "subscriptions").mkdir()
        papers = [
            {"paper": {"title": f"Union of Experts {n}", "id": f"arxiv:2503.0000{n}", "abstract": _ABSTRACT}}
            for n in (1, 2)
        ]
        (self.folder / "digests" / "a.jsonl").write_text("".join(json.dumps(item) + "\n" for item in papers))
        self.configure(self.port)
        tables = [f'name = "p{n}"\nemail = "{address}"' for n, address in enumerate(self.addresses)]
        tables += ['name = "box"\nchannel = "folder"', 'name = "feed"\nchannel = "feed"']
        text = "".join(f'[[subscription]]\n{table}\nquery = "experts"\nschedule = "daily 08:00"\n' for table in tables)
        (self.folder / "subscriptions" / "all.toml").write_text(text)
        return self

    def configure(self, port: int) -> None:
        """Write the settings; the server may have another port than before."""
        (self.folder / "digestbot.toml").write_text(
            f'[digestbot]\nbase_url = "https://example.org"\n[smtp]\nhost = "127.0.0.1"\nport = {port}\n'
            'security = "none"\n'
            f'sender = "Digests <digests@example.org>"\nconnections = {self.connections}\ntimeout = 5\n{self.settings}'
        )

    @property
    def addresses(self) -> list[str]:
        """The people, each at a domain of their own."""
        name = self.folder.name
        return [f"{name}-{n}@d{n}.example.org" for n in range(self.people)]

    def run(self, *verb: str, minutes: float = 0, at: int = 0, action: str = "kill") -> int:
        """Run a command in a process of its own; return its exit code, or the number of the signal, negative."""
        child = self.start(*verb, minutes=minutes, at=at, action=action)
        if action == "fill" and at:
            self._make_room(child)
        if action == "freeze" and at:
            self._thaw(child)
        return self.end(child)

    def start(self, *verb: str, minutes: float = 0, at: int = 0, action: str = "kill") -> int:
        """Start a command; return its process."""
        sys.stdout.flush()
        child = os.fork()
        if not child:
            self._child([*(verb or ("run",)), "--now", (NOW + timedelta(minutes=minutes)).isoformat()], at, action)
        return child

    def end(self, child: int) -> int:
        """Wait for a process to end."""
        code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        self.codes.append(code)
        return code

    def kill(self, child: int) -> None:
        """Kill a process, if it has not ended by itself."""
        os.kill(child, signal.SIGKILL)
        self.end(child)

    def _child(self, words: list[str], at: int, action: str) -> None:
        code = 70
        try:
            # A disk that is full has no room for what is printed either.
            log = os.open(
                os.devnull if action == "fill" else self.folder / "log", os.O_WRONLY | os.O_CREAT | os.O_APPEND
            )
            os.dup2(log, 1)
            os.dup2(log, 2)
            os.chdir(self.folder)
            os.environ.pop("DIGESTBOT_CONFIG", None)
            moments = Moments(self.folder, at, ACTIONS[action])
            code = _command(words)
            if not at:
                Path("moments.json").write_text(json.dumps(moments.names))
        finally:
            os._exit(code)

    def _make_room(self, child: int) -> None:
        """Remove what fills the disk, a moment after it was filled."""
        end = time.monotonic() + 20
        while time.monotonic() < end:
            if (self.folder / "filler").exists():
                time.sleep(0.3)
                (self.folder / "filler").unlink()
                return
            if os.waitid(os.P_PID, child, os.WEXITED | os.WNOHANG | os.WNOWAIT):
                return
            time.sleep(0.01)

    def _thaw(self, child: int) -> None:
        """See that nobody else can go on for a frozen process, then let it go on."""
        found = os.waitid(os.P_PID, child, os.WEXITED | os.WSTOPPED | os.WNOWAIT)
        if found is not None and found.si_code == os.CLD_STOPPED:
            os.waitid(os.P_PID, child, os.WSTOPPED)
            if self.end(self.start(minutes=10)) != 2:
                raise RuntimeError("a second process went on for a frozen one")
            os.kill(child, signal.SIGCONT)

    def moments(self) -> list[str]:
        """Return the names of the moments of the last undisturbed run."""
        names: list[str] = json.loads((self.folder / "moments.json").read_text())
        return names

    def states(self) -> dict[str, str]:
        """Return the state of each message, by the address of a mail and the channel of others."""
        with closing(sqlite3.connect(self.folder / "digestbot.db")) as ledger:
            try:
                name = "CASE channel WHEN 'email' THEN address ELSE channel END"
                return dict(ledger.execute(f"SELECT {name}, state FROM message"))  # noqa: S608 (a constant)
            except sqlite3.OperationalError:
                return {}

    def files(self) -> int:
        """Return how many whole files lie in the folder and the feed; there are to be three in each."""
        return sum(path.is_file() and path.name[0] != "." for path in (self.folder / "out").rglob("*"))


def _command(words: list[str]) -> int:
    try:
        cli.main(words, prog_name="digestbot")
    except SystemExit as ended:
        return ended.code if isinstance(ended.code, int) else 1
    return 0


def warm_up(folder: Path) -> None:
    """Import everything and compile the templates, once for all processes that are forked."""
    edition = Edition(Subscription("a", "a", "a"), NOW, "subject", ())
    renderer = Renderer()
    for form in (renderer.html, renderer.markdown, renderer.text):
        form(edition)
    place = Place(folder, 1, people=1).lay_out()
    place.run("publish")
