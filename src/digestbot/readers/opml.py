"""OPML is a list of feeds, not of papers: known, and refused with the words that help."""

from collections.abc import Iterator
from typing import BinaryIO

from digestbot.errors import MalformedDigestError
from digestbot.readers.feed_text import find_root
from digestbot.readers.protocol import Item, name_of

DIALECT = "opml"


def sniff(head: bytes) -> float:
    """Return how sure it is that this is OPML: by the root element."""
    root = find_root(head.decode("utf-8", "replace"))
    return 1.0 if root and root.name == "opml" else 0.0


def read(file: BinaryIO) -> Iterator[Item]:
    """Raise MalformedDigestError, always."""
    reason = "is OPML, a list of feeds and not of papers; fetch the feeds it names and read those"
    raise MalformedDigestError(reason, source=name_of(file))
