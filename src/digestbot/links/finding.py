"""Links of a text: spots, mended, classified, told once."""

from collections.abc import Iterable

from digestbot.links.evidence import evidence, kind_by_words, speaks_of_code, speaks_of_other_goods
from digestbot.links.hosts import kind_of, leads_to_a_paper
from digestbot.links.keys import link_key
from digestbot.links.mending import clickable, trimmed
from digestbot.links.spots import Spot, find_spots
from digestbot.models import Link, LinkKind

_MOST = 200  # different links of one text; a paper has a handful
_CODE_HOSTS = frozenset({"github", "gitlab", "bitbucket", "codeberg", "anonymous"})
_DEPOSITS = frozenset({"huggingface", "zenodo", "osf", "figshare"})


def find_links(text: str, field: str) -> tuple[Link, ...]:
    """Return the links of `text` in order, each place once: the first mention wins.

    `field` names where the text stood (``abstract`` …) and is passed on. Every `Link.url` begins with
    ``http://`` or ``https://``; every `Link.raw` is a slice of `text`. At most 200 links, in linear time.
    """
    found: dict[str, Link] = {}
    previous = 0
    for spot in find_spots(text):
        address = _mended(text, spot)
        if address is None:
            continue
        url, end = address
        if (key := link_key(url)) not in found:
            words = evidence(text, spot.start, spot.resume if spot.label else end, previous, spot.label)
            found[key] = Link(url, _kind(url, words), text[spot.start : end], field, words)
        previous = end
        if len(found) == _MOST:
            break
    return tuple(found.values())


def merge_links(*groups: Iterable[Link]) -> tuple[Link, ...]:
    """Return the links of all groups in order, each place once: the first mention wins."""
    found: dict[str, Link] = {}
    for group in groups:
        for link in group:
            found.setdefault(link_key(link.url), link)
    return tuple(found.values())


def is_code_link(link: Link) -> bool:
    """Tell whether `link` leads to code: by its site, or where the site holds many things, by its evidence."""
    if link.kind in _CODE_HOSTS or speaks_of_code(link.evidence):
        return True
    return link.kind in _DEPOSITS and not speaks_of_other_goods(link.evidence)


def _mended(text: str, spot: Spot) -> tuple[str, int] | None:
    """Return the address to click and where it ends in `text` as printed, or None when it leads nowhere."""
    follows = text[spot.stop : spot.stop + 2]
    printed = trimmed(spot.address, goes_on=follows[:1].isspace() and follows[1:].islower())
    url = clickable(printed, spot.scheme)
    if url is None:
        return None
    return url, spot.end if spot.end > spot.stop else spot.stop - (len(spot.address) - len(printed))


def _kind(url: str, words: str) -> LinkKind:
    """Return the kind by the site, else by the words that lead up to the address."""
    kind = kind_of(url)
    if kind != "other" or leads_to_a_paper(url):
        return kind
    return kind_by_words(words.rpartition("…")[0] or words)
