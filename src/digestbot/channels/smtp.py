"""A mail is handed to an SMTP server, and what became of it is one of four things.

::

    2yz after the dot                                       sent: the reply is returned
    4yz, no connection, no TLS, no log-in, a refusal of us,
    broken or not SMTP before the dot                       TransientDeliveryError
    5yz to the address or the mail                          PermanentDeliveryError
    broken or not SMTP after the dot                        DoubtfulDeliveryError

Each error says what it is about (`scope`). A server that cannot be spoken with says nothing about the mail, so that
is never permanent: a wrong password must not turn a night's mails into dead letters. Encryption is what was asked for
or nothing. Commands go out together where the server allows it (PIPELINING, RFC 2920); the mail itself never goes
before each of them was answered, so nothing is in doubt before the dot.
"""

import smtplib
import ssl
from collections.abc import Collection
from pathlib import Path
from types import TracebackType
from typing import ClassVar, Final, Self

from digestbot.channels.letter import Letter, failure, letter_of
from digestbot.channels.replies import Reply, Step, reply_of, scope_of
from digestbot.channels.server import SmtpServer
from digestbot.channels.wire import NotSmtpError, Wire
from digestbot.errors import DeliveryError, DoubtfulDeliveryError, PermanentDeliveryError, TransientDeliveryError
from digestbot.models import Message

__all__ = ["SmtpChannel", "SmtpServer"]

_COURTESY: Final = 10.0  # seconds for a QUIT


class _StaleError(Exception):
    """A connection that was kept turned out to be closed before it answered anything."""


class SmtpChannel:
    """Hands mails to one server over one connection, which is kept between messages.

    One thread uses it at a time; several channels beside each other are several connections.
    """

    accepts: ClassVar[Collection[str]] = ("message/rfc822",)

    def __init__(self, server: SmtpServer) -> None:
        self._server, self._envelope, self._place = server, server.envelope, server.place
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
        letter = letter_of(message, self._envelope)
        try:
            wire = self._announced(letter)
        except _StaleError:  # nothing was said about this mail yet, so a new connection may be asked
            wire = self._announced(letter)
        return self._hand_over(wire, letter)

    def probe(self) -> str:
        """Connect, encrypt and log in, without a mail; return how that went. Raises TransientDeliveryError."""
        wire = self._connection(Message("", "email", "", "", ()))
        return f"{self._place}, {wire.encrypted or 'not encrypted'}{self._server.user and f', as {self._server.user}'}"

    def _connection(self, message: Message) -> Wire:
        """Return a connection that is ready for a mail: the one that is there, or else a new one."""
        fresh = self._carried < self._server.messages_per_connection
        if self._wire is not None and fresh and self._wire.is_quiet:
            return self._wire
        self.close()
        try:
            self._wire, self._carried = self._opened(), 0
        except OSError as error:
            text = f"cannot use {self._place}: {_why(error)}"
            raise failure(TransientDeliveryError, message, text, _reply_in(error), "server") from error
        return self._wire

    def _opened(self) -> Wire:
        server = self._server
        wire = Wire.open(server.peer, _trust(server.security, server.ca_file), server.connect_timeout)
        try:
            if server.user:
                wire.log_in(server.user, server.password)
        except OSError:
            wire.leave(_COURTESY)
            raise
        return wire

    def _announced(self, letter: Letter) -> Wire:
        """Say who writes to whom, get leave to hand the mail over, and return the connection that gave it."""
        wire = self._connection(letter.message)
        kept = self._carried > 0
        self._carried += 1
        options = letter.options(wire.esmtp_features, self._place)
        commands: list[tuple[Step, str, int]] = [
            ("MAIL", " ".join([f"MAIL FROM:<{letter.sender.spec}>", *options]), 2),
            ("RCPT", f"RCPT TO:<{letter.recipient.spec}>", 2),
            ("DATA", "DATA", 3),
        ]
        wire.allow(self._server.command_timeout)
        if wire.has_extn("pipelining"):
            self._all_at_once(wire, letter, commands, kept=kept)
        else:
            for number, (step, line, kind) in enumerate(commands):
                self._asked(wire, letter, (step, line, kind), kept=kept and number == 0)
        self._keep_step(wire, letter)
        return wire

    def _asked(self, wire: Wire, letter: Letter, command: tuple[Step, str, int], *, kept: bool) -> None:
        """Send one command and wait for its answer."""
        step, line, kind = command
        try:
            wire.putcmd(line)
            code, text = wire.getreply()
        except OSError as error:
            raise self._broken(letter, step, error, kept=kept) from error
        if code // 100 != kind:
            if kept and code == 421:
                self.close()
                raise _StaleError
            raise self._refusal(wire, letter, step, reply_of(code, text))

    def _all_at_once(self, wire: Wire, letter: Letter, commands: list[tuple[Step, str, int]], *, kept: bool) -> None:
        """Send the commands together and read all answers before anything is made of them (RFC 2920, 3.1)."""
        answers: list[tuple[int, bytes]] = []
        try:
            wire.send("".join(f"{line}\r\n" for _, line, _ in commands))
            for _ in commands:
                answers.append(wire.getreply())
                if answers[-1][0] == 421:
                    break
        except OSError as error:
            refused = any(code // 100 != kind for (_, _, kind), (code, _) in zip(commands, answers, strict=False))
            if not refused:
                raise self._broken(letter, commands[len(answers)][0], error, kept=kept and not answers) from error
        if kept and answers[0][0] == 421:
            self.close()
            raise _StaleError
        for (step, _, kind), (code, text) in zip(commands, answers, strict=False):
            if code // 100 != kind:
                if answers[-1][0] == 354:  # it waits for a mail that has nobody to go to
                    self._take_back(wire, step)
                raise self._refusal(wire, letter, step, reply_of(code, text))

    def _take_back(self, wire: Wire, refused: Step) -> None:
        """End a mail that was let in although its recipient was refused; hang up where that could send one."""
        if refused != "RCPT":
            self._hang_up(wire)
            return
        try:
            wire.send(".\r\n")
            wire.getreply()
        except OSError:
            self._hang_up(wire)

    def _keep_step(self, wire: Wire, letter: Letter) -> None:
        """Refuse to go on with a server that says more than it was asked: that would be taken for other answers."""
        if not wire.is_quiet:
            self._hang_up(wire)
            text = f"{self._place} said more than it was asked before the mail"
            raise failure(TransientDeliveryError, letter.message, text, "", "server")

    def _hang_up(self, wire: Wire) -> None:
        wire.close()
        self._wire = None

    def _broken(self, letter: Letter, step: Step, error: OSError, *, kept: bool) -> Exception:
        """Return what a line that broke before the mail means: it was idle too long, or it has to be tried later."""
        self.close()
        if kept and isinstance(error, smtplib.SMTPServerDisconnected) and "in time" not in str(error):
            return _StaleError()
        text = f"{self._place} {_why(error)} at {step}"
        return failure(TransientDeliveryError, letter.message, text, "", "server")

    def _hand_over(self, wire: Wire, letter: Letter) -> str:
        """Send the mail and return the answer. Between the two, nobody knows whose it is (RFC 1047)."""
        wire.allow(self._server.dot_timeout)
        try:
            wire.send(letter.stuffed)
        except OSError as error:
            self.close()
            text = f"{self._place} {_why(error)} in the middle of the mail"
            raise failure(TransientDeliveryError, letter.message, text, "", "server") from error
        try:
            code, answer = wire.getreply()
        except OSError as error:
            self.close()
            text = f"{self._place} {_why(error)} after the whole mail was handed over: it may have arrived"
            raise failure(DoubtfulDeliveryError, letter.message, text) from error
        reply = reply_of(code, answer)
        if code // 100 != 2:
            raise self._refusal(wire, letter, "the mail", reply)
        return reply.line

    def _refusal(self, wire: Wire, letter: Letter, step: Step, reply: Reply) -> DeliveryError:
        """Return the error for a reply that is not the one that was hoped for."""
        # Many servers do not ask for a log-in that is missing, they call it a matter of policy.
        anonymous = not self._server.user and wire.has_extn("auth") and reply.status.startswith("5.7.")
        scope = "policy" if anonymous else scope_of(reply, step)
        if reply.code // 100 not in (4, 5) or reply.code == 421:  # out of step, or about to hang up
            self.close()
        else:
            self._start_over(wire)
        if reply.code // 100 == 5 and scope not in {"policy", "server"}:
            text = f"{self._place} refused {step}: {reply.line}"
            return failure(PermanentDeliveryError, letter.message, text, reply.line, scope)
        hint = "; it may want a log-in" if anonymous else ""
        text = f"{self._place} put {step} off: {reply.line}{hint}"
        return failure(TransientDeliveryError, letter.message, text, reply.line, scope)

    def _start_over(self, wire: Wire) -> None:
        """Leave a mail behind that was refused (RFC 5321, 4.1.1.5); a server that cannot do that is left."""
        if wire.sock is None:
            self._wire = None
            return
        try:
            wire.allow(_COURTESY)
            done = wire.docmd("RSET")[0] == 250
        except OSError:
            done = False
        if not done:
            self.close()


def _trust(security: str, authorities: Path | None) -> ssl.SSLContext | None:
    """Return what decides whom to trust; None when nothing is encrypted. Raises OSError."""
    if security == "none":
        return None
    context = ssl.create_default_context(cafile=authorities)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


def _why(error: OSError) -> str:
    """Return what went wrong, as the end of a sentence about the server."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"has a certificate that proves nothing: {error.verify_message}"
    if isinstance(error, ssl.SSLError):
        return f"does not speak TLS with us: {error.reason or error}"
    if reply := _reply_in(error):
        return f"answered {reply}"
    return str(error if isinstance(error, NotSmtpError) else error.strerror or error)


def _reply_in(error: OSError) -> str:
    found = isinstance(error, smtplib.SMTPResponseException)
    return reply_of(error.smtp_code, error.smtp_error).line if found else ""  # type: ignore[attr-defined]
