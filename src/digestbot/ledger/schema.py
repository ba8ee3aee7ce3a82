"""The tables, and the two column types that keep what is stored honest.

::

    digest ─< mention >─ record >─ paper ─< paper_key
       └─< reject                    ├─< match >─ subscription
                                     ├─< paper_update >─ subscription
                                     ├─< paper_link >─ visit
                                     └─< card  >─ edition ─< message ─< message_part

Every moment is UTC. Text from outside may hold what a database refuses; `Words` replaces it, and whole
records (`Paper`, `Card`, `Hit`) are JSON in ASCII, which loses nothing.
"""

import json
from datetime import UTC, datetime
from functools import partial
from typing import Any, Final

from sqlalchemy import (
    JSON,
    Boolean,
    CheckConstraint,
    Column,
    DateTime,
    Dialect,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Select,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
    bindparam,
    func,
    select,
    text,
)

CHUNK: Final = 500
"""How many values one statement asks for: old builds of SQLite take 999 in all."""

OPEN_STATES: Final = ("due", "claimed", "handing", "in_doubt")
"""States that a message can still leave by itself."""
FINAL_STATES: Final = ("sent", "failed", "suppressed", "cancelled")


class Moment(TypeDecorator[datetime]):
    """An aware moment, stored in UTC without an offset, so that text order is time order."""

    impl = DateTime
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """Return `value` in UTC; raises ValueError when it is not aware."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"{value} has no time zone")
        return value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """Return the stored moment, aware."""
        return None if value is None else value.replace(tzinfo=UTC)


class Words(TypeDecorator[str]):
    """Text from outside. Lone surrogates and NUL, which databases refuse, become U+FFFD."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:  # noqa: ARG002
        """Return `value` as a database takes it."""
        return None if value is None else readable(value)


to_json: Final = partial(json.dumps, separators=(",", ":"))
"""Returns data as the JSON text that is stored."""


def readable(text: str) -> str:
    """Return text as a database takes it: without lone surrogates and NUL."""
    whole = text if text.isascii() else text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return whole.replace("\0", "\ufffd")


def values_of(name: str) -> Select[Any]:
    """Return the values of a parameter that is a list of numbers or words: one parameter, whatever their number."""
    return select(func.json_each(bindparam(name, type_=JSON)).table_valued("value", name=name).c.value)


class Listed(TypeDecorator[tuple[str, ...]]):
    """A few plain words, stored with commas between them."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: tuple[str, ...] | None, dialect: Dialect) -> str | None:  # noqa: ARG002
        """Return the words as one text."""
        return None if value is None else ",".join(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> tuple[str, ...] | None:  # noqa: ARG002
        """Return the stored words."""
        return None if value is None else tuple(filter(None, value.split(",")))


metadata = MetaData()


def _reference(name: str, target: str, **options: Any) -> Column[Any]:
    return Column(name, ForeignKey(target), nullable=False, **options)


instance = Table(
    "instance",
    metadata,
    Column("id", Integer, CheckConstraint("id = 1"), primary_key=True),
    Column("secret", LargeBinary, nullable=False),
    Column("domain", Text, nullable=False),
    Column("epoch", Integer, nullable=False),
    Column("created_at", Moment, nullable=False),
)
"""One row: what makes this installation different from every other. `epoch` grows when a back-up is restored."""

migration = Table(
    "migration",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("name", Text, nullable=False),
    Column("applied_at", Moment, nullable=False),
)

job = Table("job", metadata, Column("name", Text, primary_key=True), Column("ran_at", Moment, nullable=False))
"""When each job was done last that has to be done now and then."""

digest = Table(
    "digest",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("sha256", Text, nullable=False, unique=True),
    Column("source", Words, nullable=False),
    Column("dialect", Text, nullable=False),
    Column("verdict", Text, nullable=False),
    Column("reason", Words, nullable=False),
    Column("date", Text),
    Column("papers", Integer, nullable=False),
    Column("rejects", Integer, nullable=False),
    Column("added_at", Moment, nullable=False, index=True),
    Column("read_at", Moment, nullable=False, index=True),
    Column("fetched_from", Words),
)
"""`added_at` is when it was read first; `read_at` moves only when an unreadable one is found unreadable again.

`fetched_from` is the declared source that it came from; empty for a file that was given.
"""

source_state = Table(
    "source_state",
    metadata,
    Column("source", Words, primary_key=True),
    Column("asked", Text, nullable=False),
    Column("state", JSON, nullable=False),
    Column("seen", JSON, nullable=False),
    Column("begun_at", Moment, nullable=False),
    Column("asked_at", Moment),
    Column("news_at", Moment),
    Column("wait_until", Moment),
)
"""What a source remembers between two runs. `asked` tells what it was asked for: asked for another thing, it forgets.

`state` is its own (cursors, ETags), `seen` are marks of the papers that it gave last, to know what is new to it.
"""

source_run = Table(
    "source_run",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("source", Words, nullable=False),
    Column("at", Moment, nullable=False),
    Column("verdict", Text, nullable=False),
    Column("reason", Words, nullable=False),
    Column("digests", Integer, nullable=False),
    Column("papers", Integer, nullable=False),
    Column("news", Integer, nullable=False),
)
"""How each source did in each run; `news` counts the papers that were new to it."""
Index("source_run_at", source_run.c.source, source_run.c.at)

reject = Table(
    "reject",
    metadata,
    _reference("digest_id", "digest.id", primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("line", Integer, nullable=False),
    Column("reason", Words, nullable=False),
    Column("excerpt", Words, nullable=False),
)

paper = Table(
    "paper",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("canonical", Words, nullable=False, unique=True),
    Column("data", JSON, nullable=False),
    Column("first_seen", Moment, nullable=False, index=True),
    Column("updated_at", Moment, nullable=False),
    Column("facts", JSON),
)
"""The merge of all records of one paper. `facts` is what they say became of it; empty in a row from before there were
updates, and then it follows from `data`."""

filing = Table(
    "filing",
    metadata,
    Column("id", Integer, primary_key=True),
    _reference("paper_id", "paper.id", unique=True),
    Column("form", Integer, nullable=False),
    sqlite_autoincrement=True,
)
"""Under which number a paper stands in the index of words, which is no table of ours, and by which rules it was filed.

A number is never given twice: what an index without the texts holds of a paper that changed cannot be taken out.
"""

record = Table(
    "record",
    metadata,
    Column("id", Integer, primary_key=True),
    _reference("paper_id", "paper.id", index=True),
    Column("fingerprint", LargeBinary, nullable=False, unique=True),
    Column("data", JSON, nullable=False),
    Column("first_seen", Moment, nullable=False),
)
"""A paper as a digest printed it, each wording once. Which records are one paper follows from all of them."""

paper_key = Table(
    "paper_key",
    metadata,
    Column("key", Words, primary_key=True),
    _reference("paper_id", "paper.id", primary_key=True, index=True),
)
"""What a paper is filed under; two papers may share a key, a title for one."""

mention = Table(
    "mention",
    metadata,
    _reference("digest_id", "digest.id", primary_key=True),
    Column("position", Integer, primary_key=True),
    _reference("record_id", "record.id", index=True),
)

subscription = Table(
    "subscription",
    metadata,
    Column("id", Words, primary_key=True),
    Column("name", Words, nullable=False),
    Column("query", Words, nullable=False),
    Column("expanded", Words, nullable=False),
    Column("channel", Words, nullable=False),
    Column("address", Words, nullable=False),
    Column("schedule", Words, nullable=False),
    Column("timezone", Words, nullable=False),
    Column("limit", Integer, nullable=False),
    Column("empty", Text, nullable=False),
    Column("sort", Text, nullable=False),
    Column("catch_up", Text, nullable=False, server_default="merge"),
    Column("quiet", Text, nullable=False, server_default=""),
    Column("max_per_day", Integer),
    Column("updates", Listed, nullable=False, server_default="venue,code"),
    Column("feedback", Boolean, nullable=False, server_default="0"),
    Column("note", Words, nullable=False),
    Column("origin", Words, nullable=False),
    Column("state", Text, CheckConstraint("state IN ('active', 'suppressed', 'removed')"), nullable=False),
    Column("reason", Words, nullable=False),
    Column("matched", Boolean, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("changed_at", Moment, nullable=False),
    Column("last_due", Moment),
    Column("next_look", Moment),
    Column("typed", JSON),
)
"""`expanded` is the query in canonical form, named queries written out; `typed` are its clauses as the person typed
them, by their canonical form. `matched` is false until a new or changed query was held against the papers that are
already here. `next_look` is when it may be due next; empty while one that goes out at once has nothing to send."""
_active = text("state = 'active'")
_unmatched = text("state = 'active' AND matched = 0")
Index("subscription_unmatched", subscription.c.id, sqlite_where=_unmatched)
Index("subscription_next", subscription.c.next_look, subscription.c.id, sqlite_where=_active, postgresql_where=_active)

edition = Table(
    "edition",
    metadata,
    Column("id", Integer, primary_key=True),
    _reference("subscription_id", "subscription.id"),
    Column("due_at", Moment, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("subject", Words, nullable=False),
    Column("papers", Integer, nullable=False),
    Column("behind", JSON),
    UniqueConstraint("subscription_id", "due_at"),
)
"""One answer to one due time. Without papers and without a message it was empty and skipped."""

match = Table(
    "match",
    metadata,
    _reference("subscription_id", "subscription.id", primary_key=True),
    _reference("paper_id", "paper.id", primary_key=True, index=True),
    Column("hits", JSON, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("edition_id", ForeignKey("edition.id")),
)
"""A paper is promised to a subscription once: open while `edition_id` is empty, consumed by that edition after."""
# Each index holds one sort of rows alone, so that what is open for a few is never looked for among all that is open.
Index("match_open", match.c.subscription_id, match.c.paper_id, sqlite_where=match.c.edition_id.is_(None))
Index("match_edition", match.c.edition_id, sqlite_where=match.c.edition_id.is_not(None))

card = Table(
    "card",
    metadata,
    _reference("edition_id", "edition.id", primary_key=True),
    Column("position", Integer, primary_key=True),
    _reference("paper_id", "paper.id", index=True),
    Column("data", JSON, nullable=False),
    Column("told", JSON),
)
"""A paper as an edition showed it, frozen: hits are offsets into the words of that day. `told` is what it said of what
became of the paper; empty in a row from before there were updates, and then it follows from `data`."""

paper_update = Table(
    "paper_update",
    metadata,
    _reference("subscription_id", "subscription.id", primary_key=True),
    _reference("paper_id", "paper.id", primary_key=True, index=True),
    Column("kind", Text, primary_key=True),
    Column("key", Words, primary_key=True),
    Column("evidence", Words, nullable=False),
    Column("url", Words, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("edition_id", ForeignKey("edition.id")),
)
"""A fact that a subscription is to be told of a paper it was sent: open while `edition_id` is empty, told by that
edition after."""
Index("paper_update_open", paper_update.c.subscription_id, sqlite_where=paper_update.c.edition_id.is_(None))
Index("paper_update_edition", paper_update.c.edition_id, sqlite_where=paper_update.c.edition_id.is_not(None))

message = Table(
    "message",
    metadata,
    Column("id", Integer, primary_key=True),
    _reference("edition_id", "edition.id"),
    _reference("subscription_id", "subscription.id"),
    Column("key", Text, nullable=False),
    Column("generation", Integer, nullable=False),
    Column("channel", Words, nullable=False),
    Column("address", Words, nullable=False),
    Column("domain", Words, nullable=False, server_default=""),
    Column("subject", Words, nullable=False),
    Column("state", Text, CheckConstraint(f"state IN {OPEN_STATES + FINAL_STATES}"), nullable=False),
    Column("state_at", Moment, nullable=False),
    Column("next_at", Moment, nullable=False),
    Column("token", Text),
    Column("lease_until", Float),
    Column("incarnation", Text),
    Column("attempt", Integer, nullable=False),
    Column("resent", Integer, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("first_claimed_at", Moment),
    Column("reply", Words, nullable=False),
    Column("queue_id", Words, nullable=False),
    Column("reason", Words, nullable=False),
    UniqueConstraint("key", "generation"),
    UniqueConstraint("edition_id", "channel", "generation"),
)
"""The outbox. `state_at` is when the state began. `domain` is the recipient's; empty where there is none.

`incarnation` is the boot of the machine that claimed it, and `lease_until` counts in seconds since that boot:
nobody can set that clock.
"""
_open = text(f"state IN {OPEN_STATES}")
Index("message_open", message.c.state, message.c.next_at, sqlite_where=_open, postgresql_where=_open)
Index("message_order", message.c.subscription_id, message.c.channel, sqlite_where=_open, postgresql_where=_open)

message_part = Table(
    "message_part",
    metadata,
    _reference("message_id", "message.id", primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("name", Words, nullable=False),
    Column("media_type", Text, nullable=False),
    Column("content", LargeBinary, nullable=False),
)
