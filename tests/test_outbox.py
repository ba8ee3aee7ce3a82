"""The outbox as a state machine: every transition, who may make it, and what two workers can do to each other."""

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select, update

from digestbot.ledger import Ledger, Transaction, claiming, decisions, editions, outbox, subscriptions
from digestbot.ledger.claiming import Wanted
from digestbot.ledger.outbox import Claim, Lease, Letter, Outcome
from digestbot.ledger.schema import message
from digestbot.ledger.written import edition_row
from digestbot.models import Edition, Message, Part, Subscription

NOW = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
KEY = "abcdefghijklmnopqrstuvwxy"


@pytest.fixture
def ledger() -> Iterator[Ledger]:
    with Ledger.open("sqlite://") as ledger:
        yield ledger


def enqueue(ledger: Ledger, count: int = 1, channel: str = "email", who: str = "ada", now: datetime = NOW) -> list[int]:
    """Put messages into the outbox; return their rows."""
    rows = []
    with ledger.write() as tx:
        item = Subscription(who, who, "x", channel, f"{who}@example.org")
        subscriptions.put(tx, item, now)
        for _ in range(count):
            number = len(states(ledger, tx))
            edition = Edition(item, now + number * MINUTE, "subject", ())
            [row] = editions.add(tx, [edition_row(edition, 1)], now)
            parts = (Part("a.eml", "message/rfc822", b"\0\xff"), Part("b.html", "text/html", b"<p>"))
            letter = Message(f"{KEY}{number}", channel, item.address, "subject", parts)
            rows += outbox.enqueue(tx, [Letter(row, edition.due, who, letter)], now)
    return rows


def states(ledger: Ledger, tx: Any = None) -> list[str]:
    if tx is None:
        with ledger.read() as tx:
            return states(ledger, tx)
    return list(tx.connection.scalars(select(message.c.state).order_by(message.c.id)))


def facts(ledger: Ledger, row: int) -> Any:
    with ledger.read() as tx:
        return tx.connection.execute(select(message).where(message.c.id == row)).one()


def lease(worker: str, now: datetime) -> Lease:
    """Return the lease of a worker on a machine that was started at the beginning of 2026."""
    return Lease(worker, uptime(now) + outbox.LEASE.total_seconds())


def uptime(now: datetime) -> float:
    return (now - datetime(2026, 1, 1, tzinfo=UTC)).total_seconds()


def claim(ledger: Ledger, limit: int = 10, worker: str = "one", now: datetime = NOW) -> list[Claim]:
    """Claim, and mark the first as a worker does that has one connection."""
    with ledger.write() as tx:
        found = claiming.claim(tx, Wanted(limit), lease(worker, now), now)
        claiming.hand(tx, found[:1], now)
        return found


def hand(tx: Transaction, item: Claim, now: datetime) -> bool:
    claiming.renew(tx, lease(item.token, now))
    return claiming.hand(tx, [item], now) == {item.row}


def settle(tx: Transaction, outcome: Outcome, now: datetime = NOW) -> bool:
    """Write an outcome down; return whether the message was still this worker's."""
    return not outbox.settle(tx, [outcome], now)


def sent(tx: Transaction, item: Claim, reply: str, now: datetime) -> bool:
    return settle(tx, Outcome(item, "sent", "", reply), now)


def deferred(tx: Transaction, item: Claim, why: tuple[str, str], now: datetime, jitter: float) -> bool:
    return settle(tx, outbox.put_off(item, *why, now, jitter), now)


def failed(tx: Transaction, item: Claim, why: tuple[str, str], now: datetime) -> bool:
    return settle(tx, Outcome(item, "failed", *why), now)


def doubtful(tx: Transaction, item: Claim, why: tuple[str, str], now: datetime) -> bool:
    return settle(tx, Outcome(item, "in_doubt", *why), now)


def reconcile(ledger: Ledger, now: datetime, **options: Any) -> outbox.Reconciled:
    with ledger.write() as tx:
        return outbox.reconcile(tx, now, uptime(now), **options)


def test_a_message_comes_back_as_it_was(ledger: Ledger) -> None:
    enqueue(ledger)
    [item] = claim(ledger)

    with ledger.read() as tx:
        found = outbox.load(tx, [item])[item.row]

    parts = (Part("a.eml", "message/rfc822", b"\0\xff"), Part("b.html", "text/html", b"<p>"))
    assert found == Message(f"{KEY}0", "email", "ada@example.org", "subject", parts)


def test_the_first_claimed_message_is_being_handed_over(ledger: Ledger) -> None:
    rows = enqueue(ledger, 3)

    claims = claim(ledger, 2)

    assert [item.row for item in claims] == rows[:2]
    assert states(ledger) == ["handing", "claimed", "due"]
    assert {item.attempt for item in claims} == {1}
    row = facts(ledger, rows[0])
    assert (row.token, row.lease_until, row.first_claimed_at) == ("one", lease("one", NOW).until, NOW)
    assert row.incarnation


def test_words_of_any_kind_are_kept_of_many_messages_at_once(ledger: Ledger) -> None:
    """What a database refuses becomes U+FFFD; quotes, other scripts and line ends stay."""
    enqueue(ledger, 4)
    claims = claim(ledger, 4)
    replies = ["250 \ud800\0", "250 'a' \"b\" \\u0041 $[1]", "250 \u00fc \U0001f600", "250 a\r\nb queued as 4ABC"]
    with ledger.write() as tx:
        assert claiming.hand(tx, claims[1:], NOW) == {item.row for item in claims[1:]}
        outcomes = [Outcome(item, "sent", "", reply) for item, reply in zip(claims, replies, strict=True)]
        assert outbox.settle(tx, outcomes, NOW + MINUTE) == set()

    rows = [facts(ledger, item.row) for item in claims]
    assert [row.reply for row in rows] == ["250 \ufffd\ufffd", *replies[1:]]
    assert [row.queue_id for row in rows] == ["", "", "", "4ABC"]
    assert {(row.state, row.state_at, row.reason) for row in rows} == {("sent", NOW + MINUTE, "")}


def test_of_many_messages_at_once_each_keeps_its_owner(ledger: Ledger) -> None:
    enqueue(ledger, 4)
    claims = claim(ledger, 4)
    taken, held = claims[1], [claims[0], *claims[2:]]
    with ledger.write() as tx:
        tx.connection.execute(update(message).where(message.c.id == taken.row).values(token="another"))
        assert claiming.hand(tx, claims[1:], NOW) == {item.row for item in claims[2:]}
        assert outbox.settle(tx, [Outcome(item, "sent", "", "250 ok") for item in claims], NOW) == {taken.row}
        assert outbox.settle(tx, [Outcome(item, "sent", "", "250 again") for item in held], NOW + MINUTE) == {
            item.row for item in held
        }

    assert states(ledger) == ["sent", "claimed", "sent", "sent"]
    assert [facts(ledger, item.row).reply for item in claims] == ["250 ok", "", "250 ok", "250 ok"]


def test_nobody_else_gets_what_is_claimed(ledger: Ledger) -> None:
    enqueue(ledger, 2)
    claim(ledger)

    assert claim(ledger, worker="two") == []


def test_a_round_of_two_messages(ledger: Ledger) -> None:
    rows = enqueue(ledger, 2)
    first, second = claim(ledger)
    with ledger.write() as tx:
        assert sent(tx, first, "2.0.0 Ok: queued as 4XyZ", NOW)
        assert hand(tx, second, NOW + MINUTE)

    assert states(ledger) == ["sent", "handing"]
    assert facts(ledger, rows[0]).queue_id == "4XyZ"
    assert facts(ledger, rows[1]).lease_until == lease("one", NOW + MINUTE).until
    assert claim(ledger) == []


@pytest.mark.parametrize(
    ("reply", "queue_id"),
    [
        ("2.0.0 Ok: queued as 4XyZ-1.2", "4XyZ-1.2"),
        ("OK id=1tDqPq-0001", "1tDqPq-0001"),
        ("2.0.0 4AK8 Message accepted for delivery", "4AK8"),
        ("2.0.0 OK", ""),
        ("", ""),
    ],
)
def test_queue_ids(reply: str, queue_id: str, ledger: Ledger) -> None:
    [row] = enqueue(ledger)
    [item] = claim(ledger)
    with ledger.write() as tx:
        sent(tx, item, reply, NOW)

    assert (facts(ledger, row).reply, facts(ledger, row).queue_id) == (reply, queue_id)


def test_deferral_and_back_off(ledger: Ledger) -> None:
    [row] = enqueue(ledger)
    now, waits = NOW, []
    for _ in range(7):
        [item] = claim(ledger, now=now)
        with ledger.write() as tx:
            assert deferred(tx, item, ("busy", "451 later"), now, 0)
        next_at = facts(ledger, row).next_at
        waits.append((next_at - now) // MINUTE)
        assert claim(ledger, now=next_at - MINUTE) == []
        now = next_at

    assert waits == [5, 10, 20, 40, 70, 70, 70]
    assert (facts(ledger, row).reason, facts(ledger, row).reply) == ("busy", "451 later")


def test_jitter_adds_up_to_a_fifth() -> None:
    assert outbox.back_off(1, 1.0) == 6 * MINUTE
    assert outbox.back_off(0, 0.5) == 5.5 * MINUTE
    assert outbox.back_off(10**6, 0) == 70 * MINUTE


def test_giving_up_after_three_days(ledger: Ledger) -> None:
    [row] = enqueue(ledger)
    late = NOW + timedelta(days=3)
    [item] = claim(ledger)
    with ledger.write() as tx:
        assert deferred(tx, item, ("busy", "451"), NOW, 0)
    [item] = claim(ledger, now=late)
    with ledger.write() as tx:
        assert deferred(tx, item, ("busy", "451"), late, 0)

    assert states(ledger) == ["failed"]
    assert facts(ledger, row).reason == "given up after 3 days: busy"


def test_failure(ledger: Ledger) -> None:
    [row] = enqueue(ledger)
    [item] = claim(ledger)
    with ledger.write() as tx:
        assert failed(tx, item, ("no such person", "550 who?"), NOW)

    assert states(ledger) == ["failed"]
    assert facts(ledger, row).reply == "550 who?"


def test_a_doubt_is_resolved_by_one_more_copy(ledger: Ledger) -> None:
    [row] = enqueue(ledger)
    [item] = claim(ledger)
    with ledger.write() as tx:
        assert doubtful(tx, item, ("no answer", ""), NOW)
    assert states(ledger) == ["in_doubt"]
    assert claim(ledger) == []
    assert reconcile(ledger, NOW + 14 * MINUTE) == outbox.Reconciled()
    assert reconcile(ledger, NOW + 15 * MINUTE) == outbox.Reconciled(resent=1)
    [again] = claim(ledger, now=NOW + 15 * MINUTE)
    assert again.row == row
    with ledger.write() as tx:
        doubtful(tx, again, ("no answer", ""), NOW + 15 * MINUTE)

    assert reconcile(ledger, NOW + timedelta(days=9)) == outbox.Reconciled()
    assert states(ledger) == ["in_doubt"]


def test_a_doubt_can_be_left_to_a_person(ledger: Ledger) -> None:
    rows = enqueue(ledger, 2)
    first, second = claim(ledger)
    with ledger.write() as tx:
        doubtful(tx, first, ("no answer", ""), NOW)
        hand(tx, second, NOW)
        doubtful(tx, second, ("no answer", ""), NOW)

    assert reconcile(ledger, NOW + timedelta(days=9), hold=["email"]) == outbox.Reconciled()
    with ledger.write() as tx:
        assert decisions.resolve(tx, rows[0], "sent", NOW)
        assert decisions.resolve(tx, rows[1], "failed", NOW)
        assert not decisions.resolve(tx, rows[1], "sent", NOW)
    assert states(ledger) == ["sent", "failed"]


def test_a_worker_that_vanished(ledger: Ledger) -> None:
    enqueue(ledger, 2)
    claim(ledger)
    end = NOW + outbox.LEASE

    assert reconcile(ledger, end - MINUTE) == outbox.Reconciled()
    assert reconcile(ledger, end) == outbox.Reconciled(released=1, doubtful=1)
    assert states(ledger) == ["in_doubt", "due"]
    [item] = claim(ledger, worker="two", now=end)
    assert item.attempt == 1


def test_whoever_is_alone_need_not_wait_for_a_lease(ledger: Ledger) -> None:
    enqueue(ledger, 2)
    claim(ledger)

    assert reconcile(ledger, NOW, alone=True) == outbox.Reconciled(released=1, doubtful=1)


@pytest.mark.parametrize("channel", outbox.REPEATABLE)
def test_nothing_is_doubtful_where_a_repeat_changes_nothing(channel: str, ledger: Ledger) -> None:
    enqueue(ledger, channel=channel)
    claim(ledger)

    assert reconcile(ledger, NOW, alone=True) == outbox.Reconciled(released=1)
    [item] = claim(ledger)
    assert item.attempt == 2


def test_what_ends_the_process_goes_behind_the_others(ledger: Ledger) -> None:
    rows = enqueue(ledger, 1, "folder") + enqueue(ledger, 1, "folder", "bob")
    claim(ledger, 1)
    reconcile(ledger, NOW + MINUTE, alone=True)

    assert [item.row for item in claim(ledger, now=NOW + MINUTE)] == rows[::-1]


@pytest.mark.parametrize("outcome", ["sent", "deferred", "failed", "doubtful"])
def test_who_lost_the_lease_writes_nothing(outcome: str, ledger: Ledger) -> None:
    enqueue(ledger)
    [late] = claim(ledger, worker="one")
    reconcile(ledger, NOW, alone=True)
    reconcile(ledger, NOW + 15 * MINUTE)
    [item] = claim(ledger, worker="two", now=NOW + 15 * MINUTE)
    with ledger.write() as tx:
        done = {
            "sent": lambda: sent(tx, late, "ok", NOW),
            "deferred": lambda: deferred(tx, late, ("", ""), NOW, 0),
            "failed": lambda: failed(tx, late, ("", ""), NOW),
            "doubtful": lambda: doubtful(tx, late, ("", ""), NOW),
        }
        assert not done[outcome]()
        assert not hand(tx, late, NOW)

    assert states(ledger) == ["handing"]
    assert item.token == "two"


@pytest.mark.parametrize("wait", [0, 15])
def test_a_late_success_counts_while_nobody_else_has_it(wait: int, ledger: Ledger) -> None:
    enqueue(ledger)
    [late] = claim(ledger)
    reconcile(ledger, NOW, alone=True)
    reconcile(ledger, NOW + wait * MINUTE)
    with ledger.write() as tx:
        assert sent(tx, late, "250 ok", NOW + wait * MINUTE)

    assert states(ledger) == ["sent"]
    assert claim(ledger, now=NOW + timedelta(days=1)) == []


def test_releasing_what_was_not_begun(ledger: Ledger) -> None:
    enqueue(ledger, 3)
    first, *_ = claim(ledger)
    with ledger.write() as tx:
        assert outbox.release(tx, "two", NOW) == 0
        assert outbox.release(tx, "one", NOW) == 2
    assert states(ledger) == ["handing", "due", "due"]
    with ledger.write() as tx:
        assert outbox.release(tx, "one", NOW, untouched=[first.row]) == 1
    assert states(ledger) == ["due", "due", "due"]


def test_cancelling(ledger: Ledger) -> None:
    rows = enqueue(ledger, 2)
    claim(ledger, 1)
    with ledger.write() as tx:
        assert not decisions.cancel(tx, rows[0], "changed my mind", NOW)
        assert decisions.cancel(tx, rows[1], "changed my mind", NOW)

    assert states(ledger) == ["handing", "cancelled"]


def test_an_unsubscribed_person_gets_nothing_more(ledger: Ledger) -> None:
    enqueue(ledger, 2)
    claim(ledger, 1)
    with ledger.write() as tx:
        subscriptions.suppress(tx, "ada", "unsubscribed", NOW)

    assert claim(ledger) == []
    assert states(ledger) == ["handing", "suppressed"]


def test_a_newer_feed_replaces_one_that_waits(ledger: Ledger) -> None:
    enqueue(ledger, 2, "feed")
    enqueue(ledger, 1, "feed", "bob")

    assert len(claim(ledger)) == 2
    assert sorted(states(ledger)) == ["cancelled", "claimed", "handing"]


def test_files_of_one_subscription_do_not_overtake(ledger: Ledger) -> None:
    rows = enqueue(ledger, 2, "folder")
    enqueue(ledger, 2, who="bob")

    assert [item.row for item in claim(ledger)] == [rows[0], rows[0] + 2, rows[0] + 3]
    with ledger.write() as tx:
        sent(tx, Claim(rows[0], "one", "folder", "", "", 1, NOW), "", NOW)
    assert [item.row for item in claim(ledger, worker="two")] == [rows[1]]


def test_keys_are_derived_and_not_to_be_guessed() -> None:
    key = outbox.delivery_key(b"s" * 32, "ada", NOW, "email")
    local = NOW.astimezone(datetime.now(UTC).astimezone().tzinfo)

    assert key == outbox.delivery_key(b"s" * 32, "ada", local, "email")
    assert len(key) == 26
    assert set(key) <= set("abcdefghijklmnopqrstuvwxyz234567")
    others = {
        outbox.delivery_key(b"t" * 32, "ada", NOW, "email"),
        outbox.delivery_key(b"s" * 32, "bob", NOW, "email"),
        outbox.delivery_key(b"s" * 32, "ada", NOW + MINUTE, "email"),
        outbox.delivery_key(b"s" * 32, "ada", NOW, "feed"),
    }
    assert key not in others
    assert len(others) == 4


EVENTS = st.lists(
    st.tuples(st.sampled_from("abc"), st.sampled_from(["ok", "4", "5", "?", "lost", "die", "stop"])), max_size=20
)


@given(EVENTS, st.integers(1, 5))
@settings(max_examples=30)  # an example is a database and up to a hundred transactions
def test_workers_that_come_and_go_lose_nothing_and_double_only_doubts(events: list[tuple[str, str]], size: int) -> None:
    """Three workers claim, hand over, die and stop at any moment; the server's log is held against the ledger."""
    taken: Counter[int] = Counter()
    held: dict[str, list[Claim]] = {}
    doubts: Counter[int] = Counter()
    now = NOW
    with Ledger.open("sqlite://") as ledger:
        enqueue(ledger, 4)
        for worker, event in [*events, *([("a", "ok")] * 10)]:
            now += 4 * MINUTE
            before = states(ledger)
            reconcile(ledger, now)
            doubts.update(row for row, (old, new) in enumerate(zip(before, states(ledger), strict=True), 1)
                          if old != new == "in_doubt")  # fmt: skip
            if not held.get(worker):
                held[worker] = claim(ledger, size, f"{worker}{now}", now)
                continue
            item, *rest = held[worker]
            held[worker] = rest
            with ledger.write() as tx:
                mine = tx.connection.scalar(select(message.c.state).where(message.c.id == item.row)) == "handing"
                if event == "die" or not mine:
                    held[worker] = []
                elif event == "stop":
                    outbox.release(tx, item.token, now, untouched=[item.row])
                    held[worker] = []
                else:
                    taken[item.row] += event in {"ok", "lost"}
                    doubts[item.row] += event in {"?", "lost"}
                    outcome(tx, item, event, now)
                    if rest and not hand(tx, rest[0], now):
                        held[worker] = []
        final = states(ledger)

    for row, state in enumerate(final, 1):
        assert taken[row] <= 1 + min(doubts[row], 1)
        assert taken[row] or state in {"due", "claimed", "handing", "failed", "in_doubt"}


def outcome(tx: Any, item: outbox.Claim, event: str, now: datetime) -> None:
    if event == "ok":
        assert sent(tx, item, "ok", now)
    elif event == "4":
        assert deferred(tx, item, ("later", "4"), now, 0)
    elif event == "5":
        assert failed(tx, item, ("never", "5"), now)
    else:
        assert doubtful(tx, item, ("?", ""), now)
