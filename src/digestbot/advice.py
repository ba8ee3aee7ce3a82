"""What the stored papers say about a query: words that nobody writes, other names of the same thing, what it costs.

Pure: it is given papers and counts, and returns hints. A hint never says that a query is wrong; it says what was
counted, and what could be asked instead.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from itertools import product
from typing import Final

from digestbot.models import Paper
from digestbot.queries import Leaf, Query, all_of, any_of, format_typed, leaves, negate
from digestbot.queries.nodes import And, Exact, Near, Not, Or, Phrase
from digestbot.text import definitions, fold, other_spellings

FLOOD: Final = 20
"""Papers a day from which a day counts as a flood: the usual limit of an edition."""
LOOKED_AT: Final = 500
"""Papers at most that are looked at to learn one thing of the field: a count of so many is not the last word."""
_TITLES: Final = 3
"""Titles that are shown as examples."""
_OFTEN: Final = 2
"""Papers that have to spell an acronym out before it counts as one of the field."""
_SHORT: Final = 10
"""Letters of the longest word that may be an acronym."""


@dataclass(frozen=True, slots=True)
class Hint:
    """Something worth knowing about a query, in words, and what could be asked instead."""

    message: str
    query: str = ""
    """A whole query that follows the hint; empty where there is nothing to rewrite."""
    titles: tuple[str, ...] = ()
    """Papers that the hint speaks of."""


@dataclass(frozen=True, slots=True)
class OtherName:
    """Another name for what a clause asks: its acronym, what the acronym stands for, or another spelling."""

    clause: Leaf
    name: Leaf
    typed: str
    """The name as a person would type it: ``=MoE``."""
    printed: str
    """As papers print the two together: ``Mixture of Experts (MoE)``."""
    papers: int
    """In how many of the papers that were looked at it stands so."""


def wanted_words(query: Query) -> list[str]:
    """Return the folded words that a query asks for, without those that it excludes; starred ones keep the star."""
    found: dict[str, None] = {}
    for leaf, wanted in leaves(query):
        if wanted and isinstance(leaf, Phrase | Near) and leaf.field != "source":
            found |= dict.fromkeys(leaf.words)
        elif wanted and isinstance(leaf, Exact):
            found |= dict.fromkeys(fold(leaf.text).split())
    return list(found)


def unknown_word(word: str, vocabulary: Mapping[str, int]) -> Hint:
    """Return what to say of a word that no stored paper holds; `vocabulary` counts the papers of words like it."""
    length = len(word.rstrip("*"))
    alike = [known for known in vocabulary if abs(len(known) - length) <= 2]
    near = get_close_matches(word.rstrip("*"), alike, n=3, cutoff=0.75)
    some = ", ".join(f"{known} ({vocabulary[known]})" for known in near)
    return Hint(f'no stored paper holds "{word}"' + (f"; some hold {some}" if some else ""))


def nameable(query: Query) -> list[Phrase | Exact]:
    """Return the clauses whose other names are worth a look: phrases, and words that may be an acronym."""
    found = [leaf for leaf, wanted in leaves(query) if wanted and isinstance(leaf, Phrase | Exact)]
    return [leaf for leaf in dict.fromkeys(found) if _is_phrase(leaf) or _is_short(leaf)]


def other_names(clause: Phrase | Exact, papers: Iterable[Paper]) -> list[OtherName]:
    """Return the names that papers give to what a clause asks for, the most usual first."""
    counts: Counter[Leaf] = Counter()
    said: dict[Leaf, tuple[str, str]] = {}
    for paper in papers:
        found = {name: texts for text in (paper.title, paper.abstract) for name, texts in _names_in(clause, text)}
        counts.update(found.keys())
        said = found | said
    return [OtherName(clause, name, *said[name], count) for name, count in counts.most_common() if count >= _OFTEN]


def respelled(query: Query) -> Iterator[tuple[Phrase, Phrase]]:
    """Yield the clauses that have another spelling, British or American, with the clause in that spelling."""
    for leaf, wanted in leaves(query):
        if wanted and isinstance(leaf, Phrase):
            choices = [(word, *other_spellings(word)) for word in leaf.words]
            forms = product(*choices) if len(leaf.words) <= 4 else ()
            yield from ((leaf, Phrase(words, leaf.field)) for words in forms if words != leaf.words)


def instead(query: Query, clause: Leaf, name: Leaf) -> Query:
    """Return what a query would find by another name of a clause alone."""
    return _replaced(query, clause, all_of([name, negate(clause)]))


def name_hint(query: Query, found: OtherName, more: int, typed: Mapping[Leaf, str]) -> Hint | None:
    """Return the hint to ask for another name as well, which would bring `more` papers; None when it is asked for."""
    if found.name in {leaf for leaf, _ in leaves(query)} or not more:
        return None
    both = any_of([found.clause, found.name])
    said = f"“{found.printed}” stands in {_papers(found.papers)}; add OR {found.typed} for {_count(more)} more"
    return Hint(said, format_typed(_replaced(query, found.clause, both), {**typed, found.name: found.typed}))


def spelling_hint(query: Query, clause: Phrase, other: Phrase, more: int, typed: Mapping[Leaf, str]) -> Hint | None:
    """Return the hint to ask for another spelling as well, which would bring `more` papers."""
    if not more or other in {leaf for leaf, _ in leaves(query)}:
        return None
    name = format_typed(other, {})
    said = f"{_papers(more)} spell{'s' if more == 1 else ''} it {name}; add OR {name}"
    return Hint(said, format_typed(_replaced(query, clause, any_of([clause, other])), typed))


def exclusions(query: Query) -> list[tuple[Query, Query]]:
    """Return what a query excludes from all that it asks for, each with the query that does not exclude it."""
    parts = query.parts if isinstance(query, And) else ()
    return (
        [(part, all_of(other for other in parts if other is not part)) for part in parts if isinstance(part, Not)]
        if any(not isinstance(part, Not) for part in parts)
        else []
    )


def exclusion_hint(clause: Query, titles: Sequence[str], matched: int, typed: Mapping[Leaf, str]) -> Hint | None:
    """Return what an exclusion costs; `titles` are those of the papers that match but for it, newest first."""
    if not titles:
        return None
    said = f"{format_typed(clause, typed)} removes {len(titles)} of {len(titles) + matched}"
    return Hint(said, titles=tuple(titles[:_TITLES]))


def relaxations(query: Query) -> list[tuple[Query, Query]]:
    """Return the parts that a query asks for at once, each with the query that does not ask for it."""
    parts = query.parts if isinstance(query, And) else ()
    return [
        (part, all_of(other for other in parts if other is not part))
        for part in parts
        if not isinstance(part, Not) and sum(not isinstance(other, Not) for other in parts) > 1
    ]


def starving_hint(part: Query, rest: Query, papers: int, typed: Mapping[Leaf, str]) -> Hint | None:
    """Return which part keeps a query from finding more; `papers` would match without it."""
    if not papers:
        return None
    return Hint(f"without {format_typed(part, typed)} it would find {_papers(papers)}", format_typed(rest, typed))


def flood_hint(median: float, in_title: int, matched: int) -> Hint:
    """Return what to do against a flood; `in_title` of the matched papers would match with their title alone."""
    said = f"a median of {median:g} papers a day is more than an edition shows whole ({FLOOD})"
    if 0 < in_title < matched:
        return Hint(f"{said}; asked for in the title (title:…) it would be {in_title} of {matched}")
    return Hint(f"{said}; add a word with AND")


def _names_in(clause: Phrase | Exact, text: str) -> Iterator[tuple[Leaf, tuple[str, str]]]:
    """Yield the other names that one text gives to a clause, each with how it is typed and how the text prints both."""
    prefix = f"{clause.field}:" if clause.field else ""
    for found in definitions(text):
        long, printed = " ".join(found.long.split()), f"{found.long} ({found.short})"
        if _is_phrase(clause):
            if isinstance(clause, Phrase) and fold(long) == " ".join(clause.words):
                yield Exact(found.short, clause.field), (f"{prefix}={found.short}", printed)
        elif _asks(clause, found.short) and '"' not in long:
            yield Phrase(tuple(fold(long).split()), clause.field), (f'{prefix}"{long}"', printed)


def _asks(clause: Phrase | Exact, short: str) -> bool:
    return clause.text == short if isinstance(clause, Exact) else " ".join(clause.words) == fold(short)


def _is_phrase(leaf: Phrase | Exact) -> bool:
    return isinstance(leaf, Phrase) and len(leaf.words) > 1 and not any(word.endswith("*") for word in leaf.words)


def _is_short(leaf: Phrase | Exact) -> bool:
    text = leaf.text if isinstance(leaf, Exact) else "".join(leaf.words)
    return len(text) <= _SHORT and " " not in text and not text.endswith("*")


def _replaced(query: Query, old: Leaf, new: Query) -> Query:
    if isinstance(query, Not):
        return negate(_replaced(query.part, old, new))
    if isinstance(query, And | Or):
        parts = (_replaced(part, old, new) for part in query.parts)
        return all_of(parts) if isinstance(query, And) else any_of(parts)
    return new if query == old else query


def _papers(count: int) -> str:
    return f"{_count(count)} stored paper{'' if count == 1 else 's'}"


def _count(number: int) -> str:
    return f"{number:,} or more" if number >= LOOKED_AT else f"{number:,}"
