"""Handing over: commands sent together, what a refusal is about, LMTP, a program in place of a server, return paths."""

import socket
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, get_args

import pytest

from digestbot.bounces import read_report
from digestbot.channels.letter import letter_of
from digestbot.channels.replies import Step, reply_of, scope_of
from digestbot.channels.sendmail import SendmailChannel
from digestbot.channels.server import Envelope, SmtpServer
from digestbot.channels.smtp import SmtpChannel
from digestbot.errors import (
    DeliveryError,
    DoubtfulDeliveryError,
    PermanentDeliveryError,
    Scope,
    TransientDeliveryError,
)
from digestbot.models import Message, Part

KEY = "abcdefghijklmnopqrstuvwxyz"
MAIL = b"From: a@example.org\r\nTo: you@example.net\r\nSubject: x\r\n\r\nfirst\r\n..two dots\r\nlast\r\n"
OFFER = b"250-hi\r\n250-PIPELINING\r\n250 8BITMIME\r\n"
HANG_UP = b"<hang up>"
GONE = b"550 5.1.1 no such user\r\n"


def letter(address: str = "you@example.net", key: str = KEY, content: bytes = MAIL) -> Message:
    return Message(key, "email", address, "x", (Part("edition.eml", "message/rfc822", content),))


class Peer:
    """A server that hears whole groups of commands: it answers a group only when its last command is there."""

    def __init__(self, *talks: Sequence[bytes], path: Path | None = None) -> None:
        self.heard: list[list[bytes]] = []
        self._talks = talks
        if path is None:
            self._socket = socket.create_server(("127.0.0.1", 0))
            self.port: int = self._socket.getsockname()[1]
        else:
            self._socket = socket.socket(socket.AF_UNIX)
            self._socket.bind(str(path))
            self._socket.listen()
        self._thread = threading.Thread(target=self._serve)

    def __enter__(self) -> "Peer":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._thread.join(10)
        self._socket.close()
        assert not self._thread.is_alive()

    def _serve(self) -> None:
        self._socket.settimeout(10)
        for talk in self._talks:
            peer, _ = self._socket.accept()
            peer.settimeout(10)
            with peer, peer.makefile("rb") as lines:
                self.heard.append([])
                for reply in talk:
                    if reply == HANG_UP:
                        break
                    peer.sendall(reply)
                    if not self._hear(lines, reply):
                        break

    def _hear(self, lines: Any, reply: bytes) -> bool:
        """Take in a group of commands, or a mail; False when the other side has left."""
        heard = self.heard[-1]
        in_mail = reply.endswith(b"354 go on\r\n")
        while line := lines.readline():
            heard.append(line)
            if line == b".\r\n" or (not in_mail and line[:4].upper() not in (b"MAIL", b"RCPT")):
                return True
        return False


def server(peer: Peer, **options: Any) -> SmtpServer:
    values: dict[str, Any] = {"host": "127.0.0.1", "sender": "Digest <bot@example.org>", "security": "none"}
    return SmtpServer(**(values | {"port": getattr(peer, "port", 0)} | options))


@contextmanager
def channel(*talks: Sequence[bytes], **options: Any) -> Iterator[tuple[Peer, SmtpChannel]]:
    with Peer(*talks) as peer, SmtpChannel(server(peer, **options)) as open_channel:
        yield peer, open_channel


def failure(open_channel: Any, kind: type[DeliveryError], message: Message | None = None) -> DeliveryError:
    with pytest.raises(kind) as caught:
        open_channel.deliver(message or letter())
    assert type(caught.value) is kind
    return caught.value


HELLO = [b"220 hi\r\n", OFFER]
GO = b"250 ok\r\n250 ok\r\n354 go on\r\n"


def test_commands_go_out_together_where_the_server_allows_it() -> None:
    with channel([*HELLO, GO, b"250 taken\r\n", b"221 bye\r\n"]) as (peer, smtp):
        assert smtp.deliver(letter()) == "250 taken"
    commands, mail = peer.heard[0][1:4], b"".join(peer.heard[0][4:-1])
    assert commands == [b"MAIL FROM:<bot@example.org>\r\n", b"RCPT TO:<you@example.net>\r\n", b"DATA\r\n"]
    assert mail.replace(b"\r\n..", b"\r\n.").removesuffix(b".\r\n") == MAIL


def test_the_mail_never_goes_out_before_all_commands_were_answered() -> None:
    """A server that hangs up after two of three answers has not got a byte of the mail: nothing is in doubt."""
    with channel([*HELLO, b"250 ok\r\n250 ok\r\n"]) as (peer, smtp):
        # The peer waits for more and gets none.
        error = failure_within(smtp, TransientDeliveryError)
    assert error.scope == "server"
    assert not any(b"Subject" in line for line in peer.heard[0])


def failure_within(smtp: SmtpChannel, kind: type[DeliveryError]) -> DeliveryError:
    object.__setattr__(smtp._server, "command_timeout", 0.3)
    return failure(smtp, kind)


@pytest.mark.parametrize(
    ("answers", "kind", "scope", "ends"),
    [
        (b"250 ok\r\n" + GONE + b"554 5.5.1 no valid recipients\r\n", PermanentDeliveryError, "recipient", b"RSET\r\n"),
        (b"250 ok\r\n" + GONE + b"354 go on\r\n", PermanentDeliveryError, "recipient", b".\r\n"),
        (
            b"550 5.7.1 sender unknown here\r\n503 5.5.1 MAIL first\r\n503 5.5.1 no\r\n",
            TransientDeliveryError,
            "policy",
            b"RSET\r\n",
        ),
        (b"250 ok\r\n452 4.2.2 mailbox full\r\n503 5.5.1 no\r\n", TransientDeliveryError, "mailbox", b"RSET\r\n"),
    ],
)
def test_a_refusal_in_a_group_of_commands(answers: bytes, kind: type[DeliveryError], scope: Scope, ends: bytes) -> None:
    follow = [b"554 5.5.1 nobody\r\n"] if ends == b".\r\n" else []
    with channel([*HELLO, answers, *follow, b"250 reset\r\n", GO, b"250 taken\r\n", b"221 bye\r\n"]) as (peer, smtp):
        assert failure(smtp, kind).scope == scope
        assert smtp.deliver(letter()) == "250 taken"
    assert len(peer.heard) == 1
    assert ends in peer.heard[0]


def test_a_refusal_counts_when_the_server_hangs_up_behind_it() -> None:
    with channel([*HELLO, b"250 ok\r\n" + GONE, HANG_UP]) as (_, smtp):
        error = failure_within(smtp, PermanentDeliveryError)
    assert error.reply == "550 5.1.1 no such user"


def test_a_sender_that_is_refused_but_let_in_gets_no_chance_to_send_an_empty_mail() -> None:
    odd = b"550 5.7.1 not you\r\n250 ok\r\n354 go on\r\n"
    with channel([*HELLO, odd], [*HELLO, GO, b"250 taken\r\n", b"221 bye\r\n"]) as (peer, smtp):
        assert failure(smtp, TransientDeliveryError).scope == "policy"
        assert smtp.deliver(letter()) == "250 taken"
    assert b".\r\n" not in peer.heard[0]


def test_an_answer_too_many_is_not_taken_for_the_answer_to_the_mail() -> None:
    with channel([*HELLO, GO + b"250 queued as NOTHING\r\n"]) as (peer, smtp):
        assert "more than it was asked" in str(failure(smtp, TransientDeliveryError))
    assert not any(b"Subject" in line for line in peer.heard[0])


@pytest.mark.parametrize("farewell", [b"421 4.4.2 idle\r\n", HANG_UP])
def test_a_connection_that_was_kept_too_long_is_made_anew_without_a_word(farewell: bytes) -> None:
    with channel([*HELLO, GO, b"250 one\r\n", farewell], [*HELLO, GO, b"250 two\r\n", b"221 bye\r\n"]) as (peer, smtp):
        assert smtp.deliver(letter()) == "250 one"
        assert smtp.deliver(letter()) == "250 two"
    assert len(peer.heard) == 2


@pytest.mark.parametrize(
    ("line", "step", "scope"),
    [
        ("421 4.3.2 closing", "RCPT", "server"),
        ("452 4.3.1 insufficient system storage", "RCPT", "server"),
        ("452 too many", "MAIL", "server"),
        ("452 4.2.2 over quota", "RCPT", "mailbox"),
        ("552 5.2.2 mailbox full", "the mail", "mailbox"),
        ("450 4.2.0 greylisted, come back", "RCPT", "recipient"),
        ("451 4.7.1 Greylisting in action", "RCPT", "recipient"),
        ("550 5.1.1 no such user", "RCPT", "recipient"),
        ("550 no such user", "RCPT", "recipient"),
        ("550 5.1.2 no such domain", "RCPT", "domain"),
        ("556 5.1.10 null MX", "RCPT", "domain"),
        ("450 4.4.1 no answer from host", "RCPT", "domain"),
        ("553 5.1.8 sender's domain does not resolve", "MAIL", "policy"),
        ("550 go away", "MAIL", "policy"),
        ("554 5.7.1 Relay access denied", "RCPT", "policy"),
        ("550 5.7.26 DMARC", "the mail", "policy"),
        ("450 4.7.25 no reverse DNS", "RCPT", "policy"),
        ("550 5.7.1 this user takes no mail from strangers", "RCPT", "recipient"),
        ("554 5.7.1 spam", "the mail", "message"),
        ("552 5.3.4 too big", "MAIL", "message"),
        ("554 5.6.0 malformed", "the mail", "message"),
        ("530 5.7.0 log in", "MAIL", "server"),
        ("250 what", "DATA", "server"),
    ],
)
def test_what_a_refusal_is_about(line: str, step: Step, scope: Scope) -> None:
    assert scope_of(reply_of(int(line[:3]), line[4:]), step) == scope


def test_every_reply_has_a_scope_and_only_two_stop_the_others() -> None:
    for code in (421, 450, 451, 452, 454, 500, 501, 521, 530, 550, 551, 552, 553, 554, 556):
        for status in ("", *(f"{code // 100}.{subject}.{detail}" for subject in range(8) for detail in range(31))):
            for step in get_args(Step):
                scope = scope_of(reply_of(code, f"{status} words"), step)
                stops = DeliveryError("x", channel="email", address="", scope=scope).stops
                assert stops == (scope in {"policy", "server"})


# ---- return paths -----------------------------------------------------------------------------------------


def test_each_delivery_has_a_return_path_of_its_own() -> None:
    sender = "Digest <bot@example.org>"
    with channel([*HELLO, GO, b"250 one\r\n", b"221 bye\r\n"], sender=sender, return_path="bounces@müller.example") as (
        peer,
        smtp,
    ):
        smtp.deliver(letter())
    path = f"bounces+{KEY}.0@xn--mller-kva.example"
    assert peer.heard[0][1] == f"MAIL FROM:<{path}>\r\n".encode()
    bounce = f"Return-Path: <>\r\nTo: <{path}>\r\nFrom: MAILER-DAEMON@example.net\r\nSubject: x\r\n\r\nx\r\n".encode()
    (mark,) = read_report(bounce, "example.org").marks
    assert (mark.by, mark.key, mark.generation) == ("return-path", KEY, 0)


def test_a_return_path_that_cannot_hold_a_key() -> None:
    with pytest.raises(ValueError, match="too long before the @"):
        SmtpServer("localhost", "bot@example.org", return_path=f"{'b' * 31}@example.org")
    with pytest.raises(ValueError, match="has no @"):
        Envelope("bot@example.org", "bounces")
    envelope = Envelope("bot@example.org", f"{'b' * 30}@example.org")
    assert len(envelope.sender_of(letter()).local) <= 64


# ---- LMTP -------------------------------------------------------------------------------------------------


def test_lmtp_over_a_socket_in_the_file_system(tmp_path: Path) -> None:
    path = tmp_path / "lmtp"
    with Peer([*HELLO, GO, b"250 2.0.0 saved\r\n", b"221 bye\r\n"], path=path) as peer:
        settings = server(peer, host=str(path), protocol="lmtp")
        with SmtpChannel(settings) as lmtp:
            assert lmtp.deliver(letter()) == "250 2.0.0 saved"
    assert peer.heard[0][0] == b"lhlo example.org\r\n"


def test_lmtp_answers_for_the_recipient_after_the_dot() -> None:
    talk = [*HELLO, GO, b"452 4.2.2 over quota\r\n", b"250 reset\r\n", b"221 bye\r\n"]
    with channel(talk, protocol="lmtp") as (_, lmtp):
        assert failure(lmtp, TransientDeliveryError).scope == "mailbox"


def test_a_server_that_knows_no_lmtp() -> None:
    with channel([b"220 hi\r\n", b"500 what?\r\n"], protocol="lmtp") as (peer, lmtp):
        assert "answered 500 what?" in str(failure(lmtp, TransientDeliveryError))
    assert peer.heard[0][0] == b"lhlo example.org\r\n"


def test_settings_of_lmtp() -> None:
    assert SmtpServer("mail.example.org", "a@example.org", "none", protocol="lmtp").place == "mail.example.org:24"
    with pytest.raises(ValueError, match="not encrypted"):
        SmtpServer("/run/lmtp", "a@example.org", "tls", protocol="lmtp")


# ---- a program --------------------------------------------------------------------------------------------

PROGRAM = "import sys, os; mail = sys.stdin.buffer.read(); "


def sendmail(script: str, seconds: float = 20.0) -> SendmailChannel:
    return SendmailChannel(
        [sys.executable, "-c", PROGRAM + script], Envelope("Bot <bot@example.org>", "b@example.org"), seconds
    )


def test_a_program_gets_the_mail_and_the_envelope(tmp_path: Path) -> None:
    out = tmp_path / "mail"
    script = f"open({str(out)!r}, 'wb').write(mail); print(sys.argv[1:])"
    with sendmail(script) as program:
        said = program.deliver(letter("two@müller.example"))
    assert said == f"['-i', '-f', 'b+{KEY}.0@example.org', '--', 'two@xn--mller-kva.example']"
    assert out.read_bytes() == MAIL.replace(b"\r\n", b"\n")


@pytest.mark.parametrize(
    ("script", "kind", "scope"),
    [
        ("sys.exit(67)", PermanentDeliveryError, "recipient"),
        ("sys.exit(68)", PermanentDeliveryError, "domain"),
        ("sys.exit(65)", PermanentDeliveryError, "message"),
        ("sys.exit(75)", TransientDeliveryError, "server"),
        ("sys.exit(78)", TransientDeliveryError, "server"),
        ("sys.exit(1)", TransientDeliveryError, "server"),
        ("os.kill(os.getpid(), 9)", DoubtfulDeliveryError, "message"),
    ],
)
def test_exit_codes(script: str, kind: type[DeliveryError], scope: Scope) -> None:
    assert failure(sendmail("sys.stderr.write('why\\n'); sys.stderr.flush(); " + script), kind).scope == scope


def test_a_program_that_never_ends_leaves_the_mail_in_doubt() -> None:
    error = failure(sendmail("import threading; threading.Event().wait(30)", 1.0), DoubtfulDeliveryError)
    assert "may have taken the mail" in str(error)


def test_a_program_that_is_not_there() -> None:
    program = SendmailChannel(["/no/such/sendmail"], Envelope("bot@example.org"))
    assert failure(program, TransientDeliveryError).scope == "server"
    with pytest.raises(TransientDeliveryError, match="there is no such program"):
        program.probe()


def test_an_address_cannot_be_an_option() -> None:
    assert "dash" in str(failure(sendmail(""), PermanentDeliveryError, letter("-oQ/tmp@example.net")))


def test_a_program_sees_no_address_that_is_none() -> None:
    with pytest.raises(PermanentDeliveryError) as caught:
        letter_of(letter("a b@example.net"), Envelope("bot@example.org"))
    assert caught.value.scope == "recipient"
