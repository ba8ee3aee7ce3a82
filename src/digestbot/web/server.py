"""The server under the application: it runs in a thread beside the rounds and ends when they do."""

import re
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import uvicorn
from starlette.applications import Starlette

from digestbot.errors import ConfigError

GRACE: Final = 5
"""Seconds that answers under way get when it is to stop."""
_PLACE: Final = re.compile(r"(?:\[(?P<six>[0-9A-Fa-f:.%]+)\]|(?P<host>[^\[\]:\s/]+)):(?P<port>[0-9]{1,5})")


def listen(place: str) -> socket.socket:
    """Return a socket that listens at ``HOST:PORT``; connections wait in it until somebody serves it.

    IPv6 addresses stand in brackets; port 0 takes a free one. Raises ConfigError.
    """
    found = _PLACE.fullmatch(place)
    if not found or int(found["port"]) > 65535:
        raise ConfigError(f"{place!r} is no address; one looks like 127.0.0.1:8000 or [::1]:8000", path="--web")
    host = found["six"] or found["host"]
    try:
        family, *_, address = socket.getaddrinfo(host, int(found["port"]), type=socket.SOCK_STREAM)[0]
        return socket.create_server(address[:2], family=family)
    except (OSError, UnicodeError) as error:
        reason = getattr(error, "strerror", None) or error
        raise ConfigError(f"cannot listen on {place}: {reason}", path="--web") from error


def address_of(listening: socket.socket) -> str:
    """Return the address that a browser on this machine would open."""
    host, port = listening.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


@contextmanager
def serving(app: Starlette, listening: socket.socket) -> Iterator[None]:
    """Serve `app` while the body runs; afterwards answers under way are finished, and the socket is closed."""
    server = uvicorn.Server(
        uvicorn.Config(
            app,
            http="h11",
            loop="asyncio",
            ws="none",
            lifespan="off",
            log_config=None,
            access_log=False,  # addresses hold tokens
            server_header=False,
            proxy_headers=False,
            limit_concurrency=200,
            timeout_keep_alive=15,
            timeout_graceful_shutdown=GRACE,
        )
    )
    thread = threading.Thread(target=server.run, args=([listening],), name="web")
    thread.start()
    try:
        yield
    finally:
        server.should_exit = True
        thread.join()
        listening.close()
