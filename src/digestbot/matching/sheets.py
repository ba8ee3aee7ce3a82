"""Clauses in columns: each says which atoms have to be true, and perhaps one that must not be, for its target to be.

Clauses of one shape stand together, sorted by their pivot, the atom that is rarest as far as known. 64 papers are
held against all of them at once, each paper a bit of a machine word: ``bits[pivot] & bits[second] & ~bits[excluded]``.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from digestbot.matching.growing import Bits, Ints, order_of, spread

MOST_WANTED = 4
"""Wanted atoms of one clause at most."""
BLOCK = 1 << 15
"""Clauses, or masks, looked at in one go: what they need stays in the cache."""
_WORTH_PICKING = 6
"""Clauses are picked one by one when fewer than one in so many is called up by its pivot."""

_FEW_RAISED = 64
"""Whether picking is worth it is asked only when there are so many clauses for each atom that is true."""
_DENSE = 32
"""Papers of a mask from which on all 64 bits are looked at."""
_FEW_MASKS = 1 << 10
"""Masks of which all bits are looked at: to go from bit to bit does not pay."""
_ONE = np.uint64(1)
Octets = NDArray[np.uint8]


class Shape(NamedTuple):
    """Of which form clauses are. Those of an earlier stage decide atoms that later ones ask for."""

    stage: int
    wanted: int
    unwanted: int


class Sheet:
    """The clauses of one shape: a column of targets, then one for each atom, pivots first."""

    __slots__ = ("columns", "shape")

    def __init__(self, shape: Shape, columns: Ints) -> None:
        self.shape, self.columns = shape, columns

    def __len__(self) -> int:
        return int(self.columns.shape[1])

    def hits(self, bits: Bits, raised: Ints) -> tuple[Ints, Bits]:
        """Return the targets that some paper fulfils, and the papers; a target may come several times.

        `raised` are the atoms that are true for some paper.
        """
        if len(self) > _FEW_RAISED * len(raised):
            pivots = self.columns[1]
            first = pivots.searchsorted(raised)
            count = pivots.searchsorted(raised, side="right") - first
            if int(count.sum()) * _WORTH_PICKING < len(self):
                return self._fulfilled(self.columns[:, spread(first, count)], bits)
        return joined(list(self._blocks(bits)))

    def _blocks(self, bits: Bits) -> Iterator[tuple[Ints, Bits]]:
        mask, other = np.empty((2, min(BLOCK, len(self))), np.uint64)
        for start in range(0, len(self), BLOCK):
            part = self.columns[:, start : start + BLOCK]
            size = part.shape[1]
            yield self._fulfilled(part, bits, mask[:size], other[:size])

    def _fulfilled(
        self, part: Ints, bits: Bits, mask: Bits | None = None, other: Bits | None = None
    ) -> tuple[Ints, Bits]:
        found = np.take(bits, part[1], out=mask, mode="clip")
        for atoms in part[2 : 1 + self.shape.wanted]:
            found &= np.take(bits, atoms, out=other, mode="clip")
        for atoms in part[1 + self.shape.wanted :]:
            found &= ~np.take(bits, atoms, out=other, mode="clip")
        some = np.flatnonzero(found != 0)
        return part[0][some], found[some]


def sheet(shape: Shape, columns: Ints, counts: Ints) -> Sheet:
    """Return a sheet of clauses in any order. `counts` says how often each atom was true."""
    wanted = columns[1 : 1 + shape.wanted]
    if shape.wanted > 1:
        wanted = np.take_along_axis(wanted, counts[wanted].argsort(axis=0, kind="stable"), axis=0)
    order = order_of(wanted[0])
    parts = (columns[:1], wanted, columns[1 + shape.wanted :])
    return Sheet(shape, np.ascontiguousarray(np.concatenate(parts)[:, order]))


def joined(found: Sequence[tuple[Ints, Bits]]) -> tuple[Ints, Bits]:
    """Return what was found here and there as one."""
    targets, masks = zip(*found, strict=True) if found else ((), ())
    return np.concatenate([np.empty(0, np.int32), *targets]), np.concatenate([np.empty(0, np.uint64), *masks])


def by_size(what: Ints, masks: Bits) -> tuple[Ints, Bits]:
    """Return masks in order of the number of their bits, with what stands beside each."""
    order = np.bitwise_count(masks).argsort(kind="stable")
    return what.take(order), masks.take(order)


def listed(what: Ints, masks: Bits) -> tuple[Ints, Octets]:
    """Return ``(what, paper)`` of every bit of masks in the order of `by_size`; `what` stands beside the masks."""
    if len(masks) < _FEW_MASKS:
        return _unpacked(what, masks)
    sizes = np.bitwise_count(masks)
    total = int(sizes.sum(dtype=np.int64))
    found, papers = np.empty(total, np.int32), np.empty(total, np.uint8)
    dense = int(sizes.searchsorted(_DENSE))
    at = 0
    for start in range(0, dense, BLOCK):
        part = slice(start, min(start + BLOCK, dense))
        at += _drain(what[part], masks[part], sizes[part], found[at:], papers[at:])
    found[at:], papers[at:] = _unpacked(what[dense:], masks[dense:])
    return found, papers


def rows_of(masks: Bits) -> tuple[Ints, Octets]:
    """Return ``(row, paper)`` of every bit of masks in any order."""
    return listed(*by_size(np.arange(len(masks), dtype=np.int32), masks))


def _unpacked(what: Ints, masks: Bits) -> tuple[Ints, Octets]:
    """List the papers of masks by looking at all of their bits."""
    octets = np.unpackbits(masks.astype("<u8").view(np.uint8), bitorder="little")
    places = np.flatnonzero(octets.view(bool))
    return what.take(places >> 6), (places & 63).astype(np.uint8)


def _drain(what: Ints, masks: Bits, sizes: Octets, found: Ints, papers: Octets) -> int:
    """Write down what bits are set, the lowest of every mask, then the next; return how many those were.

    The masks come by their number of bits, so that those with one left are always the last.
    """
    left, less, lowest = np.array((masks, masks, masks))
    at = 0
    for first in sizes.searchsorted(np.arange(int(sizes[-1])), side="right").tolist():
        mask, rest = left[first:], less[first:]
        end = at + len(mask)
        np.subtract(mask, _ONE, out=rest)
        np.bitwise_count(np.bitwise_xor(mask, rest, out=lowest[first:]), out=papers[at:end])
        np.bitwise_and(mask, rest, out=mask)
        found[at:end] = what[first:]
        at = end
    papers[:at] -= 1
    return at
