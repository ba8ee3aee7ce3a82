"""What a query asks of a paper's record rather than of its words: links, dates, numbers, ids, announcements."""

import re
from calendar import monthrange
from collections.abc import Callable
from datetime import date
from functools import lru_cache
from urllib.parse import urlsplit

from digestbot.models import Link, Paper, PartialDate
from digestbot.queries.nodes import Announced, Count, Has, Host, Identifier, Published, Thing

_THINGS: dict[str, Thing] = {
    "github": "code",
    "gitlab": "code",
    "bitbucket": "code",
    "codeberg": "code",
    "anonymous": "code",
    "weights": "weights",
    "dataset": "data",
    "zenodo": "data",
    "osf": "data",
    "figshare": "data",
    "project_page": "page",
    "video": "video",
}
_ANNOUNCEMENTS = {"new": ("new",), "cross": ("cross", "replace-cross"), "replacement": ("replace", "replace-cross")}
_ARXIV = re.compile(
    r"(?:arxiv:|https?://(?:[a-z.]+\.)?arxiv\.org/(?:abs|pdf|html)/|10\.48550/arxiv\.|doi:10\.48550/arxiv\.)?"
    r"(\d{4}\.\d{4,5}|[a-z-]{2,10}(?:\.[a-z]{2})?/\d{7})(?:v\d{1,3})?(?:\.pdf)?"
)
_DOI = re.compile(r"(?:doi:\s?|https?://(?:dx\.)?doi\.org/)?(10\.\d{4,9}/\S{1,200})")
_PUBMED = re.compile(r"(?:pmid:\s?|https?://pubmed\.ncbi\.nlm\.nih\.gov/)(\d{1,9})/?")
_OPENREVIEW = re.compile(r"(?:openreview:|https?://openreview\.net/(?:forum|pdf)\?id=)([\w-]{4,40})")


def thing_of(link: Link) -> Thing | None:
    """Return what a link leads to; a model hub holds weights, unless its address says data set or demo."""
    if link.kind == "huggingface":
        path = link.url.partition("huggingface.co/")[2]
        return "data" if path.startswith("datasets/") else "page" if path.startswith("spaces/") else "weights"
    return _THINGS.get(link.kind)


def leads_to(link: Link, wanted: Has | Host) -> bool:
    """Return whether a link is one that ``has:`` or ``code:`` asks for."""
    if isinstance(wanted, Has):
        return thing_of(link) == wanted.thing
    return wanted.name in host_names(link)


def host_names(link: Link) -> frozenset[str]:
    """Return what ``code:`` can call the host of a link: its kind, its full name and every part of that."""
    host = _host(link.url)
    return frozenset((link.kind, host, *host.split(".")))


@lru_cache(maxsize=1 << 12)
def _host(url: str) -> str:
    try:
        return (urlsplit(url).hostname or "").casefold()
    except ValueError:
        return ""


def is_announced(wanted: Announced, paper: Paper) -> bool:
    """Return whether a listing announced the paper so."""
    return paper.announce_type in _ANNOUNCEMENTS[wanted.kind]


def is_published(wanted: Published, paper: Paper) -> bool:
    """Return whether every day that the printed date may mean lies in the range; a date without a year never does."""
    days = None if paper.published is None else days_of(paper.published)
    if days is None:
        return False
    return (wanted.first is None or wanted.first <= days[0]) and (wanted.last is None or days[1] <= wanted.last)


def days_of(when: PartialDate) -> tuple[date, date] | None:
    """Return the first and the last day that a date as precise as it was printed may mean."""
    if when.year is None or (when.month is None and when.day is not None):
        return None
    first_month, last_month = when.month or 1, when.month or 12
    try:
        last_day = monthrange(when.year, last_month)[1]
        return date(when.year, first_month, when.day or 1), date(when.year, last_month, when.day or last_day)
    except (ValueError, OverflowError):
        return None


def is_counted(wanted: Count, value: float | None) -> bool:
    """Return whether a number of the paper lies in the range; a number that was not printed never does."""
    if value is None:
        return False
    over = wanted.low is None or (value > wanted.low if wanted.above else value >= wanted.low)
    return over and (wanted.high is None or (value < wanted.high if wanted.below else value <= wanted.high))


def is_identified(wanted: Identifier, paper: Paper) -> bool:
    """Return whether the paper is known by this id."""
    return wanted.value in ids_of(paper)


def ids_of(paper: Paper) -> frozenset[str]:
    """Return every id that a query can find the paper by: with its kind and without."""
    known = [paper.id, *([f"doi:{paper.doi}"] if paper.doi else []), *([paper.url] if paper.url else [])]
    ids = {canonical_id(text) for text in known if text}
    return frozenset(ids | {text.partition(":")[2] for text in ids if ":" in text})


def canonical_id(text: str) -> str:
    """Return an id in one form, without version: ``2306.14048v2`` and its address are ``arxiv:2306.14048``."""
    name = text.strip().casefold()
    forms: tuple[tuple[re.Pattern[str], str, Callable[[str], str]], ...] = (
        (_ARXIV, "arxiv", str),
        (_DOI, "doi", lambda doi: doi.rstrip(".,;")),
        (_PUBMED, "pmid", str),
        (_OPENREVIEW, "openreview", str),
    )
    for pattern, kind, tidy in forms:
        if found := pattern.fullmatch(name):
            return f"{kind}:{tidy(found[1])}"
    return name
