"""Records in XML, each parsed on its own: one broken record is one reject, and only one is in memory at a time.

::

    bytes ─find→ spans of <record>…</record> ─expat→ a small tree each, names without prefixes

"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple
from xml.parsers import expat

from digestbot.errors import MalformedDigestError
from digestbot.models import Reject
from digestbot.readers.feed_text import spell_references
from digestbot.readers.markup import flat
from digestbot.readers.protocol import excerpt_of

_DEEPEST = 64  # levels of a record; PubMed's have some 12
_ENTITY = re.compile(rb"<!ENTITY", re.IGNORECASE)
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")  # XML 1.0, production 2
_BLOCKS = frozenset(("p", "br", "sec", "list", "list-item", "title", "div"))


@dataclass(slots=True)
class Element:
    """An element: its local name, its attributes, and what it holds in its order."""

    name: str
    attributes: dict[str, str]
    content: "list[Element | str]" = field(default_factory=list)

    def children(self, *names: str) -> "Iterator[Element]":
        """Yield the inner elements of these names; all, without names."""
        return (each for each in self.content if isinstance(each, Element) and (not names or each.name in names))

    def find(self, path: str) -> "Element | None":
        """Return the first element at ``a/b/c``."""
        return next(self.find_all(path), None)

    def find_all(self, path: str) -> "Iterator[Element]":
        """Yield the elements at ``a/b/c``."""
        name, _, rest = path.partition("/")
        for each in self.children(name):
            yield from each.find_all(rest) if rest else iter((each,))

    def text(self, path: str = "") -> str:
        """Return the text of the first element at `path` that has some, on one line."""
        elements = self.find_all(path) if path else iter((self,))
        return next((line for each in elements if (line := flat("".join(each.pieces())))), "")

    def texts(self, path: str) -> tuple[str, ...]:
        """Return the texts of all elements at `path`, each once."""
        return tuple(dict.fromkeys(line for each in self.find_all(path) if (line := each.text())))

    def pieces(self) -> Iterator[str]:
        """Yield the text and that of the inner elements; a block of HTML begins a line."""
        for each in self.content:
            if isinstance(each, str):
                yield each
            else:
                yield "\n" if each.name in _BLOCKS else ""
                yield from each.pieces()


_NO_PLACE: re.Match[bytes] | None = None


class Record(NamedTuple):
    """A record: where it begins, and its tree, or why it has none."""

    line: int
    element: Element | None
    reject: Reject | None = None
    is_cut: bool = False


def refuse_entities(data: bytes, source: str) -> None:
    """Raise MalformedDigestError for markup that declares entities of its own before its root."""
    root = re.search(rb"<[A-Za-z_]", data)
    found = _ENTITY.search(data, 0, root.start() if root else len(data))
    if found:
        reason = "declares entities of its own; no such file needs that, and it can exhaust the memory"
        raise MalformedDigestError(reason, source=source, line=data.count(b"\n", 0, found.start()) + 1)


def records_in(data: bytes, *names: str, first: str = "") -> Iterator[Record]:
    """Yield the records, the elements of these names, of markup in UTF-8; comments and CDATA are passed over.

    `first` names the element that each begins with, where others of the same name lie within.
    """
    begins = rf"(?=[^<>]{{0,2000}}>\s{{0,200}}<(?:[\w.-]{{1,60}}:)?{first}\b)" if first else ""
    starts = re.compile(
        rf"<!--.*?(?:-->|\Z)|<!\[CDATA\[.*?(?:\]\]>|\Z)|<(?P<name>(?:[\w.-]{{1,60}}:)?(?:{'|'.join(names)}))(?=[\s>/]){begins}".encode(),
        re.DOTALL,
    )
    line, seen, place = 1, 0, _NO_PLACE
    for found in starts.finditer(data):
        if not found["name"]:
            continue
        if place:
            yield _record(data[place.start() : found.start()].decode(), place["name"].decode(), line)
        line, seen, place = line + data.count(b"\n", seen, found.start()), found.start(), found
    if place:
        yield _record(data[place.start() :].decode(), place["name"].decode(), line)


def _record(chunk: str, name: str, line: int) -> Record:
    """Parse a record out of the text from its beginning to the next one's."""
    close = _last_end(chunk, name)
    if close < 0:
        if alone := re.match(r"<[^<>]*/>", chunk):
            return Record(line, _parse(alone[0])[0])
        return Record(line, None, Reject(line, "the file ends inside this record", excerpt_of(chunk)), is_cut=True)
    whole = _FORBIDDEN.sub(" ", chunk[: close + 1])
    element, fault = _parse(whole)
    if element is None:
        element, second = _parse(spell_references(whole))
        fault = second and fault
    if element is None:
        return Record(line, None, Reject(line, f"is no well-formed XML: {fault}", excerpt_of(chunk)))
    return Record(line, element)


def _last_end(chunk: str, name: str) -> int:
    """Return where the last end tag of this name closes, or -1."""
    place = len(chunk)
    while (place := chunk.rfind(f"</{name}", 0, place)) >= 0:
        if chunk[place + len(name) + 2 : place + len(name) + 3] in (">", " ", "\n", "\t", "\r"):
            return chunk.find(">", place)
    return -1


class _TooDeepError(Exception):
    """A record that is nested more deeply than any is."""


class _Builder:
    """Builds the tree of one record."""

    def __init__(self) -> None:
        self.root: Element | None = None
        self._open: list[Element] = []

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if len(self._open) >= _DEEPEST:
            raise _TooDeepError
        local = {key.rpartition(":")[2]: value for key, value in attributes.items() if not key.startswith("xmlns")}
        element = Element(name.rpartition(":")[2], local)
        if self._open:
            self._open[-1].content.append(element)
        else:
            self.root = element
        self._open.append(element)

    def end(self, _: str) -> None:
        self._open.pop()

    def text(self, data: str) -> None:
        if self._open:
            self._open[-1].content.append(data)


def _parse(markup: str) -> tuple[Element | None, str]:
    """Return the tree of a record, or None and why."""
    builder = _Builder()
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartElementHandler, parser.EndElementHandler = builder.start, builder.end
    parser.CharacterDataHandler = builder.text
    try:
        parser.Parse(markup.encode("utf-8", "replace"), True)
    except expat.ExpatError as error:
        return None, expat.ErrorString(error.code)
    except _TooDeepError:
        return None, "nested too deeply"
    return builder.root, ""
