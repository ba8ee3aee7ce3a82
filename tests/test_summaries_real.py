"""One sentence for each of the papers that lie beside this checkout: nothing in it is new, and it stands alone."""

import re
from functools import cache
from pathlib import Path

import pytest

from digestbot.errors import ReadError
from digestbot.readers import read_path
from digestbot.summaries import LIMIT, summarise
from digestbot.summaries.sentences import plain

SHARED = Path(__file__).parents[1].parent / "shared"
FILES = sorted(path for folder in ("seeds", "inputs") for path in (SHARED / folder).rglob("*") if path.is_file())

pytestmark = [
    pytest.mark.skipif(not FILES, reason="the folders of real digests are not beside this checkout"),
    pytest.mark.no_cover,
]


@cache
def papers() -> dict[tuple[str, str], str]:
    """Return the sentence for each title and abstract."""
    found = {}
    for path in FILES:
        try:
            reading = read_path(path)
        except ReadError:
            continue
        found.update({(paper.title, paper.abstract): "" for paper in reading.papers if paper.abstract})
    return {paper: summarise(*paper) for paper in found}


def pieces(text: str) -> list[str]:
    """Return numbers, capitals and the letters between them: so a heading glued to a word comes apart."""
    return re.findall(r"\d+|[A-Z]|[^\W\dA-Z_]+", text)


def stands_in(summary: str, abstract: str) -> bool:
    rest = iter(pieces(plain(abstract)))
    return all(piece in rest for piece in pieces(summary))


def test_no_word_number_or_name_is_new() -> None:
    new = [
        summary
        for (_, abstract), summary in papers().items()
        if not stands_in(summary, abstract) and not stands_in(summary[:1].lower() + summary[1:], abstract)
    ]

    assert len(papers()) > 400
    assert new == []


def test_every_number_is_printed_as_a_whole() -> None:
    number = r"\d+(?:[.,]\d+)*"

    for (_, abstract), summary in papers().items():
        assert set(re.findall(number, summary)) <= set(re.findall(number, plain(abstract)))


def test_nearly_all_have_one_and_it_is_short() -> None:
    summaries = list(papers().values())

    assert sum(not summary for summary in summaries) <= len(summaries) / 50
    assert all(len(summary.split()) <= LIMIT for summary in summaries)
