"""The table of readers: which one reads what, what every paper gets, and how a digest that cannot be read says so."""

import io
import json
import os
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digestbot.errors import MalformedDigestError, ReadError, UnknownDialectError
from digestbot.models import Paper, Reading, Reject
from digestbot.readers import READERS, intake, read, read_path
from digestbot.readers.completion import complete
from digestbot.readers.protocol import Item, Reader, Remark

CORPUS = Path(__file__).parent / "corpus"
OURS = (
    *("feed", "json-feed", "json-lines", "hugging-face", "semantic-scholar", "openalex", "crossref", "biorxiv"),
    *("europe-pmc", "openreview", "oai-pmh", "pubmed-xml", "medline", "ris", "bibtex", "csv", "paper-json"),
    *("paper-lines", "row-json", "markdown-table", "papers-scrape", "opml", "endnote", "web-of-science", "jats"),
    "pubmed-summary",
)
DIGESTS = [
    path
    for dialect in OURS
    for path in sorted((CORPUS / dialect).glob("*"))
    if not path.name.endswith(".expected.json")
]
RSS = b"<rss version='2.0'><channel><title>t</title><item><title>%s</title></item></channel></rss>"


def given_bytes(data: bytes, dialect: str | None = None) -> Reading:
    return read(io.BytesIO(data), "here", dialect)


def facts(reading: Reading) -> dict[str, Any]:
    """Return what a reading says, without what is empty; a fingerprint of a title is not spelt out."""
    papers = [{name: value for name, value in paper.as_dict().items() if value} for paper in reading.papers]
    for paper in papers:
        if paper["id"].startswith("title:"):
            paper["id"] = "title:…"
    rejects = [{"line": reject.line, "reason": reject.reason, "excerpt": reject.excerpt} for reject in reading.rejects]
    sources = [{"name": source.name, "url": source.url, "page": source.page} for source in reading.sources]
    return {
        "dialect": reading.dialect,
        "date": None if reading.date is None else str(reading.date),
        "verdict": reading.verdict,
        "reason": reading.reason,
        "papers": papers,
        "rejects": rejects,
    } | ({"sources": sources} if sources else {})


@pytest.mark.parametrize("path", DIGESTS, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_a_digest_of_the_corpus_reads_as_expected(path: Path, request: pytest.FixtureRequest) -> None:
    expected = path.with_name(f"{path.name}.expected.json")
    actual = json.dumps(facts(read_path(path)), ensure_ascii=False, indent=1) + "\n"
    if request.config.getoption("--update-golden"):
        expected.write_text(actual, encoding="utf-8")

    assert expected.read_text(encoding="utf-8") == actual


@pytest.mark.parametrize("path", DIGESTS, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_a_digest_is_known_without_being_named(path: Path) -> None:
    head = path.read_bytes()[: 64 * 1024]
    (sure, best), (next_sure, _) = sorted(((reader.sniff(head), reader.DIALECT) for reader in READERS), reverse=True)[
        :2
    ]

    assert best == path.parent.name
    assert sure - next_sure >= 0.1


def test_a_list_of_feeds_holds_sources_and_no_papers() -> None:
    reading = read_path(CORPUS / "opml" / "feeds.opml")

    assert reading.papers == ()
    assert [source.url for source in reading.sources] == ["https://example.org/feed"]
    assert (reading.verdict, reading.reason) == (
        "quiet",
        "a list of feeds (1) and not of papers; fetch them to get papers",
    )


def test_dialects_have_different_names() -> None:
    names = [reader.DIALECT for reader in READERS]

    assert len(set(names)) == len(names)


def test_an_unknown_form_names_the_dialects_that_were_tried() -> None:
    with pytest.raises(UnknownDialectError, match="no reader knows this form") as caught:
        given_bytes(b"1;2;3\n")

    assert caught.value.tried == tuple(reader.DIALECT for reader in READERS)
    assert caught.value.source == "here"


def test_a_web_page_is_called_one() -> None:
    with pytest.raises(UnknownDialectError, match="is a web page"):
        given_bytes(b"\n<!DOCTYPE html><html><body>x</body></html>")


def test_an_unknown_dialect_names_the_known_ones() -> None:
    with pytest.raises(UnknownDialectError, match=r"no dialect 'gopher'.*feed") as caught:
        given_bytes(RSS % b"x", "gopher")

    assert "feed" in caught.value.tried


def test_a_dialect_can_be_forced() -> None:
    with pytest.raises(MalformedDigestError, match="is no feed: it begins with <opml>"):
        given_bytes(b"<opml></opml>", "feed")


def test_two_readers_as_sure_as_each_other_are_told_of() -> None:
    both = b'{"data": [{"paperId": "a", "title": "One"}], "results": [{"authorships": [], "title": "Two"}]}'

    reading = given_bytes(both)

    assert reading.verdict == "fresh"
    assert reading.reason == "it could also be openalex; name the dialect to be sure"
    assert given_bytes(both, "openalex").reason == ""


def test_white_space_of_any_length_may_come_first() -> None:
    assert given_bytes(b"\n " * 100_000 + RSS % b"Far down").papers[0].title == "Far down"


@pytest.mark.parametrize("codec", ["utf-8-sig", "utf-16", "utf-32"])
def test_a_byte_order_mark_decides(codec: str) -> None:
    text = "<?xml version='1.0' encoding='utf-16'?>" + (RSS % b"\xc3\x89tude").decode()

    assert given_bytes(text.encode(codec)).papers[0].title == "Étude"


@pytest.mark.parametrize("codec", ["utf-16-le", "utf-16-be"])
def test_utf_16_is_known_without_a_mark(codec: str) -> None:
    assert given_bytes((RSS % b"Plain").decode().encode(codec)).papers[0].title == "Plain"


@pytest.mark.parametrize(
    ("declared", "codec", "title"),
    [
        ("koi8-r", "koi8-r", "Заголовок"),
        ("euc-kr", "euc-kr", "제목"),
        ("iso-2022-jp", "iso2022_jp", "題名"),
        ("windows-1252", "utf-8", "Étude €"),
    ],
)
def test_markup_declares_its_encoding_but_valid_utf_8_is_utf_8(declared: str, codec: str, title: str) -> None:
    text = f"<?xml version='1.0' encoding='{declared}'?>" + RSS.decode() % title

    assert given_bytes(text.encode(codec)).papers[0].title == title


@pytest.mark.parametrize("declared", ["bogus", "zlib", "utf-7", "utf-8"])
def test_bytes_that_are_not_what_is_declared_are_read_as_windows_1252(declared: str) -> None:
    text = f"<?xml version='1.0' encoding='{declared}'?>" + RSS.decode() % "Étude – “deux”"
    reading = given_bytes(text.encode("cp1252"))

    assert reading.papers[0].title == "Étude – “deux”"
    assert "read as Windows-1252" in reading.reason


def test_a_page_declares_its_encoding_in_its_head() -> None:
    page = "<html><head><meta charset=koi8-r></head><p>текст</p></html>".encode("koi8-r")

    assert intake.to_text(page, "here") == ("<html><head><meta charset=koi8-r></head><p>текст</p></html>", "")


def test_russian_without_a_declaration_is_still_russian() -> None:
    title = "Как пережить зиму и остаться человеком, если снег идёт и не тает"
    reading = given_bytes((RSS.decode() % (title * 3)).encode("cp1251"))

    assert reading.papers[0].title == title * 3
    assert reading.reason == "declares no encoding; it looks like cp1251"


def test_many_foreign_bytes_that_are_no_russian_are_left_to_windows_1252() -> None:
    reading = given_bytes(RSS % (b"\xb0\xb1\xb2" * 60))

    assert "Windows-1252" in reading.reason


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "is empty"),
        (b" \n\t", "is empty"),
        (b"\xff\xfe", "is empty"),
        (b"some text\nand a \0 in it", "holds a NUL in line 2"),
        (b"%PDF-1.7 ...", "is not text but a PDF"),
        (b"\x1f\x8b\x08 ...", "compressed with gzip"),
        (b"x" * 101, "has more than 100 bytes"),
    ],
)
def test_what_is_no_text_is_refused_with_the_next_step(data: bytes, reason: str) -> None:
    with pytest.raises(ReadError, match=reason) as caught:
        read(io.BytesIO(data), "here", limit=100)

    assert caught.value.source == "here"


def test_a_file_as_long_as_the_limit_is_read(tmp_path: Path) -> None:
    path = tmp_path / "feed.xml"
    path.write_bytes(RSS % b"Just right")

    assert read_path(path, limit=path.stat().st_size).papers[0].title == "Just right"
    with pytest.raises(ReadError, match="split it"):
        read_path(path, limit=path.stat().st_size - 1)


def test_a_missing_file(tmp_path: Path) -> None:
    with pytest.raises(ReadError, match="there is no such file"):
        read_path(tmp_path / "gone")


def test_a_folder(tmp_path: Path) -> None:
    with pytest.raises(ReadError, match="is a folder"):
        read_path(tmp_path)


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="the superuser may read everything")
def test_a_file_that_may_not_be_read(tmp_path: Path) -> None:
    path = tmp_path / "secret"
    path.write_bytes(b"x")
    path.chmod(0)

    with pytest.raises(ReadError, match="may not be read"):
        read_path(path)


def test_a_path_that_is_none(tmp_path: Path) -> None:
    with pytest.raises(ReadError, match="is not the name of a file"):
        read_path(tmp_path / "a\0b")
    with pytest.raises(ReadError, match="cannot be read"):
        read_path(tmp_path / ("x" * 5000))


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes with names here")
def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    path = tmp_path / "pipe"
    os.mkfifo(path)

    with pytest.raises(ReadError, match="is not a regular file"):
        read_path(path)


def test_a_file_that_breaks_off() -> None:
    closed = io.BytesIO(b"x")
    closed.close()
    with pytest.raises(ReadError, match="broke off"):
        read(closed, "here")

    with os.fdopen(os.open(os.devnull, os.O_WRONLY), "rb") as file, pytest.raises(ReadError, match="broke off"):
        read(file, "here")


def test_a_file_that_has_nothing_yet() -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        ours.setblocking(False)
        with os.fdopen(os.dup(ours.fileno()), "rb") as file, pytest.raises(ReadError, match="nothing to read yet"):
            read(file, "here")


class Scripted:
    """A reader that yields what it was given: a real one, with nothing behind it."""

    DIALECT = "scripted"

    def __init__(self, *items: Item) -> None:
        self.items = items

    def sniff(self, head: bytes) -> float:
        return 1.0

    def read(self, file: BinaryIO) -> Iterator[Item]:
        yield from self.items


@pytest.mark.parametrize(
    ("items", "verdict", "reason"),
    [
        ((Paper("One"),), "fresh", ""),
        ((Paper("One"), Remark("slowly")), "fresh", "slowly"),
        ((Paper("One"), Remark("a page of two", "partial")), "partial", "a page of two"),
        ((Paper("One"), Remark("old", "stale")), "stale", "old"),
        ((Remark("nothing today", "quiet"),), "quiet", "nothing today"),
        ((Remark("nothing", "quiet"), Remark("an error", "unreadable")), "unreadable", "nothing; an error"),
        (
            (Reject(1, "no title", "x"), Reject(2, "no", "y")),
            "unreadable",
            "none of its 2 entries could be read: no title",
        ),
        ((), "unreadable", "it holds no paper"),
    ],
)
def test_the_verdict(monkeypatch: pytest.MonkeyPatch, items: tuple[Item, ...], verdict: str, reason: str) -> None:
    scripted: tuple[Reader, ...] = (Scripted(*items),)
    monkeypatch.setattr("digestbot.readers.READERS", scripted)

    reading = given_bytes(b"anything", "scripted")

    assert (reading.verdict, reading.reason) == (verdict, reason)


def test_repeats_stay_as_they_stand_in_the_file() -> None:
    feed = b"<rss><channel>" + b"<item><title>Twice</title></item>" * 2 + b"</channel></rss>"

    assert [paper.title for paper in given_bytes(feed).papers] == ["Twice", "Twice"]


def test_a_paper_is_completed_from_its_own_words() -> None:
    paper = complete(
        Paper(
            "Sparse Experts",
            abstract="Our code is at github.com/example/sparse.",
            comments="See https://example.org/page too",
            url="https://arxiv.org/abs/2306.14048v3",
        )
    )

    assert (paper.id, paper.version) == ("arxiv:2306.14048", 3)
    assert [(link.url, link.field) for link in paper.links] == [
        ("https://github.com/example/sparse", "abstract"),
        ("https://example.org/page", "comments"),
    ]
    assert not paper.promises_code


def test_what_the_reader_knew_stays() -> None:
    paper = complete(Paper("One", id="pmid:1", version=2, url="https://arxiv.org/abs/2306.14048v3", promises_code=True))

    assert (paper.id, paper.version, paper.promises_code) == ("pmid:1", 2, True)


def test_a_code_link_keeps_the_promise() -> None:
    with_link = Paper("One", abstract="Code: https://github.com/example/one", promises_code=True)

    assert not complete(with_link).promises_code
    assert complete(Paper("One", abstract="The code will be released upon acceptance.")).promises_code


def test_completing_twice_changes_nothing() -> None:
    once = complete(Paper("One", abstract="Code: https://github.com/example/one, arXiv too."))

    assert complete(once) == once


@given(
    dialect=st.sampled_from([reader.DIALECT for reader in READERS]),
    data=st.binary(max_size=300) | st.text(max_size=300).map(lambda text: text.encode("utf-8", "replace")),
)
def test_any_bytes_give_papers_rejects_or_a_read_error(dialect: str, data: bytes) -> None:
    try:
        reading = given_bytes(data, dialect)
    except ReadError:
        return
    assert reading.dialect == dialect
    assert all(paper.title.strip() and paper.id for paper in reading.papers)


@given(path=st.sampled_from(DIGESTS), data=st.data())
def test_a_digest_cut_and_torn_anywhere_gives_papers_rejects_or_a_read_error(path: Path, data: st.DataObject) -> None:
    whole = path.read_bytes()
    start = data.draw(st.integers(0, len(whole)))
    end = data.draw(st.integers(start, len(whole)))
    junk = data.draw(st.sampled_from([b"", b"<", b"&", b"]]>", b"<item>", b'"', b"{", b"}", b"]", b"\xff", b"\\ud800"]))
    try:
        reading = given_bytes(whole[:start] + junk + whole[end:])
    except ReadError:
        return
    assert all(paper.title.strip() and json.dumps(paper.as_dict()).encode() for paper in reading.papers)
