"""One connection to an SMTP server: encrypted or not as was asked, and never at the mercy of what comes back.

smtplib speaks the protocol. What is added: every step has a deadline that a trickle of bytes cannot stretch,
replies have a longest line and a largest number of lines, a reply that is none is an error, and nothing that
arrived before TLS began is believed after it. LMTP (RFC 2033) differs in its greeting, and may come by a socket in
the file system.

The socket never blocks; what waits is `poll`, for as long as is left. A time-out of the socket would be a system call
before each step, and each of them lets another thread go first.
"""

import base64
import re
import select
import smtplib
import socket
import ssl
import sys
from dataclasses import dataclass
from time import monotonic
from typing import TYPE_CHECKING, Final, Literal, Self

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer as Buffer

Security = Literal["tls", "starttls", "none"]
Protocol = Literal["smtp", "lmtp"]

_REPLY = re.compile(rb"[2-5][0-9]{2}(?:[ -].*)?", re.DOTALL)
_LONGEST_LINE: Final = 4096  # RFC 5321 4.5.3.1.5 asks for 512
_MOST_LINES: Final = 100
_LARGEST_PIECE: Final = 4096

if sys.platform == "win32":  # pragma: no cover (no such machine here)

    def _ready(sock: socket.socket, *, to_send: bool, seconds: float) -> bool:
        wait = [sock]
        return any(select.select([] if to_send else wait, wait if to_send else [], wait, seconds))

else:

    def _ready(sock: socket.socket, *, to_send: bool, seconds: float) -> bool:
        """Wait until a socket can be sent to, or received from; return whether it can. One that is broken can."""
        poll = select.poll()  # not select: that knows no descriptor above 1023
        poll.register(sock, select.POLLOUT if to_send else select.POLLIN)
        return bool(poll.poll(seconds * 1000))


class NotSmtpError(smtplib.SMTPException):
    """The other side says something that is no SMTP, or at the wrong time."""


@dataclass(frozen=True, slots=True)
class Peer:
    """A server and how to speak with it."""

    host: str
    """A name, an address, or the path of a socket."""
    port: int
    security: Security
    helo: str
    """The name this side gives itself."""
    protocol: Protocol = "smtp"


class Wire(smtplib.SMTP):
    """A connection. Everything that fails raises OSError, of which smtplib.SMTPException is one."""

    def __init__(self, peer: Peer, context: ssl.SSLContext | None) -> None:
        super().__init__(local_hostname=peer.helo)
        self.ehlo_msg = "lhlo" if peer.protocol == "lmtp" else "ehlo"
        self.command_encoding = "utf-8"  # addresses beyond ASCII, where the server takes them
        self._peer, self._context = peer, context
        self._buffer = bytearray()
        self._deadline = 0.0

    @classmethod
    def open(cls, peer: Peer, context: ssl.SSLContext | None, seconds: float) -> Self:
        """Return a connection that has said hello, within `seconds`, encrypted as the peer wants it.

        `context` decides whom to trust; None is for a peer without encryption.
        """
        wire = cls(peer, context)
        try:
            wire.allow(seconds)
            wire._begin(seconds)
        except OSError:
            wire.close()
            raise
        return wire

    def allow(self, seconds: float) -> None:
        """Give all that follows together this long."""
        self._deadline = monotonic() + seconds

    @property
    def encrypted(self) -> str:
        """The version of TLS in use; empty without. The certificate was verified then."""
        return (self.sock.version() or "") if isinstance(self.sock, ssl.SSLSocket) else ""

    def log_in(self, user: str, password: str) -> None:
        """Log in by AUTH PLAIN or LOGIN (RFC 4616). Never sends a password where others could read it."""
        if not self.encrypted:
            raise NotSmtpError("refused to send a password over a line that is not encrypted")
        ways = self.esmtp_features.get("auth", "").upper().split()
        if "PLAIN" in ways:
            code, text = self.docmd("AUTH", f"PLAIN {_packed(f'{chr(0)}{user}{chr(0)}{password}')}")
        elif "LOGIN" in ways:
            code, text = self.docmd("AUTH", "LOGIN")
            for secret in (user, password):
                if code == 334:
                    code, text = self.docmd(_packed(secret))
        else:
            raise NotSmtpError(f"offers no way to log in with a password ({' '.join(ways) or 'no AUTH'})")
        if code != 235:
            raise smtplib.SMTPAuthenticationError(code, text)

    def leave(self, seconds: float) -> None:
        """Say good-bye, and hang up whatever the answer."""
        try:
            self.allow(seconds)
            self.docmd("QUIT")
        except OSError:
            pass  # it is over either way
        finally:
            self.close()

    def send(self, s: "str | Buffer") -> None:
        """Send text or bytes within the deadline."""
        left = memoryview(s.encode(self.command_encoding) if isinstance(s, str) else s)
        sock = self._open()
        try:
            while left:
                left = left[self._sent(sock, left) :]
        except OSError as error:
            raise self._lost(error) from error

    @property
    def is_quiet(self) -> bool:
        """Whether nothing came unasked: a farewell, or an answer too many, which would be taken for another."""
        if self.sock is None or self._buffer:
            return False
        try:
            if not (self._decrypted or _ready(self.sock, to_send=False, seconds=0)):
                return True
            came = self._there(self.sock)
        except OSError:
            return False  # it is gone
        self._buffer += came or b""
        return came is None  # TLS has things of its own to say

    def getreply(self) -> tuple[int, bytes]:
        """Return the code and the text of the next reply, lines joined by a line feed."""
        lines: list[bytes] = []
        while len(lines) < _MOST_LINES:
            line = self._line()
            if not _REPLY.fullmatch(line):
                raise self._hung_up(NotSmtpError(f"answered {line[:80]!r}, which is no SMTP reply"))
            lines.append(line[4:].strip())
            if line[3:4] != b"-":
                return int(line[:3]), b"\n".join(lines)
        raise self._hung_up(NotSmtpError(f"answered more than {_MOST_LINES} lines"))

    def _begin(self, seconds: float) -> None:
        """Connect, encrypt, say hello."""
        self.sock = self._connected(seconds)
        self.sock.setblocking(False)
        if self._peer.security == "tls":
            self._encrypt()
        code, text = self.getreply()
        if code != 220:
            raise smtplib.SMTPConnectError(code, text)
        self._say_hello()
        if self._peer.security == "starttls":
            self._start_tls()
            self._say_hello()

    def _connected(self, seconds: float) -> socket.socket:
        if self._peer.host.startswith("/"):
            sock = socket.socket(socket.AF_UNIX)
            try:
                sock.settimeout(seconds)
                sock.connect(self._peer.host)
            except OSError:
                sock.close()
                raise
            return sock
        sock = socket.create_connection((self._peer.host, self._peer.port), seconds)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # or the end of each mail waits for an ACK
        return sock

    def _say_hello(self) -> None:
        """Learn what the server can; LMTP knows no older greeting to fall back to."""
        if self._peer.protocol == "smtp":
            self.ehlo_or_helo_if_needed()
            return
        code, text = self.ehlo()
        if code != 250:
            raise smtplib.SMTPHeloError(code, text)

    def _start_tls(self) -> None:
        """Begin TLS (RFC 3207), or raise: there is no way on without it."""
        if not self.has_extn("starttls"):
            raise NotSmtpError("offers no STARTTLS, and nothing is sent in the clear")
        code, text = self.docmd("STARTTLS")
        if code != 220:
            raise smtplib.SMTPResponseException(code, text)
        if self._buffer:  # somebody in the middle wants it to be read as if it had come encrypted
            raise NotSmtpError("sent more than its answer before TLS began")
        self._encrypt()
        # What was said in the clear is forgotten (RFC 3207 4.2).
        self.ehlo_resp = self.helo_resp = None
        self.esmtp_features.clear()
        self.does_esmtp = False

    def _encrypt(self) -> None:
        """Wrap the socket; the certificate and its name are verified."""
        if self._context is None or self.sock is None:
            raise NotSmtpError("cannot begin TLS")
        self.sock.settimeout(self._left())
        self.sock = self._context.wrap_socket(self.sock, server_hostname=self._peer.host)
        self.sock.setblocking(False)

    def _line(self) -> bytes:
        """Return the next line without its end."""
        while (end := self._buffer.find(b"\n")) < 0:
            if len(self._buffer) > _LONGEST_LINE:
                raise self._hung_up(NotSmtpError(f"answered a line of more than {_LONGEST_LINE} bytes"))
            self._buffer += self._received()
        line = bytes(self._buffer[:end]).rstrip(b"\r")
        del self._buffer[: end + 1]
        return line

    def _sent(self, sock: socket.socket, data: memoryview) -> int:
        """Return how many bytes the system took; 0 when it has to be asked again."""
        self._left()
        try:
            return sock.send(data)
        except (BlockingIOError, ssl.SSLWantWriteError):
            self._wait(sock, to_send=True)
        except ssl.SSLWantReadError:
            self._wait(sock, to_send=False)
        return 0

    def _received(self) -> bytes:
        """Return the next bytes; raises when there are none before the deadline."""
        sock, data = self._open(), None
        try:
            while data is None:
                if not self._decrypted:
                    self._wait(sock, to_send=False)
                data = self._there(sock)
        except OSError as error:
            raise self._lost(error) from error
        if not data:
            raise self._hung_up(smtplib.SMTPServerDisconnected("hung up"))
        return data

    def _there(self, sock: socket.socket) -> bytes | None:
        """Return what has come, nothing where the line ends; None when it was nothing for us."""
        try:
            return sock.recv(_LARGEST_PIECE)
        except (BlockingIOError, ssl.SSLWantReadError):
            return None
        except ssl.SSLWantWriteError:
            self._wait(sock, to_send=True)
            return None

    @property
    def _decrypted(self) -> int:
        """Bytes that came with others, so that the system does not tell of them any longer."""
        return self.sock.pending() if isinstance(self.sock, ssl.SSLSocket) else 0

    def _wait(self, sock: socket.socket, *, to_send: bool) -> None:
        if not _ready(sock, to_send=to_send, seconds=self._left()):
            raise TimeoutError

    def _open(self) -> socket.socket:
        if self.sock is None:
            raise smtplib.SMTPServerDisconnected("is not connected any longer")
        return self.sock

    def _lost(self, error: OSError) -> smtplib.SMTPException:
        """Close a connection whose socket failed; return what is to be said of it."""
        late = isinstance(error, TimeoutError)
        why = "did not answer in time" if late else f"was lost ({error.strerror or error})"
        return self._hung_up(smtplib.SMTPServerDisconnected(why))

    def _left(self) -> float:
        """Return the seconds left."""
        left = self._deadline - monotonic()
        if left <= 0:
            raise TimeoutError("did not answer in time")
        return left

    def _hung_up(self, error: smtplib.SMTPException) -> smtplib.SMTPException:
        self.close()
        return error


def _packed(text: str) -> str:
    # A password from the environment may hold any bytes.
    return base64.b64encode(text.encode("utf-8", "surrogateescape")).decode("ascii")
