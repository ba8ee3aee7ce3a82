"""The body of an answer: unpacked within a bound, and in UTF-8 where its sender names another encoding.

A megabyte can unpack to a gigabyte. So nothing is unpacked ahead of the bound: each step says how much it may give.
"""

import codecs
import re
import zlib
from collections.abc import Callable, Iterable
from email.message import Message
from typing import Final, Protocol

from digestbot.errors import FetchError

ACCEPTED: Final = "gzip, deflate"
"""What we ask to be packed with."""

_STEP: Final = 1 << 20
_TEXT_CODECS: Final = re.compile(r"iso8859|cp\d|koi8|gb|big5|euc|shift_?jis|iso2022|mac-|utf-(?:16|32)|hz|johab")
_SEVEN_BITS: Final = ("iso2022", "hz")
_MARKS: Final = (codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


class _Unpack(Protocol):
    """What `zlib.decompressobj` gives."""

    @property
    def eof(self) -> bool: ...
    @property
    def unconsumed_tail(self) -> bytes: ...
    def decompress(self, data: bytes, max_length: int = 0, /) -> bytes: ...


def take(chunks: Iterable[bytes], encoding: str, limit: int, check: Callable[[], object]) -> bytes:
    """Return a body, unpacked. `encoding` is the header Content-Encoding; `check` is called between the pieces.

    Raises FetchError when it has more than `limit` bytes, packed or not, or cannot be unpacked.
    """
    unpack = _unpacker(encoding)
    body, packed = bytearray(), 0
    for chunk in chunks:
        check()
        packed += len(chunk)
        if packed > limit:
            raise too_large(limit)
        _add(body, chunk, unpack, limit)
    if unpack and packed and not unpack.eof:
        raise FetchError("broke off in the middle of what was packed", "down")
    return bytes(body)


def _add(body: bytearray, chunk: bytes, unpack: _Unpack | None, limit: int) -> None:
    """Add a piece to the body, as far as it may grow and one byte more."""
    if unpack is None:
        body += chunk
    while unpack and chunk and not unpack.eof:
        try:
            body += unpack.decompress(chunk, min(limit + 1 - len(body), _STEP))
        except zlib.error as error:
            raise FetchError(f"cannot be unpacked: {error}", "unreadable") from error
        if len(body) > limit:
            break
        chunk = unpack.unconsumed_tail
    if len(body) > limit:
        raise too_large(limit)


def too_large(limit: int) -> FetchError:
    """Return what is wrong with a body of more bytes than may be."""
    return FetchError(f"has more than {limit:,} bytes; raise max_bytes if that is meant", "unreadable")


def _unpacker(encoding: str) -> _Unpack | None:
    """Return what unpacks a body, None for one that is not packed (RFC 9110, section 8.4.1)."""
    match encoding.strip().lower():
        case "" | "identity":
            return None
        case "gzip" | "x-gzip":
            return zlib.decompressobj(16 + zlib.MAX_WBITS)
        case "deflate":
            return _Deflate()
        case other:
            raise FetchError(f"is packed with {other[:40]!r}, which was not asked for", "unreadable")


class _Deflate:
    """Unpacks ``deflate``: the zlib format, or the bare one that some servers send in its place."""

    def __init__(self) -> None:
        self._unpack = zlib.decompressobj()
        self._begun = False

    @property
    def eof(self) -> bool:
        return self._unpack.eof

    @property
    def unconsumed_tail(self) -> bytes:
        return self._unpack.unconsumed_tail

    def decompress(self, data: bytes, max_length: int = 0, /) -> bytes:
        if not self._begun and data[0] & 0x0F != 8:  # RFC 1950: the first byte of the zlib format names the method
            self._unpack = zlib.decompressobj(-zlib.MAX_WBITS)
        self._begun = True
        return self._unpack.decompress(data, max_length)


def to_utf8(data: bytes, content_type: str) -> bytes:
    """Return a body in UTF-8 when its header names another encoding that fits; else as it came.

    A byte order mark goes before the header (RFC 7303), and so does what is valid UTF-8 beyond ASCII: servers
    that name Latin-1 for whatever they send are common, texts in Latin-1 that happen to be UTF-8 are not.
    """
    codec = _codec(content_type)
    if not codec or data.startswith(_MARKS) or (_is_utf8(data) and not _shifts(data, codec)):
        return data
    try:
        return data.decode(codec).encode()
    except UnicodeError:
        return data


def _codec(content_type: str) -> str:
    """Return the codec that the header names, as Python calls it; "" for none, UTF-8, or one that is not for text."""
    header = Message()
    header["Content-Type"] = content_type.replace("\r", " ").replace("\n", " ")
    try:
        name = codecs.lookup(str(header.get_content_charset(""))).name
    except (LookupError, UnicodeError, ValueError):
        return ""
    return name if _TEXT_CODECS.match(name) else ""


def _is_utf8(data: bytes) -> bool:
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return b"\0" not in data[:4]


def _shifts(data: bytes, codec: str) -> bool:
    """Return whether a text of seven bits is more than ASCII: it switches its alphabet on the way."""
    return codec.startswith(_SEVEN_BITS) and (b"\x1b" in data or b"~{" in data)
