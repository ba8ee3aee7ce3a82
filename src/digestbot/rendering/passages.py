"""Readable text that remembers which of its words a query asked for.

Hits are offsets into the raw field, where a word may stand in the middle of TeX. The way back that `decode` keeps
tells which readable characters they are, so marks never cut a TeX group and nothing is made readable twice.
"""

from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import islice
from typing import NamedTuple

from markupsafe import Markup, escape

from digestbot.models import Hit
from digestbot.rendering.inert import (
    POP,
    Form,
    Ready,
    clean,
    direction,
    escape_markdown,
    inert,
    isolated,
    markup,
)
from digestbot.text import Decoded, decode

_HITS = 200
"""Hits marked in one field; more of them mark nothing that a reader could still tell apart."""


class Passage(NamedTuple):
    """A piece of a text, and whether the query asked for it."""

    text: str
    marked: bool = False


class Passages(tuple[Passage, ...]):
    """A text in pieces. Templates may print it whole, or walk over it: ``{% for piece in card.abstract %}``."""

    __slots__ = ()

    def __str__(self) -> str:
        return "".join(piece.text for piece in self)

    @property
    def opening(self) -> Ready:
        """What to print before the pieces, so that they stand in the order of their writing; mostly nothing."""
        return Ready(direction(str(self)))

    @property
    def closing(self) -> Ready:
        """What to print behind the pieces, as `opening` before them."""
        return Ready(POP if self.opening else "")

    def printed(self, form: Form) -> str:
        """Return the text for `form`, marked words as ``<mark>``, ``**…**`` or ``*…*``; in XML they are not marked."""
        if form == "xml" or not any(piece.marked for piece in self):
            return inert(str(self), form)
        if form == "html":
            return markup(self.opening) + markup("").join(_html(piece) for piece in self) + markup(self.closing)
        return Ready(isolated("".join(_starred(piece, form, first=n == 0) for n, piece in enumerate(self))))

    def tinted(self, style: str, *, bold: bool = False) -> Markup:
        """Return the text for HTML with marked words in a ``<mark>`` of this style, for programs without sheets."""
        opening, closing = f'<mark style="{escape(style)}">{"<b>" * bold}', f"{'</b>' * bold}</mark>"
        pieces = [f"{opening}{_escaped(text)}{closing}" if marked else _escaped(text) for text, marked in self]
        return markup("".join([self.opening, *pieces, self.closing]))

    def shortened(self, limit: int) -> "Passages":
        """Return at most `limit` characters, with an ellipsis where something is missing."""
        if sum(len(piece.text) for piece in self) <= limit:
            return self
        return Passages([*_first(self, limit - 1), Passage("…")])


def marked(raw: str, hits: Iterable[Hit], limit: int) -> Passages:
    """Return `raw` readable, at most `limit` characters of it, with the slices of `hits` marked."""
    if not raw:  # most of what a digest could print of a paper it does not
        return Passages()
    # TeX is longer than what it prints, though hardly four times.
    raw, cut = raw[: 4 * limit], len(raw) > 4 * limit
    spans = tuple((hit.start, hit.end) for hit in islice(hits, _HITS) if 0 <= hit.start < hit.end <= len(raw))
    return _marked(raw, spans, limit, cut)


@lru_cache(maxsize=1024)  # a paper goes to many people, and many of them asked for the same words
def _marked(raw: str, spans: tuple[tuple[int, int], ...], limit: int, cut: bool) -> Passages:
    decoded = decode(raw)
    if not spans and decoded.starts is None and len(raw) <= limit and _is_tidy(raw):
        return Passages([Passage(raw)] if raw else [])
    tidied = Passages(_tidied(_pieces(decoded, _merged(spans))))
    return Passages([*tidied, Passage("…")]) if cut and len(str(tidied)) < limit else tidied.shortened(limit)


def joined(parts: Sequence[Passages], separator: str) -> Passages:
    """Return the texts as one, with `separator` between them."""
    pieces: list[Passage] = []
    for part in parts:
        pieces += [Passage(separator)] if pieces else []
        pieces += part
    return Passages(pieces)


def _is_tidy(text: str) -> bool:
    """Return whether there is nothing to clean away; most names, dates and addresses have nothing."""
    bare = text.isascii() and text.isprintable() and text == text.strip()
    return bare and "  " not in text and "%" not in text


def _merged(spans: Iterable[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Yield the spans in order; those that touch or overlap become one."""
    start = end = -1
    for left, right in sorted(spans):
        if left > end:
            if end > start:
                yield start, end
            start, end = left, right
        end = max(end, right)
    if end > start:
        yield start, end


def _pieces(decoded: Decoded, spans: Iterable[tuple[int, int]]) -> Iterator[Passage]:
    done = 0
    for span in spans:
        start, end = decoded.locate(*span)
        start = max(start, done)
        if start < end:
            yield Passage(decoded.text[done:start])
            yield Passage(decoded.text[start:end], marked=True)
            done = end
    yield Passage(decoded.text[done:])


def _tidied(pieces: Iterable[Passage]) -> Iterator[Passage]:
    """Yield the pieces that print something, as one line without blanks at its ends or two in a row."""
    blank, pending = True, Passage("")
    for piece in pieces:
        text = clean(piece.text)
        text = text.lstrip() if blank else text
        if text:
            yield from (pending,) if pending.text else ()
            blank, pending = text.endswith(" "), Passage(text, piece.marked)
    last = Passage(pending.text.rstrip(), pending.marked)
    yield from (last,) if last.text else ()


def _first(pieces: Iterable[Passage], limit: int) -> Iterator[Passage]:
    for piece in pieces:
        text = piece.text if len(piece.text) < limit else piece.text[:limit].rstrip()
        if limit > 0 and text:
            yield Passage(text, piece.marked)
        limit -= len(piece.text)


def _html(piece: Passage) -> str:
    text = inert(piece.text, "html")
    return markup(f"<mark>{text}</mark>") if piece.marked else text


def _escaped(text: str) -> str:
    return str(inert(text, "html"))


def _starred(piece: Passage, form: Form, *, first: bool) -> str:
    """Return the piece between stars; blanks stay outside of them, or Markdown would print the stars."""
    text = clean(piece.text)
    if form == "markdown":
        # Only the first piece stands at the start of a line: a letter in front keeps the others from being escaped so.
        text = escape_markdown(text) if first else escape_markdown(f"x{text}")[1:]
    bare = text.strip()
    if not piece.marked or not bare:
        return text
    stars = "**" if form == "markdown" else "*"
    return text.replace(bare, f"{stars}{bare}{stars}", 1)
