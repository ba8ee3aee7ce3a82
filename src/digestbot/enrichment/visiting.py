"""One visit: the host is asked, and what it refuses is an answer too."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

from digestbot.enrichment import github, gitlab, hugging_face, pages, zenodo
from digestbot.enrichment.asking import Asking
from digestbot.enrichment.targets import HostKind, Target
from digestbot.errors import FetchError
from digestbot.visits import Visit, VisitState

HOSTS: Final[Mapping[HostKind, Callable[[Target, Asking], Visit]]] = MappingProxyType(
    {
        "github": github.visit,
        "gitlab": gitlab.visit,
        "huggingface": hugging_face.visit,
        "zenodo": zenodo.visit,
        "page": pages.visit,
    }
)
_STATES: Final[Mapping[int | None, VisitState]] = MappingProxyType(
    {404: "gone", 410: "gone", 401: "blocked", 403: "blocked", 451: "blocked"}
)


def look(target: Target, asking: Asking) -> Visit:
    """Return what is found at a place. Raises LimitedError, SpentError."""
    try:
        return HOSTS[target.kind](target, asking)
    except FetchError as error:
        state = _STATES.get(error.status, "unknown")
        reason = error.message if state == "unknown" or "private" in error.message else str(error.status)
        return Visit(target.url, state, reason[:200])
