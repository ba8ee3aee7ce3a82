"""The labels that Markdown lists print before a field, and the words that give a place of publication away."""

import re
from typing import NamedTuple

_FIELDS = {
    "title": "title | paper title",
    "authors": "authors | author | by | author(s)",
    "abstract": "abstract | summary | description",
    "machine_summary": "tl;dr | tldr | tl dr | ai summary",
    "details": "motivation | method | methods | result | results | conclusion | title (zh) | abstract (zh)",
    "published": "date | published | submitted | publish date | published date | released",
    "updated": "updated | last updated | revised",
    "link": "link | links | url | paper | paper link | arxiv | arxiv link | arxiv id | abs | preprint",
    "pdf": "pdf | pdf link | pdf url | paper pdf",
    "other": "code | github | project | project page | website | demo | dataset | data | model | models | weights",
    "categories": "categories | category | main category | primary category | subjects | subject | subject areas",
    "keywords": "keywords | keyword | key words | tags | tag | topics | topic",
    "comments": "comments | comment | note | notes",
    "venue": "venue | journal | journal ref | journal-ref | journal reference | conference | publication",
    "doi": "doi",
    "upvotes": "upvotes | upvote | likes | votes",
    "affiliations": "affiliations | affiliation | institution | institutions | organizations",
}
_NAMES = {label.strip(): name for name, labels in _FIELDS.items() for label in labels.split("|")}
_WORDS = r"(?P<label>[A-Za-z][A-Za-z;()/ -]{0,24})"
_OPEN, _CLOSE = r"(?:[*_]{1,3}|<b>|<strong>)", r"(?:[*_]{1,3}|</b>|</strong>)"
_BADGE = r"(?:[^\w\s*_\[(<|\"“#>+`:-]{1,3}\s?)?"  # 📄, 🔗 …
_SHAPES = (
    re.compile(rf"{_OPEN}\s?{_BADGE}{_WORDS}\s?(?:[:：]\s?{_CLOSE}|{_CLOSE}\s?[:：])(?P<value>.*)"),
    re.compile(rf"{_BADGE}{_WORDS}[:：](?!//)(?P<value>.*)"),
    re.compile(rf"(?:[*_]{{2,3}}|<b>)\s?{_WORDS}\s?(?:[*_]{{2,3}}|</b>)(?P<value>)"),
)
_LONGEST = 10_000  # characters of a line that are looked at
_WITHIN = re.compile(
    r"(?:^|[,;|]\s{0,3})[*_]{0,2}(?P<label>papers?|pdf|links?|code|project(?: page)?|website|demo"
    r"|data(?:set)?|models?|weights)[*_]{0,2}\s?:[*_]{0,2}\s?[*_]{0,2}(?=\[|https?://)",
    re.IGNORECASE,
)


class Labelled(NamedTuple):
    """A line that says itself what it is."""

    field: str
    label: str
    value: str


def labelled(source: str) -> Labelled | None:
    """Return the field that the Markdown line `source` fills, else None."""
    for shape in _SHAPES:
        found = shape.fullmatch(source)
        name = _NAMES.get(" ".join(found["label"].split()).casefold()) if found else None
        if found and name:
            return Labelled(name, found["label"].strip(), found["value"].strip())
    return None


def labelled_links(source: str) -> tuple[str, tuple[Labelled, ...]]:
    """Return what stands before the first ``Paper: [..](..)`` within a line, and the links that are labelled so."""
    found = list(_WITHIN.finditer(source[:_LONGEST]))
    if not found:
        return source, ()
    ends = [*(each.start() for each in found[1:]), len(source)]
    return source[: found[0].start()], tuple(
        Labelled(_NAMES.get(each["label"].casefold(), "link"), each["label"], source[each.end() : end])
        for each, end in zip(found, ends, strict=True)
    )
