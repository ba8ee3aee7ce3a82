"""HTML as feeds carry it, turned into text that can be read, matched and quoted.

Tags go, entities are decoded, scripts and styles are dropped with what they hold, paragraphs stay
paragraphs, and the target of each link is kept. What only looks like a tag (``n<m and p>0``,
``a<b>c`` without an end tag) is text and stays. Every pattern here is linear in the length of the text.
"""

import html
import re
from dataclasses import dataclass

_TAG = re.compile(
    r"""<!--.*?(?:-->|\Z)|<!\[CDATA\[|\]\]>|<!DOCTYPE[^<>]{0,500}>|<(/?)((?:[A-Za-z]{1,8}:)?[A-Za-z][A-Za-z0-9]{0,15})"""
    r"""((?=[\s/>])(?:[^<>"']++|"[^"<]*+"|'[^'<]*+')*+)>""",
    re.DOTALL,
)
_END_TAG = re.compile(r"</(?:[A-Za-z]{1,8}:)?([A-Za-z][A-Za-z0-9]{0,15})\s*>")
_HREF = re.compile(r"""\bhref\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))""", re.IGNORECASE)
_ENTITY = re.compile(r"&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")
_ALONE_TAG = re.compile(
    r"<(?:br|p|img|hr)\s*/?>|<(?:img|embed|link|meta|input|base|body|frame|object|iframe)\s[^<>]{0,2000}?=[^<>]{0,2000}>",
    re.IGNORECASE,
)
_CONTROLS = re.compile(r"[\x00-\x08\x0e-\x1b\x7f\ud800-\udfff]")

# fmt: off
_ALONE = frozenset((
    "br", "hr", "img", "wbr", "input", "link", "meta", "col", "source", "track", "area", "base", "embed", "param",
    "p", "li", "dt", "dd", "tr", "td", "th", "frame", "basefont",
))
_BLOCKS = frozenset((
    "p", "div", "br", "li", "tr", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "dl", "dt", "dd", "table",
    "section", "article", "blockquote", "pre", "hr", "sec", "title", "figure",
))
_HIDDEN = frozenset((
    "script", "style", "head", "template", "noscript", "svg", "iframe", "object", "select", "textarea",
    "applet", "frameset", "noframes",
))
_INLINE = frozenset((
    "a", "abbr", "acronym", "address", "aside", "b", "bdi", "big", "body", "bold", "button", "caption", "center",
    "cite", "code", "data", "del", "details", "dfn", "em", "fieldset", "figcaption", "font", "footer", "form",
    "header", "html", "i", "ins", "italic", "kbd", "label", "main", "mark", "nav", "picture", "q", "s", "samp", "sc",
    "small", "span", "strike", "strong", "sub", "summary", "sup", "tbody", "tfoot", "thead", "time", "tt", "u",
    "underline", "var", "video", "audio", "math", "mi", "mn", "mo", "mrow", "msub", "msup", "msubsup", "mfrac",
    "mtext", "msqrt", "mover", "munder", "mspace", "mstyle", "semantics", "blink", "marquee",
))
# fmt: on
_KNOWN = _ALONE | _BLOCKS | _HIDDEN | _INLINE


@dataclass(frozen=True, slots=True)
class Anchor:
    """A link of a piece of HTML: where it goes, and the words a person clicks."""

    url: str
    words: str


def flat(text: str) -> str:
    """Return `text` on one line: trimmed, each run of white space one space, no control characters."""
    if text.isprintable() and "  " not in text:  # what is printable holds no white space but the space
        return text.strip(" ")
    line = " ".join(text.split())
    return line if line.isprintable() else _CONTROLS.sub("\ufffd", line)


def paragraphs(text: str) -> str:
    """Return plain text with its lines joined; where a blank line was, one newline stays."""
    if "\n" not in text:
        return flat(text)
    parts = (flat(part) for part in re.split(r"\n\s*\n", text))
    return "\n".join(part for part in parts if part)


def looks_like_html(text: str) -> bool:
    """Tell whether `text` has an end tag of HTML, a line break or an entity in it."""
    if "<" in text:
        ends = (name.lower() in _KNOWN for name in _END_TAG.findall(text))
        if any(ends) or _ALONE_TAG.search(text):
            return True
    return "&" in text and _ENTITY.search(text) is not None


def html_to_line(text: str) -> str:
    """Return HTML as text on one line: a title, a name."""
    return flat(html_to_text(text)[0])


def html_to_text(text: str) -> tuple[str, tuple[Anchor, ...]]:
    """Return HTML as text with one line a paragraph, and its links in order."""
    if "<" not in text:
        return paragraphs(decode_entities(text)), ()
    page = _Page(text)
    page.walk()
    lines = (flat(line) for line in "".join(page.pieces).split("\n"))
    return "\n".join(line for line in lines if line), tuple(page.anchors)


def decode_entities(text: str) -> str:
    """Return `text` with its entities decoded. They must end in a semicolon: ``&copy=`` belongs to an address."""
    return _ENTITY.sub(lambda found: html.unescape(found[0]), text) if "&" in text else text


class _Page:
    """One walk over the tags of a piece of HTML."""

    def __init__(self, source: str) -> None:
        self.source = source
        self.pieces: list[str] = []
        self.anchors: list[Anchor] = []
        self._closed = {name.lower() for name in _END_TAG.findall(source)}
        self._hidden = ""
        self._link: tuple[str, int] | None = None

    def walk(self) -> None:
        """Fill `pieces` and `anchors`."""
        place = 0
        for tag in _TAG.finditer(self.source):
            name = tag[2].rpartition(":")[2].lower() if tag[2] else ""
            if name and not self._is_tag(name, tag[3]):
                continue
            self._say(self.source[place : tag.start()])
            place = tag.end()
            if name:
                self._meet(name, closing=bool(tag[1]), attributes=tag[3])
        self._say(self.source[place:])
        self._end_link()

    def _is_tag(self, name: str, attributes: str) -> bool:
        known = name in _ALONE or name in self._closed or (name in _HIDDEN and "=" in attributes)
        return known and name in _KNOWN

    def _say(self, text: str) -> None:
        if text and not self._hidden:
            self.pieces.append(decode_entities(" ".join(text.split("\n"))))

    def _meet(self, name: str, *, closing: bool, attributes: str) -> None:
        if self._hidden:
            self._hidden = "" if closing and name == self._hidden else self._hidden
        elif name in _HIDDEN:
            self._hidden = "" if closing or attributes.endswith("/") or name not in self._closed else name
        elif name == "a":
            self._end_link()
            if not closing and (href := _HREF.search(attributes)):
                self._link = (decode_entities(href[1] or href[2] or href[3] or ""), len(self.pieces))
        elif name in _BLOCKS:
            self.pieces.append("\n")
        elif name in ("td", "th"):
            self.pieces.append(" ")

    def _end_link(self) -> None:
        if self._link:
            url, start = self._link
            self.anchors.append(Anchor(flat(url), flat("".join(self.pieces[start:]))))
            self._link = None
