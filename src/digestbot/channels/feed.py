"""A feed is three files that readers fetch: replaced in one step each, and left alone while nothing changes."""

from collections.abc import Collection, Mapping
from pathlib import Path
from types import TracebackType
from typing import ClassVar, Final, Self

from digestbot.channels.files import disk_errors, files_of, place_of, write_whole
from digestbot.models import Message

_NAMES: Final[Mapping[str, str]] = {
    "application/rss+xml": "rss.xml",
    "application/atom+xml": "atom.xml",
    "application/feed+json": "feed.json",
}


class FeedChannel:
    """Writes ``rss.xml``, ``atom.xml`` and ``feed.json`` below `root`, in the folder the address names.

    A file that has not changed keeps its time, so a web server answers "not modified" (RFC 9110 13.1.3).
    """

    accepts: ClassVar[Collection[str]] = tuple(_NAMES)

    def __init__(self, root: Path) -> None:
        self._root = root

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close nothing: files are closed as they are written."""

    def deliver(self, message: Message) -> str:
        """Write the feed's forms; return what was written. Raises the DeliveryError tree."""
        files, place = files_of(message, _NAMES), place_of(message, self._root)
        with disk_errors(message):
            new = [name for name, part in files if write_whole(place / name, part.content)]
        return f"{', '.join(new) or 'nothing'} new in {place}"
