"""Makes a ledger look as it did before a change of the schema, to see that it is brought forward again."""

from collections.abc import Mapping, Sequence
from contextlib import closing
from pathlib import Path
from sqlite3 import connect

UNDO: Mapping[int, Sequence[str]] = {
    2: ("DROP TABLE source_run", "DROP TABLE source_state", "ALTER TABLE digest DROP COLUMN fetched_from"),
    3: (
        "DROP TABLE job",
        "DROP INDEX subscription_next",
        "DROP INDEX subscription_unmatched",
        *(f"ALTER TABLE subscription DROP COLUMN {name}" for name in ("next_look", "quiet", "max_per_day", "catch_up")),
    ),
    4: (
        "DROP TABLE paper_update",
        "ALTER TABLE paper DROP COLUMN facts",
        "ALTER TABLE card DROP COLUMN told",
        "ALTER TABLE subscription DROP COLUMN updates",
    ),
    5: ("DROP TABLE paper_vocabulary", "DROP TABLE paper_words", "DROP TABLE filing"),
    6: ("ALTER TABLE subscription DROP COLUMN typed",),
    7: ("DROP INDEX message_failed", "DROP TABLE suppression", "DROP TABLE bounce"),
    8: (
        "DROP TABLE relay_slot",
        "DROP TABLE relay",
        "DROP TABLE destination",
        "ALTER TABLE message DROP COLUMN domain",
    ),
    9: ("DROP TABLE opinion", "DROP TABLE taste", "ALTER TABLE subscription DROP COLUMN feedback"),
    10: ("DROP TABLE paper_link", "DROP TABLE visit", "DROP TABLE host_wait"),
    11: ("DROP TABLE sentence", "ALTER TABLE edition DROP COLUMN behind"),
    12: (
        "DROP INDEX match_open",
        "DROP INDEX match_edition",
        "DROP INDEX paper_update_edition",
        'CREATE INDEX match_open ON "match" (subscription_id) WHERE edition_id IS NULL',
        'CREATE INDEX ix_match_edition_id ON "match" (edition_id)',
        "CREATE INDEX ix_paper_update_edition_id ON paper_update (edition_id)",
    ),
}
"""What takes back each step of the migrations."""


def rewind(path: Path, step: int) -> None:
    """Take the ledger in a file back to where it was after a step."""
    with closing(connect(path)) as connection, connection:
        for number in sorted(UNDO, reverse=True):
            if number > step:
                for statement in UNDO[number]:
                    connection.execute(statement)
        connection.execute("DELETE FROM migration WHERE number > ?", [step])
