"""From one term as typed, with the field it stands in, to a leaf of the tree."""

import re

from digestbot.queries.faults import SpotError
from digestbot.queries.fields import TEXT_FIELDS
from digestbot.queries.names import query_author
from digestbot.queries.nodes import Author, Exact, Leaf, Near, Phrase, Stems
from digestbot.queries.quotes import without_quotes
from digestbot.queries.values import VALUES, SlipError, leaf_of
from digestbot.text import Words, split, stem_word

MAX_WORDS = 100
"""Words of the longest phrase."""
MAX_DISTANCE = 1000
"""Positions of the widest ``"…"~n``."""
_SPECIAL = re.compile(r'[\\$"~{}^&]')


def word_or_phrase(field: str, text: str, column: int, slop: int | None = None) -> Leaf | None:
    """Return the leaf for a bare word, a phrase or a value in `field`; None when it holds nothing to look for.

    Raises SpotError; its repairs replace the term alone.
    """
    if field in VALUES:
        return _value(field, text, column)
    if field == "author":
        return _author(text, column, slop)
    words = _phrase_words(text, column)
    if not words.words:
        if "*" in text:
            raise SpotError('"*" stands for the rest of a word: at least 2 letters come before it', column, "")
        return None
    parts = _starred(words, text, column)
    if slop is None or len(parts) == 1:
        return Phrase(parts, field)
    return _near(parts, slop, field, text, column)


def exact(field: str, text: str, column: int) -> Leaf | None:
    """Return the leaf for ``=text`` in `field`. Raises SpotError where a field has no words."""
    if field not in TEXT_FIELDS and field != "author":
        raise SpotError(f'"=" asks for a text in this form; {field}: holds none', column, text)
    tidy = exact_form(text)
    return Exact(tidy, field) if _phrase_words(tidy, column).words else None


def stems(field: str, text: str, column: int) -> Leaf | None:
    """Return the leaf for ``~text`` in `field`. Raises SpotError where a field has no words."""
    if field not in TEXT_FIELDS:
        raise SpotError(f'"~" asks for the English stem of a word; {field}: holds none', column, text)
    found = tuple(stem_word(word) for word in _phrase_words(text.rstrip("*"), column).words)
    return Stems(found, field) if found else None


def exact_form(text: str) -> str:
    """Return an exact text as it is compared: readable, without quotes and what is invisible, single blanks."""
    for _ in range(4):
        words = split(text)
        if not words.words:
            return ""
        left, right = words.around(0, len(words), 100, 100)
        readable = without_quotes(f"{left}{words.printed(0, len(words))}{right}")
        if readable == text:
            return text
        text = readable
    return " ".join(_SPECIAL.sub(" ", text).split())


def _phrase_words(text: str, column: int) -> Words:
    words = split(text)
    if len(words) > MAX_WORDS:
        short = text[: words.span(0, MAX_WORDS)[1]]
        raise SpotError(f"a phrase has {MAX_WORDS} words at most; this one has {len(words)}", column, f'"{short}"')
    return words


def _value(field: str, text: str, column: int) -> Leaf:
    try:
        return leaf_of(field, text)
    except SlipError as slip:
        raise SpotError(str(slip), column, *([slip.repair] if slip.repair else []), "") from slip


def _author(text: str, column: int, slop: int | None) -> Author | None:
    if slop is not None:
        raise SpotError("a distance says nothing about a name", column, f'"{text}"')
    author = query_author(text)
    if author and any(0 < name.find("*") < 2 for name in (*author.given, *author.family)):
        raise SpotError('at least 2 letters come before "*"', column, f'"{text.replace("*", "")}"')
    return author


def _starred(words: Words, text: str, column: int) -> tuple[str, ...]:
    """Return the folded words of a term; a word with ``*`` behind it is plain and keeps the star."""
    parts = []
    for at, word in enumerate(words.words):
        before, after = words.gap(at), words.gap(at + 1)
        if before.endswith("*"):
            raise SpotError('"*" stands for the rest of a word, not for its beginning', column, text.replace("*", ""))
        if after == "*" and at + 1 < len(words):
            raise SpotError('"*" stands for the rest of a word, not for its middle', column, text.replace("*", ""))
        parts.append(words.plain(at) + "*" if after.startswith("*") else word)
    if len(parts) == 1 and len(parts[0]) == 2 and parts[0][1] == "*":
        raise SpotError('at least 2 letters come before "*"', column, parts[0][0])
    return tuple(parts)


def _near(parts: tuple[str, ...], slop: int, field: str, text: str, column: int) -> Leaf:
    if slop > MAX_DISTANCE:
        raise SpotError(
            f"words {slop} positions apart are not near: {MAX_DISTANCE} at most; use AND", column, f'"{text}"~50'
        )
    if slop == 0:
        return Phrase(parts, field)
    return Near(parts, slop, field)
