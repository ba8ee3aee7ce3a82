"""Visits to the links of papers: beside the three steps, and only where somebody wants them.

::

    places that are due ─ask the hosts─→ what was found ─→ ledger      no transaction is open while a host is asked
                                          ├ code has come ─→ one more record of the paper ─ingest→ matches, updates
                                          └ other stars ─→ matches of those who ask for stars

Code that has come goes the way of everything else that becomes of a paper: it is read as one more record of it. It is
ingested before the visit is written down: a run that is killed in between does it again, and nothing is doubled.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final

from digestbot.enrichment import Asking, LimitedError, SpentError, arrival, look, target_of
from digestbot.ledger import Ledger, visits
from digestbot.ledger.paper_links import PROMISE
from digestbot.ledger.subscriptions import Standing
from digestbot.ledger.visits import DueVisit
from digestbot.links import is_code_link, kind_of, link_key
from digestbot.models import Link, Reading
from digestbot.pipeline.ingesting import ingest
from digestbot.pipeline.matchmaking import fans, rematch
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
        turn = _Round(ledger, fans(tx), now)
    left: dict[str, None] = {}
    for item in due:
        if stop():
            break
        try:
            found, link = _found(asking, item)
        except SpentError:
            break
        except LimitedError as error:
            left[error.host] = None
            turn.leave(error)
            continue
        if found.state == "unknown" and stop():  # it was us who broke off
            break
        turn.write(item, found, link, asking.answers)
    return VisitReport(tuple(turn.visited), tuple(left), turn.matches)


class _Round:
    """What one round writes down, a place at a time."""

    def __init__(self, ledger: Ledger, asking_stars: Sequence[Standing], now: datetime) -> None:
        self._ledger, self._asking_stars, self._now = ledger, asking_stars, now
        self.visited: list[Visited] = []
        self.matches = 0

    def write(self, item: DueVisit, found: Visit, link: Link | None, answers: Mapping[str, Any]) -> None:
        """Write down what was found at a place; `link` is what to tell of in case that code has come there."""
        now, known = self._now, after(item.before, found, self._now)
        has_come = link is not None and (arrived(item.before, known) or not item.url)
        with self._ledger.read() as tx:
            rows = visits.papers_at(tx, item.key)
        if link and has_come:
            self.matches += _bring(self._ledger, rows, link, now)
        with self._ledger.write() as tx:
            visits.put(tx, item.key, known, answers, next_visit(known, now))
            if known.stars != (item.before.stars if item.before else None):
                self.matches += rematch(tx, self._asking_stars, rows, now)
        place = item.url or item.key.removeprefix(PROMISE)
        said = words(known, item.paper, now) if item.url else "" if link is None else link.url
        self.visited.append(Visited(place, found.state, said or found.reason, has_come))

    def leave(self, error: LimitedError) -> None:
        """Write down for how long a host wants to be left alone, where it said so."""
        if error.seconds:
            with self._ledger.write() as tx:
                visits.leave(tx, error.host, self._now + timedelta(seconds=error.seconds))


def _found(asking: Asking, item: DueVisit) -> tuple[Visit, Link | None]:
    """Visit one place; return what is found, and the link to tell of in case that code has come there."""
    asking.begin(item.answers)
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
