"""What is true of papers: a table of atoms, in which each of 64 papers is a bit of a machine word."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from digestbot.matching.atoms import TRUE, Atoms
from digestbot.matching.chunks import Cutter, Rows
from digestbot.matching.growing import Bits, Growing, Ints, Table
from digestbot.matching.phrases import NO_LEAPS, leaps_of
from digestbot.queries import Document
from digestbot.queries.fields import ZONES

GROUP = 64
"""Papers that share a machine word."""
_BATCH = 4 * GROUP
"""Papers whose words are cut together at most: enough that what each step costs by itself does not count."""
_FIELDS = tuple(dict.fromkeys(field for fields in ZONES.values() for field in fields))
IN_ZONE = {zone: np.array([field in fields for field in _FIELDS]) for zone, fields in ZONES.items()}
_ONE = np.uint64(1)


class Texts(NamedTuple):
    """Texts: which paper's they are, as a bit and by its group, and which field each is."""

    papers: Bits
    groups: NDArray[np.int64]
    fields: Ints


class _Called(NamedTuple):
    """Terms, or nodes of phrases, and the texts in which they occur."""

    what: Ints
    texts: Ints


class Raiser:
    """Works out the atoms of papers. Not for two threads at once."""

    def __init__(self, atoms: Atoms) -> None:
        self._atoms = atoms
        self._cutter = Cutter(atoms.vocabulary)

    def bits(self, documents: Sequence[Document]) -> tuple[Table, Rows, Texts]:
        """Return for every atom that needs no clause the papers it is true of, a row for each `GROUP` of papers.

        Bit `n` of row `m` is ``documents[GROUP * m + n]``. Beside it stand the words, and whose they are.
        """
        rows, texts = self._rows(documents)
        table = np.zeros((-(-len(documents) // GROUP), len(self._atoms)), np.uint64)
        self._raise(table, self._atoms.by_term, self._called(rows), texts)
        self._raise_phrases(table, rows, texts)
        self._raise_facts(table, documents)
        return table, rows, texts

    def _raise_facts(self, table: Table, documents: Sequence[Document]) -> None:
        raised, atoms, ends = self._atoms.facts.raised, list[int](), list[int]()
        for document in documents:
            atoms.append(TRUE)
            atoms += raised(document)
            ends.append(len(atoms))
        owners = np.repeat(np.arange(len(documents)), np.diff(ends, prepend=0))
        np.bitwise_or.at(table, (owners // GROUP, np.array(atoms)), _ONE << (owners % GROUP).astype(np.uint64))

    def _rows(self, documents: Sequence[Document]) -> tuple[Rows, Texts]:
        asked = self._atoms.fields()
        wanted = [(code, field) for code, field in enumerate(_FIELDS) if any(IN_ZONE[zone][code] for zone in asked)]
        texts, owners, fields = list[str](), list[int](), list[int]()
        for owner, document in enumerate(documents):
            for code, field in wanted:
                value = document.source if field == "source" else getattr(document.paper, field)
                for text in (value,) if isinstance(value, str) else value or ():
                    if text:
                        texts.append(text)
                        owners.append(owner)
                        fields.append(code)
        of = np.array(owners, np.int64)
        papers = _ONE << (of % GROUP).astype(np.uint64)
        return self._cutter.cut(texts), Texts(papers, of // GROUP, np.array(fields, np.int32))

    def _called(self, rows: Rows) -> _Called:
        """Return the terms that the words of all texts call up."""
        vocabulary = self._atoms.vocabulary
        closed_texts = rows.texts[rows.closed_at]
        terms, texts = [rows.words, rows.closed_words], [rows.texts, closed_texts]
        if vocabulary.asks_stems:
            terms.append(vocabulary.stems_of(rows.words))
            texts.append(rows.texts)
        for plains, where in ((rows.plains, rows.texts), (rows.closed_plains, closed_texts)):
            vocabulary.starts.renew(plains)
            counts = vocabulary.starts.counts(plains)
            terms.append(vocabulary.starts.rows(plains))
            texts.append(np.repeat(where, counts))
        return _Called(np.concatenate(terms), np.concatenate(texts))

    def _raise_phrases(self, table: Table, rows: Rows, texts: Texts) -> None:
        vocabulary = self._atoms.vocabulary
        if self._atoms.by_phrase:
            leaps = leaps_of(rows, vocabulary)
            for states in self._atoms.phrases.walk(rows.words, leaps, len(vocabulary)):
                found = _Called(states.nodes, rows.texts[states.places - 1])
                self._raise(table, self._atoms.by_phrase, found, texts)
        if self._atoms.by_stems:
            stems = vocabulary.stems_of(rows.words)
            for states in self._atoms.stem_phrases.walk(stems, NO_LEAPS, len(vocabulary)):
                found = _Called(states.nodes, rows.texts[states.places - 1])
                self._raise(table, self._atoms.by_stems, found, texts)

    def _raise(self, table: Table, atoms: dict[str, Growing], called: _Called, texts: Texts) -> None:
        """Make the atoms true that are called up in a text of their field."""
        size = max(len(self._atoms.vocabulary), self._atoms.phrases.size, self._atoms.stem_phrases.size)
        for zone, row in atoms.items():
            inside, (what, where) = IN_ZONE[zone][texts.fields], called
            if not inside.all():
                some = np.flatnonzero(inside[where])
                what, where = what[some], where[some]
            found = row.reach(size)[what]
            some = np.flatnonzero(found >= 0)
            where = where[some]
            if len(table) > 1:
                np.bitwise_or.at(
                    table.reshape(-1), found[some] + table.shape[1] * texts.groups[where], texts.papers[where]
                )
            else:
                np.bitwise_or.at(table[0], found[some], texts.papers[where])


def batches(documents: Sequence[Document]) -> Iterable[Sequence[Document]]:
    """Return the documents in order, as many at a time as are cut together."""
    return (documents[start : start + _BATCH] for start in range(0, len(documents), _BATCH))
