"""One line of Markdown as words and links: ``**[Title](https://…)** by *A B*`` is ``Title by A B`` and an anchor.

Formulas stay as they are: what stands between dollar signs is never markup. Every pattern is linear in the length
of the line (bounded repeats, possessive where they could meet twice).
"""

import html
import re
from typing import NamedTuple

from digestbot.readers.markup import Anchor, flat, html_to_text, looks_like_html

_BEFORE_TITLE = 60  # characters that may stand before a title: a number, a date, a badge
_LONGEST_START = 1_000  # characters within which a title must end
_LONGEST_MARKED = 10_000  # characters of a line whose emphasis is looked for

_LINK = re.compile(
    r"(?P<image>!)?\[(?P<words>(?:[^\[\]\\]|\\.|\[[^\[\]]{0,200}+\]){0,1000}+)\]"
    r"(?:\(\s{0,3}<?(?P<url>(?:[^()\s<>]|\([^()\s]{0,200}+\)){0,2000}+)>?(?:\s{1,3}[\"'(][^\"')]{0,200}[\"')])?\s{0,3}\)"
    r"|\[[^\[\]]{0,100}+\])"
)
_TAG_LINK = re.compile(
    r"<a\s(?:[^<>]{0,300}?\s)?href\s?=\s?[\"']?([^\"'\s<>()]{1,2000})[\"']?(?:\s[^<>]{0,500})?>([^<>\[\]]{0,300})</a>",
    re.IGNORECASE,
)
_ADDRESS = re.compile(r"<?(https?://[^\s<>]{1,2000})>?")
_AUTOLINK = re.compile(r"<(https?://[^\s<>]{1,2000})>")
_STRONG = re.compile(r"(\*\*\*|\*\*|__)(?=[^\s*_])(.{1,500}?)(?<=\S)\1(?!\w)")
_EMPHASIS = re.compile(r"(?<![\w*\\$])([*_])(?=[^\s*_])([^*_$\n]{1,1000})(?<=\S)\1(?![\w*$])")
_CODE = re.compile(r"(?<![\\`])(`{1,2})(?!`)([^`]{1,500})\1(?!`)")
_STRUCK = re.compile(r"~~([^~\n]{1,1000})~~")
_ESCAPE = re.compile(r"\\([\[\]*_#|`<>~\-.!+()])")
_MATH = re.compile(r"\$\$[^$\n]{1,500}\$\$|\$[^$\n]{1,500}\$")
_BRACKETS = re.compile(r"[\[(]\s*[,;|/·&\s]*[\])]")
_OPENING = re.compile(r"(?:\*\*\*|\*\*|__|\*|_|\"|“|\[)")


class Inline(NamedTuple):
    """The words of a line, and its links in order."""

    text: str
    anchors: tuple[Anchor, ...] = ()


class Start(NamedTuple):
    """How an entry begins: what stood before its title, the title, where it leads, and what follows."""

    before: str
    title: str
    url: str
    after: str


def read_inline(source: str) -> Inline:
    """Return `source` without markup, and its links. Pictures vanish, what is empty then vanishes too."""
    anchors: list[Anchor] = []

    def keep(found: re.Match[str]) -> str:
        if found["image"]:
            return ""
        words = plain(found["words"])
        if found["url"]:
            anchors.append(Anchor(html.unescape(found["url"]), words.strip("[] ")))
        return words

    text = _LINK.sub(keep, in_markdown(source))
    text = _AUTOLINK.sub(lambda found: found[1], text)
    return Inline(plain(text), tuple(anchors))


def in_markdown(source: str) -> str:
    """Return `source` with links of HTML, ``<a href="…">words</a>``, as Markdown writes them."""
    return _TAG_LINK.sub(r"[\2](\1)", source) if "</a>" in source else source


def without_links(source: str) -> Inline:
    """Return `source` with its links cut out altogether, and the links: for lines where they are buttons."""
    anchors = list(read_inline(source).anchors)
    text = _LINK.sub("", in_markdown(source))
    anchors.extend(Anchor(found[1].rstrip(".,;:)]"), "") for found in _ADDRESS.finditer(text))
    return Inline(plain(_BRACKETS.sub("", _ADDRESS.sub("", text))), tuple(anchors))


def plain(source: str) -> str:
    """Return `source` without emphasis, escapes, tags and entities. Formulas stay."""
    formulas: list[str] = []

    def put_away(found: re.Match[str]) -> str:
        formulas.append(found[0])
        return f"\ue000{len(formulas) - 1}\ue001"

    text = _MATH.sub(put_away, source.replace("\ue000", "").replace("\ue001", ""))
    if len(text) <= _LONGEST_MARKED:
        text = _EMPHASIS.sub(r"\2", _STRONG.sub(r"\2", _STRONG.sub(r"\2", _CODE.sub(r"\2", text))))
        text = _ESCAPE.sub(r"\1", _STRUCK.sub(r"\1", text))
    if looks_like_html(text):
        text = html_to_text(text)[0]
    return flat(re.sub("\ue000([0-9]+)\ue001", lambda found: formulas[int(found[1])], text))


def starting_link(source: str) -> Start | None:
    """Return the first link of `source` that is no picture and leads somewhere, as the start of an entry."""
    source = in_markdown(source)
    for found in _LINK.finditer(source):
        if found["image"] or not found["url"] or found["url"].startswith("#"):
            continue
        return Start(source[: found.start()], plain(found["words"]), html.unescape(found["url"]), source[found.end() :])
    return None


def starting_strong(source: str) -> Start | None:
    """Return the first words in bold or italics, or in quotes, as the start of an entry."""
    head = source[:_LONGEST_START]
    found = _STRONG.search(head) or _EMPHASIS.search(head)
    if found is None or found.start() > _BEFORE_TITLE:
        quoted = re.match(r"[\"“]([^\"”]{5,400})[\"”]", source)
        return Start("", plain(quoted[1]), "", source[quoted.end() :]) if quoted else None
    inner = starting_link(found[2])
    title = read_inline(found[2]).text
    return Start(source[: found.start()], title, inner.url if inner else "", source[found.end() :])
