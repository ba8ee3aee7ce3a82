"""Names of persons, compared as catalogues print them: whole, with initials, family name first."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from digestbot.text import fold

_MOST = 500  # authors that are looked at; collaborations have thousands
_SUFFIXES = frozenset({"jr", "sr", "ii", "iii", "iv"})
_INITIALS_LAST = re.compile(r"^(?P<family>.*\w{2,})\s+(?P<initials>[A-Z]{1,3})$")


@dataclass(frozen=True, slots=True)
class Name:
    """A person: all folded words of the name, its family name, and the rest in order."""

    words: frozenset[str]
    family: str
    given: tuple[str, ...]


def read_name(printed: str) -> Name | None:
    """Read ``Given Family``, ``Family, Given`` and ``Family GI``; None for a text without words."""
    words = frozenset(fold(printed).split())
    family, comma, given = printed.partition(",")
    if not comma and (turned := _INITIALS_LAST.match(printed.strip())):
        family, comma, given = turned["family"], ",", " ".join(turned["initials"])
    last = [word for word in fold(family).split() if word not in _SUFFIXES]
    first = [word for word in fold(given).split() if word not in _SUFFIXES]
    if not comma:
        first, last = last[:-1], last[-1:]
    if not last:
        return None
    return Name(words - _SUFFIXES, last[-1], (*first, *last[:-1]))


def same_person(one: Name, two: Name) -> bool:
    """Tell whether two names can be one person's: same words, or same family name and no initial against it."""
    if one.words == two.words:
        return True
    if one.family != two.family:
        return False
    return not one.given or not two.given or one.given[0][0] == two.given[0][0]


def read_names(printed: Sequence[str]) -> tuple[Name, ...]:
    """Read a list of authors, at most 500 of them."""
    return tuple(name for name in map(read_name, printed[:_MOST]) if name)


def same_authors(ones: Sequence[Name], twos: Sequence[Name]) -> bool | None:
    """Tell whether two lists are the same authors; None where one of them names nobody.

    The first authors must be able to be one person, unless both lists hold the same family names, several of
    them, in another order. One list may be shorter.
    """
    if not ones or not twos:
        return None
    if same_person(ones[0], twos[0]):
        return True
    families = {name.family for name in ones}
    return len(families) > 1 and families == {name.family for name in twos}
