"""The comparison form of an address: two links with one key lead to one place."""

import re
from collections.abc import Callable

_SCHEME = re.compile(r"^(?:[a-z][a-z0-9+.-]*:)?//", re.IGNORECASE)
_UNRESERVED = re.compile(r"%(2[DdEe]|5[Ff]|7[Ee])")  # - . _ ~ (RFC 3986, section 2.3)
_TRACKING = re.compile(r"(?:utm_[a-z]+|ref|ref_src|fbclid|gclid|si|usp)(?:=|$)", re.IGNORECASE)
_MAIN_BRANCH = re.compile(r"^(?:/-)?/(?:tree|blob|src)(?:/(?:main|master|HEAD))?(?:/readme\.md)?$", re.IGNORECASE)
_ALIASES = {
    "hf.co": "huggingface.co",
    "dx.doi.org": "doi.org",
    "export.arxiv.org": "arxiv.org",
    "m.youtube.com": "youtube.com",
}


def link_key(url: str) -> str:
    """Return the comparison form of `url`: no scheme, ``www.``, fragment, tracking, ``.git`` or slash at the end.

    ``link_key(link_key(url)) == link_key(url)``. It is for comparing, not for clicking.
    """
    rest = _SCHEME.sub("", "".join(url.split()), count=1).partition("#")[0]
    address, _, query = rest.partition("?")
    host, _, path = address.partition("/")
    host = re.sub(r":(?:80|443)$", "", host.lower()).rstrip(".")
    while host.startswith("www."):
        host = host[4:]
    host = _ALIASES.get(host, host)
    path = _UNRESERVED.sub(lambda code: chr(int(code[1], 16)), "/" + path)
    path = re.sub(r"/index\.html?$", "", re.sub(r"/{2,}", "/", path)).rstrip("/")
    kept = "&".join(sorted(part for part in query.split("&") if part and not _TRACKING.match(part)))
    site = _SITES.get(host)
    return site(host, path, kept) if site else _join(host, path, kept)


def _join(host: str, path: str, query: str) -> str:
    return f"{host}{path}?{query}" if query else host + path


def _forge(host: str, path: str, query: str) -> str:
    """Fold owner and name, which these sites do not tell apart by case, and the ways to say "its front page"."""
    del query
    _, owner, name, rest = (path + "///").split("/", 3)
    rest = "/" + rest.rstrip("/") if rest.strip("/") else ""
    rest = "" if _MAIN_BRANCH.match(rest) else rest
    while name.lower().endswith(".git"):
        name = name[:-4]
    return "/".join(part for part in (host, owner.lower(), name.lower()) if part) + rest


def _hub(host: str, path: str, query: str) -> str:
    return _join(host, re.sub(r"/(?:tree|blob)/main(?:/README\.md)?$", "", path), query)


def _anonymous(host: str, path: str, query: str) -> str:
    del query
    return host + re.sub(r"/readme\.md$", "", re.sub(r"^/(?:anonymize|repository)/", "/r/", path), flags=re.IGNORECASE)


def _archive(host: str, path: str, query: str) -> str:
    """Take the abstract page and the PDF of a preprint for one place."""
    return _join(host, re.sub(r"^/(?:abs|pdf|html)/+(.+?)(?:\.pdf)?$", r"/abs/\1", path), query)


def _deposit(host: str, path: str, query: str) -> str:
    """Take the record page and the DOI of a deposit for one place."""
    number = re.search(r"(?:/records?/|10\.5281/zenodo\.)([0-9]+)", path, re.IGNORECASE)
    return f"zenodo.org/record/{number[1]}" if number else _join(host, path, query)


def _doi(host: str, path: str, query: str) -> str:
    return _deposit(host, path.lower(), query)


def _video(host: str, path: str, query: str) -> str:
    """Fold the short and the long address of a video."""
    if host == "youtu.be" and (short := re.match(r"/([\w-]+)", path)):
        return f"youtube.com/watch?v={short[1]}"
    video = re.search(r"(?:^|&)(v=[^&]+)", query)
    return f"youtube.com/watch?{video[1]}" if video and path == "/watch" else _join(host, path, query)


_SITES: dict[str, Callable[[str, str, str], str]] = {
    "github.com": _forge,
    "gitlab.com": _forge,
    "bitbucket.org": _forge,
    "codeberg.org": _forge,
    "huggingface.co": _hub,
    "anonymous.4open.science": _anonymous,
    "arxiv.org": _archive,
    "zenodo.org": _deposit,
    "doi.org": _doi,
    "youtube.com": _video,
    "youtu.be": _video,
}
