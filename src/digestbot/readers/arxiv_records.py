r"""The records of arXiv's mails, listings and abstract files: fields between two bars, an abstract behind them.

::

    \\
    arXiv:2303.08867 (*cross-listing*)                 Paper: hep-th/9205027 before 2007
    Date: Wed, 15 Mar 2023 18:34:08 GMT   (243kb,D)    replaced with revised version Wed, …    Date (revised v2): …
    Title: A title
      that goes on
    Authors: Jos\'e Abe (MIT), B. Böhm
    Categories: q-fin.TR cond-mat.stat-mech
    \\
      The abstract, perhaps.
    \\ ( https://arxiv.org/abs/2303.08867 ,  243kb)

A record begins where its number stands and ends where the next begins, so that a missing line costs one record.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

from digestbot.dates import parse_date
from digestbot.identity import find_id
from digestbot.models import Paper, PartialDate, Reject
from digestbot.readers.feed_entries import AnnounceType
from digestbot.readers.markup import flat
from digestbot.readers.people import read_people
from digestbot.readers.protocol import excerpt_of

NUMBER = re.compile(
    r"(?:arXiv|Paper) ?(?P<before>\(\*cross-listing\*\) ?)?:[ \t]{0,4}"
    r"(?P<number>[\w.-]{1,20}/?[0-9]{4,7}(?:v[0-9]{1,3})?)"
    r"[ \t]{0,4}(?P<behind>\(\*cross-listing\*\))?",
    re.IGNORECASE,
)
_FIELD = re.compile(
    r"(From|Title|Authors?|Categories|Comments?|Report-no|Report-number|MSC-class|ACM-class|Subj-class|Journal-ref|DOI|License"
    r"|Proxy|Note|Keywords|Related-DOI)\s*:\s*(.*)",
    re.IGNORECASE | re.DOTALL,
)
_DATE = re.compile(r"k?Date ?(?:\((?:revised)? ?(?:v(?P<version>[0-9]{1,3}))?\))? ?:(?P<text>.*)", re.IGNORECASE)
_REVISED = re.compile(r"Date ?\(", re.IGNORECASE)
_REPLACED = re.compile(r"(?:replaced with revised version|(?:figures|part) added)\s*:?\s*(?P<text>.*)", re.IGNORECASE)
_SIZE = re.compile(r"\s*\([^()]{0,30}\)\s*$")
_BAR = re.compile(r"\\\\(?:$|\s|(?=Date|Title|arXiv))")
_END = re.compile(r"\\\\\s{0,3}\(\s{0,3}(?P<url>https?://[^\s,()]{1,200})[^()]{0,60}\)")
_RULE = re.compile(r"-{30,}|(?:%-){6,}|(?:%%--){6,}|(?:%%%---){6,}")
_QUOTED = re.compile(r"^(?:>\s?)+")
_RECEIVED = re.compile(r"\breceived (?:from|as of)\b", re.IGNORECASE)
_DAY = re.compile(r"/\*\s+(.{3,40}?)\s+\*/")


@dataclass(slots=True)
class _Record:
    """What has been read of a record so far."""

    line: int
    number: str
    cross: bool
    fields: dict[str, list[str]] = field(default_factory=dict)
    dates: list[str] = field(default_factory=list)
    revised: list[tuple[int | None, str]] = field(default_factory=list)
    replaced: str = ""
    abstract: list[str] = field(default_factory=list)
    bars: int = 0
    last: str = ""
    url: str = ""


class Records:
    """Takes lines, gives papers."""

    def __init__(self) -> None:
        self.sections: list[AnnounceType] = []
        self.announced = False
        """True when something shows that this is an announcement and no file of one abstract."""
        self.cut = False
        """True when the last record has no end."""
        self._record: _Record | None = None
        self._section: AnnounceType = "new"

    def read(self, lines: Iterable[str]) -> Iterator[Paper | Reject | PartialDate]:
        """Yield papers and rejects, and the days that a listing of a week prints, in their order."""
        texts = [_QUOTED.sub("", raw.rstrip(), count=1) for raw in lines]
        for place, text in enumerate(texts):
            yield from self._take(text, place + 1, next(filter(None, texts[place + 1 : place + 4]), ""))
        if self._record:
            self.cut = self._record.bars < (2 if any(self._record.abstract) else 1)
            yield from self._finish(ends=not self.cut)

    def _take(self, text: str, line: int, follows: str) -> Iterator[Paper | Reject | PartialDate]:
        number = NUMBER.fullmatch(text.strip()) if text[:1] in "aApP " else None
        if number and self._may_begin(text, follows):
            yield from self._finish()
            cross = bool(number["before"] or number["behind"])
            self._record = _Record(line, number["number"], cross)
        elif rule := _RULE.match(text):
            yield from self._finish()
            self._turn(rule[0])
        elif day := _DAY.fullmatch(text.strip()):
            self.announced = True
            yield from (date for date in (parse_date(day[1]),) if date)
        elif self._record:
            self._add(self._record, text)
        elif _RECEIVED.search(text):
            self.announced = True

    def _may_begin(self, text: str, follows: str) -> bool:
        """Tell whether a line with a number begins a record; a comment that mentions another paper does not."""
        if self._record is None:
            return text[:1] != " " or _is_field(follows)
        return _is_field(follows) and (self._record.bars > 0 or text[:1] != " ")

    def _turn(self, rule: str) -> None:
        """Begin another part of the announcement: a rule of a certain kind stands before it."""
        self.announced = self.announced or rule.startswith("%")
        if rule.startswith("%-"):
            self._section = "cross"
        elif rule.startswith("%%--"):
            self._section = "replace"

    def _add(self, record: _Record, text: str) -> None:
        if _BAR.match(text):
            record.bars += 1
            if end := _END.match(text):
                record.url = end["url"]
            record.last = ""
        elif not record.bars:
            self._add_field(record, text)
        elif record.bars == 1:
            record.abstract.append(text)

    def _add_field(self, record: _Record, text: str) -> None:
        if revised := _REVISED.match(text) and _DATE.match(text):
            record.revised.append((int(revised["version"]) if revised["version"] else None, revised["text"]))
        elif dated := _DATE.match(text):
            record.dates.append(dated["text"])
        elif replaced := _REPLACED.match(text):
            record.replaced = record.replaced or replaced["text"]
        elif named := _FIELD.match(text):
            record.last = named[1].lower().rstrip("s")
            record.fields.setdefault(record.last, []).append(named[2])
        elif record.last and text.strip():
            record.fields[record.last].append(text)

    def _finish(self, *, ends: bool = True) -> Iterator[Paper | Reject]:
        record, self._record = self._record, None
        if record is None:
            return
        paper = _paper(record) if ends else None
        if paper is None:
            reason = "a record without a title" if ends else "the file ends inside this record"
            title = " ".join(record.fields.get("title", ()))
            yield Reject(record.line, reason, excerpt_of(f"arXiv:{record.number} {title}"))
            return
        self.announced = self.announced or bool(record.url)
        kind = self._kind(record)
        self.sections.append(kind)
        yield paper if not self.announced else _announced(paper, kind)

    def _kind(self, record: _Record) -> AnnounceType:
        if record.replaced or self._section == "replace":
            return "replace-cross" if record.cross else "replace"
        return "cross" if record.cross else self._section


def _is_field(text: str) -> bool:
    """Tell whether a line is one that follows a record's number."""
    return any(form.match(text) for form in (_DATE, _REPLACED, _FIELD))


def _announced(paper: Paper, kind: AnnounceType) -> Paper:
    return replace(paper, announce_type=kind)


def _paper(record: _Record) -> Paper | None:
    title = _joined(record, "title")
    name = find_id(f"arXiv:{record.number}") or find_id(record.url)
    if not title or not name:
        return None
    people = read_people(_joined(record, "author"))
    first = (record.dates or [record.replaced])[0]
    changed = record.revised[-1] if record.revised else (None, record.replaced)
    return Paper(
        title=title,
        id=name[0],
        version=name[1] or _version(record),
        abstract=_abstract(record.abstract),
        authors=people.names,
        authors_truncated=people.truncated,
        author_count=people.count,
        affiliations=people.affiliations,
        published=_date(first),
        published_text=_SIZE.sub("", flat(first)) or None,
        updated=_date(changed[1]),
        categories=tuple(dict.fromkeys(_joined(record, "categorie").split())),
        comments=_joined(record, "comment") or None,
        venue=_joined(record, "journal-ref") or None,
        doi=_joined(record, "doi") or None,
        url=record.url or f"https://arxiv.org/abs/{name[0].partition(':')[2]}",
    )


def _joined(record: _Record, name: str) -> str:
    return flat(" ".join(record.fields.get(name, ())))


def _version(record: _Record) -> int | None:
    """Return the version that the dates tell: each revision is one more. A replacement does not say which it is."""
    if record.replaced or not record.dates or not record.fields.get("from"):
        return None
    stated = [version for version, _ in record.revised if version]
    return max(stated, default=1 + len(record.revised))


def _date(text: str) -> PartialDate | None:
    return parse_date(_SIZE.sub("", flat(text))) if text else None


def _abstract(lines: list[str]) -> str:
    """Return the abstract with its lines joined; a line that is set in begins a paragraph."""
    paragraphs: list[list[str]] = []
    for line in lines:
        if not paragraphs or line.startswith("  ") or not line.strip():
            paragraphs.append([])
        paragraphs[-1].append(line)
    return "\n".join(text for part in paragraphs if (text := flat(" ".join(part))))
