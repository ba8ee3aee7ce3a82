"""From digest file to inbox, with real parts: each step alone, repeated, interrupted, and at odds with its input."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any, ClassVar, Self

import feedparser
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from digestbot.channels import Channel
from digestbot.channels.feed import FeedChannel
from digestbot.channels.folder import FolderChannel
from digestbot.errors import (
    ConfigError,
    DoubtfulDeliveryError,
    LedgerError,
    MalformedDigestError,
    PermanentDeliveryError,
    ReadError,
    TransientDeliveryError,
)
from digestbot.ledger import Ledger, claiming, editions, matches, outbox, subscriptions
from digestbot.ledger.claiming import Wanted
from digestbot.ledger.outbox import Lease
from digestbot.ledger.schema import match, message
from digestbot.models import Hit, Message, Paper, Reading, Subscription
from digestbot.pipeline import (
    Digest,
    DigestReport,
    Press,
    Terms,
    backfill,
    deliver,
    digest_of,
    ingest,
    preview,
    publish,
    run,
    subscribe,
)
from digestbot.readers import read_path
from digestbot.rendering import Renderer
from digestbot.tokens import feed_path, token, unsubscribe_path
from strategies import askable_papers

NOW = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)
DAY = timedelta(days=1)
HERE = Path(__file__).parent
SEEDS = HERE.parents[1] / "shared" / "seeds"
EXPERTS = Paper(
    "Union of Experts",
    "arxiv:2503.00001",
    abstract="We propose to route each token to a sparse set of experts.",
    authors=("Ada Lovelace",),
)
PRUNING = Paper("Pruning without Regret", "arxiv:2503.00002", abstract="We remove half of the weights.")
ADA = Subscription("ada", "sparse experts", "experts", "email", "ada@example.org", "daily 08:00")
BOX = Subscription("box", "pruning", "pruning", "folder", "", "daily 08:00")
FEED = Subscription("feed", "all of it", "we", "feed", "", "instant")


@pytest.fixture
def ledger() -> Iterator[Ledger]:
    with Ledger.open("sqlite://", domain="digests.example.org") as ledger:
        yield ledger


@pytest.fixture
def press() -> Press:
    return Press(Renderer(), "Digests <digests@example.org>", "https://example.org/digests")


def reading(*papers: Paper, source: str = "a.txt") -> Reading:
    return Reading(source, "test", papers)


def follow(ledger: Ledger, *who: Subscription, now: datetime = NOW) -> None:
    with ledger.write() as tx:
        for item in who:
            subscriptions.put(tx, item, now)


def open_matches(ledger: Ledger) -> list[tuple[str, bool]]:
    with ledger.read() as tx:
        rows = tx.connection.execute(
            select(match.c.subscription_id, match.c.edition_id).order_by(match.c.subscription_id)
        )
        return [(row.subscription_id, row.edition_id is None) for row in rows]


def states(ledger: Ledger) -> list[str]:
    with ledger.read() as tx:
        return list(tx.connection.scalars(select(message.c.state).order_by(message.c.id)))


def messages(ledger: Ledger) -> list[Message]:
    """Return what is in the outbox."""
    with ledger.write() as tx:
        claims = claiming.claim(tx, Wanted(100), Lease("reader", 0), NOW + 300 * DAY)
        found = outbox.load(tx, claims)
        outbox.release(tx, "reader", NOW)
    return [found[item.row] for item in claims]


class Box:
    """A channel that keeps what it gets, and fails as it is told."""

    accepts: ClassVar[Collection[str]] = ("message/rfc822",)

    def __init__(self) -> None:
        self.got: list[Message] = []
        self.faults: list[type[TransientDeliveryError | PermanentDeliveryError | DoubtfulDeliveryError] | None] = []
        self.closed = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.closed += 1

    def deliver(self, message: Message) -> str:
        fault = self.faults.pop(0) if self.faults else None
        if fault is not None:
            raise fault("no luck", channel=message.channel, address=message.address, reply="the server's words")
        self.got.append(message)
        return "250 ok"


def uptime(clock: Callable[[], datetime]) -> Callable[[], float]:
    """Give the seconds since a machine was started that shares its time with a clock."""

    def seconds() -> float:
        return (clock() - datetime(2026, 1, 1, tzinfo=UTC)).total_seconds()

    return seconds


@contextmanager
def ticking(start: datetime = NOW) -> Iterator[Callable[[], datetime]]:
    """Give a clock that goes on by a second at each look."""
    ticks = 0

    def clock() -> datetime:
        nonlocal ticks
        ticks += 1
        return start + timedelta(seconds=ticks)

    yield clock


def queue(ledger: Ledger, press: Press, count: int) -> None:
    """Put mails for as many people into the outbox."""
    follow(ledger, *(replace(ADA, id=f"p{n}", address=f"p{n}@example.org") for n in range(count)))
    ingest(ledger, [reading(EXPERTS)], NOW)
    assert len(publish(ledger, press, NOW).issues) == count


# --- ingest


def test_a_digest_is_read_matched_and_then_known(ledger: Ledger) -> None:
    follow(ledger, ADA, BOX)

    report = ingest(ledger, [reading(EXPERTS, PRUNING), reading(EXPERTS, PRUNING, source="copy.txt")], NOW)

    assert report.digests == (
        DigestReport("a.txt", "fresh", papers=2, new=2, matches=2),
        DigestReport("copy.txt", "quiet", "read before"),
    )
    assert not report.failed
    assert open_matches(ledger) == [("ada", True), ("box", True)]


def test_a_file_is_parsed_only_when_it_is_new(ledger: Ledger, tmp_path: Path) -> None:
    path = tmp_path / "digest.jsonl"
    path.write_text(json.dumps({"paper": EXPERTS.as_dict()}) + "\n")

    def fail() -> Reading:
        raise AssertionError("read twice")

    first = ingest(ledger, [digest_of(path)], NOW)
    again = ingest(ledger, [replace(digest_of(path), read=fail)], NOW)

    assert [(item.verdict, item.new) for item in (*first.digests, *again.digests)] == [("fresh", 1), ("quiet", 0)]


def test_what_cannot_be_read_is_written_down_and_tried_again(ledger: Ledger, tmp_path: Path) -> None:
    (tmp_path / "b.txt").write_bytes(b"\0\1\2")
    files = [digest_of(tmp_path / name) for name in ("none.txt", "b.txt")]
    digests: list[Digest | ReadError] = [*files, ReadError("gone", source="c")]

    for _ in range(2):
        report = ingest(ledger, digests, NOW)
        assert [item.verdict for item in report.digests] == ["unreadable"] * 3
        assert report.failed
    assert report.digests[0].reason.startswith("there is no such file")
    assert report.digests[2].reason == "gone"


def test_the_line_of_a_fault_is_told(ledger: Ledger, tmp_path: Path) -> None:
    report = ingest(ledger, [MalformedDigestError("odd", source="x", line=3)], NOW)

    assert report.digests[0].reason == "odd (line 3)"


def test_a_broken_query_stops_no_other(ledger: Ledger) -> None:
    follow(ledger, ADA, replace(ADA, id="broken", query="((("))

    report = ingest(ledger, [reading(EXPERTS)], NOW)

    assert [trouble.subscription for trouble in report.troubles] == ["broken"]
    assert report.failed
    assert open_matches(ledger) == [("ada", True)]


def test_a_paper_that_changes_is_matched_anew_until_it_is_sent(ledger: Ledger, press: Press) -> None:
    follow(ledger, ADA, replace(BOX, query="routing"))
    ingest(ledger, [reading(replace(EXPERTS, abstract="Short."))], NOW)
    assert open_matches(ledger) == [("ada", True)]
    ingest(ledger, [reading(replace(EXPERTS, abstract="A longer abstract about routing."))], NOW)
    assert open_matches(ledger) == [("ada", True), ("box", True)]
    ingest(ledger, [reading(replace(EXPERTS, abstract="A still longer abstract, about the way of each token."))], NOW)
    assert open_matches(ledger) == [("ada", True)]
    publish(ledger, press, NOW)
    ingest(ledger, [reading(replace(EXPERTS, upvotes=3))], NOW)
    assert open_matches(ledger) == [("ada", False)]


Promises = set[tuple[str, str, tuple[Hit, ...]]]
WANTS = ("experts", "routing -sparse", "author:chen", "has:code", "title:models", "moe OR learning OR attention")


def promised(digests: Iterable[Sequence[Paper]]) -> Promises:
    """Return what these digests promise to a few subscriptions."""
    with Ledger.open("sqlite://") as ledger:
        follow(ledger, *(replace(ADA, id=f"p{n}", query=query) for n, query in enumerate(WANTS)))
        ingest(ledger, [reading(*items, source=str(n)) for n, items in enumerate(digests)], NOW)
        with ledger.read() as tx:
            opened = matches.open_for(tx, [f"p{n}" for n in range(len(WANTS))])
            found = [item.match for items in opened.values() for item in items]
            return {(item.subscription, item.paper.id, item.hits) for item in found}


@given(st.lists(askable_papers(), max_size=8), st.data())
@settings(max_examples=15)  # an example is two databases
def test_the_order_of_digests_changes_no_promise(items: list[Paper], data: st.DataObject) -> None:
    shuffled = data.draw(st.permutations(items))
    cut = data.draw(st.integers(0, len(items)))

    assert promised([shuffled[cut:], shuffled[:cut], items]) == promised([items])


@pytest.mark.no_cover
@pytest.mark.skipif(not SEEDS.is_dir(), reason="the real digests are not beside this checkout")
def test_real_digests_promise_the_same_in_any_order() -> None:
    digests = [read_path(path).papers for path in sorted(SEEDS.glob("*.txt"))]
    halves = [part for n in (2, 0, 4, 1, 3) for part in (digests[n][20:], digests[n][:20], digests[n])]

    found = promised(halves)

    assert found == promised(digests)
    assert {subscription for subscription, _, _ in found} == {f"p{n}" for n in range(len(WANTS))}


@pytest.mark.no_cover
@pytest.mark.skipif(not SEEDS.is_dir(), reason="the real digests are not beside this checkout")
def test_real_digests_send_each_paper_once(ledger: Ledger, press: Press) -> None:
    wants = WANTS[:2]
    follow(ledger, *(replace(BOX, id=f"p{n}", query=query, schedule="instant") for n, query in enumerate(wants)))
    for day, path in enumerate([*sorted(SEEDS.glob("*.txt"))] * 2):
        now = NOW + day * DAY
        ingest(ledger, [replace(digest_of(path), sha256=f"{path} at {now}")], now)
        assert not publish(ledger, press, now).troubles
    with ledger.read() as tx:
        sent = [(n, entry.card.paper.id) for n in range(len(wants)) for entry in editions.entries(tx, f"p{n}", 1000)]

    assert len(set(sent)) == len(sent) > 50


# --- backfill


def test_a_new_subscription_looks_back_a_week(ledger: Ledger) -> None:
    ingest(ledger, [reading(EXPERTS)], NOW - 8 * DAY)
    ingest(ledger, [reading(PRUNING)], NOW - 7 * DAY)
    follow(ledger, replace(ADA, query="we"), replace(ADA, id="broken", query="((("))

    assert [trouble.subscription for trouble in backfill(ledger, NOW)] == ["broken"]

    assert open_matches(ledger) == [("ada", True)]
    follow(ledger, replace(ADA, query="weights"), replace(ADA, id="broken", query="experts"))
    assert backfill(ledger, NOW, 9 * DAY) == ()
    assert open_matches(ledger) == [("ada", True), ("broken", True)]
    assert backfill(ledger, NOW) == ()


def test_a_changed_subscription_looks_back_to_its_last_edition(ledger: Ledger, press: Press) -> None:
    follow(ledger, replace(ADA, schedule="monthly 1"), now=NOW)
    publish(ledger, press, NOW)
    later = NOW + 40 * DAY
    ingest(ledger, [reading(EXPERTS)], NOW + DAY)
    follow(ledger, replace(ADA, query="route", schedule="monthly 1"))

    backfill(ledger, later)

    assert open_matches(ledger) == [("ada", True)]


def test_files_declare_subscriptions(ledger: Ledger) -> None:
    declared = replace(ADA, origin="subs.toml")

    assert subscribe(ledger, [declared], NOW).added == ("ada",)
    assert subscribe(ledger, [replace(declared, query="@x")], NOW, macros={"x": "experts"}).changed == ("ada",)
    assert subscribe(ledger, [], NOW, keep=["subs.toml"]).removed == ()
    assert subscribe(ledger, [], NOW).removed == ("ada",)


# --- publish


def test_an_edition_consumes_its_matches(ledger: Ledger, press: Press) -> None:
    follow(ledger, ADA)
    ingest(ledger, [reading(EXPERTS, PRUNING)], NOW)

    report = publish(ledger, press, NOW)

    [issue] = report.issues
    assert (issue.subscription, issue.papers, issue.channel, issue.due) == ("ada", 1, "email", NOW)
    assert open_matches(ledger) == [("ada", False)]
    [item] = messages(ledger)
    mail = message_from_bytes(item.parts[0].content, policy=policy.strict)
    assert mail["Message-ID"] == f"<{issue.key}.0@digests.example.org>"
    assert mail["To"] == "ada@example.org"
    assert mail["Subject"] == issue.subject == item.subject
    assert [part.get_content_type() for part in mail.walk()][1:] == ["text/plain", "text/html"]
    assert publish(ledger, press, NOW).issues == ()
    assert publish(ledger, press, NOW + DAY).empty == ("ada",)


def test_what_is_only_counted_waits_for_the_next_edition(ledger: Ledger, press: Press) -> None:
    follow(ledger, replace(ADA, limit=1), replace(FEED, query="experts", limit=1))
    items = [replace(EXPERTS, id=f"arxiv:2503.{n:05}", title=f"Experts {n}") for n in range(1, 41)]
    ingest(ledger, [reading(*items)], NOW)

    found = [
        [(issue.subscription, issue.papers) for issue in publish(ledger, press, NOW + day * DAY).issues]
        for day in range(3)
    ]

    assert found == [[("ada", 31), ("feed", 40)], [("ada", 9)], []]


def test_the_last_weeks_are_told_from_the_third_edition_on(ledger: Ledger, press: Press) -> None:
    follow(ledger, ADA)
    told = []
    for week in range(4):
        now = NOW + timedelta(weeks=week)
        ingest(ledger, [reading(Paper(f"Experts {week}", id=f"arxiv:2{week}"), source=f"{week}.txt")], now)
        edition = preview(ledger, "ada", now)
        assert edition
        told.append([item.papers for item in edition.weeks])
        assert publish(ledger, press, now).issues

    assert told == [[], [], [], [1, 1, 1, 0]]


def test_what_a_mail_has_no_room_for_waits(ledger: Ledger, press: Press) -> None:
    follow(ledger, replace(ADA, limit=40))
    abstract = "We route each token to experts, and say so at length. " * 100
    items = [replace(EXPERTS, id=f"arxiv:2503.{n:05}", title=f"Experts {n}", abstract=abstract) for n in range(1, 41)]
    ingest(ledger, [reading(*items)], NOW)

    [issue] = publish(ledger, press, NOW).issues

    [item] = messages(ledger)
    mail = message_from_bytes(item.parts[0].content, policy=policy.default)
    page = mail.get_body(("html",))
    assert page is not None
    assert len(page.get_content().encode()) <= 102_000
    assert issue.papers == len([is_open for _, is_open in open_matches(ledger) if not is_open])


def test_the_same_step_gives_the_same_bytes(press: Press, tmp_path: Path) -> None:
    with Ledger.open(f"sqlite:///{tmp_path}/a.db", domain="example.org") as ledger:
        follow(ledger, ADA, BOX, FEED)
        ingest(ledger, [reading(EXPERTS, PRUNING)], NOW)
    copy = tmp_path / "b.db"
    copy.write_bytes((tmp_path / "a.db").read_bytes())
    found = []
    for path in (tmp_path / "a.db", copy):
        with Ledger.open(f"sqlite:///{path}") as ledger:
            publish(ledger, press, NOW)
            found.append(messages(ledger))

    assert found[0] == found[1]
    assert len(found[0]) == 3


def test_when_a_subscription_is_due(ledger: Ledger, press: Press) -> None:
    follow(ledger, replace(ADA, schedule="daily 12:00", empty="send"))

    def due(now: datetime) -> list[datetime]:
        return [issue.due for issue in publish(ledger, press, now).issues]

    assert due(NOW) == [NOW - 20 * timedelta(hours=1)]
    assert due(NOW + timedelta(hours=3)) == []
    assert due(NOW + timedelta(hours=5)) == [NOW + timedelta(hours=4)]
    assert due(NOW + timedelta(hours=5)) == []
    assert due(NOW) == []
    assert due(NOW + 3 * DAY) == [NOW + 3 * DAY - 20 * timedelta(hours=1)]


def test_an_empty_edition_is_skipped_or_says_why(ledger: Ledger, press: Press) -> None:
    follow(ledger, ADA, replace(ADA, id="told", empty="send"))

    report = publish(ledger, press, NOW)

    assert report.empty == ("ada",)
    assert [(issue.subscription, issue.papers) for issue in report.issues] == [("told", 0)]
    assert publish(ledger, press, NOW).empty == ()


def test_what_goes_out_at_once_waits_for_a_paper(ledger: Ledger, press: Press) -> None:
    follow(ledger, replace(ADA, schedule="instant", empty="send"))
    assert publish(ledger, press, NOW).issues == ()
    ingest(ledger, [reading(EXPERTS)], NOW)
    assert len(publish(ledger, press, NOW).issues) == 1
    assert publish(ledger, press, NOW + DAY).issues == ()


def test_one_that_cannot_be_served_stops_no_other(tmp_path: Path, ledger: Ledger) -> None:
    (tmp_path / "edition.md").write_text("{{ nonsense }}")
    broken = Press(Renderer([tmp_path]), "digests@example.org")
    follow(
        ledger,
        replace(ADA, query="we"),
        replace(BOX, query="we"),
        replace(ADA, id="carrier", channel="pigeon", query="we"),
        replace(ADA, id="never", schedule="sometimes", query="we"),
        replace(ADA, id="nowhere", timezone="Europe/Atlantis", query="we"),
        replace(ADA, id="unfit", address="no address", query="we"),
    )
    ingest(ledger, [reading(EXPERTS)], NOW)

    report = publish(ledger, broken, NOW)

    assert [issue.subscription for issue in report.issues] == ["ada"]
    reasons = {trouble.subscription: trouble.reason for trouble in report.troubles}
    assert reasons.keys() == {"box", "carrier", "never", "nowhere", "unfit"}
    assert report.failed
    assert "there is no channel 'pigeon'" in reasons["carrier"]
    assert reasons["nowhere"] == "'Europe/Atlantis' is no time zone"
    assert ("box", True) in open_matches(ledger)
    assert "box" in [issue.subscription for issue in publish(ledger, Press(Renderer()), NOW).issues]


def test_a_mail_needs_a_sender(ledger: Ledger) -> None:
    follow(ledger, ADA)
    ingest(ledger, [reading(EXPERTS)], NOW)

    report = publish(ledger, Press(Renderer()), NOW)

    assert report.troubles[0].reason == "mail: a mail needs a sender: set smtp.sender"


def mail_of(ledger: Ledger, press: Press, who: Subscription, folder: Path) -> EmailMessage:
    """Return the mail of one edition, as a strict parser reads it."""
    follow(ledger, who)
    ingest(ledger, [reading(EXPERTS)], NOW)
    publish(ledger, press, NOW)
    with ticking() as clock:
        deliver(ledger, lambda _: FolderChannel(folder), clock)
    (path,) = folder.rglob("*.eml")
    return message_from_bytes(path.read_bytes(), policy=policy.strict)


def test_a_mail_can_be_ended_on_the_web_and_by_mail(ledger: Ledger, press: Press, tmp_path: Path) -> None:
    mail = mail_of(ledger, press, ADA, tmp_path)
    url = "https://example.org/digests" + unsubscribe_path(ledger.instance.secret, "ada")

    proof = token(ledger.instance.secret, "unsubscribe", "ada")
    mailto = f"mailto:digests@example.org?subject=unsubscribe%20ada%20{proof}"
    assert mail["List-Unsubscribe"] == f"<{url}>, <{mailto}>"
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert [url in part.get_content() for part in mail.iter_parts() if isinstance(part, EmailMessage)] == [True, True]


def test_a_mail_without_a_web_can_be_ended_by_mail(ledger: Ledger, tmp_path: Path) -> None:
    mail = mail_of(ledger, Press(Renderer(), "Digests <grüße+a%b@example.org>"), ADA, tmp_path)

    proof = token(ledger.instance.secret, "unsubscribe", "ada")
    mailto = f"mailto:gr%C3%BC%C3%9Fe%2Ba%25b@example.org?subject=unsubscribe%20ada%20{proof}"
    assert mail["List-Unsubscribe"] == f"<{mailto}>"
    assert mail["List-Unsubscribe-Post"] is None


def test_a_page_that_others_may_see_ends_nothing(ledger: Ledger, press: Press, tmp_path: Path) -> None:
    mail_of(ledger, press, replace(BOX, query="experts"), tmp_path)
    (page,) = tmp_path.rglob("*.html")

    assert "unsubscribe" not in page.read_text(encoding="utf-8").casefold()


def test_a_mail_says_where_the_papers_of_its_lines_stand_whole(ledger: Ledger, press: Press, tmp_path: Path) -> None:
    follow(ledger, replace(ADA, limit=1), replace(BOX, query="experts", limit=1))
    ingest(ledger, [reading(EXPERTS, replace(EXPERTS, id="arxiv:2503.00001", title="Experts again"))], NOW)
    publish(ledger, press, NOW)
    with ticking() as clock:
        deliver(ledger, lambda _: FolderChannel(tmp_path), clock)
    feed = feed_path(ledger.instance.secret, "ada", "atom.xml").encode()

    assert all(feed in part.content for item in messages(ledger) if item.channel == "email" for part in item.parts)
    assert not any(b"/feeds/" in path.read_bytes() for path in tmp_path.rglob("*.html"))


def test_a_sender_that_is_none_is_told(ledger: Ledger) -> None:
    follow(ledger, ADA)
    ingest(ledger, [reading(EXPERTS)], NOW)

    assert "has no @" in publish(ledger, Press(Renderer(), "nobody"), NOW).troubles[0].reason


def test_a_subscription_changed_while_its_edition_was_made(ledger: Ledger, press: Press) -> None:
    follow(ledger, ADA)
    ingest(ledger, [reading(EXPERTS)], NOW)

    class Meddler(Renderer):
        def subject(self, edition: Any) -> str:
            follow(ledger, replace(ADA, query="something else"))
            return super().subject(edition)

    report = publish(ledger, replace(press, renderer=Meddler()), NOW)

    assert report.troubles[0].reason == "it changed while its edition was being made; the next round will serve it"
    assert states(ledger) == []


def test_a_folder_gets_three_forms(ledger: Ledger, press: Press, tmp_path: Path) -> None:
    follow(ledger, BOX)
    ingest(ledger, [reading(PRUNING)], NOW)
    publish(ledger, press, NOW)
    with ticking() as clock:
        report = deliver(ledger, lambda _: FolderChannel(tmp_path), clock)

    assert report.count("sent") == 1
    assert not report.failed
    assert sorted(path.suffix for path in tmp_path.iterdir()) == [".eml", ".html", ".md"]


def test_a_feed_grows_and_keeps_its_ids(ledger: Ledger, press: Press, tmp_path: Path) -> None:
    follow(ledger, FEED)
    found = []
    for day, item in enumerate((EXPERTS, PRUNING)):
        now = NOW + day * DAY
        ingest(ledger, [reading(item)], now)
        publish(ledger, press, now)
        with ticking(now) as clock:
            deliver(ledger, lambda _: FeedChannel(tmp_path), clock)
        found.append(feedparser.parse((tmp_path / "feed" / "atom.xml").read_bytes()))

    assert [len(feed.entries) for feed in found] == [1, 2]
    assert found[1].entries[1].id == found[0].entries[0].id
    assert found[1].entries[0].title == "Pruning without Regret"
    assert [link.href for link in found[1].feed.links if link.rel == "self"] == [
        "https://example.org/digests" + feed_path(ledger.instance.secret, "feed", "atom.xml")
    ]
    assert sorted(path.name for path in (tmp_path / "feed").iterdir()) == ["atom.xml", "feed.json", "rss.xml"]


def test_preview_promises_nothing(ledger: Ledger) -> None:
    follow(ledger, ADA)
    ingest(ledger, [reading(EXPERTS)], NOW)

    edition = preview(ledger, "ada", NOW)

    assert edition is not None
    assert [card.paper.id for card in edition.cards] == [EXPERTS.id]
    assert (edition.proof.digests, edition.proof.papers, edition.proof.matched) == (1, 1, 1)
    assert open_matches(ledger) == [("ada", True)]
    assert preview(ledger, "nobody", NOW) is None


# --- deliver


def test_every_message_is_handed_over_once(ledger: Ledger, press: Press) -> None:
    queue(ledger, press, 5)
    box = Box()
    with ticking() as clock:
        report = deliver(ledger, lambda _: box, clock, Terms(batch=2))
        again = deliver(ledger, lambda _: box, clock)

    assert [item.address for item in box.got] == [f"p{n}@example.org" for n in range(5)]
    assert (report.count("sent"), again.deliveries) == (5, ())
    assert states(ledger) == ["sent"] * 5
    assert box.closed == 1


def test_what_becomes_of_a_message(ledger: Ledger, press: Press) -> None:
    queue(ledger, press, 4)
    box = Box()
    box.faults = [None, TransientDeliveryError, PermanentDeliveryError, DoubtfulDeliveryError]
    with ticking() as clock:
        report = deliver(ledger, lambda _: box, clock)

    assert [item.state for item in report.deliveries] == ["sent", "due", "failed", "in_doubt"]
    assert [item.said for item in report.deliveries] == ["250 ok", *["the server's words"] * 3]
    assert states(ledger) == ["sent", "due", "failed", "in_doubt"]
    assert report.failed
    with ticking(NOW + timedelta(minutes=20)) as clock:
        assert deliver(ledger, lambda _: box, clock).count("sent") == 2
    assert states(ledger) == ["sent", "sent", "failed", "sent"]
    assert len({item.key for item in box.got}) == 3


def test_a_channel_that_is_not_set_up_keeps_its_messages(ledger: Ledger, press: Press) -> None:
    queue(ledger, press, 2)

    def open_channel(name: str) -> Channel:
        raise ConfigError(f"{name} is not set up", path="digestbot.toml")

    with ticking() as clock:
        report = deliver(ledger, open_channel, clock)

    assert [item.said for item in report.deliveries] == ["digestbot.toml: email is not set up"] * 2
    assert states(ledger) == ["due", "due"]


def test_stopping_gives_the_rest_back(ledger: Ledger, press: Press) -> None:
    queue(ledger, press, 3)
    box = Box()
    with ticking() as clock:
        report = deliver(ledger, lambda _: box, clock, Terms(stop=lambda: len(box.got) == 1))

    assert report.count("sent") == 1
    assert states(ledger) == ["sent", "due", "due"]


def test_an_interrupt_gives_the_rest_back_and_doubts_one(ledger: Ledger, press: Press) -> None:
    queue(ledger, press, 3)

    class Interrupted(Box):
        def deliver(self, message: Message) -> str:
            if self.got:
                raise KeyboardInterrupt
            return super().deliver(message)

    box = Interrupted()
    with ticking() as clock, pytest.raises(KeyboardInterrupt):
        deliver(ledger, lambda _: box, clock)
    assert states(ledger) == ["sent", "handing", "due"]
    with ticking() as clock:
        report = deliver(ledger, lambda _: Box(), clock)

    assert (report.doubtful, report.count("sent")) == (1, 1)
    assert states(ledger) == ["sent", "in_doubt", "sent"]
    assert report.failed


def test_a_worker_that_slept_through_its_lease_begins_nothing(ledger: Ledger, press: Press) -> None:
    queue(ledger, press, 2)
    looks = iter([0.0] * 3)  # until a message is marked and given to its connection; then it sleeps
    box = Box()

    report = deliver(ledger, lambda _: box, lambda: NOW, Terms(uptime=lambda: next(looks, 3600.0)))

    assert (report.count("sent"), len(box.got)) == (2, 2)
    with ledger.read() as tx:
        assert set(tx.connection.scalars(select(message.c.first_claimed_at))) == {NOW}
        assert sorted(tx.connection.scalars(select(message.c.attempt))) == [1, 2]


def test_the_frozen_one_finishes_at_most_what_it_holds(press: Press, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/ledger.db"
    box = Box()
    with Ledger.open(url) as ledger, Ledger.open(url) as other:
        queue(ledger, press, 3)
        later = NOW + timedelta(minutes=10)

        class Frozen(Box):
            def deliver(self, message: Message) -> str:
                if not self.got:
                    with ticking(later) as clock:
                        deliver(other, lambda _: box, clock, Terms(uptime=uptime(clock)))
                return super().deliver(message)

        frozen = Frozen()
        with ticking() as clock:
            report = deliver(ledger, lambda _: frozen, clock, Terms(uptime=uptime(clock)))
        assert [item.address for item in frozen.got] == ["p0@example.org"]
        assert [item.address for item in box.got] == ["p1@example.org", "p2@example.org"]
        assert report.count("sent") == 1
        assert states(ledger) == ["sent"] * 3


def test_a_message_that_another_took_over(press: Press, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/ledger.db"
    with Ledger.open(url) as ledger, Ledger.open(url) as other:
        queue(ledger, press, 1)

        class Frozen(Box):
            def deliver(self, message: Message) -> str:
                for minutes in (10, 30):
                    with ticking(NOW + timedelta(minutes=minutes)) as clock:
                        deliver(other, lambda _: Box(), clock, Terms(uptime=uptime(clock)))
                return super().deliver(message)

        with ticking() as clock:
            report = deliver(ledger, lambda _: Frozen(), clock, Terms(uptime=uptime(clock)))

        assert [item.state for item in report.deliveries] == ["lost"]


def test_an_outcome_is_written_down_however_long_it_takes(press: Press, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/ledger.db"
    with Ledger.open(url, patience=0.01) as ledger, Ledger.open(url) as other:
        queue(ledger, press, 1)
        blocker = other.write()
        pauses: list[float] = []

        class Blocked(Box):
            def deliver(self, message: Message) -> str:
                blocker.__enter__()
                return super().deliver(message)

        def pause(seconds: float) -> None:
            pauses.append(seconds)
            if len(pauses) == 3:
                blocker.__exit__(None, None, None)

        box = Blocked()
        with ticking() as clock:
            report = deliver(ledger, lambda _: box, clock, Terms(pause=pause))

        assert (report.count("sent"), pauses) == (1, [1.0] * 3)


def test_patience_ends_and_the_message_is_in_doubt(press: Press, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/ledger.db"
    with Ledger.open(url, patience=0.01) as ledger, Ledger.open(url) as other:
        queue(ledger, press, 1)
        blocker = other.write()

        class Blocked(Box):
            def deliver(self, message: Message) -> str:
                blocker.__enter__()
                return super().deliver(message)

        terms = Terms(patience=2, pause=lambda _: None)
        with ticking() as clock, pytest.raises(LedgerError, match="another process is writing"):
            deliver(ledger, lambda _: Blocked(), clock, terms)
        blocker.__exit__(None, None, None)
        with ticking(NOW + timedelta(hours=1)) as clock:
            assert deliver(ledger, lambda _: Box(), clock, Terms(uptime=lambda: float("inf"))).doubtful == 1


def test_the_whole_round(press: Press, tmp_path: Path) -> None:
    with Ledger.open(f"sqlite:///{tmp_path}/ledger.db", owner=True) as ledger, ticking() as clock:
        follow(ledger, BOX, FEED)

        def open_channel(name: str) -> Channel:
            return FeedChannel(tmp_path / "feeds") if name == "feed" else FolderChannel(tmp_path / "out")

        first = run(ledger, [reading(EXPERTS, PRUNING)], press, open_channel, clock)
        again = run(ledger, [reading(EXPERTS, PRUNING)], press, open_channel, clock)

    assert first.delivered.count("sent") == 2
    assert again.delivered.deliveries == ()
    assert not first.failed
    assert not again.failed


# --- killed at any moment

STEP = 3 if os.environ.get("CI") else 19
"""Each so many statements of the ledger, a round dies; 1 takes some minutes."""


def crashes(folder: Path, channel: str, port: int = 0, *more: str) -> list[dict[str, Any]]:
    """Return what rounds left that were killed at different statements, and the two rounds after each."""
    command = [sys.executable, str(HERE / "crash_driver.py"), str(folder), channel, str(port), str(STEP), *more]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    found = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(found) > 100 // STEP
    assert {code for item in found for code in item["codes"][1:]} == {0}
    return found


def test_a_killed_round_tells_each_update_once(tmp_path: Path) -> None:
    for item in crashes(tmp_path, "folder", 0, "news"):
        assert item["states"] == [["sent"] * 4] * 2
        pages = [path.read_text() for path in (tmp_path / item["name"] / "out").iterdir() if path.suffix == ".md"]
        assert sorted(page.count("**Code arrived**") for page in pages) == [0, 0, 2, 2]
