"""Where a zone holds what a text leaf asks for, as ``(start, end)`` of positions.

A phrase is matched on two lattices at once: neighbours of the query may stand closed in the text (``"zero shot"`` in
`zeroshot`), and words that the text joins may stand closed in the query (`zeroshot` in ``zero-shot``).
"""

from collections import Counter, deque
from collections.abc import Iterator
from functools import lru_cache

from digestbot.queries.document import Zone
from digestbot.queries.nodes import Exact, Near, Phrase, Stems, TextLeaf
from digestbot.queries.quotes import without_quotes
from digestbot.text import is_glue, split

_WIDEST = 3
"""How many neighbours of a phrase one closed word of a text stands for at most."""
Span = tuple[int, int]


def spans(leaf: TextLeaf, zone: Zone) -> Iterator[Span]:
    """Yield where `zone` fulfils `leaf`, in no special order."""
    if isinstance(leaf, Phrase):
        yield from _phrase(leaf.words, zone) if len(leaf.words) > 1 else _word(leaf.words[0], zone)
    elif isinstance(leaf, Near):
        yield from _near(leaf, zone)
    elif isinstance(leaf, Stems):
        yield from _stems(leaf.stems, zone)
    else:
        yield from _exact(leaf, zone)


@lru_cache(maxsize=1 << 14)
def arcs(words: tuple[str, ...]) -> tuple[tuple[tuple[int, str], ...], ...]:
    """Return, for every place of a phrase, the words a text may have there, each with how many places it fills."""
    return tuple(tuple(_arcs_from(words, at)) for at in range(len(words)))


def _arcs_from(words: tuple[str, ...], at: int) -> Iterator[tuple[int, str]]:
    closed = words[at]
    yield 1, closed
    for width in range(2, _WIDEST + 1):
        if at + width > len(words) or not (closed[-1:].isalpha() and words[at + width - 1][0].isalpha()):
            return
        closed += words[at + width - 1]
        yield width, closed


def _word(word: str, zone: Zone) -> Iterator[Span]:
    return ((position, position + width) for position, width in _places(zone, word))


def _phrase(words: tuple[str, ...], zone: Zone) -> Iterator[Span]:
    lattice = arcs(words)
    for filled, word in lattice[0]:
        for position, width in _places(zone, word):
            if filled == len(words):
                yield position, position + width
            else:
                yield from ((position, end) for end in _ends(lattice, zone, filled, position + width))


def _ends(lattice: tuple[tuple[tuple[int, str], ...], ...], zone: Zone, at: int, position: int) -> Iterator[int]:
    """Yield where the rest of a phrase from place `at` on ends, when it goes on at `position`."""
    todo, seen = [(at, position)], {(at, position)}
    while todo:
        at, position = todo.pop()
        if at == len(lattice):
            yield position
            continue
        for filled, word in lattice[at]:
            for width in _widths(zone, word, position):
                step = at + filled, position + width
                if step not in seen:
                    seen.add(step)
                    todo.append(step)


def _places(zone: Zone, word: str) -> Iterator[tuple[int, int]]:
    """Yield ``(position, width)`` of a word, or of the words that begin as a starred one."""
    return zone.beginning(word[:-1]) if word[-1] == "*" else iter(zone.places(word))


def _widths(zone: Zone, word: str, position: int) -> Iterator[int]:
    """Yield how many positions `word` fills at `position`; nothing when it is not there."""
    closed = zone.closed.get(position, ())
    if word[-1] == "*":
        if zone.plain[position].startswith(word[:-1]) and zone.plain[position]:
            yield 1
        yield from (width for width, _, plain in closed if plain.startswith(word[:-1]))
    else:
        if zone.row[position] == word:
            yield 1
        yield from (width for width, folded, _ in closed if folded == word)


def _stems(stems: tuple[str, ...], zone: Zone) -> Iterator[Span]:
    row, length = zone.stems, len(stems)
    for position, stem in enumerate(row):
        if stem == stems[0] and tuple(row[position : position + length]) == stems:
            yield position, position + length


def _near(leaf: Near, zone: Zone) -> Iterator[Span]:
    """Slide a window over the occurrences and yield the words of every window that holds each often enough."""
    found = sorted({(position, width, word) for word in leaf.words for position, width in _places(zone, word)})
    missing = Counter(leaf.words)
    lacking, window = len(leaf.words), deque[tuple[int, int, str]]()
    for occurrence in found:
        position, _, word = occurrence
        window.append(occurrence)
        lacking -= missing[word] > 0
        missing[word] -= 1
        while missing[window[0][2]] < 0 or position - window[0][0] > leaf.distance:
            gone = window.popleft()[2]
            missing[gone] += 1
            lacking += missing[gone] > 0
        if not lacking and zone.text_at(window[0][0]) is zone.text_at(position):
            yield from ((start, start + wide) for start, wide, _ in window)


@lru_cache(maxsize=1 << 14)
def _exact_parts(text: str) -> tuple[str, tuple[str, ...], str, str]:
    """Return of an exact text: what is before its words, their surfaces, the words as printed, what is behind them."""
    words = split(text)
    printed = words.printed(0, len(words))
    before, _, after = text.partition(printed)
    return before, tuple(words.surfaces), without_quotes(printed), after


def exact_words(text: str) -> tuple[str, ...]:
    """Return the folded words of an exact text; wherever it stands, they stand too."""
    return tuple(split(text).words)


def _exact(leaf: Exact, zone: Zone) -> Iterator[Span]:
    before, surfaces, printed, after = _exact_parts(leaf.text)
    folded = exact_words(leaf.text)
    for position in zone.at.get(folded[0], ()):
        if tuple(zone.row[position : position + len(folded)]) != folded:
            continue
        start, _, words = zone.text_at(position)
        first, end = position - start, position - start + len(folded)
        if tuple(words.surfaces[first:end]) != surfaces or without_quotes(words.printed(first, end)) != printed:
            continue
        left, right = words.around(first, end, len(before) + 1, len(after) + 1)
        if _stands(left[::-1], before[::-1], printed[0]) and _stands(right, after, printed[-1]):
            yield position, position + len(folded)


def _stands(printed: str, wanted: str, edge: str) -> bool:
    """Return whether the text on one side, read outwards, is as wanted, and no letter or digit is glued to it.

    `edge` is the outermost letter of the words; scripts that print no spaces have no other borders.
    """
    pair = (wanted or edge)[-1], printed[len(wanted) :]
    glued = all(map(is_glue, pair))
    return printed.startswith(wanted) and not glued
