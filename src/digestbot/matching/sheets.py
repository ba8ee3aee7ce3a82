"""Clauses in columns: each says which atoms have to be true, and perhaps one that must not be, for its target to be.

Clauses of one shape stand together, sorted by their pivot, the atom that is rarest as far as known. 64 papers are
held against all of them at once, each paper a bit of a machine word: ``bits[pivot] & bits[second] & ~bits[excluded]``.
"""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from digestbot.matching.growing import Bits, Ints, spread

MOST_WANTED = 4
"""Wanted atoms of one clause at most."""
_BLOCK = 1 << 15
"""Clauses looked at in one go: what they need stays in the cache."""
_WORTH_PICKING = 6
"""Clauses are picked one by one when fewer than one in so many is called up by its pivot."""

_FEW_RAISED = 64
"""Whether picking is worth it is asked only when there are so many clauses for each atom that is true."""
_DENSE = 6
"""Papers a row on average from which on all 64 bits are looked at."""
_ONE = np.uint64(1)


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
        return _joined(list(self._blocks(bits)))

    def _blocks(self, bits: Bits) -> Iterator[tuple[Ints, Bits]]:
        mask, other = np.empty((2, min(_BLOCK, len(self))), np.uint64)
        for start in range(0, len(self), _BLOCK):
            part = self.columns[:, start : start + _BLOCK]
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
    order = wanted[0].argsort(kind="stable")
    parts = (columns[:1], wanted, columns[1 + shape.wanted :])
    return Sheet(shape, np.ascontiguousarray(np.concatenate(parts)[:, order]))


def _joined(found: list[tuple[Ints, Bits]]) -> tuple[Ints, Bits]:
    targets, masks = zip(*found, strict=True) if found else ((), ())
    return np.concatenate([np.empty(0, np.int32), *targets]), np.concatenate([np.empty(0, np.uint64), *masks])


def papers_of(masks: Bits) -> tuple[Ints, Ints]:
    """Return ``(row, paper)`` of every bit that is set, in no special order."""
    rows = np.arange(len(masks), dtype=np.int32)
    found: list[tuple[Ints, Ints]] = [(rows[:0], rows[:0])]
    while len(masks) and int(np.bitwise_count(masks).sum()) < _DENSE * len(masks):
        rest = masks & (masks - _ONE)
        found.append((rows, np.bitwise_count((masks ^ rest) - _ONE).astype(np.int32)))
        some = np.flatnonzero(rest != 0)
        rows, masks = rows[some], rest[some]
    octets = masks.astype("<u8").view(np.uint8).reshape(-1, 8)
    which, papers = np.nonzero(np.unpackbits(octets, axis=1, bitorder="little"))
    found.append((rows[which], papers.astype(np.int32)))
    return np.concatenate([part for part, _ in found]), np.concatenate([part for _, part in found])
