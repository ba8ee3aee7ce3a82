"""Queries in canonical form, as `format_query` prints them, read back in a tenth of the time that `parse` takes.

Only the common forms are read here: words, phrases, starts and exclusions, side by side or joined by OR. Whatever else
a query holds is left to `parse`; what is read here is read as `parse` would.
"""

import re
from collections.abc import Callable, Mapping
from types import MappingProxyType

from digestbot.queries.names import PARTICLES
from digestbot.queries.nodes import Author, Leaf, Phrase, Query, all_of, any_of, negate
from digestbot.queries.parser import parse
from digestbot.queries.values import leaf_of
from digestbot.text import fold_word

_TERM = re.compile(
    r"(-?)(?:(title|abstract|tiab|comment|keyword|venue|org|all|author|category):)?"
    r'(?:([a-z]{2,40}|[0-9]{1,9})(\*?)|([A-Za-z.-]{2,20})|"([a-z0-9 ]{2,200})")'
)
_WORD = re.compile(r"[a-z]{1,40}|[0-9]{1,9}")
_OPERATORS = frozenset(("and", "or", "not", "andnot"))
_NO_NAMES = PARTICLES | {"jr", "sr", "ii", "iii", "iv", "phd", "md"}
_LONGEST = 2000


class _Unusual(Exception):  # noqa: N818 (no error: the other reader takes over)
    """It is not one of the common forms."""


def parse_canonical(text: str) -> Query:
    """Return the query that a text in canonical form means; equal to ``parse(text)``. Raises QueryError like it."""
    try:
        return _read(text)
    except _Unusual:
        return parse(text)


def _read(text: str) -> Query:
    if len(text) > _LONGEST or "(" in text:
        raise _Unusual
    alternatives = text.split(" OR ")
    if len(alternatives) > 1:
        return any_of([_term(_TERM.fullmatch(part)) for part in alternatives])
    parts, at = list[Query](), 0
    while True:
        found = _TERM.match(text, at)
        parts.append(_term(found))
        at = found.end() if found else 0
        if at == len(text):
            return all_of(parts)
        if text[at] != " ":
            raise _Unusual
        at += 1


def _term(found: re.Match[str] | None) -> Query:
    if found is None:
        raise _Unusual
    minus, field, word, star, code, quoted = found.groups(default="")
    leaf = _LEAVES.get(field, _words)(field, word, star, code, quoted)
    return negate(leaf) if minus else leaf


def _words(field: str, word: str, star: str, code: str, quoted: str) -> Leaf:
    if word and word not in _OPERATORS and (star or fold_word(word) == word) and not (star and len(word) < 2):
        return Phrase((word + star,), field)
    words = tuple(quoted.split(" "))
    if code or not all(_WORD.fullmatch(part) and fold_word(part) == part for part in words):
        raise _Unusual
    return Phrase(words, field)


def _author(_field: str, word: str, star: str, code: str, quoted: str) -> Leaf:
    if star or code or quoted or not word.isalpha() or word in _NO_NAMES or "arrow" in word:
        raise _Unusual
    return Author((), (word,))


def _category(field: str, word: str, star: str, code: str, quoted: str) -> Leaf:
    if star or quoted or word.isdigit():
        raise _Unusual
    return leaf_of(field, word or code)


_LEAVES: Mapping[str, Callable[[str, str, str, str, str], Leaf]] = MappingProxyType(
    {"author": _author, "category": _category}
)
