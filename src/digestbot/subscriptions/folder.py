"""A folder of subscription files: what is good in it, and all that has to be mended."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from re import fullmatch

from digestbot.errors import SubscriptionError
from digestbot.models import Fault, Subscription
from digestbot.places import Path as Way
from digestbot.subscriptions.source import Source, open_source
from digestbot.subscriptions.table import KEYS, check, nearest, read_query

_TABLES = ("subscription", "queries")


@dataclass(frozen=True, slots=True)
class Declared:
    """What the files of a folder declare."""

    subscriptions: tuple[Subscription, ...]
    """The good ones, in the order of the files; every id once."""
    macros: Mapping[str, str]
    """The good named queries of all files: what ``@name`` stands for."""
    faults: tuple[Fault, ...]
    """What has to be mended, by file, line and column."""

    @property
    def faulty(self) -> frozenset[str]:
        """The files that could not be read whole: what they do not declare may still be wanted."""
        return frozenset(fault.path for fault in self.faults)


def load_folder(path: Path) -> Declared:
    """Read every ``*.toml`` below `path` that is not hidden.

    Whatever is in the files comes back as data. Raises SubscriptionError only when there is no such folder:
    a folder that is not mounted must not look like one in which nobody wants anything.
    """
    if not path.is_dir():
        raise SubscriptionError("there is no such folder of subscriptions", path=str(path))
    opened = [open_source(file) for file in _files(path)]
    sources = [item for item in opened if isinstance(item, Source)]
    faults = [item for item in opened if isinstance(item, Fault)]
    named = _named_queries(sources, faults)
    wrong = _wrong_queries(named, faults)
    subscriptions = _subscriptions(sources, {name: query for name, (_, query) in named.items()}, faults)
    for source in sources:
        faults += _strays(source)
    macros = {name: query for name, (_, query) in named.items() if name not in wrong}
    return Declared(tuple(subscriptions), macros, tuple(sorted(faults, key=_place)))


def _files(folder: Path) -> list[Path]:
    """Return the files, in an order that does not depend on the disk."""
    found = (path for path in folder.rglob("*.toml") if not path.is_dir())
    return sorted(path for path in found if not any(part.startswith(".") for part in path.relative_to(folder).parts))


def _place(fault: Fault) -> tuple[str, int, int, str]:
    return fault.path, fault.line, fault.column, fault.message


def _named_queries(sources: Sequence[Source], faults: list[Fault]) -> dict[str, tuple[Source, str]]:
    """Return the named queries of all files, each name once with its file; tell what is wrong with the others."""
    found: dict[str, tuple[Source, str]] = {}
    for source in sources:
        for name, query in _table(source, "queries").items():
            way = ("queries", name)
            if not isinstance(query, str):
                faults.append(source.fault_at_value(way, "a named query is to be text in quotes"))
            elif not fullmatch("[A-Za-z][A-Za-z0-9_-]{0,63}", name):
                text = f"{name!r} cannot be a name: a letter, then letters, digits, _ and -, 64 at most"
                faults.append(source.fault_at_key(way, text))
            elif name in found:
                first = found[name][0]
                faults.append(
                    source.fault_at_key(way, f"@{name} is declared already, in {first.path}:{first.line(way)}")
                )
            else:
                found[name] = (source, query)
    return found


def _wrong_queries(named: Mapping[str, tuple[Source, str]], faults: list[Fault]) -> set[str]:
    """Return the names of the named queries that cannot be read; tell why."""
    macros = {name: query for name, (_, query) in named.items()}
    read = {name: read_query(source, ("queries", name), query, macros) for name, (source, query) in named.items()}
    wrong = {name: item for name, item in read.items() if isinstance(item, Fault)}
    faults += wrong.values()
    return set(wrong)


def _subscriptions(sources: Sequence[Source], macros: Mapping[str, str], faults: list[Fault]) -> list[Subscription]:
    """Return the good subscriptions of all files, each id once; tell what is wrong with the others."""
    taken: dict[str, str] = {}
    good: list[Subscription] = []
    for source, way, data in _declared(sources):
        item = check(source, way, data, macros)
        if isinstance(item, list):
            faults += item
        elif item.id in taken:
            spot = (*way, "id" if "id" in data else "name")
            faults.append(source.fault_at_value(spot, f"this is declared already, as {item.id} in {taken[item.id]}"))
        else:
            taken[item.id] = f"{source.path}:{source.line(way)}"
            good.append(item)
    return good


def _declared(sources: Sequence[Source]) -> Iterator[tuple[Source, Way, Mapping[str, object]]]:
    """Yield every subscription table with the way to it."""
    for source in sources:
        tables = source.data.get("subscription")
        if isinstance(tables, list):
            for index, data in enumerate(tables):
                if isinstance(data, dict):
                    yield source, ("subscription", index), data


def _table(source: Source, name: str) -> Mapping[str, object]:
    table = source.data.get(name)
    return table if isinstance(table, dict) else {}


def _strays(source: Source) -> Iterator[Fault]:
    """Yield a fault for everything at the top of a file that is neither a subscription nor a named query."""
    for key, value in source.data.items():
        if key not in _TABLES:
            yield source.fault_at_key((key,), f"{key!r} cannot stand here; {_advice(key)}")
        elif key == "queries" and not isinstance(value, dict):
            yield source.fault_at_key((key,), "named queries are a table; write [queries] above them")
        elif key == "subscription" and not (isinstance(value, list) and all(isinstance(item, dict) for item in value)):
            yield source.fault_at_key(
                (key,), "a subscription is one of many; write [[subscription]], with two brackets"
            )


def _advice(key: str) -> str:
    return "put it under [[subscription]]" if key in KEYS else nearest(key, _TABLES)
