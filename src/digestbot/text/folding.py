"""One form for all the ways to print a word: case, accents, ligatures and plurals are folded away.

Folding is idempotent: a folded word folds to itself.
"""

import unicodedata
from functools import lru_cache

import snowballstemmer

from digestbot.text.plurals import singular

_LETTERS = str.maketrans(dict(zip("øđłðþıħŧȷƶ", "odldtihtjz", strict=True)) | {"þ": "th", "æ": "ae", "œ": "oe"})
_KEPT_CLASSES = frozenset((0, 7, 8, 9))
"""Combining classes that are no accents: vowel signs, nukta, the kana voicing marks, virama."""


def is_accent(char: str) -> bool:
    """Return whether `char` is a combining mark that folding drops."""
    return unicodedata.combining(char) not in _KEPT_CLASSES


@lru_cache(maxsize=1 << 16)
def plain_word(word: str) -> str:
    """Return `word` without case, accents and compatibility forms, its ending untouched: ``Modèles`` → ``modeles``."""
    if word.isascii():
        return word.lower()
    spread = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", word).casefold())
    bare = "".join(_digit(char) for char in spread if char.isalnum() or not is_accent(char))
    return unicodedata.normalize("NFC", bare.translate(_LETTERS))


@lru_cache(maxsize=1 << 16)
def fold_word(word: str) -> str:
    """Return `word` as it is compared: plain and singular, ``LLMs`` → ``llm``."""
    return singular(plain_word(word))


@lru_cache(maxsize=1 << 16)
def stem_word(word: str) -> str:
    """Return the English stem of `word` (Snowball), a fixed point of stemming and folding."""
    stemmer = snowballstemmer.stemmer("english")
    stem, seen = fold_word(word), set[str]()
    while stem not in seen:
        seen.add(stem)
        stem = fold_word(stemmer.stemWord(stem))
    return stem


def _digit(char: str) -> str:
    value = unicodedata.decimal(char, None)
    return char if value is None else str(value)
