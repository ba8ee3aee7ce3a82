"""Words by number. What a query asks of a single word is a term as well: ``prun*`` is a start, ``~prune`` a stem.

A number stands for one word until `forget` is called; those that queries ask for stand for good.
"""

from collections.abc import Iterable, Iterator

import numpy as np

from digestbot.matching.growing import Growing, Ints, spread
from digestbot.text import stem_word

WALL = 0
"""The number of what stands between two texts."""
LONGEST = 64
"""Letters of the longest word that closed forms are looked for in phrases; longer ones are verified."""


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
        self._neighbours: set[str] = set()
        self.asks_stems = False

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

    def ask_neighbour(self, word: str) -> int:
        """Return the number of a word that a phrase asks for; a text may hold it closed with its neighbours."""
        if word not in self._neighbours:
            self._neighbours.add(word)
            self._part_lengths.add(len(word))
            self.parts.outdated()
        return self.ask(word)

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
        """Yield neighbours in threes, the third 0 where two are enough."""
        word = self.words[term]
        if len(word) > 3 * LONGEST:
            return
        for first, rest in self._cuts(word):
            if rest in self._neighbours:
                yield from (self.numbers[first], self.numbers[rest], WALL)
            for second, third in self._cuts(rest):
                if third in self._neighbours:
                    yield from (self.numbers[first], self.numbers[second], self.numbers[third])

    def _cuts(self, word: str) -> Iterator[tuple[str, str]]:
        for length in self._part_lengths:
            if length < len(word) and word[:length] in self._neighbours:
                if word[length - 1].isalpha() and word[length].isalpha():
                    yield word[:length], word[length:]

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
