"""Clauses as a person typed them, for those who read them: the canonical form shows folded words."""

from collections.abc import Mapping
from types import MappingProxyType

from digestbot.errors import QueryError
from digestbot.queries.faults import SpotError
from digestbot.queries.format import format_query
from digestbot.queries.lexer import lex
from digestbot.queries.parser import parse_with_warnings

_NO_MACROS: Mapping[str, str] = MappingProxyType({})


def typed_clauses(text: str, macros: Mapping[str, str] = _NO_MACROS) -> dict[str, str]:
    """Return the clauses of a query as typed, by their canonical form, where the two differ.

    A named query that `macros` does not hold is passed over; so is a query that cannot be read.
    """
    try:
        unknown = {lexeme.text: "x" for lexeme in lex(text) if lexeme.kind == "macro"}
        typed = parse_with_warnings(text, unknown | dict(macros)).typed
    except (SpotError, QueryError):
        return {}
    shown = {format_query(leaf): words for leaf, words in typed.items()}
    return {clause: words for clause, words in shown.items() if words != clause}
