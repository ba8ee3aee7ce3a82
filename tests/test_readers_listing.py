"""A research group's listing: which lines make an entry, and where the title ends that is glued to its authors."""

import io
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from digestbot.errors import MalformedDigestError, ReadError
from digestbot.models import Paper, Reject
from digestbot.readers import listing
from digestbot.readers.badges import badge_of
from digestbot.readers.foreign import is_foreign
from digestbot.readers.glue import Evidence, split
from digestbot.readers.lines import LONGEST_LINE
from digestbot.readers.names import Known, humps_of, is_given_name, is_trade_word, name_odds

CORPUS = Path(__file__).parent / "corpus" / "group-listing"
SEEDS = Path(__file__).parents[1].parent / "shared" / "seeds"
ABSTRACT = "We wrote this abstract for a test. It says nothing about the words of any title, nor about who wrote them."

KNOWN = [
    (title, tuple(authors.removesuffix(" +").split(", ")), authors.endswith(" +"))
    for title, authors in (
        line.split("\t") for line in (CORPUS / "known-papers.tsv").read_text(encoding="utf-8").splitlines()
    )
]
"""Real papers: title, first authors, whether there are more. Every second one was held out when weights were set."""


def line_of(title: str, authors: Sequence[str], more: bool) -> str:
    return f"{title}{', '.join(authors)}{' et al.' if more else ''}"


def items_of(text: str | bytes) -> list[Paper | Reject]:
    return list(listing.read(io.BytesIO(text.encode() if isinstance(text, str) else text)))


def papers_of(text: str | bytes) -> list[Paper]:
    return [item for item in items_of(text) if isinstance(item, Paper)]


def facts(item: Paper | Reject) -> dict[str, Any]:
    """Return what an item says; how likely the alternatives are is no part of it."""
    if isinstance(item, Reject):
        return {"line": item.line, "reason": item.reason, "excerpt": item.excerpt}
    return {name: value for name, value in item.as_dict().items() if value and name != "alternatives"}


def test_a_listing_of_the_corpus_reads_as_expected(request: pytest.FixtureRequest) -> None:
    expected = CORPUS / "group.txt.expected.json"
    items = items_of((CORPUS / "group.txt").read_bytes())
    actual = json.dumps([facts(item) for item in items], ensure_ascii=False, indent=1) + "\n"
    if request.config.getoption("--update-golden"):
        expected.write_text(actual, encoding="utf-8")

    assert expected.read_text(encoding="utf-8") == actual


def test_a_listing_is_known_by_its_head() -> None:
    assert listing.sniff((CORPUS / "group.txt").read_bytes()) > 0.9
    assert listing.sniff(b"Convex OptimizationStephen Boyd\n" + ABSTRACT.encode()) > 0.5
    assert listing.sniff(ABSTRACT.encode()) == 0
    assert listing.sniff(b"") == 0
    assert listing.sniff(b"Title: Convex OptimizationStephen Boyd\nAuthors: A\nDate: B\n") == 0


def test_the_sample_listing_is_taken_apart_without_a_fault() -> None:
    paths = sorted(SEEDS.glob("001_*.txt"))
    if not paths:
        pytest.skip("the folder of sample digests is not beside this checkout")
    items = items_of(paths[0].read_bytes())
    papers = [item for item in items if isinstance(item, Paper)]

    assert len(papers) == len(items) == 50
    assert all(2 <= len(paper.authors) <= 3 and len(paper.abstract) > 900 for paper in papers)
    assert sum(paper.authors_truncated for paper in papers) == 47
    assert [(paper.score, paper.categories[0]) for paper in papers if paper.categories] == [
        *((30.0, "CV"), (3.3, "QUANT-PH"), (6.5, "CV"), (11.5, "LG")),
        *((2.3, "QUANT-PH"), (15.2, "CL"), (17.4, "AI"), (12.4, "AI")),
    ]
    assert [paper.affiliations for paper in papers if paper.affiliations] == [
        ("meta-ai",),
        ("ibm-research", "stanford"),
    ]
    assert [paper.published_text for paper in papers if paper.promises_code] == ["Mar 30, 2024", "May 24, 2025"]
    assert {paper.title.rsplit(" ", 1)[-1] for paper in papers} == {
        *("Mask", "Practice", "Models", "Compression", "Generative", "Rethinking", "Augmentations", "Redundancy"),
        *(
            "Matter",
            "Networks",
            "Free",
            "Robustness",
            "networks?",
            "Again",
            "Training",
            "Communication",
            "Pre-training",
        ),
        *("Learning", "Pruning", "Sparsity", "Needs?", "Transformers", "Optimization", "Policy", "Transformer?"),
        *("Imbalances", "Benchmark", "Evaluations", "Literature", "LLMs", "Analysis", "Completion", "Cryptography"),
        *("Code", "Adam", "Inference", "Constraints", "Systems", "Scaling", "Distillation", "Forecasting"),
        *("Selection", "Features", "C-AFM"),
    }
    first = {paper.authors[0] for paper in papers}
    assert {"Mukund Varma T", "Levi Harris", "Tianjin Huang", "Zhen Tan", "Yi Wang", "Arinbjorn Kolbeinsson"} <= first


@pytest.mark.parametrize("size", [1, 10, 50, len(KNOWN)])
@pytest.mark.parametrize("half", [0, 1], ids=["seen", "held-out"])
def test_known_papers_are_taken_apart_right(size: int, half: int) -> None:
    rows, missed = KNOWN[half::2], []
    for start in range(0, len(rows), size):
        part = rows[start : start + size]
        evidence = Evidence()
        for row in part:
            evidence.add_line(line_of(*row))
        missed += [row for row in part if (found := split(line_of(*row), "", evidence))[:3] != row or found.score < 0]
    print(*missed, sep="\n")

    assert len(rows) > 100
    assert len(missed) <= 0.01 * len(rows)


def test_known_papers_are_read_right_from_a_listing() -> None:
    text = "\n".join(f"{line_of(*row)}\n{ABSTRACT}" for row in KNOWN)
    read = [(paper.title, paper.authors, paper.authors_truncated) for paper in papers_of(text)]

    assert len(read) == len(KNOWN)
    assert sum(one != two for one, two in zip(read, KNOWN, strict=True)) <= 0.01 * len(KNOWN)


def test_a_title_without_authors_is_left_whole() -> None:
    torn = [title for title, _, _ in KNOWN if split(title, "", Evidence()).authors]

    assert len(torn) <= 0.01 * len(KNOWN)


@pytest.mark.parametrize(
    ("line", "abstract", "title", "first"),
    [
        ("Fast NeRFLe Song, Ada Lovelace et al.", "", "Fast NeRF", "Le Song"),
        ("Learning with LoReFTJane Doe et al.", "LoReFT learns.", "Learning with LoReFT", "Jane Doe"),
        ("Networks in KinectFusionNadia Fig, Bo Li", "", "Networks in KinectFusion", "Nadia Fig"),
        ("Matching in the WildVan Nguyen, Hieu Pham", "", "Matching in the Wild", "Van Nguyen"),
        ("More Than WordsJinHyeok Choi, Ada Lovelace", "", "More Than Words", "JinHyeok Choi"),
        ("Robust TrainingMcKenna Roberts, Bo Li", "", "Robust Training", "McKenna Roberts"),
        ("What Is a PriorD'Arcy Thompson et al.", "", "What Is a Prior", "D'Arcy Thompson"),
        ("Curves in R$^3$J. M. M. Montiel, Bo Li", "", "Curves in R$^3$", "J. M. M. Montiel"),
        ('A Model of "Grit"Ada Lovelace, Bo Li', "", 'A Model of "Grit"', "Ada Lovelace"),
        ("Sets (and Bags)Óscar Núñez, Bo Li", "", "Sets (and Bags)", "Óscar Núñez"),
        ("Notes on SLAM++Ana de la Cruz, Bo Li", "", "Notes on SLAM++", "Ana de la Cruz"),
        ("Words and Things王小明, 李雷", "", "Words and Things", "王小明"),
        ("Learning in a FogDJ Strouse, Bo Li", "", "Learning in a Fog", "DJ Strouse"),
        ("GANs for EEGLI WEI, CHEN YU et al.", "We read EEG with GANs.", "GANs for EEG", "LI WEI"),
    ],
)
def test_hard_borders(line: str, abstract: str, title: str, first: str) -> None:
    found = split(line, abstract, Evidence())

    assert (found.title, found.authors[0]) == (title, first)


def test_the_file_knows_a_person_that_shape_does_not() -> None:
    line = "Notes from theLab Xq Team, Ada Lovelace et al."
    evidence = Evidence()
    evidence.add_line("Other NotesAda Lovelace, Bo Li, Kurt Gödel et al.")

    assert evidence.known.people["Bo Li"] == 1
    assert split(line, "", evidence).authors[-1] == "Ada Lovelace"


def test_a_name_that_ends_several_lines_counts() -> None:
    evidence = Evidence()
    for title in ("One", "Two", "Three"):
        evidence.add_line(f"{title} ZzaWynn Qorrel, Ada Lovelace et al.")

    assert evidence.endings["Wynn Qorrel"] == 3


def test_alternatives_are_kept_and_less_likely() -> None:
    paper = papers_of(f"MerRec: A Dataset for Recommendation SystemsLichi Li, Zhen Tan et al.\n{ABSTRACT}")[0]

    assert (paper.title, paper.authors) == ("MerRec: A Dataset for Recommendation Systems", ("Lichi Li", "Zhen Tan"))
    assert 1 <= len(paper.alternatives) <= 3
    assert all(other.score < 0 and other.title != paper.title for other in paper.alternatives)
    assert [other.score for other in paper.alternatives] == sorted(
        (other.score for other in paper.alternatives), reverse=True
    )


def test_a_dot_within_the_title_is_no_affiliation() -> None:
    line = "Keys · Queries · Values: A Study of AttentionAda Lovelace, Bo Li · some-lab"
    paper = papers_of(f"{line}\n{ABSTRACT}")[0]

    assert (paper.title, paper.affiliations) == ("Keys · Queries · Values: A Study of Attention", ("some-lab",))


def test_jr_belongs_to_the_name_before_it() -> None:
    assert split("On WhalesHarry Connick, Jr., Ada Lovelace", "", Evidence()).authors == (
        "Harry Connick, Jr.",
        "Ada Lovelace",
    )


@pytest.mark.parametrize(
    ("text", "score", "categories", "printed", "code"),
    [
        ("30.0CVJul 27, 2022", 30.0, ("CV",), "Jul 27, 2022", False),
        ("15.2CLMar 30, 2024Code", 15.2, ("CL",), "Mar 30, 2024", True),
        ("2.3QUANT-PHSep 6, 2024", 2.3, ("QUANT-PH",), "Sep 6, 2024", False),
        ("30CVMay 7, 2022", 30.0, ("CV",), "May 7, 2022", False),
        ("cs.LGJul 3, 2024", None, ("cs.LG",), "Jul 3, 2024", False),
        ("8.8astro-ph.GAMay 1", 8.8, ("astro-ph.GA",), "May 1", False),
        ("5CV2024-03-30", 5.0, ("CV",), "2024-03-30", False),
        ("Jul 3, 2024Code", None, (), "Jul 3, 2024", True),
        ("12.0 cs.LG, stat.ML Jul 3, 2024 Code", 12.0, ("cs.LG", "stat.ML"), "Jul 3, 2024", True),
        ("stat.ML", None, ("stat.ML",), None, False),
        ("quant-ph", None, ("quant-ph",), None, False),
        ("7.5", 7.5, (), None, False),
        ("Code", None, (), None, True),
    ],
)
def test_badges(text: str, score: float | None, categories: tuple[str, ...], printed: str | None, code: bool) -> None:
    badge = badge_of(text, 7)

    assert badge is not None
    assert (badge.line, badge.score, badge.categories, badge.published_text, badge.code) == (
        7,
        score,
        categories,
        printed,
        code,
    )


@pytest.mark.parametrize(
    "text", ["", "Subscribe", "Is it", "Code Models", "the", "12 Monkeys CV", "foo.bar", "x" * 90, "Attention"]
)
def test_what_is_no_badge(text: str) -> None:
    assert badge_of(text, 1) is None


def test_badges_on_several_lines_belong_to_the_next_entry() -> None:
    badge = "12.5\nCV\nJul 27, 2022\nCode"
    text = f"First EntryAda Lovelace, Bo Li\n{ABSTRACT}\n{badge}\nSecond EntryBo Li, Ada Lovelace\n{ABSTRACT}"
    first, second = papers_of(text)

    assert (first.score, first.published, first.promises_code) == (None, None, False)
    assert (second.score, second.categories, str(second.published), second.promises_code) == (
        12.5,
        ("CV",),
        "2022-07-27",
        True,
    )


def test_a_date_that_is_none_is_kept_as_printed() -> None:
    paper = papers_of(f"9.9CVFeb 30, 2022\nAn EntryAda Lovelace, Bo Li\n{ABSTRACT}")[0]

    assert (paper.published, paper.published_text) == (None, "Feb 30, 2022")


def test_what_is_lost_costs_one_entry() -> None:
    entries = [f"{line_of(*row)}\n{ABSTRACT} We call it {row[0]}. {'And so it is. ' * 100}\n" for row in KNOWN[:9]]
    whole = papers_of("".join(entries))
    lost = [*entries[:4], entries[4].split("\n", 1)[1], *entries[5:]]
    items = items_of("".join(lost))

    assert [item for item in items if isinstance(item, Paper)] == [*whole[:4], *whole[5:]]
    assert [item.reason for item in items if isinstance(item, Reject)] == ["an abstract without a title"]
    assert len(papers_of("".join([*entries[:4], entries[4].split("\n", 1)[0] + "\n", *entries[5:]]))) == len(whole)


def test_furniture_and_scraps_are_no_entries() -> None:
    items = items_of(
        f"Publications\n\nSearch\n\nAn EntryAda Lovelace, Bo Li\n{ABSTRACT}\n\nLoad more\n3.3CVJul 1, 2022\n"
    )

    assert [item.title for item in items if isinstance(item, Paper)] == ["An Entry"]
    assert [item.excerpt for item in items if isinstance(item, Reject)] == ["Publications", "3.3CVJul 1, 2022"]


@pytest.mark.parametrize(
    ("text", "reason"), [("", "nothing but navigation"), (ABSTRACT, "no entries"), ("Search\n", "navigation")]
)
def test_a_listing_without_entries_is_refused(text: str, reason: str) -> None:
    with pytest.raises(MalformedDigestError, match=reason):
        items_of(text)


@pytest.mark.no_cover
def test_long_lines_and_long_listings_are_bounded() -> None:
    entry = f"An EntryAda Lovelace, Bo Li\n{ABSTRACT}\n"
    items = items_of(entry + "y" * (LONGEST_LINE + 9) + "\n" + entry + "A, B " * 30_000 + "\n" + entry * 8_000)

    assert sum(isinstance(item, Paper) for item in items) == 8_002
    assert sum(isinstance(item, Reject) for item in items) == 2


PIECES = st.sampled_from(
    [line_of(*row) for row in KNOWN[:6]] + [ABSTRACT, "3.3CVJul 1, 2022", "Code", "", "Search", "A · B", "et al."]
)


@given(st.lists(PIECES, max_size=12))
def test_any_order_of_real_lines_gives_whole_items(lines: Sequence[str]) -> None:
    try:
        items = items_of("\n".join(lines))
    except MalformedDigestError:
        return
    for item in items:
        if isinstance(item, Paper):
            assert item.title
            assert item.authors or item.abstract
        else:
            assert 1 <= item.line <= len(lines)


@given(st.binary(max_size=400))
@example(b"\xef\xbb\xbf\x00A, B, C et al. \xc2\xb7 x")
@example("AaA et al. · ".encode())
def test_any_bytes_give_papers_rejects_or_a_read_error(data: bytes) -> None:
    assert 0 <= listing.sniff(data) <= 1
    try:
        items = items_of(data)
    except ReadError:
        return
    assert all(isinstance(item, Paper | Reject) for item in items)


@given(st.text(max_size=200), st.text(max_size=80))
@example("A et al.", "")
@example("a,B and C;D, Jr.", "b")
def test_a_split_loses_no_letter(line: str, abstract: str) -> None:
    clean = " ".join(line.split())
    found = split(clean, abstract, Evidence())
    kept = found.title + "".join(found.authors)

    assert all(kept.count(char) <= clean.count(char) for char in set(kept))
    assert clean.startswith(found.title)


@st.composite
def listings(draw: st.DrawFn) -> list[str]:
    """The entries of a listing, as text."""
    rows = draw(st.lists(st.sampled_from(KNOWN), min_size=2, max_size=8, unique_by=lambda row: row[0]))
    badges = ["", "", "3.3CVJul 1, 2022\n", "12QUANT-PHMay 3, 2023Code\n"]
    return [f"{draw(st.sampled_from(badges))}{line_of(*row)}\n{ABSTRACT}\n" for row in rows]


def plain(papers: Sequence[Paper]) -> list[dict[str, Any]]:
    return [facts(paper) for paper in papers]


@given(listings(), st.data())
def test_a_listing_split_between_entries_reads_to_the_same_papers(entries: list[str], data: st.DataObject) -> None:
    cut = data.draw(st.integers(1, len(entries) - 1))
    whole = papers_of("".join(entries))

    assert len(whole) == len(entries)
    assert plain([*papers_of("".join(entries[:cut])), *papers_of("".join(entries[cut:]))]) == plain(whole)


@given(listings(), st.sampled_from(["\r\n", "\r", "\n\n", " \n", "\0\n"]), st.booleans())
def test_line_ends_marks_and_empty_lines_change_nothing(entries: list[str], end: str, mark: bool) -> None:
    text = "".join(entries)

    assert papers_of(b"\xef\xbb\xbf" * mark + text.replace("\n", end).encode()) == papers_of(text)


@pytest.mark.parametrize(
    ("name", "likely"),
    [
        ("Kyle O'Brien", True),
        ("Zainul Abi Din", True),
        ("Md Jayed Hossain", True),
        ("Laurens van der Maaten", True),
        ("W.R.F. Dent", True),
        ("Y.Bengio", True),
        ("Jean-Baptiste Alayrac", True),
        ("Sun-young Park", True),
        ("Petar Veli\\v{c}kovi\\'c", True),
        ("Robert Logan IV", True),
        ("Gemma Team", True),
        ("Vision Transformer", False),
        ("of Neural Networks", False),
        ("RFYi Wang", False),
        ("A", False),
        ("ReasoningAda of", False),
        ("x" * 100, False),
        ("", False),
        ("one two three four five six seven eight", False),
        ("Ada van", False),
        ("Ada Lovelace-regularisation", False),
        ("C3PO Droid", False),
    ],
)
def test_the_shape_of_names(name: str, likely: bool) -> None:
    assert (name_odds(name, Known()) > 1) == likely


def test_words_and_their_humps() -> None:
    assert humps_of("KinectFusion") == ["Kinect", "Fusion"]
    assert humps_of("GANs") == ["GANs"]
    assert is_given_name("Jean-Pierre")
    assert is_given_name("JinWoo")
    assert not is_given_name("Transformer")
    assert is_trade_word("Regularization")
    assert not is_trade_word("Fengming")


def test_foreign_forms() -> None:
    assert is_foreign(["- a [b](c)", "- d", "e"])
    assert is_foreign(["Attention", "| a | b |", "| c | d |"])
    assert not is_foreign([])
    assert not is_foreign(["Attention Is All You Need", "DLO: Dynamic Layers", ABSTRACT])
