"""Many queries at once: each is filed under its rarest required words, and a paper looks only at what it calls up.

Which words are rare is learnt from the papers that pass through. The answer never depends on it, only the time does.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence

from digestbot.matching.find import find
from digestbot.matching.keys import Cover, Key, called_up, cover
from digestbot.models import Hit, Match, Paper
from digestbot.queries import Document, Query
from digestbot.queries.evaluate import holds
from digestbot.queries.nodes import And, Not, Or, Phrase

_Check = Callable[[Document], bool]
_SHARES = {"author": 0.002, "category": 0.2, "has": 0.3, "host": 0.3, "is": 0.5, "id": 0.0, "start": 0.02, "stem": 0.01}
"""In which share of papers a key of such a family is called up, roughly."""


class _Entry:
    """A distinct query with everyone who asks it."""

    __slots__ = ("check", "cover", "keys", "query")

    def __init__(self, query: Query) -> None:
        self.query = query
        self.keys: dict[str, None] = {}
        self.check = _compiled(query)
        self.cover: Cover | None = None


class Index:
    """Queries by key, and the papers that match them.

    `frequencies` says in how many of `papers` papers a folded word occurs, when that is known beforehand.
    """

    def __init__(self, frequencies: Mapping[str, int] | None = None, papers: int = 0) -> None:
        self._seen = Counter(frequencies or {})
        self._papers = papers
        self._filed_at = papers
        self._queries: dict[str, _Entry] = {}
        self._entries: dict[Query, _Entry] = {}
        self._filed: dict[str, dict[str, dict[_Entry, None]]] = {}
        self._always: dict[_Entry, None] = {}
        self._new: dict[_Entry, None] = {}
        self._lengths: dict[str, frozenset[int]] = {}

    def __len__(self) -> int:
        return len(self._queries)

    def __contains__(self, key: object) -> bool:
        return key in self._queries

    def add(self, key: str, query: Query) -> None:
        """Ask `query` for `key`, in place of what it asked before."""
        if key in self._queries:
            self.remove(key)
        entry = self._entries.get(query)
        if entry is None:
            entry = self._entries[query] = _Entry(query)
            self._new[entry] = None
        entry.keys[key] = None
        self._queries[key] = entry

    def remove(self, key: str) -> None:
        """Forget what `key` asks. Raises KeyError when it asks nothing."""
        entry = self._queries.pop(key)
        del entry.keys[key]
        if not entry.keys:
            del self._entries[entry.query]
            self._unfile(entry)

    def match(self, papers: Sequence[Paper | Document]) -> list[Match]:
        """Return every match of every query, by paper in the order given, then by key."""
        documents = [paper if isinstance(paper, Document) else Document(paper) for paper in papers]
        self._learn(documents)
        self._file()
        return [match for document in documents for match in self._matches(document)]

    def _matches(self, document: Document) -> Iterator[Match]:
        hits: dict[str, tuple[Hit, ...]] = {}
        for entry in self._candidates(document):
            if entry.check(document):
                hits |= dict.fromkeys(entry.keys, find(entry.query, document))
        for key in sorted(hits):
            yield Match(key, document.paper, hits[key])

    def _candidates(self, document: Document) -> dict[_Entry, None]:
        found = dict(self._always)
        for family, filed in self._filed.items():
            for value in called_up(document, family, self._lengths.get(family, ())):
                if value in filed:
                    found |= filed[value]
        return found

    def _learn(self, documents: Sequence[Document]) -> None:
        for document in documents:
            self._seen.update(iter(document.zone("").at))
        self._papers += len(documents)
        if self._papers > 2 * self._filed_at:
            self._filed_at = self._papers
            self._filed, self._always = {}, {}
            self._new = dict.fromkeys(self._entries.values())

    def _file(self) -> None:
        for entry in self._new:
            found = cover(entry.query, self._cost)
            entry.cover = None if found is None else found[1]
            if entry.cover is None:
                self._always[entry] = None
            for family, value in entry.cover or ():
                self._filed.setdefault(family, {}).setdefault(value, {})[entry] = None
        self._new = {}
        starts = {family: filed for family, filed in self._filed.items() if family.startswith("start")}
        self._lengths = {family: frozenset(map(len, filed)) for family, filed in starts.items()}

    def _unfile(self, entry: _Entry) -> None:
        self._new.pop(entry, None)
        self._always.pop(entry, None)
        for family, value in entry.cover or ():
            bucket = self._filed.get(family, {}).get(value, {})
            bucket.pop(entry, None)
            if not bucket:
                self._filed.get(family, {}).pop(value, None)

    def _cost(self, key: Key) -> float:
        """Return in which share of papers `key` is called up, as far as known; the longer word is the rarer one."""
        family, value = key
        if family == "word" and self._papers:
            return self._seen[value] / self._papers + 0.001 / len(value)
        return _SHARES.get(family.partition(" ")[0], 0.0) + 0.01 / len(value)


def _compiled(query: Query) -> _Check:
    """Return `evaluate` for one query, with the questions about its shape already answered."""
    if isinstance(query, Not):
        inner = _compiled(query.part)
        return lambda document: not inner(document)
    if isinstance(query, And | Or):
        return _joined([_compiled(part) for part in query.parts], every=isinstance(query, And))
    if isinstance(query, Phrase) and len(query.words) == 1 and query.words[0][-1] != "*":
        word, field = query.words[0], query.field
        return lambda document: word in document.zone(field)
    leaf = query
    return lambda document: holds(leaf, document)


def _joined(checks: Sequence[_Check], *, every: bool) -> _Check:
    """Return the conjunction (or the disjunction) of checks: it ends at the first that decides."""

    def check(document: Document) -> bool:
        for part in checks:
            if part(document) is not every:
                return not every
        return every

    return check
