"""A feed at an address, and arXiv's feeds of categories: one conditional request, and one more to find the feed."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any, Final
from urllib.parse import quote

from digestbot.connections.web import Answer, Web
from digestbot.declared import Source
from digestbot.errors import FetchError
from digestbot.sources.discovery import find_feed, is_page
from digestbot.sources.items import Fetched, Item, Notice, Past, Remember

_ARXIV: Final = "https://rss.arxiv.org/rss/"
_MOST: Final = 2000  # entries that arXiv puts into a feed, info.arxiv.org/help/rss


def fetch(source: Source, past: Past, web: Web, now: datetime) -> Iterator[Item]:
    """Yield the feed at the source's address, or the one that the page there names. Raises FetchError.

    With a dialect of its own, a page is what is wanted.
    """
    known = past.get("feed")
    address = known if isinstance(known, str) and past.get("page") == source.url else source.url
    try:
        answer = _ask(source, past, web, address)
    except FetchError:
        if address != source.url:
            yield Remember({"feed": None, "page": None, "seen": None})  # look at the page again the next time
        raise
    found = None if answer.unchanged or address != source.url or source.dialect else _named(answer)
    if found:
        answer = _ask(source, past, web, found)
        if not answer.unchanged and is_page(answer.data, answer.content_type):
            raise FetchError("is a web page, and what it names as its feed is another", "unreadable")
    if answer.unchanged:
        return
    place = {"page": source.url, "feed": found} if found else {}
    yield Fetched(_name(source, now), answer.data, {**place, **_seen(found or address, answer)})


def fetch_arxiv(source: Source, past: Past, web: Web, now: datetime) -> Iterator[Item]:
    """Yield the feed of today's announcements in the source's categories. Raises FetchError."""
    address = _ARXIV + "+".join(quote(category, safe="") for category in source.categories)
    answer = _ask(source, past, web, address)
    if answer.unchanged:
        return
    yield Fetched(_name(source, now), answer.data, _seen(address, answer))
    if answer.data.count(b"<item") >= _MOST:
        yield Notice(f"it holds {_MOST} entries, the most that arXiv gives; ask for fewer categories", "partial")


def _ask(source: Source, past: Past, web: Web, address: str) -> Answer:
    """Ask for what has changed since the last answer of this very address."""
    return web.get(source, address, seen_at(past, address))


def seen_at(past: Past, address: str) -> Past:
    """Return what identifies the last answer of an address; nothing when it was another."""
    seen: Any = past.get("seen")
    return seen if isinstance(seen, dict) and seen.get("at") == address else {}


def _seen(address: str, answer: Answer) -> dict[str, Any]:
    return {"seen": {"at": address, **answer.validators} if answer.validators else None}


def _named(answer: Answer) -> str | None:
    """Return the feed that an answer names, when it is a page."""
    return find_feed(answer.data, answer.url) if is_page(answer.data, answer.content_type) else None


def _name(source: Source, now: datetime) -> str:
    return f"{source.name} {now:%Y-%m-%d %H:%M}"
