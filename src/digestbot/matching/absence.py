"""Why a paper does not fulfil a clause, in words that a person understands."""

from collections.abc import Mapping

from digestbot.matching.forms import FIELD_NAMES, SINGLE_FIELDS, fields_with, near_at, positions
from digestbot.models import Paper
from digestbot.queries import Document, Leaf
from digestbot.queries.evaluate import holds
from digestbot.queries.nodes import (
    Announced,
    Author,
    Category,
    Count,
    Exact,
    Has,
    Host,
    Identifier,
    Near,
    Phrase,
    Published,
    Stems,
    TextLeaf,
)
from digestbot.queries.records import days_of, thing_of
from digestbot.text import split

_EXAMPLES = 5
"""Names shown at most."""
_THINGS = {"code": "code", "weights": "weights", "data": "data", "page": "a project page", "video": "a video"}


def absence(leaf: Leaf, document: Document, typed: str = "") -> str:
    """Return why a paper does not fulfil a leaf; `typed` is the leaf as the person wrote it."""
    if isinstance(leaf, Phrase | Near | Exact | Stems):
        return _missing_words(leaf, document, _as_typed(leaf, typed))
    if isinstance(leaf, Author):
        return _no_author(document.paper)
    if isinstance(leaf, Category):
        return _listed("its categories are", "category", document.paper.categories)
    if isinstance(leaf, Has | Host):
        return _no_link(leaf, document.paper)
    return _otherwise(leaf, document)


def _as_typed(leaf: TextLeaf, typed: str) -> Mapping[str, str]:
    """Return the words of a leaf as the person wrote them, by the folded ones."""
    words = split(typed.partition(":")[2] if leaf.field else typed)
    return dict(zip(words.words, words.surfaces, strict=True))


def _missing_words(leaf: TextLeaf, document: Document, typed: Mapping[str, str]) -> str:
    place = FIELD_NAMES[leaf.field]
    if not any(document.zone(leaf.field).row):
        return f"its digest prints nothing in {place}" if leaf.field else "its digest prints no words of it"
    parts = _parts(leaf)
    absent = [part for part in parts if not _occurs(part, leaf, document)]
    if absent and (len(parts) == 1 or fields_with(leaf, document)):
        return f"not in {place}"
    if absent:
        return f"not in {place}: {', '.join(typed.get(part, part) for part in absent)}"
    if isinstance(leaf, Exact):
        return (
            "it stands there only in another form"
            if _in_order(leaf, document)
            else _apart(parts, leaf, document, typed)
        )
    return _apart(parts, leaf, document, typed)


def _parts(leaf: TextLeaf) -> tuple[str, ...]:
    words = leaf.stems if isinstance(leaf, Stems) else split(leaf.text).words if isinstance(leaf, Exact) else leaf.words
    return tuple(dict.fromkeys(words))


def _occurs(part: str, leaf: TextLeaf, document: Document) -> bool:
    return holds(Stems((part,), leaf.field) if isinstance(leaf, Stems) else Phrase((part,), leaf.field), document)


def _in_order(leaf: Exact, document: Document) -> bool:
    return holds(Phrase(tuple(split(leaf.text).words), leaf.field), document)


def _apart(parts: tuple[str, ...], leaf: TextLeaf, document: Document, typed: Mapping[str, str]) -> str:
    """Say how near the words that are all there come to each other."""
    if isinstance(leaf, Stems):
        return "all words are there, but not next to each other in this order"
    words = leaf.words if isinstance(leaf, Phrase | Near) else parts
    distance = near_at(words, leaf.field, document)
    if distance is None:
        return _in_fields(parts, document, typed)
    if isinstance(leaf, Near):
        return f"the words are {positions(distance)} apart, you allow {leaf.distance}"
    if distance < len(words):
        return "the words stand together, but not next to each other in this order"
    return f"the words are {positions(distance)} apart; a phrase wants them next to each other in this order"


def _in_fields(parts: tuple[str, ...], document: Document, typed: Mapping[str, str]) -> str:
    """Say which word stands in which field."""
    where = {
        part: next((field for field in SINGLE_FIELDS if holds(Phrase((part,), field), document)), "") for part in parts
    }
    if len(set(where.values())) > 1:
        said = ", ".join(f"{typed.get(part, part)} in {FIELD_NAMES[field]}" for part, field in where.items())
        return f"the words stand in different fields: {said}"
    return "all words are there, but far apart or not often enough"


def _no_author(paper: Paper) -> str:
    rest = "; the digest names only the first of them" if paper.authors and paper.authors_truncated else ""
    return _listed("its authors are" if len(paper.authors) > 1 else "its author is", "author", paper.authors) + rest


def _listed(said: str, what: str, values: tuple[str, ...]) -> str:
    if not values:
        return f"its digest prints no {what}"
    said = said if len(values) > 1 or what == "author" else "its category is"
    more = f" and {len(values) - _EXAMPLES} more" if len(values) > _EXAMPLES else ""
    return f"{said} {', '.join(values[:_EXAMPLES])}{more}"


def _no_link(leaf: Has | Host, paper: Paper) -> str:
    if not paper.links:
        return "code is promised without a link" if paper.promises_code else "it has no links"
    things = [f"{_THINGS.get(thing_of(link) or '', 'something else')} at {link.url}" for link in paper.links]
    wanted = f"no link to {_THINGS[leaf.thing]}" if isinstance(leaf, Has) else f"no link to {leaf.name}"
    return f"{wanted}; its links: {', '.join(things[:_EXAMPLES])}"


def _otherwise(leaf: Published | Count | Announced | Identifier, document: Document) -> str:
    """Return what a paper's record says in place of what was asked."""
    paper = document.paper
    if isinstance(leaf, Published):
        return _date(leaf, paper)
    if isinstance(leaf, Count):
        value = document.number(leaf.field)
        untold = "nobody has looked up its" if leaf.field == "stars" else "its digest prints no"
        return f"{untold} {leaf.field}" if value is None else f"its {leaf.field}: {value:g}"
    if isinstance(leaf, Announced):
        return f"it was announced as {paper.announce_type}" if paper.announce_type else "its digest announces no kind"
    return f"its id is {paper.id}" if paper.id else "it has no id"


def _date(leaf: Published, paper: Paper) -> str:
    if paper.published is None:
        return "its digest prints no date"
    said = f"it was published {paper.published_text or paper.published}"
    days = days_of(paper.published)
    if days is None:
        return f"{said}, without a year" if paper.published.year is None else f"{said}, which is no whole date"
    starts = leaf.first is None or leaf.first <= days[1]
    ends = leaf.last is None or days[0] <= leaf.last
    return f"{said}, which may be outside" if starts and ends else said
