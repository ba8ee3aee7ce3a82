"""The tables that remember how much mail servers and the domains behind them are given, and what rests."""

from sqlalchemy import Column, Float, Integer, Table, Text

from digestbot.ledger.schema import Moment, Words, metadata

relay = Table(
    "relay",
    metadata,
    Column("channel", Words, primary_key=True),
    Column("connections", Integer, nullable=False),
    Column("rate", Float, nullable=False),
    Column("burst", Float, nullable=False),
    Column("per_hour", Integer, nullable=False),
    Column("per_day", Integer, nullable=False),
    Column("tokens", Float, nullable=False),
    Column("tokens_at", Moment, nullable=False),
    Column("recent", Text, nullable=False),
    Column("paused_until", Moment),
    Column("reason", Words, nullable=False),
)
"""What takes the messages of a channel, how much it may be given, and whether it rests. 0 stands for no limit.

`recent` has a character for each of the last attempts: ``+`` went well, ``-`` did not.
"""

relay_slot = Table(
    "relay_slot",
    metadata,
    Column("channel", Words, primary_key=True),
    Column("slot", Moment, primary_key=True),
    Column("messages", Integer, nullable=False),
)
"""How many messages a relay was given, by five minutes; kept for a day."""

destination = Table(
    "destination",
    metadata,
    Column("channel", Words, primary_key=True),
    Column("domain", Words, primary_key=True),
    Column("concurrency", Integer, nullable=False),
    Column("failures", Integer, nullable=False),
    Column("rests", Integer, nullable=False),
    Column("not_before", Moment),
    Column("changed_at", Moment, nullable=False),
)
"""How a recipient's domain takes our messages; the domain ``""`` is the relay itself.

`failures` counts those in a row, `rests` how often in a row it was left alone. One that behaves has no row.
"""
