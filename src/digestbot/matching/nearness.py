"""Nearness of words, decided for a whole batch of papers at once by where each word stands.

Words are near each other where a window of positions in one text holds each of them often enough. From every place of
one of them on it is asked how far it is to the last that is wanted.
"""

from collections import Counter
from functools import cached_property

import numpy as np

from digestbot.matching.chunks import Rows
from digestbot.matching.growing import Bits, Ints, order_of
from digestbot.matching.raising import IN_ZONE, Texts
from digestbot.matching.vocabulary import Vocabulary
from digestbot.queries import Leaf
from digestbot.queries.nodes import Near


class Places:
    """Where the words of a batch of papers stand. The words are put in order when somebody first asks."""

    def __init__(self, vocabulary: Vocabulary, rows: Rows, texts: Texts) -> None:
        self._vocabulary, self._rows, self._texts = vocabulary, rows, texts
        self._near: dict[Near, Bits] = {}

    def papers(self, leaf: Leaf) -> Bits | None:
        """Return for each group of papers those that hold a leaf; None where that takes reading each paper."""
        if not isinstance(leaf, Near) or any(word[-1] == "*" for word in leaf.words):
            return None
        found = self._near.get(leaf)
        if found is None:
            found = self._near[leaf] = self._bits(self._starts(leaf), leaf.field)
        return found

    def _starts(self, leaf: Near) -> Ints:
        """Return the first position of every window that holds all words of a leaf."""
        texts, wanted = self._rows.texts, [(self._of(word), times) for word, times in Counter(leaf.words).items()]
        if any(len(places) < times for places, times in wanted):
            return np.empty(0, np.int32)
        starts = np.unique(np.concatenate([places for places, _ in wanted]))
        for places, times in wanted:
            last = places.searchsorted(starts) + times - 1
            starts, last = starts[last < len(places)], last[last < len(places)]
            ends = places[last]
            starts = starts[(ends - starts <= leaf.distance) & (texts[ends] == texts[starts])]
        return starts

    def _of(self, word: str) -> Ints:
        """Return the positions of a word, open or closed, in order."""
        words, at = self._sorted
        number = self._vocabulary.numbers.get(word, -1)
        low, high = words.searchsorted((number, number + 1))
        return np.sort(at[low:high])

    @cached_property
    def _sorted(self) -> tuple[Ints, Ints]:
        """All words in order of their numbers, and where they stand."""
        rows = self._rows
        words = np.concatenate((rows.words, rows.closed_words))
        order = order_of(words)
        at = np.concatenate((np.arange(len(rows.words), dtype=np.int32), rows.closed_at))
        return words[order], at[order]

    def _bits(self, starts: Ints, zone: str) -> Bits:
        texts = self._texts
        where = self._rows.texts[starts]
        where = where[IN_ZONE[zone][texts.fields[where]]]
        found = np.zeros(int(texts.groups[-1]) + 1 if len(texts.groups) else 1, np.uint64)
        np.bitwise_or.at(found, texts.groups[where], texts.papers[where])
        return found
