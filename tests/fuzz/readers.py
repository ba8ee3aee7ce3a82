"""Any bytes at all, guided by coverage: papers, rejects or a ReadError come out, in time and within bounds.

    python tests/fuzz/readers.py [--seconds N | --runs N] [--seed N] [--faults FOLDER] [FAMILY...]

Runs each family (all of them, unless some are named) in a process of its own for so many seconds, from the digests in
tests/corpus and, where they lie beside the project, ../shared/inputs and ../shared/seeds. An input fails when something
else than the outcomes above comes of it, when it takes more than 2 seconds of the processor, or more than 200 MB. Each
different fault is told once, its input kept in FOLDER, and the search goes on. Exits with 1 when there were faults.
"""

import argparse
import os
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

TARGETS = Path(__file__).with_name("targets.py")
FAMILIES = (
    *("feeds", "json", "lines", "xml", "tables", "references", "text", "pages", "mail"),
    *("mailboxes", "queries", "links", "unicode"),
)


def search(family: str, options: argparse.Namespace) -> bool:
    """Search in a process of its own and print what came of it; return whether nothing fails."""
    command = [sys.executable, str(TARGETS), family, options.faults, str(options.seed)]
    command += [f"-runs={options.runs}" if options.runs else f"-max_total_time={options.seconds}"]
    start = time.monotonic()
    done = subprocess.run(command, capture_output=True, check=False, env={**os.environ, "PYTHONHASHSEED": "0"})
    log = done.stderr.decode("utf-8", "replace")
    faults = re.findall(r"^FAULT .*$", log, re.MULTILINE)
    print(f"{family:<11}{_figures(log)}, {len(faults)} faults, {time.monotonic() - start:.0f} s", flush=True)
    if done.returncode or faults:
        print("\n".join(faults) or log[-3000:], flush=True)
    return not faults and not done.returncode


def _figures(log: str) -> str:
    """Return executions and coverage as the fuzzer tells them."""
    lines = re.findall(r"^#(\d+)\s.*?\bcov: (\d+) ft: (\d+) corp: (\d+)", log, re.MULTILINE)
    done = re.findall(r"^(?:#|Done )(\d+)\b", log, re.MULTILINE)
    if not lines:
        return "no runs"
    _, edges, features, inputs = lines[-1]
    return f"{max(map(int, done)):>9,} runs, {edges} edges, {features} features, {inputs} inputs"


def main() -> int:
    """Search as the command line says."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("families", nargs="*", metavar="FAMILY", help=f"{', '.join(FAMILIES)}, or everything at once")
    parser.add_argument("--seconds", type=int, default=60, help="for each family")
    parser.add_argument("--runs", type=int, default=0, help="in place of seconds")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--faults", default="", metavar="FOLDER", help="keeps the inputs that fail")
    options = parser.parse_args()
    if unknown := [name for name in options.families if name not in (*FAMILIES, "everything")]:
        parser.error(f"no such family: {', '.join(unknown)}")
    options.faults = options.faults or tempfile.mkdtemp(prefix="faults-")
    Path(options.faults).mkdir(parents=True, exist_ok=True)
    found = [search(family, options) for family in options.families or FAMILIES]
    return 0 if all(found) else 1


if __name__ == "__main__":
    sys.exit(main())
