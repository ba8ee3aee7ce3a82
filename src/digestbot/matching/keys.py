"""What a query is filed under, and what a paper calls up.

A key is ``(family, value)``: a word of the text, the beginning of a word, a stem, a name, a category … The `cover` of a
query is a set of keys of which every matching paper calls up at least one. That is the whole promise of the index: a
query none of whose keys is called up cannot match.
"""

from collections.abc import Callable, Collection, Iterable, Iterator
from itertools import chain

from digestbot.models import Paper
from digestbot.queries import Document, Leaf, Query
from digestbot.queries.categories import CODES, codes_printed
from digestbot.queries.names import author_keys, name_keys
from digestbot.queries.nodes import (
    And,
    Announced,
    Author,
    Category,
    Exact,
    Has,
    Host,
    Identifier,
    Near,
    Not,
    Or,
    Phrase,
    Stems,
    TextLeaf,
)
from digestbot.queries.passages import arcs, exact_words
from digestbot.queries.records import host_names, ids_of, thing_of
from digestbot.text import fold, split

Key = tuple[str, str]
Cover = frozenset[Key]
_BODY = frozenset(("", "title", "abstract", "tiab", "comment", "keyword"))
"""Text fields whose words are all among those of the bare zone."""


def cover(query: Query, cost: Callable[[Key], float], wanted: bool = True) -> tuple[float, Cover] | None:
    """Return the cheapest cover of `query` and its cost; None when a paper may match without calling anything up."""
    if isinstance(query, Not):
        return cover(query.part, cost, not wanted)
    if isinstance(query, And | Or):
        found = [cover(part, cost, wanted) for part in query.parts]
        return _either(found) if isinstance(query, And) is wanted else _all(found)
    choices = list(_choices(query)) if wanted else []
    return min(((sum(map(cost, keys)), keys) for keys in choices), key=lambda choice: choice[0], default=None)


def _either(found: Iterable[tuple[float, Cover] | None]) -> tuple[float, Cover] | None:
    return min((part for part in found if part), key=lambda choice: choice[0], default=None)


def _all(found: Collection[tuple[float, Cover] | None]) -> tuple[float, Cover] | None:
    parts = [part for part in found if part]
    if len(parts) < len(found):
        return None
    return sum(price for price, _ in parts), frozenset(chain.from_iterable(keys for _, keys in parts))


def _choices(leaf: Leaf) -> Iterator[Cover]:
    """Yield covers of one leaf; none where a paper says nothing that could be called up (dates, numbers)."""
    if isinstance(leaf, Phrase | Near | Exact | Stems):
        for words in _word_choices(leaf):
            yield frozenset(chain.from_iterable(_in_field(key, leaf.field) for key in words))
    elif isinstance(leaf, Author):
        yield frozenset(("author", key) for key in author_keys(leaf))
    elif isinstance(leaf, Category):
        code = leaf.code.casefold()
        yield frozenset([("category", code if code in CODES else split(code).words[0])])
    elif isinstance(leaf, Has):
        yield frozenset([("has", leaf.thing)])
    elif isinstance(leaf, Host):
        yield frozenset([("host", leaf.name)])
    elif isinstance(leaf, Announced):
        yield frozenset([("is", leaf.kind)])
    elif isinstance(leaf, Identifier):
        yield frozenset([("id", leaf.value)])


def _word_choices(leaf: TextLeaf) -> Iterator[list[Key]]:
    if isinstance(leaf, Stems):
        yield from ([("stem", stem)] for stem in leaf.stems)
    elif isinstance(leaf, Exact):
        yield from ([("word", word)] for word in exact_words(leaf.text))
    elif isinstance(leaf, Near):
        yield from ([_key(word)] for word in leaf.words)
    else:
        lattice = arcs(leaf.words)
        for place in range(len(leaf.words)):
            starts = range(max(0, place - 2), place + 1)
            yield [_key(word) for start in starts for width, word in lattice[start] if start + width > place]


def _key(word: str) -> Key:
    return ("start", word[:-1]) if word[-1] == "*" else ("word", word)


def _in_field(key: Key, field: str) -> Iterator[Key]:
    if field in _BODY or field == "all":
        yield key
    if field not in _BODY:
        yield f"{key[0]} elsewhere", key[1]


def called_up(document: Document, family: str, lengths: Collection[int]) -> Iterable[str]:
    """Return the values of one family that a paper calls up; `lengths` are those of the starts that are filed."""
    family, _, elsewhere = family.partition(" ")
    if family in ("word", "start", "stem"):
        return _words(document, family, "all" if elsewhere else "", lengths)
    return _RECORDS[family](document.paper)


def _words(document: Document, family: str, field: str, lengths: Collection[int]) -> Iterable[str]:
    zones = [document.zone(field), *([document.zone("source")] if field else [])]
    if family == "word":
        return chain.from_iterable(chain(zone.at, zone.closed_at) for zone in zones)
    if family == "stem":
        return {stem for zone in zones for stem in zone.stems}
    plain = {word for zone in zones for word in zone.plain} | {
        closed[2] for zone in zones for group in zone.closed.values() for closed in group
    }
    return {word[:length] for word in plain for length in lengths if len(word) >= length}


def _names(paper: Paper) -> Iterator[str]:
    for name in paper.authors:
        yield from name_keys(name)


def _categories(paper: Paper) -> Iterator[str]:
    for name in paper.categories:
        yield from codes_printed(name)
        yield from fold(name).split()


def _things(paper: Paper) -> Iterator[str]:
    yield from (thing for link in paper.links if (thing := thing_of(link)))


def _hosts(paper: Paper) -> Iterator[str]:
    for link in paper.links:
        yield from host_names(link)


def _announcements(paper: Paper) -> Iterator[str]:
    kinds = {
        "new": ("new",),
        "cross": ("cross",),
        "replace": ("replacement",),
        "replace-cross": ("cross", "replacement"),
    }
    yield from kinds.get(paper.announce_type or "", ())


_RECORDS: dict[str, Callable[[Paper], Iterable[str]]] = {
    "author": _names,
    "category": _categories,
    "has": _things,
    "host": _hosts,
    "is": _announcements,
    "id": ids_of,
}
