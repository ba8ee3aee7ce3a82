"""The ledger: the only memory. Schema, migrations, and queries by step; no SQLAlchemy object leaves it."""

from digestbot.ledger.store import Instance, Ledger, Transaction

__all__ = ["Instance", "Ledger", "Transaction"]
