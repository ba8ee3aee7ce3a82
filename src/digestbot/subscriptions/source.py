"""One file of subscriptions: its data, and a way to point at any spot of it."""

import re
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from digestbot.models import Fault
from digestbot.places import Lines, Places
from digestbot.places import Path as Way

_LARGEST: Final = 1 << 20
# The standard parser takes time by the square of a key's parts; nobody's keys have as many.
_ENDLESS_KEY: Final = re.compile(r"""(?<![\w-])(?:(?:[\w-]++|"[^"\n]*+"|'[^'\n]*+')[ \t]*+\.[ \t]*+){16}""")


@dataclass(frozen=True, slots=True)
class Source:
    """A file that could be read and parsed."""

    path: str
    data: dict[str, Any]
    places: Places

    def fault_at_key(self, way: Way, message: str) -> Fault:
        """Return a fault whose place is a key, or the head of a table."""
        return _fault(self.path, self.places, self.places.key(way), message)

    def fault_at_value(self, way: Way, message: str, index: int | None = None) -> Fault:
        """Return a fault whose place is a value, or one character of it."""
        return _fault(self.path, self.places, self.places.value(way, index), message)

    def fault_at_item(self, way: Way, number: int, message: str) -> Fault:
        """Return a fault whose place is the text `number`, from 0, of a list of texts."""
        return _fault(self.path, self.places, self.places.item(way, number), message)

    def line(self, way: Way) -> int:
        """Return the line of a key or a table's head."""
        return self.places.spot(self.places.key(way))[0]


def open_source(path: Path) -> Source | Fault:
    """Return what a file holds, or the fault that keeps it from being read at all."""
    name = str(path)
    if path.exists() and not path.is_file():  # a pipe would be waited for
        return Fault(name, 1, 1, "cannot be read: it is no regular file")
    try:
        with path.open("rb") as file:
            raw = file.read(_LARGEST + 1)
    except OSError as error:
        return Fault(name, 1, 1, f"cannot be read: {error.strerror or error}")
    if len(raw) > _LARGEST:
        return Fault(name, 1, 1, f"is larger than {_LARGEST >> 20} MiB: that is no file of subscriptions")
    text, fault = _decoded(name, raw)
    return fault or _parsed(name, text)


def _decoded(name: str, raw: bytes) -> tuple[str, Fault | None]:
    """Return the file's text with plain line ends, and the fault when it is no UTF-8."""
    raw = raw.removeprefix(b"\xef\xbb\xbf").replace(b"\r\n", b"\n")
    try:
        return raw.decode("utf-8"), None
    except UnicodeDecodeError as error:
        text = raw.decode("utf-8", "replace")
        offset = len(raw[: error.start].decode("utf-8"))
        return text, _fault(name, Lines(text), offset, "this is not UTF-8; save the file as UTF-8")


def _parsed(name: str, text: str) -> Source | Fault:
    if endless := _ENDLESS_KEY.search(text):
        return _fault(name, Lines(text), endless.start(), "this key has too many parts")
    try:
        return Source(name, tomllib.loads(text), Places(text))
    except RecursionError:
        return Fault(name, 1, 1, "is nested too deeply")
    except ValueError as error:
        found = re.search(r"\(at line (\d+), column (\d+)\)", str(error))
        lines = Lines(text)
        offset = lines.offset(int(found[1]), int(found[2])) if found else len(text.rstrip("\n"))
        return _fault(name, lines, offset, f"this is not TOML: {str(error).partition(' (at ')[0]}")


def _fault(name: str, lines: Lines, offset: int, message: str) -> Fault:
    line, column = lines.spot(offset)
    return Fault(name, line, column, message, lines.excerpt(offset))
