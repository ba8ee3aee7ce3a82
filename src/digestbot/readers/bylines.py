"""The small print of a daily-papers entry: how many authors or which organisation, when, how many comments.

::

      • 6 authors          or          AQ-MedAI AQ          the organisation and its avatar's initials
    ·                                  ·
    Mar 18, 2024 1                     Nov 17 2             the date, perhaps without a year, and the comments
"""

import re
from typing import NamedTuple

from digestbot.dates import parse_date
from digestbot.models import PartialDate

_AUTHORS = re.compile(r"[•·*–-]?\s*(\d{1,5})\s+authors?", re.IGNORECASE)
_UPVOTES = re.compile(r"(?:▲|△|⬆|upvotes?)\s*:?\s*(\d{1,6})|(\d{1,6})\s+upvotes?", re.IGNORECASE)
_MONTH = r"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]{0,6}\.?"
_DATED = re.compile(
    r"(?:(?:published|submitted|posted)(?:\s+on)?:?\s+)?"
    r"(?P<date>(?:(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]{0,6},?\s+)?"
    rf"(?:{_MONTH}\s+\d{{1,2}}(?:\s*,\s*\d{{4}}|\s+(?:19|20)\d\d)?|\d{{1,2}}\s+{_MONTH}(?:,?\s+\d{{4}})?|\d{{4}}-\d\d-\d\d))"
    r"(?:\s+•?\s*(?P<comments>\d{1,5}))?",
    re.IGNORECASE,
)
_HUMP = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
_INITIALS = re.compile(r"[A-Z0-9]{1,3}")
_LONGEST = 60  # characters


class Dated(NamedTuple):
    """A date as it was printed and read, and the number printed behind it."""

    text: str
    date: PartialDate
    comments: int | None


def author_count(text: str) -> int | None:
    """Return 6 for ``• 6 authors``, else None."""
    match = _AUTHORS.fullmatch(text) if len(text) <= _LONGEST else None
    return int(match[1]) if match else None


def upvotes(text: str) -> int | None:
    """Return 12 for ``Upvote 12``, else None."""
    match = _UPVOTES.fullmatch(text) if len(text) <= _LONGEST else None
    return int(match[1] or match[2]) if match else None


def dated(text: str) -> Dated | None:
    """Return the date line `text`, else None."""
    match = _DATED.fullmatch(text) if len(text) <= _LONGEST else None
    date = parse_date(match["date"]) if match else None
    if match is None or date is None:
        return None
    return Dated(match["date"], date, int(match["comments"]) if match["comments"] else None)


def organization(text: str) -> str:
    """Return the organisation's name without the initials that its avatar printed behind it."""
    name, _, last = text.rpartition(" ")
    name = name.strip()
    if not name or not _INITIALS.fullmatch(last):
        return text
    letters = "".join(char for char in name if char.isalnum())
    humps = "".join(hump[0] for hump in _HUMP.findall(name))
    return name if any(source.upper().startswith(last) for source in (letters, humps)) else text
