"""Rows of a Markdown table: cells, what their columns are called, and the paper that a row makes.

A column is known by its header; without one, by what the cell looks like. A cell of several lines (``<br>``) begins
with the title; what follows it is read as in a list. A cell that was torn by a ``|`` within its formula is put together
again.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from digestbot.dates import parse_date
from digestbot.models import Paper, PartialDate, Reject
from digestbot.readers.field_names import field_of
from digestbot.readers.lines import reject
from digestbot.readers.markdown_draft import Draft
from digestbot.readers.markdown_forms import is_other_address, is_paper_address, people_of
from digestbot.readers.markdown_inline import Start, read_inline, starting_link, starting_strong
from digestbot.readers.markdown_labels import Labelled, labelled
from digestbot.readers.values import is_nothing

_PIPE = re.compile(r"(?<!\\)\|")
_RULE = re.compile(r"\|?(?:\s*+:?-++:?\s*+\|)*+(?:\s*+:?-++:?\s*+)?+")
_BREAK = re.compile(r"<br\s*/?>|</p>\s*<p>", re.IGNORECASE)
_SUMMARY = re.compile(r"<summary>[^<]{0,300}</summary>", re.IGNORECASE)
_NUMBER = re.compile(r"[\W\d_]*")
_LEADING_NUMBER = re.compile(r"\[?\d{1,4}\]?[.)]?\s+(?=\*\*|\[)")
_BUTTONS = re.compile(r"(?:[(\[][^()\[\]]{0,60}|[-–—|:]\s*)\[[^\[\]]{0,60}\]\(https?://")
_LONGEST_CELL = 5_000
_TITLE_NUMBER = re.compile(r"\(?\d{1,3}[.):]{1,2}\s+(?=\S)")
_LONGEST_TITLE = 250  # characters; arXiv's longest have some 250
_NOT_THE_WHOLE = re.compile(r"\s*(?:$|[:：|,.;(\[<])|\s+[-–—]|[-–—]\s|\s+by\s")
_MOST_CELLS = 60
_MOST_LINES = 20  # of a cell
_LONGEST_RULE = 20_000  # characters; some editors draw it as wide as the widest row
_SHORT_LIST = re.compile(r"\S{1,60}(?: \S{1,60}){0,6} et\.? ?al\.?,?(?: .{0,60})?")
_LEAST_TEXT = 100  # characters that a lone cell must have to be more than the heading of a part

_LABELS = {
    "title": "title",
    "abstract": "abstract",
    "summary": "abstract",
    "tldr": "machine_summary",
    "authors": "authors",
    "firstauthor": "authors",
    "published": "published",
    "year": "published",
    "created": "published",
    "updated": "updated",
    "arxiv": "link",
    "url": "link",
    "id": "link",
    "pdf": "link",
    "doi": "doi",
    "code": "other",
    "project": "other",
    "data": "other",
    "weights": "other",
    "video": "other",
    "primary": "categories",
    "categories": "categories",
    "keywords": "keywords",
    "venue": "venue",
    "comments": "comments",
    "affiliations": "affiliations",
    "upvotes": "upvotes",
}


@dataclass(frozen=True, slots=True)
class Column:
    """A column: the field it fills, "" for none that is known, and its name."""

    field: str
    name: str


def cells_of(text: str) -> list[str]:
    """Return the cells of a row. The pipes at its ends part nothing."""
    inner = text.strip().removeprefix("|")
    inner = inner[:-1] if inner.endswith("|") and not inner.endswith("\\|") else inner
    return [cell.strip().replace("\\|", "|") for cell in _PIPE.split(inner)]


def is_rule(text: str) -> bool:
    """Return whether a line is the one of dashes below a header."""
    return "-" in text and "|" in text and len(text) < _LONGEST_RULE and _RULE.fullmatch(text.strip()) is not None


def columns_of(header: Sequence[str]) -> tuple[Column, ...] | None:
    """Return what the columns are; None when none of them holds titles."""
    names = [read_inline(cell).text for cell in header[:_MOST_CELLS]]
    fields = [field_of(name) for name in names]
    titled = "title" in fields
    columns: list[Column] = []
    for name, field in zip(names, fields, strict=True):
        known = _LABELS.get(field or "", "")
        if field == "name":
            known = "link" if titled else "title"
            titled = True
        columns.append(Column(known, name))
    return tuple(columns) if titled else None


def columns_by_looks(cells: Sequence[str]) -> tuple[Column, ...] | None:
    """Return what the columns are by the looks of one row; None when none of its cells may be a title."""
    fields = [_looks_like(cell) for cell in cells[:_MOST_CELLS]]
    titles = [place for place, field in enumerate(fields) if field == "title"]
    if not titles or not {"link", "published", "authors"} & {*fields}:
        return None
    return tuple(
        Column("" if field == "title" and place != titles[0] else field, "") for place, field in enumerate(fields)
    )


def _looks_like(cell: str) -> str:
    words = read_inline(cell)
    if parse_date(words.text):
        return "published"
    if words.anchors and len(words.text.split()) < 3:
        return "link" if is_paper_address(words.anchors[0].url) else "other"
    if _SHORT_LIST.fullmatch(words.text) or (not cell.startswith("**") and people_of(words.text)):
        return "authors"
    return "title" if len(words.text.split()) > 1 or cell.startswith("**") else ""


def paper_of(
    line: int, text: str, columns: Sequence[Column], section: tuple[str, PartialDate] | None
) -> Paper | Reject | None:
    """Return the paper of a row, a reject for one that names none, None for one that only parts the table."""
    cells = _mended(cells_of(text), len(columns))
    if len(cells) > 4 * _MOST_CELLS:
        return reject(line, f"a row of {len(cells)} cells", text)
    filled = [cell for cell in cells if not is_nothing(read_inline(cell).text) or "](" in cell]
    if len(filled) < 2 and len(" ".join(filled)) < _LEAST_TEXT:
        return None
    pairs = list(zip(columns, cells, strict=False))
    draft = _begun(line, pairs)
    for column, cell in pairs:
        if column.field != "title":
            _fill(draft, column, _SUMMARY.sub(" ", cell))
            draft.open = None
    if not (draft.url or draft.pdf_url or draft.linked):
        _point_anywhere(draft, pairs)
    paper = draft.finish(sure="abstract" in draft.texts) or reject(line, "a row that names no paper", text)
    if isinstance(paper, Reject) or section is None or paper.published_text:
        return paper
    return replace(paper, published=section[1], published_text=section[0])


def _mended(cells: list[str], count: int) -> list[str]:
    """Return the cells with those put together again that a pipe tore: an odd number of ``**`` or ``$``."""
    while count < len(cells) <= 2 * _MOST_CELLS:
        torn = next(
            (place for place, cell in enumerate(cells[:-1]) if cell.count("**") % 2 or cell.count("$") % 2), None
        )
        if torn is None:
            break
        cells = [*cells[:torn], f"{cells[torn]}|{cells[torn + 1]}", *cells[torn + 2 :]]
    return cells


def _begun(line: int, pairs: Sequence[tuple[Column, str]]) -> Draft:
    """Return the draft of a row with its title, and what stands behind the title in its cell."""
    cell = next((cell for column, cell in pairs if column.field == "title"), "")
    parts = _BREAK.split(_SUMMARY.sub(" ", cell), maxsplit=_MOST_LINES)
    lines = [part for part in parts if read_inline(part).text] or [""]
    badges = [part for part in parts if "](" in part and part not in lines]
    first = _LEADING_NUMBER.sub("", lines[0])
    start = next(
        (each for each in (starting_strong(first), starting_link(first)) if each and _begins(first, each)), None
    )
    if start is None:
        first, buttons = _without_buttons(first)
        first, rest = _parted(first)
        words = read_inline(first)
        draft = Draft(line, -1, _TITLE_NUMBER.sub("", words.text, count=1))
        words = words._replace(anchors=(*words.anchors, *read_inline(buttons).anchors))
        if rest:
            draft.add(rest)
            draft.open = None
        for anchor in words.anchors:
            draft.add(f"[{anchor.words}]({anchor.url})")
    else:
        draft = Draft(line, -1, _TITLE_NUMBER.sub("", start.title, count=1), start.url)
        if start.after.strip():
            draft.add(start.after.strip(" -–—:"))
    for part in (*lines[1:], *badges):
        label = labelled(part.strip())
        draft.put(label) if label and label.field != "title" else draft.add(part.strip())
        draft.open = None
    return draft


def _without_buttons(cell: str) -> tuple[str, str]:
    """Return a title, and what stands behind it in brackets with links: ``(Read more on [arXiv](https://…))``."""
    found = _BUTTONS.search(cell[:_LONGEST_CELL])
    return (cell[: found.start()], cell[found.start() :]) if found and found.start() else (cell, "")


def _parted(cell: str) -> tuple[str, str]:
    """Return the title and the rest of a cell without marks; only one that is too long for a title has a rest."""
    if len(cell) <= _LONGEST_TITLE:
        return cell, ""
    gap = re.compile(r"\s{2,}|(?<=[a-z]{2})[.:] |(?<=\S)\s[-–—]\s").search(cell, 10, _LONGEST_TITLE)
    return (cell[: gap.start()], cell[gap.end() :]) if gap else (cell, "")


def _begins(cell: str, start: Start) -> bool:
    """Return whether what is bold or linked at the beginning of a cell is all of the title."""
    marked = cell[len(start.before) :].startswith(("**", "[", "__", "!", "<"))
    alone = _NUMBER.fullmatch(read_inline(start.before).text) and _NOT_THE_WHOLE.match(start.after)
    return marked and bool(start.title) and bool(alone)


def _fill(draft: Draft, column: Column, cell: str) -> None:
    """Put what a cell holds where its column says."""
    words = read_inline(_BREAK.sub(" ", cell))
    if is_nothing(words.text) and not words.anchors:
        return
    match column.field:
        case "link" | "":
            if words.anchors or "://" in cell:
                draft.add(cell)
            elif column.field:
                draft.put(
                    Labelled(
                        "link",
                        column.name,
                        f"https://arxiv.org/abs/{words.text}" if _is_number(words.text) else words.text,
                    )
                )
        case field:
            draft.put(Labelled(field, column.name, _BREAK.sub(" ", cell)))


def _is_number(text: str) -> bool:
    return re.fullmatch(r"(?:arXiv:)?[0-9]{4}\.[0-9]{4,5}(?:v[0-9]{1,2})?", text, re.IGNORECASE) is not None


def _point_anywhere(draft: Draft, pairs: Sequence[tuple[Column, str]]) -> None:
    """Take the first link of a column for links as the paper's page, when nothing was known for one."""
    anchors = (anchor for column, cell in pairs if column.field == "link" for anchor in read_inline(cell).anchors)
    draft.url = next(
        (anchor.url for anchor in anchors if anchor.url.startswith("http") and not is_other_address(anchor.url)), None
    )
