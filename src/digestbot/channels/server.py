"""What takes our mails: a server, by SMTP or LMTP, and on what terms."""

from dataclasses import dataclass, field
from ipaddress import IPv6Address
from pathlib import Path
from typing import Final

from digestbot.addresses import Mailbox, domain_to_ascii, parse_mailbox
from digestbot.bounces.marks import return_path
from digestbot.channels.wire import Peer, Protocol, Security
from digestbot.models import Message

_PORTS: Final = {"tls": 465, "starttls": 587, "none": 25}
_LMTP_PORT: Final = 24
_LONGEST_LOCAL: Final = 30
"""Octets before the ``+`` of a return path: a local part has 64 at most (RFC 5321, 4.5.3.1.1)."""


@dataclass(frozen=True, slots=True)
class Envelope:
    """Who a mail is from, on the way: the sender's own address, or a return path of its own for each delivery."""

    sender: str
    return_path: str = ""
    _base: Mailbox = field(init=False, repr=False, compare=False)
    """Where bounces go, without the mark of a delivery: read once, for all mails."""

    def __post_init__(self) -> None:
        parse_mailbox(self.sender)
        object.__setattr__(self, "_base", parse_mailbox(self.return_path or self.sender))
        if self.return_path and len(self._base.local) > _LONGEST_LOCAL:
            raise ValueError(f"the return path {self.return_path!r} is too long before the @ to hold a delivery's key")

    def sender_of(self, message: Message) -> Mailbox:
        """Return the address that bounces of a message go to (VERP)."""
        base = self._base
        if not self.return_path:
            return base
        return Mailbox(return_path(base.local, message.key, message.generation), base.domain)


@dataclass(frozen=True, slots=True)
class SmtpServer:
    """The server that takes our mails. Times are in seconds.

    Raises ValueError when a setting cannot be: a password without encryption among them.
    """

    host: str
    """A name, an address, or the path of a socket (LMTP)."""
    sender: str
    """Who the mails are from: ``Digest <digest@example.org>``; the bare address goes on the envelope."""
    security: Security = "starttls"
    """``tls`` from the first byte, ``starttls`` before anything else, or ``none``."""
    port: int = 0
    """0 for the usual one: 465, 587 or 25; 24 for LMTP."""
    user: str = ""
    password: str = field(default="", repr=False)
    helo: str = ""
    """The name this side gives itself; empty for the sender's domain."""
    ca_file: Path | None = None
    """Certificates to trust in place of the system's."""
    connect_timeout: float = 30.0
    """For connecting, TLS and log-in together."""
    command_timeout: float = 30.0
    """For all commands before the mail itself together."""
    dot_timeout: float = 90.0
    """For the mail itself and the answer to it."""
    messages_per_connection: int = 100
    """Some servers take no more and say so only by refusing the next one."""
    protocol: Protocol = "smtp"
    return_path: str = ""
    """The address that bounces go to, with the delivery's key in it: ``bounces@example.org``. Empty: the sender's."""

    def __post_init__(self) -> None:
        _ = self.envelope
        if self.security not in _PORTS:
            raise ValueError(f"security is {self.security!r}; write one of {', '.join(_PORTS)}")
        if self.security == "none" and (self.user or self.password):
            raise ValueError("a password needs security = 'tls' or 'starttls'; it is never sent in the clear")
        if self.host.startswith("/") and self.security != "none":
            raise ValueError("a socket in the file system is not encrypted; set security = 'none'")
        _host(self.host)
        if not 0 <= self.port <= 65535:
            raise ValueError(f"{self.port} is no port")

    @property
    def envelope(self) -> Envelope:
        """Who mails are from, on the way."""
        return Envelope(self.sender, self.return_path)

    @property
    def longest(self) -> float:
        """How long one delivery can take; nobody else may take the message up meanwhile."""
        return 20.0 + self.connect_timeout + self.command_timeout + self.dot_timeout

    @property
    def place(self) -> str:
        """Where it is, for people."""
        peer = self.peer
        return peer.host if peer.host.startswith("/") else f"{peer.host}:{peer.port}"

    @property
    def peer(self) -> Peer:
        """The server as a connection needs it."""
        helo = domain_to_ascii(self.helo or parse_mailbox(self.sender).domain)
        usual = _LMTP_PORT if self.protocol == "lmtp" else _PORTS[self.security]
        return Peer(_host(self.host), self.port or usual, self.security, helo, self.protocol)


def _host(text: str) -> str:
    """Return a host name or an IP address as the system's resolver takes it, or a path. Raises ValueError."""
    if text.startswith("/"):
        return text
    return str(IPv6Address(text)) if ":" in text else domain_to_ascii(text)
