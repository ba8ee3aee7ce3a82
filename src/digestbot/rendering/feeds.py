"""A feed as templates see it, and JSON Feed 1.1, which needs no template.

An entry has one address for ever, the same in RSS, Atom and JSON: ``tag:example.org,2026:sparse-experts/arxiv:…``
(RFC 4151). The year is fixed: it only says when the domain was ours, and a changed id is a paper that comes twice.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any
from urllib.parse import quote

from digestbot.feeds import Feed, FeedEntry
from digestbot.rendering.clicks import Address, web_address
from digestbot.rendering.inert import Ready, html_text, isolated, untagged
from digestbot.rendering.updates import FactView, fact_views
from digestbot.rendering.views import AUTHORS, CardView, card_view, readable

_TAG_YEAR = 2026


@dataclass(frozen=True, slots=True)
class EntryView:
    """A paper as feeds see it."""

    id: str
    title: str
    url: Address
    authors: tuple[str, ...]
    categories: tuple[str, ...]
    summary: str
    summary_html: Ready
    """The summary as HTML, for ``description`` of RSS."""
    content_html: Ready
    """The card as HTML without styles. RSS and Atom hold HTML as text, so it is escaped when printed."""
    added: str
    """RFC 3339, UTC."""
    added_rfc822: str
    changed: str
    """When there was news of the paper last, else when it was added; RFC 3339, UTC."""
    card: CardView


@dataclass(frozen=True, slots=True)
class FeedView:
    """A feed as templates see it."""

    id: str
    title: str
    description: str
    home_url: Address
    self_url: Address
    """Where the feed itself is fetched; empty when that is not known."""
    updated: str
    updated_rfc822: str
    entries: tuple[EntryView, ...]


Content = Callable[[CardView, tuple[FactView, ...]], str]
"""What gives the HTML of a card, with what became of the paper since."""


def feed_view(feed: Feed, content: Content) -> FeedView:
    """Return the feed as templates see it. A paper comes once, the newest."""
    base = f"tag:{feed.domain},{_TAG_YEAR}:{quote(feed.subscription.id, safe='')}"
    entries: dict[str, FeedEntry] = {}
    for entry in feed.entries:
        entries.setdefault(f"{base}/{_key(entry)}", entry)
    return FeedView(
        id=base,
        title=_said(feed.subscription.name, 120) or feed.subscription.id,
        description=f"New papers for the query {_said(feed.subscription.query, 1000)}",
        home_url=web_address(f"https://{feed.domain}/"),
        self_url=web_address(feed.self_url),
        updated=_rfc3339(feed.updated),
        updated_rfc822=format_datetime(feed.updated.astimezone(UTC)),
        entries=tuple(_entry(key, entry, content) for key, entry in entries.items()),
    )


def json_feed(view: FeedView) -> bytes:
    """Return the feed as JSON Feed 1.1 (https://www.jsonfeed.org/version/1.1/), UTF-8."""
    data = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": view.title,
        "home_page_url": str(view.home_url),
        "feed_url": str(view.self_url),
        "description": view.description,
        "language": "en",
        "items": [_item(entry) for entry in view.entries],
    }
    known = {key: value for key, value in data.items() if value != ""}
    return json.dumps(known, ensure_ascii=False, indent=1).encode() + b"\n"


def _item(entry: EntryView) -> dict[str, Any]:
    item = {
        "id": entry.id,
        "url": str(entry.url),
        "title": entry.title,
        "content_html": entry.content_html,
        "summary": entry.summary,
        "date_published": entry.added,
        "date_modified": entry.changed if entry.changed != entry.added else "",
        "authors": [{"name": name} for name in entry.authors],
        "tags": list(entry.categories),
    }
    return {key: value for key, value in item.items() if value}


def _entry(key: str, entry: FeedEntry, content: Content) -> EntryView:
    paper, view = entry.card.paper, card_view(entry.card)
    summary = view.summary or readable(paper.abstract, 300)
    names = [name for author in paper.authors[:AUTHORS] if (name := _said(author, 80))]
    organization = _said(paper.organization or "", 80)
    return EntryView(
        id=key,
        title=untagged(str(view.title)),
        url=view.url or view.search_url,
        authors=tuple(names or filter(None, [organization])),
        categories=tuple(tag for text in paper.categories[:6] if (tag := _said(text, 80))),
        summary=untagged(summary),
        summary_html=Ready(html_text(isolated(summary))),
        content_html=Ready(content(view, fact_views(entry.facts))),
        added=_rfc3339(entry.added),
        added_rfc822=format_datetime(entry.added.astimezone(UTC)),
        changed=_rfc3339(entry.changed or entry.added),
        card=view,
    )


def _key(entry: FeedEntry) -> str:
    """Return the part of the id that names the paper, with nothing in it that a tag URI does not allow."""
    paper = entry.card.paper
    return quote((paper.id or f"title:{paper.title}")[:300].encode("utf-8", "replace"), safe=":/.@~")


def _said(text: str, limit: int) -> str:
    """Return `text` readable; feeds hold it as plain text, yet some readers look for tags in it."""
    return untagged(readable(text, limit))


def _rfc3339(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
