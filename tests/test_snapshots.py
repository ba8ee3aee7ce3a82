"""An index on disk: what is written is read back, and nothing else is taken for one."""

from datetime import UTC, datetime
from pathlib import Path
from random import Random

import pytest

from digestbot.ledger import Ledger, subscriptions
from digestbot.matching import Index
from digestbot.matching.snapshot import dump, load
from digestbot.models import Match, Paper, Subscription
from digestbot.pipeline.indexing import standing_index
from digestbot.queries import Document, format_query, parse
from strategies import query_texts

KEY = b"secret of this installation"
PAPERS = [
    Document(
        Paper("Sparse mixture of experts for zero-shot routing", abstract="We prune GPT-4 models, RAG too."), "daily"
    ),
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
    assert len(found.restored) == len(index)
    assert found.restored.match(PAPERS) == index.match(PAPERS)
    random = Random(6)  # noqa: S311 (no secret)
    for number in range(150):
        text = format_query(parse(query_texts(random)))
        for one in (index, found.restored):
            one.add_text(f"q{number * 3}", text)
            if f"q{number}" in one and number % 5 == 0:
                one.remove(f"q{number}")
    assert pairs(found.restored.match(PAPERS)) == pairs(index.match(PAPERS))
    again = load(b"".join(dump(found.restored, {}, KEY)), KEY)
    assert again is not None
    assert again.restored.match(PAPERS) == index.match(PAPERS)


def test_an_empty_index_comes_back() -> None:
    found = load(b"".join(dump(Index(), {}, KEY)), KEY)

    assert found is not None
    assert found.restored.match(PAPERS) == []


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


NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)


def subscribed(folder: Path, count: int) -> Ledger:
    ledger = Ledger.open(str(folder / "digestbot.db"), owner=True)
    with ledger.write() as tx:
        for number in range(count):
            query = ("sparse experts", "prun*", "routing OR =RAG", '"never closed')[number % 4]
            subscriptions.put(tx, Subscription(f"s{number}", "S", query, "folder", "out"), NOW)
    return ledger


def test_many_subscriptions_are_compiled_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with subscribed(tmp_path, 12) as ledger:
        index, troubles = standing_index(ledger, many=10)
        assert len(index) == 9
        assert sorted(trouble.subscription for trouble in troubles) == ["s11", "s3", "s7"]
        found = pairs(index.match(PAPERS))

        monkeypatch.setattr(Index, "agree", None)  # nothing is compiled again
        again, same_troubles = standing_index(ledger, many=10)

        assert pairs(again.match(PAPERS)) == found
        assert same_troubles == troubles
        assert [file.name for file in tmp_path.glob("*.index*")] == ["digestbot.db.index"]


def test_a_kept_index_follows_the_ledger(tmp_path: Path) -> None:
    with subscribed(tmp_path, 12) as ledger:
        standing_index(ledger, many=10)
        with ledger.write() as tx:
            subscriptions.put(tx, Subscription("s0", "S", "pruning", "folder", "out"), NOW)
            subscriptions.put(tx, Subscription("s50", "S", "experts", "folder", "out"), NOW)
            subscriptions.remove(tx, "s1", NOW)

        kept, _ = standing_index(ledger, many=10)
        fresh, _ = standing_index(ledger, many=1000)

        assert pairs(kept.match(PAPERS)) == pairs(fresh.match(PAPERS))
        assert len(kept) == len(fresh) == 9


@pytest.mark.parametrize("content", [b"", b"digestbot index 1\n", b"x" * 5000])
def test_a_foreign_file_is_replaced(tmp_path: Path, content: bytes) -> None:
    with subscribed(tmp_path, 12) as ledger:
        file = tmp_path / "digestbot.db.index"
        file.write_bytes(content)

        assert len(standing_index(ledger, many=10)[0]) == 9
        assert load(file.read_bytes(), ledger.instance.secret) is not None


def test_few_subscriptions_leave_no_file(tmp_path: Path) -> None:
    with subscribed(tmp_path, 12) as ledger:
        standing_index(ledger)
    with Ledger.open(":memory:", owner=True) as ledger:
        assert len(standing_index(ledger, many=0)[0]) == 0

    assert not list(tmp_path.glob("*.index*"))


def test_an_index_that_cannot_be_kept_serves_all_the_same(tmp_path: Path) -> None:
    with subscribed(tmp_path, 12) as ledger:
        (tmp_path / "digestbot.db.index").mkdir()

        assert len(standing_index(ledger, many=10)[0]) == 9
