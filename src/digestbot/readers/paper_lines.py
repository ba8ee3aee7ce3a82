"""JSON Lines of papers as others write them: an object a line, in JSON or, by mistake, as Python prints its own.

A line that is no object is a reject; the others do not suffer.
"""

from collections.abc import Iterator
from typing import Any, BinaryIO

from digestbot.models import Reject
from digestbot.readers.flat_papers import is_paper, to_paper
from digestbot.readers.json_records import Repeated, decode
from digestbot.readers.protocol import Item, Remark, excerpt_of
from digestbot.readers.values import read_literal

DIALECT = "paper-lines"


def sniff(head: bytes) -> float:
    """Return how sure it is: the first line is an object that is a paper."""
    return 0.45 if is_line_of_paper(head) else 0.0


def is_line_of_paper(head: bytes) -> bool:
    """Return whether the first line is a whole object, a paper, and a further line begins another one."""
    first, _, rest = head.decode("utf-8", "replace").lstrip().partition("\n")
    if not first.startswith("{") or not first.rstrip().endswith("}"):
        return False
    if rest.strip() and not rest.lstrip().startswith("{"):
        return False
    if not rest.strip() and not first.startswith("{'"):
        return False  # one object is a document
    value = _decoded(first)
    return isinstance(value, dict) and is_paper(value)


def read(file: BinaryIO) -> Iterator[Item]:
    """Yield the papers of the lines, and a reject for each that is none."""
    number = broken = 0
    for number, line in enumerate(file, 1):
        text = line.decode("utf-8", "replace").strip()
        if not text:
            continue
        item = _item(number, text)
        yield item
        broken = number if isinstance(item, Reject) and not line.endswith(b"\n") else 0
    if broken:
        yield Remark("the last line is cut off", "partial")


def _item(number: int, text: str) -> Item:
    try:
        value = _decoded(text)
    except RecursionError:
        return Reject(number, "is nested too deeply to be read", excerpt_of(text))
    if value is None:
        return Reject(number, "is neither a JSON object nor a Python literal", excerpt_of(text))
    if not isinstance(value, dict):
        return Reject(number, "is no object", excerpt_of(text))
    if isinstance(value, Repeated):
        return Reject(number, "a key stands twice in it", excerpt_of(text))
    return to_paper(value) or Reject(number, "a record without a title", excerpt_of(text))


def _decoded(text: str) -> Any:
    """Return the value of a line; None when it is none. Raises RecursionError."""
    try:
        return decode(text)
    except ValueError:
        return read_literal(text)
