"""What a README says of itself: that the code is still to come, which weights and data it names, and its words."""

import re
from typing import Final

from digestbot.enrichment.asking import Said
from digestbot.links import find_links
from digestbot.models import Link
from digestbot.text import fold

_HEAD, _TAIL = 8_000, 4_000
"""Characters that are read of a long one: what it is stands at its head, whose it is often at its end."""
_MOST: Final = 5
_CODE: Final = r"(?:source )?(?:code|codes|codebase|implementation|scripts?|repo(?:sitory)?|everything)"
_OPENS: Final = r"(?:release|open-?source|publish|upload|share|update)"
_COMING: Final = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"\b{_CODE}\b[^.\n]{{0,60}}\b(?:will|is going to|is about to|to)\s+(?:\w+\s+){{0,2}}(?:be|come)\b",
        rf"\b(?:will|shall|plan to|going to)\s+(?:\w+\s+){{0,2}}{_OPENS}\b[^.\n]{{0,60}}\b{_CODE}\b",
        r"\bcoming\s+(?:very\s+)?soon\b|\bstay tuned\b|\bunder construction\b|\bto be released\b",
        r"\breleased? soon\b|\bwork in progress\b|\bcode\s+(?:is\s+)?coming\b",
    )
)


def read(words: str) -> Said:
    """Return what a README says. Only a repository without code of its own should be believed that it is to come."""
    part = words if len(words) <= _HEAD + _TAIL else f"{words[:_HEAD]}\n{words[-_TAIL:]}"
    links = find_links(part, "readme")
    return {
        "coming": any(pattern.search(part) for pattern in _COMING),
        "weights": [link.url for link in links if _holds(link, "weights")][:_MOST],
        "datasets": [link.url for link in links if _holds(link, "data")][:_MOST],
        "words": fold(part),
    }


def _holds(link: Link, thing: str) -> bool:
    from_hub = "weights" if link.kind == "huggingface" and "/spaces/" not in link.url else ""
    kinds = {"weights": "weights", "dataset": "data", "zenodo": "data", "figshare": "data", "osf": "data"}
    return (from_hub or kinds.get(link.kind)) == thing
