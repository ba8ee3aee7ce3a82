"""Dumps of a daily-papers site: what is a paper, what is furniture, and what happens when lines are lost."""

import io
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from digestbot.errors import MalformedDigestError, ReadError
from digestbot.models import Paper, PartialDate, Reject
from digestbot.readers import bylines, daily_papers
from digestbot.readers.furniture import furniture
from digestbot.readers.lines import LONGEST_LINE, head_lines
from digestbot.readers.shapes import ends_sentence, goes_on, prose_odds

CORPUS = Path(__file__).parent / "corpus" / "daily-papers"
SEEDS = Path(__file__).parents[1].parent / "shared" / "seeds"
WHOLE = sorted(CORPUS.glob("*.txt"))

SPACED_HEAD = "new\n\nGet trending papers in your email inbox!\n\nSubscribe\n\nDaily Papers\n\nMar 11\n\n"
ENTRIES = (
    ("Pointer Networks", "We learn where to point. The output is a sequence of positions in the input."),
    ("Rewrite the Stars", "We multiply features, and show that this maps them into a space of many dimensions."),
    (
        "LLM.int8(): 8-bit Matrix Multiplication",
        "Eight bits are enough for most of a product. We keep the rest in sixteen.",
    ),
    (
        "How to (re)warm your model?",
        "This paper warms models up again. It takes a third of the steps that others need.",
    ),
    (
        "MoE^2: Collaborative Inference",
        "Experts sit on many small machines. We choose them by $O(n \\log n)$ questions.",
    ),
    ('"Give Me BF16 or Give Me Death"? Trade-Offs', "How much does a format cost? We measure half a million answers."),
    ("neural networks behave as hash encoders", "A network cuts its input into cells, and we count them in this work."),
    (
        "70% Size, 100% Accuracy: Lossless Compression",
        "Weights hold less than they take. We code them by their entropy.",
    ),
)
PRINT = (
    "  • 6 authors\n·\nDec 9, 2023",
    "  • 1 authors\n·\nSep 1",
    "  • 12 authors\n·\nNov 24 2",
    "AQ-MedAI AQ\n·\nMar 18, 2024 1",
)


def items_of(text: str | bytes) -> list[Paper | Reject | PartialDate]:
    return list(daily_papers.read(io.BytesIO(text.encode() if isinstance(text, str) else text)))


def papers_of(text: str | bytes) -> list[Paper]:
    """Return the papers of a dump; none when it cannot be read."""
    return [item for item in reading_on(text) if isinstance(item, Paper)]


def reading_on(text: str | bytes) -> Iterator[Paper | Reject | PartialDate]:
    try:
        yield from daily_papers.read(io.BytesIO(text.encode() if isinstance(text, str) else text))
    except MalformedDigestError:
        return


def facts(item: Paper | Reject | PartialDate) -> dict[str, Any] | str:
    if isinstance(item, Paper):
        return {name: value for name, value in item.as_dict().items() if value}
    return (
        {"line": item.line, "reason": item.reason, "excerpt": item.excerpt} if isinstance(item, Reject) else str(item)
    )


@pytest.mark.parametrize("path", WHOLE, ids=lambda path: path.name)
def test_a_dump_of_the_corpus_reads_as_expected(path: Path, request: pytest.FixtureRequest) -> None:
    expected = path.with_name(f"{path.name}.expected.json")
    with path.open("rb") as file:
        actual = json.dumps([facts(item) for item in daily_papers.read(file)], ensure_ascii=False, indent=1) + "\n"
    if request.config.getoption("--update-golden"):
        expected.write_text(actual, encoding="utf-8")

    assert expected.read_text(encoding="utf-8") == actual


@pytest.mark.parametrize("path", WHOLE, ids=lambda path: path.name)
def test_a_dump_is_known_by_its_head(path: Path) -> None:
    bare = path.name == "wrapped-compact.txt"  # nothing tells it from a story in short chapters

    assert daily_papers.sniff(path.read_bytes()) >= (0.0 if bare else 0.9)


@pytest.mark.parametrize(
    ("number", "papers", "date"),
    [("000", 51, "--03-11"), ("002", 85, "--03-11"), ("003", 33, "--12-16"), ("004", 202, "")],
)
def test_the_sample_dumps_hold_papers_and_nothing_else(number: str, papers: int, date: str) -> None:
    paths = sorted(SEEDS.glob(f"{number}_*.txt"))
    if not paths:
        pytest.skip("the folder of sample digests is not beside this checkout")
    items = items_of(paths[0].read_bytes())
    read = [item for item in items if isinstance(item, Paper)]

    assert (len(read), len([item for item in items if isinstance(item, Reject)])) == (papers, 0)
    assert [str(item) for item in items if isinstance(item, PartialDate)] == [date][: bool(date)]
    assert all(len(paper.abstract) > 500 and len(paper.title) < 170 for paper in read)
    assert all(furniture(paper.title) is None for paper in read)
    assert (number == "003") == any(paper.published for paper in read)


@pytest.mark.parametrize("number", ["000", "003", "004"])
@pytest.mark.parametrize("lost", ["title", "abstract"])
def test_a_lost_line_costs_one_entry_and_shifts_none(number: str, lost: str) -> None:
    paths = sorted(SEEDS.glob(f"{number}_*.txt"))
    if not paths:
        pytest.skip("the folder of sample digests is not beside this checkout")
    text = paths[0].read_text(encoding="utf-8")
    whole = papers_of(text)

    for victim in whole[1:30:4]:
        line = victim.title if lost == "title" else victim.abstract
        items = items_of(text.replace(f"\n{line}\n", "\n", 1))
        left = [item for item in items if isinstance(item, Paper)]
        rejects = [item for item in items if isinstance(item, Reject)]
        if lost == "title":
            assert left == [paper for paper in whole if paper is not victim]
            assert [reject.reason for reject in rejects] == ["an abstract without a title"]
        else:
            assert [paper.title for paper in left] == [paper.title for paper in whole]
            assert next(paper for paper in left if not paper.abstract).title == victim.title
            assert not rejects


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (SPACED_HEAD + "Models\n\nDatasets\n\nSystem theme\n\nTOS\n", "nothing but the site's own navigation"),
        (SPACED_HEAD + "\n\n".join(abstract for _, abstract in ENTRIES), "without a title"),
        ("", "navigation"),
    ],
    ids=["navigation", "abstracts", "empty"],
)
def test_a_dump_without_titles_is_refused_with_the_reason(text: str, reason: str) -> None:
    with pytest.raises(MalformedDigestError, match=reason):
        items_of(text)


def test_a_half_without_the_head_is_known_by_its_rhythm() -> None:
    abstract = "We wrote this for a test, and it says that this is so. " * 6
    compact = "".join(f"{title}\n{abstract}\n" for title, _ in ENTRIES)

    assert daily_papers.sniff(compact.encode()) == pytest.approx(0.6)
    assert daily_papers.sniff(f"Pointer Networks\n\n{abstract}\n\n  • 6 authors\n·\nDec 9, 2023\n".encode()) > 0.8
    assert 0.3 < daily_papers.sniff(f"{abstract}\n{abstract}\n{abstract}\n".encode()) < 0.4
    assert 0.3 < daily_papers.sniff(b"Models\nDatasets\nSpaces\n") <= 0.5
    assert daily_papers.sniff(b"Models\n") < 0.3
    assert daily_papers.sniff(b"One title\nAnother title\n") == 0
    assert daily_papers.sniff(f"A Story\n\n{abstract}\n\n{abstract}\n\n{abstract}\n".encode()) < 0.3
    assert daily_papers.sniff(f"# A Page\n\n{abstract}\n".encode()) == 0


def test_a_title_that_begins_with_the_buttons_word_survives() -> None:
    abstract = "Who stays? SubscribeNet knows. We ask it about two years of mail, and then about three."
    head = "Get trending papers in your email inbox!\n"

    assert papers_of(f"{head}SubscribeNet: Who Reads?\n{abstract}\n")[0].title == "SubscribeNet: Who Reads?"
    assert papers_of(f"{head}Subscribe to Learn From Feeds\n{abstract}\n")[0].title == "Subscribe to Learn From Feeds"
    assert papers_of(f"{head}Subscribenode2vec: Walks\n{abstract} node2vec walks.\n")[0].title == "node2vec: Walks"
    assert papers_of(f"{head}Subscribers Who Leave\n{abstract}\n")[0].title == "Subscribers Who Leave"


def test_the_button_is_cut_from_whatever_title_is_glued_to_it() -> None:
    abstract = "We wrote this for a test. It says nothing about what stands above it."
    head = "Get trending papers in your email inbox!"

    for title in (
        "GCNet: Beyond Squeezing",
        "A Simple Baseline",
        "3D Is Here to Stay",
        '"Death"? On Formats',
        "(Re)warming Up",
    ):
        for text in (f"{head}\nSubscribe{title}\n{abstract}\n", f"{head}Subscribe{title}\n{abstract}\n"):
            assert [paper.title for paper in papers_of(text)] == [title]


def test_only_the_first_title_can_have_the_button_glued_to_it() -> None:
    abstract = "We wrote this for a test. It says nothing about what stands above it."
    text = (
        f"Get trending papers in your email inbox!\nPointer Networks\n{abstract}\nSubscribeGraph: Later\n{abstract}\n"
    )

    assert [paper.title for paper in papers_of(text)] == ["Pointer Networks", "SubscribeGraph: Later"]


def test_a_date_of_the_page_takes_unknown_scraps_above_it_along() -> None:
    text = "Browse What Everybody Reads\n\nMar 11, 2025\n\n" + "\n\n".join(ENTRIES[0])

    assert items_of(text)[0] == PartialDate(2025, 3, 11)
    assert [paper.title for paper in papers_of(text)] == ["Pointer Networks"]


def test_counters_on_lines_of_their_own_are_kept() -> None:
    (one, first), (two, second) = ENTRIES[:2]
    text = f"{SPACED_HEAD}Upvote\n\n12\n\n{one}\n\n{first}\n\n  • 3 authors\n·\nNov 24\n7\n\n"
    text += f"Upvote\n\n5\n\nSubmitted by\n\nakhaliq\n\n{two}\n\n{second}\n\n  • 2 authors\n·\nNov 25\n"

    assert [(paper.upvotes, paper.comment_count) for paper in papers_of(text)] == [(12, 7), (5, None)]


def test_what_is_too_short_for_a_title_is_rejected_unless_something_stands_below_it() -> None:
    text = f"{SPACED_HEAD}Grokking\n\n{ENTRIES[0][1]}\n\nGrumbling\n\n" + "\n\n".join(ENTRIES[1])
    items = items_of(text)

    assert [item.title for item in items if isinstance(item, Paper)] == ["Grokking", "Rewrite the Stars"]
    assert [item.excerpt for item in items if isinstance(item, Reject)] == ["Grumbling"]


def test_two_pages_in_one_file_read_as_both() -> None:
    page = SPACED_HEAD + "\n\n".join(ENTRIES[0]) + "\n\nSystem theme\n\nCompany\n\nA Foot Note Nobody Knows\n\n"
    items = items_of(page + page.replace(ENTRIES[0][0], ENTRIES[1][0]))

    assert [item.title for item in items if isinstance(item, Paper)] == ["Pointer Networks", "Rewrite the Stars"]


def test_an_abstract_below_its_small_print_is_kept() -> None:
    (one, first), (two, second) = ENTRIES[:2]
    text = f"{SPACED_HEAD}{one}\n\n{PRINT[0]}\n\n{first}\n\n{two}\n\n{PRINT[1]}\n\n{second}\n"

    assert [(paper.author_count, bool(paper.abstract)) for paper in papers_of(text)] == [(6, True), (1, True)]


def test_a_line_of_ten_megabytes_is_rejected_and_the_rest_is_read() -> None:
    text = f"{SPACED_HEAD}{ENTRIES[0][0]}\n\n{ENTRIES[0][1]}\n\n{'x' * 10_000_000}\n\n" + "\n\n".join(ENTRIES[1])
    items = items_of(text)

    assert [item.title for item in items if isinstance(item, Paper)] == [ENTRIES[0][0], ENTRIES[1][0]]
    assert [item.reason for item in items if isinstance(item, Reject)] == [
        f"a line of more than {LONGEST_LINE:,} characters"
    ]


def test_an_abstract_without_end_is_bounded() -> None:
    endless = "\n\n".join("we say that this is so, and that it has no end. It goes on, and we are" for _ in range(3000))
    head = f"{SPACED_HEAD}{ENTRIES[0][0]}\n\n{ENTRIES[0][1]}\n\n"
    items = items_of(f"{head}{endless}\n")

    assert all(len(item.abstract) <= LONGEST_LINE for item in items if isinstance(item, Paper))
    assert any(isinstance(item, Reject) for item in items)


def test_many_scraps_without_a_paper_are_not_held_without_bound() -> None:
    text = "\n\n".join(f"Scrap Number {number} of Many" for number in range(1_100))

    assert len(papers_of(text)) == 1_100


@given(st.binary(max_size=600))
@example(b"\xff\xfe\x00\r\n\xef\xbb\xbf")
@example("·\n·\nNov 24 2\n6 authors\nUpvote\n12\n".encode())
def test_any_bytes_give_papers_rejects_or_a_read_error(data: bytes) -> None:
    assert 0 <= daily_papers.sniff(data) <= 1
    try:
        items = items_of(data)
    except ReadError:
        return
    assert all(isinstance(item, Paper | Reject | PartialDate) for item in items)


LINES = st.sampled_from(
    [line for entry in ENTRIES for line in entry]
    + [line for text in PRINT for line in text.split("\n")]
    + [
        "",
        "new",
        "Subscribe",
        "Upvote 3",
        "12",
        "Mar 11",
        "TOS",
        "Submitted by",
        "SubscribeX",
        "Get trending papers in your email inbox!",
    ]
)


@given(st.lists(LINES, max_size=30))
def test_any_order_of_real_lines_gives_whole_items(lines: Sequence[str]) -> None:
    for item in reading_on("\n".join(lines)):
        if isinstance(item, Paper):
            assert item.title
            assert furniture(item.title) is None
            assert (item.published is None) == (item.published_text is None)
        elif isinstance(item, Reject):
            assert 1 <= item.line <= len(lines)
            assert item.excerpt


@st.composite
def pages(draw: st.DrawFn) -> tuple[str, list[str]]:
    """A page's head, and its entries as text, in one of the layouts."""
    layout = draw(st.sampled_from(["spaced", "signed", "compact"]))
    chosen = draw(st.lists(st.sampled_from(ENTRIES), min_size=2, max_size=8, unique=True))
    if layout == "compact":
        return "Get trending papers in your email inbox!\n", [f"{title}\n{abstract}\n" for title, abstract in chosen]
    if layout == "spaced":
        return SPACED_HEAD, [f"{title}\n\n{abstract}\n\n" for title, abstract in chosen]
    return SPACED_HEAD, [f"{title}\n\n{abstract}\n\n{draw(st.sampled_from(PRINT))}\n\n" for title, abstract in chosen]


@given(pages(), st.data())
def test_a_page_split_between_entries_reads_to_the_same_papers(
    page: tuple[str, list[str]], data: st.DataObject
) -> None:
    head, entries = page
    cut = data.draw(st.integers(1, len(entries) - 1))
    whole = papers_of(head + "".join(entries))

    assert len(whole) == len(entries)
    assert papers_of(head + "".join(entries[:cut])) + papers_of("".join(entries[cut:])) == whole


NOISE = ("\r\n", "\r", " \n", "\0\n")


@given(pages(), st.sampled_from(NOISE), st.booleans(), st.integers(1, 3))
def test_line_ends_marks_and_empty_lines_change_nothing(
    page: tuple[str, list[str]], end: str, mark: bool, blank: int
) -> None:
    text = page[0] + "".join(page[1])
    noisy = "\n" * (blank - 1) + text.replace("\n\n", "\n" * (1 + blank))

    assert papers_of(b"\xef\xbb\xbf" * mark + noisy.replace("\n", end).encode()) == papers_of(text)


@pytest.mark.parametrize(
    ("printed", "name"),
    [
        ("AQ-MedAI AQ", "AQ-MedAI"),
        ("Microsoft Research MR", "Microsoft Research"),
        ("Stanford AI", "Stanford AI"),
        ("Alibaba AI", "Alibaba AI"),
        ("Google", "Google"),
        ("OpenGVLab OG", "OpenGVLab"),
        ("NVIDIA NV", "NVIDIA"),
    ],
)
def test_an_organisation_loses_its_avatars_initials_and_nothing_else(printed: str, name: str) -> None:
    assert bylines.organization(printed) == name


@pytest.mark.parametrize(
    ("printed", "text", "date", "comments"),
    [
        ("Dec 9, 2023", "Dec 9, 2023", "2023-12-09", None),
        ("Mar 18, 2024 1", "Mar 18, 2024", "2024-03-18", 1),
        ("Nov 24 2", "Nov 24", "--11-24", 2),
        ("Nov 24 2024", "Nov 24 2024", "2024-11-24", None),
        ("Published on Dec 9, 2023", "Dec 9, 2023", "2023-12-09", None),
        ("9 Dec 2023 4", "9 Dec 2023", "2023-12-09", 4),
        ("2023-12-09", "2023-12-09", "2023-12-09", None),
    ],
)
def test_a_date_line_is_read_with_its_counter(printed: str, text: str, date: str, comments: int | None) -> None:
    dated = bylines.dated(printed)

    assert dated is not None
    assert (dated.text, str(dated.date), dated.comments) == (text, date, comments)


@pytest.mark.parametrize("text", ["May", "Feb 30, 2023", "In Mar 18, 2024 we met", "12", "x" * 100, "Marching 24"])
def test_what_is_no_date_line_is_none(text: str) -> None:
    assert bylines.dated(text) is None


def test_an_abstract_that_ends_with_an_address_is_over() -> None:
    assert ends_sentence("Code: https://github.com/example/tool")
    assert not ends_sentence("and then we")


def test_prose_goes_on_when_it_breaks_off_or_shares_words_with_what_stands_above() -> None:
    first = "We route tokens among experts. The router is a small transformer that learns from the gradient of a loss."
    same = "Its router needs fewer tokens. With sixteen experts the gradient is stable, and the transformer learns " * 2
    other = (
        "Frogs sing at night. We recorded eleven ponds over a summer, and heard that those near roads sing higher. " * 2
    )

    assert goes_on("Routing Tokens", [first], len(first), same)
    assert not goes_on("Routing Tokens", [first], len(first), other)
    assert goes_on("Routing Tokens", [first[:-1]], len(first), other)
    assert goes_on("Routing Tokens", [first], len(first), f"f{other[1:]}")
    assert not goes_on("Routing Tokens", [first], 1900, same)


@pytest.mark.parametrize("title", [title for title, _ in ENTRIES])
def test_a_title_is_no_prose(title: str) -> None:
    assert prose_odds(title) < 0


@pytest.mark.parametrize("abstract", [abstract for _, abstract in ENTRIES])
def test_a_short_abstract_below_a_title_is_prose(abstract: str) -> None:
    assert prose_odds(abstract) > -1.5


def test_tabs_count_as_four_columns_and_the_head_may_be_cut() -> None:
    assert [line.indent for line in head_lines(b"\ta\n  b\n\nc")] == [4, 2, 0, 0]


@pytest.mark.parametrize(
    "line", ["Upvote", "GitHub 1.2k", "12 stars", "© 2025 Example", "Get trending papers in your email inbox!"]
)
def test_counters_and_notices_are_furniture(line: str) -> None:
    assert furniture(line) is not None


@pytest.mark.parametrize("line", ["Models of Computation", "Subscribe to Learn", "x" * 200, "New Methods"])
def test_a_title_that_begins_like_furniture_is_none(line: str) -> None:
    assert furniture(line) is None
