"""The lines of a daily-papers page as blocks: a title, a paragraph, or one line of furniture or small print.

Lines that were wrapped to a width are joined again with a single space. Where paragraphs are set apart by empty
lines these decide; where there are none, a paragraph ends with a short line that ends a sentence.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from typing import Literal, NamedTuple, Self

from digestbot.readers import bylines
from digestbot.readers.furniture import NEWSLETTER, furniture
from digestbot.readers.lines import Line
from digestbot.readers.shapes import ends_sentence, is_long, prose_odds

Sort = Literal["text", "cut", "head", "foot", "card", "dot", "authors", "dated", "upvotes", "number"]

_DOTS = ("·", "•", "∙", "⋅")
_SPLIT = re.compile(r"\s*[·∙⋅]\s*")
_PARAGRAPH = 500  # lines of a paragraph that are joined at most
_WIDTHS = range(40, 200)  # what a text may be wrapped to


class Block(NamedTuple):
    """A piece of a page: the line it begins at, what it is, its text, and the number it says if it says one."""

    line: int
    sort: Sort
    text: str
    number: int = 0


class Layout(NamedTuple):
    """How a page sets its entries."""

    spaced: bool
    """Empty lines stand between paragraphs."""
    signed: bool
    """Entries have small print."""
    width: int
    """What lines are wrapped to where no empty lines tell the paragraphs; 0 when they are not."""

    @classmethod
    def of(cls, head: Sequence[Line]) -> Self:
        """Return the layout of the page that begins with `head`."""
        texts = [line.text for line in head if line.text]
        sorts = [_sort(text)[0] for text in texts]
        gaps = sum(bool(line.text) and not above.text for above, line in pairwise(head))
        spaced = gaps >= 0.3 * len(texts) and len(texts) > 1
        signed = "authors" in sorts or "dot" in sorts or sorts.count("dated") > 1
        running = [text for text, sort in zip(texts, sorts, strict=True) if sort == "text"]
        return cls(spaced, signed, 0 if spaced else _width(running))


def blocks_of(lines: Iterable[Line], layout: Layout) -> Iterator[Block]:
    """Yield the blocks of a page in order."""
    paragraph: list[Line] = []
    for line in lines:
        blocks = _structural(line)
        if blocks or not line.text or _ends(paragraph, line, layout):
            yield from _joined(paragraph, layout)
            paragraph = []
        yield from blocks
        if line.text and not blocks:
            paragraph.append(line)
    yield from _joined(paragraph, layout)


def _ends(paragraph: Sequence[Line], line: Line, layout: Layout) -> bool:
    """Return whether the paragraph is over before `line`, though no empty line says so."""
    if not paragraph or layout.spaced:
        return len(paragraph) >= _PARAGRAPH
    if not layout.width or len(paragraph) >= _PARAGRAPH:
        return True
    last, next_word = paragraph[-1].text, line.text.partition(" ")[0]
    return len(paragraph) > 1 and ends_sentence(last) and len(last) + 1 + len(next_word) <= layout.width


def _joined(paragraph: Sequence[Line], layout: Layout) -> Iterator[Block]:
    """Yield a paragraph as one block, or line by line when its lines are whole paragraphs themselves."""
    if layout.width and len(paragraph) > 1:
        paragraph, title = paragraph[1:], paragraph[0]
        yield Block(title.number, "text", title.text)
    if len(paragraph) > 1 and _is_wrapped([line.text for line in paragraph]):
        yield Block(paragraph[0].number, "text", " ".join(line.text for line in paragraph))
    else:
        yield from (Block(line.number, "text", line.text) for line in paragraph)


def _is_wrapped(texts: Sequence[str]) -> bool:
    """Return whether lines are one text: most begin in mid-sentence, or together they make a title."""
    if any(is_long(text) for text in texts):
        return False
    if 2 * sum(not text[0].isupper() for text in texts[1:]) >= len(texts) - 1:
        return True
    whole = " ".join(texts)
    return not is_long(whole) and not ends_sentence(whole) and prose_odds(whole) < 0


def _structural(line: Line) -> list[Block]:
    """Return the line as blocks of their own, if it is no part of running text."""
    if line.cut:
        return [Block(line.number, "cut", line.text)]
    if is_long(line.text) or not line.text:
        return []
    sort, number = _sort(line.text)
    if sort != "text":
        return [Block(line.number, sort, line.text, number)]
    glued = NEWSLETTER.match(line.text)
    if glued:
        return [Block(line.number, "head", glued[0]), *_whole(line._replace(text=line.text[glued.end() :].strip()))]
    return _signature(line)


def _whole(line: Line) -> list[Block]:
    """Return a line that was glued to a button, whatever it is."""
    sort, number = _sort(line.text)
    return _structural(line) or [Block(line.number, sort, line.text, number)]


def _signature(line: Line) -> list[Block]:
    """Return the parts of ``• 6 authors · Dec 9, 2023 1``, small print that stands on one line."""
    parts = [part for part in _SPLIT.split(line.text) if part]
    if len(parts) < 2 or bylines.dated(parts[-1]) is None:
        return []
    blocks = [Block(line.number, *_sorted(part)) for part in parts]
    return [piece for block in blocks for piece in (Block(line.number, "dot", "·"), block)][1:]


def _sorted(text: str) -> tuple[Sort, str, int]:
    sort, number = _sort(text)
    return sort, text, number


def _sort(text: str) -> tuple[Sort, int]:
    """Return what a line is, and the number it says."""
    if text in _DOTS:
        return "dot", 0
    if (count := bylines.author_count(text)) is not None:
        return "authors", count
    if (votes := bylines.upvotes(text)) is not None:
        return "upvotes", votes
    if bylines.dated(text) is not None:
        return "dated", 0
    if text.isdecimal() and len(text) <= 6:
        return "number", int(text)
    return furniture(text) or "text", 0


def _width(texts: Sequence[str]) -> int:
    """Return the width that lines are wrapped to, or 0: wrapped lines often begin with a small letter, titles never."""
    if len(texts) < 4:
        return 0
    width = max(map(len, texts))
    small = sum(text[0].islower() for text in texts)
    return width if width in _WIDTHS and small >= 0.3 * len(texts) else 0
