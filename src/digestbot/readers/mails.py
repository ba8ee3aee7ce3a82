"""One mail, taken apart: what it says in text and in HTML, from whom, when. The standard library parses it.

::

    bytes ─parse→ parts ─decode→ text, HTML      quoted-printable, base64; each part in its own charset, mended
                    └ message/rfc822 ─→ a mail of its own

The older policy of the parser is used on purpose: the newer one reads every header by a grammar, and what is no
mail makes it raise, or take minutes.
"""

import quopri
import re
from collections.abc import Iterator
from dataclasses import dataclass
from email import message_from_bytes
from email.errors import MessageError
from email.header import decode_header, make_header
from email.message import Message
from email.policy import Compat32

from digestbot.dates import parse_date
from digestbot.models import PartialDate
from digestbot.readers.intake import decode_part
from digestbot.readers.markup import flat

_MOST_PARTS = 2000
_MOST_MULTIPARTS = 60  # the parser compares each line with the borders of all parts it is in
_LONGEST_HEADER = 2000  # characters that are looked at
_GIVES_UP = (MessageError, LookupError, ValueError, TypeError, AttributeError, AssertionError, RecursionError)
_MULTIPART = re.compile(rb"^Content-Type:\s*multipart/", re.IGNORECASE | re.MULTILINE)
_NO_BYTE = re.compile("[\ud800-\udc7f\udd00-\udfff]")  # surrogates that stand for no byte
_LEFT_QUOTED = re.compile(r"""=3D["'][^"'\s]|=\n""")
_BODIES = ("text/plain", "text/html")


@dataclass(frozen=True, slots=True)
class Mail:
    """What a mail says. Empty where it does not."""

    text: str = ""
    html: str = ""
    subject: str = ""
    sender: str = ""
    date: PartialDate | None = None
    line: int = 1
    """The line of the file in which it begins."""
    cover: bool = False
    """True when it is there to forward others."""


class _Bounded(Compat32):
    """Headers that cannot keep the parser busy."""

    def header_source_parse(self, sourcelines: list[str]) -> tuple[str, str]:
        """Return name and value of a header, at most 2,000 characters of it."""
        name, value = super().header_source_parse(sourcelines)
        return name, value[:_LONGEST_HEADER]


def parse_mail(data: bytes, line: int = 1) -> tuple[Mail, ...]:
    """Return a mail, and those forwarded in it as messages of their own. None when nothing can be made of it."""
    if len(_MULTIPART.findall(data)) > _MOST_MULTIPARTS:
        return ()
    try:
        message = message_from_bytes(data, policy=_Bounded())
        return tuple(_mails(message, line))
    except _GIVES_UP:
        return ()


def _mails(outermost: Message, line: int) -> Iterator[Mail]:
    """Yield the mails, the outermost first; one without any words is passed over."""
    waiting, seen = [outermost], 0
    while waiting and seen < _MOST_PARTS:
        message = waiting.pop(0)
        texts: dict[str, list[str]] = {kind: [] for kind in _BODIES}
        parts, before = [message], len(waiting)
        while parts and seen < _MOST_PARTS:
            part, seen = parts.pop(0), seen + 1
            payload = part.get_payload()
            inner = [each for each in payload if isinstance(each, Message)] if isinstance(payload, list) else []
            if part.get_content_maintype() == "message":
                waiting += inner
            elif inner:
                parts[:0] = inner
            elif part.get_content_type() in texts:
                texts[part.get_content_type()].append(_words(part))
        if any(map(any, texts.values())):
            yield _mail(message, texts, line, cover=len(waiting) > before)


def _mail(message: Message, texts: dict[str, list[str]], line: int, *, cover: bool) -> Mail:
    text, html = ("\n".join(filter(None, texts[kind])) for kind in _BODIES)
    headers = {name.lower(): value for name, value in reversed(list(message.raw_items()))}
    subject, sender = header_text(headers.get("subject")), header_text(headers.get("from"))
    return Mail(text, html, subject, sender, header_date(headers.get("date")), line, cover)


def _words(part: Message) -> str:
    """Return a part's text."""
    data = part.get_payload(decode=True)
    text = decode_part(data, part.get_content_charset("")) if isinstance(data, bytes) else ""
    return mended(text.replace("\r\n", "\n").replace("\r", "\n"))


def mended(text: str) -> str:
    """Return `text` decoded once more, where someone saved it with its quoted-printable marks and lost the header."""
    if "=3D" not in text or not _LEFT_QUOTED.search(text) or 'href="' in text:
        return text
    return decode_part(quopri.decodestring(text.encode("utf-8", "replace")), "")


def header_text(value: object) -> str:
    """Return a header as text on one line, its encoded words (RFC 2047) decoded."""
    given = _NO_BYTE.sub("\ufffd", str(value or "")[:_LONGEST_HEADER])
    text = decode_part(given.encode("utf-8", "surrogateescape"), "")
    try:
        return flat(str(make_header(decode_header(text))))
    except _GIVES_UP:
        return flat(text)


def header_date(value: object) -> PartialDate | None:
    """Return the day of a Date header (RFC 5322, section 3.3), as printed: in the sender's time zone."""
    text = re.sub(r"\([^()]*\)", "", flat(str(value or "")[:200]))
    return parse_date(text.strip())
