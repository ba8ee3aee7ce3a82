"""A mail is written byte by byte here, so that the same edition always gives the same bytes.

::

    headers                     one address each in From and To, nothing a subject could break out of
    multipart/alternative       its boundary comes from the delivery key
    ├── text/plain
    └── text/html               quoted-printable or base64, whichever is shorter

The headers are folded and encoded by hand: the standard library turns a long List-Unsubscribe address into
encoded words, which no mail program undoes, writes quoted-printable lines of 78 characters where RFC 2045
allows 76, and changes its mind from version to version. A repeat with other bytes would be another mail.
"""

import base64
import binascii
import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from email.utils import format_datetime
from functools import lru_cache
from itertools import groupby

from digestbot.addresses import Mailbox, domain_to_ascii, parse_mailbox
from digestbot.errors import RenderError
from digestbot.rendering import dkim

_LINE = 76  # RFC 5322 recommends 78 at most, RFC 2047 asks for 76 around encoded words
_LONGEST_WORD = 75  # RFC 2047 2
_LONGEST_SUBJECT = 300
_REMEMBERED = 1500  # characters of a line that is kept as it is encoded, for other mails
_LONGEST_URI = 900  # a header line has 998 at most
_KEY = re.compile(r"[A-Za-z0-9_-]{1,50}")
_ID = re.compile(r"[A-Za-z0-9_-]{1,100}")
_LANGUAGE = re.compile(r"[A-Za-z]{2,8}(?:-[A-Za-z0-9]{1,8}){0,4}")
_URI = re.compile(r"(?:https?://|mailto:)[!-;=?-~]+")  # printable ASCII without < and >
_ATOMS = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~ -]*")
_PRINTABLE = re.compile(r"[ -~]*")
_Q_SAFE = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789!*+-/")  # RFC 2047 5 (3)
_Q = tuple(chr(byte) if byte in _Q_SAFE else "_" if byte == 0x20 else f"={byte:02X}" for byte in range(256))
"""How each byte is printed in an encoded word."""
_STEERING = re.compile("[\u202a-\u202e\u2066-\u2069]")  # they could turn around what stands behind them


def compose(  # noqa: PLR0913  (each is a header of its own)
    *,
    edition_subject: str,
    text: str,
    html: str,
    sender: str,
    recipient: str,
    key: str,
    generation: int,
    domain: str,
    date: datetime,
    subscription_id: str,
    subscription_name: str,
    unsubscribe_url: str = "",
    unsubscribe_mailto: str = "",
    language: str = "",
    thread: str = "",
    keys: Sequence[dkim.DkimKey] = (),
) -> bytes:
    """Return the mail as it goes over the wire (RFC 5322, 2045, 2919, 8058), with CRLF line ends.

    It is pure ASCII unless an address needs SMTPUTF8. `key` and `generation` name the delivery and make the
    Message-ID; `domain` is the installation's own; `date` is aware. `thread` is the same for all mails of one
    subscription, so that programs show them as one conversation (RFC 5322, 3.6.4). It is signed with each of `keys`
    (DKIM). Raises RenderError when an address, a URL, `key`, `domain` or `subscription_id` cannot stand in a header;
    subjects and names are cleaned.
    """
    try:
        name = _one_line(subscription_name) or subscription_id
        delivery = f"{_checked(_KEY, key, 'delivery key')}.{generation:d}"
        domain = domain_to_ascii(domain)
        list_id = f"<{_checked(_ID, subscription_id, 'subscription id')}.{domain}>"
        head = [
            _header("From", _mailbox("From", parse_mailbox(sender))),
            _header("To", _mailbox("To", parse_mailbox(recipient))),
            _header("Subject", _subject(edition_subject, name)),
            _header("Date", [_printed(date)]),
            _header("Message-ID", [f"<{delivery}@{domain}>"]),
            *_conversation(thread, domain),
            _header("List-Id", [*_phrase("List-Id", name), list_id]),
            *_unsubscribe(unsubscribe_url, unsubscribe_mailto),
            *_for_programs(subscription_id, delivery),
            *([f"Content-Language: {_checked(_LANGUAGE, language, 'language')}"] if language else []),
            "MIME-Version: 1.0",
            f'Content-Type: multipart/alternative;\r\n boundary="=_{delivery}"',
        ]
    except ValueError as error:
        raise RenderError(str(error), template="mail") from error
    return _whole(head, {"plain": text, "html": html}, delivery, keys, date)


def _whole(
    head: Sequence[str], forms: Mapping[str, str], delivery: str, keys: Sequence[dkim.DkimKey], date: datetime
) -> bytes:
    """Return the mail with these headers, in these forms, the plainest first."""
    # "=_" can stand neither in quoted-printable nor in base64, so no text can end its part.
    fence = f"--=_{delivery}".encode("ascii")
    before = "".join([f"{header}\r\n" for header in head]).encode()
    parts = [_part(subtype, text) for subtype, text in forms.items()]
    end = b"%b--\r\n" % fence
    body, relaxed = (b"".join([*(b"%b\r\n%b\r\n" % (fence, part[form]) for part in parts), end]) for form in (0, 1))
    return b"".join([dkim.signatures(before, relaxed, keys, date), before, b"\r\n", body])


def size_in_mail(html: str) -> int:
    """Return the bytes of a page that a receiver sees: in mail each line ends in CRLF."""
    return len(html.encode()) + html.count("\n")


def _checked(pattern: re.Pattern[str], text: str, what: str) -> str:
    if not pattern.fullmatch(text):
        raise ValueError(f"{text!r} cannot be a {what}")
    return text


def _for_programs(subscription_id: str, delivery: str) -> Iterator[str]:
    """Yield what keeps replies by programs away (RFC 3834), and what counts complaints and finds the delivery."""
    yield "Auto-Submitted: auto-generated"
    yield "Precedence: bulk"
    yield f"Feedback-ID: {subscription_id}:edition:digestbot"
    yield f"X-Delivery-Key: {delivery}"


def _conversation(thread: str, domain: str) -> Iterator[str]:
    """Yield the headers that name the beginning of a conversation: a mail that nobody got, the same for all of it."""
    if thread:
        root = f"<{_checked(_KEY, thread, 'thread')}.thread@{domain}>"
        yield _header("In-Reply-To", [root])
        yield _header("References", [root])


def _printed(date: datetime) -> str:
    if date.utcoffset() is None:
        raise ValueError(f"the date {date} has no time zone")
    return format_datetime(date)


def _one_line(text: str) -> str:
    """Return `text` as a header can hold it: no line breaks, no control characters, nothing that turns text around."""
    if text.isprintable():
        return " ".join(text.split())
    text = _STEERING.sub("", " ".join(text.split()))
    cleaned = "".join(character for character in text if unicodedata.category(character) not in {"Cc", "Cs"})
    return " ".join(cleaned.split())


def _subject(subject: str, otherwise: str) -> list[str]:
    subject = _one_line(subject) or otherwise
    if len(subject) > _LONGEST_SUBJECT:
        subject = f"{subject[: _LONGEST_SUBJECT - 1].rstrip()}…"
    if _is_plain(subject):
        return subject.split(" ")
    words: list[str] = []
    for plain, group in groupby(subject.split(" "), _is_plain):
        run = list(group)
        words += run if plain else _encoded_words("Subject", " ".join(run))
    return words


def _is_plain(text: str) -> bool:
    """Return whether `text` can stand in a header as it is, folded between its words."""
    return bool(_PRINTABLE.fullmatch(text)) and "=?" not in text and max(map(len, text.split(" "))) < _LINE - 10


def _mailbox(header: str, mailbox: Mailbox) -> list[str]:
    name = _phrase(header, _one_line(mailbox.name))
    bare = not name and not mailbox.local.startswith('"')  # parsers disagree about a quoted one without brackets
    return [mailbox.spec] if bare else [*name, f"<{mailbox.spec}>"]


def _phrase(header: str, text: str) -> list[str]:
    """Return a display name as words: atoms, a quoted string, or encoded words (RFC 5322 3.2.5)."""
    if not text:
        return []
    if not _is_plain(text):
        return list(_encoded_words(header, text))
    if _ATOMS.fullmatch(text):
        return text.split(" ")
    quoted = re.sub(r'(["\\])', r"\\\1", text)
    return f'"{quoted}"'.split(" ")


def _encoded_words(header: str, text: str) -> Iterator[str]:
    """Yield `text` as encoded words (RFC 2047), each of whole characters and short enough for its line."""
    data = text.encode()
    as_q = sum(map(len, map(_Q.__getitem__, data))) <= len(data) * 4 / 3
    room = _bytes_in(_LINE - len(header) - 2, as_q=as_q)
    start = used = 0
    for place, character in enumerate(text):
        encoded = character.encode()
        size = sum(len(_Q[byte]) for byte in encoded) if as_q else len(encoded)
        if used + size > room:
            yield _encoded_word(text[start:place], as_q=as_q)
            start, used, room = place, 0, _bytes_in(_LONGEST_WORD, as_q=as_q)
        used += size
    yield _encoded_word(text[start:], as_q=as_q)


def _encoded_word(text: str, *, as_q: bool) -> str:
    data = text.encode()
    printed = "".join(map(_Q.__getitem__, data)) if as_q else base64.b64encode(data).decode("ascii")
    return f"=?utf-8?{'q' if as_q else 'b'}?{printed}?="


def _bytes_in(width: int, *, as_q: bool) -> int:
    """Return how much an encoded word of this width holds: printed characters, or bytes in base64."""
    room = width - len("=?utf-8?q??=")
    return room if as_q else room // 4 * 3


def _header(name: str, words: list[str]) -> str:
    """Return a header, folded between its words."""
    line = f"{name}: {' '.join(words)}"
    if len(line) <= _LINE and line.isascii():
        return line
    lines = [f"{name}: {words[0]}"]
    for word in words[1:]:
        if len(lines[-1].encode()) + 1 + len(word.encode()) > _LINE:
            lines.append("")
        lines[-1] += f" {word}"
    return "\r\n".join(lines)


def _unsubscribe(url: str, mailto: str) -> Iterator[str]:
    """Yield the headers of RFC 2369 and RFC 8058; one click is promised for https only."""
    if mailto and not mailto.startswith("mailto:"):
        mailto = f"mailto:{parse_mailbox(mailto).spec}"
    addresses = [_uri(address) for address in (url, mailto) if address]
    if addresses:
        yield _header("List-Unsubscribe", [*(f"<{address}>," for address in addresses[:-1]), f"<{addresses[-1]}>"])
    if url.startswith("https://"):
        yield "List-Unsubscribe-Post: List-Unsubscribe=One-Click"


def _uri(text: str) -> str:
    if len(text) > _LONGEST_URI:
        raise ValueError(f"an unsubscribe address is shorter than {_LONGEST_URI} characters")
    return _checked(_URI, text, "unsubscribe address")


def _part(subtype: str, text: str) -> tuple[bytes, bytes]:
    """Return one part, its headers first, its last line ended, and the same in the relaxed form (RFC 6376)."""
    unix = text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text
    lines = unix.rstrip("\n").split("\n")
    encoding, body = "quoted-printable", [(_known if len(line) <= _REMEMBERED else _quoted)(line) for line in lines]
    size = sum([len(quoted) + 2 for quoted, _ in body])
    if size > sum(map(len, lines)) * 4 / 3:  # else base64 cannot be shorter
        data = "\n".join([*lines, ""]).encode("utf-8", "replace")
        packed = base64.encodebytes(data).replace(b"\n", b"\r\n").removesuffix(b"\r\n")
        encoding, body = ("base64", [(packed, packed)]) if len(packed) < size else (encoding, body)
    head = f"Content-Type: text/{subtype}; charset=utf-8\r\nContent-Transfer-Encoding: {encoding}\r\n".encode("ascii")
    whole, relaxed = ([head, *[pair[form] for pair in body], b""] for form in (0, 1))
    return b"\r\n".join(whole), b"\r\n".join(relaxed)


def _quoted(line: str) -> tuple[bytes, bytes]:
    """Return a line in quoted-printable, which may need several, and the same in the relaxed form."""
    quoted = binascii.b2a_qp(line.encode("utf-8", "replace"), istext=True).replace(b"\n", b"\r\n")
    return quoted, dkim.relaxed_body(quoted)


_known = lru_cache(maxsize=4096)(_quoted)  # most lines of an edition stand in many others
