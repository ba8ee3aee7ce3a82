"""Papers by calendar week, and when there are too few to tell of them."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from digestbot.weeks import TREND, WEEKS, weeks

DUE = datetime(2025, 3, 11, 7, 0, tzinfo=UTC)


def week_of(*days: int) -> list[tuple[datetime, int]]:
    """Return editions so many days before the due time, each with as many papers as its place says."""
    return [(DUE - timedelta(days=day), place) for place, day in enumerate(days, 1)]


def test_few_editions_say_nothing_about_a_topic() -> None:
    assert weeks(week_of(1, 8), DUE) == ()
    assert weeks(week_of(1, 8, 100), DUE) == ()


def test_weeks_go_from_the_first_with_an_edition_to_this_one() -> None:
    found = weeks(week_of(21, 22, 7), DUE)

    assert [week.papers for week in found][-2:] == [3, 0]
    assert sum(week.papers for week in found) == 6
    assert all(week.monday.weekday() == 0 for week in found)
    assert all(later.monday - earlier.monday == timedelta(weeks=1) for earlier, later in pairwise(found))


@given(st.lists(st.integers(1, 200), max_size=40))
def test_weeks_count_every_edition_in_them_once(days: list[int]) -> None:
    found = weeks(week_of(*days), DUE)
    first = DUE.date() - timedelta(days=DUE.weekday(), weeks=WEEKS - 1)
    inside = [papers for due, papers in week_of(*days) if due.date() >= first]

    assert len(found) <= WEEKS
    assert sum(week.papers for week in found) == (sum(inside) if len(inside) >= TREND else 0)


def test_a_week_is_that_of_the_time_zone() -> None:
    monday = datetime(2026, 11, 16, 1, tzinfo=UTC)
    past = [(monday - timedelta(weeks=n), 1) for n in (0, 1, 2)]
    due = monday + timedelta(days=3)

    assert [week.papers for week in weeks(past, due)] == [1, 1, 1]
    west = due.astimezone(ZoneInfo("America/New_York"))
    assert [week.papers for week in weeks(past, west)] == [1, 1, 1, 0]
