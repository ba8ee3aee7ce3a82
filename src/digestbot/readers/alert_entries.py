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
from itertools import takewhile

from digestbot.identity import find_id
from digestbot.models import Link, Paper, PartialDate, Reject
from digestbot.readers.alert_facts import Seen, ids_in, is_article, printed_doi
from digestbot.readers.alert_lines import could_be_title, is_furniture, is_heading, is_marked, is_the_end
from digestbot.readers.html_page import PageLine
from digestbot.readers.markup import Anchor
from digestbot.readers.people import People, looks_like_people, read_people
from digestbot.readers.protocol import excerpt_of
from digestbot.readers.record_links import links_of

_PDF = re.compile(r"(?:view |download |full[- ]?text )?\[?pdf\]?(?: \(.{1,20}\))?", re.IGNORECASE)
_LOOKED_AT = 8  # lines below a title
_MOST_LINES = 60  # of one entry
_TITLE_WORDS = 4  # a link with fewer words is furniture rather than a paper that could not be read


@dataclass(slots=True)
class _Entry:
    """A title and the lines below it."""

    title: str
    head: Seen
    url: str = ""
    """Where the title leads; empty when it is no link."""
    below: list[Seen] = field(default_factory=list)
    peopled: bool = False
    """True when one of the lines below names people."""

    @property
    def near(self) -> list[Seen]:
        """The lines that are looked at for facts."""
        return self.below[:_LOOKED_AT]

    @property
    def anchors(self) -> Iterator[Anchor]:
        """The links below the title."""
        return (anchor for line in self.below for anchor in line.anchors)

    def add(self, line: Seen) -> None:
        """Take a line, unless there are too many already."""
        if len(self.below) < _MOST_LINES:
            if self.goes_on_naming(line):
                line.people = read_people(line.text)
            self.below.append(line)
            self.peopled = self.peopled or (len(self.below) <= _LOOKED_AT and line.people is not None)

    def goes_on_naming(self, line: Seen) -> bool:
        """Tell whether a line names one more author below one with a comma behind it, be it a link or not."""
        last = self.below[-1] if self.below else None
        listed = last is not None and last.people is not None and last.text.endswith(",")
        return listed and looks_like_people(line.text.rstrip(","))


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
    read = {excerpt_of(each.item.title) for each in found if isinstance(each.item, Paper)}
    return [each for each in found if isinstance(each.item, Paper) or each.item.excerpt not in read]


def _entries(lines: Sequence[PageLine]) -> Iterator[_Entry]:
    """Yield each title with what stands below it, down to the next title, heading or imprint."""
    seen = [Seen(line) for line in lines]
    entry: _Entry | None = None
    lead: Seen | None = None
    for place, line in enumerate(seen):
        begun = _begins(seen, place, entry)
        if begun or line.is_lead or is_heading(line.line) or is_the_end(line.line):
            if entry:
                yield entry
            if begun and lead:
                begun.add(lead)
            entry, lead = begun, None if begun or not line.is_lead else line
        elif entry:
            entry.add(line)
    if entry:
        yield entry


def _begins(lines: Sequence[Seen], place: int, open_entry: _Entry | None) -> _Entry | None:
    """Return the entry that begins with a line, if one does."""
    line = lines[place]
    wanting = open_entry is not None and not open_entry.peopled
    if line.link:
        names = (wanting and line.people) or (open_entry and open_entry.goes_on_naming(line))
        return None if names else _Entry(line.link.words, line, line.link.url)
    if not could_be_title(line.text, line.marks) or (wanting and open_entry and open_entry.url and line.marks):
        return None  # the lines below a linked title, until its people came
    if (line.anchors and line.marks) or line.is_cited or line.people or not _is_above_people(lines, place):
        return None
    return _Entry(line.text, line, line.anchors[0].url if line.anchors else "")


def _is_above_people(lines: Sequence[Seen], place: int) -> bool:
    """Tell whether people and then an id stand below a line that is no link, so that it must be a title."""
    below = lines[place + 1 : place + 1 + _LOOKED_AT]
    first = next((line for line in below if not line.is_address), None)
    return first is not None and first.people is not None and any(line.ids for line in below)


def _read(entry: _Entry, date: PartialDate | None, begins: int) -> Found | None:
    """Return the paper that an entry is, a reject when nothing shows that it is one, None for furniture."""
    people = _people_of(entry.near)
    named = bool(ids_in(entry.url)) or any(line.ids for line in entry.near)
    article = is_article(entry.url)
    dated = any(line.day for line in entry.near) or is_marked(entry.head.marks, "title")
    if people or named or (article and dated):
        return Found(_paper(entry, people or People(), date), named or article)
    if len(entry.title.split()) < _TITLE_WORDS or not entry.url:
        return None
    reason = "a link without people, an id or the address of a paper"
    return Found(Reject(begins or entry.head.line.number, reason, excerpt_of(entry.title)))


def _people_of(lines: Sequence[Seen]) -> People | None:
    """Return the people below a title: a line of several, else of one; or one a line, each with a comma."""
    listed = next((place for place, line in enumerate(lines) if line.people and line.text.endswith(",")), None)
    if listed is not None:
        run = takewhile(lambda line: line.people is not None, lines[listed:])
        each = [line.people for line in run if line.people]
        names = tuple(name for people in each for name in people.names)
        return replace(each[0], names=names, truncated=any(people.truncated for people in each))
    named = [line.people for line in lines if line.people]
    several = (people for people in named if len(people.names) > 1 or people.truncated)
    return next(several, named[0] if named else None)


def _paper(entry: _Entry, people: People, mailed: PartialDate | None) -> Paper:
    doi = _doi(entry)
    pmid = next((name for line in entry.near for name in line.ids if name.startswith("pmid:")), "")
    day, date = _date(entry, mailed)
    return Paper(
        title=entry.title,
        id="" if doi else pmid,
        abstract=_abstract(entry),
        authors=people.names,
        authors_truncated=people.truncated,
        author_count=people.count,
        affiliations=people.affiliations,
        published=date,
        published_text=day,
        venue=next((venue for line in entry.near if (venue := line.venue)), None),
        doi=doi,
        url=_url(entry, doi, pmid),
        pdf_url=next((anchor.url for anchor in entry.anchors if _PDF.fullmatch(anchor.words)), None),
        links=_links(entry),
    )


def _date(entry: _Entry, mailed: PartialDate | None) -> tuple[str | None, PartialDate | None]:
    """Return the day printed with a paper; the mail's where there is none, or one to come, as issues print it."""
    printed = next((line.day for line in entry.near if line.day), None)
    if printed and (mailed is None or str(printed[1]) <= str(mailed)):
        return printed
    return None, replace(mailed, inferred=True) if mailed else None


def _doi(entry: _Entry) -> str | None:
    """Return the DOI that the address of an entry holds, or the first that is printed below it."""
    return next((doi for text in (entry.url, *_printed(entry.near)) if (doi := printed_doi(text))), None)


def _printed(lines: Sequence[Seen]) -> Iterator[str]:
    """Yield what lines say, what their links say, and where those lead."""
    for line in lines:
        yield line.text
        for anchor in line.anchors:
            yield anchor.words
            yield anchor.url


def _url(entry: _Entry, doi: str | None, pmid: str) -> str | None:
    """Return the address of a paper: its title's, unless that only counts clicks and there is a better one."""
    if entry.url and (is_article(entry.url) or find_id(entry.url)):
        return entry.url
    if doi:
        return f"https://doi.org/{doi}"
    known = next((anchor.url for anchor in entry.anchors if is_article(anchor.url) or find_id(anchor.url)), None)
    number = pmid.removeprefix("pmid:")
    return entry.url or known or (f"https://pubmed.ncbi.nlm.nih.gov/{number}/" if number else None)


def _abstract(entry: _Entry) -> str:
    """Return the long lines below a title that are neither people nor facts nor furniture."""
    kept: list[str] = []
    for line in entry.below:
        marked = len(line.text) >= 25 and (is_marked(line.marks, "abstract") or bool(kept))
        if line.is_abstract:
            kept.append(line.rest)
        elif (len(line.text) >= 80 or marked) and not _is_no_prose(line):
            kept.append(line.text)
    return "\n".join(kept)


def _is_no_prose(line: Seen) -> bool:
    return bool(line.people) or line.is_facts or line.link is not None or is_furniture(line.text)


def _links(entry: _Entry) -> tuple[Link, ...]:
    """Return the links to code, data and the like; those to the paper itself are its address."""
    return tuple(link for link in links_of(entry.anchors, "abstract") if link.kind != "other")
