"""When a subscription is due: late, missed, at once, in quiet hours; and what a tick costs the ledger."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import event

from digestbot.ledger import Ledger, subscriptions
from digestbot.models import Subscription
from digestbot.quiet import parse_quiet
from digestbot.timetable import AT_ONCE, MAILS_A_DAY, Turn, first_look, look
from simulated_year import live
from zone_clocks import ask

BERLIN = ZoneInfo("Europe/Berlin")
ADA = Subscription("ada", "sparse experts", "experts", "email", "ada@example.org", "daily 08:00", "Europe/Berlin")
NOW_ONLY = replace(ADA, schedule="instant")
HOUR = timedelta(hours=1)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=BERLIN)


def turn(item: Subscription, last: str | None, now: str, waiting: int = 1, today: int = 0) -> Turn:
    return look(item, at(last) if last else None, at(now), waiting, lambda _: today)


def test_a_new_subscription_answers_the_last_time_before_now() -> None:
    assert turn(ADA, None, "2026-11-20T09:00") == Turn(
        at("2026-11-20T08:00"), at("2026-11-21T08:00"), at("2026-11-20T08:00")
    )


def test_before_its_time_it_is_not_due() -> None:
    assert turn(ADA, "2026-11-20T08:00", "2026-11-21T07:59") == Turn(None, at("2026-11-21T08:00"))


def test_what_was_missed_is_one_edition() -> None:
    found = turn(ADA, "2026-11-20T08:00", "2026-11-25T07:00")

    assert (found.due, found.next_look) == (at("2026-11-24T08:00"), at("2026-11-25T08:00"))


def test_what_was_missed_can_be_left_out() -> None:
    item = replace(ADA, catch_up="skip")

    late, soon = (turn(item, "2026-11-20T08:00", f"2026-11-24T{now}") for now in ("09:01", "08:59"))

    assert late == Turn(None, at("2026-11-25T08:00"), at("2026-11-24T08:00"))
    assert soon.due == at("2026-11-24T08:00")


def test_a_clock_that_was_set_back_makes_nothing_due_twice() -> None:
    assert turn(ADA, "2026-11-20T08:00", "2026-11-20T07:30").due is None
    assert turn(NOW_ONLY, "2026-11-20T08:00", "2026-11-20T07:30") == Turn(None, at("2026-11-20T08:01"))


def test_an_instant_one_sleeps_until_something_comes() -> None:
    assert turn(NOW_ONLY, "2026-11-20T08:00", "2026-11-20T09:00", waiting=0) == Turn(None, None)
    assert turn(NOW_ONLY, "2026-11-20T08:00", "2026-11-20T09:00").due == at("2026-11-20T09:00")


@pytest.mark.parametrize(
    ("now", "until"),
    [
        ("2026-11-20T22:00", "2026-11-21T07:00"),
        ("2026-11-21T06:59", "2026-11-21T07:00"),
        ("2026-10-24T23:00", "2026-10-25T07:00"),  # clocks are set back in this night
    ],
)
def test_quiet_hours_hold_it_back(now: str, until: str) -> None:
    item = replace(NOW_ONLY, quiet="22:00-07:00")

    assert turn(item, None, now) == Turn(None, at(until))
    assert turn(item, None, until).due == at(until)


def test_quiet_hours_within_a_day() -> None:
    item = replace(NOW_ONLY, quiet="12:30-14:00")

    assert [turn(item, None, f"2026-11-20T{now}").due is None for now in ("12:29", "12:30", "13:59", "14:00")] == [
        False,
        True,
        True,
        False,
    ]


def test_when_it_was_enough_for_today_the_rest_waits_for_midnight() -> None:
    asked: list[datetime] = []

    def counted(since: datetime) -> int:
        asked.append(since)
        return 3

    found = look(replace(NOW_ONLY, max_per_day=3), None, at("2026-11-20T21:00"), 1, counted)

    assert found == Turn(None, at("2026-11-21T00:00"))
    assert asked == [at("2026-11-20T00:00")]


@pytest.mark.parametrize(("channel", "most", "due"), [("email", None, False), ("feed", None, True), ("email", 0, True)])
def test_mails_have_a_usual_maximum(channel: str, most: int | None, due: bool) -> None:
    item = replace(NOW_ONLY, channel=channel, max_per_day=most)

    assert (turn(item, None, "2026-11-20T21:00", today=MAILS_A_DAY).due is not None) is due


@pytest.mark.parametrize("text", ["", "22-7", "25:00-07:00", "08:00-08:00", "22:00-07:60", "22:00 to 07:00"])
def test_other_texts_are_no_quiet_hours(text: str) -> None:
    with pytest.raises(ValueError, match="22:00-07:00"):
        parse_quiet(text)


@given(
    st.times(),
    st.times(),
    st.datetimes(datetime(2020, 1, 1), datetime(2035, 1, 1)),  # noqa: DTZ001
    st.sampled_from(sorted(available_timezones())),
)
def test_quiet_hours_end_where_they_say(start: datetime, end: datetime, moment: datetime, zone: str) -> None:
    text = f"{start:%H:%M}-{end:%H:%M}"
    if text[:5] == text[6:]:
        return
    place, now = ZoneInfo(zone), moment.replace(tzinfo=UTC)
    until = parse_quiet(text).until(now, place)
    if until is not None:
        assert now < until.astimezone(UTC) <= now + 26 * HOUR
        assert parse_quiet(text).until(until, place) is None or until.strftime("%H:%M") != text[6:]


def test_a_changed_schedule_is_looked_at_when_it_says() -> None:
    assert first_look(ADA, None) == AT_ONCE
    assert first_look(NOW_ONLY, at("2026-11-20T08:00")) == AT_ONCE
    assert first_look(ADA, at("2026-11-20T08:00")) == at("2026-11-21T08:00")
    assert first_look(replace(ADA, timezone="Mars/Base"), at("2026-11-20T08:00")) == AT_ONCE


def test_an_hour_that_comes_twice_has_two_turns() -> None:
    item = replace(ADA, schedule="daily 02:20", timezone="Europe/Berlin")
    first = datetime(2026, 10, 25, 2, 10, tzinfo=ZoneInfo("Europe/Berlin"))
    turns = [look(item, None, now, 1, lambda _: 0) for now in (first, first.replace(fold=1), first)]

    assert [turn.due and turn.due.day for turn in turns] == [24, 25, 24]
    with pytest.raises(ValueError, match="no time zone"):
        look(item, None, first.replace(tzinfo=None), 1, lambda _: 0)


def test_a_zone_that_is_none_is_a_value_error() -> None:
    with pytest.raises(ValueError, match="'Mars/Base' is no time zone"):
        turn(replace(ADA, timezone="Mars/Base"), None, "2026-11-20T08:00")


def test_a_tick_reads_a_range_of_an_index() -> None:
    now, statements = datetime(2026, 11, 20, 8, tzinfo=UTC), list[tuple[str, object]]()
    with Ledger.open("sqlite://") as ledger:
        event.listen(ledger._engine, "before_cursor_execute", lambda *told: statements.append((told[2], told[3])))
        with ledger.write() as tx:
            for n in range(3):
                subscriptions.put(tx, replace(ADA, id=f"s{n}"), now)
        statements.clear()
        with ledger.read() as tx:
            found = subscriptions.to_look_at(tx, now)
            assert [item.subscription.id for item in found] == ["s0", "s1", "s2"]
            assert [item.subscription.id for item in subscriptions.to_look_at(tx, now, found[0])] == ["s1", "s2"]
            subscriptions.unmatched(tx)
        plans = []
        with ledger.read() as tx:
            for statement, values in statements[:]:
                if statement.startswith("SELECT"):
                    rows = tx.connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values)  # type: ignore[arg-type]
                    plans.append("; ".join(row[3] for row in rows))

    assert plans[0] == "SEARCH subscription USING INDEX subscription_next (next_look<?)"
    assert plans[1] == "SEARCH subscription USING INDEX subscription_next (next_look>? AND next_look<?)"
    assert plans[2] == "SCAN subscription USING INDEX subscription_unmatched"


@pytest.mark.no_cover
def test_every_so_many_zones_at_each_change_of_their_clocks() -> None:
    count = ask(sorted(available_timezones())[::60])

    assert count.wrong == ()
    assert count.changes > 20


@pytest.mark.no_cover
def test_some_days_with_crashes_sleeps_and_jumps(tmp_path: Path) -> None:
    world, books = live(10, 4, 3, tmp_path, trouble=5)

    assert (books.missed, books.doubled, books.late) == ([], [], [])
    assert books.editions > 10
    assert world.faults.keys() == {"crashes", "overlaps", "sleeps", "clocks set"}
