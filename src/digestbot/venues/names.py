"""Whether two names of journals or conferences are one place, however they call it."""

import re

_LONGEST = 240  # characters of a name that are read

_YEAR = re.compile(r"(?<![0-9])(?:19|20)[0-9]{2}(?![0-9])|(?<=['’`-])[0-9]{2}(?![0-9])")
_WORD = re.compile(r"[^\W_][\w&+]*")
_SMALL = frozenset(re.split(" ", "a an and at de for in of on or the to with"))
_SAYING = frozenset(
    re.split(
        " ",
        "accepted annual conference international proceedings proc conf int symposium workshop workshops ieee acm cvf"
        " main track oral poster spotlight findings long short paper papers full camera ready version publication"
        " journal meeting",
    )
)
_SAME = {"nips": "neurips", "pvldb": "vldb"}
_SPELT = {"neurips": "nips"}


def alike(one: str, two: str) -> bool:
    """Tell whether two names may well be one place, in other words.

    They do not name different years; and they share an acronym, or the initials of one are the other's acronym, or all
    words of one are in the other, abbreviated or not.
    """
    if one == two:
        return True
    here, there = _Face(one), _Face(two)
    if here.years and there.years and here.years.isdisjoint(there.years):
        return False
    return here.knows(there) or there.knows(here) or here.within(there) or there.within(here)


class _Face:
    """What of a name is compared."""

    def __init__(self, name: str) -> None:
        words = _WORD.findall(name[:_LONGEST])
        plain = [word.lower().replace("&", "") for word in words]
        self.years = {year[-2:] for year in _YEAR.findall(name[:_LONGEST])}
        short = {low for word, low in zip(words, plain, strict=True) if _is_acronym(word)}
        self.acronyms = {_SAME.get(word, word) for word in short} - _SAYING
        self.words = [low for low in plain if low.isalpha() and low not in _SMALL | _SAYING]
        self.initials = "".join(low[0] for low in plain if low.isalpha() and low not in _SMALL)

    def knows(self, other: "_Face") -> bool:
        """Tell whether an acronym of this one is in the other, or made of its initials."""
        return any(word in other.acronyms or other.initials.endswith(_SPELT.get(word, word)) for word in self.acronyms)

    def within(self, other: "_Face") -> bool:
        """Tell whether all words of this one are in the other, which may abbreviate them or write them out."""
        return bool(self.words) and all(
            any(word.startswith(longer) or longer.startswith(word) for longer in other.words) for word in self.words
        )


def _is_acronym(word: str) -> bool:
    return sum(sign.isupper() for sign in word) > 1 and len(word) > 1
