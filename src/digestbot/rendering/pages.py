"""What templates see of an edition: its cards, and what stands behind it."""

from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache

from digestbot.models import Edition, Paper, Proof, SourceState
from digestbot.rendering.clicks import Address, paper_address
from digestbot.rendering.notes import Note
from digestbot.rendering.updates import UpdateView, update_view
from digestbot.rendering.views import CardView, card_view, counted, readable

_FAULTS = 12
_BAR = 36
"""How high the highest bar of the chart is."""
# In English whatever the locale of the machine is.
_MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


@dataclass(frozen=True, slots=True)
class FaultView:
    """A source that did not do well."""

    name: str
    verdict: str
    reason: str


@dataclass(frozen=True, slots=True)
class ProofView:
    """What was read for the edition."""

    facts: tuple[str, ...]
    """``5 digests read``, ``413 papers seen``, ``3 matched``."""
    newest: str
    newest_url: Address
    newest_age: str
    """``7 hours before this edition was due``; empty when nobody knows."""
    faults: tuple[FaultView, ...]
    more_faults: int


@dataclass(frozen=True, slots=True)
class WeekView:
    """One bar of the chart."""

    begins: str
    """Its Monday: ``3 March``."""
    papers: int
    short: str
    """The papers in three characters: ``12``, ``3k``."""
    height: int
    """Of 36 for the week with the most papers: pixels in the mail."""


@dataclass(frozen=True, slots=True)
class EditionView:
    """An edition as templates see it."""

    title: str
    subject: str
    count: str
    """``3 papers``, ``3 papers, 2 updates``"""
    date: str
    """``Tuesday, 11 March 2025, 08:00 CET``"""
    due: datetime
    query: str
    note: Note
    cards: tuple[CardView, ...]
    lines: tuple[CardView, ...]
    more: int
    updates: tuple[UpdateView, ...]
    """Papers of former editions of which there is news."""
    more_updates: int
    empty: str
    """Why there is nothing; empty when there is something."""
    weeks: tuple[WeekView, ...]
    """The last weeks of the topic, oldest first, the edition's own last; none when there is little to tell."""
    proof: ProofView
    unsubscribe_url: Address = field(default_factory=Address)
    feed_url: Address = field(default_factory=Address)
    """Where the same papers can be read whole; empty where no feed is served, and in forms that are shown to others."""
    page_url: Address = field(default_factory=Address)
    """The page on which this edition can be read whole; empty where none is served, and on that page."""


def edition_view(edition: Edition) -> EditionView:
    """Return the edition as templates see it, without the addresses that only its subscriber may know."""
    total = len(edition.cards) + len(edition.lines) + edition.more
    news = len(edition.updates) + edition.more_updates
    counts = [counted(total, "paper")] * bool(total or not news) + [counted(news, "update")] * bool(news)
    return EditionView(
        title=readable(edition.subscription.name, 120) or edition.subscription.id,
        subject=readable(edition.subject, 200),
        count=", ".join(counts),
        date=spoken(edition.due),
        due=edition.due,
        query=readable(edition.subscription.query, 1000),
        note=Note(edition.subscription.note),
        cards=tuple(card_view(card) for card in edition.cards),
        lines=tuple(card_view(card) for card in edition.lines),
        more=edition.more,
        updates=tuple(update_view(item) for item in edition.updates),
        more_updates=edition.more_updates,
        empty="" if total or news else _why_empty(edition.proof),
        weeks=_weeks(edition),
        proof=_proof(edition.proof, edition.due),
    )


def _weeks(edition: Edition) -> tuple[WeekView, ...]:
    """Return the weeks as bars, this edition's papers added to the last of them."""
    if not edition.weeks:
        return ()
    papers = [week.papers for week in edition.weeks]
    papers[-1] += len(edition.cards) + len(edition.lines)
    most = max(*papers, 1)
    return tuple(
        WeekView(f"{week.monday.day} {_MONTHS[week.monday.month - 1]}", count, _short(count), -(-_BAR * count // most))
        for week, count in zip(edition.weeks, papers, strict=True)
    )


def _short(count: int) -> str:
    return str(count) if count < 1000 else f"{min(count // 1000, 99)}k"


def spoken(moment: datetime) -> str:
    """Return a moment as people write it: ``Tuesday, 11 March 2025, 08:00 CET``."""
    day = f"{_DAYS[moment.weekday()]}, {moment.day} {_MONTHS[moment.month - 1]} {moment.year}"
    return f"{day}, {moment:%H:%M} {moment.tzname() or ''}".rstrip()


@lru_cache(maxsize=64)  # most subscriptions ask for the same time
def _proof(proof: Proof, due: datetime) -> ProofView:
    return ProofView(
        facts=(
            f"{counted(proof.digests, 'digest')} read",
            f"{counted(proof.papers, 'paper')} seen",
            f"{proof.matched:,} matched",
        ),
        newest=readable(proof.newest, 120),
        newest_url=paper_address(Paper(title="", id=proof.newest)),
        newest_age="" if proof.newest_seen is None else _age(proof.newest_seen, due),
        faults=tuple(_fault(state) for state in proof.faults[:_FAULTS]),
        more_faults=max(0, len(proof.faults) - _FAULTS),
    )


def _fault(state: SourceState) -> FaultView:
    return FaultView(readable(state.name, 120), state.verdict, readable(state.reason, 300))


def _age(seen: datetime, due: datetime) -> str:
    """Return how long before the edition was due a paper was first read, in its largest unit."""
    seconds = (due - seen).total_seconds()
    if seconds < 0:
        return "after this edition was due"
    for noun, size in (("day", 86400), ("hour", 3600), ("minute", 60)):
        if seconds >= size:
            return f"{counted(int(seconds // size), noun)} before this edition was due"
    return "just before this edition was due"


def _why_empty(proof: Proof) -> str:
    """Return the reason in one sentence, as far as the numbers tell it."""
    if not proof.digests:
        return "No digest was read since the last edition."
    read = f"{counted(proof.digests, 'digest')} {'was' if proof.digests == 1 else 'were'} read"
    if not proof.papers:
        return f"{read}, and no new paper was found."
    if not proof.matched:
        return f"{read} with {counted(proof.papers, 'paper')}, and none of them matches your query."
    return f"{read}, and you have seen every paper that matches."
