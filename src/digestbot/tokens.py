"""Addresses on the web that nobody can guess and that need no memory: a token in them is signed, not stored.

::

    /unsubscribe/sparse-experts/fz4k…            asks, and stops the subscription on a POST
    /feeds/sparse-experts/x2wq…/atom.xml         rss.xml and feed.json beside it

A token is good for one purpose and one subscription: whoever is given a feed cannot unsubscribe anybody.
"""

import base64
import hashlib
import hmac
from typing import Literal
from urllib.parse import quote

Purpose = Literal["unsubscribe", "feed", "thread"]


def token(secret: bytes, purpose: Purpose, subscription: str) -> str:
    """Return the token of a subscription: 26 characters, the first 130 bits of an HMAC-SHA-256 (RFC 2104).

    They are base32 (RFC 4648) in lower case, so that neither a mail program nor a person reading aloud spoils them.
    `secret` is the installation's own.
    """
    facts = f"{purpose}|{subscription}".encode("utf-8", "surrogatepass")
    return base64.b32encode(hmac.digest(secret, facts, hashlib.sha256)).decode("ascii")[:26].lower()


def is_genuine(given: str, secret: bytes, purpose: Purpose, subscription: str) -> bool:
    """Return whether `given` is that token; how long the answer takes tells nothing about the right one."""
    return hmac.compare_digest(given.encode("utf-8", "replace"), token(secret, purpose, subscription).encode("ascii"))


def unsubscribe_path(secret: bytes, subscription: str) -> str:
    """Return the path that ends a subscription, from the installation's address on."""
    return f"/unsubscribe/{quote(subscription, safe='')}/{token(secret, 'unsubscribe', subscription)}"


def feed_path(secret: bytes, subscription: str, name: str) -> str:
    """Return the path of a subscription's feed; `name` is ``atom.xml``, ``rss.xml`` or ``feed.json``."""
    return f"/feeds/{quote(subscription, safe='')}/{token(secret, 'feed', subscription)}/{name}"
