"""A paper as queries see it: its words by field, worked out once, when first asked for."""

from collections.abc import Iterator
from typing import NamedTuple

from digestbot.models import Paper
from digestbot.queries.fields import ZONES
from digestbot.text import Words, split, stem_word


class Item(NamedTuple):
    """One text of a paper: a whole field, or one item of a list field."""

    field: str
    at: int | None
    text: str


class Document:
    """A paper whose words are cut at most once, whoever asks. `source` is the digest it came from, if that matters."""

    __slots__ = ("_words", "_zones", "paper", "source")

    def __init__(self, paper: Paper, source: str = "") -> None:
        self.paper, self.source = paper, source
        self._words: dict[tuple[str, int | None], Words] = {}
        self._zones: dict[str, Zone] = {}

    def items(self, field: str) -> Iterator[Item]:
        """Yield the texts of one field of the paper; ``source`` is the digest's name."""
        value = self.source if field == "source" else getattr(self.paper, field)
        if isinstance(value, str):
            yield Item(field, None, value)
        elif value is not None:
            for at, text in enumerate(value):
                yield Item(field, at, text)

    def words(self, item: Item) -> Words:
        """Return the words of one text."""
        place = item.field, item.at
        if place not in self._words:
            self._words[place] = split(item.text)
        return self._words[place]

    def zone(self, name: str) -> "Zone":
        """Return the words that a text field of the query language covers: a key of `ZONES`."""
        found = self._zones.get(name)
        if found is None:
            texts = [(item, self.words(item)) for field in ZONES[name] for item in self.items(field) if item.text]
            found = self._zones[name] = Zone(texts)
        return found


class Zone:
    """Words of several texts in one row of positions, with a wall between texts that no phrase crosses."""

    __slots__ = ("_plain", "_stems", "_texts", "at", "closed", "row")

    def __init__(self, texts: list[tuple[Item, Words]]) -> None:
        self.row: list[str] = []
        """The folded word at each position; a wall is empty."""
        self.closed: dict[int, list[tuple[int, str, str]]] = {}
        """``(width, word, plain)`` of the closed words that begin at a position."""
        self._texts: list[tuple[int, Item, Words]] = []
        for item, words in texts:
            start = len(self.row)
            self._texts.append((start, item, words))
            self.row += words.words
            self.row.append("")
            for first, width, word, plain in words.joined:
                self.closed.setdefault(start + first, []).append((width, word, plain))
        self.at = self._places()
        """``(position, width)`` of every occurrence of a word."""
        self._plain: list[str] | None = None
        self._stems: list[str] | None = None

    def _places(self) -> dict[str, list[tuple[int, int]]]:
        places: dict[str, list[tuple[int, int]]] = {}
        for position, word in enumerate(self.row):
            places.setdefault(word, []).append((position, 1))
        places.pop("", None)
        for position, closed in self.closed.items():
            for width, word, _ in closed:
                places.setdefault(word, []).append((position, width))
        return places

    @property
    def plain(self) -> list[str]:
        """The word at each position with its ending untouched: what a word's beginning is compared with."""
        if self._plain is None:
            self._plain = []
            for _, _, words in self._texts:
                self._plain += [words.plain(at) for at in range(len(words))]
                self._plain.append("")
        return self._plain

    @property
    def stems(self) -> list[str]:
        """The English stem at each position."""
        if self._stems is None:
            self._stems = [stem_word(word) for word in self.row]
        return self._stems

    def beginning(self, start: str) -> Iterator[tuple[int, int]]:
        """Yield ``(position, width)`` of the words that begin so."""
        for position, word in enumerate(self.plain):
            if word.startswith(start) and word:
                yield position, 1
        for position, closed in self.closed.items():
            for width, _, plain in closed:
                if plain.startswith(start):
                    yield position, width

    def text_at(self, position: int) -> tuple[int, Item, Words]:
        """Return where the text that holds a position begins, which it is, and its words."""
        low, high = 0, len(self._texts)
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (middle, high) if self._texts[middle][0] <= position else (low, middle)
        return self._texts[low]
