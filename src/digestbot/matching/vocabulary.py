"""Words by number. What a query asks of a single word is a term as well: ``prun*`` is a start, ``~prune`` a stem.

A number stands for one word until `forget` is called; those that queries ask for stand for good.
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise

import numpy as np

from digestbot.matching.growing import Growing, Ints, spread
from digestbot.text import stem_word

WALL = 0
"""The number of what stands between two texts."""
LONGEST = 64
"""Letters of the longest word that closed forms are looked for in phrases; longer ones are verified."""

_PAIRS = 1 << 22


class Vocabulary:
    """Numbers of terms, and which starts, stems and neighbours a word stands for besides itself."""

    def __init__(self) -> None:
        self.numbers: dict[str, int] = {"": WALL}
        self.words: list[str] = [""]
        self._asked = {WALL}
        self._free: list[int] = []
        self._stems = Growing(-1)
        self.starts = Derived()
        self.parts = Derived()
        self._start_lengths: set[int] = set()
        self._part_lengths: set[int] = set()
        self.neighbours = Growing(0)
        """1 for the words that phrases ask for."""
        self._pairs = bytearray(_PAIRS)
        """1 at the mark of every two words that stand side by side in a phrase."""
        self.asks_stems = self.asks_starts_in_phrases = False

    def __len__(self) -> int:
        return len(self.words)

    def number(self, term: str) -> int:
        """Return the number of a term, a new one when it was not known."""
        found = self.numbers.get(term)
        if found is None:
            found = self._free.pop() if self._free else len(self.words)
            if found == len(self.words):
                self.words.append(term)
            else:
                self.words[found] = term
            self.numbers[term] = found
        return found

    def ask(self, term: str) -> int:
        """Return the number of a term that a query asks for."""
        number = self.number(term)
        if number not in self._asked:
            self._asked.add(number)
            if term[-1] == "*":
                self._start_lengths.add(len(term) - 1)
                self.starts.outdated()
            elif term[0] == "~":
                self.asks_stems = True
        return number

    def ask_neighbours(self, words: Sequence[str]) -> list[int]:
        """Return the numbers of the words of a phrase; a text may hold some of them closed with their neighbours."""
        numbers = [self.ask(word) for word in words]
        for word, number in zip(words, numbers, strict=True):
            if not self.neighbours[number]:
                self.neighbours[number] = 1
                if word[-1] == "*":
                    self.asks_starts_in_phrases = True
                else:
                    self._part_lengths.add(len(word))
        for pair in pairwise(numbers):
            if not self._pairs[mark := _mark(*pair)]:
                self._pairs[mark] = 1
                self.parts.outdated()
        return numbers

    def stems_of(self, terms: Ints) -> Ints:
        """Return the numbers of the stems of words."""
        stems = self._stems.reach(len(self.words))
        for term in np.unique(terms[stems[terms] < 0]).tolist():
            stem = self.number(f"~{stem_word(self.words[term])}") if term else WALL
            stems = self._stems.reach(len(self.words))
            stems[term] = stem
        return stems[terms]

    def renew_starts(self, terms: Ints) -> None:
        """Find the asked starts of words, where they are not known."""
        self.starts.renew(terms, len(self.words), self._starts_of)

    def renew_parts(self, terms: Ints) -> None:
        """Find the asked neighbours that words may stand for, where they are not known."""
        self.parts.renew(terms, len(self.words), self._parts_of)

    def _starts_of(self, term: int) -> Iterator[int]:
        word = self.words[term]
        for length in self._start_lengths:
            if length <= len(word) and (start := self.numbers.get(f"{word[:length]}*")) in self._asked:
                yield start

    def _parts_of(self, term: int) -> Iterator[int]:
        """Yield neighbours in threes, the third 0 where two are enough. Some may stand side by side in no phrase."""
        word = self.words[term]
        if len(word) > 3 * LONGEST:
            return
        for first, rest in self._cuts(word):
            last = self.numbers.get(rest, WALL)
            if self._pairs[_mark(first, last)] and self.neighbours[last]:
                yield from (first, last, WALL)
            for second, end in self._cuts(rest):
                last = self.numbers.get(end, WALL)
                if self._pairs[_mark(first, second)] and self._pairs[_mark(second, last)] and self.neighbours[last]:
                    yield from (first, second, last)

    def _cuts(self, word: str) -> Iterator[tuple[int, str]]:
        for length in self._part_lengths:
            if length < len(word) and self.neighbours[number := self.numbers.get(word[:length], WALL)]:
                if word[length - 1].isalpha() and word[length].isalpha():
                    yield number, word[length:]

    def forget(self) -> None:
        """Give the numbers of all words up that no query asks for."""
        gone = [number for number in self.numbers.values() if number not in self._asked]
        for number in gone:
            del self.numbers[self.words[number]]
            self.words[number] = ""
        self._free += gone
        self._stems.clear()
        self.starts.outdated()
        self.parts.outdated()

    def asked(self) -> Iterable[str]:
        """Return the asked terms with their numbers, in order of number."""
        return (self.words[number] if number in self._asked else "" for number in range(len(self.words)))


def _mark(first: int, second: int) -> int:
    return (first * 0x9E3779B1 + second * 0x85EBCA77) % _PAIRS


class Derived:
    """For every term a row of others, worked out when it is first met after what is asked for has changed."""

    def __init__(self) -> None:
        self._known = Growing(0)
        self._first = Growing(0)
        self._count = Growing(0)
        self._rows = Growing(0)
        self._version = 1

    def outdated(self) -> None:
        """Say that every row has to be worked out anew."""
        self._version += 1
        self._rows.clear()

    def renew(self, terms: Ints, size: int, rows_of: "Rows") -> None:
        """Work out the rows of those `terms` that have none yet; terms are below `size`."""
        known, first, count = (part.reach(size) for part in (self._known, self._first, self._count))
        for term in np.unique(terms[known[terms] != self._version]).tolist():
            row = list(rows_of(term))
            known[term], first[term], count[term] = self._version, self._rows.size, len(row)
            self._rows.extend(row)

    def counts(self, terms: Ints) -> Ints:
        """Return how long the rows of `terms` are."""
        return self._count.view[terms]

    def rows(self, terms: Ints) -> Ints:
        """Return the rows of `terms`, one behind the other."""
        return self._rows.view[spread(self._first.view[terms], self._count.view[terms])]
