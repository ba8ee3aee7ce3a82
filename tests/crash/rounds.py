"""Rounds that something happens to, each judged after it was started again."""

import random
import shutil
import time
from collections.abc import Iterator
from pathlib import Path

from crash.judging import Look, Verdict, copies, judge
from crash.program import Place, Sink

EARLY, LATE = 1.0, 40.0
"""Minutes after the first round: before the doubts are 15 minutes old, and after."""


def moments(root: Path, sink: Sink, people: int, connections: int) -> list[str]:
    """Return the moments of an undisturbed round."""
    place = Place(root / "undisturbed", sink.port, people, connections).lay_out()
    if place.run() != 0:
        raise RuntimeError((place.folder / "log").read_text())
    return place.moments()


def disturbed(place: Place, sink: Sink, action: str, at: int, moment: str) -> Verdict:
    """Return what a round left to which something happened at one moment, and which was started again."""
    place.lay_out().run(at=at, action=action)
    verdict = started_again(place, sink, moment)
    shutil.rmtree(place.folder)
    return verdict


def started_again(place: Place, sink: Sink, moment: str) -> Verdict:
    """Run again until all is done, and judge."""
    place.run(minutes=EARLY)
    early = look(place, sink)
    place.run(minutes=LATE)
    return judge(place.folder.name, moment, place.codes, early, look(place, sink))


def look(place: Place, sink: Sink) -> Look:
    """Return how things stand."""
    return Look(place.states(), copies(sink.taken(), place.addresses), place.files())


def at_random(root: Path, sink: Sink, seed: int, people: int = 20, connections: int = 3) -> Verdict:
    """Return what a round left that was killed at some time."""
    place = Place(root / f"random{seed}", sink.port, people, connections).lay_out()
    child = place.start()
    time.sleep(random.Random(seed).uniform(0.05, 0.8))  # noqa: S311 (a moment, not a secret)
    place.kill(child)
    verdict = started_again(place, sink, "at random")
    shutil.rmtree(place.folder)
    return verdict


def server_deaths(root: Path, every: int, people: int = 5, connections: int = 2) -> Iterator[Verdict]:
    """Yield what rounds left in which the server died, at each so many of its events, and came back."""
    number = 1
    while True:
        place = Place(root / f"server{number}", 0, people, connections)
        with Sink(root / f"server{number}.log", "--die-at", str(number)) as sink:
            place.port = sink.port
            place.lay_out()
            place.run()
            died = sink.died
        with Sink(root / f"server{number}.log") as sink:
            place.configure(sink.port)
            # What the dead server put off is due again after five minutes, what is in doubt after fifteen.
            place.run(minutes=8)
            early = look(place, sink)
            place.run(minutes=LATE)
            late = look(place, sink)
        yield judge(place.folder.name, f"event {number} of the server", place.codes, early, late)
        shutil.rmtree(place.folder)
        if not died:
            return
        number += every
