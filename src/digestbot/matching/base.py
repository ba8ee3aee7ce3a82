"""The big index: arrays that never change, so that matching can go on while the next one is made of them."""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from digestbot.matching.clauses import MULTI, SINGLE
from digestbot.matching.draft import Draft
from digestbot.matching.growing import Ints, order_of, spread
from digestbot.matching.names import Names
from digestbot.matching.sheets import Shape, Sheet, sheet

Flags = NDArray[np.bool_]
_WASTE = 0.25
"""Share of entries that nobody asks any longer from which on they are left out of the next index."""


class Members:
    """Who asks which entry. `alive` alone changes: who has left is passed over.

    Most entries are asked by one subscriber, whose number stands right at the entry. At the others stands, below 0, the
    row that says which part of `_order` theirs is.
    """

    __slots__ = ("_at", "_count", "_first", "_order", "_start", "alive", "asked", "left")

    def __init__(self, asked: Ints, alive: Flags, start: int = 0) -> None:
        self.asked, self.alive, self._start = asked, alive, start
        self.left = len(alive) - int(np.count_nonzero(alive))
        counts = np.bincount(asked)
        several = np.flatnonzero(counts != 1)
        self._at = np.empty(len(counts), np.int32)
        self._at[asked] = np.arange(len(asked))
        self._at[several] = -1 - np.arange(len(several))
        who = np.flatnonzero(counts[asked] != 1)
        self._order: Ints = who[order_of(asked[who])].astype(np.int32)
        self._count: Ints = counts[several].astype(np.int32)
        self._first: Ints = np.cumsum(self._count, dtype=np.int32) - self._count

    def __len__(self) -> int:
        return len(self.asked)

    def expand(self, entries: Ints, beside: NDArray[Any]) -> Iterator[tuple[Ints, NDArray[Any]]]:
        """Yield the living subscribers of entries, each with what stands beside its entry, in the entries' order.

        Those who are the only ones come first.
        """
        if len(entries) and int(entries.max()) >= len(self._at):
            known = np.flatnonzero(entries < len(self._at))
            entries, beside = entries[known], beside[known]
        at = self._at.take(entries)
        alone, others = np.flatnonzero(at >= 0), np.flatnonzero(at < 0)
        yield self._living(at.take(alone), beside.take(alone))
        rows = -1 - at.take(others)
        count = self._count.take(rows)
        who = self._order.take(spread(self._first.take(rows), count))
        yield self._living(who, np.repeat(beside.take(others), count))

    def _living(self, who: Ints, beside: NDArray[Any]) -> tuple[Ints, NDArray[Any]]:
        if self.left:
            living = np.flatnonzero(self.alive[who])
            who, beside = who[living], beside[living]
        return who + np.int32(self._start), beside

    def leave(self, number: int) -> None:
        """Pass a subscriber over from now on."""
        self.alive[number] = False
        self.left += 1


class Base:
    """Entries by text, subscribers by key, and the clauses."""

    def __init__(self, texts: Names, keys: Names, members: Members, sheets: Mapping[Shape, Ints], multi: Ints) -> None:
        self.texts, self.keys, self.members, self.multi = texts, keys, members, multi
        self.sheets = [Sheet(shape, sheets[shape]) for shape in sorted(sheets)]

    @classmethod
    def empty(cls) -> "Base":
        """Return the index of nothing."""
        none = np.empty(0, np.int32)
        return cls(Names.of(()), Names.of(()), Members(none, np.empty(0, bool)), {}, none)

    def merged(self, draft: Draft, counts: Ints) -> "Base":
        """Return the index of what is here and in a draft, without those who left; every pivot is chosen anew."""
        news = np.frombuffer(draft.alive, np.uint8).astype(bool)
        asked = np.concatenate((self.members.asked[self.members.alive], np.array(draft.asked, np.int32)[news]))
        used = np.zeros(draft.first_entry + len(draft.entries), bool)
        used[asked] = True
        if not used.size or used.mean() > 1 - _WASTE:
            used[:] = True
        numbers = np.where(used, np.cumsum(used) - 1, -1).astype(np.int32)
        texts = self.texts.kept(
            used[: draft.first_entry], Names.of(draft.entries).kept(used[draft.first_entry :], Names.of(()))
        )
        fresh = [key for key, alive in zip(draft.subscribers, draft.alive, strict=True) if alive]
        keys = self.keys.kept(self.members.alive, Names.of(fresh))
        members = Members(numbers[asked], np.ones(len(asked), bool))
        multi = np.concatenate((self.multi, np.array(draft.multi, np.int32)))
        sheets = self._sheets(draft, counts, numbers, numbers[multi])
        multi = numbers[multi]
        return Base(texts, keys, members, sheets, multi[multi >= 0])

    def _sheets(self, draft: Draft, counts: Ints, numbers: Ints, multi: Ints) -> dict[Shape, Ints]:
        """Return all clauses, their targets renumbered."""
        columns = draft.columns()
        for shape, new in columns.items():
            if shape.stage == MULTI:
                new[0] += len(self.multi)
        places = np.where(multi >= 0, np.cumsum(multi >= 0) - 1, -1).astype(np.int32)
        for old in self.sheets:
            parts = (old.columns, columns[old.shape]) if old.shape in columns else (old.columns,)
            columns[old.shape] = np.concatenate(parts, axis=1)
        for shape in columns:
            if shape.stage >= SINGLE:
                columns[shape] = _aimed(columns[shape], numbers if shape.stage == SINGLE else places)
            columns[shape] = sheet(shape, columns[shape], counts).columns
        return columns


def _aimed(columns: Ints, places: Ints) -> Ints:
    """Return clauses with their targets at new places, without those whose target has none."""
    targets = places[columns[0]]
    kept = columns[:, targets >= 0]
    kept[0] = targets[targets >= 0]
    return kept
