"""A web server on the loopback that does what servers do on their bad days; a helper of the tests.

Each path is one behaviour. What hangs is let go when the server is closed.
"""

import gzip
import socket
import socketserver
import threading
import zlib
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

TITLES = ("Sparse Routing in Parts", "Pruning without Regret")


def feed(*titles: str, encoding: str = "utf-8", declared: str = "", total: str = "") -> bytes:
    """Return a small RSS feed."""
    items = "".join(
        f"<item><title>{title}</title><link>https://arxiv.org/abs/2511.{number:05d}v1</link>"
        f"<guid>oai:arXiv.org:2511.{number:05d}v1</guid><description>We propose a method.</description></item>"
        for number, title in enumerate(titles or TITLES, 1)
    )
    head = f'<?xml version="1.0"{f" encoding={declared!r}" if declared else ""}?>'
    return f'{head}<rss version="2.0"><channel><title>Café papers</title>{total}{items}</channel></rss>'.encode(
        encoding
    )


class BadServer(socketserver.ThreadingTCPServer):
    """Answers by the path; counts what it was asked."""

    allow_reuse_address = True
    daemon_threads = True
    block_on_close = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.asked: Counter[str] = Counter()
        self.heads: list[str] = []
        self.closing = threading.Event()
        self.answers: dict[str, Callable[[_Handler], None]] = dict(ANSWERS)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def port(self) -> int:
        return int(self.server_address[1])

    def dial(self, _: tuple[str, int], timeout: float) -> socket.socket:
        """Connect to this server, whatever the address."""
        return socket.create_connection(("127.0.0.1", self.port), timeout)


class _Handler(socketserver.BaseRequestHandler):
    server: BadServer
    request: socket.socket

    def handle(self) -> None:
        with suppress(OSError):  # the other side has had enough
            self.request.settimeout(20)
            self.head = self._head()
            if not self.head:
                return
            self.path = self.head.split(" ")[1]
            self.server.asked[self.path] += 1
            self.server.heads.append(self.head)
            self.server.answers.get(self.path, not_found)(self)

    def _head(self) -> str:
        data = b""
        while b"\r\n\r\n" not in data:
            piece = self.request.recv(4096)
            if not piece:
                return ""
            data += piece
        return data.decode("latin-1")

    def send(self, data: bytes) -> None:
        self.request.sendall(data)

    def answer(self, body: bytes = b"", *headers: str, status: str = "200 OK", length: int | None = None) -> None:
        lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body) if length is None else length}", *headers]
        self.send("\r\n".join([*lines, "Connection: close", "", ""]).encode("latin-1") + body)

    def drip(self, data: bytes, pause: float = 0.02) -> None:
        """Send a byte at a time, until the data or the server's life ends."""
        for byte in data:
            self.send(bytes([byte]))
            if self.server.closing.wait(pause):
                return

    def hang(self) -> None:
        self.server.closing.wait(30)


BOMB = gzip.compress(bytes(20 * 1024**2))
XML = "Content-Type: application/rss+xml"


def not_found(to: _Handler) -> None:
    to.answer(b"nothing here", status="404 Not Found")


def good(to: _Handler) -> None:
    to.answer(feed(), XML)


def unchanged(to: _Handler) -> None:
    if 'If-None-Match: "v1"' in to.head and "If-Modified-Since: Thu, 19 Nov 2026 05:00:00 GMT" in to.head:
        to.answer(status="304 Not Modified")
    else:
        to.answer(feed(), XML, 'ETag: "v1"', "Last-Modified: Thu, 19 Nov 2026 05:00:00 GMT")


def packed(to: _Handler) -> None:
    to.answer(gzip.compress(feed()), XML, "Content-Encoding: gzip")


def deflated(to: _Handler) -> None:
    bare = zlib.compressobj(wbits=-15)
    to.answer(bare.compress(feed()) + bare.flush(), XML, "Content-Encoding: deflate")


def bomb(to: _Handler) -> None:
    to.answer(BOMB, XML, "Content-Encoding: gzip")


def endless(to: _Handler) -> None:
    to.send(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n")
    while not to.server.closing.is_set():
        to.send(b"x" * 65536)


def too_long(to: _Handler) -> None:
    to.answer(b"", XML, length=10**12)


def slow_body(to: _Handler) -> None:
    to.send(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
    to.drip(bytes(100_000))


def slow_head(to: _Handler) -> None:
    to.drip(b"HTTP/1.1 200 OK\r\nX-Slow: " + b"z" * 100_000)


def silent(to: _Handler) -> None:
    to.hang()


def cut(to: _Handler) -> None:
    to.answer(feed()[:-60], XML, length=len(feed()))


def cut_packed(to: _Handler) -> None:
    body = gzip.compress(feed())[:-12]
    to.send(b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nConnection: close\r\n\r\n" + body)


def bad_chunks(to: _Handler) -> None:
    to.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nnot a chunk\r\n")


def no_http(to: _Handler) -> None:
    to.send(b"220 mail.example.org ESMTP\r\n")


def huge_head(to: _Handler) -> None:
    to.send(b"HTTP/1.1 200 OK\r\n")
    for number in range(4000):
        to.send(b"X-%d: %s\r\n" % (number, b"y" * 1000))
    to.send(b"\r\n")


def hang_up(to: _Handler) -> None:
    to.request.close()


def no_unpacking(to: _Handler) -> None:
    to.answer(b"this is not gzip", XML, "Content-Encoding: gzip")


def brotli(to: _Handler) -> None:
    to.answer(b"\x0b\x02", XML, "Content-Encoding: br")


def page(to: _Handler) -> None:
    links = (
        '<link rel="stylesheet" href="/s.css"><link rel="alternate" type="application/rss+xml" href="good?a=1&amp;b=2">'
    )
    to.answer(
        f"<!DOCTYPE html><html><head>{links}</head><body>Papers</body></html>".encode(), "Content-Type: text/html"
    )


def page_of_pages(to: _Handler) -> None:
    link = '<link rel="alternate" type="application/atom+xml" href="/bare-page">'
    to.answer(f"<html><head>{link}</head></html>".encode(), "Content-Type: text/html")


def bare_page(to: _Handler) -> None:
    to.answer(b"<html><head><title>Please log in</title></head></html>", "Content-Type: text/html")


def latin(to: _Handler) -> None:
    to.answer(feed("Naïve Café Models", encoding="latin-1"), "Content-Type: text/xml; charset=iso-8859-1")


def wrong_charset(to: _Handler) -> None:
    to.answer(feed("Naïve Café Models"), "Content-Type: text/xml; charset=utf-16")


def unknown_charset(to: _Handler) -> None:
    to.answer(feed("Naïve Café Models"), "Content-Type: text/xml; charset=klingon")


def empty(to: _Handler) -> None:
    to.answer(b"", XML)


def no_entries(to: _Handler) -> None:
    to.answer(b'<rss version="2.0"><channel><title>Papers</title></channel></rss>', XML)


def status(line: str, *headers: str) -> Callable[[_Handler], None]:
    return lambda to: to.answer(b"", *headers, status=line)


def redirect(where: str, line: str = "302 Found") -> Callable[[_Handler], None]:
    return lambda to: to.answer(b"", f"Location: {where}", status=line)


def flaky(to: _Handler) -> None:
    """Fail twice, then give the feed."""
    if to.server.asked[to.path] < 3:
        to.answer(b"", status="503 Service Unavailable")
    else:
        good(to)


def flaky_limit(to: _Handler) -> None:
    """Ask for a moment's patience once."""
    if to.server.asked[to.path] < 2:
        to.answer(b"", "Retry-After: 7", status="429 Too Many Requests")
    else:
        good(to)


ANSWERS: dict[str, Callable[[_Handler], None]] = {
    "/good": good,
    "/good?a=1&b=2": good,
    "/unchanged": unchanged,
    "/packed": packed,
    "/deflated": deflated,
    "/bomb": bomb,
    "/endless": endless,
    "/too-long": too_long,
    "/slow-body": slow_body,
    "/slow-head": slow_head,
    "/silent": silent,
    "/cut": cut,
    "/cut-packed": cut_packed,
    "/bad-chunks": bad_chunks,
    "/no-http": no_http,
    "/huge-head": huge_head,
    "/hang-up": hang_up,
    "/no-unpacking": no_unpacking,
    "/brotli": brotli,
    "/page": page,
    "/page-of-pages": page_of_pages,
    "/bare-page": bare_page,
    "/latin": latin,
    "/wrong-charset": wrong_charset,
    "/unknown-charset": unknown_charset,
    "/empty": empty,
    "/no-entries": no_entries,
    "/flaky": flaky,
    "/flaky-limit": flaky_limit,
    "/500": status("500 Internal Server Error"),
    "/403": status("403 Forbidden"),
    "/410": status("410 Gone"),
    "/429": status("429 Too Many Requests"),
    "/429-long": status("429 Too Many Requests", "Retry-After: 3600"),
    "/304": status("304 Not Modified"),
    "/moved": redirect("/good", "301 Moved Permanently"),
    "/loop": redirect("/loop"),
    "/to-private": redirect("http://10.0.0.1/feed.xml"),
    "/to-file": redirect("file:///etc/passwd"),
    "/to-nonsense": redirect("http://[::1"),
}


@contextmanager
def bad_server() -> Iterator[BadServer]:
    """Run the server."""
    server = BadServer()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield server
    finally:
        server.closing.set()
        server.shutdown()
        server.server_close()
        thread.join()
