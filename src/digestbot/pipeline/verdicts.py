"""What a run of a source comes to: one verdict and the reason, so that an empty inbox explains itself.

::

    the gravest wins:  blocked, down  >  unreadable  >  partial  >  fresh  |  stale  |  quiet

What broke off after it had brought something new is partial; so is a folder with one bad file among good ones.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from digestbot.errors import FetchError
from digestbot.expectations import Window
from digestbot.models import SourceState, Verdict


@dataclass(slots=True)
class Tally:
    """What a run of a source brought."""

    digests: list[SourceState] = field(default_factory=list)
    """Each digest with its own verdict."""
    notices: list[tuple[str, Verdict | None]] = field(default_factory=list)
    failure: FetchError | None = None
    papers: int = 0
    news: int = 0
    """Papers that were new to the source."""


def judge(tally: Tally, late: Window | None, since: datetime, silence: str) -> tuple[Verdict, str]:
    """Return the verdict and why.

    `late` is a time in which news were due and did not come, `since` when the last came, `silence` why nothing is
    due today.
    """
    verdict, reason = _fault(tally) or _calm(tally, late, since, silence)
    told = [text for text, kind in tally.notices if kind is None]
    return verdict, "; ".join(dict.fromkeys(text for text in (reason, *told) if text))


def _fault(tally: Tally) -> tuple[Verdict, str] | None:
    """Return what went wrong, the gravest of it."""
    if tally.failure:
        return _broken(tally.failure, tally)
    bad = [item for item in tally.digests if item.verdict == "unreadable"]
    if bad and len(bad) == len(tally.digests):
        return "unreadable", _reasons(bad)
    if bad:
        return "partial", f"{len(bad)} of {len(tally.digests)} digests could not be read: {_reasons(bad)}"
    cut = [item for item in tally.digests if item.verdict == "partial"]
    told = [text for text, verdict in tally.notices if verdict]
    return ("partial", "; ".join([*told, *([_reasons(cut)] if cut else [])])) if cut or told else None


def _broken(failure: FetchError, tally: Tally) -> tuple[Verdict, str]:
    if tally.news:
        return "partial", f"{failure.message}, after {tally.news} new papers"
    return failure.verdict, failure.message


def _reasons(items: Sequence[SourceState]) -> str:
    """Return the first reason, with its digest where there are several, and how many more there are."""
    first = f"{items[0].name}: {items[0].reason}"
    return first if len(items) == 1 else f"{first}; and {len(items) - 1} more"


def _calm(tally: Tally, late: Window | None, since: datetime, silence: str) -> tuple[Verdict, str]:
    if tally.news:
        return "fresh", ""
    if late:
        return "stale", f"nothing new since {_day(since)}, and it was due by {_day(late.end)}"
    return "quiet", f"nothing new, {silence}" if silence else "nothing new"


def _day(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%A, %d %B, %H:%M} UTC"
