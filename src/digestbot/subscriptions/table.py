"""One ``[[subscription]]`` table, checked key by key: all that is wrong with it is told, not the first thing only."""

import unicodedata
from collections.abc import Callable, Collection, Mapping
from difflib import get_close_matches
from hashlib import sha256
from pathlib import Path
from re import fullmatch
from typing import Any, Final
from zoneinfo import ZoneInfo, available_timezones

from digestbot.addresses import parse_mailbox
from digestbot.errors import QueryError
from digestbot.facts import UPDATE_KINDS
from digestbot.models import Fault, Subscription
from digestbot.places import Path as Way
from digestbot.queries import Query, excludes_only, parse
from digestbot.quiet import parse_quiet
from digestbot.schedules import parse_schedule
from digestbot.slugs import slug
from digestbot.subscriptions.source import Source

_CHANNELS: Final = ("email", "feed", "folder", "notify", "webhook")
_FITTING: Final[Mapping[str, tuple[str, ...]]] = {
    "email": ("email", "address"),
    "notify": ("address", "address_file"),
    "webhook": ("address", "address_file"),
}
"""The keys that say where a channel's editions go; for other channels it is `path` or `address`."""
_LONGEST_URL: Final = 2000
_LONGEST_TEXT: Final = 20_000
_LONGEST_NAME: Final = 200
_MOST_CARDS: Final = 1000
_MOST_A_DAY: Final = 1440
_INSTANT_ONLY: Final = ("quiet", "max_per_day")
_UPDATES: Final = ("none", *UPDATE_KINDS, "all")
_FOUND: Final[Mapping[type, str]] = {
    str: "text",
    bool: "true or false",
    int: "a number",
    float: "a number",
    list: "a list",
    dict: "a table",
}


def nearest(word: str, options: Collection[str]) -> str:
    """Return what to write instead of `word`."""
    near = get_close_matches(word[:50].lower(), options, n=1)
    return f"did you mean {near[0]}?" if near else f"write one of {', '.join(options)}"


def read_query(source: Source, way: Way, query: str, macros: Mapping[str, str]) -> Query | Fault:
    """Return a query, or what is wrong with it, at its very character where the fault is in its own text."""
    try:
        return parse(query, macros)
    except QueryError as error:
        index = error.column if error.text == query else None
        hint = f"; did you mean  {error.repair}" if error.repair else ""
        return source.fault_at_value(way, f"{error.message}{hint}", index)


def check(source: Source, way: Way, data: Mapping[str, Any], macros: Mapping[str, str]) -> Subscription | list[Fault]:
    """Return the subscription that a table declares, or all that is wrong with it."""
    table = _Table(source, way, data, macros)
    values = {key: read(table, key) for key, read in KEYS.items() if key in data}
    for key in data:
        if key not in KEYS:
            table.fault_key(key, f"there is no key {key!r}; {nearest(key, KEYS)}")
    channel, address = _destination(table, values)
    _only_instant(table, values)
    for key in ("name", "query"):
        if key not in data:
            table.fault_head(f"this subscription has no {key}")
    if table.faults:
        return table.faults
    for key in ("email", "path", "address_file"):
        values.pop(key, None)
    values |= {"channel": channel, "address": address, "origin": source.path}
    return Subscription(**{"id": _generated_id(channel, address, values["name"])} | values)


class _Table:
    """A table's values, and what is wrong with them."""

    def __init__(self, source: Source, way: Way, data: Mapping[str, Any], macros: Mapping[str, str]) -> None:
        self.source, self.way, self.data, self.macros = source, way, data, macros
        self.faults: list[Fault] = []

    def fault(self, key: str, message: str, index: int | None = None) -> None:
        """Point at a value, or at one character of it."""
        self.faults.append(self.source.fault_at_value((*self.way, key), message, index))

    def fault_item(self, key: str, number: int, message: str) -> None:
        """Point at one text of a list, or at the text that stands there in place of a list."""
        self.faults.append(self.source.fault_at_item((*self.way, key), number, message))

    def fault_key(self, key: str, message: str) -> None:
        """Point at a key."""
        self.faults.append(self.source.fault_at_key((*self.way, key), message))

    def fault_head(self, message: str) -> None:
        """Point at the table's head."""
        self.faults.append(self.source.fault_at_key(self.way, message))

    def value(self, key: str, kind: type, wanted: str) -> Any:
        """Return a value of one kind; the kind's empty value after telling that it is of another."""
        value = self.data[key]
        if type(value) is kind:  # isinstance would take true for a number
            return value
        self.fault(key, f"{key} is to be {wanted}, not {_FOUND.get(type(value), 'a date or a time')}")
        return None


def _text(table: _Table, key: str, longest: int = _LONGEST_TEXT, breaks: str = "") -> str | None:
    """Return a text. Line ends and tabs are allowed where `breaks` holds them, other control characters never."""
    value: str | None = table.value(key, str, "text in quotes")
    if value is None:
        return None
    if not value.strip():
        table.fault(key, f"{key} is empty")
        return None
    if len(value) > longest:
        table.fault(key, f"{key} is longer than {longest} characters")
        return None
    controls = (at for at, sign in enumerate(value) if unicodedata.category(sign) == "Cc" and sign not in breaks)
    if (first := next(controls, None)) is not None:
        table.fault(key, f"{key} holds a control character", first)
        return None
    return value


def _name(table: _Table, key: str) -> str | None:
    return _text(table, key, _LONGEST_NAME)


def _prose(table: _Table, key: str) -> str | None:
    return _text(table, key, breaks="\n\t") if table.data[key] != "" else ""


def _checked(rule: Callable[[str], object]) -> Callable[[_Table, str], str | None]:
    """Return a reader of a text that `rule` takes without a ValueError."""

    def read(table: _Table, key: str) -> str | None:
        value = _text(table, key)
        try:
            if value is not None:
                rule(value)
        except ValueError as error:
            table.fault(key, str(error))
            return None
        return value

    return read


def _one_of(*options: str) -> Callable[[_Table, str], str | None]:
    """Return a reader of one of a few words."""

    def rule(value: str) -> None:
        if value not in options:
            raise ValueError(f"{value!r} is not known here; {nearest(value, options)}")

    return _checked(rule)


def _zone(name: str) -> None:
    """Raise ValueError when there is no time zone of that name."""
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:  # unknown, a path, a folder of zones
        near = get_close_matches(name[:50], sorted(available_timezones()), n=1)
        hint = f"did you mean {near[0]}?" if near else "write one such as Europe/Berlin or UTC"
        raise ValueError(f"{name!r} is no time zone; {hint}") from error


def _id(value: str) -> None:
    if not fullmatch("[a-z0-9]+(?:-[a-z0-9]+)*", value) or len(value) > 63:
        raise ValueError(f"{value!r} cannot be an id: lower case letters and digits with single hyphens, 63 at most")


def _path(value: str) -> None:
    if value.startswith(("/", "~")) or set(value) & set("\\:") or ".." in value.split("/") or len(value.encode()) > 255:
        raise ValueError(f"{value!r} is no path below the output folder; write it as in group/sparse-experts")


def _address_file(table: _Table, key: str) -> str | None:
    """Return the first line of a file beside the subscription file: a URL whose tokens are to stand nowhere else."""
    name = _text(table, key)
    if name is None:
        return None
    try:
        with (Path(table.source.path).parent / name).open(encoding="utf-8") as file:
            address = file.readline(_LONGEST_URL + 2).strip()
    except (OSError, ValueError) as error:
        reason = (error.strerror if isinstance(error, OSError) else "") or "it is no file of text"
        table.fault(key, f"{key} cannot be read: {reason}")
        return None
    if not address:
        table.fault(key, f"{key} names a file whose first line is empty")
    return address


def _number(low: int, high: int) -> Callable[[_Table, str], int | None]:
    """Return a reader of a whole number from `low` to `high`."""

    def read(table: _Table, key: str) -> int | None:
        value: int | None = table.value(key, int, "a whole number")
        if value is not None and not low <= value <= high:
            table.fault(key, f"{key} goes from {low} to {high}")
        return value

    return read


def _switch(table: _Table, key: str) -> bool | None:
    value: bool | None = table.value(key, bool, "true or false")
    return value


def _updates(table: _Table, key: str) -> tuple[str, ...] | None:
    """Return the kinds of updates that are wanted, from one word or a list of them."""
    value = table.data[key]
    words = [value] if isinstance(value, str) else value
    if not isinstance(words, list) or not all(isinstance(word, str) for word in words):
        table.fault(key, f"{key} is to be a word or a list of words: {', '.join(_UPDATES)}")
        return None
    known = len(table.faults)
    for number, word in enumerate(words):
        if word not in _UPDATES:
            table.fault_item(key, number, f"{word[:50]!r} is not known here; {nearest(word, _UPDATES)}")
        elif word in ("none", "all") and len(words) > 1:
            table.fault_item(key, number, f"{word!r} stands alone; leave it out, or the others")
    if len(table.faults) > known:
        return None
    return UPDATE_KINDS if "all" in words else tuple(kind for kind in UPDATE_KINDS if kind in words)


def _query(table: _Table, key: str) -> str | None:
    value = _text(table, key, breaks="\n\t")
    if value is None:
        return None
    query = read_query(table.source, (*table.way, key), value, table.macros)
    if isinstance(query, Fault):
        table.faults.append(query)
    elif "email" in table.data and "limit" not in table.data and excludes_only(query):
        table.fault(key, "this only excludes, so it matches almost every paper; set a limit to get that as mail")
    return value


KEYS: Final[Mapping[str, Callable[[_Table, str], Any]]] = {
    "name": _name,
    "email": _checked(parse_mailbox),
    "channel": _one_of(*_CHANNELS),
    "address": _text,
    "address_file": _address_file,
    "path": _checked(_path),
    "query": _query,
    "schedule": _checked(parse_schedule),
    "timezone": _checked(_zone),
    "limit": _number(1, _MOST_CARDS),
    "empty": _one_of("skip", "send"),
    "sort": _one_of("relevance", "date", "upvotes"),
    "catch_up": _one_of("merge", "skip"),
    "quiet": _checked(parse_quiet),
    "max_per_day": _number(0, _MOST_A_DAY),
    "updates": _updates,
    "feedback": _switch,
    "note": _prose,
    "id": _checked(_id),
}
"""Every key, and how it is read: a reader tells what is wrong with the value."""


def _destination(table: _Table, values: Mapping[str, Any]) -> tuple[str, str]:
    """Return the channel and the address on it."""
    given = [key for key in ("email", "address", "address_file", "path") if key in table.data]
    channel = values.get("channel") or ("email" if "email" in given else "")
    if not channel:
        if "channel" not in table.data:
            table.fault_head('this subscription goes nowhere; add email = "you@example.org", or channel = "feed"')
        return "", ""
    fitting = _FITTING.get(channel, ("path", "address"))
    for key in given:
        if key not in fitting:
            table.fault_key(key, f"the channel {channel} has no {key}; it takes {fitting[0]}")
    used = [key for key in given if key in fitting]
    for key in used[1:]:
        table.fault_key(key, f"{used[0]} says already where this goes")
    if channel == "email" and not used:
        table.fault_head('this subscription has no email; add email = "you@example.org"')
    if channel in {"notify", "webhook"} and not used:
        table.fault_head(f"this subscription has no address; the channel {channel} needs a URL")
    address = next((values[key] or "" for key in used), "").strip()
    if used and (reason := _unfit(channel, address)) and address and used[0] in {"address", "address_file"}:
        table.fault(used[0], reason)
    return channel, address


def _unfit(channel: str, address: str) -> str:
    """Return what is wrong with an address on its channel; empty when it fits. A URL with tokens is not repeated."""
    rules: Mapping[str, Callable[[str], object]] = {"email": parse_mailbox, "notify": _notify_url, "webhook": _web_url}
    try:
        rules.get(channel, _path)(address)
    except ValueError as error:
        return str(error)
    return ""


def _notify_url(value: str) -> None:
    if not fullmatch(r"[A-Za-z][A-Za-z0-9.+-]{0,30}://[!-~]+", value) or len(value) > _LONGEST_URL:
        raise ValueError("this is no URL of Apprise; one looks like slack://TokenA/TokenB/TokenC/#channel")


def _web_url(value: str) -> None:
    if not fullmatch(r"https?://[^\s/?#@]+(?:@[^\s/?#@]+)?(?:[/?][!-~]*)?", value) or len(value) > _LONGEST_URL:
        raise ValueError("this is no address to post to; one looks like https://example.org/hooks/papers")


def _only_instant(table: _Table, values: Mapping[str, Any]) -> None:
    """Tell of keys that only a subscription without a timetable has a use for."""
    if (values.get("schedule") or "").strip().lower() == "instant":
        return
    for key in _INSTANT_ONLY:
        if key in table.data:
            table.fault_key(
                key, f'{key} goes with schedule = "instant"; other schedules say themselves when they are due'
            )


def _generated_id(channel: str, address: str, name: str) -> str:
    """Return an id that stays while channel, address and name do."""
    digest = sha256("\0".join((channel, address, name)).encode()).hexdigest()[:6]
    return f"{slug(name, 50) or 'subscription'}-{digest}"
