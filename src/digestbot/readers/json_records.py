"""JSON from outside: decoded without surprises, its records found, each with its line.

A number of any length, NaN, a key that stands twice, nesting of any depth and a file that was cut off are
all possible; none of them is a crash. What is complete in a file that was cut off is kept.
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, BinaryIO, NoReturn

from digestbot.errors import MalformedDigestError
from digestbot.models import Paper, Reject
from digestbot.readers.intake import to_utf8
from digestbot.readers.json_pieces import Lazy, find_pieces
from digestbot.readers.markup import flat
from digestbot.readers.protocol import Remark, excerpt_of, name_of

_TOKEN = re.compile(r'"(?:[^"\\]++|\\.)*+(?:"|\\?\Z)|[\[\]{}:,]', re.DOTALL)
LARGE = 1 << 20
"""Bytes from which on the records of a document are decoded one at a time."""
_HEAD = 1 << 16  # bytes in which the list of records has to begin for that
_DEEPEST = 8  # levels; records lie within
_SPACE = re.compile(r"[ \t\n\r]*")


class Repeated(dict[str, Any]):
    """An object with a key that stands twice: which of the two is meant, nobody can say."""

    pairs: Sequence[tuple[str, Any]] = ()
    """All it holds, in its order."""


@dataclass(frozen=True, slots=True)
class Document:
    """A JSON document with a list of records somewhere in it."""

    text: str
    value: Any
    """The whole document; None when it was cut off. Of a large one, all but the records."""
    records: Sequence[Any]
    path: str
    """Where the records are: ``message.items.[]``."""
    remark: Remark | None = None
    _lines: list[int] = field(default_factory=list)

    def line(self, number: int) -> int:
        """Return the line in which record `number` (from 0) begins."""
        if not self._lines:
            records = self.records
            self._lines.extend(records.lines() if isinstance(records, Lazy) else _lines_of(self.text, self.path))
        return self._lines[number] if number < len(self._lines) else 1


def decode(text: str) -> Any:
    """Return the value that is `text`. Raises ValueError (JSONDecodeError) or RecursionError."""
    return _DECODER.decode(text)


def read_document(file: BinaryIO, *paths: str, large: int = LARGE) -> Document:
    """Return the document in `file`, its records at the first of `paths` that leads to a list.

    A path is keys joined by dots, ``""`` for the document itself; an object at its end is one record. A document of
    more than `large` bytes has its records decoded one at a time, and is not there as a whole.
    Raises MalformedDigestError when it is no JSON, or has no record where one should be.
    """
    source = name_of(file)
    data = to_utf8(file.read(), source)[0]
    if len(data) > large and (lazy := _in_pieces(data, paths)):
        return lazy
    text = data.decode()
    try:
        value = decode(text)
    except RecursionError as error:
        raise MalformedDigestError("is nested too deeply to be read", source=source) from error
    except json.JSONDecodeError as error:
        return _salvage(text, paths, error, source)
    for path in paths:
        found = _follow(value, path)
        if isinstance(found, list | dict) and not isinstance(found, Repeated):
            records, end = (found, "[]") if isinstance(found, list) else ([found], "")
            return Document(text, value, records, ".".join(part for part in (path, end) if part))
    raise MalformedDigestError("has no list of papers where its form wants one", source=source, line=1)


def _in_pieces(data: bytes, paths: Sequence[str]) -> Document | None:
    """Return the document with its records still to be decoded; None when it is not as regular as that."""
    head = data[:_HEAD].decode("utf-8", "ignore")
    begins = dict(reversed(list(_walk(head))))
    for path in paths:
        place = f"{path}.[]".lstrip(".")
        if place not in begins:
            continue
        pieces = find_pieces(data, len(head[: begins[place] - 1].encode()))
        if pieces is None:
            return None
        try:
            value = decode((data[: pieces.start] + b"[]" + data[pieces.end :]).decode())
        except (ValueError, RecursionError):
            return None
        found = [_follow(value, each) for each in paths[: paths.index(path) + 1]]
        sure = found[-1] == [] and not any(isinstance(each, list | dict) for each in found[:-1])
        return Document("", value, Lazy(data, pieces, decode), place) if sure else None
    return None


def read_papers(
    document: Document, adapt: Callable[[Mapping[str, Any]], Paper | None]
) -> Iterator[Paper | Reject | Remark]:
    """Yield a paper or a reject for each record, and what is to be said of the whole."""
    for number, record in enumerate(document.records):
        if isinstance(record, Repeated):
            yield _reject(document, number, "a key stands twice in it")
        elif not isinstance(record, dict):
            yield _reject(document, number, "is no object")
        elif paper := adapt(record):
            yield paper
        else:
            yield _reject(document, number, "a record without a title")
    if document.remark:
        yield document.remark
    if not document.records:
        yield Remark("its list of papers is empty", "quiet")


def _reject(document: Document, number: int, reason: str) -> Reject:
    record = json.dumps(document.records[number], ensure_ascii=False)[:1000]
    return Reject(document.line(number), reason, excerpt_of(flat(record)))


def text_of(data: Mapping[str, Any], *names: str) -> str | None:
    """Return the first of these fields that holds text, on one line."""
    return next((line for name in names if isinstance(text := data.get(name), str) and (line := flat(text))), None)


def integer_of(data: Mapping[str, Any], name: str) -> int | None:
    """Return a whole number below a billion; None for anything else."""
    value = data.get(name)
    return value if isinstance(value, int) and not isinstance(value, bool) and abs(value) < 10**9 else None


def object_of(data: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """Return an object; an empty one for anything else."""
    value = data.get(name)
    return value if isinstance(value, dict) else {}


def objects_of(data: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    """Return the objects of a list."""
    value = data.get(name)
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def texts_of(data: Mapping[str, Any], name: str) -> tuple[str, ...]:
    """Return the texts of a list, each once, each on one line."""
    value = data.get(name)
    texts = (flat(item) for item in value if isinstance(item, str)) if isinstance(value, list) else ()
    return tuple(dict.fromkeys(text for text in texts if text))


@lru_cache(maxsize=4)
def paths_of(head: bytes) -> frozenset[str]:
    """Return the paths of the keys in the beginning of a JSON document: ``[].paper.id``. Empty for other text."""
    text = head.decode("utf-8", "replace")
    return frozenset(path for path, _ in _walk(text)) if text.lstrip()[:1] in ("{", "[") else frozenset()


def object_lines(value: Any, text: str) -> dict[int, int]:
    """Return the line in which each object of the document `text`, decoded to `value`, begins, by its identity."""
    lines: dict[int, int] = {}
    line, seen = 1, 0
    opening = (found.start() for found in _TOKEN.finditer(text) if found[0] == "{")
    for identity, start in zip(_objects(value), opening, strict=False):
        line, seen = line + text.count("\n", seen, start), start
        lines[identity] = line
    return lines


def _objects(value: Any) -> Iterator[int]:
    """Yield the identity of each object in the order of their opening brackets."""
    if isinstance(value, dict):
        yield id(value)
        value = [item for _, item in value.pairs] if isinstance(value, Repeated) else value.values()
    elif not isinstance(value, list):
        return
    for item in value:
        yield from _objects(item)


def _number(digits: str) -> int | float:
    return int(digits) if len(digits) < 20 else float(digits)


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) == len(pairs):
        return found
    repeated = Repeated(found)
    repeated.pairs = pairs
    return repeated


def _nothing(_: str) -> None:
    """Return None for NaN and Infinity, which JSON does not know."""


_DECODER = json.JSONDecoder(strict=False, parse_int=_number, parse_constant=_nothing, object_pairs_hook=_object)


def _follow(value: Any, path: str) -> Any:
    for key in filter(None, path.split(".")):
        value = value.get(key) if isinstance(value, dict) and not isinstance(value, Repeated) else None
    return value


def _walk(text: str) -> Iterator[tuple[str, int]]:
    """Yield the path of each key and element, and the offset where its value begins."""
    path: list[str] = []
    key = ""
    for found in _TOKEN.finditer(text):
        match found[0]:
            case "{":
                path.append("")
                continue
            case "[":
                path.append("[]")
            case "}" | "]":
                del path[-1:]
                continue
            case ":" if path:
                path[-1] = key if path[-1] != "[]" else "[]"
            case "," if path[-1:] == ["[]"]:
                pass
            case token:
                key = token[1:-1]
                continue
        if len(path) <= _DEEPEST:
            yield ".".join(path), found.end()


def _starts(text: str, path: str) -> Iterator[int]:
    """Yield where each element of the list begins."""
    for found, offset in _walk(text):
        if found == path and (space := _SPACE.match(text, offset)) and text[space.end() : space.end() + 1] != "]":
            yield space.end()


def _lines_of(text: str, path: str) -> Iterator[int]:
    line, seen = 1, 0
    for start in _starts(text, path):
        line, seen = line + text.count("\n", seen, start), start
        yield line


def _salvage(text: str, paths: Sequence[str], error: json.JSONDecodeError, source: str) -> Document:
    """Return the complete records of a document that breaks off or breaks. Raises MalformedDigestError."""
    for path in (f"{path}.[]".lstrip(".") for path in paths):
        records = list(_complete(text, path))
        if records:
            reason = f"it is not valid JSON (line {error.lineno}: {error.msg}); complete records kept: {len(records)}"
            return Document(text, None, records, path, Remark(reason, "partial"))
    return _refuse(error, source)


def _complete(text: str, path: str) -> Iterator[Any]:
    """Yield the records before the first that cannot be decoded."""
    for start in _starts(text, path):
        try:
            yield _DECODER.raw_decode(text, start)[0]
        except (ValueError, RecursionError):
            return


def _refuse(error: json.JSONDecodeError, source: str) -> NoReturn:
    raise MalformedDigestError(f"is not valid JSON: {error.msg}", source=source, line=error.lineno) from error
