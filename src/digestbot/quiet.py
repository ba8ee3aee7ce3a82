"""Quiet hours: a part of every day, on a person's own clock, in which nothing is sent at once."""

import re
from dataclasses import dataclass
from datetime import datetime, time
from zoneinfo import ZoneInfo

from digestbot.schedules import parse_schedule


@dataclass(frozen=True, slots=True)
class QuietHours:
    """From `start` up to `end` on the clock on the wall; over midnight when `end` is the earlier one."""

    start: time
    end: time

    def until(self, moment: datetime, zone: ZoneInfo) -> datetime | None:
        """Return the end of the quiet hours that `moment` (aware) lies in; None when it lies in none.

        Raises ValueError when `moment` is naive.
        """
        shown = moment.astimezone(zone).time()
        over_midnight = self.end < self.start
        inside = shown >= self.start or shown < self.end if over_midnight else self.start <= shown < self.end
        return parse_schedule(f"daily {self.end:%H:%M}").next_after(moment, zone) if inside else None


def parse_quiet(text: str) -> QuietHours:
    """Return the quiet hours that `text` spells: ``22:00-07:00``. Raises ValueError saying what to write instead."""
    found = re.fullmatch(r"\s*([0-9]{1,2}):([0-9]{2})\s*[-–]\s*([0-9]{1,2}):([0-9]{2})\s*", text)
    numbers = [int(number) for number in found.groups()] if found else [24, 0, 0, 0]
    if max(numbers[::2]) > 23 or max(numbers[1::2]) > 59:
        raise ValueError(f"{text!r} are no quiet hours; write them as in 22:00-07:00")
    start, end = time(numbers[0], numbers[1]), time(numbers[2], numbers[3])
    if start == end:
        raise ValueError(f"{text!r} leaves no time or no quiet; write two different times, as in 22:00-07:00")
    return QuietHours(start, end)
