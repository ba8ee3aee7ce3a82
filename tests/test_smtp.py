"""SMTP: real servers on loopback, good ones by aiosmtpd and bad ones that play a script."""

import asyncio
import re
import smtplib
import socket
import ssl
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session

from digestbot.channels.smtp import SmtpChannel, SmtpServer
from digestbot.channels.wire import NotSmtpError, Wire
from digestbot.errors import DeliveryError, DoubtfulDeliveryError, PermanentDeliveryError, TransientDeliveryError
from digestbot.models import Message, Part

TLS = Path(__file__).parent / "data" / "tls"
MAIL = b"From: a@example.org\r\nTo: you@example.net\r\nSubject: x\r\n\r\nfirst\r\n.\r\n..two dots\r\nlast\r\n"


def letter(address: str = "you@example.net", content: bytes = MAIL) -> Message:
    return Message("KEY", "email", address, "x", (Part("edition.eml", "message/rfc822", content),))


class Relay(Controller):
    """A server on a free port that keeps what it takes, and refuses by the address's first word."""

    def __init__(self, **options: Any) -> None:
        self.taken: list[Envelope] = []
        self.sessions: set[int] = set()
        self.resets = 0
        self.connections: list[SMTP] = []
        super().__init__(self, hostname="127.0.0.1", port=0, **options)

    def _trigger_server(self) -> None:
        assert isinstance(self.server, asyncio.Server)
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()  # type: ignore[no-untyped-call]

    def factory(self) -> SMTP:
        connection: SMTP = super().factory()  # type: ignore[no-untyped-call]
        self.connections.append(connection)
        return connection

    def stop(self, no_assert: bool = False) -> None:
        asyncio.run_coroutine_threadsafe(self._hang_up(), self.loop).result(10)
        super().stop(no_assert)

    async def _hang_up(self) -> None:
        """Close what clients left open, or it would be collected some day with a warning."""
        for connection in self.connections:
            for transport in (connection.transport, connection._original_transport):
                if isinstance(transport, asyncio.WriteTransport):
                    transport.abort()
        if talks := asyncio.all_tasks() - {asyncio.current_task()}:
            await asyncio.wait(talks, timeout=5)

    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        word = address.partition("@")[0]
        if refusal := {"gone": "550 5.1.1 no such user", "full": "452 4.2.2 mailbox full"}.get(word):
            return refusal
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 ok"

    async def handle_RSET(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        self.resets += 1
        return "250 2.0.0 ok"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        self.taken.append(envelope)
        self.sessions.add(id(session))
        return f"250 2.0.0 queued as {len(self.taken)}"


@contextmanager
def relay(**options: Any) -> Iterator[Relay]:
    running = Relay(**options)
    running.start()
    try:
        yield running
    finally:
        running.stop()


def server_context(certificate: str = "localhost") -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(TLS / f"{certificate}.pem")
    return context


def to(number: int, **options: Any) -> SmtpServer:
    """Return the settings for a server on this port."""
    values: dict[str, Any] = {"host": "127.0.0.1", "sender": "Digest <bot@example.org>", "security": "none"}
    return SmtpServer(**(values | {"port": number, "ca_file": TLS / "ca.pem"} | options))


def failure(server: SmtpServer, kind: type[DeliveryError], message: Message | None = None) -> DeliveryError:
    """Deliver one message and return how that failed."""
    with SmtpChannel(server) as channel, pytest.raises(kind) as caught:
        channel.deliver(message or letter())
    assert type(caught.value) is kind
    return caught.value


def test_a_mail_arrives_byte_for_byte() -> None:
    with relay() as server, SmtpChannel(to(server.port)) as channel:
        assert channel.deliver(letter()) == "250 2.0.0 queued as 1"
    (envelope,) = server.taken
    assert envelope.original_content == MAIL
    assert (envelope.mail_from, envelope.rcpt_tos) == ("bot@example.org", ["you@example.net"])


@pytest.mark.parametrize(
    ("content", "arrives"),
    [
        (b".dot first\r\n.\r\n", b".dot first\r\n.\r\n"),
        (b"Subject: x\r\n\r\nno end", b"Subject: x\r\n\r\nno end\r\n"),
        (b"\r\n.\r\n.\r\n", b"\r\n.\r\n.\r\n"),
    ],
)
def test_dots_and_ends_of_lines(content: bytes, arrives: bytes) -> None:
    with relay() as server, SmtpChannel(to(server.port)) as channel:
        channel.deliver(letter(content=content))
        channel.deliver(letter())
    assert [envelope.original_content for envelope in server.taken] == [arrives, MAIL]


def test_one_connection_carries_many_mails() -> None:
    with relay() as server, SmtpChannel(to(server.port, messages_per_connection=3)) as channel:
        for _ in range(7):
            channel.deliver(letter())
    assert len(server.taken) == 7
    assert len(server.sessions) == 3
    assert server.resets == 0


@pytest.mark.parametrize(
    ("address", "kind", "reply"),
    [
        ("gone@example.net", PermanentDeliveryError, "550 5.1.1 no such user"),
        ("full@example.net", TransientDeliveryError, "452 4.2.2 mailbox full"),
    ],
)
def test_a_refused_address_leaves_the_others_alone(address: str, kind: type[DeliveryError], reply: str) -> None:
    with relay() as server, SmtpChannel(to(server.port)) as channel:
        with pytest.raises(kind) as caught:
            channel.deliver(letter(address))
        channel.deliver(letter())
    assert (caught.value.reply, caught.value.address, caught.value.channel) == (reply, address, "email")
    assert len(server.taken) == len(server.sessions) == 1


def test_implicit_tls() -> None:
    with relay(ssl_context=server_context()) as server, SmtpChannel(to(server.port, security="tls")) as channel:
        channel.deliver(letter())
        assert channel.probe() == f"127.0.0.1:{server.port}, TLSv1.3"
    assert len(server.taken) == 1


LARGE = b"Subject: x\r\n\r\n" + (b"." + b"x" * 900 + b"\r\n") * 6000


@pytest.mark.parametrize("security", ["none", "tls"])
def test_a_mail_larger_than_what_the_system_takes_at_once(security: str) -> None:
    options = {"ssl_context": server_context()} if security == "tls" else {}
    with relay(**options) as server, SmtpChannel(to(server.port, security=security)) as channel:
        for content in (LARGE, MAIL, LARGE):
            channel.deliver(letter(content=content))
    assert [envelope.original_content for envelope in server.taken] == [LARGE, MAIL, LARGE]
    assert len(server.sessions) == 1


def test_starttls() -> None:
    options = {"tls_context": server_context(), "require_starttls": True}
    with relay(**options) as server, SmtpChannel(to(server.port, host="localhost", security="starttls")) as channel:
        channel.deliver(letter())
    assert len(server.taken) == 1


@pytest.mark.parametrize("security", ["tls", "starttls"])
@pytest.mark.parametrize(
    ("certificate", "said"), [("elsewhere", "certificate is not valid for '127.0.0.1'"), ("expired", "has expired")]
)
def test_a_certificate_that_proves_nothing(security: str, certificate: str, said: str) -> None:
    context = server_context(certificate)
    options = {"ssl_context": context} if security == "tls" else {"tls_context": context}
    with relay(**options) as server:
        error = failure(to(server.port, security=security), TransientDeliveryError)
    assert "certificate that proves nothing" in str(error)
    assert said in str(error)
    assert not server.taken


def test_an_authority_nobody_trusts() -> None:
    with relay(ssl_context=server_context()) as server:
        error = failure(to(server.port, security="tls", ca_file=None), TransientDeliveryError)
    assert "certificate that proves nothing" in str(error)


def test_no_starttls_means_no_mail() -> None:
    with relay() as server:
        error = failure(to(server.port, security="starttls"), TransientDeliveryError)
    assert "offers no STARTTLS, and nothing is sent in the clear" in str(error)
    assert not server.taken


def test_tls_where_there_is_none() -> None:
    with relay() as server:
        error = failure(to(server.port, security="tls"), TransientDeliveryError)
    assert "does not speak TLS with us" in str(error)


@pytest.mark.parametrize("without", [[], ["PLAIN"]])
def test_log_in(without: list[str]) -> None:
    logins: list[tuple[str, bytes, bytes]] = []

    def authenticate(server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: Any) -> AuthResult:
        logins.append((mechanism, data.login, data.password))
        return AuthResult(success=data.password == "pässword".encode(), handled=False)

    options = {"tls_context": server_context(), "auth_required": True, "auth_exclude_mechanism": without}
    with relay(**options, authenticator=authenticate) as server:
        with SmtpChannel(to(server.port, security="starttls", user="you", password="pässword")) as channel:
            assert channel.probe() == f"127.0.0.1:{server.port}, TLSv1.3, as you"
            channel.deliver(letter())
        wrong = failure(to(server.port, security="starttls", user="you", password="secret"), TransientDeliveryError)
        none = failure(to(server.port, security="starttls"), TransientDeliveryError)
    assert wrong.reply.startswith("535 5.7.8")
    assert "secret" not in str(wrong)
    assert none.reply.startswith("530 5.7.0")
    assert logins[0] == ("LOGIN" if without else "PLAIN", b"you", "pässword".encode())
    assert len(logins) == 2
    assert len(server.taken) == 1


def test_no_way_to_log_in() -> None:
    with relay(tls_context=server_context(), auth_exclude_mechanism=["PLAIN", "LOGIN"]) as server:
        error = failure(to(server.port, security="starttls", user="you", password="secret"), TransientDeliveryError)
    assert "offers no way to log in with a password" in str(error)


def test_addresses_beyond_ascii_and_eight_bit_mails() -> None:
    mail = "From: a@example.org\r\nTo: grüße@example.net\r\n\r\nnaïve\r\n".encode()
    with relay() as server, SmtpChannel(to(server.port)) as channel:
        channel.deliver(letter("grüße@müller.example", mail))
        channel.deliver(letter("two@müller.example"))
        channel.deliver(letter('"two words"@example.net'))
    first, second, third = server.taken
    assert (first.rcpt_tos, first.smtp_utf8) == (["grüße@xn--mller-kva.example"], True)
    assert {"SMTPUTF8", "BODY=8BITMIME"} <= set(first.mail_options)
    assert (second.rcpt_tos, second.smtp_utf8) == (["two@xn--mller-kva.example"], False)
    assert third.rcpt_tos == ['"two words"@example.net']


def test_a_mail_too_large_for_the_server_is_not_even_announced() -> None:
    large = letter(content=MAIL * 2)
    with relay(data_size_limit=len(MAIL)) as server:
        error = failure(to(server.port), PermanentDeliveryError, large)
    assert f"the mail has {len(MAIL) * 2} bytes, 127.0.0.1:{server.port} takes {len(MAIL)}" in str(error)


@pytest.mark.parametrize(
    ("message", "said"),
    [
        (letter("nobody"), "has no @"),
        (letter("a@example.org>\r\nRCPT TO:<b@example.org"), "control character"),
        (letter(content=b"a\nb\r\n"), "line end that is not CRLF"),
        (letter(content=b"a\r\n.\rb\r\n"), "line end that is not CRLF"),
        (Message("KEY", "email", "you@example.net", "x", ()), "no part of message/rfc822"),
    ],
)
def test_what_no_server_should_see(message: Message, said: str) -> None:
    assert said in str(failure(to(1), PermanentDeliveryError, message))


def test_nobody_listens() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound, not listening
        port = taken.getsockname()[1]
        error = failure(to(port), TransientDeliveryError)
    assert str(error) == f"email: cannot use 127.0.0.1:{port}: Connection refused"


def test_missing_authorities(tmp_path: Path) -> None:
    error = failure(to(1, security="tls", ca_file=tmp_path / "none.pem"), TransientDeliveryError)
    assert "No such file" in str(error)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"user": "you", "password": "secret"}, "never sent in the clear"),
        ({"security": "ssl"}, "write one of tls, starttls, none"),
        ({"sender": "nobody"}, "has no @"),
        ({"host": ""}, "no domain name"),
        ({"host": "exa mple"}, "no domain name"),
        ({"host": "::g"}, "At most 4 characters|Only hex digits"),
        ({"port": 70000}, "no port"),
    ],
)
def test_settings_that_cannot_be(options: dict[str, Any], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        to(25, **options)


def test_the_usual_ports_and_names() -> None:
    peers = [SmtpServer("::1", "bot@müller.example", security).peer for security in ("tls", "starttls", "none")]
    assert [peer.port for peer in peers] == [465, 587, 25]
    assert {(peer.host, peer.helo) for peer in peers} == {("::1", "xn--mller-kva.example")}
    assert SmtpServer("mail.example.org", "bot@example.org").longest == 170.0
    assert "secret" not in repr(SmtpServer("mail.example.org", "bot@example.org", user="you", password="secret"))


# ---- servers that play a script ---------------------------------------------------------------------------

HANG_UP, SILENCE = b"<hang up>", b"<silence>"
HELLO = [b"220 hi\r\n", b"250-hi\r\n250-SIZE\r\n250 8BITMIME\r\n"]
TO_THE_DOT = [*HELLO, b"250 ok\r\n", b"250 ok\r\n", b"354 go on\r\n"]


class Script:
    """A server that answers the n-th thing it hears in a conversation with the n-th reply, then hangs up."""

    def __init__(self, *conversations: Sequence[bytes], context: ssl.SSLContext | None = None) -> None:
        self.heard: list[list[bytes]] = []
        self._conversations, self._context = conversations, context
        self._socket = socket.create_server(("127.0.0.1", 0))
        self._over = threading.Event()
        self.port: int = self._socket.getsockname()[1]
        self._thread = threading.Thread(target=self._serve)

    def __enter__(self) -> "Script":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join(10)
        self._socket.close()
        assert not self._thread.is_alive()

    def _serve(self) -> None:
        for conversation in self._conversations:
            self._socket.settimeout(10)
            peer, _ = self._socket.accept()
            peer.settimeout(10)
            if self._context is not None:
                peer = self._context.wrap_socket(peer, server_side=True)
            with peer, peer.makefile("rb") as lines:
                self.heard.append([])
                try:
                    self._talk(peer, iter(lines.readline, b""), conversation)
                except ConnectionError:
                    continue

    def _talk(self, peer: socket.socket, lines: Iterator[bytes], conversation: Sequence[bytes]) -> None:
        heard = self.heard[-1]
        for reply in conversation:
            if reply == HANG_UP:
                return
            peer.sendall(reply.removesuffix(SILENCE))
            if reply.endswith(SILENCE):
                self._over.wait(10)
                return
            in_data = reply.startswith(b"354") and heard[-1].upper() == b"DATA\r\n"
            heard.append(next(lines, b""))
            while in_data and heard[-1] not in (b".\r\n", b""):
                heard.append(next(lines, b""))


def fails(script: Script, kind: type[DeliveryError], **options: Any) -> DeliveryError:
    """Deliver one mail to the script and return how that failed."""
    with script:
        return failure(to(script.port, **options), kind)


@pytest.mark.parametrize(
    ("replies", "said"),
    [
        ([b"421 4.3.2 later\r\n"], "answered 421 4.3.2 later"),
        ([b"554 5.7.1 not you\r\n"], "answered 554 5.7.1 not you"),
        ([b"SSH-2.0-OpenSSH\r\n"], "which is no SMTP reply"),
        ([b"\xff\xfe\r\n"], "which is no SMTP reply"),
        ([b"199 too low\r\n"], "which is no SMTP reply"),
        ([b"220" + b"x" * 5000], "which is no SMTP reply|more than 4096 bytes"),
        ([b"220-" + b"x" * 9000 + b"\r\n220 hi\r\n"], "more than 4096 bytes"),
        ([b"220-more\r\n" * 101], "more than 100 lines"),
        ([HANG_UP], "hung up"),
        ([*HELLO, b"421 bye\r\n"], "put MAIL off: 421 bye"),
        ([*HELLO, b"451 4.7.1 greylisted\r\n"], "put MAIL off: 451"),
        ([*HELLO, b"530 5.7.0 log in\r\n"], "put MAIL off: 530"),
        ([*HELLO, b"354 what\r\n"], "put MAIL off: 354"),
        ([*HELLO, b"550 5.1.8 bad sender\r\n"], "put MAIL off: 550 5.1.8 bad sender"),
        ([*HELLO, HANG_UP], "(hung up|was lost .*) at MAIL"),
        ([*HELLO, b"250 ok\r\n", b"250\r\n", b"250 what\r\n"], "put DATA off: 250 what"),
        ([*HELLO, b"250 ok\r\n", b"garbage\r\n"], "no SMTP reply at RCPT"),
        ([*TO_THE_DOT, b"451 4.3.0 disk full\r\n"], "put the mail off: 451"),
        ([*TO_THE_DOT, b"421 4.3.2 closing\r\n"], "put the mail off: 421"),
    ],
)
def test_what_may_work_later(replies: list[bytes], said: str) -> None:
    assert re.search(said, str(fails(Script(replies), TransientDeliveryError)))


@pytest.mark.parametrize(
    ("replies", "reply"),
    [
        ([*HELLO, b"250 ok\r\n", b"550-5.1.1 no such\r\n550 5.1.1 user\x07\r\n"], "550 5.1.1 no such 5.1.1 user"),
        ([*HELLO, b"250 ok\r\n", b"250 ok\r\n", b"554 5.5.1 no\r\n"], "554 5.5.1 no"),
        ([*TO_THE_DOT, b"554 5.7.1 spam\r\n"], "554 5.7.1 spam"),
    ],
)
def test_what_will_never_work(replies: list[bytes], reply: str) -> None:
    assert fails(Script(replies), PermanentDeliveryError).reply == reply


@pytest.mark.parametrize("last", [HANG_UP, SILENCE, b"garbage\r\n", b"250-never ended\r\n", b"25"])
def test_the_answer_to_a_whole_mail_is_lost(last: bytes) -> None:
    script = Script([*TO_THE_DOT, last])
    error = fails(script, DoubtfulDeliveryError, dot_timeout=0.2)
    assert "it may have arrived" in str(error)
    assert error.reply == ""
    assert script.heard[0][-1 if last in (HANG_UP, SILENCE) else -2] == b".\r\n"


def test_the_line_breaks_in_the_middle_of_a_mail() -> None:
    """More than both sides' buffers hold, so that the break shows before the dot is out."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=_hang_up_in_data, args=(listening,))
        thread.start()
        large = letter(content=b"x" * 998 + b"\r\n" + (b"y" * 998 + b"\r\n") * 12_000)
        error = failure(to(listening.getsockname()[1]), TransientDeliveryError, large)
        thread.join(10)
    assert "in the middle of the mail" in str(error)


def _hang_up_in_data(listening: socket.socket) -> None:
    peer, _ = listening.accept()
    with peer, peer.makefile("rb") as lines:
        for reply in TO_THE_DOT:
            peer.sendall(reply)
            lines.readline()


@pytest.mark.parametrize("security", ["none", "tls"])
def test_a_server_that_reads_nothing_costs_no_more_than_its_time(security: str) -> None:
    """The mail is larger than all buffers between, so that its end never left: nothing is in doubt."""
    script = Script(
        [*TO_THE_DOT[:-1], b"354 go on\r\n" + SILENCE], context=server_context() if security == "tls" else None
    )
    with script:
        error = failure(
            to(script.port, security=security, dot_timeout=0.3), TransientDeliveryError, letter(content=LARGE * 3)
        )
    assert "did not answer in time in the middle of the mail" in str(error)


def test_one_record_of_tls_holds_more_than_is_read_at_once() -> None:
    """What is decrypted already, the system does not tell of any longer."""
    hello = b"".join(b"250-X%d %s\r\n" % (number, b"x" * 100) for number in range(90)) + b"250 SIZE\r\n"
    script = Script([HELLO[0], hello, *TO_THE_DOT[2:], b"250 taken\r\n"], context=server_context())
    with script, SmtpChannel(to(script.port, security="tls", connect_timeout=5.0)) as channel:
        assert channel.deliver(letter()) == "250 taken"
    assert script.heard[0][1].endswith(b" SIZE=84\r\n")


@pytest.mark.parametrize("more", [b"250 again\r\n", b"421 4.4.2 idle\r\n"])
def test_what_comes_unasked_over_tls_is_noticed(more: bytes) -> None:
    with (
        Script([*TO_THE_DOT, b"250 one\r\n" + more], [*TO_THE_DOT, b"250 two\r\n"], context=server_context()) as script,
        SmtpChannel(to(script.port, security="tls")) as channel,
    ):
        assert [channel.deliver(letter()) for _ in range(2)] == ["250 one", "250 two"]
    assert len(script.heard) == 2


@pytest.mark.parametrize("replies", [[SILENCE], [b"220 hi\r\n", SILENCE], [b"22", SILENCE]])
def test_a_silent_server_costs_no_more_than_its_time(replies: list[bytes]) -> None:
    error = fails(Script(replies), TransientDeliveryError, connect_timeout=0.1)
    assert "did not answer in time" in str(error)


def test_a_trickle_of_bytes_does_not_stretch_the_time() -> None:
    over = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=_trickle, args=(listening, over))
        thread.start()
        error = failure(to(listening.getsockname()[1], connect_timeout=0.2), TransientDeliveryError)
        over.set()
        thread.join(10)
    assert "did not answer in time" in str(error)


def _trickle(listening: socket.socket, over: threading.Event) -> None:
    peer, _ = listening.accept()
    with peer:
        try:
            while not over.wait(0.01):
                peer.sendall(b"2")
        except ConnectionError:
            return


def test_an_old_server_that_only_knows_helo() -> None:
    script = Script([b"220 hi\r\n", b"500 what?\r\n", *[b"250 ok\r\n"] * 3, b"354 go on\r\n", b"250 taken\r\n"])
    with script, SmtpChannel(to(script.port)) as channel:
        assert channel.deliver(letter()) == "250 taken"
    assert [line.split()[0].upper() for line in script.heard[0][:3]] == [b"EHLO", b"HELO", b"MAIL"]
    assert script.heard[0][2] == b"MAIL FROM:<bot@example.org>\r\n"


@pytest.mark.parametrize(
    ("message", "said"),
    [
        (letter("grüße@example.net"), "takes no addresses beyond ASCII"),
        (letter(content="naïve\r\n".encode()), "takes no 8-bit mails"),
    ],
)
def test_what_an_old_server_cannot_take(message: Message, said: str) -> None:
    with Script([b"220 hi\r\n", b"250 hi\r\n"]) as script:
        assert said in str(failure(to(script.port), PermanentDeliveryError, message))


@pytest.mark.parametrize("end", [b"250 taken\r\n421 4.4.2 too long idle\r\n", b"250 taken\r\n"])
def test_a_connection_that_was_closed_while_idle_is_made_anew(end: bytes) -> None:
    script = Script([*TO_THE_DOT, end], [*TO_THE_DOT, b"250 taken\r\n"])
    with script, SmtpChannel(to(script.port)) as channel:
        assert [channel.deliver(letter()) for _ in range(2)] == ["250 taken"] * 2
    assert script.heard[0][-1] in (b"QUIT\r\n", b"MAIL FROM:<bot@example.org> SIZE=84\r\n")
    assert script.heard[1][-1] == b"QUIT\r\n"


def test_after_421_the_next_mail_gets_a_new_connection() -> None:
    script = Script([*HELLO, b"421 4.7.0 too fast\r\n"], [*TO_THE_DOT, b"250 taken\r\n"])
    with script, SmtpChannel(to(script.port)) as channel:
        with pytest.raises(TransientDeliveryError):
            channel.deliver(letter())
        assert channel.deliver(letter()) == "250 taken"


STARTTLS = [b"220 hi\r\n", b"250-hi\r\n250-AUTH PLAIN LOGIN\r\n250 STARTTLS\r\n"]


@pytest.mark.parametrize(
    ("replies", "said"),
    [
        ([*STARTTLS, b"220 go\r\n250 injected\r\n"], "sent more than its answer before TLS began"),
        ([*STARTTLS, b"454 4.7.0 not now\r\n"], "answered 454 4.7.0 not now"),
        ([*STARTTLS, b"220 go\r\n", b"no TLS at all\r\n"], "does not speak TLS with us"),
        ([b"220 hi\r\n", b"250 AUTH PLAIN LOGIN\r\n"], "offers no STARTTLS"),
        ([b"220 hi\r\n", b"500 what?\r\n", b"250 hi\r\n"], "offers no STARTTLS"),
    ],
)
def test_no_password_and_no_mail_without_encryption(replies: list[bytes], said: str) -> None:
    script = Script(replies)
    error = fails(script, TransientDeliveryError, security="starttls", user="you", password="secret")
    assert said in str(error)
    assert "secret" not in str(error)
    everything = b"".join(b"".join(talk) for talk in script.heard)
    assert b"AUTH" not in everything
    assert b"MAIL" not in everything


@pytest.mark.parametrize(
    ("replies", "said"),
    [
        ([b"220 hi\r\n", b"250-hi\r\n250 AUTH LOGIN\r\n", b"504 5.5.4 not so\r\n"], "answered 504 5.5.4 not so"),
        ([b"220 hi\r\n", b"250-hi\r\n250 AUTH XOAUTH2\r\n"], "no way to log in with a password (XOAUTH2)"),
        ([b"220 hi\r\n", b"250 hi\r\n"], "no way to log in with a password (no AUTH)"),
        ([b"220 hi\r\n", b"250-hi\r\n250 AUTH PLAIN\r\n", b"454 4.7.0 later\r\n"], "answered 454 4.7.0 later"),
    ],
)
def test_a_log_in_that_fails_says_nothing_about_the_mail(replies: list[bytes], said: str) -> None:
    script = Script(replies, context=server_context())
    error = fails(script, TransientDeliveryError, security="tls", user="you", password="secret")
    assert said in str(error)
    assert "secret" not in str(error)


def test_a_forgotten_log_in_says_nothing_about_the_mail() -> None:
    offers = [b"220 hi\r\n", b"250-hi\r\n250 AUTH PLAIN\r\n", b"250 ok\r\n", b"554 5.7.1 Access denied\r\n"]
    assert "it may want a log-in" in str(fails(Script(offers), TransientDeliveryError))
    offers[-1] = b"550 5.1.1 no such user\r\n"
    fails(Script(offers), PermanentDeliveryError)


def test_a_password_never_goes_in_the_clear() -> None:
    """Even when asked directly, and even when the server offers it."""
    with relay(auth_require_tls=True) as server:
        wire = Wire.open(to(server.port).peer, None, 10.0)
        with pytest.raises(NotSmtpError, match="refused to send a password"):
            wire.log_in("you", "secret")
        wire.leave(10.0)


def test_tls_needs_somebody_to_trust() -> None:
    with relay() as server, pytest.raises(NotSmtpError, match="cannot begin TLS"):
        Wire.open(to(server.port, security="tls").peer, None, 10.0)


def test_no_time_left() -> None:
    with relay() as server:
        wire = Wire.open(to(server.port).peer, None, 10.0)
        wire.allow(0.0)
        with pytest.raises(smtplib.SMTPServerDisconnected, match="did not answer in time"):
            wire.docmd("NOOP")
        with pytest.raises(smtplib.SMTPServerDisconnected, match="is not connected any longer"):
            wire.docmd("NOOP")
