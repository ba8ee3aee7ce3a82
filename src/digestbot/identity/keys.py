"""The names of a paper: the ids that catalogues gave it, else one made of its title and first words.

A made id is ``title:<16 hex digits>`` of the title; with an abstract, ``-<12 hex digits>`` of its first ten words
follow, because different papers do bear one title. Neither is proof of anything: `agreement` decides.
"""

import re
from hashlib import sha256

from digestbot.identity.ids import KINDS, find_ids, kind_of_id
from digestbot.models import Paper
from digestbot.text import fold

_FIRST_WORDS = 10
_ENOUGH = 500  # characters, more than ten words have


def paper_id(paper: Paper) -> str:
    """Return the strongest id that a catalogue gave to `paper`, else a made one."""
    return aliases(paper)[0]


def aliases(paper: Paper) -> tuple[str, ...]:
    """Return all ids of `paper`, the strongest first, the made ones last."""
    return tuple(dict.fromkeys((*strong_ids(paper), *_made_ids(paper))))


def strong_ids(paper: Paper) -> tuple[str, ...]:
    """Return the ids that catalogues gave, the strongest first.

    They stand in ``id``, ``doi``, ``url`` and ``pdf_url``; what the abstract mentions may be another paper.
    """
    found = {name for text in _id_texts(paper) for name, _ in find_ids(text)}
    return tuple(sorted(found, key=lambda name: (KINDS.index(kind_of_id(name)), name)))


def version_of(paper: Paper) -> int | None:
    """Return the version that the record states, or else that its addresses do."""
    stated = [version for text in _id_texts(paper) for _, version in find_ids(text) if version]
    return paper.version or max(stated, default=None)


def title_key(title: str) -> str:
    """Return the comparison form of a title: its folded words, nothing between them.

    TeX, case, accents, hyphens and punctuation make no difference. A title without words is compared as printed.
    """
    return "".join(fold(title).split()) or "".join(title.casefold().split())


def keys(paper: Paper) -> tuple[str, ...]:
    """Return what to file `paper` under: records of one paper share at least one, directly or through others."""
    return (*strong_ids(paper), f"title:{_digest(title_key(paper.title), 16)}")


def _id_texts(paper: Paper) -> tuple[str, ...]:
    return tuple(text for text in (paper.id, _whole_doi(paper.doi), paper.url, paper.pdf_url) if text)


def _whole_doi(doi: str | None) -> str | None:
    """Return the field `doi`, which may hold anything, only where it is one."""
    return doi if doi and re.search(r"10\.[0-9]{4,9}", doi) else None


def _made_ids(paper: Paper) -> tuple[str, ...]:
    title = f"title:{_digest(title_key(paper.title), 16)}"
    words = fold(paper.abstract[:_ENOUGH]).split()[:_FIRST_WORDS]
    return (f"{title}-{_digest(' '.join(words), 12)}", title) if words else (title,)


def _digest(text: str, digits: int) -> str:
    return sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:digits]
