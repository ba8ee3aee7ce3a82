"""A sample of `scripts/crash`, which ends the program at every moment: lost, doubled, in doubt."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent
MORE = 2 if os.environ.get("CI") else 1
SAMPLES = {"kill": 6, "terminate freeze lock forward back": 1, "fill": 2}
"""How many moments are taken of each kind; kinds together share a start of the program."""


def crash(*options: str) -> None:
    """Run a part of the enumeration; what is at fault is in its output."""
    command = [sys.executable, "-m", "crash", "--jobs", "1", *options]
    done = subprocess.run(
        command, env=os.environ | {"PYTHONPATH": str(HERE)}, capture_output=True, text=True, check=False
    )

    assert (done.returncode, done.stdout.splitlines()[-1:]) == (0, ["no faults"]), done.stdout + done.stderr


@pytest.mark.parametrize("actions", SAMPLES)
def test_whatever_happens_nothing_is_lost_or_doubled(actions: str) -> None:
    if actions == "fill" and os.geteuid() != 0:
        pytest.skip("a small disk is mounted by root alone")

    asked = [word for action in actions.split() for word in ("--action", action)]
    crash(*asked, "--sample", str(SAMPLES[actions] * MORE))


def test_the_server_may_die_too() -> None:
    crash("--action", "server", "--every", str(28 // MORE))


def test_death_at_any_time() -> None:
    crash("--action", "random", "--random", str(2 * MORE))
