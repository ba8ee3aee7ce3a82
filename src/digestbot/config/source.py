"""The file: TOML together with the place of every key, which the standard library's parser does not tell."""

import re
import tomllib
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Final

from digestbot.config.values import choice
from digestbot.errors import ConfigError
from digestbot.places import Path as Way
from digestbot.places import Places

ARRAYS: Final = ("source",)
"""What is declared in any number of tables, ``[[source]]``."""

_LARGEST: Final = 1 << 20
_HEAD: Final = re.compile(r"""\s*\[\s*["']?([^\]"']{1,100}?)["']?\s*\]""")
_NAME: Final = re.compile(r"""\s*([\w."'-]{1,200})\s*=""")


@dataclass(frozen=True, slots=True)
class Fault:
    """Something wrong, with its place in the file where it has one; counted from 1."""

    message: str
    line: int | None = None
    column: int | None = None
    key: str = ""


class Source:
    """The file that was named, or nothing. Raises ConfigError when it cannot be read at all."""

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._text = "" if path is None else _contents(path)
        self.folder = Path.cwd() if path is None else path.absolute().parent

        self._data: dict[str, Any] | None = None

    def tables(self, name: str, faults: list[Fault]) -> list[dict[str, Any]]:
        """Return the tables ``[[name]]`` in their order. Raises ConfigError for bad TOML."""
        found = self._tables().get(name, [])
        if isinstance(found, list) and all(isinstance(table, dict) for table in found):
            return found
        faults.append(Fault(f"write [[{name}]], with two brackets, for each {name}", *self.place((name,))))
        return []

    def place(self, way: Way) -> tuple[int, int]:
        """Return line and column of a key on its way: ``("source", 0, "url")``; of what is around one that is not."""
        places = Places(self._text)
        return places.spot(places.key(way))

    def read(self, known: Collection[tuple[str, str]], faults: list[Fault]) -> dict[tuple[str, str], Any]:
        """Return the values by section and key; what is unknown goes to `faults`. Raises ConfigError for bad TOML."""
        given: dict[tuple[str, str], Any] = {}
        sections = list(dict.fromkeys(section for section, _ in known))
        for section, table in self._tables().items():
            if section in ARRAYS:
                continue
            if isinstance(table, list) and table and isinstance(table[0], dict):
                message = f"there are no tables [[{section}]]; {choice(section, ARRAYS)}"
                faults.append(Fault(message, *self.place((section, 0))))
            elif not isinstance(table, dict):
                faults.append(self._stray(section, known))
            elif section not in sections:
                message = f"the section [{section}] is unknown; {choice(section, sections)}"
                faults.append(Fault(message, *self._place(section)))
            else:
                given |= {(section, key): value for key, value in table.items()}
        for section, key in [place for place in given if place not in known]:
            names = [name for group, name in known if group == section]
            faults.append(self.fault(section, key, f"is unknown; {choice(key, names)}"))
        return given

    def fault(self, section: str, key: str, message: str) -> Fault:
        """Return a fault of a key, at its place."""
        return Fault(f"{section}.{key} {message}", *self._place(section, key), key=f"{section}.{key}")

    def error(self, faults: Sequence[Fault]) -> ConfigError:
        """Return one error that tells all faults, placed at the first of them in the file."""
        ordered = sorted(faults, key=lambda fault: (fault.line is None, fault.line or 0, fault.column or 0))
        path = "settings" if self._path is None else str(self._path)
        first = ordered[0]
        others = [str(ConfigError(item.message, path=path, line=item.line, column=item.column)) for item in ordered[1:]]
        return ConfigError("\n".join([first.message, *others]), path=path, line=first.line, column=first.column)

    def _tables(self) -> dict[str, Any]:
        if self._data is None:
            self._data = self._parsed()
        return self._data

    def _parsed(self) -> dict[str, Any]:
        try:
            return tomllib.loads(self._text)
        except (tomllib.TOMLDecodeError, RecursionError) as error:
            message = str(error).partition(" (at ")[0] if isinstance(error, ValueError) else "is nested too deeply"
            line, column = self._spot(str(error))
            raise ConfigError(message, path=str(self._path), line=line, column=column) from error

    def _spot(self, message: str) -> tuple[int | None, int | None]:
        """Return line and column from a message of the parser."""
        if "at end of document" in message:
            lines = self._text.split("\n")
            return len(lines), len(lines[-1]) + 1
        found = re.search(r"\(at line (\d+), column (\d+)\)", message)
        return (int(found[1]), int(found[2])) if found else (None, None)

    def _stray(self, key: str, known: Collection[tuple[str, str]]) -> Fault:
        near = get_close_matches(key, [name for _, name in known], n=1)
        owner = next((section for section, name in known if near and name == near[0]), "")
        hint = f"did you mean {near[0]} under [{owner}]?" if near else "each belongs under one such as [digestbot]"
        return Fault(f"{key} stands outside of all sections; {hint}", *self._place("", key))

    def _place(self, section: str, key: str = "") -> tuple[int | None, int | None]:
        """Return line and column (from 1) of a key, or of a section's head; None where it is not found."""
        current = ""
        wanted = f"{section}.{key}" if section and key else key
        for number, line in enumerate(self._text.split("\n"), 1):
            head, name = _HEAD.match(line), _NAME.match(line)
            if head:
                current = head[1]
                if current == section and not key:
                    return number, head.start(1) + 1
            elif key and name and re.sub("[\"']", "", f"{current}.{name[1]}").removeprefix(".") == wanted:
                return number, name.start(1) + 1
        return None, None


def _contents(path: Path) -> str:
    try:
        with path.open("rb") as file:
            data = file.read(_LARGEST + 1)
    except OSError as error:
        advice = "digestbot init writes one" if isinstance(error, FileNotFoundError) else "check the path"
        raise ConfigError(f"cannot be read: {error.strerror}; {advice}", path=str(path)) from error
    if len(data) > _LARGEST:
        raise ConfigError("is larger than 1 MiB; this is no configuration", path=str(path))
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise ConfigError("is not UTF-8; save it as UTF-8", path=str(path), line=line) from error
