"""Text from outside, made harmless for the form it is printed in.

Every value that a template prints goes through here. Control characters and marks that turn the writing direction go;
what the form would take for its own syntax is escaped; a pair that some template language would run is parted.
"""

import re
import unicodedata
from typing import Literal

from markupsafe import Markup, escape

Form = Literal["html", "xml", "markdown", "plain"]

MISSING = "□"
"""Stands for a character that nobody can read: private ones and U+FFFD."""

# C0 and C1 controls but white space, surrogates, non-characters, tags: XML 1.0 (2.2) or HTML forbids most of them.
_GONE = re.compile(
    "[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\ud800-\udfff\ufdd0-\ufdef\ufeff\ufff9-\ufffb\U000e0000-\U000e007f"
    + "".join(f"{chr(plane + 0xFFFE)}{chr(plane + 0xFFFF)}" for plane in range(0, 0x110000, 0x10000))
    # marks, embeddings, overrides and isolates of the writing direction (UAX 9)
    + "\u061c\u200b\u200e\u200f\u202a-\u202e\u2066-\u2069\u206a-\u206f]"
)
_PRIVATE = re.compile("[\ue000-\uf8ff\ufffd\U000f0000-\U000ffffd\U00100000-\U0010fffd]")
# Letters and signs of Western texts, in the form that NFC gives: nothing to lose or to mend.
_USUAL = re.compile("[ -~\xa1-\xac\xae-\u024f\u0391-\u03c9\u2010-\u2015\u2018-\u201e\u2022\u2026\u2200-\u22ff]*")
_SPACE = re.compile(r"[\s\x1c-\x1f\x85\u2028\u2029]+")
# What would run or be filled in if the output went through another template: {{ }} {% %} ${ <%
_PAIR = re.compile(r"(?<=[{%])(?=[{%}])|(?<=})(?=})|(?<=[$#])(?={)|(?<=<)(?=%)")
# A title is plain text in every feed, yet readers exist that look for tags and entities in it.
_TAGLIKE = re.compile(r"<(?=[A-Za-z/!?])|&(?=#?\w{1,32};)")
# Text that looks like active HTML: harmless where it stands, yet scanners and careless filters trip over it.
_ACTIVE = re.compile(
    r"(?i)(?<=javascript):|(?<=vbscript):|(?:(?<=src)|(?<=href))\s*=|(?:\son[a-z]{1,20}\s*)=|@(?=import|font-face)"
)
_RIGHT_TO_LEFT = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\U00010800-\U00010fff\U0001e800-\U0001efff]")

# Most of what is printed: nothing in it that any of the above would find.
_HARMLESS = re.compile(r"[A-Za-z0-9 .,;()!?/+#-]*")
_JOINER = "\u2060"
FIRST_STRONG, POP = "\u2068", "\u2069"
"""They isolate a text that runs in the direction of its first letter (UAX 9: FSI, PDI)."""


class Ready(str):
    """Text that is in its form already and is printed as it is: Markdown, plain text, HTML that XML has to quote."""

    __slots__ = ()


def clean(text: str) -> str:
    """Return the text in one line and NFC, without characters that could hide, break or turn anything."""
    if not _USUAL.fullmatch(text):
        text = unicodedata.normalize("NFC", _PRIVATE.sub(MISSING, _GONE.sub("", text)))
        text = _SPACE.sub(" ", text)
    elif "  " in text:
        text = _SPACE.sub(" ", text)
    return _PAIR.sub(_JOINER, text) if "{" in text or "}" in text or "%" in text else text


def isolated(text: str) -> str:
    """Return clean text that keeps its writing direction to itself, whatever stands around it.

    Characters do it (UAX 9: FSI … PDI) and not the ``dir`` attribute, which some mail programs apply to the whole mail.
    """
    return f"{FIRST_STRONG}{text}{POP}" if not text.isascii() and _RIGHT_TO_LEFT.search(text) else text


def inert(text: str, form: Form) -> str:
    """Return `text` for `form`; Markup where the form is HTML or XML."""
    if form in {"html", "xml"} and _HARMLESS.fullmatch(text) and "  " not in text:
        return markup(text)
    safe = isolated(clean(text))
    if form == "html":
        return html_text(safe)
    if form == "xml":
        return escape(safe)
    return Ready(escape_markdown(safe) if form == "markdown" else safe)


def html_text(text: str) -> Markup:
    """Return `text` escaped for HTML; marks that would make it look like a script are written as entities."""
    escaped = escape(text)
    if ":" not in escaped and "=" not in escaped and "@" not in escaped:
        return escaped
    return markup(_ACTIVE.sub(lambda match: f"{match[0][:-1]}&#{ord(match[0][-1])};", str(escaped)))


def untagged(text: str) -> str:
    """Return clean text in which no reader can see a tag or an entity, for titles and names in feeds."""
    return _TAGLIKE.sub(lambda match: match[0] + _JOINER, isolated(clean(text)))


_MARKDOWN = re.compile(
    r"""[\\`*_\[\]{}#]                  # its inline syntax, attributes, headings
      | [<|~]                           # HTML, tables, strike-through
      | &(?=\#?\w{1,32};)               # entities
      | ^[>=:] | ^[-+](?=\W|$)          # quotations, underlined headings, definitions, lists
      | (?<=^\d)[.)] | (?<=^\d\d)[.)] | (?<=^\d\d\d)[.)] | (?<=^\d{4})[.)]""",
    re.VERBOSE,
)
_ENTITIES = {"<": "&lt;", "|": "&#124;", "~": "&#126;", "&": "&amp;", "=": "&#61;", ":": "&#58;"}


def escape_markdown(text: str) -> str:
    """Return one line of text so that Markdown prints it as it is, at the start of a line and inside one.

    Backslashes serve where every dialect knows them, entities elsewhere.
    """
    bare = text.lstrip(" ")
    blanks = text[: len(text) - len(bare)]
    return blanks + _MARKDOWN.sub(lambda match: _ENTITIES.get(match[0], f"\\{match[0]}"), bare)


def markup(text: str) -> Markup:
    """Return `text` as finished HTML; for text this package has built and escaped itself."""
    return Markup(text)  # noqa: S704 - the one place where that is said
