"""OPML: a list of feeds, not of papers. Each is a source that could be fetched, and a reading says how many there are.

The outlines are read one by one, whatever is around them: a list that was cut, two lists in one file, an entity that
nobody declared cost nothing but themselves. Groups, links to other lists and notes are no feeds.
"""

import html
import re
from collections.abc import Iterator
from typing import BinaryIO

from digestbot.dates import parse_date
from digestbot.models import NamedSource, Reject
from digestbot.readers.feed_text import find_root
from digestbot.readers.intake import to_text
from digestbot.readers.markup import flat
from digestbot.readers.protocol import Item, Remark, excerpt_of, name_of

DIALECT = "opml"

_OUTLINE = re.compile(
    r"""<!--.*?(?:-->|\Z)|<!\[CDATA\[.*?(?:\]\]>|\Z)|<(?:\w{1,20}:)?outline\b((?:[^<>"']++|"[^"<]*+"|'[^'<]*+')*+)(/?>|(?:["'][^<>]*+)?(?:\Z|(?=<)))""",
    re.DOTALL | re.IGNORECASE,
)
_ATTRIBUTE = re.compile(r"""([A-Za-z_:][\w:.-]{0,40})\s{0,20}=\s{0,20}(?:"([^"]{0,5000})"|'([^']{0,5000})')""")
_DATE = re.compile(r"<date(?:Modified|Created)>([^<]{1,60})<")
_ADDRESS = re.compile(r"(?:https?|feed|ftp)://\S", re.IGNORECASE)


def sniff(head: bytes) -> float:
    """Return how sure it is that this is OPML: by the root element."""
    root = find_root(head.decode("utf-8", "replace"))
    return 1.0 if root and root.name == "opml" else 0.0


def read(file: BinaryIO) -> Iterator[Item]:
    """Yield the feeds that the list names, its date, and what is to be said of it."""
    text = to_text(file.read(), name_of(file))[0]
    if (found := _DATE.search(text, 0, 5000)) and (date := parse_date(found[1])):
        yield date
    feeds = line = seen = 0
    for outline in _OUTLINE.finditer(text):
        if outline[1] is None:
            continue
        line, seen = line + text.count("\n", seen, outline.start()), outline.start()
        item = _item(outline, line + 1)
        feeds += isinstance(item, NamedSource)
        yield from (item,) if item else ()
    low = text.lower()
    if low.count("</opml") < low.count("<opml"):
        yield Remark("the list is cut off", "partial")
    what = (
        f"a list of feeds ({feeds}) and not of papers; fetch them to get papers" if feeds else "the list names no feed"
    )
    yield Remark(what, "quiet")


def _item(outline: re.Match[str], line: int) -> NamedSource | Reject | None:
    """Return the feed of an outline, a reject for one that lacks its address, None for a group or a link."""
    fields = {
        name.rpartition(":")[2].lower(): flat(html.unescape(double or single))
        for name, double, single in _ATTRIBUTE.findall(outline[1])
    }
    url = fields.get("xmlurl", "")
    if _ADDRESS.match(url):
        name = fields.get("title") or fields.get("text") or url
        return NamedSource(name, url, fields.get("htmlurl") or None)
    if not outline[2]:
        return Reject(line, "the file ends inside this outline", excerpt_of(outline[0]))
    if url or fields.get("type", "").lower() in ("rss", "atom", "feed", "pie"):
        return Reject(line, "a feed without an address", excerpt_of(outline[0]))
    return None
