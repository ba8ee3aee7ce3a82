from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digestbot.editions import LINES, SUBJECT, card, compose, fit
from digestbot.facts import Fact
from digestbot.models import Edition, Hit, Match, Paper, PartialDate, Proof, Reason, Subscription, Updated

DUE = datetime(2025, 3, 11, 7, 0, tzinfo=UTC)
MOE = '"mixture of experts"'


def subscription(name: str = "sparse experts", **changes: Any) -> Subscription:
    values: dict[str, Any] = {"id": "sparse-experts", "query": MOE, "timezone": "Europe/Berlin"}
    return Subscription(name=name, **(values | changes))


def hit(field: str = "abstract", text: str = "experts", clause: str = MOE) -> Hit:
    return Hit(field, 0, len(text), text, clause)


def match(paper: Paper, *hits: Hit) -> Match:
    return Match("sparse-experts", paper, hits or (hit(),))


def edition(*matches: Match, typed: Mapping[str, str] = MappingProxyType({}), **changes: Any) -> Edition:
    return compose(subscription(**changes), matches, DUE, Proof(), typed=typed)


def ids(composed: Edition) -> list[str]:
    return [item.paper.id for item in (*composed.cards, *composed.lines)]


def many(count: int) -> list[Match]:
    return [match(Paper(f"Paper {n}", id=f"arxiv:{n:04}")) for n in range(count)]


def test_the_due_time_is_shown_where_the_person_lives() -> None:
    assert edition().due.isoformat() == "2025-03-11T08:00:00+01:00"


@pytest.mark.parametrize(
    ("sort", "order"),
    [("relevance", ["c", "b", "a"]), ("date", ["a", "b", "c"]), ("upvotes", ["b", "a", "c"])],
)
def test_papers_come_in_the_order_a_person_asked_for(
    sort: Literal["relevance", "date", "upvotes"], order: list[str]
) -> None:
    matches = [
        match(Paper("A", id="a", published=PartialDate(2025, 3, 11), upvotes=2)),
        match(Paper("B", id="b", published=PartialDate(2025, 3, 10), upvotes=9), hit(text="expert"), hit()),
        match(Paper("C", id="c", published=PartialDate(2024)), hit("title")),
    ]

    assert ids(edition(*matches, sort=sort)) == order
    assert ids(edition(*reversed(matches), sort=sort)) == order


def test_a_date_without_a_year_is_the_last_such_day() -> None:
    dates = {
        "today": PartialDate(None, 3, 11),
        "tomorrow": PartialDate(None, 3, 12),
        "last-year": PartialDate(None, 3, 13),
        "older": PartialDate(2024, 3, 12),
        "none": None,
    }
    matches = [match(Paper(name, id=name, published=date)) for name, date in dates.items()]

    assert ids(edition(*matches, sort="date")) == ["tomorrow", "today", "last-year", "older", "none"]


def test_on_new_years_eve_december_is_this_year() -> None:
    papers = [Paper(str(month), id=str(month), published=PartialDate(None, month, 20)) for month in (1, 12)]
    composed = compose(subscription(sort="date"), [*map(match, papers)], datetime(2025, 12, 31, tzinfo=UTC), Proof())

    assert ids(composed) == ["12", "1"]


def test_a_paper_comes_once_as_the_record_that_answers_best() -> None:
    poor, rich = Paper("x", id="arxiv:1"), Paper("x", id="arxiv:1", abstract="We propose x.")

    assert [item.paper for item in edition(match(poor), match(rich)).cards] == [rich]
    assert [item.paper for item in edition(match(rich), match(poor)).cards] == [rich]
    assert [item.paper for item in edition(match(rich), match(poor, hit("title"))).cards] == [poor]
    assert len(edition(match(Paper("a")), match(Paper("b"))).cards) == 2


def test_over_the_limit_papers_become_lines_and_then_a_number() -> None:
    composed = edition(*many(50), limit=7)

    assert (len(composed.cards), len(composed.lines), composed.more) == (7, LINES, 13)
    assert len(set(ids(composed))) == 37


def test_reasons_are_shown_as_they_were_typed() -> None:
    shown = edition(*many(LINES + 9), limit=7, typed={MOE: '"Mixture of Experts"', "other": "Others"})

    reasons = [reason for card in (*shown.cards, *shown.lines) for reason in card.reasons]
    assert {(reason.clause, reason.typed) for reason in reasons} == {(MOE, '"Mixture of Experts"')}


def test_a_card_says_why_and_sums_up(paper: Callable[..., Paper]) -> None:
    hits = (hit("title", "Experts"), hit(text="experts"), hit(text="sparse", clause="sparse"), hit(text="expert"))

    made = card(match(paper(), *hits))

    assert made.reasons == (Reason(MOE, ("Experts", "expert")), Reason("sparse", ("sparse",)))
    assert made.summary == "We propose to route in parts."


@pytest.mark.parametrize(
    ("titles", "subject"),
    [
        ([], "No new papers on sparse experts"),
        (["Union of Experts: Routing"], "1 paper on sparse experts: Union of Experts: Routing"),
        (
            ["Union of Experts: Routing", "CLIP-MoE: Upcycling"],
            "2 papers on sparse experts: Union of Experts; CLIP-MoE",
        ),
        (["A long title " * 10], "1 paper on sparse experts: A long title A long title A long title A long…"),
        (["H$_2$O:\nHeavy\x00 \u202eHitters"], "1 paper on sparse experts: H₂O: Heavy Hitters"),
        (["x" * 200], f"1 paper on sparse experts: {'x' * 50}…"),
        ([": none", "b"], "2 papers on sparse experts: : none; b"),
    ],
)
def test_the_subject_says_what_is_in_it(titles: list[str], subject: str) -> None:
    assert edition(*(match(Paper(title, id=str(n))) for n, title in enumerate(titles))).subject == subject


@given(st.lists(st.text(), max_size=5), st.text())
def test_a_subject_is_one_short_printable_line(titles: list[str], name: str) -> None:
    subject = edition(*(match(Paper(title, id=str(n))) for n, title in enumerate(titles)), name=name).subject

    assert len(subject) <= SUBJECT
    assert subject.isprintable()


def shown(composed: Edition) -> int:
    return 1000 * len(composed.cards) + 10 * len(composed.lines)


@pytest.mark.parametrize(
    ("budget", "cards", "lines", "more"),
    [
        (10_000, 5, 10, 5),
        (5_100, 5, 10, 5),
        (5_099, 4, 11, 5),
        (200, 0, 15, 5),
        (149, 0, 14, 6),
        (5, 0, 0, 20),
        (-1, 0, 0, 20),
    ],
)
def test_what_does_not_fit_becomes_lines_and_then_is_counted(budget: int, cards: int, lines: int, more: int) -> None:
    whole = edition(*many(20), limit=5)
    whole = replace(whole, lines=whole.lines[:10], more=5)

    fitted = fit(whole, shown, budget)

    assert (len(fitted.cards), len(fitted.lines), fitted.more) == (cards, lines, more)
    assert ids(fitted) == ids(whole)[: cards + lines]


def test_an_empty_edition_cannot_shrink() -> None:
    assert fit(edition(), lambda _: 1, budget=0) == edition()


@given(st.integers(0, 60), st.integers(1, 30), st.integers(0, 40_000))
def test_nothing_is_ever_dropped_uncounted(count: int, limit: int, budget: int) -> None:
    fitted = fit(edition(*many(count), limit=limit), shown, budget)

    assert len(fitted.cards) + len(fitted.lines) + fitted.more == count
    assert shown(fitted) <= budget
    assert ids(fitted) == [item.paper.id for item in many(count)][: len(ids(fitted))]


def test_composing_twice_gives_the_same() -> None:
    matches = many(30)

    assert edition(*matches) == edition(*reversed(matches))


# what became of papers


def updated(number: int, *facts: Fact) -> Updated:
    return Updated(Paper(f"Paper {number:02}", id=f"arxiv:9{number:03}"), facts or (Fact("version", "2", "v1 → v2"),))


def told(*updates: Updated, matches: Sequence[Match] = (), **changes: Any) -> Edition:
    return compose(subscription(**changes), matches, DUE, Proof(), updates)


@pytest.mark.parametrize(
    ("facts", "subject"),
    [
        (
            [Fact("code", "", "", "https://github.com/a/b"), Fact("version", "2", "v1 → v2")],
            "Code arrived for Paper 01",
        ),
        ([Fact("version", "2", "v1 → v2")], "New version of Paper 01"),
        ([Fact("venue", "ICML 2025", "Accepted at ICML 2025")], "Accepted at ICML 2025: Paper 01"),
        ([Fact("venue", "", "DOI 10.1/a", "https://doi.org/10.1/a")], "Accepted or published: Paper 01"),
        ([Fact("withdrawn", "", "withdrawn"), Fact("code", "", "", "https://x.org")], "Withdrawn: Paper 01"),
    ],
)
def test_a_subject_says_what_became_of_one_paper(facts: list[Fact], subject: str) -> None:
    assert told(updated(1, *facts)).subject == subject


def test_a_subject_counts_the_papers_of_which_there_is_news() -> None:
    assert told(updated(1), updated(2)).subject == "2 updates on sparse experts: Paper 01; Paper 02"
    assert told(updated(1), matches=many(1)).subject == "1 paper on sparse experts: Paper 0"


@given(st.text(), st.text())
def test_a_subject_of_news_is_one_short_line(title: str, words: str) -> None:
    item = Updated(Paper(title, id="x"), (Fact("venue", "x", words),))

    assert len(told(item).subject) <= 78
    assert "\n" not in told(item, item, name=title).subject


def test_withdrawals_come_first_and_thirty_are_shown() -> None:
    gone = updated(99, Fact("version", "3", "v3"), Fact("withdrawn", "", "withdrawn"))
    many_of_them = [*map(updated, range(40)), gone]

    composed = told(*many_of_them)

    assert composed.updates[0] == gone
    assert (len(composed.updates), composed.more_updates) == (30, 11)
    assert len(told(*many_of_them, channel="feed").updates) == 41


@given(st.integers(0, 50), st.integers(1, 30), st.integers(0, 40), st.integers(0, 40_000))
def test_no_update_is_dropped_uncounted_and_none_before_a_paper(count: int, limit: int, news: int, budget: int) -> None:
    whole = told(*map(updated, range(news)), matches=many(count), limit=limit)

    def size(composed: Edition) -> int:
        return shown(composed) + 10 * len(composed.updates)

    fitted = fit(whole, size, budget)

    assert size(fitted) <= budget
    assert len(fitted.updates) + fitted.more_updates == news
    assert len(fitted.cards) + len(fitted.lines) + fitted.more == count
    assert fitted.updates == whole.updates[: len(fitted.updates)]
    assert fitted.updates == whole.updates or not (fitted.cards or fitted.lines)
