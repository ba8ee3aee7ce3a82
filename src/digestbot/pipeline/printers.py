"""Editions made by several processes, for those who send many thousands at a time.

Each process reads the ledger for itself; what it makes comes back and is written by the one that owns the ledger, in
the order of the batches. A process that dies takes nothing with it: its batch is made here.
"""

import multiprocessing
import os
import signal
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from datetime import datetime
from itertools import chain, islice
from multiprocessing.context import BaseContext
from typing import Final

from digestbot.ledger import Ledger
from digestbot.pipeline.garbage import collect_rarely
from digestbot.pipeline.making import Due, Maker, Ready
from digestbot.pipeline.matchmaking import Trouble
from digestbot.pipeline.rendering import Press


@dataclass(frozen=True, slots=True)
class Printers:
    """How many processes make editions, where there are many to make."""

    processes: int
    begin: Callable[[], tuple[Ledger, Press]]
    """Opens the ledger for reading and makes the press, in a process of its own: it has to be picklable."""


_Future = Future[list[Ready | Trouble]]

_FEW: Final = 3
"""Batches below which it takes longer to start a process than to do its work."""

_makers: Final[list[Maker]] = []
"""In a process that makes editions, the one that does; it has nothing else that lasts from batch to batch."""


def made(
    maker: Maker, batches: Iterator[Sequence[Due]], printers: Printers | None = None
) -> Iterator[Iterable[Ready | Trouble]]:
    """Yield what `maker` makes of each batch, in order; others like it help where there is much to do."""
    first = list(islice(batches, _FEW))
    every = chain(first, batches)
    pool = _pool(printers, maker) if printers and len(first) == _FEW else None
    if pool is None or printers is None:
        yield from map(maker.make, every)
        return
    with pool:
        yield from _shared(pool, maker, every, 2 * printers.processes)


def _shared(
    pool: ProcessPoolExecutor, maker: Maker, batches: Iterable[Sequence[Due]], ahead: int
) -> Iterator[Iterable[Ready | Trouble]]:
    """Yield what the processes make, while they are a few batches ahead of whoever writes it."""
    waiting: deque[tuple[Sequence[Due], _Future | None]] = deque()
    for batch in batches:
        waiting.append((batch, _submitted(pool, batch)))
        if len(waiting) > ahead:
            yield _result(maker, *waiting.popleft())
    while waiting:
        yield _result(maker, *waiting.popleft())


def _pool(printers: Printers, maker: Maker) -> ProcessPoolExecutor | None:
    """Return the processes; None where none are wanted, or the system has no means for them."""
    begin = (printers.begin, maker.now, maker.start)
    try:
        return ProcessPoolExecutor(printers.processes, _way(), _start, begin) if printers.processes > 1 else None
    except (OSError, NotImplementedError):
        return None


def _way() -> BaseContext:
    """Return how processes begin: as copies of one that has read its program already, where the system can do that.

    Never as copies of this one: its other threads hold locks that nobody would let go.
    """
    if "forkserver" not in multiprocessing.get_all_start_methods():
        return multiprocessing.get_context("spawn")
    way = multiprocessing.get_context("forkserver")
    way.set_forkserver_preload([__name__])
    return way


def _submitted(pool: ProcessPoolExecutor, batch: Sequence[Due]) -> _Future | None:
    """Return what will come of a batch; None when it is to be made here."""
    try:
        return pool.submit(_make, batch)
    except (OSError, BrokenProcessPool):
        return None


def _result(maker: Maker, batch: Sequence[Due], future: _Future | None) -> Iterable[Ready | Trouble]:
    try:
        return maker.make(batch) if future is None else future.result()
    except BrokenProcessPool:
        return maker.make(batch)


def _start(begin: Callable[[], tuple[Ledger, Press]], now: datetime, start: datetime) -> None:
    """Begin in a new process, which Ctrl-C leaves to its parent and which ends when that does, however it ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if (parent := multiprocessing.parent_process()) is not None:
        threading.Thread(target=_end_with, args=(parent.join,), daemon=True).start()
    _makers.append(Maker(*begin(), now, start))
    collect_rarely()


def _end_with(join: Callable[[], None]) -> None:
    join()
    os._exit(1)


def _make(batch: Sequence[Due]) -> list[Ready | Trouble]:
    return list(_makers[-1].make(batch))
