"""A hub's page of papers as scrapers print it: in Markdown, with footnotes, or with addresses between the lines.

The page without its markup is another dialect (``daily-papers``). A page on which no title is left is unreadable, not
empty.
"""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from itertools import chain
from typing import BinaryIO

from digestbot.dates import infer_year
from digestbot.errors import MalformedDigestError
from digestbot.models import PartialDate
from digestbot.readers.furniture import furniture
from digestbot.readers.intake import to_text
from digestbot.readers.page_cards import Cards, Seen
from digestbot.readers.protocol import Item, Remark, name_of
from digestbot.readers.scrape_text import PageLine, is_scraped, page_lines

DIALECT = "papers-scrape"

_CUT = re.compile(r"^\W{0,3}(?:content|output|text)\s(?:was\s)?truncated\W{0,3}$", re.IGNORECASE | re.MULTILINE)
_CAPTURED = re.compile(
    r"^\W{0,4}(?:retrieved|captured|fetched|scraped|accessed|crawled|snapshot)\b[^:\n]{0,20}:\W{0,4}([0-9]{4})-([0-9]{2})-([0-9]{2})",
    re.IGNORECASE | re.MULTILINE,
)
_LONGEST = 20_000_000
_LOWEST = 3  # the level from which headings are titles, when there are any


def sniff(head: bytes) -> float:
    """Return how sure it is: by the hub's words, and by what scrapers make of links and headings."""
    return 0.97 if is_scraped(head.decode("utf-8", "replace")) else 0.0


def read(file: BinaryIO) -> Iterator[Item]:
    """Yield the papers of the page, and its day. Raises MalformedDigestError when it holds no title."""
    source = name_of(file)
    text = to_text(file.read(), source)[0]
    if len(text) > _LONGEST:
        raise MalformedDigestError(f"has more than {_LONGEST:,} characters; no page of papers has", source=source)
    lines = list(page_lines(text))
    cards = Cards(_title_level(lines))
    captured = _captured(text[:10_000])
    papers = twice = 0
    for item in chain(chain.from_iterable(cards.take(line) for line in lines), cards.close()):
        if isinstance(item, Seen):
            papers, twice = papers + 1, twice + item.twice
            yield replace(item.paper, published=_with_year(item.paper.published, captured))
        else:
            yield _with_year(item, captured) or item
    if not papers:
        raise MalformedDigestError("no titles: only the page's own words are left of it; fetch it again", source=source)
    if twice:
        yield Remark(f"cards that are printed twice, counted once: {twice}")
    if _CUT.search(text):
        yield Remark("the page is cut off, as it says itself", "partial")


def _captured(head: str) -> date | None:
    """Return the day on which the scraper says that it took the page."""
    found = _CAPTURED.search(head)
    try:
        return date(*map(int, found.groups())) if found else None
    except ValueError:
        return None


def _with_year(day: PartialDate | None, captured: date | None) -> PartialDate | None:
    """Return a day with its year: the hub leaves out that of the twelve months before the page was taken."""
    if day is None or captured is None:
        return day
    return infer_year(day, captured - timedelta(days=364), captured + timedelta(days=1))


def _title_level(lines: list[PageLine]) -> int:
    """Return the level from which headings are titles; 0 when none is."""
    levels = {line.level for line in lines if line.level > 1 and not furniture(line.text)}
    return _LOWEST if any(level >= _LOWEST for level in levels) else 2 if levels else 0
