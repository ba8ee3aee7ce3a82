"""Atoms: what can be true of a paper by itself, by number. Equal leaves of queries share one.

A word, a start or a stem in a field is called up by its term, a phrase by its node in the tree of phrases, what a
record says by `Facts`. The rest (nearness, exact forms, some phrases with a star) is *verified*: a clause says what has
to be true in any case, and only for the papers that fulfil it the leaf is evaluated.
"""

from collections.abc import Callable
from itertools import chain

from digestbot.matching.facts import Facts
from digestbot.matching.growing import Growing
from digestbot.matching.phrases import Tree
from digestbot.matching.vocabulary import LONGEST, Vocabulary
from digestbot.queries import Leaf, Query, all_of, any_of
from digestbot.queries.nodes import Exact, Near, Phrase, Stems, TextLeaf
from digestbot.queries.passages import arcs, exact_words

TRUE = 0
"""The atom that is true of every paper."""


class Atoms:
    """The atoms that queries ask for."""

    def __init__(self) -> None:
        self.vocabulary = Vocabulary()
        self.phrases, self.stem_phrases = Tree(), Tree()
        self.by_term: dict[str, Growing] = {}
        """For each field the atom of every term; -1 where none is asked for."""
        self.by_phrase: dict[str, Growing] = {}
        """For each field the atom of every node of `phrases`."""
        self.by_stems: dict[str, Growing] = {}
        self.facts = Facts()
        self.counts = Growing(0)
        """How often each atom was true."""
        self.stages = Growing(0)
        """The stage that decides an atom; 0 for those that are called up."""
        self.verified: dict[int, TextLeaf] = {}
        self._verified_atoms: dict[Leaf, int] = {}
        self.new()

    def __len__(self) -> int:
        return self.counts.size

    def new(self) -> int:
        """Return a new atom."""
        self.counts.reach(self.counts.size + 1)
        return self.counts.size - 1

    def atom(self, leaf: Leaf, verify: Callable[[int, Query], None]) -> int:
        """Return the atom of a leaf. One that is new and has to be verified is first given to `verify`.

        `verify` gets the atom and a query, made of simpler leaves, without which the leaf cannot hold.
        """
        if not isinstance(leaf, TextLeaf):
            return self.facts.atom(leaf, self.new)
        if (place := self._place(leaf)) is not None:
            row, at = place
            found = row[at]
            if found < 0:
                found = row[at] = self.new()
            return found
        known = self._verified_atoms.get(leaf)
        if known is None:
            known = self.new()
            self.verify_with(leaf, known)
            verify(known, needed(leaf))
        return known

    def verify_with(self, leaf: TextLeaf, atom: int) -> None:
        """Let `atom` stand for a leaf that is verified."""
        self._verified_atoms[leaf] = atom
        self.verified[atom] = leaf

    def _place(self, leaf: TextLeaf) -> tuple[Growing, int] | None:
        """Return where the atom of a leaf that is called up is written down."""
        if isinstance(leaf, Stems):
            terms = [self.vocabulary.ask(f"~{stem}") for stem in leaf.stems]
            if len(terms) == 1:
                return _row(self.by_term, leaf.field), terms[0]
            return _row(self.by_stems, leaf.field), self.stem_phrases.node(terms)
        if not isinstance(leaf, Phrase):
            return None
        if len(leaf.words) == 1:
            return _row(self.by_term, leaf.field), self.vocabulary.ask(leaf.words[0])
        if any(len(word) > LONGEST for word in leaf.words) or _joins_a_start(leaf.words):
            return None
        return _row(self.by_phrase, leaf.field), self.phrases.node(self.vocabulary.ask_neighbours(leaf.words))

    def fields(self) -> frozenset[str]:
        """Return the fields of the query language whose words are asked for."""
        return frozenset(chain(self.by_term, self.by_phrase, self.by_stems))


def _joins_a_start(words: tuple[str, ...]) -> bool:
    """Return whether a closed word of a text may stand for neighbours of which the last is the beginning of a word."""
    return words[-1][-1] == "*" and any(width > 1 and word[-1] == "*" for arc in arcs(words) for width, word in arc)


def _row(rows: dict[str, Growing], field: str) -> Growing:
    row = rows.get(field)
    if row is None:
        row = rows[field] = Growing(-1)
    return row


def needed(leaf: TextLeaf) -> Query:
    """Return what has to hold wherever a leaf that is verified holds."""
    if isinstance(leaf, Exact):
        return all_of(Phrase((word,), leaf.field) for word in exact_words(leaf.text))
    if isinstance(leaf, Near):
        return all_of(Phrase((word,), leaf.field) for word in leaf.words)
    words = leaf.words if isinstance(leaf, Phrase) else leaf.stems
    lattice = arcs(words)
    return all_of(any_of(_at_place(lattice, place, leaf.field)) for place in range(len(words)))


def _at_place(lattice: tuple[tuple[tuple[int, str], ...], ...], place: int, field: str) -> list[Query]:
    """Return what a text may say at a place of a phrase: its word, or a closed word that begins up to two before."""
    starts = range(max(0, place - 2), place + 1)
    return [Phrase((word,), field) for start in starts for width, word in lattice[start] if start + width > place]
