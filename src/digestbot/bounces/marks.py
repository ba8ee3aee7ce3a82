"""Signs of our own deliveries in a mail that came back: the address it came to, and the ids that it quotes.

::

    To: <bounces+fz4k….0@example.org>          the return path of one delivery (VERP), which nobody can guess
    Message-ID: <fz4k….0@example.org>           the id of the mail that it answers

Both hold the delivery key, 130 bits of an HMAC under the installation's secret.
"""

import re
from collections.abc import Iterator
from typing import Final

from digestbot.bounces.letters import Letter
from digestbot.bounces.models import Mark

_KEY: Final = r"([a-z2-7]{26})\.(\d{1,4})"
_TO: Final = ("x-original-to", "delivered-to", "envelope-to", "x-envelope-to", "x-rcpt-to", "to", "original-recipient")
_FROM_THERE: Final = ("in-reply-to", "references")


def return_path(local: str, key: str, generation: int) -> str:
    """Return what stands before the @ of the envelope's sender of one delivery: ``bounces+fz4k….0``."""
    return f"{local}+{key}.{generation}"


def marks_in(letter: Letter, domain: str) -> tuple[Mark, ...]:
    """Return the deliveries that a mail names, the surest first, without repeats. `domain` is the installation's."""
    paths = rf"\+{_KEY}@"
    ids = rf"<{_KEY}@{re.escape(domain.lower())}>"
    places = [" ".join(value for name in _TO for value in letter.headers.get(name, ()))]
    found = dict.fromkeys(_marks("return-path", paths, places))
    heads = [letter.original, *(value for name in _FROM_THERE for value in letter.headers.get(name, ()))]
    found |= dict.fromkeys(_marks("message-id", ids, [*heads, letter.status, letter.feedback, letter.notice]))
    return tuple(found)


def _marks(by: str, pattern: str, texts: list[str]) -> Iterator[Mark]:
    for text in texts:
        for key, generation in re.findall(pattern, text.lower()):
            yield Mark("return-path" if by == "return-path" else "message-id", key, int(generation))
