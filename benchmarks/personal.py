"""How long it takes to learn what a person likes, and to say how a paper stands to it."""

import json
import sys
import time
from pathlib import Path
from random import Random

from digestbot.models import Paper
from digestbot.personal import JUDGED, OTHERS, learn
from digestbot.readers import read_path

ROOT = Path(__file__).resolve().parents[1]


def made(count: int, dice: Random) -> list[Paper]:
    """Return papers of 160 words each, drawn from the seeds' words so that common ones stay common."""
    texts = [
        paper.title + " " + paper.abstract for path in sorted(ROOT.glob("seeds/*")) for paper in read_path(path).papers
    ]
    words = " ".join(texts).split() + [f"word{number}" for number in range(3000)]
    return [
        Paper(" ".join(dice.choices(words, k=10)), f"x:{n}", abstract=" ".join(dice.choices(words, k=150)))
        for n in range(count)
    ]


def main() -> None:
    dice = Random(1)
    papers = made(2 * JUDGED + OTHERS, dice)
    start = time.perf_counter()
    taste = learn(papers[:JUDGED], papers[JUDGED : 2 * JUDGED], papers[2 * JUDGED :])
    learned = time.perf_counter()
    for paper in papers[:200]:
        taste.leaning(paper)
    said = time.perf_counter()
    size = len(json.dumps(taste.as_dict()))
    sys.stdout.write(
        f"learned from {len(papers)} papers in {learned - start:.1f} s: {len(taste.words)} words, {size // 1000} kB; "
        f"a leaning takes {(said - learned) / 200 * 1000:.1f} ms\n"
    )


if __name__ == "__main__":
    main()
