"""What is installed from a wheel, away from the checkout, is the whole program."""

import os
import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
DATA = "digestbot/_data"


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(folder)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the bin folder of a new environment that holds the wheel and borrows its dependencies from this one."""
    folder = tmp_path_factory.mktemp("elsewhere") / "env"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(folder)], check=True)
    python = folder / "bin" / "python"
    pip = [sys.executable, "-m", "pip", "--python", str(python), "install", "--quiet", "--no-deps", "--no-index"]
    subprocess.run([*pip, "--disable-pip-version-check", "--no-compile", str(wheel)], check=True)
    # A path line in a .pth file does not run the .pth files it leads to, so the checkout stays out of sight.
    (site,) = folder.glob("lib/python3.*/site-packages")
    (site / "dependencies.pth").write_text(sysconfig.get_path("purelib") + "\n")
    return folder / "bin"


def names(wheel: Path) -> set[str]:
    with zipfile.ZipFile(wheel) as archive:
        return set(archive.namelist())


@pytest.mark.parametrize("folder", ["templates", "seeds", "subscriptions"])
def test_wheel_carries_the_files_beside_the_code(wheel: Path, folder: str) -> None:
    files = {path.relative_to(ROOT).as_posix() for path in (ROOT / folder).rglob("*") if path.is_file()}

    assert files
    assert {f"{DATA}/{name}" for name in files} == {n for n in names(wheel) if n.startswith(f"{DATA}/{folder}/")}


def test_wheel_is_typed_licensed_and_holds_code_only(wheel: Path) -> None:
    inside = names(wheel)

    assert "digestbot/py.typed" in inside
    assert any(name.endswith("licenses/LICENSE") for name in inside)
    assert {name.split("/")[0] for name in inside if ".dist-info" not in name} == {"digestbot"}
    assert not [name for name in inside if name.endswith((".pyc", "~", ".swp"))]


def test_demo_runs_from_the_wheel(installed: Path, tmp_path: Path) -> None:
    environment = {"PATH": os.defpath, "HOME": str(tmp_path)}
    where = [str(installed / "python"), "-c", "import digestbot; print(digestbot.__file__)"]
    origin = subprocess.run(where, env=environment, cwd=tmp_path, check=True, capture_output=True, text=True).stdout

    done = subprocess.run(
        [str(installed / "digestbot"), "demo"],
        env=environment,
        cwd=tmp_path,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )

    assert Path(origin).is_relative_to(installed.parent)
    assert done.returncode == 0, done.stdout + done.stderr
    pages = [path.read_text(encoding="utf-8") for path in (tmp_path / "out").rglob("*.html")]
    assert any("Mixture-of-Experts" in page for page in pages)
    assert list((tmp_path / "out").rglob("*.eml"))
