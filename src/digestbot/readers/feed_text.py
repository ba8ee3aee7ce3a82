"""The text of an XML feed, made ready for feedparser: where it starts, where its entries are, mended, and safe.

::

    bytes ─root→ body ─guard→ body ─well-formed?→ yes: as it is
                                   │ cut off:     what is complete, with the end tags it lacks
                                   │ bad refs:    &nbsp; and stray & written as XML wants them
                                   └ else:        as it is; feedparser's loose parser makes the best of it

What nobody's feed looks like is refused before any parser sees it: entities of its own (the "billion
laughs"), hundreds of namespaces, thousands of tags on one entry, names of thousands of letters. Each of
them costs a parser time or memory out of all proportion to its size.
"""

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass
from xml.parsers import expat

from digestbot.errors import MalformedDigestError

ROOTS = frozenset({"rss", "rdf", "feed", "entry"})
"""Local names of the elements that feeds begin with."""

_NAME = re.compile(r"<((?:[A-Za-z_][\w.-]{0,60}:)?([A-Za-z_][\w.-]{0,60}))")
_ENTITY = re.compile(rb"<!ENTITY", re.IGNORECASE)
_LATE_ROOT = re.compile(r"<(?:(?:\w{1,20}:)?RDF|rss|feed)\s[^<>]*?\b(?:version|xmlns)\b", re.IGNORECASE)
_ENTRY = re.compile(
    rb"<!--.*?(?:-->|\Z)|<!\[CDATA\[.*?(?:\]\]>|\Z)|<(/?)((?:[A-Za-z_][\w.-]{0,60}:)?(?:item|entry))(?=[\s/>])([^<>]*>)?",
    re.DOTALL | re.IGNORECASE,
)
_REFERENCE = re.compile(
    r"(<!\[CDATA\[.*?(?:\]\]>|\Z))|&(#[0-9]{1,7};|#[xX][0-9a-fA-F]{1,6};|[A-Za-z][A-Za-z0-9]{1,31};)?", re.DOTALL
)
_FORBIDDEN = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f]|\xef\xbf[\xbe\xbf]")  # XML 1.0, production 2
_FORBIDDEN_LETTERS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_PREFIX = re.compile(rb"xmlns:(?<!\wxmlns:)([\w.-]{1,60})\s*=")
_TAGS = re.compile(rb"<(?:[\w.-]{1,60}:)?(?:category|subject|keywords|tags)\b", re.IGNORECASE)
_PERSON = re.compile(
    rb"<((?:[\w.-]{1,60}:)?(?:author|creator|contributor|managingeditor|webmaster|publisher|owner))\b[^<>]*>",
    re.IGNORECASE,
)
_MOST_PREFIXES, _MOST_TAGS, _MOST_COMMAS, _LONGEST_NAME = 100, 1000, 5000, 300
_HEAD, _LATEST_ROOT, _BLOCK = 1 << 16, 20_000, 1 << 16
DECLARATION = b"<?xml version='1.0' encoding='utf-8'?>\n"


@dataclass(frozen=True, slots=True)
class Root:
    """The root element: its local name in lower case, its name as written, and where it begins."""

    name: str
    qualified: str
    start: int


@dataclass(frozen=True, slots=True)
class Span:
    """One entry in the bytes. `end` is None when the file ends inside it."""

    start: int
    end: int | None
    line: int


@dataclass(frozen=True, slots=True)
class FeedText:
    """A feed ready to be parsed."""

    data: bytes
    """The digest. Offsets of `spans` are its own."""
    xml: bytes
    """The same, mended."""
    begin: int
    """Where the root element of `xml` begins: what feedparser gets."""
    spans: tuple[Span, ...]
    fault: str = ""
    """Why it is not well-formed, with the line."""
    cut: bool = False
    """True when the file ends before the feed does."""
    sound: bool = True
    """True when `xml` is well-formed, mended or not."""

    def raw(self, span: Span | None) -> str:
        """Return an entry as it stands in the digest."""
        return self.data[span.start : span.end].decode("utf-8", "replace") if span else ""


def find_root(text: str) -> Root | None:
    """Return the root element, past a prolog and past what a web server printed before it."""
    place = 0
    while (place := text.find("<", place)) >= 0:
        if named := _NAME.match(text, place):
            return _feed_root(text, named)
        place = _past(text, place)
    return None


def _feed_root(text: str, named: re.Match[str]) -> Root:
    """Return the first element, or a feed's own root that stands behind a server's ``<br>`` and ``<b>``."""
    if named[2].lower() in ("br", "b") and (late := _LATE_ROOT.search(text, named.start(), named.start() + 16384)):
        named = _NAME.match(text, late.start()) or named
    return Root(named[2].lower(), named[1], named.start())


def _past(text: str, place: int) -> int:
    """Return the place behind a comment, an instruction, a document type or a stray ``<``."""
    for opening, closing in (("<!--", "-->"), ("<?", "?>"), ("<!", ">")):
        if text.startswith(opening, place):
            end = text.find(closing, place + len(opening))
            return len(text) if end < 0 else end + len(closing)
    return place + 1


def prepare(data: bytes, source: str) -> FeedText:
    """Return the feed in `data`, which is UTF-8. Raises MalformedDigestError when it is none, or not safe to parse."""
    root = _root_of(data)
    if root is None:
        raise MalformedDigestError("has no XML element in it; fetch the feed again", source=source)
    if root.name not in ROOTS:
        raise MalformedDigestError(f"is no feed: it begins with <{root.qualified}>", source=source)
    if found := _ENTITY.search(data, 0, root.start):
        reason = "declares entities of its own; no feed needs that, and it can exhaust the memory"
        raise MalformedDigestError(reason, source=source, line=_line(data, found.start()))
    if root.name == "entry":  # RFC 4287 lets one entry of Atom be a document
        data = b"%b<feed>%b</feed>" % (data[: root.start], data[root.start :])
        root = Root("feed", "feed", root.start)
    spans = tuple(find_spans(data, root.start))
    _guard(data, root, spans, source)
    return _mend(data, root, spans)


def _root_of(data: bytes) -> Root | None:
    """Return the root element, its place in bytes. It seldom takes more than the head to find it."""
    for size in (_HEAD, len(data)):
        text = data[:size].decode("utf-8", "replace")
        root = find_root(text)
        if root and (size >= len(data) or root.start + _LATEST_ROOT < len(text)):
            return Root(root.name, root.qualified, len(text[: root.start].encode()))
    return None


def _line(data: bytes, place: int) -> int:
    return data.count(b"\n", 0, place) + 1


def find_spans(data: bytes, begin: int = 0) -> Iterator[Span]:
    """Yield the entries from `begin` on. Comments and CDATA sections are passed over; entries do not nest."""
    seen, start, name, line = begin, -1, b"", _line(data, begin)
    for found in _ENTRY.finditer(data, begin):
        if not found[2] or (name and found[2] != name):
            continue
        name = found[2]
        if not found[1]:
            if start >= 0:  # the one before has no end tag
                yield Span(start, found.start(), line)
            line, seen, start = line + data.count(b"\n", seen, found.start()), found.start(), found.start()
        if start >= 0 and found[3] and (found[1] or found[3].endswith(b"/>")):
            yield Span(start, found.end(), line)
            start = -1
    if start >= 0:
        yield Span(start, None, line)


def _guard(data: bytes, root: Root, spans: tuple[Span, ...], source: str) -> None:
    """Raise MalformedDigestError for what would cost a parser out of proportion to its size."""
    if len({found[1] for found in _PREFIX.finditer(data, root.start)}) > _MOST_PREFIXES:
        raise MalformedDigestError(f"declares more than {_MOST_PREFIXES} namespaces; it is no feed", source=source)
    starts = [root.start, *(span.start for span in spans)]
    for number, (start, end) in enumerate(zip(starts, [*starts[1:], len(data)], strict=True)):
        if end - start > _MOST_COMMAS and _has_thousands_of_tags(data[start:end]):
            line = spans[number - 1].line if number else _line(data, start)
            raise MalformedDigestError("an entry has thousands of tags; it is no feed", source=source, line=line)
    if line := _monstrous_name(data, root.start):
        reason = f"a name has more than {_LONGEST_NAME} letters without a space; it is no feed"
        raise MalformedDigestError(reason, source=source, line=line)


def _has_thousands_of_tags(part: bytes) -> bool:
    tags = len(_TAGS.findall(part))
    return tags > _MOST_TAGS or (tags > 0 and part.count(b",") > _MOST_COMMAS)


def _monstrous_name(data: bytes, place: int) -> int:
    """Return the line where a person's name is too long for a search for mail addresses in it, or 0."""
    while found := _PERSON.search(data, place):
        place = data.find(b"</" + found[1], found.end())
        place = len(data) if place < 0 else place
        if place - found.end() > _LONGEST_NAME:
            inner = data[found.end() : place].decode("utf-8", "replace")
            text = re.sub(r"<!--.*?(?:-->|\Z)|<!\[CDATA\[|\]\]>|<[^<>]*>", "", inner, flags=re.DOTALL)
            words = re.split(r"[\s,;]", re.sub(r"&#?\w{1,9};", "x", text))
            if max(map(len, words)) > _LONGEST_NAME:
                return _line(data, found.start())
    return 0


def _mend(data: bytes, root: Root, spans: tuple[Span, ...]) -> FeedText:
    """Return the feed as well-formed as it can be made without guessing."""
    first = _line(data, root.start)
    allowed, fault = data, _fault(data, root.start, first)
    if fault and _FORBIDDEN.search(data):
        allowed = _FORBIDDEN.sub(lambda found: b" " * len(found[0]), data)
        fault = _fault(allowed, root.start, first)
    if not fault:
        return FeedText(data, allowed, root.start, spans)
    name = root.qualified.encode()
    end = allowed.rfind(b"</" + name, root.start)
    ended = _completed(allowed, root, spans) if end < 0 else b"%b</%b>" % (allowed[root.start : end], name)
    sound = not _fault(ended, 0, first)
    if not sound:
        written = spell_references(ended.decode()).encode()
        sound = not _fault(written, 0, first)
        ended = written if sound else ended
    return FeedText(data, ended, 0, spans, fault, cut=end < 0, sound=sound)


def _fault(xml: bytes, begin: int, first: int) -> str:
    """Return why `xml` from `begin` on is not well-formed, or ""."""
    parser = expat.ParserCreate("utf-8", namespace_separator=" ")
    try:
        for start in range(begin, len(xml), _BLOCK):
            parser.Parse(xml[start : start + _BLOCK], False)
        parser.Parse(b"", True)
    except expat.ExpatError as error:
        return f"line {error.lineno - 1 + first}: {expat.ErrorString(error.code)}"
    return ""


def _completed(data: bytes, root: Root, spans: tuple[Span, ...]) -> bytes:
    """Return what is complete of a feed that was cut off, with the end tags it lacks."""
    ends = [span.end for span in spans if span.end is not None]
    if not ends:
        return data[root.start :]
    alone = root.name != "rss" or data.find(b"<channel", root.start, spans[0].start) < 0
    names = [root.qualified] if alone else ["channel", "rss"]
    return data[root.start : ends[-1]] + "".join(f"</{name}>" for name in names).encode()


def spell_references(text: str) -> str:
    """Return markup with references as XML knows them: ``&nbsp;`` as a number, a stray ``&`` escaped."""
    return _REFERENCE.sub(_written, text)


def _written(found: re.Match[str]) -> str:
    """Return a reference as XML knows it: a number for an HTML name, an escape for what is none."""
    if found[1]:
        return found[0]
    name = found[2] or ""
    if name in ("amp;", "lt;", "gt;", "quot;", "apos;"):
        return found[0]
    letters = html.unescape(found[0]) if name else "&"
    if letters == found[0] or _FORBIDDEN_LETTERS.search(letters):
        return f"&amp;{name}" if name[:1] != "#" else "\ufffd"
    return "".join(f"&#{ord(letter)};" for letter in letters)
