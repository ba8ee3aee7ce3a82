"""Papers in Markdown: list items, or headings with fields below them.

::

    ## 2024-11-17                                        a date for what stands below it
    - [Title](https://…) - A B, C D (2024-11-15)         * **Title** [[paper](…)] [[code](…)]
      Abstract, nested or quoted                         1. Title. A B, C D. *NeurIPS 2023*

    ### [1] [Title](https://…)          # Title          Title: Title
    *A B, C D*                          **Authors**: …   PDF: https://…
    Abstract: …                         **Abstract**: …  Summary: …

Tables are another dialect. A list item that is no paper (a section, a link to a newsletter) is none here either.
"""

import re
from collections.abc import Iterable, Iterator
from itertools import chain
from typing import BinaryIO

from digestbot.errors import MalformedDigestError
from digestbot.models import Paper, PartialDate, Reject
from digestbot.readers.lines import Line, head_lines, numbered_lines
from digestbot.readers.markdown_entries import Entries
from digestbot.readers.markdown_forms import is_paper_address
from digestbot.readers.markdown_labels import labelled
from digestbot.readers.markdown_references import references_in, resolved
from digestbot.readers.protocol import name_of

DIALECT = "markdown-list"

_MARKED = re.compile(r"#{1,6}\s|(?:[-*+]|\d{1,4}[.)])\s.{0,200}(?:\]\(|\*\*|__|https?://)")
_KEY = re.compile(r"(?:- ){0,5}[a-z][a-z0-9_]{0,30}:(?: |$)")
_QUOTE = re.compile(r"(?:>\s?){1,10}")
_BULLET = re.compile(r"(?:[-*+]|\d{1,4}[.)])\s")
_OTHER_FORMATS = ("{", "[{", "<?", "<!", "<html", "<rss", "%", "@", "From ", "\\")
_MAIL_RULE = "\\\\"  # what arXiv's mails put between the head and the abstract


def sniff(head: bytes) -> float:
    """Return how sure it is: Markdown's marks, or labels, must be there, and papers among them."""
    lines = list(resolved(head_lines(head), references_in(head)))
    texts = [line.text for line in lines if line.text]
    if not texts or texts[0].lower().startswith(_OTHER_FORMATS) or _MAIL_RULE in texts:
        return 0.0
    said = [_QUOTE.sub("", text) for text in texts]
    marked = sum(_MARKED.match(text) is not None for text in said)
    labels = sum(labelled(text) is not None for text in said)
    tables = sum(text.startswith("|") for text in texts)
    if sum(_KEY.match(text) is not None and not labelled(text) for text in texts) > 0.5 * len(texts):
        return 0.0  # YAML
    if marked + labels <= tables or marked + labels < 0.05 * len(texts):
        return 0.0
    papers = [item for item in _items(lines) if isinstance(item, Paper)]
    sure = [paper for paper in papers if _is_sure(paper)]
    if not sure:
        bullets = sum(_BULLET.match(text) is not None for text in texts)
        return 0.4 if len(papers) > 2 and len(papers) > 0.6 * bullets else 0.0
    return 0.5 if not marked else 0.75 if len(sure) > 1 else 0.6


def _is_sure(paper: Paper) -> bool:
    """Return whether a paper says more than any list of things does."""
    leads = any(is_paper_address(url) for url in (paper.url, paper.pdf_url) if url)
    return leads or (bool(paper.authors) and len(paper.title.split()) >= 3)


def read(file: BinaryIO) -> Iterator[Paper | Reject | PartialDate]:
    """Yield papers and rejects in their order, and the date of the page.

    Raises MalformedDigestError at the end when there was no paper at all.
    """
    papers = rejects = 0
    references = references_in(file.read())
    file.seek(0)
    for item in _items(resolved(numbered_lines(file), references)):
        papers += isinstance(item, Paper)
        rejects += isinstance(item, Reject)
        yield item
    if not papers:
        what = f"{rejects} entries that name none" if rejects else "no entry at all"
        raise MalformedDigestError(f"no papers: its lists hold {what}", source=name_of(file))


def _items(lines: Iterable[Line]) -> Iterator[Paper | Reject | PartialDate]:
    entries = Entries()
    return chain(chain.from_iterable(entries.take(line) for line in lines), entries.close())
