"""What a query costs whoever matches it, found out by compiling it: told to its owner, and bounded in any case.

The clauses of a query never outgrow the query, and a query has 10,000 terms at most. So no query is refused for its
cost; one that costs as much as hundreds of others is remarked upon.
"""

from collections.abc import Sequence
from typing import NamedTuple

from digestbot.matching.atoms import Atoms
from digestbot.matching.clauses import SINGLE, Compiler
from digestbot.matching.sheets import Shape
from digestbot.queries import Query, leaves, parse_canonical
from digestbot.queries.nodes import Near, Phrase

_MANY_CLAUSES = 500
_MANY_VERIFIED = 50
_SHORT = 2
_LONG = 2 * _MANY_VERIFIED
"""Characters that `_MANY_VERIFIED` parts have at least."""


class Cost(NamedTuple):
    """What is done for a query."""

    clauses: int
    """Rows that every 64 papers are held against; a usual query has one or two."""
    verified: int
    """Parts that are evaluated for each paper that holds their words: nearness, exact forms."""
    stages: int
    """Rounds of clauses that have to be decided one after the other."""


class _Counter:
    """Counts clauses in place of writing them down."""

    def __init__(self) -> None:
        self.clauses = 0

    def write(self, shape: Shape, target: int, atoms: Sequence[int]) -> None:  # noqa: ARG002 (only counted)
        self.clauses += 1


def cost(query: Query) -> Cost:
    """Return what a query costs."""
    atoms, counter = Atoms(), _Counter()
    compiler = Compiler(atoms, counter)
    for literals in compiler.clauses(query):
        compiler.write(SINGLE, 0, literals)
    return Cost(counter.clauses, len(atoms.verified), len(set(atoms.stages.view.tolist()) - {0}))


def remarks_on(text: str) -> tuple[str, ...]:
    """Return the remarks on a query in canonical form. Short ones without a star are not even read.

    Raises QueryError.
    """
    return remarks(parse_canonical(text)) if "*" in text or len(text) > _LONG else ()


def remarks(query: Query) -> tuple[str, ...]:
    """Return what should be said about the cost of a query; nothing about nearly all of them."""
    parts = sum(1 for _ in leaves(query))
    found, said = cost(query) if parts > _MANY_VERIFIED else Cost(parts, parts, 0), list[str]()
    if found.clauses > _MANY_CLAUSES:
        said.append(f"it is as much work as {found.clauses:,} queries of one word: a start such as prun* may say it")
    if found.verified > _MANY_VERIFIED:
        said.append(f"{found.verified:,} of its parts ask for nearness or exact forms, which is slow; words are fast")
    words = [word for leaf, _ in leaves(query) if isinstance(leaf, Phrase | Near) for word in leaf.words]
    said += (f'"{word}" begins some word of nearly every paper' for word in dict.fromkeys(words) if _is_short(word))
    return tuple(said)


def _is_short(word: str) -> bool:
    return word[-1] == "*" and len(word) <= _SHORT + 1
