"""Short byte strings to numbers, thousands at a time: a hash table in arrays, with exact keys.

A key of up to 16 bytes is two machine words; a table slot holds both, so that nothing is found that is not there.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from digestbot.matching.growing import Bits, Ints

LONGEST = 16
"""Bytes of the longest key."""
_PROBES = 24
"""Slots looked at for one key at most; what finds no place there is left to others."""
_FIRST, _SECOND, _LAST = (np.uint64(odd) for odd in (0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0xD6E8FEB86659FD93))
_HALF = np.uint64(32)
_MASKS = np.array([(1 << (8 * size)) - 1 for size in range(9)], np.uint64)
_START = 14


class Keys(NamedTuple):
    """Byte strings as two machine words each; the first is never 0."""

    first: Bits
    second: Bits


def keys_of(octets: bytes, starts: NDArray[np.int64], sizes: NDArray[np.int64]) -> Keys:
    """Return the keys that begin at `starts`; `octets` goes on for `LONGEST` bytes behind the last start."""
    words = np.ndarray((len(octets) - 7,), "<u8", octets, strides=(1,))
    first = words[starts] & _MASKS[np.minimum(sizes, 8)]
    return Keys(first, words[starts + 8] & _MASKS[np.clip(sizes - 8, 0, 8)])


class Slots:
    """A table of keys with open addressing, never more than half full."""

    def __init__(self) -> None:
        self._size = 0
        self._room(_START)

    def _room(self, bits: int) -> None:
        self._bits = bits
        self._first, self._second = np.zeros(1 << bits, np.uint64), np.zeros(1 << bits, np.uint64)
        self._numbers = np.full(1 << bits, -1, np.int32)

    def _homes(self, keys: Keys) -> NDArray[np.int64]:
        mixed = keys.first * _FIRST ^ keys.second * _SECOND
        mixed ^= mixed >> _HALF
        return (mixed * _LAST >> np.uint64(64 - self._bits)).astype(np.int64)

    def find(self, keys: Keys) -> Ints:
        """Return the numbers of keys; -1 for those that are not here."""
        slots = self._homes(keys)
        found = np.where(self._same(slots, keys), self._numbers[slots], np.int32(-1))
        left = np.flatnonzero((found < 0) & (self._first[slots] != 0))
        slots = slots[left]
        for _ in range(_PROBES):
            if not len(left):
                break
            slots = (slots + 1) & (len(self._first) - 1)
            some = Keys(keys.first[left], keys.second[left])
            same = self._same(slots, some)
            found[left[same]] = self._numbers[slots[same]]
            on = ~same & (self._first[slots] != 0)
            left, slots = left[on], slots[on]
        return found

    def _same(self, slots: NDArray[np.int64], keys: Keys) -> NDArray[np.bool_]:
        return (self._first[slots] == keys.first) & (self._second[slots] == keys.second)

    def put(self, keys: Keys, numbers: Ints) -> None:
        """Let new keys, each of them once, stand for numbers."""
        self._size += len(numbers)
        if 2 * self._size > len(self._first):
            full = np.flatnonzero(self._first)
            keys = Keys(*(np.concatenate(pair) for pair in zip((self._first[full], self._second[full]), keys, strict=True)))
            numbers = np.concatenate((self._numbers[full], numbers))
            self._room(max(_START, (2 * self._size).bit_length() + 1))
        slots = self._homes(keys)
        for _ in range(_PROBES):
            if not len(numbers):
                break
            free = np.flatnonzero(self._first[slots] == 0)
            _, once = np.unique(slots[free], return_index=True)
            taken = free[once]
            at = slots[taken]
            self._first[at], self._second[at] = keys.first[taken], keys.second[taken]
            self._numbers[at] = numbers[taken]
            left = np.ones(len(numbers), bool)
            left[taken] = False
            keys, numbers = Keys(keys.first[left], keys.second[left]), numbers[left]
            slots = (slots[left] + 1) & (len(self._first) - 1)
