"""Papers read per second and the memory it takes, for each dialect; for feeds, beside feedparser alone.

    python benchmarks/reading.py [--size MB] [FAMILY...]

Each digest is made up (digests.py) and about so large, 20 MB unless it is said. The seconds are those of the processor
for the whole reading, the fastest of five; feedparser parses the same bytes between them, with its defaults, and makes
no papers. The memory is the peak of a process of its own above what it took to read a digest of three papers, as a
multiple of the file's size.
"""

import argparse
import io
import re
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import feedparser
from digests import FAMILIES, FEEDS, digest

from digestbot.readers import read, read_path

ROUNDS = 5


def seconds(work: Callable[[], object]) -> float:
    start = time.process_time()
    work()
    return time.process_time() - start


def speed(family: str, data: bytes) -> tuple[int, float, float]:
    """Return papers, the seconds that we take and, for a feed, those of feedparser alone."""
    ours, bare = [], []
    papers = 0
    for _ in range(ROUNDS):
        if family in FEEDS:
            bare.append(seconds(lambda: feedparser.parse(data)))
        ours.append(seconds(lambda: read(io.BytesIO(data), family)))
    papers = len(read(io.BytesIO(data), family).papers)
    return papers, min(ours), min(bare, default=0.0)


def peak(path: Path, small: Path) -> None:
    """Print by how many bytes the peak grows from reading the small file to reading the other."""
    read_path(small)
    before = _peak()
    reading = read_path(path)
    assert reading.papers
    print(_peak() - before)


def _peak() -> int:
    """Return the peak so far in bytes. Linux counts the parent's in what getrusage tells, not in this file."""
    status = Path("/proc/self/status")
    if status.exists():
        return int(re.findall(r"^VmHWM:\s+(\d+) kB", status.read_text(), re.MULTILINE)[0]) * 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


def memory(family: str, data: bytes) -> float:
    """Return the peak of reading a file of its own, as a multiple of the file."""
    with tempfile.TemporaryDirectory() as folder:
        large, small = Path(folder, "large"), Path(folder, "small")
        large.write_bytes(data)
        small.write_bytes(digest(family, 4000))
        command = [sys.executable, __file__, "--peak", str(large), str(small)]
        return int(subprocess.run(command, check=True, capture_output=True).stdout) / len(data)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("families", nargs="*", metavar="FAMILY", help=", ".join(FAMILIES))
    parser.add_argument("--size", type=float, default=20, help="MB of each digest")
    parser.add_argument("--peak", nargs=2, type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.peak:
        peak(*options.peak)
        return
    print(f"{'':<17} {'papers':>7} {'papers/s':>9} {'MB/s':>6} {'x feedparser':>13} {'peak / file':>12}")
    for family in options.families or FAMILIES:
        data = digest(family, int(options.size * 1e6))
        papers, ours, bare = speed(family, data)
        ratio = f"{ours / bare:.2f}" if bare else ""
        line = f"{family:<17} {papers:>7,} {papers / ours:>9,.0f} {len(data) / ours / 1e6:>6.1f} {ratio:>13}"
        print(f"{line} {memory(family, data):>12.1f}", flush=True)


if __name__ == "__main__":
    main()
