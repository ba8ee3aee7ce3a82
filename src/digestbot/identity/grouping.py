"""Many records parted into papers, the same way in any order.

"Is one paper with" is no equivalence: a record without abstract may agree with two that contradict each other. So
groups grow from the strongest agreement to the weakest, and at each step:

- records that are connected, with no contradiction among them, become one group;
- where there is a contradiction, only those that agree with exactly the same others do.

A record that could be either of two papers is neither. Every step looks at the set of records alone, never at
their order; and `merge` gives a group the same face in any order.
"""

from collections import defaultdict
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from functools import reduce
from itertools import combinations

from digestbot.identity.agreement import Agreement, Features, agreement, features
from digestbot.identity.keys import keys, paper_id
from digestbot.identity.merging import merge
from digestbot.models import Paper

_MOST = 100  # different records under one key that are compared pair by pair; more is a title that names nothing

_STEPS = (Agreement.ID, Agreement.ABSTRACT, Agreement.AUTHORS, Agreement.TITLE)


def group(papers: Sequence[Paper]) -> tuple[tuple[Paper, ...], ...]:
    """Return `papers` parted into groups that are one paper each, in the order of their first records.

    The partition does not depend on the order of `papers`, nor on how often a record is there.
    """
    distinct = list(dict.fromkeys(papers))
    number: dict[Paper, int] = {}
    for bucket in _buckets(distinct):
        for members in _parted(bucket):
            first = len(number)
            number.update(dict.fromkeys(members, first))
    groups: dict[int, list[Paper]] = {}
    for paper in papers:
        groups.setdefault(number[paper], []).append(paper)
    return tuple(tuple(members) for members in groups.values())


def _buckets(papers: Sequence[Paper]) -> list[list[Paper]]:
    """Part by keys: records that share one, directly or through others, come into one bucket."""
    under: dict[str, list[int]] = defaultdict(list)
    for number, paper in enumerate(papers):
        for key in keys(paper):
            under[key].append(number)
    links = ((numbers[0], other) for numbers in under.values() for other in numbers[1:])
    return [[papers[number] for number in part] for part in _connected(range(len(papers)), links)]


@dataclass(frozen=True, slots=True)
class _Cluster:
    """Records that are one paper so far, and what they say together."""

    members: tuple[Paper, ...]
    face: Features


def _cluster(members: Sequence[Paper]) -> _Cluster:
    return _Cluster(tuple(members), features(reduce(merge, members)))


def _parted(bucket: list[Paper]) -> list[tuple[Paper, ...]]:
    """Part one bucket into papers."""
    if len(bucket) > _MOST:
        return _by_id(bucket)
    clusters = [_cluster([paper]) for paper in bucket]
    for step in _STEPS:
        before = 0
        while len(clusters) != before and len(clusters) > 1:
            before = len(clusters)
            clusters = _joined(clusters, step)
    return [cluster.members for cluster in clusters]


def _by_id(papers: Iterable[Paper]) -> list[tuple[Paper, ...]]:
    """Part by id alone, in linear time."""
    parts: dict[str, list[Paper]] = {}
    for paper in papers:
        parts.setdefault(paper_id(paper), []).append(paper)
    return [tuple(part) for part in parts.values()]


def _joined(clusters: list[_Cluster], step: Agreement) -> list[_Cluster]:
    """Join clusters that agree at least as far as `step`."""
    pairs = list(combinations(range(len(clusters)), 2))
    weights = {(one, two): agreement(clusters[one].face, clusters[two].face) for one, two in pairs}
    edges = [pair for pair in pairs if weights[pair] >= step]
    against = {pair for pair in pairs if weights[pair] == Agreement.CONTRADICTION}
    parts = (numbers for part in _connected(range(len(clusters)), edges) for numbers in _split(part, edges, against))
    return [_united([clusters[number] for number in numbers]) for numbers in parts]


def _united(clusters: list[_Cluster]) -> _Cluster:
    if len(clusters) == 1:
        return clusters[0]
    return _cluster([paper for cluster in clusters for paper in cluster.members])


def _split(part: list[int], edges: list[tuple[int, int]], against: set[tuple[int, int]]) -> list[list[int]]:
    """Return one connected part as it is, or where it holds a contradiction, parted by whom each agrees with."""
    members = set(part)
    if not any(one in members and two in members for one, two in against):
        return [part]
    agrees: dict[int, set[int]] = {number: {number} for number in part}
    for one, two in edges:
        if one in members:
            agrees[one].add(two)
            agrees[two].add(one)
    alike: dict[Hashable, list[int]] = {}
    for number in part:
        alike.setdefault(frozenset(agrees[number]), []).append(number)
    return list(alike.values())


def _connected(numbers: Iterable[int], links: Iterable[tuple[int, int]]) -> list[list[int]]:
    """Return the connected parts of a graph (union-find with path halving), each in ascending order."""
    parent = {number: number for number in numbers}

    def root(number: int) -> int:
        while parent[number] != number:
            parent[number] = number = parent[parent[number]]
        return number

    for one, two in links:
        low, high = sorted((root(one), root(two)))
        parent[high] = low
    parts: dict[int, list[int]] = defaultdict(list)
    for number in parent:
        parts[root(number)].append(number)
    return list(parts.values())
