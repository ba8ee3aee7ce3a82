"""What a reader is: a module with three names, and what it may say while it reads.

::

    DIALECT                     its name
    sniff(head) -> 0..1         how sure it is, from the first 64 KiB
    read(file)  -> items        papers and rejects in file order, the digest's own date, remarks
"""

import io
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO, Protocol

from digestbot.models import NamedSource, Paper, PartialDate, Reject, Verdict


@dataclass(frozen=True, slots=True)
class Remark:
    """What a reader has to say about the digest as a whole."""

    reason: str
    verdict: Verdict | None = None
    """None when it is worth telling, yet changes no verdict."""


Item = Paper | Reject | PartialDate | Remark | NamedSource


class Reader(Protocol):
    """A module that reads one dialect."""

    @property
    def DIALECT(self) -> str:  # noqa: N802 - a constant of a module
        """Return the dialect's name."""

    def sniff(self, head: bytes, /) -> float:
        """Return how sure it is that it can read what begins with `head`, from 0 to 1."""

    def read(self, file: BinaryIO, /) -> Iterator[Item]:
        """Yield what the digest holds, in its order. Papers come raw; the registry completes them."""


class NamedBytes(io.BytesIO):
    """Bytes that know where they come from, as an open file does."""

    def __init__(self, data: bytes, name: str, raw: bytes | None = None) -> None:
        super().__init__(data)
        self.name = name
        self.raw = data if raw is None else raw
        """The bytes before they were brought to UTF-8: the parts of a mail may each have an encoding of their own."""


def name_of(file: BinaryIO) -> str:
    """Return where an open file comes from, for an error message."""
    return str(getattr(file, "name", "digest"))


def raw_of(file: BinaryIO) -> bytes:
    """Return all bytes of an open file as they came in."""
    return file.raw if isinstance(file, NamedBytes) else file.read()


def excerpt_of(text: str) -> str:
    """Return at most 120 characters of `text` on one line, for a `Reject`."""
    line = " ".join(text[:1000].split())
    return line if len(line) <= 120 else f"{line[:119]}…"
