"""A feed given to feedparser, in pieces where it is large: while it has entries, they take ten times their size.

::

    head, entries …, tail    ─→    head, some entries, tail  |  head, the next entries, tail  |  …

Each piece is a feed of its own that declares what the whole one declares. Where a piece does not give just the entries
that were put into it, the feed is not as regular as it seemed, and is parsed as a whole.
"""

import io
from collections.abc import Iterator, Sequence
from itertools import islice, takewhile
from typing import Any
from xml.sax import SAXException

from digestbot.errors import MalformedDigestError
from digestbot.readers.feed_text import DECLARATION, FeedText, Span, find_spans

Paired = tuple[Any, Span | None]
"""An entry as feedparser gives it, and where it stands."""

LARGE = 1 << 20
"""Bytes from which on a feed is parsed in pieces."""

_PIECE = 1 << 19  # bytes of entries; what stands around them may take a quarter of it
_GIVES_UP = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    LookupError,
    RecursionError,
    SAXException,
    TypeError,
    ValueError,
)


def parse(text: FeedText, source: str, large: int = LARGE) -> tuple[dict[str, Any], Iterator[Paired]]:
    """Return the fields of the feed, and its entries. Raises MalformedDigestError when feedparser cannot read it."""
    borders = _borders(text) if len(text.xml) > large else ()
    if borders:
        frame = _parse(_frame(text, borders), source)
        if not frame["bozo"] and not frame["entries"]:
            return frame["feed"], _in_pieces(text, borders, source)
    whole = _parse(text.xml[text.begin :], source)
    return whole["feed"], _paired(whole["entries"], text.spans)


def _parse(xml: bytes, source: str) -> Any:
    """Give XML to feedparser, and translate whatever it does not catch itself."""
    import feedparser  # noqa: PLC0415 (0.1 s, and most digests are none)

    try:
        return feedparser.parse(io.BytesIO(DECLARATION + xml), resolve_relative_uris=False, sanitize_html=False)
    except _GIVES_UP as error:
        raise MalformedDigestError(f"feedparser cannot read it: {error}", source=source) from error


def _paired(entries: Sequence[Any], spans: Sequence[Span]) -> Iterator[Paired]:
    """Yield each entry with its place; without places, where feedparser saw what we did not."""
    known: Sequence[Span | None] = spans if len(spans) >= len(entries) else [None] * len(entries)
    yield from zip(entries, known, strict=False)


def _borders(text: FeedText) -> tuple[Span, ...]:
    """Return where the entries are in the XML; none where it cannot be cut."""
    whole = [span for span in text.spans if span.end is not None]
    borders = tuple(whole if text.xml is text.data else find_spans(text.xml, text.begin))
    sure = text.sound and len(borders) == len(whole) and all(border.end is not None for border in borders)
    return borders if sure else ()


def _frame(text: FeedText, borders: Sequence[Span]) -> bytes:
    """Return the feed without its entries."""
    ends = [text.begin, *(border.end for border in borders)]
    starts = [*(border.start for border in borders), len(text.xml)]
    gaps = (text.xml[end:start] for end, start in zip(ends, starts, strict=True))
    return b"".join(gap for gap in gaps if gap.strip())


def _in_pieces(text: FeedText, borders: Sequence[Span], source: str) -> Iterator[Paired]:
    done = 0
    head, tail = text.xml[text.begin : borders[0].start], text.xml[borders[-1].end :]
    size = max(_PIECE, 4 * (len(head) + len(tail)))
    while done < len(borders):
        count = _fitting(islice(borders, done, None), size)
        entries = _parse(head + text.xml[borders[done].start : borders[done + count - 1].end] + tail, source)
        if entries["bozo"] or len(entries["entries"]) != count:
            whole = _parse(text.xml[text.begin :], source)["entries"]
            yield from islice(_paired(whole, text.spans), done, None)
            return
        yield from zip(entries["entries"], text.spans[done : done + count], strict=True)
        done += count


def _fitting(borders: Iterator[Span], size: int) -> int:
    """Return how many entries make a piece, at least one."""
    first = next(borders)
    return 1 + sum(1 for _ in takewhile(lambda border: (border.end or 0) - first.start <= size, borders))
