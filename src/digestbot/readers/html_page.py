"""A whole HTML page, taken apart in one pass: elements in order, each with the range of what it holds, and its lines.

::

    <td class="t"><a href="…">Title</a></td>     nodes   td 0:3   a 1:3   "Title" 2:3
    <td>A B, C D</td>                            lines   Title → …   |   A B, C D

There is no tree to walk and nothing recursive: an element is a range of a flat list. End tags that are missing or
stand astray are made up for as browsers do. Every pattern is linear in the length of the page.
"""

import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from digestbot.readers.markup import Anchor, decode_entities, flat

LONGEST_PAGE = 32 * 1024**2
"""Characters of a page. The largest mails of publishers have about one million."""

_DEEPEST = 100  # elements within each other; the deepest mails of publishers have 40
_TOKEN = re.compile(
    r"""<!--(?:-?>|.*?(?:--!?>|\Z))|<!\[CDATA\[|\]\]>|<[!?][^<>]*>"""
    r"""|<(?P<end>/?)(?P<name>[A-Za-z][A-Za-z0-9:-]{0,40}+)"""
    r"""(?P<attributes>(?=[\s/>])(?:[^<>"']++|"(?:[^"<]++|<(?![A-Za-z/!]))*+"|'(?:[^'<]++|<(?![A-Za-z/!]))*+'|["'])*+)>""",
    re.DOTALL,
)
_ATTRIBUTE = re.compile(r"""([^\s"'<>/=]++)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'<>]++)))?""")
_NEWLINE = re.compile("\n")
_NOT_SHOWN = re.compile(r"display\s*:\s*none", re.IGNORECASE)

# fmt: off
_VOID = frozenset((
    "br", "hr", "img", "wbr", "input", "link", "meta", "col", "source", "track", "area", "base", "embed", "param",
))
_RAW = frozenset(("script", "style", "textarea", "noscript", "iframe", "xmp", "svg"))
_BLOCKS = frozenset((
    "address", "article", "aside", "blockquote", "body", "center", "dd", "div", "dl", "dt", "fieldset", "figcaption",
    "figure", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "html", "li", "main", "nav", "ol",
    "option", "p", "pre", "section", "summary", "table", "tbody", "td", "tfoot", "th", "thead", "title", "tr", "ul",
))
_ENDED_BY = {  # what an opening tag ends, and within which element
    "li": (frozenset(("li",)), frozenset(("ul", "ol", "menu"))),
    "dt": (frozenset(("dt", "dd")), frozenset(("dl",))),
    "dd": (frozenset(("dt", "dd")), frozenset(("dl",))),
    "tr": (frozenset(("tr", "td", "th")), frozenset(("table",))),
    "td": (frozenset(("td", "th")), frozenset(("table", "tr"))),
    "th": (frozenset(("td", "th")), frozenset(("table", "tr"))),
    "a": (frozenset(("a",)), frozenset(("table", "td"))),
}
# fmt: on


@dataclass(slots=True)
class Node:
    """An element, or a piece of text: then `name` is empty."""

    name: str
    content: str
    """The attributes as written; of a piece of text, the text with its entities decoded."""
    place: int
    end: int
    """It holds the nodes from ``place + 1`` to ``end``, which is not included."""
    parent: int
    offset: int
    """Where it begins in the source, in characters."""

    @property
    def inside(self) -> tuple[int, int]:
        """The places of what it holds."""
        return self.place + 1, self.end

    def attribute(self, name: str) -> str:
        """Return the value of an attribute; "" when there is none."""
        if not self.name or name not in self.content.lower():
            return ""
        for found in _ATTRIBUTE.finditer(self.content):
            if found[1].lower() == name:
                return decode_entities(found[2] or found[3] or found[4] or "")
        return ""

    def is_a(self, kind: str) -> bool:
        """Tell whether `kind` is among its classes."""
        return kind in self.content and kind in self.attribute("class").split()


@dataclass(frozen=True, slots=True)
class PageLine:
    """What a person sees as one line, before it is wrapped."""

    text: str
    anchors: tuple[Anchor, ...]
    marks: str
    """Names and classes of the innermost elements around it, in small letters."""
    number: int
    """The line of the source, counted from 1."""


@dataclass(slots=True)
class Page:
    """The elements and texts of a page, in its order."""

    source: str
    nodes: list[Node] = field(default_factory=list)
    _breaks: list[int] = field(default_factory=list)

    def elements(self, name: str = "", kind: str = "", within: tuple[int, int] | None = None) -> Iterator[Node]:
        """Yield the elements with this name and of this class, in the page or between two places of it."""
        for place in range(*(within or (0, len(self.nodes)))):
            node = self.nodes[place]
            if node.name and (not name or node.name == name) and (not kind or node.is_a(kind)):
                yield node

    def first(self, name: str = "", kind: str = "", within: tuple[int, int] | None = None) -> Node | None:
        """Return the first of `elements`."""
        return next(self.elements(name, kind, within), None)

    def around(self, node: Node, kind: str) -> Node | None:
        """Return the nearest element around `node` of this class."""
        place = node.parent
        while place >= 0 and not self.nodes[place].is_a(kind):
            place = self.nodes[place].parent
        return self.nodes[place] if place >= 0 else None

    def words(self, node: Node | None) -> str:
        """Return what an element says, on one line."""
        return self.words_between(node.place, node.end) if node else ""

    def words_between(self, start: int, end: int) -> str:
        """Return what the nodes from `start` to `end` say, on one line."""
        parts = (
            " " if part.name in _BLOCKS or part.name == "br" else part.content if not part.name else ""
            for part in self.nodes[start:end]
        )
        return flat("".join(parts))

    def line_of(self, node: Node) -> int:
        """Return the line of the source in which a node begins, or the words of a piece of text."""
        if not self._breaks:
            self._breaks.extend([-1, *(found.start() for found in _NEWLINE.finditer(self.source))])
        lead = 0 if node.name else len(node.content) - len(node.content.lstrip())
        return bisect_right(self._breaks, node.offset + lead)

    def lines(self, start: int = 0, end: int | None = None) -> list[PageLine]:
        """Return the lines that the nodes from `start` to `end` make, without empty ones and what is not shown."""
        return _Lines(self, start, len(self.nodes) if end is None else end).walk()

    def links(self, node: Node) -> tuple[Anchor, ...]:
        """Return the links within an element."""
        found = ((part.attribute("href"), part) for part in self.elements("a", within=node.inside))
        return tuple(Anchor(flat(url), self.words(part)) for url, part in found if url)


def parse_page(text: str) -> Page:
    """Return the page that `text` is. Never raises; what is no HTML is one piece of text."""
    return _Builder(text[:LONGEST_PAGE]).build()


class _Builder:
    """Turns tags into ranges."""

    def __init__(self, source: str) -> None:
        self.page = Page(source)
        self.open: list[Node] = []
        self.names: Counter[str] = Counter()
        self.skipped: Counter[str] = Counter()

    def build(self) -> Page:
        source, place = self.page.source, 0
        while token := _TOKEN.search(source, place):
            self.say(source, place, token.start())
            place = token.end()
            name = (token["name"] or "").lower()
            if name and token["end"]:
                self.finish(name)
            elif name in _RAW and not token["attributes"].endswith("/"):
                place = _behind(source, name, place)
            elif name:
                self.begin(name, token["attributes"], token.start())
        self.say(source, place, len(source))
        self.close_down_to(0)
        return self.page

    def say(self, source: str, start: int, end: int) -> None:
        if start < end:
            self.add("", decode_entities(source[start:end]), start)

    def add(self, name: str, content: str, offset: int) -> Node:
        place = len(self.page.nodes)
        node = Node(name, content, place, place + 1, self.open[-1].place if self.open else -1, offset)
        self.page.nodes.append(node)
        return node

    def begin(self, name: str, attributes: str, offset: int) -> None:
        if name in _ENDED_BY:
            self.end_others(*_ENDED_BY[name])
        if name in _BLOCKS:
            self.end_paragraph()
        node = self.add(name, attributes, offset)
        if name in _VOID or (attributes.endswith("/") and name not in _BLOCKS and name != "a"):
            return
        if len(self.open) >= _DEEPEST:
            self.skipped[name] += 1
            return
        self.open.append(node)
        self.names[name] += 1

    def end_others(self, ended: frozenset[str], within: frozenset[str]) -> None:
        """End the open elements that cannot hold what begins, but none outside the list or table it is in."""
        if not any(self.names[name] for name in ended):
            return
        for depth in range(len(self.open) - 1, -1, -1):
            if self.open[depth].name in within:
                return
            if self.open[depth].name in ended:
                self.close_down_to(depth)
                if self.open and self.open[-1].name in ended:
                    continue
                return

    def end_paragraph(self) -> None:
        """End an open paragraph: it holds no blocks."""
        if self.names["p"]:
            for depth in range(len(self.open) - 1, -1, -1):
                if self.open[depth].name == "p":
                    self.close_down_to(depth)
                    return
                if self.open[depth].name in _BLOCKS:
                    return

    def finish(self, name: str) -> None:
        if self.skipped[name]:
            self.skipped[name] -= 1
        elif self.names[name]:
            depth = len(self.open) - 1
            while self.open[depth].name != name:
                depth -= 1
            self.close_down_to(depth)

    def close_down_to(self, depth: int) -> None:
        for node in self.open[depth:]:
            node.end = len(self.page.nodes)
            self.names[node.name] -= 1
        del self.open[depth:]


def _behind(source: str, name: str, place: int) -> int:
    """Return the place behind an element that holds no markup: a script, a style."""
    end = re.compile(rf"</{name}\s*>", re.IGNORECASE).search(source, place)
    return end.end() if end else len(source)


class _Lines:
    """One walk over a range of nodes, from break to break."""

    def __init__(self, page: Page, start: int, end: int) -> None:
        self.page, self.start, self.end = page, start, end
        self.lines: list[PageLine] = []
        self.parts: list[tuple[str, Node | None]] = []
        self.first: Node | None = None
        self.blocks: list[int] = []
        self.link: Node | None = None

    def walk(self) -> list[PageLine]:
        place, pre = self.start, 0
        while place < self.end:
            node = self.page.nodes[place]
            self.leave(place)
            if node.name == "title" or (node.name and _NOT_SHOWN.search(node.content)):
                place = node.end
                continue
            pre = node.end if node.name == "pre" else pre
            self.meet(node, as_written=place < pre)
            place += 1
        self.flush()
        return self.lines

    def leave(self, place: int) -> None:
        while self.blocks and self.blocks[-1] <= place:
            self.blocks.pop()
            self.flush()
        if self.link and self.link.end <= place:
            self.link = None

    def meet(self, node: Node, *, as_written: bool) -> None:
        if node.name in _BLOCKS:
            self.flush()
            self.blocks.append(node.end)
        elif node.name == "br":
            if self.link:
                self.parts.append((" ", self.link))
            else:
                self.flush()
        elif node.name == "a":
            self.link = node if node.attribute("href") else None
        elif not node.name:
            self.say(node, as_written=as_written)

    def say(self, node: Node, *, as_written: bool) -> None:
        for number, piece in enumerate(node.content.split("\n") if as_written else [node.content]):
            if number:
                self.flush()
            if self.first is None and piece.strip():
                self.first = node
            self.parts.append((piece, self.link))

    def flush(self) -> None:
        text = flat("".join(piece for piece, _ in self.parts))
        if text and self.first:
            self.lines.append(PageLine(text, self.anchors(), self.marks(self.first), self.page.line_of(self.first)))
        self.parts, self.first = [], None

    def anchors(self) -> tuple[Anchor, ...]:
        said: dict[int, list[str]] = {}
        for piece, link in self.parts:
            if link:
                said.setdefault(link.place, []).append(piece)
        found = ((self.page.nodes[place].attribute("href"), flat("".join(pieces))) for place, pieces in said.items())
        return tuple(Anchor(flat(url), words) for url, words in found if url)

    def marks(self, node: Node) -> str:
        found: list[str] = []
        parent = node.parent
        while parent >= 0 and len(found) < 5:
            element = self.page.nodes[parent]
            found.append(f"{element.name} {element.attribute('class')}".strip().lower())
            parent = element.parent
        return " ".join(reversed(found))
