"""The tables of visits to links: what is worth one, what was found, and which hosts are to be left alone."""

from sqlalchemy import JSON, Column, ForeignKey, Table

from digestbot.ledger.schema import Moment, Words, metadata

paper_link = Table(
    "paper_link",
    metadata,
    Column("paper_id", ForeignKey("paper.id"), primary_key=True),
    Column("key", Words, primary_key=True, index=True),
    Column("url", Words, nullable=False),
)
"""What of a paper is worth a visit: its links, and under a key of its own, without an address, its promise of code."""

visit = Table(
    "visit",
    metadata,
    Column("key", Words, primary_key=True),
    Column("data", JSON, nullable=False),
    Column("answers", JSON, nullable=False),
    Column("next_at", Moment),
)
"""What was found at a link, what to bring along the next time, and when that is; empty for never again."""

host_wait = Table(
    "host_wait", metadata, Column("host", Words, primary_key=True), Column("until", Moment, nullable=False)
)
"""Which hosts want to be left alone, and until when."""
