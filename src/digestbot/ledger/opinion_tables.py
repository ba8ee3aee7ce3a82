"""The tables of what people think of papers, and of what was learned from it.

::

    subscription ─< opinion
                 └─ taste
"""

from sqlalchemy import JSON, Boolean, CheckConstraint, Column, ForeignKey, Table, Text

from digestbot.ledger.schema import Moment, Words, metadata

opinion = Table(
    "opinion",
    metadata,
    Column("subscription_id", ForeignKey("subscription.id"), primary_key=True),
    Column("paper", Words, primary_key=True),
    Column("liked", Boolean, nullable=False),
    Column("origin", Text, CheckConstraint("origin IN ('feedback', 'library')"), nullable=False),
    Column("title", Words, nullable=False),
    Column("abstract", Words, nullable=False),
    Column("given_at", Moment, nullable=False),
)
"""What a person thinks of a paper, by its id: the last word counts. It keeps the text that it is about, since a paper
of a library need not be one of ours."""

taste = Table(
    "taste",
    metadata,
    Column("subscription_id", ForeignKey("subscription.id"), primary_key=True),
    Column("mark", Text, nullable=False),
    Column("data", JSON, nullable=False),
    Column("learned_at", Moment, nullable=False),
)
"""What was learned from the opinions that `mark` stands for; with others it is learned anew."""
