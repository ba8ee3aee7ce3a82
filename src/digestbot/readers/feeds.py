"""RSS 0.9x, 1.0 and 2.0, and Atom: feeds in XML, read by feedparser, which only ever gets an open file of bytes.

::

    bytes ─to_utf8→ UTF-8 ─prepare→ safe, mended XML ─feedparser→ entries ─to_paper→ papers

Nothing is fetched, no entity is expanded, no address in a feed is opened.
"""

from collections.abc import Iterator, Sequence
from itertools import chain, islice
from typing import Any, BinaryIO

from digestbot.dates import parse_date
from digestbot.models import Paper, PartialDate, Reject
from digestbot.readers.feed_entries import to_paper
from digestbot.readers.feed_pieces import Paired, parse
from digestbot.readers.feed_text import FeedText, Span, find_root, prepare
from digestbot.readers.intake import to_utf8
from digestbot.readers.markup import flat
from digestbot.readers.protocol import Item, Remark, excerpt_of, name_of

DIALECT = "feed"

_CONFIDENCE = {"rss": 1.0, "rdf": 0.7, "feed": 0.7, "entry": 0.2}
_FEED_NAMESPACES = ("purl.org/rss/1.0", "my.netscape.com/rdf", "w3.org/2005/Atom", "purl.org/atom/ns")


def sniff(head: bytes) -> float:
    """Return how sure it is that this is a feed: by the root element, and by a feed's namespace."""
    text = head.decode("utf-8", "replace")
    root = find_root(text)
    if root is None or root.name not in _CONFIDENCE or text.lstrip().startswith(("{", "[")):
        return 0.0
    return 1.0 if any(name in text for name in _FEED_NAMESPACES) else _CONFIDENCE[root.name]


def read(file: BinaryIO) -> Iterator[Item]:
    """Yield the papers of a feed, rejects for entries that are none, its date, and what was wrong with it.

    Raises MalformedDigestError for what is no XML or not safe to parse, ReadError when the file cannot be read.
    """
    source = name_of(file)
    text = prepare(to_utf8(file.read(), source)[0], source)
    feed, entries = parse(text, source)
    feed = dict(feed)
    if date := _date_of(feed):
        yield date
    first = list(islice(entries, 2))
    if error := _api_error(first):
        yield Remark(f"the source answered with an error: {error}", "unreadable")
        return
    seen = 0
    for seen, (entry, span) in enumerate(chain(first, entries), 1):  # noqa: B007 - the last one counts
        yield _item(entry, feed, text, span)
    yield from _unseen(seen, text)
    yield from _remarks(seen, text)


def _date_of(feed: dict[str, Any]) -> PartialDate | None:
    """Return the date that the feed prints of itself."""
    printed = (feed.get(name) for name in ("published", "updated"))
    return next((date for text in printed if isinstance(text, str) and (date := parse_date(text))), None)


def _api_error(entries: Sequence[Paired]) -> str:
    """Return the words of an error that arXiv sends as a feed with one entry, or ""."""
    if len(entries) != 1 or "arxiv.org/api/errors" not in str(dict.get(entries[0][0], "id")):
        return ""
    return flat(str(dict.get(entries[0][0], "summary") or "it does not say which"))


def _item(entry: Any, feed: dict[str, Any], text: FeedText, span: Span | None) -> Paper | Reject:
    raw = text.raw(span)
    if span and span.end is None:
        return Reject(span.line, "the file ends inside this entry", excerpt_of(raw))
    line = span.line if span else 1
    reason = "an entry without a title or a text"
    return to_paper(dict(entry), feed, raw) or Reject(line, reason, excerpt_of(raw or str(entry)))


def _unseen(seen: int, text: FeedText) -> Iterator[Reject]:
    """Reject the entry that the end of the file cut, when feedparser did not get to see it."""
    for span in text.spans[seen:]:
        reason = "the file ends inside this entry" if span.end is None else "an entry that could not be read"
        yield Reject(span.line, reason, excerpt_of(text.raw(span)))


def _remarks(seen: int, text: FeedText) -> Iterator[Remark]:
    """Say what was wrong with the feed as a whole, and that an empty one is empty."""
    complete = any(span.end is not None for span in text.spans)
    if text.cut:
        reason = f"the feed is cut off ({text.fault})"
        yield Remark(reason, "partial" if complete else "unreadable")
    elif text.fault:
        yield Remark(f"the feed is not well-formed ({text.fault}); what could be read was kept")
    if not seen and not text.cut:
        yield Remark("the feed has no entries", "quiet")
