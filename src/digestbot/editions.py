"""What goes out to one subscription at one time: which papers, in what order, how many of them whole.

::

    matches ─group→ one a paper ─rank→ limit whole cards │ 30 lines │ the rest counted
"""

from bisect import bisect_left
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

from digestbot.models import Card, Edition, Hit, Match, Proof, Reason, Subscription
from digestbot.ranking import ranked
from digestbot.summaries import summarise
from digestbot.text import to_unicode

LINES = 30
"""Papers over the limit that are still named, a line each."""

BUDGET = 102_000
"""Bytes of HTML that fit in a mail: Gmail clips what is longer."""

SUBJECT = 78
"""Characters a subject has at most: what RFC 5322 (2.1.1) recommends for a line."""


def compose(subscription: Subscription, matches: Sequence[Match], due: datetime, proof: Proof) -> Edition:
    """Return the edition of `subscription` that was due at `due` (aware; shown in the subscription's time zone)."""
    order = ranked(matches, subscription.sort, due)
    cards = tuple(replace(card(item.match), place=item.why) for item in order[: subscription.limit + LINES])
    return Edition(
        subscription=subscription,
        due=due.astimezone(ZoneInfo(subscription.timezone)),
        subject=_subject(subscription.name, cards, len(order)),
        cards=cards[: subscription.limit],
        lines=cards[subscription.limit :],
        more=max(0, len(order) - len(cards)),
        proof=proof,
    )


def card(match: Match) -> Card:
    """Return the paper with the reasons why it is there and one sentence that sums it up."""
    return Card(match.paper, match.hits, _reasons(match.hits), summarise(match.paper.title, match.paper.abstract))


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
