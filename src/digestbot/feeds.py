"""What the feed of a subscription holds: cards of its editions, each a paper once, with what became of it since."""

from dataclasses import dataclass
from datetime import datetime

from digestbot.facts import Fact
from digestbot.models import Card, Subscription


@dataclass(frozen=True, slots=True)
class FeedEntry:
    """A card as a feed holds it: with the moment it was added, aware, and what became of the paper since."""

    card: Card
    added: datetime
    facts: tuple[Fact, ...] = ()
    changed: datetime | None = None
    """When the newest of `facts` was told, aware."""


@dataclass(frozen=True, slots=True)
class Feed:
    """The feed of one subscription: its newest entries, newest first."""

    subscription: Subscription
    domain: str
    """The installation's fixed domain, for ``tag:`` ids (RFC 4151)."""
    updated: datetime
    entries: tuple[FeedEntry, ...]
    self_url: str = ""
    """Where the feed itself can be fetched, when that is known."""
