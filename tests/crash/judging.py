"""What the server took against what the ledger believes: lost, doubled, in doubt."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

FILES: Final = 6
"""Three forms in the folder, three of the feed."""


@dataclass(frozen=True)
class Verdict:
    """What one disturbed round left. `early` is before the policy for doubts had its turn."""

    name: str
    moment: str
    codes: tuple[int, ...]
    lost: int
    doubled_early: int
    in_doubt: int
    repeated: int
    """Copies more than one, at the end."""
    differing: int
    """People whose copies are not the same to the byte, or not under the same Message-ID."""
    unsent: int
    """Messages that the ledger does not call sent, at the end, and files that are missing."""

    def faults(self, connections: int) -> list[str]:
        """Return what must not be."""
        found = {
            "lost": self.lost,
            "doubled before the policy": self.doubled_early,
            "more in doubt than connections": max(0, self.in_doubt - connections),
            "more repeats than doubts": max(0, self.repeated - self.in_doubt),
            "copies that differ": self.differing,
            "not sent in the end": self.unsent,
        }
        return [f"{self.name} ({self.moment}): {what}: {count}" for what, count in found.items() if count]


def copies(taken: Iterable[Mapping[str, Any]], people: Iterable[str]) -> dict[str, list[tuple[str, str]]]:
    """Return the Message-ID and the hash of each copy that a person got."""
    found: dict[str, list[tuple[str, str]]] = {person: [] for person in people}
    grouped = defaultdict(list)
    for item in taken:
        grouped[item["rcpt"]].append((item["message_id"], item["sha256"]))
    return {person: grouped[person] for person in found}


@dataclass(frozen=True)
class Look:
    """How things stand at one moment: the ledger's view, the server's, and the files that lie there."""

    states: Mapping[str, str]
    copies: Mapping[str, list[tuple[str, str]]]
    files: int


def judge(name: str, moment: str, codes: Iterable[int], early: Look, late: Look) -> Verdict:
    """Return the verdict on a round, from looks before and after the policy for doubts had its turn."""
    wanted = [*late.copies, "folder", "feed"]
    return Verdict(
        name,
        moment,
        tuple(codes),
        lost=sum(not found for found in late.copies.values()),
        doubled_early=sum(max(0, len(found) - 1) for found in early.copies.values()),
        in_doubt=list(early.states.values()).count("in_doubt"),
        repeated=sum(max(0, len(found) - 1) for found in late.copies.values()),
        differing=sum(len(set(found)) > 1 for found in late.copies.values()),
        unsent=sum(late.states.get(item) != "sent" for item in wanted) + abs(FILES - late.files),
    )
