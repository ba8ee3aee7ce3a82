"""Catalogues, exports and tables: what their fields may hold, what breaks them, and that nothing else does."""

import contextlib
import io
import random
import sys
import time
from pathlib import Path
from types import FrameType
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digestbot.errors import MalformedDigestError, ReadError
from digestbot.models import PartialDate, Reading
from digestbot.readers import READERS, read
from digestbot.readers.bibtex_text import entries_in
from digestbot.readers.field_names import bare, field_of
from digestbot.readers.flat_papers import is_paper, to_paper
from digestbot.readers.name_lists import given_first
from digestbot.readers.values import (
    LONGEST_LITERAL,
    date_in_value,
    is_nothing,
    items_in,
    number_in,
    people_in,
    read_literal,
    text_in,
    urls_in,
)
from digestbot.readers.xml_records import records_in

CORPUS = Path(__file__).parent / "corpus"
DIALECTS = (
    *("europe-pmc", "openreview", "oai-pmh", "pubmed-xml", "medline", "ris", "bibtex", "csv", "paper-json"),
    *("paper-lines", "row-json", "markdown-table", "papers-scrape", "opml", "endnote", "web-of-science", "jats"),
    "pubmed-summary",
)
DIGESTS = [
    (dialect, path)
    for dialect in DIALECTS
    for path in sorted((CORPUS / dialect).glob("*"))
    if not path.name.endswith(".expected.json")
]


def given_text(text: str, dialect: str | None = None) -> Reading:
    return read(io.BytesIO(text.encode()), "here", dialect)


# --- values of unknown records ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("value", [None, "", " ", "null", "N/A", "NaN", "-", [], {}, (), False, "无"])
def test_what_says_that_there_is_nothing(value: Any) -> None:
    assert is_nothing(value)


@pytest.mark.parametrize("value", [0, True, "x", "no", [""], {"a": None}, "x" * 50])
def test_what_says_something(value: Any) -> None:
    assert not is_nothing(value)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (" a ", "a"),
        (3, "3"),
        (True, ""),
        ({"value": "a"}, "a"),
        ({"other": "a"}, ""),
        (["a"], "a"),
        (["a", "b"], "a\nb"),
        (None, ""),
    ],
)
def test_a_value_as_text(value: Any, text: str) -> None:
    assert text_in(value) == text


@pytest.mark.parametrize(
    ("value", "items"),
    [
        ("a, b; c", ("a", "b", "c")),
        ("cs.LG cs.AI", ("cs.LG", "cs.AI")),
        ("two words", ("two words",)),
        ("['a', 'b']", ("a", "b")),
        ([{"term": "a"}, "b, c"], ("a", "b", "c")),
        ({"name": "a"}, ("a",)),
        (["a", "a", None], ("a",)),
    ],
)
def test_a_value_as_items(value: Any, items: tuple[str, ...]) -> None:
    assert items_in(value) == items


@pytest.mark.parametrize(
    ("value", "names", "truncated"),
    [
        ("A Bee, C Dee et al.", ("A Bee", "C Dee"), True),
        ("Doe J, Roe AB.", ("Doe J", "Roe AB"), False),
        ("Maier, C.", ("Maier, C.",), False),
        (["A Bee", "C Dee"], ("A Bee", "C Dee"), False),
        (["A Bee", "et al."], ("A Bee",), True),
        (["A Bee, C Dee"], ("A Bee", "C Dee"), False),
        ('["A Bee", "C Dee"]', ("A Bee", "C Dee"), False),
        ([{"name": "A Bee"}, {"forenames": "C", "keyname": "Dee", "suffix": "Jr."}], ("A Bee", "C Dee Jr."), False),
        ([{"author": {"fullName": "A Bee"}}, {"author": "C Dee"}], ("A Bee", "C Dee"), False),
        ([["Bee", "A.", ""], ["Dee", "C.", "Jr."]], ("A. Bee", "C. Dee Jr."), False),
        ({"name": "A Bee"}, ("A Bee",), False),
        ("<b>A Bee</b>, C Dee", ("A Bee", "C Dee"), False),
        (7, (), False),
        ([7, None, {}], (), False),
    ],
)
def test_a_value_as_people(value: Any, names: tuple[str, ...], truncated: bool) -> None:
    assert people_in(value) == (names, truncated)


@pytest.mark.parametrize(
    ("value", "date"),
    [
        ("2024-01-02T03:04:05Z", "2024-01-02"),
        (1704153600, "2024-01-02"),
        (1704153600000, "2024-01-02"),
        ("1704153600000", "2024-01-02"),
        (1704153600.5, "2024-01-02"),
        (2024, "2024"),
        ({"year": 2024, "month": 1}, "2024-01"),
        ({"date-parts": [[2024, 1, 2]]}, "2024-01-02"),
        ([2024, 1], "2024-01"),
        (["2024-01-02"], "2024-01-02"),
        (4294967295, "None"),  # the last second of 32 bits, in 2106
        ("99999999999999", "None"),
        ("soon", "None"),
    ],
)
def test_a_value_as_a_date(value: Any, date: str) -> None:
    found = date_in_value(value)

    assert found is not None
    assert str(found[1]) == date


@pytest.mark.parametrize("value", ["", {}, [], None, {"year": "x"}])
def test_a_value_that_is_no_date(value: Any) -> None:
    assert date_in_value(value) is None


def test_addresses_and_numbers() -> None:
    assert list(urls_in(["https://a.example.org", {"href": "https://b.example.org"}, 7])) == [
        "https://a.example.org",
        "https://b.example.org",
    ]
    assert list(urls_in(7)) == []
    assert number_in("1,234") == 1234
    assert number_in("9" * 12) is None


def test_a_literal_is_bounded_and_never_run() -> None:
    assert read_literal("{'a': [1, None]}") == {"a": [1, None]}
    assert read_literal("__import__('os').getcwd()") is None
    assert read_literal("'\\d'") == "\\d"
    assert read_literal("[" * 10_000) is None
    assert read_literal(f"'{'x' * LONGEST_LITERAL}'") is None


@pytest.mark.parametrize("name", ["Publish Date", "publish_date", "publishDate", "PUBLISH-DATE"])
def test_a_name_is_known_however_it_is_written(name: str) -> None:
    assert bare(name) == "publishdate"
    assert field_of(name) == "published"


def test_an_unknown_name_is_no_field() -> None:
    assert field_of("colour") is None
    assert field_of("x" * 10_000) is None


def test_the_best_name_wins() -> None:
    paper = to_paper({"title": "One", "created": "2020", "year": 2021, "date": "2022", "published": "N/A"})

    assert paper is not None
    assert paper.published == PartialDate(2022)


@pytest.mark.parametrize(
    ("record", "good"),
    [
        ({"title": "One", "abstract": "x"}, True),
        ({"title": "One", "summary": "x"}, True),
        ({"name": "One", "authors": "A Bee"}, True),
        ({"title": "One", "url": "https://arxiv.org/abs/2401.00001"}, True),
        ({"title": "One", "url": "https://example.org"}, False),
        ({"name": "One", "url": "https://arxiv.org/abs/2401.00001"}, False),
        ({"title": "…", "abstract": "x"}, False),
        ({"abstract": "x"}, False),
    ],
)
def test_what_is_a_paper(record: dict[str, Any], good: bool) -> None:
    assert is_paper(record) is good


@pytest.mark.parametrize(
    ("number", "name"),
    [("2401.1234", "arxiv:2401.12340"), ("1312.12", "arxiv:1312.1200"), ("2401.12345v3", "arxiv:2401.12345")],
)
def test_a_number_gets_back_its_zeros(number: str, name: str) -> None:
    paper = to_paper({"title": "One", "arxiv_id": number})

    assert paper is not None
    assert paper.id == name


@pytest.mark.parametrize(
    ("printed", "turned"),
    [
        ("Doe, Jane", "Jane Doe"),
        ("Smith, Jr., John", "John Smith Jr."),
        ("King, Martin, Jr.", "Martin King Jr."),
        ("John Smith, Jr.", "John Smith, Jr."),
        ("The Team", "The Team"),
        ("a, b, c, d", "a, b, c, d"),
        (", x", ", x"),
    ],
)
def test_a_name_is_turned(printed: str, turned: str) -> None:
    assert given_first(printed) == turned


# --- XML -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("dialect", ["oai-pmh", "pubmed-xml"])
def test_entities_of_its_own_are_refused(dialect: str) -> None:
    root = "OAI-PMH" if dialect == "oai-pmh" else "PubmedArticleSet"

    with pytest.raises(MalformedDigestError, match="declares entities of its own"):
        given_text(f'<!DOCTYPE x [<!ENTITY a "b">]><{root}><record/></{root}>', dialect)


def test_a_record_that_is_nested_too_deeply_is_a_reject() -> None:
    deep = "<a>" * 100 + "</a>" * 100
    reading = given_text(f"<OAI-PMH><record><header/>{deep}</record></OAI-PMH>", "oai-pmh")

    assert [reject.reason for reject in reading.rejects] == ["is no well-formed XML: nested too deeply"]


def test_records_in_comments_are_none() -> None:
    text = "<r><!-- <a>1</a> --><![CDATA[<a>2</a>]]>\n<a x='1'>3</a><x:a/></r>"
    records = list(records_in(text.encode(), "a"))

    assert [(record.line, record.element and record.element.text()) for record in records] == [(2, "3"), (2, "")]


@pytest.mark.parametrize(
    ("text", "reason"),
    [("<OAI-PMH></OAI-PMH>", "holds no record"), ("<rss></rss>", "holds no record")],
)
def test_what_holds_no_record_is_malformed(text: str, reason: str) -> None:
    with pytest.raises(MalformedDigestError, match=reason):
        given_text(text, "oai-pmh")


def test_an_error_of_the_repository_is_told() -> None:
    reading = given_text('<OAI-PMH><error code="badArgument">Bad &lt;date&gt;</error></OAI-PMH>')

    assert (reading.verdict, "the repository answered" in reading.reason) == ("unreadable", True)


def test_only_deleted_records_are_quiet() -> None:
    record = '<record><header status="deleted"><identifier>oai:arXiv.org:2401.00001</identifier></header></record>'

    assert given_text(f"<OAI-PMH><ListRecords>{record}</ListRecords></OAI-PMH>").verdict == "quiet"


def test_a_set_without_articles_is_quiet() -> None:
    assert given_text("<PubmedArticleSet></PubmedArticleSet>").verdict == "quiet"
    with pytest.raises(MalformedDigestError, match="begins with <rss>"):
        given_text("<rss></rss>", "pubmed-xml")


# --- JSON ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["[]", '{"papers": []}', '{"count": 0, "results": []}'])
def test_a_day_without_papers_is_quiet(text: str) -> None:
    reading = given_text(text)

    assert (reading.dialect, reading.verdict) == ("paper-json", "quiet")


def test_json_without_a_paper_is_malformed() -> None:
    with pytest.raises(MalformedDigestError, match="holds no object with a title"):
        given_text('{"a": [1, {"b": 2}]}', "paper-json")


def test_a_count_that_is_higher_is_told() -> None:
    reading = given_text('{"total": 9, "papers": [{"title": "One", "abstract": "x"}]}')

    assert (reading.verdict, reading.reason) == ("partial", "it announces 9 records and holds 1")


def test_an_envelope_with_a_title_is_no_paper() -> None:
    paper = '{"title": "One", "abstract": "x", "references": [{"title": "Two", "authors": "A Bee"}]}'
    reading = given_text(f'{{"title": "Digest", "summary": "All", "papers": [{paper}]}}')

    assert [paper.title for paper in reading.papers] == ["One"]


def test_json_that_is_cut_keeps_what_is_complete() -> None:
    reading = given_text('[{"title": "One", "abstract": "x"}, {"title": "Tw')

    assert [paper.title for paper in reading.papers] == ["One"]
    assert reading.verdict == "partial"


def test_lines_that_are_cut_are_partial() -> None:
    reading = given_text('{"title": "One", "abstract": "x"}\n{"title": "Tw', "paper-lines")

    assert (len(reading.papers), len(reading.rejects), reading.verdict) == (1, 1, "partial")


def test_rows_that_are_cut_are_partial() -> None:
    row = '"|**2024-01-02**|**A Title**|A Bee et.al.|[2401.00001](http://arxiv.org/abs/2401.00001)|null|"'
    reading = given_text(f'{{"a": {{"1": {row}, "2": {row}')

    assert (len(reading.papers), reading.verdict) == (2, "partial")


@pytest.mark.parametrize("text", ['{"notes": []}', "[]"])
def test_no_notes_are_quiet(text: str) -> None:
    assert given_text(text, "openreview").verdict == "quiet"


def test_what_holds_no_note_is_malformed() -> None:
    with pytest.raises(MalformedDigestError, match="no note"):
        given_text('{"a": 1}', "openreview")


# --- tagged lines, BibTeX, tables ------------------------------------------------------------------------------------


@pytest.mark.parametrize("dialect", ["medline", "ris", "bibtex", "csv", "row-json", "markdown-table", "papers-scrape"])
def test_words_are_none_of_these(dialect: str) -> None:
    try:
        reading = given_text("just some words\nover two lines\n", dialect)
    except MalformedDigestError:
        return
    assert reading.papers == ()


def test_an_entry_ends_where_the_next_line_begins_one() -> None:
    text = "@article{a, title={One}\n@article{b, title={Two, year=1}\n\n@misc{c, title={Three}} @misc{d, title={Four}}"

    assert [(entry.line, entry.key, entry.fault) for entry in entries_in(text)] == [
        (1, "a", "its closing brace is missing"),
        (2, "b", "its closing brace is missing"),
        (4, "c", ""),
        (4, "d", ""),
    ]


def test_abbreviations_do_not_grow_without_end() -> None:
    names = "".join(f"@string{{s{i} = s{i - 1} # s{i - 1}}}\n" for i in range(1, 60))
    [entry] = entries_in(f'@string{{s0 = "word "}}\n{names}@article{{a, title=s59}}')

    assert len(entry.fields["title"]) <= 200_000


@pytest.mark.no_cover
def test_a_quote_without_end_costs_its_line() -> None:
    rows = "A Title,We do.\n" * 20_000
    reading = given_text(f'title,abstract\nFirst,We do.\nSecond,"never closed\n{rows}', "csv")

    assert len(reading.papers) >= 20_000
    assert reading.papers[0].title == "First"


def test_a_feed_of_a_list_needs_an_address() -> None:
    reading = given_text('<opml><outline type="rss" text="One"/><outline text="group"/></opml>')

    assert [reject.reason for reject in reading.rejects] == ["a feed without an address"]
    assert reading.sources == ()


def test_sources_are_read_again_as_they_were_printed() -> None:
    reading = given_text('{"source": {"name": "One", "url": "https://example.org/feed", "page": null}}\n')

    assert [(source.name, source.url, source.page) for source in reading.sources] == [
        ("One", "https://example.org/feed", None)
    ]


HUSKS = {
    "reader": """Title: Daily Papers

URL Source: https://huggingface.co/papers

Markdown Content:
Get trending papers in your email inbox once a day!

by [AK](https://huggingface.co/akhaliq) and the research community
""",
    "small print": """Daily Papers

by AK and the research community

[101](https://huggingface.co/login?next=%2Fpapers%2F2606.10683)

·

May 29

3 authors
""",
    "words": """Daily Papers - Hugging Face
huggingface.co
1 minute
new
Get trending papers in your email inbox!
Subscribe
""",
}


@pytest.mark.parametrize("husk", HUSKS.values(), ids=HUSKS)
def test_a_husk_is_unreadable_and_not_empty(husk: str) -> None:
    with pytest.raises(MalformedDigestError, match="no titles"):
        given_text(husk)


# --- anything at all -------------------------------------------------------------------------------------------------

_PIECES = (b"{", b"[", b'"', b"|", b"<", b"&", b"**", b"](", b"][1]", b"\xff", b"<!--", b"@article{", b"\r", b"$", b"'")


def torn(data: bytes, seed: int) -> bytes:
    """Return `data` cut, doubled, shuffled, with bytes flipped and pieces of markup thrown in."""
    rng = random.Random(seed)  # noqa: S311 - to repeat it, not to hide it
    for _ in range(rng.randint(1, 4)):
        start = rng.randrange(len(data) + 1)
        end = min(len(data), start + rng.randint(1, 400))
        lines = data.split(b"\n")
        rng.shuffle(lines)
        flipped = bytes(byte ^ (rng.random() < 0.01) * rng.randrange(256) for byte in data)
        data = rng.choice(
            [
                data[:start],
                data[:end] + data[start:],
                data[:start] + data[end:],
                b"\n".join(lines),
                flipped,
                data[:start] + rng.choice(_PIECES) * rng.choice([1, 3, 300]) + data[start:],
            ]
        )
    return data


@given(st.sampled_from(DIGESTS), st.integers(0, 2**32))
def test_torn_digests_give_papers_rejects_or_a_read_error(digest: tuple[str, Path], seed: int) -> None:
    dialect, path = digest
    data = torn(path.read_bytes(), seed)

    for name in (dialect, None):
        try:
            reading = read(io.BytesIO(data), "here", name)
        except ReadError:
            continue
        assert all(paper.title for paper in reading.papers)
        assert all(1 <= reject.line <= data.count(b"\n") + data.count(b"\r") + 1 for reject in reading.rejects)


_PAGE = "get trending papers in your inbox\n### A title\n"
HOSTILE = {
    "nested lists": ("paper-json", "[" * 50_000),
    "blanks": ("paper-json", '[{"title": "x", "abstract": "y", "keywords": "a' + " " * 50_000 + 'b"}]'),
    "brackets in a literal": ("paper-lines", "{'title': " + "(" * 50_000),
    "braces": ("bibtex", "@article{a, title={" + "{" * 50_000),
    "entries": ("bibtex", "@article{a, title={\n" * 5_000),
    "people": ("bibtex", "@article{a, title={x}, author={a" + " " * 50_000 + "b}}"),
    "quotes": ("csv", "title,abstract\n" + '"a\n' * 5_000),
    "cells": ("csv", "title,abstract\n" + "," * 50_000),
    "records": ("oai-pmh", "<OAI-PMH>" + "<record><header>" * 5_000),
    "comments": ("oai-pmh", "<OAI-PMH>" + "<!-- " * 50_000),
    "outlines": ("opml", "<opml>" + '<outline a="' * 20_000),
    "pipes": ("markdown-table", "|Title|Link|\n|---|---|\n|" + "**|a" * 20_000),
    "links": (
        "papers-scrape",
        "get trending papers in your inbox\n### A title\n" + "[" * 50_000 + "](http://x)" * 50_000,
    ),
    "addresses": (
        "papers-scrape",
        "get trending papers in your inbox\n### A title\n" + "https://a.example.org\n" * 10_000,
    ),
}


GROWING: dict[str, tuple[str, str, str, str]] = {  # dialect, what it begins with, what is repeated, what it ends with
    "csv: quotes that never end": ("csv", "title,abstract\n", '"a\n', ""),
    "csv: quotes within rows": ("csv", "title,abstract\n", 'x"y","z\n', ""),
    "csv: rows": ("csv", "title,abstract,authors\n", "A title of words,what it is,A B\n", ""),
    "csv: cells": ("csv", "title,abstract\n", ",", ""),
    "tsv: rows": ("csv", "title\tabstract\tauthors\n", "A title of words\twhat it is\tA B\n", ""),
    "xml: records that never end": ("oai-pmh", "<OAI-PMH>", "<record><header>", ""),
    "xml: end tags of another name": ("oai-pmh", "<OAI-PMH><record>", "</recordx ", ""),
    "xml: comments that never end": ("oai-pmh", "<OAI-PMH><record></record>", "<!-- ", ""),
    "xml: references": ("oai-pmh", "<OAI-PMH><record><header/><metadata>", "&a ", "</metadata></record>"),
    "pubmed: broken records": ("pubmed-xml", "<PubmedArticleSet>", "<PubmedArticle><x></y></PubmedArticle>", ""),
    "pubmed: elements": (
        "pubmed-xml",
        "<PubmedArticleSet><PubmedArticle><MedlineCitation><Article><AuthorList>",
        "<Author><LastName>A</LastName></Author>",
        "</AuthorList></Article></MedlineCitation></PubmedArticle></PubmedArticleSet>",
    ),
    "jats: fronts that never end": ("jats", "<article>", "<front><article-meta>", ""),
    "jats: bodies": ("jats", "<article><front><article-meta/></front>", "<p>x</frontx></p>", "</article>"),
    "esummary: uids": ("pubmed-summary", '{"result": {"uids": [1', ', "1"', "]}}"),
    "endnote: references": ("endnote", "", "%0 Book\n%T A title\n%A A B\n\n", ""),
    "refer: references": ("endnote", "", "%T A title\n%A A B\n\n", ""),
    "wos: people": ("web-of-science", "PT J\nTI x\nAU A\n", "   C, D\n", "ER\n"),
    "bibtex: entries that never end": ("bibtex", "", "@article{a, title={\n", ""),
    "bibtex: quotes that never end": ("bibtex", "", '@article{a, title="\n', ""),
    "bibtex: strings": ("bibtex", "", '@string{a = "b" # a}\n', "@article{a, title={A title}}"),
    "ris: records that never end": ("ris", "", "TY  - JOUR\n", ""),
    "medline: records": ("medline", "", "PMID- 1\nTI  - A title\nFAU - A, B\n\n", ""),
    "json: records": ("paper-json", "[", '{"title": "A title of x", "abstract": "We do"},', "{}]"),
    "json: records, cut": ("paper-json", "[", '{"title": "A title of x", "abstract": "We do"},', ""),
    "json: lists": ("paper-json", "[", "[[]],", '{"title": "A title of x", "abstract": "We do"}]'),
    "json lines: records": ("paper-lines", "", '{"title": "A title of x", "abstract": "We do"}\n', ""),
    "html: rows in Markdown": ("markdown-table", "<table><tr><th>Title</th></tr>", "<tr><td>A title<br>\n", ""),
    "html: cells in Markdown": ("markdown-table", "<table><tr>", "<td>x\n", ""),
    "markdown: a title that never ends": ("markdown-list", "Title: a\n", "  more words\n", ""),
    "markdown: words below a heading": ("markdown-list", "## A heading of words\n", "Some prose here.\n", ""),
}
_SMALL, _LARGE = 6_000, 24_000  # bytes


def work_of(dialect: str, size: int) -> int:
    """Return how many calls it takes to read a digest of `size` bytes: of Python's functions and of C's."""
    name, begin, again, end = GROWING[dialect]
    data = (begin + again * (size // len(again)) + end).encode()
    reader = next(each for each in READERS if name == each.DIALECT)
    calls = 0

    def count(_frame: FrameType, event: str, _argument: object) -> None:
        nonlocal calls
        calls += event in ("call", "c_call")

    before = sys.getprofile()
    sys.setprofile(count)
    try:
        with contextlib.suppress(ReadError):
            for _ in reader.read(io.BytesIO(data)):
                pass
    finally:
        sys.setprofile(before)
    return calls


@pytest.mark.parametrize("name", GROWING)
def test_the_work_grows_with_the_size_and_no_faster(name: str) -> None:
    work_of(name, 1_000)  # what is imported or compiled once
    small, large = work_of(name, _SMALL), work_of(name, _LARGE)

    assert 0 < large <= 1.15 * (_LARGE / _SMALL) * small + 500


@pytest.mark.parametrize(("dialect", "text"), HOSTILE.values(), ids=HOSTILE)
def test_what_is_made_to_take_long_does_not(dialect: str, text: str) -> None:
    start = time.perf_counter()
    with contextlib.suppress(ReadError):
        given_text(text, dialect)

    assert time.perf_counter() - start < 10  # quadratic ones take minutes
