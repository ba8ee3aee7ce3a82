"""Which of the candidates says best what is new: a sum of weighed facts, the greatest wins.

The weights were learned from papers whose authors wrote such a sentence themselves (``benchmarks/summaries``); a few
more are set by hand, for what the learned ones cannot know: where a reader stumbles, and what sections are for.
"""

import json
from collections.abc import Mapping, Sequence
from functools import lru_cache
from importlib.resources import files

from digestbot.summaries.candidates import Candidate
from digestbot.summaries.features import facts
from digestbot.summaries.sentences import Sentence

BY_HAND: Mapping[str, float] = {
    "points back": -0.1,
    "new under 4": -0.07,
    "starts pronoun": -0.05,
    "enumerates": -0.04,
    "trails off": -0.2,
    "question": -0.1,
    "unbalanced": -0.1,
    "section background": -0.25,
    "section aim": -0.08,
    "section methods": -0.15,
    "section results": 0.02,
    "section conclusions": 0.12,
}
"""What is added to the learned weights; one more point of ROUGE (of 100) is worth 0.01."""


def best(title: str, sentences: Sequence[Sentence], options: Sequence[Candidate]) -> Candidate:
    """Return the candidate with the greatest sum; the earliest of equals. `options` are not none."""
    weights = _weights()
    sums = [
        sum(weights[name] * value for name, value in row.items() if value and name in weights)
        for row in facts(title, sentences, options)
    ]
    return options[max(range(len(options)), key=lambda index: (sums[index], -index))]


@lru_cache(maxsize=1)
def _weights() -> Mapping[str, float]:
    text = files("digestbot.summaries").joinpath("weights.json").read_text(encoding="utf-8")
    learned: dict[str, float] = json.loads(text)["weights"]
    return {name: learned.get(name, 0.0) + BY_HAND.get(name, 0.0) for name in {*learned, *BY_HAND}}
