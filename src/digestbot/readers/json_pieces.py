"""The records of a large JSON document, each decoded when it is asked for: decoded as one it takes ten times its size.

::

    {"count": 3, "items": [ {…}, {…}, {…} ]}    ─→    {"count": 3, "items": []}  and where the records lie

One pass finds where each record begins and ends, in windows of text, with the decoder of the standard library.
"""

import re
from array import array
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from json import JSONDecoder
from typing import Any, NamedTuple, overload

_WINDOW = 1 << 18  # bytes decoded to text at a time; a longer record gets a longer window
_SPACE = re.compile(r"[ \t\n\r]*")
_PLAIN = JSONDecoder(strict=False)


class Pieces(NamedTuple):
    """A list in a document: its offsets in bytes, brackets included, and those of its items, two for each."""

    start: int
    end: int
    items: Sequence[int]


class Lazy(Sequence[Any]):
    """The items of a list, decoded anew each time."""

    def __init__(self, data: bytes, pieces: Pieces, decode: Callable[[str], Any]) -> None:
        self._data = data
        self._items = pieces.items
        self._decode = decode

    def __len__(self) -> int:
        return len(self._items) // 2

    @overload
    def __getitem__(self, number: int) -> Any: ...

    @overload
    def __getitem__(self, number: slice) -> Sequence[Any]: ...

    def __getitem__(self, number: int | slice) -> Any:
        if isinstance(number, slice):
            return [self[place] for place in range(*number.indices(len(self)))]
        if not 0 <= number < len(self):
            raise IndexError(number)
        start, end = self._items[2 * number], self._items[2 * number + 1]
        return self._decode(self._data[start:end].decode())

    def lines(self) -> Iterator[int]:
        """Yield the line in which each item begins."""
        line = 1
        for before, start in pairwise((0, *self._items[::2])):
            line += self._data.count(b"\n", before, start)
            yield line


def find_pieces(data: bytes, start: int) -> Pieces | None:
    """Return where the items of the list that opens at `start` lie; None where it is not regular to its end."""
    items = array("Q")
    place, size = start + 1, _WINDOW
    while place < len(data):
        window = data[place : place + size].decode("utf-8", "ignore")
        used, end = _scan(window, place, items)
        if end:
            return Pieces(start, end, items)
        if not used and place + size >= len(data):
            return None
        place, size = place + used, _WINDOW if used else 2 * size
    return None


def _scan(window: str, place: int, items: "array[int]") -> tuple[int, int]:
    """Add the items that end in a window at `place`; return how many bytes they take, and where the list ends, or 0."""
    at, used = 0, 0  # in characters, in bytes
    while True:
        begin = _spaced(window, at)
        if window.startswith("]", begin) and not items:
            return used, place + begin + 1
        try:
            end = _PLAIN.raw_decode(window, begin)[1]
        except (ValueError, RecursionError):
            return used, 0
        follows = _spaced(window, end)
        first = place + used + len(window[at:begin].encode())
        if window.startswith("]", follows):
            items.extend((first, first + len(window[begin:end].encode())))
            return used, items[-1] + follows - end + 1
        if not window.startswith(",", follows):
            return used, 0
        items.extend((first, first + len(window[begin:end].encode())))
        used += len(window[at : follows + 1].encode())
        at = follows + 1


def _spaced(text: str, place: int) -> int:
    found = _SPACE.match(text, place)
    return found.end() if found else place
