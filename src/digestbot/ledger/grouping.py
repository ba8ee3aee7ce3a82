"""Which of many records are one paper: a function of the set of records, so that the order in which they came is lost.

Asking only "is this new record one of the papers that are here?" would not do. A record without an id may
fit two papers with different ids; then the paper that came first would get it, and another order of the
same files would give other papers.

::

    records ─same id→ blocks ─same paper, by identity, block by block in a fixed order→ groups
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from functools import reduce
from typing import Final

from digestbot.identity import aliases, merge, paper_id, same, title_key
from digestbot.models import Paper

_LOOSE: Final = "title:"
_MOST: Final = 50
"""A title that more papers than these have is no evidence (``Editorial``); also keeps the work linear."""


def strong_aliases(paper: Paper) -> tuple[str, ...]:
    """Return the ids that no other paper has; a fingerprint of the title is none of them."""
    return tuple(alias for alias in aliases(paper) if not alias.startswith(_LOOSE))


def title_of(paper: Paper) -> str:
    """Return the title as records of one paper have it in common, whatever its spelling."""
    return title_key(paper.title)


def whole(papers: Iterable[Paper]) -> Paper:
    """Return the merge of all records of one paper."""
    return reduce(merge, papers)


def group(papers: Sequence[Paper]) -> list[list[int]]:
    """Return the positions of the records of each paper. Any order of `papers` gives the same groups of records.

    The same record twice has to be weeded out before.
    """
    blocks = [_Block(members, [papers[n] for n in members]) for members in _blocks(papers)]
    groups: list[_Block] = []
    by_title: dict[str, list[_Block]] = defaultdict(list)
    for block in sorted(blocks, key=lambda item: item.order):
        titles = {title_of(paper) for paper in block.papers}
        near = [other for title in sorted(titles) for other in by_title[title][: _MOST + 1]]
        home = next((other for other in near if same(other.paper, block.paper)), None) if len(near) <= _MOST else None
        if home is None:
            home = block
            groups.append(block)
        else:
            home.join(block)
        for title in titles:
            if home not in by_title[title]:
                by_title[title].append(home)
    return [sorted(item.members) for item in groups]


class _Block:
    """Records that are one paper for sure."""

    def __init__(self, members: Sequence[int], papers: Sequence[Paper]) -> None:
        self.members, self.papers = list(members), list(papers)
        self.paper = whole(papers)
        ids = sorted(alias for paper in papers for alias in strong_aliases(paper))
        self.order = (not ids, ids, paper_id(self.paper), self.paper.title)

    def join(self, other: "_Block") -> None:
        """Take in the records of `other`."""
        self.members += other.members
        self.papers += other.papers
        self.paper = merge(self.paper, other.paper)


def _blocks(papers: Sequence[Paper]) -> list[list[int]]:
    """Return the positions of records that share an id; those without one share the fingerprint of their title."""
    parents = list(range(len(papers)))

    def root(position: int) -> int:
        while parents[position] != position:
            parents[position] = parents[parents[position]]
            position = parents[position]
        return position

    first: dict[str, int] = {}
    for position, paper in enumerate(papers):
        for alias in strong_aliases(paper) or aliases(paper):
            parents[root(position)] = root(first.setdefault(alias, position))
    found: dict[int, list[int]] = defaultdict(list)
    for position in range(len(papers)):
        found[root(position)].append(position)
    return list(found.values())
