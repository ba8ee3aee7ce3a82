"""From the texts of a group of papers to rows of word numbers, exactly as `text.split` cuts them.

A text is cut at its blanks into chunks; what a chunk holds does not depend on its neighbours, so each is cut once and
then known by its bytes. All the rest is done for the whole group at once.
"""

import re
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from digestbot.matching.growing import Growing, Ints, spread
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
_PLAIN, _LINE, _ODD = 0, 1, 2
_SORTS = np.full(256, _PLAIN, np.uint8)
_SORTS[list(b"\\&$~{}^`\xff")] = _ODD
_SORTS[128:] = _ODD
_SORTS[255] = _PLAIN
_SORTS[10] = _LINE
_HYPHEN = 45
_MOST_CHUNKS = 400_000
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


class Cutter(dict[bytes, int]):
    """Chunks by their bytes, each with the number of its row."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        super().__init__()
        self._vocabulary = vocabulary
        self._new: list[bytes] = []
        self._start()

    def _start(self) -> None:
        self.clear()
        self._first, self._count = Growing(), Growing()
        self._words, self._plains = Growing(), Growing()
        self._closed_first, self._closed_count = Growing(), Growing()
        self._closed = Growing()
        self[_WALL] = 0
        self._file([WALL], [WALL], [])

    def cut(self, texts: Sequence[str]) -> Rows:
        """Return the words of `texts`. Linear in their length; never raises."""
        if len(self) > _MOST_CHUNKS:
            self._vocabulary.forget()
            self._start()
        pieces = b" \xff ".join(_encoded(texts) + [b""]).translate(_SPACED).split()
        chunks = np.fromiter(map(self.__getitem__, pieces), np.int32, len(pieces))
        self._file_new()
        count = self._count.view[chunks]
        places = spread(self._first.view[chunks], count)
        words = self._words.view[places]
        texts_at = np.cumsum(words == WALL, dtype=np.int32)
        texts_at[words == WALL] -= 1
        return Rows(words, self._plains.view[places], texts_at, *self._closed_rows(chunks, count))

    def _closed_rows(self, chunks: Ints, count: Ints) -> tuple[Ints, Ints, Ints, Ints]:
        closed = self._closed_count.view[chunks]
        having = np.flatnonzero(closed)
        rows = self._closed.view.reshape(-1, 4)[spread(self._closed_first.view[chunks[having]], closed[having])]
        starts = (np.cumsum(count, dtype=np.int32) - count)[having]
        at = np.repeat(starts, closed[having]) + rows[:, 0]
        return at, rows[:, 1], rows[:, 2], rows[:, 3]

    def __missing__(self, chunk: bytes) -> int:
        number = self._count.size + len(self._new)
        self._new.append(chunk)
        self[chunk] = number
        return number

    def _file_new(self) -> None:
        for chunk in self._new:
            self._file(*self._cut(chunk))
        self._new.clear()

    def _cut(self, chunk: bytes) -> tuple[list[int], list[int], list[tuple[int, int, int, int]]]:
        number = self._vocabulary.number
        text = chunk.replace(_BREAK, b"\n").decode(*_ENCODING)
        if chunk.isalpha():
            return [number(fold_word(text))], [number(text)], []
        words = split_clean(text)
        closed = [(first, width, number(word), number(plain)) for first, width, word, plain in words.joined]
        return list(map(number, words.words)), [number(words.plain(at)) for at in range(len(words))], closed

    def _file(self, words: list[int], plains: list[int], closed: list[tuple[int, int, int, int]]) -> None:
        self._first.extend([self._words.size])
        self._count.extend([len(words)])
        self._words.extend(words)
        self._plains.extend(plains)
        self._closed_first.extend([self._closed.size // 4])
        self._closed_count.extend([len(closed)])
        self._closed.extend([part for row in closed for part in row])


def _encoded(texts: Sequence[str]) -> list[bytes]:
    """Return the texts as bytes, those that are not plain English read and cleaned first."""
    coded = [text.encode(*_ENCODING) for text in texts]
    ends = np.cumsum([len(text) + 1 for text in coded])
    codes = np.frombuffer(_WALL.join(coded), np.uint8)
    sorts = _SORTS[codes]
    hyphens = codes == _HYPHEN
    marked = np.flatnonzero(sorts)
    odd = np.concatenate((marked, np.flatnonzero(hyphens[1:] & hyphens[:-1])))
    for at in np.unique(np.searchsorted(ends, odd, side="right")).tolist():
        coded[at] = b"".join(_lines(clean_text(texts[at])))
    return coded


def _lines(text: str) -> list[bytes]:
    """Return a clean text as bytes, words that are broken over two lines in one piece."""
    if "\n" not in text:
        return [text.encode(*_ENCODING)]
    parts = _BROKEN_LINE.split(text)
    return [part.encode(*_ENCODING) + _BREAK * (at % 2) for at, part in enumerate(parts)]
