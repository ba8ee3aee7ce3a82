"""From the ledger to the index of a million subscriptions: anew, from the file that is kept beside it, and in step.

    python benchmarks/standing.py [SUBSCRIPTIONS]

A ledger is filled with subscriptions of the mix that people write and with 1,000 papers. Then the index is asked for
as `digestbot ingest` asks: when there is no file yet (all is read, compiled, learnt from the papers and written), when
there is one, and when the ledger has changed by one subscription. Seconds of processor time; the build's memory.
"""

import resource
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

from matching_world import Asker, World
from sqlalchemy import insert, update

from digestbot.ledger import Ledger
from digestbot.ledger.schema import paper, subscription
from digestbot.matching import Index
from digestbot.pipeline.indexing import standing_index

NOW = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)
PAPERS = 1000
CHUNK = 10_000


def fill(ledger: Ledger, count: int) -> None:
    seen = list(World().papers(3000))
    asker = Asker(seen)
    shared = {"channel": "email", "address": "a@example.org", "timezone": "UTC", "limit": 20, "empty": "skip"}
    shared |= {"sort": "relevance", "note": "", "origin": "", "state": "active", "reason": "", "matched": True}
    shared |= {"created_at": NOW, "changed_at": NOW, "next_look": NOW, "schedule": "daily 08:00"}
    for start in range(0, count, CHUNK):
        texts = [(n, asker.query()) for n in range(start, min(start + CHUNK, count))]
        rows = [shared | {"id": f"s{n:07}", "name": f"s{n}", "query": text, "expanded": text} for n, text in texts]
        with ledger.write() as tx:
            tx.connection.execute(insert(subscription), rows)
    stored = [
        {"id": row, "canonical": item.id, "data": item.as_dict(), "first_seen": NOW, "updated_at": NOW}
        for row, item in enumerate(seen[:PAPERS], 1)
    ]
    with ledger.write() as tx:
        tx.connection.execute(insert(paper), stored)


def timed(ledger: Ledger) -> tuple[float, Index]:
    start = time.process_time()
    index, troubles = standing_index(ledger)
    assert not troubles
    return time.process_time() - start, index


def peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main(count: int) -> None:
    with tempfile.TemporaryDirectory() as folder, Ledger.open(str(Path(folder) / "ledger.db")) as ledger:
        fill(ledger, count)
        filled = peak()
        built, index = timed(ledger)
        assert len(index) == count
        print(f"{count:,} subscriptions: built from the ledger in {built:.1f} s, {peak():,.0f} MB at most", end="")
        print(f" ({filled:,.0f} MB before)", flush=True)
        del index
        file = ledger.beside("index")
        assert file is not None
        started, index = timed(ledger)
        print(f"started from {file.stat().st_size / count:.0f} bytes a subscription in {started:.2f} s", flush=True)
        del index
        with ledger.write() as tx:
            one = subscription.c.id == "s0000007"
            tx.connection.execute(update(subscription).where(one).values(expanded="sparse expert"))
        changed, _ = timed(ledger)
        print(f"one subscription changed: in step again in {changed:.2f} s")


if __name__ == "__main__":
    main(int(sys.argv[1].replace(",", "")) if len(sys.argv) > 1 else 1_000_000)
