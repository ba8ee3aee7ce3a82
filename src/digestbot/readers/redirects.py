"""Addresses as mails carry them, led back to the page they are about, without asking anybody.

::

    scholar.google.com/scholar_url?url=…       …?url=https%3A%2F%2F…        nam.safelinks.protection.outlook.com/?url=…
    click.notification.elsevier.com/CL0/https:%2F%2F…/1/…                    urldefense.com/v3/__https://…__;!!…
    urldefense.proofpoint.com/v2/url?u=https-3A__…                           …/aHR0cHM6Ly9…

Many services hide the target behind a key of theirs; those addresses come back as they are. What only counts
clicks (``utm_…``) is taken off.
"""

import binascii
import re
from base64 import urlsafe_b64decode
from collections.abc import Iterator
from urllib.parse import unquote

_LONGEST = 8192  # characters of an address
_MOST_LAYERS = 5
_TARGETS = (
    r"url|u|q|a|p|to|target|targeturl|dest|destination|destination_url|redirect|redirect_url|redirect_uri|redirecturl|redir|r|link|goto|href|uri|out|rurl"
    r"|_url|ref_url|continue|lu|qurl"
)
_PARAMETER = re.compile(
    rf"[?&](?:{_TARGETS})=((?:https?(?::|%(?:25)?3A)(?:/|%(?:25)?2F){{2}}|https?-3A__|aHR0c)[^&#\s]++)", re.IGNORECASE
)
_WHOLE_TAIL = re.compile(r"[?&](?:url|q)=(https?://[^\s]*+)", re.IGNORECASE)  # written without quoting, to the end
_PATH = re.compile(r"/(https?(?::|%3A)(?:%2F){2}[^/\s]++)", re.IGNORECASE)
_DEFENSE = re.compile(r"urldefense\.(?:com|us|proofpoint\.com)/v3/__(.+?)__;", re.IGNORECASE)
_BASE64 = re.compile(r"[/=](aHR0c[\w=-]{8,4000})")
_SHARING = re.compile(
    r"^https?://(?:[\w-]{1,40}\.){0,4}(?:facebook\.com/(?:share|dialog)|twitter\.com/(?:intent|share|home)|x\.com/intent"
    r"|linkedin\.com/(?:share|cws)|reddit\.com/submit|mendeley\.com/import|citeulike\.org/posturl|plus\.google\.com/share"
    r"|scholar\.google\.[a-z.]{2,6}/(?:scholar_share|citations)|addtoany\.com|addthis\.com|wa\.me|t\.me/share|service\.weibo\.com/share|bsky\.app/intent)",
    re.IGNORECASE,
)
_CLICKS = re.compile(
    r"(?:utm_\w{1,30}|dgcid|sap-outbound-id|elqtrackid|elqtrack|elq|elqat|elqcampaignid|et_rid|et_cid|mc_cid|mc_eid|fbclid|gclid|spmailingid"
    r"|spuserid|spjobid|spreportid|wt\.\w{1,20}|trk|cmpid|ncid|hsenc|_hsenc|_hsmi|mkt_tok)=[^&#]*",
    re.IGNORECASE,
)


def is_sharing(url: str) -> bool:
    """Tell whether an address only hands another one on to a social network."""
    return _SHARING.match(url) is not None


def target_of(url: str) -> str:
    """Return the address that `url` leads to, as far as it says so itself; `url` when it does not say."""
    url = "".join(url[:_LONGEST].split())
    for _ in range(_MOST_LAYERS):
        inner = next(_inner(url), "")
        if not inner or is_sharing(url):
            break
        url = inner
    return _without_clicks(url)


def _inner(url: str) -> Iterator[str]:
    """Yield the address within an address."""
    if found := _DEFENSE.search(url):
        yield from _address(found[1])
    tail = url[url.find("//") + 2 :]
    if found := _PARAMETER.search(tail):
        yield from _address(_decoded(found[1], whole=_whole_tail(tail, found)))
    if found := _PATH.search(tail):
        yield from _address(unquote(found[1]))
    if found := _BASE64.search(tail):
        yield from _address(_from_base64(found[1]))


def _whole_tail(tail: str, found: re.Match[str]) -> str:
    """Return the target with its own query, where it was put behind ``url=`` unquoted and nothing follows but it."""
    whole = _WHOLE_TAIL.search(tail)
    return whole[1] if whole and whole.start() == found.start() and "?" in found[1] else ""


def _decoded(text: str, *, whole: str) -> str:
    if text.lower().startswith(("https-3a__", "http-3a__")):  # Proofpoint, version 2
        return unquote(text.replace("_", "/").replace("-", "%"))
    if text.startswith("aHR0c"):
        return _from_base64(text)
    if "%" not in text[:12] and whole and not _known_tail(whole):
        return whole
    return unquote(unquote(text) if "%25" in text[:12] else text)


def _known_tail(whole: str) -> bool:
    """Tell whether what follows the target belongs to the redirector: ``&sa=…``, ``&scisig=…``, ``&data=…``."""
    return re.search(r"&(?:sa|hl|scisig|usg|ved|data|sdata|oi|ei)=", whole) is not None


def _from_base64(text: str) -> str:
    plain = unquote(text).rstrip("=")
    try:
        return urlsafe_b64decode(plain + "=" * (-len(plain) % 4)).decode("ascii")
    except (binascii.Error, ValueError):
        return ""


def _address(text: str) -> Iterator[str]:
    if re.match(r"https?://[^/\s]*\.[^/\s]", text, re.IGNORECASE) and len(text) <= _LONGEST:
        yield "".join(text.split())


def _without_clicks(url: str) -> str:
    address, mark, rest = url.partition("?")
    if not mark:
        return url
    query, hash_mark, fragment = rest.partition("#")
    kept = "&".join(part for part in query.split("&") if part and not _CLICKS.fullmatch(part))
    return address + (f"?{kept}" if kept else "") + hash_mark + fragment
