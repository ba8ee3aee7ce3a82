"""The query language: what a person types into one box, as a tree, as text again, and as a verdict on a paper.

::

    text ─lex→ lexemes ─parse→ tree ─format→ canonical text
                                └──evaluate(tree, paper)→ yes or no
"""

from digestbot.queries.canonical import parse_canonical
from digestbot.queries.document import Document
from digestbot.queries.evaluate import evaluate
from digestbot.queries.format import format_query, format_typed
from digestbot.queries.habits import QueryWarning
from digestbot.queries.nodes import Leaf, Query, all_of, any_of, excludes_only, leaves, negate
from digestbot.queries.parser import Parsed, parse, parse_with_warnings, warnings
from digestbot.queries.typed import typed_clauses
from digestbot.queries.vocabulary import unseen_words

__all__ = [
    "Document",
    "Leaf",
    "Parsed",
    "Query",
    "QueryWarning",
    "all_of",
    "any_of",
    "evaluate",
    "excludes_only",
    "format_query",
    "format_typed",
    "leaves",
    "negate",
    "parse",
    "parse_canonical",
    "parse_with_warnings",
    "typed_clauses",
    "unseen_words",
    "warnings",
]
