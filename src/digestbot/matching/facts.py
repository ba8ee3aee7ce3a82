"""Atoms of a paper's record: people, categories, links, dates, numbers, ids, announcements.

Each kind is filed under what a record can call up; what is called up is held against the leaf itself.
"""

import re
from collections.abc import Callable, Iterable, Iterator

from digestbot.models import Paper
from digestbot.queries import Document, Leaf
from digestbot.queries.categories import CODES, codes_printed
from digestbot.queries.evaluate import holds, in_category
from digestbot.queries.names import PARTICLES, author_keys, is_author, name_keys
from digestbot.queries.nodes import Announced, Author, Category, Count, Has, Host, Identifier, Published
from digestbot.queries.records import host_names, ids_of, thing_of
from digestbot.text import fold, is_spaceless, split

_Filed = dict[str, list[tuple[Leaf, int]]]
_NO_ATOMS: tuple[int, ...] = ()
_PLAIN_NAME = re.compile(r"[A-Z][a-z]+(?: (?:[A-Z]\.|[A-Z][a-z]+)){0,3} ([A-Z][a-z]{3,})")
"""A name that can be read in one way only, whatever its words, unless one is a particle."""
_SPECIAL = re.compile("[aou]e|arrow")
"""What may be an umlaut, or TeX without its backslash."""
_MOST_KNOWN = 100_000
"""Names and categories whose atoms are remembered; when there are more, all are forgotten."""


class Facts:
    """The atoms that are asked of records."""

    def __init__(self) -> None:
        self.atoms: dict[Leaf, int] = {}
        self._authors: _Filed = {}
        self._families: _Filed = {}
        """People of whom a query says the family name alone, in one plain word."""
        self._categories: _Filed = {}
        self._links: _Filed = {}
        self._ids: dict[str, list[int]] = {}
        self._others: dict[type[Leaf], list[tuple[Leaf, int]]] = {}
        self._known: dict[tuple[str, object], tuple[int, ...]] = {}

    def atom(self, leaf: Leaf, new: Callable[[], int]) -> int:
        """Return the atom of a leaf that asks for something of the record."""
        found = self.atoms.get(leaf)
        if found is None:
            found = new()
            self.file(leaf, found)
        return found

    def file(self, leaf: Leaf, atom: int) -> None:
        """Let `atom` stand for a leaf."""
        self.atoms[leaf] = atom
        self._known.clear()
        if isinstance(leaf, Author):
            self._file_author(leaf, atom)
        elif isinstance(leaf, Category):
            code = leaf.code.casefold()
            _file(self._categories, [code if code in CODES else split(code).words[0]], leaf, atom)
        elif isinstance(leaf, Has | Host):
            key = f"has {leaf.thing}" if isinstance(leaf, Has) else f"code {leaf.name}"
            _file(self._links, [key], leaf, atom)
        elif isinstance(leaf, Identifier):
            self._ids.setdefault(leaf.value, []).append(atom)
        else:
            self._others.setdefault(type(leaf), []).append((leaf, atom))

    def _file_author(self, leaf: Author, atom: int) -> None:
        family = leaf.family[0]
        simple = not leaf.given and len(leaf.family) == 1 and family[-1] != "*" and not is_spaceless(family[0])
        _file(self._families if simple else self._authors, author_keys(leaf), leaf, atom)

    def raised(self, document: Document) -> Iterator[int]:
        """Yield the atoms that a paper's record makes true, some more than once."""
        paper = document.paper
        if self._authors or self._families:
            for name in paper.authors:
                yield from self._remembered("author", name, self._of_author)
        if self._categories:
            for name in paper.categories:
                yield from self._remembered("category", name, self._of_category)
        if self._links:
            yield from self._of_links(paper)
        if self._ids:
            for value in ids_of(paper):
                yield from self._ids.get(value, _NO_ATOMS)
        if self._others:
            yield from self._of_others(document)

    def _remembered(self, kind: str, value: str, find: Callable[[str], Iterator[int]]) -> tuple[int, ...]:
        found = self._known.get((kind, value))
        if found is None:
            if len(self._known) > _MOST_KNOWN:
                self._known.clear()
            found = self._known[kind, value] = tuple(find(value))
        return found

    def _of_author(self, name: str) -> Iterator[int]:
        plain = _PLAIN_NAME.fullmatch(name)
        if plain is None or _SPECIAL.search(name) or not PARTICLES.isdisjoint(name.lower().split()):
            keys = name_keys(name)
            called = {pair for key in keys for pair in self._families.get(key, ())}
        else:
            family = plain[1].lower()
            yield from (atom for _, atom in self._families.get(family, ()))
            keys, called = frozenset((family, f"{family[:2]}*")), set()
        called |= {pair for key in keys for pair in self._authors.get(key, ())}
        yield from (atom for leaf, atom in called if isinstance(leaf, Author) and is_author(leaf, name))

    def _of_category(self, name: str) -> Iterator[int]:
        for key in {*codes_printed(name), *fold(name).split()}:
            for leaf, atom in self._categories.get(key, ()):
                if isinstance(leaf, Category) and in_category(leaf, name):
                    yield atom

    def _of_links(self, paper: Paper) -> Iterator[int]:
        for link in paper.links:
            for key in (f"has {thing_of(link)}", *(f"code {name}" for name in host_names(link))):
                yield from (atom for _, atom in self._links.get(key, ()))

    def _of_others(self, document: Document) -> Iterator[int]:
        paper = document.paper
        numbers = (paper.upvotes, paper.score, document.stars)
        facts = {Announced: paper.announce_type, Published: paper.published, Count: numbers}
        for kind, asked in self._others.items():
            key = kind.__name__, facts[kind]
            if key not in self._known:
                self._known[key] = tuple(atom for leaf, atom in asked if holds(leaf, document))
            yield from self._known[key]


def _file(filed: _Filed, keys: Iterable[str], leaf: Leaf, atom: int) -> None:
    for key in keys:
        filed.setdefault(key, []).append((leaf, atom))
