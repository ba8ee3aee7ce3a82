"""The line that a listing prints above an entry: ``15.2CLMar 30, 2024Code``, all of it optional, some of it glued.

The score comes first, then one or more categories as arXiv names them (``CV``, ``QUANT-PH``, ``cs.LG``), the date,
and the badge that says there is code. They may also stand on lines of their own.
"""

import re
from dataclasses import dataclass, replace

from digestbot.dates import parse_date
from digestbot.models import PartialDate

_LONGEST = 80  # characters
_ARCHIVES = """
    ai ar cc ce cg cl cr cv cy db dc dl dm ds et fl gl gr gt hc ir it lg lo ma mm ms na ne ni oh os pf pl ro sc sd se si
    sy as iv sp ap co me ml ot th em gn tr st cp mf pm pr rm bm cb mn nc pe qm to ph cs math stat eess econ physics nlin
    quant-ph hep-th hep-ph hep-ex hep-lat math-ph cond-mat astro-ph gr-qc nucl-th nucl-ex q-bio q-fin
    """
_DOTTED = frozenset(("cs", "math", "stat", "eess", "econ", "physics", "nlin", "q-bio", "q-fin", "cond-mat", "astro-ph"))
_KNOWN = frozenset(_ARCHIVES.split())
_CATEGORY = r"[A-Za-z]{1,8}(?:-[A-Za-z]{2,5})?(?:\.[A-Za-z]{2,8}(?:-[A-Za-z]{2,6})?)?"
_MONTH = r"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]{0,6}\.?"
_GAP = r"\s*[·|]?\s*"
_BADGE = re.compile(
    rf"(?:(?P<score>\d{{1,4}}(?:\.\d{{1,3}})?){_GAP})?"
    rf"(?:(?P<categories>{_CATEGORY}(?:\s*[,;/|\s]\s*{_CATEGORY}){{0,9}}?){_GAP})??"
    rf"(?:(?P<date>{_MONTH}\s+\d{{1,2}}(?:,?\s+\d{{4}})?|(?<!\d)\d{{1,2}}\s+{_MONTH}\s+\d{{4}}|(?<!\d)\d{{4}}-\d\d-\d\d){_GAP})?"
    r"(?P<code>\[?Code\]?)?"
)


@dataclass(frozen=True, slots=True)
class Badge:
    """What is known of an entry before it is printed."""

    line: int
    excerpt: str = ""
    score: float | None = None
    categories: tuple[str, ...] = ()
    published: PartialDate | None = None
    published_text: str | None = None
    code: bool = False

    def joined(self, later: "Badge") -> "Badge":
        """Return this badge with what another line adds."""
        return replace(
            self,
            score=self.score if self.score is not None else later.score,
            categories=self.categories or later.categories,
            published=self.published or later.published,
            published_text=self.published_text or later.published_text,
            code=self.code or later.code,
        )


def badge_of(text: str, line: int) -> Badge | None:
    """Return the badge that a line is, else None. Without a score and a date, its categories must be arXiv's."""
    match = _BADGE.fullmatch(text) if text and len(text) <= _LONGEST else None
    if match is None:
        return None
    categories = tuple(re.findall(_CATEGORY, match["categories"] or ""))
    date = parse_date(match["date"]) if match["date"] else None
    if not (match["score"] or match["date"]) and not all(map(_is_arxiv, categories)):
        return None
    if len(categories) > 1 and not all(map(_is_arxiv, categories)):
        return None
    return Badge(
        line,
        text,
        float(match["score"]) if match["score"] else None,
        categories,
        date,
        match["date"],
        match["code"] is not None,
    )


def _is_arxiv(category: str) -> bool:
    archive, dot, _ = category.casefold().partition(".")
    return archive in (_DOTTED if dot else _KNOWN)
