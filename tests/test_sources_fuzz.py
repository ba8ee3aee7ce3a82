"""Any bytes on the line: an answer or a FetchError, nothing else, and in time."""

import imaplib
import socket
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from digestbot.connections.reach import Dial
from digestbot.connections.web import Web, World
from digestbot.declared import Source
from digestbot.errors import FetchError
from digestbot.sources.kinds import KINDS

NOW = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)
Line = Callable[[bytes], Dial]


@pytest.fixture(scope="module")
def line() -> Iterator[Line]:
    """Return what makes connections on which these bytes come, whatever is said; then the other side hangs up."""
    kept: list[socket.socket] = []
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def saying(data: bytes) -> Dial:
            def dial(_: tuple[str, int], timeout: float) -> socket.socket:
                while kept:
                    kept.pop().close()
                here = socket.create_connection(listener.getsockname(), timeout)
                there, _address = listener.accept()
                there.sendall(data)
                there.shutdown(socket.SHUT_WR)
                kept.append(there)
                return here

            return dial

        yield saying
    for each in kept:
        each.close()


def web(dial: Dial, **more: Any) -> Web:
    return Web(world=World(pause=lambda _: None, moment=lambda: NOW, resolve=lambda *_: ["1.1.1.1"], dial=dial, **more))


HEADERS = [
    b"Content-Length: 5",
    b"Content-Length: -1",
    b"Content-Length: 5, 7",
    b"Transfer-Encoding: chunked",
    b"Transfer-Encoding: gzip",
    b"Content-Encoding: gzip",
    b"Content-Encoding: deflate",
    b"Content-Type: text/html",
    b"Content-Type: text/xml; charset=\xff",
    b"Location: /x",
    b"Location: http://\xff/",
    b"Location: https://[1::2/",
    b"Retry-After: 1",
    b"ETag: \xff",
    b": ",
    b"X",
]
STATUS = [b"200 OK", b"301", b"302 Found", b"304 x", b"404", b"429", b"503", b"099", b"101 Switching", b"100 C", b"-1"]
BODY = [b"hello", b"5\r\nhello\r\n0\r\n\r\n", b"\x1f\x8b\x08", b"<html><link rel=alternate href=x>", b"\r\n", b"\xff"]


@given(
    st.sampled_from(STATUS),
    st.lists(st.sampled_from(HEADERS), max_size=4),
    st.lists(st.sampled_from(BODY), max_size=3),
    st.binary(max_size=8),
    st.integers(0, 200),
)
@example(b"200 OK", [b"Content-Encoding: deflate"], [], b"", 200)
def test_any_bytes_over_http(
    line: Line, status: bytes, headers: list[bytes], body: list[bytes], noise: bytes, cut: int
) -> None:
    data = b"\r\n".join([b"HTTP/1.1 " + status, *headers, b"", b""]) + b"".join(body)
    data = data[:cut] + noise + data[cut:] if cut < len(data) else data
    source = Source("x", "feed", url="http://x.example.org/", timeout=5, delay=0, max_bytes=1000)

    with suppress(FetchError):
        for item in KINDS["feed"](source, {}, web(line(data)), NOW):
            assert item


class NoTls:
    """Stands for TLS that hides nothing."""

    def wrap_socket(self, connection: socket.socket, server_hostname: str) -> socket.socket:
        return connection


SAID = [
    b"* OK ready\r\n",
    b"* PREAUTH in\r\n",
    b"* BYE no\r\n",
    b"* CAPABILITY IMAP4rev1\r\n",
    b"* CAPABILITY IMAP4rev1 AUTH=PLAIN\r\n",
    b"* CAPABILITY \xff\r\n",
    b"+ \r\n",
    b"+ ?\r\n",
    b"* OK [UIDVALIDITY 7] x\r\n",
    b"* OK [UIDVALIDITY x] x\r\n",
    b"* 3 EXISTS\r\n",
    b"* SEARCH 1 2 x\r\n",
    b"* SEARCH 99999999999999999999\r\n",
    b"* 1 FETCH (UID 1 RFC822.SIZE 3)\r\n",
    b"* 1 FETCH (UID 1 BODY[] {3}\r\nabc)\r\n",
    b"* 1 FETCH (UID 1 BODY[] {99999}\r\n",
    b"* x\r\n",
    b"\r\n",
    b"\xff\r\n",
]


verdicts = st.sampled_from(["OK", "NO", "BAD", "?"])
rounds = st.lists(st.tuples(verdicts, st.lists(st.sampled_from(SAID), max_size=3)), max_size=8)


@given(st.lists(st.sampled_from(SAID), max_size=3), rounds)
def test_any_bytes_over_imap(line: Line, first: list[bytes], rest: list[tuple[str, list[bytes]]]) -> None:
    # The library draws the letters of its tags; here they have to be known beforehand.
    answers = b"".join(
        b"".join(said) + f"AAAA{number} {verdict} x\r\n".encode() for number, (verdict, said) in enumerate(rest)
    )
    source = Source("x", "imap", host="x.example.org", user="a", secret="b", timeout=5, max_bytes=1000)

    with suppress(FetchError), pytest.MonkeyPatch.context() as patch:
        patch.setattr(imaplib, "Int2AP", lambda _: b"AAAA")
        for item in KINDS["imap"](source, {}, web(line(b"".join(first) + answers), tls=NoTls()), NOW):
            assert item
