"""Digests that lie on the disk, in a folder or wherever a pattern leads. A file is taken once it is at rest.

What is being written grows between two looks. A file that was changed a while ago is at rest at once; for the
others there is one pause and a second look, and what has still changed waits for the next run.
"""

import os
import stat
from collections.abc import Iterator, Mapping
from datetime import datetime
from glob import escape, iglob
from pathlib import Path
from typing import Final

from digestbot.connections.web import Web
from digestbot.declared import Source
from digestbot.errors import FetchError
from digestbot.sources.items import Fetched, Item, Notice, Past, Remember, Unread

_SETTLED: Final = 2.0  # seconds without a change after which nobody is writing any more
PAUSE: Final = 1.0  # seconds between the two looks
_FLAGS: Final = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)

Mark = list[int]
"""Size in bytes and time of change in nanoseconds: what differs when a file came anew or grew."""


def fetch(source: Source, past: Past, web: Web, now: datetime) -> Iterator[Item]:
    """Yield the files that the source's pattern names and that have changed. Raises FetchError without a folder."""
    if source.path and not Path(source.path).is_dir():
        raise FetchError(missing(Path(source.path), "folder"), "down")
    pattern = str(Path(escape(source.path)) / source.pattern) if source.path else source.pattern
    names = sorted(iglob(pattern, recursive=True))  # noqa: PTH207 (absolute patterns)
    paths = {name: Path(name) for name in names if not Path(name).name.startswith(".")}
    yield from changed(source, paths, past, web, now)


def changed(source: Source, paths: Mapping[str, Path], past: Past, web: Web, now: datetime) -> Iterator[Item]:
    """Yield what is not as it was when it was read, by key; forget what is gone."""
    marks = {key: mark for key, path in paths.items() if (mark := mark_of(path)) and past.get(key) != mark}
    restless = [key for key, mark in marks.items() if not is_at_rest(mark, now)]
    if restless:
        web.world.pause(PAUSE)
    for key, mark in marks.items():
        if key in restless and mark_of(paths[key]) != mark:
            yield Notice(f"{paths[key].name} is still being written; it is read when that is over")
        else:
            yield from _taken(source, key, paths[key], mark)
    gone = [key for key in past if key not in paths]
    if gone:
        yield Remember(dict.fromkeys(gone))


def mark_of(path: Path) -> Mark | None:
    """Return what tells that a file has changed; None for what is gone or no regular file."""
    try:
        state = path.stat()
    except OSError:
        return None
    return [state.st_size, state.st_mtime_ns] if stat.S_ISREG(state.st_mode) else None


def is_at_rest(mark: Mark, now: datetime) -> bool:
    """Return whether nobody seems to be writing any more."""
    return now.timestamp() - mark[1] / 1e9 >= _SETTLED


def _taken(source: Source, key: str, path: Path, mark: Mark) -> Iterator[Item]:
    try:
        data = _read(path, source.max_bytes)
    except FileNotFoundError:
        return
    except OSError as error:
        yield Unread(str(path), f"cannot be read: {error.strerror or error}")
        return
    if len(data) > source.max_bytes:
        yield Unread(str(path), too_large(source.max_bytes), {key: mark} if source.kind == "maildir" else {})
    else:
        yield Fetched(str(path), data, {key: mark})


def _read(path: Path, limit: int) -> bytes:
    """Return a file, or one byte more than `limit` of it. Raises OSError; never waits for a pipe."""
    with os.fdopen(os.open(path, _FLAGS), "rb") as file:
        if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            raise OSError("it is no regular file")
        return file.read(limit + 1)


def missing(path: Path, kind: str) -> str:
    """Return what is wrong with a path that should be a `kind`."""
    return f"there is no {kind} {path}" if not path.exists() else f"{path} is no {kind}"


def too_large(limit: int) -> str:
    """Return what is wrong with a digest of more than `limit` bytes, and what to do."""
    return f"has more than {limit:,} bytes; raise max_bytes if that is meant"
