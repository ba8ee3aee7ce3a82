import html
import re
import unicodedata
from html.parser import HTMLParser
from xml.etree import ElementTree as ET

import markdown
import pytest
from hypothesis import given
from hypothesis import strategies as st
from markupsafe import Markup

from digestbot.rendering.inert import Ready, clean, escape_markdown, html_text, inert, isolated, untagged

FRAGMENTS = [
    "<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "{{7*7}}", "{% x %}", "${x}", "<%= x %>", "\n",
    "\r\n", "\x00", "\x1b[31m", "\u202e", "\u200f", "\u2066", "\u2028", "\ufeff", "\ud800", "\ufffe", "\ufffd",
    "\U000e0041", "\ue000", "](javascript:alert(1))", "[x][y]", "[x]: javascript:x", "{onclick=x}", "`", "``", "|",
    "# ", "1. ", "12) ", "- ", "+ ", "> ", "===", "---", "***", "__", "~~", "&lt;", "&#106;", "&amp;amp;", "&", "]]>",
    "<!--", '"', "'", "\\", "!", "שלום", "é", "e\u0301", "http://x.example/", "javascript:", "href=", " on = ", "   ",
]  # fmt: skip
awkward = st.lists(st.sampled_from(FRAGMENTS) | st.text(max_size=6), max_size=12).map("".join)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("two\nlines\r\n and\ttabs", "two lines and tabs"),
        ("a\x00b\x1bc\x7fd\x85e", "abcd e"),
        ("\u202eevil\u202c \u200fmark\u2066x\u2069", "evil markx"),
        ("lone \ud800 \ufffe \ufdd0 \U000e0041", "lone   ".replace("   ", " ")),
        ("private \ue000 and lost \ufffd", "private □ and lost □"),
        ("e\u0301", "é"),
        ("{{7*7}}", "{\u2060{7*7}\u2060}"),
        ("{% x %}", "{\u2060% x %\u2060}"),
        ("$100 {a} 5%", "$100 {a} 5%"),
    ],
)
def test_clean_text_is_one_readable_line(text: str, expected: str) -> None:
    assert clean(text) == expected


@given(awkward)
def test_clean_text_stays_clean(text: str) -> None:
    cleaned = clean(text)

    assert clean(cleaned) == cleaned
    assert unicodedata.is_normalized("NFC", cleaned)
    assert not [c for c in cleaned if unicodedata.category(c) in {"Cc", "Cs", "Zl", "Zp"}]
    assert not re.search(r"\{\{|\}\}|\{%|%\}|[$]\{|<%", cleaned)
    cleaned.encode()


def test_right_to_left_text_keeps_to_itself() -> None:
    assert isolated("left") == "left"
    assert isolated("שלום a") == "\u2068שלום a\u2069"


@given(awkward)
def test_html_holds_text_and_nothing_else(text: str) -> None:
    printed = inert(text, "html")

    assert isinstance(printed, Markup)
    assert _seen(printed) == isolated(clean(text))
    assert not re.search(r"[<\"']|javascript:|\son[a-z]+\s*=|href\s*=", printed, re.IGNORECASE)


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.text = ""
        self.tags: list[str] = []
        self.targets: list[str | None] = []

    def handle_data(self, data: str) -> None:
        self.text += data

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.targets += [value for _, value in attrs]


def _seen(source: str) -> str:
    reader = _Reader()
    reader.feed(source)
    reader.close()
    assert reader.tags == []
    return reader.text


@given(awkward)
def test_xml_can_hold_it(text: str) -> None:
    element = ET.fromstring(f"<x>{inert(text, 'xml')}</x>")  # noqa: S314 - it is our own

    assert (element.text or "") == isolated(clean(text))


@given(awkward)
def test_markdown_prints_text_as_it_is(text: str) -> None:
    printed = inert(text, "markdown")
    places = ("{}", "- {}", "## {}", "before {} behind", "> {}", "[{}](https://x.example/)")
    reader = _Reader()
    reader.feed(markdown.markdown("\n\n".join(place.format(printed) for place in places), extensions=["extra"]))

    assert set(reader.tags) <= {"p", "ul", "li", "h2", "blockquote", "a"}
    assert set(reader.targets) <= {"https://x.example/"}
    assert reader.text.count(clean(text).strip()) >= len(places)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1. one", r"1\. one"),
        ("2024) x", r"2024\) x"),
        ("12345. x", "12345. x"),
        ("- a - b", r"\- a - b"),
        ("-5 degrees", "-5 degrees"),
        ("a|b~c", "a&#124;b&#126;c"),
        ("AT&T &amp; &", "AT&T &amp;amp; &"),
        ("C# is_not *bold*", r"C\# is\_not \*bold\*"),
        ("=", "&#61;"),
        (">x", r"\>x"),
    ],
)
def test_markdown_escapes_no_more_than_it_must(text: str, expected: str) -> None:
    assert escape_markdown(text) == expected


def test_plain_text_is_cleaned_only() -> None:
    printed = inert("<b> *x*\n", "plain")

    assert printed == "<b> *x* "
    assert isinstance(printed, Ready)


@given(awkward)
def test_no_reader_of_a_feed_sees_a_tag_in_a_title(text: str) -> None:
    title = untagged(text)

    assert not re.search(r"<[A-Za-z/!?]|&(?:#\w+|\w+);", title)
    assert title.replace("\u2060", "") == isolated(clean(text)).replace("\u2060", "")


@given(awkward)
def test_text_that_looks_active_reads_the_same(text: str) -> None:
    assert html.unescape(html_text(text)) == text


def test_markdown_shows_dollars_and_equals_signs_as_they_are() -> None:
    assert escape_markdown("$5 and 6$, a ==b== c = d") == "&#36;5 and 6&#36;, a &#61;&#61;b&#61;&#61; c = d"
