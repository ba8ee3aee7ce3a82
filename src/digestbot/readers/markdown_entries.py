"""Which lines of a Markdown page make one entry, decided line by line with one entry open at a time."""

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import NamedTuple

from digestbot.models import Paper, PartialDate, Reject
from digestbot.readers.lines import LONGEST_LINE, Line, reject
from digestbot.readers.markdown_draft import Draft
from digestbot.readers.markdown_forms import date_in, dates_its_papers, people_of
from digestbot.readers.markdown_inline import read_inline
from digestbot.readers.markdown_labels import Labelled, labelled
from digestbot.readers.markdown_starts import is_buttons, leads_to_paper, start_of

_HEADING = re.compile(r"(#{1,6})\s+(.*?)(?:\s#+)?")
_ITEM = re.compile(r"(?:[-*+]|\d{1,4}[.)])\s+(?:\[[ xX]\]\s+)?(.*)")
_RULE = re.compile(r"(?:[-*_] ?){3,60}|={3,200}")
_TAGS_ONLY = re.compile(
    r"(?:</?[a-zA-Z][^<>]{0,300}>\s*){1,20}|<!--.{0,500}-->|<summary>[^<]{0,200}</summary>"
    r"|<button\b[^<>]{0,2000}>[^<>]{0,200}</button>"
)
_MATTER = re.compile(r"[\w-]{1,40}\s*:.*|-\s.*|\s.*")
_ITALIC = re.compile(r"([*_])([^*_]{3,5000})\1")
_QUOTE = re.compile(r"(?:>\s?){1,10}")
_FIELD_ROW = re.compile(r"\|\s*+([^|]{1,40}?)\s*\|\s*+([^|]{1,5000}?)\s*\|")  # of a table with a field a row
_MOST_BELOW = 20  # lines below a heading that may wait for what makes it a title
_SHORT_HEADING = 2  # words; a heading of so few is that of a section
_GOES_ON = ("abstract", "machine_summary", "details")  # fields of more than one paragraph


class _Heading(NamedTuple):
    """A heading that may turn out to be a title."""

    line: int
    level: int
    source: str


class Entries:
    """Files the lines of a page. `take` them in order, then `close`."""

    def __init__(self) -> None:
        self._draft: Draft | None = None
        self._wide = False  # the open entry began with a heading or a label: what follows is its own without indent
        self._heading: _Heading | None = None
        self._below: list[str] = []  # what stands below that heading and decides nothing yet
        self._section: tuple[int, tuple[str, PartialDate]] | None = None  # the level of a heading with a date, and it
        self._blank = False
        self._fence = ""
        self._matter = False
        self._table = False

    def take(self, line: Line) -> Iterator[Paper | Reject | PartialDate]:
        """Yield what `line` completes."""
        if self._skips(line):
            return
        text = _QUOTE.sub("", line.text, count=1) if line.text.startswith(">") else line.text
        if not text:
            return
        if line.cut:
            yield from self.close()
            yield reject(line.number, f"a line of more than {LONGEST_LINE:,} characters", text)
        elif _RULE.fullmatch(text):
            yield from self.close()
        elif text.startswith("|") and text is not line.text:
            field = _FIELD_ROW.fullmatch(text)  # within a quote, a table has a field a row
            said = f"{field[1]}: {field[2]}" if field else ""
            yield from self._words(line, said) if labelled(said) else ()
        elif text.startswith("|"):
            yield from self._in_table(line)
        elif heading := _HEADING.fullmatch(text):
            yield from self._begin_section(_Heading(line.number, len(heading[1]), heading[2]))
        elif item := _ITEM.fullmatch(line.text):
            yield from self._item(line, item[1])
        else:
            yield from self._words(line, text)
        self._blank = False

    def close(self) -> Iterator[Paper | Reject | PartialDate]:
        """Yield the open entry, and the date of a heading that was no title."""
        draft, self._draft = self._draft, None
        item = draft.finish() if draft else None
        if isinstance(item, Paper):
            yield self._dated(item)
        elif item is not None:
            yield item
        heading, self._heading, self._below = self._heading, None, []
        words = read_inline(heading.source).text if heading else ""
        if heading and (found := date_in(words)):
            yield found[1]
            if dates_its_papers(heading.level, words):
                self._section = (heading.level, found)

    def _dated(self, paper: Paper) -> Paper:
        """Return the paper with the date of its section, when nothing else says when it appeared."""
        if self._section is None or paper.published_text or paper.venue:
            return paper
        text, date = self._section[1]
        return replace(paper, published=date, published_text=text)

    def _skips(self, line: Line) -> bool:
        """Return whether a line says nothing: empty, a tag, within a program or the front matter."""
        text = line.text
        if self._matter or (line.number == 1 and text == "---"):
            self._matter = line.number == 1 or (text != "---" and _MATTER.fullmatch(text) is not None)
            return self._matter or text == "---"
        if text.startswith(("```", "~~~")):
            self._fence = "" if self._fence else text[:3]
            return True
        if not text:
            self._blank, self._table = True, False
            if self._draft and self._draft.open and self._draft.open.field not in _GOES_ON:
                self._draft.open = None
        return not text or bool(self._fence) or _TAGS_ONLY.fullmatch(text) is not None

    def _begin_section(self, heading: _Heading) -> Iterator[Paper | Reject | PartialDate]:
        yield from self.close()
        if self._section and heading.level <= self._section[0]:
            self._section = None
        if leads_to_paper(heading.source):
            self._start(heading.line, heading.source, -1)
        else:
            self._heading = heading

    def _item(self, line: Line, source: str) -> Iterator[Paper | Reject | PartialDate]:
        label = labelled(source)
        if label and label.field != "title" and not self._below and self._takes(line, nested=True):
            self._put(label)
        elif self._draft and self._is_nested(line) and not leads_to_paper(source):
            self._draft.add(source)
        else:
            yield from self.close()
            self._start(line.number, label.value if label and label.field == "title" else source, line.indent)

    def _words(self, line: Line, text: str) -> Iterator[Paper | Reject | PartialDate]:
        label = labelled(text)
        self._end_title(line)
        if label and label.field == "title":
            yield from self.close()
            self._draft, self._wide = Draft(line.number, -1, read_inline(label.value).text, open=label), True
        elif self._heading is not None and not self._makes_entry(text, label):
            self._below.append(text)
        elif label and self._takes(line, nested=False):
            self._put(label)
        elif self._is_names(text) and self._takes(line, nested=False):
            self._put(Labelled("authors", "", text))
            self._close_field()
        elif self._takes(line, nested=False):
            if is_buttons(text):
                self._close_field()  # they end an abstract of several paragraphs
            self._add(text)
        else:
            yield from self.close()

    def _end_title(self, line: Line) -> None:
        """End a title that had a label, unless `line` is indented below it, or begins with a small letter."""
        if self._draft and self._draft.open and self._draft.open.field == "title":
            goes_on = line.indent > self._draft.indent + 1 or line.text[:1].islower()
            self._draft.open = self._draft.open if goes_on else None

    def _makes_entry(self, text: str, label: Labelled | None) -> bool:
        """Return whether a line makes the heading above it the title of an entry."""
        heading = self._heading
        if heading is None or len(self._below) > _MOST_BELOW:
            return heading is None
        if label or self._is_names(text):
            return not self._below or (label is not None and label.field == "authors")
        return heading.level > 1 and len(heading.source.split()) > _SHORT_HEADING and is_buttons(text)

    def _takes(self, line: Line, *, nested: bool) -> bool:
        """Return whether a line belongs to the open entry; a heading above it becomes one."""
        if self._heading is not None:
            heading, below = self._heading, self._below
            self._heading, self._below = None, []
            read = read_inline(heading.source)
            linked = next((anchor.url for anchor in read.anchors if not anchor.url.startswith("#")), "")
            self._draft, self._wide = Draft(heading.line, -1, read.text, linked), True
            for text in below:
                self._add(text)
        if self._draft is None:
            return False
        return self._is_nested(line) or not (nested or (self._blank and not self._wide))

    def _add(self, text: str) -> None:
        if self._draft is not None:
            self._draft.add(text)

    def _is_nested(self, line: Line) -> bool:
        return self._draft is not None and (self._wide or line.indent > self._draft.indent)

    def _is_names(self, text: str) -> bool:
        """Return whether a line is nothing but the names below a title."""
        if self._draft is not None and (self._draft.authors or self._draft.open):
            return False
        italic = _ITALIC.fullmatch(text)
        people = people_of(read_inline(text).text) if italic or self._heading else None
        return people is not None and not people.rest and (italic is not None or len(people.names) > 1)

    def _put(self, label: Labelled) -> None:
        """Fill in a field; within an abstract, ``Results:`` is a part of it."""
        if self._draft is None:
            return
        if label.field == "details" and "abstract" in self._draft.texts:
            label = Labelled("abstract", label.label, f"{label.label}: {label.value}")
        self._draft.put(label)

    def _close_field(self) -> None:
        if self._draft is not None:
            self._draft.open = None

    def _start(self, line: int, source: str, indent: int) -> None:
        """Open an entry."""
        start = start_of(source)
        self._draft, self._wide = Draft(line, indent, start.title, start.url), indent < 0
        self._draft.precede(start.before)
        self._draft.add(start.after)

    def _in_table(self, line: Line) -> Iterator[Paper | Reject | PartialDate]:
        yield from self.close()
        if not self._table:
            yield reject(line.number, "a table, where this dialect has lists", line.text)
        self._table = True
