"""The feed of a subscription, made from what its editions showed, for those who know its address."""

from collections.abc import Callable, Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Final

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from digestbot.editions import moment, window
from digestbot.feeds import Feed
from digestbot.ledger import Ledger, editions, subscriptions
from digestbot.rendering import Renderer
from digestbot.tokens import feed_path, is_genuine
from digestbot.web.answers import content

ENTRIES: Final = 100
"""How many entries a feed shows, as many as the feed files."""

_FORMS: Final[Mapping[str, tuple[str, Callable[[Renderer, Feed], bytes]]]] = MappingProxyType(
    {
        "atom.xml": ("application/atom+xml; charset=utf-8", Renderer.atom),
        "rss.xml": ("application/rss+xml; charset=utf-8", Renderer.rss),
        "feed.json": ("application/feed+json", Renderer.json_feed),
    }
)


class Feeds:
    """Answers what feed readers ask."""

    def __init__(self, open_ledger: Callable[[], Ledger], renderer: Renderer, base_url: str) -> None:
        self._open_ledger, self._renderer, self._base_url = open_ledger, renderer, base_url.rstrip("/")

    def answer(self, request: Request) -> Response:
        """Return a feed. Raises HTTPException: 404 when the address is none, 410 when the subscription has ended."""
        name, token, file = (request.path_params[key] for key in ("name", "token", "file"))
        media_type, make = _FORMS.get(file, ("", None))
        if make is None:
            raise HTTPException(404)
        feed = self._feed(name, token, file)
        modified: datetime = feed.updated
        # A reader that asks more often than this gets nothing new: rounds come once a minute at most.
        cache = "private, max-age=300"
        return content(request.headers, make(self._renderer, feed), media_type, modified=modified, cache=cache)

    def _feed(self, name: str, token: str, file: str) -> Feed:
        with self._open_ledger() as ledger:
            instance = ledger.instance
            if not is_genuine(token, instance.secret, "feed", name):
                raise HTTPException(404)
            with ledger.read() as tx:
                standing = subscriptions.get(tx, name)
                entries = editions.entries(tx, name, ENTRIES)
        if standing is None or standing.state == "removed":
            raise HTTPException(410)
        entries = window(entries, ENTRIES, by_change=file == "atom.xml")
        updated = max(map(moment, entries), default=standing.created_at)
        url = self._base_url + feed_path(instance.secret, name, file) if self._base_url else ""
        return Feed(standing.subscription, instance.domain, updated, entries, url)
