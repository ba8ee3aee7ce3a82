"""The cards of a hub's page of papers, from its plain lines: a title, an abstract, and small print in any order.

Above a title stand its votes and who submitted it, below its abstract the authors or an organisation, a date, comments,
and links. What is none of these and comes behind the small print belongs to nothing. A page may print each card twice,
once for narrow screens: a card that repeats the one before it only completes it.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from digestbot.identity import find_id, title_key
from digestbot.links import kind_of, merge_links
from digestbot.models import Link, Paper, PartialDate
from digestbot.readers import bylines
from digestbot.readers.furniture import furniture
from digestbot.readers.lines import LONGEST_LINE
from digestbot.readers.record_links import given_link
from digestbot.readers.scrape_text import PageLine
from digestbot.readers.shapes import ends_sentence, prose_odds

_HUB = re.compile(r"https?://(?:www\.)?(?:huggingface\.co|hf\.co)/")
_CARD = re.compile(r"https?://(?:www\.)?(?:huggingface\.co|hf\.co)/papers/([0-9]{4}\.[0-9]{4,5})(?:[?#]|$)")
_LOGIN = re.compile(r"/login\?next=(?:%2F|/)papers(?:%2F|/)([0-9]{4}\.[0-9]{4,5})", re.IGNORECASE)
_ORGANIZATION = re.compile(r"https?://(?:www\.)?huggingface\.co/[\w.-]{2,80}/?$")
_COUNT = re.compile(r"(?:upvotes?\s*)?(?:\[-?\]\s*)?([0-9]{1,6}|-)", re.IGNORECASE)
_LINK_WORDS = re.compile(
    r"(?:link:\s*)?(?:github|code|project|arxiv|demo|model|dataset|paper|website|pdf)", re.IGNORECASE
)
_AVATAR = re.compile(r"^\[[^\[\]]{0,80}\]\s*")
_LONGEST_TITLE = 400
_MOST_LINKS = 30  # of a card
_NAME = 80  # characters of an organisation


class Seen(NamedTuple):
    """A paper of a page, and whether its card stood there twice in a row."""

    paper: Paper
    twice: bool


@dataclass(slots=True)
class _Card:
    """A card while it is read."""

    title: str
    number: str = ""
    paragraphs: list[list[str]] = field(default_factory=list)
    size: int = 0
    small_print: bool = False
    authors: int | None = None
    organization: str | None = None
    date: bylines.Dated | None = None
    comments: int | None = None
    upvotes: int | None = None
    url: str | None = None
    links: tuple[Link, ...] = ()

    def paper(self) -> Paper:
        """Return what is known of it."""
        return Paper(
            title=self.title,
            id=f"arxiv:{self.number}" if self.number else "",
            abstract="\n".join(" ".join(lines) for lines in self.paragraphs),
            author_count=self.authors,
            organization=self.organization,
            published=self.date.date if self.date else None,
            published_text=self.date.text if self.date else None,
            comment_count=self.comments,
            upvotes=self.upvotes,
            url=self.url,
            links=self.links,
        )


class Cards:
    """Reads the lines of a page: `take` them in order, then `close`."""

    def __init__(self, level: int) -> None:
        self._level = level  # of the headings that are titles; 0 where lines that lead to a paper are
        self._card: _Card | None = None
        self._before: Paper | None = None  # the last paper, which the next card may repeat
        self._twice = False
        self._votes: tuple[int | None, str] = (None, "")  # printed above a title: how many, and for which paper

    def take(self, line: PageLine) -> Iterator[Seen | PartialDate]:
        """Yield the paper that `line` ends, or the date of the page that it prints."""
        number = next((found[1] for url in line.urls if (found := _CARD.match(url))), "")
        if self._is_title(line, number):
            yield from self._ended()
            self._begin(line, number)
        elif self._card is None:
            yield from self._above(line)
        else:
            self._within(self._card, line)

    def close(self) -> Iterator[Seen]:
        """Yield what is left."""
        yield from self._ended()
        if self._before is not None:
            yield Seen(self._before, self._twice)
            self._before = None

    def _is_title(self, line: PageLine, number: str) -> bool:
        if furniture(line.text) or _COUNT.fullmatch(line.text) or not re.search(r"\w\w", line.text):
            return False
        if self._level:
            return line.level >= self._level and len(line.text) <= _LONGEST_TITLE
        new = bool(number) and (self._card is None or self._card.number != number)
        return (
            new
            and len(line.text) <= _LONGEST_TITLE
            and bylines.author_count(line.text) is None
            and prose_odds(line.text) < 2
        )

    def _begin(self, line: PageLine, number: str) -> None:
        votes, voted = self._votes
        self._card = _Card(line.text, number, upvotes=votes if voted in ("", number) else None)
        self._votes = (None, "")
        self._point(self._card, line)

    def _ended(self) -> Iterator[Seen]:
        """Put the open card by; yield the one before it unless it is the same."""
        if self._card is None:
            return
        paper, self._card = self._card.paper(), None
        if self._before is not None and _repeats(paper, self._before):
            self._before, self._twice = _completed(self._before, paper), True
            return
        if self._before is not None:
            yield Seen(self._before, self._twice)
        self._before, self._twice = paper, False

    def _above(self, line: PageLine) -> Iterator[PartialDate]:
        """Read what stands above the first title."""
        if dated := bylines.dated(line.text):
            yield dated.date
        self._vote(line)

    def _vote(self, line: PageLine) -> bool:
        """Keep a number that stands above a title, or fill it in where it says whose it is."""
        count = _COUNT.fullmatch(line.text)
        if not count:
            return False
        voted = next((found[1] for url in line.urls if (found := _LOGIN.search(url))), "")
        votes = int(count[1]) if count[1].isdigit() else None
        if self._card and self._card.small_print and voted and voted == self._card.number:
            self._card.upvotes = votes
        else:
            self._votes = (votes, voted)
        return True

    def _within(self, card: _Card, line: PageLine) -> None:
        """Read a line below a title."""
        if any(url.endswith("#community") for url in line.urls) and line.text.isdigit():
            card.comments = int(line.text[:6])
        elif not self._vote(line):
            for part in line.text.split("·"):
                self._part(card, line, part.strip())
            card.small_print |= "·" in line.text
        self._point(card, line)

    def _part(self, card: _Card, line: PageLine, text: str) -> None:
        """Read a part of a line; what cannot be small print is a part of the abstract, until small print came."""
        count, dated, votes = bylines.author_count(text), bylines.dated(text), bylines.upvotes(text)
        if count is not None:
            card.authors, card.small_print = count, True
        elif dated is not None:
            card.date, card.small_print = card.date or dated, True
            card.comments = dated.comments if card.comments is None else card.comments
        elif votes is not None:
            card.upvotes, card.small_print = votes, True
        elif any(map(_ORGANIZATION.match, line.urls)) and len(text) <= _NAME and text:
            card.organization, card.small_print = bylines.organization(_AVATAR.sub("", text)) or None, True
        elif furniture(text):
            card.small_print |= bool(card.paragraphs)
        elif text and not card.small_print:
            self._say(card, line, text)

    def _say(self, card: _Card, line: PageLine, text: str) -> None:
        """Add a line to the abstract; a few words that end no sentence are an organisation's name, or a button."""
        if _LINK_WORDS.match(text) and line.urls and len(text) <= _NAME:
            card.small_print = True
        elif line.blank_before and card.paragraphs and len(text) <= _NAME and not ends_sentence(text):
            card.organization, card.small_print = _AVATAR.sub("", text) or None, True
        elif card.size + len(text) <= LONGEST_LINE:
            card.size += len(text)
            if card.paragraphs and not line.blank_before:
                card.paragraphs[-1].append(text)
            else:
                card.paragraphs.append([text])

    def _point(self, card: _Card, line: PageLine) -> None:
        """Take where a line leads: the paper's page, its number, code."""
        for url in line.urls:
            if found := _CARD.match(url):
                card.number = card.number or found[1]
                card.url = card.url or url
            elif (name := find_id(url)) and name[0].startswith("arxiv:"):
                card.number = card.number or name[0].removeprefix("arxiv:")
                card.url = url if card.url is None else card.url
            elif (
                len(card.links) < _MOST_LINKS
                and not _HUB.match(url)
                and (_LINK_WORDS.match(line.text) or kind_of(url) != "other")
            ):
                card.links = merge_links(card.links, given_link(url, line.text[:80]))


def _repeats(paper: Paper, before: Paper) -> bool:
    same_number = paper.id == before.id or not paper.id or not before.id
    return same_number and title_key(paper.title) == title_key(before.title)


def _completed(paper: Paper, again: Paper) -> Paper:
    """Return a paper with what only its second card says."""
    missing = {
        name: getattr(again, name)
        for name in (
            "id",
            "abstract",
            "author_count",
            "organization",
            "published",
            "published_text",
            "comment_count",
            "upvotes",
            "url",
        )
        if not getattr(paper, name) and getattr(again, name)
    }
    return replace(paper, **missing, links=merge_links(paper.links, again.links))
