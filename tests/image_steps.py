"""The steps of an image, read from ``deploy/Containerfile`` and done one by one where there is no container engine.

::

    debootstrap --variant=minbase --include=python3-venv,python-is-python3,ca-certificates trixie FOLDER
    python tests/image_steps.py --base FOLDER

does them in an empty root made of that Debian, starts what the image starts: as its user, in a network of its own,
with everything but the volume read-only; asks the health check, stops it, and says what it saw. Needs Linux and root.
"""

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
CONTAINERFILE = ROOT / "deploy" / "Containerfile"
PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
MADE = shutil.ignore_patterns("__pycache__", ".venv", ".git")
PATIENCE = 60.0
# A network of its own has only a loopback, and that is down; the rest is what `compose.yaml` asks for.
BOX = """
python3 -c 'import fcntl, socket, struct; fcntl.ioctl(socket.socket(), 0x8914, struct.pack("16sh14x", b"lo", 1))'
mount --bind "$1" "$1" && mount --bind "$2" "$1$3" && mount -t tmpfs tmpfs "$1/tmp" && mount -t proc proc "$1/proc"
mount -o remount,ro,bind "$1"
root=$1 user=$4 folder=$3
shift 4
exec chroot --userspec="$user" "$root" /bin/sh -c 'cd "$0" && exec "$@"' "$folder" "$@"
"""


@dataclass(frozen=True, slots=True)
class Step:
    """One instruction."""

    word: str
    text: str

    def exec_form(self) -> list[str]:
        """Return the command in ``CMD ["a", "b"]``."""
        words: list[str] = json.loads(self.text[self.text.index("[") :])
        return words


def steps(text: str) -> list[Step]:
    """Return the instructions of a Containerfile."""
    lines = [line for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#")]
    joined = re.sub(r"\\\n\s*", " ", "\n".join(lines))
    return [Step(word, rest) for word, rest in (line.split(maxsplit=1) for line in joined.splitlines())]


@dataclass(slots=True)
class Stage:
    """A root as it stands after some steps."""

    root: Path
    env: dict[str, str] = field(default_factory=lambda: {"PATH": PATH, "HOME": "/root"})
    folder: str = "/"
    user: str = "0"
    volume: str = ""
    command: list[str] = field(default_factory=list)
    check: list[str] = field(default_factory=list)

    def inside(self, path: str) -> Path:
        """Return where a path of the image lies on this machine."""
        return self.root / os.path.normpath(os.path.join(self.folder, path)).lstrip("/")  # noqa: PTH118 (not of here)


class Builder:
    """Takes steps; what only a real root can do (RUN) is left out without one."""

    def __init__(self, work: Path, base: Path | None) -> None:
        self._work, self._base = work, base
        self._stages: dict[str, Stage] = {}
        self.stage = Stage(work)

    def take(self, step: Step) -> None:
        """Take one step. An instruction that is unknown here is an AttributeError: it has to be learnt."""
        getattr(self, f"_{step.word.lower()}")(step)

    def _from(self, step: Step) -> None:
        name = step.text.split(" AS ")[-1] if " AS " in step.text else "image"
        self.stage = self._stages[name] = Stage(self._work / name)
        if self._base is None:
            self.stage.root.mkdir()
        elif self._base.is_dir():
            subprocess.run(["cp", "-a", str(self._base), str(self.stage.root)], check=True)
        else:
            self.stage.root.mkdir()
            subprocess.run(["tar", "-xpf", str(self._base), "-C", str(self.stage.root)], check=True)

    def _workdir(self, step: Step) -> None:
        self.stage.folder = step.text
        self.stage.inside(".").mkdir(parents=True, exist_ok=True)

    def _copy(self, step: Step) -> None:
        *sources, target = step.text.split()
        origin = Stage(ROOT)
        if sources[0].startswith("--from="):
            origin = self._stages[sources.pop(0).removeprefix("--from=")]
        place = self.stage.inside(target)
        for source in map(origin.inside, sources):
            if source.is_dir():
                shutil.copytree(source, place, symlinks=True, dirs_exist_ok=True, ignore=MADE)
            elif self._base or source.exists() or origin.root == ROOT:
                into = place / source.name if target.endswith("/") else place
                into.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(source, into)

    def _run(self, step: Step) -> None:
        if self._base is None:
            return
        with reaching_an_index(self.stage.root) as network:
            command = f"cd {self.stage.folder} && {step.text}"
            box = ["unshare", "--mount", "--pid", "--fork", f"--mount-proc={self.stage.root}/proc"]
            subprocess.run(
                [*box, "chroot", str(self.stage.root), "/bin/sh", "-c", command],
                env={**self.stage.env, **network},
                check=True,
            )

    def _env(self, step: Step) -> None:
        for name, value in (item.split("=", 1) for item in step.text.split()):
            self.stage.env[name] = value.replace("$PATH", self.stage.env["PATH"])

    def _user(self, step: Step) -> None:
        self.stage.user = step.text

    def _volume(self, step: Step) -> None:
        self.stage.volume = step.text

    def _cmd(self, step: Step) -> None:
        self.stage.command = step.exec_form()

    def _healthcheck(self, step: Step) -> None:
        self.stage.check = step.exec_form()

    def _expose(self, step: Step) -> None:
        """It only tells people."""

    def _stopsignal(self, step: Step) -> None:
        assert step.text == "SIGTERM"


@contextmanager
def reaching_an_index(root: Path) -> Iterator[Mapping[str, str]]:
    """Let a root reach a package index as this machine does; yield the variables that say how."""
    names = ("PIP_INDEX_URL", "PIP_CERT", "SSL_CERT_FILE", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY")
    env = {name: os.environ[name] for name in names if name in os.environ}
    files = {"/etc/resolv.conf"} | {env[name] for name in ("PIP_CERT", "SSL_CERT_FILE") if name in env}
    for file in files:
        place = root / file.lstrip("/")
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(file, place)
    yield env


def build(work: Path, base: Path | None, told: Iterable[Step]) -> Stage:
    """Take the steps, saying each; return what the last stage became."""
    builder = Builder(work, base)
    for step in told:
        began = time.monotonic()
        builder.take(step)
        if base:
            print(f"{time.monotonic() - began:6.1f} s  {step.word} {step.text[:90]}", flush=True)
    return builder.stage


def start(stage: Stage, volume: Path) -> "subprocess.Popen[str]":
    """Start what the image starts."""
    shutil.copytree(stage.inside(stage.volume), volume, dirs_exist_ok=True)
    os.chown(volume, int(stage.user), int(stage.user))
    box = ["unshare", "--net", "--mount", "--pid", "--fork", "--kill-child=SIGTERM", "sh", "-euc", BOX, "box"]
    user = f"{stage.user}:{stage.user}"
    return subprocess.Popen(
        [*box, str(stage.root), str(volume), stage.volume, user, *stage.command],
        env=stage.env,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def served(stage: Stage, process: "subprocess.Popen[str]") -> int:
    """Return the process that serves, as this machine counts: the child of the box."""
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children")
    return int(children.read_text(encoding="ascii").split()[0])


def healthy(stage: Stage, pid: int) -> bool:
    """Ask the image's own check, beside the service."""
    box = ["nsenter", f"--target={pid}", "--net", "chroot", f"--userspec={stage.user}", str(stage.root)]
    return subprocess.run([*box, *stage.check], env=stage.env, capture_output=True, check=False).returncode == 0


def live(stage: Stage, volume: Path) -> list[str]:
    """Start it, wait until it is healthy, stop it; return what is wrong."""
    wrong = []
    with start(stage, volume) as process:
        began = time.monotonic()
        while time.monotonic() < began + PATIENCE and process.poll() is None:
            time.sleep(0.2)
            if ready := healthy(stage, served(stage, process)):
                break
        else:
            ready = False
        if ready:
            pid = served(stage, process)
            owner = os.stat(f"/proc/{pid}").st_uid  # noqa: PTH116
            print(f"{time.monotonic() - began:6.1f} s  until it is healthy; it runs as user {owner}")
            wrong += [] if owner == int(stage.user) else [f"it runs as {owner}"]
            os.kill(pid, 15)
        else:
            wrong.append("it never got healthy")
            process.kill()
        said, _ = process.communicate()
    kept = [path.name for path in volume.iterdir()]
    print(f"it said:\n{said}\nand ended with {process.returncode}; in its volume: {sorted(kept)}")
    return wrong + ([] if process.returncode == 0 else [f"it ended with {process.returncode}"])


def main() -> int:
    """Build it, start it, and say what came of it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--base", type=Path, required=True, help="a Debian with Python, as a folder or a tar file")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        stage = build(work, asked.base, steps(CONTAINERFILE.read_text(encoding="utf-8")))
        (work / "volume").mkdir()
        wrong = live(stage, work / "volume")
    print(f"{len(wrong)} wrong", *wrong, sep="\n")
    return bool(wrong)


if __name__ == "__main__":
    sys.exit(main())
