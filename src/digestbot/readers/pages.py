"""From the lines of a daily-papers page to its entries: first blocks, then a small machine that files them.

::

    lines ─join what was wrapped→ blocks ─file→ Paper | Reject | PartialDate

The machine holds one open entry; what a block means depends on that entry and on the block that follows.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from digestbot.models import Paper, PartialDate, Reject
from digestbot.readers import bylines
from digestbot.readers.blocks import Block, Layout
from digestbot.readers.lines import LONGEST_LINE, reject
from digestbot.readers.shapes import goes_on, prose_odds

_EXPECTED = 1.5  # log-odds for the kind of text that ought to come next
_WAITING = 1_000  # titles without anything else that may stand before the first whole entry
_GLUED_BUTTON = re.compile(r"Subscribe(?=\S)")
_FIRST_WORD = re.compile(r"\S+")
_EDGES = "\"'“”‘’()[]:;,.!?"


@dataclass(slots=True)
class _Entry:
    """An entry while it is read."""

    title: str
    line: int
    button: bool
    """Return whether a button's text may be glued to the title."""
    abstract: list[str] = field(default_factory=list)
    size: int = 0
    author_count: int | None = None
    organization: str | None = None
    published: bylines.Dated | None = None
    comment_count: int | None = None
    upvotes: int | None = None

    @property
    def signed(self) -> bool:
        """Return whether small print has come."""
        return not (self.author_count is None and self.organization is None and self.published is None)

    @property
    def bare(self) -> bool:
        """Return whether there is nothing but a title."""
        return not (self.abstract or self.signed)

    def add(self, text: str) -> None:
        """Add a paragraph to the abstract."""
        self.abstract.append(text)
        self.size += len(text) + 1

    def paper(self) -> Paper:
        """Return what was read."""
        abstract = " ".join(self.abstract)
        return Paper(
            title=_without_button(self.title, abstract, first=self.button),
            abstract=abstract,
            author_count=self.author_count,
            organization=self.organization,
            published=self.published.date if self.published else None,
            published_text=self.published.text if self.published else None,
            comment_count=self.comment_count,
            upvotes=self.upvotes,
        )


class Page:
    """Files the blocks of a page. `take` them in order, each with the one that follows, then `close`."""

    def __init__(self, layout: Layout) -> None:
        self._layout = layout
        self._entry: _Entry | None = None
        self._last = ""  # the sort of the block before
        self._orphan = False  # the small print that comes belongs to an abstract that was rejected
        self._begun = False  # an entry with more than a title has been seen
        self._foot = False  # below the entries
        self._dated = False  # the page's own date has been seen
        self._button = False  # the subscription button stood on a line of its own
        self._next_upvotes: int | None = None
        self._waiting: list[Paper | Reject] = []

    def take(self, block: Block, following: Block | None) -> Iterator[Paper | Reject | PartialDate]:
        """Yield what `block` completes."""
        match block.sort:
            case "text":
                yield from self._text(block, following)
            case "cut":
                yield from self._reject(block, f"a line of more than {LONGEST_LINE:,} characters")
            case "head" | "foot":
                yield from self._outside(block)
            case "dated":
                yield from self._date(block)
            case _:
                self._small_print(block)
        self._last = block.sort if block.sort != "card" else block.text.casefold()

    def close(self) -> Iterator[Paper | Reject]:
        """Yield what is still held when the page ends."""
        yield from self._emit()
        yield from self._begin()

    def _text(self, block: Block, following: Block | None) -> Iterator[Paper | Reject]:
        entry = self._entry
        if self._last == "submitted by" and len(block.text.split()) <= 3:
            return
        wants_abstract = entry is not None and not entry.abstract
        odds = prose_odds(block.text) + (_EXPECTED if wants_abstract else -_EXPECTED)
        if odds > 0:
            yield from self._prose(block, following)
        elif entry is not None and self._signs(entry, block.text, following):
            entry.organization = bylines.organization(block.text.rstrip(" ·"))
        else:
            yield from self._title(block)

    def _signs(self, entry: _Entry, text: str, following: Block | None) -> bool:
        """Return whether a short line is the organisation that signs the entry: a dot, a date or a count follows."""
        if following is None or following.sort not in ("dot", "authors", "dated") or entry.organization:
            return False
        if entry.author_count is not None or entry.published is not None:
            return False
        return len(text) <= 60 and len(text.split()) <= 6 and (bool(entry.abstract) or following.sort != "authors")

    def _title(self, block: Block) -> Iterator[Paper | Reject]:
        yield from self._emit()
        self._orphan = False
        self._entry = _Entry(block.text, block.line, button=not (self._begun or self._button))
        self._entry.upvotes, self._next_upvotes = self._next_upvotes, None

    def _prose(self, block: Block, following: Block | None) -> Iterator[Paper | Reject]:
        entry = self._entry
        if entry is None or not self._belongs(entry, block.text, following):
            yield from self._reject(block, "an abstract without a title")
            self._orphan = True
        elif entry.size + len(block.text) > LONGEST_LINE:
            yield from self._reject(block, f"an abstract of more than {LONGEST_LINE:,} characters")
        else:
            entry.add(block.text)

    def _belongs(self, entry: _Entry, text: str, following: Block | None) -> bool:
        """Return whether prose is part of the open entry."""
        if entry.signed:  # an abstract below the small print, unless it has small print of its own
            return not entry.abstract and (following is None or following.sort not in ("dot", "authors", "dated"))
        if not entry.abstract:
            return True
        return self._layout.signed or goes_on(entry.title, entry.abstract, entry.size, text)

    def _small_print(self, block: Block) -> None:
        entry = None if self._orphan else self._entry
        match block.sort:
            case "authors" if entry and entry.author_count is None:
                entry.author_count = block.number
            case "number" if entry and self._last == "dated":
                entry.comment_count = block.number
            case "number" if self._last in ("upvote", "upvotes"):
                self._vote(entry, block.number)
            case "upvotes":
                self._vote(entry, block.number)

    def _vote(self, entry: _Entry | None, number: int) -> None:
        """Note upvotes; those above the first title belong to the title below them."""
        if entry is None:
            self._next_upvotes = number
        elif entry.upvotes is None:
            entry.upvotes = number
        else:  # they stand above their titles
            self._next_upvotes = number

    def _date(self, block: Block) -> Iterator[Paper | Reject | PartialDate]:
        entry, dated = self._entry, bylines.dated(block.text)
        if dated is None or self._orphan:
            return
        if not self._begun and not self._dated and (entry is None or (entry.bare and self._last != "dot")):
            self._entry, self._dated, self._waiting = None, True, []  # what stood above it was no paper
            yield dated.date
        elif entry is not None and entry.published is None and self._layout.signed:
            entry.published, entry.comment_count = dated, dated.comments

    def _outside(self, block: Block) -> Iterator[Paper | Reject]:
        if self._begun or self._entry is None or not self._entry.bare:
            yield from self._emit()
        self._entry, self._orphan, self._foot = None, False, block.sort == "foot"
        self._button = self._button or block.text.casefold() == "subscribe"

    def _emit(self) -> Iterator[Paper | Reject]:
        """Yield the open entry."""
        entry, self._entry = self._entry, None
        if entry is None or (entry.bare and self._foot):
            return
        if not entry.bare:
            self._foot = False
            yield from self._begin()
            yield entry.paper()
            return
        short = len(entry.title.split()) < (2 if self._begun else 3) and ":" not in entry.title
        item = reject(entry.line, "neither abstract nor byline, and too short for a title", entry.title)
        self._waiting.append(item if short else entry.paper())
        if self._begun or len(self._waiting) > _WAITING:
            yield from self._begin()

    def _begin(self) -> Iterator[Paper | Reject]:
        """Yield what waited for the first whole entry."""
        self._begun = True
        waiting, self._waiting = self._waiting, []
        yield from waiting

    def _reject(self, block: Block, reason: str) -> Iterator[Paper | Reject]:
        yield from self._emit()
        yield from self._begin()
        yield reject(block.line, reason, block.text)


def _without_button(title: str, abstract: str, *, first: bool) -> str:
    """Return the title without the text of the button that was glued to it.

    The abstract is the witness: when it knows the first word as it stands, that is the title; when it knows
    only what is left of it, the rest is the button. Without a word from it, the page's first title loses
    ``Subscribe`` before a capital, a digit or a bracket, and no other title does.
    """
    match, word = _GLUED_BUTTON.match(title), _FIRST_WORD.match(title)
    if not match or not word:
        return title
    whole = word[0].strip(_EDGES)
    rest = whole[match.end() :].strip(_EDGES)
    if _mentions(abstract, whole):
        return title
    known = len(rest) >= 3 and _mentions(abstract, rest)
    return title[match.end() :] if known or (first and not title[match.end()].islower()) else title


def _mentions(text: str, word: str) -> bool:
    """Return whether `word` stands in `text`, not as part of another word."""
    return re.search(rf"(?<!\w){re.escape(word)}(?!\w)", text, re.IGNORECASE) is not None
