"""What differs between the APIs that answer a query page by page: how to ask, and what a page says of the next.

Each asks for a span of days. Which page comes next is one text (a cursor, a number), and so can be remembered:
a run that breaks off goes on where it stopped.
"""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from typing import Any, Final
from urllib.parse import quote, urlencode

from digestbot.declared import Source


@dataclass(frozen=True, slots=True)
class Span:
    """The days that are asked for, both included."""

    first: date
    last: date


@dataclass(frozen=True, slots=True)
class Page:
    """What an answer says of itself."""

    count: int
    """Records on this page."""
    total: int | None = None
    """Records in all, where the API counts them exactly."""
    next: str | None = None
    """Where the next page begins; None on the last."""


@dataclass(frozen=True, slots=True)
class Api:
    """How one API is asked and understood."""

    address: Callable[[Source, Span, str, str], str]
    """Returns the address of a page, given the source, the days, where the page begins, and whom to contact."""
    page: Callable[[bytes, str], Page | None]
    """Returns what an answer says, given where its page began; None for what is no answer of this API."""
    headers: Callable[[Source], Mapping[str, str]] = lambda _: {}


_LONGEST: Final = 4000
"""Characters of a cursor that is sent back."""


def _arxiv_address(source: Source, span: Span, start: str, _contact: str) -> str:
    days = f"submittedDate:[{span.first:%Y%m%d}0000 TO {span.last:%Y%m%d}2359]"
    return "https://export.arxiv.org/api/query?" + urlencode(
        {
            "search_query": f"({source.query}) AND {days}",
            "start": start or "0",
            "max_results": "200",
            "sortBy": "submittedDate",
            "sortOrder": "ascending",
        }
    )


_TOTAL: Final = re.compile(rb"<(?:\w{1,20}:)?totalResults[^<>]{0,200}>\s*([0-9]{1,9})\s*<")


def _arxiv_page(data: bytes, start: str) -> Page | None:
    found = _TOTAL.search(data[:20_000])
    if not found:
        return None
    count, total = data.count(b"<entry>") + data.count(b"<entry "), int(found[1])
    return _counted(count, total, int(start or 0))


def _openalex_address(source: Source, span: Span, cursor: str, contact: str) -> str:
    days = f"from_publication_date:{span.first},to_publication_date:{span.last}"
    asked = {
        "search": source.query,
        "filter": ",".join(part for part in (source.filter, days) if part),
        "per-page": "100",
        "cursor": cursor or "*",
        "api_key": source.secret,
        "mailto": contact,
    }
    return "https://api.openalex.org/works?" + urlencode({key: text for key, text in asked.items() if text})


def _openalex_page(data: bytes, _start: str) -> Page | None:
    answer = _object(data)
    meta, records = answer.get("meta"), answer.get("results")
    if not isinstance(meta, dict) or not isinstance(records, list):
        return None
    more = _cursor(meta.get("next_cursor")) if records else None
    return Page(len(records), _number(meta.get("count")), more)


_ROWS: Final = 100


def _crossref_address(source: Source, span: Span, cursor: str, contact: str) -> str:
    days = f"from-created-date:{span.first},until-created-date:{span.last}"
    asked = {
        "query": source.query,
        "filter": ",".join(part for part in (source.filter, days) if part),
        "rows": str(_ROWS),
        "cursor": cursor or "*",
        "mailto": contact,
    }
    return "https://api.crossref.org/works?" + urlencode({key: text for key, text in asked.items() if text})


def _crossref_page(data: bytes, _start: str) -> Page | None:
    message = _object(data).get("message")
    records = message.get("items") if isinstance(message, dict) else None
    if not isinstance(message, dict) or not isinstance(records, list):
        return None
    more = _cursor(message.get("next-cursor")) if len(records) == _ROWS else None  # the last page has one too
    return Page(len(records), _number(message.get("total-results")), more)


_S2_FIELDS: Final = (
    "title,abstract,authors,year,publicationDate,venue,publicationVenue,externalIds,url,openAccessPdf,fieldsOfStudy"
)


def _semantic_scholar_address(source: Source, span: Span, token: str, _contact: str) -> str:
    asked = {
        "query": source.query,
        "fields": _S2_FIELDS,
        "publicationDateOrYear": f"{span.first}:{span.last}",
        "token": token,
    }
    given = urlencode({key: text for key, text in asked.items() if text}, safe=",:")
    return f"https://api.semanticscholar.org/graph/v1/paper/search/bulk?{given}"


def _semantic_scholar_page(data: bytes, _start: str) -> Page | None:
    answer = _object(data)
    records = answer.get("data")
    if not isinstance(records, list):
        return None
    return Page(len(records), None, _cursor(answer.get("token")) if records else None)  # its total is an estimate


def _semantic_scholar_headers(source: Source) -> Mapping[str, str]:
    return {"x-api-key": source.secret} if source.secret else {}


def _biorxiv_address(source: Source, span: Span, start: str, _contact: str) -> str:
    path = f"{source.server}/{span.first}/{span.last}/{start or '0'}/json"
    category = f"?category={quote(source.categories[0], safe='')}" if source.categories else ""
    return f"https://api.biorxiv.org/details/{path}{category}"


def _biorxiv_page(data: bytes, start: str) -> Page | None:
    answer = _object(data)
    messages, records = answer.get("messages"), answer.get("collection")
    if not isinstance(messages, list) or not messages or not isinstance(messages[0], dict):
        return None
    if not isinstance(records, list):  # "no posts found" comes without a list
        return Page(0, 0) if "no posts" in str(messages[0].get("status", "")).lower() else None
    return _counted(len(records), _number(messages[0].get("total")), int(start or 0))


def _counted(count: int, total: int | None, start: int) -> Page:
    """Return a page of an API that counts: the next one begins behind the last record of this."""
    end = start + count
    return Page(count, total, str(end) if count and total is not None and end < total else None)


def _object(data: bytes) -> dict[str, Any]:
    """Return the JSON object in `data`; an empty one for anything else."""
    try:
        answer = json.loads(data)
    except (ValueError, RecursionError):
        return {}
    return answer if isinstance(answer, dict) else {}


def _cursor(value: Any) -> str | None:
    """Return where the next page begins; None for what cannot be sent back."""
    return value if isinstance(value, str) and 0 < len(value) <= _LONGEST else None


def _number(value: Any) -> int | None:
    """Return a count, also one that is printed as text."""
    text = str(value)
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None


APIS: Final[Mapping[str, Api]] = MappingProxyType(
    {
        "arxiv-query": Api(_arxiv_address, _arxiv_page),
        "openalex": Api(_openalex_address, _openalex_page),
        "crossref": Api(_crossref_address, _crossref_page),
        "semantic-scholar": Api(_semantic_scholar_address, _semantic_scholar_page, _semantic_scholar_headers),
        "biorxiv": Api(_biorxiv_address, _biorxiv_page),
    }
)
