"""Promises about the shape of the code: layers, sizes, and what a quick command may load."""

import ast
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
MODULES = sorted((ROOT / "src" / "digestbot").rglob("*.py"))
HEAVY = {
    *("apscheduler", "feedparser", "httpx", "jinja2", "markdown", "numpy", "rich", "sqlalchemy"),
    *("starlette", "uvicorn"),
}


def functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def length(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    assert function.end_lineno is not None
    return function.end_lineno - function.lineno + 1


def test_imports_only_go_down() -> None:
    command = [str(Path(sys.executable).with_name("lint-imports")), "--no-logo", "--no-cache"]

    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.relative_to(ROOT / "src").as_posix())
def test_modules_and_functions_stay_small(path: Path) -> None:
    lines = len(path.read_text(encoding="utf-8").splitlines())
    long = {function.name: length(function) for function in functions(path) if length(function) > 50}

    assert lines <= 400
    assert long == {}


def test_most_functions_are_short() -> None:
    lengths = [length(function) for path in MODULES for function in functions(path)]

    assert statistics.median(lengths) < 10


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.relative_to(ROOT / "src").as_posix())
def test_each_module_says_its_idea(path: Path) -> None:
    assert ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))


@pytest.mark.parametrize("arguments", [["--help"], ["--version"], ["run", "--help"], ["serve", "--help"]])
def test_help_loads_nothing_heavy(arguments: list[str], record_property: Callable[[str, object], None]) -> None:
    script = (
        "import runpy, sys\n"
        "sys.argv[0] = 'digestbot'\n"
        "try:\n    runpy.run_module('digestbot', run_name='__main__')\n"
        "except SystemExit as done:\n    assert not done.code, done.code\n"
        "print('\\n'.join(sys.modules), file=sys.stderr)\n"
    )
    start = time.perf_counter()

    done = subprocess.run([sys.executable, "-c", script, *arguments], capture_output=True, text=True, check=True)

    # The time is for the record: on a busy machine it says little. benchmarks/run.py prints it as a median.
    record_property("seconds", round(time.perf_counter() - start, 3))
    assert done.stdout
    assert HEAVY.isdisjoint(name.partition(".")[0] for name in done.stderr.split())
