"""An entry of a Markdown list while it is read: a title, and lines that each add what they say.

Some say it with a label (``**Authors:** …``, ``PDF: …``), others by their form alone: a list of names, a date in
brackets, ``NeurIPS 2023``, a sentence.
"""

import re
from dataclasses import dataclass, field

from digestbot.dates import parse_date
from digestbot.models import Link, Paper, PartialDate, Reject
from digestbot.readers.lines import LONGEST_LINE, reject
from digestbot.readers.markdown_forms import (
    is_category,
    is_other_address,
    is_paper_address,
    is_venue,
    people_of,
)
from digestbot.readers.markdown_inline import read_inline, without_links
from digestbot.readers.markdown_labels import Labelled, labelled_links, parted
from digestbot.readers.markup import Anchor
from digestbot.readers.name_lists import split_names
from digestbot.readers.people import read_people
from digestbot.readers.record_links import links_of
from digestbot.readers.shapes import prose_odds

_EDGES = " \t-–—:：,;|·•/"
_GROUP = re.compile(r"[(\[]\s?([^()\[\]]{3,60})\s?[)\]]")
_SEPARATOR = re.compile(r" (?:[-–—|·•]|--) |: (?=[a-z])|; ")
_IN_BRACKETS = re.compile(r"\(([a-z]+(?:-[a-z]+)?(?:\.[A-Za-z-]{2,})?)\)")
_LONG_FIELDS = ("abstract", "machine_summary", "details")
_LONGEST_TITLE = 1_000  # characters; what is longer is none
_UNKNOWN_LABEL = re.compile(r"\*\*[^*:：]{1,30}(?::\*\*|\*\*:|：\*\*|\*\*：)")
_DATED_VENUE = re.compile(r"(\S[^()]{0,200}?) \(((?:19|20)[0-9]{2}(?:-[0-9]{2}){0,2})\)")
_NUMBERED = re.compile(r"^(?:\[\d{1,4}\]|\d{1,4}[.):](?=\s))\s*")
_COMMAS = re.compile(r"\s*[,;、]\s*")
_ABSTRACT = 150  # characters; a remark behind a bold word has fewer
_SENTENCE = 4  # words a sentence has at least
_NOTE = 8  # words; from here on what has no known form is a description
_BUTTON = 4  # words; a link of so few words is a button and no part of a sentence
_PAPER_WORDS = frozenset(
    (
        "paper",
        "arxiv",
        "abs",
        "abstract",
        "link",
        "url",
        "html",
        "read more",
        "openreview",
        "doi",
        "article",
        "preprint",
    )
)


@dataclass(slots=True)
class Draft:
    """What is known so far."""

    line: int
    indent: int
    title: str
    linked: str = ""
    """Where the title leads."""
    open: Labelled | None = None
    """The field that goes on with the next line."""
    url: str | None = None
    pdf_url: str | None = None
    authors: tuple[str, ...] = ()
    truncated: bool = False
    published: tuple[str, PartialDate | None] | None = None
    texts: dict[str, str] = field(default_factory=dict)
    lists: dict[str, tuple[str, ...]] = field(default_factory=dict)
    links: list[Link] = field(default_factory=list)

    def put(self, item: Labelled) -> None:
        """Fill in what a label says. The same field may go on with the next line."""
        for part in parted(item):
            self._put(part)

    def _put(self, item: Labelled) -> None:
        self.open = item
        read = read_inline(item.value)
        match item.field:
            case "link" | "pdf" | "other":
                bare = (
                    Anchor(word, item.label) for word in read.text.split() if word.startswith(("http://", "https://"))
                )
                for anchor in read.anchors or bare:
                    self._point(anchor, item.field, item.label)
            case "published" if read.text and self.published is None:
                self.published = (read.text, parse_date(read.text) or parse_date(re.split(r"\s?[(（]", read.text)[0]))
            case "authors" if read.text:
                self._sign(*_people(read.text))
            case "categories" | "keywords" | "affiliations" if read.text:
                self._list(item.field, read.text)
            case "details":
                self._say("machine_summary", f"{item.label}: {read.text}")
            case "title" if len(self.title) < _LONGEST_TITLE:
                self.title = f"{self.title} {read.text}".strip()
            case "venue" if dated := _DATED_VENUE.fullmatch(read.text):
                self._say("venue", dated[1])
                self.published = self.published or (dated[2], parse_date(dated[2]))
            case "abstract" | "machine_summary" | "comments" | "venue" | "doi" | "updated" | "upvotes":
                self._say(item.field, read.text)
                self.links += links_of(read.anchors, item.field)

    def add(self, source: str) -> None:
        """Take a line without a label for what its form says it is."""
        if self.open is not None and self.open.field not in _LONG_FIELDS and _UNKNOWN_LABEL.match(source):
            self.open = None
        if self.open is not None:
            self.put(self.open._replace(value=source))
            return
        source, links = labelled_links(source)
        for link in links:
            self.put(link)
        self.open = None
        words = read_inline(source)
        if len(words.text.split()) >= _SENTENCE and prose_odds(words.text) > 0 and not people_of(words.text):
            self._say("abstract", words.text.lstrip(_EDGES))
            self.links += links_of(words.anchors, "abstract")
            return
        bare = without_links(source)
        for anchor in bare.anchors:
            self._point(anchor)
        if _UNKNOWN_LABEL.match(source):
            self._describe(bare.text)
        else:
            self._sort_out(bare.text)

    def precede(self, source: str) -> None:
        """Take what stood before the title: people, a date, a venue, or a mere number."""
        text = read_inline(source).text
        if people := people_of(text.strip(_EDGES + '."“')):
            self._sign(people.names, people.truncated)
            return
        for piece in (text, *(found[1] for found in _GROUP.finditer(text))):
            self._recognise(piece.strip(f'{_EDGES}*_[]()."“'))

    def finish(self, *, sure: bool = False) -> Paper | Reject | None:
        """Return the paper; a `Reject` when it names none though it leads somewhere; None for a mere heading.

        With `sure`, where it stands says that it is a paper.
        """
        title = _NUMBERED.sub("", self.title).strip(_EDGES)
        if not re.search(r"\w", title) or not (sure or self._is_paper(title)):
            leads = self.linked or self.url
            outside = leads and leads.startswith(("http://", "https://"))
            return reject(self.line, "an entry that names no paper", f"{self.title} {leads}") if outside else None
        text, date = self.published or (None, None)
        votes = self.texts.get("upvotes", "")
        return Paper(
            title=title,
            abstract=self.texts.get("abstract", ""),
            authors=self.authors,
            authors_truncated=self.truncated,
            affiliations=self.lists.get("affiliations", ()),
            published=date,
            published_text=text,
            updated=parse_date(self.texts.get("updated", "")),
            categories=self.lists.get("categories", ()),
            comments=self.texts.get("comments"),
            venue=self.texts.get("venue"),
            doi=self.texts.get("doi"),
            url=self.url or self.linked or None,
            pdf_url=self.pdf_url,
            keywords=self.lists.get("keywords", ()),
            upvotes=int(votes) if votes.isdecimal() and len(votes) < 9 else None,
            machine_summary=self.texts.get("machine_summary"),
            links=tuple(self.links),
        )

    def _is_paper(self, title: str) -> bool:
        """Return whether there is evidence that the entry is a paper."""
        if self.pdf_url or self.authors or any(is_paper_address(url) for url in (self.url or "", self.linked)):
            return True
        if self.linked and is_other_address(self.linked):
            return False
        abstract = self.texts.get("abstract", "")
        words = len(title.split())
        if self.linked or self.url:
            return words >= 3 or bool(abstract)
        told = bool(self.published or "venue" in self.texts or "doi" in self.texts)
        return (words >= 3 and told) or (words >= 4 and len(abstract) >= _ABSTRACT)

    def _say(self, name: str, text: str) -> None:
        """Add a paragraph to a text."""
        before = self.texts.get(name, "")
        if text and len(before) + len(text) <= LONGEST_LINE:
            self.texts[name] = f"{before} {text}" if before else text

    def _sign(self, names: tuple[str, ...], truncated: bool) -> None:
        self.authors += names
        self.truncated = self.truncated or truncated

    def _list(self, name: str, text: str) -> None:
        """Add items; of ``Solar and Stellar Astrophysics (astro-ph.SR)`` the code in brackets is the category."""
        codes = _IN_BRACKETS.findall(text) if name == "categories" else []
        items = codes or [item for item in _COMMAS.split(text.strip(_EDGES)) if item and item.casefold() != "subjects"]
        self.lists[name] = tuple(dict.fromkeys((*self.lists.get(name, ()), *items)))

    def _point(self, anchor: Anchor, name: str = "", label: str = "") -> None:
        """Take a link for the paper's page, its PDF, or something that belongs to it."""
        mute = "://" in anchor.words or (name == "other" and anchor.words.casefold() in _PAPER_WORDS)
        words = anchor.words if anchor.words and not mute else label
        url = anchor.url
        pdf = name != "other" and ("/pdf/" in url or url.lower().endswith(".pdf") or words.casefold() == "pdf")
        if pdf and url.startswith(("http://", "https://")):
            self.pdf_url = self.pdf_url or url
        elif name == "link" or words.casefold() in _PAPER_WORDS or is_paper_address(url):
            self.url = self.url or url
        else:
            self.links += links_of((Anchor(url, words),), "record")

    def _sort_out(self, text: str) -> None:
        """File the pieces of a line in turn; from the first one without a known form on it is a description."""
        text = _GROUP.sub(lambda found: " " if self._recognise(found[1].strip()) else found[0], text).strip(_EDGES)
        while text:
            cut = _SEPARATOR.search(text)
            piece, rest = (text[: cut.start()], text[cut.end() :]) if cut else (text, "")
            people = None if self.authors else people_of(piece.strip(_EDGES))
            if people:
                self._sign(people.names, people.truncated)
                rest = f"{people.rest} - {rest}" if people.rest and rest else people.rest or rest
            elif not self._recognise(piece.strip(_EDGES + ".")):
                break
            text = rest.strip(_EDGES)
        if text:
            self._describe(text)

    def _describe(self, text: str) -> None:
        """File words without a known form; mere signs, ``🔗``, say nothing."""
        if not re.search(r"\w", text):
            return
        described = len(text.split()) >= _NOTE or "abstract" in self.texts
        self._say("abstract" if described else "comments", text)

    def _recognise(self, text: str) -> bool:
        """File a date, a category, a venue or ``He et al., CVPR 2022``, and tell whether it was one."""
        date = parse_date(text)
        people = people_of(text) if "et al" in text and not self.authors else None
        if date is not None and self.published is None:
            self.published = (text, date)
        elif is_category(text):
            self._list("categories", text)
        elif people:
            self._sign(people.names, people.truncated)
            return self._recognise(people.rest) if people.rest else True
        elif is_venue(text):
            self._say("venue", text)
        else:
            return date is not None
        return True


def _people(text: str) -> tuple[tuple[str, ...], bool]:
    """Return the names of a labelled list, without what stands in brackets, and whether there are more."""
    if "(" not in text:
        return split_names(text)
    people = read_people(text)
    return people.names, people.truncated
