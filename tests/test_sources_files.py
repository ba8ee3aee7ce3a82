"""Folders and patterns: each file once, as soon as nobody writes to it any more."""

import os
from pathlib import Path

import pytest

from digestbot.declared import Source
from digestbot.errors import FetchError
from digestbot.sources.files import _read
from test_sources_mail import NOW, OLD, Box, write


def folder(path: Path, **more: object) -> Box:
    return Box(Source("f", "folder", path=str(path), **({"pattern": "*"} | more)))  # type: ignore[arg-type]


def test_each_file_once(tmp_path: Path) -> None:
    box = folder(tmp_path)
    write(tmp_path / "a.txt", "one")
    write(tmp_path / "sub" / "b.txt", "below")
    write(tmp_path / ".hidden", "no")
    (tmp_path / "link.txt").symlink_to(tmp_path / "a.txt")
    (tmp_path / "nowhere.txt").symlink_to(tmp_path / "none")

    assert box.run() == ["one", "one"]
    assert box.run() == []
    write(tmp_path / "a.txt", "two", OLD + 1)
    assert box.run() == ["two", "two"]
    (tmp_path / "link.txt").unlink()
    (tmp_path / "a.txt").unlink()
    assert box.run() == []
    assert box.past == {}
    assert box.pauses == 0


def test_patterns(tmp_path: Path) -> None:
    odd = tmp_path / "a[b]*"
    write(odd / "x.xml", "x")
    write(odd / "deep" / "y.xml", "y")
    write(odd / "z.txt", "z")

    assert folder(odd, pattern="*.xml").run() == ["x"]
    assert folder(odd, pattern="**/*.xml").run() == ["y", "x"]
    everywhere = Box(Source("g", "glob", pattern=f"{tmp_path}/*/*.[tx]*"))
    assert everywhere.run() == ["x", "z"]
    assert Box(Source("g", "glob", pattern=f"{tmp_path}/none/*")).run() == []


def test_a_file_that_grows_is_read_when_it_rests(tmp_path: Path) -> None:
    path = write(tmp_path / "a.txt", "on", NOW.timestamp() - 1)
    write(tmp_path / "b.txt", "whole")
    box = folder(tmp_path)
    box.while_pausing = lambda: write(path, "one an", NOW.timestamp())

    assert box.run() == ["notice: a.txt is still being written; it is read when that is over", "whole"]
    box.while_pausing = lambda: None
    assert box.run() == ["one an"]
    assert box.pauses == 2


def test_a_file_from_the_future_is_looked_at_twice(tmp_path: Path) -> None:
    write(tmp_path / "a.txt", "one", NOW.timestamp() + 10_000)
    box = folder(tmp_path)

    assert (box.run(), box.pauses) == (["one"], 1)


def test_a_file_that_vanishes(tmp_path: Path) -> None:
    path = write(tmp_path / "a.txt", "one", NOW.timestamp())
    box = folder(tmp_path)
    box.while_pausing = path.unlink

    assert box.run() == ["notice: a.txt is still being written; it is read when that is over"]
    assert box.run() == []


def test_a_file_that_is_too_large_is_told_each_time(tmp_path: Path) -> None:
    write(tmp_path / "a.txt", "1234")
    box = folder(tmp_path, max_bytes=3)

    assert [box.run() for _ in range(2)] == [["unread: has more than 3 bytes; raise max_bytes if that is meant"]] * 2


def test_a_file_that_may_not_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path / "a.txt", "one")

    def refuse(_path: Path, _flags: int) -> int:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "open", refuse)
    assert folder(tmp_path).run() == ["unread: cannot be read: Permission denied"]

    def vanish(_path: Path, _flags: int) -> int:
        raise FileNotFoundError(2, "No such file or directory")

    monkeypatch.setattr(os, "open", vanish)
    assert folder(tmp_path).run() == []


def test_a_pipe_is_never_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    path = write(tmp_path / "a.txt", "one", NOW.timestamp())
    box = folder(tmp_path)

    def swap() -> None:
        state = path.stat()
        path.unlink()
        os.mkfifo(path)
        os.utime(path, ns=(state.st_atime_ns, state.st_mtime_ns))

    box.while_pausing = swap
    assert box.run() == ["notice: a.txt is still being written; it is read when that is over"]
    with pytest.raises(OSError, match="no regular file"):
        _read(tmp_path / "pipe", 10)


def test_no_folder(tmp_path: Path) -> None:
    with pytest.raises(FetchError, match="there is no folder"):
        folder(tmp_path / "none").run()
    with pytest.raises(FetchError, match="is no folder"):
        folder(write(tmp_path / "a", "x")).run()
