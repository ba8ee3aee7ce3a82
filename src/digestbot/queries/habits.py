"""Habits of other search boxes in single words, and what should be said about them."""

import re
from typing import NamedTuple

from digestbot.queries.faults import SpotError, edited
from digestbot.queries.fields import nearest_field
from digestbot.queries.lexer import Lexeme, lex
from digestbot.queries.quotes import SMART_QUOTES
from digestbot.queries.records import canonical_id

_NAMED = re.compile(r"([A-Za-z_]{2,}):(.+)", re.DOTALL)
_FUZZY = re.compile(r"([^~^]*[A-Za-z]{3})(?:~[\d.]{0,4}|\^\d[\d.]{0,4})")
_HOLE = re.compile(r"(?<=\w\w)\?(?=\w)")
_BARE_ID = re.compile(r"\d{4}\.\d{4,5}(?:v\d+)?|10\.\d{4,9}/\S+|https?://\S+", re.IGNORECASE)
_LOWER_OPERATORS = frozenset(("and", "or", "not"))
_TERM_KINDS = frozenset(("word", "phrase", "macro", "field", "open", "exact", "stem", "value", "not"))


class QueryWarning(NamedTuple):
    """Something that is accepted but may not be meant. `column` counts from 0."""

    column: int
    message: str


def as_typed(lexeme: Lexeme, field: str, text: str) -> tuple[str, str, QueryWarning | None]:
    """Return the field and the text that a bare word means, and what should be said about it.

    A pasted address or number of a paper asks for that paper. Raises SpotError for wild cards and boosts that are none
    here, and for names of fields that do not exist.
    """
    word, column = lexeme.text, lexeme.start
    if field:
        return field, word, None
    if _BARE_ID.fullmatch(word):
        kind = canonical_id(word)
        if kind.startswith(("arxiv:", "doi:", "pmid:", "openreview:")):
            return "id", word, QueryWarning(column, f"read as id:{kind}")
        return "", word, QueryWarning(column, "an address is read as its words")
    if fuzzy := _FUZZY.fullmatch(word):
        repair = edited(text, lexeme.start, lexeme.end, fuzzy[1])
        raise SpotError("there are no fuzzy words and no weights; ~word asks for the English stem", column, repair)
    if hole := _HOLE.search(word):
        repair = edited(text, lexeme.start, lexeme.end, f"{word[: hole.start()]}*")
        raise SpotError('"?" stands for nothing; "*" for the rest of a word', column + hole.start(), repair)
    return _colon(lexeme, text)


def _colon(lexeme: Lexeme, text: str) -> tuple[str, str, QueryWarning | None]:
    """Read ``name:rest``: a slip of a field's name is an error, a title's colon is none."""
    word, column = lexeme.text, lexeme.start
    named = _NAMED.fullmatch(word)
    if not named:
        return "", word, None
    near = nearest_field(named[1])
    if near is None and not named[1].islower():
        return "", word, QueryWarning(column, f'no field is called "{named[1]}": both sides are read as words')
    words = edited(text, lexeme.start, lexeme.end, f'"{named[1]} {named[2]}"')
    repairs = [edited(text, lexeme.start, lexeme.end, f"{near}:{named[2]}")] if near else []
    raise SpotError(f'no field is called "{named[1]}"', column, *repairs, words)


def remarks(text: str) -> list[QueryWarning]:
    """Return what should be said about the signs and the small words of a query that can be read."""
    found = [QueryWarning(at, "read as a plain quote") for at, char in enumerate(text) if char in SMART_QUOTES][:1]
    lexemes = lex(text)
    for at, lexeme in enumerate(lexemes):
        small = lexeme.text if lexeme.kind == "word" else ""
        begins = at == 0 or lexemes[at - 1].kind not in ("word", "phrase", "close", "value", "tag")
        if small in _LOWER_OPERATORS and lexemes[at + 1].kind in _TERM_KINDS and (small == "not" or not begins):
            found.append(
                QueryWarning(lexeme.start, f'"{small}" is read as a word to look for; the operator is {small.upper()}')
            )
        elif small and lexemes[at - 1].kind == "field" and at and _two_names(lexemes, at):
            found.append(
                QueryWarning(
                    lexeme.start, f'author: covers only {small}; write author:"{small} {lexemes[at + 1].text}"'
                )
            )
    return found


def _two_names(lexemes: tuple[Lexeme, ...], at: int) -> bool:
    """Return whether a bare name behind ``author:`` is followed by what looks like the rest of it."""
    following = lexemes[at + 1]
    names = lexemes[at].text[:1].isupper() and following.text[:1].isupper()
    return lexemes[at - 1].text.casefold() in ("author", "au") and following.kind == "word" and names
