"""All phrases at once: a tree of words is walked over the positions of a whole group of papers.

A node stands for the beginning of a phrase. A text may say neighbours of a phrase as one closed word, and may tie words
that a phrase says as one; besides the plain step from word to word there are such *leaps*.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from digestbot.matching.chunks import Rows
from digestbot.matching.growing import Bits, Growing, Ints, spread
from digestbot.matching.slots import Slots
from digestbot.matching.vocabulary import WALL, Vocabulary

_ROOT = 0
_SHIFT = np.uint64(32)
_MANY = 1 << 16


class States(NamedTuple):
    """Beginnings of phrases found in the texts: the node, and the position behind it."""

    nodes: Ints
    places: Ints


class Leaps(NamedTuple):
    """Other ways through a text than from word to word, in order of position.

    From position `at` the (up to three) terms of `path` lead over `width` positions; 0 is no term.
    """

    at: Ints
    width: Ints
    path: Ints


class Tree:
    """Phrases by their words. An edge leads from a node and a term to the node of the longer beginning."""

    def __init__(self) -> None:
        self.edges = Slots(1)
        self.size = 1
        self._new: dict[int, int] = {}
        self._first = Growing(0)

    def node(self, terms: Sequence[int]) -> int:
        """Return the node of a phrase, which is made when there was none."""
        node = _ROOT
        for term in terms:
            key = node << 32 | term
            found = self._new.get(key) or self.edges.get(key)
            node = found if found > 0 else self._grow(key)
        return node

    def _grow(self, key: int) -> int:
        self._new[key] = self.size
        if key >> 32 == _ROOT:
            self._first[key] = self.size
        self.size += 1
        return self.size - 1

    def load(self, edges: Bits) -> None:
        """Take the filled rows of another tree's edges over."""
        keys, nodes = edges[:, 0], edges[:, 1].astype(np.int32)
        self.edges.put([keys], nodes)
        self.size = int(nodes.max(initial=0)) + 1
        roots = np.flatnonzero(keys >> _SHIFT == 0)
        terms = keys[roots].astype(np.int64)
        self._first.reach(int(terms.max(initial=0)) + 1)[terms] = nodes[roots]

    def settle(self) -> None:
        """File the new edges among the others."""
        if self._new:
            keys = np.fromiter(self._new, np.uint64, len(self._new))
            self.edges.put([keys], np.fromiter(self._new.values(), np.int32, len(self._new)))
            self._new = {}

    def _follow(self, nodes: Ints, terms: Ints) -> tuple[NDArray[np.int64], Ints]:
        """Return which of the states have an edge for their term, and the nodes it leads to."""
        found = self.edges.find([nodes.astype(np.uint64) << _SHIFT | terms.astype(np.uint64)])
        some = np.flatnonzero(found > 0)
        return some, found[some]

    def walk(self, words: Ints, leaps: Leaps, vocabulary_size: int) -> Iterator[States]:
        """Yield every beginning of a phrase in a row of words, with one word, with two …, some more than once."""
        self.settle()
        first = self._first.reach(vocabulary_size)
        nodes = first[words]
        at = np.flatnonzero(nodes).astype(np.int32)
        states = States(nodes[at], at + np.int32(1))
        leaping = np.zeros(len(words) + 1, bool)
        leaping[leaps.at] = True
        start = np.arange(len(leaps.at), dtype=np.int32)
        states = self._with_leaps(states, np.zeros(len(start), np.int32), start, leaps)
        while len(states.nodes):
            yield states
            some, nodes = self._follow(states.nodes, words[states.places])
            step = States(nodes, states.places[some] + np.int32(1))
            some = np.flatnonzero(leaping[states.places])
            jumps = _at_leaps(States(states.nodes[some], states.places[some]), leaps)
            states = self._with_leaps(step, *jumps, leaps)

    def _with_leaps(self, states: States, nodes: Ints, chosen: Ints, leaps: Leaps) -> States:
        """Return the states and those that the chosen leaps lead to from `nodes`."""
        if not len(chosen):
            return states
        for column in range(3):
            terms = leaps.path[chosen, column]
            go = np.flatnonzero(terms)
            done = np.flatnonzero(terms == WALL)
            some, further = self._follow(nodes[go], terms[go])
            chosen = np.concatenate((chosen[done], chosen[go[some]]))
            nodes = np.concatenate((nodes[done], further))
        if not len(chosen):
            return states
        places = leaps.at[chosen] + leaps.width[chosen]
        return _few(States(np.concatenate((states.nodes, nodes)), np.concatenate((states.places, places))))


def _few(states: States) -> States:
    """Return the states, each once when they are many: texts can be made in which many ways lead to the same ones."""
    if len(states.nodes) < _MANY:
        return states
    both = np.unique(states.nodes.astype(np.int64) << 32 | states.places)
    return States((both >> 32).astype(np.int32), (both & 0xFFFFFFFF).astype(np.int32))


def _at_leaps(states: States, leaps: Leaps) -> tuple[Ints, Ints]:
    """Return the states at which leaps begin, once for each, and those leaps."""
    low = leaps.at.searchsorted(states.places)
    count = leaps.at.searchsorted(states.places, side="right") - low
    return np.repeat(states.nodes, count), spread(low, count).astype(np.int32)


def leaps_of(rows: Rows, vocabulary: Vocabulary) -> Leaps:
    """Return the leaps of texts: asked closed words, asked neighbours and asked starts that a word may stand for."""
    vocabulary.parts.renew(rows.words)
    vocabulary.parts.renew(rows.closed_words)
    asked = np.flatnonzero(vocabulary.parts.asked.reach(len(vocabulary))[rows.closed_words])
    ones = np.ones(len(rows.words), np.int32)
    at, width, path = [rows.closed_at[asked]], [rows.closed_width[asked]], [_alone(rows.closed_words[asked])]
    open_words = np.arange(len(ones), dtype=np.int32), ones, rows.words
    for places, widths, terms in (open_words, (rows.closed_at, rows.closed_width, rows.closed_words)):
        many = vocabulary.parts.counts(terms)
        some = np.flatnonzero(many)
        at.append(np.repeat(places[some], many[some] // 3))
        width.append(np.repeat(widths[some], many[some] // 3))
        path.append(vocabulary.parts.rows(terms[some]).reshape(-1, 3))
        if vocabulary.starts_in_phrases.asked:
            plains = rows.plains if terms is rows.words else rows.closed_plains
            starts = vocabulary.starts_in_phrases
            starts.renew(plains)
            counts = starts.counts(plains)
            some = np.flatnonzero(counts)
            at.append(np.repeat(places[some], counts[some]))
            width.append(np.repeat(widths[some], counts[some]))
            path.append(_alone(starts.rows(plains[some])))
    spots = np.concatenate(at)
    order = np.argsort(spots, kind="stable")
    return Leaps(spots[order], np.concatenate(width)[order], np.concatenate(path)[order])


def _alone(terms: Ints) -> Ints:
    path = np.zeros((len(terms), 3), np.int32)
    path[:, 0] = terms
    return path


NO_LEAPS = Leaps(np.empty(0, np.int32), np.empty(0, np.int32), np.empty((0, 3), np.int32))
