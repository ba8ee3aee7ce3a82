"""The tables ``[[source]]``: which keys each kind has, how they are read, and their defaults.

A password or a key never stands in the file: it has a file of its own, or a variable named after the source.
"""

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final, get_args
from urllib.parse import urlsplit

from digestbot.config import values as kinds
from digestbot.config.source import Fault
from digestbot.config.source import Source as File
from digestbot.declared import Expect, Source, SourceKind
from digestbot.slugs import slug

_Keys = Mapping[str, tuple[kinds.Read, Any]]
_LONGEST_NAME: Final = 80
MUST: Final = object()
"""Stands in for the default of a key that has none."""


def _name(value: Any, base: Path) -> str:
    text = kinds.filled(value, base)
    if len(text) > _LONGEST_NAME:
        raise ValueError(f"is longer than {_LONGEST_NAME} characters")
    return text


def _path(value: Any, base: Path) -> str:
    return str(kinds.path(value, base))


def _pattern(value: Any, base: Path) -> str:
    """Return a pattern of names in a folder."""
    text = kinds.filled(value, base)
    if text.startswith(("/", "~")) or ".." in text.split("/"):
        raise ValueError("is to stay in the folder; for another place use the kind glob")
    return text


def _url(value: Any, base: Path) -> str:
    """Return the address of a feed. Raises ValueError for one that would carry a password."""
    text = kinds.filled(value, base)
    try:
        parts = urlsplit(text)
        known = parts.scheme in {"http", "https"} and bool(parts.hostname)
    except ValueError:
        known = False
    if not known or any(character.isspace() for character in text):
        raise ValueError(f"{text[:80]!r} is no address; one looks like https://example.org/feed.xml")
    if "@" in parts.netloc:
        raise ValueError("holds a log-in, which others could read; ask the feed's owner for an address without one")
    return text


def _host(value: Any, base: Path) -> str:
    text = kinds.filled(value, base)
    if any(character in "/@: " for character in text):
        raise ValueError(f"{text[:80]!r} is no name of a server; one looks like imap.example.org")
    return text


def _categories(value: Any, base: Path) -> tuple[str, ...]:
    found = kinds.words(value, base)
    for text in found:
        if not text.replace(".", "").replace("-", "").isalpha() or not text.isascii():
            raise ValueError(f"{text[:40]!r} is no category of arXiv; one looks like cs.LG")
    return found


def _senders(value: Any, base: Path) -> tuple[str, ...]:
    found = kinds.words(value, base)
    if not all(text.isascii() for text in found):
        raise ValueError("is to be parts of addresses, in ASCII")
    return found


def _category(value: Any, base: Path) -> tuple[str, ...]:
    return (kinds.filled(value, base).lower().replace(" ", "_"),)


def _forbidden(_value: Any, _base: Path) -> str:
    """Refuse a password in a file that others read."""
    raise ValueError("does not belong here, where others read it: write it into a file and name that as password_file")


def _expect(default: Expect) -> tuple[kinds.Read, Any]:
    return kinds.one_of(*get_args(Expect)), default


def _every(default: str) -> tuple[kinds.Read, Any]:
    return kinds.interval, default


_ALL: Final[_Keys] = MappingProxyType(
    {
        "name": (_name, MUST),
        "kind": (kinds.one_of(*get_args(SourceKind)), MUST),
        "expect": _expect("usual"),
        "every": _every("1h"),
        "max_bytes": (kinds.size, "32 MB"),
        "dialect": (kinds.filled, None),
    }
)
_HTTP: Final[_Keys] = MappingProxyType(
    {"allow_private": (kinds.flag, False), "timeout": (kinds.seconds, 60), "delay": (kinds.delay, 1)}
)
_QUERY: Final[_Keys] = MappingProxyType({**_HTTP, "every": _every("12h"), "days": (kinds.days, 7)})
_MAIL: Final[_Keys] = MappingProxyType({"every": _every("0"), "senders": (_senders, None)})

KINDS: Final[Mapping[SourceKind, _Keys]] = MappingProxyType(
    {
        "folder": {
            "path": (_path, MUST),
            "pattern": (_pattern, "*"),
            "expect": _expect("never"),
            "every": _every("0"),
        },
        "glob": {"pattern": (_path, MUST), "expect": _expect("never"), "every": _every("0")},
        "feed": {**_HTTP, "url": (_url, MUST)},
        "arxiv": {**_HTTP, "categories": (_categories, MUST), "expect": _expect("arxiv"), "every": _every("3h")},
        "arxiv-query": {**_QUERY, "query": (kinds.filled, MUST)},
        "hugging-face": {**_HTTP, "days": (kinds.days, 3), "expect": _expect("weekdays"), "every": _every("3h")},
        "openalex": {
            **_QUERY,
            "query": (kinds.filled, None),
            "filter": (kinds.filled, None),
            "key_file": (kinds.path, None),
        },
        "crossref": {**_QUERY, "query": (kinds.filled, None), "filter": (kinds.filled, None)},
        "semantic-scholar": {**_QUERY, "query": (kinds.filled, MUST), "key_file": (kinds.path, None)},
        "biorxiv": {
            **_QUERY,
            "server": (kinds.one_of("biorxiv", "medrxiv"), "biorxiv"),
            "category": (_category, None),
            "expect": _expect("weekdays"),
        },
        "maildir": {**_MAIL, "path": (_path, MUST)},
        "mbox": {**_MAIL, "path": (_path, MUST)},
        "imap": {
            **_MAIL,
            "host": (_host, MUST),
            "port": (kinds.port, 993),
            "user": (kinds.filled, MUST),
            "password": (_forbidden, None),
            "password_file": (kinds.path, None),
            "mailbox": (kinds.filled, "INBOX"),
            "days": (kinds.days, 30),
            "every": _every("10m"),
            "allow_private": (kinds.flag, False),
            "timeout": (kinds.seconds, 60),
        },
    }
)
"""The keys that each kind has beside those of all, or with another default."""

_SECRETS: Final = MappingProxyType({"password_file": "PASSWORD", "key_file": "KEY"})
_EITHER: Final = ("query", "filter")


def keys_of(kind: SourceKind) -> _Keys:
    """Return every key that a source of this kind may have: how it is read, and its default."""
    return {**_ALL, **KINDS[kind]}


def read_sources(file: File, environ: Mapping[str, str], faults: list[Fault]) -> tuple[Source, ...]:
    """Return the sources that a file declares; those with a fault are left out, and their faults are told."""
    found: list[Source] = []
    taken: dict[str, int] = {}
    for number, data in enumerate(file.tables("source", faults)):
        table = _Table(file, number, data, environ)
        source = table.source()
        key = source.name.casefold() if source else ""
        if source and taken.setdefault(key, number) != number:
            table.fault("name", f"{source.name!r} is the name of another source already; choose a name of its own")
        elif source:
            found.append(source)
        faults.extend(table.faults)
    return tuple(found)


def secrets_of(file: File) -> set[str]:
    """Return the variables that may hold the passwords and keys of the sources."""
    names = [data.get("name") for data in file.tables("source", [])]
    return {_variable(name, kind) for name in names if isinstance(name, str) for kind in _SECRETS.values()}


def _variable(name: str, kind: str) -> str:
    return f"DIGESTBOT_SOURCE_{slug(name).replace('-', '_').upper()}_{kind}"


class _Table:
    """One table, and what is wrong with it."""

    def __init__(self, file: File, number: int, data: Mapping[str, Any], environ: Mapping[str, str]) -> None:
        self._file, self._number, self._data, self._environ = file, number, data, environ
        self.faults: list[Fault] = []

    def source(self) -> Source | None:
        """Return the source; None when something is wrong with it."""
        kind = self._value("kind", *_ALL["kind"])
        if kind is None:
            return None
        keys = keys_of(kind)
        values = {key: self._value(key, *how) for key, how in keys.items()}
        for key in [key for key in self._data if key not in keys]:
            self.fault(key, f"is unknown to the kind {kind}; {kinds.choice(key, list(keys))}")
        secret = next((self._secret(key, word, values) for key, word in _SECRETS.items() if key in keys), "")
        self._check(kind, keys, values, secret)
        if self.faults:
            return None
        if values.get("category"):
            values["categories"] = values["category"]
        left_out = {*_SECRETS, "password", "category"}
        given = {key: value for key, value in values.items() if value is not None and key not in left_out}
        return Source(**given, secret=secret)

    def fault(self, key: str, message: str) -> None:
        """Tell what is wrong with a key, at its place."""
        place = self._file.place(("source", self._number, key))
        self.faults.append(Fault(f"source.{key} {message}", *place, key=f"source.{key}"))

    def _value(self, key: str, read: kinds.Read, default: Any) -> Any:
        """Return a value, or its default; None after telling what is wrong with it."""
        if key not in self._data:
            if default is MUST:
                self.fault(key, "is missing")
            return None if default in {MUST, None} else read(default, self._file.folder)
        try:
            return read(self._data[key], self._file.folder)
        except ValueError as error:
            self.fault(key, str(error))
            return None

    def _secret(self, key: str, word: str, values: Mapping[str, Any]) -> str:
        """Return the password or key, from its variable or its file."""
        name = self._data.get("name")
        given = self._environ.get(_variable(name, word), "") if isinstance(name, str) else ""
        path: Path | None = values.get(key)
        if not given and path is not None:
            try:
                given = path.read_text(encoding="utf-8").strip("\r\n")
            except (OSError, ValueError) as error:
                reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
                self.fault(key, f"names {path}, which cannot be read: {reason}")
        if word == "KEY" and not (given.isascii() and given.isprintable()):
            self.fault(key, "gives a key with characters that no request can carry")
        return given

    def _check(self, kind: SourceKind, keys: _Keys, values: Mapping[str, Any], secret: str) -> None:
        """Tell what does not go together."""
        if set(_EITHER) <= set(keys) and not any(self._data.get(key) for key in _EITHER):
            self.fault("query", f"is missing, and filter too; {kind} holds too much to take all of it")
        if kind == "imap" and not secret and "password_file" not in self._data and "password" not in self._data:
            name = _variable(values["name"], "PASSWORD") if values["name"] else "its variable"
            self.fault("password_file", f"is missing: the file with the password, or set {name}")
