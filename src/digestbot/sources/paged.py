"""A query that is answered page by page: each page is a digest, and the sum is held against the API's own total."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

from digestbot.connections.web import Web
from digestbot.declared import Source
from digestbot.errors import FetchError
from digestbot.sources.apis import APIS, Page, Span
from digestbot.sources.items import Fetched, Item, Notice, Past, Remember

_PAGES: Final = 50
"""Pages that are asked for in one run; the others come in the next."""
_NO_WALK: Final = {"next": None, "first": None, "last": None, "got": None}


def fetch(source: Source, past: Past, web: Web, now: datetime) -> Iterator[Item]:
    """Yield the pages of what is new since the last whole walk, or of a walk that broke off.

    A later walk looks back `source.days` days again, because records are registered late. Raises FetchError.
    """
    api = APIS[source.kind]
    span, start, got = _walk(source, past, now)
    for _ in range(_PAGES):
        try:
            answer = web.get(source, api.address(source, span, start, web.contact), headers=api.headers(source))
        except FetchError as error:
            if start and error.verdict == "blocked" and error.retry_after is None:
                yield Remember(_NO_WALK)  # a cursor does not live for ever
            raise
        page = api.page(answer.data, start)
        if page is None:  # the reader says what it is
            yield Fetched(_name(source, span, got), answer.data)
            return
        got += page.count
        remember = _progress(span, page, got)
        if page.count:
            yield Fetched(_name(source, span, got), answer.data, remember)
        if page.next in {None, start}:
            yield from _end(span, page, got)
            return
        start = page.next or ""
    yield Notice(f"{_PAGES} pages were read; the others come with the next run")


def _walk(source: Source, past: Past, now: datetime) -> tuple[Span, str, int]:
    """Return the days to ask for, where to begin, and how many records of them have come already."""
    today = now.astimezone(UTC).date()
    start, got = past.get("next"), past.get("got")
    if isinstance(start, str) and isinstance(got, int):
        return Span(_date(past, "first", today), _date(past, "last", today)), start, got
    reached = min(_date(past, "reached", today), today)
    return Span(reached - timedelta(days=source.days), today), "", 0


def _progress(span: Span, page: Page, got: int) -> dict[str, Any]:
    """Return where a walk stands, to go on there after a break."""
    if page.next is None:
        return dict(_NO_WALK)
    return {"next": page.next, "first": str(span.first), "last": str(span.last), "got": got}


def _end(span: Span, page: Page, got: int) -> Iterator[Item]:
    """Close a walk. One that gave fewer records than were announced is walked again."""
    if page.total is not None and got < page.total:
        yield Remember(_NO_WALK)
        yield Notice(f"it announces {page.total} records and gave {got}", "partial")
    else:
        yield Remember({**_NO_WALK, "reached": str(span.last)})


def _date(past: Past, name: str, otherwise: date) -> date:
    text = past.get(name)
    return date.fromisoformat(text) if isinstance(text, str) else otherwise


def _name(source: Source, span: Span, got: int) -> str:
    return f"{source.name} {span.first} to {span.last}, records up to {got}"
