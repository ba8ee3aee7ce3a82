import time
from html.parser import HTMLParser

import markdown
import pytest
from hypothesis import given
from hypothesis import strategies as st

from digestbot.rendering.notes import Note, sanitised

HOSTILE = [
    "<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "[x](javascript:alert(1))",
    "[x](JaVaScRiPt:alert(1))", "[x](&#106;avascript:alert(1))", "[x](data:text/html,x)", "[x](//x.example/)",
    "[x](<javascript:alert(1)>)", "![x](https://x.example/pixel.png)", "![x][r]", "[x][r]",
    "\n[r]: javascript:alert(1)\n", "<javascript:alert(1)>", r"[x\](javascript:alert(1))",
    r"\![x](https://x.example/p)", "<a href='x' onclick=x>", "[x](https://x.example/\"onclick=x)",
    "[x](\njavascript:x)", "[x] (javascript:x)", "`<b>`", "<!--", "]]>", "<svg/onload=x>", "&lt;script&gt;",
    "<![CDATA[", "    code\n", "> q\n", "# h\n", "- a\n", "*", "_", "\n\n", "\x00", "\u202e", "[", "]", "(", ")", "!",
]  # fmt: skip
notes = st.lists(st.sampled_from(HOSTILE) | st.text(max_size=6), max_size=15).map("".join)
KEPT = {"p", "em", "strong", "code", "pre", "blockquote", "ul", "ol", "li", "a", "br", "hr"}


class _Reader(HTMLParser):
    def __init__(self, source: str) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.tags: set[str] = set()
        self.attributes: list[tuple[str, str | None]] = []
        self.feed(source)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes += attrs
        if tag not in {"br", "hr"}:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


@pytest.mark.parametrize(
    ("source", "html"),
    [
        ("Two on *routing*, **one** more.", "<p>Two on <em>routing</em>, <strong>one</strong> more.</p>"),
        ("[see](https://x.example/?a=1&b=2)", '<p><a href="https://x.example/?a=1&amp;b=2">see</a></p>'),
        ("# Hello", "<p><strong>Hello</strong></p>"),
        ("a  \nb", "<p>a b</p>"),
        ("- a\n- b", "<ul> <li>a</li> <li>b</li> </ul>"),
        ("---", "<hr>"),
        ("`x<y`", "<p><code>x&lt;y</code></p>"),
        ("<script>x</script>", "<p>&lt;script&gt;x&lt;/script&gt;</p>"),
        ("[x](javascript:x)", "<p><a>x</a></p>"),
        ("![x](https://x.example/)", "<p>![x](https://x.example/)</p>"),
        ("- " * 999 + "x", f"<pre>{'- ' * 999}x</pre>"),
    ],
)
def test_a_note_is_markdown(source: str, html: str) -> None:
    assert " ".join(Note(source).printed("html").split()) == html


def test_the_list_allows_nothing_by_accident() -> None:
    source = "<p onclick=x>a<em>b</p>c</strong><img src=x><br><a href='https://x.example/' style=x>d<script>e</script>"

    assert sanitised(source) == '<p>a<em>b</em></p>c<br><a href="https://x.example/">de</a>'


@given(
    st.text()
    | st.lists(st.sampled_from(["<p>", "</p>", "<a href=https://x.example/>", "</a>", "<b", ">", "<!", "x"])).map(
        "".join
    )
)
def test_any_html_comes_out_well_nested(source: str) -> None:
    reader = _Reader(sanitised(source))

    assert reader.tags <= KEPT
    assert reader.open == []


@given(notes)
def test_html_of_a_note_cannot_do_harm(source: str) -> None:
    reader = _Reader(Note(source).printed("html"))

    assert reader.tags <= KEPT
    attributes = [item for item in reader.attributes if item != ("style", "margin:8px 0 8px 12px")]
    assert {name for name, _ in attributes} <= {"href"}
    assert all((value or "").startswith(("https://", "http://")) for _, value in attributes)
    assert reader.open == []


@given(notes)
def test_markdown_of_a_note_cannot_do_harm(source: str) -> None:
    reader = _Reader(markdown.markdown(Note(source).printed("markdown"), output_format="html"))

    assert reader.tags <= KEPT | {f"h{level}" for level in range(1, 7)}
    assert {name for name, _ in reader.attributes} <= {"href", "title"}
    assert all(
        (value or "").strip().startswith(("https://", "http://")) for name, value in reader.attributes if name == "href"
    )


def test_plain_text_shows_the_note_as_it_was_typed() -> None:
    note = Note("Two:\n\n- **a** <b>\n    - nested\x00\n")

    assert note.printed("plain") == "Two:\n\n- **a** <b>\n    - nested"
    assert note.printed("xml") == "Two: - **a** &lt;b&gt; - nested"


def test_no_note_is_nothing() -> None:
    assert not Note("")
    assert not Note(" \n\t\x00")
    assert Note("x")


def test_a_long_note_is_cut() -> None:
    assert len(Note("x" * 9999).printed("plain")) == 5001


@pytest.mark.parametrize(
    "piece", ["[", "*", "> ", "`", "- ", "    ", "![", "[x](", "<", "&", "_a", "**a", "1. ", "\n\n    "]
)
def test_a_hostile_note_takes_no_time(piece: str) -> None:
    started = time.process_time()

    _ = Note(piece * 10_000).printed("html"), Note(piece * 10_000).printed("markdown")

    assert time.process_time() - started < 10  # without bounds, minutes


def test_what_is_nested_too_deep_is_indented_no_further() -> None:
    html = Note("> " * 300 + "deep\n\n" + "- " * 300 + "list").printed("html")

    assert html.count("<blockquote") <= 8
    assert html.count("<ul>") <= 4
    assert "deep" in html
    assert "list" in html
