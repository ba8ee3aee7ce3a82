"""What a person decides about messages: a doubt, a failure, what is not to go out, what goes out after all."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final, Literal

from sqlalchemy import ColumnElement, select, update

from digestbot.ledger.outbox import IS_OPEN
from digestbot.ledger.schema import message, message_part
from digestbot.ledger.store import Transaction

AfterRestore = Literal["send", "hold", "cancel"]
"""What becomes of the messages that a restored ledger believes to be waiting."""
_UNKNOWN: Final = "the ledger was restored: it may have gone out before"


def resolve(tx: Transaction, row: int, outcome: Literal["sent", "failed"], now: datetime) -> bool:
    """Write down what a person found out about a doubtful message. Return False when it is not in doubt."""
    values = {"state": outcome, "state_at": now, "reason": "decided by hand"}
    return _change(tx, row, ("in_doubt",), values)


def retry(tx: Transaction, row: int, now: datetime) -> bool:
    """Send a message again that failed, is in doubt, was cancelled or waits: now, with the same Message-ID and bytes.

    Return False when it is out already or on its way, or so old that its bytes are gone.
    """
    if tx.connection.execute(select(message_part.c.message_id).where(message_part.c.message_id == row)).first() is None:
        return False
    fresh = {"attempt": 0, "first_claimed_at": None, "resent": 1, "token": None}
    values = {"state": "due", "state_at": now, "next_at": now, "reason": "", **fresh}
    return _change(tx, row, ("failed", "in_doubt", "cancelled", "due"), values)


def cancel(tx: Transaction, row: int, reason: str, now: datetime) -> bool:
    """Take a message back that is not being handed over. Return False when that is too late."""
    values = {"state": "cancelled", "state_at": now, "reason": reason}
    return _change(tx, row, ("due", "claimed", "in_doubt"), values)


def after_restore(tx: Transaction, choice: AfterRestore, now: datetime) -> int:
    """Decide about everything that a restored ledger believes to be waiting; return how many messages.

    ``send`` lets it go out, with the ids of the first time; ``hold`` puts it in doubt, for a person to look at each.
    """
    held: ColumnElement[bool] = message.c.state.in_(("due", "claimed", "handing"))
    choices: dict[AfterRestore, dict[str, Any]] = {
        "send": {"state": "due", "next_at": now},
        "hold": {"state": "in_doubt", "resent": 1},
        "cancel": {"state": "cancelled"},
    }
    values = {"state_at": now, "token": None, "reason": _UNKNOWN} | choices[choice]
    return tx.connection.execute(update(message).where(IS_OPEN, held).values(values)).rowcount


def _change(tx: Transaction, row: int, states: Sequence[str], values: dict[str, Any]) -> bool:
    fitting = (message.c.id == row) & message.c.state.in_(states)
    return tx.connection.execute(update(message).where(fitting).values(values)).rowcount == 1
