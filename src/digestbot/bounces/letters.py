"""A mail that may be a bounce, taken apart within bounds: its head, the notice, the status fields, the original's head.

::

    multipart/report (RFC 6522)
    ├── text/plain, text/html            the notice, for people
    ├── message/delivery-status          fields, for programs (RFC 3464)
    │   message/feedback-report          a complaint (RFC 5965)
    └── message/rfc822, …/rfc822-headers the original, of which only the head is kept

Whatever is none of it is text. Nothing in here raises: what the parser of the standard library gives up on is read
as text.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from email import message_from_bytes
from email.errors import MessageError
from email.header import decode_header, make_header
from email.message import Message
from email.policy import Compat32
from html import unescape
from typing import Final

_LARGEST: Final = 2 << 20
"""Bytes that are looked at: what a notice says, it says at its beginning."""
_MOST_MULTIPARTS: Final = 60  # the parser compares each line with the borders of all parts it is in
_MOST_PARTS: Final = 200
_LONGEST_HEADER: Final = 2000
_LONGEST_TEXT: Final = 100_000
_GIVES_UP: Final = (MessageError, LookupError, ValueError, TypeError, AttributeError, AssertionError, RecursionError)
_MULTIPART: Final = re.compile(rb"^content-type:[ \t]{0,20}multipart/", re.IGNORECASE | re.MULTILINE)
_BREAKS: Final = re.compile(r"<(?:br|/p|/div|/tr|/td|/h\d|/li|/pre)\b[^<>]{0,200}>", re.IGNORECASE)
_UNSEEN: Final = re.compile(r"<(style|script|head)\b.*?(?:</\1>|\Z)", re.IGNORECASE | re.DOTALL)
_TAG: Final = re.compile(r"</?[A-Za-z!][^<>@]{0,2000}>|<a\b[^<>]{0,2000}>", re.IGNORECASE)
_ORIGINAL: Final = frozenset(
    {"message/rfc822", "message/global", "message/partial", "message/news", "text/rfc822-headers"}
    | {"message/rfc822-headers", "message/global-headers", "text/rfc822", "text/rfc822-header"}
)
_STATUS: Final = frozenset({"message/delivery-status", "message/global-delivery-status", "text/delivery-status"})


@dataclass(slots=True)
class Letter:
    """What a mail holds, decoded, with line feeds at the ends of lines. Empty where it holds nothing of the kind."""

    headers: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """By name in lower case, unfolded."""
    notice: str = ""
    status: str = ""
    feedback: str = ""
    original: str = ""

    def header(self, name: str) -> str:
        """Return the first header with this name, in lower case; empty when there is none."""
        return next(iter(self.headers.get(name, ())), "")


class _Bounded(Compat32):
    """Headers that cannot keep the parser busy."""

    def header_source_parse(self, sourcelines: list[str]) -> tuple[str, str]:
        """Return name and value of a header, at most 2,000 characters of it."""
        name, value = super().header_source_parse(sourcelines)
        return name, value[:_LONGEST_HEADER]


def open_letter(data: bytes) -> Letter:
    """Return a mail taken apart."""
    data = re.sub(rb"\r\n?", b"\n", data[:_LARGEST]).lstrip(b"\n")
    if data.startswith((b"From ", b">From ")):
        data = data.partition(b"\n")[2]
    if len(_MULTIPART.findall(data)) > _MOST_MULTIPARTS:
        return Letter(notice=_decoded(data[:_LONGEST_TEXT], ""))
    try:
        message = message_from_bytes(data, policy=_Bounded())
        return _sorted(message)
    except _GIVES_UP:
        return Letter(notice=_decoded(data[:_LONGEST_TEXT], ""))


def header_text(value: object) -> str:
    """Return a header on one line, its encoded words (RFC 2047) decoded."""
    raw = " ".join(str(value or "")[:_LONGEST_HEADER].split())
    try:
        text = str(make_header(decode_header(raw)))
    except _GIVES_UP:
        text = raw
    return " ".join(text.encode("utf-8", "surrogateescape").decode("utf-8", "replace").split())


def _sorted(message: Message) -> Letter:
    letter = Letter(_headers(message))
    plain: list[str] = []
    rich: list[str] = []
    for part in _parts(message):
        kind = part.get_content_type()
        if kind in _STATUS:
            letter.status += _fields(part) + "\n\n"
        elif kind == "message/feedback-report":
            letter.feedback = letter.feedback or _fields(part)
        elif kind in _ORIGINAL:
            letter.original = letter.original or _head(part)
        elif kind == "text/html":
            rich.append(_readable(_words(part)))
        elif part.get_content_maintype() in {"text", "message", "multipart"}:
            plain.append(_words(part))
    letter.notice = ("\n".join(plain) if "".join(plain).strip() else "\n".join(rich))[:_LONGEST_TEXT]
    return letter


def _headers(message: Message) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for name, value in message.raw_items():
        found[name.lower()] = (*found.get(name.lower(), ()), header_text(value))
    return found


def _parts(outermost: Message) -> Iterator[Message]:
    """Yield the parts that are no multipart, in order; those of an original are not looked into."""
    waiting, seen = [outermost], 0
    while waiting and seen < _MOST_PARTS:
        part, seen = waiting.pop(0), seen + 1
        payload = part.get_payload()
        if part.get_content_maintype() == "multipart" and isinstance(payload, list):
            waiting[:0] = [each for each in payload if isinstance(each, Message)]
        elif inner := _wrapped_report(part, outermost):
            waiting[:0] = [inner]
        else:
            yield part


def _wrapped_report(part: Message, outermost: Message) -> Message | None:
    """Return the report that somebody on the way has put into a mail of his own."""
    payload = part.get_payload()
    if part.get_content_type() != "message/rfc822" or outermost.get_content_type() == "multipart/report":
        return None
    inner = payload[0] if isinstance(payload, list) and payload else None
    return inner if isinstance(inner, Message) and inner.get_content_type() == "multipart/report" else None


def _fields(part: Message) -> str:
    """Return what a part of fields holds. The parser takes it apart into blocks, which are put together again."""
    payload = part.get_payload()
    if not isinstance(payload, list):
        return _words(part)
    blocks = [block for block in payload if isinstance(block, Message)]
    texts = [block.as_bytes().strip(b"\n").decode("utf-8", "replace") for block in blocks]
    if len(blocks) == 1 and not blocks[0].keys():  # encoded as a whole, which RFC 3464 does not foresee
        blocks[0]["Content-Transfer-Encoding"] = str(part.get("content-transfer-encoding", ""))
        return _words(blocks[0])
    return "\n\n".join(text for text in texts if text)


def _head(part: Message) -> str:
    """Return the head of an original."""
    payload = part.get_payload()
    if isinstance(payload, list):
        inner = next((each for each in payload if isinstance(each, Message)), None)
        if inner is None:
            return ""
        if inner.keys():
            return "\n".join(f"{name}: {header_text(value)}" for name, value in inner.raw_items())
        return _words(inner).lstrip("\n").partition("\n\n")[0]
    return _words(part).lstrip("\n").partition("\n\n")[0]


def _words(part: Message) -> str:
    try:
        data = part.get_payload(decode=True)
        charset = part.get_content_charset("")
    except _GIVES_UP:
        data, charset = None, ""
    if isinstance(data, bytes):
        return _decoded(data[:_LONGEST_TEXT], charset)
    payload = part.get_payload()
    inner = [each for each in payload if isinstance(each, Message)] if isinstance(payload, list) else []
    return "\n\n".join(each.as_bytes().decode("utf-8", "replace") for each in inner)[:_LONGEST_TEXT]


def _decoded(data: bytes, charset: str) -> str:
    """Return text in its charset, or else in the likeliest one."""
    for name in (charset, "utf-8"):
        try:
            return data.decode(name).replace("\r\n", "\n")
        except (LookupError, ValueError):
            continue
    return data.decode("latin-1")


def _readable(html: str) -> str:
    """Return the text of a page, a line for each block."""
    text = _TAG.sub(" ", _BREAKS.sub("\n", _UNSEEN.sub(" ", html)))
    return "\n".join(" ".join(line.split()) for line in unescape(text).splitlines())
