from collections.abc import Sequence
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digestbot.models import Hit, Match, Paper, PartialDate
from digestbot.ranking import Ranked, ranked, relevance

DUE = datetime(2025, 3, 11, 7, 0, tzinfo=UTC)
MOE = '"mixture of experts"'


def hit(field: str = "abstract", text: str = "experts", clause: str = MOE) -> Hit:
    return Hit(field, 0, len(text), text, clause)


def match(paper: Paper, *hits: Hit) -> Match:
    return Match("sparse-experts", paper, hits or (hit(),))


def work(
    number: int, title: str = "", *authors: str, organization: str | None = None, field: str = "abstract"
) -> Match:
    paper = Paper(
        title or "On " + chr(97 + number) * 6, id=f"arxiv:{number:04}", authors=authors, organization=organization
    )
    return match(paper, hit(field))


def order(*matches: Match, sort: str = "relevance") -> list[str]:
    return [item.match.paper.id[-1] for item in ranked(matches, sort, DUE)]


def places(*matches: Match) -> list[str]:
    return [item.why for item in ranked(matches, "relevance", DUE)]


@pytest.mark.parametrize(
    ("better", "worse"),
    [
        ((hit("title"),), (hit("keywords"),)),
        ((hit("keywords"),), (hit("abstract"), hit("abstract", "expert"))),
        ((hit(), hit(clause="sparse")), (hit(), hit(), hit())),
        ((hit(text="experts"), hit(text="expert")), (hit(text="experts"), hit(text="Experts"))),
        ((hit(), hit()), (hit(),)),
    ],
)
def test_relevance_looks_at_clauses_then_words_then_how_often(better: Sequence[Hit], worse: Sequence[Hit]) -> None:
    assert relevance(match(Paper("x"), *better)) > relevance(match(Paper("x"), *worse))


def test_hits_in_a_very_long_abstract_count_less() -> None:
    assert relevance(match(Paper("x", abstract="a" * 8_000))) < relevance(match(Paper("x", abstract="a" * 1_000)))


def test_a_clause_that_few_fulfil_counts_more() -> None:
    common = [match(Paper(f"c{n}", id=f"arxiv:{n}"), hit(clause="experts")) for n in range(5)]
    rare = match(Paper("z", id="arxiv:9"), hit(clause="pruning"))

    assert ranked([*common, rare], "relevance", DUE)[0].match == rare


def test_ties_go_to_the_newer_and_then_to_more_votes() -> None:
    old = match(Paper("a", id="x1", published=PartialDate(2025, 3, 1), upvotes=9))
    new = match(Paper("b", id="x2", published=PartialDate(2025, 3, 2)))
    liked = match(Paper("c", id="x3", published=PartialDate(2025, 3, 2), upvotes=1))

    assert order(old, new, liked) == ["3", "2", "1"]


@pytest.mark.parametrize(
    ("one", "two", "relation"),
    [
        ("Sparse Experts, Part I: Routing", "Sparse Experts, Part II: Pruning", "the same series"),
        ("Foundations of Routing 1", "Foundations of Routing 2: Trees", "the same series"),
        ("Sparse Experts II", "Sparse Experts", "the same series"),
        (
            "Union of Sparse Experts for Routing",
            "Union of Sparse Experts for Fast Routing",
            "whose title is much alike",
        ),
        ("Sparse Experts, Part I: Routing", "Dense Experts, Part II: Pruning", ""),
        ("Part I: Routing", "Part II: Pruning", ""),
        ("Routing", "Pruning", ""),
        ("On Experts", "Experts", ""),
    ],
)
def test_relatives_stand_together_and_say_so(one: str, two: str, relation: str) -> None:
    first = work(1, one, "Ada Lovelace", field="title")
    between = work(2, "Something else", "Kurt Gödel", field="keywords")
    second = work(3, two, "Lovelace, Ada")

    assert order(first, between, second) == (["1", "3", "2"] if relation else ["1", "2", "3"])
    assert places(first, between, second)[1] == (f"beside “{one}”, {relation}" if relation else "")


def test_the_same_title_by_another_person_is_no_relative() -> None:
    assert places(work(1, "Sparse Experts I", "Ada Lovelace"), work(2, "Sparse Experts II", "Kurt Gödel")) == ["", ""]


@pytest.mark.parametrize(
    ("mine", "name"),
    [
        ({"authors": ("Ada Lovelace", "Someone {n}", "Else {n}")}, "Ada Lovelace"),
        ({"authors": ("Someone {n}", "Lovelace, Ada")}, "Lovelace, Ada"),
        ({"authors": ("Someone {n}",), "organization": "Babbage Lab"}, "Babbage Lab"),
    ],
)
def test_the_third_paper_of_one_lab_stands_lower_and_says_so(mine: dict[str, object], name: str) -> None:
    def paper(number: int) -> Match:
        authors = tuple(author.format(n="abcd"[number]) for author in mine["authors"])  # type: ignore[attr-defined]
        organization = mine.get("organization")
        return work(number, "", *authors, organization=None if organization is None else str(organization))

    lab = [paper(number) for number in range(4)]
    other = work(8, "Something else", "Kurt Gödel")

    assert order(*lab, other) == ["0", "1", "8", "2", "3"]
    assert places(*lab, other)[3] == f"lower for variety: 2 papers of {name} stand above"
    assert order(*lab, other, sort="date") == ["0", "1", "2", "3", "8"]


def test_variety_is_soft() -> None:
    lab = [work(number, "", "Ada Lovelace", field="title") for number in range(3)]

    assert order(*lab, work(8, "Something else", "Kurt Gödel")) == ["0", "1", "2", "8"]


def test_who_stands_lower_only_for_others_that_are_as_low_says_nothing() -> None:
    assert places(*(work(number, "", "Ada Lovelace") for number in range(6))) == [""] * 6


names = st.sampled_from(["Ada Lovelace", "Lovelace, A", "Kurt Gödel", "", "李 明"])
works = st.builds(
    work,
    st.integers(0, 30),
    st.sampled_from(["", "Experts I", "Experts, Part II", "Experts of Sparse Routing", "Sparse Routing of Experts"]),
    names,
    names,
    organization=st.sampled_from([None, "", "Lab"]),
    field=st.sampled_from(["title", "abstract", "authors"]),
)


@given(st.lists(works, max_size=20), st.sampled_from(["relevance", "date", "upvotes"]), st.randoms())
def test_nothing_is_dropped_or_doubled_and_the_order_is_one(
    matches: list[Match], sort: str, random: st.DataObject
) -> None:
    once = list({item.paper.id: item for item in matches}.values())
    shuffled = list(once)
    random.shuffle(shuffled)  # type: ignore[attr-defined]

    placed = ranked(once, sort, DUE)

    assert sorted(item.match.paper.id for item in placed) == sorted(item.paper.id for item in once)
    assert ranked(shuffled, sort, DUE) == placed
    assert all(isinstance(item, Ranked) for item in placed)
