"""The sentences an abstract could be summed up with: its own, and what is left of them after a few clean cuts."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from digestbot.summaries.clauses import balanced, cuts, dangling, is_whole, without_brackets
from digestbot.summaries.openings import named_thing, second_claim, upright, without_claim, without_lead_in
from digestbot.summaries.sentences import Sentence
from digestbot.text import is_spaceless

LIMIT = 40
"""Words a summary has at most."""

# Of one sentence and of one abstract; the first cuts are the safest.
_A_SENTENCE, _AN_ABSTRACT = 12, 100

# Of one sentence so many characters are looked at.
_FAR = 1_500

_THING = "named thing"

Steps = tuple[str, ...]
Version = tuple[str, Steps]

_WHOLE: Steps = ()

_NOTICE = re.compile(
    r"(?:copyright|\(c\) ?\d|©|all rights|this article is (?:protected|licensed)|published by|"
    r"(?:clinical )?trials? "
    r"registr|clinicaltrials|prospero|key ?words|funding|plain language|comments?:|supplementary|see also|to view|"
    r"(?:the )?(?:\w+ )?(?:source )?(?:code|data|dataset|project page)(?: and [\w ]{3,20})? (?:is|are|"
    r"will be|can be) "
    r"|code:|project page|video|\w+ \d+ (?:pages|figures))",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Candidate:
    """One possible summary."""

    text: str
    sentence: int
    """The index of the sentence it was made of."""
    kept: float
    """The share of the sentence's words it has."""
    steps: frozenset[str]
    """What was left out: ``brackets``, ``lead-in``, ``claim``, or the kind of border it was cut at."""


def candidates(sentences: Sequence[Sentence]) -> list[Candidate]:
    """Return what the abstract could be summed up with, at most 100, none longer than 40 words."""
    found: dict[str, Candidate] = {}
    for index, sentence in enumerate(sentences):
        if not _NOTICE.match(sentence.text):
            for option in _of(index, sentence.text):
                found.setdefault(option.text, option)
    return list(found.values())[:_AN_ABSTRACT]


def shortened(sentence: str) -> str:
    """Return as much of a sentence without any good place to cut as 40 words hold."""
    if size(sentence) < 2:
        return ""
    words = sentence.split()[:LIMIT]
    while len(words) > 1 and dangling(words[-1]):
        words.pop()
    while size(" ".join(words)) > LIMIT:
        words[-1] = words[-1][: len(words[-1]) // 2]
    text = " ".join(words).rstrip(" .,;:")
    return f"{text}…" if text else ""


def size(text: str) -> int:
    """Return the number of words; of scripts without spaces, two characters count as one."""
    return len(text.split()) + (0 if text.isascii() else sum(map(is_spaceless, text)) // 2)


def _of(index: int, sentence: str) -> Iterator[Candidate]:
    near = sentence if len(sentence) <= _FAR else sentence[:_FAR].rpartition(" ")[0]
    whole = len(sentence.split())
    fitting = [(text, steps) for text, steps in _versions(upright(near)) if 2 <= size(text) <= LIMIT]
    for text, steps in fitting[:_A_SENTENCE]:
        yield Candidate(text, index, len(text.split()) / whole, frozenset(steps))


def _versions(sentence: str) -> Iterator[Version]:
    """Yield the sentence, then every way to shorten it, each with the steps that led there."""
    heads = list(_heads(sentence.rstrip(" .,;:")))
    yield from heads
    for text, steps in heads:
        if _THING not in steps:
            yield from ((left, (*steps, kind)) for kind, left in cuts(text))


def _heads(sentence: str) -> Iterator[Version]:
    """Yield the sentence; then without brackets; then also without what leads to its point."""
    yield sentence, _WHOLE
    bare, steps = without_brackets(sentence), _WHOLE
    if bare == sentence or not balanced(bare):
        bare = sentence
    else:
        steps = ("brackets",)
        yield bare, steps
    yield from _claims(bare, steps)
    main = without_lead_in(bare)
    if main and is_whole(main):
        yield main, (*steps, "lead-in")
        yield from _claims(main, (*steps, "lead-in"))


def _claims(sentence: str, steps: Steps) -> Iterator[Version]:
    """Yield what is claimed, without the words that say that it is."""
    for step, shorter in (("first half", second_claim(sentence)), ("claim", without_claim(sentence))):
        if shorter and is_whole(shorter):
            yield shorter, (*steps, step)
    thing = named_thing(sentence)
    if thing and len(thing.split()) > 5:
        yield thing, (*steps, _THING)
