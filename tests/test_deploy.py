"""What lies in deploy/ is what systemd, cron, container engines, Kubernetes and Prometheus understand."""

import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import yaml

from digestbot.cli import COMMANDS
from digestbot.config import KEYS, variable
from image_steps import CONTAINERFILE, build, steps

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


def tool(name: str, *arguments: str) -> str:
    """Return what a tool of the test environment finds fault with."""
    command = [str(Path(sys.executable).with_name(name)), *arguments]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    return done.stdout + done.stderr


def parsed(name: str) -> list[Any]:
    return [item for item in yaml.safe_load_all((DEPLOY / name).read_text(encoding="utf-8")) if item]


def test_the_containerfile_is_a_good_one() -> None:
    assert tool("hadolint", "deploy/Containerfile") == ""


def test_the_shell_scripts_are_good_ones() -> None:
    scripts = sorted(str(path.relative_to(ROOT)) for path in (ROOT / "scripts").iterdir())

    assert tool("shellcheck", "deploy/install.sh", "deploy/start", ".ci/run", *scripts) == ""


def test_what_the_containerfile_copies_is_there() -> None:
    lines = re.findall(r"^COPY (?!--from)(.+)$", (DEPLOY / "Containerfile").read_text(encoding="utf-8"), re.MULTILINE)
    copied = {name for line in lines for name in line.split()[:-1]}

    assert copied >= {"src", "pyproject.toml", "templates"}
    assert [name for name in copied if not (ROOT / name).exists()] == []


def test_the_steps_of_the_image_can_be_taken(tmp_path: Path) -> None:
    image = build(tmp_path, None, steps(CONTAINERFILE.read_text(encoding="utf-8")))

    assert image.command == ["start"]
    assert os.access(image.root / "opt/digestbot/bin/start", os.X_OK)
    assert (image.user, image.folder, image.volume) == ("10001", "/var/lib/digestbot", "/var/lib/digestbot")
    assert image.env["PATH"].startswith("/opt/digestbot/bin:/usr/local")
    assert "/health" in image.check[-1]
    assert list((tmp_path / "build" / "src" / "src").glob("**/__pycache__")) == []


def test_all_that_the_containerfile_copies_is_sent_to_the_builder() -> None:
    ignored = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    sent = {line.removeprefix("!") for line in ignored if line.startswith("!")}
    copied = {
        name
        for step in steps(CONTAINERFILE.read_text(encoding="utf-8"))
        if step.word == "COPY" and not step.text.startswith("--from")
        for name in step.text.split()[:-1]
    }

    assert "*" in ignored
    assert [name for name in copied if name not in sent and name.split("/")[0] not in sent] == []


def test_the_manifests_are_what_kubernetes_takes() -> None:
    for document in parsed("kubernetes.yaml"):
        assert kubernetes_validate.validate(document, "1.31", strict=True)


def settings_in(data: Any) -> set[str]:
    """Return every name of a variable of ours."""
    return set(re.findall(r"\bDIGESTBOT_[A-Z_]+\b", yaml.safe_dump(data)))


@pytest.mark.parametrize("name", ["compose.yaml", "kubernetes.yaml", "github-workflow.yaml"])
def test_only_settings_that_there_are_are_set(name: str) -> None:
    known = {variable(section, key) for section, key in KEYS}

    assert settings_in(parsed(name)) - known == set()
    assert settings_in(parsed(name))


def test_one_pod_owns_the_ledger() -> None:
    (deployment,) = [item for item in parsed("kubernetes.yaml") if item["kind"] == "Deployment"]
    pod = deployment["spec"]["template"]["spec"]

    assert (deployment["spec"]["replicas"], deployment["spec"]["strategy"]["type"]) == (1, "Recreate")
    assert pod["securityContext"]["runAsNonRoot"]
    assert pod["containers"][0]["livenessProbe"]["httpGet"]["path"] == "/health"


def test_the_workflow_calls_verbs_that_exist() -> None:
    (workflow,) = parsed("github-workflow.yaml")
    steps = "\n".join(step.get("run", "") for step in workflow["jobs"]["round"]["steps"])
    verbs = re.findall(r"^\s*digestbot ([a-z]+)", steps, flags=re.MULTILINE)

    assert verbs == ["restore", "run", "backup", "status"]
    assert set(verbs) <= set(COMMANDS)


def test_the_alerts_ask_for_numbers_that_are_told() -> None:
    told = set(re.findall(r"\bdigestbot_[a-z_]+\b", (ROOT / "src/digestbot/metrics.py").read_text(encoding="utf-8")))
    rules = [rule for group in parsed("alerts.yaml")[0]["groups"] for rule in group["rules"]]
    asked = {name for rule in rules for name in re.findall(r"\bdigestbot_[a-z_]+\b", rule["expr"])}

    assert len(rules) >= 6
    assert asked <= told
    assert all(rule["annotations"]["description"] for rule in rules)


def test_the_installer_explains_itself_and_refuses_what_it_does_not_know() -> None:
    explained, refused = (
        subprocess.run(["sh", str(DEPLOY / "install.sh"), option], capture_output=True, text=True, check=False)
        for option in ("--help", "--everything")
    )

    assert "sudo deploy/install.sh" in explained.stdout
    assert (explained.returncode, refused.returncode) == (0, 2)
    assert "--everything is unknown" in refused.stderr
