"""What mails come in: a file with one, an mbox with many, the JSON of a mail service; or a body alone.

::

    From: …            one mail, .eml or a file of a Maildir
    From ada@… Mon …   an mbox (RFC 4155); lines of a body that begin with From have a > before them
    {"payload": {"headers": […], "body": {"data": "…"}, "parts": […]}}      Gmail: a message, a list, {"messages": […]}
    {"subject": …, "from": …, "body": …}                                    what others make of it, Microsoft's too
    <html>… or text                                                          a body somebody saved
"""

import re
from base64 import b64decode
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, BinaryIO, Literal

from digestbot.models import PartialDate, Reject
from digestbot.readers.intake import decode_part, to_text
from digestbot.readers.json_records import Repeated, object_of, objects_of, paths_of, read_document, text_of
from digestbot.readers.mails import Mail, header_date, header_text, mended, parse_mail
from digestbot.readers.protocol import NamedBytes, Remark, excerpt_of, name_of, raw_of

Carrier = Literal["mail", "mbox", "json", ""]

_HEADER = re.compile(rb"([!-9;-~]{1,60}):")
_KNOWN = frozenset(
    b"from to cc subject date received return-path delivered-to mime-version content-type message-id reply-to sender"
    b" dkim-signature arc-seal list-id content-transfer-encoding authentication-results x-received".split()
)
_TELLING = frozenset(b"from subject received return-path delivered-to message-id mime-version".split())
_BORDER = re.compile(rb"(?:\A|(?<=\n\n)|(?<=\n\r\n))From [^\r\n]{1,200}\r?\n(?=[!-9;-~]{1,60}:|>From )")
_UNQUOTED = re.compile(rb"^>(>*From )", re.MULTILINE)
_MOST_LEVELS = 20
_HTML = re.compile(r"\s{0,1000}<(?!https?:|mailto:)[A-Za-z!]", re.IGNORECASE)
_TEXT_KEYS = (
    "body",
    "text",
    "bodyText",
    "body_text",
    "textBody",
    "text_body",
    "plain",
    "body_plain",
    "content",
    "message",
)
_HTML_KEYS = ("html", "bodyHtml", "body_html", "htmlBody", "html_body", "bodyHTML")
_DATE_KEYS = (
    "date",
    "Date",
    "receivedDateTime",
    "received",
    "received_at",
    "sentDateTime",
    "sent",
    "internalDate",
    "timestamp",
)


def carrier_of(head: bytes) -> Carrier:
    """Return what the beginning of a file is the beginning of; "" when it carries no mail."""
    head = head.lstrip()
    if head[:1] in (b"{", b"["):
        return "json" if _is_json_mail(paths_of(head)) else ""
    if _BORDER.match(head):
        return "mbox"
    names = _header_names(head)
    return "mail" if len(names & _KNOWN) >= 2 and names & _TELLING else ""


def _header_names(head: bytes) -> set[bytes]:
    """Return the names of the headers at the beginning; none when the first line is no header."""
    names: set[bytes] = set()
    for line in re.split(rb"\r?\n", head)[:200]:
        found = _HEADER.match(line)
        if found:
            names.add(found[1].lower())
        elif not line.strip() or line[:1] not in b" \t":
            break
    return names


def _is_json_mail(paths: frozenset[str]) -> bool:
    """Tell whether JSON has the keys of mails: Gmail's own, or a subject with a body and a sender or date."""
    ends = {path.rpartition("[].")[2] if "[]." in path else path for path in paths}
    keys = {end.rpartition(".")[2] for end in ends}
    if {"payload", "headers"} <= keys or {"raw", "threadId"} <= keys or "resultSizeEstimate" in keys:
        return True
    bodies = keys & {*_TEXT_KEYS[:9], *_HTML_KEYS}
    return "subject" in keys and bool(bodies) and bool(keys & {"from", "sender", *_DATE_KEYS})


def mails_of(file: BinaryIO) -> Iterator[Mail | Reject | Remark]:
    """Yield the mails in a file; what is none of them is the body of one.

    Raises MalformedDigestError for JSON that cannot be read, ReadError for what is no text.
    """
    data = raw_of(file)
    match carrier_of(data[: 1 << 16]):
        case "json":
            yield from _from_json(NamedBytes(data, name_of(file)))
        case "mbox":
            yield from _from_mbox(data.lstrip())
        case "mail":
            yield from _parsed(data.lstrip(), 1)
        case _:
            yield body_mail(to_text(data, name_of(file))[0])


def body_mail(text: str) -> Mail:
    """Return a mail that is nothing but a body."""
    text = mended(text.replace("\r\n", "\n").replace("\r", "\n"))
    return Mail(html=text) if _HTML.match(text) else Mail(text=text)


def _parsed(data: bytes, line: int) -> Iterator[Mail | Reject]:
    mails = parse_mail(data, line)
    yield from mails
    if not mails:
        yield Reject(
            line, "a mail without words, or with too many parts", excerpt_of(data[:400].decode("utf-8", "replace"))
        )


def _from_mbox(data: bytes) -> Iterator[Mail | Reject]:
    """Yield the mails of an mbox: each begins with a line ``From …`` at the start or behind an empty line."""
    borders = [(found.start(), found.end()) for found in _BORDER.finditer(data)]
    ends = [*(start for start, _ in borders[1:]), len(data)]
    line, counted = 1, 0
    for (start, begin), end in zip(borders, ends, strict=True):
        line, counted = line + data.count(b"\n", counted, start), start
        yield from _parsed(_UNQUOTED.sub(rb"\1", data[begin:end]), line)


def _from_json(file: NamedBytes) -> Iterator[Mail | Reject | Remark]:
    document = read_document(file, "messages", "value", "emails", "mails", "data", "items", "results", "")
    for number, record in enumerate(document.records):
        line = document.line(number)
        mails = list(_messages(record, line)) if isinstance(record, dict) and not isinstance(record, Repeated) else []
        yield from mails
        if not mails:
            yield Reject(line, "no mail with a body", excerpt_of(str(record)[:400]))
    if document.remark:
        yield document.remark
    if not document.records:
        yield Remark("its list of mails is empty", "quiet")


def _messages(record: Mapping[str, Any], line: int) -> Iterator[Mail]:
    """Yield the mail that an object is, or those of a thread."""
    for message in objects_of(record, "messages") or [record]:
        if isinstance(message.get("raw"), str):
            yield from parse_mail(_from_base64(message["raw"]), line)
        elif isinstance(message.get("payload"), dict):
            yield from _gmail(message, line)
        else:
            yield from _plain(message, line)


def _gmail(message: Mapping[str, Any], line: int) -> Iterator[Mail]:
    """Yield the mail of a Gmail message with its parts."""
    payload = object_of(message, "payload")
    texts: dict[str, list[str]] = {"text/plain": [], "text/html": []}
    parts, seen = [(payload, 0)], 0
    while parts and seen < 300:
        (part, level), seen = parts.pop(0), seen + 1
        kind = str(part.get("mimeType") or "text/html").lower()
        data = object_of(part, "body").get("data")
        if kind in texts and isinstance(data, str) and not part.get("filename"):
            texts[kind].append(decode_part(_from_base64(data), _charset(part)))
        if level < _MOST_LEVELS:
            parts[:0] = [(inner, level + 1) for inner in objects_of(part, "parts")]
    headers = {str(item.get("name")).lower(): item.get("value") for item in objects_of(payload, "headers")}
    text, html = ("\n".join(filter(None, texts[kind])).replace("\r\n", "\n") for kind in texts)
    if text or html:
        date = header_date(headers.get("date")) or _epoch(message.get("internalDate"))
        yield Mail(text, html, header_text(headers.get("subject")), header_text(headers.get("from")), date, line)


def _charset(part: Mapping[str, Any]) -> str:
    for header in objects_of(part, "headers"):
        if str(header.get("name")).lower() == "content-type":
            found = re.search(r"charset\s*=\s*[\"']?([\w.:-]{1,40})", str(header.get("value"))[:500], re.IGNORECASE)
            return found[1] if found else ""
    return ""


def _plain(message: Mapping[str, Any], line: int) -> Iterator[Mail]:
    """Yield the mail of an object that names its parts in words."""
    bodies = [_body(message, name) for name in (*_HTML_KEYS, *_TEXT_KEYS)]
    mails = [body_mail(body) for body in bodies if body]
    html = next((mail.html for mail in mails if mail.html), "")
    text = next((mail.text for mail in mails if mail.text), "")
    if html or text:
        address = object_of(object_of(message, "from"), "emailAddress")
        sender = text_of(message, "from", "sender", "From") or text_of(address, "name", "address") or ""
        dates = (header_date(message.get(key)) or _epoch(message.get(key)) for key in _DATE_KEYS)
        yield Mail(
            text, html, text_of(message, "subject", "Subject") or "", sender, next(filter(None, dates), None), line
        )


def _body(message: Mapping[str, Any], name: str) -> str:
    value = message.get(name)
    if isinstance(value, dict):
        value = next((value[key] for key in ("content", "html", "text", "data", "value") if value.get(key)), None)
    return value if isinstance(value, str) else ""


def _from_base64(text: str) -> bytes:
    """Return what base64 stands for, in either alphabet, with or without its end (RFC 4648, section 5)."""
    plain = re.sub(r"[^A-Za-z0-9+/]", "", text.replace("-", "+").replace("_", "/"))
    plain = plain[: len(plain) - (len(plain) % 4 == 1)]
    return b64decode(plain + "=" * (-len(plain) % 4))


def _epoch(value: object) -> PartialDate | None:
    """Return the day (UTC) of a number of milliseconds, or of seconds, since 1970."""
    text = str(value) if isinstance(value, int | str) else ""
    if not re.fullmatch(r"[0-9]{9,13}", text):
        return None
    seconds = int(text) / (1000 if len(text) > 10 else 1)
    day = datetime.fromtimestamp(seconds, UTC)
    return PartialDate(day.year, day.month, day.day)
