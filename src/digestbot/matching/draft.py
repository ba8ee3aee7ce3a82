"""What was added of late: a small pile beside the big index, cheap to add to, merged into it when it has grown."""

from array import array
from collections.abc import Sequence

import numpy as np

from digestbot.matching.growing import Ints
from digestbot.matching.sheets import Shape


class Draft:
    """New entries (distinct queries), their clauses, and new subscribers of old and new entries.

    Entries and subscribers are numbered on from those of the big index.
    """

    def __init__(self, entries: int, subscribers: int) -> None:
        self.first_entry, self.first_subscriber = entries, subscribers
        self.texts: dict[str, int] = {}
        """The new entries by their text."""
        self.entries: list[str] = []
        self.keys: dict[str, int] = {}
        """The living new subscribers by their key."""
        self.subscribers: list[str] = []
        self.asked = array("i")
        """The entry of every new subscriber."""
        self.alive = bytearray()
        self.clauses: dict[Shape, array[int]] = {}
        self.multi = array("i")
        """The entries that have several clauses."""
        self.version = 0
        """Grows with every change."""

    def entry(self, text: str) -> int:
        """Return the number of a new entry."""
        number = self.texts[text] = self.first_entry + len(self.entries)
        self.entries.append(text)
        return number

    def write(self, shape: Shape, target: int, atoms: Sequence[int]) -> None:
        """Write a clause down."""
        rows = self.clauses.get(shape)
        if rows is None:
            rows = self.clauses[shape] = array("i")
        rows.append(target)
        rows.extend(atoms)

    def join(self, key: str, entry: int) -> None:
        """Let `key` ask an entry, old or new."""
        self.keys[key] = self.first_subscriber + len(self.subscribers)
        self.subscribers.append(key)
        self.asked.append(entry)
        self.alive.append(1)
        self.version += 1

    def leave(self, key: str) -> None:
        """Forget a new subscriber. Raises KeyError when there is none."""
        self.alive[self.keys.pop(key) - self.first_subscriber] = 0
        self.version += 1

    def columns(self) -> dict[Shape, Ints]:
        """Return the clauses as columns, by shape."""
        return {
            shape: np.array(rows, np.int32).reshape(-1, 1 + shape.wanted + shape.unwanted).T
            for shape, rows in self.clauses.items()
        }
