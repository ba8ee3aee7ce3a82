"""The kinds of sources, in one literal table."""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Final

from digestbot.connections.web import Web
from digestbot.declared import Source, SourceKind
from digestbot.sources import daily, feed, files, imap, mailboxes, paged
from digestbot.sources.items import Item, Open, Past

Fetch = Callable[[Source, Past, Web, datetime], Iterator[Item]]
"""How a kind is fetched: given a source, what it remembers, the one fetcher, and the time. Raises FetchError."""

KINDS: Final[Mapping[SourceKind, Fetch]] = MappingProxyType(
    {
        "folder": files.fetch,
        "glob": files.fetch,
        "feed": feed.fetch,
        "arxiv": feed.fetch_arxiv,
        "arxiv-query": paged.fetch,
        "hugging-face": daily.fetch,
        "openalex": paged.fetch,
        "crossref": paged.fetch,
        "semantic-scholar": paged.fetch,
        "biorxiv": paged.fetch,
        "maildir": mailboxes.fetch_maildir,
        "mbox": mailboxes.fetch_mbox,
        "imap": imap.fetch,
    }
)


def opener(web: Web) -> Open:
    """Return what fetches sources of every kind, all by one fetcher, so that no host is asked too often."""
    return lambda source, past, now: KINDS[source.kind](source, past, web, now)
