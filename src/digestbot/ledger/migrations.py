"""How an old ledger becomes a new one: numbered steps, each recorded in the table `migration`.

A new ledger is made in the newest form at once. An older one gets the steps it lacks, in order, all in one
transaction: afterwards it is either whole and new, or untouched.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Final

from sqlalchemy import Connection, insert, inspect, select, update
from sqlalchemy.dialects import sqlite
from sqlalchemy.schema import CreateIndex, CreateTable

from digestbot.ledger import (
    bounce_tables,
    filing,
    opinion_tables,
    paper_links,
    relay_tables,
    schema,
    sentence_tables,
    visit_tables,
)
from digestbot.timetable import AT_ONCE


@dataclass(frozen=True, slots=True)
class Step:
    """One change of the schema. Steps are never edited or renumbered once released."""

    number: int
    name: str
    apply: Callable[[Connection], None]


class UnusableLedgerError(Exception):
    """The database holds something else, or something newer; the text says what to do."""


def _add_sources(connection: Connection) -> None:
    connection.exec_driver_sql("ALTER TABLE digest ADD COLUMN fetched_from TEXT")
    schema.source_state.create(connection)
    schema.source_run.create(connection)


def _create_all(connection: Connection) -> None:
    for statement in _newest_form():
        connection.exec_driver_sql(statement)
    filing.make(connection)


@cache  # there may be many ledgers, each for a short time, and one form of them
def _newest_form() -> tuple[str, ...]:
    """Return what makes all tables and their indexes in a database that has none of them."""
    parts: list[CreateTable | CreateIndex] = []
    for table in schema.metadata.sorted_tables:
        parts += [CreateTable(table), *map(CreateIndex, sorted(table.indexes, key=lambda index: str(index.name)))]
    return tuple(str(part.compile(dialect=sqlite.dialect())) for part in parts)


def _add_timetable(connection: Connection) -> None:
    for column in ("catch_up TEXT NOT NULL DEFAULT 'merge'", "quiet TEXT NOT NULL DEFAULT ''", "max_per_day INTEGER"):
        connection.exec_driver_sql(f"ALTER TABLE subscription ADD COLUMN {column}")
    connection.exec_driver_sql("ALTER TABLE subscription ADD COLUMN next_look DATETIME")
    schema.job.create(connection)
    connection.execute(update(schema.subscription).values(next_look=AT_ONCE))
    for index in schema.subscription.indexes:
        if index.name in ("subscription_next", "subscription_unmatched"):
            index.create(connection)


def _add_updates(connection: Connection) -> None:
    connection.exec_driver_sql("ALTER TABLE paper ADD COLUMN facts JSON")
    connection.exec_driver_sql("ALTER TABLE card ADD COLUMN told JSON")
    connection.exec_driver_sql("ALTER TABLE subscription ADD COLUMN updates TEXT NOT NULL DEFAULT 'venue,code'")
    schema.paper_update.create(connection)


def _add_filing(connection: Connection) -> None:
    schema.filing.create(connection)
    filing.make(connection)
    filing.file_the_rest(connection)


def _add_typed(connection: Connection) -> None:
    connection.exec_driver_sql("ALTER TABLE subscription ADD COLUMN typed JSON")


def _add_bounces(connection: Connection) -> None:
    bounce_tables.bounce.create(connection)
    bounce_tables.suppression.create(connection)
    bounce_tables.FAILED.create(connection)


def _add_rates(connection: Connection) -> None:
    connection.exec_driver_sql("ALTER TABLE message ADD COLUMN domain TEXT NOT NULL DEFAULT ''")
    mails = "channel = 'email' AND instr(address, '@')"
    # What stands behind the last @ by the trick that SQLite knows: all that is no @ is taken off the right end.
    domain = "lower(replace(address, rtrim(address, replace(address, '@', '')), ''))"
    connection.exec_driver_sql(f"UPDATE message SET domain = {domain} WHERE {mails}")  # noqa: S608 (constants)
    # Leases were moments; from here on they are seconds since the machine was started.
    connection.exec_driver_sql("UPDATE message SET lease_until = NULL, incarnation = NULL")
    for table in (relay_tables.relay, relay_tables.relay_slot, relay_tables.destination):
        table.create(connection)


def _add_taste(connection: Connection) -> None:
    connection.exec_driver_sql("ALTER TABLE subscription ADD COLUMN feedback BOOLEAN NOT NULL DEFAULT 0")
    opinion_tables.opinion.create(connection)
    opinion_tables.taste.create(connection)


def _add_visits(connection: Connection) -> None:
    for table in (visit_tables.paper_link, visit_tables.visit, visit_tables.host_wait):
        table.create(connection, checkfirst=True)
    paper_links.file_the_rest(connection)


def _add_sentences(connection: Connection) -> None:
    sentence_tables.sentence.create(connection)
    connection.exec_driver_sql("ALTER TABLE edition ADD COLUMN behind JSON")


def _part_indexes(connection: Connection) -> None:
    for name in ("match_open", "ix_match_edition_id", "ix_paper_update_edition_id"):
        connection.exec_driver_sql(f"DROP INDEX IF EXISTS {name}")
    for index in (*schema.match.indexes, *schema.paper_update.indexes):
        index.create(connection, checkfirst=True)


STEPS: Final[Sequence[Step]] = (
    Step(1, "first tables", _create_all),
    Step(2, "sources and their runs", _add_sources),
    Step(3, "when each subscription is looked at next", _add_timetable),
    Step(4, "updates of papers", _add_updates),
    Step(5, "what papers are filed under", _add_filing),
    Step(6, "clauses as they were typed", _add_typed),
    Step(7, "bounces and suppressed addresses", _add_bounces),
    Step(8, "rates of relays and domains", _add_rates),
    Step(9, "opinions on papers, and what is learned from them", _add_taste),
    Step(10, "visits to links", _add_visits),
    Step(11, "sentences by a model, and what stands behind an edition", _add_sentences),
    Step(12, "indexes of what is open and of what is not", _part_indexes),
)
"""All steps. The first stands for the schema as it is now; each later one changes what older ledgers have."""


def migrate(connection: Connection, now: datetime, steps: Sequence[Step] = STEPS) -> None:
    """Bring the schema to the newest step. Raises UnusableLedgerError without having changed anything."""
    applied, newest = applied_step(connection), steps[-1].number
    if applied > newest:
        advice = "use the newer program, or restore a back-up made by this one"
        raise UnusableLedgerError(f"written by a newer digestbot (schema {applied}, known {newest}); {advice}")
    pending = [step for step in steps if step.number > applied]
    # The first step makes the newest form, so an empty database needs no other.
    for step in pending if applied else steps[:1]:
        step.apply(connection)
    for step in pending:
        connection.execute(insert(schema.migration).values(number=step.number, name=step.name, applied_at=now))


def applied_step(connection: Connection) -> int:
    """Return the number of the newest step that was applied; 0 for an empty database.

    Raises UnusableLedgerError when the database is another program's.
    """
    tables = inspect(connection).get_table_names()
    if not tables:
        return 0
    if schema.migration.name not in tables:
        advice = "name another file as the ledger"
        raise UnusableLedgerError(f"this is another program's database (it has a table {tables[0]}); {advice}")
    return max(connection.scalars(select(schema.migration.c.number)), default=0)
