"""Records of lines that each begin with a tag: ``TI  - A title``, as MEDLINE and RIS have them.

A line without a tag goes on with the field above it. A record ends where the next one begins, with its end tag, or with
the file: none is lost because its end tag is.
"""

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from digestbot.readers.lines import Line
from digestbot.readers.protocol import excerpt_of


class TaggedRecord(NamedTuple):
    """A record: the line it begins in, and its fields in their order."""

    line: int
    fields: tuple[tuple[str, str], ...]

    def all(self, *tags: str) -> list[str]:
        """Return what stands under any of these tags, in file order."""
        return [text for tag, text in self.fields if tag in tags and text]

    def first(self, *tags: str) -> str:
        """Return what stands under the first of these tags that is there, or ""."""
        return next((text for tag in tags for name, text in self.fields if name == tag and text), "")

    def excerpt(self) -> str:
        """Return the first fields as a person reads them: ``TY JOUR; AU Abe, A``."""
        return excerpt_of("; ".join(f"{tag} {text}".strip() for tag, text in self.fields[:10]))


def tagged_records(lines: Iterable[Line], tag: re.Pattern[str], first: str, last: str = "") -> Iterator[TaggedRecord]:
    """Yield the records: each begins with the tag `first` and may end with the tag `last`.

    `tag` matches a line that begins a field: group 1 is the tag, group 2 its text.
    """
    record = _Open()
    for line in lines:
        found = tag.match(line.text) if line.indent < 2 else None
        if found and found[1] == first:
            yield from record.close()
            record = _Open(line.number)
        if found and found[1] == last:
            yield from record.close()
            record = _Open()
        elif found:
            record.begin(line.number, found[1], found[2])
        else:
            record.go_on(line.text)
    yield from record.close()


class _Open:
    """The record that is being read."""

    def __init__(self, line: int = 0) -> None:
        self._line = line
        self._fields: list[tuple[str, list[str]]] = []

    def begin(self, line: int, tag: str, text: str) -> None:
        self._line = self._line or line
        self._fields.append((tag, [text.strip()]))

    def go_on(self, text: str) -> None:
        if self._fields and text:
            self._fields[-1][1].append(text)

    def close(self) -> Iterator[TaggedRecord]:
        if self._fields:
            fields = ((tag, " ".join(part for part in parts if part)) for tag, parts in self._fields)
            yield TaggedRecord(self._line, tuple(fields))
