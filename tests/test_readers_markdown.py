"""Papers in Markdown: what begins an entry, what belongs to it, and what is no paper."""

import io
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from digestbot.errors import MalformedDigestError, ReadError
from digestbot.models import Paper, PartialDate, Reject
from digestbot.readers import markdown_list
from digestbot.readers.lines import LONGEST_LINE
from digestbot.readers.markdown_forms import date_in, people_of
from digestbot.readers.markdown_inline import plain, read_inline, starting_link, starting_strong, without_links
from digestbot.readers.markdown_labels import labelled
from digestbot.readers.markdown_starts import start_of

CORPUS = Path(__file__).parent / "corpus" / "markdown-list"
INPUTS = Path(__file__).parents[1].parent / "shared" / "inputs"
PAGES = sorted(CORPUS.glob("*.md"))
ARXIV = "https://arxiv.org/abs/2401.00001"


def items_of(text: str | bytes) -> list[Paper | Reject | PartialDate]:
    return list(markdown_list.read(io.BytesIO(text.encode() if isinstance(text, str) else text)))


def papers_of(text: str | bytes) -> list[Paper]:
    return [item for item in items_of(text) if isinstance(item, Paper)]


def only(text: str) -> Paper:
    (paper,) = papers_of(text)
    return paper


def facts(item: Paper | Reject | PartialDate) -> dict[str, Any] | str:
    if isinstance(item, Paper):
        return {name: value for name, value in item.as_dict().items() if value}
    return (
        {"line": item.line, "reason": item.reason, "excerpt": item.excerpt} if isinstance(item, Reject) else str(item)
    )


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_a_page_of_the_corpus_reads_as_expected(path: Path, request: pytest.FixtureRequest) -> None:
    expected = path.with_name(f"{path.name}.expected.json")
    items = [facts(item) for item in items_of(path.read_bytes())]
    actual = json.dumps(items, ensure_ascii=False, indent=1) + "\n"
    if request.config.getoption("--update-golden"):
        expected.write_text(actual, encoding="utf-8")

    assert expected.read_text(encoding="utf-8") == actual


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_a_page_is_known_by_its_head(path: Path) -> None:
    assert markdown_list.sniff(path.read_bytes()) >= 0.5


@pytest.mark.parametrize(
    "text",
    [
        "",
        "No list at all, just a sentence.",
        "# Changes\n\n- **Fixed**: a bug\n- [a link](https://example.org)\n",
        "<rss><item>- [A Paper of Ours](https://arxiv.org/abs/1)</item></rss>",
        '{"title": "- [A Paper of Ours](https://arxiv.org/abs/1)"}',
        "| a | b |\n|---|---|\n| 1) **A Paper** | [x](https://arxiv.org/abs/1) |\n- [A Paper of Ours](https://arxiv.org/abs/1)\n",
        "\\\\\narXiv:2303.01496\nTitle: Robustness Measures for All\nAuthors: Ada Lovelace\n\\\\\nWe measure.\n\\\\\n",
        "title: str\nauthors: tuple[str, ...]\nabstract: str\n",
    ],
)
def test_other_forms_are_not_claimed(text: str) -> None:
    assert markdown_list.sniff(text.encode()) == 0


def test_a_list_of_titles_and_descriptions_is_claimed_with_doubt() -> None:
    entry = "- **A Title of Four Words** - {}\n".format("it says what it does, and then says it again, at length. " * 4)

    assert 0.3 < markdown_list.sniff((entry * 4).encode()) < 0.5


@pytest.mark.parametrize(
    ("name", "papers", "first", "author"),
    [
        ("daily_md/aienhanced_2026-06-25.md", 26, "Wan-Streamer v0.1: End-to-end", "Lianghua Huang"),
        ("daily_md/dailyreporter_IR_2025-04-02.md", 2, "CrackSQL: A Hybrid SQL", "Wei Zhou"),
        ("daily_md/starformation_2026-08-21.md", 11, "ALMA high resolution observations", "W.R.F. Dent"),
        ("text_dump/aipapersreader_2024-08-16.txt", 24, "The ShareLM Collection and Plugin", None),
    ],
)
def test_real_pages_are_read(name: str, papers: int, first: str, author: str | None) -> None:
    path = INPUTS / name
    if not path.exists():
        pytest.skip("the folder of real inputs is not beside this checkout")
    items = items_of(path.read_bytes())
    read = [item for item in items if isinstance(item, Paper)]

    assert (len(read), sum(isinstance(item, Reject) for item in items)) == (papers, 0)
    assert read[0].title.startswith(first)
    assert (read[0].authors[:1] == (author,)) == (author is not None)
    assert all(len(paper.abstract) > 300 and (paper.url or paper.pdf_url) for paper in read)


@pytest.mark.parametrize(
    ("line", "title", "authors", "date"),
    [
        (f"- [A Title]({ARXIV}) - Ada Lovelace, Kurt Gödel (2024-11-17)", "A Title", 2, "2024-11-17"),
        (f"* **A Title** by Ada Lovelace and Kurt Gödel [[paper]({ARXIV})]", "A Title", 2, None),
        (f"1. [**A Title**]({ARXIV}), Ada Lovelace et al., Nov 2024", "A Title", 1, "2024-11"),
        (f"2) **[A Title]({ARXIV})** | Ada Lovelace, Kurt Gödel | 2024", "A Title", 2, "2024"),
        ("- A Title of Note. Ada Lovelace, Kurt Gödel. 17 Nov 2024.", "A Title of Note", 2, "2024-11-17"),
        (f'- "A Title" ([arXiv]({ARXIV})) Ada Lovelace, Kurt Gödel', "A Title", 2, None),
        (f"- Ada Lovelace, Kurt Gödel. [A Title]({ARXIV}). 2024", "A Title", 2, "2024"),
        (f"- [2024/11] [A Title]({ARXIV})", "A Title", 0, "2024-11"),
        (f"- [x] 📄 [A Title](<{ARXIV}> 'abs')", "A Title", 0, None),
        (f"- _A Title_, Lovelace, A., Gödel, K. {ARXIV}", "A Title", 2, None),
        (
            f"- [A Title]({ARXIV}) [[code](https://github.com/a/b)] [[pdf](https://arxiv.org/pdf/2401.00001)]",
            "A Title",
            0,
            None,
        ),
        (f"+ Why [A Title]({ARXIV})", "Why", 0, None),
        (f"- cs.LG: **A Title of Ours** [link]({ARXIV})", "A Title of Ours", 0, None),
    ],
)
def test_an_item_says_title_people_and_date(line: str, title: str, authors: int, date: str | None) -> None:
    paper = only(line)

    assert (paper.title, len(paper.authors)) == (title, authors)
    assert (str(paper.published) if paper.published else None) == date
    assert "arxiv" in line.lower() or paper.url is None


@pytest.mark.parametrize(
    "line",
    [
        "- [Follow us](https://twitter.com/example)",
        "- [Vision](#vision)",
        "- [awesome-tools](https://github.com/example/awesome-tools) - many tools",
        "- plain words",
        "- **Bold** words",
        "- [](https://example.org)",
    ],
)
def test_what_is_no_paper(line: str) -> None:
    with pytest.raises(MalformedDigestError, match="no papers"):
        items_of(line)


def test_fields_below_an_item_are_filed() -> None:
    paper = only(
        f"""- [A Title of Ours]({ARXIV})
  - **Authors:** Ada Lovelace, Kurt Gödel et al.
  - Date: Nov 17, 2024
  - Updated: 2024-11-18
  - PDF: https://arxiv.org/pdf/2401.00001
  - Code: [here](https://github.com/example/tool)
  - Categories: cs.LG, cs.CL
  - Keywords: routing; experts
  - Comments: 9 pages
  - Venue: NeurIPS 2024
  - DOI: 10.1000/abc
  - Upvotes: 12
  - Affiliations: Some Lab, Other Lab
  - TL;DR: It routes.
  - Method: It routes by hand.
  - Abstract: We route.

    Then we route again.
"""
    )

    assert (paper.authors, paper.authors_truncated) == (("Ada Lovelace", "Kurt Gödel"), True)
    assert (str(paper.published), paper.published_text, str(paper.updated)) == (
        "2024-11-17",
        "Nov 17, 2024",
        "2024-11-18",
    )
    assert (paper.url, paper.pdf_url) == (ARXIV, "https://arxiv.org/pdf/2401.00001")
    assert [(link.url, link.kind, link.field) for link in paper.links] == [
        ("https://github.com/example/tool", "github", "record")
    ]
    assert (paper.categories, paper.keywords) == (("cs.LG", "cs.CL"), ("routing", "experts"))
    assert (paper.comments, paper.venue, paper.doi, paper.upvotes) == ("9 pages", "NeurIPS 2024", "10.1000/abc", 12)
    assert paper.affiliations == ("Some Lab", "Other Lab")
    assert (paper.machine_summary, paper.abstract) == (
        "It routes. Method: It routes by hand.",
        "We route. Then we route again.",
    )


def test_a_labelled_title_goes_on_below_an_indent_and_nowhere_else() -> None:
    first, second = papers_of(
        f"Title: Masked Scenes: Narrowing the Gap Between One and\n  Another Thing\nPDF: {ARXIV}\n---\n"
        f"Title: A Whole Title of One Line\nHere it says what is new in so many words.\nPDF: {ARXIV}\n"
    )

    assert first.title == "Masked Scenes: Narrowing the Gap Between One and Another Thing"
    assert second.title == "A Whole Title of One Line"


def test_a_heading_becomes_a_title_by_the_links_below_its_words() -> None:
    first, second = papers_of(
        f"## Agents\n\n### Scenes That Everybody Forgets\n\nIt matters because of what it says of scenes.\n\n"
        f"💡 **[Summary](2401.00001/)** 📄 **[Full paper]({ARXIV})**\n\n"
        f"### Another Title of a Paper\n\n**Relevance:** Why it matters.\n\n📄 **[Full paper]({ARXIV})**\n\n"
        f"## About us\n\nWe wrote [a paper]({ARXIV}) on it.\n"
    )

    assert (first.title, first.url) == ("Scenes That Everybody Forgets", ARXIV)
    assert (second.title, second.machine_summary) == ("Another Title of a Paper", "Why it matters.")


def test_a_page_of_one_paper_may_begin_with_buttons() -> None:
    paper = only(
        f'# A Title of Some Words\n\n<div class="bar">\n  <a href="{ARXIV}" class="b">📄 arXiv: 2401.00001v2</a>\n'
        '  <button class="b" data-x="1">☆ Keep</button>\n</div>\n\n**作者**: Ada Abe, Bo Berg\n\n'
        "**发布日期**: 2024-01-27 (更新: 2024-02-08)\n"
    )

    assert paper.authors == ("Ada Abe", "Bo Berg")
    assert (paper.url, str(paper.published)) == (ARXIV, "2024-01-27")


def test_a_source_with_a_date_is_a_venue_and_a_score_is_nothing() -> None:
    paper = only("## 3. Tracing One Cell After the Other\n**Source:** Cell Systems (2026-05-24)\n**Score:** 23\n")

    assert (paper.venue, str(paper.published), paper.authors) == ("Cell Systems", "2026-05-24", ())


def test_an_unknown_label_names_nobody() -> None:
    assert only(f"- [A Title of Some Words]({ARXIV})\n  **Editor Pick:** Yes Indeed\n").authors == ()
    assert only(
        f"# A Title of Some Words\n**Authors:** Ada Abe\n**Year/Venue:** 2025 / X\n[pdf]({ARXIV})\n"
    ).authors == ("Ada Abe",)


@pytest.mark.parametrize(
    "text",
    [
        f"1. A Title of Some Words [1]\n   Ada Abe, Bo Berg\n\n[1]: {ARXIV}\n",
        f"1. [A Title of Some Words][Paper]\n   Ada Abe, Bo Berg\n\n[paper]: <{ARXIV}>\n",
        f"- [A Title of Some Words][] - Ada Abe, Bo Berg\n\n[A title of some words]: {ARXIV}\n",
        f"1. A Title of Some Words [1]\n   Ada Abe, Bo Berg\n\nReferences:\n[1] {ARXIV}\n",
    ],
)
def test_a_link_may_have_its_address_elsewhere(text: str) -> None:
    paper = only(text)

    assert (paper.title, paper.authors, paper.url) == ("A Title of Some Words", ("Ada Abe", "Bo Berg"), ARXIV)
    assert markdown_list.sniff(text.encode()) > 0.3


def test_names_with_et_al_end_a_title_that_a_comma_parts() -> None:
    paper = only(f"* [2024/08] Some Title of a Few Words, Ada Abe et al., ICML. [[Paper]({ARXIV})]\n")

    assert (paper.title, paper.authors, paper.authors_truncated) == ("Some Title of a Few Words", ("Ada Abe",), True)


def test_a_full_stop_behind_a_title_is_no_part_of_a_name() -> None:
    assert only(f"1. *A Title of Some Words*. Ada Abe, Bo Berg. ICML 2024. [[pdf]({ARXIV})]\n").authors[0] == "Ada Abe"


def test_yaml_is_not_claimed() -> None:
    text = "".join(
        f"- record_id: {number}\n  full_name: Abe, Ada\n  raw_refs:\n  - doi:10.1000/x{number}\n" for number in range(9)
    )

    assert markdown_list.sniff(text.encode()) == 0.0


def test_a_link_to_tell_what_one_thinks_is_none_of_the_paper() -> None:
    paper = only(f"- [A Title of Some Words]({ARXIV}) [say](https://github.com/lab/digest/issues/new?title=x)\n")

    assert paper.links == ()


def test_a_date_heading_dates_what_stands_below_it_until_the_next_of_its_level() -> None:
    first, second = f"- [A Title of Ours]({ARXIV})\n\n", f"- [One More Title]({ARXIV})\n"
    items = items_of(f"# Week 47 of 2024-11-18\n\n## 2024-11-17\n\n### Language\n\n{first}## Other\n\n{second}")

    assert [str(item) for item in items if isinstance(item, PartialDate)] == ["2024-11-18", "2024-11-17"]
    assert [str(item.published) for item in items if isinstance(item, Paper)] == ["2024-11-17", "None"]


@pytest.mark.parametrize("heading", ["June 26 - July 2", "Papers", "May we hope?", "Top 10"])
def test_a_heading_without_one_date_has_none(heading: str) -> None:
    assert date_in(heading) is None


def test_nested_papers_are_entries_and_their_parent_is_a_heading() -> None:
    text = f"- Vision\n  - [A Title of Ours]({ARXIV})\n    - Ada Lovelace, Kurt Gödel\n  - [One More Title]({ARXIV})\n"

    assert [(paper.title, len(paper.authors)) for paper in papers_of(text)] == [
        ("A Title of Ours", 2),
        ("One More Title", 0),
    ]


def test_a_paragraph_behind_the_list_is_not_part_of_it() -> None:
    text = (
        f"- [A Title of Ours]({ARXIV})\n\nThis list was made by hand. We do not know who reads it, and that is well.\n"
    )

    assert only(text).abstract == ""
    assert only(text.replace("\n\n", "\n")).abstract.startswith("This list")
    assert only(text.replace("\n\n", "\n\n  ")).abstract.startswith("This list")


def test_an_inline_link_stays_a_word_of_its_sentence() -> None:
    paper = only(
        f"- [A Title of Ours]({ARXIV})\n  We release [the code](https://github.com/example/tool), and it is small.\n"
    )

    assert paper.abstract == "We release the code, and it is small."
    assert [(link.field, link.evidence) for link in paper.links] == [("abstract", "the code")]


def test_programs_tags_and_front_matter_say_nothing() -> None:
    text = "---\ntitle: x\n- y\n---\n<details>\n<summary>More</summary>\n"
    text += f"```\n- [No Paper at All]({ARXIV})\n```\n- [A Title of Ours]({ARXIV})\n"

    assert [paper.title for paper in papers_of(text)] == ["A Title of Ours"]


def test_a_rule_ends_an_entry_and_a_table_is_told_once() -> None:
    table = "| a |\n|---|\n| b |\n\n| c |\n"
    items = items_of(f"- [A Title of Ours]({ARXIV})\n***\nNot about it, though we say so in a sentence.\n{table}")

    assert [item.abstract for item in items if isinstance(item, Paper)] == [""]
    assert [item.line for item in items if isinstance(item, Reject)] == [4, 8]


def test_names_below_a_heading_make_it_a_title() -> None:
    paper = only("## Trees of Arrays\n\nSongpeng Liu, Ada Lovelace\n\nWe plant trees. They grow.\n")

    assert (paper.title, paper.authors, paper.abstract) == (
        "Trees of Arrays",
        ("Songpeng Liu", "Ada Lovelace"),
        "We plant trees. They grow.",
    )


def test_a_structured_abstract_stays_one() -> None:
    head = "# Trees of Arrays\n**Authors**: Ada Lovelace\n"
    paper = only(f"{head}**Abstract**: Trees grow.\nMethods: We wait.\nResults: They grew.\n")

    assert paper.abstract == "Trees grow. Methods: We wait. Results: They grew."
    assert paper.machine_summary is None


def test_markup_goes_and_formulas_stay() -> None:
    assert (
        plain("**Bold** and _it_ ~~struck~~ `code` \\[x\\] &amp; $a_i * b_i$ x_1 <b>fat</b>")
        == "Bold and it struck code [x] & $a_i * b_i$ x_1 fat"
    )
    assert plain("*" * 20_000) == "*" * 20_000
    assert (
        read_inline("![picture](https://example.org/p.png)[words][ref] <https://example.org>").text
        == "words https://example.org"
    )
    assert (
        without_links("a [[b](https://example.org)] https://example.org/c.").anchors[1].url == "https://example.org/c"
    )


def test_starts() -> None:
    assert starting_link("[a](#b)") is None
    assert starting_strong("no marks") is None
    assert start_of("**NeurIPS 2023** [A Title of Ours](https://example.org)").title == "A Title of Ours"
    assert start_of("Paper by hand [pdf](https://example.org/a.pdf)").title == "Paper by hand"


def test_labels() -> None:
    assert labelled("**Authors:** A B") == ("authors", "Authors", "A B")
    assert labelled("🔗 PDF: https://example.org") == ("pdf", "PDF", "https://example.org")
    assert labelled("**Abstract**") == ("abstract", "Abstract", "")
    assert labelled("https://example.org") is None
    assert labelled("Attention: All You Need") is None


@pytest.mark.parametrize(
    ("text", "names", "rest"),
    [
        ("Ada Lovelace, Kurt Gödel", 2, ""),
        ("by Ada Lovelace. We compute numbers", 1, "We compute numbers"),
        ("Ada Lovelace, Kurt Gödel, NeurIPS 2023", 2, "NeurIPS 2023"),
        ("Ada Lovelace, Kurt Gödel, 2024", 2, "2024"),
        ("He et al., CVPR 2022", 1, "CVPR 2022"),
        ("Vision Transformers, Sparse Experts", None, None),
        ("Best Paper", None, None),
        ("", None, None),
    ],
)
def test_people(text: str, names: int | None, rest: str | None) -> None:
    people = people_of(text)

    assert (len(people.names) if people else None, people.rest if people else None) == (names, rest)


def test_long_lines_are_bounded() -> None:
    text = f"- [A Title of Ours]({ARXIV})\n{'z' * (LONGEST_LINE + 5)}\n- [One More Title]({ARXIV}) {'**a ' * 9_000}\n"
    items = items_of(text)

    assert [item.title for item in items if isinstance(item, Paper)] == ["A Title of Ours", "One More Title"]
    assert sum(isinstance(item, Reject) for item in items) == 1


LINES = st.sampled_from(
    [line for path in PAGES for line in path.read_text(encoding="utf-8").splitlines()]
    + [
        "---",
        "```",
        "> quote",
        "    indented",
        "**Abstract**",
        "Title:",
        "* * *",
        "# ",
        "- ",
        "|",
        "<div>",
        "\t- [a](b)",
    ]
)


@given(st.lists(LINES, max_size=25))
@example(["# A", "**Authors**: B", "# 2024-01-01", "Title: ", "Authors: C D"])
def test_any_order_of_real_lines_gives_whole_items(lines: Sequence[str]) -> None:
    try:
        items = items_of("\n".join(lines))
    except MalformedDigestError:
        return
    for item in items:
        if isinstance(item, Paper):
            assert item.title
        elif isinstance(item, Reject):
            assert 1 <= item.line <= len(lines)


@given(st.binary(max_size=400))
@example(b"\xef\xbb\xbf- [\x00](http://[::1)\r\n  - Date: \xff")
def test_any_bytes_give_papers_rejects_or_a_read_error(data: bytes) -> None:
    assert 0 <= markdown_list.sniff(data) <= 1
    try:
        items = items_of(data)
    except ReadError:
        return
    assert all(isinstance(item, Paper | Reject | PartialDate) for item in items)


@given(st.text(alphabet="- *_[]()#>`$\\|<>:.a1\nA\t!\"'&;", max_size=300))
def test_any_markup_gives_papers_rejects_or_a_read_error(text: str) -> None:
    try:
        items_of(f"- [A Title of Ours]({ARXIV})\n{text}")
    except ReadError:
        return


ENTRIES = [
    f"- [A Title of Ours]({ARXIV}) - Ada Lovelace, Kurt Gödel (2024-11-17)\n",
    f"* **One More Title** by Grace Hopper and Wei Zhang [[paper]({ARXIV})]\n  - Abstract: We say it twice.\n",
    f"1. [Trees of Arrays]({ARXIV})\n   > Trees grow. We count their rings, and say how old they are.\n",
    f"### [7] [Disks Around Young Stars]({ARXIV})\n*Kurt Gödel*\n\nAbstract: Disks turn.\n",
]


@given(st.lists(st.sampled_from(ENTRIES), min_size=2, max_size=6), st.data())
def test_a_page_split_between_entries_reads_to_the_same_papers(entries: list[str], data: st.DataObject) -> None:
    cut = data.draw(st.integers(1, len(entries) - 1))
    whole = papers_of("".join(entries))

    assert len(whole) == len(entries)
    assert papers_of("".join(entries[:cut])) + papers_of("".join(entries[cut:])) == whole


@given(
    st.lists(st.sampled_from(ENTRIES), min_size=1, max_size=5), st.sampled_from(["\r\n", "\r", " \n"]), st.booleans()
)
def test_line_ends_marks_and_empty_lines_change_nothing(entries: list[str], end: str, mark: bool) -> None:
    text = "".join(entries)
    spread = "\n\n".join(entries)

    assert papers_of(b"\xef\xbb\xbf" * mark + text.replace("\n", end).encode()) == papers_of(text)
    assert papers_of(spread) == papers_of(text)
