"""JSON of any shape that holds papers: what mirrors, scripts and small APIs write.

A paper is an object with a title and an abstract, authors or a paper's address, wherever it lies: in a list, below ids,
sections or dates, within an envelope. What lies beside papers and is none is a reject; the rest is the envelope, of
which only a count and a date are read.
"""

from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any, BinaryIO, NamedTuple

from digestbot.dates import parse_date
from digestbot.errors import MalformedDigestError
from digestbot.models import PartialDate, Reject
from digestbot.readers.field_names import FIELDS, bare
from digestbot.readers.flat_papers import is_paper, to_paper
from digestbot.readers.intake import LIMIT
from digestbot.readers.json_records import Repeated, decode, object_lines, paths_of, read_document
from digestbot.readers.markup import flat
from digestbot.readers.paper_lines import is_line_of_paper
from digestbot.readers.protocol import Item, Remark, excerpt_of, name_of
from digestbot.readers.values import text_in

DIALECT = "paper-json"

_DEEPEST = 8  # levels; papers lie within
_TITLES = frozenset(FIELDS["title"])
_EVIDENCE = frozenset(
    name for field in ("abstract", "summary", "authors", "arxiv", "doi", "pdf") for name in FIELDS[field]
)
_LISTS = frozenset(("papers", "results", "articles", "entries", "data", "records", "preprints"))
_SHORT = 1000  # characters of an envelope around nothing
_COUNTS = (
    "count",
    "total",
    "totalresults",
    "totalcount",
    "totalpapers",
    "numresults",
    "papercount",
    "numpapers",
    "hitcount",
)
_DATES = ("date", "day", "digestdate", "generatedat", "generated", "lastupdated", "updatedat", "updated", "fetchedat")


class Found(NamedTuple):
    """An object among papers."""

    record: Mapping[str, Any]
    is_paper: bool


def sniff(head: bytes) -> float:
    """Return how sure it is: objects that have a title and something else that papers have."""
    if is_line_of_paper(head):
        return 0.0
    if _is_empty(head):
        return 0.35
    places: dict[str, set[str]] = {}
    for path in paths_of(head):
        place, _, key = path.rpartition(".")
        places.setdefault(place, set()).add(bare(key))
    return 0.4 if any(keys & _TITLES and keys & _EVIDENCE for keys in places.values()) else 0.0


def _is_empty(head: bytes) -> bool:
    """Return whether all there is is an empty list, perhaps in an envelope: a day without papers."""
    if len(head) > _SHORT:
        return False
    try:
        value = decode(head.decode("utf-8", "replace").strip())
    except (ValueError, RecursionError):
        return False
    return value == [] or (
        isinstance(value, dict) and [] in value.values() and bool(_LISTS & {bare(key) for key in value})
    )


def read(file: BinaryIO) -> Iterator[Item]:
    """Yield the papers in their order. Raises MalformedDigestError when it is no JSON or holds no paper."""
    document = read_document(file, "", large=LIMIT)
    value = document.value if document.value is not None else list(document.records)
    if date := _date(value):
        yield date
    count, lines = 0, dict[int, int]()
    for record, good in _found(value, 0):
        count += 1
        if good and (paper := to_paper(record)):
            yield paper
            continue
        lines = lines or object_lines(value, document.text)
        yield _reject(record, lines.get(id(record), 1))
    if document.remark:
        yield document.remark
    yield from _announced(value, count, name_of(file))


def _found(value: Any, depth: int) -> Iterator[Found]:
    """Yield the papers, and the objects that stand in a list with papers and are none."""
    if isinstance(value, list):
        inner = [list(_found(item, depth + 1)) if depth < _DEEPEST else [] for item in value]
        among_papers = any(found.is_paper for each in inner for found in each)
        for item, each in zip(value, inner, strict=True):
            yield from each
            if among_papers and not each and isinstance(item, dict):
                yield Found(item, is_paper=False)
    elif isinstance(value, dict):
        yield from _found_in_object(value, depth)


def _found_in_object(value: dict[str, Any], depth: int) -> Iterator[Found]:
    """Yield an object that is a paper, or what lies in it. An envelope with a title has papers and no abstract."""
    if isinstance(value, Repeated):
        if is_paper(value):
            yield Found(value, is_paper=False)
        return
    whole = is_paper(value)
    if whole and not any(isinstance(item, list | dict) for item in value.values()):
        yield Found(value, is_paper=True)
        return
    inner = _each_once(value, depth) if depth < _DEEPEST else []
    papers = sum(found.is_paper for found in inner)
    if whole and (not papers or _has_more(value)):
        yield Found(value, is_paper=True)
    else:
        yield from inner


def _each_once(value: Mapping[str, Any], depth: int) -> list[Found]:
    """Return what lies in an object. Of two papers of one title right below its keys the fuller one is kept."""
    found: list[Found] = []
    places: dict[str, int] = {}
    for item in value.values():
        each = list(_found(item, depth + 1))
        title = (
            flat(text_in(each[0].record.get("title"))).casefold() if isinstance(item, dict) and len(each) == 1 else ""
        )
        if not title or title not in places:
            places.setdefault(title, len(found))
            found += each
        elif len(each[0].record) > len(found[places[title]].record):
            found[places[title]] = each[0]
    return found


def _has_more(value: Mapping[str, Any]) -> bool:
    names = {bare(key) for key, item in value.items() if item}
    return bool(names & {*FIELDS["abstract"], *FIELDS["authors"]})


def _reject(record: Mapping[str, Any], line: int) -> Reject:
    reason = "a key stands twice in it" if isinstance(record, Repeated) else "a record without a title"
    return Reject(line, reason, excerpt_of(flat(str(dict(islice(record.items(), 10))))))


def _date(value: Any) -> PartialDate | None:
    """Return the date that the envelope prints of itself."""
    if not isinstance(value, dict) or isinstance(value, Repeated) or is_paper(value):
        return None
    fields = {bare(key): item for key, item in value.items()}
    return next((date for name in _DATES if (date := parse_date(text_in(fields.get(name))))), None)


def _announced(value: Any, count: int, source: str) -> Iterator[Remark]:
    """Say that there is more, or nothing. Raises MalformedDigestError when there is not even an empty list."""
    fields = {bare(key): item for key, item in value.items()} if isinstance(value, dict) else {}
    total = next((fields[name] for name in _COUNTS if isinstance(fields.get(name), int)), None)
    if count and total is not None and total > count:
        yield Remark(f"it announces {total} records and holds {count}", "partial")
    if count:
        return
    if value == [] or total == 0 or [] in fields.values():
        yield Remark("its list of papers is empty", "quiet")
    else:
        raise MalformedDigestError(
            "holds no object with a title and an abstract, authors or a paper's address", source=source
        )
