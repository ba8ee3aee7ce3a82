"""Keys of one or two machine words to numbers, thousands at a time: a hash table in one array, with exact keys.

Byte strings of up to 16 bytes are such keys, so that nothing is found that is not there.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from digestbot.matching.growing import Bits, Ints

LONGEST = 16
"""Bytes of the longest key."""
_FIRST, _SECOND, _LAST = (np.uint64(odd) for odd in (0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0xD6E8FEB86659FD93))
_HALF = np.uint64(32)
_ONE, _THREE, _TOP = np.uint64(1), np.uint64(3), np.uint64(63)
_WORD = (1 << 64) - 1
_MASKS = np.array([(1 << (8 * size)) - 1 for size in range(9)], np.uint64)
_START = 14


Keys = Sequence[Bits]
"""The machine words of keys, the first never 0."""


def keys_of(octets: bytes, starts: NDArray[np.int64], sizes: NDArray[np.int64]) -> Keys:
    """Return the keys that begin at `starts`; `octets` goes on for `LONGEST` bytes behind the last start."""
    # Three whole machine words that lie as the processor likes them are read faster than two that begin anywhere.
    words = np.frombuffer(octets, "<u8", len(octets) // 8)
    at = starts >> 3
    low = (starts & 7).astype(np.uint64) << _THREE
    high = _TOP - low
    first, second, third = words.take(at), words.take(at + 1), words.take(at + 2, mode="clip")
    first = first >> low | second << high << _ONE
    second = second >> low | third << high << _ONE
    return first & _MASKS.take(sizes, mode="clip"), second & _MASKS.take(sizes - 8, mode="clip")


class Slots:
    """A table of keys with open addressing, never more than a third full. A row is a key and, last, its number.

    Rows of 16 and of 32 bytes are fetched faster than others.

    A key has that many machine `words`. It is looked for in `probes` slots at most: one that finds no place there is
    not kept.
    """

    def __init__(self, words: int, probes: int = 1 << 62) -> None:
        self._words, self._probes = words, probes
        self._size = 0
        self._room(_START)

    def __len__(self) -> int:
        return self._size

    def _room(self, bits: int) -> None:
        self._bits = bits
        self.rows = np.zeros((1 << bits, 2 * self._words), np.uint64)

    def _homes(self, keys: Keys) -> NDArray[np.int64]:
        mixed = keys[0] * _FIRST
        if self._words > 1:
            mixed ^= keys[1] * _SECOND
        mixed ^= mixed >> _HALF
        mixed *= _LAST
        mixed >>= np.uint64(64 - self._bits)
        return mixed.view(np.int64)

    def find(self, keys: Keys) -> Ints:
        """Return the numbers of keys; -1 for those that are not here."""
        slots = self._homes(keys)
        found, left = self._look(slots, keys)
        slots = slots[left]
        for _ in range(self._probes):
            if not len(left):
                break
            slots = slots + 1 & len(self.rows) - 1
            found[left], on = self._look(slots, [word[left] for word in keys])
            left, slots = left[on], slots[on]
        return found

    def filled(self) -> Bits:
        """Return the rows that hold a key, in no special order."""
        filled: Bits = self.rows[self.rows[:, 0] != 0]
        return filled

    def get(self, key: int) -> int:
        """Return the number of one key of one word; -1 when it is not here."""
        mixed = key * int(_FIRST) & _WORD
        slot = ((mixed ^ mixed >> 32) * int(_LAST) & _WORD) >> 64 - self._bits
        while (there := int(self.rows[slot, 0])) != key:
            if not there:
                return -1
            slot = slot + 1 & len(self.rows) - 1
        return int(self.rows[slot, 1])

    def _look(self, slots: NDArray[np.int64], keys: Keys) -> tuple[Ints, NDArray[np.int64]]:
        """Return the numbers of the keys that stand in their slots, -1 for the others, and which to look for on."""
        rows = self.rows.take(slots, axis=0)
        same = rows[:, 0] == keys[0]
        if self._words > 1:
            same &= rows[:, 1] == keys[1]
        numbers = np.where(same, rows[:, -1].astype(np.int32), np.int32(-1))
        missed = np.flatnonzero(~same)
        return numbers, missed[rows[missed, 0] != 0]

    def put(self, keys: Keys, numbers: NDArray[np.int_] | Ints) -> None:
        """Let new keys, each of them once, stand for numbers."""
        self._size += len(numbers)
        new = np.zeros((len(numbers), 2 * self._words), np.uint64)
        for at, word in enumerate(keys):
            new[:, at] = word
        new[:, -1] = numbers
        if 3 * self._size > len(self.rows):
            new = np.concatenate((self.filled(), new))
            self._room(max(_START, (3 * self._size - 1).bit_length()))
        slots = self._homes([new[:, at] for at in range(self._words)])
        for _ in range(self._probes):
            if not len(new):
                break
            free = np.flatnonzero(self.rows[slots, 0] == 0)
            _, once = np.unique(slots[free], return_index=True)
            taken = free[once]
            self.rows[slots[taken]] = new[taken]
            left = np.ones(len(new), bool)
            left[taken] = False
            new, slots = new[left], slots[left] + 1 & len(self.rows) - 1
