"""Acronyms where a text spells them out: ``Mixture of Experts (MoE)``.

The rule is that of Schwartz and Hearst (2003, "A simple algorithm for identifying abbreviation definitions in
biomedical text"): read backwards, every letter of the short form stands in the long one, in order, and the first of
them begins a word.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

_SHORT = re.compile(r"\(\s?(\w[\w-]{1,9})\s?[),;]")
_LONGEST = 120
"""Characters before the bracket that are looked at."""


class Definition(NamedTuple):
    """An acronym and what it stands for, both as printed; the plural *s* of the acronym is dropped."""

    long: str
    short: str
    start: int
    """Where the long form begins."""


def definitions(text: str) -> Iterator[Definition]:
    """Yield the acronyms that a text spells out, in order. Linear in its length."""
    for found in _SHORT.finditer(text):
        short = _singular(found[1])
        if not any(char.isupper() for char in short) or not any(char.isalpha() for char in short):
            continue
        end = len(text[: found.start()].rstrip())
        first = _beginning(short, text, max(0, end - _LONGEST), end)
        if first is not None and text[first:end].casefold() != short.casefold():
            yield Definition(text[first:end], short, first)


def _singular(short: str) -> str:
    return short[:-1] if short.endswith("s") and len(short) > 2 and short[-2].isupper() else short


def _beginning(short: str, text: str, start: int, at: int) -> int | None:
    """Return where the long form that ends at `at` begins; None when the letters do not stand there."""
    letters = [char for char in short.casefold() if char.isalnum()]
    words = 0
    for left in range(len(letters) - 1, -1, -1):
        at -= 1
        while at >= start and not _fits(letters[left], text, at, first=left == 0):
            words += text[at].isspace()
            at -= 1
        if at < start or words > min(len(letters) + 5, 2 * len(letters)):
            return None
    return at if any(char in " -" for char in text[at:]) else None


def _fits(letter: str, text: str, at: int, *, first: bool) -> bool:
    return text[at].casefold() == letter and not (first and at and text[at - 1].isalnum())
