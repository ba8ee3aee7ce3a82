"""From the texts of a group of papers to rows of word numbers, exactly as `text.split` cuts them.

A text is cut at its blanks into chunks; what a chunk holds does not depend on its neighbours, so each is cut once and
then known by its bytes. All the rest is done for the whole group at once.
"""

import re
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from digestbot.matching.growing import Growing, Ints, spread
from digestbot.matching.slots import LONGEST, Keys, Slots, keys_of
from digestbot.matching.vocabulary import WALL, Vocabulary
from digestbot.text import clean_text, fold_word, split_clean

_WALL = b"\xff"
"""Stands between two texts: no byte of UTF-8."""
_BREAK = b"\xfe"
"""Stands for a line's end inside a broken word."""
_BROKEN_LINE = re.compile(r"([-‐])\s?\n\s?(?!\s)")
_KEPT = b"-'`/_\xfe\xff"
_SPACED = bytes(
    code if code >= 128 or bytes((code,)).isalnum() or code in _KEPT else 32 for code in range(256)
).translate(bytes(range(65)) + bytes(range(97, 123)) + bytes(range(91, 256)))
"""ASCII in lower case, with a blank for all that neither is in a word nor ties two."""
_ODD = bytes(code in b"\\&$~{}^`\n" or 128 <= code < 255 for code in range(256))
"""1 for the bytes of a text that has to be read before it is cut."""
_HYPHEN, _BLANK = 45, 32
_PROBES = 24
_WORDS_BEHIND = 4
"""Blanks behind the last thing that has to be read up to which it may reach: from an accent to its letter."""
_MOST_CHUNKS = 300_000
"""Chunks that are remembered; when there are more, all are forgotten."""
_ENCODING = ("utf-8", "surrogatepass")


class Rows(NamedTuple):
    """The words of several texts in one row of positions; each text ends with a wall."""

    words: Ints
    """The folded word at each position."""
    plains: Ints
    """The word at each position with its ending untouched."""
    texts: Ints
    """Which text each position belongs to."""
    closed_at: Ints
    """The position at which each closed word begins."""
    closed_width: Ints
    closed_words: Ints
    closed_plains: Ints


class Cutter:
    """Chunks by their bytes, each with the number of its row."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._vocabulary = vocabulary
        self._start()

    def _start(self) -> None:
        self._slots = Slots(2, _PROBES)
        self._others: dict[bytes, int] = {}
        """Chunks that are too long for `Slots`, or found no place there."""
        self._first, self._count = Growing(), Growing()
        self._words, self._plains = Growing(), Growing()
        self._closed_first, self._closed_count = Growing(), Growing()
        self._closed = Growing()
        self._others[_WALL] = 0
        self._file([_Cut([WALL], [WALL], ())])

    def cut(self, texts: Sequence[str]) -> Rows:
        """Return the words of `texts`. Linear in their length; never raises."""
        if self._count.size > _MOST_CHUNKS:
            self._vocabulary.forget()
            self._start()
        chunks = self._chunks(b" \xff ".join([*_encoded(texts), b""]).translate(_SPACED))
        count = self._count.view[chunks]
        places = spread(self._first.view[chunks], count)
        words = self._words.view[places]
        walls = words == WALL
        texts_at = np.cumsum(walls, dtype=np.int32) - walls
        return Rows(words, self._plains.view[places], texts_at, *self._closed_rows(chunks, count))

    def _closed_rows(self, chunks: Ints, count: Ints) -> tuple[Ints, Ints, Ints, Ints]:
        closed = self._closed_count.view[chunks]
        having = np.flatnonzero(closed)
        rows = self._closed.view.reshape(-1, 4)[spread(self._closed_first.view[chunks[having]], closed[having])]
        starts = (np.cumsum(count, dtype=np.int32) - count)[having]
        at = np.repeat(starts, closed[having]) + rows[:, 0]
        return at, rows[:, 1], rows[:, 2], rows[:, 3]

    def _chunks(self, octets: bytes) -> Ints:
        """Return the numbers of all chunks in order; those that are new are cut."""
        octets = b" " + octets + b" " * (LONGEST + 8)
        solid = np.frombuffer(octets, np.uint8) != _BLANK
        edges = np.flatnonzero(solid[1:] != solid[:-1]) + 1
        starts, ends = edges[::2], edges[1::2]
        sizes = ends - starts
        keys = keys_of(octets, starts, sizes)
        found = self._slots.find(keys)
        short = sizes <= LONGEST
        found[~short] = -1
        fresh: dict[bytes, int] = {}
        new: list[_Cut] = []
        for at in np.flatnonzero(found < 0).tolist():
            chunk = octets[starts[at] : ends[at]]
            number = self._others.get(chunk)
            if number is None:
                number = self._others[chunk] = self._count.size + len(new)
                new.append(self._cut(chunk))
                if short[at]:
                    fresh[chunk] = at
            found[at] = number
        self._file(new)
        self._settle(fresh, found, keys)
        return found

    def _settle(self, fresh: dict[bytes, int], found: Ints, keys: Keys) -> None:
        """Move new chunks into the table, those aside that find no place there."""
        at = list(fresh.values())
        new = [word[at] for word in keys]
        self._slots.put(new, found[at])
        for chunk, number in zip(fresh, self._slots.find(new).tolist(), strict=True):
            if number >= 0:
                del self._others[chunk]

    def _cut(self, chunk: bytes) -> "_Cut":
        number = self._vocabulary.number
        text = chunk.replace(_BREAK, b"\n").decode(*_ENCODING)
        if chunk.isalpha():
            return _Cut([number(fold_word(text))], [number(text)], ())
        words = split_clean(text)
        closed = [(first, width, number(word), number(plain)) for first, width, word, plain in words.joined]
        return _Cut(list(map(number, words.words)), [number(words.plain(at)) for at in range(len(words))], closed)

    def _file(self, new: "Sequence[_Cut]") -> None:
        """Write down what new chunks hold."""
        if not new:
            return
        counts, closed = [len(cut.words) for cut in new], [len(cut.closed) for cut in new]
        self._first.extend(self._words.size + np.cumsum(counts) - counts)
        self._count.extend(counts)
        self._words.extend([word for cut in new for word in cut.words])
        self._plains.extend([plain for cut in new for plain in cut.plains])
        self._closed_first.extend(self._closed.size // 4 + np.cumsum(closed) - closed)
        self._closed_count.extend(closed)
        self._closed.extend([part for cut in new for row in cut.closed for part in row])


class _Cut(NamedTuple):
    """What one chunk holds: words, the same with their endings, ``(first, width, word, plain)`` of closed words."""

    words: list[int]
    plains: list[int]
    closed: Sequence[tuple[int, int, int, int]]


def _encoded(texts: Sequence[str]) -> list[bytes]:
    """Return the texts as bytes; what is not plain English is read and cleaned first."""
    coded = [text.encode(*_ENCODING) for text in texts]
    ends = np.cumsum([len(text) + 1 for text in coded])
    octets = _WALL.join(coded)
    hyphens = np.frombuffer(octets, np.uint8) == _HYPHEN
    marked = np.flatnonzero(np.frombuffer(octets.translate(_ODD), bool))
    odd = np.sort(np.concatenate((marked, np.flatnonzero(hyphens[1:] & hyphens[:-1]))))
    which, first = np.unique(ends.searchsorted(odd, side="right"), return_index=True)
    last = np.append(first, len(odd))[1:] - 1
    for at, low, high in zip(which.tolist(), odd[first].tolist(), odd[last].tolist(), strict=True):
        start = int(ends[at]) - len(coded[at]) - 1
        coded[at] = _cleaned(coded[at], low - start, high - start)
    return coded


def _cleaned(text: bytes, first: int, last: int) -> bytes:
    """Return a text cleaned of which all bytes before `first` and behind `last` are plain.

    Only what is between them is read, and a word or three on either side: what is read does not depend on others.
    """
    low = text.rfind(b" ", 0, max(0, text.rfind(b" ", 0, first))) + 1
    high = last
    for _ in range(_WORDS_BEHIND):
        high = text.find(b" ", high + 1)
        if high < 0:
            high = len(text)
            break
    return text[:low] + b"".join(_lines(clean_text(text[low:high].decode(*_ENCODING)))) + text[high:]


def _lines(text: str) -> list[bytes]:
    """Return a clean text as bytes, words that are broken over two lines in one piece."""
    if "\n" not in text:
        return [text.encode(*_ENCODING)]
    parts = _BROKEN_LINE.split(text)
    return [part.encode(*_ENCODING) + _BREAK * (at % 2) for at, part in enumerate(parts)]
