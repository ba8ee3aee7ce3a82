"""What a reading holds that an earlier one of the same digest did not, and the other way round."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from typing import Literal

from digestbot.facts import Fact
from digestbot.models import Paper
from digestbot.updates import facts, news

Change = Literal["added", "removed", "changed"]


@dataclass(frozen=True, slots=True)
class Difference:
    """One paper that is not as it was."""

    change: Change
    id: str
    title: str
    fields: tuple[str, ...] = ()
    """The names of the fields that changed."""
    updates: tuple[Fact, ...] = ()
    """What became of the paper, as an edition would tell it."""


def differences(before: Sequence[Paper], now: Sequence[Paper]) -> Iterator[Difference]:
    """Yield what changed: new and changed papers in the order of `now`, then those that are gone."""
    old = {paper.id: paper for paper in before}
    new = {paper.id: paper for paper in now}
    for name, paper in new.items():
        if name not in old:
            yield Difference("added", name, paper.title)
        elif changed := _changed(old[name], paper):
            updates = news(facts([old[name]]), facts([paper]))
            yield Difference("changed", name, paper.title, changed, updates)
    for name, paper in old.items():
        if name not in new:
            yield Difference("removed", name, paper.title)


def _changed(old: Paper, new: Paper) -> tuple[str, ...]:
    names = (item.name for item in fields(Paper))
    return tuple(name for name in names if getattr(old, name) != getattr(new, name))
