"""Web pages: arXiv's listings, the page of a paper, the hub's page; and how a page is taken apart."""

import contextlib
import io
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digestbot.errors import MalformedDigestError, ReadError
from digestbot.models import Paper, PartialDate, Reading
from digestbot.readers import READERS, read, read_path
from digestbot.readers.html_page import Page, parse_page
from digestbot.readers.markup import Anchor
from readings import facts, torn

CORPUS = Path(__file__).parent / "corpus"
DIALECTS = ("arxiv-list", "paper-page", "hugging-face-page")
DIGESTS = [
    path
    for dialect in DIALECTS
    for path in sorted((CORPUS / dialect).glob("*"))
    if not path.name.endswith(".expected.json")
]


def given_page(text: str, dialect: str | None = None) -> Reading:
    return read(io.BytesIO(text.encode()), "here", dialect)


def lines(html: str) -> list[str]:
    return [line.text for line in parse_page(html).lines()]


# --- the corpus ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", DIGESTS, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_a_page_of_the_corpus_reads_as_expected(path: Path, request: pytest.FixtureRequest) -> None:
    expected = path.with_name(f"{path.name}.expected.json")
    actual = facts(read_path(path))
    if request.config.getoption("--update-golden"):
        expected.write_text(actual, encoding="utf-8")

    assert expected.read_text(encoding="utf-8") == actual


@pytest.mark.parametrize("path", DIGESTS, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_a_page_is_known_without_being_named(path: Path) -> None:
    head = path.read_bytes()[: 64 * 1024]
    sure = {reader.DIALECT for reader in READERS if reader.sniff(head) >= 0.3}

    assert sure == {path.parent.name}


@given(path=st.sampled_from(DIGESTS), data=st.data())
def test_a_page_torn_in_any_way_gives_papers_rejects_or_a_read_error(path: Path, data: st.DataObject) -> None:
    page = data.draw(torn(path.read_bytes()))
    dialect = data.draw(st.sampled_from([None, path.parent.name, *DIALECTS]))
    try:
        reading = read(io.BytesIO(page), "here", dialect)
    except ReadError:
        return
    assert all(paper.title.strip() and paper.id for paper in reading.papers)


@pytest.mark.parametrize(
    "part",
    [
        "<a ",
        "<a href='",
        '<a href="<b',
        "<!--",
        "<dl><dt>a<dd>b",
        "<dl><dt><a href=/abs/2503.00001>x</a><dd><div class=list-title>t",
        '<div class="abstract">',
        "<ul><li class=arxiv-result><a href=https://arxiv.org/abs/2503.00001>",
        "<article><h3>t</h3><a href=/papers/2503.00001>",
        '<div class="gs_r"><h3 class="gs_rt">',
        "<table><tr><td>",
        "<p><span>",
        "<svg>",
        '<div data-props="{}">',
    ],
)
@pytest.mark.parametrize("dialect", [*DIALECTS, "scholar", "alert"])
@pytest.mark.no_cover
def test_what_costs_a_parser_dearly_costs_little(part: str, dialect: str) -> None:
    page = f"<html><body id=dlpage class=gs_r>{part * (100_000 // len(part))}"
    start = time.process_time()
    with contextlib.suppress(MalformedDigestError):
        given_page(page, dialect)
    assert time.process_time() - start < 10  # it takes a second on a busy machine; without bounds, minutes


# --- a page, taken apart ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ("<p>One<p>Two<br>Three", ["One", "Two", "Three"]),
        ("<b>One</b> and <i>the</i> same", ["One and the same"]),
        ("<ul><li>One<li>Two<ul><li>Deep</ul><li>Three</ul>", ["One", "Two", "Deep", "Three"]),
        ("<table><tr><td>One<td>Two<tr><th>Three</table>", ["One", "Two", "Three"]),
        ("<dl><dt>One<dd>Two<dt>Three</dl>", ["One", "Two", "Three"]),
        ("<title>No</title><style>p{}</style><script>if (a<b) '</p>'</script>Yes", ["Yes"]),
        ("<!-- no --><!--> yes <!-- never closed", ["yes"]),
        ("<!--[if mso]><p>no</p><![endif]--><![if !mso]>yes<![endif]>", ["yes"]),
        ('<div style="display: none">no</div>yes', ["yes"]),
        ("a < b, a<3 and p<0.05", ["a < b, a<3 and p<0.05"]),
        ('<img alt="p<0.05">yes', ["yes"]),
        ("<a href=x>A title<br>in two lines</a>", ["A title in two lines"]),
        ("<pre>One\n  Two\n\nThree</pre>", ["One", "Two", "Three"]),
        ("R&eacute;sum&eacute; &amp; more&nbsp;&#8230;", ["Résumé & more …"]),
        ("</td></p>One</div></b>", ["One"]),
        ("<svg/><p>One</p>", ["One"]),
        ("<p>One<svg><text>no</text></svg></p>", ["One"]),
        ("plain text", ["plain text"]),
        ("", []),
    ],
)
def test_a_page_has_the_lines_a_person_sees(html: str, expected: list[str]) -> None:
    assert lines(html) == expected


def test_a_line_knows_its_links_its_place_and_what_it_is_in() -> None:
    page = parse_page('<html>\n<div class="Loa"><p>By <a href="/a?b&amp;c=1">Ada\n Abe</a>, <a name=x>Bo</a></p></div>')
    (line,) = page.lines()

    assert line.text == "By Ada Abe, Bo"
    assert line.anchors == (Anchor("/a?b&c=1", "Ada Abe"),)
    assert line.marks == "html div loa p"
    assert line.number == 2


def test_elements_are_found_by_name_and_class() -> None:
    page = parse_page("<div class='a b'><p class=a>x</p></div><p class=ab>y</p><IMG SRC='z.png'>")

    assert [page.words(node) for node in page.elements("p")] == ["x", "y"]
    assert [node.name for node in page.elements(kind="a")] == ["div", "p"]
    assert page.first("img") is not None
    assert page.first("table") is None
    assert page.words(None) == ""
    assert page.nodes[-1].attribute("src") == "z.png"
    assert page.nodes[-1].attribute("alt") == ""


def test_what_lies_too_deep_is_still_there() -> None:
    page = parse_page("<div>" * 500 + "deep" + "</div>" * 500 + "<p>after</p>")

    assert [line.text for line in page.lines()] == ["deep", "after"]


@given(st.text(alphabet="<>/='\" abp-!td\n&;", max_size=200))
def test_any_text_is_a_page(text: str) -> None:
    page = parse_page(text)

    assert all(0 <= node.parent < node.place < node.end <= len(page.nodes) or node.parent == -1 for node in page.nodes)
    assert_nested(page)


def assert_nested(page: Page) -> None:
    """Each element ends within the one around it."""
    assert all(node.end <= page.nodes[node.parent].end for node in page.nodes if node.parent >= 0)


# --- arXiv's listings ------------------------------------------------------------------------------------------------

ENTRY = (
    '<dt><span class="list-identifier"><a href="/abs/{number}">arXiv:{number}</a> {note}</span></dt>'
    '<dd><div class="list-title">Title: {title}</div><div class="list-authors">Ada Abe</div></dd>'
)


def entry(number: str = "2503.01234", title: str = "A Title", note: str = "") -> str:
    return ENTRY.format(number=number, title=title, note=note)


@pytest.mark.parametrize(
    ("heading", "note", "kind", "day"),
    [
        ("New submissions for Fri, 7 Mar 25", "", "new", "2025-03-07"),
        ("Cross-lists for Fri, 7 Mar 25", "(cross-list from cs.AI)", "cross", "2025-03-07"),
        ("Replacements for Fri, 7 Mar 25", "(replaced)", "replace", "2025-03-07"),
        ("Fri, 7 Mar 2025 (showing first 1 of 1 entries)", "", "new", "2025-03-07"),
        ("Fri, 7 Mar 2025", "(cross-list from cs.AI)", "cross", "2025-03-07"),
        ("Authors and titles for March 2025", "", None, None),
    ],
)
def test_the_heading_says_when_and_of_what_kind(heading: str, note: str, kind: str | None, day: str | None) -> None:
    paper = given_page(f"<html><h3>{heading}</h3><dl>{entry(note=note)}</dl>", "arxiv-list").papers[0]

    assert paper.announce_type == kind
    assert (str(paper.published) if paper.published else None) == day


def test_fewer_entries_than_announced_are_partial() -> None:
    page = f"<html><h3>New submissions (showing 2 of 2 entries)</h3><dl>{entry()}</dl>"

    assert given_page(page, "arxiv-list").verdict == "partial"
    assert given_page(page.replace("2 of 2", "1 of 1"), "arxiv-list").verdict == "fresh"


def test_entries_that_are_none_are_rejects_with_their_lines() -> None:
    page = f"<html>\n<dl>{entry()}\n<dt>arXiv:2503.09999</dt>\n{entry(title='')}\n{entry('x')}\n<dt>cut"
    reading = given_page(page, "arxiv-list")

    assert [paper.id for paper in reading.papers] == ["arxiv:2503.01234"]
    assert [(reject.line, reject.reason) for reject in reading.rejects] == [
        (3, "an entry without a title"),
        (4, "an entry without a title"),
        (5, "an entry without a number"),
        (6, "an entry without a title"),
    ]


def test_another_page_is_no_listing() -> None:
    with pytest.raises(MalformedDigestError, match="no entry of arXiv's listings"):
        given_page("<html><p>Hello</p></html>", "arxiv-list")


def test_a_result_without_a_title_is_a_reject() -> None:
    page = '<html><li class="arxiv-result"><a href="https://arxiv.org/abs/2503.01234">x</a></li>'

    assert given_page(page, "arxiv-list").rejects[0].reason == "a result without a title"


# --- the page of a paper ---------------------------------------------------------------------------------------------


def meta(**facts: str) -> Paper:
    tags = "".join(f'<meta name="{name}" content="{content}">' for name, content in facts.items())
    return given_page(f"<html><head>{tags}</head></html>").papers[0]


@pytest.mark.parametrize(
    ("printed", "authors"),
    [
        ("Abe, Ada", ("Ada Abe",)),
        ("Ada Abe", ("Ada Abe",)),
        ("Abe, Ada; Berg, Bo", ("Ada Abe", "Bo Berg")),
        ("Ada Abe, Bo Berg and Carl Clay", ("Ada Abe", "Bo Berg", "Carl Clay")),
        ("Abe, Ada, Jr.", ("Ada Abe Jr.",)),
    ],
)
def test_authors_come_in_any_form(printed: str, authors: tuple[str, ...]) -> None:
    assert meta(citation_title="A Title", citation_author=printed).authors == authors


def test_a_paper_has_the_pages_identifiers() -> None:
    assert meta(citation_title="A", citation_pmid="123456").id == "pmid:123456"
    assert meta(citation_title="A", citation_arxiv_id="2503.01234v2").version == 2
    assert meta(citation_title="A", citation_doi="https://doi.org/10.1000/x").doi == "10.1000/x"


def test_what_a_page_says_to_everybody_is_an_abstract_only_when_it_is_long() -> None:
    long = "We grew beans and counted every leaf. " * 10

    assert meta(citation_title="A", description="A page about beans").abstract == ""
    assert meta(citation_title="A", description=long).abstract == long.strip()
    assert meta(citation_title="A", citation_abstract="&lt;p&gt;Abstract: Beans.&lt;/p&gt;").abstract == "Beans."


def test_dates_are_as_precise_as_printed() -> None:
    assert meta(citation_title="A", citation_date="2025/03").published == PartialDate(2025, 3)
    assert meta(citation_title="A", citation_publication_date="2025-03-04T10:00:00+01:00").published == PartialDate(
        2025, 3, 4
    )
    assert meta(citation_title="A", citation_date="soon").published is None


def test_a_page_without_a_title_is_none() -> None:
    with pytest.raises(MalformedDigestError, match="is the page of no paper"):
        given_page("<html><head><meta name='citation_author' content='A'></head></html>", "paper-page")


# --- the hub's page --------------------------------------------------------------------------------------------------


def test_the_page_of_one_paper_holds_one() -> None:
    props = '{"paper": {"id": "2503.01234", "title": "A Title", "authors": [{"name": "Ada Abe"}]}}'
    reading = given_page(f"<html><div data-target='PaperPage' data-props='{props}'></div></html>", "hugging-face-page")

    assert [(paper.id, paper.authors) for paper in reading.papers] == [("arxiv:2503.01234", ("Ada Abe",))]


def test_a_day_without_papers_is_quiet() -> None:
    props = '{"dailyPapers":[],"dateString":"2025-03-08"}'.replace('"', "&quot;")
    page = f'<html><div data-target="DailyPapers" data-props="{props}">'
    reading = given_page(page)

    assert (reading.verdict, reading.date) == ("quiet", PartialDate(2025, 3, 8))


@pytest.mark.parametrize("props", ["{", "[]", "{&quot;x&quot;: 1}", "[" * 50_000])
def test_what_a_component_was_given_may_be_anything(props: str) -> None:
    with pytest.raises(MalformedDigestError, match="shows no papers"):
        given_page(f'<html><div data-props="{props}"></div><div data-props="', "hugging-face-page")


def test_a_card_without_a_title_is_a_reject() -> None:
    reading = given_page("<html><article>\n<a href='/papers/2503.01234'>x</a></article></html>", "hugging-face-page")

    assert [(reject.line, reject.reason) for reject in reading.rejects] == [(1, "a card without a title")]
