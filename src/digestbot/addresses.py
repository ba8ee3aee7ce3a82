"""A mail address, taken apart and checked, in the forms that headers and envelopes need (RFC 5321, 5322, 6531).

::

    Ada <ada@example.org>          "Chen, Li" <li@example.org>
    grüße@example.org              needs SMTPUTF8
    you@müller.example             goes out as you@xn--mller-kva.example
    "two words"@example.org        a quoted local part stays quoted
"""

import re
import unicodedata
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address
from urllib.parse import unquote

_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~\x80-\U0010ffff-]+"  # RFC 5322 atext, RFC 6532 beyond ASCII
_DOT_ATOM = re.compile(rf"{_ATOM}(?:\.{_ATOM})*")
_QUOTED = re.compile(r'"(?:[ !#-\[\]-~]|\\[ -~])*"')
_LABEL = re.compile(r"[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?")
_DOTS = re.compile("[.\u3002\uff0e\uff61]")  # what IDNA takes for a dot
_LONGEST_TEXT = 500
_NAMED = re.compile(r"\A[^<>]{1,500}<([^<>@\s]{1,64}@[^<>@\s]{1,255})>\Z")
_URL = re.compile(r"\b([A-Za-z][A-Za-z0-9+.-]{0,30})://([^\s\"'<>]*)")
_MAIL = re.compile(r"""[^\s<>"']{1,64}@""")


@dataclass(frozen=True, slots=True)
class Mailbox:
    """One address. `local` is as written, with its quotes if it has some; `domain` is in ASCII and lower case."""

    local: str
    domain: str
    name: str = ""
    """The display name, unquoted."""

    @property
    def spec(self) -> str:
        """The bare address: ``you@example.org``."""
        return f"{self.local}@{self.domain}"

    @property
    def international(self) -> bool:
        """True when only a server with SMTPUTF8 (RFC 6531) can take it."""
        return not self.local.isascii()


def parse_mailbox(text: str) -> Mailbox:
    """Return the one address in `text`, ``you@example.org`` or ``Name <you@example.org>``.

    Raises ValueError with a message that says what is wrong. Nothing that could start a new header line or
    be read as a second address gets through.
    """
    text = text.strip(" ")
    if len(text) > _LONGEST_TEXT:
        raise ValueError(f"an address is shorter than {_LONGEST_TEXT} characters")
    if not text.isprintable() and any(
        unicodedata.category(character) in {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"} for character in text
    ):
        raise ValueError(f"{text!r} holds a control character")
    if text.endswith(">"):
        name, _, spec = text[:-1].rpartition("<")
        return _mailbox(spec, _display_name(name.strip(" ")))
    return _mailbox(text, "")


def _mailbox(spec: str, name: str) -> Mailbox:
    local, at, domain = spec.rpartition("@")
    if not at:
        raise ValueError(f"{spec!r} has no @; an address looks like you@example.org")
    local = unicodedata.normalize("NFC", local)
    if not (_DOT_ATOM.fullmatch(local) or _QUOTED.fullmatch(local)):
        raise ValueError(f"{local!r} cannot stand before the @; one address looks like you@example.org")
    mailbox = Mailbox(local, domain_to_ascii(domain), name)
    if len(local.encode()) > 64 or len(mailbox.spec.encode()) > 254:  # RFC 5321 4.5.3.1
        raise ValueError(f"{spec!r} is too long for an address")
    return mailbox


def _display_name(text: str) -> str:
    """Return the name without its quotes."""
    if _QUOTED.fullmatch(text) or (len(text) > 1 and text[0] == text[-1] == '"' and '"' not in text[1:-1]):
        return re.sub(r"\\(.)", r"\1", text[1:-1])
    if "@" in text or "<" in text:
        raise ValueError(f"{text!r} before the address looks like another address; write one, or quote the name")
    return text


def domain_to_ascii(domain: str) -> str:
    """Return `domain` as the DNS holds it: lower case, other scripts as A-labels (IDNA 2008, non-transitional).

    ``[192.0.2.1]`` and ``[IPv6:2001:db8::1]`` pass through. Raises ValueError for what is no domain.
    """
    if domain.startswith("[") and domain.endswith("]"):
        return _literal(domain)
    labels = [_label(label, domain) for label in _DOTS.split(domain)]
    if len(".".join(labels)) > 253:
        raise ValueError(f"{domain!r} is too long for a domain")
    return ".".join(labels)


def _literal(domain: str) -> str:
    address = domain[1:-1]
    try:
        six = address[:5].lower() == "ipv6:"
        return f"[IPv6:{IPv6Address(address[5:])}]" if six else f"[{IPv4Address(address)}]"
    except ValueError as error:
        raise ValueError(f"{domain!r} holds no IP address") from error


def _label(label: str, domain: str) -> str:
    """Return one label in ASCII. Python's own codec knows IDNA 2003 only, which sends ``faß`` to ``fass``."""
    plain = unicodedata.normalize("NFKC", label.lower())
    if not plain.isascii():
        if not all(character == "-" or unicodedata.category(character)[0] in "LMN" for character in plain):
            raise ValueError(f"{domain!r} is no domain name")
        plain = f"xn--{plain.encode('punycode').decode('ascii')}"
    if len(plain) > 63 or not _LABEL.fullmatch(plain):
        raise ValueError(f"{domain!r} is no domain name")
    return plain


def masked(text: str) -> str:
    """Return text for others to see: of mail addresses and of URLs in it only what says where they lead.

    ``ada@example.org`` becomes ``a…@example.org``, ``https://example.org/hooks/T0K3N`` becomes
    ``https://example.org/…``; of other URLs, in whose every part tokens stand, the scheme is left: ``slack://…``.
    A text that is a name with an address is taken for the address alone.
    """
    bare = _NAMED.sub(r"\1", text)
    return _MAIL.sub(lambda found: f"{found[0][0]}…@", _URL.sub(_masked_url, bare))


def _masked_url(found: re.Match[str]) -> str:
    scheme, rest = str(found[1]).lower(), str(found[2])
    if scheme not in {"http", "https"}:
        return f"{scheme}://…"
    host, mark, path = rest.replace("?", "/").replace("#", "/").partition("/")
    return f"{scheme}://{host.rpartition('@')[2]}{mark}{'…' if path else ''}"


def without(text: str, url: str) -> str:
    """Return text in one line and without any piece of a URL but its scheme: tokens stand in every one of them."""
    rest = url.partition("://")[2]
    pieces = {piece for whole in (rest, unquote(rest)) for piece in re.findall(r"[^/:@?&=#,\s]{4,}", whole)}
    for piece in sorted({rest, *pieces} - {""}, key=len, reverse=True):
        text = text.replace(piece, "…")
    return " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())
