"""Where formulas and groups begin and end in TeX, and which dollars are money."""

import re

SCOPE = re.compile(r"(?:[\^_]|\\sqrt|frac)\s?$")
"""What a group in braces stands behind when it has to be held together."""

ONE = re.compile(r"\s?(?:\\?[A-Za-z]+(?:\{[^{}]*\})?|[A-Za-z]_[A-Za-z0-9]|[-+]?[0-9.]+|.)?\s?")
"""A group that is one thing and needs no holding together."""

_DOLLAR = re.compile(r"\$")  # a character alone is looked for many times faster than one with a look behind it


def braces(text: str) -> dict[int, int]:
    """Return where each brace that opens is closed."""
    found: dict[int, int] = {}
    opened: list[int] = []
    for match in re.finditer(r"(?<!\\)[{}]", text):
        if match[0] == "{":
            opened.append(match.start())
        elif opened:
            found[opened.pop()] = match.start()
    return found


def delimiters(text: str) -> dict[int, bool]:
    """Return the dollars that open (True) or close (False) a formula; the others are money."""
    places = [match.start() for match in _DOLLAR.finditer(text) if text[match.start() - 1 : match.start()] != "\\"]
    found: dict[int, bool] = {}
    at = 0
    while at + 1 < len(places):
        pair = _is_formula(text, places[at], places[at + 1])
        if pair:
            found |= {places[at]: True, places[at + 1]: False}
        at += 2 if pair else 1
    return found


def _is_formula(text: str, opening: int, closing: int) -> bool:
    """Return whether these two dollars belong together; ``$5 or $6`` and ``$ 5 $`` do not."""
    if closing - opening == 1:
        return True
    if closing - opening > 1000:
        return False
    if text[closing + 1 : closing + 2].isdigit() and text[opening + 1] != "\\":
        return False
    return not text[opening + 1].isspace() and not text[closing - 1].isspace()
