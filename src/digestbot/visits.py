"""Visits to what papers link to: what was found there, when to come again, and how to say it in a few words.

::

    link ─target→ host ─visit→ Visit ─notes→ "MIT · 1.2k stars · pushed 3 days ago · official"

A visit that brought no answer keeps what an earlier one found. Code has *arrived* when a place that was missing, empty
or only an announcement before holds code for the first time.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import datetime, timedelta
from typing import Any, Final, Literal, Self

from digestbot.facts import Note
from digestbot.links import find_links, link_key
from digestbot.models import Paper
from digestbot.text import fold

VisitState = Literal["alive", "empty", "coming", "gone", "blocked", "unknown"]
"""There; there without content; an announcement of code; 404 or 410; refused, as by 451; no answer that says it."""

_LACKING: Final = frozenset({"empty", "coming", "gone"})
_STEPS: Final = (1, 2, 4, 8, 16, 30)  # days between visits to what is not there yet
_AGAIN: Final = (7, 30)  # days between visits to what is there: of a young paper, and later
_YOUNG: Final = timedelta(days=30)
_PATIENCE: Final = timedelta(days=365)
_WORDS: Final = 40
"""Characters of a licence, a language or a release that are told."""


@dataclass(frozen=True, slots=True)
class Visit:
    """What was found at a link. Whatever the host does not say is None or empty."""

    url: str
    state: VisitState = "unknown"
    reason: str = ""
    """Why nothing better is known: ``404``, ``did not answer within 20 s``."""
    moved_to: str = ""
    archived: bool = False
    licence: str = ""
    stars: int | None = None
    likes: int | None = None
    pushed: datetime | None = None
    language: str = ""
    release: str = ""
    weights: tuple[str, ...] = ()
    """Addresses of trained weights that the README names."""
    datasets: tuple[str, ...] = ()
    readme: str = field(default="", repr=False)
    """The words of the README, folded, with blanks between: what `names` looks into."""
    visited: datetime | None = None
    """When it was found so; of a visit without an answer, the one before."""
    first: datetime | None = None
    """When it was visited first."""
    tries: int = 0
    """Visits in a row that did not find it there."""
    lacked: bool = False
    """Whether some visit found that the code is not there."""
    had: bool = False
    """Whether some visit found it."""

    def as_dict(self) -> dict[str, Any]:
        """Return plain JSON data; `from_dict` reads it back."""
        return {item.name: _plain(getattr(self, item.name)) for item in fields(self)}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        """Read what `as_dict` wrote; what is missing gets its default."""
        values = {item.name: data[item.name] for item in fields(cls) if data.get(item.name) is not None}
        for name in ("pushed", "visited", "first"):
            if name in values:
                values[name] = datetime.fromisoformat(values[name])
        for name in ("weights", "datasets"):
            values[name] = tuple(values.get(name, ()))
        return cls(**values)


def after(before: Visit | None, now: Visit, moment: datetime) -> Visit:
    """Return what is known after a visit: what it found, or what was known where it found nothing out."""
    first = before.first if before and before.first else moment
    tries = 0 if now.state == "alive" else (before.tries if before else 0) + 1
    if now.state == "unknown" and before and before.visited:
        return replace(before, first=first, tries=tries)
    lacked = now.state in _LACKING or bool(before and before.lacked)
    had = now.state == "alive" or bool(before and before.had)
    visited = None if now.state == "unknown" else moment
    return replace(now, visited=visited, first=first, tries=tries, lacked=lacked, had=had)


def arrived(before: Visit | None, now: Visit) -> bool:
    """Tell whether code came to a place between two visits: it was not there, and never had been."""
    return now.state == "alive" and before is not None and before.lacked and not before.had


def next_visit(visit: Visit, now: datetime) -> datetime | None:
    """Return when to come again; None for never: a year is enough.

    What is not there is looked for after 1, 2, 4, 8, 16 days and then every 30; what is there, every week of its first
    month and every month after.
    """
    age = now - (visit.first or now)
    if age >= _PATIENCE:
        return None
    if visit.tries:
        return now + timedelta(days=_STEPS[min(visit.tries, len(_STEPS)) - 1])
    return now + timedelta(days=_AGAIN[0] if age < _YOUNG else _AGAIN[1])


def names(text: str, paper: Paper) -> bool:
    """Tell whether the folded words of a README name a paper: by its id, or by its title where that is one."""
    padded = f" {text} "
    number = paper.id.partition(":")[2]
    if paper.id.startswith(("arxiv:", "doi:")) and f" {fold(number)} " in padded:
        return True
    title = fold(paper.title)
    return len(title.split()) >= 3 and f" {title} " in padded


def is_official(visit: Visit, paper: Paper) -> bool:
    """Tell whether a repository is the paper's own: one names the other, the README the paper or the paper the link."""
    if names(visit.readme, paper):
        return True
    key = link_key(visit.url)
    texts = (paper.title, paper.abstract, paper.comments or "")
    return any(link_key(link.url) == key for text in texts for link in find_links(text, ""))


def stars(visits: Iterable[Visit]) -> int | None:
    """Return the most stars that one of these places has; None where nobody knows."""
    return max((visit.stars for visit in visits if visit.stars is not None), default=None)


def notes(visits: Iterable[Visit], paper: Paper, now: datetime) -> tuple[Note, ...]:
    """Return what to tell beside the links of a paper; nothing of places that no visit found anything out of."""
    return tuple(Note(link_key(visit.url), words(visit, paper, now)) for visit in visits if visit.visited)


def words(visit: Visit, paper: Paper, now: datetime) -> str:
    """Return what a visit found in a few words, and how old that is."""
    said = " · ".join(filter(None, _said(visit, paper, now)))
    seen = f"looked up {ago(visit.visited, now)}" if visit.visited else ""
    return f"{said} ({seen})" if said and seen else said or seen


def _said(visit: Visit, paper: Paper, now: datetime) -> list[str]:
    moved = f"moved to {_short(visit.moved_to)}" if visit.moved_to else ""
    if visit.state == "alive":
        return [*_facts(visit, now), moved, "official" if is_official(visit, paper) else ""]
    reason = f" ({visit.reason})" if visit.reason else ""
    told = {
        "empty": "empty so far",
        "coming": "says the code is coming",
        "gone": f"gone{reason}",
        "blocked": f"blocked{reason}",
        "unknown": "",
    }
    return [told[visit.state], moved]


def _facts(visit: Visit, now: datetime) -> list[str]:
    return [
        "archived" if visit.archived else "",
        visit.licence[:_WORDS],
        counted(visit.stars, "star"),
        counted(visit.likes, "like"),
        visit.language[:_WORDS],
        f"release {visit.release[:_WORDS]}" if visit.release else "",
        f"pushed {ago(visit.pushed, now)}" if visit.pushed else "",
        "weights" if visit.weights else "",
        "data" if visit.datasets else "",
    ]


def counted(number: int | None, noun: str) -> str:
    """Return ``1 star``, ``640 stars``, ``1.2k stars``; nothing for None."""
    if number is None:
        return ""
    short = str(number) if number < 1000 else f"{number / 1000:.1f}k" if number < 10_000 else f"{number // 1000}k"
    return f"{short.replace('.0k', 'k')} {noun}{'' if number == 1 else 's'}"


def ago(moment: datetime, now: datetime) -> str:
    """Return ``today``, ``yesterday``, ``3 days ago``, ``5 months ago``, ``2 years ago``."""
    days = (now - moment).days
    if days < 2:
        return "yesterday" if days == 1 else "today"
    for noun, size in (("year", 365), ("month", 30)):
        if days >= 2 * size:
            return f"{days // size} {noun}s ago"
    return f"{days} days ago"


def _short(url: str) -> str:
    return re.sub(r"^https?://(?:www\.)?", "", url).rstrip("/")[:80]


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    return list(value) if isinstance(value, tuple) else value
