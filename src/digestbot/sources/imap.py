"""A mailbox on a server, over TLS from the first byte (RFC 8314): looked at, never changed.

EXAMINE opens it for reading only, BODY.PEEK leaves the mails unread, and the UID of the last mail (with the
UIDVALIDITY of the mailbox, RFC 3501) says where to go on.
"""

import imaplib
import re
import ssl
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from typing import Any, Final

from digestbot.connections.reach import Deadline
from digestbot.connections.web import Web, World
from digestbot.connections.wire import default_tls
from digestbot.declared import Source
from digestbot.errors import FetchError
from digestbot.sources.files import too_large
from digestbot.sources.items import Fetched, Item, Notice, Past, Unread

_MOST: Final = 200
"""Mails that are taken in one run; the others come in the next."""
_LONGEST_LINE: Final = 1_000_000
_CHUNK: Final = 1 << 16
_OVERALL: Final = 10
"""How many times the limit of one answer a whole session may take."""
_UID: Final = re.compile(rb"\bUID (\d{1,10})\b")
_SIZE: Final = re.compile(rb"\bRFC822\.SIZE (\d{1,12})\b")
_MONTHS: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def fetch(source: Source, past: Past, web: Web, now: datetime) -> Iterator[Item]:
    """Yield the mails that came since the last time; at first those of the last `source.days` days.

    Raises FetchError when the server cannot be reached, refuses the log-in, or has no such mailbox.
    """
    overall = Deadline(web.world.clock, source.timeout * _OVERALL)
    with _session(source, web.world) as session:
        validity = session.examine(source.mailbox)
        last = past.get("uid") if past.get("validity") == validity else None
        uids = session.search(source, last if isinstance(last, int) else None, now)
        yield from _mails(source, session, uids[:_MOST], validity, overall)
        if len(uids) > _MOST:
            yield Notice(f"{_MOST} of {len(uids)} new mails were read; the others come with the next run")


def _mails(
    source: Source, session: "_Session", uids: Sequence[int], validity: int, overall: Deadline
) -> Iterator[Item]:
    sizes = session.sizes(uids) if uids else {}
    for uid in uids:
        if overall.is_over:
            yield Notice("the time for one run is over; the other mails come with the next")
            return
        remember = {"uid": uid, "validity": validity}
        name = f"{source.name}, mail {uid}"
        if sizes.get(uid, 0) > source.max_bytes:
            yield Unread(name, too_large(source.max_bytes), remember)
        elif data := session.mail(uid):
            yield Fetched(name, data, remember, once=True)
        # One that is gone by now was deleted in the meantime.


@contextmanager
def _session(source: Source, world: World) -> Iterator["_Session"]:
    """Log in, and out at the end. Raises FetchError for whatever the server or the line does."""
    session: _Session | None = None
    try:
        session = _Session(source, world)
        session.log_in()
        yield session
    except TimeoutError as error:
        raise FetchError(f"did not answer within {source.timeout:g} s", "down") from error
    except imaplib.IMAP4.abort as error:
        raise FetchError(f"broke off: {_words(error)}", "down") from error
    except OSError as error:
        raise FetchError(f"cannot be reached: {error.strerror or error}", "down") from error
    except (imaplib.IMAP4.error, ValueError, LookupError, TypeError) as error:  # the library trusts what it parses
        raise FetchError(f"does not keep to IMAP: {_words(error)}", "down") from error
    finally:
        if session:
            session.leave()


class _Session:
    """A conversation with the server. Each command has the source's time limit."""

    def __init__(self, source: Source, world: World) -> None:
        """Connect. Raises OSError, TimeoutError, FetchError, IMAP4.error."""
        self._source, self._world = source, world
        deadline = Deadline(world.clock, source.timeout)
        connection = world.guard(source).connect(source.host, source.port, deadline)
        try:
            connection.settimeout(deadline.left())
            secured = (world.tls or default_tls()).wrap_socket(connection, server_hostname=source.host)
        except OSError:
            connection.close()
            raise
        self._line = _Line(secured, deadline, source.max_bytes)

    def log_in(self) -> None:
        """Say who we are, the way the server prefers. Raises FetchError when it is not believed."""
        line, user, password = self._begin(), self._source.user, self._source.secret
        try:
            if "AUTH=PLAIN" in line.capabilities:
                line.authenticate("PLAIN", lambda _: f"\0{user}\0{password}".encode())
            else:
                line.login(user, password)
        except imaplib.IMAP4.abort:
            raise
        except (imaplib.IMAP4.error, UnicodeError) as error:
            raise FetchError(f"refuses the log-in of {user}: {_words(error)}", "blocked") from error

    def examine(self, mailbox: str) -> int:
        """Open a mailbox for reading only; return its UIDVALIDITY. Raises FetchError when there is none."""
        line = self._begin()
        kind, said = line.select(_quoted(_utf7(mailbox)), readonly=True)
        if kind != "OK":
            raise FetchError(f"has no mailbox {mailbox!r}: {_text(said)}", "blocked")
        found = line.response("UIDVALIDITY")[1]
        return int(found[0]) if found and found[0] and found[0].isdigit() else 0

    def search(self, source: Source, last: int | None, now: datetime) -> list[int]:
        """Return the UIDs of the mails behind `last`, or else of the last days, lowest first."""
        criteria = [f"UID {last + 1}:*"] if last is not None else [f"SINCE {_day(now - timedelta(days=source.days))}"]
        senders = [f"FROM {_quoted(sender)}" for sender in source.senders]
        criteria.append("OR " * max(len(senders) - 1, 0) + " ".join(senders) if senders else "")
        said = self._uid("SEARCH", " ".join(part for part in criteria if part))
        uids = {int(word) for part in said if isinstance(part, bytes) for word in part.split() if word.isdigit()}
        return sorted(uid for uid in uids if uid > (last or 0))  # "n:*" gives the last one even below n

    def sizes(self, uids: Sequence[int]) -> dict[int, int]:
        """Return the size of each mail in bytes."""
        said = self._uid("FETCH", ",".join(map(str, uids)), "(UID RFC822.SIZE)")
        found = [(_UID.search(part), _SIZE.search(part)) for part in said if isinstance(part, bytes)]
        return {int(uid[1]): int(size[1]) for uid, size in found if uid and size}

    def mail(self, uid: int) -> bytes | None:
        """Return a mail, which stays unread; None when it is gone."""
        said = self._uid("FETCH", str(uid), "(BODY.PEEK[])")
        return next((part[1] for part in said if isinstance(part, tuple)), None)

    def leave(self) -> None:
        """Say goodbye, and hang up in any case."""
        with suppress(imaplib.IMAP4.error, OSError, FetchError):
            self._begin().logout()
        with suppress(OSError):
            self._line.shutdown()

    def _uid(self, *command: str) -> list[Any]:
        kind, said = self._begin().uid(*command)
        if kind != "OK":
            raise FetchError(f"refuses {command[0]}: {_text(said)}", "blocked")
        return said

    def _begin(self) -> "_Line":
        """Return the line, with the whole time of one answer before it."""
        self._line.deadline = Deadline(self._world.clock, self._source.timeout)
        return self._line


class _Line(imaplib.IMAP4):
    """The standard library's protocol, over a connection whose every read ends with the deadline."""

    def __init__(self, connection: ssl.SSLSocket, deadline: Deadline, limit: int) -> None:
        self._connection, self._limit, self._waiting = connection, limit, bytearray()
        self.deadline = deadline
        super().__init__()

    def open(self, host: str = "", port: int = 993, timeout: float | None = None) -> None:  # noqa: ARG002 (is open)
        """Take the connection that is there already."""
        self.host, self.port, self.sock = host, port, self._connection

    def read(self, size: int) -> bytes:
        """Return exactly `size` bytes."""
        if size > self._limit:
            raise FetchError(f"sends {size:,} bytes at once; raise max_bytes if that is meant", "unreadable")
        while len(self._waiting) < size:
            self._receive()
        return self._taken(size)

    def readline(self) -> bytes:
        """Return a line with its end."""
        while b"\n" not in self._waiting:
            if len(self._waiting) > _LONGEST_LINE:
                raise self.abort("sends a line without an end")
            self._receive()
        return self._taken(self._waiting.index(b"\n") + 1)

    def _taken(self, size: int) -> bytes:
        data = bytes(self._waiting[:size])
        del self._waiting[:size]
        return data

    def send(self, data: Any) -> None:
        """Send bytes."""
        self._connection.settimeout(self.deadline.left())
        self._connection.sendall(data)

    def shutdown(self) -> None:
        """Hang up."""
        self._connection.close()

    def _receive(self) -> None:
        self._connection.settimeout(self.deadline.left())
        data = self._connection.recv(_CHUNK)
        if not data:
            raise self.abort("the other side hung up")
        self._waiting += data


def _text(said: Sequence[Any]) -> str:
    """Return the words of a server."""
    return b" ".join(part for part in said if isinstance(part, bytes)).decode("utf-8", "replace")[:200]


def _words(error: Exception) -> str:
    """Return what an error says; the library puts bytes of the server into some."""
    said = error.args[0] if error.args else ""
    return said.decode("utf-8", "replace")[:200] if isinstance(said, bytes) else str(error)[:200]


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _utf7(name: str) -> str:
    """Return the name of a mailbox as the protocol writes it (RFC 3501, section 5.1.3)."""
    parts = re.split(r"([^\x20-\x7e]+)", name)
    plain = (part.replace("&", "&-") for part in parts[::2])
    coded = (f"&{part.encode('utf-7').decode('ascii')[1:-1].replace('/', ',')}-" for part in parts[1::2])
    return "".join(text for pair in zip(plain, [*coded, ""], strict=True) for text in pair)


def _day(moment: datetime) -> str:
    """Return a date as IMAP writes it, whatever language the system speaks."""
    return f"{moment.day:02d}-{_MONTHS[moment.month - 1]}-{moment.year}"
