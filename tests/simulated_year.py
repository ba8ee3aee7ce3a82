"""A year of rounds in some minutes: crashes, sleeps, clocks that jump, rounds that overlap; then the books are audited.

Every paper that a subscription asked for has to be in exactly one edition, made in the first round that could make it,
and every edition has to arrive once. The clock is an argument, so nothing waits; the ledger is a real file, a crash
ends the round in hand at a random statement and everything is opened again.
``python tests/simulated_year.py --seed 7`` prints its seed and what it counted.
"""

import argparse
import random
import sys
import tempfile
import threading
from collections import Counter
from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Any, ClassVar, Self
from zoneinfo import ZoneInfo, available_timezones

from sqlalchemy import event, select

from digestbot.errors import LedgerError
from digestbot.ledger import Ledger, matches, overview, subscriptions
from digestbot.ledger.schema import card, edition, message, paper
from digestbot.models import Message, Paper, Reading, Subscription
from digestbot.pipeline import Press, Terms, deliver, ingest, publish
from digestbot.rendering import Renderer
from digestbot.schedules import parse_schedule

BEGIN = datetime(2027, 1, 1, tzinfo=UTC)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
TOPICS = [f"topic{chr(97 + n)}" for n in range(20)]
SCHEDULES = [
    *["daily 08:00"] * 6,
    *["weekdays 07:30"] * 4,
    *["weekly mon 08:00"] * 3,
    *["monthly 1 06:00", "monthly last 22:00", "daily 02:30", "daily 00:00"],
    *["15 6,18 * * *", "0 9 * * tue,thu", "instant"],
]


class KilledError(BaseException):
    """The end of a round in the middle of a statement."""


class Postbox:
    """A channel that takes everything, and remembers by key what it took."""

    accepts: ClassVar[Collection[str]] = ("message/rfc822",)

    def __init__(self, taken: Counter[str]) -> None:
        self._taken = taken

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """Nothing is kept open."""

    def deliver(self, item: Message) -> str:
        self._taken[item.key] += 1
        return "250 ok"


@dataclass(slots=True)
class World:
    """The time as it passes, the clock that shows it, and all that happened."""

    dice: random.Random
    folder: Path
    trouble: float = 1
    """How often something goes wrong, against the usual."""
    time: datetime = BEGIN
    astray: timedelta = timedelta()
    """How far the clock is off."""
    rounds: list[datetime] = field(default_factory=list)
    """What the clock showed in each round that ended well."""
    highest: list[datetime] = field(default_factory=list)
    """The latest that it had shown by then."""
    arrived: dict[str, tuple[int, datetime]] = field(default_factory=dict)
    """Of each paper: how many rounds had ended before it came, and what the clock showed."""
    taken: Counter[str] = field(default_factory=Counter)
    faults: Counter[str] = field(default_factory=Counter)
    papers: int = 0

    def clock(self) -> datetime:
        """Return what the clock shows."""
        return self.time + self.astray

    def uptime(self) -> float:
        """Return the seconds since the machine was started, which nobody can set."""
        return (self.time - BEGIN).total_seconds()

    def pass_time(self) -> None:
        """Let a quarter of an hour pass; now and then the machine sleeps, or its clock is set."""
        self.time += timedelta(minutes=15, seconds=self.dice.randrange(-60, 60))
        chance = self.dice.random() / self.trouble
        if chance < 0.002:
            self.faults["sleeps"] += 1
            self.time += HOUR * self.dice.choice([3, 9, 20, 60])
        elif chance < 0.004:
            self.faults["clocks set"] += 1
            self.astray = HOUR * self.dice.uniform(-2, 2) if not self.astray else timedelta()

    def note(self) -> None:
        """Write down that a round ended well."""
        self.rounds.append(self.clock())
        self.highest.append(max((self.rounds[-1], *self.highest[-1:])))

    def news(self) -> Reading:
        """Return a digest with a few papers, each about one or two topics."""
        papers = []
        for _ in range(self.dice.randint(1, 6)):
            self.papers += 1
            words = " ".join(self.dice.sample(TOPICS, self.dice.randint(1, 2)))
            papers.append(Paper(f"Paper {self.papers} on {words}", f"doi:10.1000/{self.papers}"))
        return Reading(f"digest {self.papers}", "test", tuple(papers))


def everyone(count: int, dice: random.Random) -> list[Subscription]:
    """Return subscriptions of people all over the world."""
    zones = sorted(available_timezones())
    return [
        Subscription(
            f"s{n}",
            f"s{n}",
            " OR ".join(dice.sample(TOPICS, dice.randint(1, 3))),
            "email",
            f"s{n}@example.org",
            dice.choice(SCHEDULES),
            dice.choice(zones),
            limit=1000,
            catch_up=dice.choice(["merge", "merge", "merge", "skip"]),
            quiet="",
            max_per_day=0,
        )
        for n in range(count)
    ]


def opened(world: World) -> Ledger:
    # A crash here is the end of a round, not of the machine, so no commit has to wait for the disk.
    return Ledger.open(str(world.folder / "ledger.db"), domain="digests.example.org", durable=False)


def killing(ledger: Ledger, after: int) -> None:
    """Let the statement with this number be the last one."""
    left = after

    def count(*_: Any) -> None:
        nonlocal left
        left -= 1
        if left == 0:
            raise KilledError

    event.listen(ledger._engine, "before_cursor_execute", count)


def one_round(world: World, press: Press, ledger: Ledger, digests: list[Reading]) -> None:
    now = world.clock()
    if digests:  # without news, all that this would do is to read the queries
        ingest(ledger, digests, now)
    publish(ledger, press, now)
    deliver(ledger, lambda _: Postbox(world.taken), world.clock, Terms(uptime=world.uptime))


def turn(world: World, press: Press, ledger: Ledger) -> Ledger:
    """Let some time pass and do a round: whole, killed in the middle, or two at the same time."""
    world.pass_time()
    digests = [world.news()] if world.dice.random() < 0.04 else []
    for item in digests:
        world.arrived |= {each.id: (len(world.rounds), world.clock()) for each in item.papers}
    chance = world.dice.random()
    if chance < 0.01 * world.trouble:
        world.faults["crashes"] += 1
        killing(ledger, world.dice.randint(1, 150))
        with suppress(KilledError):
            one_round(world, press, ledger, digests)
        ledger.close()
        ledger = opened(world)
    elif chance > 1 - 0.01 * world.trouble:
        world.faults["overlaps"] += 1
        overlapping(world, press, digests)
    one_round(world, press, ledger, digests)
    world.note()
    return ledger


def overlapping(world: World, press: Press, digests: list[Reading]) -> None:
    """Do two rounds at once, each with a ledger of its own."""

    def work() -> None:
        # The two meet: one of them may be told that the other is writing.
        with opened(world) as ledger, suppress(LedgerError):
            one_round(world, press, ledger, digests)

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


@dataclass(slots=True)
class Books:
    """What the audit found."""

    editions: int
    papers: int
    missed: list[str]
    doubled: list[str]
    late: list[str]
    in_doubt: int
    """Messages that were being handed over in a crash: each went out once more, with the same Message-ID."""

    @property
    def right(self) -> bool:
        return not (self.missed or self.doubled or self.late)


def waiting(ledger: Ledger) -> bool:
    with ledger.read() as tx:
        return bool(matches.open_counts(tx) or overview.counts(tx).keys() - {"sent"})


def audit(world: World, ledger: Ledger, who: list[Subscription]) -> Books:
    """Hold what arrived against what was asked for."""
    with ledger.read() as tx:
        cards = tx.connection.execute(
            select(edition.c.subscription_id, paper.c.canonical, edition.c.created_at, edition.c.due_at)
            .select_from(card)
            .join(edition)
            .join(paper, paper.c.id == card.c.paper_id)
        ).all()
        sent = {row.key: row.resent for row in tx.connection.execute(select(message).where(message.c.state == "sent"))}
        data = {row.canonical: row.data["title"] for row in tx.connection.execute(select(paper))}
    shown = Counter((row.subscription_id, row.canonical) for row in cards)
    wanted = {
        (item.id, name)
        for item in who
        for name, title in data.items()
        if any(topic in title.split() for topic in item.query.split(" OR "))
    }
    made = {(row.subscription_id, row.canonical): (row.created_at, row.due_at) for row in cards}
    known = {item.id: item for item in who}
    late = [
        f"{name} {about}"
        for (name, about), (created, due) in made.items()
        if _is_late(world, known[name], about, created, due)
    ]
    return Books(
        len({(row.subscription_id, row.due_at) for row in cards}),
        len(cards),
        [f"{name} {about}" for name, about in sorted(wanted - shown.keys())]
        + [key for key in sent if not world.taken[key]],
        [str(pair) for pair, count in shown.items() if count > 1]
        + [key for key, count in world.taken.items() if key not in sent or count > 1 + sent[key]],
        late,
        sum(sent.values()),
    )


def _is_late(world: World, item: Subscription, about: str, created: datetime, due: datetime) -> bool:
    """Return whether an earlier round could have made the edition that shows a paper."""
    if item.catch_up == "skip":
        return False  # it may leave a time out, and says so
    seen, at = world.arrived[about]
    schedule, zone = parse_schedule(item.schedule), ZoneInfo(item.timezone)
    # A clock that was set back shows times again that were answered before.
    highest = max(world.highest[seen - 1], at) if seen else at
    wanted = max(schedule.next_after(at, zone), schedule.next_after(highest, zone))
    possible = next((moment for moment in islice(world.rounds, seen, None) if moment >= wanted), None)
    return possible is not None and created > possible and due > possible


def live(subscribers: int, days: int, seed: int, folder: Path, trouble: float = 1) -> tuple[World, Books]:
    """Live through so many days."""
    dice = random.Random(seed)  # noqa: S311 (no secret)
    world, who = World(dice, folder, trouble), everyone(subscribers, dice)
    for name in ("edition.html", "edition.txt", "edition.md"):
        (folder / name).write_text("{{ edition.subject }}\n", encoding="utf-8")
    press = Press(Renderer([folder]), "Digests <digests@example.org>", "")
    ledger = opened(world)
    with ledger.write() as tx:
        for item in who:
            subscriptions.put(tx, item, world.clock())
    while world.time < BEGIN + days * DAY:
        ledger = turn(world, press, ledger)
    world.astray = timedelta()
    while waiting(ledger) and world.time < BEGIN + (days + 45) * DAY:  # without news, whatever waits is due once
        world.time += 50 * MINUTE
        one_round(world, press, ledger, [])
        world.note()
    with ledger:
        return world, audit(world, ledger, who)


def main() -> int:
    """Live through a year."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--subscriptions", type=int, default=500)
    parser.add_argument("--days", type=int, default=365)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**6))
    asked = parser.parse_args()
    print(f"seed {asked.seed}")
    with tempfile.TemporaryDirectory() as folder:
        world, books = live(asked.subscriptions, asked.days, asked.seed, Path(folder))
    print(f"{len(world.rounds)} rounds, {', '.join(f'{count} {name}' for name, count in world.faults.items())}")
    print(f"{world.papers} papers, {books.editions} editions with {books.papers} cards")
    print(f"missed {len(books.missed)}, doubled {len(books.doubled)}, late {len(books.late)}")
    print(f"in doubt after a crash, and so sent once more: {books.in_doubt}")
    print(*(books.missed + books.doubled + books.late)[:20], sep="\n")
    return not books.right


if __name__ == "__main__":
    sys.exit(main())
