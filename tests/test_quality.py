"""How well queries find, where the digests that were labelled by hand are at hand."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
DIGESTS = ROOT.parent / "shared" / "seeds"
MEASURE = ROOT / "benchmarks" / "quality" / "measure.py"


def measured(folder: Path) -> list[str]:
    done = subprocess.run([sys.executable, str(MEASURE), str(folder)], capture_output=True, text=True, check=True)
    return done.stdout.splitlines()


def test_labels_are_of_three_kinds_and_hold_no_abstract() -> None:
    rows = [line.split("\t") for line in (MEASURE.with_name("labels.tsv")).read_text(encoding="utf-8").splitlines()[1:]]

    assert len({topic for topic, *_ in rows}) == 30
    assert {label for _, first, second, _ in rows for label in (first, second)} == {"said", "meant", "no"}
    assert max(len(title) for *_, title in rows) < 250


def test_without_the_digests_it_says_so(tmp_path: Path) -> None:
    assert "is not there" in measured(tmp_path / "nowhere")[0]


@pytest.mark.skipif(not DIGESTS.is_dir(), reason="the labelled digests are not beside this checkout")
def test_folded_phrases_lose_nothing_and_exact_acronyms_are_right() -> None:
    phrases, acronyms = (line.split() for line in measured(DIGESTS) if line.startswith("  ours  "))

    assert float(phrases[2]) >= 0.99  # recall where the words stand
    assert float(acronyms[1]) >= 0.95  # precision
