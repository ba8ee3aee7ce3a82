"""Text dumps of a daily-papers site: titles, abstracts and small print, amid the site's furniture.

Three layouts are one dialect, because every line says itself what it is::

    spaced            with small print     compact
    ------            ----------------     -------
    Title             Title                SubscribeTitle      a button's text is glued to the first one
    (empty)           (empty)              Abstract …
    Abstract …        Abstract …           Title
    (empty)           (empty)              Abstract …
    Title               • 6 authors
                      ·
                      Dec 9, 2023 1

Furniture, bylines and dates are known by their words; titles and abstracts are told apart by their shape and
by what may come next, never by counting lines, so that a lost line costs one entry and shifts none.
"""

import re
from collections.abc import Iterable, Iterator
from itertools import chain, islice, pairwise
from typing import BinaryIO

from digestbot.errors import MalformedDigestError
from digestbot.models import Paper, PartialDate, Reject
from digestbot.readers import bylines
from digestbot.readers.blocks import Block, Layout, blocks_of
from digestbot.readers.foreign import is_foreign
from digestbot.readers.furniture import NEWSLETTER, furniture
from digestbot.readers.lines import Line, head_lines, numbered_lines
from digestbot.readers.pages import Page
from digestbot.readers.protocol import name_of
from digestbot.readers.scrape_text import is_scraped
from digestbot.readers.shapes import ends_sentence, is_long, prose_odds

DIALECT = "daily-papers"

_HEAD = 400  # lines that tell the layout
_ET_AL = re.compile(r"\bet\.? al\.?(?:\s+·.*)?$")


def sniff(head: bytes) -> float:
    """Return how sure it is: the site's own words and small print say most, titles above abstracts the rest."""
    lines = [line for line in head_lines(head) if line.text]
    if not lines or b"\0" in head[:1024]:
        return 0.0
    texts = [line.text for line in lines]
    if is_foreign(texts) or is_scraped(head.decode("utf-8", "replace")):
        return 0.0
    if any(NEWSLETTER.match(text) or "AK and the research community" in text for text in texts[:40]):
        return 0.95
    if _small_print(texts) >= 1:
        return 0.9
    return _by_rhythm(texts)


def read(file: BinaryIO) -> Iterator[Paper | Reject | PartialDate]:
    """Yield papers and rejects in their order, and the page's own date once.

    Raises MalformedDigestError at the end when there was no paper at all.
    """
    lines = numbered_lines(file)
    head = list(islice(lines, _HEAD))
    papers, rejects = 0, 0
    for item in _items(chain(head, lines), Layout.of(head)):
        papers += isinstance(item, Paper)
        rejects += isinstance(item, Reject)
        yield item
    if not papers:
        what = f"{rejects} abstracts or scraps without a title" if rejects else "nothing but the site's own navigation"
        raise MalformedDigestError(f"no titles: it holds {what}; fetch the page again", source=name_of(file))


def _items(lines: Iterable[Line], layout: Layout) -> Iterator[Paper | Reject | PartialDate]:
    page = Page(layout)
    last: Block | None = None
    for block in blocks_of(lines, layout):
        if last is not None:
            yield from page.take(last, block)
        last = block
    if last is not None:
        yield from page.take(last, None)
    yield from page.close()


def _small_print(texts: list[str]) -> int:
    """Return how many dots with a date below them there are."""
    return sum(first == "·" and bylines.dated(second) is not None for first, second in pairwise(texts))


def _by_rhythm(texts: list[str]) -> float:
    """Return up to 0.6 when most long paragraphs stand below a title of their own."""
    kept = [text for text in texts if furniture(text) is None]
    under_title = prose = 0
    for above, text in zip(["", *kept], kept, strict=False):
        if is_long(text) and ends_sentence(text) and prose_odds(text) > 4:
            prose += 1
            under_title += bool(above) and prose_odds(above) < 0 and len(above.split()) > 1 and not _ET_AL.search(above)
    if not kept:
        return 0.5 if len(texts) >= 3 else 0.1  # navigation alone: ours, and unreadable
    if prose > 2 and not under_title:
        return 0.35 if prose >= 0.8 * len(kept) else 0.1  # abstracts alone: likely ours, and unreadable
    return 0.6 * under_title / prose if prose and under_title >= 0.6 * prose else 0.0
