"""Words of a query that no stored paper holds, and the closest words that some do."""

from collections.abc import Collection, Iterator, Mapping
from difflib import get_close_matches
from types import MappingProxyType

from digestbot.queries.habits import QueryWarning
from digestbot.queries.lexer import lex
from digestbot.queries.nodes import Exact, Near, Phrase, Query, leaves
from digestbot.queries.parser import parse
from digestbot.text import fold, split

_NO_MACROS: Mapping[str, str] = MappingProxyType({})


def unseen_words(
    text: str, vocabulary: Collection[str], macros: Mapping[str, str] = _NO_MACROS
) -> tuple[QueryWarning, ...]:
    """Return a warning for every word of a query that is not in `vocabulary`, the folded words of the stored papers.

    Words of macros are warned of at the macro's column. Raises QueryError when the query cannot be read.
    """
    places = dict(_places(text))
    warnings = []
    for word in dict.fromkeys(_words(parse(text, macros))):
        if not _occurs(word, vocabulary):
            near = get_close_matches(word.rstrip("*"), _alike(word, vocabulary), n=3, cutoff=0.75)
            hint = f"; some hold {', '.join(near)}" if near else ""
            warnings.append(QueryWarning(places.get(word.rstrip("*"), 0), f'no stored paper holds "{word}"{hint}'))
    return tuple(sorted(warnings))


def _words(query: Query) -> Iterator[str]:
    for leaf, wanted in leaves(query):
        if wanted and isinstance(leaf, Phrase | Near):
            yield from leaf.words
        elif wanted and isinstance(leaf, Exact):
            yield from fold(leaf.text).split()


def _occurs(word: str, vocabulary: Collection[str]) -> bool:
    if word.endswith("*"):
        return any(known.startswith(word[:-1]) for known in vocabulary)
    return word in vocabulary


def _alike(word: str, vocabulary: Collection[str]) -> list[str]:
    """Return the words that may be close: slips seldom change the first letter or the length by much."""
    length = len(word)
    return [known for known in vocabulary if known[:1] == word[:1] and abs(len(known) - length) <= 2]


def _places(text: str) -> Iterator[tuple[str, int]]:
    """Yield the words of a query and their columns, the last occurrence first."""
    for lexeme in reversed(lex(text)):
        if lexeme.kind in ("word", "phrase"):
            words = split(text[lexeme.start : lexeme.end])
            for at in reversed(range(len(words))):
                column = lexeme.start + words.span(at, at + 1)[0]
                yield words.plain(at), column
                yield words.words[at], column
