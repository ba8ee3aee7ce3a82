"""Near misses: what a paper does hold of a clause that it does not fulfil, and the clause that would have found it.

The smallest change comes first: another field, two words for one, the acronym or what it stands for, another spelling,
another ending, a wider distance.
"""

from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from difflib import get_close_matches
from typing import NamedTuple

from digestbot.matching.find import hits_of
from digestbot.models import Paper
from digestbot.queries import Document, Leaf, Query, all_of, evaluate
from digestbot.queries.categories import CODES, codes_printed
from digestbot.queries.document import Zone
from digestbot.queries.evaluate import holds
from digestbot.queries.names import is_author, query_author
from digestbot.queries.nodes import (
    Announced,
    Announcement,
    Author,
    Category,
    Count,
    Exact,
    Has,
    Host,
    Near,
    Phrase,
    Published,
    Stems,
    TextLeaf,
)
from digestbot.queries.records import days_of
from digestbot.text import other_spellings, plain_word, split, stem_word, to_unicode

FIELD_NAMES = {
    "": "the title, abstract, comments and keywords",
    "title": "the title",
    "abstract": "the abstract",
    "tiab": "the title and abstract",
    "comment": "the comments",
    "keyword": "the keywords",
    "venue": "the venue",
    "org": "the organisation and affiliations",
    "author": "the list of authors",
    "source": "the name of the digest",
    "all": "any field",
}
"""What a person calls the fields of the query language."""
SINGLE_FIELDS = ("title", "abstract", "comment", "keyword", "venue", "org", "author")
WIDEST = 200
"""Positions up to which words are looked for near each other."""
_ANNOUNCEMENTS: tuple[Announcement, ...] = ("new", "cross", "replacement")
_SHORTEST_SLIP = 4
"""Letters of the shortest word of which another may be a slip."""


class Form(NamedTuple):
    """What the paper holds instead, in words where a query alone does not say it, and a query that it fulfils."""

    said: str
    query: Query


def forms(leaf: Leaf, document: Document) -> Iterator[Form]:
    """Yield what would have been found instead of a leaf that does not hold, the smallest change first."""
    for form in _forms(leaf, document):
        if form.query != leaf and evaluate(form.query, document):
            yield form


def narrower(leaf: Leaf, document: Document) -> Iterator[Form]:
    """Yield what could be excluded in place of a leaf that excludes a paper, so that it no longer does."""
    if isinstance(leaf, Phrase | Near | Exact | Stems) and leaf.field in ("", "all", "tiab"):
        titled = replace(leaf, field="title")
        if not holds(titled, document):
            yield Form("", titled)


def near_at(words: tuple[str, ...], field: str, document: Document) -> int | None:
    """Return the smallest distance at which words stand together in one text; None when they do not."""
    distances = range(1, WIDEST)  # what is near at one distance is near at every greater one
    at = bisect_left(distances, True, key=lambda distance: holds(Near(words, distance, field), document))
    return distances[at] if at < len(distances) else None


def fields_with(leaf: TextLeaf, document: Document) -> list[str]:
    """Return the single fields in which a text leaf holds."""
    return [field for field in SINGLE_FIELDS if holds(replace(leaf, field=field), document)]


def surfaces(leaf: TextLeaf, document: Document) -> str:
    """Return what a text leaf that holds finds, as printed, without repeats."""
    found = {text.casefold(): text for text in (legible(hit.text) for hit in hits_of(leaf, document))}
    return ", ".join(f"“{text}”" for text in list(found.values())[:3])


def legible(text: str) -> str:
    """Return a hit as text without TeX, in one line."""
    return " ".join(to_unicode(text).replace("$", "").split())


def _forms(leaf: Leaf, document: Document) -> Iterator[Form]:
    if isinstance(leaf, Phrase | Near | Exact | Stems):
        yield from _text_forms(leaf, document)
    elif isinstance(leaf, Author):
        yield from _people(leaf, document.paper)
    elif isinstance(leaf, Category):
        yield from _archive(leaf, document.paper)
    elif isinstance(leaf, Host):
        yield Form("its code is elsewhere", Has("code"))
    elif isinstance(leaf, Published):
        yield from _dates(leaf, document.paper)
    elif isinstance(leaf, Count):
        yield from _numbers(leaf, document)
    elif isinstance(leaf, Announced):
        yield from (Form("", Announced(kind)) for kind in _ANNOUNCEMENTS)


def _text_forms(leaf: TextLeaf, document: Document) -> Iterator[Form]:
    yield from _elsewhere(leaf, document)
    if isinstance(leaf, Exact):
        yield from _folded(leaf, document)
    elif isinstance(leaf, Phrase):
        yield from _written(leaf.words, leaf.field, document)
        yield from _inflected(leaf, document)
        yield from _together(leaf.words, leaf.field, document)
    elif isinstance(leaf, Near):
        yield from _together(leaf.words, leaf.field, document)
        yield from (
            Form(form.said, replace(leaf, words=form.query.words))
            for form in _misspelt(leaf.words, leaf.field, document)
            if isinstance(form.query, Phrase)
        )
    elif len(leaf.stems) > 1:
        yield Form("", all_of(Stems((stem,), leaf.field) for stem in leaf.stems))


def _elsewhere(leaf: TextLeaf, document: Document) -> Iterator[Form]:
    """Yield the leaf in the fields that hold it."""
    found = fields_with(leaf, document)
    if found and leaf.field != "all":
        only = " and ".join(FIELD_NAMES[field] for field in found)
        bare = set(found) <= {"title", "abstract", "comment", "keyword"}
        wide = "" if bare and leaf.field else found[0] if len(found) == 1 else "all"
        yield Form(f"it stands only in {only}", replace(leaf, field=wide))


def _folded(leaf: Exact, document: Document) -> Iterator[Form]:
    words = tuple(split(leaf.text).words)
    phrase = Phrase(words, leaf.field)
    if holds(phrase, document):
        yield Form(f"it has {surfaces(phrase, document)}", phrase)
    else:
        yield from _written(words, leaf.field, document)
        yield from _inflected(phrase, document)


def _written(words: tuple[str, ...], field: str, document: Document) -> Iterator[Form]:
    """Yield the same thing written otherwise: in two words, as an acronym or in full, in another spelling."""
    zone = document.zone(field)
    if len(words) == 1 and words[0][-1] != "*":
        yield from _in_parts(words[0], field, zone)
        yield from _in_full(words[0], field, zone, document)
    elif len(words) > 1:
        yield from _acronym(words, field, document)
    yield from _misspelt(words, field, document)


def _in_parts(word: str, field: str, zone: Zone) -> Iterator[Form]:
    for first, second in zip(zone.row, zone.row[1:], strict=False):
        if first and second and first + second == word:
            yield Form(f"it is written in two words, “{first} {second}”", Phrase((first, second), field))
            return


def _in_full(word: str, field: str, zone: Zone, document: Document) -> Iterator[Form]:
    """Yield the words of which a short form may be the initials."""
    length = len(word)
    if not 3 <= length <= 6 or not word.isalpha():
        return
    initials = "".join(part[:1] or " " for part in zone.row)
    if (at := initials.find(word)) >= 0:
        long = Phrase(tuple(zone.row[at : at + length]), field)
        yield Form(f"it has {surfaces(long, document)}, your query asks only for the short form", long)


def _acronym(words: tuple[str, ...], field: str, document: Document) -> Iterator[Form]:
    short = Phrase(("".join(word[0] for word in words),), field)
    if len(words) > 1 and len(short.words[0]) > 1 and holds(short, document):
        capitals = [hit.text for hit in hits_of(short, document) if sum(map(str.isupper, hit.text)) > 1]
        if capitals:
            text = min(capitals, key=lambda form: (-capitals.count(form), len(form)))
            exact = Exact(text, field)
            yield Form(f"it has “{text}”, your query asks only for the long form", exact)
            yield Form(f"it has “{text}”, your query asks only for the long form", short)


def _misspelt(words: tuple[str, ...], field: str, document: Document) -> Iterator[Form]:
    """Yield the words with one of them in another spelling, or as the closest word that the paper has."""
    zone = document.zone(field)
    for at, word in enumerate(words):
        if word in zone or word.endswith("*"):
            continue
        for other in (*other_spellings(word), *_slips(word, zone)):
            changed = Phrase((*words[:at], other, *words[at + 1 :]), field)
            if other in zone:
                yield Form(f"it has {surfaces(Phrase((other,), field), document)}", changed)


def _slips(word: str, zone: Zone) -> list[str]:
    if len(word) < _SHORTEST_SLIP or not word.isalpha():
        return []
    alike = [known for known in zone.at if abs(len(known) - len(word)) <= 2 and known[0] == word[0]]
    close = get_close_matches(word, alike, n=2, cutoff=0.8)
    return [known for known in close if stem_word(known) != stem_word(word)]


def _inflected(leaf: Phrase, document: Document) -> Iterator[Form]:
    """Yield the stem of the words, then their beginning."""
    if any(not word.isalpha() for word in leaf.words):
        return
    stemmed = Stems(tuple(stem_word(word) for word in leaf.words), leaf.field)
    if holds(stemmed, document):
        yield Form(f"it has {surfaces(stemmed, document)}", stemmed)
    start = Phrase((*leaf.words[:-1], leaf.words[-1] + "*"), leaf.field)
    if len(leaf.words[-1]) > 2 and holds(start, document):
        yield Form(f"it has {surfaces(start, document)}", start)


def _together(words: tuple[str, ...], field: str, document: Document) -> Iterator[Form]:
    """Yield the words at the distance at which they stand, or anywhere."""
    if len(words) < 2:
        return
    distance = near_at(words, field, document)
    if distance is not None:
        yield Form("", Near(words, distance, field))
    yield Form("", all_of(Phrase((word,), field) for word in words))


def positions(count: int) -> str:
    """Return ``1 position``, ``5 positions``."""
    return f"{count} position{'' if count == 1 else 's'}"


def _people(leaf: Author, paper: Paper) -> Iterator[Form]:
    family = Author((), leaf.family)
    same = [name for name in paper.authors if is_author(family, name)]
    if same and leaf.given:
        yield Form("", query_author(same[0]) or family)
        yield Form("", family)
    people = {plain_word(author.family[-1]): name for name in paper.authors if (author := query_author(name))}
    for close in get_close_matches(leaf.family[-1].rstrip("*"), people, n=1, cutoff=0.7):
        name = people[close]
        if (author := query_author(name)) is not None:
            yield Form("", author if leaf.given else Author((), author.family))


def _archive(leaf: Category, paper: Paper) -> Iterator[Form]:
    archive = leaf.code.partition(".")[0]
    if archive in CODES and any(archive in codes_printed(name) for name in paper.categories):
        yield Form(f"it is in another class of {archive}", Category(archive))


def _dates(leaf: Published, paper: Paper) -> Iterator[Form]:
    days = None if paper.published is None else days_of(paper.published)
    if days is not None:
        yield Form("", Published(_earlier(leaf.first, days[0]), _later(leaf.last, days[1])))


def _earlier(limit: date | None, day: date) -> date | None:
    return None if limit is None else min(limit, day)


def _later(limit: date | None, day: date) -> date | None:
    return None if limit is None else max(limit, day)


def _numbers(leaf: Count, document: Document) -> Iterator[Form]:
    value = document.number(leaf.field)
    if value is None:
        return
    low = leaf.low is not None and value <= leaf.low
    high = leaf.high is not None and value >= leaf.high
    yield Form(
        "",
        replace(
            leaf,
            low=value if low else leaf.low,
            high=value if high else leaf.high,
            above=leaf.above and not low,
            below=leaf.below and not high,
        ),
    )
