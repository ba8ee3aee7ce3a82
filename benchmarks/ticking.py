"""What a tick costs: so many subscriptions in the ledger, a thousand of them due, nothing to send.

``python benchmarks/ticking.py`` prints milliseconds per tick for 10³, 10⁵ and 10⁶ subscriptions, and the exponent
with which the cost grows. Beside it the plain way: to look at every subscription in every tick.
"""

import argparse
import math
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from statistics import median

from sqlalchemy import insert, update

from digestbot.ledger import Ledger, subscriptions
from digestbot.ledger.schema import subscription
from digestbot.pipeline import Press, publish
from digestbot.rendering import Renderer
from digestbot.timetable import look

NOW = datetime(2026, 11, 20, 8, 0, 30, tzinfo=UTC)
DUE = 1000
CHUNK = 10_000


def fill(ledger: Ledger, count: int) -> None:
    """Write so many subscriptions down; all have been served yesterday, the first thousand are due again."""
    shared = {"channel": "email", "address": "a@example.org", "timezone": "UTC", "limit": 20, "empty": "skip"}
    shared |= {"sort": "relevance", "note": "", "origin": "", "state": "active", "reason": "", "matched": True}
    shared |= {"query": "experts", "expanded": "experts", "created_at": NOW, "changed_at": NOW}
    yesterday = NOW.replace(second=0) - timedelta(days=1)
    for start in range(0, count, CHUNK):
        rows = []
        for n in range(start, min(start + CHUNK, count)):
            hours = 0 if n < DUE else 1 + n % 22
            at = yesterday + timedelta(hours=hours)
            facts = {"id": f"s{n:07}", "name": f"s{n}", "schedule": f"daily {at:%H:%M}", "last_due": at}
            rows.append(shared | facts | {"next_look": at + timedelta(days=1)})
        with ledger.write() as tx:
            tx.connection.execute(insert(subscription), rows)


def again(ledger: Ledger) -> None:
    """Make the thousand due once more."""
    first = subscription.c.id < f"s{DUE:07}"
    before = NOW.replace(second=0) - timedelta(days=1)
    with ledger.write() as tx:
        values = {"last_due": before, "next_look": NOW.replace(second=0)}
        tx.connection.execute(update(subscription).where(first).values(values))


def plain(ledger: Ledger) -> None:
    """Look at everybody."""
    with ledger.read() as tx:
        for standing in subscriptions.active(tx):
            look(standing.subscription, standing.last_due, NOW, 0, lambda _: 0)


def milliseconds(work: Callable[[], object], prepare: Callable[[], object], times: int) -> float:
    """Return the median time of a call."""
    found = []
    for _ in range(times):
        prepare()
        start = time.perf_counter()
        work()
        found.append(1000 * (time.perf_counter() - start))
    return median(found)


def main() -> None:
    """Measure each size."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="*", default=[10**3, 10**5, 10**6])
    sizes, costs = parser.parse_args().sizes, []
    press = Press(Renderer(), "Digests <digests@example.org>")
    print(f"{'subscriptions':>14} {'ms a tick':>10} {'looking at all':>15}")
    for size in sizes:
        with tempfile.TemporaryDirectory() as folder, Ledger.open(str(Path(folder) / "ledger.db")) as ledger:
            fill(ledger, size)
            costs.append(milliseconds(partial(publish, ledger, press, NOW), partial(again, ledger), 5))
            every = f"{milliseconds(partial(plain, ledger), int, 1):15.1f}" if size <= 10**5 else f"{'minutes':>15}"
        print(f"{size:14,} {costs[-1]:10.1f} {every}")
    growth = math.log(costs[-1] / costs[0]) / math.log(sizes[-1] / sizes[0])
    print(f"the cost of a tick grows with the number of subscriptions to the power of {growth:.2f}")


if __name__ == "__main__":
    main()
