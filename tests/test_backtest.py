"""One query against all that is stored: nothing is lost on the way, days are counted, and the hints are true."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digestbot.ledger import Ledger, filing, papers, sources, stock
from digestbot.ledger.stock import Span
from digestbot.matching import sieve
from digestbot.models import Paper, Reading
from digestbot.pipeline.backtesting import backtest, hints, span_of
from digestbot.queries import Query, evaluate, parse
from older_ledgers import rewind
from strategies import askable_papers, queries

NOW = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)
SPAN = span_of(NOW)
QUERIES = (
    "experts",
    '"mixture of experts" -survey',
    "zeroshot",
    '"zero shot"',
    "~pruning",
    "prun*",
    "=MoE",
    "title:survey OR author:chen",
    "all:lovelace",
    "category:cs.LG has:code",
    "date:2024",
    "-survey",
    "source:daily",
)


def stored_paper(number: int, title: str, abstract: str = "", **facts: object) -> Paper:
    return Paper(title, id=f"arxiv:2401.{number:05}", abstract=abstract, **facts)  # type: ignore[arg-type]


FIELD = (
    stored_paper(1, "A Survey on Mixture of Experts (MoE)", "Zero-shot routing.", authors=("Ada Lovelace",)),
    stored_paper(2, "Mixture-of-Experts (MoE) layers", "We prune experts.", categories=("cs.LG",)),
    stored_paper(3, "Pruned networks", "Modeling behavior of MoE.", authors=("Tianlong Chen",)),
    stored_paper(4, "Zeroshot transfer", "Survey of analyses.", categories=("LG",)),
    stored_paper(5, "MoE at scale", "Quantization."),
)


def ingest(ledger: Ledger, found: tuple[Paper, ...], now: datetime = NOW, name: str = "daily") -> None:
    with ledger.write() as tx:
        row = sources.record(tx, Reading(name, "text", found), f"{name} {now} {found}", now)
        papers.record(tx, row, found, now)


@pytest.fixture
def ledger() -> Iterator[Ledger]:
    with Ledger.open("sqlite://") as ledger:
        yield ledger


def found_by(ledger: Ledger, query: Query, span: Span = SPAN) -> list[str]:
    with ledger.read() as tx:
        return [match.stored.paper.id for match in backtest(tx, query, span).matches]


def looked_at(ledger: Ledger, text: str) -> int:
    with ledger.read() as tx:
        return sum(1 for _ in stock.candidates(tx, parse(text), SPAN))


@pytest.fixture(scope="module")
def index() -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.execute(filing.MAKE)
        yield connection


@given(asked=st.lists(queries(), min_size=1, max_size=4), stored=st.lists(askable_papers(), min_size=1, max_size=4))
def test_the_sieve_loses_no_match(index: sqlite3.Connection, asked: list[Query], stored: list[Paper]) -> None:
    index.execute("BEGIN")
    try:
        index.executemany(filing.FILL, [(number, *sieve.filed_under(paper)) for number, paper in enumerate(stored, 1)])
        for query in asked:
            search = sieve.expression(query)
            if search is not None:
                rows = index.execute("SELECT rowid FROM paper_words WHERE paper_words MATCH ?", (search,))
                passed = {row[0] for row in rows}
                assert passed >= {number for number, paper in enumerate(stored, 1) if evaluate(query, paper)}
    finally:
        index.execute("ROLLBACK")


@pytest.mark.parametrize(
    ("text", "papers_left"),
    [
        ('"mixture of experts"', 2),
        ("zeroshot", 2),
        ('"zero shot"', 2),
        ("~pruning", 2),
        ("analys*", 1),
        ("author:chen", 1),
        ("category:cs.LG", 2),
        ("survey -zeroshot", 2),
        ("survey OR has:code", 2),
        ("survey OR date:2024", 5),
        ("-survey", 5),
        ("source:daily", 5),
    ],
)
def test_the_sieve_lets_few_through(ledger: Ledger, text: str, papers_left: int) -> None:
    ingest(ledger, FIELD)

    assert looked_at(ledger, text) == papers_left


def test_a_query_too_long_for_a_search_is_held_against_everything(ledger: Ledger) -> None:
    ingest(ledger, FIELD)

    long = " OR ".join(f"word{number}" for number in range(2 * sieve.MAX_TERMS))
    assert found_by(ledger, parse(f"{long} OR survey")) == ["arxiv:2401.00004", "arxiv:2401.00001"]
    assert looked_at(ledger, long) == 5


def test_the_answer_is_the_same_without_the_index(ledger: Ledger) -> None:
    ingest(ledger, FIELD)
    with_index = [found_by(ledger, parse(text)) for text in QUERIES]

    with ledger.write() as tx:
        tx.connection.exec_driver_sql("DROP TABLE paper_words")
    ingest(ledger, (stored_paper(6, "More experts"),))

    without = [found_by(ledger, parse(text)) for text in QUERIES]
    assert [[name for name in found if name != "arxiv:2401.00006"] for found in without] == with_index
    assert found_by(ledger, parse("experts"))[0] == "arxiv:2401.00006"


def test_what_was_filed_by_other_rules_or_not_at_all_is_looked_at(ledger: Ledger) -> None:
    ingest(ledger, FIELD)
    with ledger.write() as tx:
        tx.connection.exec_driver_sql("UPDATE filing SET form = 0 WHERE paper_id = 1")
        tx.connection.exec_driver_sql("DELETE FROM filing WHERE paper_id = 2")

    assert looked_at(ledger, "author:chen") == 3
    assert len(found_by(ledger, parse('"mixture of experts"'))) == 2
    with ledger.write() as tx:
        filing.file_the_rest(tx.connection)
    assert looked_at(ledger, "author:chen") == 1
    assert len(found_by(ledger, parse('"mixture of experts"'))) == 2


def test_a_paper_that_changes_is_found_by_what_it_says_now(ledger: Ledger) -> None:
    ingest(ledger, FIELD[4:])
    for number in range(3):  # the last number is free again each time, and must not be given twice
        ingest(
            ledger, (stored_paper(5, "MoE at scale", "Quantization." + " Vision." * (number + 1)),), name=f"{number}"
        )

    assert found_by(ledger, parse("vision")) == ["arxiv:2401.00005"]
    assert looked_at(ledger, "vision") == 1
    with ledger.read() as tx:
        assert filing.unfiled(tx.connection) == []


def test_an_older_ledger_is_filed_when_it_is_opened(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/old.db"
    with Ledger.open(url) as ledger:
        ingest(ledger, FIELD)
    rewind(tmp_path / "old.db", 4)

    with Ledger.open(url) as ledger:
        assert looked_at(ledger, '"mixture of experts"') == 2
        assert len(found_by(ledger, parse('"mixture of experts"'))) == 2


def test_days_are_counted_on_which_papers_came_in(ledger: Ledger) -> None:
    ingest(ledger, FIELD[:1], NOW - timedelta(days=3))
    ingest(ledger, FIELD[1:3], NOW - timedelta(days=1))
    ingest(ledger, FIELD[3:], NOW)
    ingest(ledger, (stored_paper(9, "Old experts"),), NOW - timedelta(days=90), "old")

    with ledger.read() as tx:
        found = backtest(tx, parse("moe -survey"), SPAN)
        everything = backtest(tx, parse("moe OR old OR zeroshot"), span_of(NOW, 91))

    assert {str(day): count for day, count in found.days.items()} == {
        "2026-11-17": 0,
        "2026-11-19": 2,
        "2026-11-20": 1,
    }
    assert (found.median, found.mean, found.most, found.empty_days, found.flood_days) == (1, 1, 2, 1, 0)
    assert [match.stored.paper.title for match in found.matches][:1] == ["MoE at scale"]
    assert {hit.text for match in found.matches for hit in match.hits} == {"MoE"}
    assert found.excluded == {parse("-survey"): ("A Survey on Mixture of Experts (MoE)",)}
    assert sum(everything.days.values()) == len(everything.matches) == 6


def test_a_bounded_look_takes_whole_days(ledger: Ledger) -> None:
    ingest(ledger, FIELD[:3], NOW - timedelta(days=1))
    ingest(ledger, FIELD[3:], NOW)

    with ledger.read() as tx:
        found = backtest(tx, parse("moe OR zeroshot"), SPAN, most=3)
        one_day = backtest(tx, parse("moe OR zeroshot"), SPAN, most=1)

    assert {str(day): count for day, count in found.days.items()} == {"2026-11-20": 2}
    assert len(found.matches) == 2
    assert {str(day): count for day, count in one_day.days.items()} == {"2026-11-20": 1}


def test_an_empty_ledger_has_no_days_and_no_hints(ledger: Ledger) -> None:
    with ledger.read() as tx:
        found = backtest(tx, parse("moe"), SPAN)
        assert hints(tx, "moe", SPAN) == ()

    assert (found.median, found.mean, found.most, found.days) == (0, 0, 0, {})


def said(ledger: Ledger, query: str) -> list[tuple[str, str]]:
    with ledger.read() as tx:
        return [(hint.message, hint.query) for hint in hints(tx, query, SPAN)]


def test_the_acronym_that_the_field_uses_is_told(ledger: Ledger) -> None:
    ingest(ledger, FIELD)

    message, query = said(ledger, '"Mixture of Experts"')[0]

    assert message.endswith("(MoE)” stands in 2 stored papers; add OR =MoE for 2 more")
    assert query == '"Mixture of Experts" OR =MoE'
    assert said(ledger, '"mixture of experts" OR =MoE') == []


def test_what_an_acronym_stands_for_is_told(ledger: Ledger) -> None:
    plain = stored_paper(7, "A mixture of experts without a name")
    ingest(ledger, (*FIELD, plain))

    assert said(ledger, "moe")[0][1].casefold().replace("-", " ") == 'moe or "mixture of experts"'
    assert "for 1 more" in said(ledger, "moe")[0][0]


def test_other_spellings_are_told_when_they_occur(ledger: Ledger) -> None:
    ingest(ledger, FIELD)

    assert ("1 stored paper spells it modeling; add OR modeling", "modelling OR modeling") in said(ledger, "modelling")
    assert said(ledger, "moe behaviour") == [
        ('no stored paper holds "behaviour"; some hold behavior (1)', ""),
        ("1 stored paper spells it behavior; add OR behavior", "moe (behaviour OR behavior)"),
        ("without behaviour it would find 4 stored papers", "moe"),
    ]


def test_words_that_never_occur_are_told_with_those_that_do(ledger: Ledger) -> None:
    ingest(ledger, FIELD)

    assert said(ledger, "quantizaton OR moe")[0][0] == (
        'no stored paper holds "quantizaton"; some hold quantization (1)'
    )
    assert said(ledger, 'surfing OR "mixture of experts" OR =MoE') == [('no stored paper holds "surfing"', "")]
    assert said(ledger, "-surfing moe =MoE") == []


def test_what_an_exclusion_costs_is_told(ledger: Ledger) -> None:
    ingest(ledger, FIELD)

    with ledger.read() as tx:
        found = hints(tx, "=MoE moe -survey", SPAN)

    assert [(hint.message, hint.titles) for hint in found] == [
        ("-survey removes 1 of 4", ("A Survey on Mixture of Experts (MoE)",))
    ]


def test_a_flood_is_told(ledger: Ledger) -> None:
    ingest(ledger, tuple(stored_paper(number, f"Tokens {number}", "Experts") for number in range(21)))
    ingest(ledger, (stored_paper(99, "Experts of their own"),), name="other")

    message, _ = said(ledger, "experts")[0]
    assert message.startswith("a median of 22 papers a day is more than an edition shows whole (20); asked for in the")
    assert message.endswith("title (title:…) it would be 1 of 22")
    assert "add a word with AND" in said(ledger, "tokens")[0][0]
