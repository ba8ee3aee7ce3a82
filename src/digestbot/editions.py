"""What goes out to one subscription at one time: which papers, in what order, how many of them whole.

::

    matches ─group→ one a paper ─rank→ limit whole cards │ 30 lines │ the rest counted
"""

from bisect import bisect_left
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from types import MappingProxyType
from zoneinfo import ZoneInfo

from digestbot.models import Card, Edition, Hit, Match, PartialDate, Proof, Reason, Subscription
from digestbot.summaries import summarise
from digestbot.text import to_unicode

LINES = 30
"""Papers over the limit that are still named, a line each."""

BUDGET = 102_000
"""Bytes of HTML that fit in a mail: Gmail clips what is longer."""

SUBJECT = 78
"""Characters a subject has at most: what RFC 5322 (2.1.1) recommends for a line."""

_AS_IT_IS: Mapping[str, str] = MappingProxyType({})

# How much a clause counts by the best field it stands in; any other field counts 1.
_WEIGHTS = {"title": 3, "keywords": 2}


def compose(
    subscription: Subscription,
    matches: Sequence[Match],
    due: datetime,
    proof: Proof,
    typed: Mapping[str, str] = _AS_IT_IS,
) -> Edition:
    """Return the edition of `subscription` that was due at `due` (aware; shown in the subscription's time zone).

    `typed` are clauses as the person wrote them, by their canonical form.
    """
    ranked = sorted(_grouped(matches), key=lambda match: _rank(match, subscription.sort, due))
    cards = tuple(card(match, typed) for match in ranked[: subscription.limit + LINES])
    return Edition(
        subscription=subscription,
        due=due.astimezone(ZoneInfo(subscription.timezone)),
        subject=_subject(subscription.name, cards, len(ranked)),
        cards=cards[: subscription.limit],
        lines=cards[subscription.limit :],
        more=max(0, len(ranked) - len(cards)),
        proof=proof,
    )


def card(match: Match, typed: Mapping[str, str] = _AS_IT_IS) -> Card:
    """Return the paper with the reasons why it is there and one sentence that sums it up."""
    summary = summarise(match.paper.title, match.paper.abstract)
    return Card(match.paper, match.hits, _reasons(match.hits, typed), summary)


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

    If the lines alone are too many, the last of them are counted in `more`. Nothing is dropped uncounted.
    """
    if size_of(edition) <= budget:
        return edition
    papers = edition.cards + edition.lines

    def shrunk(step: int) -> Edition:
        whole = max(0, len(edition.cards) - step)
        named = len(papers) - max(0, step - len(edition.cards))
        more = edition.more + len(papers) - named
        return replace(edition, cards=papers[:whole], lines=papers[whole:named], more=more)

    steps = range(1, len(edition.cards) + len(papers) + 1)
    fitting = bisect_left(steps, True, key=lambda step: size_of(shrunk(step)) <= budget)
    return shrunk(steps[min(fitting, len(steps) - 1)]) if steps else edition


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


def _reasons(hits: Sequence[Hit], typed: Mapping[str, str]) -> tuple[Reason, ...]:
    """Return the clauses in the order they were met, each with its different words."""
    words: dict[str, dict[str, str]] = {}
    for hit in hits:
        words.setdefault(hit.clause, {}).setdefault(" ".join(hit.text.casefold().split()), hit.text)
    return tuple(Reason(clause, tuple(forms.values()), typed.get(clause, "")) for clause, forms in words.items())


def _subject(name: str, cards: Sequence[Card], total: int) -> str:
    """Return one line that names the papers: ``3 papers on sparse experts: Union of Experts; CLIP-MoE …``."""
    topic = _clipped(_line(name), 40)
    if not cards:
        return f"No new papers on {topic}"
    subject = f"{total} paper{'' if total == 1 else 's'} on {topic}: "
    names = _line(cards[0].paper.title) if total == 1 else "; ".join(_head(item.paper.title) for item in cards)
    return subject + _clipped(names, SUBJECT - len(subject))


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
