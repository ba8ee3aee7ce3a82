"""The canonical text of a query: what it is shown, stored and compared as. Reading it gives the same query again."""

import re
from calendar import monthrange
from collections.abc import Mapping
from types import MappingProxyType

from digestbot.queries.names import PARTICLES
from digestbot.queries.nodes import (
    And,
    Announced,
    Author,
    Category,
    Count,
    Exact,
    Has,
    Host,
    Identifier,
    Leaf,
    Near,
    Not,
    Or,
    Published,
    Query,
    Several,
    Stems,
    TextLeaf,
)

_CANONICAL: Mapping[Leaf, str] = MappingProxyType({})
_OPERATOR_WORDS = frozenset(("and", "or", "not", "andnot"))
_BARE = re.compile(r"[^\W_]+")


def format_query(query: Query) -> str:
    """Return the canonical text of `query`: ``parse`` reads it back as an equal query."""
    return format_typed(query, _CANONICAL)


def format_typed(query: Query, typed: Mapping[Leaf, str]) -> str:
    """Return the same with some leaves as they were typed: ``"Mixture of Experts"``, not ``"mixture of expert"``."""
    if isinstance(query, Not):
        inner = format_typed(query.part, typed)
        return f"-({inner})" if isinstance(query.part, Several) else f"-{inner}"
    if isinstance(query, Several):
        between, other = (" ", Or) if isinstance(query, And) else (" OR ", And)
        texts = [format_typed(part, typed) for part in query.parts]
        for at, part in enumerate(query.parts):
            if isinstance(part, other):
                texts[at] = f"({texts[at]})"
        return between.join(texts)
    return (typed and typed.get(query)) or _leaf(query)


def _leaf(leaf: Leaf) -> str:
    if isinstance(leaf, TextLeaf):
        return f"{leaf.field}:{_text(leaf)}" if leaf.field else _text(leaf)
    if isinstance(leaf, Author):
        return f"author:{_quoted(_person(leaf), starred=True)}"
    if isinstance(leaf, Category):
        return f"category:{leaf.code if _plain(leaf.code) else _quoted(leaf.code)}"
    if isinstance(leaf, Published):
        return f"date:{_range(leaf)}"
    if isinstance(leaf, Count):
        return f"{leaf.field}:{_interval(leaf)}"
    return _name(leaf)


def _name(leaf: Has | Host | Announced | Identifier) -> str:
    if isinstance(leaf, Has):
        return f"has:{leaf.thing}"
    if isinstance(leaf, Host):
        return f"code:{leaf.name}"
    return f"is:{leaf.kind}" if isinstance(leaf, Announced) else f"id:{_id(leaf.value)}"


def _text(leaf: TextLeaf) -> str:
    if isinstance(leaf, Exact):
        return f"={_quoted(leaf.text)}"
    if isinstance(leaf, Stems):
        return f"~{_quoted(' '.join(leaf.stems))}"
    quoted = _quoted(" ".join(leaf.words), starred=len(leaf.words) == 1)
    return f'"{" ".join(leaf.words)}"~{leaf.distance}' if isinstance(leaf, Near) else quoted


def _quoted(text: str, *, starred: bool = False) -> str:
    """Return `text` in quotes, unless it is one plain word that needs none."""
    bare = text.removesuffix("*") if starred else text
    return text if _BARE.fullmatch(bare) and bare.casefold() not in _OPERATOR_WORDS else f'"{text}"'


def _id(value: str) -> str:
    return value if re.fullmatch(r"[\w:./-]+", value) else f'"{value}"'


def _plain(code: str) -> bool:
    return re.fullmatch(r"[a-z-]+(?:\.[A-Za-z-]+)?", code) is not None


def _person(author: Author) -> str:
    """Return a name as a person would write it, or with the comma where that would be read otherwise."""
    family, given = " ".join(author.family), " ".join(author.given)
    plain = PARTICLES.isdisjoint(author.given) and "*" not in given
    simple = len(author.family) == 1 and len(author.family[0]) > 1 and plain
    return f"{given} {family}".strip() if simple else f"{family}, {given}".strip()


def _range(leaf: Published) -> str:
    if leaf.first is None or leaf.last is None:
        return f">={leaf.first}" if leaf.first else f"<={leaf.last}"
    whole_months = leaf.first.day == 1 and leaf.last.day == monthrange(leaf.last.year, leaf.last.month)[1]
    whole_years = whole_months and leaf.first.month == 1 and leaf.last.month == 12
    length = 4 if whole_years else 7 if whole_months else 10
    first, last = str(leaf.first)[:length], str(leaf.last)[:length]
    return first if first == last else f"{first}..{last}"


def _interval(leaf: Count) -> str:
    low = "" if leaf.low is None else _number(leaf.low)
    high = "" if leaf.high is None else _number(leaf.high)
    if low and high:
        return low if low == high else f"{low}..{high}"
    return f">{'' if leaf.above else '='}{low}" if low else f"<{'' if leaf.below else '='}{high}"


def _number(value: float) -> str:
    return f"{value:.15f}".rstrip("0").rstrip(".") if value % 1 else str(int(value))
