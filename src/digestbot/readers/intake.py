"""From a path or an open file to text: bounded, checked, and in one encoding.

::

    path ─open→ regular file ─take→ bytes ≤ limit ─to_text→ str and a note on the encoding

Nothing of the operating system gets past this module: whatever goes wrong is a `ReadError` that says
what to do next.
"""

import codecs
import os
import re
import stat
from pathlib import Path
from typing import BinaryIO

from digestbot.errors import ReadError

LIMIT = 256 * 1024**2
"""Bytes a digest may have. A month of all of arXiv has about 50 MB."""

_BLOCK = 1 << 20
_FLAGS = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)  # never wait for a pipe's writer
_MARKS = (  # the longer first: the mark of UTF-16 is the beginning of that of UTF-32
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_BINARY = (
    (b"%PDF", "a PDF: give the text of it"),
    (b"PK\x03\x04", "a zip archive: unpack it first"),
    (b"\x1f\x8b", "compressed with gzip: unpack it first"),
    (b"BZh", "compressed with bzip2: unpack it first"),
    (b"\xfd7zXZ", "compressed with xz: unpack it first"),
    (b"\x28\xb5\x2f\xfd", "compressed with zstd: unpack it first"),
    (b"SQLite format 3", "a database"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
)
_ADVICE: dict[type[OSError], str] = {
    FileNotFoundError: "there is no such file; check the path",
    PermissionError: "may not be read; give this user the right to read it",
    IsADirectoryError: "is a folder; name the files in it",
}
_DECLARED = re.compile(rb"""^\s*<[^>]{0,200}?\bencoding\s*=\s*["']([A-Za-z][A-Za-z0-9._:-]{0,40})["']""")
_META = re.compile(rb"""<meta\s[^>]{0,200}?\bcharset\s*=\s*["']?([A-Za-z][A-Za-z0-9._:-]{0,40})""", re.IGNORECASE)
_SEVEN_BITS = ("iso2022", "hz")
_TEXT_CODECS = re.compile(
    r"ascii|utf-(?:8|16|32)|iso8859|cp\d|koi8|gb|big5|euc|shift_?jis|iso2022|mac-|hz|johab|tis-620|ptcp154|kz1048"
)
_STRAY = {0xDC00 + byte: bytes([byte]).decode("cp1252", "replace") for byte in range(0x80, 0x100)}
_CYRILLIC = ("koi8-r", "cp1251")


def read_bytes(path: Path, limit: int = LIMIT) -> bytes:
    """Return what is in the file. Raises ReadError for whatever keeps it from being read; never OSError."""
    source = str(path)
    try:
        with os.fdopen(os.open(path, _FLAGS), "rb") as file:
            _check_kind(file, source)
            return take(file, source, limit)
    except OSError as error:
        raise ReadError(_advice(error), source=source) from error
    except ValueError as error:  # a NUL in the path
        raise ReadError(f"is not the name of a file: {error}", source=source) from error


def _advice(error: OSError) -> str:
    """Return what is wrong and what to do about it, in words for the person who named the file."""
    for kind, advice in _ADVICE.items():
        if isinstance(error, kind):
            return advice
    return f"cannot be read: {error.strerror or error}"


def _check_kind(file: BinaryIO, source: str) -> None:
    """Raise ReadError for what is no regular file: a pipe or a device may never end."""
    if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
        raise ReadError("is not a regular file; save what it gives to one and read that", source=source)


def take(file: BinaryIO, source: str, limit: int = LIMIT) -> bytes:
    """Return the rest of an open file. Raises ReadError when it is too large, empty or no text."""
    try:
        data = file.read(limit + 1)
    except (OSError, ValueError) as error:
        raise ReadError(f"broke off while it was read: {error}", source=source) from error
    if data is None:  # a file that does not wait had nothing yet
        raise ReadError("had nothing to read yet; try again", source=source)
    if len(data) > limit:
        raise ReadError(f"has more than {limit:,} bytes; split it and read the parts", source=source)
    if not data or data.isspace():
        raise ReadError("is empty; fetch it again", source=source)
    for magic, kind in _BINARY:
        if data.startswith(magic):
            raise ReadError(f"is not text but {kind}", source=source)
    return data


def to_text(data: bytes, source: str) -> tuple[str, str]:
    """Return `data` as text, and a note for people when its encoding had to be guessed.

    A byte order mark decides, then UTF-8 where it is valid, then what the markup declares, then
    Windows-1252 byte by byte. Raises ReadError for what holds NUL characters.
    """
    text, note = _decode(data)
    if "\0" in text:
        line = text.count("\n", 0, text.index("\0")) + 1
        raise ReadError(f"holds a NUL in line {line}, so it is no text; fetch it again", source=source)
    if not text or text.isspace():
        raise ReadError("is empty; fetch it again", source=source)
    return text, note


def to_utf8(data: bytes, source: str) -> tuple[bytes, str]:
    """Return `data` in UTF-8 without a mark, by the same rules, and the note. What is that already is not copied.

    The text of a large digest as a whole takes up to four times the memory of its bytes: one emoji is enough.
    """
    if _is_plain(data):
        return data, ""
    text, note = to_text(data, source)
    return text.encode(), note


def _is_plain(data: bytes) -> bool:
    """Tell whether nothing has to be decoded, guessed or refused."""
    head = data[:2048]
    blank = not head or head.decode("utf-8", "ignore").isspace()
    if blank or any(head.startswith(mark) for mark, _ in _MARKS) or b"\0" in data:
        return False
    return not _declared(head).startswith(_SEVEN_BITS) if data.isascii() else _is_utf8(data)


def _is_utf8(data: bytes) -> bool:
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        for start in range(0, len(data), _BLOCK):
            decoder.decode(data[start : start + _BLOCK], start + _BLOCK >= len(data))
    except UnicodeDecodeError:
        return False
    return True


def decode_part(data: bytes, charset: str) -> str:
    """Return a part of a mail as text, by the same rules; `charset` is what its header declares. Never raises."""
    name = _text_codec(charset)
    data = data.replace(b"\0", b"")
    if name.startswith(_SEVEN_BITS) and data.isascii():
        return data.decode(name, "replace")
    try:
        return data.decode().removeprefix("\ufeff")
    except UnicodeDecodeError:
        return _decode_foreign(data, name or _declared(data[:2048]))[0]


def _decode(data: bytes) -> tuple[str, str]:
    marked = next((codec for mark, codec in _MARKS if data.startswith(mark)), None) or _wide(data)
    if marked:
        return data.decode(marked, "replace").removeprefix("\ufeff"), ""
    declared = _declared(data[:2048])
    if declared.startswith(_SEVEN_BITS) and data.isascii():
        return data.decode(declared, "replace"), ""
    try:
        return data.decode(), ""
    except UnicodeDecodeError:
        return _decode_foreign(data, declared)


def _wide(data: bytes) -> str | None:
    """Return the codec of UTF-16 text without a mark (XML 1.0, appendix F), if it is that."""
    zeros = [byte == 0 for byte in data[:4]]
    if zeros == [False, True, False, True]:
        return "utf-16-le"
    return "utf-16-be" if zeros == [True, False, True, False] else None


def _declared(head: bytes) -> str:
    """Return the name of the codec that the markup declares; "" for none, or one that is not for text."""
    found = _DECLARED.search(head) or _META.search(head)
    return _text_codec(found[1].decode("ascii")) if found else ""


def _text_codec(declared: str) -> str:
    """Return Python's name of a codec for text; "" for what is none."""
    try:
        name = codecs.lookup(declared).name if declared else ""
    except (LookupError, ValueError):
        return ""
    return name if _TEXT_CODECS.match(name) else ""


def _decode_foreign(data: bytes, declared: str) -> tuple[str, str]:
    """Decode what is not UTF-8."""
    if declared and not declared.startswith("utf-8"):
        return data.decode(declared, "replace"), ""
    if codec := _cyrillic(data):
        return data.decode(codec, "replace"), f"declares no encoding; it looks like {codec}"
    text = data.decode("utf-8", "surrogateescape").translate(_STRAY)
    return text, "some bytes are not UTF-8; they were read as Windows-1252"


def _cyrillic(data: bytes) -> str | None:
    """Return the Cyrillic codec that makes Russian of `data`: mostly small letters, often о, е, а, и, н, т."""
    sample = data[: 1 << 16]
    high = sum(byte >= 0x80 for byte in sample)
    if high < 40 or high * 4 < len(sample):
        return None
    for codec in _CYRILLIC:
        text = sample.decode(codec, "replace")
        if sum(text.count(letter) for letter in "оеаинт") > 0.35 * high:
            return codec
    return None
