"""What PubMed's feeds print around an abstract: where it appeared above it, its numbers below.

::

    J Ex. 2024 Mar 3:1-9. doi: 10.1000/x. Online ahead of print.
    ABSTRACT                                                            or NO ABSTRACT
    BACKGROUND: …
    PMID:38111111 | DOI:10.1000/x
"""

import re
from dataclasses import replace

from digestbot.identity import find_id
from digestbot.models import Paper

_NUMBERS = re.compile(r"PMID:\s?([0-9]{1,8})(?:\s?\|\s?(?:PMC:\s?\S{1,20}\s?\|\s?)?DOI:\s?(10\.\S{1,200}))?.{0,100}")
_HEADING = re.compile(r"(?:NO )?ABSTRACT")


def read_pubmed(paper: Paper) -> Paper:
    """Return `paper` with the lines around its abstract taken off, when they are PubMed's."""
    *lines, last = paper.abstract.split("\n")
    numbers = _NUMBERS.fullmatch(last)
    if not numbers or not paper.id.startswith(("pmid:", "doi:")):
        return paper
    start = next((place for place, line in enumerate(lines[:3]) if _HEADING.fullmatch(line)), -1)
    links = tuple(link for link in paper.links if not _is_own(link.url, numbers[1]))
    doi = paper.doi or numbers[2]
    return replace(paper, abstract="\n".join(lines[start + 1 :]), doi=doi, links=links, id=f"pmid:{numbers[1]}")


def _is_own(url: str, number: str) -> bool:
    name = find_id(url)
    return name is not None and (name[0] == f"pmid:{number}" or name[0].startswith("doi:"))
