"""Every moment, one process each: ``scripts/crash [--jobs 2] [--every 1] [--action kill] [--random 40]``.

Prints a line for each kind of disturbance and every fault; exits with 1 when there is one.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import asdict
from pathlib import Path

from crash.judging import Verdict
from crash.moments import ACTIONS
from crash.program import Place, Sink, warm_up
from crash.rounds import at_random, disturbed, moments, server_deaths

PEOPLE, CONNECTIONS = 5, 2


def options() -> argparse.Namespace:
    """Return what was asked for."""
    parser = argparse.ArgumentParser(
        prog="crash", description="End the program at every moment and hold it to account."
    )
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--every", type=int, default=1, help="each so many moments")
    parser.add_argument("--sample", type=int, default=0, help="no more than about so many moments")
    parser.add_argument("--action", action="append", choices=[*ACTIONS, "server", "random"])
    parser.add_argument("--random", type=int, default=40, help="how many deaths at random times")
    parser.add_argument("--part", type=int, default=0, help=argparse.SUPPRESS)
    return parser.parse_args()


def verdicts(root: Path, log: Path, action: str, given: argparse.Namespace) -> Iterator[Verdict]:
    """Yield the verdicts of one part of the work."""
    if action == "server":
        if given.part == 0:
            yield from server_deaths(root, given.every, PEOPLE, CONNECTIONS)
        return
    with Sink(log) as sink:
        if action == "random":
            for seed in range(given.part, given.random, given.jobs):
                yield at_random(root, sink, seed)
            return
        names = moments(root, sink, PEOPLE, CONNECTIONS)
        every = max(given.every, len(names) // given.sample if given.sample else 1)
        for at in range(1 + given.part * every, len(names) + 1, every * given.jobs):
            place = Place(root / f"{action}{at}", sink.port, PEOPLE, CONNECTIONS)
            yield disturbed(place, sink, action, at, names[at - 1])


@contextmanager
def small_disk(folder: Path) -> Iterator[None]:
    """Put a disk of a few megabytes at a folder, for as long as it is needed; that takes root."""
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=6m", "tmpfs", str(folder)], check=True)
    try:
        yield
    finally:
        subprocess.run(["umount", str(folder)], check=True)


def work(given: argparse.Namespace) -> None:
    """Do a part, and print its verdicts as JSON Lines."""
    with tempfile.TemporaryDirectory(prefix="crash-") as folder:
        warm_up(Path(folder) / "warm")
        for action in given.action:
            root = Path(folder) / action
            root.mkdir()
            with small_disk(root) if action == "fill" else nullcontext():
                for verdict in verdicts(root, Path(folder) / f"{action}.log", action, given):
                    print(json.dumps({"action": action, **asdict(verdict)}), flush=True)


def main() -> int:
    """Share the work out; return 1 when anything is at fault."""
    given = options()
    every = [name for name in (*ACTIONS, "server", "random") if name != "fill" or os.geteuid() == 0]
    given.action = given.action or every
    if "--part" in sys.argv:
        work(given)
        return 0
    actions = [word for action in given.action for word in ("--action", action)]
    command = [sys.executable, "-m", "crash", *actions, "--every", str(given.every), "--random", str(given.random)]
    command += ["--jobs", str(given.jobs), "--sample", str(given.sample)]
    parts = [
        subprocess.Popen([*command, "--part", str(number)], stdout=subprocess.PIPE, text=True)
        for number in range(given.jobs)
    ]
    found = [json.loads(line) for part in parts for line in part.communicate()[0].splitlines()]
    faults = [f"a part ended with {part.returncode}" for part in parts if part.returncode]
    for action in given.action:
        mine = [Verdict(**{k: v for k, v in row.items() if k != "action"}) for row in found if row["action"] == action]
        faults += [fault for verdict in mine for fault in verdict.faults(3 if action == "random" else CONNECTIONS)]
        sums = Counter[str]()
        for verdict in mine:
            sums.update({key: value for key, value in asdict(verdict).items() if isinstance(value, int)})
        most = max((verdict.in_doubt for verdict in mine), default=0)
        print(
            f"{action:<10} {len(mine):>5} rounds: lost {sums['lost']}, doubled {sums['doubled_early']}, in doubt "
            f"{sums['in_doubt']} (at most {most} in one), repeated by the policy {sums['repeated']}, differing "
            f"{sums['differing']}, not sent {sums['unsent']}",
            flush=True,
        )
    print("\n".join(faults) or "no faults")
    return 1 if faults or not found else 0


if __name__ == "__main__":
    sys.exit(main())
