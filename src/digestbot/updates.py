"""What became of a paper after it was sent: a new version, a place that took it, code, a withdrawal.

::

    records ─facts→ what is known of the paper ─news, without what was told→ updates

Facts are a set: those of several records are put together in any order, and what a reader was shown is the facts of
the card. So news follows from what is known and what was told, whichever digest came first.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from functools import lru_cache
from typing import Final, get_args

from digestbot.facts import Fact, FactKind
from digestbot.links import is_code_link
from digestbot.models import Link, LinkKind, Paper
from digestbot.venues import acceptances, alike, is_published_in, is_publishers_doi
from digestbot.withdrawals import withdrawal

_ORDER: Final = get_args(FactKind)
_LINK_KINDS: Final = get_args(LinkKind)
_LONGEST: Final = 200
_MOST_VENUES: Final = 20
_ARRIVED: Final = "arrived"
"""Key of code that a visit to a link found, where there was none before."""
_REPLACED: Final = "a newer version"
"""Evidence of an announcement that says that there is a new version, and not which."""


def facts(records: Iterable[Paper]) -> tuple[Fact, ...]:
    """Return what the records of one paper say of it, in a fixed order that does not depend on theirs."""
    return joined(_printable(fact) for record in records for fact in _facts_of(record))


@lru_cache(maxsize=1024)
def facts_shown(paper: Paper) -> tuple[Fact, ...]:
    """Return what a card of this paper says of it; most papers go to many people."""
    return facts([paper])


def joined(found: Iterable[Fact]) -> tuple[Fact, ...]:
    """Return facts put together: the highest version, each venue once, one withdrawal, one link to code, one arrival.

    Commutative, associative, idempotent: what was put together before changes nothing.
    """
    best: dict[tuple[str, str], Fact] = {}
    for fact in found:
        place = (fact.kind, "" if fact.kind == "version" else fact.key)
        best[place] = max(fact, best.get(place, fact), key=_rank)
    venues = sorted((fact for fact in best.values() if fact.kind == "venue"), key=_rank, reverse=True)
    others = (fact for fact in best.values() if fact.kind != "venue")
    return tuple(sorted((*others, *venues[:_MOST_VENUES]), key=_place))


def news(told: Collection[Fact], known: Sequence[Fact]) -> tuple[Fact, ...]:
    """Return which of the known facts are new to somebody who was told the others, with the evidence for that reader.

    A venue that may be the same as one that was told, in other words, is not new.
    """
    found: list[Fact] = []
    for fact in known:
        before = [other for other in (*told, *found) if other.kind == fact.kind]
        if not _is_covered(fact, before):
            found.append(_since(fact, before))
    return tuple(found)


def wanted(kinds: Collection[str], fact: Fact) -> bool:
    """Tell whether somebody who takes these kinds of updates is told a fact; a withdrawal concerns all of them."""
    return bool(kinds) if fact.kind == "withdrawn" else fact.kind in kinds


def _facts_of(paper: Paper) -> Iterator[Fact]:
    if words := withdrawal(paper.title, paper.abstract, paper.comments or ""):
        yield Fact("withdrawn", "", words)
    if code := min(filter(is_code_link, paper.links), key=_link_rank, default=None):
        yield Fact("code", "", code.evidence[:_LONGEST], code.url)
    if came := min((link for link in paper.links if link.field == "visit"), key=_link_rank, default=None):
        yield Fact("code", _ARRIVED, came.evidence[:_LONGEST], came.url)
    yield from _venues_of(paper)
    if paper.version:
        yield Fact("version", str(paper.version), f"v{paper.version}")
    elif paper.announce_type in {"replace", "replace-cross"}:
        yield Fact("version", "2", _REPLACED)


def _printable(fact: Fact) -> Fact:
    """Return the fact without what a database or a page would have to change: it is known by its key."""
    return Fact(fact.kind, *(_line(text) for text in (fact.key, fact.evidence, fact.url)))


def _line(text: str) -> str:
    return " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())


def _venues_of(paper: Paper) -> Iterator[Fact]:
    """Yield where the paper was taken: by its comments, its venue, or a DOI that no archive gave."""
    for item in acceptances(paper.comments or ""):
        yield Fact("venue", item.name, item.words)
    doi = paper.doi.strip() if paper.doi and is_publishers_doi(paper.doi) else ""
    url = f"https://doi.org/{doi}" if doi.startswith("10.") and len(doi) <= _LONGEST else ""
    if paper.venue and is_published_in(paper.venue):
        name = " ".join(paper.venue.split())[:_LONGEST]
        yield Fact("venue", name, name, url)
    elif url:
        yield Fact("venue", "", f"DOI {doi}", url)


def _is_covered(fact: Fact, before: Sequence[Fact]) -> bool:
    match fact.kind:
        case "version":  # a digest that prints no version announces the first
            return int(fact.key) <= max((int(other.key) for other in before), default=1)
        case "venue" if fact.key:
            return any(other.key and alike(fact.key, other.key) for other in before) or any(
                other.url for other in before if not other.key
            )
        case "code" if fact.key:  # the card may have shown an address at which there was nothing yet
            return any(other.key for other in before)
        case _:
            return bool(before)


def _since(fact: Fact, before: Sequence[Fact]) -> Fact:
    """Return the fact with what it was before: ``v1 → v3``."""
    if fact.kind != "version" or fact.evidence == _REPLACED:
        return fact
    last = max(before, key=lambda other: int(other.key), default=None)
    if last is None or last.evidence == _REPLACED:
        return fact
    return Fact("version", fact.key, f"v{last.key} → v{fact.key}")


def _rank(fact: Fact) -> tuple[object, ...]:
    """Rank facts of one kind: the larger version, and the one that says which; code by its host; the fuller words."""
    if fact.kind == "version":
        return int(fact.key), fact.evidence != _REPLACED, fact.evidence
    if fact.kind == "code":
        return not fact.url, [-ord(sign) for sign in fact.url], fact.evidence
    return bool(fact.key), bool(fact.url), len(fact.evidence), fact.evidence, fact.url, fact.key


def _place(fact: Fact) -> tuple[object, ...]:
    """Return where a fact stands: by kind, and venues with a name before those without."""
    return _ORDER.index(fact.kind), not fact.key, fact.key


def _link_rank(link: Link) -> tuple[int, str]:
    return _LINK_KINDS.index(link.kind), link.url
