import re
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import markdown
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digestbot.editions import BUDGET, compose, fit
from digestbot.errors import RenderError
from digestbot.facts import Fact
from digestbot.models import (
    Edition,
    Hit,
    Link,
    Match,
    Paper,
    PartialDate,
    Proof,
    SourceState,
    Subscription,
    Updated,
)
from digestbot.rendering import Addresses, Renderer
from digestbot.rendering.passages import marked
from digestbot.rendering.plain import WIDTH, columns
from digestbot.rendering.views import readable

DUE = datetime(2025, 3, 11, 7, 0, tzinfo=UTC)
MOE, SPARSE = '"mixture of experts"', "sparse OR pruning"
WORDS = {MOE: r"mixtures?[- ]of[- ]experts|MoEs?\b", SPARSE: r"spars\w+|prun\w+"}
UNSUBSCRIBE = "https://digest.example.org/u/abc?token=1&x=2"
ADDRESSES = Addresses(UNSUBSCRIBE)
RENDERER = Renderer()

PAPERS = (
    Paper(
        "Union of Experts: Adapting Hierarchical Routing to Equivalently Decomposed Transformer",
        id="arxiv:2503.02495",
        abstract="Mixture-of-Experts layers route tokens. In this paper, we propose to split a layer into equal "
        r"parts and to route twice, at $\mathcal{O}(n)$ cost; the sparse parts agree. "
        "Code is available at https://github.com/YujiaoYang-work/UoE.",
        authors=("Yujiao Yang", "Jing Lian", "Linhui Li"),
        published=PartialDate(2025, 3, 4),
        published_text="Mar 4",
        categories=("cs.LG", "cs.CL"),
        upvotes=12,
        links=(
            Link(
                "https://github.com/YujiaoYang-work/UoE",
                "github",
                "https://github.com/YujiaoYang-work/UoE.",
                "abstract",
                "Code is available at https://github.com/YujiaoYang-work/UoE",
            ),
        ),
    ),
    Paper(
        r"H$_2$O: Heavy-Hitter Oracle for Efficient Generative Inference of Large Language Models",
        id="title:h2o",
        abstract="Caches are large. We show that sparse caches keep the accuracy. Code will be released.",
        authors=tuple(f"Author {letter}" for letter in "ABCDEFGH"),
        authors_truncated=True,
        author_count=12,
        organization="Example Lab",
        venue="NeurIPS 2023",
        comments="20 pages, on pruning",
        url="http://papers.example.edu/h2o",
        score=19.4,
        promises_code=True,
        machine_summary="Keeps the tokens that matter.",
    ),
    Paper("Pruning of MoEs", id="title:pruning", author_count=6),
)
UPDATED = (
    Updated(
        Paper("Routing without *Experts* & <b>less</b>", id="arxiv:2412.00007"),
        (Fact("withdrawn", "", "This paper has been withdrawn by the authors due to an error in Lemma 2"),),
    ),
    Updated(
        Paper("Sparse by Design: Pruning what Nobody Asked", id="arxiv:2501.00042"),
        (
            Fact("code", "", "Code: https://github.com/lab/sparse_design", "https://github.com/lab/sparse_design"),
            Fact("venue", "ICML 2025", "Accepted at ICML 2025 (oral)"),
            Fact("version", "3", "v1 → v3"),
        ),
    ),
    Updated(
        Paper("A listing's paper", id="title:0f3a"),
        (Fact("venue", "", "DOI 10.1103/PhysRevD.110.012345", "https://doi.org/10.1103/PhysRevD.110.012345"),),
    ),
)
STATES = (SourceState("daily-papers", "stale", "the same file as yesterday"), SourceState("lab", "down"))
PROOF = Proof(5, 413, 3, "arxiv:2503.02495", DUE - timedelta(hours=7), STATES)


def subscription(**changes: Any) -> Subscription:
    values: dict[str, Any] = {"id": "sparse-experts", "name": "sparse experts", "query": f"{MOE} AND ({SPARSE})"}
    return Subscription(**(values | changes))


def match(paper: Paper) -> Match:
    texts = {"title": paper.title, "abstract": paper.abstract, "comments": paper.comments or ""}
    hits = [
        Hit(field, found.start(), found.end(), found[0], clause)
        for clause, pattern in WORDS.items()
        for field, text in texts.items()
        for found in re.finditer(pattern, text, re.IGNORECASE)
    ]
    return Match("sparse-experts", paper, tuple(hits))


def edition(*papers: Paper, proof: Proof = PROOF, **changes: Any) -> Edition:
    return compose(subscription(**changes), [match(paper) for paper in papers], DUE, proof)


def whole() -> Edition:
    extra = [Paper(f"More of it, part {n}", id=f"arxiv:2502.0000{n}", authors=("Ada Lovelace",)) for n in range(3)]
    note = "Two on *routing* this week, [see why](https://example.org/why?a=1&b=2)."
    made = edition(*PAPERS, *extra, limit=3, note=note, timezone="Europe/Berlin")
    return replace(made, more=2, updates=UPDATED, more_updates=3)


class Page(HTMLParser):
    """What a program sees of HTML."""

    def __init__(self, source: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: Counter[str] = Counter()
        self.attributes: set[str] = set()
        self.targets: list[str] = []
        self.text = ""
        self.feed(source)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags[tag] += 1
        self.text += "\n" if tag == "br" else ""
        self.attributes |= {name for name, _ in attrs}
        self.targets += [value or "" for name, value in attrs if name in {"href", "src", "action"}]

    def handle_data(self, data: str) -> None:
        self.text += data


# what people see


def test_golden_files(golden: Callable[[str, str | bytes], None]) -> None:
    golden("edition.html", RENDERER.html(whole(), ADDRESSES))
    golden("edition.md", RENDERER.markdown(whole()))
    golden("edition.txt", RENDERER.text(whole(), ADDRESSES))
    golden("empty.txt", RENDERER.text(edition(proof=Proof(5, 413, 0, faults=STATES))))


def test_a_card_says_why_it_stands_elsewhere() -> None:
    plain = whole()
    moved = replace(plain, cards=(replace(plain.cards[0], place="beside “A <b>”, the same series"), *plain.cards[1:]))

    for form in (
        RENDERER.html(moved, ADDRESSES),
        RENDERER.markdown(moved),
        RENDERER.text(moved, ADDRESSES),
    ):
        assert "the same series" in form
    assert "A &lt;b&gt;" in RENDERER.html(moved, ADDRESSES)


def test_rendering_twice_gives_the_same_bytes() -> None:
    assert Renderer().html(whole(), ADDRESSES) == RENDERER.html(whole(), ADDRESSES)


def test_every_form_says_the_same() -> None:
    page = Page(RENDERER.html(whole(), ADDRESSES))
    seen = set(re.findall(r"\w{4,}", page.text.casefold().partition("sparse experts\n")[2]))
    text, prose = RENDERER.text(whole(), ADDRESSES), Page(markdown.markdown(RENDERER.markdown(whole())))

    for other in (text, prose.text):
        assert seen - set(re.findall(r"\w{4,}", other.casefold())) <= {"asked", "unsubscribe", "from", "http"}
    for target in page.targets:
        assert target in text


def test_headings_are_in_order_and_the_language_is_said() -> None:
    source = RENDERER.html(whole())

    assert [int(level) for level in re.findall(r"<h(\d)", source)] == [1, 2, 2, 2, 2, 2, 2]
    assert '<html lang="en">' in source
    assert '<meta name="color-scheme" content="light dark">' in source


def test_nothing_is_fetched_and_nothing_tracked() -> None:
    page = Page(RENDERER.html(whole(), ADDRESSES))

    assert not set(page.tags) & {"img", "script", "link", "iframe", "form", "object", "video", "svg"}
    assert all(target.startswith("https://") for target in page.targets)


@pytest.mark.parametrize(
    ("changes", "authors"),
    [
        ({"authors": ("A", "B")}, "A, B"),
        ({"authors": ("A", "B"), "authors_truncated": True}, "A, B et al."),
        ({"authors": ("A", "B"), "authors_truncated": True, "author_count": 9}, "A, B and 7 more"),
        ({"authors": tuple("ABCDEFGH")}, "A, B, C, D, E, F and 2 more"),
        ({"authors": (), "author_count": 6}, "6 authors"),
        ({"authors": (), "author_count": 1}, "1 author"),
        ({"authors": (r"Andr\'e", "\x00")}, "André"),
    ],
)
def test_authors(changes: dict[str, Any], authors: str) -> None:
    lines = RENDERER.text(edition(Paper("A title", id="arxiv:1", **changes))).splitlines()

    assert f"   {authors}" in lines


@pytest.mark.parametrize(
    ("proof", "reason"),
    [
        (Proof(), "No digest was read since the last edition."),
        (Proof(1), "1 digest was read, and no new paper was found."),
        (Proof(5, 413), "5 digests were read with 413 papers, and none of them matches your query."),
        (Proof(5, 413, 2), "5 digests were read, and you have seen every paper that matches."),
    ],
)
def test_an_empty_edition_says_why(proof: Proof, reason: str) -> None:
    made = edition(proof=proof)

    assert f"Nothing this time. {reason}" in " ".join(RENDERER.text(made).split())
    assert reason in RENDERER.markdown(made)
    assert reason in Page(RENDERER.html(made)).text


@pytest.mark.parametrize(
    ("before", "age"),
    [
        (timedelta(days=2, hours=5), "2 days before this edition was due"),
        (timedelta(hours=1), "1 hour before this edition was due"),
        (timedelta(minutes=59), "59 minutes before this edition was due"),
        (timedelta(seconds=5), "just before this edition was due"),
        (-timedelta(seconds=5), "after this edition was due"),
    ],
)
def test_the_proof_tells_the_age_of_the_newest_paper(before: timedelta, age: str) -> None:
    text = RENDERER.text(edition(proof=Proof(5, 413, 0, "arxiv:2503.02495", DUE - before)))

    assert f"Newest paper: arxiv:2503.02495, {age}." in text


def test_many_faults_and_links_are_counted() -> None:
    states = tuple(SourceState(f"source {n}", "blocked", "HTTP 429") for n in range(15))
    links = tuple(Link(f"https://x.example/{n}", "other", "", "abstract", "") for n in range(10))
    made = edition(Paper("A title", links=links), proof=Proof(faults=states))

    for printed in (RENDERER.text(made), RENDERER.markdown(made), RENDERER.html(made)):
        assert "3 more sources" in printed
        assert "2 more links" in printed


def test_a_link_that_is_none_is_shown_as_text() -> None:
    paper = Paper(
        "A title", url="javascript:alert(1)", links=(Link("javascript:alert(2)", "other", "", "abstract", ""),)
    )
    page = Page(RENDERER.html(edition(paper)))

    assert "javascript:alert(2)" in page.text
    assert [target for target in page.targets if "example" not in target and "scholar" not in target] == [
        "https://arxiv.org/abs/2503.02495"
    ]


def test_twenty_whole_cards_fit_into_a_mail() -> None:
    sentence = "We propose sparse mixtures of experts that route tokens to the parts of a layer which know about them. "
    papers = [
        Paper(f"Pruning {n}", id=f"arxiv:2503.{n:05}", abstract=sentence * 13, authors=("Ada",) * 6) for n in range(20)
    ]

    assert len(RENDERER.html(edition(*papers), ADDRESSES).encode()) < BUDGET


def test_what_does_not_fit_is_shortened_to_lines() -> None:
    papers = [Paper(f"Pruning {n}", id=f"arxiv:2503.{n:05}", abstract="'prune' " * 600) for n in range(30)]

    fitted = fit(edition(*papers, limit=25), lambda made: len(RENDERER.html(made, ADDRESSES).encode()))

    assert len(RENDERER.html(fitted, ADDRESSES).encode()) <= BUDGET
    assert 0 < len(fitted.cards) < 25
    assert len(fitted.cards) + len(fitted.lines) + fitted.more == 30


def test_the_subject_is_one_line() -> None:
    assert RENDERER.subject(edition(PAPERS[0])).startswith("1 paper on sparse experts: Union of Experts: Adapting")


# what nobody may do

FRAGMENTS = [
    "<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "{{7*7}}", "{% include 'x' %}", "\n", "\x00",
    "\u202e", "\u200f", "\ud800", "\ufffe", "](javascript:alert(1))", "`", "|", "# ", "1. ", "> ", "&lt;b&gt;", "]]>",
    '"', "'", "\\", "שלום", "{onclick=x}", "<style>", "<!--", "</td></table>",
]  # fmt: skip
awkward = st.lists(st.sampled_from(FRAGMENTS) | st.text(max_size=4), min_size=1, max_size=6).map("".join)


def filled(text: str) -> Edition:
    """Return an edition that has `text` wherever a stranger could put some."""
    paper = Paper(
        f"t{text}", id=f"title:{text}", abstract=f"We say {text}", authors=(f"u{text}",), categories=(f"c{text}",),
        organization=f"o{text}", venue=f"v{text}", comments=f"k{text}", published_text=f"d{text}", score=1.0, upvotes=1,
        machine_summary=f"m{text}", url=f"x{text}", promises_code=True,
        links=(Link(f"javascript:{text}", "other", f"say {text}", "abstract", f"e{text}"),),
    )  # fmt: skip
    hits = (Hit("title", 0, 1, "t", f"q{text}"), Hit("abstract", 0, 1, f"w{text}", f"q{text}"))
    proof = Proof(1, 1, 1, f"n{text}", DUE, (SourceState(f"s{text}", "stale", f"r{text}"),))
    made = compose(subscription(name=f"x{text}", query=f"q{text}"), [Match("s", paper, hits)], DUE, proof)
    return Edition(**{name: getattr(made, name) for name in Edition.__slots__} | {"lines": made.cards})


PLAIN_PAGE, PLAIN_PROSE = Page(RENDERER.html(filled("x"))), Page(markdown.markdown(RENDERER.markdown(filled("x"))))


@settings(max_examples=100)
@given(awkward)
def test_no_text_becomes_part_of_the_page(text: str) -> None:
    page = Page(RENDERER.html(filled(text)))

    assert page.tags == PLAIN_PAGE.tags
    assert page.attributes == PLAIN_PAGE.attributes
    assert all(target.startswith("https://") for target in page.targets)
    assert not re.search(r"[\x00-\x08\x0b-\x1f\u202a-\u202e\u200e\u200f]", page.text)


@settings(max_examples=100)
@given(awkward)
def test_no_text_becomes_part_of_the_markdown(text: str) -> None:
    source = RENDERER.markdown(filled(text))
    page = Page(markdown.markdown(source, extensions=["extra"]))

    assert page.tags == PLAIN_PROSE.tags
    assert all(target.startswith("https://") for target in page.targets)
    assert "{{" not in source


@settings(max_examples=100)
@given(awkward)
def test_plain_text_keeps_its_lines(text: str) -> None:
    printed = RENDERER.text(filled(text), ADDRESSES)

    assert all(columns(line) <= WIDTH for line in printed.splitlines() if "://" not in line)
    assert not re.search(r"[\x00-\x08\x0b-\x1f\u202a-\u202e\u200e\u200f]", printed)


# templates of one's own


def test_a_folder_overrides_file_by_file(tmp_path: Path) -> None:
    (tmp_path / "_card.html").write_text("<tr><td>{{ card.title }}</td></tr>")
    source = Renderer([tmp_path]).html(edition(Paper("<b> & pruning")))

    assert "<tr><td>&lt;b&gt; &amp; <mark>pruning</mark></td></tr>" in source
    assert "What stands behind this" in source


def test_the_first_folder_wins(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "subject.txt").write_text(f"{name}: {{{{ edition.subject }}}}")

    assert Renderer([tmp_path / "a", tmp_path / "b"]).subject(edition()) == "a: No new papers on sparse experts"


def test_a_long_subject_is_cut(tmp_path: Path) -> None:
    (tmp_path / "subject.txt").write_text("x\n" * 300)

    assert Renderer([tmp_path]).subject(edition()) == "x " * 99 + "x…"


def test_whatever_a_template_prints_is_escaped_for_its_form(tmp_path: Path) -> None:
    (tmp_path / "edition.md").write_text("{{ '<b>' }} {{ none }} {{ 1 }} {{ edition.note }}")
    (tmp_path / "edition.txt").write_text("{{ '<b>' }} {{ edition.note }}")

    assert Renderer([tmp_path]).markdown(edition(note="*hi*")) == "&lt;b> &lt;none&gt; 1 *hi*\n".replace(
        "&lt;none&gt;", ""
    )
    assert Renderer([tmp_path]).text(edition(note="*hi*")) == "<b> *hi*\n"


@pytest.mark.parametrize(
    ("template", "line", "message"),
    [
        ("{{ edition.title }}\n{{ edition.nothing }}", 2, "nothing"),
        ("\n\n{{ nobody }}", 3, "'nobody' is undefined"),
        ("{% if %}", 1, "Expected an expression"),
        ("a\n{{ 1 / 0 }}", 2, "division by zero"),
        ("a\n{{ edition.cards[7].title }}", 2, "7"),
        ("a\n{{ 'x' + 1 }}", 2, "str"),
        ("{% include 'missing.html' %}", 1, "missing.html"),
        ("a\n{% include 'edition.txt' %}", 2, "recursion"),
        ("a\n{{ x", 2, "unexpected end"),
    ],
)
def test_a_fault_in_a_template_names_its_place(tmp_path: Path, template: str, line: int, message: str) -> None:
    path = tmp_path / "edition.txt"
    path.write_text(template)

    with pytest.raises(RenderError, match=message) as caught:
        Renderer([tmp_path]).text(edition())

    assert (caught.value.template, caught.value.line) == (str(path), line)


def test_a_template_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    (tmp_path / "edition.txt").write_bytes(b"\xff")

    with pytest.raises(RenderError) as caught:
        Renderer([tmp_path]).text(edition())

    assert (caught.value.template, caught.value.line) == ("edition.txt", None)


@given(st.text("abXY09 .,:;()!?/+-", max_size=14))
def test_plain_text_is_readable_as_it_is(text: str) -> None:
    assert readable(text, 300) == str(marked(text, (), 300))
