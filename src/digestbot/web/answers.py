"""What every answer of the web application has in common: nothing is framed, guessed, indexed or told to others.

A page brings one style sheet of its own and no script; the policy names the sheet by its hash, so that even
markup which got into a page could not bring another.
"""

import base64
import gzip
import hashlib
import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime
from types import MappingProxyType
from typing import Final

from starlette.datastructures import Headers
from starlette.responses import Response

_SMALL: Final = 1000
"""Bytes below which packing saves nothing."""
_STYLE: Final = re.compile(r"<style>(.*?)</style>", re.DOTALL)
_GUARD: Final[Mapping[str, str]] = MappingProxyType(
    {
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
        "Referrer-Policy": "no-referrer",  # the address of a page holds its token
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
        "X-Robots-Tag": "noindex, nofollow",
    }
)
_NO_CONTENT_OF_OTHERS: Final = "default-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"


def page(html: str, status: int = 200, headers: Mapping[str, str] = MappingProxyType({})) -> Response:
    """Return a page that is never kept; its style sheets stand in ``<style>`` without attributes."""
    return Response(html, status, {**_guard(_STYLE.findall(html)), "Cache-Control": "no-store", **headers}, "text/html")


def document(asked: Headers, html: str, *, modified: datetime) -> Response:
    """Return a page that changes only with its templates, to those who do not have it yet."""
    kind = "text/html; charset=utf-8"
    return content(asked, html.encode(), kind, modified=modified, cache="private, no-cache")


def line(text: str, status: int, media_type: str = "text/plain") -> Response:
    """Return a line of text, for programs, and for when no page can be made."""
    return Response(f"{text}\n", status, {**_guard(), "Cache-Control": "no-store"}, media_type)


def content(
    asked: Headers,
    data: bytes,
    media_type: str,
    *,
    modified: datetime | None = None,
    cache: str = "no-cache",
) -> Response:
    """Return `data` to those who do not have it yet (RFC 9110 13), packed for those who can unpack it.

    `asked` are the headers of the request. Each form has a strong tag of its own, made from what it holds.
    """
    tag = hashlib.sha256(data).hexdigest()[:32]
    styles = _STYLE.findall(data.decode()) if media_type.startswith("text/html") else ()
    if len(data) >= _SMALL and takes_gzip(asked.getlist("accept-encoding")):
        data, tag = gzip.compress(data, 6, mtime=0), f"{tag}-gzip"
        packed = {"Content-Encoding": "gzip"}
    else:
        packed = {}
    headers = {**_guard(styles), "ETag": f'"{tag}"', "Cache-Control": cache, "Vary": "Accept-Encoding"}
    if modified is not None:
        headers["Last-Modified"] = format_datetime(modified.astimezone(UTC), usegmt=True)
    if is_known(asked, tag, modified):
        return Response(status_code=304, headers=headers)
    # Starlette adds a charset to text types only, and feeds are in UTF-8 by their own account.
    return Response(data, headers={**headers, **packed, "Content-Type": media_type})


def is_known(asked: Headers, tag: str, modified: datetime | None) -> bool:
    """Return whether the other side has this already: by tag, or by time when it sent no tag (RFC 9110 13.2.2)."""
    tags = ",".join(asked.getlist("if-none-match"))
    if tags:
        return tags.strip() == "*" or tag in re.findall(r'"([^"]*)"', tags)
    since = _moment(asked.get("if-modified-since", ""))
    return since is not None and modified is not None and modified.replace(microsecond=0) <= since


def takes_gzip(accepted: Iterable[str]) -> bool:
    """Return whether Accept-Encoding names gzip and does not give it the weight 0 (RFC 9110 12.5.3)."""
    for item in ",".join(accepted).lower().split(","):
        name, _, weight = item.partition(";")
        if name.strip() in {"gzip", "x-gzip"}:
            return not re.fullmatch(r"\s*q\s*=\s*0(\.0*)?\s*", weight)
    return False


def _moment(text: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _guard(styles: Iterable[str] = ()) -> dict[str, str]:
    hashes = " ".join(f"'sha256-{_sha256(style)}'" for style in styles)
    sheets = f"; style-src {hashes}" if hashes else ""
    return {**_GUARD, "Content-Security-Policy": _NO_CONTENT_OF_OTHERS + sheets}


def _sha256(text: str) -> str:
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode("ascii")
