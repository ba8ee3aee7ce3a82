"""Keeps a round going: at every turn of the interval, and as soon as the digest folder has changed and is at rest.

One round runs at a time. One that is late runs once, not once for each turn it missed: what is due is decided
by the ledger, so a round that comes late finds everything that piled up.
"""

import logging
import threading
from collections.abc import Callable, Hashable
from datetime import UTC, datetime
from typing import Final

from apscheduler.schedulers.background import BackgroundScheduler

_ROUND: Final = "round"

Job = Callable[[], None]
Look = Callable[[], Hashable]
"""Tells what lies in the digest folder: anything that differs when a file came, went or grew."""


class Watch:
    """Decides when a folder has changed and has come to rest: two looks alike, unlike the last round's."""

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


def serve(job: Job, look: Look, stop: threading.Event, *, every: float, look_every: float = 2.0) -> None:
    """Run `job` now, every `every` seconds and after changes that `look` sees, until `stop` is set.

    Returns when the round that is under way has ended. What a round raises is logged by the scheduler, and the
    next one comes.
    """
    scheduler = BackgroundScheduler(timezone=UTC)
    watch = Watch(look)

    def soon_after_a_change() -> None:
        if watch.changed():
            scheduler.modify_job(_ROUND, next_run_time=datetime.now(UTC))

    once = {"max_instances": 1, "coalesce": True, "misfire_grace_time": None}
    scheduler.add_job(job, "interval", seconds=every, id=_ROUND, next_run_time=datetime.now(UTC), **once)
    scheduler.add_job(soon_after_a_change, "interval", seconds=look_every, id="watch", **once)
    # A round that takes longer than the interval is nothing to warn about; one that raises is.
    logging.getLogger("apscheduler").setLevel(logging.ERROR)
    scheduler.start()
    try:
        stop.wait()
    finally:
        scheduler.shutdown(wait=True)
