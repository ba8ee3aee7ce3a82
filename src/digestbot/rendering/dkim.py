"""A mail is signed so that receivers know whose it is (DKIM, RFC 6376), by RSA, by Ed25519 (RFC 8463), or by both.

::

    canonical body ─sha256→ bh=      canonical head + the signature's own header ─sign→ b=

It is signed when it is made, not when it is handed over. The bytes in the outbox are the bytes that go out, so a second
copy equals the first even after a key was changed in between. ``t=`` is the time of the mail; there is no ``x=``,
since a mail may wait.
"""

import base64
import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from digestbot.addresses import domain_to_ascii

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

SIGNED: Final = (
    *("From", "To", "Subject", "Date", "Message-ID", "Reply-To", "Cc", "References", "In-Reply-To"),
    *("MIME-Version", "Content-Type", "Content-Language"),
    *("List-Id", "List-Unsubscribe", "List-Unsubscribe-Post", "Feedback-ID", "Auto-Submitted", "Precedence"),
)
OVERSIGNED: Final = frozenset(
    {"From", "To", "Subject", "Date", "Message-ID", "Reply-To", "Cc", "Content-Type"}
    | {"List-Unsubscribe", "List-Unsubscribe-Post"}
)
"""Named once more than they occur, so that nobody can add another one on the way (RFC 6376, 5.4.2 and 8.15)."""
_LEAST_BITS: Final = 1024  # RFC 8301, 3.2
_SELECTOR: Final = re.compile(
    r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?){0,5}"
)
_LINE: Final = 74
_SEAM: Final = "\r\n "
_FIELD: Final = re.compile(rb"[^\r\n]+\r\n(?:[ \t][^\r\n]*\r\n)*")


@dataclass(frozen=True, slots=True)
class DkimKey:
    """A private key with the name under which its public half is published. Its repr shows no secret."""

    domain: str
    selector: str
    private: "RSAPrivateKey | Ed25519PrivateKey"

    def __repr__(self) -> str:
        return f"DkimKey({self.name!r}, {self.algorithm!r})"

    @property
    def algorithm(self) -> str:
        """The signature's ``a=``."""
        return "rsa-sha256" if hasattr(self.private, "key_size") else "ed25519-sha256"

    @property
    def name(self) -> str:
        """The name in the DNS that holds the public half."""
        return f"{self.selector}._domainkey.{self.domain}"

    @property
    def record(self) -> str:
        """The text to publish under `name` (RFC 6376, 3.6.1; RFC 8463, 4.2)."""
        from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat  # noqa: PLC0415 (an extra)

        rsa = self.algorithm == "rsa-sha256"
        ways = (Encoding.DER, PublicFormat.SubjectPublicKeyInfo) if rsa else (Encoding.Raw, PublicFormat.Raw)
        public = base64.b64encode(self.private.public_key().public_bytes(*ways)).decode("ascii")
        return f"v=DKIM1; k={'rsa' if rsa else 'ed25519'}; p={public}"

    @property
    def zone_line(self) -> str:
        """The record as a zone file holds it: strings of 255 octets at most (RFC 1035, 3.3)."""
        text = self.record
        parts = " ".join(f'"{text[start : start + 250]}"' for start in range(0, len(text), 250))
        return f"{self.name}. IN TXT ({parts})" if len(text) > 250 else f"{self.name}. IN TXT {parts}"

    def sign(self, data: bytes) -> bytes:
        """Return the signature of `data`; the same for the same data."""
        if self.algorithm == "ed25519-sha256":
            return self.private.sign(hashlib.sha256(data).digest())  # type: ignore[call-arg]
        from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15  # noqa: PLC0415 (an extra)
        from cryptography.hazmat.primitives.hashes import SHA256  # noqa: PLC0415

        return self.private.sign(data, PKCS1v15(), SHA256())  # type: ignore[call-arg]


def load_key(pem: bytes, domain: str, selector: str) -> DkimKey:
    """Return the key in a PEM file. Raises ValueError, which never holds a part of the key."""
    try:
        from cryptography.exceptions import UnsupportedAlgorithm  # noqa: PLC0415 (an extra)
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey  # noqa: PLC0415
        from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey  # noqa: PLC0415
        from cryptography.hazmat.primitives.serialization import load_pem_private_key  # noqa: PLC0415
    except ImportError as error:
        raise ValueError("signing needs an extra: pip install 'digestbot[dkim]'") from error
    if not _SELECTOR.fullmatch(selector):
        raise ValueError(f"{selector!r} is no selector; one looks like 2026a")
    try:
        private = load_pem_private_key(pem, password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise ValueError("it holds no private key in PEM without a password") from None
    if isinstance(private, RSAPrivateKey) and private.key_size < _LEAST_BITS:
        raise ValueError(f"an RSA key of {private.key_size} bits is not believed any longer; make one of 2048")
    if not isinstance(private, RSAPrivateKey | Ed25519PrivateKey):
        raise ValueError("it holds a key that is neither RSA nor Ed25519")  # noqa: TRY004 (a value from a file)
    return DkimKey(domain_to_ascii(domain), selector, private)


def new_key(algorithm: str) -> bytes:
    """Return a new private key in PEM: ``rsa`` of 2048 bits, or ``ed25519``. Raises ValueError without the extra."""
    try:
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey  # noqa: PLC0415 (an extra)
        from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key  # noqa: PLC0415
        from cryptography.hazmat.primitives.serialization import (  # noqa: PLC0415
            Encoding,
            NoEncryption,
            PrivateFormat,
        )
    except ImportError as error:
        raise ValueError("signing needs an extra: pip install 'digestbot[dkim]'") from error
    private = Ed25519PrivateKey.generate() if algorithm == "ed25519" else generate_private_key(65537, 2048)
    return private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def signatures(head: bytes, body: bytes, keys: Sequence[DkimKey], when: datetime) -> bytes:
    """Return a signature of each key as headers to stand before those of `head`; `when` is aware.

    Lines end in CRLF; `body` is as `relaxed_body` returns it. Those by RSA stand first: some receivers look at one
    signature only, and that is the one they know.
    """
    if not keys:
        return b""
    keys = sorted(keys, key=lambda key: key.algorithm != "rsa-sha256")
    fields = [(field.partition(b":")[0].decode("ascii").strip().lower(), field) for field in _FIELD.findall(head)]
    names = _names(tuple(name for name, _ in fields))
    digest = base64.b64encode(hashlib.sha256(body).digest()).decode("ascii")
    signed = _canonical(fields, names)
    return b"".join([_signature(key, names, signed, digest, when) for key in keys])


def relaxed_body(body: bytes) -> bytes:
    """Return lines of a body in the relaxed form (RFC 6376, 3.4.4); for a whole one, without empty lines at its end."""
    text = body.replace(b"\t", b" ")
    while b"  " in text:
        text = text.replace(b"  ", b" ")
    return text.replace(b" \r\n", b"\r\n").removesuffix(b" ")


def _signature(key: DkimKey, names: tuple[str, ...], head: bytes, digest: str, when: datetime) -> bytes:
    tags = [
        f"DKIM-Signature: v=1; a={key.algorithm}; c=relaxed/relaxed;",
        f"d={key.domain}; s={key.selector};",
        f"t={int(when.timestamp())};",
        _folded(names),
        f"bh={digest};",
        "b=",
    ]
    unsigned = "\r\n ".join(tags)
    data = head + _relaxed_header(unsigned.encode("ascii")).removesuffix(b"\r\n")
    value = base64.b64encode(key.sign(data)).decode("ascii")
    return f"{unsigned}{_SEAM.join(_chunks(value))}\r\n".encode("ascii")


@lru_cache(maxsize=64)  # mails of one installation have the same headers, or nearly so
def _names(there: tuple[str, ...]) -> tuple[str, ...]:
    """Return the names for ``h=``: each as often as it occurs, some once more."""
    found: list[str] = []
    for name in SIGNED:
        count = there.count(name.lower())
        found += [name] * (count + (name in OVERSIGNED and (count > 0 or name in {"Reply-To", "Cc"})))
    return tuple(found)


def _canonical(fields: Sequence[tuple[str, bytes]], names: Sequence[str]) -> bytes:
    """Return the headers that `names` asks for, the last of a name first (RFC 6376, 5.4.2)."""
    left: dict[str, list[bytes]] = {}
    for name, field in fields:
        left.setdefault(name, []).append(field)
    picked = [left[name.lower()].pop() for name in names if left.get(name.lower())]
    return b"".join(map(_relaxed_header, picked))


def _relaxed_header(field: bytes) -> bytes:
    """Return a header, which has no control characters, in the relaxed form (RFC 6376, 3.4.2)."""
    name, _, value = field.partition(b":")
    return b"%b:%b\r\n" % (name.strip().lower(), b" ".join(value.split()))


@lru_cache(maxsize=64)
def _folded(names: tuple[str, ...]) -> str:
    """Return ``h=`` in lines that end behind a colon."""
    lines = ["h="]
    for name in names:
        if len(lines[-1]) + len(name) + 1 > _LINE:
            lines.append("")
        lines[-1] += f"{name}:"
    return f"{_SEAM.join(lines).removesuffix(':')};"


def _chunks(text: str) -> list[str]:
    return [text[start : start + _LINE - 2] for start in range(0, len(text), _LINE - 2)]
