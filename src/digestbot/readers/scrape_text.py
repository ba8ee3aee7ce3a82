"""A web page as a scraper leaves it, brought to plain lines that know where they lead.

::

    ### [Title](https://…)         [Title][32] … [32]: https://…         Title
    [Abstract over                                                       (empty)
    lines](https://…)              links as footnotes                    https://…        label and address in turn

Links are found with a stack, for their words may run over lines and hold brackets; nothing is searched twice.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

from digestbot.readers.markdown_inline import plain

_BRACKET = re.compile(r"[\[\]]")
_MOST_URLS, _LONGEST_HEADING = 20, 1_000
_DEEPEST = 20  # brackets within brackets
_IMAGE = re.compile(r"!\[[^\[\]]{0,300}+\](?:\([^()\s]{0,2000}+(?:\s\"[^\"]{0,300}+\")?\)|\[[0-9]{1,5}\])?")
_LABELLED_IMAGE = re.compile(r"\[(?:图片|image|img)\s*[:：][^\[\]]{0,200}\]|\[[\w' .-]{1,60}'s logo\]", re.IGNORECASE)
_END = re.compile(
    r"\]\(\s{0,3}<?([^()\s<>]{1,2000}+(?:\([^()\s]{0,200}+\)[^()\s<>]{0,2000}+)?)>?(?:\s{1,3}\"[^\"]{0,500}+\")?\s{0,3}\)"
    r"|\]\[([0-9]{1,5})\]"
)
_FOOTNOTE = re.compile(
    r"^\s{0,4}(?:\[([0-9]{1,5})\]:?|([0-9]{1,5})\.)\s{1,4}<?(https?://\S{1,2000})>?\s*$", re.MULTILINE
)
_HEADING = re.compile(r"\s{0,3}(#{1,6})\s+(.*)", re.DOTALL)
_BARE = re.compile(r"<?(https?://\S{1,2000}?)>?")
_BREAKS = re.compile(r"\\+\n|\\\s{2,4}")
_FENCE = ("```", "~~~")
_BULLET = re.compile(r"(?:[-*+•]\s+)+(?=\S)|^[-*+•]$")
_HUB_WORDS = re.compile(
    r"get trending papers in your (?:email )?inbox|\bAK\b[^\n]{0,80}and the (?:AI )?research community"
    r"|(?:daily|trending) papers - hugging face",
    re.IGNORECASE,
)
_TRACES = re.compile(
    r"\]\((?:https?://(?:www\.)?huggingface\.co)?/(?:papers|login\?next)|\]\[[0-9]{1,5}\]|^\s{0,3}https?://huggingface\.co/papers/[0-9]"
    r"|^\s{0,3}#{2,4} \S|^(?:URL Source|Markdown Content):",
    re.MULTILINE,
)
_MARKER, _HELD = "\ue000", re.compile("\ue000([0-9]+)\ue001")


class PageLine(NamedTuple):
    """A line as a person sees it: its number, its words, where they lead, and its level when it is a heading."""

    number: int
    text: str
    urls: tuple[str, ...] = ()
    level: int = 0
    blank_before: bool = False
    indent: int = 0


def page_lines(text: str) -> Iterator[PageLine]:
    """Yield the lines of a scraped page without empty ones. An address alone belongs to the line above it."""
    notes = {found[1] or found[2]: found[3] for found in _FOOTNOTE.finditer(text)}
    last: PageLine | None = None
    for line in _lines(text, notes):
        address = _BARE.fullmatch(line.text)
        if address and last is not None:
            last = last._replace(urls=(*last.urls[:_MOST_URLS], address[1]))
        elif last is not None and last.level and _is_rest(line) and len(last.text) < _LONGEST_HEADING:
            last = last._replace(text=f"{last.text} {line.text}")  # a heading that was wrapped
        else:
            if last is not None:
                yield last
            last = line
    if last is not None:
        yield last


def _is_rest(line: PageLine) -> bool:
    """Return whether a line is indented below the one above it and may go on with it."""
    return line.indent > 1 and not line.level and not line.blank_before


def _lines(text: str, notes: dict[str, str]) -> Iterator[PageLine]:
    """Yield the lines with their links taken out; links that run over several lines give each of them their address."""
    flat, urls = _without_links(_IMAGE.sub("", text.replace(_MARKER, " ").replace("\ue001", " ")), notes)
    blank = False
    for number, raw in enumerate(flat.split("\n"), 1):
        held = tuple(dict.fromkeys(urls[int(place)] for place in _HELD.findall(raw)))
        words = _LABELLED_IMAGE.sub(" ", _HELD.sub("", raw))
        heading = _HEADING.fullmatch(words)
        shown = plain(heading[2] if heading else words)
        shown = shown if heading else _BULLET.sub("", shown).strip()
        if not shown.strip("[]()|\\ ") or shown.startswith(_FENCE):
            blank = blank or not held
            continue
        level, indent = len(heading[1]) if heading else 0, len(words) - len(words.lstrip())
        yield PageLine(number, shown, tuple(url for url in held if url), level, blank, indent)
        blank = False


def _without_links(text: str, notes: dict[str, str]) -> tuple[str, list[str]]:
    """Return the text without the brackets of links, a mark on each line of a link, and the addresses of the marks."""
    pieces: list[str] = []
    opened: list[int] = []  # places in `pieces` where a bracket opened
    urls: list[str] = []
    place = 0
    while found := _BRACKET.search(text, place):
        pieces.append(text[place : found.start()])
        end = _END.match(text, found.start()) if found[0] == "]" else None
        if found[0] == "[" and len(opened) < _DEEPEST:
            opened.append(len(pieces))
            pieces.append("[")
            place = found.end()
        elif opened and end:
            start = opened.pop()
            urls.append(end[1] or notes.get(end[2], ""))
            mark = f"{_MARKER}{len(urls) - 1}\ue001"
            heading = _is_heading(pieces, start)
            inner = "".join(pieces[start + 1 :])
            inner = _BREAKS.sub(" " if heading else "\n", inner)
            inner = " ".join(inner.split()) if heading else inner.replace("\n", f"{mark}\n")
            before = pieces[start - 1][-1:] if start else ""
            pieces[start:] = [f"{' ' if before.isalnum() and inner[:1].isalnum() else ''}{inner}{mark}"]
            place = end.end()
        else:
            if opened and found[0] == "]":
                opened.pop()
            pieces.append(found[0])
            place = found.end()
    pieces.append(text[place:])
    return "".join(pieces), urls


def _is_heading(pieces: list[str], start: int) -> bool:
    """Return whether the bracket at `start` stands in a heading: its words are one line then."""
    before = pieces[start - 1] if start else ""
    return before.rpartition("\n")[2].lstrip().startswith("#")


def is_scraped(text: str) -> bool:
    """Return whether a text is a hub's page of papers with the traces of a scraper: links, footnotes, headings."""
    head = text[:200_000]
    return _HUB_WORDS.search(head) is not None and _TRACES.search(head) is not None
