"""A folder gets each message as files: to look at, to keep, or for a program that takes them from there."""

import re
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from types import TracebackType
from typing import ClassVar, Final, Self

from digestbot.channels.files import disk_errors, files_of, place_of, write_whole
from digestbot.models import Message, Part
from digestbot.slugs import slug

_SUFFIXES: Final[Mapping[str, str]] = {
    "message/rfc822": ".eml",
    "text/html": ".html",
    "text/markdown": ".md",
    "text/plain": ".txt",
}


class FolderChannel:
    """Writes ``<subject>-<key>.eml``, ``.html``, ``.md`` and ``.txt`` below `root`, in the folder the address names.

    The same message always gives the same files, so a repeat finds its work done.
    """

    accepts: ClassVar[Collection[str]] = tuple(_SUFFIXES)

    def __init__(self, root: Path) -> None:
        self._root = root

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close nothing: files are closed as they are written."""

    def deliver(self, message: Message) -> str:
        """Write the message's parts; return their names. Raises the DeliveryError tree."""
        files, place = list(_files(message)), place_of(message, self._root)
        with disk_errors(message):
            new = [name for name, part in files if write_whole(place / name, part.content)]
        return f"{', '.join(name for name, _ in files)} in {place}{'' if new else ' (already there)'}"


def _files(message: Message) -> Iterator[tuple[str, Part]]:
    """Yield the name and the part of each file; a second part of one kind gets a number."""
    # The name is for people; half of the key is enough to keep two messages apart.
    key = re.sub("[^A-Za-z0-9_]", "-", message.key)[:13]
    stem = "-".join(filter(None, [slug(message.subject), key, str(message.generation or "")]))
    seen: dict[str, int] = {}
    for suffix, part in files_of(message, _SUFFIXES):
        seen[suffix] = number = seen.get(suffix, 0) + 1
        yield f"{stem}{'' if number == 1 else f'-{number}'}{suffix}", part
