"""Mailboxes: Maildir, mbox, IMAP. Looked at, never changed; each mail once."""

import os
import ssl
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digestbot.connections.web import Web, World
from digestbot.declared import Source
from digestbot.errors import FetchError
from digestbot.ledger import Ledger
from digestbot.pipeline import Fetching, ingest
from digestbot.sources.imap import _utf7, fetch
from digestbot.sources.items import Fetched, Item, Notice, Past, Remember, Unread
from digestbot.sources.kinds import KINDS, opener
from digestbot.sources.mailboxes import is_wanted
from imap_server import TLS, ImapServer, imap_server, mail

NOW = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)
OLD = NOW.timestamp() - 3600


class Box:
    """A source, and what it remembers from run to run, as the pipeline would keep it."""

    def __init__(self, source: Source, world: World | None = None) -> None:
        self.source, self.past = source, dict[str, Any]()
        self.web = Web(world=world or World(pause=self.pause))
        self.pauses = 0
        self.while_pausing: Callable[[], object] = lambda: None

    def pause(self, _: float) -> None:
        self.pauses += 1
        self.while_pausing()

    def items(self) -> list[Item]:
        return list(KINDS[self.source.kind](self.source, dict(self.past), self.web, NOW))

    def run(self) -> list[str]:
        """Return what is new: the mails' bytes as text; or why not."""
        found = []
        for item in self.items():
            match item:
                case Fetched(_, data, remember):
                    found.append(data.decode())
                    self.keep(remember)
                case Unread(_, reason, remember):
                    found.append(f"unread: {reason}")
                    self.keep(remember)
                case Remember(values):
                    self.keep(values)
                case Notice(reason):
                    found.append(f"notice: {reason}")
        return found

    def keep(self, values: Past) -> None:
        self.past = {key: value for key, value in {**self.past, **values}.items() if value is not None}


def write(path: Path, text: str, when: float = OLD) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.encode())
    os.utime(path, (when, when))
    return path


# Maildir


@pytest.fixture
def maildir(tmp_path: Path) -> Path:
    for part in ("cur", "new", "tmp"):
        (tmp_path / part).mkdir()
    return tmp_path


def test_each_mail_of_a_maildir_once(maildir: Path) -> None:
    box = Box(Source("m", "maildir", path=str(maildir)))
    write(maildir / "new" / "1.a.host", "one")
    write(maildir / "cur" / "2.b.host:2,S", "two")
    write(maildir / "tmp" / "3.c.host", "not delivered yet")
    write(maildir / "cur" / ".hidden", "no")

    assert sorted(box.run()) == ["one", "two"]
    assert box.run() == []
    (maildir / "new" / "1.a.host").rename(maildir / "cur" / "1.a.host:2,RS")  # read and answered
    write(maildir / "new" / "4.d.host", "four")
    assert box.run() == ["four"]
    (maildir / "cur" / "2.b.host:2,S").unlink()
    assert box.run() == []
    assert sorted(box.past) == ["1.a.host", "4.d.host"]


def test_a_mail_that_is_too_large_is_told_once(maildir: Path) -> None:
    box = Box(Source("m", "maildir", path=str(maildir), max_bytes=3))
    write(maildir / "cur" / "1", "four")

    assert box.run() == ["unread: has more than 3 bytes; raise max_bytes if that is meant"]
    assert box.run() == []


def test_only_mails_of_the_senders(maildir: Path) -> None:
    box = Box(Source("m", "maildir", path=str(maildir), senders=("Scholar.Example.org",)))
    write(maildir / "cur" / "1", mail(1).decode())
    write(maildir / "cur" / "2", mail(2, "mum@example.org").decode())

    assert box.run() == [mail(1).decode()]
    assert len(box.past) == 2


def test_what_is_no_maildir(tmp_path: Path) -> None:
    with pytest.raises(FetchError, match="is no Maildir: it has no folder cur"):
        Box(Source("m", "maildir", path=str(tmp_path))).run()


def test_a_maildir_that_may_not_be_read(maildir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_: Path) -> Iterator[Path]:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "iterdir", refuse)

    with pytest.raises(FetchError, match="cannot be read: Permission denied"):
        Box(Source("m", "maildir", path=str(maildir))).run()


@pytest.mark.parametrize(
    ("header", "wanted"),
    [
        ("From: Google Scholar <scholaralerts-noreply@google.com>\n\n", True),
        ("FROM:\r\n scholaralerts-noreply@GOOGLE.com\r\n\r\n", True),
        ("Subject: from: scholaralerts-noreply@google.com\nFrom: x@example.org\n\n", False),
        ("From: x@example.org\n\nFrom: scholaralerts-noreply@google.com\n", False),
        ("", False),
    ],
)
def test_whose_mail_it_is(header: str, wanted: bool) -> None:
    assert is_wanted(header.encode(), ["scholaralerts-noreply@google.com"]) is wanted
    assert is_wanted(header.encode(), [])


# mbox


def mbox(*mails: str) -> str:
    return "".join(f"From ada@example.org Fri Nov 20 08:00:00 2026\n{text}\n\n" for text in mails)


def test_an_mbox_grows(tmp_path: Path) -> None:
    path = write(tmp_path / "alerts", mbox("one", "two\n\n>From here on\nFrom there"))
    box = Box(Source("m", "mbox", path=str(path)))

    assert box.run() == ["one\n\n", "two\n\nFrom here on\nFrom there\n\n"]
    assert box.items() == []
    write(path, mbox("one", "two\n\n>From here on\nFrom there") + mbox("three"), OLD + 1)
    assert box.run() == ["three\n\n"]
    write(path, "From bob@example.org Sat Nov 21\nnew\n", OLD + 2)
    assert box.run() == ["new\n"]
    write(path, mbox("one"), OLD + 3)
    assert box.run() == ["one\n\n"]


def test_large_and_foreign_mails_of_an_mbox(tmp_path: Path) -> None:
    path = write(
        tmp_path / "alerts", "no mail yet\n\n" + mbox("a" * 50, "From: mum@example.org\n\nx", "From: s@s\n\ny")
    )
    box = Box(Source("m", "mbox", path=str(path), max_bytes=40, senders=("s@s",)))

    assert box.run() == ["unread: has more than 40 bytes; raise max_bytes if that is meant", "From: s@s\n\ny\n\n"]


def test_an_mbox_that_is_being_written(tmp_path: Path) -> None:
    path = write(tmp_path / "alerts", mbox("one"), NOW.timestamp() - 1)
    box = Box(Source("m", "mbox", path=str(path)))
    box.while_pausing = lambda: write(path, mbox("one", "two"), NOW.timestamp())

    assert box.run() == ["notice: alerts is still being written; it is read when that is over"]
    box.while_pausing = lambda: None
    assert box.run() == ["one\n\n", "two\n\n"]
    assert box.pauses == 2


def test_no_mbox(tmp_path: Path) -> None:
    with pytest.raises(FetchError, match="there is no mbox file"):
        Box(Source("m", "mbox", path=str(tmp_path / "none"))).run()
    with pytest.raises(FetchError, match="is no mbox file"):
        Box(Source("m", "mbox", path=str(tmp_path))).run()


def test_an_mbox_that_may_not_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write(tmp_path / "alerts", mbox("one"))

    def refuse(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", refuse)

    with pytest.raises(FetchError, match="cannot be read: Permission denied"):
        Box(Source("m", "mbox", path=str(path))).run()


@given(st.lists(st.text(st.sampled_from("From >x:\r\n"), max_size=30), max_size=5), st.integers(0, 60))
def test_any_mbox_read_in_two_parts_is_read_whole(tmp_path_factory: pytest.TempPathFactory, texts: list[str], cut: int) -> None:  # fmt: skip # noqa: E501
    path = tmp_path_factory.mktemp("mbox") / "alerts"
    whole = Box(Source("m", "mbox", path=str(write(path, mbox(*texts)))))
    expected = whole.run()

    parts = Box(Source("m", "mbox", path=str(write(path, mbox(*texts[: len(texts) // 2])))))
    found = parts.run()
    write(path, mbox(*texts), OLD + 1)
    assert found + parts.run() == expected
    assert len(expected) >= len(texts)


# IMAP


@pytest.fixture
def server() -> Iterator[ImapServer]:
    with imap_server() as server:
        server.mails |= {n: mail(n) for n in (1, 2, 5)}
        yield server


def trusting() -> World:
    return World(tls=ssl.create_default_context(cafile=str(TLS / "ca.pem")))


def imap(server: ImapServer, **more: Any) -> Box:
    values: dict[str, Any] = {"host": "localhost", "port": server.port, "user": "ada", "secret": "open sesame"}
    values |= {"allow_private": True, "timeout": 5, "days": 30}
    return Box(Source("m", "imap", **(values | more)), trusting())


def test_each_mail_of_a_server_once(server: ImapServer) -> None:
    box = imap(server)

    assert box.run() == [mail(n).decode() for n in (1, 2, 5)]
    assert box.past == {"uid": 5, "validity": 7}
    assert box.run() == []
    server.mails[9] = mail(9)
    assert box.run() == [mail(9).decode()]
    assert "UID SEARCH SINCE 21-Oct-2026" in server.said
    assert "UID SEARCH UID 6:*" in server.said
    changing = ("SELECT", "STORE", "EXPUNGE", "COPY", "BODY[")
    assert not [said for said in server.said if any(word in said.upper() for word in changing)]


def test_a_mailbox_that_was_made_anew(server: ImapServer) -> None:
    box = imap(server)
    box.run()
    server.validity = 8

    assert len(box.run()) == 3


def test_a_log_in_of_the_old_kind(server: ImapServer) -> None:
    server.mood = "old"

    assert len(imap(server).run()) == 3


def test_senders_are_asked_for(server: ImapServer) -> None:
    server.mails[6] = mail(6, 'a"b@example.org')

    assert imap(server, senders=("mum@example.org", "nobody")).run() == []
    assert server.said[-2] == 'UID SEARCH SINCE 21-Oct-2026 OR FROM "mum@example.org" FROM "nobody"'
    assert len(imap(server, senders=("scholar",)).run()) == 3


@pytest.mark.parametrize(
    ("mailbox", "sent"),
    [
        ("INBOX", "INBOX"),
        ("My & Mail", "My &- Mail"),
        ("Entwürfe", "Entw&APw-rfe"),
        ("~peter/mail/台北/日本語", "~peter/mail/&U,BTFw-/&ZeVnLIqe-"),  # RFC 3501, section 5.1.3
    ],
)
def test_names_of_mailboxes(mailbox: str, sent: str, server: ImapServer) -> None:
    server.mailbox = f'"{sent}"'

    assert _utf7(mailbox) == sent
    assert len(imap(server, mailbox=mailbox).run()) == 3


def test_many_mails_are_taken_in_parts(server: ImapServer) -> None:
    server.mails |= {n: mail(n) for n in range(10, 260)}
    box = imap(server)

    first = box.run()

    assert first[-1] == "notice: 200 of 253 new mails were read; the others come with the next run"
    assert len(box.run()) == 53


def test_a_large_mail_is_not_fetched(server: ImapServer) -> None:
    server.sizes[2] = 10**9

    found = imap(server).run()

    assert found[1] == "unread: has more than 33,554,432 bytes; raise max_bytes if that is meant"
    assert "UID FETCH 2 (BODY.PEEK[])" not in server.said


def test_a_mail_in_many_pieces(server: ImapServer) -> None:
    server.mails = {1: mail(1, text="x" * 1_000_000)}

    assert imap(server).run() == [server.mails[1].decode()]


def test_a_mail_that_is_gone(server: ImapServer) -> None:
    server.mood = "gone"

    assert imap(server).run() == []


@pytest.mark.parametrize(
    ("mood", "more", "verdict", "said"),
    [
        ("", {"secret": "wrong"}, "blocked", "refuses the log-in of ada: [AUTHENTICATIONFAILED] wrong password"),
        ("old", {"secret": "wrong"}, "blocked", "refuses the log-in of ada: [AUTHENTICATIONFAILED] wrong password"),
        ("old", {"secret": "geheimnis ü"}, "blocked", "refuses the log-in of ada: "),
        ("", {"mailbox": "None"}, "blocked", "has no mailbox 'None': no such mailbox"),
        ("no-search", {}, "blocked", "refuses SEARCH: too busy"),
        ("silent", {"timeout": 0.4}, "down", "did not answer within 0.4 s"),
        ("drip", {"timeout": 0.4}, "down", "did not answer within 0.4 s"),
        ("endless", {}, "down", "broke off: sends a line without an end"),
        ("smtp", {}, "down", "broke off: unexpected response: "),
        ("rude", {}, "down", "does not keep to IMAP: CAPABILITY command error"),
        ("authenticate", {}, "down", "broke off: "),
        ("examine", {}, "down", "broke off: "),
        ("boast", {}, "unreadable", "sends 100,000,000,000 bytes at once; raise max_bytes if that is meant"),
        ("", {"allow_private": False}, "blocked", "localhost leads to a private address, "),
        ("", {"host": "127.0.0.2"}, "down", "cannot be reached: "),
    ],
)
def test_a_server_on_a_bad_day(mood: str, more: dict[str, Any], verdict: str, said: str, server: ImapServer) -> None:
    server.mood, begun = mood, time.monotonic()

    with pytest.raises(FetchError) as caught:
        imap(server, **more).run()

    assert (caught.value.verdict, caught.value.message[: len(said)]) == (verdict, said)
    assert time.monotonic() - begun < 2
    assert "geheim" not in str(caught.value)


def test_a_certificate_that_nobody_knows(server: ImapServer) -> None:
    with pytest.raises(FetchError, match=r"cannot be reached: .*CERTIFICATE_VERIFY_FAILED"):
        list(fetch(imap(server).source, {}, Web(), NOW))


def test_nobody_listens() -> None:
    source = Source("m", "imap", host="localhost", port=1, allow_private=True, timeout=1)

    with pytest.raises(FetchError, match="cannot be reached: Connection refused"):
        list(fetch(source, {}, Web(world=trusting()), NOW))


def test_a_run_has_an_end(server: ImapServer) -> None:
    class Time:
        now = 0.0

        def __call__(self) -> float:
            self.now += 1.0
            return self.now

    world = replace(trusting(), clock=Time())
    server.mails |= {n: mail(n) for n in range(10, 100)}
    source = imap(server, timeout=60).source

    found = Box(source, world).run()

    assert found[-1] == "notice: the time for one run is over; the other mails come with the next"
    assert 0 < len(found) < 90


def test_mails_that_no_reader_knows_are_told_once(server: ImapServer) -> None:
    box = imap(server)
    server.mails = {1: b"\x00\x01 nothing that a reader knows"}
    with Ledger.open("sqlite://") as ledger:
        source = replace(box.source, every=0)
        seen = [
            ingest(ledger, (), NOW + timedelta(hours=n), Fetching([source], opener(box.web))).sources[0]
            for n in range(2)
        ]

    assert [item.verdict for item in seen] == ["unreadable", "quiet"]
