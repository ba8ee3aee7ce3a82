"""The commands of the README, each as a stranger would type it: from a copy, with little else on the machine."""

import email
import email.policy
import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Mapping
from pathlib import Path

import feedparser
import pytest

ROOT = Path(__file__).resolve().parents[1]
SCRIPTS = [*sorted((ROOT / "scripts").iterdir()), ROOT / ".ci" / "run"]
LOCKS = ("run", "test")
# What GNU coreutils hold and a script may reasonably use; no git, uv, sed, grep, awk or find among them.
COREUTILS = """
    basename cat chmod cksum cp cut date dirname echo env expr false head id ln ls mkdir mktemp mv nproc od printf pwd
    readlink rm rmdir sha256sum sleep sort stat tail tee test touch tr true uname uniq wc
"""


def place_copy(target: Path) -> Path:
    """Return a copy of the checkout as a clone would have it, without what it has made for itself."""
    made = shutil.ignore_patterns(
        ".*_cache", ".coverage*", ".git", ".hypothesis", ".venv", "__pycache__", "dist", "out"
    )
    shutil.copytree(ROOT, target, ignore=made)
    return target


@pytest.fixture
def tools(tmp_path: Path) -> Path:
    """Return a folder to be the whole PATH: coreutils, and a place for a Python."""
    folder = tmp_path / "bin"
    folder.mkdir()
    for name in COREUTILS.split():
        found = shutil.which(name)
        if found:
            (folder / name).symlink_to(found)
    return folder


def bare_environment(tools: Path) -> dict[str, str]:
    """Return an environment of a path, a home, and how this machine reaches a package index."""
    network = ("PIP_", "SSL_CERT", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY")
    kept = {name: value for name, value in os.environ.items() if name.upper().startswith(network)}
    # What pip would compile and nobody imports is half of the time.
    return {**kept, "PIP_NO_COMPILE": "1", "HOME": os.environ.get("HOME", "/"), "PATH": str(tools)}


def run(command: Path, *arguments: str, env: Mapping[str, str], cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(command), *arguments],
        cwd=cwd,
        env=env,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )


def skip_without_index(done: subprocess.CompletedProcess[str]) -> None:
    if "(from versions: none)" in done.stderr and "CI" not in os.environ:
        pytest.skip("no package index can be reached")


def test_demo_needs_python_and_coreutils_only(tmp_path: Path, tools: Path) -> None:
    copy = place_copy(tmp_path / "a checkout")
    (tools / "python3").symlink_to(sys._base_executable)  # type: ignore[attr-defined]

    done = run(copy / "scripts" / "demo", env=bare_environment(tools), cwd=tmp_path)

    skip_without_index(done)
    assert done.returncode == 0, done.stdout + done.stderr
    assert_demo_output(copy / "out")
    again = run(copy / "scripts" / "demo", env=bare_environment(tools), cwd=Path("/"))
    assert again.returncode == 0, again.stdout + again.stderr
    assert "Installing" not in again.stderr


def sample_subscriptions() -> set[str]:
    texts = [path.read_text(encoding="utf-8") for path in (ROOT / "subscriptions").glob("*.toml")]
    return {table["id"] for text in texts for table in tomllib.loads(text)["subscription"]}


def assert_demo_output(out: Path) -> None:
    """Check that every form of an edition is there and can be read by the usual readers."""
    forms = ("*.eml", "*.html", "*.md", "rss.xml", "atom.xml", "feed.json")
    files = {form: sorted(out.rglob(form)) for form in forms}
    assert all(files.values()), files
    assert {path.name for path in out.iterdir()} == sample_subscriptions()
    for path in files["*.eml"]:
        message = email.message_from_bytes(path.read_bytes(), policy=email.policy.strict)
        assert {"text/plain", "text/html"} <= {part.get_content_type() for part in message.walk()}
    for path in (*files["rss.xml"], *files["atom.xml"]):
        with path.open("rb") as file:
            feed = feedparser.parse(file)
        assert not feed.bozo
        assert feed.entries
    for path in files["feed.json"]:
        assert json.loads(path.read_text(encoding="utf-8"))["items"]


def test_a_missing_python_is_said_so(tmp_path: Path, tools: Path) -> None:
    copy = place_copy(tmp_path / "copy")
    old = tools / "python3"
    old.write_text("#!/bin/sh\nexit 1\n")  # as one before 3.11 answers
    old.chmod(0o755)

    done = run(copy / "scripts" / "demo", env={"PATH": str(tools)}, cwd=tmp_path)

    assert done.returncode == 2
    assert "Python 3.11 or later" in done.stderr
    assert not (copy / ".venv").exists()


def test_the_python_can_be_named(tmp_path: Path, tools: Path) -> None:
    copy = place_copy(tmp_path / "copy")
    chosen = tmp_path / "my python"
    chosen.write_text('#!/bin/sh\n[ "$1" = -c ] || echo "asked: $*" >&2\n[ "$1" = -c ]\n')
    chosen.chmod(0o755)

    done = run(copy / "scripts" / "demo", env={"PATH": str(tools), "PYTHON": str(chosen)}, cwd=tmp_path)

    assert done.returncode == 2
    assert "asked: -m venv" in done.stderr
    assert "python3-venv" in done.stderr


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.name)
def test_scripts_are_plain_shell(script: Path) -> None:
    text = script.read_text(encoding="utf-8")
    body = [line for line in text.splitlines() if not line.startswith("#")]

    assert text.startswith("#!/bin/sh\n")
    assert os.access(script, os.X_OK)
    assert body[:2] == ["set -eu", next(line for line in body if line.startswith("cd "))]
    assert not re.search(r"\[\[|\blocal\b|\bfunction\b|<<<|\bsource\b|pipefail", "\n".join(body))
    for shell in filter(shutil.which, ("sh", "dash", "bash")):
        subprocess.run([shell, "-n", script], check=True)


@pytest.mark.skipif(shutil.which("shellcheck") is None, reason="shellcheck is not installed")
def test_shellcheck_has_nothing_to_say() -> None:
    subprocess.run(["shellcheck", *map(str, SCRIPTS)], check=True)


def test_ci_runs_the_command_of_the_readme() -> None:
    last = (ROOT / ".ci" / "run").read_text(encoding="utf-8").splitlines()[-1]

    assert last == "exec scripts/test"
    assert "\nscripts/test\n" in (ROOT / "README.md").read_text(encoding="utf-8")


def pins(name: str) -> dict[str, str]:
    text = (ROOT / "requirements" / f"{name}.txt").read_text(encoding="utf-8")
    return dict(re.findall(r"^([a-z0-9._-]+)==(\S+)", text, flags=re.MULTILINE))


@pytest.mark.parametrize("name", LOCKS)
def test_locks_name_versions_and_hashes_and_no_place(name: str) -> None:
    text = (ROOT / "requirements" / f"{name}.txt").read_text(encoding="utf-8")
    entries = re.split(r"^(?=\S)", text, flags=re.MULTILINE)[1:]

    assert all(re.match(r"[a-z0-9._-]+==\S+", entry) for entry in entries)
    assert all("--hash=sha256:" in entry for entry in entries)
    assert not re.search(r"://|index|find-links|[\s=]/|@", text)


def test_locks_hold_what_the_project_asks_for() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    groups = project["dependency-groups"]
    asked_to_run = {*project["project"]["dependencies"], *groups["build"]}
    asked_to_test = asked_to_run | {item for item in groups["dev"] if isinstance(item, str)}

    for lock, asked in (("run", asked_to_run), ("test", asked_to_test)):
        names = {re.split(r"[^A-Za-z0-9._-]", item)[0].lower() for item in asked}
        assert names <= pins(lock).keys()
    assert groups["build"] == project["build-system"]["requires"]
    assert pins("run").items() <= pins("test").items()
