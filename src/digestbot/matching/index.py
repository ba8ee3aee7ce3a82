"""Many queries at once: 64 papers are held against all clauses of all queries by a few operations on whole arrays.

::

    query ─Compiler→ clauses of atoms ─→ Draft ─merged→ Base      papers ─Raiser→ bits of atoms
                                            └──────────┴── clauses & bits ──────────┘ → entries, papers

Equal queries share an entry. Which atoms are rare is learnt from the papers that pass through; the answer never
depends on it, only the time does. `add` and `remove` may be called while other threads match.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from threading import RLock
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from digestbot.errors import QueryError
from digestbot.matching.atoms import Atoms
from digestbot.matching.base import Base, Members
from digestbot.matching.clauses import MULTI, SINGLE, Compiler, is_verified
from digestbot.matching.draft import Draft
from digestbot.matching.find import find
from digestbot.matching.growing import Bits, Ints, Table
from digestbot.matching.nearness import Places
from digestbot.matching.raising import GROUP, Raiser, batches
from digestbot.matching.sheets import BLOCK, Sheet, by_size, joined, listed, rows_of, sheet
from digestbot.models import Match, Paper
from digestbot.queries import Document, Query, format_query, parse_canonical
from digestbot.queries.evaluate import holds
from digestbot.queries.nodes import Phrase, TextLeaf

_SMALL = 2000
"""Entries that a draft may hold in any case before it is merged."""
_SHARE = 0.05
"""Share of the big index that a draft may reach."""


class _State(NamedTuple):
    """What one call of `Index.select` matches against."""

    base: Base
    draft: Draft
    sheets: Sequence[Sheet]
    multi: Ints
    members: Members

    def clauses(self) -> list[tuple[Sequence[Sheet], Ints]]:
        """Return the clauses of the big index, then what was added of late, with the entries that have several."""
        return [(self.base.sheets, self.base.multi), *([(self.sheets, self.multi)] if self.sheets else ())]

    def asking(self, entries: Ints, beside: NDArray[Any]) -> Iterator[tuple[Ints, NDArray[Any]]]:
        """Yield who asks entries: of the big index, then of late, each with what stands beside the entry."""
        for members in filter(len, (self.base.members, self.members)):
            yield from members.expand(entries, beside)

    def key(self, number: int) -> str:
        """Return the key of a subscriber by its number."""
        at = number - self.draft.first_subscriber
        return self.draft.subscribers[at] if at >= 0 else self.base.keys.text(number)


class Index:
    """Queries by key, and the papers that match them.

    `frequencies` says in how many of `papers` papers a folded word occurs, when that is known beforehand.
    """

    def __init__(self, frequencies: Mapping[str, int] | None = None, papers: int = 0) -> None:
        self._lock = RLock()
        self._atoms = self.atoms = Atoms()
        self._raiser = Raiser(self._atoms)
        self.papers = self._filed_at = papers
        """Papers from which was learnt which atoms are rare."""
        self.start(Base.empty())
        for word, count in (frequencies or {}).items():
            self._atoms.counts[self._atoms.atom(Phrase((word,)), lambda _, __: None)] = count

    def start(self, base: Base) -> None:
        """Take `base` over and begin a draft beside it."""
        self._base = base
        self._draft = Draft(len(base.texts), len(base.keys))
        self._compiler = Compiler(self._atoms, self._draft)
        self._state: _State | None = None
        self._version = -1

    def __len__(self) -> int:
        return len(self._base.keys) - self._base.members.left + len(self._draft.keys)

    def __contains__(self, key: object) -> bool:
        return isinstance(key, str) and (key in self._draft.keys or self._old(key) >= 0)

    def _old(self, key: str) -> int:
        """Return the number of a living subscriber of the big index; -1 when there is none."""
        number = self._base.keys.find(key)
        return number if number >= 0 and self._base.members.alive[number] else -1

    def add(self, key: str, query: Query) -> None:
        """Ask `query` for `key`, in place of what it asked before."""
        self._add(key, format_query(query), query)

    def add_text(self, key: str, text: str) -> None:
        """Ask for `key` what a query in canonical form says, which is read only when nobody asks it yet.

        Raises QueryError when it cannot be read.
        """
        self._add(key, text, None)

    def _add(self, key: str, text: str, query: Query | None, *, merge: bool = True) -> None:
        with self._lock:
            entry = self._draft.texts.get(text, -1)
            if entry < 0:
                entry = self._base.texts.find(text)
            if entry < 0:
                entry = self._file(text, query or parse_canonical(text))
            self._leave(key)
            self._draft.join(key, entry)
            if merge and len(self._draft.subscribers) > 10 * _SMALL + _SHARE * len(self._base.keys):
                self._merge()

    def _file(self, text: str, query: Query) -> int:
        """Write the clauses of a new query down."""
        alternatives = self._compiler.clauses(query)
        entry = self._draft.entry(text)
        stage, target = SINGLE, entry
        if len(alternatives) > 1:
            stage, target = MULTI, len(self._draft.multi)
            self._draft.multi.append(entry)
        for literals in alternatives:
            self._compiler.write(stage, target, literals)
        return entry

    def remove(self, key: str) -> None:
        """Forget what `key` asks. Raises KeyError when it asks nothing."""
        with self._lock:
            if not self._leave(key):
                raise KeyError(key)

    def _leave(self, key: str) -> bool:
        if key in self._draft.keys:
            self._draft.leave(key)
            return True
        number = self._old(key)
        if number < 0:
            return False
        self._base.members.leave(number)
        return True

    def agree(self, asked: Iterable[tuple[str, str]]) -> list[tuple[str, QueryError]]:
        """Ask exactly what these keys ask, in canonical form; return those that cannot be read, which ask nothing."""
        with self._lock:
            base, new, troubles = self._base, set(self._draft.keys), []
            seen, number = np.zeros(len(base.keys), bool), -1
            for key, text in asked:
                # Most come in the order in which they were filed.
                number = number + 1 if base.keys.holds(number + 1, key) else base.keys.find(key)
                if (
                    number >= 0
                    and base.members.alive[number]
                    and base.texts.holds(int(base.members.asked[number]), text)
                ):
                    seen[number] = True
                    continue
                new.discard(key)
                try:
                    self.add_text(key, text)
                except QueryError as error:
                    self._leave(key)
                    troubles.append((key, error))
            for number in np.flatnonzero(~seen & base.members.alive).tolist():
                base.members.leave(number)
            for key in new:
                self._draft.leave(key)
        return troubles

    def match(self, papers: Sequence[Paper | Document]) -> list[Match]:
        """Return every match of every query, by paper in the order given, then by key."""
        return list(self.select(papers).matches())

    def select(self, papers: Sequence[Paper | Document]) -> "Selection":
        """Return which queries match which papers, without looking for the places."""
        documents = [paper if isinstance(paper, Document) else Document(paper) for paper in papers]
        with self._lock:
            state = self._settled()
        found = [held for batch in batches(documents) for held in self._held(state, batch)]
        return Selection(state, documents, found)

    def _settled(self) -> _State:
        """Return what is asked now, the draft merged when it has grown, pivots chosen anew when more is known."""
        if (
            len(self._draft.entries) > max(_SMALL, _SHARE * len(self._base.texts))
            or self.papers > 2 * self._filed_at + GROUP
        ):
            self._merge()
        if self._state is None or self._version != self._draft.version:
            draft, counts = self._draft, self._atoms.counts.view
            columns = draft.columns()
            sheets = [sheet(shape, columns[shape], counts) for shape in sorted(columns)]
            alive = np.frombuffer(bytes(draft.alive), np.bool_)
            members = Members(np.array(draft.asked, np.int32), alive, draft.first_subscriber)
            self._state = _State(self._base, draft, sheets, np.array(draft.multi, np.int32), members)
            self._version = draft.version
        return self._state

    def compact(self) -> Base:
        """Merge the draft; return the big index, which then holds everything."""
        with self._lock:
            if self._draft.subscribers or self._base.members.left:
                self._merge()
            return self._base

    def _merge(self) -> None:
        self._filed_at = self.papers
        self.start(self._base.merged(self._draft, self._atoms.counts.view))

    def _held(self, state: _State, batch: Sequence[Document]) -> Iterator[tuple[Ints, Bits]]:
        """Yield for each group of papers the entries that some of them fulfils, and the papers as bits."""
        with self._lock:
            table, rows, texts = self._raiser.bits(batch)
        places = Places(self._atoms.vocabulary, rows, texts)
        for number, bits in enumerate(table):
            group = _Group(batch[GROUP * number : GROUP * (number + 1)], number, places, self._atoms.verified)
            yield joined([_decide(*clauses, bits, group) for clauses in state.clauses()])
        with self._lock:
            self._learn(table, len(batch))

    def _learn(self, table: Table, papers: int) -> None:
        size = table.shape[1]
        self._atoms.counts.reach(size)[:size] += np.bitwise_count(table).sum(axis=0, dtype=np.int32)
        self.papers += papers


@lru_cache(maxsize=1 << 12)
def _read(text: str) -> Query:
    return parse_canonical(text)


class _Group(NamedTuple):
    """Up to 64 papers, of a batch whose words stand at `places`, and the leaves that have to be verified."""

    papers: Sequence[Document]
    number: int
    places: Places
    verified: Mapping[int, TextLeaf]

    def verify(self, atoms: Ints, masks: Bits) -> None:
        """Take the papers out of `masks` for which the leaf of the atom does not hold."""
        for row, atom in enumerate(atoms.tolist()):
            leaf = self.verified[atom]
            near = self.places.papers(leaf)
            masks[row] &= self._hold(leaf, int(masks[row])) if near is None else near[self.number]

    def _hold(self, leaf: TextLeaf, mask: int) -> np.uint64:
        """Return those papers of a mask for which a leaf holds."""
        holding = 0
        for at, paper in enumerate(self.papers):
            if mask >> at & 1 and holds(leaf, paper):
                holding |= 1 << at
        return np.uint64(holding)


def _decide(sheets: Sequence[Sheet], multi: Ints, bits: Bits, group: _Group) -> tuple[Ints, Bits]:
    """Hold papers against clauses, stage by stage; `bits` learns of the atoms that are decided."""
    single, several = list[tuple[Ints, Bits]](), np.zeros(len(multi), np.uint64)
    raised = np.flatnonzero(bits != 0).astype(np.int32)
    for one in sheets:
        targets, masks = one.hits(bits, raised)
        if one.shape.stage == SINGLE:
            single.append((targets, masks))
        elif one.shape.stage == MULTI:
            np.bitwise_or.at(several, targets, masks)
        elif len(targets):
            if is_verified(one.shape.stage):
                group.verify(targets, masks)
            np.bitwise_or.at(bits, targets, masks)
            raised = np.flatnonzero(bits != 0).astype(np.int32)
    some = np.flatnonzero(several != 0)
    single.append((multi[some], several[some]))
    return joined(single)


class Selection:
    """Which queries match which papers: entries with the papers as bits, by groups of 64 papers."""

    def __init__(self, state: _State, documents: Sequence[Document], found: Sequence[tuple[Ints, Bits]]) -> None:
        self._state, self._documents, self._found = state, documents, found

    def pairs(self) -> Iterator[tuple[Ints, Ints]]:
        """Yield the numbers of subscribers and of papers that match, as two columns, some at a time."""
        for at, found in enumerate(self._found):
            entries, masks = by_size(*found)
            for start in range(0, len(entries), BLOCK):
                some = slice(start, start + BLOCK)
                for who, beside in self._state.asking(entries[some], masks[some]):
                    numbers, papers = listed(who, beside)
                    yield numbers, np.add(papers, GROUP * at, dtype=np.int32)

    def key(self, number: int) -> str:
        """Return the key of a subscriber by its number."""
        return self._state.key(number)

    def matches(self) -> Iterator[Match]:
        """Yield every match with its places, by paper, then by key; each query is looked for once a paper."""
        for at, (entries, masks) in enumerate(self._found):
            group = self._documents[GROUP * at : GROUP * (at + 1)]
            keys = {entry: self._keys(entry) for entry in entries.tolist()}
            rows, bits = rows_of(masks)
            for paper, document in enumerate(group):
                yield from self._of_paper(document, [int(entries[row]) for row in rows[bits == paper]], keys)

    def _of_paper(
        self, document: Document, entries: Sequence[int], keys: Mapping[int, Sequence[str]]
    ) -> Iterator[Match]:
        places = {entry: find(_read(self._text(entry)), document) for entry in entries if keys[entry]}
        for key, asked in sorted((key, entry) for entry in places for key in keys[entry]):
            yield Match(key, document.paper, places[asked])

    def _text(self, entry: int) -> str:
        draft = self._state.draft
        return (
            draft.entries[entry - draft.first_entry]
            if entry >= draft.first_entry
            else self._state.base.texts.text(entry)
        )

    def _keys(self, entry: int) -> list[str]:
        one = np.array([entry], np.int32)
        return [self.key(number) for who, _ in self._state.asking(one, one) for number in who.tolist()]
