"""Reads a query: NOT binds tighter than AND, AND tighter than OR, and words side by side are joined by AND.

Any text gives a query or one error with its column; nesting, length and the number of terms are bounded.
"""

from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from types import MappingProxyType
from typing import NamedTuple

from digestbot.errors import QueryError
from digestbot.queries.faults import SpotError, edited
from digestbot.queries.fields import SPELLINGS, field_of_tag
from digestbot.queries.habits import QueryWarning, as_typed, remarks
from digestbot.queries.lexer import Lexeme, lex
from digestbot.queries.nodes import (
    Author,
    Exact,
    Leaf,
    Near,
    Phrase,
    Query,
    Stems,
    all_of,
    any_of,
    excludes_only,
    leaves,
    negate,
)
from digestbot.queries.quotes import without_quotes
from digestbot.queries.terms import exact, stems, word_or_phrase

MAX_DEPTH = 50
"""Brackets and macros inside each other at most."""
MAX_TERMS = 10_000
"""Terms of one query at most, those of its macros counted each time."""
_LATER = MappingProxyType(
    {
        "like": "like: is not built yet; write the words that such papers have in common",
    }
)
"""Fields that are spoken for, and what to write until they are built."""
_NO_MACROS: Mapping[str, str] = MappingProxyType({})
_ID_KINDS = frozenset(("arxiv", "doi", "pmid", "openreview"))


class Parsed(NamedTuple):
    """A query and what should be said about the way it was written."""

    query: Query
    warnings: tuple[QueryWarning, ...]
    typed: Mapping[Leaf, str] = MappingProxyType({})
    """The clauses that hold words as the person wrote them; the canonical ones show the folded words."""


def parse(text: str, macros: Mapping[str, str] = _NO_MACROS) -> Query:
    """Return the query that `text` means. `macros` are named queries by name, without the ``@``.

    Raises QueryError, whose column counts from 0, with a repair that can be read when one is found.
    """
    return parse_with_warnings(text, macros).query


def warnings(text: str, macros: Mapping[str, str] = _NO_MACROS) -> tuple[QueryWarning, ...]:
    """Return what should be said about a query that can be read, in order of column. Raises QueryError."""
    return parse_with_warnings(text, macros).warnings


def parse_with_warnings(text: str, macros: Mapping[str, str] = _NO_MACROS) -> Parsed:
    """Return the query that `text` means and the warnings about it. Raises QueryError."""
    try:
        return _read(text, macros)
    except SpotError as fault:
        repair = next(_mended(fault, text, macros, rounds=3), None) if len(text) <= 5000 else None
        raise QueryError(fault.message, text=text, column=min(fault.column, len(text)), repair=repair) from fault


def _read(text: str, macros: Mapping[str, str]) -> Parsed:
    parser = _Parser(text, macros)
    query = parser.whole("")
    found = [*parser.warnings, *remarks(text)]
    if excludes_only(query):
        found.append(QueryWarning(0, "it only excludes, so it matches almost every paper"))
    return Parsed(query, tuple(sorted(dict.fromkeys(found))), MappingProxyType(parser.budget.typed))


def _mended(fault: SpotError, text: str, macros: Mapping[str, str], rounds: int) -> Iterator[str]:
    """Yield texts without this fault that can be read, mending further faults for some rounds."""
    for repair in fault.repairs[:3]:
        if repair == text:
            continue
        try:
            _read(repair, macros)
        except SpotError as next_fault:
            if rounds > 1:
                yield from _mended(next_fault, repair, macros, rounds - 1)
        else:
            yield repair


class _Budget:
    """What a query and its macros share: how many terms were read, and the macros already read."""

    def __init__(self) -> None:
        self.terms = 0
        self.read: dict[tuple[str, str], tuple[Query, int]] = {}
        self.typed: dict[Leaf, str] = {}

    def spend(self, terms: int, column: int) -> None:
        self.terms += terms
        if self.terms > MAX_TERMS:
            raise SpotError(f"a query has {MAX_TERMS:,} terms at most, those of its macros counted", column)


class _Parser:
    """Reads one text. `trail` are the macros that led here, outermost first."""

    def __init__(
        self,
        text: str,
        macros: Mapping[str, str],
        trail: tuple[str, ...] = (),
        depth: int = 0,
        budget: _Budget | None = None,
    ) -> None:
        self.text, self.macros, self.trail, self.depth = text, macros, trail, depth
        self.budget = budget or _Budget()
        self.lexemes = lex(text)
        self.partners = _partners(self.lexemes)
        self.at = 0
        self.warnings: list[QueryWarning] = []

    @property
    def here(self) -> Lexeme:
        return self.lexemes[self.at]

    def next(self) -> Lexeme:
        self.at += 1
        return self.lexemes[self.at - 1]

    def without(self, lexeme: Lexeme, new: str = "") -> str:
        """Return the text with a lexeme replaced."""
        return edited(self.text, lexeme.start, lexeme.end, new)

    def whole(self, field: str) -> Query:
        query = self.disjunction(field)
        if self.here.kind == "close":
            raise SpotError("this bracket was never opened", self.here.start, self.without(self.here))
        if query is None:
            raise SpotError("there is nothing to look for", 0)
        return query

    def disjunction(self, field: str) -> Query | None:
        parts = [self.conjunction(field)]
        while self.here.kind == "or":
            operator = self.next()
            parts.append(self.conjunction(field))
            if parts[-1] is None or parts[-2] is None:
                side = "left" if parts[-2] is None else "right"
                raise SpotError(f"{operator.text} has nothing to its {side}", operator.start, self.without(operator))
        found = [part for part in parts if part is not None]
        return any_of(found) if found else None

    def conjunction(self, field: str) -> Query | None:
        found: dict[Query, int] = {}
        operator: Lexeme | None = None
        while self.here.kind not in ("or", "close", "end"):
            if self.here.kind == "and":
                if not found or operator:
                    raise SpotError(
                        f"{self.here.text} has nothing to its left", self.here.start, self.without(self.here)
                    )
                operator = self.next()
                continue
            column = self.here.start
            part = self.negation(field)
            if part is not None:
                self.warn_of_contradiction(part, found, column)
                found.setdefault(part, column)
                operator = None
        if operator:
            raise SpotError(f"{operator.text} has nothing to its right", operator.start, self.without(operator))
        return all_of(found) if found else None

    def warn_of_contradiction(self, part: Query, found: Mapping[Query, int], column: int) -> None:
        if negate(part) in found:
            self.warnings.append(QueryWarning(column, "this excludes what is asked for before: nothing can match"))

    def negation(self, field: str) -> Query | None:
        """Read a term and the NOTs before it."""
        first, count = self.here, 0
        while self.here.kind == "not":
            self.next()
            count += 1
        if self.here.kind in ("and", "or", "close", "end"):
            raise SpotError(f"{first.text} has nothing to its right", first.start, self.without(first))
        part = self.primary(field)
        if part is None and count:
            raise SpotError(f"{first.text} has nothing to its right", first.start, self.without(first))
        return negate(part) if part is not None and count % 2 else part

    def primary(self, field: str) -> Query | None:
        lexeme = self.next()
        if lexeme.kind == "field":
            return self.fielded(lexeme)
        if lexeme.kind == "open":
            return self.group(lexeme, self.tagged(self.partners.get(self.at - 1, self.at - 1) + 1, field))
        if lexeme.kind == "tag":
            raise SpotError(f"[{lexeme.text}] belongs behind a term", lexeme.start, self.without(lexeme))
        if lexeme.kind == "macro":
            part: Query | None = self.macro(lexeme, self.tagged(self.at, field))
        else:
            part = self.term(lexeme, field)
        self.skip_tag()
        return part

    def tagged(self, at: int, field: str) -> str:
        """Return the field that a tag at lexeme `at` names, else `field`."""
        if at < len(self.lexemes) and self.lexemes[at].kind == "tag":
            return field_of_tag(self.lexemes[at].text) or ""
        return field

    def skip_tag(self) -> None:
        if self.here.kind == "tag":
            self.next()

    def fielded(self, name: Lexeme) -> Query | None:
        """Read what stands behind a field's name: a term, or a group over which the field is spread."""
        field = SPELLINGS[name.text.casefold()]
        first = self.here
        if field in _LATER:
            raise SpotError(_LATER[field], name.start, edited(self.text, name.start, max(name.end, first.end), ""))
        if first.kind == "not":
            moved = edited(edited(self.text, first.start, first.end, ""), name.start, name.start, first.text)
            raise SpotError("an exclusion goes before the field", first.start, moved)
        if first.kind in ("and", "or", "close", "end", "field", "tag"):
            raise SpotError(
                f"{name.text}: has nothing behind it", name.start, edited(self.text, name.start, name.end, "")
            )
        if first.kind == "value" and name.text.casefold() in _ID_KINDS:
            self.next()
            return self.valued(first, field, f"{name.text}:{first.text}")
        part = self.primary(field)
        if part is None:
            raise SpotError(
                f"{name.text}: has nothing behind it", name.start, edited(self.text, name.start, first.end, "")
            )
        return part

    def group(self, opened: Lexeme, field: str) -> Query | None:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise SpotError(f"brackets are nested deeper than {MAX_DEPTH}", opened.start)
        query = self.disjunction(field)
        if self.here.kind != "close":
            raise SpotError(
                "this bracket is never closed", opened.start, f"{self.text.rstrip()})", self.without(opened)
            )
        closed = self.next()
        if query is None:
            raise SpotError(
                "there is nothing in the brackets", opened.start, edited(self.text, opened.start, closed.end, "")
            )
        self.skip_tag()
        self.depth -= 1
        return query

    def term(self, lexeme: Lexeme, field: str) -> Query | None:
        """Read a word, a phrase, a value, or a sign with the word or phrase it belongs to."""
        self.budget.spend(1, lexeme.start)
        field = self.tagged(self.at + (lexeme.kind in ("exact", "stem")), field)
        if lexeme.kind in ("exact", "stem"):
            return self.signed(lexeme, field)
        if lexeme.kind == "word":
            field, text, warning = as_typed(lexeme, field, self.text)
            if warning:
                self.warnings.append(warning)
            return self.valued(lexeme, field, text)
        return self.valued(lexeme, field, lexeme.text)

    def valued(self, lexeme: Lexeme, field: str, text: str) -> Leaf | None:
        try:
            part = word_or_phrase(field, text, lexeme.start, lexeme.slop)
        except SpotError as fault:
            raise self.placed(fault, lexeme) from fault
        if part is None:
            self.warnings.append(
                QueryWarning(lexeme.start, f"{lexeme.text or 'nothing'} holds no word: it is passed over")
            )
        return self.noted(part, lexeme)

    def noted(self, part: Leaf | None, lexeme: Lexeme, sign: str = "") -> Leaf | None:
        """Keep how a clause that holds words was written; TeX in it would be read otherwise without its quotes."""
        if isinstance(part, Phrase | Near | Exact | Stems | Author) and "\\" not in lexeme.text:
            field = "author" if isinstance(part, Author) else part.field
            text = without_quotes(lexeme.text)
            text = f'"{text}"' if lexeme.kind == "phrase" else text
            slop = "" if lexeme.slop is None else f"~{lexeme.slop}"
            self.budget.typed.setdefault(part, f"{field and field + ':'}{sign}{text}{slop}")
        return part

    def signed(self, sign: Lexeme, field: str) -> Leaf | None:
        lexeme = self.here
        if lexeme.kind not in ("word", "phrase") or not lexeme.glued:
            raise SpotError(f'"{sign.text}" belongs before a word or a phrase', sign.start, self.without(sign))
        self.next()
        try:
            part = (exact if sign.kind == "exact" else stems)(field, lexeme.text, sign.start)
        except SpotError as fault:
            raise self.placed(fault, lexeme._replace(start=sign.start)) from fault
        if part is None:
            raise SpotError("there is no word in this", sign.start, edited(self.text, sign.start, lexeme.end, ""))
        return self.noted(part, lexeme, "=" if sign.kind == "exact" else "~")

    def placed(self, fault: SpotError, lexeme: Lexeme) -> SpotError:
        """Return a term's fault with repairs of the whole text."""
        return SpotError(fault.message, fault.column, *(self.without(lexeme, repair) for repair in fault.repairs))

    def macro(self, lexeme: Lexeme, field: str) -> Query:
        name = lexeme.text
        if name not in self.macros:
            near = get_close_matches(name, [*self.macros], n=1)
            repairs = [self.without(lexeme, f"@{near[0]}")] if near else []
            raise SpotError(f"there is no @{name}", lexeme.start, *repairs, self.without(lexeme))
        if name in self.trail:
            circle = " → ".join(f"@{step}" for step in (*self.trail[self.trail.index(name) :], name))
            raise SpotError(f"@{name} asks for itself: {circle}", lexeme.start)
        if (name, field) not in self.budget.read:
            self.budget.read[name, field] = self.read_macro(lexeme, field)
        else:
            self.budget.spend(self.budget.read[name, field][1], lexeme.start)
        return self.budget.read[name, field][0]

    def read_macro(self, lexeme: Lexeme, field: str) -> tuple[Query, int]:
        if self.depth >= MAX_DEPTH:
            raise SpotError(f"macros are nested deeper than {MAX_DEPTH}", lexeme.start)
        try:
            inner = _Parser(
                self.macros[lexeme.text], self.macros, (*self.trail, lexeme.text), self.depth + 1, self.budget
            )
            query = inner.whole(field)
        except SpotError as fault:
            raise SpotError(f"in @{lexeme.text}: {fault.message}", lexeme.start, self.without(lexeme)) from fault
        self.warnings += (QueryWarning(lexeme.start, f"in @{lexeme.text}: {said}") for _, said in inner.warnings)
        return query, sum(1 for _ in leaves(query))


def _partners(lexemes: tuple[Lexeme, ...]) -> dict[int, int]:
    """Return for each opening bracket's index that of the bracket that closes it."""
    opened, partners = list[int](), dict[int, int]()
    for at, lexeme in enumerate(lexemes):
        if lexeme.kind == "open":
            opened.append(at)
        elif lexeme.kind == "close" and opened:
            partners[opened.pop()] = at
    return partners
