"""Links that a record gives outside its printed words: as a field of its own, or as the target of a clickable word."""

import re
from collections.abc import Iterable
from dataclasses import replace

from digestbot.links import find_links
from digestbot.models import Link, LinkKind
from digestbot.readers.markup import Anchor

_FORM = re.compile(
    r"https?://(?:www\.)?git(?:hub|lab)\.com/[^/?#]{1,100}/[^/?#]{1,100}/(?:-/)?(?:issues|discussions)/new\b"
)


def links_of(anchors: Iterable[Anchor], field: str) -> tuple[Link, ...]:
    """Return the targets of links in HTML as links of a paper; the clicked words are the evidence.

    Forms in which to tell a digest's keeper what one thinks of it are no links of a paper.
    """
    return tuple(
        replace(link, raw=anchor.url, evidence=anchor.words or link.evidence)
        for anchor in anchors
        if anchor.url.startswith(("http://", "https://")) and not _FORM.match(anchor.url)
        for link in find_links(anchor.url, field)[:1]
    )


def given_link(url: str | None, name: str, kind: LinkKind = "other") -> tuple[Link, ...]:
    """Return the link that the field `name` of a record gives; of `kind`, where its site does not say."""
    if not url:
        return ()
    found = find_links(url, "record")[:1]
    return tuple(replace(link, evidence=name, kind=kind if link.kind == "other" else link.kind) for link in found)
