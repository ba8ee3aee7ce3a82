"""A short search by the fuzzers, the same one every time; and what longer ones have found."""

import io
import subprocess
import sys
from pathlib import Path

import pytest

from digestbot.queries import format_query, parse
from digestbot.readers import READERS, read

FUZZ = Path(__file__).parent / "fuzz"


def test_the_fuzzers_find_nothing_in_a_short_search(tmp_path: Path) -> None:
    pytest.importorskip("atheris", reason="there is no atheris here")
    command = [sys.executable, str(FUZZ / "readers.py"), "everything", "--runs", "150", "--faults", str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)

    assert done.returncode == 0, done.stdout + done.stderr
    assert "0 faults" in done.stdout
    assert not list(tmp_path.iterdir())


def test_every_reader_is_in_a_family() -> None:
    text = (FUZZ / "targets.py").read_text()

    assert not [reader.DIALECT for reader in READERS if f'"{reader.DIALECT}"' not in text]


def test_a_reject_of_our_own_lines_stands_on_a_line() -> None:
    line = b'{"reject": {"line": 0, "reason": "no title", "excerpt": "x"}}\n'

    assert [reject.reason for reject in read(io.BytesIO(line), "here").rejects] == ["a reject on no line"]


def test_a_category_that_folding_makes_known_is_that_category() -> None:
    query = parse("category:\x1eecs.")

    assert parse(format_query(query)) == query
