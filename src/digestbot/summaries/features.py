"""What is known about a candidate before anybody reads it: numbers that a linear ranker weighs.

Each is a fact that can be said in a sentence: where it stands, how long it is, what of the title it repeats and adds,
how central its words are, how it announces itself, what was cut away, and what a reader would stumble over.
"""

import math
import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise

from digestbot.summaries.candidates import Candidate
from digestbot.summaries.clauses import balanced
from digestbot.summaries.sentences import Sentence
from digestbot.summaries.words import DULL, FUNCTION, read, stems

Fact = tuple[str, float]


def _rules(table: dict[str, str]) -> tuple[tuple[str, re.Pattern[str]], ...]:
    return tuple((name, re.compile(rule, re.IGNORECASE)) for name, rule in table.items())


_STARTS = _rules(
    {
        "we": r"we\b",
        "this paper": r"(?:this|the) (?:paper|work|article|study)\b",
        "our": r"our\b",
        "pronoun": r"(?:it|its|they|their|this|these|those|such|one|there|he|his|she|her)\b"
        r"(?! (?:paper|work|article|study|review|survey)\b)",
        "evaluate": r"we (?:\w+ly )?(?:evaluate|test|validate|apply|conduct|perform|compare|verify|discuss|use|"
        r"consider|assume|observe|note|hope|believe|also)\b",
        "propose": r"we (?:\w+ly )?(?:propos|introduc|present|develop|devis|design|describ)",
        "show": r"(?:we|this paper) (?:\w+ly )?(?:show|demonstrat|prov[ei]|find|found|establish|argue|observe)",
    }
)
_FAMILIES = _rules(
    {
        "propose": r"\bpropos",
        "method": r"\b(?:method|approach|algorithm|framework|model)",
        "experiment": r"\b(?:experiment|evaluat|empiric|dataset|benchmark)",
        "new": r"\b(?:novel|new\b|first\b)",
        "learn": r"\b(?:learn|train)",
    }
)
_POINTER = re.compile(
    r"\b(?:this|these|those|such|the (?:above|aforementioned|former|latter|said))\b"
    r"(?! (?:paper|work|article|study|as|that|an?)\b)(?: [a-z-]+)?",
    re.IGNORECASE,
)
_ENUMERATES = re.compile(r"(?:^|\s)\(?(?:\d|i|ii|[ab])\)\s|:\s\d\b|\b(?:three|two|four) (?:stages|steps|parts)\b")
_WE = re.compile(r"\bwe\b", re.IGNORECASE)
_VAGUE = re.compile(
    r"\b(?:it|they|them)\b|\b(?:the|our) (?:proposed |new |novel |resulting )?(?:method|approach|model|algorithm|"
    r"framework|technique|system|architecture|network|scheme|work)s?\b",
    re.IGNORECASE,
)


def facts(title: str, sentences: Sequence[Sentence], options: Sequence[Candidate]) -> list[dict[str, float]]:
    """Return what is known about each candidate, by the names that the weights have."""
    measure = Measure(title, sentences)
    rows = [dict(measure.facts(option)) for option in options]
    for name in ("title recall", "centrality", "repeated size"):
        best = max((row[name] for row in rows), default=0.0) or 1.0
        for row in rows:
            row[f"{name} of best"] = row[name] / best
    return rows


def points_back(text: str) -> bool:
    """Tell whether the text says "this problem" or "such models" without having named them."""
    for found in _POINTER.finditer(text):
        before = re.findall(r"[a-z0-9]+", text[: found.start()].lower())
        noun = re.findall(r"[a-z]+", found[0].lower())[-1]
        if noun not in before and sum(word not in FUNCTION for word in before) < 12:
            return True
    return False


class Measure:
    """Measures the candidates of one paper."""

    def __init__(self, title: str, sentences: Sequence[Sentence]) -> None:
        """Take the paper the candidates are made of."""
        self.sentences = sentences
        self.stems = read(title, [sentence.text for sentence in sentences])

    def facts(self, candidate: Candidate) -> Iterator[Fact]:
        """Yield the facts about one candidate."""
        words = stems(candidate.text)
        own = frozenset(words)
        yield from self._place(candidate)
        yield from _size(words)
        yield from self._title(words, own)
        yield from self._centre(words, own - FUNCTION)
        yield from _wording(candidate.text)
        yield from self._source(candidate)

    def _place(self, candidate: Candidate) -> Iterator[Fact]:
        index, cues = candidate.sentence, self.stems.cues
        cue = cues[0] if cues else -1
        yield "first", float(index == 0)
        yield "second", float(index == 1)
        yield "first cue", float(index == cue)
        yield "first proposal", float(index in self.stems.proposals[:1])
        yield "before the cue", float(index < cue)
        yield "after the cue", float(cue >= 0 and index == cue + 1)
        yield "no cue", float(cue < 0)

    def _title(self, words: Sequence[str], own: frozenset[str]) -> Iterator[Fact]:
        shared = len(own & self.stems.title)
        recall = shared / (len(self.stems.title) or 1)
        yield "title shared", float(shared)
        yield "title recall", recall
        yield "title recall squared", recall * recall
        yield "title density", shared / (len(own) or 1)
        yield "title pairs", len(self.stems.title_pairs & set(pairwise(words))) / (len(self.stems.title_pairs) or 1)
        new = len(own - DULL - self.stems.title)
        yield "new share", new / (len(own) or 1)
        yield "new under 4", float(new < 4)
        yield "new under 8", float(new < 8)

    def _centre(self, words: Sequence[str], content: Iterable[str]) -> Iterator[Fact]:
        spread = [self.stems.spread.get(word, 0) for word in content]
        repeated = sum(often > 1 for often in spread)
        yield "centrality", sum(often - 1 for often in spread) / (len(spread) or 1) / len(self.sentences)
        yield "repeated", repeated / (len(spread) or 1)
        yield "repeated size", repeated / 10
        yield "content share", len(spread) / (len(words) or 1)

    def _source(self, candidate: Candidate) -> Iterator[Fact]:
        source = self.sentences[candidate.sentence]
        yield "source in this", float(source.text[:8].lower() in ("in this ", "in our p", "in our w"))
        yield "trails off", float(candidate.kept > 0.9 and source.text.endswith(("…", "….", "..")))
        yield "question", float(source.text.endswith("?"))
        yield "cut claim", float("claim" in candidate.steps)
        yield "cut mark", float("mark" in candidate.steps)
        if source.section:
            yield f"section {source.section}", 1.0


def _size(words: Sequence[str]) -> Iterator[Fact]:
    size = len(words) or 1
    yield "log size", math.log(size)
    yield "from 20", abs(size - 20) / 10
    yield "over 25", max(0, size - 25) / 10
    yield "under 12", max(0, 12 - size) / 10


def _wording(text: str) -> Iterator[Fact]:
    for name, rule in _STARTS:
        yield f"starts {name}", float(bool(rule.match(text)))
    for name, rule in _FAMILIES:
        yield f"says {name}", float(bool(rule.search(text)))
    yield "we", float(bool(_WE.search(text)))
    yield "vague", float(bool(_VAGUE.search(text)))
    yield "points back", float(points_back(text))
    yield "enumerates", float(bool(_ENUMERATES.search(text)))
    yield "unbalanced", float(not balanced(text))
    yield "commas", float(text.count(","))
    yield "brackets in", float("(" in text)
