"""What each fault leaves behind: the relay's, the disk's, the clock's, a person's, and those of the input."""

import os
import shutil
import signal
import sqlite3
import time
from collections import Counter
from collections.abc import Callable, Collection, Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, ClassVar, Self

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import func, select, update

from crash.program import NOW as START
from crash.program import Place, Sink
from digestbot.channels.smtp import SmtpChannel, SmtpServer
from digestbot.cli import cli
from digestbot.cli.sending import STATES
from digestbot.errors import DeliveryError, DoubtfulDeliveryError, LedgerError, TransientDeliveryError
from digestbot.errors import PermanentDeliveryError as Never
from digestbot.ledger import Ledger, editions, outbox, overview, subscriptions
from digestbot.ledger.outbox import Letter
from digestbot.ledger.relays import START as AT_FIRST
from digestbot.ledger.relays import Limits
from digestbot.ledger.schema import FINAL_STATES, OPEN_STATES, message
from digestbot.ledger.written import edition_row
from digestbot.models import Edition, Message, Part, Subscription
from digestbot.pipeline import DeliverReport, Terms, deliver

NOW = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
Deliver = Callable[[Message], str]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    (tmp_path / "subscriptions").mkdir()
    return tmp_path / "digestbot.db"


@pytest.fixture
def ledger(path: Path) -> Iterator[Ledger]:
    with Ledger.open(str(path), owner=True) as ledger:
        yield ledger


def queue(ledger: Ledger, *addresses: str, content: bytes = b"From: a@example.org\r\n\r\nHello\r\n") -> None:
    """Put a mail for each address into the outbox."""
    with ledger.write() as tx:
        for n, address in enumerate(addresses):
            item = Subscription(f"p{n}", f"p{n}", "x", "email", address)
            subscriptions.put(tx, item, NOW)
            [row] = editions.add(tx, [edition_row(Edition(item, NOW, "subject", ()), 1)], NOW)
            mail = Message(f"key{n:023}", "email", address, "subject", (Part("a.eml", "message/rfc822", content),))
            outbox.enqueue(tx, [Letter(row, NOW, item.id, mail)], NOW)


def people(count: int, domain: str = "d{}.example.org") -> list[str]:
    return [f"p{n}@{domain.format(n)}" for n in range(count)]


def states(ledger: Ledger) -> Counter[str]:
    with ledger.read() as tx:
        return Counter(tx.connection.scalars(select(message.c.state)))


class Box:
    """A channel that does with each message what a function says."""

    accepts: ClassVar[Collection[str]] = ("message/rfc822",)

    def __init__(self, act: Deliver = lambda _: "250 ok") -> None:
        self.act, self.got = act, list[Message]()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def deliver(self, message: Message) -> str:
        said = self.act(message)
        self.got.append(message)
        return said


def fault(kind: type[DeliveryError], reply: str = "") -> DeliveryError:
    return kind("no luck", channel="email", address="", reply=reply)


def run(ledger: Ledger, box: Box, now: datetime = NOW, **terms: Any) -> DeliverReport:
    return deliver(ledger, lambda _: box, lambda: now, Terms(**terms))


# --- the relay


def test_a_relay_that_refuses_burns_no_attempts(ledger: Ledger) -> None:
    queue(ledger, *people(40))

    def refuse(_: Message) -> str:
        raise fault(TransientDeliveryError)

    limits = {"email": Limits(4)}
    reports = [run(ledger, Box(refuse), NOW + timedelta(seconds=10 * n), limits=limits) for n in range(7)]

    assert states(ledger) == {"due": 40}
    with ledger.read() as tx:
        assert (tx.connection.scalar(select(func.max(message.c.attempt))) or 0) <= 3
        [resting] = overview.resting(tx, NOW + MINUTE)
    assert (resting.channel, resting.domain) == ("email", "")
    assert reports[0].held == ("email is left alone until 08:01:00 UTC: no luck",)
    assert reports[1] == DeliverReport()
    assert run(ledger, Box(), NOW + 10 * MINUTE).count("sent") == 40


def test_a_relay_that_closes_after_some_mails_gets_the_others_later(ledger: Ledger) -> None:
    queue(ledger, *people(30))
    busy = Counter[str]()

    def act(item: Message) -> str:
        busy["mails"] += 1
        if busy["mails"] % 6 == 0:
            raise fault(TransientDeliveryError, "421 4.7.0 too many mails")
        return "250 ok"

    report = run(ledger, box := Box(act), limits={"email": Limits(4)})

    assert (report.count("sent"), report.count("due")) == (25, 5)
    assert run(ledger, box2 := Box(), NOW + 10 * MINUTE).count("sent") == 5
    assert len({item.key for item in (*box.got, *box2.got)}) == 30


def test_a_lost_answer_is_a_doubt_and_not_tried_in_the_same_minute(ledger: Ledger) -> None:
    queue(ledger, *people(2))
    taken: list[str] = []

    def act(item: Message) -> str:
        taken.append(item.key)
        raise fault(DoubtfulDeliveryError)

    run(ledger, Box(act))
    run(ledger, Box(act), NOW + MINUTE)
    assert (states(ledger), len(taken)) == ({"in_doubt": 2}, 2)
    run(ledger, Box(), NOW + 16 * MINUTE)

    assert states(ledger) == {"sent": 2}


def test_a_mail_that_is_slow_at_the_dot_is_nobody_else_s(ledger: Ledger, path: Path) -> None:
    queue(ledger, *people(2))
    seconds = [0.0]
    with Ledger.open(str(path)) as other:

        def act(_: Message) -> str:
            seconds[0] += 100
            report = run(other, Box(), NOW + 2 * MINUTE, uptime=lambda: seconds[0])
            assert report == DeliverReport()
            return "250 ok"

        report = run(ledger, Box(act), uptime=lambda: seconds[0])

    assert report.count("sent") == 2


def test_one_refusal_for_good_stops_no_other(ledger: Ledger) -> None:
    queue(ledger, *people(9))

    def act(item: Message) -> str:
        if item.address.startswith("p4@"):
            raise fault(Never, "550 5.1.1 who?")
        return "250 ok"

    run(ledger, Box(act))

    assert states(ledger) == {"sent": 8, "failed": 1}


def test_a_dead_domain_holds_up_no_other(ledger: Ledger) -> None:
    queue(ledger, *(f"p{n}@{'dead' if n % 2 else f'd{n}'}.example.org" for n in range(60)))
    tried = Counter[str]()

    def act(item: Message) -> str:
        domain = item.address.partition("@")[2]
        tried[domain] += 1
        if domain == "dead.example.org":
            raise fault(TransientDeliveryError, "450 4.4.1 no answer from its server")
        return "250 ok"

    report = run(ledger, Box(act), limits={"email": Limits(4)})

    assert report.count("sent") == 30
    assert tried["dead.example.org"] <= AT_FIRST
    assert states(ledger) == {"sent": 30, "due": 30}
    with ledger.read() as tx:
        [resting] = overview.resting(tx, NOW)
        assert tx.connection.scalar(select(func.sum(message.c.attempt))) == 30 + tried["dead.example.org"]
    assert resting.domain == "dead.example.org"
    assert run(ledger, Box(), NOW + 10 * MINUTE).count("sent") == 30


def test_too_many_errors_pause_the_channel(ledger: Ledger, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    queue(ledger, *people(120))

    def refuse(_: Message) -> str:
        raise fault(Never, "550 5.7.1 we do not like you")

    report = run(ledger, Box(refuse), limits={"email": Limits(4)})

    assert 50 <= report.count("failed") < 50 + 4
    assert states(ledger) == {"failed": report.count("failed"), "due": 120 - report.count("failed")}
    assert report.held[0].endswith(
        "50 of the last 50 messages failed or were put off; the last: 550 5.7.1 we do not like you"
    )
    assert run(ledger, Box(), NOW + MINUTE) == DeliverReport()
    ledger.close()
    monkeypatch.chdir(path.parent)
    shown = command("status", "--now", (NOW + MINUTE).isoformat())
    assert "left alone for now" in shown.stdout
    assert "digestbot outbox resume" in shown.stdout
    assert command("outbox", "resume", "--now", (NOW + MINUTE).isoformat()).stdout == "goes on: email\n"
    assert command("outbox", "resume").stdout == "nothing was paused\n"
    with Ledger.open(str(path), owner=True) as again:
        assert run(again, Box(), NOW + 2 * MINUTE).count("sent") == 120 - report.count("failed")


def test_a_pause_ends_by_itself(ledger: Ledger) -> None:
    queue(ledger, *people(60))

    def refuse(_: Message) -> str:
        raise fault(Never, "550 no")

    run(ledger, Box(refuse), limits={"email": Limits()})

    assert run(ledger, Box(), NOW + 59 * MINUTE) == DeliverReport()
    assert run(ledger, Box(), NOW + 60 * MINUTE).count("sent") == 10


def test_a_quota_leaves_the_rest_for_later_and_holds_up_no_other_channel(ledger: Ledger) -> None:
    queue(ledger, *people(30))
    with ledger.write() as tx:
        tx.connection.execute(update(message).where(message.c.id > 25).values(channel="webhook"))
    box = Box()

    report = run(ledger, box, limits={"email": Limits(2, per_hour=10)}, batch=8)

    assert Counter(item.channel for item in box.got) == {"email": 10, "webhook": 5}
    assert report.held == ("email: the 10 messages that it takes in one hour are used up",)
    assert states(ledger) == {"sent": 15, "due": 15}


def test_a_rate_is_waited_for(ledger: Ledger) -> None:
    queue(ledger, *people(6))
    now, pauses = [NOW], []

    def pause(seconds: float) -> None:
        pauses.append(seconds)
        now[0] += timedelta(seconds=seconds)

    box = Box()
    terms = Terms(limits={"email": Limits(3, rate=2.0)}, pause=pause)
    report = deliver(ledger, lambda _: box, lambda: now[0], terms)

    assert report.count("sent") == 6
    assert sum(pauses) == pytest.approx(2.0, abs=0.01)


# --- the process


def test_being_asked_to_stop_ends_in_good_order(tmp_path: Path) -> None:
    with Sink(tmp_path / "sink.log", "--slow", "0.3") as sink:
        place = Place(tmp_path / "a", sink.port, people=9).lay_out()
        child = place.start()
        while not sink.taken():
            time.sleep(0.01)
        os.kill(child, signal.SIGTERM)
        start = time.monotonic()
        assert place.end(child) in {0, 1}
        assert time.monotonic() - start < 20
        found = Counter(place.states().values())
        assert found["in_doubt"] == found["handing"] == found["claimed"] == 0
        assert found["sent"] >= len(sink.taken()) > 0
        assert found["due"] > 0
        place.run(minutes=1)
        assert len(sink.taken()) == len({item["rcpt"] for item in sink.taken()}) == 9


def test_a_server_that_keeps_us_waiting_does_not_keep_us_from_ending(ledger: Ledger) -> None:
    queue(ledger, *people(3))
    stop = [False]

    def act(_: Message) -> str:
        stop[0] = True
        time.sleep(0.6)
        return "250 ok"

    run(ledger, Box(act), stop=lambda: stop[0], grace=0.1)

    assert states(ledger) == {"handing": 1, "due": 2}
    assert run(ledger, Box()).doubtful == 1


def test_what_nobody_foresaw_leaves_one_message_in_doubt(ledger: Ledger) -> None:
    queue(ledger, *people(3))

    def act(item: Message) -> str:
        if item.address.startswith("p1@"):
            raise RuntimeError("a fault of ours")
        return "250 ok"

    report = run(ledger, Box(act))

    assert states(ledger) == {"sent": 2, "in_doubt": 1}
    assert "a fault of ours" in report.deliveries[1].said


# --- the ledger


def test_an_unsubscribed_person_gets_nothing_that_is_not_under_way(ledger: Ledger, path: Path) -> None:
    queue(ledger, *people(10))
    with Ledger.open(str(path)) as web:

        def act(item: Message) -> str:
            if item.address.startswith("p0@"):
                with web.write() as tx:
                    for n in range(5, 10):
                        subscriptions.suppress(tx, f"p{n}", "unsubscribed", NOW)
            return "250 ok"

        report = run(ledger, Box(act))

    assert report.count("sent") == 5
    assert states(ledger) == {"sent": 5, "suppressed": 5}


def test_a_ledger_of_yesterday_sends_nothing_until_a_person_decides(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Ledger.open(str(path), owner=True) as ledger:
        queue(ledger, *people(4))
    shutil.copy(path, path.with_name("yesterday"))
    with Ledger.open(str(path), owner=True) as ledger:
        assert run(ledger, Box()).count("sent") == 4
    for name in ("digestbot.db-wal", "digestbot.db-shm"):
        path.with_name(name).unlink(missing_ok=True)
    shutil.copy(path.with_name("yesterday"), path)
    monkeypatch.chdir(path.parent)

    with Ledger.open(str(path), owner=True) as ledger, pytest.raises(LedgerError, match="restored from a back-up"):
        run(ledger, Box())
    assert command("deliver").exit_code == 2
    assert "nothing is sent" in command("status").stdout
    assert command("outbox", "restored").exit_code == 2
    assert command("outbox", "restored", "--hold").stdout == "4 messages: hold\n"
    assert command("outbox", "restored", "--hold").exit_code == 2
    with Ledger.open(str(path), owner=True) as ledger:
        assert states(ledger) == {"in_doubt": 4}
        assert run(ledger, Box(), NOW + timedelta(days=1)).count("sent") == 0


@pytest.mark.parametrize(("choice", "after"), [("send", "due"), ("cancel", "cancelled")])
def test_other_decisions_about_a_restored_ledger(
    choice: str, after: str, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Ledger.open(str(path), owner=True) as ledger:
        queue(ledger, *people(2))
    path.with_name("digestbot.db.epoch").write_text("9\n")
    monkeypatch.chdir(path.parent)

    assert command("outbox", "restored", f"--{choice}").exit_code == 0

    with Ledger.open(str(path), owner=True) as ledger:
        assert states(ledger) == {after: 2}
        assert not ledger.restored()


def test_an_epoch_that_cannot_be_read_or_written_sends_nothing(ledger: Ledger, path: Path) -> None:
    queue(ledger, *people(2))
    file = path.with_name("digestbot.db.epoch")
    file.write_text("nonsense")
    with pytest.raises(LedgerError, match="remove the file"):
        run(ledger, Box())
    file.unlink()
    path.with_name("digestbot.db.epoch.new").mkdir()
    with pytest.raises(LedgerError, match="cannot be written"):
        run(ledger, Box())

    assert states(ledger) == {"due": 2}


def power_cut(source: Path, target: Path, *, torn: bool) -> None:
    """Copy a running ledger as the disk would have it after the power went, with half a frame at its end."""
    target.mkdir()
    for name in ("digestbot.db", "digestbot.db-wal", "digestbot.db.epoch"):
        shutil.copy(source.with_name(name), target / name)
    log = target / "digestbot.db-wal"
    if torn:
        frame = 24 + 4096
        log.write_bytes(log.read_bytes() + log.read_bytes()[-frame : -frame // 2])


def test_a_power_cut_keeps_every_commit(path: Path, tmp_path: Path) -> None:
    cuts: list[Path] = []
    with Ledger.open(str(path), owner=True) as ledger:
        queue(ledger, *people(4))

        def act(_: Message) -> str:
            cuts.append(tmp_path / f"cut{len(cuts)}")
            power_cut(path, cuts[-1], torn=True)
            return "250 ok"

        run(ledger, box := Box(act))
    for number, cut in enumerate(cuts):
        with Ledger.open(str(cut / "digestbot.db"), owner=True) as ledger:
            assert states(ledger)["sent"] == number
            report = run(ledger, again := Box(), NOW + MINUTE)
            assert (report.doubtful, report.count("sent")) == (1, 3 - number)
            first = {item.key for item in box.got[: number + 1]}
            assert first.isdisjoint(item.key for item in again.got)


def test_without_durable_commits_a_power_cut_leaves_doubts_and_no_second_copy(path: Path, tmp_path: Path) -> None:
    cut = tmp_path / "cut"
    sent: list[str] = []
    with Ledger.open(str(path), owner=True, durable=False) as ledger:
        assert ledger_pragma(ledger) == 1
        queue(ledger, *people(4))

        def act(item: Message) -> str:
            sent.append(item.key)
            if len(sent) == 1:  # what is committed from here on never reaches the disk
                power_cut(path, cut, torn=False)
            return "250 ok"

        run(ledger, Box(act))
    assert len(sent) == 4
    with closing(sqlite3.connect(cut / "digestbot.db")) as disk, disk:
        disk.execute("UPDATE message SET incarnation = 'the boot before' WHERE incarnation IS NOT NULL")
    with Ledger.open(str(cut / "digestbot.db"), owner=True, durable=False) as ledger:
        report = run(ledger, again := Box(), NOW + MINUTE)

        assert (report.doubtful, again.got) == (4, [])
        assert states(ledger) == {"in_doubt": 4}


def ledger_pragma(ledger: Ledger) -> Any:
    with ledger.read() as tx:
        return tx.connection.exec_driver_sql("PRAGMA synchronous").scalar()


def test_a_ledger_that_cannot_be_written_hands_nothing_over(path: Path) -> None:
    with Ledger.open(str(path), owner=True) as ledger:
        queue(ledger, *people(2))
    box = Box()
    with (
        Ledger.open(f"sqlite:///file:{path}?mode=ro&uri=true") as ledger,
        pytest.raises(LedgerError, match="cannot be written"),
    ):
        run(ledger, box)

    assert box.got == []


# --- the person


def command(*words: str) -> Result:
    return CliRunner().invoke(cli, words)


def test_the_states_that_can_be_asked_for_are_those_there_are() -> None:
    assert set(STATES) == {*OPEN_STATES, *FINAL_STATES}


def test_a_person_decides_about_messages(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(path.parent)
    now = ("--now", NOW.isoformat())
    with Ledger.open(str(path), owner=True) as ledger:
        queue(ledger, *people(6))
        faults = iter([DoubtfulDeliveryError, DoubtfulDeliveryError, Never, Never])

        def act(_: Message) -> str:
            if kind := next(faults, None):
                raise fault(kind, "the server's words")
            return "250 ok"

        run(ledger, Box(act), batch=5, hold=("email",))
        assert states(ledger) == {"in_doubt": 2, "failed": 2, "sent": 2}
        assert run(ledger, Box(), NOW + timedelta(days=1), hold=("email",)).count("sent") == 0
    listed = command("outbox", "list", "--json", "--state", "in_doubt").stdout
    assert listed.count('"the server\'s words"') == 2
    assert "the server's words" in command("outbox", "list").stdout
    shown = command("status").stdout
    assert "digestbot outbox resolve" in shown
    assert "digestbot outbox retry" in shown

    assert command("outbox", "resolve", "sent", "1", *now).exit_code == 0
    assert command("outbox", "resolve", "failed", "2", "3", *now).output == (
        "digestbot: message 3 is not in doubt\n1 of 2 messages changed\n"
    )
    assert command("outbox", "retry", "2", "3", "5", *now).exit_code == 1
    assert command("outbox", "cancel", "3", "4", *now).exit_code == 1
    with Ledger.open(str(path), owner=True) as ledger:
        assert states(ledger) == {"sent": 3, "due": 1, "cancelled": 1, "failed": 1}
        assert run(ledger, Box(), NOW + MINUTE).count("sent") == 1
    assert command("outbox", "resume", "pigeon").exit_code == 2


# --- the input


def test_odd_addresses_and_huge_mails_are_recorded_and_the_others_served(ledger: Ledger, tmp_path: Path) -> None:
    unfit = ["a\nb@example.org", "no address", "", "a@b@c", "x@" + "y" * 300]
    odd = ['"two words"@example.org', "grüße@example.org"]
    queue(ledger, *unfit, *odd, *people(2), content=b"From: a@example.org\r\n\r\n" + b"Hello, hello\r\n" * 1_500_000)
    with Sink(tmp_path / "sink.log") as sink:
        server = SmtpServer("127.0.0.1", "digests@example.org", "none", sink.port)
        report = deliver(ledger, lambda _: SmtpChannel(server), lambda: NOW, Terms(limits={"email": Limits(2)}))
        taken = {item["rcpt"] for item in sink.taken()}

    assert taken == {*odd, *people(2)}
    assert (report.count("failed"), report.count("sent")) == (5, 4)
    assert all(item.said for item in report.deliveries)


def test_what_is_started_is_what_is_told_of_time() -> None:
    assert replace(Terms(), batch=3).uptime() == pytest.approx(Terms().uptime(), abs=60)
    assert START == NOW
