"""What every paper gets in whatever dialect it came: plain names, links, id, version, whether code is promised."""

import re
from dataclasses import replace

from digestbot.identity import paper_id, version_of
from digestbot.links import find_links, is_code_link, merge_links, promises_code
from digestbot.models import Paper
from digestbot.text import to_unicode

_TEX = re.compile(r"[\\{}&$~^]")


def with_plain_names(paper: Paper) -> Paper:
    """Return `paper` with its names without TeX and entities: they are spelt so, not called so."""
    if not any(map(_TEX.search, paper.authors)):
        return paper
    return replace(paper, authors=tuple(to_unicode(name).strip() or name for name in paper.authors))


def complete(paper: Paper) -> Paper:
    """Return `paper` with what follows from its own words. What the reader knew stays."""
    paper = _with_links(paper)
    if paper.version is None:
        paper = replace(paper, version=version_of(paper))
    return paper if paper.id else replace(paper, id=paper_id(paper))


def _with_links(paper: Paper) -> Paper:
    """Find links in the words, and see whether code is promised where none of them is code."""
    texts = {"title": paper.title, "abstract": paper.abstract, "comments": paper.comments or ""}
    found = [find_links(text, field) for field, text in texts.items() if text]
    links = merge_links(paper.links, *found)
    has_code = any(is_code_link(link) for link in links)
    promised = not has_code and (paper.promises_code or promises_code("\n\n".join(texts.values()), links))
    return replace(paper, links=links, promises_code=promised)
