"""Why a mail was not delivered, told from a status code and from words in several languages.

The table is tried from its top. What is said of the mail, the sender or the time stands before what is said of the
address: an address is called dead only when nothing else explains the refusal.
"""

import re
import unicodedata
from collections.abc import Sequence
from typing import Final

from digestbot.bounces.models import Reason
from digestbot.bounces.status import is_vague
from digestbot.bounces.vocabulary import REASONS, pattern_of

_LONGEST: Final = 8000
_TABLE: Final[Sequence[tuple[Reason, re.Pattern[str]]]] = tuple(
    (reason, pattern_of(lines)) for reason, lines in REASONS
)

_CODES: Final[Sequence[tuple[str, Reason]]] = (
    (r"5\.1\.10$", "takes no mail"),
    (r"5\.1\.[13]$", "unknown user"),
    (r"5\.1\.2$", "unknown host"),
    (r"5\.1\.6$", "moved"),
    (r"[45]\.1\.[78]$", "policy"),
    (r"[45]\.2\.1$", "disabled"),
    (r"[45]\.2\.2$", "full"),
    (r"[45]\.2\.3$", "too large"),
    (r"[45]\.3\.4$", "too large"),
    (r"[45]\.3\.\d+$", "system"),
    (r"5\.4\.4$", "unknown host"),
    (r"[45]\.4\.7$", "expired"),
    (r"[45]\.4\.\d+$", "network"),
    (r"[45]\.5\.\d+$", "system"),
    (r"[45]\.6\.\d+$", "content"),
    (r"[45]\.7\.\d+$", "policy"),
)
"""What the codes of RFC 3463 and those registered since (RFC 4468, 7372, 7505 …) say by themselves."""
_BY_STATUS: Final = tuple((re.compile(pattern), reason) for pattern, reason in _CODES)
_NOT_THE_ADDRESS: Final = re.compile(r"[45]\.(?:2\.[2-4]|3\.[1-9]|6|7|1\.[78])")
"""Statuses that speak of something else than whether there is such an address."""


def reason_of(status: str, *texts: str) -> Reason:
    """Return why, from the first of `texts` that tells, else from the status (RFC 3463), else ``unclear``."""
    found = [_told(text) for text in texts]
    weak: Reason = next((each for each in found if each != "unclear"), "unclear")
    told = next((each for each in found if each not in _WEAK), weak)
    none: Reason = "unclear"
    coded = next((reason for pattern, reason in _BY_STATUS if pattern.match(status)), none)
    if told in {"unclear", "system", "network", "expired"} and coded != "unclear" and not is_vague(status):
        return coded
    if told in _ABOUT_ADDRESS and (_NOT_THE_ADDRESS.match(status) or status.startswith("4.")):
        return coded if coded not in {"unclear", *_ABOUT_ADDRESS} else "unclear"
    return told


_WEAK: Final[frozenset[Reason]] = frozenset({"system", "unclear"})
_ABOUT_ADDRESS: Final[frozenset[Reason]] = frozenset({"unknown user", "unknown host", "moved", "takes no mail"})


def _told(text: str) -> Reason:
    plain = folded(text[:_LONGEST])
    none: Reason = "unclear"
    return next((reason for reason, pattern in _TABLE if pattern.search(plain)), none)


def folded(text: str) -> str:
    """Return text in lower case, without accents and addresses, with single blanks, so that phrases can be found."""
    parts = unicodedata.normalize("NFKD", text.casefold())
    bare = "".join(each for each in parts if not "\u0300" <= each <= "\u036f")
    bare = re.sub(r"[^\s<>\"'(),;:]{1,128}@[^\s<>\"'(),;:]{1,253}", "ada@there", unicodedata.normalize("NFKC", bare))
    return re.sub(r"[ \t\n]+", " ", bare).replace("\u2019", "'")
