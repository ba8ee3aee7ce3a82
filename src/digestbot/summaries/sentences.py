"""From an abstract as printed to sentences that can be read alone, each with the section it stands in.

::

    as printed ─plain→ one line, no citations ─sentences→ text + section + whether it is a continuation
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from digestbot.text import to_unicode

Section = Literal["", "background", "aim", "methods", "results", "conclusions"]

# An abstract is read this far, and this many sentences from its beginning and its end; what is longer is none.
_READ = 20_000
_FIRST, _LAST = 24, 8

_CITE = re.compile(r"[~ ]?\\(?:cite|ref|eqref|label)[a-zA-Z]{0,8}\*?(?:\[[^\]{}]{0,99}\]){0,2}\{[^{}]{0,499}\}(?!\w)")
_TAG = re.compile(r"</?[a-zA-Z][a-zA-Z0-9:]{0,20}(?: [^<>]{0,300})?/?>")
_NUMBERED = re.compile(r" ?\[\d{1,3}(?: ?[,;–-] ?\d{1,3}){0,20}\](?!\w)")
_NAMED = re.compile(
    r" ?\((?:e\.g\.,? |see )?[A-Z][^()\d]{1,80},? (?:et al\.|[^()\d ]{1,40}), ?(?:19|20)\d\d[a-z]?"
    r"(?:;[^()]{0,300})?\)(?!\w)"
)
# Quotation marks in a row: "``\"Best\"" of an editor that opened one for somebody who had opened one already.
_QUOTES = re.compile(r"[“”\"`]+(?=[“”\"])")

_SECTIONS: dict[Section, str] = {
    "background": "background|introduction|motivation|context|rationale|importance|significance|question",
    "aim": r"objectives?|aims?|purpose|goals?|hypothesis",
    "methods": r"(?:(?:materials|patients|subjects) (?:and|&) )?methods?|methodology|design|settings?|participants|"
    r"approach|data sources?|interventions?|(?:main )?outcomes?(?: measures?)?",
    "results": r"results?|findings",
    "conclusions": r"conclusions?(?: and relevance)?|interpretation|discussion|implications|summary",
    "": "abstract|key points|(?:lay|author|plain language) summary|clinical relevance",
}
_NAME = "|".join(_SECTIONS.values())
_GLUED = (
    "background|introduction|objectives?|purpose|methods|results|conclusions?|findings|importance|rationale|summary"
)
_SENTENCE_STARTS = "The|We|In|This|A|An|To|Our|These|There|Of|Among|For|It"
# Headings of structured abstracts; some sites glue them to the text, "BackgroundMalaria is", or lose the colon.
_LABEL = re.compile(
    rf"(?:(?:study|key|main|principal) )?(?:(?P<name>{_NAME})(?:(?:/| and | & )(?:{_NAME}))?"
    rf"(?: ?[:—–] ?|\. (?=[A-Z]))|(?P<bare>(?:{_NAME}))(?-i: (?=(?:{_SENTENCE_STARTS}) [a-z]))|"
    rf"(?P<glued>(?:{_GLUED})(?: and (?:{_GLUED}))?)(?-i:(?=(?:[A-Z][a-z]|A )))) ?",
    re.IGNORECASE,
)
_KINDS = {kind: re.compile(names, re.IGNORECASE) for kind, names in _SECTIONS.items()}

# The second form is a full stop whose space was lost: "a new distribution.The model"; the third is Chinese or Japanese.
_END = re.compile(
    r"[.!?][\"'”’)\]]{0,3} (?=[\"'“‘(\[]?[A-Z0-9À-ÖØ-ÞΑ-ΩА-Я©$\\])|(?<=[a-z]{3})[.!?](?=[A-Z][a-z]{0,12} )|[。！？]"
)
_SHORT_FORM = re.compile(
    r"e\.g|i\.e|al|cf|vs|viz|resp|approx|ca|figs?|eqs?|secs?|tab|refs?|thm|prop|def|nos?|vol|ch|pp?|dr|"
    r"prof|mrs?|ms|st|"
    r"jr|inc|corp|ltd|univ|dept|w\.r\.t|a\.k\.a|s\.t|i\.i\.d|u\.s|u\.k|spp?|subsp|var",
    re.IGNORECASE,
)
# What follows "vitamin C." when that ends a sentence, and not "J." of a name.
_STARTER = re.compile(
    r"(?:we|the|this|these|our|in|it|an?|to|for|however|here|by|as|with|they|such|while)\b", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence, readable and in one line, without its section label."""

    text: str
    section: Section = ""
    """The section it stands in, where the abstract names its sections."""


def sentences(abstract: str) -> list[Sentence]:
    """Return the sentences of `abstract`, at most the first 24 and the last 8; bounded time for any text."""
    section: Section = ""
    found: list[Sentence] = []
    for raw in _split(plain(abstract)):
        text = raw
        while (label := _LABEL.match(text)) and label.end():
            section = _section(label["name"] or label["bare"] or label["glued"])
            text = text[label.end() :].strip()
        if text:
            found.append(Sentence(text, section))
    return found if len(found) <= _FIRST + _LAST else found[:_FIRST] + found[-_LAST:]


def _section(label: str) -> Section:
    """Return what a label means: the last of its names counts, ``Methods and Findings`` holds findings."""
    name = label.rpartition(" and ")[2]
    return next((kind for kind, names in _KINDS.items() if names.fullmatch(name) or names.fullmatch(label)), "")


def plain(abstract: str) -> str:
    """Return the abstract as readable text in one line, without its citations."""
    text = _TAG.sub(" ", _CITE.sub("", " ".join(abstract[:_READ].split())))
    text = " ".join(to_unicode(text).split())
    return _QUOTES.sub("", _NAMED.sub("", _NUMBERED.sub("", text)))


def _split(text: str) -> Iterator[str]:
    start = 0
    for end in _END.finditer(text):
        if not _goes_on(text[start : end.start()], text[end.end() : end.end() + 12], text[end.start()]):
            yield text[start : end.end()].strip()
            start = end.end()
    yield text[start:].strip()


def _goes_on(before: str, after: str, mark: str) -> bool:
    """Tell whether the full stop between the two belongs to a short form (``et al.``, ``J. Doe``)."""
    if mark != ".":
        return False
    last = before[-40:].rpartition(" ")[2].lstrip("(\"'“[")
    initial = len(last) == 1 and last.isupper()
    return bool(_SHORT_FORM.fullmatch(last)) or (initial and not _STARTER.match(after))
