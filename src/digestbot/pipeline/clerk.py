"""One clerk writes, several carriers hand over; a turn of the clerk is one transaction.

It holds the outcomes of all carriers that are done, new claims, and the marks of the messages that leave next. What
is not marked on the disk never leaves, so a process that dies leaves at most one message a connection in doubt.
"""

import secrets
import time
import zlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from queue import Empty, SimpleQueue
from typing import Final

from digestbot.errors import LedgerError
from digestbot.ledger import Ledger, Transaction, claiming, outbox, relays
from digestbot.ledger.claiming import Wanted
from digestbot.ledger.outbox import Claim, Lease, Outcome
from digestbot.pipeline.carriers import Attempt, Carrier, Done, OpenChannel, Task
from digestbot.pipeline.pacing import Feedback, Paces, choose, usable, way_of, without
from digestbot.pipeline.terms import Clock, DeliverReport, Delivery, State, Terms

_PAUSE: Final = 1.0
_LOOK: Final = 0.2  # seconds between two looks at `stop` while servers are slow
_TOLD: Final = 1000


@dataclass(frozen=True, slots=True)
class _Turn:
    """What one transaction came to. Nothing of it counts before the commit."""

    lost: set[int]
    stock: list[Claim]
    lease: Lease
    begin: tuple[Task, ...] = ()
    asked: bool = False
    """Whether more was claimed, or nothing was there."""
    wait: timedelta | None = None
    """After how long a relay may be given more; None when none waits for that."""


class Clerk:
    """Claims messages for its carriers, marks what leaves, and keeps what came of it."""

    def __init__(self, ledger: Ledger, open_channel: OpenChannel, clock: Clock, terms: Terms) -> None:
        self._ledger, self._open, self._clock, self._terms = ledger, open_channel, clock, terms
        self._lease = self._renewed(secrets.token_hex(8))
        self._paces = Paces(terms.limits, terms.budget)
        self._stock: list[Claim] = []
        self._carriers: list[Carrier] = []
        self._done: SimpleQueue[Done] = SimpleQueue()
        self._dry = False
        """Nothing more was due when we asked last."""
        self._told: list[Delivery] = []
        self._counts: Counter[State] = Counter()

    def work(self) -> None:
        """Hand over what is due, until nothing is or it is time to stop."""
        deadline = float("inf")
        while True:
            finished = self._finished()
            stopping = self._terms.stop() or any(item.crash for item in finished)
            if stopping:
                deadline = min(deadline, time.monotonic() + self._terms.grace)
            if not finished and self._busy():
                if time.monotonic() > deadline:
                    return
                continue
            turn = self._turn(finished, stopping=stopping)
            if not self._busy() and (stopping or not self._goes_on(turn)):
                return

    def report(self, doubtful: int) -> DeliverReport:
        """Return what came of it all."""
        return DeliverReport(tuple(self._told), dict(self._counts), doubtful, tuple(self._paces.held.values()))

    def close(self) -> None:
        """Whatever ended the work, an interrupt too: what was not begun is due again at once."""
        for carrier in self._carriers:
            carrier.end()
        try:
            with self._ledger.write() as tx:
                outbox.release(tx, self._lease.token, self._clock())
                for channel, recent in self._paces.recent.items():
                    relays.note(tx, channel, recent)
        finally:
            end = time.monotonic() + self._terms.grace
            for carrier in self._carriers:
                if carrier.task is None:  # one that still waits for a server would keep us
                    carrier.join(end - time.monotonic())

    def _goes_on(self, turn: _Turn) -> bool:
        """Return whether there is something to come back for, after having waited for it."""
        if turn.wait is not None:
            self._terms.pause(min(turn.wait.total_seconds(), _PAUSE))
            return True
        self._dry = False
        return bool(turn.stock) or not turn.asked

    def _busy(self) -> bool:
        return any(carrier.task is not None for carrier in self._carriers)

    def _renewed(self, token: str) -> Lease:
        return Lease(token, self._terms.uptime() + self._terms.lease.total_seconds())

    def _allowed(self, lease: Lease) -> bool:
        return self._terms.uptime() < lease.until

    def _finished(self) -> list[Done]:
        """Return the tasks that came to an end: waits a moment for the first, and takes those that are there."""
        found: list[Done] = []
        try:
            if self._busy():
                found.append(self._done.get(timeout=_LOOK))
                while True:
                    found.append(self._done.get_nowait())
        except Empty:
            pass
        for item in found:
            item.carrier.task = None
        return found

    def _turn(self, finished: Sequence[Done], *, stopping: bool) -> _Turn:
        """Write down what came to an end, and let the next messages go."""
        now = self._clock()
        feedback = self._paces.heard([(item.task.claim, item.attempt) for item in finished if item.attempt], now)
        write = partial(self._write, finished, feedback, now)
        try:
            with self._ledger.write() as tx:
                turn = self._next(tx, write(tx), now, stopping=stopping)
        except LedgerError:
            if not finished:
                raise
            turn = _Turn(self._until_it_holds(write), self._stock, self._lease)
        self._tell(finished, turn.lost)
        self._stock, self._lease = turn.stock, turn.lease
        for crash in (item.crash for item in finished if item.crash):
            raise crash
        for task in turn.begin:
            self._carrier(task.claim.channel).give(task)
        return turn

    def _write(self, finished: Sequence[Done], feedback: Feedback, now: datetime, tx: Transaction) -> set[int]:
        """Write down what came to an end; return the rows that were another's by then."""
        lost = outbox.settle(
            tx, [_outcome(item.task.claim, item.attempt, now) for item in finished if item.attempt], now
        )
        untouched = [item.task.claim.row for item in finished if not item.attempt and not item.crash]
        if untouched:
            outbox.release(tx, self._lease.token, now, untouched)
        relays.keep(tx, feedback.changed, now)
        for channel, reason in feedback.paused.items():
            relays.pause(tx, channel, now + self._terms.budget.rest, reason)
        return lost

    def _until_it_holds(self, write: "partial[set[int]]") -> set[int]:
        """Repeat a commit: the mail is out, and a ledger that does not know would send it again.

        Nothing else leaves meanwhile.
        """
        waited = 0.0
        while True:
            self._terms.pause(_PAUSE)
            waited += _PAUSE
            try:
                with self._ledger.write() as tx:
                    return write(tx)
            except LedgerError:
                if waited >= (self._terms.grace if self._terms.stop() else self._terms.patience):
                    raise

    def _next(self, tx: Transaction, lost: set[int], now: datetime, *, stopping: bool) -> _Turn:
        """Choose and mark the messages that leave next."""
        stock = self._still(tx, now, stopping=stopping)
        if stopping:
            return _Turn(lost, stock, self._lease)
        lease = self._lease
        if lease.until - self._terms.uptime() < self._terms.lease.total_seconds() / 2:
            lease = self._renewed(lease.token)
            claiming.renew(tx, lease)
        flying = Counter(way_of(carrier.task.claim) for carrier in self._carriers if carrier.task)
        enough = self._terms.batch // 4 + 1
        asked = not self._dry and usable(stock, flying, self._paces, enough) < enough
        if asked:
            claims = claiming.claim(tx, self._wanted(stock), lease, now)
            self._learn(tx, claims)
            stock, self._dry = stock + claims, not claims
        chosen, wait = self._chosen(tx, stock, flying, now)
        mine = claiming.hand(tx, chosen, now)
        refused = outbox.put_back(tx, [item for item in chosen if item.row not in mine], now)  # to be looked at anew
        messages = outbox.load(tx, [item for item in chosen if item.row in mine])
        allowed = partial(self._allowed, lease)
        begin = tuple(Task(item, messages[item.row], allowed) for item in chosen if item.row in mine)
        return _Turn(lost, without(stock, chosen), lease, begin, asked and not refused, wait)

    def _still(self, tx: Transaction, now: datetime, *, stopping: bool) -> list[Claim]:
        """Return what may still go of what is held; the rest is given back."""
        if not (stopping or self._paces.troubled):
            return self._stock
        back = [item for item in self._stock if stopping or self._paces.rests(way_of(item), now)]
        if back:
            outbox.put_back(tx, back, now)
        return without(self._stock, back)

    def _wanted(self, stock: Sequence[Claim]) -> Wanted:
        share = max(1, self._terms.batch // 4)
        counts = Counter(way_of(item) for item in stock)
        crowded = {way for way, count in counts.items() if way[1] and count >= share}
        return Wanted(self._terms.batch, share, self._paces.closed, crowded)

    def _learn(self, tx: Transaction, claims: Sequence[Claim]) -> None:
        """Look up how the ways of new messages stand, and what is known of their relays."""
        ways = {way_of(item) for item in claims} | {(item.channel, "") for item in claims}
        fresh = ways - self._paces.known.keys()
        if fresh:
            self._paces.known |= {way: self._paces.standing(way) for way in fresh} | relays.destinations(tx, fresh)
        if {item.channel for item in claims} - self._paces.recent.keys():
            self._paces.recent = {item.channel: item.recent for item in relays.standings(tx)} | self._paces.recent

    def _chosen(
        self, tx: Transaction, stock: Sequence[Claim], flying: Counter[tuple[str, str]], now: datetime
    ) -> tuple[list[Claim], timedelta | None]:
        """Return what leaves next, and after how long a relay may be given more."""
        opened = Counter(carrier.channel for carrier in self._carriers)
        busy = Counter(carrier.channel for carrier in self._carriers if carrier.task)
        room = {
            name: self._paces.room(name, waiting=waiting, opened=opened[name], busy=busy[name])
            for name, waiting in Counter(item.channel for item in stock).items()
        }
        chosen = choose(stock, room, flying, self._paces)
        kept: list[Claim] = []
        waits: list[timedelta] = []
        for name in dict.fromkeys(item.channel for item in chosen):
            wanted = [item for item in chosen if item.channel == name]
            given = relays.grant(tx, name, self._paces.limits_of(name), len(wanted), now)
            kept += wanted[: given.count]
            if given.reason:
                self._paces.close(name, f"{name}: {given.reason}")
            elif given.count < len(wanted):
                waits.append(given.wait)
        return kept, min(waits, default=None)

    def _carrier(self, channel: str) -> Carrier:
        for carrier in self._carriers:
            if carrier.channel == channel and carrier.task is None:
                return carrier
        carrier = Carrier(channel, self._open, self._done)
        self._carriers.append(carrier)
        return carrier

    def _tell(self, finished: Sequence[Done], lost: set[int]) -> None:
        for item in finished:
            if item.attempt is None:
                continue
            state: State = "lost" if item.task.claim.row in lost else item.attempt.state
            facts, said = item.task.message, item.attempt.reply or item.attempt.reason
            told = Delivery(facts.key, facts.channel, facts.address, facts.subject, state, said)
            self._counts[state] += 1
            if len(self._told) < _TOLD:
                self._told.append(told)
            self._terms.tell(told)


def _outcome(claim: Claim, attempt: Attempt, now: datetime) -> Outcome:
    if attempt.state == "due":
        jitter = zlib.crc32(f"{claim.row} {claim.attempt}".encode()) / 2**32
        return outbox.put_off(claim, attempt.reason, attempt.reply, now, jitter)
    return Outcome(claim, attempt.state, attempt.reason, attempt.reply)
