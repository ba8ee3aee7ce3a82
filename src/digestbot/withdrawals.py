"""Whether a paper's own words say that it was withdrawn: by its authors, by the archive, or as a retraction.

What speaks of another paper, of a conference that it was withdrawn from, or of an older version does not count.
"""

import re

_LONGEST = 4000  # characters that are read
_LONGEST_WORDS = 200

_HINTS = ("withdr", "retract", "removed")  # most papers hold none of these
_NOUN = r"(?:paper|article|submission|manuscript|preprint|work|note|draft|document|e-?print|report|chapter|letter)"
_DONE = r"(?:withdrawn|retracted)"
_HAS = r"(?:has|have|is|was|being)(?: (?:now|also|been|being|hereby|temporarily|permanently|voluntarily)){0,3}"
_TITLE = re.compile(
    rf"\W{{0,3}}(?:{_DONE}|removed)(?: {_NOUN})?\s?[:\]–—-]|.{{0,400}}\({_DONE}\)\W*$", re.IGNORECASE | re.DOTALL
)
_COMMENT = re.compile(
    rf"\b{_NOUN} {_HAS} (?:{_DONE}|removed)\b"
    rf"|(?:^|[.;:\[(]\s?)(?:(?:temporarily|author|{_NOUN}) ){{0,2}}{_DONE}\b"
    rf"|\b{_DONE} (?:by|from) (?:the )?(?:authors?|arxiv|submitter|admin|publisher|editors?|journal)"
    r"|\b(?:we|i|authors?) (?:\w+ ){0,3}?(?:withdraw|withdrew|withdrawn|retract|retracted)"
    r" (?:this|the|our|my|their|it)\b"
    rf"|\b(?:withdraw|retract)(?:ing)? (?:this|our|my|their) {_NOUN}\b",
    re.IGNORECASE,
)
_ABSTRACT = re.compile(
    rf"\W{{0,3}}(?:this|the|our) {_NOUN} {_HAS} {_DONE}\b|\W{{0,3}}(?:{_NOUN} )?{_DONE}(?: by\b| due\b| because\b|\W*$)"
    rf"|.{{0,4000}}?\bthis {_NOUN} {_HAS} withdrawn (?:by|due|because|from arxiv)\b",
    re.IGNORECASE | re.DOTALL,
)
_AGAINST = re.compile(
    r"\b(?:replaces|supersedes|re-?submission|which (?:has|was)|previously withdrawn|withdrawn (?:papers?|submissions?)"
    r"|(?:not|no longer|never)(?: \w+){0,2} (?:withdrawn|retracted)"
    r"|(?:withdrawn|retracted) from (?!arxiv|the arxiv|publication|the server|the archive)\w+)\b",
    re.IGNORECASE,
)


def withdrawal(title: str, abstract: str, comments: str) -> str:
    """Return the words that say that the paper was withdrawn, in one line of at most 200 characters; else nothing."""
    words = f"{comments[:_LONGEST]} {abstract[:_LONGEST]} {title[:_LONGEST]}".lower()
    if not any(hint in words for hint in _HINTS):
        return ""
    if comments and (words := _commented(" ".join(comments[:_LONGEST].split()))):
        return words
    if _ABSTRACT.match(abstract[:_LONGEST]) and not _AGAINST.search(abstract[:_LONGEST]):
        found = re.search(_DONE, abstract, re.IGNORECASE)
        return _around(" ".join(abstract[:_LONGEST].split()), found[0] if found else "")
    return " ".join(title.split())[:_LONGEST_WORDS] if _TITLE.match(title[:_LONGEST]) else ""


def _commented(comments: str) -> str:
    """Return the sentence of the comments that says so."""
    for found in _COMMENT.finditer(comments):
        start = max(comments.rfind(mark, 0, found.start() + 2) for mark in (". ", "; ")) + 1
        ends = [at for mark in (". ", "; ") if (at := comments.find(mark, found.end())) >= 0]
        sentence = comments[start : min(ends, default=len(comments))]
        if not _AGAINST.search(sentence):
            return _clipped(sentence)
    return ""


def _around(text: str, word: str) -> str:
    """Return the sentence of `text` in which `word` stands first."""
    at = text.find(word)
    start = text.rfind(". ", 0, at) + 1
    end = text.find(". ", at)
    return _clipped(text[start : end if end >= 0 else len(text)])


def _clipped(words: str) -> str:
    return words.strip(" .;:[]()")[:_LONGEST_WORDS]
