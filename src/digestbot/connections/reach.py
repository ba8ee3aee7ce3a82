"""Reaching a host: its name looked up once, its addresses checked, the connection made to a checked address.

Whoever names an address (a person, a feed, a redirect) could make us ask the printer of the local network or this
machine's own services. So an address has to be one of the public internet, and since the connection goes to the
very address that was checked, a name that changes its mind in between (DNS rebinding) gains nothing.
"""

import socket
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from queue import Empty, SimpleQueue
from typing import Final

from digestbot.errors import FetchError

Resolve = Callable[[str, int], Sequence[str]]
"""Returns the addresses of a host, the best first. Raises OSError, UnicodeError."""

Dial = Callable[[tuple[str, int], float], socket.socket]
"""Connects to an address and a port within some seconds. Raises OSError."""

_NAT64: Final = IPv6Network("64:ff9b::/96")  # RFC 6052: an IPv4 address in the last 32 bits


class Deadline:
    """A moment by which something has to be done, on a clock that only goes on."""

    def __init__(self, clock: Callable[[], float], seconds: float) -> None:
        self._clock, self._end = clock, clock() + seconds

    def extend(self, seconds: float) -> None:
        """Put it off: for time that was spent on purpose."""
        self._end += seconds

    @property
    def is_over(self) -> bool:
        """Whether no time is left."""
        return self._clock() >= self._end

    def left(self) -> float:
        """Return the seconds that are left. Raises TimeoutError when there are none."""
        if self.is_over:
            raise TimeoutError("the time is over")
        return self._end - self._clock()


def resolve(host: str, port: int) -> list[str]:
    """Return the addresses of a host as the system knows them. Raises OSError, UnicodeError."""
    return [str(found[4][0]) for found in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]


def is_public(text: str) -> bool:
    """Return whether an address belongs to the public internet (RFC 6890), what is wrapped in it too."""
    address = ip_address(text)
    if isinstance(address, IPv4Address):
        return address.is_global and not (address.is_multicast or address.is_reserved)
    if address in _NAT64:
        return is_public(str(IPv4Address(int(address) & 0xFFFFFFFF)))
    outside = address.is_global and not (address.is_multicast or address.is_reserved or address.is_site_local)
    return outside and all(is_public(str(inner)) for inner in _wrapped(address))


def _wrapped(address: IPv6Address) -> list[IPv4Address]:
    """Return the IPv4 addresses that an IPv6 address is another form of."""
    return [inner for inner in (address.ipv4_mapped, address.sixtofour, *(address.teredo or ())) if inner]


@dataclass(frozen=True, slots=True)
class Guard:
    """Decides where a connection may go."""

    allow_private: bool = False
    resolve: Resolve = resolve
    dial: Dial = socket.create_connection
    advice: str = "set allow_private = true for this source if that is meant"
    """What a person can do about a private address that is meant."""

    def addresses(self, host: str, port: int, deadline: Deadline) -> list[str]:
        """Return the addresses of a host that may be asked.

        Raises FetchError when there are none, OSError when the name is not known, TimeoutError.
        """
        found = _in_time(self.resolve, host, port, deadline)
        if not found:
            raise OSError(f"{host} has no address")
        allowed = [address for address in found if self.allow_private or is_public(address)]
        if not allowed:
            raise FetchError(f"{host} leads to a private address, {found[0]}; {self.advice}", "blocked")
        return allowed

    def connect(self, host: str, port: int, deadline: Deadline) -> socket.socket:
        """Return a connection to a host, by the first of its addresses that answers. Raises as `addresses`."""
        failure: OSError | None = None
        for address in self.addresses(host, port, deadline):
            try:
                connection = self.dial((address, port), deadline.left())
            except OSError as error:
                failure = error
            else:
                connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                return connection
        deadline.left()
        raise failure or OSError("no address answered")


def _in_time(resolve: Resolve, host: str, port: int, deadline: Deadline) -> list[str]:
    """Look a name up beside us: the system's look-up cannot be told when to give up, but we can stop waiting."""
    answers: SimpleQueue[list[str] | Exception] = SimpleQueue()

    def look_up() -> None:
        try:
            answers.put(list(resolve(host, port)))
        except (OSError, UnicodeError) as error:
            answers.put(error)

    threading.Thread(target=look_up, daemon=True, name="look-up").start()
    try:
        found = answers.get(timeout=deadline.left())
    except Empty:
        raise TimeoutError("the name was not looked up in time") from None
    if isinstance(found, Exception):
        raise OSError(f"the name {host} is not known: {getattr(found, 'strerror', None) or found}") from found
    return found
