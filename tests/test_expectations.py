"""When something new is due: the calendars, what history teaches, and that a dead source is no quiet one."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digestbot.declared import Expect
from digestbot.expectations import Look, announces, overdue, quiet_weekdays, silence

DAY = timedelta(days=1)
MONDAY = datetime(2026, 11, 16, 8, 0, tzinfo=UTC)  # a Monday morning


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def weeks(newsy: str, count: int = 8, until: datetime = MONDAY) -> list[Look]:
    """Return a look each morning of the last weeks; `newsy` has a + for each weekday, Monday first, with news."""
    days = [until - DAY * back for back in range(7 * count)]
    return [Look(day, newsy[day.weekday()] == "+") for day in days]


@pytest.mark.parametrize(
    ("expect", "since", "now", "due"),
    [
        # the day of the last news and today prove nothing: neither is over since then
        ("daily", "2026-11-17T08:00", "2026-11-18T23:59", None),
        ("daily", "2026-11-17T08:00", "2026-11-19T00:00", "2026-11-19T00:00"),
        ("weekdays", "2026-11-20T08:00", "2026-11-23T23:00", None),  # Friday to Monday
        ("weekdays", "2026-11-20T08:00", "2026-11-24T00:00", "2026-11-24T00:00"),
        ("weekly", "2026-11-18T08:00", "2026-11-29T08:00", None),
        ("weekly", "2026-11-18T08:00", "2026-11-30T00:00", "2026-11-30T00:00"),
        ("monthly", "2026-11-18T08:00", "2026-12-31T23:00", None),
        ("monthly", "2026-11-18T08:00", "2027-01-01T00:00", "2027-01-01T00:00"),
        ("never", "2020-01-01T00:00", "2026-11-18T00:00", None),
        ("usual", "2020-01-01T00:00", "2026-11-18T00:00", None),  # nothing was learned
        # New York is five hours behind in winter: 20:00 there is 01:00 here
        ("arxiv", "2026-11-18T08:00", "2026-11-19T06:59", None),
        ("arxiv", "2026-11-18T08:00", "2026-11-19T07:00", "2026-11-19T07:00"),
        ("arxiv", "2026-11-20T08:00", "2026-11-23T06:59", None),  # Friday's and Saturday's evening bring nothing
        ("arxiv", "2026-11-20T08:00", "2026-11-23T07:00", "2026-11-23T07:00"),
        ("arxiv", "2026-07-08T08:00", "2026-07-09T06:00", "2026-07-09T06:00"),  # and four in summer
        ("arxiv", "2026-11-26T08:00", "2026-11-30T06:00", None),  # Thanksgiving, then a weekend
        ("arxiv", "2026-11-26T08:00", "2026-11-30T07:00", "2026-11-30T07:00"),
    ],
)
def test_when_something_was_due(expect: Expect, since: str, now: str, due: str | None) -> None:
    window = overdue(expect, at(since), at(now), [])

    assert (window.end if window else None) == (at(due) if due else None)


@pytest.mark.parametrize(
    ("evening", "is_one"),
    [
        ("2026-11-15", True),  # Sunday
        ("2026-11-19", True),
        ("2026-11-20", False),  # Friday
        ("2026-11-21", False),
        ("2026-01-01", False),
        ("2026-01-19", False),  # Martin Luther King Day, the third Monday
        ("2026-01-12", True),
        ("2026-06-19", False),
        ("2026-07-03", False),
        ("2026-09-07", False),  # Labor Day
        ("2026-11-26", False),  # Thanksgiving
        ("2026-11-25", True),
        ("2025-12-30", False),
        ("2025-12-25", False),
    ],
)
def test_the_evenings_of_arxiv(evening: str, is_one: bool) -> None:
    assert announces(date.fromisoformat(evening)) is is_one


def test_days_that_are_usually_quiet() -> None:
    friday, monday, tuesday = (at(f"2026-11-{day}T23:59") for day in (20, 23, 24))

    assert quiet_weekdays(weeks("+++++--"), MONDAY) == {5, 6}
    assert overdue("daily", friday, monday, weeks("+++++--", until=friday)) is None
    late = overdue("daily", friday, tuesday, weeks("+++++--", until=friday))
    assert late is not None
    assert late.start.weekday() == 0
    assert overdue("daily", friday, tuesday, weeks("-++++--", until=friday)) is None


def test_three_days_are_no_habit() -> None:
    assert quiet_weekdays(weeks("+++++--", count=3), MONDAY) == frozenset()
    assert overdue("daily", MONDAY - 3 * DAY, MONDAY, weeks("+++++--", count=3)) is not None


def test_what_is_usual_is_learned() -> None:
    friday = at("2026-11-20T08:00")
    history = weeks("+++++--", until=friday)

    assert overdue("usual", friday, at("2026-11-23T23:59"), history) is None
    late = overdue("usual", friday, at("2026-11-24T00:00"), history)
    assert late is not None
    assert late.start == at("2026-11-23T00:00")


def test_what_comes_once_a_week_on_changing_days_is_expected_once_a_week() -> None:
    history = [Look(MONDAY - DAY * back, (back * 3) % 7 == (back // 7) % 7) for back in range(56)]

    assert overdue("usual", MONDAY, MONDAY + 13 * DAY, history) is None
    late = overdue("usual", MONDAY, MONDAY + 14 * DAY, history)
    assert late is not None
    assert late.end - late.start == 7 * DAY


def test_a_day_that_was_silent_a_year_before_is_a_holiday() -> None:
    year = [Look(MONDAY - DAY * (365 - day), day != 1) for day in range(4)] + [Look(at("2024-02-29T08:00"), False)]

    assert overdue("daily", MONDAY, MONDAY + 2 * DAY, []) is not None
    assert overdue("daily", MONDAY, MONDAY + 2 * DAY, year) is None
    assert overdue("daily", MONDAY, MONDAY + 3 * DAY, year) is not None


def test_what_comes_now_and_then_is_never_late() -> None:
    history = [Look(MONDAY - DAY * back, back == 10) for back in range(56)]

    assert overdue("usual", MONDAY, MONDAY + 90 * DAY, history) is None


@given(st.integers(0, 400), st.sampled_from(["daily", "weekdays", "usual"]))
def test_a_dead_source_is_never_taken_for_a_quiet_one(days: int, expect: Expect) -> None:
    """Whatever was looked at since it died, in vain, teaches nothing."""
    friday = at("2026-11-20T08:00")
    in_vain = [Look(friday + DAY * day, news=False) for day in range(1, days + 1)]
    now = friday + DAY * days

    late = overdue(expect, friday, now, [*weeks("+++++--", until=friday), *in_vain])

    assert (late is not None) is (now >= at("2026-11-24T00:00"))


looks = st.lists(st.builds(Look, st.datetimes(datetime(2026, 1, 1), datetime(2026, 12, 1), timezones=st.just(UTC)), st.booleans()))  # fmt: skip # noqa: E501, DTZ001


@given(st.sampled_from(get_args(Expect)), looks, st.integers(0, 10_000), st.integers(0, 10_000))
def test_laws(expect: Expect, history: Sequence[Look], first: int, more: int) -> None:
    since = at("2026-06-01T00:00") + timedelta(hours=first)
    now = since + timedelta(hours=more)

    window = overdue(expect, since, now, history)

    assert overdue(expect, now, now, history) is None  # just after news nothing is late
    if window:
        assert since <= window.start or now - since > 99 * DAY
        assert window.end <= now
        later = overdue(expect, since, now + timedelta(hours=1), history)
        assert later is not None  # time alone mends nothing
    assert isinstance(silence(expect, since, now, history), str)


def test_why_nothing_is_due() -> None:
    saturday = at("2026-11-21T08:00")

    assert silence("weekdays", saturday, saturday, []) == "as usual on a Saturday"
    assert silence("usual", saturday, saturday, weeks("+++++--", until=saturday)) == "as usual on a Saturday"
    assert silence("daily", saturday, saturday, []) == ""
    assert silence("never", saturday, saturday, weeks("-------", until=saturday)) == ""
    assert silence("arxiv", saturday, saturday, []) == ("arXiv announces nothing on the evening of Friday, 20 November")
    assert silence("arxiv", saturday, at("2026-11-19T08:00"), []) == ""
