"""A coarse sieve for stored papers: what each is filed under, and which of them a query can match at all.

::

    paper ─filed_under→ a few columns of words        query ─expression→ a search that loses no match
                              └── SQLite's FTS5 ──→ candidates ──evaluate→ matches

The words are our own folded ones, so that the search sees what the matcher sees: phrases are looked for in the order of
the words, everything else only for being there. What cannot be said so (dates, numbers, exclusions) lets every paper
through. The syntax is that of https://sqlite.org/fts5.html with its ``ascii`` tokenizer, to which a folded word is one
token: it holds nothing but letters and digits.
"""

from collections.abc import Collection, Iterable, Iterator
from typing import Final, NamedTuple

from digestbot.models import Paper
from digestbot.queries import Document, Leaf, Query
from digestbot.queries.categories import CODES, codes_printed
from digestbot.queries.document import Zone
from digestbot.queries.fields import ZONES
from digestbot.queries.names import author_keys, name_keys
from digestbot.queries.nodes import (
    And,
    Announced,
    Announcement,
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
from digestbot.queries.records import host_names, ids_of, is_announced, thing_of
from digestbot.text import split, stem_word

FORM: Final = 1
"""Grows when `filed_under` changes, or the folding that it rests on: what was filed in another form is not trusted."""
MAX_TERMS: Final = 500
"""Terms of the longest expression; a query that needs more is held against every paper."""
_BODY = frozenset(("", "title", "abstract", "tiab", "comment", "keyword"))
_REST = tuple(field for field in ZONES["all"] if field not in ZONES[""])
_SEARCHED = "{words forms}"
_EVERYWHERE = "{words forms elsewhere}"
_KINDS: tuple[Announcement, ...] = ("new", "cross", "replacement")


class Filed(NamedTuple):
    """What a paper is filed under; the fields are the columns of the search, each a text of tokens."""

    words: str
    """The words of title, abstract, comments and keywords, in order."""
    forms: str
    """Their closed words, beginnings and stems where these are no word of `words` or the beginning of one."""
    elsewhere: str
    """The words of everything else that ``all:`` looks at, with their forms."""
    names: str
    """What each author can be found by."""
    marks: str
    """Categories, kinds of links, hosts, announcements and ids."""


def filed_under(paper: Paper | Document) -> Filed:
    """Return what a paper is filed under."""
    document = paper if isinstance(paper, Document) else Document(paper)
    body = document.zone("")
    forms = _forms(body)
    rest = Zone([(item, document.words(item)) for field in _REST for item in document.items(field)])
    elsewhere = (rest.at.keys() | _forms(rest)) - body.at.keys() - forms
    names = {key for name in document.paper.authors for key in name_keys(name) if not key.endswith("*")}
    return Filed(
        " ".join(filter(None, body.row)),
        " ".join(sorted(forms)),
        " ".join(sorted(elsewhere)),
        " ".join(sorted(names)),
        " ".join(sorted(_marks(document.paper))),
    )


def expression(query: Query) -> str | None:
    """Return a search that finds every paper that `query` can match; None when all have to be looked at."""
    found = _expression(query, wanted=True)
    return found if found is None or found.count('"') <= 2 * MAX_TERMS else None


def _forms(zone: Zone) -> set[str]:
    """Return what a word can be asked by and is not found by as it stands: beginnings and stems that folding cut."""
    plain = {word for word in zone.plain if word and word not in zone.at}
    closed = {form for group in zone.closed.values() for _, word, plain in group for form in (word, plain)}
    stems = {stem for word in zone.at if not word.startswith(stem := stem_word(word))}
    return plain | closed | stems


def _marks(paper: Paper) -> Iterator[str]:
    for printed in paper.categories:
        yield from (_mark("in", code) for code in codes_printed(printed))
        yield from (_mark("in", word) for word in split(printed).words)
    for link in paper.links:
        yield from (_mark("host", name) for name in host_names(link))
        if (thing := thing_of(link)) is not None:
            yield _mark("has", thing)
    yield from (_mark("is", kind) for kind in _KINDS if is_announced(Announced(kind), paper))
    yield from (_mark("id", name) for name in ids_of(paper))


def _mark(kind: str, value: str) -> str:
    """Return a token; two marks may share one, which only lets a paper more through."""
    return f"{kind}_" + "".join(char if char.isalnum() else "_" for char in value)


def _expression(query: Query, *, wanted: bool) -> str | None:
    if isinstance(query, Not):
        return _expression(query.part, wanted=not wanted)
    if isinstance(query, And | Or):
        parts = [_expression(part, wanted=wanted) for part in query.parts]
        return _every(parts) if isinstance(query, And) is wanted else _some(parts)
    return _leaf(query) if wanted else None


def _every(parts: Iterable[str | None]) -> str | None:
    known = list(dict.fromkeys(part for part in parts if part))
    return f"({' AND '.join(known)})" if len(known) > 1 else known[0] if known else None


def _some(parts: Collection[str | None]) -> str | None:
    known = list(dict.fromkeys(part for part in parts if part))
    if None in parts or not known:
        return None
    return f"({' OR '.join(known)})" if len(known) > 1 else known[0]


def _leaf(leaf: Leaf) -> str | None:
    if isinstance(leaf, Phrase | Near | Exact | Stems):
        return _text(leaf)
    if isinstance(leaf, Author):
        return _some([_token("names", key) for key in sorted(author_keys(leaf))])
    if isinstance(leaf, Category):
        code = leaf.code.casefold()
        return _token("marks", _mark("in", code if code in CODES else split(code).words[0]))
    for kind, name in (("has", Has), ("host", Host), ("is", Announced), ("id", Identifier)):
        if isinstance(leaf, name):
            return _token("marks", _mark(kind, _asked(leaf)))
    return None


def _asked(leaf: Leaf) -> str:
    if isinstance(leaf, Has):
        return leaf.thing
    if isinstance(leaf, Host):
        return leaf.name
    return leaf.kind if isinstance(leaf, Announced) else leaf.value if isinstance(leaf, Identifier) else ""


def _text(leaf: TextLeaf) -> str | None:
    if leaf.field == "source":  # a paper may come in more digests later
        return None
    where, in_order = (_SEARCHED, leaf.field in _BODY) if leaf.field in _BODY else (_EVERYWHERE, False)
    if isinstance(leaf, Stems):
        return _every(_stem(where, stem) for stem in leaf.stems)
    if isinstance(leaf, Near):
        return _every(_token(where, word) for word in leaf.words)
    if isinstance(leaf, Exact):
        words = exact_words(leaf.text)
        return f'words : "{" ".join(words)}"' if in_order else _every(_token(where, word) for word in words)
    return _phrase(leaf.words, where, in_order=in_order)


def _stem(where: str, stem: str) -> str | None:
    return _some([f'{where} : "{stem}" *'])


def _phrase(words: tuple[str, ...], where: str, *, in_order: bool) -> str | None:
    """Return a search for a phrase: its words in a row, or else all of them where one stands closed or joined."""
    there = _every(_some([_token(where, word) for word in _covering(words, place)]) for place in range(len(words)))
    if not in_order or len(words) == 1 or any(word.endswith("*") for word in words):
        return there
    joined = [_token(where, word) for arcs_here in arcs(words) for width, word in arcs_here if width > 1]
    closed = [_token("forms", word) for word in dict.fromkeys(words)]
    return f'(words : "{" ".join(words)}" OR ({_some([*joined, *closed])} AND {there}))'


def _covering(words: tuple[str, ...], place: int) -> list[str]:
    """Return the words of which a text has one that fills this place of a phrase."""
    lattice = arcs(words)
    return [
        word for start in range(max(0, place - 2), place + 1) for width, word in lattice[start] if start + width > place
    ]


def _token(where: str, word: str) -> str:
    return f'{where} : "{word[:-1]}" *' if word.endswith("*") else f'{where} : "{word}"'
