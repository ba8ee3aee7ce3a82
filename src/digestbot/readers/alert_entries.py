"""From the lines of an alert to papers: a title, and below it what shows that it is one.

::

    Repulsions instruct synaptic partner matching → https://…      a link as long as its line, or a line above people
    Zhuoran Li, Cheng Lyu, Chuanyun Xu et al.                      names: evidence
    Nature. 2026;649 | 22 January 2026 | doi:10.1038/…             an id, a date: evidence
    A wiring rule of the fly brain turns out to be …               what is long and none of these is the abstract

A link without evidence becomes a reject when it is as long as a title, else nothing.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

from digestbot.dates import parse_date
from digestbot.identity import find_id
from digestbot.links import find_links
from digestbot.models import Link, Paper, PartialDate, Reject
from digestbot.readers.alert_lines import (
    could_be_title,
    is_furniture,
    is_heading,
    is_marked,
    is_the_end,
    title_link,
)
from digestbot.readers.html_page import PageLine
from digestbot.readers.markup import Anchor
from digestbot.readers.people import People, looks_like_people, read_people
from digestbot.readers.protocol import excerpt_of
from digestbot.readers.record_links import links_of

_DOI = re.compile(r"(?<![\w.])10\.[0-9]{4,9}/[^\s\"<>|]{1,200}")
_PMID = re.compile(r"\bPMID:?\s?([0-9]{5,8})\b", re.IGNORECASE)
_ARTICLE = re.compile(
    r"/(?:doi|articles?|article-abstract|fulltext|full|abs|abstract|pii|document|papers?|chapter|content|inproceedings"
    r"|stable)/[^/?#]{4,}",
    re.IGNORECASE,
)
_MONTH = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]{0,6}\.?"
_DAY = re.compile(
    rf"\b(?:[0-9]{{1,2}}(?:st|nd|rd|th)?\s+{_MONTH},?\s+[0-9]{{4}}|{_MONTH}\s+[0-9]{{1,2}}(?:st|nd|rd|th)?,?\s+[0-9]{{4}}|[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}"
    rf"|[0-9]{{4}}\s+{_MONTH}\s+[0-9]{{1,2}})\b",
    re.IGNORECASE,
)
_CITED = re.compile(r"\bdoi\b|10\.[0-9]{4,9}/|\bpmid\b|https?://|\b[0-9]{4};\s?[0-9]|^\W{0,3}\[", re.IGNORECASE)
_META = re.compile(
    _CITED.pattern
    + r"|\bvol(?:ume|\.)|\biss(?:ue|\.)|\bpp?\.\s?[0-9]|\bpages?\b|\bpublished\b|\bposted\b|available online",
    re.IGNORECASE,
)
_LABEL = re.compile(
    r"^(?P<label>authors?|by|published in|publication|journal|source|doi|abstract|summary)\s*:\s*(?P<rest>.+)",
    re.IGNORECASE | re.DOTALL,
)
_VENUE = re.compile(
    r"^(?P<venue>[^\W\d_][^.;:|0-9]{2,100}?)(?:\.\s*(?=\(?[0-9]{4}|https?://|doi)|\s+posted\b)", re.IGNORECASE
)
_LAST_DOT = re.compile(r"(?:(?<=[A-Z]{2})|(?<=[a-z]{3}))\.$")
_ONE_DOT = re.compile(r"[^.]*\s[A-Z]{1,3}\.")  # Abe J, Li W.
_PDF = re.compile(r"(?:view |download |full[- ]?text )?\[?pdf\]?(?: \(.{1,20}\))?", re.IGNORECASE)
_LOOKED_AT = 8  # lines below a title
_MOST_LINES = 60  # of one entry
_TITLE_WORDS = 4  # a link with fewer words is furniture rather than a paper that could not be read


class _Seen:
    """A line with what it turns out to hold: each question is asked once."""

    def __init__(self, line: PageLine) -> None:
        self.line, self.text, self.anchors, self.marks = line, line.text, line.anchors, line.marks

    @cached_property
    def people(self) -> People | None:
        """The people it names."""
        return _people(self.line)

    @cached_property
    def ids(self) -> list[str]:
        """The ids it prints or leads to."""
        return _ids(self.line)

    @cached_property
    def link(self) -> Anchor | None:
        """The link that it is, when that could be a title."""
        return title_link(self.line)


@dataclass(slots=True)
class _Entry:
    """A title and the lines below it."""

    title: str
    head: _Seen
    url: str = ""
    """Where the title leads; empty when it is no link."""
    below: list[_Seen] = field(default_factory=list)
    peopled: bool = False
    """True when one of the lines below names people."""

    @property
    def anchors(self) -> Iterator[Anchor]:
        """The links below the title."""
        return (anchor for line in self.below for anchor in line.anchors)

    def add(self, line: _Seen) -> None:
        """Take a line, unless there are too many already."""
        if len(self.below) < _MOST_LINES:
            self.below.append(line)
            self.peopled = self.peopled or (len(self.below) <= _LOOKED_AT and line.people is not None)


@dataclass(frozen=True, slots=True)
class Found:
    """What became of an entry."""

    item: Paper | Reject
    named: bool = False
    """True when it has an id of its own or its address is one of a paper."""


def read_entries(lines: Sequence[PageLine], date: PartialDate | None, begins: int = 0) -> list[Found]:
    """Return the papers and rejects of an alert's lines, in their order.

    `date` is the mail's: it is a paper's, marked as inferred, where none is printed with it. `begins` is the line of
    the file for all of them; 0 when the lines know their own.
    """
    found = [item for entry in _entries(lines) if (item := _read(entry, date, begins))]
    read = {each.item.title for each in found if isinstance(each.item, Paper)}
    return [each for each in found if isinstance(each.item, Paper) or each.item.excerpt not in map(excerpt_of, read)]


def _entries(lines: Sequence[PageLine]) -> Iterator[_Entry]:
    """Yield each title with what stands below it, down to the next title, heading or imprint."""
    seen = [_Seen(line) for line in lines]
    entry: _Entry | None = None
    for place, line in enumerate(seen):
        begun = _begins(seen, place, entry)
        if begun or (entry and (is_heading(line.line) or is_the_end(line.line))):
            if entry:
                yield entry
            entry = begun
        elif entry:
            entry.add(line)
    if entry:
        yield entry


def _begins(lines: Sequence[_Seen], place: int, open_entry: _Entry | None) -> _Entry | None:
    """Return the entry that begins with a line, if one does."""
    line = lines[place]
    wanting = open_entry is not None and not open_entry.peopled
    if line.link:
        return None if wanting and line.people else _Entry(line.link.words, line, line.link.url)
    if not could_be_title(line.text, line.marks) or (wanting and open_entry and open_entry.url and line.marks):
        return None  # the lines below a linked title, until its people came
    if (line.anchors and line.marks) or _CITED.search(line.text) or line.people or not _is_above_people(lines, place):
        return None
    return _Entry(line.text, line, line.anchors[0].url if line.anchors else "")


def _is_above_people(lines: Sequence[_Seen], place: int) -> bool:
    """Tell whether people and then an id stand below a line that is no link, so that it must be a title."""
    below = [line for line in lines[place + 1 : place + 6] if not _is_bare_address(line)]
    return bool(below) and below[0].people is not None and any(line.ids for line in lines[place + 1 : place + 6])


def _is_bare_address(line: _Seen) -> bool:
    return line.text.startswith(("http://", "https://"))


def _people(line: PageLine) -> People | None:
    """Return the people that a line names; None when it names none."""
    if line.text.startswith("http") or len(line.text) < 4:
        return None
    labelled = _LABEL.match(line.text)
    is_label = labelled is not None and labelled["label"].lower() in ("author", "authors", "by")
    text = labelled["rest"] if labelled and is_label else line.text
    for part in _parts(text):
        plain = part if part.endswith("al.") else part[:-1] if _ONE_DOT.fullmatch(part) else _LAST_DOT.sub("", part)
        if (
            is_label
            or (looks_like_people(plain) and not _is_a_lone_link(line, plain))
            or (is_marked(line.marks, "people") and _could_be_people(plain))
        ):
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


def _is_a_lone_link(line: PageLine, text: str) -> bool:
    """Tell whether a line is one link of two or three words: rather a button than an author."""
    return any(anchor.words == line.text for anchor in line.anchors) and "," not in text and " and " not in text


def _could_be_people(text: str) -> bool:
    """Tell whether a line that is called people by its class holds words of names at all."""
    return (
        not _META.search(text)
        and not is_furniture(text)
        and bool(re.search(r"[^\W\d_]{2}", text))
        and len(text.partition(",")[0]) <= 60
    )


def _ids(line: PageLine) -> list[str]:
    """Return the ids that a line prints or leads to."""
    texts = [line.text, *(text for anchor in line.anchors for text in (anchor.words, anchor.url))]
    found = [name[0] for text in texts if _may_hold_id(text) and (name := find_id(text))]
    return found + [f"pmid:{number}" for number in _PMID.findall(line.text)]


def _may_hold_id(text: str) -> bool:
    return (
        "10." in text
        or "arxiv" in text.lower()
        or "pubmed" in text
        or "openreview" in text
        or "nature.com/articles" in text
    )


def _read(entry: _Entry, date: PartialDate | None, begins: int) -> Found | None:
    """Return the paper that an entry is, a reject when nothing shows that it is one, None for furniture."""
    near = entry.below[:_LOOKED_AT]
    people = next((line.people for line in near if line.people), None)
    ids = _ids(replace(entry.head.line, text="")) if entry.url else []
    ids += [name for line in near for name in line.ids]
    is_article = _ARTICLE.search(entry.url) is not None
    printed = next((day for line in near if (day := _day(line))), None)
    likely = 2 * bool(people) + 3 * bool(ids) + 2 * is_article + bool(printed) + is_marked(entry.head.marks, "title")
    if people or ids or (is_article and likely > 2):
        return Found(_paper(entry, people or People(), printed or _inferred(date)), bool(ids) or is_article)
    if len(entry.title.split()) < _TITLE_WORDS or not entry.url:
        return None
    reason = "a link without people, an id or the address of a paper"
    return Found(Reject(begins or entry.head.line.number, reason, excerpt_of(entry.title)))


def _inferred(date: PartialDate | None) -> PartialDate | None:
    return replace(date, inferred=True) if date else None


def _day(line: _Seen) -> PartialDate | None:
    """Return the day that a line of facts prints."""
    found = _DAY.search(line.text) if len(line.text) <= 300 or _META.search(line.text[:300]) else None
    return parse_date(found[0]) if found else None


def _paper(entry: _Entry, people: People, date: PartialDate | None) -> Paper:
    doi = _doi(entry)
    url = entry.url if entry.url and (_ARTICLE.search(entry.url) or find_id(entry.url) or not doi) else None
    file = next((anchor.url for anchor in entry.anchors if _PDF.fullmatch(anchor.words)), None)
    abstract = _abstract(entry)
    return Paper(
        title=entry.title,
        abstract=abstract,
        authors=people.names,
        authors_truncated=people.truncated,
        author_count=people.count,
        affiliations=people.affiliations,
        published=date,
        published_text=next(
            (found[0] for line in entry.below[:_LOOKED_AT] if _day(line) and (found := _DAY.search(line.text))), None
        ),
        venue=_venue(entry),
        doi=doi,
        url=url or (f"https://doi.org/{doi}" if doi else _page_of(entry)),
        pdf_url=file,
        links=_links(entry),
    )


def _doi(entry: _Entry) -> str | None:
    """Return the DOI as printed, or as the addresses of the entry hold it."""
    near = entry.below[:_LOOKED_AT]
    texts = [line.text for line in near] + [
        text for line in near for anchor in line.anchors for text in (anchor.words, anchor.url)
    ]
    for text in (entry.url, *texts):
        if found := _DOI.search(text):
            name = find_id(f"doi:{found[0]}")
            printed = found[0].rstrip(".,;:)]")
            return (
                printed
                if name is None or name[0].casefold() == f"doi:{printed}".casefold()
                else name[0].partition(":")[2]
            )
    return None


def _page_of(entry: _Entry) -> str | None:
    """Return the address of a paper that stands below a title that leads nowhere itself."""
    known = (anchor.url for anchor in entry.anchors if _ARTICLE.search(anchor.url) or find_id(anchor.url))
    return entry.url or next(known, next((anchor.url for anchor in entry.anchors), None))


def _venue(entry: _Entry) -> str | None:
    for line in entry.below[:_LOOKED_AT]:
        labelled = _LABEL.match(line.text)
        if labelled and labelled["label"].lower() in ("published in", "publication", "journal", "source"):
            return re.sub(r",?\s*(?:19|20)[0-9]{2}\s*$", "", labelled["rest"]).strip() or None
        if (found := _VENUE.match(line.text)) and not line.people:
            return found["venue"].strip()
    return None


def _abstract(entry: _Entry) -> str:
    """Return the long lines below a title that are neither people nor facts nor furniture."""
    kept: list[str] = []
    for line in entry.below:
        labelled = _LABEL.match(line.text)
        is_label = labelled is not None and labelled["label"].lower() in ("abstract", "summary")
        text = labelled["rest"] if labelled and is_label else line.text
        long = len(text) >= 80 or is_label or (len(text) >= 25 and (is_marked(line.marks, "abstract") or kept))
        if long and not is_furniture(text) and not line.link and (is_label or not (line.people or _is_facts(line))):
            kept.append(text)
    return "\n".join(kept)


def _is_facts(line: _Seen) -> bool:
    """Tell whether a line holds a citation, and is not a sentence that mentions one."""
    facts = _CITED if len(line.text) > 150 else _META
    return len(line.text) < 250 and facts.search(line.text) is not None


def _links(entry: _Entry) -> tuple[Link, ...]:
    """Return the links to code, data and the like; those to the paper itself are its address."""
    return tuple(
        link for link in links_of(entry.anchors, "abstract") if link.kind != "other" and find_links(link.url, "")
    )
