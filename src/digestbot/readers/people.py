r"""A line of authors as preprint servers and publishers print it: names, and what brackets say of them.

::

    Liantong Luo (KIAA-PKU), Boaz Katz (Weizmann)          names and affiliations
    A. Abe (1), B. Böhm (2) ((1) MIT, (2) Kyoto)           marks are dropped, the list behind them is kept
    CMS Collaboration: A. Abe, B. Böhm                     the collaboration is an author
    A. Abe (MIT) B. Böhm (ETH)                             brackets part the names where no comma does
    A. Abe (for the LIGO Collaboration), 2 authors         here too
    A. Abe, B. Böhm et al. (99 additional authors not shown)
    Jos\'e Mel\'endez and Kimmo Kettunen, Jr.              TeX becomes Unicode, suffixes stay with their names
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from digestbot.readers.markup import flat
from digestbot.readers.name_lists import split_names
from digestbot.readers.names import Known, name_odds
from digestbot.text import to_unicode

_LONGEST = 200_000  # characters; the longest list of arXiv has some 5,000 names
_MARKS = re.compile(r"(?:(?:[0-9]{1,3}|[A-Za-z*†‡§¶#])\s*(?:,|;|and|&|-|\s|$)\s*){1,20}")
_COUNT = re.compile(
    r"(?:and\s+)?([0-9]{1,5})\s+(?:(additional|more|other)\s+)?(?:co-?)?authors?(?:\s+not\s+shown)?", re.IGNORECASE
)
_COUNT_BEHIND = re.compile(
    r"[,;(\s]+(?:and\s+)?([0-9]{1,5})\s+(?:(additional|more|other)s?\s*)?(?:(?:co-?)?authors?)?\s*\)?\s*$",
    re.IGNORECASE,
)
_GROUP = re.compile(
    r"(?:[0-9,\s]{0,10}(?:for|on behalf of|and|from|with)\s+)?(?:the\s+)?"
    r"(?P<name>\S.{0,120}?(?:Collaborations?|Consortium|Team|Group|Investigators|Survey))",
    re.IGNORECASE,
)
_COLON = re.compile(r"\b((?:collaborations?|consorti(?:um|a)|teams?|group))\s*:(?=\s)", re.IGNORECASE)
_ON_BEHALF = re.compile(
    r",?\s+(?:for|on behalf of)\s+(?:the\s+)?(?=[^,;]{1,80}?\b(?:collaborations?|consorti(?:um|a)|teams?|group)\b)",
    re.IGNORECASE,
)
_REMARK = re.compile(
    r"(?:deceased|editors?|eds?\.?|corresponding.{0,40}|joint first.{0,40}|equal contribut.{0,40}|co-?first.{0,40}"
    r"|presenter|speaker|PI)",
    re.IGNORECASE,
)
_ENTRY = re.compile(r"(?:^|[\s,;.])(?:\(\s*(?:[0-9]{1,3}|[a-z*†‡§¶])\s*\)|(?:[0-9]{1,3}|[a-z])\s*[:)=]\s)")
_NEXT_NAME = re.compile(
    r"\s*+(?P<name>(?:(?:van|von|de|der|den|di|da|della|la|le|el|al|dos|du|ten|ter)\s+){0,3}"
    r"[^\W\d_a-z](?:(?!\band\b)[^,;:()&\n]){0,80})"
)
_LEADING = re.compile(r"^(?:and|&|with|,|;|\.|…)+\s+|^[,;.…\s]+", re.IGNORECASE)
_FAMILY_FIRST = re.compile(
    r"(?:(?:van|von|de|der|den|di|da|la|le|el|al|dos|du|ten|ter)\s+){0,3}(?:[^\W\d_a-z][\w'’-]*\s+){1,3}[A-Z]{1,4}"
    r"|[A-Z]{1,4}(?:\s+[\w'’.-]+){0,2}\s+[^\W\d_a-z][\w'’-]*"
)
_COMMA_NAME = re.compile(r"[^\W\d_][\w'’ -]{0,40},\s*(?:[A-Z]\.?[\s-]?){1,4}")
_FAMILY = re.compile(r"(?:(?:van|von|de|der|den|di|da|la|le|el|al|dos|du|ten|ter)\s+){0,3}[^\W\d_a-z][\w'’-]{1,30}")
_SUFFIXED = re.compile(r",\s*(?:Jr|Sr|II|III|IV|Ph\.?D|M\.?D)\b", re.IGNORECASE)
_DASH = re.compile(r"(?<=\w)–(?=[^\W\d])")  # what TeX makes of ``Atrio--Barandela``
_NUMBER = re.compile(r"(?<![^\W\d_])[0-9]")  # a figure of its own; behind a letter it is a mark
_MOST_LOOKED_AT = 30
_LONGEST_NAME = 4  # words


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_NOT_A_NAME = _words(
    """
    about abstract abstracts accepted access account acm acta advances advertisement alert alerts angeles annual
    applied archive article articles artificial association astronomy astrophysics author authors biology book books
    brief briefing briefings briefs cardiology career careers case cell change chemistry choice click climate
    clinical collection comment commentary comments communication communications computation conference contact
    contents correction correspondence cosmology data dear department discovery download drug early earth economics
    edge editor editorial editorials editors elsevier energy engineering environmental erratum essay event events
    featured focus follow francisco free full general genetics global google green happy harbor health here high
    highlight highlighted highlights home html ieee info information institute intelligence interview issue join
    journal journals kind lancet language latest learn learning letter letters library life linear machine manage
    manuscript manuscripts materials mathematics medicine mental method methods microbes more most nature
    neuroscience new news nongalactic note notes notice notices now obituary oncology online open opinion original
    page paper papers pattern pdf perspective perspectives physics plants plos podcast podcasts policy preprint
    preprints press privacy proceedings psychology public publisher publishers quantum read reader readers
    recognition regards register report reports research resource resources retraction review reviews save scholar
    science sciences series share short social society special sponsored spring springer states statistics studies
    study submit subscribe supporting surgery systems technical terms text theory tool tools top trial trials
    tutorial united university video view views vision volume water webinar webinars wiley world york
    """
)
"""Words of links and headings that look like a name of two words: ``Open Access``."""


@dataclass(frozen=True, slots=True)
class People:
    """Whom a line of authors names, and what else it says of them."""

    names: tuple[str, ...] = ()
    affiliations: tuple[str, ...] = ()
    truncated: bool = False
    count: int | None = None
    """How many authors there are, when a number was printed."""


def read_people(text: str) -> People:
    """Return the people of a printed line, in its order. Linear in its length; what holds no name gives none."""
    line, groups = _without_brackets(_DASH.sub("-", flat(to_unicode(text[:_LONGEST]))))
    line, count, more = _without_count(line)
    names, truncated = split_names(_evened(line))
    people = [name for each in names if (name := _LEADING.sub("", each).strip(" ,;")) and re.search(r"\w", name)]
    affiliations: list[str] = []
    for group in groups:
        if number := _COUNT.fullmatch(group):
            count, more = int(number[1]), more or bool(number[2]) or "not shown" in group
        elif named := _GROUP.fullmatch(group):
            people.append(named["name"])
        elif not _MARKS.fullmatch(group) and not _REMARK.fullmatch(group):
            affiliations += _listed(group)
    total = count + len(people) if count is not None and more else count
    return People(tuple(people), tuple(dict.fromkeys(affiliations)), truncated or more, total)


def _without_brackets(line: str) -> tuple[str, list[str]]:
    """Return `line` without what stands in round brackets, and that. Nicknames, ``Aleksandra (Ola) Piktus``, stay."""
    kept: list[str] = []
    groups: list[str] = []
    depth, start, place = 0, 0, 0
    for found in re.finditer(r"[()]", line):
        if found[0] == "(":
            if not depth:
                kept.append(line[place : found.start()])
                start = found.end()
            depth += 1
        elif depth:
            depth -= 1
            if not depth:
                _keep(line, start, found.start(), kept, groups)
                place = found.end()
        else:
            kept.append(line[place : found.start()])
            place = found.end()
    kept.append(_unclosed(line[start:], groups) if depth else line[place:])
    return "".join(kept), groups


def _unclosed(rest: str, groups: list[str]) -> str:
    """Put the first words of a bracket that never ends away, and return what follows its first comma."""
    inside, comma, names = rest.partition(",")
    groups.append(inside.strip())
    return comma + names


def _keep(line: str, start: int, end: int, kept: list[str], groups: list[str]) -> None:
    """Put one bracket away, or leave a nickname where it is."""
    inside = line[start:end].strip()
    follows = _NEXT_NAME.match(line, end + 1)
    if follows and _is_nickname(inside, kept[-1], follows["name"]):
        kept.append(f"({inside})")
        return
    if inside:
        groups.append(inside)
    if follows and re.search(r"\w\W{0,3}$", kept[-1]):
        kept.append(", ")


def _is_nickname(inside: str, before: str, after: str) -> bool:
    """Tell ``Aleksandra (Ola) Piktus`` from ``Jason H. Steffen (Fermilab) Octavio Valenzuela``."""
    if len(inside) > 20 or not re.fullmatch(r"[^\W\d_]+", inside):
        return False
    given = re.split(r"[,;)]", before)[-1].split()
    return bool(given) and (len(given) == 1 or len(after.split()) == 1)


def _without_count(line: str) -> tuple[str, int | None, bool]:
    """Return `line` without a number of authors at its end, that number, and whether it comes on top of the names."""
    found = _COUNT_BEHIND.search(line[-60:])
    if not found or not ("author" in found[0].lower() or found[2]):
        return line, None, False
    return line[: len(line) - len(found[0])], int(found[1]), bool(found[2])


def _evened(line: str) -> str:
    """Return `line` with commas where a list prints something else: ``CMS Collaboration: A. Abe``, ``A, B; C, D``."""
    line = _COLON.sub(r"\1,", line)
    line = _ON_BEHALF.sub(", ", line)
    parts = line.split(";")
    return line.replace(";", ",") if len(parts) > 1 and any(part.count(",") > 1 for part in parts) else line


def _listed(group: str) -> Sequence[str]:
    """Return the affiliations of a bracket: one, or a list with marks."""
    starts = [found.span() for found in _ENTRY.finditer(group)]
    if not starts or starts[0][0] > 0:
        return [group]
    ends = [*(start for start, _ in starts[1:]), len(group)]
    parts = (group[behind:end].strip(" ,;.") for (_, behind), end in zip(starts, ends, strict=True))
    return [part for part in parts if part]


def looks_like_people(text: str) -> bool:
    """Tell whether a line names people: most of what its commas part looks like a name."""
    if not text or len(text) > _LONGEST or re.search(r"https?://|@|\?|!|[.:]\s*$(?<!al\.)(?<!\b[A-Z]\.)(?<!r\.)", text):
        return False
    people = read_people(re.sub(r"^(?:by|authors?\s*:)\s+", "", text, flags=re.IGNORECASE))
    names = people.names[:_MOST_LOOKED_AT]
    if not names:
        return False
    if people.truncated and len(names) == 1 and _FAMILY.fullmatch(names[0]):
        return True  # Abe et al.
    others = [name for name in names if not _is_likely(name)]
    if any(len(name.split()) > _LONGEST_NAME for name in others):
        return False  # a sentence with commas
    likely = len(names) - len(others)
    alone = len(names) == 1 and not people.truncated
    return likely >= 0.5 * len(names) and (not alone or _is_likely(names[0], sure=True))


def _is_likely(name: str, *, sure: bool = False) -> bool:
    if len(name) > 60 or _NUMBER.search(name):
        return False
    name = re.sub(r" ?\([^()]*\)", "", name)
    if not _NOT_A_NAME.isdisjoint(re.findall(r"\w+", name.lower())):
        return False
    if _COMMA_NAME.fullmatch(name) or _FAMILY_FIRST.fullmatch(name):
        return True
    if sure and "," in name and not _SUFFIXED.search(name):
        return False  # a town and its country
    return name_odds(name.replace(",", ""), _NOBODY) > (1.0 if sure else 0.0)


_NOBODY = Known()
