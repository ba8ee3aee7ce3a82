"""The table of sentences that a language model wrote about papers."""

from sqlalchemy import Column, Table

from digestbot.ledger.schema import Moment, Words, metadata

sentence = Table(
    "sentence",
    metadata,
    Column("paper", Words, primary_key=True),
    Column("text_hash", Words, primary_key=True),
    Column("model", Words, primary_key=True),
    Column("prompt", Words, primary_key=True),
    Column("text", Words, nullable=False),
    Column("flaw", Words, nullable=False),
    Column("written_at", Moment, nullable=False),
)
"""What a model wrote: once for a paper, its words, the model and the prompt. With a flaw it is not shown."""
