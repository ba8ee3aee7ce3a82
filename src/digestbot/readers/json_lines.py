"""Our own JSON Lines: what ``digestbot read --json`` prints can be read again, and says the same.

::

    {"paper": {…}}      one a paper, every field as in `Paper.as_dict`
    {"source": {"name", "url", "page"}}         one a feed, of a list of feeds
    {"reject": {"line", "reason", "excerpt"}}
    {"digest": {"source", "dialect", "date", "papers", "rejects", "verdict", "reason"}}     last
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import fields
from typing import Any, BinaryIO, get_args

from digestbot.models import Link, LinkKind, NamedSource, Paper, PartialDate, Reject, Verdict
from digestbot.readers.json_records import Repeated, decode
from digestbot.readers.protocol import Item, Remark, excerpt_of

DIALECT = "json-lines"

_FIRST = re.compile(rb'\s*\{\s*"(?:paper|source|reject|digest)"\s*:\s*\{')
_DATE = re.compile(r"(?:[0-9]{4}|-)(?:-(?:0[1-9]|1[0-2])(?:-(?:0[1-9]|[12][0-9]|3[01]))?)?")
_SURROGATES = re.compile("[\ud800-\udfff]")
# fmt: off
_TEXTS = frozenset((
    "title", "id", "abstract", "organization", "published", "published_text", "updated", "announce_type", "comments",
    "venue", "doi", "url", "pdf_url", "machine_summary", "kind", "raw", "field", "evidence", "reason", "excerpt",
    "name", "page",
))
# fmt: on
_COUNTS = ("version", "author_count", "upvotes", "comment_count", "line")
_LINK = {item.name for item in fields(Link)}
_KINDS = ("new", "cross", "replace", "replace-cross")
_MOST = 2**63  # a ledger's whole numbers end there


def sniff(head: bytes) -> float:
    """Return how sure it is that these are our own lines: by the key the first one begins with."""
    return 1.0 if _FIRST.match(head) else 0.0


def read(file: BinaryIO) -> Iterator[Item]:
    """Yield the papers and rejects of the lines; a line that cannot be read is a reject of its own."""
    papers, ends, broken = 0, list[Mapping[str, Any]](), False
    for number, line in enumerate(file, 1):
        if not line.strip():
            continue
        item = _item(number, line.decode("utf-8", "replace"))
        broken = isinstance(item, _Broken) and not line.endswith(b"\n")
        papers += isinstance(item, Paper)
        if isinstance(item, dict):
            ends.append(item)
        else:
            yield item.reject if isinstance(item, _Broken) else item
    yield from _ends(ends, papers)
    if broken:
        yield Remark("the last line is cut off", "partial")


class _Broken:
    """A line that is no JSON: the last one may have been cut off."""

    def __init__(self, reject: Reject) -> None:
        self.reject = reject


def _item(number: int, line: str) -> "Paper | NamedSource | Reject | _Broken | dict[str, Any]":
    """Return what a line holds: a paper, a source, a reject, or the object that ends a digest."""
    try:
        value = decode(line)
    except (ValueError, RecursionError) as error:
        return _Broken(Reject(number, f"no JSON: {error}"[:200], excerpt_of(line)))
    try:
        return _content(value)
    except (KeyError, TypeError, ValueError) as error:
        reason = f"lacks {error}" if isinstance(error, KeyError) else str(error)
        return Reject(number, reason[:200], excerpt_of(line))


def _content(value: Any) -> Paper | NamedSource | Reject | dict[str, Any]:
    """Return the content of a line. Raises KeyError, TypeError or ValueError for what has the wrong form."""
    if not isinstance(value, dict) or len(value) != 1:
        raise ValueError("is no object with one key: paper, source, reject or digest")
    [(name, data)] = value.items()
    if name not in _CONTENTS or not isinstance(data, dict):
        raise ValueError("holds neither a paper nor a source, a reject or a digest")
    if isinstance(data, Repeated):
        raise ValueError("a key stands twice in it")  # noqa: TRY004 - the type is right, the content is not
    return _CONTENTS[name](data)


def _paper(data: dict[str, Any]) -> Paper:
    sound = _sound(data)
    if not str(sound.get("title") or "").strip():
        raise ValueError("a paper without a title")
    if sound.get("announce_type") not in (None, *_KINDS):
        raise ValueError(f"announce_type is none of {', '.join(_KINDS)}")
    for name in ("published", "updated"):
        if sound.get(name) is not None and not _DATE.fullmatch(sound[name]):
            raise ValueError(f"{name} is no date")
    for name in ("links", "alternatives"):
        sound[name] = [_sound(item) for item in _list(name, sound.get(name))]
    for link in sound["links"]:
        if set(link) != _LINK or link["kind"] not in get_args(LinkKind):
            raise ValueError(f"a link has not just {', '.join(sorted(_LINK))}, or is of no known kind")
    return Paper.from_dict(sound)


def _source(data: dict[str, Any]) -> NamedSource:
    sound = _sound(data)
    return NamedSource(str(sound["name"]), str(sound["url"]), sound.get("page"))


def _reject(data: dict[str, Any]) -> Reject:
    sound = _sound(data)
    if int(sound["line"]) < 1:
        raise ValueError("a reject on no line")
    return Reject(int(sound["line"]), str(sound["reason"]), str(sound["excerpt"]))


_CONTENTS: dict[str, Callable[[dict[str, Any]], Paper | NamedSource | Reject | dict[str, Any]]] = {
    "paper": _paper,
    "source": _source,
    "reject": _reject,
    "digest": lambda data: data,
}


def _list(name: str, value: Any) -> list[dict[str, Any]]:
    if value is None:
        return []
    if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
        raise TypeError(f"{name} is not a list of objects")
    return value


def _sound(data: dict[str, Any]) -> dict[str, Any]:
    """Return `data` with each field checked for its type. Raises TypeError, naming the field."""
    return {name: value if value is None else _value(name, value) for name, value in data.items()}


def _value(name: str, value: Any) -> Any:
    if name in ("authors_truncated", "promises_code"):
        good = isinstance(value, bool)
    elif name in _COUNTS:
        good = isinstance(value, int) and not isinstance(value, bool) and abs(value) < _MOST
    elif name == "score":
        good = isinstance(value, int | float) and not isinstance(value, bool)
    else:
        good = isinstance(value, str) if name in _TEXTS else isinstance(value, list)
    if not good:
        raise TypeError(f"{name} is {type(value).__name__}")
    return _without_surrogates(value)


def _without_surrogates(value: Any) -> Any:
    """Return texts without halves of characters: JSON can write them, no file can hold them."""
    if isinstance(value, str):
        return _SURROGATES.sub("\ufffd", value)
    if isinstance(value, list):
        return [_without_surrogates(item) if isinstance(item, str) else item for item in value]
    return value


def _ends(ends: list[Mapping[str, Any]], papers: int) -> Iterator[PartialDate | Remark]:
    """Yield the dates and verdicts of the digests in the lines. A verdict on nothing falls where papers are."""
    for end in ends:
        date, verdict, reason = (end.get(name) for name in ("date", "verdict", "reason"))
        if isinstance(date, str) and _DATE.fullmatch(date):
            yield PartialDate.from_iso(date)
        if verdict in get_args(Verdict) and verdict != "fresh":
            weighs = not papers or verdict == "partial"
            yield Remark(str(reason or f"was {verdict}")[:500], verdict if weighs else None)
