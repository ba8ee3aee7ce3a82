"""JSON from outside: no number, nesting, repeat or cut is a crash; our own lines say the same when read again."""

import io
import json
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digestbot.errors import MalformedDigestError, ReadError, UnknownDialectError
from digestbot.models import Alternative, Link, LinkKind, Paper, PartialDate, Reading, Reject
from digestbot.readers import biorxiv, crossref, json_lines, read
from digestbot.readers.json_records import (
    integer_of,
    object_of,
    objects_of,
    paths_of,
    read_document,
    text_of,
    texts_of,
)
from digestbot.readers.protocol import NamedBytes, excerpt_of, name_of

FEED = '{"version": "https://jsonfeed.org/version/1.1", "items": %s}'


def given_bytes(data: bytes, dialect: str | None = None) -> Reading:
    return read(io.BytesIO(data), "here", dialect)


def read_items(items: str) -> Reading:
    return given_bytes((FEED % items).encode())


def lines_of(reading: Reading) -> bytes:
    """Return what ``digestbot read --json`` prints of a reading."""
    end = {
        "source": reading.source,
        "dialect": reading.dialect,
        "date": None if reading.date is None else str(reading.date),
        "papers": len(reading.papers),
        "rejects": len(reading.rejects),
        "verdict": reading.verdict,
        "reason": reading.reason,
    }
    lines: list[dict[str, Any]] = [{"paper": paper.as_dict()} for paper in reading.papers]
    lines += [{"reject": {"line": one.line, "reason": one.reason, "excerpt": one.excerpt}} for one in reading.rejects]
    return "".join(json.dumps(line) + "\n" for line in [*lines, {"digest": end}]).encode()


# --- hostile and broken ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("deep", ["[" * 100_000, '{"a":' * 100_000, "[" * 100_000 + "]" * 100_000])
def test_nesting_of_any_depth_is_no_crash(deep: str) -> None:
    with pytest.raises(MalformedDigestError, match="nested too deeply"):
        read_items(deep)
    with pytest.raises(UnknownDialectError):
        given_bytes(deep.encode())


@pytest.mark.parametrize(
    "value",
    ["9" * 5000, "-" + "9" * 5000, "1e999", "NaN", "-Infinity", "1" * 19, "true", "[]", "{}", '"x"', "null", "1.5"],
)
def test_a_count_of_any_value_is_no_crash(value: str) -> None:
    paper_text = f'{{"id": "2306.14048", "title": "One", "upvotes": {value}}}'
    record = f'[{{"paper": {paper_text}, "numComments": {value}}}]'

    [paper] = given_bytes(record.encode()).papers

    assert (paper.upvotes, paper.comment_count) == (None, None)


@pytest.mark.parametrize("value", ["9" * 5000, "NaN", "true", "[[]]", '{"a": 1}', "null", "1.5", '""', '"\\ud800"'])
def test_a_field_of_any_type_is_no_crash(value: str) -> None:
    names = (
        "id title url external_url content_html content_text summary date_published date_modified authors author tags"
    )
    item = ", ".join(f'"{name}": {value}' for name in [*names.split(), "attachments"])

    reading = read_items(f'[{{{item}}}, {value}, {{"id": "1", "title": "One", "tags": [{value}, "a"]}}]')

    assert [paper.title for paper in reading.papers][-1] == "One"


def test_a_key_that_stands_twice_is_a_reject() -> None:
    reading = read_items('[\n{"title": "One", "title": "Two"},\n{"title": "Three"}]')

    assert [paper.title for paper in reading.papers] == ["Three"]
    assert [(reject.line, reject.reason) for reject in reading.rejects] == [(2, "a key stands twice in it")]


def test_a_list_that_stands_twice_leaves_nothing_to_read() -> None:
    with pytest.raises(MalformedDigestError, match="no list of papers"):
        given_bytes(b'{"version": "https://jsonfeed.org/version/1", "items": [], "items": []}')


@pytest.mark.parametrize("items", ["null", "7", '"x"', "true"])
def test_where_a_list_should_be_there_is_none(items: str) -> None:
    with pytest.raises(MalformedDigestError, match="no list of papers"):
        read_items(items)


def test_an_empty_list_is_quiet() -> None:
    reading = read_items("[]")

    assert (reading.verdict, reading.reason) == ("quiet", "its list of papers is empty")


@pytest.mark.parametrize("end", range(1, 120))
def test_what_is_complete_of_a_document_that_is_cut_is_kept(end: int) -> None:
    whole = FEED % '[\n{"id": "1", "title": "One"},\n{"id": "2", "title": "Two, }]"}\n]'
    cut = whole[:end] if end < len(whole) else whole + "}" * (end - len(whole) + 1)
    complete = cut.count('"}')

    try:
        reading = given_bytes(cut.encode(), "json-feed")
    except MalformedDigestError as error:
        message, line = error.message, error.line
        assert complete == 0
        assert "is not valid JSON" in message
        assert line == cut.count("\n") + 1
    else:
        assert [paper.title for paper in reading.papers] == ["One", "Two, }]"][:complete]
        assert reading.verdict == "partial"
        assert "it is not valid JSON (line" in reading.reason


def test_lines_of_records_are_told_for_scalars_too() -> None:
    reading = read_items('[1,\n2,\n[3, {"items": [4]}],\n\n{"x": "\\"]"}\n, "y"]')

    assert [reject.line for reject in reading.rejects] == [1, 2, 3, 5, 6]


def test_paths_of_a_head() -> None:
    assert paths_of(b'{"a": [{"b": 1, "c": {"d": "e:f"}}, 2], "g"') == {"a", "a.[]", "a.[].b", "a.[].c", "a.[].c.d"}
    assert paths_of(b"words: [1]") == frozenset()
    assert paths_of(b"[:]}}") == {"[]"}
    assert max(path.count(".") for path in paths_of(b'{"a":' * 50)) == 7


def test_a_document_without_lines_for_its_records() -> None:
    document = read_document(io.BytesIO(b'{"items": {"title": "One"}}'), "items")

    assert document.records == [{"title": "One"}]
    assert document.line(0) == 1


def test_fields_of_the_wrong_type_are_missing() -> None:
    data: dict[str, Any] = {
        "text": " a\nb ",
        "count": 3,
        "yes": True,
        "list": [" a ", 1, "a", "", {"b": 1}],
        "object": {},
    }

    assert text_of(data, "count", "missing", "text") == "a b"
    assert text_of(data, "count") is None
    assert integer_of(data, "count") == 3
    assert integer_of(data, "yes") is None
    assert object_of(data, "list") == {}
    assert objects_of(data, "list") == [{"b": 1}]
    assert objects_of(data, "text") == []
    assert texts_of(data, "list") == ("a",)
    assert texts_of(data, "text") == ()


def test_names_and_excerpts() -> None:
    assert name_of(NamedBytes(b"", "here")) == "here"
    assert name_of(io.BytesIO()) == "digest"
    assert excerpt_of("a\n b") == "a b"
    assert len(excerpt_of("x" * 500)) == 120


# --- single dialects -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("parts", ["[[2018]]", "[[2018, 4]]", "[[2018, 4, 9]]", "[[2018, 4, 9, 5]]"])
def test_crossref_dates_are_as_precise_as_they_are(parts: str) -> None:
    work = f'{{"message": {{"DOI": "10.1/x", "title": ["One"], "issued": {{"date-parts": {parts}}}}}}}'

    [paper] = given_bytes(work.encode()).papers

    assert str(paper.published) == "-".join(f"{part:02}" for part in json.loads(parts)[0][:3])


@pytest.mark.parametrize("parts", ["[[]]", "[]", "[[null]]", '[["2018"]]', "7", "[[99999]]", "[[2018, 13]]"])
def test_crossref_dates_that_are_none(parts: str) -> None:
    work = f'{{"message": {{"DOI": "10.1/x", "title": ["One"], "issued": {{"date-parts": {parts}}}}}}}'

    assert given_bytes(work.encode()).papers[0].published is None


def test_how_sure_the_others_are_of_halves() -> None:
    assert crossref.sniff(b'{"message": {"items": []}}') == 0.7
    assert biorxiv.sniff(b'{"messages": [], "collection": []}') == 0.5
    assert biorxiv.sniff(b'{"collection": []}') == 0.0


@pytest.mark.parametrize("messages", ["7", "[]", "[7]", '[{"count": null}]', '[{"count": 1}]', '[{"count": "1"}]'])
def test_biorxiv_is_whole_unless_it_announces_more(messages: str) -> None:
    record = '{"title": "One", "doi": "10.1101/1", "server": "bioRxiv"}'
    answer = f'{{"messages": {messages}, "collection": [{record}]}}'

    assert given_bytes(answer.encode()).verdict == "fresh"


# --- our own lines ---------------------------------------------------------------------------------------------------

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
words = st.from_regex(r"[A-Za-z]{1,8}( [a-z]{1,8}){0,3}", fullmatch=True)
counts = st.none() | st.integers(0, 10**6)
dates = st.builds(PartialDate, st.integers(1600, 2100), st.integers(1, 12), st.integers(1, 28)) | st.builds(
    PartialDate, st.none() | st.integers(1600, 2100), st.integers(1, 12)
)
urls = st.from_regex(r"https://[a-z]{1,8}\.example\.org/[a-z]{1,8}", fullmatch=True)
papers = st.builds(
    Paper,
    title=words,
    id=st.from_regex(r"arxiv:[0-9]{4}\.[0-9]{5}", fullmatch=True),
    version=st.integers(1, 99),
    abstract=words,
    authors=st.lists(texts, max_size=3).map(tuple),
    authors_truncated=st.booleans(),
    author_count=counts,
    affiliations=st.lists(texts, max_size=2).map(tuple),
    organization=st.none() | texts,
    published=st.none() | dates,
    published_text=st.none() | texts,
    updated=st.none() | dates,
    categories=st.lists(texts, max_size=2).map(tuple),
    announce_type=st.sampled_from([None, "new", "cross", "replace", "replace-cross"]),
    comments=st.none() | words,
    venue=st.none() | texts,
    doi=st.none() | texts,
    keywords=st.lists(texts, max_size=2).map(tuple),
    upvotes=counts,
    comment_count=counts,
    score=st.none() | st.floats(allow_nan=False, allow_infinity=False),
    machine_summary=st.none() | texts,
    links=st.lists(
        st.builds(Link, urls, st.sampled_from(get_args(LinkKind)), texts, texts, texts),
        max_size=2,
        unique_by=lambda link: link.url,
    ).map(tuple),
    alternatives=st.lists(st.builds(Alternative, texts, st.tuples(texts), st.floats(-9, 0)), max_size=1).map(tuple),
)


@given(
    st.lists(papers, min_size=1, max_size=3), st.lists(st.builds(Reject, st.integers(1, 99), texts, texts), max_size=2)
)
def test_what_read_prints_is_read_again_as_it_was(printed: list[Paper], rejects: list[Reject]) -> None:
    reading = Reading("a", "feed", tuple(printed), tuple(rejects), PartialDate(2024, 3))

    again = given_bytes(lines_of(reading))

    assert again.dialect == "json-lines"
    assert again.papers == reading.papers
    assert again.rejects == reading.rejects
    assert (again.date, again.verdict) == (reading.date, "fresh")


def test_lines_of_several_digests_may_follow_each_other() -> None:
    paper = Paper("One", id="pmid:1", version=1)
    full = Reading("a", "feed", (paper,), date=PartialDate(2024, 3, 1))
    empty = Reading("b", "feed", (), date=PartialDate(2024, 3, 2), verdict="quiet", reason="the feed has no entries")
    cut = Reading("c", "feed", (paper,), verdict="partial", reason="the feed is cut off")

    def verdict(*readings: Reading) -> tuple[str, str]:
        reading = given_bytes(b"".join(map(lines_of, readings)))
        return reading.verdict, reading.reason

    assert verdict(full, empty) == ("fresh", "the feed has no entries")
    assert verdict(empty, empty) == ("quiet", "the feed has no entries")
    assert verdict(full, cut) == ("partial", "the feed is cut off")
    assert given_bytes(lines_of(empty) + lines_of(full)).date == PartialDate(2024, 3, 2)


def test_a_last_line_that_is_cut_off_is_told_of() -> None:
    whole = lines_of(Reading("a", "feed", (Paper("One", id="pmid:1"), Paper("Two", id="pmid:2"))))
    cut = whole[: whole.index(b'"Two"')]

    reading = given_bytes(cut)

    assert [paper.title for paper in reading.papers] == ["One"]
    assert (reading.verdict, reading.reason) == ("partial", "the last line is cut off")
    assert given_bytes(cut + b"\n").verdict == "fresh"


@pytest.mark.parametrize(
    "line", ['{"paper": {"title": ' + "[" * 100_000, '{"paper": {"title": "x", "version": ' + "9" * 5000]
)
def test_a_line_of_any_shape_is_a_reject(line: str) -> None:
    reading = given_bytes(b'{"paper": {"title": "One"}}\n' + line.encode() + b"\n")

    assert [paper.title for paper in reading.papers] == ["One"]
    assert [reject.line for reject in reading.rejects] == [2]


@given(
    st.dictionaries(
        st.sampled_from([*Paper("x").as_dict(), "other"]),
        st.recursive(
            st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
            lambda inner: (
                st.lists(inner, max_size=2)
                | st.dictionaries(st.sampled_from(["url", "kind", "title", "a"]), inner, max_size=2)
            ),
            max_leaves=4,
        ),
    )
)
def test_a_paper_of_any_types_is_a_paper_or_a_reject(data: dict[str, Any]) -> None:
    line = json.dumps({"paper": {"title": "One", **data}})

    reading = given_bytes(line.encode() + b"\n")

    assert len(reading.papers) + len(reading.rejects) == 1
    for paper in reading.papers:
        assert json.dumps(paper.as_dict()).encode()


def test_only_our_own_lines_are_ours() -> None:
    assert json_lines.sniff(b'\n { "paper" : {') == 1.0
    assert json_lines.sniff(b'{"papers": [') == 0.0


def test_a_verdict_that_is_none_is_left_out() -> None:
    line = b'{"paper": {"title": "One"}}\n{"digest": {"verdict": "splendid", "date": "soon", "reason": 5}}\n'

    reading = given_bytes(line)

    assert (reading.verdict, reading.date) == ("fresh", None)


def test_read_errors_name_the_source() -> None:
    with pytest.raises(ReadError) as caught:
        read_items("{")

    assert str(caught.value).startswith("here: ")
