"""Cuts a text into words and remembers where each of them stands.

Words are runs of letters and runs of digits, cut between the two: GPT-4, GPT4 and GPT 4 are the same two words.
What a hyphen, slash, underscore or apostrophe joins counts as one closed word as well: ``zero-shot`` is `zeroshot` too.
Scripts that print no spaces (Chinese, Japanese, Thai …) are cut into characters; phrases do the rest.
"""

import re
import unicodedata
from functools import lru_cache
from typing import NamedTuple

from digestbot.text.folding import fold_word, is_accent, plain_word
from digestbot.text.readable import Decoded, decode, decoded_text

_ASCII_WORD = re.compile(r"([A-Za-z]+|[0-9]+)")
_SPACELESS = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3005-\u3007\u3031-\u3035\u3040-\u30ff\u31f0-\u31ff\u3400-\u4dbf"
    "\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
)
_APOSTROPHES = frozenset("'’‘ʼʻ`´＇")
_HYPHENS = frozenset("-‐‑‒–−﹘﹣－⁃")
_JOINERS = _HYPHENS | _APOSTROPHES | frozenset("/_⁄∕／＿")
_BROKEN_LINE = re.compile(r"[-‐]\s?\n\s?")
_DOUBTFUL = re.compile(r"[^\x00-#%-z|~\x7f]")
"""A character that may not stand for itself."""
_WIDEST = 3
"""How many joined words make one closed word at most."""


class Token(NamedTuple):
    """A word of a text. `start` and `end` are offsets into the text as printed."""

    word: str
    surface: str
    start: int
    end: int


class Words:
    """The words of one text: parallel lists by position, and the closed words that joined neighbours make."""

    __slots__ = ("_bounds", "_decoded", "_gaps", "_printed", "joined", "surfaces", "words")

    def __init__(self, clean: str, printed: str | None = None) -> None:
        parts = (_ASCII_WORD if clean.isascii() else _unicode_word()).split(clean)
        self._printed = clean if printed is None else printed
        self._decoded = Decoded(clean, None, None) if printed is None else None
        self._gaps, self.surfaces = parts[::2], parts[1::2]
        self._bounds: list[tuple[int, int]] | None = None
        if not _APOSTROPHES.isdisjoint(self._gaps):
            self._drop_possessives()
        self.words = [fold_word(surface) for surface in self.surfaces]
        """Folded."""
        self.joined = self._closed() if not _JOINERS.isdisjoint(self._gaps) or "\n" in clean else []
        """``(first, width, word, plain)`` of every closed word that `width` joined neighbours make."""

    def __len__(self) -> int:
        return len(self.words)

    @property
    def _clean(self) -> Decoded:
        """The clean text with the way back. Most texts are never asked for it."""
        if self._decoded is None:
            self._decoded = _clean(self._printed)
        return self._decoded

    def plain(self, at: int) -> str:
        """Return the word at a position without case and accents, its ending untouched."""
        return plain_word(self.surfaces[at])

    def gap(self, at: int) -> str:
        """Return the clean text between the words at positions ``at - 1`` and `at`; `at` may be the number of words."""
        return self._gaps[at]

    def printed(self, first: int, end: int) -> str:
        """Return the words at positions ``first:end`` and what is between them, readable and in NFC."""
        bounds = self._places()
        return self._clean.text[bounds[first][0] : bounds[end - 1][1]]

    def around(self, first: int, end: int, before: int, after: int) -> tuple[str, str]:
        """Return `before` and `after` characters of the clean text on either side of the words at ``first:end``."""
        bounds = self._places()
        start, stop = bounds[first][0], bounds[end - 1][1]
        return self._clean.text[max(0, start - before) : start], self._clean.text[stop : stop + after]

    def span(self, first: int, end: int) -> tuple[int, int]:
        """Return where the words at positions ``first:end`` stand in the text as printed."""
        bounds = self._places()
        return self._clean.span(bounds[first][0], bounds[end - 1][1])

    def _places(self) -> list[tuple[int, int]]:
        """Return the offsets of every word in the clean text. Most texts are never asked."""
        if self._bounds is None:
            bounds, at = list[tuple[int, int]](), 0
            for gap, surface in zip(self._gaps, self.surfaces, strict=False):
                at += len(gap)
                bounds.append((at, at + len(surface)))
                at += len(surface)
            self._bounds = bounds  # when it is whole: another thread may ask meanwhile
        return self._bounds

    def _drop_possessives(self) -> None:
        """Make every ``'s`` that ends a word part of the gap behind it."""
        gaps, surfaces = self._gaps[:1], list[str]()
        for at, surface in enumerate(self.surfaces):
            if surface in ("s", "S") and surfaces and gaps[-1] in _APOSTROPHES:
                gaps[-1] += surface + self._gaps[at + 1]
            else:
                surfaces.append(surface)
                gaps.append(self._gaps[at + 1])
        self._gaps, self.surfaces = gaps, surfaces

    def _closed(self) -> list[tuple[int, int, str, str]]:
        ties = {at for at, gap in enumerate(self._gaps) if (gap in _JOINERS or "\n" in gap) and self._ties(at)}
        found: list[tuple[int, int, str, str]] = []
        for second in sorted(ties):
            first, width = second - 1, 2
            while width <= _WIDEST and first + width - 1 in ties:
                plain = "".join([plain_word(surface) for surface in self.surfaces[first : first + width]])
                forms = dict.fromkeys(("".join(self.words[first : first + width]), fold_word(plain)))
                found += ((first, width, word, plain) for word in forms)
                width += 1
        return found

    def _ties(self, at: int) -> bool:
        """Return whether the words before and at `at` are letters, tied by a joiner or a word broken over two lines."""
        if not 0 < at < len(self.surfaces):
            return False
        tied = self._gaps[at] in _JOINERS or _BROKEN_LINE.fullmatch(self._gaps[at]) is not None
        return tied and self.surfaces[at][0].isalpha() and self.surfaces[at - 1][0].isalpha()


def split(text: str) -> Words:
    """Return the words of `text`. Linear in its length; never raises."""
    return Words(clean_text(text), text)


def split_clean(text: str) -> Words:
    """Return the words of a text that is what `clean_text` returned, or a part of it between two blanks."""
    return Words(text)


def tokens(text: str) -> tuple[Token, ...]:
    """Return the words of `text` with the places of the text as printed that they stand for."""
    words = split(text)
    return tuple(Token(word, words.surfaces[at], *words.span(at, at + 1)) for at, word in enumerate(words.words))


def fold(text: str) -> str:
    """Return the folded words of `text` with one space between. Idempotent."""
    return " ".join(split(text).words)


def clean_text(text: str) -> str:
    """Return the text that `split` cuts, without the way back: readable, what is invisible inside words left out."""
    text = decoded_text(text)
    odd = _odd(text)
    if not odd:
        return text
    if any(is_accent(char) or _spread(char)[:1] == "_" != char for char in odd):
        return _spread_all(Decoded(text, None, None)).text
    return text.translate({ord(char): _spread(char) for char in odd})


def _clean(text: str) -> Decoded:
    """Return `text` readable, without the characters that stand inside words and are not seen, accents composed."""
    decoded = decode(text, mend=False)
    return _spread_all(decoded) if _odd(decoded.text) else decoded


def _odd(text: str) -> list[str]:
    """Return the characters of `text` that do not stand for themselves."""
    if text.isascii():
        return [char for char in "${}" if char in text]
    return [char for char in set(_DOUBTFUL.findall(text)) if _spread(char) != char]


def _spread_all(decoded: Decoded) -> Decoded:
    chars, starts, ends = list[str](), list[int](), list[int]()
    low = False
    for at, char in enumerate(decoded.text):
        start, end = decoded.span(at, at + 1)
        if is_accent(char):
            if chars and chars[-1].isalnum():
                chars[-1] = _composed(chars[-1], char)
                ends[-1] = end
            continue
        shown = _spread(char)
        if shown[:1] == "_" != char:
            shown = shown[1:] if low else shown
            low = True
        elif shown:
            low = False
        chars += shown
        starts += [start] * len(shown)
        ends += [end] * len(shown)
    return Decoded("".join(chars), starts, ends)


def _composed(letter: str, accent: str) -> str:
    composed = unicodedata.normalize("NFC", letter + accent)
    return composed if len(composed) == 1 else letter


@lru_cache(maxsize=1 << 14)
def _spread(char: str) -> str:
    """Return what `char` is to a cut into words.

    Nothing, when it is invisible or markup inside words; the plain letters or digits of a compatibility character
    whose own class would mislead (raised and lowered ones begin a word of their own, as after ``_``); a blank, when
    those would be several words; else itself.
    """
    if char in "${}™℠®" or unicodedata.category(char) == "Cf" or is_accent(char) or "\ufe00" <= char <= "\ufe0f":
        return ""
    plain = unicodedata.normalize("NFKC", char)
    if plain == char or not (char.isalnum() or any(part.isalnum() for part in plain)):
        return char
    return _plain_parts(char, plain)


def _plain_parts(char: str, plain: str) -> str:
    runs = _unicode_word().split(plain)[1::2]
    if len(runs) != 1:
        return " " if runs or plain[0].isspace() else plain
    if unicodedata.decomposition(char).startswith(("<super>", "<sub>")):
        return "_" + plain
    same = plain == runs[0] and _unicode_word().fullmatch(char) and _kind(char) == _kind(plain)
    return char if same else plain.lstrip("\u0e4d\u0ecd")  # Thai and Lao AM: the ring belongs to no word alone


def _kind(run: str) -> tuple[bool, bool]:
    """Return whether `run` is made of digits, and whether it belongs to a script without spaces."""
    return run[0].isdecimal(), is_spaceless(run[0])


def is_glue(char: str) -> bool:
    """Return whether `char` beside a word makes it part of a longer one."""
    return char.isalnum() and char not in _APOSTROPHES and not is_spaceless(char)


def is_spaceless(char: str) -> bool:
    """Return whether `char` belongs to a script that prints no spaces between words."""
    return char > "\u0e00" and re.match(f"[{_SPACELESS}]", char) is not None


@lru_cache(maxsize=1)
def _unicode_word() -> re.Pattern[str]:
    """Return the pattern of a word in any script; its classes come from the Unicode tables of this Python."""
    marks = _marks()
    letter = rf"[^\W\d_ʼʻ{_SPACELESS}]"
    return re.compile(rf"([{_SPACELESS}](?<![\W\d])[{marks}]*|\d+|{letter}(?:{letter}+|[{marks}]+)*)")


def _marks() -> str:
    """Return a character class of the combining marks that are no accents."""
    blocks = (range(0x0300, 0x1D00), range(0x3099, 0x309B), range(0xA600, 0xAC00))
    return "".join(
        re.escape(chr(code))
        for block in blocks
        for code in block
        if unicodedata.category(chr(code)) in ("Mn", "Mc") and not is_accent(chr(code))
    )
