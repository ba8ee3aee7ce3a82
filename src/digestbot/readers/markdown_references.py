"""Links of Markdown whose addresses stand elsewhere: ``[Title][1]``, ``[1]``, and below ``[1]: https://…``."""

import re
from collections.abc import Iterable, Iterator, Mapping

from digestbot.readers.lines import Line

_DEFINITION = re.compile(
    rb"^ {0,3}\[([^\[\]\n]{1,60})\](?::|(?=[ \t]+https?://\S{1,2000}\s*$))[ \t]+<?(https?://[^\s<>]{1,2000})>?",
    re.MULTILINE,
)
_IS_DEFINITION = re.compile(
    r"\[[^\[\]\n]{1,60}\]:?\s+<?https?://\S{1,2000}$|(?:#{1,6} )?(?:references|links)\s?:?$", re.IGNORECASE
)
_USE = re.compile(r"(?<!!)\[([^\[\]\n]{1,500})\](?:\[([^\[\]\n]{0,60})\])?(?![\[(:])")


def references_in(data: bytes) -> dict[str, str]:
    """Return the addresses that a page defines, by their names in small letters."""
    if b"]:" not in data and b"\n[" not in data:
        return {}
    found = _DEFINITION.finditer(data)
    return {each[1].decode("utf-8", "replace").casefold(): each[2].decode("utf-8", "replace") for each in found}


def resolved(lines: Iterable[Line], references: Mapping[str, str]) -> Iterator[Line]:
    """Yield `lines` with such links as ``[words](address)``, and without the definitions."""
    for line in lines:
        if not references or "[" not in line.text:
            yield line
        elif _IS_DEFINITION.match(line.text):
            yield line._replace(text="")
        else:
            yield line._replace(text=_USE.sub(lambda found: _written(found, references), line.text))


def _written(found: re.Match[str], references: Mapping[str, str]) -> str:
    url = references.get((found[2] or found[1]).casefold())
    return f"[{found[1]}]({url})" if url else found[0]
