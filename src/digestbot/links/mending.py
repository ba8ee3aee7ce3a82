"""From an address as printed to one that can be clicked: the end trimmed, the typesetting undone, checked."""

import ipaddress
import re

from digestbot.links.hosts import FORGES, SHARED_HOSTS

_PUNCTUATION = ".,;:!?'*\\~&#@("
_FOOTNOTE = re.compile(r"\[[0-9]{1,2}\]$")
_GLUED = re.compile(r"[.,;:!?][\"')]{0,2}([A-Z][a-z]{0,20}(?:-[a-z]{1,20}){0,4})$")
_OPENER = re.compile(
    r"A|Abstract|Additionally|All|Also|Although|An|And|As|At|Based|Besides|Both|By|Codes?|Comments|Data|Datasets?|Demo"
    r"|Experimental|Experiments|Extensive|Finally|For|From|Furthermore|Github|Here|However|In|Index|Introduction|Its?"
    r"|Keywords|Models?|More|Moreover|Note|On|Or|Our|Please|Project|Results|See|Source|Specifically|Supplementary"
    r"|That|The|There|These|This|Those|To|Using|Videos?|We|Website|When|While|With"
)
_NAME_ENDING = re.compile(r"Ai|Com|Core|Cpp|Edu|Html|Io|Jl|Js|Json|Net|Org|Pdf|Py|Rs")

_TYPESETTING = re.compile(
    r"\{?\\text(?P<word>asciitilde|underscore)\b\s?(?:\{\})?\}?|\$(?P<math>\\sim|\\?_)\$"
    r"|\{\\?(?P<braced>[_~#%&])\}|\\(?P<escaped>[_#%&~/-])(?:\{\})?"
)
_INVISIBLE = dict.fromkeys(map(ord, "\u00ad\u200b\u2060"), "") | dict.fromkeys(map(ord, "\u2010\u2011"), "-")
_HOST = re.compile(r"(?:[a-z0-9_](?:[a-z0-9_-]{0,62})\.){1,8}[a-z]{2,24}(?::[0-9]{1,5})?", re.IGNORECASE | re.ASCII)
_FOUR_NUMBERS = re.compile(r"([0-9]{1,3}(?:\.[0-9]{1,3}){3})(?::[0-9]{1,5})?", re.ASCII)


def trimmed(printed: str, *, goes_on: bool) -> str:
    """Return `printed` without what the sentence added to its end.

    `goes_on` says that a lower-case word follows, so that ``repo.Pruning`` was the start of a sentence.
    """
    while True:
        short = printed.rstrip(_PUNCTUATION).removesuffix("'s")
        if short.endswith("--"):
            short = short.rstrip("-")
        short = _FOOTNOTE.sub("", short)
        glued = _GLUED.search(short[-100:])
        if glued and _begins_a_sentence(glued, goes_on=goes_on):
            short = short[: -len(glued[0])]
        if short == printed:
            return printed
        printed = short


def _begins_a_sentence(glued: re.Match[str], *, goes_on: bool) -> bool:
    """Tell whether what follows a full stop, as in ``repo.We``, is a sentence and not part of a name."""
    if _OPENER.fullmatch(glued[1]):
        return True
    return goes_on and glued[0][0] == "." and not _NAME_ENDING.fullmatch(glued[1])


def clickable(address: str, scheme: str) -> str | None:
    """Return the whole address, or None when it leads nowhere: no real host, or the front page of a shared one."""
    plain = _TYPESETTING.sub(_plain, address.translate(_INVISIBLE)).replace("&amp;", "&")
    split = re.search(r"[/?#]", plain)
    host, rest = (plain[: split.start()], plain[split.start() :]) if split else (plain, "")
    host = host.lower()
    if not _HOST.fullmatch(host) and not _is_global(host):
        return None
    bare = host.removeprefix("www.")
    if bare in FORGES:
        rest = re.sub(r"(?:\.git)+(/?)$", r"\1", rest)
    if bare in SHARED_HOSTS and not re.search(r"\w", rest):
        return None
    return f"{scheme}://{host}{rest}"


def _plain(found: re.Match[str]) -> str:
    if found["word"]:
        return "~" if found["word"] == "asciitilde" else "_"
    if found["math"]:
        return "~" if found["math"] == "\\sim" else "_"
    sign: str = found["braced"] or found["escaped"]
    return "" if sign == "-" else sign  # \- is where TeX may break a word


def _is_global(host: str) -> bool:
    """Tell whether `host` is a number that the whole Internet can reach."""
    number = _FOUR_NUMBERS.fullmatch(host)
    try:
        return bool(number and ipaddress.ip_address(number[1]).is_global)
    except ValueError:
        return False
