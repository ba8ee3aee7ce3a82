"""How much a subscription got lately: papers by calendar week."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

WEEKS = 12
"""Calendar weeks of which an edition tells how many papers they had, its own included."""

TREND = 3
"""Editions there have to be before; fewer say nothing about a topic."""


@dataclass(frozen=True, slots=True)
class Week:
    """What went out to one subscription in one calendar week."""

    monday: date
    papers: int


def weeks(past: Sequence[tuple[datetime, int]], due: datetime) -> tuple[Week, ...]:
    """Return the papers of each calendar week (Monday to Sunday, in the time zone of `due`) up to the one of `due`.

    `past` are the due times of former editions with how many papers each had. The weeks begin with the first in which
    something went out, and are 12 at most; with fewer than 3 editions in them there are none.
    """
    last = _monday(due.date())
    first = last - timedelta(weeks=WEEKS - 1)
    inside = [(_monday(sent.astimezone(due.tzinfo).date()), papers) for sent, papers in past if sent < due]
    inside = [(monday, papers) for monday, papers in inside if monday >= first]
    if len(inside) < TREND:
        return ()
    papers_in: Counter[date] = Counter()
    for monday, papers in inside:
        papers_in[monday] += papers
    count = (last - min(papers_in)).days // 7 + 1
    mondays = (last - timedelta(weeks=back) for back in reversed(range(count)))
    return tuple(Week(monday, papers_in[monday]) for monday in mondays)


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())
