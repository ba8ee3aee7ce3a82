"""Names of people: which of the many ways to print a name mean the same person.

``Tianlong Chen``, ``Chen, Tianlong``, ``T. Chen`` and ``Chen T`` do; ``Cheng`` is never ``Chen``. A name on a paper may
be read in two ways (``Wei LI``, ``Chen TL``): then either will do.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

from digestbot.queries.nodes import Author
from digestbot.text import is_spaceless, plain_word, split, to_unicode

_PARTICLE_LIST = "van der den de la le du di da dos del della von zu zum zur ten ter bin ibn al el st"
PARTICLES = frozenset(_PARTICLE_LIST.split())
_SUFFIXES = frozenset(("jr", "sr", "ii", "iii", "iv", "phd", "md"))
_PIECE = re.compile(r"[^\s.,;·•|()\[\]\"“”0-9*†‡§]+")
_UMLAUT = re.compile(r"(?<=[bcdfghjklmnpqrstvwxz])([aou])e(?=[bcdfghjklmnpqrstvwxz][a-z])")
_UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ø": "oe", "å": "aa"})


class Reading(NamedTuple):
    """One way to read a name. Every word is a set of equal spellings."""

    given: tuple[frozenset[str], ...]
    family: tuple[frozenset[str], ...]
    family_first: bool
    """True when a comma said where the family name ends, so that its first word may stand for it."""


class Word(NamedTuple):
    """A word of a name: as printed, and its spellings (``ö`` is also ``oe``)."""

    printed: str
    spellings: frozenset[str]

    @property
    def plain(self) -> str:
        """Without case and accents."""
        return plain_word(self.printed)


@lru_cache(maxsize=1 << 14)
def readings(name: str) -> tuple[Reading, ...]:
    """Return the ways to read the name of an author as printed; none when it holds no letters."""
    family, comma, given = _halves(name)
    if comma:
        return (_reading(given, family, family_first=True),) if family else ()
    return tuple(_reading(given, family) for given, family in _splits(family))


def query_author(text: str) -> Author | None:
    """Return whom a query means by `text`; None when it holds no letters. A final ``*`` stays at its word."""
    starred = text.rstrip().endswith("*")
    family, comma, given = _halves(text)
    if not comma:
        given, family = next(iter(_splits(family)), ((), ()))
    if not family:
        return None
    names = [[word.plain for word in part] for part in (given, family)]
    if starred:
        names[0 if given and comma else 1][-1] += "*"
    return Author(tuple(names[0]), tuple(names[1]))


def is_author(author: Author, name: str) -> bool:
    """Return whether `name`, as printed on a paper, can be the person that a query means."""
    given, family = _wanted(author)
    return any(_fits(given, family, reading) for reading in readings(name))


def name_keys(name: str) -> frozenset[str]:
    """Return what a name can be found by: every query that it fits has one of its `author_keys` here."""
    keys: set[str] = set()
    for reading in readings(name):
        words = [*reading.given, *reading.family]
        keys.update(*words)
        keys |= _joined(reading.family) | {spelling[:2] + "*" for word in words for spelling in word}
        keys |= {spelling[:2] + "*" for spelling in _joined(reading.family)}
        spaceless = [spelling for spelling in keys if not spelling.isascii()]
        keys |= {spelling[:end] for spelling in spaceless for end in range(1, len(spelling))}
    return frozenset(keys)


def author_keys(author: Author) -> frozenset[str]:
    """Return spellings of which a fitting name has at least one among its `name_keys`."""
    last = author.family[-1]
    if last.endswith("*"):
        starts = {word.rstrip("*")[:2] for word in (last, "".join(author.family))}
        return frozenset(start + "*" for start in starts)
    return spellings(last) | _joined(_wanted(author)[1])


def spellings(word: str) -> frozenset[str]:
    """Return the equal spellings of a word of a name: ``schölkopf``, ``schoelkopf`` and ``scholkopf`` meet in one."""
    plain = plain_word(word)
    umlauts = plain_word(word.casefold().translate(_UMLAUTS))
    return frozenset((plain, umlauts, _UMLAUT.sub(r"\1", plain)))


@lru_cache(maxsize=1 << 12)
def _wanted(author: Author) -> tuple[tuple[frozenset[str], ...], tuple[frozenset[str], ...]]:
    return tuple(map(spellings, author.given)), tuple(map(spellings, author.family))


def _halves(name: str) -> tuple[tuple[Word, ...], bool, tuple[Word, ...]]:
    """Return the words before the comma, whether there is one that parts the name, and the words after it."""
    before, comma, after = to_unicode(name[:500]).partition(",")
    first, second = _words(before), _words(after)
    if second and all(word.plain in _SUFFIXES for word in second):
        comma, second = "", ()
    return first, bool(comma and first), second


def _words(text: str) -> tuple[Word, ...]:
    found = (word for piece in _PIECE.findall(text) for word in _piece_words(piece))
    return tuple(word for word in found if not word.plain.isdecimal())  # raised digits are no letters either


def _piece_words(piece: str) -> Iterator[Word]:
    """Yield the words of ``Levi-Strauss`` (two), ``O'Brien`` (one) and ``陈天龙`` (one)."""
    words = split(piece)
    gathered = ""
    for at, surface in enumerate(words.surfaces):
        gap = words.gap(at)
        if gathered and not (gap in ("'", "’") or _spaceless(gathered[-1], surface[0], gap)):
            yield Word(gathered, spellings(gathered))
            gathered = ""
        gathered += surface
    if gathered:
        yield Word(gathered, spellings(gathered))


def _spaceless(before: str, after: str, gap: str) -> bool:
    return not gap and is_spaceless(before) and is_spaceless(after)


def _splits(words: tuple[Word, ...]) -> Iterator[tuple[tuple[Word, ...], tuple[Word, ...]]]:
    """Yield (given, family) for a name without a comma, the likeliest reading first."""
    while len(words) > 1 and words[-1].plain in _SUFFIXES:
        words = words[:-1]
    if not words:
        return
    start = len(words) - 1
    while start and words[start - 1].plain in PARTICLES:
        start -= 1
    usual = words[:start], words[start:]
    initials = _trailing_initials(words)
    if not initials:
        yield usual
        return
    family_first = _letters(words[-initials:]), words[:-initials]
    surname = len(words[-1].printed) > 1 and not set(words[-1].plain).isdisjoint("aeiouy")
    yield from (usual, family_first) if surname else (family_first, usual)


def _trailing_initials(words: tuple[Word, ...]) -> int:
    """Return how many words at the end look like initials behind a family name: ``Chen T``, ``Chen TL``."""
    if len(words) < 2 or len(words[0].printed) == 1 or not words[0].printed.isascii():
        return 0
    count = 0
    while count < len(words) - 1 and len(words[-1 - count].printed) == 1:
        count += 1
    last = words[-1].printed
    capitals = 1 < len(last) <= 3 and last.isupper() and not words[0].printed.isupper()
    return count or int(capitals)


def _letters(words: Iterable[Word]) -> tuple[Word, ...]:
    """Return initials as words of one letter each: ``TL`` is T and L."""
    return tuple(Word(letter, spellings(letter)) for word in words for letter in word.printed)


def _reading(given: Sequence[Word], family: Sequence[Word], *, family_first: bool = False) -> Reading:
    return Reading(tuple(word.spellings for word in given), tuple(word.spellings for word in family), family_first)


def _fits(given: tuple[frozenset[str], ...], family: tuple[frozenset[str], ...], name: Reading) -> bool:
    if _same_family(family, name) and _same_given(given, name.given):
        return True
    words = (*name.given, *name.family)
    wanted = (*given, *family)
    if len(wanted) > 1 and len(words) >= len(wanted) and _each(wanted, words[-len(wanted) :]):
        return True  # a family name of two words printed without a comma: Gabriel García Márquez
    one_letter = len(name.family) == len(family) == len(given) == 1 and min(map(len, given[0])) == 1
    return one_letter and _alike(given[0], name.family[0]) and name.given == family  # Weinan E


def _same_family(wanted: tuple[frozenset[str], ...], name: Reading) -> bool:
    if _alike(_joined(wanted), _joined(name.family)) or _each(wanted, name.family[-len(wanted) :]):
        return True
    return name.family_first and _each(wanted, name.family[: len(wanted)])


def _same_given(wanted: tuple[frozenset[str], ...], given: tuple[frozenset[str], ...]) -> bool:
    """Return whether given names agree: each equal or the initial of the other, in order, from the first on."""
    if not wanted or _joined(wanted) & _joined(given):
        return True
    if not given or not _agree(wanted[0], given[0]):
        return False
    rest = iter(given[1:])
    return all(min(map(len, word)) == 1 or any(_agree(word, other) for other in rest) for word in wanted[1:])


def _agree(one: frozenset[str], other: frozenset[str]) -> bool:
    short, long = sorted((one, other), key=lambda word: min(map(len, word)))
    initial = any(len(spelling) == 1 and any(full.startswith(spelling) for full in long) for spelling in short)
    return initial or _alike(one, other)


def _each(wanted: Sequence[frozenset[str]], words: Sequence[frozenset[str]]) -> bool:
    return len(wanted) == len(words) and all(map(_alike, wanted, words))


def _alike(wanted: frozenset[str], word: frozenset[str]) -> bool:
    """Return whether two words share a spelling, or one begins as a starred or spaceless word asks."""
    if wanted & word:
        return True
    starts = [spelling.rstrip("*") for spelling in wanted if spelling.endswith("*") or is_spaceless(spelling[:1])]
    return any(spelling.startswith(start) for start in starts for spelling in word)


def _joined(words: tuple[frozenset[str], ...]) -> frozenset[str]:
    """Return the spellings of words written as one; one spelling more or less makes no difference beyond two words."""
    if len(words) == 1:
        return words[0]
    return frozenset("".join(pick(word) for word in words) for pick in (min, max)) if words else frozenset()
