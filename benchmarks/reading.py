"""Papers read per second, for each dialect.

    python benchmarks/reading.py [FILE...]

Without files: the digests of ../shared/seeds when that folder is there, else the samples in seeds/, and for the
dialects that these do not hold, the small files of the tests. Each dialect's files are read again and again, from
memory, for about a second.
"""

import io
import sys
import time
from collections import defaultdict
from pathlib import Path

from digestbot.errors import ReadError
from digestbot.readers import read

ROOT = Path(__file__).resolve().parents[1]
SECONDS = 1.0


def samples() -> list[Path]:
    shared = ROOT.parent / "shared" / "seeds"
    first = shared if shared.is_dir() else ROOT / "seeds"
    tests = [path for path in (ROOT / "tests" / "corpus").rglob("*") if not path.name.endswith(".expected.json")]
    return [path for folder in (first, ROOT / "seeds") for path in sorted(folder.iterdir())] + sorted(tests)


def by_dialect(paths: list[Path]) -> dict[str, list[Path]]:
    """Return the files of each dialect. A dialect that a folder has supplied takes none from the next one."""
    found: defaultdict[str, list[Path]] = defaultdict(list)
    for path in filter(Path.is_file, paths):
        try:
            with path.open("rb") as file:
                reading = read(file, path.name)
        except ReadError:
            continue
        known = found[reading.dialect]
        if reading.papers and (not known or known[0].parent == path.parent):
            known.append(path)
    return {dialect: files for dialect, files in found.items() if files}


def measure(files: list[Path]) -> tuple[int, int, float]:
    """Return papers and bytes read, and the seconds that it took."""
    contents = [(path.name, path.read_bytes()) for path in files]
    papers = size = 0
    start = time.perf_counter()
    while time.perf_counter() - start < SECONDS:
        for name, content in contents:
            papers += len(read(io.BytesIO(content), name).papers)
            size += len(content)
    return papers, size, time.perf_counter() - start


def main(arguments: list[str]) -> None:
    print(f"{'dialect':<20} {'from':<24} {'papers/s':>9} {'MB/s':>7}")
    for dialect, files in sorted(by_dialect([Path(name) for name in arguments] or samples()).items()):
        papers, size, seconds = measure(files)
        where = f"{files[0].parent.name}, {len(files)} files"
        print(f"{dialect:<20} {where:<24} {papers / seconds:>9,.0f} {size / seconds / 1e6:>7.1f}")


main(sys.argv[1:])
