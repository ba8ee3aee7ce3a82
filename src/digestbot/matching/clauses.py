"""From a query to clauses of a bounded size: atoms that must be true together, and perhaps one that must not be.

Small alternatives are multiplied out. Where that would make more than a few clauses, an alternative becomes an atom of
its own with clauses that decide it at an earlier stage; so the clauses of a query never outgrow the query.
"""

from collections.abc import Iterable, Sequence
from itertools import product
from typing import Protocol

from digestbot.matching.atoms import TRUE, Atoms
from digestbot.matching.sheets import MOST_WANTED, Shape
from digestbot.queries import Leaf, Query
from digestbot.queries.nodes import Not, Or, Several

SINGLE = 1 << 20
"""The stage of clauses that alone decide an entry."""
MULTI = SINGLE + 1
"""The stage of clauses of an entry that has several."""
_MOST_PRODUCTS = 8
_Literals = frozenset[int]
"""Twice the atom, and one more where it must not be true."""
_NO_LITERALS: _Literals = frozenset()


class Drafts(Protocol):
    """Where clauses are written down."""

    def write(self, shape: Shape, target: int, atoms: Sequence[int]) -> None:
        """Write a clause: the wanted atoms, then the unwanted one if there is one."""


class Compiler:
    """Writes the clauses of queries."""

    def __init__(self, atoms: Atoms, drafts: Drafts) -> None:
        self._atoms, self._drafts = atoms, drafts
        self._defined: dict[frozenset[_Literals], int] = {}

    def clauses(self, query: Query) -> list[_Literals]:
        """Return the alternatives of which one has to be fulfilled. None at all: the query can match nothing."""
        found = self._alternatives(query, wanted=True)
        return [self._bounded(found[0])] if len(found) == 1 else list(dict.fromkeys(map(self._bounded, found)))

    def write(self, stage: int, target: int, literals: Iterable[int]) -> None:
        """Write one clause down; its literals are few (see `bounded`)."""
        wanted = [atom >> 1 for atom in literals if not atom & 1] or [TRUE]
        unwanted = [atom >> 1 for atom in literals if atom & 1]
        self._drafts.write(Shape(stage, len(wanted), len(unwanted)), target, [*wanted, *unwanted])

    def _bounded(self, literals: _Literals) -> _Literals:
        """Return as many literals as a clause holds; what is too much becomes an atom, the rarest ones stay."""
        unwanted = [atom for atom in literals if atom & 1]
        if len(literals) <= MOST_WANTED and len(unwanted) <= 1:
            return literals
        wanted = [atom for atom in literals if not atom & 1]
        if len(wanted) > MOST_WANTED:
            wanted.sort(key=lambda atom: self._atoms.counts[atom >> 1])
            rest = wanted[MOST_WANTED - 1 :]
            while len(rest) > 1:
                some = (frozenset(rest[at : at + MOST_WANTED]) for at in range(0, len(rest), MOST_WANTED))
                rest = [2 * self._define([literals]) for literals in some]
            wanted[MOST_WANTED - 1 :] = rest
        if len(unwanted) > 1:
            unwanted = [2 * self._define([frozenset((atom ^ 1,)) for atom in unwanted]) + 1]
        return frozenset((*wanted, *unwanted))

    def _alternatives(self, query: Query, *, wanted: bool) -> list[_Literals]:
        if isinstance(query, Not):
            return self._alternatives(query.part, wanted=not wanted)
        if not isinstance(query, Several):
            return [frozenset((2 * self._atom(query) + (not wanted),))]
        parts = [self._alternatives(part, wanted=wanted) for part in query.parts]
        if isinstance(query, Or) is wanted:
            return [literals for part in parts for literals in part]
        return self._multiplied(parts)

    def _multiplied(self, parts: list[list[_Literals]]) -> list[_Literals]:
        found = [_NO_LITERALS.union(*[part[0] for part in parts if len(part) == 1])]
        for part in sorted([part for part in parts if len(part) != 1], key=len):
            few = len(found) * len(part) <= _MOST_PRODUCTS
            factors = part if few else [frozenset((2 * self._define(part),))]
            found = [one | other for one, other in product(found, factors)]
        # An atom that is wanted and unwanted at once would be there twice.
        return [literals for literals in found if len({atom >> 1 for atom in literals}) == len(literals)]

    def _atom(self, leaf: Leaf) -> int:
        return self._atoms.atom(leaf, self._verify)

    def _verify(self, atom: int, query: Query) -> None:
        self._decide(atom, self.clauses(query), verified=True)

    def _define(self, alternatives: Sequence[_Literals]) -> int:
        """Return the atom that is true when one of the alternatives is."""
        key = frozenset(alternatives)
        found = self._defined.get(key)
        if found is None:
            found = self._defined[key] = self._atoms.new()
            self._decide(found, key, verified=False)
        return found

    def _decide(self, atom: int, alternatives: Iterable[_Literals], *, verified: bool) -> None:
        stages = self._atoms.stages
        alternatives = [self._bounded(literals) for literals in alternatives]
        latest = max((stages[literal >> 1] for literals in alternatives for literal in literals), default=0)
        stage = latest + 1 + (latest % 2 == verified)
        stages[atom] = stage
        for literals in alternatives:
            self.write(stage, atom, literals)


def is_verified(stage: int) -> bool:
    """Return whether the atoms that clauses of this stage decide have to be verified."""
    return stage % 2 == 1 and stage < SINGLE
