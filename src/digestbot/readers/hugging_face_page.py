"""The daily papers of the Hugging Face hub as web pages: of a day, ``/papers/date/…``, of a week or a month.

The page carries the answer of the hub's own API in an attribute (``data-props``); where that is missing, its cards say
title, address, upvotes and comments.
"""

import html
import json
import re
from collections.abc import Iterator
from typing import Any, BinaryIO

from digestbot.dates import parse_date
from digestbot.errors import MalformedDigestError
from digestbot.identity import find_id
from digestbot.models import Paper, PartialDate, Reject
from digestbot.readers.bylines import author_count
from digestbot.readers.html_page import Node, Page, parse_page
from digestbot.readers.hugging_face import listed_on, to_paper
from digestbot.readers.intake import to_text
from digestbot.readers.json_records import Repeated, decode, object_of, text_of
from digestbot.readers.protocol import Item, Remark, excerpt_of, name_of

DIALECT = "hugging-face-page"

_PROPS = re.compile(r"""\bdata-props=(["'])""")
_MARKS = re.compile(
    r"data-target=[\"']DailyPapers[\"']|<a\b[^<>]{0,300}href=[\"'](?:https://huggingface\.co)?/papers/[0-9]{4}\.[0-9]{4,5}[\"']"
)
_PAPER = re.compile(r"(?:https://huggingface\.co)?/papers/([0-9]{4}\.[0-9]{4,5})(#community)?$")
_ORGANIZATION = re.compile(
    r"(?:https://huggingface\.co)?/(?!papers|models|datasets|spaces|login|join|docs|pricing)[\w.-]{2,60}"
)
_NUMBER = re.compile(r"[0-9]{1,6}")
_MOST_PROPS = 200  # components of a page


def sniff(head: bytes) -> float:
    """Return how sure it is: by the hub's name and what its page of papers is built of."""
    text = head.decode("utf-8", "replace")
    if not text.startswith("<") or not _MARKS.search(text):
        return 0.0
    return 1.0 if "DailyPapers" in text or "<article" in text else 0.6


def read(file: BinaryIO) -> Iterator[Item]:
    """Yield the papers of the page and its day. Raises MalformedDigestError when it shows none and is no such page."""
    source = name_of(file)
    text = to_text(file.read(), source)[0]
    props = list(_props(text))
    records = [record for data in props for record in _records(data)]
    for data in props:
        if date := parse_date(text_of(data, "dateString", "date") or ""):
            yield date
    if records:
        yield from _papers(records)
        return
    page = parse_page(text)
    cards = list(page.elements("article"))
    yield from (item for card in cards if (item := _card(page, card)))
    if not cards and not any("dailyPapers" in data for data in props):
        raise MalformedDigestError("shows no papers of the hub", source=source)
    if not cards:
        yield Remark("the page lists no papers", "quiet")


def _props(text: str) -> Iterator[dict[str, Any]]:
    """Yield what the components of a page were given. The quotes within are escaped, other characters need not be."""
    place = 0
    for _ in range(_MOST_PROPS):
        found = _PROPS.search(text, place)
        end = text.find(found[1], found.end()) if found else -1
        if not found or end < 0:
            return
        place = end
        try:
            data = decode(html.unescape(text[found.end() : end]))
        except (json.JSONDecodeError, RecursionError):
            continue
        if isinstance(data, dict):
            yield data


def _records(data: dict[str, Any]) -> list[Any]:
    """Return the entries of a list of papers, or the one paper of a page of its own."""
    listed = data.get("dailyPapers") or data.get("papers")
    if isinstance(listed, list):
        return listed
    return [data] if object_of(data, "paper").get("id") and object_of(data, "paper").get("title") else []


def _papers(records: list[Any]) -> Iterator[Paper | Reject | PartialDate]:
    days = {day for record in records if (day := listed_on(record))}
    if len(days) == 1 and (date := parse_date(days.pop())):
        yield date
    for record in records:
        whole = record if isinstance(record, dict) and not isinstance(record, Repeated) else {}
        paper = to_paper(whole if object_of(whole, "paper") else {"paper": whole})
        if paper:
            yield paper
        else:
            yield Reject(1, "a record without a title", excerpt_of(json.dumps(record)[:400]))


def _card(page: Page, card: Node) -> Paper | Reject | None:
    """Return the paper of a card: its heading, and the numbers that lead to it and to its discussion."""
    links = [(found, link) for link in page.links(card) if (found := _PAPER.fullmatch(link.url))]
    heading = next(
        (page.words(node) for name in ("h3", "h2", "h1") for node in page.elements(name, within=card.inside)), ""
    )
    if not links:
        return None
    if not heading:
        return Reject(page.line_of(card), "a card without a title", excerpt_of(page.words(card)))
    numbers = {bool(found[2]): int(link.words) for found, link in links if _NUMBER.fullmatch(link.words)}
    people = [count for line in page.lines(card.place, card.end) if (count := author_count(line.text.lstrip("·•- ")))]
    places = [
        link.words
        for link in page.links(card)
        if _ORGANIZATION.fullmatch(link.url) and re.search(r"[^\W\d_]", link.words)
    ]
    name = find_id(f"arXiv:{links[0][0][1]}") or ("", None)
    return Paper(
        title=heading,
        id=name[0],
        url=f"https://huggingface.co/papers/{links[0][0][1]}",
        author_count=people[0] if people else None,
        organization=places[0] if places else None,
        upvotes=numbers.get(False),
        comment_count=numbers.get(True),
    )
