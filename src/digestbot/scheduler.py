"""Keeps jobs going: each at every turn of its interval, and as soon as another job or a change of a folder asks for it.

A job runs in one of a few lanes, one at a time in each, so that a source that is slow to answer keeps no mail from
going out. One that is late runs once, not once for each turn that it missed: what there is to do is for the ledger to
say, and a job that comes late finds everything that piled up.
"""

import logging
import threading
from collections.abc import Callable, Hashable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from queue import Empty, SimpleQueue
from typing import Final

from apscheduler.events import EVENT_JOB_ERROR, EVENT_JOB_EXECUTED, JobExecutionEvent
from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler

_ANSWER: Final = 0.2
"""Seconds after which a stop is seen."""

Look = Callable[[], Hashable]
"""Tells what lies in the digest folder: anything that differs when a file came, went or grew."""


@dataclass(frozen=True, slots=True)
class Job:
    """Something to do again and again."""

    name: str
    run: Callable[[], Iterable[str]]
    """Does it, and returns the names of the jobs that have something to do now."""
    every: timedelta
    lane: str = "steps"
    first: datetime | None = None
    """When it is due first (aware); None for at once. A time that has passed is at once, too."""


class Watch:
    """Decides when a folder has changed and has come to rest: two looks alike, unlike the last ones that counted."""

    def __init__(self, look: Look) -> None:
        self._look = look
        self._settled = self._last = look()

    def changed(self) -> bool:
        """Look again; return whether there is something new that has stopped growing."""
        seen = self._look()
        at_rest = seen == self._last
        self._last = seen
        if not at_rest or seen == self._settled:
            return False
        self._settled = seen
        return True


class Pulse:
    """When each job ended last; tells which of them have fallen silent."""

    def __init__(self) -> None:
        self._every: dict[str, timedelta] = {}
        self._ended: dict[str, datetime] = {}

    def begin(self, jobs: Sequence[Job], now: datetime) -> None:
        """Listen to these jobs from now on."""
        self._ended = {job.name: now for job in jobs}
        self._every = {job.name: job.every for job in jobs}

    def beat(self, name: str, now: datetime) -> None:
        """Write down that a job ended."""
        self._ended[name] = now

    def silent(self, now: datetime) -> list[str]:
        """Return the jobs that should have ended three times since they last did, and a quarter of an hour ago."""
        return [
            name
            for name, every in self._every.items()
            if now - self._ended[name] > max(3 * every, timedelta(minutes=15))
        ]


def serve(jobs: Sequence[Job], stop: threading.Event, pulse: Pulse) -> None:
    """Run the jobs, each by itself and when another one names it, until `stop` is set.

    Returns when the jobs that are under way have ended. What a job raises is logged, and its next turn comes.
    """
    lanes = {job.lane: ThreadPoolExecutor(1) for job in jobs} | {"default": ThreadPoolExecutor(1)}
    once = {"coalesce": True, "max_instances": 1, "misfire_grace_time": None}
    scheduler = BackgroundScheduler(timezone=UTC, executors=lanes, job_defaults=once)

    # The threads of jobs do not touch the scheduler: it holds its locks while it waits for them to end.
    woken: SimpleQueue[str] = SimpleQueue()

    def ended(event: JobExecutionEvent) -> None:
        pulse.beat(event.job_id, datetime.now(UTC))
        for name in event.retval or ():
            woken.put(name)

    pulse.begin(jobs, datetime.now(UTC))
    for job in jobs:
        turns = {"seconds": job.every.total_seconds(), "next_run_time": job.first or datetime.now(UTC)}
        scheduler.add_job(job.run, "interval", id=job.name, executor=job.lane, **turns)
    scheduler.add_listener(ended, EVENT_JOB_EXECUTED | EVENT_JOB_ERROR)
    # A job that takes longer than its interval is nothing to warn about; one that raises is.
    logging.getLogger("apscheduler").setLevel(logging.ERROR)
    scheduler.start()
    try:
        while not stop.is_set():
            with suppress(Empty):
                scheduler.modify_job(woken.get(timeout=_ANSWER), next_run_time=datetime.now(UTC))
    finally:
        scheduler.shutdown(wait=True)
