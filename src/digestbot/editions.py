"""What goes out to one subscription at one time: which papers, in what order, how many of them whole.

::

    matches ─group→ one a paper ─rank→ limit whole cards │ 30 lines │ the rest counted
    updates ─rank→ 30 lines │ the rest counted
"""

from bisect import bisect_left
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import get_args
from zoneinfo import ZoneInfo

from digestbot.facts import FactKind
from digestbot.models import Card, Edition, FeedEntry, Hit, Match, PartialDate, Proof, Reason, Subscription, Updated
from digestbot.summaries import summarise
from digestbot.text import to_unicode

LINES = 30
"""Papers over the limit that are still named, a line each."""

UPDATES = 30
"""Papers of former editions of which an edition tells the news."""

BUDGET = 102_000
"""Bytes of HTML that fit in a mail: Gmail clips what is longer."""

SUBJECT = 78
"""Characters a subject has at most: what RFC 5322 (2.1.1) recommends for a line."""

# How much a clause counts by the best field it stands in; any other field counts 1.
_WEIGHTS = {"title": 3, "keywords": 2}


_KINDS = get_args(FactKind)
_HAPPENED: Mapping[FactKind, str] = {
    "withdrawn": "Withdrawn: ",
    "code": "Code arrived for ",
    "venue": "Accepted or published: ",
    "version": "New version of ",
}


def compose(
    subscription: Subscription,
    matches: Sequence[Match],
    due: datetime,
    proof: Proof,
    updates: Sequence[Updated] = (),
) -> Edition:
    """Return the edition of `subscription` that was due at `due` (aware; shown in the subscription's time zone).

    `updates` is news of papers of former editions. A feed's reader pages by itself, so it gets all of it at once.
    """
    ranked = sorted(_grouped(matches), key=lambda match: _rank(match, subscription.sort, due))
    cards = tuple(card(match) for match in ranked[: subscription.limit + LINES])
    news = tuple(sorted(updates, key=_urgency))
    most = len(news) if subscription.channel == "feed" else UPDATES
    return Edition(
        subscription=subscription,
        due=due.astimezone(ZoneInfo(subscription.timezone)),
        subject=_news(subscription.name, news)
        if news and not cards
        else _subject(subscription.name, cards, len(ranked)),
        cards=cards[: subscription.limit],
        lines=cards[subscription.limit :],
        more=max(0, len(ranked) - len(cards)),
        updates=news[:most],
        more_updates=max(0, len(news) - most),
        proof=proof,
    )


def card(match: Match) -> Card:
    """Return the paper with the reasons why it is there and one sentence that sums it up."""
    return Card(match.paper, match.hits, _reasons(match.hits), summarise(match.paper.title, match.paper.abstract))


def as_typed(edition: Edition, typed: Mapping[str, str]) -> Edition:
    """Return the edition with its reasons as the person typed them; `typed` are clauses by their canonical form."""

    def told(shown: Card) -> Card:
        reasons = (replace(reason, typed=typed.get(reason.clause, "")) for reason in shown.reasons)
        return replace(shown, reasons=tuple(reasons))

    return replace(edition, cards=tuple(map(told, edition.cards)), lines=tuple(map(told, edition.lines)))


def relevance(match: Match) -> tuple[int, int, int]:
    """Return how well a paper answers the query; the greater, the better.

    First every clause that is fulfilled, at the weight of the best field it stands in (title 3, keywords 2, else 1);
    then how many different words fulfil them; then how often.
    """
    best: dict[str, int] = {}
    for hit in match.hits:
        best[hit.clause] = max(best.get(hit.clause, 0), _WEIGHTS.get(hit.field, 1))
    words = {(hit.clause, hit.text.casefold()) for hit in match.hits}
    return sum(best.values()), len(words), len(match.hits)


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


def _grouped(matches: Sequence[Match]) -> list[Match]:
    """Return one match a paper: of several records of it, the one that answers best."""
    best: dict[str, Match] = {}
    for match in matches:
        key = match.paper.id or match.paper.title
        if key not in best or _weight(match) > _weight(best[key]):
            best[key] = match
    return list(best.values())


def _weight(match: Match) -> tuple[tuple[int, int, int], int]:
    return relevance(match), len(match.paper.abstract)


def _rank(match: Match, sort: str, due: datetime) -> tuple[object, ...]:
    """Return what to sort by, best first; ties are broken in the same way on every run."""
    paper = match.paper
    fitness, date, votes = _falling(relevance(match)), _falling(_moment(paper.published, due)), -(paper.upvotes or 0)
    order = {"relevance": (fitness, date, votes), "date": (date, fitness, votes), "upvotes": (votes, fitness, date)}[
        sort
    ]
    return (*order, paper.id, paper.title)


def _falling(numbers: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(-number for number in numbers)


def _moment(date: PartialDate | None, due: datetime) -> tuple[int, int, int]:
    """Return the date as numbers; without a year it is the last such day that is not after `due`."""
    if date is None:
        return (0, 0, 0)
    month, day = date.month or 0, date.day or 0
    if date.year is not None:
        return (date.year, month, day)
    tomorrow = due + timedelta(days=1)  # papers are dated ahead of us in some time zones
    return (tomorrow.year - ((month, day) > (tomorrow.month, tomorrow.day)), month, day)


def _reasons(hits: Sequence[Hit]) -> tuple[Reason, ...]:
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
