"""Decides which messages go next, how many at once, and when it is time to leave a relay or a domain alone.

Nothing here waits, writes or looks at a clock: what comes in are the messages at hand and what became of those
before, what goes out are choices and new standings.
"""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal

from digestbot.ledger.outbox import REPEATABLE, Claim
from digestbot.ledger.relays import MOST, START, Destination, Limits
from digestbot.pipeline.carriers import Attempt

Way = tuple[str, str]
"""A channel and a recipient's domain; with the domain ``""`` the relay itself."""
Blame = Literal["nobody", "mailbox", "domain", "relay"]

_MESSAGES_A_CONNECTION: Final = 4
"""A second connection is worth opening for more than so many messages."""
_RELAY: Final = re.compile(r"421|454|53[0458]|4\d\d[ -]4\.3\.")
"""Replies that speak of the server itself: going away, no TLS, no log-in, out of order (RFC 5321, 4954, 3463)."""
_MAILBOX: Final = re.compile(r"4\d\d[ -]4\.2\.|.*\bgr[ae]y-?list", re.IGNORECASE)
"""Replies that speak of one mailbox: full, or a greeting to strangers that passes (RFC 3463, RFC 6647)."""
_KEPT: Final = 10_000


@dataclass(frozen=True, slots=True)
class Budget:
    """How much may go wrong before a relay rests: `least` of the last `window` attempts, a `share` if that is more."""

    window: int = 1000
    least: int = 50
    share: float = 0.02
    rest: timedelta = timedelta(hours=1)

    def passed(self, recent: str) -> bool:
        """Return whether too much went wrong; `recent` has a ``-`` for each attempt that did."""
        return recent.count("-") >= max(self.least, self.share * self.window)


def blame(attempt: Attempt) -> Blame:
    """Return whose fault it is that an attempt did not end well.

    A server that says nothing at all, or that it cannot work, is to blame itself; a refusal for good is nobody's.
    """
    if attempt.state in {"sent", "failed"}:
        return "nobody"
    if not attempt.reply or _RELAY.match(attempt.reply):
        return "relay"
    return "mailbox" if _MAILBOX.match(attempt.reply) else "domain"


def way_of(claim: Claim) -> Way:
    """Return the way that a message takes."""
    return claim.channel, claim.domain


@dataclass(frozen=True, slots=True)
class Feedback:
    """What a few attempts taught."""

    changed: tuple[Destination, ...]
    paused: Mapping[str, str]
    """Channels of which too much went wrong, each with the reason."""


class Paces:
    """How the relays and the domains of one delivery behave."""

    def __init__(self, limits: Mapping[str, Limits], budget: Budget) -> None:
        self._limits, self._budget = limits, budget
        self.known: dict[Way, Destination] = {}
        self.recent: dict[str, str] = {}
        """What the last attempts on each channel ended in."""
        self.closed: set[str] = set()
        """Channels that nothing more goes to in this delivery."""
        self.troubled = False
        """Whether anything went wrong in this delivery, so that something may rest."""
        self.held: dict[str, str] = {}
        """Why messages of a channel wait that could have gone."""
        self._clean: Counter[Way] = Counter()
        """Successes since the last time that a domain got one more."""

    def limits_of(self, channel: str) -> Limits:
        """Return what a channel may be given."""
        return self._limits.get(channel, Limits())

    def standing(self, way: Way) -> Destination:
        """Return how a domain stands; at first the relay gets as many at once as it has connections."""
        if way in self.known:
            return self.known[way]
        return Destination(*way, concurrency=START if way[1] else self.limits_of(way[0]).connections)

    def heard(self, attempts: Sequence[tuple[Claim, Attempt]], now: datetime) -> Feedback:
        """Take in what became of attempts.

        Files have no relay that could be tired of us: what cannot be written says nothing of the next one.
        """
        changed: dict[Way, Destination] = {}
        paused: dict[str, str] = {}
        for claim, attempt in attempts:
            if claim.channel in REPEATABLE:
                continue
            changed.update(self._ways(claim, attempt, now))
            if reason := self._over_budget(claim.channel, attempt):
                until = f"{now + self._budget.rest:%Y-%m-%d %H:%M} UTC"
                paused[claim.channel] = reason
                self.close(claim.channel, f"{claim.channel} is paused until {until}: {reason}")
        return Feedback(tuple(changed.values()), paused)

    def close(self, channel: str, why: str) -> None:
        """Let nothing more go to a channel in this delivery."""
        self.troubled = True
        self.closed.add(channel)
        self.held[channel] = why

    def rests(self, way: Way, now: datetime) -> bool:
        """Return whether a domain, or the relay before it, is to be left alone."""
        ends = (self.standing(item).not_before for item in (way, (way[0], "")))
        return way[0] in self.closed or any(end is not None and end > now for end in ends)

    def room(self, channel: str, *, waiting: int, opened: int, busy: int) -> int:
        """Return how many more messages a channel may have under way.

        `opened` are its connections so far: another one has to be worth its while.
        """
        most = min(self.limits_of(channel).connections, self.standing((channel, "")).concurrency)
        worth = max(opened, 1 + (waiting + busy) // _MESSAGES_A_CONNECTION)
        return max(0, min(most, worth) - busy)

    def _ways(self, claim: Claim, attempt: Attempt, now: datetime) -> dict[Way, Destination]:
        """Return the standings that an attempt changed: the relay's, and the domain's unless the relay is to blame."""
        fault, changed = blame(attempt), {}
        ways = {(claim.channel, ""): fault == "relay"}
        if claim.domain and fault != "relay":
            ways[way_of(claim)] = fault == "domain"
        for way, bad in ways.items():
            before = self.standing(way)
            after = self._worse(before, now) if bad else self._better(before)
            self.known[way] = after
            if after is not before:
                changed[way] = after
            if bad and not way[1] and after.not_before != before.not_before:
                said = attempt.reply or attempt.reason
                self.held[way[0]] = f"{way[0]} is left alone until {after.not_before:%H:%M:%S} UTC: {said}"
        return changed

    def _worse(self, before: Destination, now: datetime) -> Destination:
        self.troubled = True
        self._clean.pop((before.channel, before.domain), None)
        return before.failed(now)

    def _better(self, before: Destination) -> Destination:
        way = (before.channel, before.domain)
        if len(self._clean) > _KEPT:
            self._clean.clear()
        self._clean[way] += 1
        cohort = self._clean[way] >= before.concurrency
        if cohort:
            del self._clean[way]
        return before.took(cohort=cohort, most=MOST if way[1] else self.limits_of(way[0]).connections)

    def _over_budget(self, channel: str, attempt: Attempt) -> str:
        """Count an attempt; return why it is enough, or nothing. A relay's own failure is no message's."""
        recent, well = self.recent.get(channel, ""), attempt.state == "sent"
        if well or blame(attempt) != "relay":
            recent = (recent + ("+" if well else "-"))[-self._budget.window :]
        passed = self._budget.passed(recent)
        self.recent[channel] = "" if passed else recent
        if not passed:
            return ""
        said = f"{recent.count('-')} of the last {len(recent)} messages failed or were put off"
        return f"{said}; the last: {attempt.reply or attempt.reason}"


def usable(stock: Sequence[Claim], flying: Counter[Way], paces: Paces, most: int) -> int:
    """Return how many of the messages could go if there were connections for all; counts no further than `most`."""
    total, seen = 0, Counter(flying)
    for item in stock:
        if total >= most:
            break
        way = way_of(item)
        total += not way[1] or seen[way] < paces.standing(way).concurrency
        seen[way] += 1
    return total


def choose(stock: Sequence[Claim], room: Mapping[str, int], flying: Counter[Way], paces: Paces) -> list[Claim]:
    """Return which messages go next: those first whose domain has the fewest under way.

    So a slow one fills no carrier that another could use.
    """
    left, seen = {name: count for name, count in room.items() if count}, Counter(flying)
    chosen: list[Claim] = []
    later: dict[int, list[Claim]] = {}
    for item in stock:
        if not left:
            return chosen
        way = way_of(item)
        rank = seen[way]
        seen[way] += 1
        if rank:
            later.setdefault(rank, []).append(item)
        else:
            _take(item, left, chosen)
    for rank in sorted(later):
        for item in later[rank]:
            if not item.domain or rank < paces.standing(way_of(item)).concurrency:
                _take(item, left, chosen)
    return chosen


def _take(item: Claim, left: dict[str, int], chosen: list[Claim]) -> None:
    """Take a message if there is room for it on its channel; what is full falls out of `left`."""
    if item.channel in left:
        chosen.append(item)
        left[item.channel] -= 1
        if not left[item.channel]:
            del left[item.channel]


def without(stock: Sequence[Claim], taken: Sequence[Claim]) -> list[Claim]:
    """Return the messages that are left."""
    rows = {item.row for item in taken}
    return [item for item in stock if item.row not in rows]
