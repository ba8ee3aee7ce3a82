"""A research group's listing, dumped as text: the title and its authors on one line without anything in between.

::

    15.2CLMar 30, 2024Code                                    optional, and about the entry below it
    … Multilingual Language and CodeTaishi Nakamura, Mayank Mishra et al. · ibm-research, stanford
    Pretrained language models are …                          the abstract

Reading takes two looks. The first tells badges, entries and abstracts apart and learns the file's names and words;
the second takes each entry's line apart by that evidence (see `glue`). Both look at a bounded part of the file at
a time; what was learnt stays.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import BinaryIO

from digestbot.errors import MalformedDigestError
from digestbot.models import Paper, Reject
from digestbot.readers.badges import Badge, badge_of
from digestbot.readers.foreign import is_foreign
from digestbot.readers.furniture import furniture
from digestbot.readers.glue import Evidence, Split, is_truncated, split
from digestbot.readers.lines import LONGEST_LINE, Line, head_lines, numbered_lines, reject
from digestbot.readers.protocol import name_of
from digestbot.readers.shapes import ends_sentence, goes_on, prose_odds

DIALECT = "group-listing"

_DOT = " · "
_PROSE = 6.0  # log-odds from which a line is prose whatever it ends with
_EXPECTED = 1.5  # log-odds for the kind of text that ought to come next
_SURE = 4.0  # log-odds from which a line is an entry for its names alone
_WORDS_OF_A_LINE = 6  # so many a wrapped abstract has in a line at least
_LONGEST_ENTRY = 20_000  # characters of a title and all its authors
_MOST_DOTS = 8  # middle dots of a line that may begin the affiliations
_BATCH = 1_000_000  # characters that are held for the second look
_SAMPLE = 60  # short lines that are looked at to know the dialect
_NOTHING = Evidence()


@dataclass(slots=True)
class _Entry:
    """An entry after the first look."""

    line: int
    text: str
    badge: Badge
    named: bool
    """Return whether it ends with authors, by the shape of their names alone."""
    abstract: list[str] = field(default_factory=list)
    size: int = 0

    def add(self, text: str) -> None:
        """Add a paragraph to the abstract."""
        self.abstract.append(text)
        self.size += len(text) + 1


def sniff(head: bytes) -> float:
    """Return how sure it is: most short lines must end with names, or be badges."""
    texts = [line.text for line in head_lines(head) if line.text]
    if is_foreign(texts):
        return 0.0
    short = [text for text in texts if len(text) <= 400 and furniture(text) is None][:_SAMPLE]
    badges = [badge for text in short if (badge := badge_of(text, 0))]
    lines = [text for text in short if badge_of(text, 0) is None and prose_odds(text) < 3]
    entries = [text for text in lines if _has_names(text)]
    if not entries or len(entries) < 0.6 * len(lines):
        return 0.0
    truncated = sum(is_truncated(text.partition(_DOT)[0]) for text in entries)
    dated = any(badge.published_text for badge in badges)
    return 0.6 + 0.15 * dated + 0.2 * (truncated >= 0.3 * len(entries))


def read(file: BinaryIO) -> Iterator[Paper | Reject]:
    """Yield papers and rejects in their order.

    Raises MalformedDigestError at the end when there was no paper at all.
    """
    evidence, papers, rejects = Evidence(), 0, 0
    for batch in _batches(_first_look(numbered_lines(file))):
        for item in _second_look(batch, evidence):
            papers += isinstance(item, Paper)
            rejects += isinstance(item, Reject)
            yield item
    if not papers:
        what = f"{rejects} pieces that are none" if rejects else "nothing but navigation"
        raise MalformedDigestError(f"no entries: it holds {what}; fetch the listing again", source=name_of(file))


def _batches(items: Iterable[_Entry | Reject]) -> Iterator[list[_Entry | Reject]]:
    """Yield the items in parts of a bounded size."""
    batch: list[_Entry | Reject] = []
    size = 0
    for item in items:
        batch.append(item)
        size += len(item.text) + item.size if isinstance(item, _Entry) else 200
        if size > _BATCH:
            yield batch
            batch, size = [], 0
    yield batch


def _second_look(batch: list[_Entry | Reject], evidence: Evidence) -> Iterator[Paper | Reject]:
    """Learn from all entries, then take each apart."""
    entries = [item for item in batch if isinstance(item, _Entry)]
    for entry in entries:
        evidence.add_line(entry.text.partition(_DOT)[0])
        evidence.add_abstract(" ".join(entry.abstract))
    for item in batch:
        yield _adapt(item, evidence) if isinstance(item, _Entry) else item


def _adapt(entry: _Entry, evidence: Evidence) -> Paper | Reject:
    abstract = " ".join(entry.abstract)
    parts, affiliations = _split_off_affiliations(entry.text, abstract, evidence)
    if not parts.title or not (parts.authors or abstract):
        return reject(entry.line, "neither authors nor an abstract", entry.text)
    badge = entry.badge
    return Paper(
        title=parts.title,
        abstract=abstract,
        authors=parts.authors,
        authors_truncated=parts.truncated,
        affiliations=affiliations,
        published=badge.published,
        published_text=badge.published_text,
        categories=badge.categories,
        score=badge.score,
        promises_code=badge.code,
        alternatives=parts.alternatives,
    )


def _split_off_affiliations(text: str, abstract: str, evidence: Evidence) -> tuple[Split, tuple[str, ...]]:
    """Take the line apart. What stands behind the first dot that has authors before it is the affiliations."""
    pieces = text.split(_DOT)
    for count in range(1, min(len(pieces), _MOST_DOTS)):
        parts = split(_DOT.join(pieces[:count]), abstract, evidence)
        if parts.authors:
            names = [name.strip() for piece in pieces[count:] for name in piece.split(",")]
            return parts, tuple(name for name in names if name)
    return split(text, abstract, evidence), ()


def _first_look(lines: Iterable[Line]) -> Iterator[_Entry | Reject]:
    """Yield entries with their badge above and their abstract below, and what is no part of one."""
    entry: _Entry | None = None
    badge: Badge | None = None
    for line in lines:
        found = badge_of(line.text, line.number)
        if found:
            badge = badge.joined(found) if badge else found
        elif line.cut:
            yield from _closed(entry, badge)
            entry, badge = None, None
            yield reject(line.number, f"a line of more than {LONGEST_LINE:,} characters", line.text)
        elif not line.text or furniture(line.text):
            continue
        elif (named := _has_names(line.text)) or _is_title(line.text, entry, badge):
            yield from _closed(entry, None)
            entry, badge = _Entry(line.number, " ".join(line.text.split()), badge or Badge(line.number), named), None
        elif entry is not None and badge is None and _belongs(entry, line.text):
            entry.add(line.text)
        else:
            yield from _closed(entry, badge)
            entry, badge = None, None
            yield reject(line.number, "an abstract without a title", line.text)
    yield from _closed(entry, badge)


def _closed(entry: _Entry | None, badge: Badge | None) -> Iterator[_Entry | Reject]:
    """Yield the open entry, and the badge that no entry follows."""
    if entry is not None:
        yield entry
    if badge is not None:
        yield Reject(badge.line, "a score, category or date without an entry below it", badge.excerpt)


def _is_title(text: str, entry: _Entry | None, badge: Badge | None) -> bool:
    """Return whether a line without authors is a title all the same."""
    odds = prose_odds(text)
    if entry is None or badge is not None:
        return odds <= _EXPECTED
    if entry.abstract:  # one that was wrapped goes on
        return odds <= _EXPECTED and ends_sentence(entry.abstract[-1])
    said = ends_sentence(text) or len(text.split()) >= _WORDS_OF_A_LINE
    return odds <= -_EXPECTED and not (said and entry.named)


def _has_names(text: str) -> bool:
    """Return whether a line ends with authors, by the shape of the names alone."""
    if len(text) > _LONGEST_ENTRY or prose_odds(text) >= _PROSE:
        return False
    parts, _ = _split_off_affiliations(" ".join(text.split()), "", _NOTHING)
    return bool(parts.authors) and parts.score > _SURE


def _belongs(entry: _Entry, text: str) -> bool:
    """Return whether prose is part of the open entry's abstract."""
    if entry.size + len(text) > LONGEST_LINE:
        return False
    return not entry.abstract or goes_on(entry.text, entry.abstract, entry.size, text)
