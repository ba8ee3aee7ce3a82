"""What templates see of a paper: finished pieces of text, each printable in every form (docs/templates.md)."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from digestbot.facts import Note
from digestbot.links import link_key
from digestbot.models import Card, Hit, Link, LinkKind, Paper, Reason
from digestbot.rendering.clicks import Address, paper_address, search_address, web_address
from digestbot.rendering.passages import Passage, Passages, joined, marked

_TITLE, _ABSTRACT, _NAME, _COMMENT, _WORD = 300, 4000, 80, 300, 60
"""Characters printed at most; an ellipsis shows what is missing."""

AUTHORS = 6
"""Authors that are named; the others are counted."""

_WORDS, _LINKS, _CATEGORIES, _REASONS = 6, 8, 6, 12

_KINDS: dict[LinkKind, str] = {
    "github": "GitHub",
    "gitlab": "GitLab",
    "bitbucket": "Bitbucket",
    "huggingface": "Hugging Face",
    "zenodo": "Zenodo",
    "osf": "OSF",
    "figshare": "figshare",
    "anonymous": "Anonymous repository",
    "codeberg": "Codeberg",
    "project_page": "Project page",
    "dataset": "Dataset",
    "weights": "Weights",
    "video": "Video",
    "other": "Link",
}
_NAMED_BY_PATH = {"github", "gitlab", "bitbucket", "huggingface", "codeberg"}
# Nothing to make readable, and no blank too many: most names and dates. Two hyphens would be a dash.
_READABLE = re.compile(r"(?:[A-Za-z0-9.,:;()!?/+]++[ -]?+)*+(?<! )")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_FIELDS = {"authors": "author", "organization": "organisation", "categories": "category"}


@dataclass(frozen=True, slots=True)
class LinkView:
    """A link of a paper: what it leads to, and the words that say so."""

    kind: LinkKind
    label: str
    """``GitHub``, ``Project page`` …"""
    url: Address
    """Empty when it is no address of the web; then `text` holds what was printed."""
    text: str
    """``owner/name`` on the large hosts of code, else the address without its scheme; at most 60 characters."""
    evidence: str
    note: str
    """What a visit found there: ``MIT · 1.2k stars · official (looked up today)``; empty without one."""


@dataclass(frozen=True, slots=True)
class ReasonView:
    """A clause of the query as it was typed, the words that fulfil it, and the fields they stand in."""

    clause: str
    words: tuple[str, ...]
    more: int
    fields: str


@dataclass(frozen=True, slots=True, eq=False)
class CardView:
    """A paper as templates see it. Whatever is not known is empty or None.

    One is equal to itself alone, so that what is printed of it can be kept without comparing it.
    """

    id: str
    title: Passages
    url: Address
    search_url: Address
    """A search for the title, only where there is no `url`."""
    authors: Passages
    date: str
    venue: str
    categories: Passages
    organization: Passages
    comments: Passages
    summary: str
    machine_summary: str
    abstract: Passages
    links: tuple[LinkView, ...]
    more_links: int
    promises_code: bool
    reasons: tuple[ReasonView, ...]
    place: str
    """Why it stands where it stands, where the reasons do not say so."""
    score: float | None
    upvotes: int | None
    more_url: Address = field(default_factory=Address)
    """Where a person asks for more like it; empty where nobody is asked."""
    less_url: Address = field(default_factory=Address)
    same: "CardView | None" = None
    """The card without these addresses, which is everybody's; None where it has none."""
    written_by: str = ""
    """The language model that wrote the summary; empty where it is a sentence of the abstract."""

    @property
    def facts(self) -> tuple[Passages, ...]:
        """Date, venue, categories and organisation, as far as they are known."""
        plain = (Passages([Passage(text)] if text else []) for text in (self.date, self.venue))
        return tuple(fact for fact in (*plain, self.categories, self.organization) if fact)

    @property
    def votes(self) -> tuple[str, ...]:
        """Upvotes and score in words, as far as they are known."""
        votes = [] if self.upvotes is None else [counted(self.upvotes, "upvote")]
        return (*votes, *([] if self.score is None else [f"score {self.score:g}"]))


@lru_cache(maxsize=2500)
def card_view(card: Card) -> CardView:
    """Return the card as templates see it: of equal cards, which many editions hold, the same one."""
    paper = card.paper
    hits = tuple(_outside_links(paper, card.hits))
    title = _field(paper.title, hits, "title", _TITLE) or Passages([Passage("(no title)")])
    url = paper_address(paper)
    return CardView(
        id=paper.id,
        title=title,
        url=url,
        search_url=Address() if url else search_address(str(title)),
        authors=authors(paper, hits),
        date=_date(paper),
        venue=readable(paper.venue or "", _NAME),
        categories=_listed(paper.categories[:_CATEGORIES], hits, "categories"),
        organization=_field(paper.organization or "", hits, "organization", _NAME),
        comments=_field(paper.comments or "", hits, "comments", _COMMENT),
        summary=readable(card.summary, _ABSTRACT),
        machine_summary=readable(paper.machine_summary or "", _COMMENT),
        abstract=_field(paper.abstract, hits, "abstract", _ABSTRACT),
        links=tuple(_link(link, card.notes) for link in paper.links[:_LINKS]),
        more_links=max(0, len(paper.links) - _LINKS),
        promises_code=paper.promises_code,
        reasons=tuple(_reason(reason, card.hits) for reason in card.reasons[:_REASONS]),
        place=readable(card.place, _COMMENT),
        score=paper.score,
        upvotes=paper.upvotes,
        written_by=readable(card.written_by, _NAME),
    )


def authors(paper: Paper, hits: Sequence[Hit] = ()) -> Passages:
    """Return the first six authors and how many there are besides; without names, how many there are."""
    names = [_field(name, hits, "authors", _NAME, item) for item, name in enumerate(paper.authors[:AUTHORS])]
    names = [name for name in names if name]
    if not names:
        return Passages([Passage(counted(paper.author_count, "author"))] if paper.author_count else [])
    others = max(paper.author_count or 0, len(paper.authors)) - min(AUTHORS, len(paper.authors))
    rest = " et al." if paper.authors_truncated else ""
    tail = f" and {others} more" if others > 0 else rest
    return Passages([*joined(names, ", "), *([Passage(tail)] if tail else [])])


def readable(text: str, limit: int) -> str:
    """Return `text` readable in one line, at most `limit` characters of it."""
    return text if len(text) <= limit and _READABLE.fullmatch(text) else str(marked(text, (), limit))


def counted(number: int, noun: str) -> str:
    """Return ``1 paper``, ``413 papers``."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def _field(raw: str, hits: Iterable[Hit], field: str, limit: int, item: int | None = None) -> Passages:
    return marked(raw, (hit for hit in hits if hit.field == field and hit.item == item), limit)


def _listed(items: Sequence[str], hits: Sequence[Hit], field: str) -> Passages:
    texts = [_field(text, hits, field, _NAME, item) for item, text in enumerate(items)]
    return joined([text for text in texts if text], ", ")


def _outside_links(paper: Paper, hits: Iterable[Hit]) -> Iterator[Hit]:
    """Yield the hits that do not stand in an address: a mark inside of one would spoil it for copying."""
    printed = [(link.field, link.raw) for link in paper.links if link.raw]
    spans = [(name, start, start + len(raw)) for name, raw in printed for start in _starts(paper, name, raw)]
    for hit in hits:
        if not any(name == hit.field and start <= hit.start and hit.end <= end for name, start, end in spans):
            yield hit


def _starts(paper: Paper, name: str, raw: str) -> Iterator[int]:
    """Yield where an address stands in a field, as often as a card could show it."""
    text, start = getattr(paper, name, ""), -1
    if isinstance(text, str):
        for _ in range(_LINKS):
            if (start := text.find(raw, start + 1)) < 0:
                return
            yield start


def _date(paper: Paper) -> str:
    """Return the date as printed, without the time of day that feeds add; else as far as it is known."""
    date, text = paper.published, paper.published_text or ""
    if date is None or (text and not re.search("[0-9]:[0-9]", text)):
        return readable(text, _NAME)
    if date.month is None:
        return str(date)
    day = "" if date.day is None else f" {date.day}"
    year = "" if date.year is None else f"{',' * bool(day)} {date.year}"
    return f"{_MONTHS[date.month - 1]}{day}{year}"


def _link(link: Link, notes: Sequence[Note]) -> LinkView:
    key = link_key(link.url) if notes else ""
    url = web_address(link.url)
    host, _, path = url.partition("://")[2].removeprefix("www.").rstrip("/").partition("/")
    name = path if path and link.kind in _NAMED_BY_PATH else f"{host}/{path}".rstrip("/")
    return LinkView(
        kind=link.kind,
        label=_KINDS.get(link.kind, _KINDS["other"]),
        url=url,
        text=readable(name if url else link.url, _WORD),
        evidence=readable(link.evidence, 160),
        note=readable(next((note.text for note in notes if note.key == key), ""), 240),
    )


def _reason(reason: Reason, hits: Sequence[Hit]) -> ReasonView:
    fields = dict.fromkeys(_FIELDS.get(hit.field, hit.field) for hit in hits if hit.clause == reason.clause)
    words = dict.fromkeys(readable(word, _WORD) for word in reason.words[: 2 * _WORDS])
    return ReasonView(
        clause=readable(reason.typed or reason.clause, 2 * _NAME),
        words=tuple(words)[:_WORDS],
        more=max(0, len(reason.words) - _WORDS),
        fields=", ".join(fields),
    )
