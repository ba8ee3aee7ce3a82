"""Real digests that nobody wrote for this project, where they are at hand: each is read as its owner would."""

import json
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest

from digestbot.errors import ReadError
from digestbot.links import is_code_link, link_key
from digestbot.models import Paper, Reading
from digestbot.readers import read_path

INPUTS = Path(__file__).parents[1].parent / "shared" / "inputs"


def rows() -> list[dict[str, Any]]:
    """Return what is expected of each file."""
    listed = INPUTS / "expected.jsonl"
    if not listed.exists():
        return []
    lines = listed.read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


ROWS = rows()
SAMPLES = [(row, sample) for row in ROWS for sample in row["samples"]]

pytestmark = [
    pytest.mark.skipif(not ROWS, reason="the folder of real inputs is not beside this checkout"),
    pytest.mark.no_cover,
]


def reading_of(row: dict[str, Any]) -> Reading | None:
    """Return the reading of a file; None when it was refused, clearly."""
    return reading_in(row["file"])


@lru_cache(4)  # the records of a file are asked for one after the other
def reading_in(name: str) -> Reading | None:
    try:
        reading = read_path(INPUTS / name)
    except ReadError:
        return None
    return None if reading.verdict == "unreadable" and not reading.papers else reading


def records_of(reading: Reading) -> list[Paper]:
    """Return the papers, or the sources of a list of feeds with their names for titles."""
    return [*reading.papers, *(Paper(source.name, url=source.url) for source in reading.sources)]


def same(printed: str | None, *expected: str | None) -> bool:
    """Compare without regard to case, white space and a final full stop."""
    forms = [" ".join(text.split()).casefold().rstrip(".") for text in expected if text]
    return not forms or " ".join((printed or "").split()).casefold().rstrip(".") in forms


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["file"])
def test_every_record_is_found(row: dict[str, Any]) -> None:
    reading = reading_of(row)
    accepted = row.get("accept") or [row["n_records"]]

    if reading is None:
        assert {"error", 0} & set(accepted)
    elif accepted == [None]:  # nobody can say how many are right
        assert reading.papers
    else:
        found = records_of(reading)
        assert {len(found), len(found) + len(reading.rejects)} & set(accepted)


@pytest.mark.parametrize(("row", "sample"), SAMPLES, ids=lambda part: str(part.get("file") or part["index"]))
def test_a_record_is_read_as_it_stands(row: dict[str, Any], sample: dict[str, Any]) -> None:
    reading = reading_of(row)
    if reading is None:
        assert {"error", 0} & set(row["accept"])
        return
    index = sample["index"]
    found = records_of(reading)
    titled = [paper for paper in found if same(paper.title, sample["title"])]
    paper = titled[0] if index is None else found[index]
    day = sample.get("published", sample.get("date"))

    assert same(paper.title, sample["title"], sample.get("title_raw"), sample.get("title_alt"))
    assert same(paper.authors[0] if paper.authors else None, sample["first_author"], sample.get("first_author_raw"))
    assert day in (None, str(paper.published))
    assert is_named(paper, sample["id"])
    assert {link_key(url) for url in sample["code_links"]} == {
        link_key(link.url) for link in paper.links if is_code_link(link)
    }
    for name in ("announce_type", "version", "doi"):
        assert sample.get(name) in (None, getattr(paper, name))


def is_named(paper: Paper, name: str | None) -> bool:
    """Tell whether the paper has this id; addresses are compared as addresses, without what only counts clicks."""
    scheme, _, rest = (name or "").partition(":")
    if scheme == "url" and rest.startswith("http"):
        return link_key(paper.url or "") == link_key(rest)
    return scheme in ("", "url") or paper.id.casefold() == (name or "").casefold()
