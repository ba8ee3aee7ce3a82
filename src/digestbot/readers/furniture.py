"""What a daily-papers site prints around its papers: buttons, links, counters. None of it is ever a paper.

A line is furniture only as a whole, so that a title may begin with any of these words. A *head* or *foot* line
stands outside the entries and ends the one before it; a *card* line may stand inside an entry and ends nothing.
"""

import re
from typing import Literal

Furniture = Literal["head", "foot", "card"]

NEWSLETTER = re.compile(
    r"(?:new\s*)?get (?:the )?trending papers in your (?:email )?inbox(?: once a day)?\s*!?", re.IGNORECASE
)
"""The line above the subscription button; what is glued behind it belongs to the first title."""


def _lines(text: str) -> frozenset[str]:
    return frozenset(line.strip() for line in text.replace("\n", " ").split("|"))


_HEAD = _lines(
    """
    new | daily papers - hugging face | trending papers - hugging face | huggingface.co |
    subscribe | unsubscribe | papers | daily papers | trending papers | top papers | latest papers | daily |
    weekly | monthly | all time | trending | hot | by ak and the research community | byak and the research
    community | ak and the research community | hugging face | hugging face's logo | models | datasets | spaces |
    buckets | posts | blog | forum | docs | documentation | tasks | enterprise | solutions | pricing | learn | log
    in | login | sign in | sign up | sign out | log out | search | menu | toggle menu | main navigation | skip to
    content | skip to main content | home | community | communities | previous | next | previous page | next page |
    older | newer | load more | show more | see more | view all | see all | today | yesterday | back | sort | sort
    by | filter | filters | join | follow | following | settings | profile | inference | inference providers |
    changelog | status
    """
)
_FOOT = _lines(
    """
    system theme | light theme | dark theme | theme | company | tos | terms | terms of service | terms of use |
    privacy | privacy policy | cookie policy | cookies | about | about us | jobs | careers | press | contact |
    contact us | website | imprint | legal | brand | brand assets | media kit | resources | support | help |
    feedback | rss | twitter | discord | linkedin | github issues
    """
)
_CARD = _lines(
    """
    submitted by | published on | upvote | upvoted | upvotes | github | arxiv | arxiv page | view arxiv page | view
    pdf | pdf | html | project page | project | code | abstract | abs | authors | author | comment | comments |
    reply | share | bookmark | save | like | likes | add to collection | add to library | read more | show abstract
    | hide abstract | expand | collapse | cite | copy link | open | paper | demo
    """
)
_EDGE = re.compile(r"^[\s•·*|<>«»‹›←→↑↓▲△▼⬆⋯…:-]+|[\s•·*|<>«»‹›←→↑↓▲△▼⬆⋯…!:.-]+$")
_THINGS = r"(?:stars?|likes?|comments?|replies|reply|views?|models?|datasets?|spaces?)"
_NUMBER = r"[0-9.,]+\s*[km]?"
_COUNTER = re.compile(rf"(?:github|{_THINGS})\s*{_NUMBER}|{_NUMBER}\s*{_THINGS}", re.IGNORECASE)
_READING_TIME = re.compile(r"(?:[0-9]{1,3}\s?[-–]\s?)?[0-9]{1,3}\s(?:min|minutes?)(?:\sread)?", re.IGNORECASE)
_COPYRIGHT = re.compile(r"(?:©|\(c\)|copyright)\s.{0,80}", re.IGNORECASE)
_LONGEST = 90  # characters


def furniture(text: str) -> Furniture | None:
    """Return where in a page the line `text` belongs to when it is furniture, else None."""
    if len(text) > _LONGEST:
        return None
    if NEWSLETTER.fullmatch(text):
        return "head"
    bare = _EDGE.sub("", _EDGE.sub("", text)).casefold()
    if bare in _FOOT or _COPYRIGHT.fullmatch(text):
        return "foot"
    if bare in _HEAD or _READING_TIME.fullmatch(bare):
        return "head"
    if not bare or bare in _CARD or _COUNTER.fullmatch(bare):
        return "card"
    return None
