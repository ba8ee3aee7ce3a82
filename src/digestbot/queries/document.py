"""A paper as queries see it: its words by field, worked out once, when first asked for."""

from collections.abc import Iterator
from typing import NamedTuple

from digestbot.models import Hit, Paper
from digestbot.queries.fields import ZONES
from digestbot.queries.nodes import Leaf
from digestbot.text import Words, split, stem_word


class Item(NamedTuple):
    """One text of a paper: a whole field, or one item of a list field."""

    field: str
    at: int | None
    text: str


class Document:
    """A paper whose words are cut at most once, whoever asks. `source` names the digests it came from.

    `stars` are those of its code, where somebody looked; None where nobody did.
    """

    __slots__ = ("_words", "_zones", "hits", "paper", "source", "stars", "verdicts")

    def __init__(self, paper: Paper, source: str | tuple[str, ...] = "", stars: int | None = None) -> None:
        self.paper, self.source, self.stars = paper, source, stars
        self._words: dict[tuple[str, int | None], Words] = {}
        self._zones: dict[str, Zone] = {}
        self.verdicts: dict[Leaf, bool] = {}
        """Which leaves were asked for, and whether they hold; kept by `evaluate`."""
        self.hits: dict[Leaf, tuple[Hit, ...]] = {}
        """The places that fulfil a leaf, for those that were asked for; kept by ``matching.find``."""

    @property
    def sources(self) -> tuple[str, ...]:
        """The names of the digests, as far as they are known."""
        return (self.source,) if isinstance(self.source, str) and self.source else tuple(self.source)

    def items(self, field: str) -> Iterator[Item]:
        """Yield the texts of one field of the paper; ``source`` is the digest's name."""
        value = self.source if field == "source" else getattr(self.paper, field)
        if isinstance(value, str):
            yield Item(field, None, value)
        elif value is not None:
            for at, text in enumerate(value):
                yield Item(field, at, text)

    def number(self, field: str) -> float | None:
        """Return a number of the paper, ``stars`` for one; None when nobody told it."""
        value: float | None = self.stars if field == "stars" else getattr(self.paper, field)
        return value

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

    __slots__ = ("_initials", "_plain", "_stems", "_texts", "at", "closed", "closed_at", "row")

    def __init__(self, texts: list[tuple[Item, Words]]) -> None:
        self.row: list[str] = []
        """The folded word at each position; a wall is empty."""
        self.closed: dict[int, list[tuple[int, str, str]]] = {}
        """``(width, word, plain)`` of the closed words that begin at a position."""
        self.at: dict[str, list[int]] = {}
        """The positions of every word."""
        self.closed_at: dict[str, list[tuple[int, int]]] = {}
        """``(position, width)`` of every closed word."""
        self._texts: list[tuple[int, Item, Words]] = []
        self._plain: list[str] | None = None
        self._stems: list[str] | None = None
        self._initials: dict[str, list[tuple[str, int, int]]] | None = None
        for item, words in texts:
            self._append(item, words)
        self._index()

    def __contains__(self, word: object) -> bool:
        return word in self.at or word in self.closed_at

    def _append(self, item: Item, words: Words) -> None:
        start = len(self.row)
        self._texts.append((start, item, words))
        self.row += words.words
        self.row.append("")
        for first, width, word, plain in words.joined:
            self.closed.setdefault(start + first, []).append((width, word, plain))
            self.closed_at.setdefault(word, []).append((start + first, width))

    def _index(self) -> None:
        places = self.at
        for position, word in enumerate(self.row):
            if word in places:
                places[word].append(position)
            else:
                places[word] = [position]
        places.pop("", None)

    def places(self, word: str) -> list[tuple[int, int]]:
        """Return ``(position, width)`` of every occurrence of a word, open or closed."""
        found = [(position, 1) for position in self.at.get(word, ())]
        return found + self.closed_at[word] if word in self.closed_at else found

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
        """Yield ``(position, width)`` of the words that begin so; `start` is not empty."""
        if self._initials is None:
            self._initials = {}
            for word, position, width in self._plain_places():
                self._initials.setdefault(word[:1], []).append((word, position, width))
        for word, position, width in self._initials.get(start[0], ()):
            if word.startswith(start):
                yield position, width

    def _plain_places(self) -> Iterator[tuple[str, int, int]]:
        yield from ((word, position, 1) for position, word in enumerate(self.plain))
        yield from ((plain, position, width) for position, group in self.closed.items() for width, _, plain in group)

    def text_at(self, position: int) -> tuple[int, Item, Words]:
        """Return where the text that holds a position begins, which it is, and its words."""
        low, high = 0, len(self._texts)
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (middle, high) if self._texts[middle][0] <= position else (low, middle)
        return self._texts[low]
