"""What one line of an alert holds: people, ids, a day, a citation, a link that could be a title."""

import re
from collections.abc import Iterator
from functools import cached_property

from digestbot.dates import parse_date
from digestbot.identity import find_id
from digestbot.models import PartialDate
from digestbot.readers.alert_lines import is_furniture, is_marked, title_link
from digestbot.readers.html_page import PageLine
from digestbot.readers.markup import Anchor
from digestbot.readers.people import People, looks_like_people, read_people

_DOI = re.compile(r"(?<![\w.])10\.[0-9]{4,9}/[^\s\"<>|]{1,200}")
_PMID = re.compile(r"\bPMID:?\s?([0-9]{5,8})\b", re.IGNORECASE)
_ARTICLE = re.compile(
    r"/(?:doi|articles?|article-abstract|fulltext|full|abs|abstract|pii|document|papers?|chapter|content|inproceedings"
    r"|stable)/[^/?#]{4,}",
    re.IGNORECASE,
)
_MONTH = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]{0,6}\.?"
_DAY = re.compile(
    rf"\b(?:[0-9]{{1,2}}(?:st|nd|rd|th)?\s+{_MONTH},?\s+[0-9]{{4}}|{_MONTH}\s+[0-9]{{1,2}}(?:st|nd|rd|th)?,?\s+[0-9]{{4}}"
    rf"|[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}|[0-9]{{4}}\s+{_MONTH}\s+[0-9]{{1,2}})\b",
    re.IGNORECASE,
)
_CITED = re.compile(r"\bdoi\b|10\.[0-9]{4,9}/|\bpmid\b|https?://|\b[0-9]{4};\s?[0-9]|^\W{0,3}\[", re.IGNORECASE)
_FACTS = re.compile(
    _CITED.pattern
    + r"|\bvol(?:ume|\.)|\biss(?:ue|\.)|\bpp?\.\s?[0-9]|\bpages?\b|\bpublished\b|\bposted\b|available online",
    re.IGNORECASE,
)
_LABEL = re.compile(
    r"^(?P<label>authors?|by|published in|publication|journal|source|doi|abstract|summary)\s*:\s*(?P<rest>.+)",
    re.IGNORECASE | re.DOTALL,
)
_VENUE = re.compile(
    r"^(?:[0-9]{1,4}[.:]\s)?(?P<venue>[^\W\d_][^.;:|0-9]{2,100}?)(?:\.\s*(?=\(?[0-9]{4}|https?://|doi)|\s+posted\b)",
    re.IGNORECASE,
)
_YEAR_BEHIND = re.compile(r",?\s*(?:19|20)[0-9]{2}\s*$")
_LEAD = re.compile(r"[0-9]{1,4}[.:]\s.{0,300}(?:\b[0-9]{4};|\bdoi\b|\b[0-9]{4} [A-Z][a-z]{2}\b)", re.IGNORECASE)
_NOTES = re.compile(r"\([0-9]{1,3}(?:,\s?[0-9]{1,3})*\)")  # marks of affiliations
_LAST_DOT = re.compile(r"(?:(?<=[A-Z]{2})|(?<=[a-z]{3}))\.$")
_ONE_DOT = re.compile(r"[^.]*\s[A-Z]{1,3}\.")  # Abe J, Li W.
_PEOPLE_LABELS = ("author", "authors", "by")
_VENUE_LABELS = ("published in", "publication", "journal", "source")
_WORDS_LABELS = ("abstract", "summary")


class Seen:
    """A line with what it turns out to hold: each question is asked once."""

    def __init__(self, line: PageLine) -> None:
        self.line, self.text, self.anchors, self.marks = line, line.text, line.anchors, line.marks
        found = _LABEL.match(self.text)
        self.label, self.rest = (found["label"].lower(), found["rest"]) if found else ("", self.text)

    @cached_property
    def people(self) -> People | None:
        """The people it names."""
        return _people(self)

    @cached_property
    def ids(self) -> list[str]:
        """The ids it prints or leads to."""
        texts = [self.text, *(text for anchor in self.anchors for text in (anchor.words, anchor.url))]
        return ids_in(*texts) + [f"pmid:{number}" for number in _PMID.findall(self.text)]

    @cached_property
    def link(self) -> Anchor | None:
        """The link that it is, when that could be a title."""
        return title_link(self.line)

    @cached_property
    def day(self) -> tuple[str, PartialDate] | None:
        """The whole date that it prints, as printed and as read; of a long line only where it is a citation."""
        found = _DAY.search(self.text) if len(self.text) <= 300 or _FACTS.search(self.text[:300]) else None
        date = parse_date(found[0]) if found else None
        return (found[0], date) if found and date else None

    @property
    def venue(self) -> str | None:
        """The journal that a label or a citation names."""
        if self.label in _VENUE_LABELS:
            return _YEAR_BEHIND.sub("", self.rest).strip() or None
        found = _VENUE.match(self.text)
        return found["venue"].strip() if found and not self.people else None

    @property
    def is_address(self) -> bool:
        """True when it is nothing but an address."""
        return self.text.startswith(("http://", "https://"))

    @property
    def is_cited(self) -> bool:
        """True when it prints an id, an address or a citation, as no title does."""
        return _CITED.search(self.text) is not None

    @property
    def is_facts(self) -> bool:
        """True when it is a citation, and no sentence that mentions one."""
        facts = _CITED if len(self.text) > 150 else _FACTS
        return len(self.text) < 250 and facts.search(self.text) is not None

    @property
    def is_lead(self) -> bool:
        """True when it is a numbered citation, as PubMed's lists have it above a title."""
        return _LEAD.match(self.text) is not None

    @property
    def is_abstract(self) -> bool:
        """True when a label says that it is one."""
        return self.label in _WORDS_LABELS


def ids_in(*texts: str) -> list[str]:
    """Return the ids that texts and addresses hold, one each."""
    return [name[0] for text in texts if _may_hold_id(text) and (name := find_id(text))]


def is_article(url: str) -> bool:
    """Tell whether an address is one that publishers give to articles."""
    return _ARTICLE.search(url) is not None


def printed_doi(text: str) -> str | None:
    """Return the DOI in a text or an address, as printed."""
    found = _DOI.search(text)
    if not found:
        return None
    name = find_id(f"doi:{found[0]}")
    plain = found[0].rstrip(".,;:)]")
    if name is None or not name[0].startswith("doi:"):
        return plain
    doi = name[0].removeprefix("doi:")
    return plain[: len(doi)] if plain.casefold().startswith(doi) else doi


def _may_hold_id(text: str) -> bool:
    return any(mark in text for mark in ("10.", "pubmed", "openreview", "nature.com/articles", "arXiv", "arxiv"))


def _people(line: Seen) -> People | None:
    """Return the people that a line names; None when it names none."""
    if line.is_address or len(line.text) < 4:
        return None
    is_label = line.label in _PEOPLE_LABELS
    for part in _parts(_NOTES.sub("", line.rest if is_label else line.text)):
        plain = part if part.endswith("al.") else part[:-1] if _ONE_DOT.fullmatch(part) else _LAST_DOT.sub("", part)
        looks_so = looks_like_people(plain) and not _is_a_lone_link(line, plain)
        if is_label or looks_so or (is_marked(line.marks, "people") and _could_be_people(plain)):
            return read_people(plain)
    return None


def _parts(text: str) -> Iterator[str]:
    """Yield what of a line may be the people: what stands before a dash or a bar, or all of it."""
    people = re.split(r"\s[|•·]\s", text)
    if len(people) > 2 and all(map(looks_like_people, people)):
        yield ", ".join(people)
    first = re.split(r"\s[|•·–-]\s", text, maxsplit=1)[0]
    yield first
    if first != text:
        yield text


def _is_a_lone_link(line: Seen, text: str) -> bool:
    """Tell whether a line is one link of two or three words: rather a button than an author."""
    return any(anchor.words == line.text for anchor in line.anchors) and "," not in text and " and " not in text


def _could_be_people(text: str) -> bool:
    """Tell whether a line that is called people by its class holds words of names at all."""
    wordy = re.search(r"[^\W\d_]{2}", text) is not None and len(text.partition(",")[0]) <= 60
    return wordy and not _FACTS.search(text) and not is_furniture(text)
