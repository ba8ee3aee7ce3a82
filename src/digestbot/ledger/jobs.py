"""What has to be done now and then to keep a ledger small and quick, and when it was done last."""

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import delete, insert, select, update

from digestbot.ledger.schema import CHUNK, FINAL_STATES, job, message, message_part
from digestbot.ledger.store import Transaction

KEPT: Final = timedelta(days=90)
"""How long the bytes of a message are kept after it went out; that it went out, when and to whom is kept for good."""


def last_run(tx: Transaction, name: str) -> datetime | None:
    """Return when a job was done last; None before the first time."""
    moment: datetime | None = tx.connection.scalar(select(job.c.ran_at).where(job.c.name == name))
    return moment


def ran(tx: Transaction, name: str, now: datetime) -> None:
    """Write down that a job was done."""
    if not tx.connection.execute(update(job).where(job.c.name == name).values(ran_at=now)).rowcount:
        tx.connection.execute(insert(job).values(name=name, ran_at=now))


def drop_old_parts(tx: Transaction, now: datetime, limit: int = CHUNK) -> int:
    """Delete the bytes of up to `limit` messages that went out long ago; return of how many."""
    done = message.c.state.in_(FINAL_STATES) & (message.c.state_at < now - KEPT)
    held = select(message_part.c.message_id).join(message).where(done).distinct().limit(limit)
    rows = list(tx.connection.scalars(held))
    if rows:
        tx.connection.execute(delete(message_part).where(message_part.c.message_id.in_(rows)))
    return len(rows)
