"""The words of a publisher's alert as lines, whether it came as HTML or as text; and what a line can be.

A line of text that was broken at a margin is put together again; an address on it becomes a link, as HTML has them.
"""

import re
from collections.abc import Iterator
from dataclasses import replace

from digestbot.readers.alert_words import FURNITURE, IMPRINT
from digestbot.readers.html_page import PageLine, parse_page
from digestbot.readers.mails import Mail
from digestbot.readers.markup import Anchor, flat
from digestbot.readers.names import is_joint
from digestbot.readers.redirects import is_sharing, target_of

_QUOTED = re.compile(r"^(?:>\s?)+")
_ADDRESS = re.compile(r"[<\[(]?(https?://[^\s<>\[\]\"]{4,4000})[>\])]?")
_LETTERS = re.compile(r"[^\W\d_]+")
_MARGIN = 55  # characters; a shorter line was not broken by a margin
_TAGS = re.compile(r"^(?:\s*(?:\[[^\[\]]{1,20}\]|[0-9]{1,3}[.)]))+\s*")
_LONGEST_PARAGRAPH = 10_000  # characters
_LONGEST_TITLE = 500  # characters; what is longer is no title


def lines_of(mail: Mail) -> list[PageLine]:
    """Return the lines of a mail: of its HTML where it has some, else of its text."""
    if mail.html.strip():
        return [_led_back(line) for line in parse_page(mail.html).lines()]
    return list(_text_lines(mail.text))


def _led_back(line: PageLine) -> PageLine:
    """Return `line` with the targets of its links, without links to nowhere and to social networks."""
    anchors = (
        Anchor(target_of(anchor.url), anchor.words)
        for anchor in line.anchors
        if anchor.url.startswith(("http://", "https://"))
    )
    return replace(line, anchors=tuple(anchor for anchor in anchors if not is_sharing(anchor.url)))


def _text_lines(text: str) -> Iterator[PageLine]:
    waiting, number = "", 0
    for place, raw in enumerate(text.split("\n"), 1):
        printed = _QUOTED.sub("", raw.strip()).strip()
        line = flat(printed)
        if waiting and line and _goes_on(waiting, line):
            waiting = f"{waiting} {line}"
            continue
        if waiting:
            yield _text_line(waiting, number)
        waiting, number = line, place
    if waiting:
        yield _text_line(waiting, number)


def _goes_on(before: str, line: str) -> bool:
    """Tell whether `line` goes on where the margin broke the line before it."""
    if len(before) > _LONGEST_PARAGRAPH or "://" in before or _ADDRESS.match(line):
        return False
    last = before.rpartition(" ")[2]
    return len(before) >= _MARGIN and (before.endswith((",", "-", ";")) or line[:1].islower() or is_joint(last))


def _text_line(text: str, number: int) -> PageLine:
    urls = [target_of(found[1].rstrip(".,;")) for found in _ADDRESS.finditer(text)]
    words = flat(_ADDRESS.sub(" ", text)).strip(" -–:|")
    anchors = tuple(Anchor(url, words if words and len(urls) == 1 else url) for url in urls if not is_sharing(url))
    return PageLine(words or text, anchors, "", number)


def title_link(line: PageLine) -> Anchor | None:
    """Return the link that a line is, when its words could be a title; None for furniture."""
    groups: dict[str, list[str]] = {}
    for anchor in line.anchors:
        groups.setdefault(anchor.url, []).append(anchor.words)
    whole = len(_TAGS.sub("", line.text))
    for url, parts in groups.items():
        words = _TAGS.sub("", flat(" ".join(parts)))
        if len(words) >= 0.7 * whole and could_be_title(words, line.marks):
            return Anchor(url, words)
    return None


def could_be_title(words: str, marks: str = "") -> bool:
    """Tell whether words could be a title by their length and by not being furniture."""
    marked = is_marked(marks, "title")
    if not (3 if marked else 5) <= len(words) <= _LONGEST_TITLE or len(_LETTERS.findall(words)) < (1 if marked else 2):
        return False
    return not is_furniture(words) and not re.match(r"(?:https?://|www\.|doi:?\s?10\.)", words, re.IGNORECASE)


def is_furniture(words: str) -> bool:
    """Tell whether words only lead about: to a full text, to settings, to an imprint."""
    return len(words) <= 150 and FURNITURE.fullmatch(words) is not None


def is_the_end(line: PageLine) -> bool:
    """Tell whether a line belongs to the imprint below the papers."""
    return IMPRINT.search(line.text[:400]) is not None


def is_heading(line: PageLine) -> bool:
    """Tell whether a line heads a section: it is marked so and leads nowhere."""
    return not line.anchors and re.search(r"\bh[1-6]\b", line.marks) is not None and not is_marked(line.marks, "title")


_MARKS = {
    "title": re.compile(r"title(?![^ ]*(?:section|journal|main|page|email))|headline|hlFld-title", re.IGNORECASE),
    "people": re.compile(r"author|contrib|\bloa\b|byline|creator", re.IGNORECASE),
    "abstract": re.compile(r"abstract|summary|snippet|teaser|excerpt|blurb|description", re.IGNORECASE),
}


def is_marked(marks: str, what: str) -> bool:
    """Tell whether the classes around a line call it a title, people or an abstract."""
    return _MARKS[what].search(marks.rpartition(" td ")[2] if what == "title" else marks) is not None
