"""Google Scholar: its alerts, as mails or as the body of one, and its pages of results.

::

    [PDF] Title → scholar_url?url=https://…                title and address; the redirector is undone
    Z Chen, S Li… - … on Software Engineering, 2019        authors, venue and year; "…" means that something is missing
    Software vulnerabilities affect all …                  the snippet stands for the abstract
"""

import re
from collections.abc import Iterator, Sequence
from typing import BinaryIO

from digestbot.errors import MalformedDigestError
from digestbot.identity import find_id
from digestbot.models import Paper, PartialDate, Reject
from digestbot.readers.html_page import Node, Page, PageLine, parse_page
from digestbot.readers.mailboxes import carrier_of, mails_of
from digestbot.readers.mails import Mail
from digestbot.readers.markup import Anchor, flat
from digestbot.readers.name_lists import split_names
from digestbot.readers.protocol import Item, Remark, excerpt_of, name_of
from digestbot.readers.redirects import target_of

DIALECT = "scholar"

_MARKS = re.compile(r"gse_alrt|class=(?:3D)?[\"']?[^\"'>]{0,40}\bgs_(?:rt|ri|r)\b|oi=(?:3D)?scholaralrt")
_PAGE = re.compile(r"\bid=[\"']?gs_(?:top|bdy|res|hdr|captcha)")
_TAGS = re.compile(r"^(?:\s*\[[^\[\]]{1,20}\])+\s*")
_DASH = re.compile(r"\s+[-–—]\s+|^\s*[-–—]\s+")
_YEAR = re.compile(r"(?:^|[,\s]\s*)((?:19|20)[0-9]{2})$")
_YEAR_FIRST = re.compile(r"((?:19|20)[0-9]{2})\s+[^\W\d_]")  # 2019 IEEE International Conference …
_HOST = re.compile(r"[\w-]+(?:\.[\w-]+)+(?:\s*…)?")
_BROKEN = re.compile(r"(?<=\w)- (?=[a-z])")
_TOTAL = re.compile(r"(?:about\s+)?([0-9][0-9.,]{0,12})\s+results?\b", re.IGNORECASE)
_NOTHING = re.compile(r"did not match any (?:articles|documents)|no articles found", re.IGNORECASE)
_ROBOT = re.compile(r"unusual traffic|not a robot|gs_captcha|recaptcha", re.IGNORECASE)


def sniff(head: bytes) -> float:
    """Return how sure it is: by the class names that Scholar gives to titles."""
    if carrier_of(head):
        return 0.0
    text = head.decode("utf-8", "replace")
    return 1.0 if _MARKS.search(text) else 0.8 if _PAGE.search(text) else 0.0


def sureness(mail: Mail) -> float:
    """Return how sure it is that a mail is an alert of Scholar's."""
    return 1.0 if _MARKS.search(mail.html) else 0.0


def read(file: BinaryIO) -> Iterator[Item]:
    """Yield the papers of alerts or of a page of results.

    Raises MalformedDigestError when there is no entry and no reason for that, ReadError for what cannot be read.
    """
    empty = True
    for mail in mails_of(file):
        found = list(items(mail)) if isinstance(mail, Mail) else [mail]
        empty = empty and all(isinstance(item, PartialDate) for item in found)
        yield from found
    if empty:
        raise MalformedDigestError("no title of Scholar's form in it", source=name_of(file))


def items(mail: Mail) -> Iterator[Item]:
    """Yield what an alert or a page of results holds: the mail's date, papers, rejects and remarks."""
    if mail.date:
        yield mail.date
    page = parse_page(mail.html or mail.text)
    heads = [node for node in page.elements("h3") if _begins_an_entry(page, node)]
    for place, head in enumerate(heads):
        start = heads[place - 1].end if place else 0
        end = heads[place + 1].place if place + 1 < len(heads) else len(page.nodes)
        yield _entry(page, head, _span(page, head, start, end), mail.line)
    yield from _remarks(page, len(heads))


def _begins_an_entry(page: Page, node: Node) -> bool:
    """Tell whether a heading is a title; a page's list of people who fit the search has headings too."""
    if node.is_a("gs_rt"):
        return not any("view_op=search_authors" in link.url for link in page.links(node))
    return any(_is_title(link) for link in page.links(node))


def _is_title(link: Anchor) -> bool:
    return link.url.startswith(("http://", "https://")) and len(_TAGS.sub("", link.words)) > 1


def _span(page: Page, head: Node, start: int, end: int) -> tuple[int, int]:
    """Return the places of an entry: its box, where it has one, between the titles before and behind it."""
    box = page.around(head, "gs_r")
    return (max(box.place, start), min(box.end, end)) if box else (head.end, end)


def _entry(page: Page, head: Node, span: tuple[int, int], line: int) -> Paper | Reject:
    links = sorted(page.links(head), key=lambda link: -len(_TAGS.sub("", link.words)))
    printed = page.words(head)
    title = _TAGS.sub("", links[0].words if links and _is_title(links[0]) else printed)
    if not re.search(r"\w", title):
        return Reject(line, "an entry without a title", excerpt_of(printed))
    url = target_of(links[0].url) if links and _is_title(links[0]) else None
    byline, snippet = _lines_of(page, head, span)
    authors, venue, year = _read_byline(byline)
    names, truncated = split_names(authors)
    return Paper(
        title=title,
        id=_id(url, venue),
        abstract=snippet,
        authors=tuple(name for name in names if re.search(r"\w", name)),
        authors_truncated=truncated or any(not re.search(r"\w", name) for name in names),
        published=PartialDate(int(year)) if year else None,
        published_text=year or None,
        venue=venue or None,
        url=url,
        pdf_url=(url if printed.startswith("[PDF]") else None) or _side_file(page, span),
    )


def _id(url: str | None, venue: str) -> str:
    """Return the id that the address or the venue gives; "" for none."""
    found = find_id(url or "") or (find_id(venue) if "arXiv" in venue else None)
    return found[0] if found else ""


def _side_file(page: Page, span: tuple[int, int]) -> str | None:
    """Return the file at the side of an entry."""
    side = page.first(kind="gs_ggs", within=span) or page.first(kind="gs_or_ggsm", within=span)
    links = page.links(side) if side else ()
    files = (target_of(link.url) for link in links if link.url.startswith("http") and "PDF" in link.words)
    return next(files, None)


def _lines_of(page: Page, head: Node, span: tuple[int, int]) -> tuple[str, str]:
    """Return the line with the authors and the snippet of an entry, by their classes or else by their order."""
    byline = page.first(kind="gs_a", within=span)
    snippet = page.first(kind="gs_rs", within=span) or page.first(kind="gse_alrt_sni", within=span)
    lines: Sequence[PageLine] = [] if byline and snippet else page.lines(head.end, max(head.end, span[1]))
    first = page.words(byline) if byline else lines[0].text if lines else ""
    rest = [line.text for line in lines if not line.anchors and line.text != first and len(line.text) > 40]
    return first, _BROKEN.sub("-", page.words(snippet) if snippet else flat(" ".join(rest[:4])))


def _read_byline(text: str) -> tuple[str, str, str]:
    """Return authors, venue and year of ``A B, C D - Venue, 2019 - host.org``; each may be missing."""
    parts = [part.strip() for part in _DASH.split(text)]
    if len(parts) == 1 and _YEAR.search(parts[0]):
        parts = ["", *parts]
    if len(parts) > 2 or (len(parts) == 2 and _HOST.fullmatch(parts[1])):
        parts = parts[:-1]  # who publishes it
    rest = " - ".join(parts[1:])
    year, first = _YEAR.search(rest), _YEAR_FIRST.match(rest)
    venue = (rest[: year.start()] if year else rest).strip(" ,")
    return parts[0], venue, year[1] if year else first[1] if first else ""


def _remarks(page: Page, count: int) -> Iterator[Remark]:
    """Say why there is no entry, or of how many the page shows some."""
    if count:
        boxes = (node for node in page.elements("div") if node.attribute("id") == "gs_ab_md" or node.is_a("gs_ab_mdw"))
        total = next((found for node in boxes if (found := _TOTAL.search(page.words(node)))), None)
        if total and int(re.sub(r"[.,]", "", total[1])) > count:
            yield Remark(f"a page with {count} of {total[1]} results")
    elif _ROBOT.search(page.source):
        yield Remark("Scholar asked whether it was a person who came; open the page in a browser", "blocked")
    elif _NOTHING.search(page.source):
        yield Remark("nothing was found", "quiet")
