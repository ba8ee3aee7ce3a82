"""Visits to the links of papers: beside the three steps, and only where somebody wants them.

::

    places that are due ─ask the hosts─→ what was found ─→ ledger      no transaction is open while a host is asked
                                          ├ code has come ─→ one more record of the paper ─ingest→ matches, updates
                                          └ other stars ─→ matches of those who ask for stars

Code that has come goes the way of everything else that becomes of a paper: it is read as one more record of it. It is
ingested before the visit is written down: a run that is killed in between does it again, and nothing is doubled.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from digestbot.enrichment import Asking, LimitedError, SpentError, arrival, look, target_of
from digestbot.ledger import Ledger, visits
from digestbot.ledger.paper_links import PROMISE
from digestbot.ledger.visits import DueVisit
from digestbot.links import is_code_link, kind_of, link_key
from digestbot.models import Link, Reading
from digestbot.pipeline.ingesting import ingest
from digestbot.pipeline.matchmaking import rematch
from digestbot.visits import Visit, after, arrived, next_visit, words

_MOST: Final = 200
"""Places of one round at most."""

Begin = Callable[[Collection[str]], Asking]
"""Returns what asks in one round; given the hosts that want to be left alone."""


@dataclass(frozen=True, slots=True)
class Visited:
    """One visit: to a link, or for a promise to a paper's id, and what it found in a few words."""

    place: str
    state: str
    found: str
    arrived: bool = False


@dataclass(frozen=True, slots=True)
class VisitReport:
    """What a round of visits found, and whom it left alone."""

    visited: tuple[Visited, ...] = ()
    left_alone: tuple[str, ...] = ()
    """Hosts that had enough of us, or did not answer."""
    matches: int = 0
    """How many promises to subscriptions it brought."""


def visit(ledger: Ledger, begin: Begin, now: datetime, stop: Callable[[], bool] = lambda: False) -> VisitReport:
    """Visit what is due, as far as the requests of one round go. Raises LedgerError."""
    with ledger.read() as tx:
        due = visits.due(tx, now, _MOST)
        asking = begin(visits.waits(tx, now))
    found: list[Visited] = []
    left: dict[str, None] = {}
    brought = 0
    for item in due:
        if stop():
            break
        try:
            one, matched = _visit(ledger, asking, item, now, stop)
        except SpentError:
            break
        except LimitedError as error:
            left[error.host] = None
            if error.seconds:
                with ledger.write() as tx:
                    visits.leave(tx, error.host, now + timedelta(seconds=error.seconds))
            continue
        found.append(one)
        brought += matched
    return VisitReport(tuple(found), tuple(left), brought)


def _visit(
    ledger: Ledger, asking: Asking, item: DueVisit, now: datetime, stop: Callable[[], bool]
) -> tuple[Visited, int]:
    """Visit one place; return what was found, and how many promises to subscriptions that brought."""
    asking.begin(item.answers)
    found, link = _found(asking, item)
    if found.state == "unknown" and stop():  # it was us who broke off
        raise SpentError
    known = after(item.before, found, now)
    has_come = link is not None and (arrived(item.before, known) or not item.url)
    with ledger.read() as tx:
        rows = visits.papers_at(tx, item.key)
    matched = _bring(ledger, rows, link, now) if link and has_come else 0
    with ledger.write() as tx:
        visits.put(tx, item.key, known, asking.answers, next_visit(known, now))
    if known.stars != (item.before.stars if item.before else None):
        matched += rematch(ledger, rows, now)
    place = item.url or item.key.removeprefix(PROMISE)
    said = words(known, item.paper, now) if item.url else "" if link is None else link.url
    return Visited(place, found.state, said or found.reason, has_come), matched


def _found(asking: Asking, item: DueVisit) -> tuple[Visit, Link | None]:
    """Return what a visit finds, and the link to tell of in case that code has come there."""
    if not item.url:
        link = arrival(item.paper, asking)
        return Visit("", "alive" if link else "coming"), link
    target = target_of(item.url)
    if target is None:
        return Visit(item.url, reason="nobody can visit it"), None
    found = replace(look(target, asking), url=item.url)
    is_code = any(is_code_link(link) for link in item.paper.links if link_key(link.url) == item.key)
    return found, Link(item.url, kind_of(item.url), "", "visit", "") if is_code else None


def _bring(ledger: Ledger, rows: Collection[int], link: Link, now: datetime) -> int:
    """Take code that has come in, as a record of each of the papers; return how many promises that brought."""
    with ledger.read() as tx:
        known = [record for row in rows if (record := visits.first_record(tx, row))]
    records = [replace(item, links=(link, *item.links), promises_code=False) for item in known]
    reading = Reading(f"visit to {link.url}", "visit", tuple(records))
    report = ingest(ledger, [reading], now)
    return sum(item.matches for item in report.digests)
