"""Every reader of the table, given its own digests after accidents, and the same digests whole and in pieces."""

import io
import json
from itertools import chain
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digestbot.errors import MalformedDigestError, ReadError
from digestbot.readers import READERS, feed_pieces, intake, read
from digestbot.readers.feed_text import prepare
from digestbot.readers.json_pieces import Lazy, find_pieces
from digestbot.readers.json_records import Document, decode, read_document
from digestbot.readers.protocol import NamedBytes
from readings import torn

CORPUS = Path(__file__).parent / "corpus"
DIGESTS = {
    reader.DIALECT: [
        path for path in sorted((CORPUS / reader.DIALECT).glob("*")) if not path.name.endswith(".expected.json")
    ]
    for reader in READERS
}
FEEDS = st.sampled_from(DIGESTS["feed"])
SPACES = st.sampled_from(["", " ", "\n", "\r\n\t"])
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=6,
)


@pytest.mark.parametrize("dialect", DIGESTS)
def test_every_reader_has_digests_to_be_torn(dialect: str) -> None:
    assert DIGESTS[dialect]


@given(dialect=st.sampled_from([*DIGESTS]), forced=st.booleans(), data=st.data())
def test_a_torn_digest_gives_papers_rejects_or_a_read_error(dialect: str, forced: bool, data: st.DataObject) -> None:
    whole = data.draw(st.sampled_from(DIGESTS[dialect])).read_bytes()
    try:
        reading = read(io.BytesIO(data.draw(torn(whole))), "here", dialect if forced else None)
    except ReadError:
        return
    assert all(paper.title.strip() and paper.id for paper in reading.papers)
    assert all(reject.line >= 1 for reject in reading.rejects)
    json.dumps([paper.as_dict() for paper in reading.papers], ensure_ascii=False).encode()


def parsed(data: bytes, large: int) -> Any:
    """Return what feedparser makes of a feed, the fields we use and entries with their places; or why nothing."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(feed_pieces, "_PIECE", 1)
        return _parsed(data, large)


def _parsed(data: bytes, large: int) -> Any:
    try:
        text = prepare(data, "here")
        feed, entries = feed_pieces.parse(text, "here", large)
        return [dict.get(feed, name) for name in ("published", "updated", "prism_publicationname")], list(entries)
    except MalformedDigestError as error:
        return error.message


@pytest.mark.parametrize("path", DIGESTS["feed"], ids=lambda path: path.name)
def test_a_feed_in_pieces_is_the_feed(path: Path) -> None:
    data = intake.to_utf8(path.read_bytes(), "here")[0]

    assert parsed(data, 0) == parsed(data, 1 << 30)


@given(path=FEEDS, data=st.data())
def test_a_torn_feed_in_pieces_is_the_feed(path: Path, data: st.DataObject) -> None:
    try:
        torn_feed = intake.to_utf8(data.draw(torn(path.read_bytes())), "here")[0]
    except ReadError:
        return

    assert parsed(torn_feed, 0) == parsed(torn_feed, 1 << 30)


def test_a_large_feed_is_parsed_in_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    given: list[int] = []
    parse = feed_pieces._parse

    def watched(xml: bytes, source: str) -> Any:
        given.append(len(xml))
        return parse(xml, source)

    monkeypatch.setattr(feed_pieces, "_parse", watched)
    items = "".join(
        f"<item><title>No. {number}</title><description>{'w ' * 500}</description></item>\n" for number in range(2000)
    )
    feed = f"<rss version='2.0'><channel><title>T</title>{items}<pubDate>Tue, 04 Mar 2025</pubDate></channel></rss>"
    reading = read(io.BytesIO(feed.encode()), "here")

    assert [paper.title for paper in reading.papers] == [f"No. {number}" for number in range(2000)]
    assert len(given) > 4
    assert max(given) < len(feed) / 3


def test_a_large_feed_that_is_not_as_regular_as_it_seems_is_parsed_as_a_whole() -> None:
    good = "<item><title>Good</title></item>" * 3
    odd = "<item><title>Outer</title><item><title>Inner</title></item></item>"
    feed = f"<rss version='2.0'><channel>{good}{odd}{good}</channel></rss>".encode()

    assert parsed(feed, 0) == parsed(feed, 1 << 30)


def lists(path: str, data: bytes, large: int) -> Document:
    return read_document(NamedBytes(data, "here"), path, "other", large=large)


@given(records=st.lists(VALUES, max_size=6), beside=VALUES, path=st.sampled_from(["a", "a.b", "a.b.c"]), data=st.data())
def test_a_document_in_pieces_is_the_document(records: list[Any], beside: Any, path: str, data: st.DataObject) -> None:
    items = ",".join(f"{data.draw(SPACES)}{json.dumps(record)}{data.draw(SPACES)}" for record in records)
    inner = f"[{items or data.draw(SPACES)}]"
    for key in reversed(path.split(".")):
        inner = f'{{"beside": {json.dumps(beside)},\n {json.dumps(key)}: {inner}}}'
    whole, pieces = lists(path, inner.encode(), 1 << 30), lists(path, inner.encode(), 0)

    assert isinstance(pieces.records, Lazy)
    assert list(pieces.records) == list(whole.records) == records
    assert [pieces.line(number) for number in range(len(records))] == [whole.line(n) for n in range(len(records))]
    assert pieces.path == whole.path
    assert pieces.remark is None


@given(
    whole=st.sampled_from([*chain.from_iterable(DIGESTS[name] for name in ("openalex", "crossref", "json-feed"))]),
    data=st.data(),
)
def test_a_torn_document_in_pieces_is_the_document(whole: Path, data: st.DataObject) -> None:
    given = data.draw(torn(whole.read_bytes()))

    def read_it(large: int) -> Any:
        try:
            document = read_document(NamedBytes(given, "here"), "results", "message.items", "items", "", large=large)
        except ReadError as error:
            return error.message
        return document.path, list(document.records), document.remark

    assert read_it(0) == read_it(1 << 30)


def test_a_record_longer_than_a_window_is_found() -> None:
    records = ["é" * 300_000, {"𝔸": ["[", "]", '"']}, 12, "x" * 700_000]
    data = json.dumps(records, ensure_ascii=False).encode()
    pieces = find_pieces(data, 0)

    assert pieces is not None
    assert list(Lazy(data, pieces, decode)) == records
    assert pieces.end == len(data)


def test_old_line_ends_of_a_table() -> None:
    table = b"title,authors,year\rOne,A B,2024\rTwo,C D,2025\r"

    assert [paper.title for paper in read(io.BytesIO(table), "here", "csv").papers] == ["One", "Two"]


@given(st.text(max_size=200), st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "cp1252"]))
def test_bytes_and_text_are_brought_in_alike(text: str, codec: str) -> None:
    data = text.encode(codec, "replace")
    try:
        expected = intake.to_text(data, "here")
    except ReadError as error:
        with pytest.raises(ReadError, match=error.message[:20]):
            intake.to_utf8(data, "here")
        return
    utf8, note = intake.to_utf8(data, "here")

    assert (utf8.decode(), note) == expected


def test_what_is_utf_8_is_not_copied() -> None:
    data = b"<rss>" + "é𝔸".encode() * 1_000_000

    assert intake.to_utf8(data, "here")[0] is data
