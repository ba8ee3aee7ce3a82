import pytest
from hypothesis import given
from hypothesis import strategies as st

from digestbot.rendering.plain import WIDTH, columns, wrapped


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("", []),
        ("short", ["short"]),
        ("one two three", ["one two", "three"]),
        ("   one two three", ["   one", "   two", "   three"]),
        ("- one two three", ["- one two", "  three"]),
        ("1. one two", ["1. one", "   two"]),
        ("one\n\ntwo  ", ["one", "", "two"]),
        ("abcdefghijklm no", ["abcdefghi", "jklm no"]),
        ("a https://example.org/long b", ["a", "https://example.org/long", "b"]),
        ("漢字漢字漢字", ["漢字漢字", "漢字"]),
        ("e\u0301e\u0301e\u0301 abcde", ["e\u0301e\u0301e\u0301 abcde"]),
    ],
)
def test_long_lines_are_broken_between_words(text: str, lines: list[str]) -> None:
    assert wrapped(text, 9).splitlines() == lines


@given(st.text(st.sampled_from("ab漢\u0301 -.1\n")))
def test_no_line_is_too_wide_and_nothing_is_lost(text: str) -> None:
    broken = wrapped(text * 9, 20)

    assert all(columns(line) <= 20 for line in broken.splitlines())
    assert "".join(broken.split()) == "".join((text * 9).split())


def test_mail_has_78_columns() -> None:
    assert WIDTH == 78
    assert max(map(len, wrapped("word " * 100).splitlines())) <= 78
