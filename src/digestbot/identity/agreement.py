"""How far two records agree to be one paper: ids first, then title, abstract and authors together.

A shared repository, a shared title alone under different authors, or much shared text under different titles make
nothing one paper. A missing field says nothing; a field that contradicts ends the matter.
"""

import re
from dataclasses import dataclass
from enum import IntEnum

from digestbot.identity.ids import KINDS, kind_of_id
from digestbot.identity.keys import strong_ids, title_key
from digestbot.identity.names import Name, read_names, same_authors
from digestbot.models import Paper
from digestbot.text import fold

_SHARED = 0.6  # of the shorter abstract's words; different papers of one field share up to 0.45 of them
_TOO_FEW = 8  # words: a stub says nothing
_LONGEST = 20_000  # characters of an abstract that are compared
_GENERIC = re.compile(
    r"(?:guest|author|publisher)?(?:editorial|preface|foreword|introduction|erratum|erratumto|corrigendum|correction|retraction"
    r"|untitled|comment|reply|response|obituary|abstract|announcement|news(?:and)?view|tableofcontent|inthisissue|bookreview)"
    r"(?:board|note|notice)?"
)


class Agreement(IntEnum):
    """What speaks for two records being one paper, the strongest last."""

    CONTRADICTION = -1
    NOTHING = 0
    TITLE = 1
    AUTHORS = 2
    """Title and authors."""
    ABSTRACT = 3
    """Title and abstract."""
    ID = 4


@dataclass(frozen=True, slots=True)
class Features:
    """What of a record is compared, brought to comparison form once."""

    paper: Paper
    ids: frozenset[str]
    title: str
    words: frozenset[str]
    """The longer words of the abstract; numbers and short ones suffer most from lost TeX."""
    authors: tuple[Name, ...]


def features(paper: Paper) -> Features:
    """Return what `agreement` looks at."""
    words = fold(paper.abstract[:_LONGEST]).split()
    content = frozenset(word for word in words if len(word) >= 4 and word.isalpha())
    ids = frozenset(strong_ids(paper))
    return Features(paper, ids, title_key(paper.title), content, read_names(paper.authors))


def same(one: Paper, two: Paper) -> bool:
    """Tell whether two records are one paper. Symmetric, and true of a record and itself; see `group` for many."""
    return agreement(features(one), features(two)) > Agreement.NOTHING


def agreement(one: Features, two: Features) -> Agreement:
    """Weigh two records. The strongest kind of id that both have decides alone."""
    by_id = True if one.paper == two.paper else _same_id(one.ids, two.ids)
    if by_id is not None:
        return Agreement.ID if by_id else Agreement.CONTRADICTION
    if one.title != two.title:
        return Agreement.NOTHING
    abstracts, authors = _same_abstract(one.words, two.words), same_authors(one.authors, two.authors)
    if abstracts is False or authors is False:
        return Agreement.CONTRADICTION
    if abstracts or authors:
        return Agreement.ABSTRACT if abstracts else Agreement.AUTHORS
    return Agreement.NOTHING if not one.title or _GENERIC.fullmatch(one.title) else Agreement.TITLE


def _same_id(one: frozenset[str], two: frozenset[str]) -> bool | None:
    """Compare by the strongest kind of id that both have; None when there is none."""
    for kind in KINDS:
        here = {name for name in one if kind_of_id(name) == kind}
        there = {name for name in two if kind_of_id(name) == kind}
        if here and there:
            return not here.isdisjoint(there)
    return None


def _same_abstract(one: frozenset[str], two: frozenset[str]) -> bool | None:
    """Tell whether the shorter abstract's words are mostly the longer one's; None where one says too little."""
    fewer = min(len(one), len(two))
    return None if fewer < _TOO_FEW else len(one & two) >= _SHARED * fewer
