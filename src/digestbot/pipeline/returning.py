"""Mails that came back into the ledger: each read once, and what it proves acted on.

It stands before `publish`, so that nobody gets another edition at an address that is known to be dead.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from digestbot.bounces import Report, read_report
from digestbot.declared import Source
from digestbot.errors import FetchError
from digestbot.ledger import Ledger, Transaction, bounces, runs
from digestbot.ledger.bounces import Taken, Terms
from digestbot.pipeline.fetching import asked_of
from digestbot.sources.items import Fetched, Item, Notice, Open, Unread


@dataclass(frozen=True, slots=True)
class Returned:
    """One mail, what it says, and what was made of it."""

    name: str
    report: Report
    taken: tuple[Taken, ...] = ()


@dataclass(frozen=True, slots=True)
class ReturnReport:
    """What came back in one round."""

    mails: tuple[Returned, ...] = ()
    refused: tuple[Taken, ...] = ()
    """What servers had refused at the door and is counted now."""
    troubles: tuple[str, ...] = ()
    """What could not be read."""

    @property
    def suppressed(self) -> int:
        """How many addresses get nothing from now on."""
        return sum(bool(taken.suppressed) for mail in self.mails for taken in mail.taken) + sum(
            bool(taken.suppressed) for taken in self.refused
        )


def take_mail(tx: Transaction, name: str, data: bytes, terms: Terms) -> Returned:
    """Read one mail and write down what it says."""
    report = read_report(data, tx.instance.domain)
    return Returned(name, report, tuple(bounces.take(tx, report, data, terms)))


def take_back(
    ledger: Ledger,
    source: Source | None,
    fetch: Open | None,
    terms: Terms,
    stop: Callable[[], bool] = lambda: False,
) -> ReturnReport:
    """Count what was refused, then read what came into the mailbox since the last time. Raises LedgerError."""
    with ledger.write() as tx:
        refused = tuple(bounces.learn(tx, terms))
    if source is None or fetch is None:
        return ReturnReport((), refused)
    mails: list[Returned] = []
    troubles: list[str] = []
    try:
        for item in _items(ledger, source, fetch, terms):
            if stop():
                break
            if isinstance(item, Fetched):
                mails.append(_kept(ledger, source, item, terms))
            elif isinstance(item, Unread):
                troubles.append(f"{item.name} {item.reason}")
                _remember(ledger, source, item, terms)
            elif isinstance(item, Notice):
                troubles.append(item.reason)
            else:
                _remember(ledger, source, item, terms)
    except FetchError as error:
        troubles.append(f"{source.name}: {error.message}")
    return ReturnReport(tuple(mails), refused, tuple(troubles))


def _items(ledger: Ledger, source: Source, fetch: Open, terms: Terms) -> Iterator[Item]:
    with ledger.read() as tx:
        memory = runs.recall(tx, source.name, asked_of(source), terms.now)
    yield from fetch(source, memory.state, terms.now)


def _kept(ledger: Ledger, source: Source, item: Fetched, terms: Terms) -> Returned:
    """Take one mail and the mark that it was read, together."""
    with ledger.write() as tx:
        _mark(tx, source, item, terms)
        return take_mail(tx, item.name, item.data, terms)


def _remember(ledger: Ledger, source: Source, item: Item, terms: Terms) -> None:
    with ledger.write() as tx:
        _mark(tx, source, item, terms)


def _mark(tx: Transaction, source: Source, item: Item, terms: Terms) -> None:
    values = getattr(item, "remember", None) or getattr(item, "values", {})
    memory = runs.recall(tx, source.name, asked_of(source), terms.now)
    state = {key: value for key, value in {**memory.state, **values}.items() if value is not None}
    runs.remember(tx, source.name, asked_of(source), replace(memory, state=state, asked_at=terms.now))
