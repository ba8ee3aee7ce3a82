"""Where a paper fulfils a query: every place of every clause that is asked for and true.

A clause under NOT gives no hit. Hits of different clauses may overlap; they are not merged, because each says which
clause it fulfils. Offsets are those of the text as printed, so that a slice is what the digest said.
"""

from collections.abc import Iterator

from digestbot.models import Hit, Paper
from digestbot.queries import Document, Leaf, Query, evaluate, format_query
from digestbot.queries.document import Item
from digestbot.queries.evaluate import in_category
from digestbot.queries.names import is_author
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
from digestbot.queries.passages import spans
from digestbot.queries.records import leads_to

_ORDER = (
    "title abstract comments keywords authors organization affiliations venue categories published upvotes score links "
    "announce_type id source stars"
)
_RANK = {name: rank for rank, name in enumerate(_ORDER.split())}


def find(query: Query, paper: Paper | Document) -> tuple[Hit, ...]:
    """Return the places of `paper` that fulfil `query`, in reading order; none when it does not match."""
    document = paper if isinstance(paper, Document) else Document(paper)
    if not evaluate(query, document):
        return ()
    hits = {hit for leaf in true_leaves(query, document) for hit in hits_of(leaf, document)}
    return tuple(sorted(hits, key=_reading_order))


def true_leaves(query: Query, document: Document, wanted: bool = True) -> Iterator[Leaf]:
    """Yield the leaves that are asked for, true, and in a part of the query that is fulfilled."""
    if isinstance(query, Not):
        yield from true_leaves(query.part, document, not wanted)
    elif evaluate(query, document) is wanted:
        if isinstance(query, And | Or):
            for part in query.parts:
                yield from true_leaves(part, document, wanted)
        elif wanted:
            yield query


def hits_of(leaf: Leaf, document: Document) -> tuple[Hit, ...]:
    """Return the places of a paper that fulfil one leaf; they are looked for once a document."""
    hits = document.hits.get(leaf)
    if hits is None:
        hits = document.hits[leaf] = tuple(_hits(leaf, document))
    return hits


def _hits(leaf: Leaf, document: Document) -> Iterator[Hit]:
    clause = format_query(leaf)
    if isinstance(leaf, Phrase | Near | Exact | Stems):
        yield from _passages(leaf, document, clause)
    elif isinstance(leaf, Has | Host):
        for at, link in enumerate(document.paper.links):
            if leads_to(link, leaf):
                yield _whole(Item("links", at, link.url), clause)
    elif isinstance(leaf, Author | Category):
        for item in document.items("authors" if isinstance(leaf, Author) else "categories"):
            if is_author(leaf, item.text) if isinstance(leaf, Author) else in_category(leaf, item.text):
                yield _whole(item, clause)
    else:
        yield _whole(_record(leaf, document), clause)


def _passages(leaf: TextLeaf, document: Document, clause: str) -> Iterator[Hit]:
    zone = document.zone(leaf.field)
    for first, end in spans(leaf, zone):
        base, item, words = zone.text_at(first)
        start, stop = words.span(first - base, end - base)
        yield Hit(item.field, start, stop, item.text[start:stop], clause, item.at)


def _record(leaf: Announced | Published | Count | Identifier, document: Document) -> Item:
    paper = document.paper
    if isinstance(leaf, Announced):
        return Item("announce_type", None, paper.announce_type or "")
    if isinstance(leaf, Published):
        return Item("published", None, paper.published_text or str(paper.published))
    if isinstance(leaf, Count):
        return Item(leaf.field, None, str(document.number(leaf.field)))
    return Item("id", None, paper.id)


def _whole(item: Item, clause: str) -> Hit:
    return Hit(item.field, 0, len(item.text), item.text, clause, item.at)


def _reading_order(hit: Hit) -> tuple[int, int, int, int, str]:
    return _RANK[hit.field], hit.item or 0, hit.start, hit.end, hit.clause
