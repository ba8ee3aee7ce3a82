"""Why a paper matches a query, why it does not, and what would have had to be otherwise.

The nearest miss is the smallest set of clauses whose truth would have to change; it is found exactly, since every
clause is looked at once.
"""

from dataclasses import dataclass

from digestbot.matching.find import hits_of
from digestbot.models import Paper
from digestbot.queries import Document, Leaf, Query, evaluate, format_query, leaves
from digestbot.queries.evaluate import holds
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
    Near,
    Not,
    Or,
    Phrase,
    Published,
    Stems,
    TextLeaf,
)
from digestbot.queries.records import days_of
from digestbot.text import split, stem_word

_FIELD_NAMES = {
    "": "the title, abstract, comments or keywords",
    "tiab": "the title or abstract",
    "comment": "the comments",
    "keyword": "the keywords",
    "org": "the organisation or affiliations",
    "author": "the authors",
    "source": "the name of the digest",
    "all": "any field",
}
_UNTOLD = {"stars": "nobody has looked up its"}
_EXAMPLES = 5
"""Words shown of one clause at most."""


@dataclass(frozen=True, slots=True)
class ClauseReport:
    """One clause of a query against one paper."""

    clause: str
    """In canonical form; with ``-`` when it is excluded."""
    fulfilled: bool
    words: tuple[str, ...] = ()
    """What was found of it, as printed, without repeats."""
    reason: str = ""
    """Why it is not fulfilled, in plain words."""


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why a paper matches a query, or why not."""

    query: str
    title: str
    matched: bool
    clauses: tuple[ClauseReport, ...]
    nearest: tuple[str, ...] = ()
    """The fewest clauses without which (or with which fulfilled) the paper would match; empty when it does."""

    def __str__(self) -> str:
        verdict = "matches" if self.matched else "does not match"
        lines = [f"“{self.title}” {verdict}  {self.query}", *map(_line, self.clauses)]
        if self.nearest:
            lines.append(f"It would match without {' and '.join(self.nearest)}.")
        return "\n".join(lines)


def explain(query: Query, paper: Paper | Document) -> Explanation:
    """Return why `paper` matches `query` or does not, clause by clause."""
    document = paper if isinstance(paper, Document) else Document(paper)
    matched = evaluate(query, document)
    clauses = tuple(dict.fromkeys(_report(leaf, wanted, document) for leaf, wanted in leaves(query)))
    nearest = () if matched else tuple(dict.fromkeys(_misses(query, document, wanted=True)))
    return Explanation(format_query(query), document.paper.title, matched, clauses, nearest)


def _line(report: ClauseReport) -> str:
    found = f": {', '.join(report.words)}" if report.words else ""
    why = f" — {report.reason}" if report.reason else ""
    return f"  {'yes' if report.fulfilled else 'no '}  {report.clause}{found}{why}"


def _report(leaf: Leaf, wanted: bool, document: Document) -> ClauseReport:
    true = holds(leaf, document)
    words = dict.fromkeys(hit.text for hit in hits_of(leaf, document)) if true else {}
    clause = format_query(leaf) if wanted else f"-{format_query(leaf)}"
    if true is wanted:
        return ClauseReport(clause, True, tuple(words)[:_EXAMPLES])
    reason = _absence(leaf, document) if wanted else "it occurs and is excluded"
    return ClauseReport(clause, False, tuple(words)[:_EXAMPLES], reason)


def _misses(query: Query, document: Document, *, wanted: bool) -> list[str]:
    """Return the fewest clauses that keep `query` from being `wanted`."""
    if isinstance(query, Not):
        return _misses(query.part, document, wanted=not wanted)
    if evaluate(query, document) is wanted:
        return []
    if isinstance(query, And | Or):
        parts = [_misses(part, document, wanted=wanted) for part in query.parts]
        every = isinstance(query, And) is wanted
        return [clause for part in parts for clause in part] if every else min(parts, key=len)
    return [format_query(query) if wanted else f"-{format_query(query)}"]


def _absence(leaf: Leaf, document: Document) -> str:
    """Return in plain words why a paper does not fulfil a leaf."""
    if isinstance(leaf, Phrase | Near | Exact | Stems):
        return _missing_words(leaf, document)
    if isinstance(leaf, Author):
        return _listed("author", document.paper.authors)
    if isinstance(leaf, Category):
        return _listed("category", document.paper.categories)
    if isinstance(leaf, Has | Host):
        return _missing_link(document)
    if isinstance(leaf, Count):
        value = document.number(leaf.field)
        untold = f"{_UNTOLD.get(leaf.field, 'its digest prints no')} {leaf.field}"
        return untold if value is None else f"{leaf.field}: {value}"
    return _otherwise(leaf, document.paper)


def _otherwise(leaf: Published | Announced | Identifier, paper: Paper) -> str:
    """Return what a paper's record says in place of what was asked."""
    if isinstance(leaf, Published):
        return _date(paper)
    if isinstance(leaf, Announced):
        return f"announced as {paper.announce_type}" if paper.announce_type else "its digest announces no kind"
    return f"id: {paper.id}" if paper.id else "it has no id"


def _listed(what: str, values: tuple[str, ...]) -> str:
    if not values:
        return f"its digest prints no {what}"
    more = f" and {len(values) - _EXAMPLES} more" if len(values) > _EXAMPLES else ""
    return f"{what}: {', '.join(values[:_EXAMPLES])}{more}"


def _missing_link(document: Document) -> str:
    links = document.paper.links
    if not links:
        return "code is promised without a link" if document.paper.promises_code else "it has no links"
    return f"links: {', '.join(link.url for link in links[:_EXAMPLES])}"


def _date(paper: Paper) -> str:
    if paper.published is None:
        return "its digest prints no date"
    known = "" if days_of(paper.published) else ", without a year"
    return f"published {paper.published_text or paper.published}{known}"


def _missing_words(leaf: TextLeaf, document: Document) -> str:
    place = _FIELD_NAMES.get(leaf.field, f"the {leaf.field}")
    parts = _parts(leaf)
    zone = document.zone(leaf.field)
    absent = [part for part in parts if not _occurs(part, leaf, document)]
    if isinstance(leaf, Exact) and all(word in zone for word in split(leaf.text).words):
        return f"{place}: only in another form"
    if len(parts) > 1 and not absent:
        return f"{place}: {_distance(leaf, document)}"
    elsewhere = _elsewhere(leaf, document)
    which = f": {', '.join(absent)}" if len(parts) > 1 else ""
    return f"not in {place}{which}{elsewhere}"


def _parts(leaf: TextLeaf) -> tuple[str, ...]:
    if isinstance(leaf, Exact):
        return (leaf.text,)
    return tuple(dict.fromkeys(leaf.stems if isinstance(leaf, Stems) else leaf.words))


def _occurs(part: str, leaf: TextLeaf, document: Document) -> bool:
    if isinstance(leaf, Exact):
        return False
    return holds(Stems((part,), leaf.field) if isinstance(leaf, Stems) else Phrase((part,), leaf.field), document)


def _distance(leaf: TextLeaf, document: Document) -> str:
    """Say how near the words of a phrase come to each other."""
    words = leaf.words if isinstance(leaf, Phrase | Near) else ()
    near = next((n for n in range(1, 200) if words and holds(Near(words, n, leaf.field), document)), None)
    said = "all words, but not together in one text" if near is None else f"all words, at distance {near} at best"
    return said if isinstance(leaf, Near) or near is None else f"{said}, not next to each other in this order"


def _elsewhere(leaf: TextLeaf, document: Document) -> str:
    """Say whether a wider field or the word's stem would have found something."""
    if leaf.field and isinstance(leaf, Phrase) and holds(Phrase(leaf.words), document):
        return "; it occurs elsewhere in the paper"
    if isinstance(leaf, Phrase) and len(leaf.words) == 1 and leaf.words[0].isalpha():
        stem = Stems((stem_word(leaf.words[0]),), leaf.field)
        found = dict.fromkeys(hit.text for hit in hits_of(stem, document))
        return f"; {format_query(stem)} would find {', '.join(list(found)[:_EXAMPLES])}" if found else ""
    return ""
