"""Schedules: every spelling, days on which clocks change, and laws over all zones."""

import re
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from digestbot.schedules import Schedule, parse_schedule

BERLIN = ZoneInfo("Europe/Berlin")
ZONES = [
    "UTC",
    "Europe/Berlin",
    "Europe/Dublin",  # its winter time is the exception, with a negative shift
    "America/New_York",
    "America/Sao_Paulo",  # clocks changed at midnight
    "America/St_Johns",
    "Asia/Beirut",
    "Asia/Kathmandu",
    "Asia/Kolkata",
    "Africa/Casablanca",
    "Antarctica/Troll",  # two hours
    "Australia/Lord_Howe",  # half an hour
    "Pacific/Apia",  # a day was left out
    "Pacific/Chatham",
    "America/Juneau",  # a day came twice
]
TEXTS = [
    "hourly",
    "daily",
    "daily 02:30",
    "daily 00:00",
    "daily 23:59",
    "weekdays 06:15",
    "weekly mon",
    "weekly sun,wed 02:00",
    "monthly 1",
    "monthly 31 02:30",
    "*/7 * * * *",
    "30 1-3 * * *",
    "0 0 29 2 *",
    "15 3 13 * fri",
]

schedules = st.sampled_from(TEXTS).map(parse_schedule)
zones = st.sampled_from(ZONES).map(ZoneInfo)
moments = st.datetimes(
    min_value=datetime(1860, 1, 1),  # noqa: DTZ001
    max_value=datetime(2100, 1, 1),  # noqa: DTZ001
    timezones=st.just(UTC),
)


def at(text: str, zone: ZoneInfo = BERLIN) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone)


def fired(text: str, after: str, count: int, zone: ZoneInfo = BERLIN) -> list[str]:
    """Return the next `count` times, as ISO text without seconds."""
    schedule, moment, found = parse_schedule(text), at(after, zone), []
    for _ in range(count):
        moment = schedule.next_after(moment, zone)
        found.append(moment.isoformat(timespec="minutes"))
    return found


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("instant", "2024-05-01T10:01"),  # a Wednesday
        ("hourly", "2024-05-01T11:00"),
        ("daily", "2024-05-02T08:00"),
        ("Daily 10:30", "2024-05-01T10:30"),
        ("daily 9:05", "2024-05-02T09:05"),
        ("weekdays", "2024-05-02T08:00"),
        ("weekly mon", "2024-05-06T08:00"),
        ("weekly Friday 18:00", "2024-05-03T18:00"),
        ("weekly tue,thu", "2024-05-02T08:00"),
        ("monthly 1", "2024-06-01T08:00"),
        ("monthly 31", "2024-05-31T08:00"),
        ("monthly last 12:00", "2024-05-31T12:00"),
        ("*/20 * * * *", "2024-05-01T10:20"),
        ("0 9-17/4 * * 1-5", "2024-05-01T13:00"),
        ("5/15 * * * *", "2024-05-01T10:05"),
        ("0 0 * jun-aug *", "2024-06-01T00:00"),
        ("0 0 * * fri-sun", "2024-05-03T00:00"),
        ("0 0 * * 7", "2024-05-05T00:00"),
        ("0 0 * * 0", "2024-05-05T00:00"),
        ("0 0 13 * fri", "2024-05-03T00:00"),  # either is enough
        ("0 0 */13 * fri", "2024-06-14T00:00"),  # both, since one starts with a star
        ("0 0 29 2 *", "2028-02-29T00:00"),
    ],
)
def test_next_time_of_each_spelling(text: str, expected: str) -> None:
    assert parse_schedule(text).next_after(at("2024-05-01T10:00"), BERLIN) == at(expected)


def test_a_leap_day_is_found_over_a_century_without_one() -> None:
    assert fired("0 0 29 2 *", "1896-03-01T00:00", 1, ZoneInfo("UTC")) == ["1904-02-29T00:00+00:00"]
    assert fired("0 0 29 2 */7", "1880-03-01T00:00", 1, ZoneInfo("UTC")) == ["1920-02-29T00:00+00:00"]


def test_monthly_31_is_the_last_day_of_a_short_month() -> None:
    assert [day[:10] for day in fired("monthly 31", "2024-01-31T12:00", 4)] == [
        "2024-02-29",
        "2024-03-31",
        "2024-04-30",
        "2024-05-31",
    ]


def test_cron_31_leaves_short_months_out() -> None:
    assert [day[:10] for day in fired("0 8 31 * *", "2024-01-31T12:00", 2)] == ["2024-03-31", "2024-05-31"]


def test_a_skipped_time_moves_to_the_end_of_the_gap() -> None:
    assert fired("daily 02:30", "2024-03-30T12:00", 2) == ["2024-03-31T03:00+02:00", "2024-04-01T02:30+02:00"]
    assert fired("hourly", "2024-03-31T01:00", 2) == ["2024-03-31T03:00+02:00", "2024-03-31T04:00+02:00"]
    assert fired("daily 00:00", "2017-10-14T12:00", 1, ZoneInfo("America/Sao_Paulo")) == ["2017-10-15T01:00-02:00"]
    assert fired("daily 02:15", "2024-10-05T12:00", 1, ZoneInfo("Australia/Lord_Howe")) == ["2024-10-06T02:30+11:00"]


def test_a_doubled_time_fires_once_at_its_first_coming() -> None:
    assert fired("daily 02:30", "2024-10-26T12:00", 2) == ["2024-10-27T02:30+02:00", "2024-10-28T02:30+01:00"]
    assert fired("hourly", "2024-10-27T01:30", 2) == ["2024-10-27T02:00+02:00", "2024-10-27T03:00+01:00"]


def test_the_second_pass_of_an_hour_looks_back_at_the_whole_first_one() -> None:
    second_pass = at("2024-10-27T02:10").replace(fold=1)
    assert parse_schedule("daily 02:30").last_before(second_pass, BERLIN).isoformat() == "2024-10-27T02:30:00+02:00"
    assert parse_schedule("daily 02:30").next_after(second_pass, BERLIN).isoformat() == "2024-10-28T02:30:00+01:00"


def test_a_day_that_a_zone_left_out_moves_to_the_next_one() -> None:
    apia = ZoneInfo("Pacific/Apia")  # 30 December 2011 was not
    assert fired("weekly fri 08:00", "2011-12-29T12:00", 2, apia) == [
        "2011-12-31T00:00+14:00",
        "2012-01-06T08:00+14:00",
    ]


def test_last_before_includes_the_moment_itself() -> None:
    daily = parse_schedule("daily")
    assert daily.last_before(at("2024-05-01T08:00"), BERLIN) == at("2024-05-01T08:00")
    assert daily.last_before(at("2024-05-01T07:59"), BERLIN) == at("2024-04-30T08:00")
    assert parse_schedule("instant").last_before(at("2024-05-01T07:59:30"), BERLIN) == at("2024-05-01T07:59")


@given(schedules, moments, zones)
@example(parse_schedule("*/7 * * * *"), datetime(1867, 10, 18, 20, tzinfo=UTC), ZoneInfo("America/Juneau"))
@example(parse_schedule("daily 02:30"), datetime(2024, 10, 27, 1, 10, tzinfo=UTC), BERLIN)
def test_next_and_last_meet(schedule: Schedule, moment: datetime, zone: ZoneInfo) -> None:
    after = schedule.next_after(moment, zone)
    before = schedule.last_before(moment, zone)
    assert after.tzinfo is zone
    assert before.astimezone(UTC) <= moment < after.astimezone(UTC)
    assert schedule.last_before(after, zone) == after
    assert schedule.last_before(before, zone) == before
    assert schedule.last_before(after - timedelta(0), zone) == after
    just_before = after.astimezone(UTC) - timedelta(seconds=1)
    assert schedule.next_after(just_before, zone) == after
    assert schedule.last_before(just_before, zone).astimezone(UTC) == before.astimezone(UTC)


@given(schedules, moments, moments, zones)
def test_next_after_never_goes_back(schedule: Schedule, one: datetime, two: datetime, zone: ZoneInfo) -> None:
    first, second = (schedule.next_after(moment, zone).astimezone(UTC) for moment in sorted((one, two)))
    assert first <= second


@given(st.sampled_from(["hourly", "daily 02:30", "weekdays 23:30", "monthly 30 00:00"]), moments, zones)
def test_times_grow_strictly_each_in_a_local_period_of_its_own(text: str, moment: datetime, zone: ZoneInfo) -> None:
    schedule, times = parse_schedule(text), [moment]
    for _ in range(30):
        times.append(schedule.next_after(times[-1], zone))
    assert all(one.astimezone(UTC) < two.astimezone(UTC) for one, two in pairwise(times))
    period = {"hourly": "%Y-%m-%d %H", "monthly 30 00:00": "%Y-%m"}.get(text, "%Y-%m-%d")
    periods = [found.strftime(period) for found in times[1:]]
    # A whole day that a zone left out falls on its neighbour; nothing else does.
    assert len(periods) - len(set(periods)) <= 24 * _left_out(times[1].date(), times[-1].date(), zone)


def _left_out(first: date, last: date, zone: ZoneInfo) -> int:
    """Return how many days of the calendar have no noon in the zone."""
    noons = (datetime(day.year, day.month, day.day, 12, tzinfo=zone) for day in _days(first, last))
    return sum(
        noon.astimezone(UTC).astimezone(zone).replace(tzinfo=None) != noon.replace(tzinfo=None) for noon in noons
    )


def _days(first: date, last: date) -> list[date]:
    return [first + timedelta(days=number) for number in range((last - first).days + 1)]


@pytest.mark.parametrize(
    ("zone", "start"),
    [
        ("Europe/Berlin", "2024-03-30T22:00"),
        ("Europe/Berlin", "2024-10-26T22:00"),
        ("Australia/Lord_Howe", "2024-04-06T10:00"),
        ("Australia/Lord_Howe", "2024-10-05T10:00"),
        ("America/Sao_Paulo", "2017-10-14T22:00"),
        ("America/Sao_Paulo", "2018-02-17T22:00"),
    ],
)
@pytest.mark.parametrize("text", ["hourly", "*/10 * * * *", "30 1-3 * * *", "daily 02:15", "daily 00:00"])
def test_against_the_clock_on_the_wall_watched_minute_by_minute(text: str, zone: str, start: str) -> None:
    schedule, place, first = parse_schedule(text), ZoneInfo(zone), at(start, UTC)  # type: ignore[arg-type]
    watched = [first + timedelta(minutes=number) for number in range(24 * 60)]
    walls = {moment: moment.astimezone(place).replace(tzinfo=None) for moment in watched}
    pattern = schedule.pattern
    assert pattern is not None
    highest, expected = walls[first], []
    for moment in watched[1:]:
        shown = [
            highest + timedelta(minutes=n + 1) for n in range(int((walls[moment] - highest).total_seconds() // 60))
        ]
        if any(wall.time() in pattern.times() and pattern.has(wall.date()) for wall in shown):
            expected.append(moment)
        highest = max(highest, walls[moment])
    found, moment = [], schedule.next_after(first, place).astimezone(UTC)
    while moment <= watched[-1]:
        found.append(moment)
        moment = schedule.next_after(moment, place).astimezone(UTC)
    assert found == expected


@given(st.sampled_from([*TEXTS, "instant", "weekly Monday", "monthly last"]))
def test_the_canonical_text_reads_back(text: str) -> None:
    schedule = parse_schedule(text)
    assert parse_schedule(str(schedule)) == schedule


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "empty"),
        ("dayly 09:00", "did you mean 'daily 09:00'?"),
        ("@daily", "did you mean 'daily'?"),
        ("monday 09:00", "did you mean 'weekly mon 09:00'?"),
        ("fri", "did you mean 'weekly fri'?"),
        ("whenever", "write one of instant, hourly"),
        ("daily 25:00", "'25:00' is no time of day; write it as in daily 08:00"),
        ("daily 8", "'8' is no time of day"),
        ("daily 08:60", "no time of day"),
        ("daily ٠٨:٠٠", "no time of day"),
        ("daily 08:00 sharp", "'sharp' is too much after 'daily 08:00'"),
        ("hourly 5", "'5' is too much after 'hourly'"),
        ("weekly", "weekly needs a day: weekly mon 08:00"),
        ("monthly", "monthly needs a day: monthly 1 08:00"),
        ("weekly mom", "did you mean mon?"),
        ("weekly xyzzy", "write one of sun, mon"),
        ("monthly 32", "no day of a month"),
        ("monthly first", "no day of a month"),
        ("* * * *", "has 5 fields (minute hour day month weekday), this one has 4"),
        ("*/10 * * * * *", "this one has 6"),
        ("60 * * * *", "'60' is no minute, which goes from 0 to 59"),
        ("0 0 * * mox", "'mox' is no weekday, which goes from 0 to 7; did you mean mon?"),
        ("0 0 * 13 *", "no month"),
        ("0 17-9 * * *", "runs backwards"),
        ("*/0 * * * *", "step of 0"),
        ("0 0 a- * *", "'a-' is no day of the month; a cron field is"),
        ("0 0 30 2 *", "it would never fire"),
        ("0 0 31 4,6 *", "it would never fire"),
        ("0 " * 200, "shorter than 200"),
    ],
)
def test_faults_say_what_to_write(text: str, said: str) -> None:
    with pytest.raises(ValueError, match=re.escape(said)):
        parse_schedule(text)


@given(st.text() | st.text(alphabet="*0123456789,-/ abdefinmorstuwy:@"))
def test_any_text_is_a_schedule_or_a_value_error(text: str) -> None:
    try:
        schedule = parse_schedule(text)
    except ValueError:
        return
    assert schedule.next_after(at("2024-05-01T10:00"), BERLIN) > at("2024-05-01T10:00")


@pytest.mark.parametrize("text", ["daily", "0 0 29 2 *"])
def test_moments_that_have_no_answer(text: str) -> None:
    schedule = parse_schedule(text)
    with pytest.raises(ValueError, match="no time zone"):
        schedule.next_after(datetime(2024, 5, 1), BERLIN)  # noqa: DTZ001
    with pytest.raises(ValueError, match="outside the calendar"):
        schedule.next_after(datetime(9999, 12, 31, tzinfo=UTC), BERLIN)
    with pytest.raises(ValueError, match="outside the calendar"):
        schedule.last_before(datetime(1, 1, 1, tzinfo=UTC), BERLIN)


def test_the_calendar_ends() -> None:
    leap = parse_schedule("0 0 29 2 *")
    with pytest.raises(ValueError, match="has no time after"):
        leap.next_after(datetime(9998, 12, 31, tzinfo=UTC), BERLIN)
    with pytest.raises(ValueError, match="has no time before"):
        leap.last_before(datetime(2, 1, 1, tzinfo=UTC), BERLIN)
