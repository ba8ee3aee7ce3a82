"""The outbox into the world: what is left of earlier workers is settled, then a clerk and its carriers go to work."""

from typing import Final

from digestbot.errors import LedgerError
from digestbot.ledger import Ledger, outbox, relays
from digestbot.pipeline.carriers import OpenChannel
from digestbot.pipeline.clerk import Clerk
from digestbot.pipeline.retiring import retire
from digestbot.pipeline.terms import Clock, DeliverReport, Terms

_RESTORED: Final = (
    "this ledger was restored from a back-up, and what it believes to be waiting may have gone out since; decide with: "
    "digestbot outbox restored --hold (or --send, or --cancel)"
)


def deliver(ledger: Ledger, open_channel: OpenChannel, clock: Clock, terms: Terms | None = None) -> DeliverReport:
    """Hand over what is due, until nothing is or `terms.stop` says so.

    A clock, not a moment: messages come due while this runs. One `deliver` runs on an owned ledger at a time,
    so what it finds claimed belongs to a process that is gone. A message can fail; this cannot, but for
    LedgerError: the ledger was restored from a back-up, or an outcome cannot be written down, and the message
    ends in doubt and is named.
    """
    terms = terms or Terms()
    if ledger.restored():
        raise LedgerError(_RESTORED, path=ledger.path)
    with ledger.write() as tx:
        now = clock()
        found = outbox.reconcile(tx, now, terms.uptime(), alone=ledger.owned, hold=terms.hold)
        relays.declare(tx, terms.limits, now)
        relays.forget(tx, now)
        idle = not outbox.any_due(tx, now)
    if idle:
        return DeliverReport(doubtful=found.doubtful)
    ledger.new_epoch()
    clerk = Clerk(ledger, open_channel, clock, terms)
    try:
        clerk.work()
    finally:
        clerk.close()
    report = clerk.report(found.doubtful)
    retire(
        ledger, [(item.key, item.channel, item.said) for item in report.deliveries if item.state == "failed"], clock()
    )
    return report
