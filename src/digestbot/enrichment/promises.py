"""Where code may have come that a paper promised: what its project pages link to, and what the hub knows of it."""

import re
from collections.abc import Iterator
from typing import Final
from urllib.parse import quote

from digestbot.enrichment.asking import Asking, Said, record, text
from digestbot.enrichment.targets import target_of
from digestbot.enrichment.visiting import look
from digestbot.links import find_links, kind_of
from digestbot.models import Link, Paper
from digestbot.visits import names

_PAGES: Final = 2
_REPOSITORIES: Final = 2
_ARXIV: Final = re.compile(r"arxiv:([0-9]{4}\.[0-9]{4,5})")


def arrival(paper: Paper, asking: Asking) -> Link | None:
    """Return the link to the code that a paper promised, once there is code behind it.

    A link on a project page counts where the README names the paper: pages credit others, too. Raises
    LimitedError, SpentError.
    """
    for url, declared in list(dict.fromkeys(_candidates(paper, asking)))[:_REPOSITORIES]:
        target = target_of(url)
        if target is None or target.kind not in {"github", "gitlab"}:
            continue
        visit = look(target, asking)
        if visit.state == "alive" and (declared or names(visit.readme, paper)):
            return Link(target.url, kind_of(target.url), "", "visit", "")
    return None


def _candidates(paper: Paper, asking: Asking) -> Iterator[tuple[str, bool]]:
    """Yield addresses, and whether it was said of them that they are this paper's code."""
    if found := _ARXIV.fullmatch(paper.id):
        api = asking.apis["huggingface"]
        said = asking.maybe(f"{api.url}/api/papers/{quote(found[1])}", _known, api.headers)
        if said.get("code"):
            yield said["code"], True
    pages = [link.url for link in paper.links if link.kind == "project_page"]
    for url in pages[:_PAGES]:
        for address in asking.maybe(url, _linked).get("linked", ()):
            yield address, False


def _known(data: bytes) -> Said:
    return {"code": text(record(data), "githubRepo")}


def _linked(data: bytes) -> Said:
    links = find_links(data.decode("utf-8", "replace"), "page")
    return {"linked": [link.url for link in links if link.kind in {"github", "gitlab"}][:10]}
