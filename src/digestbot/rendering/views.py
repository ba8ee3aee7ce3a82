"""What templates see of a paper: finished pieces of text, each printable in every form (docs/templates.md)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

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


@dataclass(frozen=True, slots=True)
class ReasonView:
    """A clause of the query, the words that fulfil it, and the fields they stand in."""

    clause: str
    words: tuple[str, ...]
    more: int
    fields: str


@dataclass(frozen=True, slots=True)
class CardView:
    """A paper as templates see it. Whatever is not known is empty or None."""

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
    score: float | None
    upvotes: int | None

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


def card_view(card: Card) -> CardView:
    """Return the card as templates see it."""
    paper = card.paper
    title = _field(paper.title, card.hits, "title", _TITLE) or Passages([Passage("(no title)")])
    url = paper_address(paper)
    return CardView(
        id=paper.id,
        title=title,
        url=url,
        search_url=Address() if url else search_address(str(title)),
        authors=authors(paper, card.hits),
        date=_date(paper),
        venue=readable(paper.venue or "", _NAME),
        categories=_listed(paper.categories[:_CATEGORIES], card.hits, "categories"),
        organization=_field(paper.organization or "", card.hits, "organization", _NAME),
        comments=_field(paper.comments or "", card.hits, "comments", _COMMENT),
        summary=readable(card.summary, _ABSTRACT),
        machine_summary=readable(paper.machine_summary or "", _COMMENT),
        abstract=_field(paper.abstract, card.hits, "abstract", _ABSTRACT),
        links=tuple(_link(link) for link in paper.links[:_LINKS]),
        more_links=max(0, len(paper.links) - _LINKS),
        promises_code=paper.promises_code,
        reasons=tuple(_reason(reason, card.hits) for reason in card.reasons[:_REASONS]),
        score=paper.score,
        upvotes=paper.upvotes,
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
    return str(marked(text, (), limit))


def counted(number: int, noun: str) -> str:
    """Return ``1 paper``, ``413 papers``."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def _field(raw: str, hits: Iterable[Hit], field: str, limit: int, item: int | None = None) -> Passages:
    return marked(raw, (hit for hit in hits if hit.field == field and hit.item == item), limit)


def _listed(items: Sequence[str], hits: Sequence[Hit], field: str) -> Passages:
    texts = [_field(text, hits, field, _NAME, item) for item, text in enumerate(items)]
    return joined([text for text in texts if text], ", ")


def _date(paper: Paper) -> str:
    """Return the date as the digest printed it; else as far as it is known."""
    return readable(paper.published_text or "", _NAME) or ("" if paper.published is None else str(paper.published))


def _link(link: Link) -> LinkView:
    url = web_address(link.url)
    host, _, path = url.partition("://")[2].removeprefix("www.").rstrip("/").partition("/")
    name = path if path and link.kind in _NAMED_BY_PATH else f"{host}/{path}".rstrip("/")
    return LinkView(
        kind=link.kind,
        label=_KINDS.get(link.kind, _KINDS["other"]),
        url=url,
        text=readable(name if url else link.url, _WORD),
        evidence=readable(link.evidence, 160),
    )


def _reason(reason: Reason, hits: Sequence[Hit]) -> ReasonView:
    fields = dict.fromkeys(_FIELDS.get(hit.field, hit.field) for hit in hits if hit.clause == reason.clause)
    words = dict.fromkeys(readable(word, _WORD) for word in reason.words[: 2 * _WORDS])
    return ReasonView(
        clause=readable(reason.clause, 2 * _NAME),
        words=tuple(words)[:_WORDS],
        more=max(0, len(reason.words) - _WORDS),
        fields=", ".join(fields),
    )
