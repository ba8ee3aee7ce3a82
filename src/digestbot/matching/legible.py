"""Clauses that nobody typed, as a person would: with the words of the query, or else as the paper prints them."""

from collections.abc import Iterator, Mapping

from digestbot.errors import QueryError
from digestbot.matching.find import hits_of
from digestbot.queries import Document, Leaf, Query, leaves, parse
from digestbot.queries.nodes import Author, Near, Phrase, Stems
from digestbot.text import split, stem_word


def as_typed(query: Query, typed: Mapping[Leaf, str], document: Document) -> dict[Leaf, str]:
    """Return texts of the leaves of `query` that were not typed; only such as are read as that very leaf."""
    words = {word: surface for text in typed.values() for word, surface in _surfaces(text)}
    found: dict[Leaf, str] = {}
    for leaf, _ in leaves(query):
        texts = _texts(leaf, words, document) if leaf not in typed else ()
        if (text := next((text for text in texts if _means(text, leaf)), None)) is not None:
            found[leaf] = text
    return found


def _surfaces(text: str) -> Iterator[tuple[str, str]]:
    words = split(text)
    for word, surface in zip(words.words, words.surfaces, strict=True):
        yield stem_word(word), surface
        yield word, surface


def _texts(leaf: Leaf, words: Mapping[str, str], document: Document) -> Iterator[str]:
    if isinstance(leaf, Author):
        yield from (f'author:"{name}"' for name in document.paper.authors)
        yield from (f"author:{name.split()[-1]}" for name in document.paper.authors if name.split())
    if not isinstance(leaf, Phrase | Near | Stems):
        return
    field = f"{leaf.field}:" if leaf.field else ""
    sign, end = "~" * isinstance(leaf, Stems), f"~{leaf.distance}" if isinstance(leaf, Near) else ""
    asked = leaf.stems if isinstance(leaf, Stems) else leaf.words
    printed = [hit.text for hit in hits_of(leaf, document)] if isinstance(leaf, Phrase) else []
    if all(word.rstrip("*") in words for word in asked):
        printed.insert(0, " ".join(words[word.rstrip("*")] + "*" * word.endswith("*") for word in asked))
    for text in printed:
        yield field + sign + (f'"{" ".join(text.split())}"' if len(asked) > 1 else text) + end


def _means(text: str, leaf: Leaf) -> bool:
    try:
        return parse(text) == leaf
    except QueryError:
        return False
