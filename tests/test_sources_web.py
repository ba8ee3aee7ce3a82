"""The one fetcher: where it goes, what it brings along, how long it waits. Real sockets on the loopback, no pauses."""

import gzip
import socket
import ssl
import tracemalloc
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bad_server import BOMB, BadServer, bad_server, feed
from digestbot import __version__
from digestbot.connections import bodies
from digestbot.connections.pace import house_of, rate_limit, retry_after
from digestbot.connections.reach import Deadline, Guard, is_public, resolve
from digestbot.connections.web import Web, World, agent
from digestbot.declared import Source
from digestbot.errors import FetchError
from digestbot.sources.discovery import find_feed, is_page

NOW = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)
TLS = Path(__file__).parent / "data" / "tls"
HERE = Source("here", "feed", url="http://127.0.0.1/", allow_private=True, timeout=5, delay=0)
THERE = Source("there", "feed", url="http://feeds.example.org/", timeout=5, delay=0)
PUBLIC = "93.184.216.34"


class Time:
    """A clock that goes on when somebody pauses."""

    def __init__(self) -> None:
        self.now, self.pauses = 100.0, list[float]()

    def __call__(self) -> float:
        return self.now

    def pause(self, seconds: float) -> None:
        self.pauses.append(seconds)
        self.now += seconds


@pytest.fixture(scope="module")
def server() -> Iterator[BadServer]:
    with bad_server() as server:
        yield server


@pytest.fixture
def time() -> Time:
    return Time()


@dataclass
class Says:
    """An answer, as often as it is wanted."""

    status: int = 200
    content: bytes = b""
    headers: Mapping[str, str] | list[tuple[bytes, bytes]] = field(default_factory=dict)

    def __call__(self) -> httpx.Response:
        return httpx.Response(self.status, headers=self.headers, stream=httpx.ByteStream(self.content))


def answering(*answers: Says | Exception) -> tuple[httpx.MockTransport, list[httpx.Request]]:
    """Return a transport that gives these answers one after the other, and what it was asked."""
    asked: list[httpx.Request] = []

    def handle(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        answer = answers[min(len(asked), len(answers)) - 1]
        if isinstance(answer, Exception):
            raise answer
        return answer()

    return httpx.MockTransport(handle), asked


def world(time: Time, *answers: Says | Exception, **more: Any) -> tuple[World, list[httpx.Request]]:
    transport, asked = answering(*answers)
    return World(clock=time, pause=time.pause, moment=lambda: NOW, transport=transport, **more), asked


def failure(web: Web, source: Source, url: str) -> FetchError:
    with pytest.raises(FetchError) as caught:
        web.get(source, url)
    return caught.value


# Where it may go


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "127.8.9.10",
        "0.0.0.0",  # noqa: S104
        "10.1.2.3",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "198.18.0.1",
        "203.0.113.7",
        "224.0.0.1",
        "240.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "fe80::1",
        "fe80::1%eth0",
        "fc00::1",
        "fec0::1",
        "ff02::1",
        "2001:db8::1",
        "::ffff:127.0.0.1",
        "::ffff:192.168.0.1",
        "64:ff9b::7f00:1",
        "64:ff9b::c0a8:1",
        "2002:7f00:1::",
        "2002:c0a8:101::1",
        "2001:0:7f00:1::",
    ],
)
def test_an_address_that_is_not_public(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", [PUBLIC, "1.1.1.1", "2606:4700:4700::1111", "64:ff9b::101:101", "2002:101:101::1"])
def test_an_address_that_is_public(address: str) -> None:
    assert is_public(address)


@given(st.ip_addresses())
def test_any_address_is_public_or_not(address: Any) -> None:
    assert is_public(str(address)) in {True, False}


def test_a_private_address_needs_leave(server: BadServer) -> None:
    error = failure(Web(), Source("x", "feed", timeout=5, delay=0), server.url + "/good")

    assert error.verdict == "blocked"
    assert "127.0.0.1 leads to a private address, 127.0.0.1; set allow_private = true" in error.message
    assert Web().get(HERE, server.url + "/good").data == feed()


@pytest.mark.parametrize("host", ["localhost", "2130706433", "0x7f.1", "127.1", "[::1]", "[::ffff:127.0.0.1]"])
def test_other_names_for_this_machine(host: str, server: BadServer) -> None:
    error = failure(Web(), THERE, f"http://{host}:{server.port}/good")

    assert (error.verdict, "private address" in error.message) == ("blocked", True)


def test_a_name_that_changes_its_mind_gains_nothing(server: BadServer) -> None:
    """DNS rebinding: public when it is checked, private when it is connected to."""
    answers = iter([[PUBLIC], ["127.0.0.1"]])
    dialled: list[tuple[str, int]] = []

    def dial(address: tuple[str, int], timeout: float) -> socket.socket:
        dialled.append(address)
        return server.dial(address, timeout)

    web = Web(world=World(resolve=lambda *_: next(answers), dial=dial))

    assert web.get(THERE, "http://feeds.example.org/good").data == feed()
    assert dialled == [(PUBLIC, 80)]
    assert failure(web, THERE, "http://feeds.example.org/good").verdict == "blocked"


def test_the_public_one_of_several_addresses_is_taken(server: BadServer) -> None:
    dialled: list[str] = []

    def dial(address: tuple[str, int], timeout: float) -> socket.socket:
        dialled.append(address[0])
        if len(dialled) == 1:
            raise ConnectionRefusedError(111, "Connection refused")
        return server.dial(address, timeout)

    web = Web(world=World(resolve=lambda *_: ["10.0.0.1", PUBLIC, "1.1.1.1"], dial=dial))

    assert web.get(THERE, "http://feeds.example.org/good").data == feed()
    assert dialled == [PUBLIC, "1.1.1.1"]


def test_a_host_without_an_answer(time: Time) -> None:
    def refuse(_: tuple[str, int], __: float) -> socket.socket:
        raise ConnectionRefusedError(111, "Connection refused")

    for resolved, said in ([PUBLIC], "cannot be reached: Connection refused"), ([], "has no address"):
        web = Web(world=World(pause=time.pause, resolve=lambda *_, known=resolved: known, dial=refuse))
        assert said in failure(web, THERE, "http://feeds.example.org/").message


def test_a_name_that_nobody_knows(time: Time) -> None:
    def unknown(host: str, port: int) -> list[str]:
        raise socket.gaierror(-2, "Name or service not known")

    error = failure(Web(world=World(pause=time.pause, resolve=unknown)), THERE, "http://feeds.example.org/")

    assert (error.verdict, error.message) == (
        "down",
        "cannot be reached: the name feeds.example.org is not known: Name or service not known",
    )
    assert time.pauses == [2.0, 8.0]


def test_a_name_that_is_none() -> None:
    deadline = Deadline(lambda: 0.0, 5)

    with pytest.raises(OSError, match="is not known"):
        Guard(resolve=resolve).addresses("x" * 70, 80, deadline)


def test_a_look_up_that_never_ends(server: BadServer) -> None:
    source = Source("x", "feed", timeout=0.2, delay=0)

    def hang(host: str, port: int) -> list[str]:
        server.closing.wait(5)
        return [PUBLIC]

    assert failure(Web(world=World(resolve=hang)), source, "http://x.example.org/").message == (
        "did not answer within 0.2 s"
    )


def test_a_connection_that_is_never_made() -> None:
    def hang(_: tuple[str, int], timeout: float) -> socket.socket:
        raise TimeoutError("timed out")

    error = failure(Web(world=World(resolve=lambda *_: [PUBLIC], dial=hang)), THERE, "http://x.example.org/")

    assert (error.verdict, error.message) == ("down", "did not answer within 5 s")


# TLS


@pytest.fixture
def secure() -> Iterator[Callable[[str], int]]:
    """Return what starts a server with a certificate and gives its port."""
    import threading  # noqa: PLC0415

    made: list[tuple[socket.socket, threading.Thread]] = []

    def start(certificate: str) -> int:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(TLS / f"{certificate}.pem")
        listener = socket.create_server(("127.0.0.1", 0))

        def serve() -> None:
            while True:
                try:
                    connection, _ = listener.accept()
                except OSError:
                    return
                try:
                    with context.wrap_socket(connection, server_side=True) as line:
                        line.recv(4096)
                        line.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi")
                except OSError:
                    connection.close()

        thread = threading.Thread(target=serve)
        thread.start()
        made.append((listener, thread))
        return int(listener.getsockname()[1])

    yield start
    for listener, thread in made:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join()


def test_a_certificate_is_checked_against_the_name(secure: Callable[[str], int], time: Time) -> None:
    trust = ssl.create_default_context(cafile=str(TLS / "ca.pem"))
    web = Web(world=World(pause=time.pause, tls=trust))

    assert web.get(HERE, f"https://localhost:{secure('localhost')}/").data == b"hi"
    for certificate, said in ("elsewhere", "Hostname mismatch"), ("expired", "certificate has expired"):
        error = failure(web, HERE, f"https://localhost:{secure(certificate)}/")
        assert (error.verdict, said in error.message) == ("down", True), error.message


def test_a_certificate_of_nobody_knows_whom(secure: Callable[[str], int], time: Time) -> None:
    error = failure(Web(world=World(pause=time.pause)), HERE, f"https://localhost:{secure('localhost')}/")

    assert "CERTIFICATE_VERIFY_FAILED" in error.message


def test_a_handshake_that_never_ends(server: BadServer) -> None:
    listener = socket.create_server(("127.0.0.1", 0))
    with listener:
        url = f"https://localhost:{listener.getsockname()[1]}/"
        source = Source("x", "feed", allow_private=True, timeout=0.3, delay=0)

        assert failure(Web(), source, url).message == "did not answer within 0.3 s"


# What it says


def test_who_asks() -> None:
    both = agent("you@example.org", "https://digests.example.org")

    assert both == f"digestbot/{__version__} (+https://digests.example.org; mailto:you@example.org)"
    assert agent("", "") == f"digestbot/{__version__}"
    assert agent("jörg)@example.org", "https://bücher.example.org/~a").endswith(
        " (+https://b%C3%BCcher.example.org/~a; mailto:j%C3%B6rg%29@example.org)"
    )


def test_the_request(time: Time) -> None:
    there, asked = world(time, Says(200, content=b"x"))
    seen = {"etag": '"v1"', "last_modified": "Thu, 19 Nov 2026 05:00:00 GMT", "at": 3}

    Web("you@example.org", world=there).get(THERE, "https://feeds.example.org/a?b=c#d", seen, {"x-api-key": "k"})

    (request,) = asked
    assert str(request.url) == "https://feeds.example.org/a?b=c"
    assert request.headers["host"] == "feeds.example.org"
    assert request.headers["accept-encoding"] == "gzip, deflate"
    assert request.headers["if-none-match"] == '"v1"'
    assert request.headers["if-modified-since"] == "Thu, 19 Nov 2026 05:00:00 GMT"
    assert request.headers["x-api-key"] == "k"
    assert "cookie" not in request.headers
    assert "authorization" not in request.headers


def test_what_is_remembered_of_an_answer(time: Time) -> None:
    headers = {"ETag": 'W/"v2"', "Last-Modified": "x" * 400, "Content-Type": "text/xml", "Set-Cookie": "a=b"}
    there, _ = world(time, Says(200, content=b"x", headers=headers), Says(304))
    web = Web(world=there)

    first = web.get(THERE, "https://feeds.example.org/")
    again = web.get(THERE, "https://feeds.example.org/", first.validators)

    assert (first.validators, first.content_type, first.unchanged) == ({"etag": 'W/"v2"'}, "text/xml", False)
    assert (again.unchanged, again.data) == (True, b"")


def test_a_key_goes_to_its_own_host_only(time: Time) -> None:
    there, asked = world(
        time,
        Says(302, headers={"Location": "/moved"}),
        Says(302, headers={"Location": "http://api.example.org/plain"}),
        Says(302, headers={"Location": "https://user:pass@other.example.org/"}),
        Says(200, content=b"x"),
    )

    answer = Web(world=there).get(THERE, "https://api.example.org/", headers={"x-api-key": "k"})

    assert [request.headers.get("x-api-key") for request in asked] == ["k", "k", None, None]
    assert "authorization" not in asked[3].headers
    assert answer.url == "https://other.example.org/"


@pytest.mark.parametrize(
    ("location", "verdict", "said"),
    [
        ("gopher://x.example.org/", "blocked", "redirects to 'gopher://x.example.org/'; only http and https"),
        ("mailto:ada@example.org", "blocked", "only http and https"),
        ("http://\ud800/", "down", "is no address"),
        ("http://x.example.org:99999999/", "down", "is no address"),
    ],
)
def test_a_redirect_to_nowhere(location: str, verdict: str, said: str, time: Time) -> None:
    there, _ = world(time, Says(302, headers=[(b"Location", location.encode("utf-8", "surrogatepass"))]))

    error = failure(Web(world=there), THERE, "https://feeds.example.org/")

    assert (error.verdict, said in error.message) == (verdict, True), error.message


def test_a_redirect_that_does_not_say_where(time: Time) -> None:
    there, _ = world(time, Says(302))

    assert failure(Web(world=there), THERE, "https://feeds.example.org/").message == "answered 302 Found"


# How long it waits


def test_pauses_between_requests(time: Time) -> None:
    there, asked = world(time, Says(200, content=b"x"))
    web, slow = Web(world=there), Source("x", "feed", delay=1.5)

    for url in ("https://a.example.org/1", "https://a.example.org/2", "https://b.example.org/"):
        web.get(slow, url)
    for host in ("rss.arxiv.org", "export.arxiv.org", "arxiv.org"):
        web.get(slow, f"https://{host}/")
    time.now += 10
    web.get(slow, "https://arxiv.org/")

    assert time.pauses == [1.5, 3.0, 3.0]
    assert len(asked) == 7


def test_waiting_on_purpose_takes_nothing_from_the_deadline(time: Time) -> None:
    there, _ = world(time, Says(302, headers={"Location": "https://arxiv.org/2"}), Says(200))
    source = Source("x", "feed", delay=60, timeout=10)

    assert Web(world=there).get(source, "https://arxiv.org/").data == b""
    assert time.pauses == [60]


def test_whose_host_it_is() -> None:
    assert house_of("RSS.arxiv.org.") == ("arxiv.org", 3.0)
    assert house_of("notarxiv.org") == ("notarxiv.org", 0.0)


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("7", 7.0),
        (" 120 ", 120.0),
        ("999999999", 86_400.0),
        ("Fri, 20 Nov 2026 08:10:00 GMT", 600.0),
        ("Fri, 20 Nov 2026 08:10:00", 600.0),
        ("Fri, 20 Nov 2020 08:10:00 GMT", 0.0),
        ("Fri, 20 Nov 2099 08:10:00 GMT", 86_400.0),
        ("", None),
        ("soon", None),
        ("-5", None),
        ("1e9", None),
        ("Fri, 99 Nov 2026 08:10:00 GMT", None),
    ],
)
def test_retry_after(header: str, seconds: float | None) -> None:
    assert retry_after(header, lambda: NOW) == seconds


@given(st.text(max_size=40))
def test_any_retry_after_is_bounded(header: str) -> None:
    assert 0 <= (retry_after(header, lambda: NOW) or 0) <= 86_400


def test_an_hour_of_patience_is_for_a_later_round(time: Time) -> None:
    there, asked = world(time, Says(503, headers={"Retry-After": "3600"}))

    error = failure(Web(world=there), THERE, "https://feeds.example.org/")

    assert (error.verdict, error.retry_after, len(asked), time.pauses) == ("down", 3600.0, 1, [])


def test_a_line_that_breaks_and_comes_back(time: Time) -> None:
    there, asked = world(time, httpx.ReadError("Connection reset by peer"), httpx.ConnectError("no route"), Says(200))

    assert Web(world=there).get(THERE, "https://feeds.example.org/").data == b""
    assert (len(asked), time.pauses) == (3, [2.0, 8.0])


def test_a_line_that_stays_broken(time: Time) -> None:
    there, _ = world(time, httpx.ReadError("Connection reset by peer"))

    assert failure(Web(world=there), THERE, "https://feeds.example.org/").message == (
        "broke off: Connection reset by peer"
    )


def test_an_odd_status(time: Time) -> None:
    there, _ = world(time, Says(799))

    error = failure(Web(world=there), THERE, "https://feeds.example.org/")

    assert (error.verdict, error.message) == ("down", "answered 799")


# Bodies


def taken(data: bytes, encoding: str = "", limit: int = 1000, step: int = 7) -> bytes:
    chunks = (data[start : start + step] for start in range(0, len(data), step))
    return bodies.take(chunks, encoding, limit, lambda: None)


@given(st.binary(max_size=500), st.integers(1, 600))
def test_packed_and_unpacked(data: bytes, step: int) -> None:
    bare = zlib.compressobj(wbits=-15)
    packed: Mapping[str, bytes] = {
        "": data,
        "identity": data,
        "gzip": gzip.compress(data),
        "x-GZIP ": gzip.compress(data),
        "deflate": zlib.compress(data),
    }
    for encoding, body in packed.items():
        assert taken(body, encoding, step=step) == data
    assert taken(bare.compress(data) + bare.flush(), "deflate", step=step) == data


@given(st.binary(max_size=300), st.sampled_from(["gzip", "deflate", ""]), st.integers(0, 50))
def test_any_body_is_bounded(data: bytes, encoding: str, limit: int) -> None:
    with suppress(FetchError):
        assert len(taken(data, encoding, limit)) <= limit


def test_what_follows_the_packed_part_is_left_alone() -> None:
    assert taken(gzip.compress(b"paper") + b"and more", "gzip") == b"paper"


def test_a_bomb_is_not_unpacked() -> None:
    taken(gzip.compress(b"warm up"), "gzip")
    tracemalloc.start()
    try:
        with pytest.raises(FetchError, match="more than 200,000 bytes"):
            bodies.take([BOMB], "gzip", 200_000, lambda: None)
        assert tracemalloc.get_traced_memory()[1] < 1_000_000
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize(
    ("data", "header", "text"),
    [
        ("Gödel".encode("latin-1"), "text/xml; charset=ISO-8859-1", "Gödel"),
        ("Gödel".encode(), "text/xml; charset=ISO-8859-1", "Gödel"),
        ("Gödel".encode("utf-16-le"), "text/xml; charset=utf-16le", "Gödel"),
        ("Gödel".encode("cp1252"), 'text/xml; charset="windows-1252"', "Gödel"),
        ("Колмогоров".encode("koi8-r"), "text/xml; Charset=KOI8-R", "Колмогоров"),
        ("論文".encode("iso2022_jp"), "text/xml; charset=iso-2022-jp", "論文"),
        (b"plain", "text/xml; charset=iso-2022-jp", "plain"),
        ("論文".encode("shift_jis"), "text/xml; charset=shift_jis", "論文"),
    ],
)
def test_the_encoding_that_a_header_names(data: bytes, header: str, text: str) -> None:
    assert bodies.to_utf8(data, header).decode() == text


@pytest.mark.parametrize(
    "header",
    [
        "",
        "text/xml",
        "text/xml; charset=",
        "text/xml; charset=klingon",
        "text/xml; charset=zlib",
        "text/xml; charset=punycode",
        "text/xml; charset=unicode_escape",
        "text/xml; charset=utf-8",
        "text/xml; charset=euc-jp",
        "text/xml; charset=\ud800",
        "text/xml\r\nX: y; charset=é",
        "text/xml; charset=" + "a" * 300,
    ],
)
def test_an_encoding_that_does_not_help(header: str) -> None:
    assert bodies.to_utf8(b"G\xf6del", header) == b"G\xf6del"


def test_a_mark_goes_before_the_header() -> None:
    data = "\ufeffGödel".encode("utf-16-le")

    assert bodies.to_utf8(data, "text/xml; charset=iso-8859-1") == data


@given(st.binary(max_size=50), st.text(max_size=30))
def test_any_header_gives_bytes(data: bytes, charset: str) -> None:
    assert isinstance(bodies.to_utf8(data, f"text/xml; charset={charset}"), bytes)


# Pages


@pytest.mark.parametrize(
    ("data", "header", "is_one"),
    [
        (b"<!DOCTYPE HTML><html>", "", True),
        (b"\xef\xbb\xbf  <html lang='de'>", "application/rss+xml", True),
        (b"<p>Hello", "text/html; charset=utf-8", True),
        (b"<?xml version='1.0'?><rss>", "text/html", False),
        (b"<rss>", "text/html", False),
        (b'{"version": "https://jsonfeed.org/version/1.1"}', "text/html", False),
        (b"Papers of today", "text/plain", False),
    ],
)
def test_what_is_a_page(data: bytes, header: str, is_one: bool) -> None:
    assert is_page(data, header) is is_one


@pytest.mark.parametrize(
    ("head", "address"),
    [
        ('<link rel="alternate" type="application/rss+xml" href="/feed">', "https://example.org/feed"),
        ("<LINK REL='Alternate feed' TYPE='application/atom+xml; x=y' HREF='a?b&amp;c'>", "https://example.org/p/a?b&c"),
        ('<base href="https://other.example.org/x/"><link rel=alternate type=application/feed+json href=f>',
         "https://other.example.org/x/f"),
        ('<link rel="alternate" type="text/html" href="/de">', None),
        ('<link rel="stylesheet" type="application/rss+xml" href="/feed">', None),
        ('<link rel="alternate" type="application/rss+xml" href="">', None),
        ('<link rel="alternate" type="application/rss+xml">', None),
        ('<link rel="alternate" type="application/rss+xml" href="#top">', None),
        ('<link rel="alternate" type="application/rss+xml" href="http://[::1">', None),
        ("<title>no links</title>", None),
    ],
)  # fmt: skip
def test_the_feed_of_a_page(head: str, address: str | None) -> None:
    assert find_feed(f"<html><head>{head}</head>".encode(), "https://example.org/p/") == address


@given(st.text(st.sampled_from('<>linkbase rel="alternate" href=x/?#[]'), max_size=200))
def test_any_page_has_a_feed_or_none(text: str) -> None:
    assert find_feed(text.encode(), "https://example.org/") is None or True


@pytest.mark.parametrize("piece", ["<link ", "<link x", "<link rel=alternate ", "<!--", "<link '", "<base", "</", "<"])
def test_a_hostile_page_takes_no_time(piece: str) -> None:
    import time  # noqa: PLC0415

    begun = time.monotonic()
    find_feed((piece * (1 << 20))[: 1 << 20].encode(), "https://example.org/")
    assert time.monotonic() - begun < 2


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": str(int(NOW.timestamp()) + 90)}, 90),
        ({"RateLimit-Remaining": "0", "RateLimit-Reset": str(int(NOW.timestamp()) + 30)}, 30),
        ({"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": str(int(NOW.timestamp()) - 5)}, 1),
        ({"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "999999999999"}, 86_400),
        ({"X-RateLimit-Remaining": "7", "X-RateLimit-Reset": str(int(NOW.timestamp()) + 90)}, None),
        ({"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "soon"}, None),
        ({"X-RateLimit-Remaining": "0"}, None),
        ({}, None),
    ],
)
def test_an_api_says_when_its_count_begins_anew(headers: dict[str, str], seconds: float | None) -> None:
    assert rate_limit(httpx.Headers(headers), lambda: NOW) == seconds


def test_a_refusal_that_names_the_end_of_the_limit_is_asked_once(time: Time) -> None:
    headers = {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": str(int(NOW.timestamp()) + 1800)}
    outside, asked = world(time, Says(403, headers=headers))

    refused = failure(Web(world=outside), THERE, THERE.url)

    assert (refused.status, refused.retry_after, len(asked), time.pauses) == (403, 1800, 1, [])
