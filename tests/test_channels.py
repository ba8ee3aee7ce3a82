"""Folders and feeds as channels, and the table of channels."""

import errno
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digestbot.channels import CHANNELS, Channel
from digestbot.channels.feed import FeedChannel
from digestbot.channels.files import disk_errors, write_whole
from digestbot.channels.folder import FolderChannel
from digestbot.errors import PermanentDeliveryError, TransientDeliveryError
from digestbot.models import Message, Part
from digestbot.slugs import slug

MAIL = Part("edition.eml", "message/rfc822", b"Subject: x\r\n\r\nhello\r\n")
PAGE = Part("edition.html", "text/html", b"<p>hello</p>")
PROSE = Part("edition.md", "text/markdown", b"hello")
RSS = Part("rss.xml", "application/rss+xml", b"<rss/>")
ATOM = Part("atom.xml", "application/atom+xml", b"<feed/>")
JSON = Part("feed.json", "application/feed+json", b"{}")
OLD = 1_000_000_000


def edition(
    *parts: Part, address: str = "you", subject: str = "3 papers: Größe <zählt>", generation: int = 0
) -> Message:
    return Message("KEY26", "folder", address, subject, parts, generation)


def names(root: Path) -> list[str]:
    return sorted(path.relative_to(root).as_posix() for path in root.rglob("*") if path.is_file())


def test_the_table_names_the_channels_and_what_they_take() -> None:
    assert set(CHANNELS) == {"email", "feed", "folder", "notify", "webhook"}
    assert CHANNELS["email"].accepts == ("message/rfc822",)
    assert "text/html" in CHANNELS["folder"].accepts
    assert "application/atom+xml" in CHANNELS["feed"].accepts


def test_a_folder_gets_a_file_for_each_part(tmp_path: Path) -> None:
    with FolderChannel(tmp_path) as channel:
        said = channel.deliver(edition(MAIL, PAGE, PROSE, RSS))
    stem = "you/3-papers-groe-zahlt-KEY26"
    assert names(tmp_path) == [f"{stem}.eml", f"{stem}.html", f"{stem}.md"]
    assert (tmp_path / f"{stem}.eml").read_bytes() == MAIL.content
    assert said.endswith(f"in {tmp_path / 'you'}")


def test_a_repeat_finds_its_work_done(tmp_path: Path) -> None:
    channel = FolderChannel(tmp_path)
    channel.deliver(edition(MAIL, PAGE))
    before = names(tmp_path)
    assert channel.deliver(edition(MAIL, PAGE)).endswith("(already there)")
    assert names(tmp_path) == before
    channel.deliver(edition(MAIL, PAGE, generation=1))  # a second sending is another one
    assert len(names(tmp_path)) == 4


def test_two_parts_of_one_kind_are_two_files(tmp_path: Path) -> None:
    FolderChannel(tmp_path).deliver(edition(PAGE, PAGE, subject=""))
    assert names(tmp_path) == ["you/KEY26-2.html", "you/KEY26.html"]


def test_no_address_means_the_root(tmp_path: Path) -> None:
    FolderChannel(tmp_path).deliver(edition(PROSE, address="", subject="x"))
    assert names(tmp_path) == ["x-KEY26.md"]


@given(st.text(), st.text(alphabet="../\\\0ab:~ "))
def test_hostile_subjects_and_addresses_stay_below_the_root(
    tmp_path_factory: pytest.TempPathFactory, subject: str, address: str
) -> None:
    outer = tmp_path_factory.mktemp("outer")
    root = outer / "root"
    try:
        FolderChannel(root).deliver(edition(PROSE, subject=subject, address=address))
    except PermanentDeliveryError:
        assert names(outer) == []
        return
    (name,) = names(root)
    assert names(outer) == [f"root/{name}"]
    assert Path(name).name.isprintable()


@pytest.mark.parametrize("address", ["../x", "/etc", "a/../../x", "a\0b", "C:\\x", "a\nb", "x" * 256])
@pytest.mark.parametrize("kind", [FolderChannel, FeedChannel])
def test_an_address_that_leads_out_is_refused(
    kind: type[FolderChannel] | type[FeedChannel], address: str, tmp_path: Path
) -> None:
    with pytest.raises(PermanentDeliveryError, match="no folder below"):
        kind(tmp_path).deliver(edition(PROSE, RSS, address=address))


@pytest.mark.parametrize("kind", [FolderChannel, FeedChannel])
def test_a_message_without_a_fitting_part_is_refused(
    kind: type[FolderChannel] | type[FeedChannel], tmp_path: Path
) -> None:
    with pytest.raises(PermanentDeliveryError, match="has no part of"):
        kind(tmp_path).deliver(edition(Part("x", "image/png", b"x")))


def test_a_feed_is_three_files(tmp_path: Path) -> None:
    with FeedChannel(tmp_path / "feeds") as channel:
        assert channel.deliver(edition(RSS, ATOM, JSON)) == f"rss.xml, atom.xml, feed.json new in {tmp_path}/feeds/you"
    assert names(tmp_path) == ["feeds/you/atom.xml", "feeds/you/feed.json", "feeds/you/rss.xml"]


def test_what_has_not_changed_keeps_its_time(tmp_path: Path) -> None:
    channel = FeedChannel(tmp_path)
    channel.deliver(edition(RSS, ATOM))
    for name in ("rss.xml", "atom.xml"):
        os.utime(tmp_path / "you" / name, (OLD, OLD))
    newer = Part("rss.xml", "application/rss+xml", b"<rss>more</rss>")
    assert channel.deliver(edition(newer, ATOM)) == f"rss.xml new in {tmp_path}/you"
    assert (tmp_path / "you" / "atom.xml").stat().st_mtime == OLD
    assert (tmp_path / "you" / "rss.xml").stat().st_mtime > OLD
    assert channel.deliver(edition(newer, ATOM)).startswith("nothing new")


def test_a_folder_in_the_way_can_be_moved_so_it_is_transient(tmp_path: Path) -> None:
    (tmp_path / "you" / "rss.xml").mkdir(parents=True)
    with pytest.raises(TransientDeliveryError, match="cannot write") as caught:
        FeedChannel(tmp_path).deliver(edition(RSS))
    assert caught.value.address == "you"
    assert names(tmp_path) == []  # no draft is left behind


def test_a_file_where_the_folder_should_be(tmp_path: Path) -> None:
    (tmp_path / "you").write_text("in the way")
    with pytest.raises(TransientDeliveryError, match="cannot write"):
        FolderChannel(tmp_path).deliver(edition(PROSE))


def test_a_full_disk_is_told_with_its_own_words() -> None:
    with (
        pytest.raises(TransientDeliveryError, match="cannot write 'you': No space left on device"),
        disk_errors(edition()),
    ):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def test_a_reader_holds_the_old_file_while_the_new_one_comes(tmp_path: Path) -> None:
    path = tmp_path / "x"
    assert write_whole(path, b"old" * 1000)
    with path.open("rb") as reading:
        assert write_whole(path, b"new")
        assert reading.read() == b"old" * 1000
    assert path.read_bytes() == b"new"
    assert not write_whole(path, b"new")


def test_files_can_be_read_by_others(tmp_path: Path) -> None:
    """A web server runs as somebody else: the usual mask decides, not a temporary file's."""
    write_whole(tmp_path / "x", b"x")
    (tmp_path / "y").write_bytes(b"y")
    assert (tmp_path / "x").stat().st_mode == (tmp_path / "y").stat().st_mode


@given(st.text())
def test_a_slug_is_a_plain_name(text: str) -> None:
    name = slug(text, 20)
    assert len(name) <= 20
    assert name == "" or name.replace("-", "a").isalnum()
    assert not name.startswith("-")
    assert not name.endswith("-")
    assert "--" not in name
    assert slug(name, 20) == name


def test_every_channel_keeps_the_protocol(tmp_path: Path) -> None:
    channels: list[Channel] = [FolderChannel(tmp_path), FeedChannel(tmp_path)]
    for channel in channels:
        with channel as same:
            assert same is channel
