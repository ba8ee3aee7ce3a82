import pytest
from hypothesis import given
from hypothesis import strategies as st

from digestbot.models import Hit
from digestbot.rendering.passages import Passage, Passages, joined, marked
from digestbot.text import to_unicode


def hit(raw: str, word: str, after: int = 0) -> Hit:
    start = raw.index(word, after)
    return Hit("abstract", start, start + len(word), word, word)


@pytest.mark.parametrize(
    ("raw", "words", "html"),
    [
        ("sparse experts", (), "sparse experts"),
        ("sparse experts", ("experts",), "sparse <mark>experts</mark>"),
        ("sparse experts", ("sparse", "experts"), "<mark>sparse</mark> <mark>experts</mark>"),
        ("sparse experts", ("sparse ex", "experts"), "<mark>sparse experts</mark>"),
        ("  sparse\n experts ", ("experts",), "sparse <mark>experts</mark>"),
        (r"\textbf{sparse experts} win", ("experts",), "sparse <mark>experts</mark> win"),
        (r"\textbf{sparse} experts", ("sparse} experts",), "<mark>sparse experts</mark>"),
        ("H$_2$O: Oracle", ("H$_2$O",), "<mark>H₂O</mark>: Oracle"),
        ("a $\\ell_1$ norm", ("\\ell_1",), "a <mark>ℓ₁</mark> norm"),
        ("a $x$ b", ("$",), "a x b"),
        ("a <b> c", ("<b>",), "a <mark>&lt;b&gt;</mark> c"),
        ("AT&amp;T rules", ("AT&amp;T",), "<mark>AT&amp;T</mark> rules"),
    ],
)
def test_marks_stand_where_the_words_are_read(raw: str, words: tuple[str, ...], html: str) -> None:
    assert marked(raw, [hit(raw, word) for word in words], 100).printed("html") == html


@pytest.mark.parametrize(
    ("form", "printed"),
    [
        ("html", "# <mark>a_b</mark> (<mark>c</mark>)"),
        ("xml", "# a_b (c)"),
        ("markdown", r"\# **a\_b** (**c**)"),
        ("plain", "# *a_b* (*c*)"),
    ],
)
def test_marks_in_every_form(form: str, printed: str) -> None:
    raw = "# a_b (c)"

    assert marked(raw, [hit(raw, "a_b"), hit(raw, "c")], 100).printed(form) == printed  # type: ignore[arg-type]


def test_blanks_stay_outside_of_the_stars() -> None:
    assert marked("a b c", [hit("a b c", " b ")], 100).printed("markdown") == "a **b** c"
    assert marked("a - b", [hit("a - b", "- b")], 100).printed("markdown") == "a **- b**"
    assert marked("a  b", [Hit("title", 1, 2, " ", "x")], 100).printed("plain") == "a b"


def test_hits_outside_of_the_text_mark_nothing() -> None:
    hits = [Hit("title", -3, 2, "x", "x"), Hit("title", 2, 99, "x", "x"), Hit("title", 2, 2, "", "x")]

    assert marked("sparse", hits, 100) == Passages([Passage("sparse")])


@pytest.mark.parametrize(
    ("raw", "limit", "text"),
    [
        ("sparse", 6, "sparse"),
        ("sparse experts", 8, "sparse…"),
        ("x" * 99, 10, "x" * 9 + "…"),
        ("$" * 99 + "x", 10, "…"),
    ],
)
def test_long_texts_end_with_an_ellipsis(raw: str, limit: int, text: str) -> None:
    assert str(marked(raw, [], limit)) == text


def test_the_limit_may_fall_into_a_mark() -> None:
    assert marked("sparse experts", [hit("sparse experts", "experts")], 10).printed("html") == "sparse <mark>ex</mark>…"
    assert marked("sparse experts", [hit("sparse experts", "experts")], 4).printed("html") == "spa…"
    assert marked("sparse experts", [hit("sparse experts", "sparse")], 10).printed("html") == "<mark>sparse</mark> ex…"


def test_texts_are_joined_with_their_marks() -> None:
    names = [marked("Ada", [hit("Ada", "Ada")], 9), marked("Kurt", [], 9)]

    assert joined(names, ", ").printed("plain") == "*Ada*, Kurt"
    assert joined([], ", ") == Passages()


@given(
    st.text(st.sampled_from("ab $\\{}_^&;<\n~`'é-"), max_size=60),
    st.lists(st.tuples(st.integers(0, 60), st.integers(0, 60))),
)
def test_marks_change_no_letter(raw: str, spans: list[tuple[int, int]]) -> None:
    hits = [Hit("abstract", start, end, raw[start:end], "x") for start, end in spans]

    text = str(marked(raw, hits, 1000)).replace("\u2060", "")

    assert text == str(marked(raw, [], 1000)).replace("\u2060", "")
    assert text == " ".join(to_unicode(raw).split())


def test_marks_keep_a_text_from_right_to_left_in_its_order() -> None:
    title = "תערובת sparse של מומחים"
    pieces = marked(title, [Hit("title", 7, 13, "sparse", "sparse")], 100)

    html = pieces.printed("html")
    assert html.startswith("\u2068")
    assert html.endswith("\u2069")
    assert "<mark>sparse</mark>" in html
    assert (pieces.opening, pieces.closing) == ("\u2068", "\u2069")
    assert (marked("Sparse", (), 100).opening, marked("Sparse", (), 100).closing) == ("", "")
