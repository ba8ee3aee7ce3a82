"""From TeX, HTML entities and what sites leave of them to readable Unicode, with the way back to every character.

Nothing here depends on what stands far away: a slice that begins and ends at words reads as it does inside its text,
so the words of a highlighted slice are the words that were found.
"""

import html
import re
import unicodedata
from bisect import bisect_left, bisect_right
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from digestbot.text.symbols import (
    HATS,
    LETTERS,
    LIFTED,
    MARKS,
    SILENT,
    SPACES,
    SUBSCRIPTS,
    SUPERSCRIPTS,
    SYMBOLS,
    WORDS,
)

_QUICK = re.compile(r"[\\&$~{}^`]|--")
_DEBRIS_WORDS = re.compile("arrow|times|sim|approx|pm")
_COMMAND_DEBRIS = "textit|textbf|texttt|textsc|textrm|emph|mathbf|mathcal|mathbb|mathrm|boldsymbol|operatorname|url"
_LIFTED = "|".join(LIFTED)
_PIECE = re.compile(
    rf"""
    (?=[\\&^_{{}}$~`'-]|(?<![A-Za-z])[a-zRL])  # at all other places nothing below can begin
    (?:
      \\(?:(?P<mark>[`'^"~=.])\s{{0,2}}|(?P<named>[uvHcdbkrt])(?=[\s{{\\])\s{{0,2}})
        (?:\{{\s{{0,2}}(?P<braced>\\?[A-Za-z])\s{{0,2}}\}}|(?P<bare>\\[ij](?![A-Za-z])|[A-Za-z]))
    | (?P<dropped>\\(?:cite[a-z]*|ref|eqref|cref|label|vspace|hspace|includegraphics|href|textcolor|begin|end)\*?
        \s{{0,2}}(?:\[[^\[\]{{}}]{{0,200}}\])?\{{[^{{}}]{{0,1000}}\}})
    | \\mathbb\s{{0,2}}(?:\{{\s{{0,2}}(?P<doubled>[A-Za-z])\s{{0,2}}\}}|(?P<doubled_bare>(?<=\s)[A-Za-z](?![A-Za-z])))
    | \\(?P<letter>{"|".join(LETTERS)})(?![A-Za-z])(?:\s|\{{\}})?
    | \\(?P<hat>{"|".join(HATS)})(?:\{{\s?(?P<worn>[A-Za-z])\s?\}}|\s(?P<worn_bare>[A-Za-z])(?![A-Za-z])
        |\{{\s?\\(?:math[a-z]+|bm)\s?\{{\s?(?P<worn_inside>[A-Za-z])\s?\}}\s?\}})
    | \\[dt]?frac\s?(?P<digits>[0-9][0-9])(?![0-9])
    | [\^_](?:\{{\s?\\(?P<lifted>{_LIFTED})\s?\}}|\\(?P<lifted_bare>{_LIFTED})(?![A-Za-z])
        |(?P<lifted_sign>[∘⊙⋆†′]|(?<=[A-Za-z]\^)[*+](?![0-9])))
    | (?P<command>\\(?P<name>[A-Za-z]+)\*?)
    | \\(?P<symbol>.)
    | (?P<entity>&(?:amp;)?(?:\#[0-9]{{1,7}}|\#[xX][0-9a-fA-F]{{1,6}}|[A-Za-z][A-Za-z0-9]{{1,31}});)
    | (?P<script>[\^_])(?:\{{(?P<group>[-+]?[0-9]{{1,12}}|[A-Za-z]{{1,4}}|[A-Za-z]{{1,2}}[0-9]{{1,3}}
        |[A-Za-z][-+][0-9]|\([A-Za-z0-9]\)|\*)\}}
        |(?<=\^)(?P<power>(?![-+]?[0-9]+\.[0-9])[-+]?[0-9]+|[A-Za-z](?![A-Za-z]))|(?<=_)(?P<low>[0-9]|[A-Za-z](?![A-Za-z])))
    | (?P<debris>(?<=[0-9])times(?![A-Za-z])|(?<=[0-9])pm(?=[0-9])
        |(?<![A-Za-z])(?:(?:long)?(?:right|left|up|down|leftright|Right|Left)arrow(?![A-Za-z])
        |(?:sim|approx|times|leq|geq)(?=[0-9])|(?P<style>{_COMMAND_DEBRIS})(?=\{{)))
    | (?P<between>\}}\s?\{{)
    | (?P<sign>[${{}}~]|(?<!-)-{{2,3}}(?!-)|``|'')
    )
    """,
    re.VERBOSE | re.DOTALL,
)
_STYLES = re.compile(rf"(?<![A-Za-z])(?:{_COMMAND_DEBRIS})\Z")
_BEGINNINGS = ("\\", "&", "$", "~", "{", "}", "^", "``", "--", "_", "''")
"""What a piece other than debris begins with; the last two alone change nothing."""
_ALONE_NOTHING = frozenset(_BEGINNINGS[-2:])
_ADDRESS = re.compile(r"https?://[^\s{}\\<>\"&$^]+")
_PROTECTED = re.compile(r"\{[^\W_]{1,40}\}")


class Decoded(NamedTuple):
    """A readable text and, for every character, where the characters it stands for begin and end in the original.

    `starts` and `ends` are None when the text was readable already: every character stands for itself.
    """

    text: str
    starts: list[int] | None
    ends: list[int] | None

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Return the offsets in the original of the readable characters ``start:end``, which are not none."""
        if self.starts is None or self.ends is None:
            return start, end
        return self.starts[start], self.ends[end - 1]

    def locate(self, start: int, end: int) -> tuple[int, int]:
        """Return the offsets in the readable text of the original's ``start:end``: what a renderer marks."""
        if self.starts is None or self.ends is None:
            return start, end
        first, last = bisect_right(self.ends, start), bisect_left(self.starts, end)
        return (first, last) if first < last else (0, 0)


def to_unicode(text: str) -> str:
    """Return `text` as a person reads it: TeX and HTML entities become the characters they stand for."""
    return decode(text).text


def decode(text: str, *, mend: bool = True) -> Decoded:
    """Return `text` readable, with offsets into the original. Linear in the length of `text`; never raises.

    With `mend`, symbols whose backslash a site has eaten are guessed (``1.9times``) and indices are raised and lowered:
    right for reading, while words are cut without guesses.
    """
    if not _QUICK.search(text) and not (mend and _DEBRIS_WORDS.search(text)):
        return Decoded(text, None, None)
    return _Reader(text, mend).read()


def decoded_text(text: str) -> str:
    """Return the text of ``decode(text, mend=False)`` without the way back, in a fraction of the time."""
    signs = [sign for sign in _BEGINNINGS if sign in text]
    return text if _ALONE_NOTHING.issuperset(signs) else _Forward(text, signs).read().text


class _Reader:
    """Reads one text from left to right; every piece is copied, replaced or dropped."""

    def __init__(self, text: str, mend: bool) -> None:
        self.text, self.mend = text, mend
        self.chars: list[str] = []
        self.starts: list[int] = []
        self.ends: list[int] = []
        self.math = False
        self.delimiters = _delimiters(text)
        self.tex = "\\" in text or bool(self.delimiters)
        self.closers: set[int] = set()
        self.scopes: set[int] = set()
        self.braces = _braces(text) if mend and self.tex else {}
        self.quote = text.find("``") if mend else -1
        self.addresses = deque(match.span() for match in _ADDRESS.finditer(text)) if mend else deque()

    def read(self) -> Decoded:
        done = 0
        for piece in _PIECE.finditer(self.text):
            self.copy(done, piece.start())
            self.handle(piece)
            done = piece.end() + self.swallows(piece)
        self.copy(done, len(self.text))
        return Decoded("".join(self.chars), self.starts, self.ends)

    def swallows(self, piece: re.Match[str]) -> int:
        """Return 1 when the blank behind an invisible command would stand beside another blank."""
        lonely = not self.chars or self.chars[-1].isspace()
        return int(lonely and piece.lastgroup == "command" and self.text[piece.end() : piece.end() + 1] == " ")

    def copy(self, start: int, end: int) -> None:
        self.chars += self.text[start:end]
        self.starts += range(start, end)
        self.ends += range(start + 1, end + 1)

    def put(self, shown: str, start: int, end: int) -> None:
        self.chars += shown
        self.starts += [start] * len(shown)
        self.ends += [end] * len(shown)

    def handle(self, piece: re.Match[str]) -> None:
        kind = piece.lastgroup or ""
        _HANDLERS.get(kind, _Reader.same)(self, piece)

    def same(self, piece: re.Match[str]) -> None:
        self.copy(*piece.span())

    def drop(self, piece: re.Match[str]) -> None:
        """Leave the piece out."""

    def accent(self, piece: re.Match[str]) -> None:
        letter = (piece["braced"] or piece["bare"]).removeprefix("\\")
        mark = MARKS[piece["mark"] or piece["named"]]
        self.put(unicodedata.normalize("NFC", letter + mark), *piece.span())

    def letter(self, piece: re.Match[str]) -> None:
        self.put(LETTERS[piece["letter"]], *piece.span())

    def doubled(self, piece: re.Match[str]) -> None:
        letter = piece["doubled"] or piece["doubled_bare"]
        case = "CAPITAL" if letter.isupper() else "SMALL"
        name = f"DOUBLE-STRUCK {case} {letter.upper()}"
        try:
            shown = unicodedata.lookup(name)
        except KeyError:
            shown = unicodedata.lookup(f"MATHEMATICAL {name}")
        self.put(shown, *piece.span())

    def command(self, piece: re.Match[str]) -> None:
        name, (start, end) = piece["name"], piece.span()
        if name in SYMBOLS:
            self.put(SYMBOLS[name], start, end)
        elif name in SPACES:
            self.put(" ", start, end)
        elif name not in SILENT:
            self.word(name, start, end)

    def word(self, name: str, start: int, end: int) -> None:
        """Print a command that is a word, ``log``, or a macro that its authors forgot to expand."""
        if self.chars and not self.chars[-1].isspace() and self.chars[-1] not in "-–/_([\"'“‘":
            self.put(" ", start, start)
        if name in WORDS:
            self.put(name, start, end)
        else:
            self.put(self.text[start + 1], start, start + 2)
            self.copy(start + 2, end)
        if self.text[end : end + 1] == "{" or (
            self.text[end : end + 1] == "\\" and self.text[end + 1 : end + 2].isalpha()
        ):
            self.put(" ", end, end)

    def hat(self, piece: re.Match[str]) -> None:
        letter = piece["worn"] or piece["worn_bare"] or piece["worn_inside"]
        hat = HATS[piece["hat"]] if self.mend else ""
        self.put(unicodedata.normalize("NFC", letter + hat), *piece.span())

    def halves(self, piece: re.Match[str]) -> None:
        """Print a half as TeX lets one write it, without braces."""
        digits = piece["digits"]
        self.put(f"{digits[0]}/{digits[1]}", *piece.span())

    def lifted(self, piece: re.Match[str]) -> None:
        """Print a sign that stands raised or lowered by itself, a degree or a sun, without ``^`` and ``_``."""
        name = piece["lifted"] or piece["lifted_bare"]
        sign = SYMBOLS[name] if name else piece["lifted_sign"]
        form = LIFTED.get(name, {}).get(piece[0][0]) if name else _LIFTED_SIGNS.get(sign, sign)
        self.put(form if self.mend and form else piece[0][0] + sign, *piece.span())

    def symbol(self, piece: re.Match[str]) -> None:
        char, (start, end) = piece["symbol"], piece.span()
        if char in "([":
            self.math = True
        elif char in ")]":
            self.math = False
        elif char == "|":
            self.put("‖", start, end)
        elif char not in "!/-@":
            self.put(" " if char in ",;:> \\\n\t" else char, start, end)

    def entity(self, piece: re.Match[str]) -> None:
        shown = html.unescape(html.unescape(piece[0]))
        if shown == piece[0]:
            self.same(piece)
        else:
            self.put(shown, *piece.span())

    def script(self, piece: re.Match[str]) -> None:
        """Raise or lower what follows ``^`` or ``_``; a lone ``_`` means that only inside a formula."""
        group = piece.lastgroup or ""
        table = SUPERSCRIPTS if piece["script"] == "^" else SUBSCRIPTS
        start, end = piece.span(group)
        if self.mend and (group != "low" or self.math) and all(char in table for char in piece[group]):
            for at, char in enumerate(piece[group], start):
                self.put(table[char], at, at + 1)
        else:
            self.copy(piece.start(), piece.start() + 1)
            self.copy(start, end)
        if group == "group" and self.text[piece.end() : piece.end() + 1] == "{":
            self.put("/", end, piece.end())

    def debris(self, piece: re.Match[str]) -> None:
        """Repair a command whose backslash a site has eaten: ``1.9times``, ``uparrow2.72%``, ``textit{x}``."""
        if piece["style"]:
            return
        if self.mend and not self.in_address(piece.start()):
            self.put(SYMBOLS[piece[0]], *piece.span())
        else:
            self.same(piece)

    def in_address(self, at: int) -> bool:
        """Return whether `at`, which only grows from call to call, lies in a web address."""
        while self.addresses and self.addresses[0][1] <= at:
            self.addresses.popleft()
        return bool(self.addresses) and self.addresses[0][0] <= at

    def scoped(self, brace: str, at: int) -> str:
        """Return the parenthesis that a brace has to become where it holds more than one thing together, or nothing.

        That is an index, a root, or a part of a fraction: ``n^{2/3}`` is not ``n^2/3``.
        """
        if brace == "}":
            return ")" if at in self.scopes else ""
        close = self.braces.get(at)
        if (
            close is None
            or not _SCOPE.search(self.text, max(0, at - 6), at)
            or _ONE.fullmatch(self.text, at + 1, close)
        ):
            return ""
        self.scopes.add(close)
        return "("

    def between(self, piece: re.Match[str]) -> None:
        shown = " " if len(piece[0]) == 3 else "/"
        if self.tex and self.mend:
            start, last = piece.start(), piece.end() - 1
            opening = self.braces.get(last)
            open_too = shown == "/" and opening is not None and not _ONE.fullmatch(self.text, last + 1, opening)
            if open_too and opening is not None:
                self.scopes.add(opening)
            shown = ("" if start not in self.scopes else ")") + shown + ("(" if open_too else "")
        self.put((shown if self.tex else "} {") if self.mend else " ", *piece.span())

    def sign(self, piece: re.Match[str]) -> None:
        sign, (start, end) = piece[0], piece.span()
        shown = _SIGN_FORMS.get(sign, sign)
        if sign == "$" and start in self.delimiters:
            self.math = self.delimiters[start]
            shown = ""
        elif self.in_address(start):
            shown = sign
        elif sign in "{}":
            shown = self.scoped(sign, start) or ("" if self.hidden(sign, start) else sign)
        elif sign == "~":
            shown = " " if self.ties(start) else sign
        elif sign == "--":
            shown = sign if self.option(start) else shown
        elif sign == "''":
            shown = shown if -1 < self.quote < start else sign
        self.put(shown, start, end)

    def option(self, at: int) -> bool:
        """Return whether the dashes at `at` begin an option of a program, ``--help``."""
        return self.text[at - 1 : at].strip() == "" and self.text[at + 2 : at + 3].isalpha()

    def hidden(self, brace: str, at: int) -> bool:
        """Return whether a brace is markup: always in TeX, elsewhere where it protects one word, ``{BERT}``."""
        if brace == "{" and (group := _PROTECTED.match(self.text, at)):
            self.closers.add(group.end() - 1)
            return True
        return self.tex or at in self.closers

    def ties(self, at: int) -> bool:
        """Return whether the ``~`` at `at` is TeX's space: between words, not in ``~5`` and not in ``3~5``."""
        before, after = self.text[at - 1 : at], self.text[at + 1 : at + 2]
        if not before or not after or before.isspace() or after.isspace() or before in "/(=":
            return False
        return not (after.isdigit() and (before.isdigit() or before == "%"))


class _Forward(_Reader):
    """Reads one text and forgets where its characters came from; `chars` ends with a single character."""

    def __init__(self, text: str, signs: Sequence[str]) -> None:
        super().__init__(text, mend=False)
        self.signs = signs

    def read(self) -> Decoded:
        done = 0
        for at in sorted(at for sign in self.signs for at in _places(self.text, sign)):
            piece = _PIECE.match(self.text, at) if at >= done else None
            if piece:
                self.copy(done, self.before_style(done, at) if piece[0] == "{" else at)
                self.handle(piece)
                done = piece.end() + self.swallows(piece)
        self.copy(done, len(self.text))
        return Decoded("".join(self.chars), None, None)

    def before_style(self, done: int, brace: int) -> int:
        """Return where the text ends before a brace when the name of a style right before it is left out."""
        style = _STYLES.search(self.text, max(done, brace - 13), brace)
        return brace if style is None else style.start()

    def copy(self, start: int, end: int) -> None:
        if start < end:
            self.chars += self.text[start : end - 1], self.text[end - 1]

    def put(self, shown: str, start: int, end: int) -> None:  # noqa: ARG002 (the places are what it forgets)
        self.chars += shown


def _places(text: str, sign: str) -> Iterator[int]:
    at = text.find(sign)
    while at >= 0:
        yield at
        at = text.find(sign, at + 1)


_SIGN_FORMS = {"--": "–", "---": "—", "``": "“", "''": "”"}
_LIFTED_SIGNS = {"∘": "°", "+": "⁺"}
_HANDLERS: dict[str, Callable[[_Reader, re.Match[str]], None]] = {
    "braced": _Reader.accent,
    "bare": _Reader.accent,
    "dropped": _Reader.drop,
    "letter": _Reader.letter,
    "doubled": _Reader.doubled,
    "doubled_bare": _Reader.doubled,
    "worn": _Reader.hat,
    "worn_bare": _Reader.hat,
    "worn_inside": _Reader.hat,
    "digits": _Reader.halves,
    "lifted": _Reader.lifted,
    "lifted_bare": _Reader.lifted,
    "lifted_sign": _Reader.lifted,
    "command": _Reader.command,
    "symbol": _Reader.symbol,
    "entity": _Reader.entity,
    "group": _Reader.script,
    "power": _Reader.script,
    "low": _Reader.script,
    "debris": _Reader.debris,
    "between": _Reader.between,
    "sign": _Reader.sign,
}


# What a group in braces may follow when it has to be held together, and what needs no holding.
_SCOPE = re.compile(r"(?:[\^_]|\\sqrt|frac)\s?$")
_ONE = re.compile(r"\s?(?:\\?[A-Za-z]+(?:\{[^{}]*\})?|[A-Za-z]_[A-Za-z0-9]|[-+]?[0-9.]+|.)?\s?")


def _braces(text: str) -> dict[int, int]:
    """Return where each brace that opens is closed."""
    found: dict[int, int] = {}
    opened: list[int] = []
    for match in re.finditer(r"(?<!\\)[{}]", text):
        if match[0] == "{":
            opened.append(match.start())
        elif opened:
            found[opened.pop()] = match.start()
    return found


def _delimiters(text: str) -> dict[int, bool]:
    """Return the dollars that open (True) or close (False) a formula; the others are money."""
    places = [match.start() for match in re.finditer(r"(?<!\\)\$", text)] if "$" in text else []
    found: dict[int, bool] = {}
    at = 0
    while at + 1 < len(places):
        pair = _is_formula(text, places[at], places[at + 1])
        if pair:
            found |= {places[at]: True, places[at + 1]: False}
        at += 2 if pair else 1
    return found


def _is_formula(text: str, opening: int, closing: int) -> bool:
    """Return whether these two dollars belong together; ``$5 or $6`` and ``$ 5 $`` do not."""
    if closing - opening == 1:
        return True
    if closing - opening > 1000:
        return False
    if text[closing + 1 : closing + 2].isdigit() and text[opening + 1] != "\\":
        return False
    return not text[opening + 1].isspace() and not text[closing - 1].isspace()
