"""What can become of a paper after it was first announced, as records beside those of `models`."""

from dataclasses import dataclass
from typing import Final, Literal

FactKind = Literal["withdrawn", "code", "venue", "version"]
"""The most urgent first."""

UPDATE_KINDS: Final = ("version", "venue", "code")
"""What a subscription can ask to be told; a withdrawal comes with each of them."""


@dataclass(frozen=True, slots=True)
class Fact:
    """Something that became of a paper, with the words that say so."""

    kind: FactKind
    key: str
    """Which one of its kind: the number of a version, the name of a venue; empty where there is only one."""
    evidence: str
    """``v3``, as an update ``v1 → v3``; ``Accepted at ICML 2025``; the words around a link."""
    url: str = ""
    """Where it can be seen, when there is such a place."""


@dataclass(frozen=True, slots=True)
class Note:
    """What a visit to a link of a paper found, as a card tells it."""

    key: str
    """The link's comparison form."""
    text: str
    """``MIT · 1.2k stars · pushed 3 days ago · official (looked up today)``."""
