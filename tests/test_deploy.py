"""The unit files and the cron line are ones that systemd and cron understand."""

import re
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest

from digestbot.cli import COMMANDS

ROOT = Path(__file__).resolve().parents[1]
DEPLOY = ROOT / "deploy"
SERVICES = ("digestbot.service", "digestbot-run.service")

needs_systemd = pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd-analyze is not installed")


@pytest.fixture
def units(tmp_path: Path) -> Path:
    """Return a folder with the units, as if the program were installed on this machine."""
    for path in (*DEPLOY.glob("*.service"), *DEPLOY.glob("*.timer")):
        text = re.sub(r"^ExecStart=\S+", "ExecStart=/bin/true", path.read_text(encoding="utf-8"), flags=re.MULTILINE)
        (tmp_path / path.name).write_text(text, encoding="utf-8")
    return tmp_path


@needs_systemd
def test_systemd_accepts_the_units(units: Path) -> None:
    names = [str(path) for path in sorted(units.iterdir())]

    done = subprocess.run(["systemd-analyze", "verify", *names], capture_output=True, text=True, check=False)

    assert len(names) == 3
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@needs_systemd
@pytest.mark.parametrize("name", SERVICES)
def test_the_services_may_do_little(units: Path, name: str) -> None:
    command = ["systemd-analyze", "security", "--offline=yes", "--threshold=20", "--no-pager", str(units / name)]

    done = subprocess.run(command, capture_output=True, text=True, check=False)

    if "unrecognized option" in done.stderr:
        pytest.skip("this systemd-analyze is too old to judge a file")
    assert done.returncode == 0, done.stdout[-200:]


@pytest.mark.parametrize("name", SERVICES)
def test_the_services_call_a_verb_that_exists(name: str) -> None:
    match = re.search(r"^ExecStart=(.+)$", (DEPLOY / name).read_text(encoding="utf-8"), flags=re.MULTILINE)

    assert match
    program, option, _, verb = shlex.split(match[1])
    assert (Path(program).name, option) == ("digestbot", "--config")
    assert verb in COMMANDS


def test_the_two_services_are_held_alike() -> None:
    held = [
        {
            line
            for line in (DEPLOY / name).read_text(encoding="utf-8").splitlines()
            if re.match("Protect|Restrict|Sy", line)
        }
        for name in SERVICES
    ]

    assert held[0] == held[1]
    assert len(held[0]) > 10


def test_the_timer_starts_the_round() -> None:
    timer = (DEPLOY / "digestbot.timer").read_text(encoding="utf-8")

    assert "Unit=digestbot-run.service" in timer.splitlines()


def test_the_cron_line_has_five_fields_and_a_verb() -> None:
    lines = (DEPLOY / "crontab.example").read_text(encoding="utf-8").splitlines()
    (entry,) = [line for line in lines if line and not line.startswith("#")]
    *fields, command = entry.split(maxsplit=5)

    assert all(re.fullmatch(r"\*|\*/\d+|\d+", field) for field in fields)
    assert ".venv/bin/digestbot run" in command
    assert "%" not in command  # cron would take it for the end of the line
