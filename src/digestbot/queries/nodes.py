"""A query as a tree of frozen records. Words in it are folded already; equal queries are equal trees.

A tree is made by `all_of`, `any_of` and `negate`, which keep it in its normal shape: no conjunction inside a
conjunction, no part twice, no double negation.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Literal

Thing = Literal["code", "weights", "data", "page", "video"]
Announcement = Literal["new", "cross", "replacement"]


@dataclass(frozen=True, slots=True)
class Phrase:
    """Words in this order next to each other; often just one. A word that ends in ``*`` is the beginning of one."""

    words: tuple[str, ...]
    field: str = ""


@dataclass(frozen=True, slots=True)
class Near:
    """Words at most `distance` positions apart, in any order."""

    words: tuple[str, ...]
    distance: int
    field: str = ""


@dataclass(frozen=True, slots=True)
class Exact:
    """Text in this case and form, as whole words."""

    text: str
    field: str = ""


@dataclass(frozen=True, slots=True)
class Stems:
    """Words with these English stems, in this order next to each other."""

    stems: tuple[str, ...]
    field: str = ""


@dataclass(frozen=True, slots=True)
class Author:
    """A person: given names or initials, then the family name. Without given names, anyone of that family name."""

    given: tuple[str, ...]
    family: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Category:
    """A category (``cs.LG``) or an archive with all of its categories (``cs``)."""

    code: str


@dataclass(frozen=True, slots=True)
class Has:
    """A link to such a thing."""

    thing: Thing


@dataclass(frozen=True, slots=True)
class Host:
    """A link to such a host: ``code:github``."""

    name: str


@dataclass(frozen=True, slots=True)
class Announced:
    """How a listing announced the paper."""

    kind: Announcement


@dataclass(frozen=True, slots=True)
class Published:
    """Published from `first` to `last`, both included; None is open."""

    first: date | None
    last: date | None


@dataclass(frozen=True, slots=True)
class Count:
    """A number of the paper, ``upvotes``, ``score`` or ``stars``, from `low` to `high`; None is open."""

    field: str
    low: float | None = None
    high: float | None = None
    above: bool = False
    """True when `low` itself is excluded."""
    below: bool = False
    """True when `high` itself is excluded."""


@dataclass(frozen=True, slots=True)
class Identifier:
    """The paper with this id, in any version."""

    value: str


@dataclass(frozen=True, slots=True)
class Not:
    """What does not match `part`."""

    part: "Query"


@dataclass(frozen=True, slots=True)
class And:
    """What matches every part; there are two at least."""

    parts: tuple["Query", ...]


@dataclass(frozen=True, slots=True)
class Or:
    """What matches some part; there are two at least."""

    parts: tuple["Query", ...]


# `isinstance` takes several times as long when the types are joined anew in each call.
TextLeaf = Phrase | Near | Exact | Stems
Leaf = TextLeaf | Author | Category | Has | Host | Announced | Published | Count | Identifier
Several = And | Or
Query = Leaf | Not | Several


def all_of(parts: Iterable[Query]) -> Query:
    """Return the conjunction of `parts`, of which there is at least one."""
    flat = dict.fromkeys(inner for part in parts for inner in (part.parts if isinstance(part, And) else (part,)))
    return next(iter(flat)) if len(flat) == 1 else And(tuple(flat))


def any_of(parts: Iterable[Query]) -> Query:
    """Return the disjunction of `parts`, of which there is at least one."""
    flat = dict.fromkeys(inner for part in parts for inner in (part.parts if isinstance(part, Or) else (part,)))
    return next(iter(flat)) if len(flat) == 1 else Or(tuple(flat))


def negate(part: Query) -> Query:
    """Return what does not match `part`; two negations are none."""
    return part.part if isinstance(part, Not) else Not(part)


def leaves(query: Query, wanted: bool = True) -> Iterator[tuple[Leaf, bool]]:
    """Yield the leaves of `query` in order, each with whether it is wanted (under an even number of NOTs)."""
    if isinstance(query, Not):
        yield from leaves(query.part, not wanted)
    elif isinstance(query, And | Or):
        for part in query.parts:
            yield from leaves(part, wanted)
    else:
        yield query, wanted


def excludes_only(query: Query) -> bool:
    """Return whether `query` matches a paper in which nothing of what it names occurs."""
    if isinstance(query, Not):
        return not excludes_only(query.part)
    if isinstance(query, And):
        return all(map(excludes_only, query.parts))
    return isinstance(query, Or) and any(map(excludes_only, query.parts))
