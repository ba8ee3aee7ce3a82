"""What an address leads to, as far as the address itself tells: host, owner, name. No network."""

import re
from dataclasses import dataclass
from typing import Final, Literal
from urllib.parse import unquote, urlsplit

from digestbot.links import kind_of, link_key

HostKind = Literal["github", "gitlab", "huggingface", "zenodo", "page"]
"""Who is asked: one of the four with an API, or the page itself."""

_NAME: Final = re.compile(r"[A-Za-z0-9_.][A-Za-z0-9_.-]{0,99}")
_SITES: Final = frozenset({"about", "collections", "features", "marketplace", "orgs", "search", "sponsors", "topics"})
_SHELVES: Final = {"datasets": "datasets", "spaces": "spaces"}
_HUB_SITES: Final = frozenset({"blog", "collections", "docs", "join", "models", "organizations", "papers", "posts"})


@dataclass(frozen=True, slots=True)
class Target:
    """A place to visit."""

    kind: HostKind
    host: str
    owner: str
    name: str
    """Of the repository, model or data set; the number of a deposit; the path of a page."""
    url: str
    """The reachable form: where a person lands."""
    branch: str = ""
    shelf: str = ""
    """``models``, ``datasets`` or ``spaces``, on the hub."""


def target_of(url: str) -> Target | None:
    """Return what an address leads to; None for one that nobody could visit."""
    try:
        parts = urlsplit(url)
        host = (parts.hostname or "").removeprefix("www.")
    except ValueError:
        return None
    if parts.scheme not in {"http", "https"} or "." not in host:
        return None
    path = [unquote(part) for part in parts.path.split("/") if part]
    return _of_a_host(host, path, url) or Target("page", host, "", "/".join(path), url)


def _of_a_host(host: str, path: list[str], url: str) -> Target | None:
    """Return the target on a host with an API."""
    if host in {"github.com", "raw.githubusercontent.com"}:
        return _github(path, raw=host.startswith("raw."))
    if host in {"huggingface.co", "hf.co"}:
        return _hub(path)
    if kind_of(url) == "gitlab":
        return _gitlab(host, path)
    deposit = re.fullmatch(r"zenodo\.org/record/([0-9]{1,12})", link_key(url))
    return (
        Target("zenodo", "zenodo.org", "", deposit[1], f"https://zenodo.org/records/{deposit[1]}") if deposit else None
    )


def _github(path: list[str], *, raw: bool) -> Target | None:
    if len(path) < 2 or path[0].lower() in _SITES or not _are_names(path[:2]):
        return None
    owner, name = path[0], path[1].removesuffix(".git")
    at = 2 if raw else 3
    branch = path[at] if len(path) > at and (raw or path[2] in {"tree", "blob"}) else ""
    tail = f"/tree/{branch}" if branch else ""
    return Target("github", "github.com", owner, name, f"https://github.com/{owner}/{name}{tail}", branch)


def _gitlab(host: str, path: list[str]) -> Target | None:
    """Return the project: its groups may lie in each other, ``/-/`` ends its name."""
    end = path.index("-") if "-" in path else len(path)
    whole, rest = path[:end], path[end + 1 :]
    if len(whole) < 2 or not _are_names(whole):
        return None
    owner, name = "/".join(whole[:-1]), whole[-1].removesuffix(".git")
    branch = rest[1] if len(rest) > 1 and rest[0] in {"tree", "blob", "raw"} else ""
    tail = f"/-/tree/{branch}" if branch else ""
    return Target("gitlab", host, owner, name, f"https://{host}/{owner}/{name}{tail}", branch)


def _hub(path: list[str]) -> Target | None:
    shelf = _SHELVES.get(path[0], "models") if path else ""
    whole = path[1:] if shelf != "models" else path
    if len(whole) < 2 or whole[0] in _HUB_SITES or not _are_names(whole[:2]):
        return None
    owner, name = whole[:2]
    branch = whole[3] if len(whole) > 3 and whole[2] in {"tree", "blob", "resolve"} else ""
    prefix = "" if shelf == "models" else f"{shelf}/"
    return Target(
        "huggingface", "huggingface.co", owner, name, f"https://huggingface.co/{prefix}{owner}/{name}", branch, shelf
    )


def _are_names(parts: list[str]) -> bool:
    return all(_NAME.fullmatch(part) and part.strip(".") for part in parts)
