"""One paper stays one paper: whatever the order of the digests, and whoever was promised what before."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import reduce
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import event, func, select

from digestbot.feeds import FeedEntry
from digestbot.identity import group, merge, paper_id
from digestbot.ledger import Ledger, editions, matches, paper_updates, papers, sources, subscriptions
from digestbot.ledger.matches import OpenMatch
from digestbot.ledger.papers import Recorded, StoredPaper
from digestbot.ledger.schema import match, mention, record
from digestbot.ledger.written import card_row, edition_row
from digestbot.models import Card, Edition, Hit, Match, Paper, Reading, Reason, Subscription
from digestbot.readers import read_path

NOW = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)
SEEDS = Path(__file__).parents[1].parent / "shared" / "seeds"
ADA = Subscription("ada", "Ada", "experts", "email", "ada@example.org")
ABSTRACTS = (
    "",
    "sparse experts share the work of larger models when every token finds its own route",
    "protein folding simulations become cheaper with coarse graining across molecular scales",
)

PAPERS = st.builds(
    Paper,
    title=st.sampled_from(["Union of Experts", "Union of experts.", "Editorial", "Other"]),
    id=st.sampled_from(["", "arxiv:2503.00001", "arxiv:2503.00002", "doi:10.1000/a"]),
    doi=st.sampled_from([None, "10.1000/a", "10.1000/b"]),
    abstract=st.sampled_from(ABSTRACTS),
    authors=st.sampled_from([(), ("Ada Lovelace",), ("Kurt Gödel",)]),
    upvotes=st.sampled_from([None, 1, 2]),
)


@pytest.fixture
def ledger() -> Iterator[Ledger]:
    with Ledger.open("sqlite://") as ledger:
        yield ledger


def take(ledger: Ledger, items: Sequence[Paper], now: datetime = NOW) -> Recorded:
    """Read a digest of these papers."""
    with ledger.write() as tx:
        name = str(tx.connection.scalar(select(func.count()).select_from(mention))) + str(hash(tuple(items)))
        row = sources.record(tx, Reading("x", "test", tuple(items)), name, now)
        return papers.record(tx, row, items, now)


def stored(ledger: Ledger) -> list[StoredPaper]:
    with ledger.read() as tx:
        return papers.every(tx)


def after(digests: Iterable[Sequence[Paper]]) -> set[Paper]:
    """Return the papers that these digests make."""
    with Ledger.open("sqlite://") as ledger:
        for items in digests:
            take(ledger, items)
        found = [item.paper for item in stored(ledger)]
        assert len({item.id for item in found}) == len(found)
        return set(found)


@given(st.lists(PAPERS, max_size=8), st.data())
@settings(max_examples=20)  # an example is two databases
def test_the_order_of_digests_is_lost(items: list[Paper], data: st.DataObject) -> None:
    shuffled = data.draw(st.permutations(items))
    cuts = sorted(data.draw(st.sets(st.integers(0, len(items)), max_size=3)))
    pieces = [shuffled[start:end] for start, end in zip([0, *cuts], [*cuts, len(items)], strict=True)]

    assert after([items]) == after([*pieces, items, *pieces])


@given(st.lists(PAPERS, max_size=8))
@settings(max_examples=20)
def test_papers_are_the_merged_groups(items: list[Paper]) -> None:
    wholes = [reduce(merge, members) for members in group(items)]

    found = after([[item] for item in items])

    assert sorted(paper_id(item) for item in wholes) == sorted(item.id.partition("~")[0] for item in found)
    assert {(item.title, item.upvotes) for item in wholes} == {(item.title, item.upvotes) for item in found}


@pytest.mark.no_cover
@pytest.mark.skipif(not SEEDS.is_dir(), reason="the real digests are not beside this checkout")
@pytest.mark.parametrize(("order", "halves"), [((4, 3, 2, 1, 0), False), ((2, 0, 4, 1, 3), True)])
def test_real_digests_in_any_order(order: tuple[int, ...], halves: bool) -> None:
    readings = [read_path(path).papers for path in sorted(SEEDS.glob("*.txt"))]
    pieces = [readings[n] for n in order]
    if halves:
        pieces = [part for items in pieces for part in (items[len(items) // 2 :], items[: len(items) // 2], items)]

    assert after(pieces) == after(readings)


def test_one_wording_is_kept_once(ledger: Ledger) -> None:
    item = Paper("Union of Experts", "arxiv:2503.00001")
    assert take(ledger, [item, item]).new == 1
    assert take(ledger, [item]) == Recorded((), 0)
    with ledger.read() as tx:
        assert tx.connection.scalar(select(func.count()).select_from(record)) == 1
        assert tx.connection.scalar(select(func.count()).select_from(mention)) == 3
        assert papers.count(tx) == 1


def test_a_paper_is_found_by_any_of_its_ids(ledger: Ledger) -> None:
    take(ledger, [Paper("Union of Experts", "arxiv:2503.00001", doi="10.1000/a"), Paper("Other", "arxiv:2503.00002")])
    with ledger.read() as tx:
        found = [papers.find(tx, name) for name in ("arxiv:2503.00001", "doi:10.1000/a", "arxiv:2503.99999")]

    assert [item and item.paper.title for item in found] == ["Union of Experts", "Union of Experts", None]


def test_first_seen_is_the_first_mention(ledger: Ledger) -> None:
    take(ledger, [Paper("Union of Experts", "arxiv:2503.00001")], NOW)
    [changed] = take(ledger, [Paper("Union of Experts!", "arxiv:2503.00001")], NOW + timedelta(days=1)).changed
    take(ledger, [Paper("Other", "arxiv:2503.00002")], NOW + timedelta(days=2))

    assert changed.first_seen == NOW
    with ledger.read() as tx:
        assert [item.paper.title for item in papers.seen_since(tx, NOW + timedelta(days=1))] == ["Other"]


def test_two_papers_with_nothing_but_one_title(ledger: Ledger) -> None:
    first = take(ledger, [Paper("Editorial", authors=("Ada Lovelace",))]).changed[0].paper
    second = take(ledger, [Paper("Editorial", authors=("Kurt Gödel",))])

    assert second.new == 1
    assert len(second.changed) == 2
    ids = [item.paper.id for item in stored(ledger)]
    assert len(set(ids)) == 2
    assert all(name.startswith(f"{first.id}~") for name in ids)


HIT = Hit("title", 9, 16, "Experts", "experts")


def promise(ledger: Ledger, who: Subscription, item: StoredPaper, *, consumed: bool) -> None:
    with ledger.write() as tx:
        if subscriptions.get(tx, who.id) is None:
            subscriptions.put(tx, who, NOW)
        found = Match(who.id, item.paper, (HIT,))
        matches.add(tx, [OpenMatch(item.row, found)], NOW)
        if consumed:
            edition = Edition(who, NOW + timedelta(minutes=item.row), "subject", (Card(item.paper, (HIT,), ()),))
            [row] = editions.add(tx, [edition_row(edition, 1)], NOW)
            assert matches.consume(tx, [(who.id, item.row, row)])
            editions.add_cards(tx, [(row, [card_row(item.row, edition.cards[0])])])


def promises(ledger: Ledger) -> list[tuple[str, int, bool]]:
    with ledger.read() as tx:
        columns = (match.c.subscription_id, match.c.paper_id, match.c.edition_id)
        rows = tx.connection.execute(select(*columns).order_by(*columns[:2]))
        return [(row.subscription_id, row.paper_id, row.edition_id is not None) for row in rows]


@pytest.mark.parametrize("first", [None, False, True])
@pytest.mark.parametrize("second", [None, False, True])
def test_promises_survive_when_two_papers_turn_out_to_be_one(
    first: bool | None, second: bool | None, ledger: Ledger
) -> None:
    one, two = (
        take(ledger, [Paper("A", "arxiv:2503.00001")]).changed[0],
        take(ledger, [Paper("B", "doi:10.1000/a")]).changed[0],
    )
    for item, consumed in ((one, first), (two, second)):
        if consumed is not None:
            promise(ledger, ADA, item, consumed=consumed)

    result = take(ledger, [Paper("A", "arxiv:2503.00001", doi="10.1000/a")])

    [whole] = stored(ledger)
    assert (whole.row, whole.paper.id, result.new) == (one.row, "arxiv:2503.00001", 0)
    assert promises(ledger) == ([] if first is second is None else [("ada", one.row, bool(first) or bool(second))])


def test_a_match_ends_when_its_paper_changes(ledger: Ledger) -> None:
    [item] = take(ledger, [Paper("Union of Experts", "arxiv:2503.00001")]).changed
    promise(ledger, ADA, item, consumed=False)
    with ledger.write() as tx:
        found = [Match("ada", item.paper, (HIT, HIT))]
        assert matches.settle(tx, [item], found, NOW) == 0
        [opened] = matches.open_for(tx, ["ada"])["ada"]
        assert matches.open_pairs(tx, ["ada"]) == {("ada", item.row)}
        assert opened == OpenMatch(item.row, found[0])
        assert matches.open_counts(tx) == {"ada": 1}
        assert matches.settle(tx, [item], [], NOW) == 0
        assert matches.open_for(tx, ["ada"]) == {"ada": []}
        assert matches.settle(tx, [item], found, NOW) == 1


def test_what_was_sent_is_not_promised_again(ledger: Ledger) -> None:
    [item] = take(ledger, [Paper("Union of Experts", "arxiv:2503.00001")]).changed
    promise(ledger, ADA, item, consumed=True)
    with ledger.write() as tx:
        assert matches.settle(tx, [item], [Match("ada", item.paper, ())], NOW) == 0
        matches.add(tx, [OpenMatch(item.row, Match("ada", item.paper, ()))], NOW)
        assert matches.open_for(tx, ["ada"]) == {"ada": []}
        assert not matches.consume(tx, [("ada", item.row, 1)])
        assert matches.settle(tx, [item], [], NOW) == 0
    assert promises(ledger) == [("ada", item.row, True)]


def test_cards_are_kept_as_they_were_shown(ledger: Ledger) -> None:
    item = Paper("Union of \ud800 Experts", "arxiv:2503.00001")
    [row] = take(ledger, [item]).changed
    shown = Card(item, (HIT,), (Reason("experts", ("Experts", "experts")),), "One sentence.")
    with ledger.write() as tx:
        subscriptions.put(tx, ADA, NOW)
        for day in range(3):
            due = NOW + timedelta(days=day)
            [edition] = editions.add(tx, [edition_row(Edition(ADA, due, "subject", ()), 1)], due)
            editions.add_cards(tx, [(edition, [card_row(row.row, shown)] if day else [])])
        asked = [Edition(ADA, NOW, "again", ()), Edition(ADA, NOW - timedelta(days=1), "new", ())]
        assert editions.answered(tx, [edition_row(item, 0) for item in asked]) == {("ada", NOW)}
        assert editions.entries(tx, "ada", 1) == (FeedEntry(shown, NOW + timedelta(days=2)),)
        assert len(editions.entries(tx, "ada", 9)) == 2
        assert editions.last_created(tx, ["ada", "bob"]) == {"ada": NOW + timedelta(days=2)}


def test_the_proof_counts_from_the_last_edition(ledger: Ledger) -> None:
    take(ledger, [Paper("Union of Experts", "arxiv:2503.00001")], NOW)
    take(ledger, [Paper("Union of Experts!", "arxiv:2503.00001"), Paper("B", "arxiv:2503.00002")], NOW + timedelta(1))
    with ledger.read() as tx:
        before, since, later = (editions.proof(tx, NOW + timedelta(days)) for days in (-1, 0, 1))

    def facts(proof: Any) -> tuple[int, int, str]:
        return proof.digests, proof.papers, proof.newest

    assert facts(before) == (2, 2, "arxiv:2503.00002")
    assert facts(since) == (1, 2, "arxiv:2503.00002")
    assert facts(later) == (0, 0, "arxiv:2503.00002")
    assert later.newest_seen == NOW + timedelta(1)
    with Ledger.open("sqlite://") as empty, empty.read() as tx:
        assert editions.proof(tx, NOW).newest == ""


@pytest.mark.parametrize("analysed", [False, True])
def test_what_is_open_for_a_few_is_found_by_an_index_of_the_open(ledger: Ledger, *, analysed: bool) -> None:
    statements: list[tuple[str, Any]] = []
    take(ledger, [Paper(f"Experts {n}", f"arxiv:2503.{n:05}") for n in range(20)])
    for n, item in enumerate(stored(ledger)):
        promise(ledger, replace(ADA, id=f"a{n % 4}"), item, consumed=n % 5 > 0)
    if analysed:
        ledger.optimise()
    event.listen(ledger._engine, "before_cursor_execute", lambda *told: statements.append((told[2], told[3])))
    with ledger.read() as tx:
        for module in (matches, paper_updates):
            module.open_for(tx, ["a1", "a2"])
            module.open_pairs(tx, ["a1", "a2"])
            module.open_counts(tx, ["a1", "a2"])
        asked = [told for told in statements if told[0].startswith("SELECT") and "IS NULL" in told[0]]
        plans = [tx.connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {sql}", values) for sql, values in asked]
        ways = [next(row[3] for row in plan).partition(" (")[0] for plan in plans]

    assert len(ways) == 6
    assert set(ways[:3]) <= {f"SEARCH match USING {kind} match_open" for kind in ("INDEX", "COVERING INDEX")}
    assert set(ways[3:]) == {"SEARCH paper_update USING INDEX paper_update_open"}


def test_what_many_ask_for_is_one_object(ledger: Ledger) -> None:
    take(ledger, [Paper("Union of Experts", "arxiv:2503.00001")])
    [item] = stored(ledger)
    for name in ("a", "b"):
        promise(ledger, replace(ADA, id=name), item, consumed=False)

    found = []
    for names in (["a"], ["b"]):
        with ledger.read() as tx:
            found += [opened.match for items in matches.open_for(tx, names).values() for opened in items]

    assert found == [Match("a", item.paper, (HIT,)), Match("b", item.paper, (HIT,))]
    assert found[0].paper is found[1].paper
    assert found[0].hits is found[1].hits
    take(ledger, [Paper("Union of Many Experts", "arxiv:2503.00001", version=2)])
    [changed] = stored(ledger)
    with ledger.read() as tx:
        assert matches.open_for(tx, ["a"])["a"][0].match.paper == changed.paper != item.paper
