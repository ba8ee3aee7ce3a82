"""Where addresses begin and end in printed text.

A *spot* begins where something says so (`_START`): a scheme, a known site, ``www.``, or for unknown sites a
path or a word before it. It runs on (`_run`) to the first character that no address holds, counting
brackets, and over a space only where the rest of a known form is missing (`_continued`). Every step reads
on from where the last one stopped, so that the time is linear in the text.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from digestbot.links.hosts import DATA_DOI, FORGES, OWN_HOSTS, SHARED_HOSTS, TOP_DOMAINS

_LONGEST = 2000  # characters of an address; no site needs more


@dataclass(frozen=True, slots=True)
class Spot:
    """A place of a text that may be an address."""

    start: int
    """Offset of the address, with ``\\url{`` or the like before it."""
    stop: int
    """Offset behind the address itself."""
    end: int
    """Offset behind the braces around and after it; `stop` when there are none."""
    resume: int
    """Where the text goes on: behind the words that a hyperlink shows."""
    scheme: str
    address: str
    """As printed, without scheme, and without the spaces in the name of a known site."""
    label: str = ""
    """The words that a hyperlink shows in place of the address."""


def _spaced(host: str) -> str:
    """Match the name of a site, also where a line break or a typesetter put spaces around its dots."""
    return r"\s?\.\s?".join(re.escape(label) for label in host.split("."))


_FORGE_NAMES = "|".join(_spaced(host) for host in FORGES)
_SHARED_NAMES = "|".join(re.escape(host) for host in SHARED_HOSTS)
_OWN_NAMES = "|".join(re.escape(host) for host in OWN_HOSTS)
_LABELS = r"(?:[a-z0-9][a-z0-9-]{0,62}\.){1,5}"
_FREE = r"(?<![\w@./\\-])"
_NOT_MAIL = r"(?![\w.-]*@)"

_START = re.compile(
    "|".join(
        (
            rf"(?:(?P<forge_scheme>https?)\s?:?\s?\\?/(?:\\?/)?\s?|{_FREE})(?P<forge>(?:www\s?\.\s?)?(?:{_FORGE_NAMES}))\s?(?=\\?/)",
            rf"git@(?P<ssh>{_FORGE_NAMES}):(?=[\w-])",
            r"(?P<scheme>https?)(?:\s?:\s?\\?/\s?\\?/\s?|:/)(?=[\w-]{1,63}(?:\.[\w-]|:[0-9]))",
            rf"{_FREE}(?=www\.{_LABELS}[a-z]{{2}})",
            rf"{_FREE}{_NOT_MAIL}(?=(?:[a-z0-9][a-z0-9-]{{0,62}}\.){{0,3}}(?:{_SHARED_NAMES})/[\w@-])",
            rf"{_FREE}{_NOT_MAIL}(?={_LABELS}(?:{_OWN_NAMES})(?![\w-]))",
            rf"{_FREE}(?:doi\s?:\s?)?(?P<doi>)(?={DATA_DOI})",
            rf"{_FREE}{_NOT_MAIL}(?=(?-i:{_LABELS}(?:{TOP_DOMAINS}))(?!\w|[.-]\w)(?P<path>/[\w~-])?)(?P<bare>)",
        )
    ),
    re.IGNORECASE | re.ASCII,
)
_HINT = re.compile(
    r"\.(?:(?<=[\w-]\.)[a-z]{2}|(?<=10\.)[0-9]|(?<=\s\.)\s?[a-z0-9]{2}|\s[a-z0-9]{2,12}(?:\s?\.\s?[a-z0-9]+){0,2}\s?\\?/)"
    r"|:\s?\\?/|@(?<=git@)",
    re.IGNORECASE | re.ASCII,
)
"""Stands in every text in which `_START` finds something, and in few others: most abstracts hold no address.

It begins with one of three marks that prose seldom holds, so that the search skips from one to the next.
"""
_SPACED = 60  # characters before the word of the first hint in which an address with spaces in it may begin
_CUE = re.compile(
    r"(?:(?:available|accessible|accessed|found|hosted|released|shared|published|downloaded|code|data|data ?sets?|demo)"
    r"(?: \w+)? (?:at|on|from|via|under|in)|(?:web ?site|web ?page|home ?page|project page|url)(?: is| at)?|visit)"
    r"\s?:?\s?[~(\[<{\"'“]?(?:\\?(?:url|texttt|href)\{)?$",
    re.IGNORECASE,
)

_PLAIN = r"a-gi-zA-Z0-9._~/?#@+=%:\u00c0-\u024f\u2010\u2011\u00ad\u200b\u2060-"
_H = r"h(?!ttps?:/)|(?<==)h|(?<=[0-9]/)h"  # another scheme begins another address, but in an archive or a redirect
_AND = r"&(?!(?:lt|gt|quot|apos|nbsp|[lr][sd]quo|\#[0-9]{1,6}|\#x[0-9a-f]{1,6});)"
_TEX = (
    r"\\[_#%&~/-](?:\{\})?|\{\\?[_~#%&]\}|\\text(?:asciitilde|underscore)\b\s?(?:\{\})?|\$(?:\\sim|\\?_)\$"
    r"|\{\\text(?:asciitilde|underscore)\}"
)
_FORGE_RUN = re.compile(rf"(?:[{_PLAIN}]|{_H}|{_AND}|{_TEX})*")
_PIECE = re.compile(rf"(?P<plain>(?:[!*,;'{_PLAIN}]|{_H}|{_AND}|{_TEX})+)|(?P<open>[(\[])|(?P<close>[)\]])")

_OWNER_NAME = re.compile(r"\s{1,3}([\w-][\w.-]*/[\w-][\w.-]*)", re.ASCII)
_FOLDER = re.compile(r"\s{1,3}([\w-]+/)(?=[\s.,;)]|$)", re.ASCII)
_NAME = re.compile(r"\s{1,3}((?=[\w.-]*[A-Z0-9_-])[\w-]+(?:\.[\w-]+)*)(?=[)}\]]?[.;]?(?:\s*$|\s+[A-Z]))", re.ASCII)
_SLASH_NAME = re.compile(r"\s(/\s?[\w-][\w.-]*)", re.ASCII)
_REST_OF_LINE = re.compile(
    r"(?:[ \t]?\r?\n\s{0,3}|\s(?=[\w./-]+[)}\]]?[.;]?(?:\s*$|\s+[A-Z])))([\w-][\w./-]*)", re.ASCII
)

_OPENED = re.compile(r"(?:\$\s?)?\\?(?:url|href|nolinkurl|path|texttt|underline)\s?\{\s?$")
_CLOSED = re.compile(r"\s?\}(?:\s?\{((?:[^{}]|\{[^{}]{0,200}\}){0,300})\})?\$?")
_DEBRIS = re.compile(r"\{[^{}\n]{0,300}\}")
_MARKDOWN = re.compile(r"\[([^\[\]]{1,80})\]\(<?$")
_ATTRIBUTE = re.compile(r"href\s?=\s?[\"']?$", re.IGNORECASE)
_ANCHOR = re.compile(r"[\"']?[^<>]{0,200}>([^<]{0,300})</a>", re.IGNORECASE)


def find_spots(text: str) -> Iterator[Spot]:
    """Yield the places of `text` that may be addresses, in order, not overlapping."""
    position = 0
    while found := _next_start(text, position):
        spot = _spot(text, found)
        if spot:
            yield spot
        position = max(spot.resume if spot else 0, found.end(), found.start() + 1)


def _next_start(text: str, position: int) -> re.Match[str] | None:
    """Return where the next address may begin: in the word of the next hint, or a few words before."""
    hint = _HINT.search(text, position)
    return _START.search(text, max(position, text.rfind(" ", 0, hint.start()) - _SPACED)) if hint else None


def _spot(text: str, found: re.Match[str]) -> Spot | None:
    """Read one address, or return None where the beginning leads nowhere."""
    if (
        found["bare"] is not None
        and not found["path"]
        and not _CUE.search(text[max(0, found.start() - 60) : found.start()])
    ):
        return None
    host, run = _host(found), found.end()
    stop, resume = (_forge_run if found["forge"] or found["ssh"] else _run)(text, run)
    address = host + text[run:stop]
    more, stop = _continued(text, stop, address)
    if stop - found.start() > _LONGEST:
        return None
    start, end, label, after = _wrapping(text, found.start(), stop)
    scheme = (found["scheme"] or found["forge_scheme"] or "https").lower()
    return Spot(start, stop, end, max(resume, end, after), scheme, address + more, label)


def _host(found: re.Match[str]) -> str:
    """Return what has to stand before the text that follows: the repaired name of a site, or nothing."""
    if found["ssh"]:
        return "".join(found["ssh"].split()) + "/"
    if found["doi"] is not None:
        return "doi.org/"
    return "".join((found["forge"] or "").split())


def _forge_run(text: str, start: int) -> tuple[int, int]:
    found = _FORGE_RUN.match(text, start)
    end = found.end() if found else start
    return end, end


def _run(text: str, start: int) -> tuple[int, int]:
    """Return where the address ends and where reading goes on. A bracket counts only with its partner."""
    opened: list[int] = []
    position = start
    while piece := _PIECE.match(text, position):
        if piece["close"] and not opened:
            break
        if piece["close"]:
            opened.pop()
        elif piece["open"]:
            opened.append(position)
        position = piece.end()
    return (opened[0] if opened else position), position


def _continued(text: str, stop: int, address: str) -> tuple[str, int]:
    """Return what belongs to the address behind a space, and where it then ends.

    That needs evidence: a known site whose owner or name is missing, and behind the space something of
    that form; or an address that breaks off at a hyphen.
    """
    for pattern in _continuations(address):
        if found := pattern.match(text, stop):
            return "".join(found[1].split()), found.end(1)
    return "", stop


def _continuations(address: str) -> tuple[re.Pattern[str], ...]:
    host, slash, path = address.partition("/")
    host = host.lower().removeprefix("www.")
    parts = FORGES.get(host, 1 if host.endswith(OWN_HOSTS) else 0)
    missing = parts - len([part for part in path.split("/") if part])
    if missing > 0 and slash and path in ("", "/"):
        return (_OWNER_NAME,) if parts == 2 else (_FOLDER,)
    if missing == 1 and parts == 2:
        return (_NAME,) if path.endswith("/") else (_SLASH_NAME,)
    return (_REST_OF_LINE,) if slash and path.endswith(("-", "_")) else ()


def _wrapping(text: str, inner: int, stop: int) -> tuple[int, int, str, int]:
    """Return where the wrapping starts and ends, the words it shows, and where the text goes on."""
    before = text[max(0, inner - 100) : inner]
    if opened := _OPENED.search(before[-24:]):
        closed = _CLOSED.match(text, stop)
        start = inner - (len(before[-24:]) - opened.start())
        return (start, closed.end(), closed[1] or "", closed.end()) if closed else (inner, stop, "", stop)
    if shown := _MARKDOWN.search(before):
        return inner, stop, shown[1], stop
    if _ATTRIBUTE.search(before[-10:]) and (anchor := _ANCHOR.match(text, stop)):
        return inner, stop, anchor[1], anchor.end()
    debris = _DEBRIS.match(text, stop)
    end = debris.end() if debris else stop
    return inner, end, "", end
