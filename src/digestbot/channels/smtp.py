"""A mail is handed to an SMTP server, and what became of it is one of four things.

::

    2yz after the dot                                       sent: the reply is returned
    4yz, no connection, no TLS, no log-in,
    broken or not SMTP before the dot                       TransientDeliveryError
    5yz to the address, the sender or the mail              PermanentDeliveryError
    broken or not SMTP after the dot                        DoubtfulDeliveryError

A server that cannot be spoken with says nothing about the mail, so that is never permanent: a wrong password
must not turn a night's mails into dead letters. Encryption is what was asked for or nothing.
"""

import smtplib
import ssl
from collections.abc import Collection
from dataclasses import dataclass, field
from ipaddress import IPv6Address
from pathlib import Path
from types import TracebackType
from typing import ClassVar, Final, Self

from digestbot.addresses import Mailbox, domain_to_ascii, parse_mailbox
from digestbot.channels.wire import Peer, Security, Wire
from digestbot.errors import DeliveryError, DoubtfulDeliveryError, PermanentDeliveryError, TransientDeliveryError
from digestbot.models import Message

_PORTS: Final = {"tls": 465, "starttls": 587, "none": 25}
_NOT_ABOUT_THE_MAIL: Final = (530, 534, 535, 538)  # RFC 4954: log-in wanted, or wanted otherwise
_LONGEST_REPLY: Final = 1000
_COURTESY: Final = 10.0  # seconds for a RSET or a QUIT


@dataclass(frozen=True, slots=True)
class SmtpServer:
    """The server that takes our mails. Times are in seconds.

    Raises ValueError when a setting cannot be: a password without encryption among them.
    """

    host: str
    sender: str
    """Who the mails are from: ``Digest <digest@example.org>``; the bare address goes on the envelope."""
    security: Security = "starttls"
    """``tls`` from the first byte, ``starttls`` before anything else, or ``none``."""
    port: int = 0
    """0 for the usual one: 465, 587 or 25."""
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

    def __post_init__(self) -> None:
        parse_mailbox(self.sender)
        if self.security not in _PORTS:
            raise ValueError(f"security is {self.security!r}; write one of {', '.join(_PORTS)}")
        if self.security == "none" and (self.user or self.password):
            raise ValueError("a password needs security = 'tls' or 'starttls'; it is never sent in the clear")
        _host(self.host)
        if not 0 <= self.port <= 65535:
            raise ValueError(f"{self.port} is no port")

    @property
    def longest(self) -> float:
        """How long one delivery can take; nobody else may take the message up meanwhile."""
        return 2 * _COURTESY + self.connect_timeout + self.command_timeout + self.dot_timeout

    @property
    def peer(self) -> Peer:
        """The server as a connection needs it."""
        helo = domain_to_ascii(self.helo or parse_mailbox(self.sender).domain)
        return Peer(_host(self.host), self.port or _PORTS[self.security], self.security, helo)


def _host(text: str) -> str:
    """Return a host name or an IP address as the system's resolver takes it. Raises ValueError."""
    return str(IPv6Address(text)) if ":" in text else domain_to_ascii(text)


@dataclass(frozen=True, slots=True)
class _Letter:
    """A message as it goes on the wire."""

    message: Message
    sender: Mailbox
    recipient: Mailbox
    content: bytes

    @property
    def eight_bit(self) -> bool:
        return not self.content.isascii()

    @property
    def international(self) -> bool:
        """Whether it needs SMTPUTF8 (RFC 6531 3.4)."""
        head = self.content.partition(b"\r\n\r\n")[0]
        return self.sender.international or self.recipient.international or not head.isascii()

    @property
    def stuffed(self) -> bytes:
        """The content with its dots doubled and the last dot behind it (RFC 5321 4.5.2)."""
        lead, end = b"." * self.content.startswith(b"."), b"" if self.content.endswith(b"\r\n") else b"\r\n"
        return b"".join((lead, self.content.replace(b"\r\n.", b"\r\n.."), end, b".\r\n"))


class SmtpChannel:
    """Hands mails to one server over one connection, which is kept between messages."""

    accepts: ClassVar[Collection[str]] = ("message/rfc822",)

    def __init__(self, server: SmtpServer) -> None:
        self._server = server
        self._wire: Wire | None = None
        self._carried = 0
        """Messages tried over this connection."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Say good-bye to the server. The next message connects again."""
        wire, self._wire = self._wire, None
        if wire is not None:
            wire.leave(_COURTESY)

    def deliver(self, message: Message) -> str:
        """Hand the mail over and return the server's reply. Raises the DeliveryError tree."""
        letter = self._letter(message)
        wire = self._connection(message)
        self._carried += 1
        self._announce(wire, letter)
        return self._hand_over(wire, letter)

    def probe(self) -> str:
        """Connect, encrypt and log in, without a mail; return how that went. Raises TransientDeliveryError."""
        wire = self._connection(Message("", "email", "", "", ()))
        return f"{self._place}, {wire.encrypted or 'not encrypted'}{self._server.user and f', as {self._server.user}'}"

    @property
    def _place(self) -> str:
        return f"{self._server.peer.host}:{self._server.peer.port}"

    def _letter(self, message: Message) -> _Letter:
        """Return what goes over the wire, checked. Raises PermanentDeliveryError."""
        content = next((part.content for part in message.parts if part.media_type in self.accepts), b"")
        if not content:
            raise _failure(PermanentDeliveryError, message, "the message has no part of message/rfc822")
        if not content.count(b"\r\n") == content.count(b"\n") == content.count(b"\r"):
            # A server may take a line end that is none for the end of the mail.
            raise _failure(PermanentDeliveryError, message, "the mail holds a line end that is not CRLF")
        try:
            return _Letter(message, parse_mailbox(self._server.sender), parse_mailbox(message.address), content)
        except ValueError as error:
            raise _failure(PermanentDeliveryError, message, str(error)) from error

    def _connection(self, message: Message) -> Wire:
        """Return a connection that is ready for a mail: the one that is there, or else a new one."""
        if self._wire is not None and self._carried < self._server.messages_per_connection and _answers(self._wire):
            return self._wire
        self.close()
        try:
            self._wire, self._carried = self._opened(), 0
        except OSError as error:
            text = f"cannot use {self._place}: {_why(error)}"
            raise _failure(TransientDeliveryError, message, text, _reply_in(error)) from error
        return self._wire

    def _opened(self) -> Wire:
        server = self._server
        wire = Wire.open(server.peer, _trust(server), server.connect_timeout)
        try:
            if server.user:
                wire.log_in(server.user, server.password)
        except OSError:
            wire.leave(_COURTESY)
            raise
        return wire

    def _announce(self, wire: Wire, letter: _Letter) -> None:
        """Say who writes to whom, and get leave to hand the mail over."""
        options = self._options(wire, letter)
        wire.allow(self._server.command_timeout)
        self._command(wire, letter, "MAIL", " ".join([f"FROM:<{letter.sender.spec}>", *options]), 2)
        self._command(wire, letter, "RCPT", f"TO:<{letter.recipient.spec}>", 2)
        self._command(wire, letter, "DATA", "", 3)

    def _options(self, wire: Wire, letter: _Letter) -> list[str]:
        """Return what MAIL has to say of the mail. Raises PermanentDeliveryError when the server cannot take such."""
        options = []
        if wire.has_extn("size"):
            limit, size = wire.esmtp_features["size"], len(letter.content)
            if limit.isdecimal() and 0 < int(limit[:18]) < size:
                text = f"the mail has {size} bytes, {self._place} takes {limit}"
                raise _failure(PermanentDeliveryError, letter.message, text)
            options.append(f"SIZE={size}")
        for wanted, extension, option, what in (
            (letter.eight_bit, "8bitmime", "BODY=8BITMIME", "8-bit mails"),
            (letter.international, "smtputf8", "SMTPUTF8", "addresses beyond ASCII"),
        ):
            if wanted and not wire.has_extn(extension):
                raise _failure(PermanentDeliveryError, letter.message, f"{self._place} takes no {what}")
            options += [option] if wanted else []
        return options

    def _command(self, wire: Wire, letter: _Letter, verb: str, rest: str, kind: int) -> None:
        """Send a command whose reply has to begin with the digit `kind`."""
        try:
            code, text = wire.docmd(verb, rest)
        except OSError as error:
            self.close()
            raise _failure(TransientDeliveryError, letter.message, f"{self._place} {_why(error)} at {verb}") from error
        if code // 100 != kind:
            raise self._refusal(wire, letter, verb, code, text)

    def _hand_over(self, wire: Wire, letter: _Letter) -> str:
        """Send the mail and return the answer. Between the two, nobody knows whose it is (RFC 1047)."""
        wire.allow(self._server.dot_timeout)
        try:
            wire.send(letter.stuffed)
        except OSError as error:
            self.close()
            text = f"{self._place} {_why(error)} in the middle of the mail"
            raise _failure(TransientDeliveryError, letter.message, text) from error
        try:
            code, answer = wire.getreply()
        except OSError as error:
            self.close()
            text = f"{self._place} {_why(error)} after the whole mail was handed over: it may have arrived"
            raise _failure(DoubtfulDeliveryError, letter.message, text) from error
        if code // 100 != 2:
            raise self._refusal(wire, letter, "the mail", code, answer)
        return _reply(code, answer)

    def _refusal(self, wire: Wire, letter: _Letter, step: str, code: int, answer: bytes) -> DeliveryError:
        """Return the error for a reply that is not the one that was hoped for."""
        reply = _reply(code, answer)
        # Many servers do not ask for a log-in that is missing, they call it a matter of policy.
        anonymous = not self._server.user and wire.has_extn("auth") and answer.startswith(b"5.7.")
        if code // 100 not in (4, 5) or code == 421:  # out of step, or about to hang up
            self.close()
        if code // 100 == 5 and code not in _NOT_ABOUT_THE_MAIL and not anonymous:
            return _failure(PermanentDeliveryError, letter.message, f"{self._place} refused {step}: {reply}", reply)
        hint = "; it may want a log-in" if anonymous else ""
        return _failure(TransientDeliveryError, letter.message, f"{self._place} put {step} off: {reply}{hint}", reply)


def _failure(kind: type[DeliveryError], message: Message, text: str, reply: str = "") -> DeliveryError:
    return kind(text, channel="email", address=message.address, reply=reply)


def _trust(server: SmtpServer) -> ssl.SSLContext | None:
    """Return what decides whom to trust; None when nothing is encrypted. Raises OSError."""
    if server.security == "none":
        return None
    context = ssl.create_default_context(cafile=server.ca_file)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


def _answers(wire: Wire) -> bool:
    """Return whether a connection that was idle still works, and leave any unfinished mail behind."""
    wire.allow(_COURTESY)
    try:
        return wire.docmd("RSET")[0] == 250
    except OSError:
        return False


def _why(error: OSError) -> str:
    """Return what went wrong, as the end of a sentence about the server."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"has a certificate that proves nothing: {error.verify_message}"
    if isinstance(error, ssl.SSLError):
        return f"does not speak TLS with us: {error.reason or error}"
    if reply := _reply_in(error):
        return f"answered {reply}"
    return str(error.strerror or error)


def _reply_in(error: OSError) -> str:
    return _reply(error.smtp_code, error.smtp_error) if isinstance(error, smtplib.SMTPResponseException) else ""


def _reply(code: int, answer: bytes | str) -> str:
    """Return a reply as one line of text, enhanced status code and all (RFC 3463)."""
    text = answer.decode("utf-8", "replace") if isinstance(answer, bytes) else answer
    plain = "".join(character if character.isprintable() else " " for character in text)
    return f"{code} {' '.join(plain.split())}"[:_LONGEST_REPLY].rstrip()
