"""Descriptions that are little forms: ``Authors: … Published: … Comments: … PDF: …`` around an abstract.

Feeds that people make of preprint servers print a paper's fields as lines of the description. A line is
taken for a field only where at least two different labels stand; the rest is the abstract.
"""

import re
from dataclasses import replace

from digestbot.dates import parse_date
from digestbot.models import Paper
from digestbot.readers.name_lists import split_names

_LINE = re.compile(
    r"(authors?|published|updated|submitted|comments?|pdf|abstract|summary|categor(?:y|ies)|subjects?"
    r"|journal(?:[ -]ref(?:erence)?)?|doi)\s?:\s?(.*)",
    re.IGNORECASE,
)


def read_labels(paper: Paper) -> Paper:
    """Return `paper` with the labelled lines of its abstract put where they belong."""
    labels: dict[str, str] = {}
    rest: list[str] = []
    for line in paper.abstract.split("\n"):
        found = _LINE.fullmatch(line)
        if found and found[1].lower() not in labels:
            labels[found[1].lower()] = found[2].strip()
        else:
            rest.append(line)
    if len(labels) < 2:
        return paper
    rest = [text for name in ("abstract", "summary") if (text := labels.get(name))] + rest
    return _with_people(_with_labels(paper, labels), labels, rest)


def _with_labels(paper: Paper, labels: dict[str, str]) -> Paper:
    """Fill in what the record did not say in a field of its own."""
    pick = {name: text for name, text in labels.items() if text}
    published = pick.get("published") or pick.get("submitted") or ""
    updated, pdf = pick.get("updated") or "", pick.get("pdf") or ""
    return replace(
        paper,
        published=paper.published or parse_date(published),
        published_text=paper.published_text or published or None,
        updated=paper.updated or parse_date(updated),
        comments=paper.comments or pick.get("comments") or pick.get("comment"),
        venue=paper.venue or next((text for name, text in pick.items() if name.startswith("journal")), None),
        pdf_url=paper.pdf_url or (pdf if pdf.startswith(("http://", "https://")) else None),
    )


def _with_people(paper: Paper, labels: dict[str, str], lines: list[str]) -> Paper:
    """Take the people from their label, or from a first line that begins with the one author of the record."""
    listed = labels.get("author") or labels.get("authors")
    if not listed and lines and paper.authors and lines[0].startswith(paper.authors[0]) and "," in lines[0]:
        listed = lines.pop(0)
    names, truncated = split_names(listed) if listed else ((), False)
    if len(names) > len(paper.authors):
        paper = replace(paper, authors=names, authors_truncated=truncated)
    return replace(paper, abstract="\n".join(lines))
