"""What goes out to one subscription at one time: which papers, in what order, how many of them whole.

::

    matches ─group→ one a paper ─rank→ limit whole cards │ 30 lines │ the rest counted
    updates ─rank→ 30 lines │ the rest counted
"""

from bisect import bisect_left
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import lru_cache
from types import MappingProxyType
from typing import get_args
from zoneinfo import ZoneInfo

from digestbot.facts import FactKind
from digestbot.feeds import FeedEntry
from digestbot.models import Card, Edition, Hit, Match, Proof, Reason, Subscription, Updated
from digestbot.personal import Leaning
from digestbot.ranking import by_taste, ranked
from digestbot.summaries import summarise
from digestbot.text import to_unicode
from digestbot.weeks import weeks

LINES = 30
"""Papers over the limit that are still named, a line each."""

UPDATES = 30
"""Papers of former editions of which an edition tells the news."""

BUDGET = 102_000
"""Bytes of HTML that fit in a mail: Gmail clips what is longer."""

SUBJECT = 78
"""Characters a subject has at most: what RFC 5322 (2.1.1) recommends for a line."""


_KINDS = get_args(FactKind)
_HAPPENED: Mapping[FactKind, str] = {
    "withdrawn": "Withdrawn: ",
    "code": "Code arrived for ",
    "venue": "Accepted or published: ",
    "version": "New version of ",
}


def compose(  # noqa: PLR0913  (all that one edition is made of)
    subscription: Subscription,
    matches: Sequence[Match],
    due: datetime,
    proof: Proof,
    updates: Sequence[Updated] = (),
    *,
    leanings: Mapping[str, Leaning] = MappingProxyType({}),
    typed: Mapping[str, str] = MappingProxyType({}),
    past: Sequence[tuple[datetime, int]] = (),
) -> Edition:
    """Return the edition of `subscription` that was due at `due` (aware; shown in the subscription's time zone).

    `updates` is news of papers of former editions. A feed's reader pages by itself, so it gets all of it at once.
    `leanings` say what the person likes, by the papers' ids: they change the order, never which papers are shown.
    `typed` are clauses as the person typed them, by their canonical form. `past` are former editions: when each was
    due, and how many papers it had.
    """
    due = due.astimezone(ZoneInfo(subscription.timezone))
    order = ranked(matches, subscription.sort, due)
    shown = order[: subscription.limit + LINES]
    if leanings and subscription.sort == "relevance":
        shown = by_taste(shown, due, leanings)
    cards = tuple([card(item.match, item.why, typed) for item in shown])
    news = tuple(sorted(updates, key=_urgency))
    most = len(news) if subscription.channel == "feed" else UPDATES
    return Edition(
        subscription=subscription,
        due=due,
        subject=_news(subscription.name, news)
        if news and not cards
        else _subject(subscription.name, cards, len(order)),
        cards=cards[: subscription.limit],
        lines=cards[subscription.limit :],
        more=max(0, len(order) - len(cards)),
        updates=news[:most],
        more_updates=max(0, len(news) - most),
        proof=proof,
        weeks=weeks(past, due),
    )


def card(match: Match, place: str = "", typed: Mapping[str, str] = MappingProxyType({})) -> Card:
    """Return the paper with the reasons why it is there, at this place, and one sentence that sums it up.

    `typed` are clauses as the person typed them, by their canonical form.
    """
    reasons = _reasons(match.hits)
    if typed:
        reasons = tuple([Reason(item.clause, item.words, typed.get(item.clause, "")) for item in reasons])
    return Card(match.paper, match.hits, reasons, summarise(match.paper.title, match.paper.abstract), place)


def retold(edition: Edition, said: Mapping[str, str], writer: str) -> Edition:
    """Return the edition with the sentences that a model wrote, by the papers' ids, in place of the abstracts'."""

    def told(shown: Card) -> Card:
        text = said.get(shown.paper.id)
        return replace(shown, summary=text, written_by=writer) if text else shown

    return replace(edition, cards=tuple(map(told, edition.cards)), lines=tuple(map(told, edition.lines)))


def fit(edition: Edition, size_of: Callable[[Edition], int], budget: int = BUDGET) -> Edition:
    """Return the edition with as many whole cards as `size_of` (bytes) lets into the budget; the others become lines.

    If the lines alone are too many, the last of them are counted in `more`, and then the last updates in
    `more_updates`. Nothing is dropped uncounted.
    """
    if size_of(edition) <= budget:
        return edition
    steps = range(1, 2 * len(edition.cards) + len(edition.lines) + len(edition.updates) + 1)
    fitting = bisect_left(steps, True, key=lambda step: size_of(_shrunk(edition, step)) <= budget)
    return _shrunk(edition, steps[min(fitting, len(steps) - 1)]) if steps else edition


def window(entries: Sequence[FeedEntry], limit: int, *, by_change: bool) -> tuple[FeedEntry, ...]:
    """Return the `limit` entries that a feed shows, of `entries` with the newest first.

    With `by_change`, for a form in which an entry can say that it changed, one of which there is news stands with
    those of that day. Else it stays where it was, and is gone when it was: what came back would look like a new one.
    """
    return tuple(sorted(entries, key=moment, reverse=True) if by_change else entries)[:limit]


def moment(entry: FeedEntry) -> datetime:
    """Return when an entry was last added to."""
    return entry.changed or entry.added


def _shrunk(edition: Edition, step: int) -> Edition:
    """Return the edition after so many steps: a card less whole, then a line less, then an update less."""
    papers = edition.cards + edition.lines
    whole = max(0, len(edition.cards) - step)
    named = max(0, min(len(papers), len(papers) + len(edition.cards) - step))
    told = max(0, min(len(edition.updates), len(edition.updates) + len(edition.cards) + len(papers) - step))
    return replace(
        edition,
        cards=papers[:whole],
        lines=papers[whole:named],
        more=edition.more + len(papers) - named,
        updates=edition.updates[:told],
        more_updates=edition.more_updates + len(edition.updates) - told,
    )


def _urgency(item: Updated) -> tuple[object, ...]:
    """Return what to sort news by: withdrawals first, then code, venues, versions."""
    return min(_KINDS.index(fact.kind) for fact in item.facts), item.paper.title, item.paper.id


@lru_cache(maxsize=4096)  # a paper goes to many people who asked for the same words
def _reasons(hits: tuple[Hit, ...]) -> tuple[Reason, ...]:
    """Return the clauses in the order they were met, each with its different words."""
    words: dict[str, dict[str, str]] = {}
    for hit in hits:
        words.setdefault(hit.clause, {}).setdefault(" ".join(hit.text.casefold().split()), hit.text)
    return tuple(Reason(clause, tuple(forms.values())) for clause, forms in words.items())


def _subject(name: str, cards: Sequence[Card], total: int) -> str:
    """Return one line that names the papers: ``3 papers on sparse experts: Union of Experts; CLIP-MoE …``."""
    topic = _clipped(_line(name), 40)
    if not cards:
        return f"No new papers on {topic}"
    subject = f"{total} paper{'' if total == 1 else 's'} on {topic}: "
    names = _line(cards[0].paper.title) if total == 1 else "; ".join(_head(item.paper.title) for item in cards)
    return subject + _clipped(names, SUBJECT - len(subject))


def _news(name: str, updates: Sequence[Updated]) -> str:
    """Return one line on what became of papers: ``Code arrived for Union of Experts``, ``2 updates on experts: …``."""
    if len(updates) > 1:
        subject = f"{len(updates)} updates on {_clipped(_line(name), 40)}: "
        return subject + _clipped("; ".join(_head(item.paper.title) for item in updates), SUBJECT - len(subject))
    (item,) = updates
    fact = min(item.facts, key=lambda fact: _KINDS.index(fact.kind))
    said = _line(fact.evidence)
    told = fact.kind == "venue" and len(said) <= 40 and not fact.url
    subject = f"{said}: " if told else _HAPPENED[fact.kind]
    return subject + _clipped(_line(item.paper.title), SUBJECT - len(subject))


def _head(title: str) -> str:
    """Return what a title calls its paper: the part before the colon, when that is short."""
    line = _line(title)
    head, colon, _ = line.partition(": ")
    return head if colon and 1 < len(head) <= 40 else line


@lru_cache(maxsize=2048)
def _line(text: str) -> str:
    """Return the text readable and in one line, without any character that cannot be printed."""
    readable = to_unicode(text[:2000])
    return " ".join("".join(c for c in readable if c.isprintable() or c.isspace()).split())


def _clipped(text: str, width: int) -> str:
    """Return at most `width` characters, cut between words where that is possible."""
    if len(text) <= width:
        return text
    short = text[: width - 1]
    return (short.rpartition(" ")[0] if " " in short else short).rstrip(" ,;:") + "…"
