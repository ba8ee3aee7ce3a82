"""Quotes: whichever kind a keyboard, a phone or a page makes of them, they only say where a phrase begins and ends."""

SMART_QUOTES = frozenset("“”„‟«»″〝〞〟＂「」『』")
_TO_BLANKS = dict.fromkeys(map(ord, (*SMART_QUOTES, '"')), " ")


def without_quotes(text: str) -> str:
    """Return `text` with single blanks, and blanks for quotes: an exact text cannot hold any."""
    return " ".join(text.translate(_TO_BLANKS).split())
