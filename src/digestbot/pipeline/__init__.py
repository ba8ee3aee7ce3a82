"""The three steps. Each can be run alone, repeated and killed at any moment; none asks the clock but `deliver`.

::

    ingest    source ─fetch→ digest ─read→ papers ─unseen→ match         one transaction a digest
    publish   due subscription ─open matches→ edition ─render→ outbox    each edition whole or not at all
    deliver   outbox ─claim→ hand over ─→ outcome                        one message a connection

What one step leaves in the ledger is all that the next one knows. The process that runs them owns the ledger
(``Ledger.open(url, owner=True)``). Each returns a report and raises LedgerError when the ledger itself fails;
what is wrong with one digest, one subscription or one message is in the report and stops no other.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType

from digestbot.errors import ReadError
from digestbot.ledger import Ledger, bounces, subscriptions
from digestbot.ledger.subscriptions import Changes
from digestbot.models import Reading, Subscription
from digestbot.pipeline.carriers import OpenChannel
from digestbot.pipeline.delivering import deliver
from digestbot.pipeline.fetching import Fetching
from digestbot.pipeline.garbage import collecting_rarely
from digestbot.pipeline.ingesting import Digest, DigestReport, IngestReport, digest_of, ingest
from digestbot.pipeline.matchmaking import BACKLOG, Trouble, backfill
from digestbot.pipeline.printers import Printers
from digestbot.pipeline.publishing import Issue, PublishReport, preview, publish
from digestbot.pipeline.rendering import Press
from digestbot.pipeline.terms import Clock, DeliverReport, Delivery, Terms

__all__ = [
    "BACKLOG",
    "Clock",
    "DeliverReport",
    "Delivery",
    "Digest",
    "DigestReport",
    "Fetching",
    "IngestReport",
    "Issue",
    "OpenChannel",
    "Press",
    "Printers",
    "PublishReport",
    "Round",
    "Terms",
    "Trouble",
    "backfill",
    "collecting_rarely",
    "deliver",
    "digest_of",
    "ingest",
    "preview",
    "publish",
    "run",
    "subscribe",
]


@dataclass(frozen=True, slots=True)
class Round:
    """What became of all three steps."""

    ingested: IngestReport
    published: PublishReport
    delivered: DeliverReport

    @property
    def failed(self) -> bool:
        """Whether something has to be looked at."""
        return self.ingested.failed or self.published.failed or self.delivered.failed


def subscribe(
    ledger: Ledger,
    declared: Sequence[Subscription],
    now: datetime,
    keep: Collection[str] = (),
    macros: Mapping[str, str] = MappingProxyType({}),
) -> Changes:
    """Make the ledger agree with the subscription files.

    `keep` are the files that could not be read whole; `macros` are the named queries of all files.
    """
    with ledger.write() as tx:
        changes = subscriptions.sync(tx, declared, now, keep, macros)
        bounces.hold(tx, now)  # an address that is dead is dead under every name
        return changes


def run(
    ledger: Ledger,
    digests: Iterable[Digest | Reading | ReadError],
    press: Press,
    open_channel: OpenChannel,
    clock: Clock,
) -> Round:
    """Do the three steps once. What is due is decided by the clock as it stands at the beginning."""
    now = clock()
    ingested = ingest(ledger, digests, now)
    published = publish(ledger, press, now)
    return Round(ingested, published, deliver(ledger, open_channel, clock))
