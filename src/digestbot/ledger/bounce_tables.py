"""The tables of what came back, and of who gets nothing because of it.

::

    message ─< bounce >─ suppression
"""

from sqlalchemy import CheckConstraint, Column, ForeignKey, Index, Integer, Table, Text, text

from digestbot.ledger.schema import Moment, Words, message, metadata

bounce = Table(
    "bounce",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("mark", Text, nullable=False, unique=True),
    Column("message_id", ForeignKey("message.id"), index=True),
    Column("address", Words, nullable=False, index=True),
    Column("kind", Text, CheckConstraint("kind IN ('hard', 'soft', 'complaint')"), nullable=False),
    Column("reason", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("said", Words, nullable=False),
    Column("found_by", Text, nullable=False),
    Column("read_at", Moment, nullable=False, index=True),
)
"""A mail that came back, or a refusal by the server. `mark` names it, so that it counts once however often it is read.

`found_by` is how its message was found: ``return-path``, ``message-id``, ``refusal``; ``address`` and empty
prove nothing.
"""

suppression = Table(
    "suppression",
    metadata,
    Column("address", Words, primary_key=True),
    Column("reason", Text, nullable=False),
    Column("since", Moment, nullable=False),
    Column("bounce_id", ForeignKey("bounce.id")),
)
"""Addresses that get nothing, whatever subscription they have; without capitals."""
FAILED: Index = Index(
    "message_failed",
    message.c.state_at,
    sqlite_where=text("state = 'failed'"),
    postgresql_where=text("state = 'failed'"),
)
"""Finds refusals at the door without a look at every message."""
