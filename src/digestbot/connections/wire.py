"""HTTP connections that keep to a deadline and go only where they may: httpcore's pool on sockets of our own.

httpx can limit how long one read takes; a server that sends a byte a second stays below any such limit for ever.
Here every read, every write and every handshake gets what is left of one deadline for the whole answer.
"""

import ssl
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from functools import lru_cache
from typing import Any, Final, Protocol, TypeVar

import httpcore
import httpx

from digestbot.connections.reach import Deadline, Guard

_CHUNK: Final = 1 << 16


@lru_cache(maxsize=1)
def default_tls() -> ssl.SSLContext:
    """Return what the certificates of servers are checked with; made once, since that takes a while."""
    return httpx.create_ssl_context()


class _Closable(Protocol):
    def close(self) -> None: ...


_Item = TypeVar("_Item", bound=_Closable)


@contextmanager
def closing(item: _Item) -> Iterator[_Item]:
    """Close an answer or a connection at the end; what goes wrong then is of no interest any more."""
    try:
        yield item
    finally:
        with suppress(httpx.TransportError, OSError):
            item.close()


@contextmanager
def answer(guard: Guard, request: httpx.Request) -> Iterator[httpx.Response]:
    """Yield the answer to one request, over a connection of its own. Raises as `Wire` does."""
    with closing(Wire(guard)) as transport, closing(transport.handle_request(request)) as response:
        yield response


class Wire(httpx.BaseTransport):
    """Sends requests over guarded connections. Each request has to bring its `Deadline`, see `deadline_of`.

    Raises httpx.TransportError for what goes wrong on the way, FetchError where a connection may not go.
    """

    def __init__(self, guard: Guard, tls: ssl.SSLContext | None = None) -> None:
        self._backend = _Backend(guard)
        self._pool = httpcore.ConnectionPool(
            ssl_context=tls or default_tls(),
            max_connections=1,  # one request at a time is all that politeness allows
            max_keepalive_connections=0,
            network_backend=self._backend,
        )

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request and return its answer, whose body is still to be read."""
        self._backend.deadline = request.extensions[DEADLINE]
        url = httpcore.URL(
            scheme=request.url.raw_scheme, host=request.url.raw_host, port=request.url.port, target=request.url.raw_path
        )
        asked = httpcore.Request(request.method, url, headers=request.headers.raw, content=request.read())
        with _translated():
            answer = self._pool.handle_request(asked)
        body = answer.stream
        return httpx.Response(answer.status, headers=answer.headers, stream=_Body(body))

    def close(self) -> None:
        """Close all connections."""
        with _translated():
            self._pool.close()


DEADLINE: Final = "digestbot.deadline"
"""The extension of a request that holds its deadline."""


@contextmanager
def _translated() -> Iterator[None]:
    """Raise httpx's exception for httpcore's: they have the same names."""
    try:
        yield
    except (httpcore.TimeoutException, httpcore.NetworkError, httpcore.ProtocolError) as error:
        kind: type[httpx.TransportError] = getattr(httpx, type(error).__name__, httpx.TransportError)
        raise kind(str(error)) from error


class _Body(httpx.SyncByteStream):
    """The body of an answer as it comes in."""

    def __init__(self, stream: Any) -> None:
        self._stream = stream

    def __iter__(self) -> Iterator[bytes]:
        with _translated():
            yield from self._stream

    def close(self) -> None:
        with _translated():
            self._stream.close()


class _Backend(httpcore.NetworkBackend):
    """Opens connections to checked addresses."""

    def __init__(self, guard: Guard) -> None:
        self._guard = guard
        self.deadline: Deadline

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ARG002 (the deadline is shorter)
        local_address: str | None = None,  # noqa: ARG002 (any will do)
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,  # noqa: ARG002 (we set our own)
    ) -> httpcore.NetworkStream:
        """Return a connection to a host. Raises FetchError, httpcore.ConnectError, httpcore.ConnectTimeout."""
        with _in_words(httpcore.ConnectTimeout, httpcore.ConnectError):
            return _Stream(self._guard.connect(host, port, self.deadline), self)


class _Stream(httpcore.NetworkStream):
    """A connection whose every step ends with the deadline."""

    def __init__(self, connection: Any, backend: _Backend) -> None:
        self._socket, self._backend = connection, backend

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ARG002 (the deadline is shorter)
        with _in_words(httpcore.ReadTimeout, httpcore.ReadError):
            self._socket.settimeout(self._backend.deadline.left())
            data: bytes = self._socket.recv(min(max_bytes, _CHUNK))
            return data

    def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ARG002 (the deadline is shorter)
        with _in_words(httpcore.WriteTimeout, httpcore.WriteError):
            self._socket.settimeout(self._backend.deadline.left())
            self._socket.sendall(buffer)

    def close(self) -> None:
        self._socket.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,  # noqa: ARG002 (the deadline is shorter)
    ) -> httpcore.NetworkStream:
        with _in_words(httpcore.ConnectTimeout, httpcore.ConnectError):
            try:
                self._socket.settimeout(self._backend.deadline.left())
                secured = ssl_context.wrap_socket(self._socket, server_hostname=server_hostname)
            except OSError:
                self.close()
                raise
            return _Stream(secured, self._backend)

    def get_extra_info(self, info: str) -> Any:
        return self._socket if info == "ssl_object" and isinstance(self._socket, ssl.SSLSocket) else None


@contextmanager
def _in_words(on_time: type[Exception], otherwise: type[Exception]) -> Iterator[None]:
    """Raise httpcore's exceptions in place of the system's."""
    try:
        yield
    except TimeoutError as error:
        raise on_time(str(error)) from error
    except OSError as error:
        raise otherwise(error.strerror or str(error)) from error
