"""Tells a service manager how we are: ``READY=1``, ``WATCHDOG=1``, ``STOPPING=1`` (sd_notify(3))."""

import os
import socket
from collections.abc import Mapping
from contextlib import suppress
from datetime import timedelta


def tell(state: str, environ: Mapping[str, str] = os.environ) -> None:
    """Send a line to the socket in NOTIFY_SOCKET. Without one, or when nobody listens there, do nothing."""
    place = environ.get("NOTIFY_SOCKET", "")
    if not place.startswith(("/", "@")):
        return
    with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as line:
        line.sendto(state.encode(), f"\0{place[1:]}" if place.startswith("@") else place)


def watchdog(environ: Mapping[str, str] = os.environ) -> timedelta | None:
    """Return how often the service manager wants to hear of us, halved as it advises; None when it does not."""
    wanted, whom = environ.get("WATCHDOG_USEC", ""), environ.get("WATCHDOG_PID", "")
    if not wanted.isdecimal() or len(wanted) > 15 or whom not in {"", str(os.getpid())}:
        return None
    return timedelta(microseconds=int(wanted)) / 2 if int(wanted) else None
