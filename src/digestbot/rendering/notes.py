"""The editor's note: Markdown in, and out comes only what cannot do harm.

Markdown lets raw HTML and any address through. Here raw HTML is text, and the result is read again by a parser that
keeps a short list of elements and one attribute of one of them.
"""

import re
from functools import lru_cache
from html.parser import HTMLParser

import markdown

from digestbot.rendering.clicks import web_address
from digestbot.rendering.inert import Form, Ready, clean, html_text, inert, markup

_LONGEST = 5000
"""Characters of a note; the rest is cut, with an ellipsis."""

_BRACKETS = 200
"""Brackets of a note that are looked at; `markdown` needs quadratic time for them."""

_DEEPEST = 8
"""Elements inside each other; each takes room from a narrow screen, and what is deeper is not indented further."""

_KEPT = {
    **{name: (f"<{name}>", f"</{name}>") for name in ("p", "em", "strong", "code", "pre", "ul", "ol", "li")},
    # The mail has its own headings, whose order a note must not upset.
    **{f"h{level}": ("<p><strong>", "</strong></p>") for level in range(1, 7)},
    "blockquote": ('<blockquote style="margin:8px 0 8px 12px">', "</blockquote>"),  # programs take 40 px on both sides
    "a": ("<a", "</a>"),
}
_ALONE = {"br": "<br>", "hr": "<hr>"}


class Note:
    """A note that prints itself for each form. Falsy when there is nothing to print."""

    __slots__ = ("_source",)

    def __init__(self, source: str) -> None:
        lines = source[:_LONGEST].expandtabs(4).splitlines()
        cut = "…" if len(source) > _LONGEST else ""
        self._source = "\n".join(_kept_indent(line) for line in lines).strip("\n") + cut

    def __bool__(self) -> bool:
        return bool(self._source.strip())

    def printed(self, form: Form) -> str:
        """Return the note for `form`."""
        if form == "html":
            return markup(_html(self._source))
        if form == "markdown":
            return Ready(_defused(self._source))
        return inert(self._source, form) if form == "xml" else Ready(self._source)


@lru_cache(maxsize=64)  # an editor's note goes to many people
def _html(source: str) -> str:
    return sanitised(_converted(source))


def _kept_indent(line: str) -> str:
    """Return the line clean, with the blanks in front that Markdown looks at."""
    text = clean(line).strip()
    return " " * (len(line) - len(line.lstrip(" "))) + text if text else ""


def _converted(source: str) -> str:
    """Return the HTML of Markdown in which raw HTML counts as text. What is nested too deep for it stays as typed."""
    converter = markdown.Markdown()
    converter.preprocessors.deregister("html_block")
    for pattern in ("html", "image_link", "image_reference", "short_image_ref", "automail"):
        converter.inlinePatterns.deregister(pattern)
    try:
        return converter.convert(source if source.count("[") <= _BRACKETS else source.replace("[", "("))
    except RecursionError:
        return f"<pre>{html_text(source)}</pre>"


def sanitised(html: str) -> str:
    """Return what the short list allows of `html`, well nested, whatever it was."""
    allow = _AllowList()
    allow.feed(html)
    allow.close()
    return allow.result()


class _AllowList(HTMLParser):
    """Writes what it reads anew: listed elements, text, and addresses of the web. Every element it opens it closes."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._out: list[str] = []
        self._open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _ALONE:
            self._out.append(_ALONE[tag])
        elif tag in _KEPT and len(self._open) < _DEEPEST:
            self._open.append(tag)
            self._out.append(_KEPT[tag][0] + (self._target(dict(attrs)) if tag == "a" else ""))

    def handle_endtag(self, tag: str) -> None:
        if tag not in self._open:
            return
        while (last := self._open.pop()) != tag:
            self._out.append(_KEPT[last][1])
        self._out.append(_KEPT[tag][1])

    def handle_data(self, data: str) -> None:
        self._out.append(html_text(data))

    def result(self) -> str:
        """Return what was kept, every element closed."""
        return "".join(self._out) + "".join(_KEPT[tag][1] for tag in reversed(self._open))

    @staticmethod
    def _target(attributes: dict[str, str | None]) -> str:
        address = web_address(attributes.get("href"))
        return f' href="{address.printed("html")}">' if address else ">"


def _defused(source: str) -> str:
    """Return Markdown that stays Markdown but for raw HTML, entities, images, and addresses outside the web.

    Entities do it: a backslash could meet one that the note has put in front.
    """
    text = re.sub(r"&(?=#?\w{1,32};)", "&amp;", source).replace("<", "&lt;")
    text = re.sub(r"!(?=\[)", "&#33;", text)
    return re.sub(r"\](?=\((?! ?https?://)|:(?! ?https?://))", "&#93;", text)
