"""The marks by which a text shows that it is in a format of its own, and no dump of a page's words."""

import re
from collections.abc import Sequence

_STARTS = ("<", "{", "[", "\\", "%", "@", "From ", "|", "---", "#!", "- ", "* ", "# ", "> ")
_LABEL = re.compile(
    r"(?:title|authors?|abstract|summary|pdf|links?|url|date|published|updated|subjects?|categor(?:y|ies)|comments?|doi|id|from|to|cc"
    r"|subject|received|reply-to|return-path|message-id|content-type|mime-version|journal-ref|venue|keywords?|arxiv|code|tags?)\s*:",
    re.IGNORECASE,
)
_MARK = re.compile(
    r"</?[a-zA-Z!?]|[a-z][a-z0-9_-]{0,30}:(?:\s|$)|[{}\[|@#\\]|[-*+•]\s|\d{1,4}[.)\]]\s|[A-Z]{2,4}\s*-\s|\*\*|```|-{3,}|={3,}|\S+,\S+,\S+,"
)
_LONG = 250  # characters; what is longer is prose whatever it begins with
_SHARE = 0.3


def is_foreign(texts: Sequence[str]) -> bool:
    """Return whether these lines are those of markup, records, a mail, a table or a program."""
    if not texts:
        return False
    marked = sum(len(text) <= _LONG and (_LABEL.match(text) or _MARK.match(text)) is not None for text in texts)
    return texts[0].startswith(_STARTS) or marked > _SHARE * len(texts)
