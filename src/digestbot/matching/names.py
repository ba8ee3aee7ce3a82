"""Many short texts in two arrays, found again by their text: a fraction of what a dict of strings takes."""

from collections.abc import Sequence
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from digestbot.matching.growing import order_of

Octets = NDArray[np.uint8]
Ends = NDArray[np.int64]
Hashes = NDArray[np.uint32]
_ENCODING = ("utf-8", "surrogatepass")


class Names:
    """Texts by number. Those with one hash stand in one bucket: ``order[first[hash]:first[hash + 1]]``."""

    __slots__ = ("_bytes", "_codes", "_ends", "_first", "_mask", "_order", "blob", "ends", "hashes")

    def __init__(self, blob: Octets, ends: Ends, hashes: Hashes) -> None:
        self.blob, self.ends, self.hashes = blob, ends, hashes
        self._mask = (1 << max(4, len(ends).bit_length() - 1)) - 1
        buckets = hashes & np.uint32(self._mask)
        sizes = np.bincount(buckets, minlength=self._mask + 1)
        # Single items of a memoryview are had in half the time that those of an array take.
        self._order = order_of(buckets).astype(np.int32).data
        self._first = np.concatenate(([0], np.cumsum(sizes))).astype(np.int32).data
        self._ends, self._bytes, self._codes = ends.data, blob.data, hashes.data

    @classmethod
    def of(cls, texts: Sequence[str]) -> "Names":
        """Return the texts by their place in the sequence."""
        coded = [text.encode(*_ENCODING) for text in texts]
        ends = np.cumsum([len(text) for text in coded], dtype=np.int64)
        hashes = np.fromiter(map(crc32, coded), np.uint32, len(coded))
        return cls(np.frombuffer(b"".join(coded), np.uint8), ends, hashes)

    def __len__(self) -> int:
        return len(self.ends)

    def find(self, text: str) -> int:
        """Return the number of a text; -1 when it is not here."""
        coded = text.encode("utf-8", "surrogatepass")
        code = crc32(coded)
        first, bucket = self._first, code & self._mask
        for number in self._order[first[bucket] : first[bucket + 1]]:
            if self._codes[number] == code and self._coded(number) == coded:
                return number
        return -1

    def holds(self, number: int, text: str) -> bool:
        """Return whether a number is that of a text."""
        return number < len(self) and self._coded(number) == text.encode(*_ENCODING)

    def text(self, number: int) -> str:
        """Return a text by its number."""
        return self._coded(number).decode(*_ENCODING)

    def _coded(self, number: int) -> bytes:
        return self._bytes[self._ends[number - 1] if number else 0 : self._ends[number]].tobytes()

    def kept(self, keep: NDArray[np.bool_], more: "Names") -> "Names":
        """Return the texts for which `keep` is true, and behind them `more`."""
        lengths = np.diff(self.ends, prepend=0)
        gone = np.flatnonzero(~keep)
        starts, stops = [0, *self.ends[gone].tolist()], [*(self.ends - lengths)[gone].tolist(), len(self.blob)]
        kept = [self.blob[start:stop] for start, stop in zip(starts, stops, strict=True)]
        blob = np.concatenate((*kept, more.blob))
        ends = np.cumsum(np.concatenate((lengths[keep], np.diff(more.ends, prepend=0))))
        return Names(blob, ends, np.concatenate((self.hashes[keep], more.hashes)))
