"""Whether a paper matches a query. Plain and slow enough to trust: the index is tested against it.

A leaf about something that the paper does not say is false, and its negation true: ``NOT upvotes:>=20`` matches a paper
without a printed number, while neither ``upvotes:>=20`` nor ``upvotes:<20`` does.
"""

from digestbot.models import Paper
from digestbot.queries.categories import CODES, codes_printed
from digestbot.queries.document import Document
from digestbot.queries.names import is_author
from digestbot.queries.nodes import (
    And,
    Announced,
    Author,
    Category,
    Count,
    Has,
    Host,
    Identifier,
    Leaf,
    Not,
    Or,
    Phrase,
    Published,
    Query,
    TextLeaf,
)
from digestbot.queries.passages import spans
from digestbot.queries.records import is_announced, is_counted, is_identified, is_published, leads_to
from digestbot.text import split


def evaluate(query: Query, paper: Paper | Document) -> bool:
    """Return whether `paper` matches `query`. A `Document` saves cutting its words again, and knows its digest."""
    return _evaluate(query, paper if isinstance(paper, Document) else Document(paper))


def _evaluate(query: Query, document: Document) -> bool:
    if isinstance(query, And):
        return all(_evaluate(part, document) for part in query.parts)
    if isinstance(query, Or):
        return any(_evaluate(part, document) for part in query.parts)
    if isinstance(query, Not):
        return not _evaluate(query.part, document)
    return holds(query, document)


def holds(leaf: Leaf, document: Document) -> bool:
    """Return whether a paper fulfils one leaf of a query; each leaf is looked for once a document."""
    verdict = document.verdicts.get(leaf)
    if verdict is None:
        verdict = document.verdicts[leaf] = _holds(leaf, document)
    return verdict


def _holds(leaf: Leaf, document: Document) -> bool:
    if isinstance(leaf, Phrase) and len(leaf.words) == 1 and leaf.words[0][-1] != "*":
        return leaf.words[0] in document.zone(leaf.field)
    if isinstance(leaf, TextLeaf):
        return next(spans(leaf, document.zone(leaf.field)), None) is not None
    if isinstance(leaf, Author):
        return any(is_author(leaf, name) for name in document.paper.authors)
    if isinstance(leaf, Category):
        return any(in_category(leaf, name) for name in document.paper.categories)
    if isinstance(leaf, Has | Host):
        return any(leads_to(link, leaf) for link in document.paper.links)
    return _holds_record(leaf, document)


def _holds_record(leaf: Announced | Published | Count | Identifier, document: Document) -> bool:
    paper = document.paper
    if isinstance(leaf, Announced):
        return is_announced(leaf, paper)
    if isinstance(leaf, Published):
        return is_published(leaf, paper)
    if isinstance(leaf, Count):
        return is_counted(leaf, document.number(leaf.field))
    return is_identified(leaf, paper)


def in_category(wanted: Category, printed: str) -> bool:
    """Return whether a category as printed is the wanted one, or belongs to it; unknown ones are compared as words."""
    code = wanted.code.casefold()
    if code in CODES:
        return code in codes_printed(printed)
    words, there = tuple(split(code).words), split(printed).words
    return any(tuple(there[at : at + len(words)]) == words for at in range(len(there) - len(words) + 1))
