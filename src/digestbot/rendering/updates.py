"""What templates see of a paper that was sent before, and of what became of it since."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from digestbot.facts import Fact, FactKind
from digestbot.models import Updated
from digestbot.rendering.clicks import Address, paper_address, search_address, web_address
from digestbot.rendering.views import readable

_TITLE, _EVIDENCE, _WORD = 300, 160, 60
"""Characters printed at most."""
_FACTS: Final = 8
"""Facts that are told of a paper; a paper that is accepted in more places does not get more of them at once."""

_FEW: Final = 2
"""So many words beside an address say more than the label does: ``Code:`` does not."""

_LABELS: Final[Mapping[FactKind, str]] = {
    "withdrawn": "Withdrawn",
    "code": "Code arrived",
    "venue": "Venue",
    "version": "New version",
}


@dataclass(frozen=True, slots=True)
class FactView:
    """Something that became of a paper."""

    kind: FactKind
    label: str
    """``Code arrived``, ``New version`` …"""
    evidence: str
    """``v1 → v3``, or the words that say so, as printed."""
    quoted: bool
    """Whether `evidence` is somebody's words."""
    url: Address
    text: str
    """The address in short, ``owner/name`` on a host of code; empty without one."""


@dataclass(frozen=True, slots=True)
class UpdateView:
    """A paper that was sent before, as it is now."""

    id: str
    title: str
    url: Address
    search_url: Address
    facts: tuple[FactView, ...]
    more: int
    """How many facts are left out."""


def update_view(item: Updated) -> UpdateView:
    """Return the paper and its news as templates see them."""
    paper, url = item.paper, paper_address(item.paper)
    title = readable(paper.title, _TITLE) or "(no title)"
    facts = fact_views(item.facts)
    return UpdateView(
        paper.id, title, url, Address() if url else search_address(title), facts, len(item.facts) - len(facts)
    )


def fact_views(facts: Sequence[Fact]) -> tuple[FactView, ...]:
    """Return facts as templates see them."""
    return tuple(_fact(fact) for fact in facts[:_FACTS])


def _fact(fact: Fact) -> FactView:
    url = web_address(fact.url) if fact.url else Address()
    text = readable(str(url).partition("://")[2].removeprefix("www.").rstrip("/"), _WORD)
    name = text.removeprefix("github.com/") if fact.kind == "code" else text.removeprefix("doi.org/")
    said = fact.evidence.replace(fact.url, "") if fact.url else fact.evidence
    if fact.url and (len(said.split()) < _FEW or said.removeprefix("DOI ") in fact.url):  # the address says it all
        said = ""
    evidence = readable(said and fact.evidence, _EVIDENCE)
    return FactView(fact.kind, _LABELS[fact.kind], evidence, fact.kind != "version" and bool(evidence), url, name)
