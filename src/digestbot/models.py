"""The nouns that flow through the pipeline, as frozen records without behaviour of their own.

::

    Digest ─read→ Paper | Reject ─match→ Match ─compose→ Edition ─render→ Message ─deliver→ channel
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import datetime
from typing import Any, Literal, Self

from digestbot.facts import Fact, Note
from digestbot.weeks import Week

LinkKind = Literal[
    "github",
    "gitlab",
    "bitbucket",
    "huggingface",
    "zenodo",
    "osf",
    "figshare",
    "anonymous",
    "codeberg",
    "project_page",
    "dataset",
    "weights",
    "video",
    "other",
]

Verdict = Literal["fresh", "quiet", "stale", "partial", "blocked", "down", "unreadable"]
"""How a source did in a run; see "Why an inbox is empty" in the documentation."""


@dataclass(frozen=True, slots=True, order=False)
class PartialDate:
    """A date as precise as it was printed. Missing parts are None: ``Nov 17`` has no year.

    The text form is ISO 8601 as far as it goes: ``2024-11-17``, ``2024-11``, ``2024``, and for a date
    without a year the form of XML Schema's gMonthDay and gMonth, ``--11-17`` and ``--11``.
    """

    year: int | None = None
    month: int | None = None
    day: int | None = None
    inferred: bool = False
    """True when the year was not printed but follows from evidence in the same digest."""

    def __str__(self) -> str:
        month = "" if self.month is None else f"-{self.month:02d}"
        day = "" if self.day is None else f"-{self.day:02d}"
        return f"{'-' if self.year is None else f'{self.year:04d}'}{month}{day}"

    @classmethod
    def from_iso(cls, text: str) -> Self:
        """Read back what `str` wrote. Raises ValueError for anything else."""
        year, _, rest = ("-", "", text[2:]) if text.startswith("--") else text.partition("-")
        month, _, day = rest.partition("-")
        return cls(None if year == "-" else int(year), int(month) if month else None, int(day) if day else None)


@dataclass(frozen=True, slots=True)
class Link:
    """A link of a paper, as a person would want to click it."""

    url: str
    kind: LinkKind
    raw: str
    """The link as it was printed, before repair."""
    field: str
    """Where it stood: ``abstract``, ``comments``, ``title``, a ``record``'s own field; ``visit``: found there."""
    evidence: str
    """The words around it that say what it is: ``Code is available at …``."""


@dataclass(frozen=True, slots=True)
class Alternative:
    """Another, less likely reading of a line whose title and authors were glued together."""

    title: str
    authors: tuple[str, ...]
    score: float
    """Log-odds against the reading that was chosen: below 0, and the nearer to 0 the likelier."""


@dataclass(frozen=True, slots=True)
class Paper:
    """One record of a digest. What was not printed is None or empty; wording and TeX are kept as printed."""

    title: str
    id: str = ""
    """``arxiv:2306.14048``, ``doi:…``, ``pmid:…``, ``openreview:…``, else ``title:<fingerprint>``."""
    version: int | None = None
    abstract: str = ""
    authors: tuple[str, ...] = ()
    authors_truncated: bool = False
    """True when the digest said that there are more (``et al.``)."""
    author_count: int | None = None
    """How many authors the digest said there are, when it printed a number."""
    affiliations: tuple[str, ...] = ()
    organization: str | None = None
    """The organisation that a hub printed in place of the authors."""
    published: PartialDate | None = None
    published_text: str | None = None
    updated: PartialDate | None = None
    categories: tuple[str, ...] = ()
    """As printed, primary first."""
    announce_type: Literal["new", "cross", "replace", "replace-cross"] | None = None
    comments: str | None = None
    venue: str | None = None
    doi: str | None = None
    url: str | None = None
    pdf_url: str | None = None
    keywords: tuple[str, ...] = ()
    upvotes: int | None = None
    comment_count: int | None = None
    score: float | None = None
    machine_summary: str | None = None
    """A summary that a machine wrote elsewhere; always labelled as such."""
    links: tuple[Link, ...] = ()
    promises_code: bool = False
    """True when code is claimed or promised and no code link is given."""
    alternatives: tuple[Alternative, ...] = ()

    def __hash__(self) -> int:
        """Be found by little: equal papers share these, and what is kept of papers is looked up often."""
        return hash((self.id, self.title))

    def as_dict(self) -> dict[str, Any]:
        """Return plain JSON data; `from_dict` reads it back. Every field is there, dates as text."""
        data = {item.name: _plain(getattr(self, item.name)) for item in fields(self)}
        return {"id": data.pop("id"), **data}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        """Read what `as_dict` wrote; missing fields get their defaults, unknown ones are ignored.

        Raises ValueError, KeyError or TypeError when a field has the wrong form.
        """
        known = {item.name for item in fields(cls)}
        values: dict[str, Any] = {key: value for key, value in data.items() if key in known and value is not None}
        if not isinstance(values["title"], str):
            raise TypeError(f"title is {type(values['title']).__name__}, not text")
        for name in ("authors", "affiliations", "categories", "keywords"):
            values[name] = _strings(name, values.get(name, ()))
        for name in ("published", "updated"):
            if name in values:
                values[name] = PartialDate.from_iso(values[name])
        values["links"] = tuple(Link(**link) for link in values.get("links", ()))
        values["alternatives"] = tuple(
            Alternative(item["title"], tuple(item["authors"]), item["score"]) for item in values.get("alternatives", ())
        )
        return cls(**values)


def _plain(value: Any) -> Any:
    """Return `value` as JSON data."""
    if isinstance(value, PartialDate):
        return str(value)
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    if isinstance(value, Link | Alternative):
        return {item.name: _plain(getattr(value, item.name)) for item in fields(value)}
    return value


def _strings(name: str, value: Any) -> tuple[str, ...]:
    if isinstance(value, str) or not all(isinstance(item, str) for item in value):
        raise TypeError(f"{name} is not a list of texts")
    return tuple(value)


@dataclass(frozen=True, slots=True)
class Reject:
    """Something in a digest that looked like an entry and could not be read. `line` counts from 1."""

    line: int
    reason: str
    excerpt: str
    """At most 120 characters of it."""


@dataclass(frozen=True, slots=True)
class NamedSource:
    """A feed that a list of sources names."""

    name: str
    url: str
    page: str | None = None
    """The page that people read."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What one digest held."""

    source: str
    """The path, address or name of the digest."""
    dialect: str
    """The reader that read it; empty when none could."""
    papers: tuple[Paper, ...]
    rejects: tuple[Reject, ...] = ()
    date: PartialDate | None = None
    """The date the digest prints of itself."""
    verdict: Verdict = "fresh"
    reason: str = ""
    """Why the verdict is not ``fresh``."""
    sources: tuple[NamedSource, ...] = ()
    """What a list of sources names in place of papers."""


@dataclass(frozen=True, slots=True)
class Hit:
    """One place of a paper that a query asked for."""

    field: str
    """The paper's field, by its name in `Paper`: ``title``, ``abstract``, ``authors`` …"""
    start: int
    end: int
    """Offsets in characters; where the field is a list, in its item number `item`."""
    text: str
    """The slice itself."""
    clause: str
    """The part of the query it fulfils, in canonical form: ``"mixture of experts"``."""
    item: int | None = None


@dataclass(frozen=True, slots=True)
class Subscription:
    """Who wants what, where, when. Everything but `id` is as the person wrote it, checked."""

    id: str
    """Stable and unique: lower case letters, digits, ``-``."""
    name: str
    query: str
    channel: str = "email"
    """``email``, ``feed`` or ``folder``."""
    address: str = ""
    """Mail address, or the path of the folder or feed."""
    schedule: str = "daily"
    timezone: str = "UTC"
    limit: int = 20
    empty: Literal["skip", "send"] = "skip"
    sort: Literal["relevance", "date", "upvotes"] = "relevance"
    catch_up: Literal["merge", "skip"] = "merge"
    """What becomes of a scheduled time that was missed: the next round answers it, or its papers wait."""
    quiet: str = ""
    """Hours in which an instant subscription keeps quiet: ``22:00-07:00``."""
    max_per_day: int | None = None
    """How many instant editions a day there are at most; 0 for any number, None for what is usual."""
    updates: tuple[str, ...] = ("venue", "code")
    """Of which kinds news of papers sent before is told, from `UPDATE_KINDS`."""
    feedback: bool = False
    """Whether its mails ask, under each paper, for more or less like it."""
    note: str = ""
    """The editor's note, in Markdown."""
    origin: str = ""
    """The file it was declared in; empty when it lives in the ledger alone."""


@dataclass(frozen=True, slots=True)
class Fault:
    """Something a person has to mend in a file of theirs. `line` and `column` count from 1."""

    path: str
    line: int
    column: int
    message: str
    excerpt: str = ""
    """The offending line with a caret under the spot, ready to print."""


@dataclass(frozen=True, slots=True)
class Updated:
    """A paper that was sent before, as it is now, and what became of it since."""

    paper: Paper
    facts: tuple[Fact, ...]


@dataclass(frozen=True, slots=True)
class Match:
    """A paper for a subscription, with the places that fulfil its query."""

    subscription: str
    paper: Paper
    hits: tuple[Hit, ...]


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a paper is in an edition: one clause of the query and the words that fulfil it."""

    clause: str
    words: tuple[str, ...]
    """As printed in the paper, without repeats."""
    typed: str = ""
    """The clause as the person typed it; empty when it is the canonical one or is not known."""


@dataclass(frozen=True, slots=True)
class Card:
    """A paper as an edition shows it."""

    paper: Paper
    hits: tuple[Hit, ...]
    reasons: tuple[Reason, ...]
    summary: str = ""
    place: str = ""
    """Why it stands where it stands, where the reasons do not say so."""
    notes: tuple[Note, ...] = ()
    """What visits to its links found."""
    written_by: str = ""
    """The model that wrote the summary; empty where it is a sentence of the abstract."""

    def __hash__(self) -> int:
        """Be found by little, as `Paper`."""
        return hash((self.paper, self.place, self.reasons))


@dataclass(frozen=True, slots=True)
class SourceState:
    """How one source did: its name, its verdict, and why."""

    name: str
    verdict: Verdict
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Proof:
    """What stands behind an edition, so that an empty inbox explains itself."""

    digests: int = 0
    """Digests read since the last edition."""
    papers: int = 0
    """Different papers seen since then."""
    matched: int = 0
    newest: str = ""
    """Id of the newest paper; `newest_seen` is when it was first read."""
    newest_seen: datetime | None = None
    faults: tuple[SourceState, ...] = ()
    """Sources that were not fresh or quiet."""


@dataclass(frozen=True, slots=True)
class Edition:
    """What goes out to one subscription at one time."""

    subscription: Subscription
    due: datetime
    """The scheduled time it answers, aware, in the subscription's time zone."""
    subject: str
    cards: tuple[Card, ...]
    lines: tuple[Card, ...] = ()
    """What is over the limit, shown as a line each."""
    more: int = 0
    """How many matches are shown neither as a card nor as a line."""
    updates: tuple[Updated, ...] = ()
    """Papers of former editions of which there is news."""
    more_updates: int = 0
    """How many more there are; they wait for the next edition."""
    proof: Proof = field(default_factory=Proof)
    weeks: tuple[Week, ...] = ()
    """The weeks before and the week of `due`, oldest first, without this edition; empty with little to tell."""


@dataclass(frozen=True, slots=True)
class Part:
    """One rendered form of an edition."""

    name: str
    """The file name it would have: ``edition.html``."""
    media_type: str
    """``message/rfc822``, ``text/html``, ``text/markdown``, ``application/atom+xml`` …"""
    content: bytes


@dataclass(frozen=True, slots=True)
class Message:
    """An edition rendered for one channel."""

    key: str
    """Derived from subscription and due time; the same for every attempt."""
    channel: str
    address: str
    subject: str
    parts: tuple[Part, ...]
    generation: int = 0
    """Grows only when a person orders a second sending."""
