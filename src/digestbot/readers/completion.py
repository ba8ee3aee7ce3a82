"""What every paper gets in whatever dialect it came: plain names, links, id, version, whether code is promised."""

import re
from collections.abc import Sequence
from dataclasses import replace

from digestbot.identity import paper_id, version_of
from digestbot.links import find_links, is_code_link, merge_links, promises_code
from digestbot.models import Link, Paper
from digestbot.text import to_unicode

_TEX = re.compile(r"[\\{}&$~^]")


def with_plain_names(paper: Paper) -> Paper:
    """Return `paper` with its names without TeX and entities: they are spelt so, not called so."""
    if not any(map(_TEX.search, paper.authors)):
        return paper
    return replace(paper, authors=tuple(to_unicode(name).strip() or name for name in paper.authors))


def complete(paper: Paper) -> Paper:
    """Return `paper` with what follows from its own words. What the reader knew stays."""
    links = _links_of(paper)
    version = version_of(paper) if paper.version is None else paper.version
    promises = _promises(paper, links)
    if paper.id and (links, version, promises) == (paper.links, paper.version, paper.promises_code):
        return paper
    return replace(paper, id=paper.id or paper_id(paper), version=version, links=links, promises_code=promises)


def _links_of(paper: Paper) -> tuple[Link, ...]:
    """Return the links that the reader knew, and those in the words."""
    texts = {"title": paper.title, "abstract": paper.abstract, "comments": paper.comments or ""}
    found = [find_links(text, field) for field, text in texts.items() if text]
    return merge_links(paper.links, *found)


def _promises(paper: Paper, links: Sequence[Link]) -> bool:
    """Tell whether code is promised where no link is code."""
    if any(is_code_link(link) for link in links):
        return False
    words = "\n\n".join((paper.title, paper.abstract, paper.comments or ""))
    return paper.promises_code or promises_code(words, links)
