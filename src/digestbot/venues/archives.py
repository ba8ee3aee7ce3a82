"""Archives of preprints: a paper that stands in one is published, and yet was taken by nobody."""

import re

_LONGEST = 1000  # characters of a venue or a DOI that are read

_ARCHIVES = re.compile(
    r"\b(?:\w{0,10}r?xiv|corr|ssrn|research square|preprints?(?:\.org)?|zenodo|figshare|openreview\.net|hal|osf"
    r"|authorea|researchgate"
    r"|github|gitlab|hugging ?face|kaggle|internet|e-?print|submitted|submission|rejected|withdrawn)\b",
    re.IGNORECASE,
)
_FOLDER = re.compile(
    r"\S+\.(?:cc|org|com|net)/\S*"
)  # where OpenReview keeps what was submitted: ICLR.cc/2025/Conference
_UNDER_REVIEW = re.compile(r"\b(?:under|in) (?:[\w-]+ )?review\b", re.IGNORECASE)
_DOIS = re.compile(
    r"10\.(?:48550|64898|2139|21203|20944|26434|31234|31219|31235|31222|31223|31224|5281|6084|36227|22541|13140|33774"
    r"|32388|17605|32942|35542|14293|7287/peerj\.preprints|1002/essoar|5194/egusphere|1101/(?:20[0-9]{2}\.|[0-9]{6}))(?![0-9]{3})",
    re.IGNORECASE,
)


def is_published_in(venue: str) -> bool:
    """Tell whether a paper's venue is one: archives of preprints and what was merely submitted are none."""
    text = venue[:_LONGEST]
    named = re.search(r"[^\W\d_]", text) and not _FOLDER.fullmatch(text.strip())
    return bool(named) and not _ARCHIVES.search(text) and not _UNDER_REVIEW.search(text)


def is_publishers_doi(doi: str) -> bool:
    """Tell whether a DOI is one that a journal or a conference gave, and not an archive of preprints."""
    found = re.search(r"10\.[0-9]{4,9}(?:\.[0-9]{1,9})?/\S", doi[:_LONGEST])
    return found is not None and not _DOIS.match(doi, found.start())
