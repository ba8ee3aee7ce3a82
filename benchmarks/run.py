"""A cold ``digestbot run``: digests in, 100 subscriptions served, beside the plain script of peer.py.

    python benchmarks/run.py [REPEATS]

Each repeat starts both programs anew in an empty folder with the same digests (../shared/seeds when that is there, else
seeds/) and takes the wall time and the peak memory that the kernel tells of each. A first run of both, not counted,
leaves compiled modules behind, as an installation does. Printed are the medians and their ratio; only the ratio means
something on another machine.
"""

import os
import shutil
import statistics
import sys
import tempfile
import time
from itertools import combinations, islice
from pathlib import Path

HERE = Path(__file__).resolve().parent
WORDS = (
    "attention benchmark compression dataset diffusion experts graph language"
    " pruning quantiz retrieval robust sparse speech vision"
)
SUBSCRIPTIONS = 100
NOW = "2026-03-02T09:00:00+00:00"

SETTINGS = """
[digestbot]
ledger = "digestbot.db"
digests = ["digests/*"]
subscriptions = "subscriptions"
domain = "digests.example.org"

[folder]
path = "out"
"""


def pairs() -> list[tuple[str, str]]:
    return list(islice(combinations(WORDS.split(), 2), SUBSCRIPTIONS))


def lay_out(folder: Path) -> None:
    """Fill an empty folder with digests, subscriptions for one program and queries for the other."""
    shared = HERE.parents[1] / "shared" / "seeds"
    shutil.copytree(shared if shared.is_dir() else HERE.parent / "seeds", folder / "digests")
    (folder / "subscriptions").mkdir()
    (folder / "digestbot.toml").write_text(SETTINGS)
    tables = [
        f'[[subscription]]\nname = "{a} {b}"\nchannel = "folder"\nquery = "{a}* {b}*"\nschedule = "instant"\n'
        for a, b in pairs()
    ]
    (folder / "subscriptions" / "all.toml").write_text("\n".join(tables))
    (folder / "queries.tsv").write_text("".join(f"{a}-{b}\t{a} {b}\n" for a, b in pairs()))


def run(command: list[str], folder: Path) -> tuple[float, float]:
    """Return the wall time in seconds and the peak memory in MB of a command."""
    with (folder / "log").open("wb") as log:
        start = time.perf_counter()
        child = os.posix_spawn(
            command[0],
            command,
            {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"},
            file_actions=[(os.POSIX_SPAWN_DUP2, log.fileno(), 1), (os.POSIX_SPAWN_DUP2, log.fileno(), 2)],
        )
        _, status, usage = os.wait4(child, 0)
        seconds = time.perf_counter() - start
    if status:
        sys.exit(f"{' '.join(command)} failed:\n{(folder / 'log').read_text()}")
    return seconds, usage.ru_maxrss / (1e6 if sys.platform == "darwin" else 1e3)


def measure(name: str) -> tuple[float, float, int]:
    """Return time, memory and the number of pages written by ``digestbot`` or ``peer``."""
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        lay_out(folder)
        os.chdir(folder)
        if name == "digestbot":
            command = [sys.executable, "-m", "digestbot", "run", "--now", NOW]
        else:
            command = [sys.executable, str(HERE / "peer.py"), "digests", "queries.tsv", "out"]
        seconds, memory = run(command, folder)
        return seconds, memory, len(list((folder / "out").rglob("*.html")))


def main(repeats: int) -> None:
    runs: dict[str, list[tuple[float, float, int]]] = {"digestbot": [], "peer": []}
    for number in range(repeats + 1):
        for name, measured in runs.items():
            result = measure(name)
            if number:
                measured.append(result)
    middle = {name: [statistics.median(column) for column in zip(*rows, strict=True)] for name, rows in runs.items()}
    print(f"{'':<10} {'seconds':>8} {'MB':>6} {'pages':>6}   median of {repeats}, {SUBSCRIPTIONS} subscriptions")
    for name, (seconds, memory, pages) in middle.items():
        print(f"{name:<10} {seconds:>8.2f} {memory:>6.0f} {pages:>6.0f}")
    ours, peer = middle["digestbot"], middle["peer"]
    print(f"{'ratio':<10} {ours[0] / peer[0]:>8.1f} {ours[1] / peer[1]:>6.1f}")


main(int(sys.argv[1]) if len(sys.argv) > 1 else 3)
