"""Addresses on the web that nobody can guess and that need no memory: a token in them is signed, not stored.

::

    /unsubscribe/sparse-experts/fz4k…            asks, and stops the subscription on a POST
    /feeds/sparse-experts/x2wq…/atom.xml         rss.xml and feed.json beside it
    /editions/sparse-experts/h7na…/20261120T080000000000Z     one edition, by when it was due
    /feedback/sparse-experts/more/k3vd…/arxiv:2503.02495

A token is good for one purpose and one subscription: whoever is given a feed cannot unsubscribe anybody. That of
feedback is good for one paper and one direction besides, that of an edition for this one.
"""

import base64
import hashlib
import hmac
from datetime import UTC, datetime
from typing import Final, Literal
from urllib.parse import quote

Purpose = Literal["unsubscribe", "feed", "thread", "more", "less", "edition"]
Direction = Literal["more", "less"]
"""More like this paper, or less."""
DUE: Final = "%Y%m%dT%H%M%S%fZ"
"""How an edition is named in its address: when it was due, in UTC."""


def token(secret: bytes, purpose: Purpose, subscription: str, paper: str = "") -> str:
    """Return the token of a subscription: 26 characters, the first 130 bits of an HMAC-SHA-256 (RFC 2104).

    They are base32 (RFC 4648) in lower case, so that neither a mail program nor a person reading aloud spoils them.
    `secret` is the installation's own; `paper` is the id of the one that feedback is about, or what names an edition.
    """
    # What stands before the last bar holds no other, so no two facts are written alike.
    about = f"{quote(subscription, safe='', errors='replace')}|{paper}" if paper else subscription
    return fingerprint(secret, f"{purpose}|{about}")


def fingerprint(secret: bytes, facts: str) -> str:
    """Return 26 characters of base32 (RFC 4648) in lower case: the first 130 bits of an HMAC-SHA-256 (RFC 2104)."""
    digest = hmac.digest(secret, facts.encode("utf-8", "surrogatepass"), "sha256")
    return base64.b32encode(digest[:20]).decode("ascii")[:26].lower()


def webhook_key(secret: bytes, address: str) -> bytes:
    """Return the 32 bytes that what is posted to a webhook's address is signed with: an HMAC-SHA-256 (RFC 2104).

    It is the address's own, so that a receiver cannot sign what goes to another, and a new address gets a new one.
    """
    return hmac.digest(secret, f"webhook|{address}".encode("utf-8", "surrogatepass"), hashlib.sha256)


def webhook_secret(secret: bytes, address: str) -> str:
    """Return `webhook_key` as receivers are given it: ``whsec_`` and base64 (Standard Webhooks)."""
    return f"whsec_{base64.b64encode(webhook_key(secret, address)).decode('ascii')}"


def is_genuine(given: str, secret: bytes, purpose: Purpose, subscription: str, paper: str = "") -> bool:
    """Return whether `given` is that token; how long the answer takes tells nothing about the right one."""
    right = token(secret, purpose, subscription, paper).encode("ascii")
    return hmac.compare_digest(given.encode("utf-8", "replace"), right)


def unsubscribe_path(secret: bytes, subscription: str) -> str:
    """Return the path that ends a subscription, from the installation's address on."""
    return f"/unsubscribe/{quote(subscription, safe='')}/{token(secret, 'unsubscribe', subscription)}"


def feed_path(secret: bytes, subscription: str, name: str) -> str:
    """Return the path of a subscription's feed; `name` is ``atom.xml``, ``rss.xml`` or ``feed.json``."""
    return f"/feeds/{quote(subscription, safe='')}/{token(secret, 'feed', subscription)}/{name}"


def feedback_path(secret: bytes, subscription: str, direction: Direction, paper: str) -> str:
    """Return the path at which a person can ask for more or less like a paper, by its id."""
    proof = token(secret, direction, subscription, paper)
    return f"/feedback/{quote(subscription, safe='')}/{direction}/{proof}/{quote(paper, safe=':', errors='replace')}"


def edition_path(secret: bytes, subscription: str, due: datetime) -> str:
    """Return the path of the page of the edition that was due at `due` (aware)."""
    name = due.astimezone(UTC).strftime(DUE)
    return f"/editions/{quote(subscription, safe='')}/{token(secret, 'edition', subscription, name)}/{name}"
