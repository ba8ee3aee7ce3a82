"""The text of an XML feed, made ready for feedparser: where it starts, where its entries are, mended, and safe.

::

    text ─root→ body ─guard→ body ─well-formed?→ yes: as it is
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
_ENTITY = re.compile(r"<!ENTITY", re.IGNORECASE)
_LATE_ROOT = re.compile(r"<(?:(?:\w{1,20}:)?RDF|rss|feed)\s[^<>]*?\b(?:version|xmlns)\b", re.IGNORECASE)
_ENTRY = re.compile(
    r"<!--.*?(?:-->|\Z)|<!\[CDATA\[.*?(?:\]\]>|\Z)|<(/?)((?:[A-Za-z_][\w.-]{0,60}:)?(?:item|entry))(?=[\s/>])([^<>]*>)?",
    re.DOTALL | re.IGNORECASE,
)
_REFERENCE = re.compile(
    r"(<!\[CDATA\[.*?(?:\]\]>|\Z))|&(#[0-9]{1,7};|#[xX][0-9a-fA-F]{1,6};|[A-Za-z][A-Za-z0-9]{1,31};)?", re.DOTALL
)
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")  # XML 1.0, production 2
_PREFIX = re.compile(r"\bxmlns:([\w.-]{1,60})\s*=")
_TAGS = re.compile(r"<(?:[\w.-]{1,60}:)?(?:category|subject|keywords|tags)\b", re.IGNORECASE)
_PERSON = re.compile(
    r"<((?:[\w.-]{1,60}:)?(?:author|creator|contributor|managingeditor|webmaster|publisher|owner))\b[^<>]*>",
    re.IGNORECASE,
)
_MOST_PREFIXES, _MOST_TAGS, _MOST_COMMAS, _LONGEST_NAME = 100, 1000, 5000, 300
_DECLARATION = "<?xml version='1.0' encoding='utf-8'?>\n"


@dataclass(frozen=True, slots=True)
class Root:
    """The root element: its local name in lower case, its name as written, and where it begins."""

    name: str
    qualified: str
    start: int


@dataclass(frozen=True, slots=True)
class Span:
    """One entry in the text. `end` is None when the file ends inside it."""

    start: int
    end: int | None
    line: int


@dataclass(frozen=True, slots=True)
class FeedText:
    """A feed ready to be parsed."""

    text: str
    """From the root element on, as it stands in the digest. Offsets of `spans` are its own."""
    xml: bytes
    """What feedparser gets."""
    spans: tuple[Span, ...]
    fault: str = ""
    """Why it is not well-formed, with the line."""
    cut: bool = False
    """True when the file ends before the feed does."""


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


def prepare(text: str, source: str) -> FeedText:
    """Return the feed in `text`. Raises MalformedDigestError when it is none, or not safe to parse."""
    root = find_root(text)
    if root is None:
        raise MalformedDigestError("has no XML element in it; fetch the feed again", source=source)
    if root.name not in ROOTS:
        raise MalformedDigestError(f"is no feed: it begins with <{root.qualified}>", source=source)
    if found := _ENTITY.search(text, 0, root.start):
        reason = "declares entities of its own; no feed needs that, and it can exhaust the memory"
        raise MalformedDigestError(reason, source=source, line=_line(text, found.start()))
    first = _line(text, root.start)
    body = text[root.start :]
    if root.name == "entry":  # RFC 4287 lets one entry of Atom be a document
        body, root = f"<feed>{body}</feed>", Root("feed", "feed", root.start)
    spans = tuple(_spans(body, first))
    _guard(body, spans, first, source)
    return _mend(body, root, spans, first)


def _line(text: str, place: int) -> int:
    return text.count("\n", 0, place) + 1


def _spans(body: str, line: int) -> Iterator[Span]:
    """Yield the entries. Comments and CDATA sections are passed over; entries do not nest."""
    seen, start, name = 0, -1, ""
    for found in _ENTRY.finditer(body):
        if not found[2] or (name and found[2] != name):
            continue
        name = found[2]
        if not found[1]:
            if start >= 0:  # the one before has no end tag
                yield Span(start, found.start(), line)
            line, seen, start = line + body.count("\n", seen, found.start()), found.start(), found.start()
        if start >= 0 and found[3] and (found[1] or found[3].endswith("/>")):
            yield Span(start, found.end(), line)
            start = -1
    if start >= 0:
        yield Span(start, None, line)


def _guard(body: str, spans: tuple[Span, ...], first: int, source: str) -> None:
    """Raise MalformedDigestError for what would cost a parser out of proportion to its size."""
    if len(set(_PREFIX.findall(body))) > _MOST_PREFIXES:
        raise MalformedDigestError(f"declares more than {_MOST_PREFIXES} namespaces; it is no feed", source=source)
    starts = [0, *(span.start for span in spans)]
    for number, (start, end) in enumerate(zip(starts, [*starts[1:], len(body)], strict=True)):
        part = body[start:end]
        tags = len(_TAGS.findall(part))
        if tags > _MOST_TAGS or (tags and part.count(",") > _MOST_COMMAS):
            line = spans[number - 1].line if number else first
            raise MalformedDigestError("an entry has thousands of tags; it is no feed", source=source, line=line)
    if line := _monstrous_name(body):
        reason = f"a name has more than {_LONGEST_NAME} letters without a space; it is no feed"
        raise MalformedDigestError(reason, source=source, line=line + first - 1)


def _monstrous_name(body: str) -> int:
    """Return the line where a person's name is too long for a search for mail addresses in it, or 0."""
    place = 0
    while found := _PERSON.search(body, place):
        place = body.find(f"</{found[1]}", found.end())
        place = len(body) if place < 0 else place
        if place - found.end() > _LONGEST_NAME:
            text = re.sub(
                r"<!--.*?(?:-->|\Z)|<!\[CDATA\[|\]\]>|<[^<>]*>", "", body[found.end() : place], flags=re.DOTALL
            )
            words = re.split(r"[\s,;]", re.sub(r"&#?\w{1,9};", "x", text))
            if max(map(len, words)) > _LONGEST_NAME:
                return _line(body, found.start())
    return 0


def _mend(body: str, root: Root, spans: tuple[Span, ...], first: int) -> FeedText:
    """Return the feed as well-formed as it can be made without guessing."""
    allowed = _FORBIDDEN.sub(" ", body)
    fault = _fault(allowed, first)
    if not fault:
        return FeedText(body, _xml(allowed), spans)
    end = allowed.rfind(f"</{root.qualified}")
    cut = end < 0
    allowed = _completed(allowed, root, spans) if cut else f"{allowed[:end]}</{root.qualified}>"
    if _fault(allowed, first):
        written = spell_references(allowed)
        allowed = allowed if _fault(written, first) else written
    return FeedText(body, _xml(allowed), spans, fault, cut)


def _xml(body: str) -> bytes:
    return (_DECLARATION + body).encode()


def _fault(body: str, first: int) -> str:
    """Return why `body` is not well-formed XML, or ""."""
    try:
        expat.ParserCreate(namespace_separator=" ").Parse(_xml(body), True)
    except expat.ExpatError as error:
        return f"line {error.lineno - 2 + first}: {expat.ErrorString(error.code)}"
    return ""


def _completed(body: str, root: Root, spans: tuple[Span, ...]) -> str:
    """Return what is complete of a feed that was cut off, with the end tags it lacks."""
    whole = [span for span in spans if span.end is not None]
    if not whole:
        return body
    ends = [root.qualified] if "<channel" not in body[: whole[0].start] or root.name != "rss" else ["channel", "rss"]
    return body[: whole[-1].end] + "".join(f"</{name}>" for name in ends)


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
    if letters == found[0] or _FORBIDDEN.search(letters):
        return f"&amp;{name}" if name[:1] != "#" else "\ufffd"
    return "".join(f"&#{ord(letter)};" for letter in letters)
