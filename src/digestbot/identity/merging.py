"""Two records of one paper put together, field by field.

Each field is a join of a semilattice: the better value by a fixed order wins, whoever comes first. So `merge` is
commutative, associative and idempotent, and the result of many records does not depend on their order.
"""

import math
from collections.abc import Callable
from typing import Any, TypeVar

from digestbot.identity.ids import KINDS, find_id, kind_of_id
from digestbot.links import is_code_link, link_key
from digestbot.models import Link, LinkKind, Paper, PartialDate
from digestbot.venues import acceptances, is_published_in
from digestbot.withdrawals import withdrawal

T = TypeVar("T")

_ANNOUNCED = ("new", "cross", "replace", "replace-cross")
_LINK_KINDS: tuple[LinkKind, ...] = (
    "github", "gitlab", "bitbucket", "codeberg", "anonymous", "huggingface", "zenodo", "osf", "figshare",
    "project_page", "dataset", "weights", "video", "other",
)  # fmt: skip


def merge(one: Paper, two: Paper) -> Paper:
    """Return what two records of one paper say together. It is for the caller to know that they are one."""
    if one == two:
        return one
    authors = _better(_authorship, one, two)
    published = _better(_publication, one, two)
    links = _links(one.links, two.links)
    promised = one.promises_code or two.promises_code
    return Paper(
        title=_better(_fuller, one.title, two.title),
        id=_better(_id_rank, one.id, two.id),
        version=_larger(one.version, two.version),
        abstract=_better(_fuller, one.abstract, two.abstract),
        authors=authors.authors,
        authors_truncated=authors.authors_truncated,
        author_count=_larger(one.author_count, two.author_count),
        affiliations=_better(_more, one.affiliations, two.affiliations),
        organization=_text(one.organization, two.organization),
        published=published.published,
        published_text=published.published_text,
        updated=_better(_later, one.updated, two.updated),
        categories=_better(_more, one.categories, two.categories),
        announce_type=_better(_announced, one.announce_type, two.announce_type),
        comments=_better(_telling, one.comments, two.comments),
        venue=_better(_placed, one.venue, two.venue),
        doi=_better(_doi_rank, one.doi, two.doi),
        url=_better(_address_rank, one.url, two.url),
        pdf_url=_better(_address_rank, one.pdf_url, two.pdf_url),
        keywords=_better(_more, one.keywords, two.keywords),
        upvotes=_larger(one.upvotes, two.upvotes),
        comment_count=_larger(one.comment_count, two.comment_count),
        score=_larger(one.score, two.score),
        machine_summary=_text(one.machine_summary, two.machine_summary),
        links=links,
        promises_code=promised and not any(is_code_link(link) for link in links),
        alternatives=authors.alternatives,
    )


def _better(order: Callable[[T], Any], one: T, two: T) -> T:
    """Return the value that `order` puts higher. Values of equal rank are equal in what matters."""
    return one if order(one) >= order(two) else two


def _larger(one: Any, two: Any) -> Any:
    """Return the larger number; what is missing or no number counts least."""
    return max((value for value in (one, two) if value is not None and not math.isnan(value)), default=None)


def _text(one: str | None, two: str | None) -> str | None:
    return _better(lambda text: (text is not None, *_fuller(text or "")), one, two)


def _telling(comments: str | None) -> tuple[Any, ...]:
    """Rank comments: those that tell what became of the paper go before long ones, for they are the later ones."""
    text = comments or ""
    return comments is not None, bool(withdrawal("", "", text)), bool(acceptances(text)), *_fuller(text)


def _placed(venue: str | None) -> tuple[Any, ...]:
    """Rank a venue: a journal or conference over an archive of preprints."""
    return venue is not None, is_published_in(venue or ""), *_fuller(venue or "")


def _fuller(text: str) -> tuple[bool, bool, int, str]:
    """Rank a text: something over nothing, whole over cut off, long over short."""
    return bool(text.strip()), not text.rstrip().endswith(("…", "...")), len(text), text


def _more(items: tuple[str, ...]) -> tuple[int, int, tuple[str, ...]]:
    return len(items), sum(map(len, items)), items


def _authorship(paper: Paper) -> tuple[Any, ...]:
    """Rank a list of authors: some over none, whole over cut off, sure over doubtful, long over short."""
    doubts = tuple((item.title, item.authors, item.score) for item in paper.alternatives)
    return bool(paper.authors), not paper.authors_truncated, not doubts, *_more(paper.authors), doubts


def _publication(paper: Paper) -> tuple[Any, ...]:
    """Rank a date: precise over vague, printed over inferred, early over late."""
    date = paper.published or PartialDate()
    parts = (date.year, date.month, date.day)
    early = tuple(-part if part is not None else 0 for part in parts)
    text = paper.published_text
    return (
        len([part for part in parts if part]),
        not date.inferred,
        early,
        text is not None,
        len(text or ""),
        text or "",
    )


def _later(date: PartialDate | None) -> tuple[Any, ...]:
    """Rank a date: any over none, late over early, printed over inferred."""
    if date is None:
        return (False,)
    return True, date.year or 0, date.month or 0, date.day or 0, not date.inferred


def _announced(kind: str | None) -> int:
    """Rank an announcement: the nearer to new, the higher; nothing is lowest."""
    return len(_ANNOUNCED) - _ANNOUNCED.index(kind) if kind else 0


def _id_rank(name: str) -> tuple[Any, ...]:
    """Rank an id by its kind; a made id with the words of an abstract over one without; the rest by the alphabet."""
    kind = kind_of_id(name)
    strength = len(KINDS) - KINDS.index(kind) if kind in KINDS else 0
    return bool(name), strength, "-" in name, _backwards(name)


def _doi_rank(doi: str | None) -> tuple[Any, ...]:
    """Rank a DOI: a publisher's over an archive's, which follows from the id."""
    return doi is not None, not (doi or "").lower().startswith("10.48550/"), _backwards(doi or "")


def _address_rank(url: str | None) -> tuple[Any, ...]:
    """Rank an address: by the id it holds, secure over plain, short over long."""
    found = find_id(url) if url else None
    strength = len(KINDS) - KINDS.index(kind_of_id(found[0])) if found else 0
    return url is not None, strength, (url or "").startswith("https:"), -len(url or ""), _backwards(url or "")


def _backwards(text: str) -> tuple[int, ...]:
    """Return a key by which the text that the alphabet puts first is the highest."""
    return (*(-ord(char) for char in text), 1)


def _links(one: tuple[Link, ...], two: tuple[Link, ...]) -> tuple[Link, ...]:
    """Return all links, each place once, in a fixed order: code first, then by kind and address."""
    if one == two:
        return one
    best: dict[str, Link] = {}
    for link in (*one, *two):
        key = link_key(link.url)
        best[key] = _better(_link_rank, link, best[key]) if key in best else link
    return tuple(sorted(best.values(), key=lambda link: (_LINK_KINDS.index(link.kind), link_key(link.url))))


def _link_rank(link: Link) -> tuple[Any, ...]:
    """Rank mentions of one place: found by a visit, as code (so that a promise once kept stays so), saying most."""
    said = link.field == "visit", is_code_link(link), len(link.evidence), link.url.startswith("https:"), -len(link.url)
    return *said, -_LINK_KINDS.index(link.kind), link.url, link.field, link.raw, link.evidence
