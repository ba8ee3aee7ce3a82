"""Words by number. What a query asks of a single word is a term as well: ``prun*`` is a start, ``~prune`` a stem.

A number stands for one word until `forget` is called; those that queries ask for stand for good.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from digestbot.matching.growing import Growing, Ints, spread
from digestbot.text import stem_word

WALL = 0
"""The number of what stands between two texts."""
LONGEST = 64
"""Letters of the longest word that closed forms are looked for in phrases; longer ones are verified."""

_PAIRS = 1 << 22
_FIRST, _SECOND = 0x1E3779B1, 0x05EBCA77


class Vocabulary:
    """Numbers of terms, and which starts, stems and neighbours a word stands for besides itself."""

    def __init__(self) -> None:
        self.numbers: dict[str, int] = {"": WALL}
        self.words: list[str] = [""]
        self.asked = {WALL}
        """The numbers of the terms that queries ask for."""
        self._free: list[int] = []
        self._stems = Growing(-1)
        self.asks_stems = False
        self.starts = Starts(self)
        """The starts that are asked for by themselves."""
        self.starts_in_phrases = Starts(self)
        self.parts = Parts(self)

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
        """Return the number of a term that a query asks for by itself."""
        number = self._kept(term)
        if term[-1] == "*":
            self.starts.ask(term[:-1], number)
        elif term[0] == "~":
            self.asks_stems = True
        return number

    def ask_neighbours(self, words: Sequence[str]) -> list[int]:
        """Return the numbers of the words of a phrase; a text may hold some of them closed with their neighbours."""
        numbers = [self._kept(word) for word in words]
        for word, number in zip(words, numbers, strict=True):
            if word[-1] == "*":
                self.starts_in_phrases.ask(word[:-1], number)
        self.parts.ask(words, numbers)
        return numbers

    def _kept(self, term: str) -> int:
        """Return the number of a term that is never given up."""
        number = self.number(term)
        self.asked.add(number)
        return number

    def stems_of(self, terms: Ints) -> Ints:
        """Return the numbers of the stems of words."""
        stems = self._stems.reach(len(self.words))
        for term in np.unique(terms[stems[terms] < 0]).tolist():
            stem = self.number(f"~{stem_word(self.words[term])}") if term else WALL
            stems = self._stems.reach(len(self.words))
            stems[term] = stem
        return stems[terms]

    def forget(self) -> None:
        """Give the numbers of all words up that no query asks for."""
        gone = [number for number in self.numbers.values() if number not in self.asked]
        for number in gone:
            del self.numbers[self.words[number]]
            self.words[number] = ""
        self._free += gone
        self._stems.clear()
        for derived in (self.starts, self.starts_in_phrases, self.parts):
            derived.outdated()

    def load(self, terms: Iterable[tuple[int, str]]) -> None:
        """Take asked terms over with their numbers, in order; the vocabulary is new."""
        for number, term in terms:
            self._free += range(len(self.words), number)
            self.words += [""] * (number + 1 - len(self.words))
            self.words[number] = term
            self.numbers[term] = number
            self.asked.add(number)
            self.asks_stems |= term[:1] == "~"


class Derived(ABC):
    """For every term a row of others, worked out when it is first met after what is asked for has changed."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._vocabulary = vocabulary
        self._known, self._first, self._count = Growing(0), Growing(0), Growing(0)
        self._rows = Growing(0)
        self._version = 1

    def outdated(self) -> None:
        """Say that every row has to be worked out anew."""
        self._version += 1
        self._rows.clear()

    def renew(self, terms: Ints) -> None:
        """Work out the rows of those `terms` that have none yet."""
        size = len(self._vocabulary)
        known, first, count = (part.reach(size) for part in (self._known, self._first, self._count))
        fresh = terms[known[terms] != self._version]
        for term in np.unique(fresh).tolist() if len(fresh) else ():
            row = list(self._row(self._vocabulary.words[term]))
            known[term], first[term], count[term] = self._version, self._rows.size, len(row)
            self._rows.extend(row)

    @abstractmethod
    def _row(self, word: str) -> Iterable[int]:
        """Return the row of a word."""

    def counts(self, terms: Ints) -> Ints:
        """Return how long the rows of `terms` are."""
        return self._count.view[terms]

    def rows(self, terms: Ints) -> Ints:
        """Return the rows of `terms`, one behind the other."""
        return self._rows.view[spread(self._first.view[terms], self._count.view[terms])]


class Starts(Derived):
    """The asked starts of every word."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        super().__init__(vocabulary)
        self.asked: dict[str, int] = {}
        self._lengths: set[int] = set()

    def ask(self, start: str, number: int) -> None:
        """Let a start be asked for; `number` is its term's."""
        if start not in self.asked:
            self.asked[start] = number
            self._lengths.add(len(start))
            self.outdated()

    def _row(self, word: str) -> Iterator[int]:
        for length in self._lengths:
            if length <= len(word) and (start := self.asked.get(word[:length])):
                yield start


class Parts(Derived):
    """The neighbours that a word may stand for, in threes, the third 0 where two are enough.

    Some of them may stand side by side in no phrase: the tree of phrases decides.
    """

    def __init__(self, vocabulary: Vocabulary) -> None:
        super().__init__(vocabulary)
        self.asked = Growing(0)
        """1 for the words that phrases ask for."""
        self._pairs = bytearray(_PAIRS)
        """1 at the mark of every two words that stand side by side in a phrase."""
        self._lengths: set[int] = set()

    def ask(self, words: Sequence[str], numbers: Sequence[int], *, side_by_side: bool = True) -> None:
        """Let the words of a phrase be asked for, or of several."""
        for word, number in zip(words, numbers, strict=True):
            if word[-1] != "*" and not self.asked[number]:
                self.asked[number] = 1
                self._lengths.add(len(word))
        for pair in pairwise(numbers) if side_by_side else ():
            if not self._pairs[mark := _mark(*pair)]:
                self._pairs[mark] = 1
                self.outdated()

    def mark(self, firsts: NDArray[np.int64], seconds: NDArray[np.int64]) -> None:
        """Let words stand side by side in phrases."""
        pairs = np.frombuffer(self._pairs, np.uint8)
        pairs[(firsts * _FIRST + seconds * _SECOND) % _PAIRS] = 1
        self.outdated()

    def _row(self, word: str) -> Iterator[int]:
        if len(word) > 3 * LONGEST:
            return
        for first, rest in self._cuts(word):
            last = self._vocabulary.numbers.get(rest, WALL)
            if self._pairs[_mark(first, last)] and self.asked[last]:
                yield from (first, last, WALL)
            for second, end in self._cuts(rest):
                last = self._vocabulary.numbers.get(end, WALL)
                if self._pairs[_mark(first, second)] and self._pairs[_mark(second, last)] and self.asked[last]:
                    yield from (first, second, last)

    def _cuts(self, word: str) -> Iterator[tuple[int, str]]:
        for length in self._lengths:
            if length < len(word) and word[length - 1].isalpha() and word[length].isalpha():
                number = self._vocabulary.numbers.get(word[:length], WALL)
                if self.asked[number]:
                    yield number, word[length:]


def _mark(first: int, second: int) -> int:
    return (first * _FIRST + second * _SECOND) % _PAIRS
