"""The feed that a web page names: people give the address of a page, and mean its feed."""

import re
from html.parser import HTMLParser
from typing import Final
from urllib.parse import urljoin

_HEAD: Final = 512 * 1024  # bytes; the links stand in the head of a page
_TAG: Final = re.compile(r"<(?:link|base)\b[^<>]{1,2000}>", re.IGNORECASE)
_FEEDS: Final = ("application/rss+xml", "application/atom+xml", "application/feed+json", "application/rdf+xml")


def is_page(data: bytes, content_type: str) -> bool:
    """Return whether an answer is a web page, by its first words, or by its header where they say nothing."""
    start = data[:1024].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if start.startswith((b"<!doctype html", b"<html")):
        return True
    return content_type.lower().startswith("text/html") and not start.startswith((b"<?xml", b"<rss", b"<feed", b"{"))


def find_feed(data: bytes, url: str) -> str | None:
    """Return the address of the first feed that a page names in ``<link rel="alternate">``, made absolute.

    `url` is where the page came from. None when it names none, or only itself.
    """
    page = _Page()
    for tag in _TAG.findall(data[:_HEAD].decode("utf-8", "replace")):  # the parser alone takes the square of the length
        page.feed(tag)
    for link in page.links:
        try:
            found = urljoin(page.base or url, link)
        except ValueError:
            continue
        if found.partition("#")[0] != url:
            return found
    return None


class _Page(HTMLParser):
    """Collects the links to feeds."""

    def __init__(self) -> None:
        super().__init__()
        self.links: list[str] = []
        self.base = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note a link that is another form of the page, and is a feed."""
        given = {name: value or "" for name, value in attrs}
        if tag == "base" and not self.base:
            self.base = given.get("href", "")
        if tag != "link" or "alternate" not in given.get("rel", "").lower().split():
            return
        if given.get("type", "").partition(";")[0].strip().lower() in _FEEDS and given.get("href"):
            self.links.append(given["href"].strip())
