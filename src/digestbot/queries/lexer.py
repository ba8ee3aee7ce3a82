"""Cuts a query into lexemes, each with its column, whatever habit it was typed in.

Nothing is lost and nothing is decided here but where things begin and end: smart quotes and full-width signs are read
as the plain ones, and a sign means an operator only where a term may begin, so that hyphens stay inside words.
"""

import re
from collections.abc import Iterator
from typing import Literal, NamedTuple

from digestbot.queries.faults import SpotError, edited
from digestbot.queries.fields import SPELLINGS, field_of_tag
from digestbot.queries.quotes import SMART_QUOTES

Kind = Literal[
    "word", "phrase", "macro", "field", "tag", "value", "open", "close", "and", "or", "not", "exact", "stem", "end"
]
MAX_LENGTH = 100_000
"""Characters of the longest query that is read."""
_PLAIN_SIGNS = str.maketrans("（）｜：＝＠＋！＊［］～＂", '()|:=@+!*[]~"') | {
    ord(quote): '"' for quote in SMART_QUOTES
}
_MINUS = "-−–—‐‑－"
_SPACE = re.compile(r"\s*")
_FIELD = re.compile(r"([A-Za-z_]+):")
_COMPARED = re.compile(r"([A-Za-z_]+)\s?(?=[<>≤≥]|=[<>=]?\s?[\d-])")
_MACRO = re.compile(r"@([\w-]*\w)")
_TAG = re.compile(r"\[([^\[\]\n]{0,40})\]")
_SLOP = re.compile(r"~\s?(\d{1,9})?")
_WORD = re.compile(r'(?:\\.|\(\)|[^\s()"|\[\]\\])+', re.DOTALL)
_BRACKETED_WORD = re.compile(r"\[+[^\s\[\]()\"|]*\]*")
_RANGE_VALUE = re.compile(r"\[[^\]\n]{0,60}\]|(?:[<>=≤≥]{1,2}\s?)?[^\s()\"|]*")
_ID_VALUE = re.compile(r"[^\s()\"|](?:[^\s()\"|]|\([^\s()\"|]{0,40}\))*")
_CLOSING = re.compile(r"\s(?:(?:AND|OR|NOT|ANDNOT|\|)\s|[-−](?=\w)|\w{1,20}:)")
"""What probably does not belong to a phrase that was never closed."""
_OPERATORS: dict[str, tuple[Kind, ...]] = {"AND": ("and",), "OR": ("or",), "NOT": ("not",), "ANDNOT": ("and", "not")}
_RANGES = frozenset(("date", "upvotes", "score", "stars"))
_IDS = frozenset(("id", "like"))
_SIGNS: dict[str, Kind] = {"!": "not", "=": "exact", "~": "stem"}


class Lexeme(NamedTuple):
    """A piece of a query: what it is, its text, and where it begins and ends."""

    kind: Kind
    text: str
    start: int
    end: int
    slop: int | None = None
    """The distance behind a phrase: ``"a b"~5``."""
    glued: bool = False
    """True when nothing stands between it and the lexeme before."""


def lex(text: str) -> tuple[Lexeme, ...]:
    """Return the lexemes of a query, an ``end`` last. Raises `SpotError`. Linear in the length of `text`."""
    if len(text) > MAX_LENGTH:
        raise SpotError(f"a query has {MAX_LENGTH:,} characters at most; this one has {len(text):,}", MAX_LENGTH)
    return tuple(_named(list(_Lexer(text).lexemes()), text))


def _named(lexemes: list[Lexeme], text: str) -> Iterator[Lexeme]:
    """Yield the lexemes with the two words of a name before ``[au]`` as one: ``Chen T[au]``, ``Tianlong Chen[au]``."""
    for at, lexeme in enumerate(lexemes):
        run = lexemes[at : at + 3]
        if [one.kind for one in run] == ["word", "word", "tag"] and field_of_tag(run[2].text) == "author":
            first, last = run[0].text, run[1].text
            if len(last.rstrip(".")) <= 3 or (first[:1].isupper() and last[:1].isupper()):
                lexemes[at + 1] = Lexeme("phrase", text[run[0].start : run[1].end], run[0].start, run[1].end)
                continue
        yield lexeme


class _Lexer:
    """Reads one query from left to right. `read` is the text with plain signs, character by character."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.read = text.translate(_PLAIN_SIGNS)
        self.at = 0

    def lexemes(self) -> Iterator[Lexeme]:
        while True:
            before = self.at
            self.skip_blanks()
            glued = before == self.at
            if self.at == len(self.read):
                yield Lexeme("end", "", self.at, self.at)
                return
            for lexeme in self.next_ones():
                yield lexeme._replace(glued=glued)

    def skip_blanks(self) -> None:
        self.at = _SPACE.match(self.read, self.at).end()  # type: ignore[union-attr]  # it matches nothing, too

    def next_ones(self) -> Iterator[Lexeme]:
        char = self.read[self.at]
        following = self.read[self.at + 1 : self.at + 2]
        if char in "()":
            yield self.take("open" if char == "(" else "close", 1)
        elif self.read.startswith(("|", "&&"), self.at):
            yield self.take("or" if char == "|" else "and", 1 + (following == char))
        elif char == '"':
            yield self.phrase()
        elif char == "[":
            yield self.bracket()
        elif following.strip() and (char in _MINUS or char in "!=~+"):
            yield from self.sign(char)
        elif char == "@" and (name := _MACRO.match(self.read, self.at)):
            yield self.take("macro", name.end() - self.at, name[1])
        else:
            yield from self.word()

    def take(self, kind: Kind, length: int, text: str | None = None, slop: int | None = None) -> Lexeme:
        start = self.at
        self.at += length
        return Lexeme(kind, self.read[start : self.at] if text is None else text, start, self.at, slop)

    def sign(self, char: str) -> Iterator[Lexeme]:
        """Read a sign in front of a term; ``+`` asks for what is asked for anyway."""
        if char == "+":
            self.at += 1
        else:
            yield self.take(_SIGNS.get(char, "not"), 1)

    def phrase(self) -> Lexeme:
        start, end = self.at, self.closing_quote(self.at + 1)
        inner = self.text[start + 1 : end]
        self.at = end + 1
        slop = _SLOP.match(self.read, self.at)
        if slop is None:
            return Lexeme("phrase", inner, start, self.at)
        if slop[1] is None:
            raise SpotError(
                'a distance is missing behind "~"',
                self.at,
                edited(self.text, self.at, slop.end(), "~5"),
                edited(self.text, self.at, slop.end(), ""),
            )
        self.at = slop.end()
        return Lexeme("phrase", inner, start, self.at, int(slop[1]))

    def closing_quote(self, start: int) -> int:
        """Return where a phrase ends; a quote behind a backslash is an accent of TeX when a letter follows."""
        end = self.read.find('"', start)
        while end > start and self.read[end - 1] == "\\" and self.read[end + 1 : end + 2].isalpha():
            end = self.read.find('"', end + 1)
        if end < 0:
            raise SpotError("this quote is never closed", start - 1, *self.closed_quotes(start))
        return end

    def closed_quotes(self, start: int) -> Iterator[str]:
        """Yield the text with the quote closed: before the next operator or bracket, at the end; or without it."""
        stop = _CLOSING.search(self.read, start)
        tail = len(self.read.rstrip(") \t\n"))
        places = [stop.start()] if stop else [tail] if tail > start and ")" in self.read[tail:] else []
        for place in (*places, len(self.text)):
            if self.text[start:place].strip():
                yield edited(self.text, place, place, '"')
        yield edited(self.text, start - 1, start, "")

    def bracket(self) -> Lexeme:
        """Read ``[ti]`` behind a term; other brackets are punctuation around a word, as in ``[MASK]``."""
        tag = _TAG.match(self.read, self.at)
        if tag and field_of_tag(tag[1]) is not None:
            return self.take("tag", tag.end() - self.at, tag[1])
        word = _BRACKETED_WORD.match(self.read, self.at)
        return self.take("word", word.end() - self.at if word else 1)

    def word(self) -> Iterator[Lexeme]:
        field = _FIELD.match(self.read, self.at) or _COMPARED.match(self.read, self.at)
        name = SPELLINGS.get(field[1].casefold()) if field else None
        if field and (name in _RANGES or (name and field[0].endswith(":"))):
            yield self.take("field", field.end() - self.at, field[1])
            if name in _RANGES or name in _IDS:
                yield from self.value(_ID_VALUE if name in _IDS else _RANGE_VALUE)
            return
        found = _WORD.match(self.read, self.at)
        end = found.end() if found else self.at + 1
        text = self.text[self.at : end]
        kinds: tuple[Kind, ...] = _OPERATORS.get(text, ("word",))
        for kind in kinds:
            yield Lexeme(kind, text, self.at, end)
        self.at = end

    def value(self, pattern: re.Pattern[str]) -> Iterator[Lexeme]:
        """Read what stands behind ``date:`` or ``id:``, signs and all; a group or a phrase is left to the parser."""
        self.skip_blanks()
        value = pattern.match(self.read, self.at)
        if value and value[0]:
            yield self.take("value", value.end() - self.at)
