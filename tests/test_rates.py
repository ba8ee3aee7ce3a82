"""How much a relay and the domains behind it are given: buckets, quotas, back-off, and the budget of errors."""

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digestbot.ledger import Ledger, relays
from digestbot.ledger.outbox import Claim
from digestbot.ledger.relays import Destination, Limits
from digestbot.pipeline.carriers import Attempt
from digestbot.pipeline.pacing import Budget, Paces, blame, choose, usable

NOW = datetime(2026, 11, 20, 8, 3, tzinfo=UTC)
SECOND = timedelta(seconds=1)
MINUTE = timedelta(minutes=1)
SENT = Attempt("sent", "", "250 ok")


@pytest.fixture
def ledger() -> Iterator[Ledger]:
    with Ledger.open("sqlite://") as ledger:
        yield ledger


def claim(row: int, domain: str = "a.example", channel: str = "email") -> Claim:
    return Claim(row, "token", channel, f"you@{domain}", domain, 1, NOW)


def granted(ledger: Ledger, limits: Limits, moments: list[timedelta], wanted: int = 100) -> list[int]:
    """Return how many of `wanted` messages may go at each moment."""
    with ledger.write() as tx:
        relays.declare(tx, {"email": limits}, NOW)
        return [relays.grant(tx, "email", limits, wanted, NOW + moment).count for moment in moments]


def test_what_is_not_limited_is_not_counted(ledger: Ledger) -> None:
    assert granted(ledger, Limits(), [SECOND] * 3) == [100] * 3


def test_a_bucket_holds_a_burst_and_fills_at_its_rate(ledger: Ledger) -> None:
    seconds = [SECOND * n for n in (0, 0, 0.5, 1, 100)]

    assert granted(ledger, Limits(rate=10, burst=20), seconds) == [20, 0, 5, 5, 20]


def test_any_second_keeps_to_the_rate(ledger: Ledger) -> None:
    steps = [SECOND * n / 50 for n in range(400)]
    given = granted(ledger, Limits(rate=100, burst=20), steps, wanted=7)

    assert max(sum(given[n : n + 50]) for n in range(350)) <= 120
    assert sum(given) >= 95 * 8


def test_a_clock_that_is_set_fills_the_bucket_once_at_most(ledger: Ledger) -> None:
    hour = 3600 * SECOND

    assert granted(ledger, Limits(rate=10, burst=20), [0 * hour, -hour, hour, -hour, -hour + SECOND]) == [
        20,
        0,
        20,
        0,
        10,
    ]


def test_a_slow_rate_says_how_long_to_wait(ledger: Ledger) -> None:
    limits = Limits(rate=0.5)
    with ledger.write() as tx:
        relays.declare(tx, {"email": limits}, NOW)
        assert relays.grant(tx, "email", limits, 1, NOW).count == 1
        grant = relays.grant(tx, "email", limits, 1, NOW + SECOND)

    assert (grant.count, grant.wait) == (0, SECOND)


def test_the_quota_of_an_hour_and_of_a_day(ledger: Ledger) -> None:
    limits = Limits(per_hour=150, per_day=350)
    moments = [MINUTE * n for n in (0, 1, 2, 61, 66, 67, 132, 200, 1500)]

    assert granted(ledger, limits, moments) == [100, 50, 0, 0, 100, 50, 50, 0, 100]


def test_a_quota_that_is_used_up_says_so(ledger: Ledger) -> None:
    limits = Limits(per_day=1)
    with ledger.write() as tx:
        relays.grant(tx, "email", limits, 5, NOW)
        grant = relays.grant(tx, "email", limits, 5, NOW)

    assert grant.reason == "the 1 messages that it takes in one day are used up"


@given(st.lists(st.tuples(st.integers(0, 400), st.integers(0, 60)), max_size=40))
def test_no_hour_gets_more_than_its_quota(steps: list[tuple[int, int]]) -> None:
    """Any order of asking, any gaps: the last hour never held more than was allowed."""
    taken: list[tuple[timedelta, int]] = []
    at = timedelta(0)
    with Ledger.open("sqlite://") as ledger, ledger.write() as tx:
        for gap, wanted in steps:
            at += SECOND * 30 * gap
            count = relays.grant(tx, "email", Limits(per_hour=50), wanted, NOW + at).count
            taken.append((at, count))
            assert sum(n for moment, n in taken if moment > at - timedelta(hours=1)) <= 50


@pytest.mark.parametrize(
    ("attempt", "fault"),
    [
        (SENT, "nobody"),
        (Attempt("failed", "", "550 5.1.1 who?"), "nobody"),
        (Attempt("due", "connection refused"), "relay"),
        (Attempt("in_doubt", "hung up after the dot"), "relay"),
        (Attempt("due", "", "421 4.3.2 closing"), "relay"),
        (Attempt("due", "", "454 Throttling failure: Maximum sending rate exceeded"), "relay"),
        (Attempt("due", "", "452 4.3.1 insufficient storage"), "relay"),
        (Attempt("due", "", "535 5.7.8 no"), "relay"),
        (Attempt("due", "", "451 4.7.1 try again"), "domain"),
        (Attempt("due", "", "450 4.1.2 no such domain"), "domain"),
        (Attempt("due", "", "452 4.2.2 mailbox full"), "mailbox"),
        (Attempt("due", "", "451 4.7.1 Greylisted, come back"), "mailbox"),
        (Attempt("due", "", "450 4.2.0 graylist"), "mailbox"),
    ],
)
def test_who_is_to_blame(attempt: Attempt, fault: str) -> None:
    assert blame(attempt) == fault


def test_a_domain_that_puts_us_off_gets_half_and_then_nothing() -> None:
    paces, put_off = Paces({"email": Limits(8)}, Budget()), Attempt("due", "", "451 later")
    seen = []
    for number in range(5):
        paces.heard([(claim(number), put_off)], NOW)
        seen.append(paces.standing(("email", "a.example")).concurrency)

    assert seen == [2, 1, 1, 1, 1]
    assert paces.rests(("email", "a.example"), NOW + 59 * SECOND)
    assert not paces.rests(("email", "a.example"), NOW + MINUTE)
    assert not paces.rests(("email", "b.example"), NOW)
    assert paces.standing(("email", "")).failures == 0


def test_a_rest_grows_until_it_helps() -> None:
    place, rests = Destination("email", "a.example"), []
    now = NOW
    for _ in range(10):
        place = place.failed(now)
        if place.not_before and place.not_before > now:
            rests.append((place.not_before - now) // MINUTE)
            now = place.not_before
    assert rests == [1, 2, 4, 8, 16, 30, 30, 30]
    assert place.took(cohort=False) == Destination("email", "a.example", 1)


def test_a_clean_cohort_adds_one_up_to_the_limit() -> None:
    paces = Paces({}, Budget())
    for number in range(400):
        paces.heard([(claim(number), SENT)], NOW)

    assert paces.standing(("email", "a.example")).concurrency == relays.MOST
    paces = Paces({}, Budget())
    changed = [bool(paces.heard([(claim(number), SENT)], NOW).changed) for number in range(11)]
    assert changed == [*[False] * 4, True, *[False] * 5, True]


def test_a_relay_that_refuses_is_left_alone_as_a_whole() -> None:
    paces = Paces({"email": Limits(4)}, Budget())
    refused = Attempt("due", "connection refused")
    paces.heard([(claim(n, f"d{n}.example"), refused) for n in range(3)], NOW)

    assert paces.rests(("email", "other.example"), NOW)
    assert paces.recent == {"email": ""}
    assert paces.held == {"email": "email is left alone until 08:04:00 UTC: connection refused"}


def test_files_have_no_relay_that_could_be_tired() -> None:
    paces = Paces({}, Budget())
    paces.heard([(claim(n, "", "folder"), Attempt("due", "disk full")) for n in range(99)], NOW)

    assert not paces.rests(("folder", ""), NOW)


@pytest.mark.parametrize(("bad", "good", "paused"), [(49, 900, False), (50, 900, True), (50, 0, True)])
def test_the_budget_of_errors(bad: int, good: int, paused: bool) -> None:
    paces, failed = Paces({}, Budget()), Attempt("failed", "", "550 no")
    paces.heard([(claim(n), SENT) for n in range(good)], NOW)
    found = paces.heard([(claim(n), failed) for n in range(bad)], NOW).paused

    assert bool(found) is paused
    assert paces.rests(("email", ""), NOW) is paused
    if paused:
        assert found["email"] == f"50 of the last {good + 50} messages failed or were put off; the last: 550 no"
        assert paces.held["email"].startswith("email is paused until 2026-11-20 09:03 UTC: 50 of the last")


def test_what_is_long_past_does_not_count() -> None:
    paces, failed = Paces({}, Budget()), Attempt("failed", "", "550 no")
    for _ in range(4):
        paces.heard([(claim(n), failed) for n in range(40)], NOW)
        assert not paces.heard([(claim(n), SENT) for n in range(1000)], NOW).paused


def chosen(stock: list[Claim], room: dict[str, int], flying: dict[tuple[str, str], int] | None = None) -> list[int]:
    return [item.row for item in choose(stock, room, Counter(flying or {}), Paces({}, Budget()))]


def test_a_slow_domain_fills_no_connection_that_another_could_use() -> None:
    stock = [claim(n, "slow.example") for n in range(8)] + [claim(n, f"d{n}.example") for n in range(8, 10)]

    assert chosen(stock, {"email": 4}) == [0, 8, 9, 1]
    assert chosen(stock, {"email": 4}, {("email", "slow.example"): 5}) == [8, 9]
    assert chosen(stock, {"email": 9}) == [0, 8, 9, 1, 2, 3, 4]
    assert chosen(stock, {}) == []
    assert [usable(stock, Counter({("email", "slow.example"): 4}), Paces({}, Budget()), most) for most in (9, 2)] == [
        3,
        2,
    ]


_WAYS = st.sampled_from([("email", "a.example"), ("email", "b.example"), ("email", "c.example"), ("feed", "")])


@given(
    st.lists(_WAYS, max_size=40),
    st.dictionaries(st.sampled_from(["email", "feed"]), st.integers(0, 9)),
    st.dictionaries(_WAYS, st.integers(0, 9)),
    st.integers(0, 40),
)
def test_whoever_has_the_fewest_under_way_goes_first(
    ways: list[tuple[str, str]], room: dict[str, int], under_way: dict[tuple[str, str], int], most: int
) -> None:
    """The same as to sort all of the stock and to go through it."""
    stock = [claim(row, domain, channel) for row, (channel, domain) in enumerate(ways)]
    ranks = [under_way.get(way, 0) + ways[:row].count(way) for row, way in enumerate(ways)]
    able = [row for row, way in enumerate(ways) if not way[1] or ranks[row] < relays.START]
    in_line = sorted(able, key=lambda row: (ranks[row], row))
    first = {name: [row for row in in_line if ways[row][0] == name][:count] for name, count in room.items()}

    assert chosen(stock, room, under_way) == [row for row in in_line if row in first.get(ways[row][0], ())]
    assert usable(stock, Counter(under_way), Paces({}, Budget()), most) == min(most, len(able))


def test_a_second_connection_is_worth_some_messages() -> None:
    paces = Paces({"email": Limits(3)}, Budget())

    assert [paces.room("email", waiting=n, opened=0, busy=0) for n in (1, 3, 4, 8, 99)] == [1, 1, 2, 3, 3]
    assert paces.room("email", waiting=1, opened=3, busy=1) == 2


def test_how_domains_stand_is_kept(ledger: Ledger) -> None:
    place = Destination("email", "a.example", 2, 3, 1, NOW + MINUTE)
    with ledger.write() as tx:
        relays.keep(tx, [Destination("email", "a.example", 4), place], NOW)
        assert relays.destinations(tx, [("email", "a.example"), ("email", "b.example")]) == {
            ("email", "a.example"): place
        }
        assert relays.resume(tx, ["email"], NOW) == ["email"]
        assert relays.resume(tx, ["email"], NOW) == []
        relays.keep(tx, [place], NOW)
        relays.forget(tx, NOW + 8 * timedelta(days=1))
        assert relays.destinations(tx, [("email", "a.example")]) == {}
