"""When a subscription is looked at, and which scheduled time it answers then.

::

    look ─ not due ──────────────────────────────→ look again at the next scheduled time
         ├ due ─────────────→ one edition ───────→ the same; what was missed is answered by this one
         ├ due, but long ago, catch_up = "skip" ─→ the same, without an edition; its papers wait
         └ instant: quiet hours, enough for today → look again when they end

The ledger keeps the moment of the next look, so that a tick asks it for those whose moment has come, and for no other.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo

from digestbot.models import Subscription
from digestbot.quiet import parse_quiet
from digestbot.schedules import Schedule, parse_schedule

LATE: Final = timedelta(hours=1)
"""How long after a scheduled time it is still answered when `catch_up` is ``skip``."""
AT_ONCE: Final = datetime(1970, 1, 1, tzinfo=UTC)
"""The next look at what is looked at as soon as possible, even when clocks are set back meanwhile."""
MAILS_A_DAY: Final = 12
"""How many instant editions a day are sent by mail when a subscription says nothing else."""
_MINUTE: Final = timedelta(minutes=1)
_MIDNIGHT: Final = parse_schedule("daily 00:00")

Counted = Callable[[datetime], int]
"""How many editions a subscription got for due times from a moment on."""


@dataclass(frozen=True, slots=True)
class Turn:
    """What a look says. Without `due` there is nothing to answer now."""

    due: datetime | None
    next_look: datetime | None
    """None: as soon as something comes."""
    answered: datetime | None = None
    """The scheduled time that counts as answered from now on; it is `due`, or one that is left out."""


def look(item: Subscription, last_due: datetime | None, now: datetime, waiting: int, counted: Counted) -> Turn:
    """Return what a subscription with `waiting` open matches has to answer at `now`, and when to look again.

    `last_due` is the time that it answered last. Raises ValueError for a schedule, quiet hours or a time zone that
    is none.
    """
    if _schedule(item.schedule).pattern is None:
        return _instant(item, last_due, now, waiting, counted)
    due = _last_before(item.schedule, item.timezone, _utc(now))
    if last_due is not None and due <= last_due:
        return Turn(None, _next_after(item.schedule, item.timezone, _utc(last_due)))
    following = _next_after(item.schedule, item.timezone, _utc(due))
    if item.catch_up == "skip" and last_due is not None and now - due > LATE:
        return Turn(None, following, due)
    return Turn(due, following, due)


def first_look(item: Subscription, last_due: datetime | None) -> datetime:
    """Return when to look at a subscription that is new or was changed; at once at one that cannot be read."""
    try:
        schedule, zone = parse_schedule(item.schedule), _zone(item.timezone)
        if last_due is None or schedule.pattern is None:
            return AT_ONCE
        return schedule.next_after(last_due, zone)
    except ValueError:
        return AT_ONCE


def _instant(item: Subscription, last_due: datetime | None, now: datetime, waiting: int, counted: Counted) -> Turn:
    """Return the turn of a subscription that goes out at once: by the minute, outside its quiet hours."""
    if not waiting:
        return Turn(None, None)
    zone = _zone(item.timezone)
    due = Schedule(item.schedule, None).last_before(now, zone)
    if last_due is not None and due <= last_due:
        return Turn(None, last_due.astimezone(UTC) + _MINUTE)
    quiet = parse_quiet(item.quiet).until(now, zone) if item.quiet else None
    if quiet is not None:
        return Turn(None, quiet)
    most = _most_a_day(item)
    if most and counted(_MIDNIGHT.last_before(now, zone)) >= most:
        return Turn(None, _MIDNIGHT.next_after(now, zone))
    return Turn(due, due + _MINUTE, due)


def _most_a_day(item: Subscription) -> int:
    if item.max_per_day is not None:
        return item.max_per_day
    return MAILS_A_DAY if item.channel == "email" else 0


# Most subscriptions share a few schedules, and one round asks each for the same moments.
_schedule: Final = lru_cache(maxsize=256)(parse_schedule)


@lru_cache(maxsize=256)
def _last_before(schedule: str, zone: str, utc: datetime) -> datetime:
    return _schedule(schedule).last_before(utc, _zone(zone))


@lru_cache(maxsize=256)
def _next_after(schedule: str, zone: str, utc: datetime) -> datetime:
    return _schedule(schedule).next_after(utc, _zone(zone))


def _utc(moment: datetime) -> datetime:
    """Return a moment in UTC: in a zone with summer time two that differ may be equal to Python."""
    if moment.tzinfo is None:
        raise ValueError(f"{moment} has no time zone")
    return moment.astimezone(UTC)


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (KeyError, OSError) as error:
        raise ValueError(f"{name!r} is no time zone") from error
