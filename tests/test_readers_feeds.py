"""Feeds in XML: what is hostile is refused, what is broken is mended, and HTML becomes text."""

import html
import io
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digestbot.errors import MalformedDigestError, UnknownDialectError
from digestbot.models import Paper, Reading
from digestbot.readers import feed_pieces, feeds, read
from digestbot.readers.feed_entries import first_words
from digestbot.readers.feed_text import find_root, prepare
from digestbot.readers.labels import read_labels
from digestbot.readers.markup import Anchor, flat, html_to_line, html_to_text, looks_like_html, paragraphs
from digestbot.readers.name_lists import split_names

RDF = 'xmlns:r="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/"'


def given_bytes(data: bytes, dialect: str | None = None) -> Reading:
    return read(io.BytesIO(data), "here", dialect)


def rss(items: str, attributes: str = "") -> bytes:
    return f'<rss version="2.0" {attributes}><channel><title>t</title>{items}</channel></rss>'.encode()


def read_item(content: str, attributes: str = "") -> Reading:
    return given_bytes(rss(f"<item><title>One</title>{content}</item>", attributes))


def only(reading: Reading) -> Paper:
    [paper] = reading.papers
    return paper


# --- hostile ---------------------------------------------------------------------------------------------------------

LAUGHS = """<?xml version="1.0"?>
<!DOCTYPE rss [
 <!ENTITY lol "lol">
 <!ENTITY lol1 "&lol;&lol;&lol;&lol;&lol;&lol;&lol;&lol;&lol;&lol;">
]>
<rss version="2.0"><channel><item><title>&lol1;</title></item></channel></rss>"""


@pytest.mark.parametrize("codec", ["utf-8", "utf-16", "utf-16-le", "utf-32"])
def test_entities_of_its_own_are_refused_in_any_encoding(codec: str) -> None:
    with pytest.raises(MalformedDigestError, match="declares entities of its own") as caught:
        given_bytes(LAUGHS.encode(codec))

    assert caught.value.line == 3


@pytest.mark.parametrize(
    "prolog",
    [
        "<!-- <a --><!DOCTYPE rss [<!ENTITY a 'b'>]>",
        "<!DOCTYPE rss [<!ELEMENT x (y)><!entity a 'b'>]>",
        "<!DOCTYPE rss SYSTEM 'http://127.0.0.1:9/x.dtd' [<!ENTITY % p SYSTEM 'file:///etc/passwd'> %p;]>",
        "words <? x ?><!ENTITY a 'b'>",
    ],
)
def test_no_prolog_hides_an_entity(prolog: str) -> None:
    with pytest.raises(MalformedDigestError, match="entities"):
        given_bytes(prolog.encode() + rss(""), "feed")


def test_a_document_type_inside_the_feed_declares_nothing() -> None:
    reading = given_bytes(rss("<!DOCTYPE x [<!ENTITY a 'expanded'>]><item><title>&a;</title></item>"))

    assert all("expanded" not in paper.title for paper in reading.papers)


def test_a_document_type_without_entities_does_no_harm() -> None:
    feed = b'<!DOCTYPE rss PUBLIC "-//Netscape//DTD RSS 0.91//EN" "http://127.0.0.1:9/rss.dtd">' + rss(
        "<item><title>Caf&eacute;</title></item>"
    )

    assert only(given_bytes(feed)).title == "Café"


@pytest.mark.parametrize(
    "content",
    [
        "<author>" + "a" * 301 + "</author>",
        "<author>" + "aaaaaaaaaa<!-- -->" * 31 + "</author>",
        "<dc:creator>" + "<![CDATA[aaaaaaaaaa]]>" * 31 + "</dc:creator>",
        "<author>" + "&#97;" * 301 + "</author>",
        "<author>" + "a" * 301,
    ],
)
def test_a_name_of_hundreds_of_letters_is_refused(content: str) -> None:
    with pytest.raises(MalformedDigestError, match="a name has more than 300 letters") as caught:
        given_bytes(rss(f"\n<item><title>One</title>\n{content}</item>"))

    assert caught.value.line == 3


def test_a_long_list_of_names_is_none() -> None:
    names = [f"Person{number} Name" for number in range(3000)]

    assert only(read_item(f"<author>{', '.join(names)}</author>")).authors == tuple(names)


@pytest.mark.parametrize(
    "content",
    [
        "".join(f"<category>c{number}</category>" for number in range(1001)),
        "<itunes:keywords>" + "a," * 5001 + "</itunes:keywords>",
    ],
)
def test_thousands_of_tags_are_refused(content: str) -> None:
    feed = rss(f"<item><title>Zero</title></item>\n<item><title>One</title>{content}</item>")

    with pytest.raises(MalformedDigestError, match="thousands of tags") as caught:
        given_bytes(feed)
    assert caught.value.line == 2
    with pytest.raises(MalformedDigestError, match="thousands of tags"):
        given_bytes(rss(content))


def test_hundreds_of_namespaces_are_refused() -> None:
    with pytest.raises(MalformedDigestError, match="more than 100 namespaces"):
        given_bytes(rss("", " ".join(f'xmlns:n{number}="urn:{number}"' for number in range(101))))


@pytest.mark.parametrize("tag", ["a", "div", "item", "entry", "author", "image", "source", "svg"])
@pytest.mark.no_cover
def test_nesting_of_any_depth_is_no_crash(tag: str) -> None:
    deep = f"<{tag}>" * 5000

    assert given_bytes(rss(f"<item><title>One</title>{deep}</item>")).dialect == "feed"
    assert given_bytes(rss(f"<item><title>One</title>{deep}{deep.replace('<', '</')}</item>")).dialect == "feed"


def test_what_a_feed_links_to_is_not_opened(tmp_path: Path) -> None:
    secret = tmp_path / "secret.xml"
    secret.write_bytes(rss("<item><title>Secret</title></item>"))

    reading = given_bytes(
        f'<?xml-stylesheet href="{secret.as_uri()}"?>'.encode() + rss(f"<item><title>{secret.as_uri()}</title></item>")
    )

    assert only(reading).title == secret.as_uri()


def test_feedparser_giving_up_is_a_malformed_digest() -> None:
    bad = rss("<item><title>One</title><link>http://[half</link><guid>x</guid><b></item>")

    assert given_bytes(bad).dialect == "feed"
    with pytest.raises(MalformedDigestError, match="feedparser cannot read it") as caught:
        feed_pieces._parse("not bytes", "here")  # type: ignore[arg-type]
    assert caught.value.source == "here"


def test_scripts_and_templates_are_only_words() -> None:
    title = "&lt;script&gt;alert(1)&lt;/script&gt;{{7*7}} ${7*7} \u202eevil"

    assert only(given_bytes(rss(f"<item><title>{title}</title></item>"))).title == "{{7*7}} ${7*7} \u202eevil"


# --- broken ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("end", range(60, 135))
def test_a_feed_that_is_cut_keeps_what_is_complete_and_says_so(end: int) -> None:
    whole = (
        b"<rss><channel><title>t</title><item><title>Whole</title></item>\n"
        b"<item><title>Second</title><link>x</link></item></channel></rss>"
    )
    cut = whole[:end]
    complete = cut.count(b"</item>")

    reading = given_bytes(cut)

    if end > whole.index(b"</rss") + 4:
        assert len(reading.papers) == 2
    elif complete:
        assert reading.verdict == "partial"
        assert len(reading.papers) == complete
        assert len(reading.rejects) == max(0, cut.count(b"<item>") - complete)
        assert "cut off" in reading.reason
    else:
        assert reading.verdict == "unreadable"


@pytest.mark.parametrize(
    "feed",
    [
        '<feed xmlns="http://www.w3.org/2005/Atom"><entry><title>Whole</title></entry>\n<entry><title>Ha',
        f"<r:RDF {RDF}><channel/><item><title>Whole</title></item>\n<item><title>Ha",
    ],
)
def test_other_feeds_that_are_cut(feed: str) -> None:
    reading = given_bytes(feed.encode())

    assert (reading.verdict, only(reading).title) == ("partial", "Whole")
    assert [(reject.line, reject.reason) for reject in reading.rejects] == [(2, "the file ends inside this entry")]


def test_an_entry_without_an_end_ends_where_the_next_begins() -> None:
    reading = given_bytes(rss("<item><title>One</title>\n<item><title>Two</title></item>"))

    assert [paper.title for paper in reading.papers] == ["One", "Two"]


def test_an_empty_entry_is_a_reject_with_its_line() -> None:
    reading = given_bytes(
        rss("\n<item><title>One</title></item>\n<item/>\n<item><link>http://example.org</link></item>")
    )

    assert [reject.line for reject in reading.rejects] == [3, 4]


def test_entries_in_comments_and_quoted_markup_do_not_count() -> None:
    reading = given_bytes(
        rss(
            "<!-- <item> -->\n<item><title>One</title><description><![CDATA[<item>\n</item>]]></description></item>"
            "\n<media:item xmlns:media='urn:m'/>\n<item></item>"
        )
    )

    assert [reject.line for reject in reading.rejects] == [5]


@pytest.mark.parametrize(
    ("printed", "title"),
    [
        ("R&D", "R&D"),
        ("A &amp; B", "A & B"),
        ("x &lt; y &le; z", "x < y ≤ z"),
        ("caf&eacute; &bogus; &#233; &#xe9;", "café &bogus; é é"),
        ("bell &#7; &#xD800; end", "bell � end"),
        ("form\x0cfeed", "form feed"),
    ],
)
def test_stray_references_are_mended(printed: str, title: str) -> None:
    assert only(given_bytes(rss(f"<item><title>{printed}</title></item>"))).title == title


@pytest.mark.parametrize("text", ["", "no markup", "< >", "<!-- never closed", "<? never closed", "<!", "<1>"])
def test_there_is_no_root_in_what_is_no_markup(text: str) -> None:
    assert find_root(text) is None
    with pytest.raises(MalformedDigestError, match="no XML element"):
        prepare(text.encode(), "here")


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("<rss>", "rss"),
        ("\n<?xml version='1.0'?><!-- <feed> --><!DOCTYPE rss><rss>", "rss"),
        ("Deprecated: words\n<br />\n<b>x</b><rdf:RDF xmlns='x'>", "rdf"),
        ("<br>only a page", "br"),
    ],
)
def test_the_root_is_found_behind_anything(text: str, name: str) -> None:
    root = find_root(text)

    assert root
    assert root.name == name


@pytest.mark.parametrize(
    ("text", "sure"),
    [
        ("<rss version='0.91'>", 1.0),
        ("<feed>", 0.7),
        ("<feed xmlns='http://www.w3.org/2005/Atom'>", 1.0),
        ("<rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#'>", 0.7),
        ("<html>", 0.0),
        ("words", 0.0),
    ],
)
def test_how_sure_it_is(text: str, sure: float) -> None:
    assert feeds.sniff(text.encode()) == sure


def test_a_page_of_html_is_no_feed() -> None:
    with pytest.raises(UnknownDialectError):
        given_bytes(b"<html><head><title>x</title></head></html>")


def test_a_version_that_an_address_names_is_kept_and_others_are_not() -> None:
    item = "<link>https://arxiv.org/abs/2306.14048</link><guid isPermaLink='false'>oai:arXiv.org:2306.14048v7</guid>"

    assert only(read_item(item)).version == 7
    assert only(read_item("<link>https://arxiv.org/abs/2306.14048</link>")).version is None


@pytest.mark.parametrize(
    ("title", "left"),
    [
        ("One. (arXiv:2306.14048v1 [cs.LG])", "One"),
        ("One (arXiv:math/0001001)", "One"),
        ("(arXiv:2306.14048v1 [cs.LG])", "(arXiv:2306.14048v1 [cs.LG])"),
        ("One (arXiv:whatever [cs.LG])", "One (arXiv:whatever [cs.LG])"),
    ],
)
def test_the_suffix_of_a_title(title: str, left: str) -> None:
    assert only(given_bytes(rss(f"<item><title>{title}</title></item>"))).title == left


def test_an_announcement_of_something_else_stays_a_description() -> None:
    text = "arXiv:whatever Announce Type: new Abstract: words"

    assert only(read_item(f"<description>{text}</description>")).abstract == text


def test_the_longest_text_that_is_no_article_is_the_abstract() -> None:
    def abstract(teaser: str, body: str) -> str:
        item = f"<description>{teaser}</description><content:encoded>{body}</content:encoded>"
        return only(read_item(item, 'xmlns:content="http://purl.org/rss/1.0/modules/content/"')).abstract

    assert abstract("Teaser", "The whole abstract.") == "The whole abstract."
    assert abstract("Teaser", "x" * 20_001) == "Teaser"
    assert len(abstract("y" * 20_002, "x" * 20_001)) == 20_001


def test_words_for_an_entry_without_a_title() -> None:
    assert first_words("One line.\nAnother.") == "One line."
    assert first_words("word " * 30) == " ".join(["word"] * 19) + "…"
    assert first_words("x" * 200) == "x" * 99 + "…"


# --- lists of people -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "names", "more"),
    [
        ("Ada Lovelace, Kurt Gödel", ["Ada Lovelace", "Kurt Gödel"], False),
        ("Ada Lovelace, Kurt Gödel, and Emmy Noether", ["Ada Lovelace", "Kurt Gödel", "Emmy Noether"], False),
        ("Ada Lovelace and Kurt Gödel & Emmy Noether", ["Ada Lovelace", "Kurt Gödel", "Emmy Noether"], False),
        ("LAPALU, N., O'Neil, A. B., Dallery, J.-F.", ["LAPALU, N.", "O'Neil, A. B.", "Dallery, J.-F."], False),
        ("Roe, JF, The Group, and Doe, K.", ["Roe, JF", "The Group", "Doe, K."], False),
        ("Roe, Jane", ["Roe, Jane"], False),
        ("Roe, Jane; Doe, Kim;", ["Roe, Jane", "Doe, Kim"], False),
        ("A B, C D", ["A B", "C D"], False),
        ("John Smith, Jr., Ann Lee", ["John Smith, Jr.", "Ann Lee"], False),
        ("By Jane Roe", ["Jane Roe"], False),
        ("Jane Roe et al.", ["Jane Roe"], True),
        ("Jane Roe, Kim Doe, and others", ["Jane Roe", "Kim Doe"], True),
        ("王伟, 李娜", ["王伟", "李娜"], False),
        ("Andy Anderson, Brandy Sandman", ["Andy Anderson", "Brandy Sandman"], False),
        ("", [], False),
        (",;,", [], False),
    ],
)
def test_a_list_of_people_is_taken_apart(text: str, names: list[str], more: bool) -> None:
    assert split_names(text) == (tuple(names), more)


@given(st.lists(st.from_regex(r"[A-Z][a-z]{2,8} [A-Z][a-z]{2,8}", fullmatch=True), max_size=6))
def test_a_list_joined_by_commas_comes_apart_again(names: list[str]) -> None:
    assert split_names(", ".join(names)) == (tuple(names), False)


# --- descriptions that are little forms ------------------------------------------------------------------------------


def test_one_label_makes_no_form() -> None:
    paper = Paper("One", abstract="Comments: are welcome.\nMore.")

    assert read_labels(paper) == paper


def test_a_form_fills_in_only_what_is_missing() -> None:
    text = (
        "Words.\nAuthors: Jane Roe, Kim Doe, et al.\nSubmitted: 2 Jan 2024\nComments: mine\nPDF: here\nComments: twice"
    )

    paper = read_labels(Paper("One", abstract=text, comments="theirs", authors=("A", "B", "C")))

    assert paper.abstract == "Words.\nComments: twice"
    assert (paper.comments, paper.authors, paper.pdf_url) == ("theirs", ("A", "B", "C"), None)
    assert str(paper.published) == "2024-01-02"


# --- HTML ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("page", "text"),
    [
        ("plain", "plain"),
        ("ξ<sub>ion</sub> and f<sub>esc</sub>", "ξion and fesc"),
        ("for n<m and p>0", "for n<m and p>0"),
        ("a<b>c", "a<b>c"),
        ("a <b class='x'>bold</b> c", "a bold c"),
        ("<p>One.</p><p>Two<br/>three.</p>", "One.\nTwo\nthree."),
        ("<p>One\n  line</p>", "One line"),
        ("safe<script>alert(1)</script> <style>p{}</style>words", "safe words"),
        ("safe<script>alert(1) <b>never closed</b>", "safe<script>alert(1) never closed"),
        ("<svg/>x</svg>", "x"),
        ("<!-- hidden --><![CDATA[shown]]>", "shown"),
        ("<!-- never closed <b>x</b>", ""),
        ("<table><tr><td>a</td><td>b</td></tr></table>", "a b"),
        ("<jats:p>Some <jats:italic>E. coli</jats:italic></jats:p>", "Some E. coli"),
        ("&lt;b&gt; &amp;amp; &copy= &eacute; &#233; &#xE9; &nosuch;", "<b> &amp; &copy= é é é &nosuch;"),
        ("<div title='a>b' data-x=\"c>d\">in</div>", "in"),
        ("<img src=x onerror=alert(1)>after", "after"),
        ("a\x00b\x1b[31mc\ud800d", "a�b�[31mc�d"),
    ],
)
def test_html_becomes_text(page: str, text: str) -> None:
    assert html_to_text(page)[0] == text


def test_targets_of_links_are_kept() -> None:
    page = (
        "<a href=\"https://example.org/?a=1&amp;copy=2\">the <b>code</b></a>, <a href='x'>y</a> <a href=z>w</a>, "
        '<a name="n">none</a> <a href="">empty</a> <a href="https://example.org/open">never closed'
    )

    text, anchors = html_to_text(page)

    assert text == "the code, y w, none empty never closed"
    assert anchors == (
        Anchor("https://example.org/?a=1&copy=2", "the code"),
        Anchor("x", "y"),
        Anchor("z", "w"),
        Anchor("", "empty"),
        Anchor("https://example.org/open", "never closed"),
    )


@pytest.mark.parametrize(
    ("text", "is_html"),
    [("<p>x", True), ("x</b>", True), ("a &amp; b", True), ("a<b & c", False), ("</nothing>", False), ("", False)],
)
def test_what_looks_like_html(text: str, is_html: bool) -> None:
    assert looks_like_html(text) is is_html


def test_paragraphs_of_plain_text() -> None:
    assert paragraphs("  One\n line.\n \n\nTwo.\n") == "One line.\nTwo."
    assert paragraphs(" One ") == "One"


@given(st.text())
def test_escaped_text_comes_back(text: str) -> None:
    assert html_to_line(html.escape(text)) == flat(text)


@given(st.text(alphabet="<>/abp !-[]&;#x'\"= \n"))
def test_html_never_grows_and_stays_calm(page: str) -> None:
    text, _ = html_to_text(page)

    assert len(text) <= len(page)
    assert "\n\n" not in text
