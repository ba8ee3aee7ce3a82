"""The ledger kept small and quick: old bytes dropped, statistics renewed, the log of changes folded in."""

from datetime import datetime, timedelta
from typing import Final

from digestbot.ledger import Ledger, jobs

NAME: Final = "house-keeping"
EVERY: Final = timedelta(days=1)


def next_at(ledger: Ledger) -> datetime | None:
    """Return when it is due; None for at once."""
    with ledger.read() as tx:
        last = jobs.last_run(tx, NAME)
    return None if last is None else last + EVERY


def keep_house(ledger: Ledger, now: datetime) -> int:
    """Do it, in transactions that are short enough for others to go on; return how many messages lost their bytes."""
    dropped = 0
    while True:
        with ledger.write() as tx:
            some = jobs.drop_old_parts(tx, now)
        dropped += some
        if not some:
            break
    ledger.optimise()
    with ledger.write() as tx:
        jobs.ran(tx, NAME, now)
    return dropped
