"""Mailboxes on the disk: a Maildir and an mbox. Each mail is a digest; nothing in them is changed."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO

from digestbot.connections.web import Web
from digestbot.declared import Source
from digestbot.errors import FetchError
from digestbot.sources.files import PAUSE, changed, is_at_rest, mark_of, missing, too_large
from digestbot.sources.items import Fetched, Item, Notice, Past, Remember, Unread


def fetch_maildir(source: Source, past: Past, web: Web, now: datetime) -> Iterator[Item]:
    """Yield the mails of a Maildir, read or not; nothing in it is changed. Raises FetchError when it is none."""
    folder = Path(source.path)
    if not (folder / "cur").is_dir():
        raise FetchError(f"{folder} is no Maildir: it has no folder cur", "down")
    try:
        listed = sorted(path for part in ("new", "cur") for path in _listed(folder / part))
    except OSError as error:
        raise FetchError(f"cannot be read: {error.strerror or error}", "down") from error
    # What stands behind the colon are flags, which change as the mail is read and answered.
    paths = {path.name.partition(":")[0]: path for path in listed if not path.name.startswith(".")}
    for item in changed(source, paths, past, web, now):
        yield _mail(source, item.name, item.data, item.remember) if isinstance(item, Fetched) else item


def _listed(folder: Path) -> Iterable[Path]:
    return folder.iterdir() if folder.is_dir() else ()


def fetch_mbox(source: Source, past: Past, web: Web, now: datetime) -> Iterator[Item]:
    """Yield the mails that were added to an mbox since it was read last; all of one that was written anew.

    A mail begins with a line ``From `` behind an empty line (RFC 4155). Raises FetchError when there is no file.
    """
    path = Path(source.path)
    mark = mark_of(path)
    if mark is None:
        raise FetchError(missing(path, "mbox file"), "down")
    if mark == past.get("mark"):
        return
    if not is_at_rest(mark, now):
        web.world.pause(PAUSE)
        if mark_of(path) != mark:
            yield Notice(f"{path.name} is still being written; it is read when that is over")
            return
    end = past.get("end")
    start = end if isinstance(end, int) and end <= mark[0] and _first_line(path) == past.get("first") else 0
    try:
        yield from _mails(source, path, start)
    except OSError as error:
        raise FetchError(f"cannot be read: {error.strerror or error}", "down") from error
    yield Remember({"mark": mark})


def _mails(source: Source, path: Path, start: int) -> Iterator[Item]:
    """Yield the mails from an offset on, each with the offset behind it."""
    place: dict[str, Any] = {"first": _first_line(path)}
    with path.open("rb") as file:
        file.seek(start)
        for number, (mail, end) in enumerate(split_mbox(file, source.max_bytes), 1):
            name = f"{source.name}, mail {number} from byte {start}"
            if mail is None:
                yield Unread(name, too_large(source.max_bytes), {**place, "end": end})
            else:
                yield _mail(source, name, mail, {**place, "end": end})


def split_mbox(file: BinaryIO, limit: int) -> Iterator[tuple[bytes | None, int]]:
    """Yield each mail without its ``From `` line, or None for one that is too large; and the offset behind it."""
    mail, size, started, blank, offset = bytearray(), 0, False, True, file.tell()
    for line in iter(lambda: file.readline(1 << 20), b""):
        if blank and line.startswith(b"From "):
            if started:
                yield (bytes(mail) if size <= limit else None), offset
            mail, size, started = bytearray(), 0, True
        elif started:
            size += len(line)
            if size <= limit:
                mail += line[1:] if line.startswith(b">From ") else line
        blank = line in {b"\n", b"\r\n"}
        offset += len(line)
    if started:
        yield (bytes(mail) if size <= limit else None), offset


def _first_line(path: Path) -> str:
    """Return how an mbox begins: one that begins otherwise is another."""
    try:
        with path.open("rb") as file:
            return file.readline(200).decode("latin-1")
    except OSError:
        return ""


def _mail(source: Source, name: str, data: bytes, remember: Past) -> Item:
    """Return a mail as a digest; one that nobody asked for is only remembered."""
    if is_wanted(data, source.senders):
        return Fetched(name, data, remember, once=True)
    return Remember(remember)


def is_wanted(mail: bytes, senders: Iterable[str]) -> bool:
    """Return whether a mail comes from one of the senders; each is a part of From, in any case. None wants all."""
    wanted = [sender.lower() for sender in senders]
    if not wanted:
        return True
    header = mail[: 64 * 1024].replace(b"\r\n", b"\n").partition(b"\n\n")[0].decode("utf-8", "replace").lower()
    lines = header.replace("\n ", " ").replace("\n\t", " ").split("\n")
    froms = [line for line in lines if line.startswith("from:")]
    return any(sender in line for sender in wanted for line in froms)
