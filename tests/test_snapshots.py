"""An index on disk: what is written is read back, and nothing else is taken for one."""

from pathlib import Path
from random import Random

import pytest

from digestbot.matching import Index
from digestbot.matching.snapshot import dump, load
from digestbot.models import Match, Paper
from digestbot.queries import Document, format_query, parse
from strategies import query_texts

KEY = b"secret of this installation"
PAPERS = [
    Document(Paper("Sparse mixture of experts for zero-shot routing", abstract="We prune GPT-4 models, RAG too."), "daily"),
    Document(Paper("Pruning", authors=("Tianlong Chen",), categories=("LG",), upvotes=21), "weekly"),
]


def filled(count: int = 400) -> tuple[Index, dict[str, str]]:
    random, index = Random(5), Index()  # noqa: S311 (no secret)
    asked = {f"q{number}": format_query(parse(query_texts(random))) for number in range(count)}
    for key, text in asked.items():
        index.add_text(key, text)
    index.match(PAPERS)
    return index, asked


def pairs(matches: list[Match]) -> list[tuple[str, str]]:
    return [(match.subscription, match.paper.title) for match in matches]


def test_an_index_comes_back_and_lives_on() -> None:
    index, _ = filled()
    data = b"".join(dump(index, {"mark": "m"}, KEY))

    found = load(data, KEY)
    assert found is not None
    assert found.notes == {"mark": "m"}
    assert len(found.index) == len(index)
    assert found.index.match(PAPERS) == index.match(PAPERS)
    random = Random(6)  # noqa: S311 (no secret)
    for number in range(150):
        text = format_query(parse(query_texts(random)))
        for one in (index, found.index):
            one.add_text(f"q{number * 3}", text)
            if f"q{number}" in one and number % 5 == 0:
                one.remove(f"q{number}")
    assert pairs(found.index.match(PAPERS)) == pairs(index.match(PAPERS))
    again = load(b"".join(dump(found.index, {}, KEY)), KEY)
    assert again is not None
    assert again.index.match(PAPERS) == index.match(PAPERS)


def test_an_empty_index_comes_back() -> None:
    found = load(b"".join(dump(Index(), {}, KEY)), KEY)

    assert found is not None
    assert found.index.match(PAPERS) == []


def test_what_is_torn_or_changed_or_anothers_is_no_snapshot() -> None:
    index, _ = filled(30)
    data = b"".join(dump(index, {}, KEY))
    random = Random(7)  # noqa: S311 (no secret)

    assert load(b"", KEY) is None
    assert load(data, b"another secret") is None
    for _ in range(60):
        cut, at = random.randrange(len(data)), random.randrange(len(data))
        assert load(data[:cut], KEY) is None
        assert load(data[:at] + bytes((data[at] ^ 1 << random.randrange(8),)) + data[at + 1 :], KEY) is None
    assert load(data + b"\0", KEY) is None


@pytest.mark.parametrize("change", ["added", "removed", "changed"])
def test_an_index_is_made_to_agree(change: str) -> None:
    index, asked = filled(60)
    index.compact()
    index.add_text("new", "routing")
    if change == "added":
        asked["more"] = "sparse"
    elif change == "removed":
        asked = {key: text for key, text in asked.items() if key > "q3"}
    else:
        asked = {key: "prune" if key < "q3" else text for key, text in asked.items()}
    asked["bad"] = '"never closed'

    troubles = index.agree(asked.items())

    fresh = Index()
    assert [key for key, _ in troubles] == ["bad"]
    assert [key for key, _ in fresh.agree(asked.items())] == ["bad"]
    assert len(index) == len(asked) - 1
    assert pairs(index.match(PAPERS)) == pairs(fresh.match(PAPERS))
