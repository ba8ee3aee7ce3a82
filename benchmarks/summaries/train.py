"""Learns what the ranker of one-sentence summaries weighs, and says how good its choices are.

    .venv/bin/python benchmarks/summaries/train.py FOLDER            learns from train.jsonl, measures on dev.jsonl
    .venv/bin/python benchmarks/summaries/train.py FOLDER --with-dev learns from both; what is shipped
    … --write                                                        writes src/digestbot/summaries/weights.json

FOLDER holds SciTLDR-A (Cachola et al. 2020, github.com/allenai/scitldr, Apache-2.0): JSON Lines of "title", "source"
(the abstract as sentences) and "target" (summaries by people). For every candidate of an abstract the target is the
mean of ROUGE-1, -2 and -L against its best summary, and a little of what it says beyond the title, less the mean of
its paper; ridge regression on standardised facts, in closed form. About a minute; the same input gives the same file.
"""

import argparse
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from rouge import beyond, overlap, rouge, words

from digestbot.summaries.candidates import candidates
from digestbot.summaries.features import facts
from digestbot.summaries.ranking import BY_HAND
from digestbot.summaries.sentences import sentences
from digestbot.summaries.words import CUE

Numbers = NDArray[np.float64]
Places = NDArray[np.int64]

WEIGHTS = Path(__file__).parents[2] / "src" / "digestbot" / "summaries" / "weights.json"
RIDGE = 1500.0
BEYOND = 0.15
FOLDS = 5


class Sample(NamedTuple):
    """The candidates of many papers."""

    names: list[str]
    facts: Numbers
    """A row a candidate, a column a name."""
    scores: Numbers
    """ROUGE-1, -2, -L and what is beyond the title, a row a candidate."""
    papers: Places
    """The paper of each candidate."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--with-dev", action="store_true", help="learn from dev.jsonl too")
    parser.add_argument("--write", action="store_true", help="write the weights that are shipped")
    options = parser.parse_args()
    train, dev = _papers(options.folder / "train.jsonl"), _papers(options.folder / "dev.jsonl")
    learned = train + dev if options.with_dev else train
    sample, unseen = sample_of(learned), sample_of(dev)
    weights = fit(sample)
    print("mean over papers, best of their summaries       R1    R2    RL  points back  under 4 new words")
    for name, choose in (("first sentence of dev", _first), ("first that announces, dev", _first_cue)):
        print(f"{name:<44}", _figures(np.array([_scores(paper, choose(paper["source"])) for paper in dev])))
    print(f"{f'ranker, {FOLDS} folds of what is learned from':<44}", _chosen(sample, _held_out(sample)))
    told = "ranker, dev (which it has learned from)" if options.with_dev else "ranker, dev"
    print(f"{told:<44}", _chosen(unseen, unseen.facts @ weights))
    if options.write:
        _write(sample.names, weights, len(learned), with_dev=options.with_dev)


def sample_of(papers: Sequence[dict[str, Any]]) -> Sample:
    """Return facts and scores of every candidate of the papers."""
    rows: list[list[float]] = []
    scores: list[tuple[float, ...]] = []
    places: list[int] = []
    names: list[str] = []
    for place, paper in enumerate(papers):
        found = sentences(" ".join(paper["source"]))
        options = candidates(found)
        for option, row in zip(options, facts(paper["title"], found, options), strict=True):
            names = names or list(row)
            rows.append([row[name] for name in names])
            scores.append(_scores(paper, option.text))
            places.append(place)
    return Sample(names, np.array(rows), np.array(scores), np.array(places))


def fit(sample: Sample) -> Numbers:
    """Return the weight of each fact, those set by hand included."""
    value = sample.scores @ np.array([1 / 3, 1 / 3, 1 / 3, BEYOND])
    counts = np.maximum(np.bincount(sample.papers), 1)
    target = value - (np.bincount(sample.papers, value) / counts)[sample.papers]
    spread = sample.facts.std(axis=0) + 1e-9
    standard = (sample.facts - sample.facts.mean(axis=0)) / spread
    learned: Numbers = np.linalg.solve(
        standard.T @ standard + RIDGE * np.eye(len(spread)), standard.T @ (target - target.mean())
    )
    by_hand: Numbers = np.array([BY_HAND.get(name, 0.0) for name in sample.names])
    weights: Numbers = learned / spread + by_hand
    return weights


def _held_out(sample: Sample) -> Numbers:
    """Return for each candidate what weights say that were learned without its paper."""
    folds = np.random.default_rng(0).permutation(sample.papers.max() + 1)[sample.papers] % FOLDS
    sums = np.zeros(len(folds))
    for fold in range(FOLDS):
        rest, these = folds != fold, folds == fold
        part = Sample(sample.names, sample.facts[rest], sample.scores[rest], sample.papers[rest])
        sums[these] = sample.facts[these] @ fit(part)
    return sums


def _chosen(sample: Sample, sums: Numbers) -> str:
    order = np.lexsort((-sums, sample.papers))
    first = order[np.r_[True, np.diff(sample.papers[order]) > 0]]
    back, few = (100 * sample.facts[first, sample.names.index(name)].mean() for name in ("points back", "new under 4"))
    return f"{_figures(sample.scores[first])}  {back:.1f} %  {few:.1f} %"


def _figures(scores: Numbers) -> str:
    return " ".join(f"{100 * score:.2f}" for score in scores.mean(axis=0)[:3])


def _scores(paper: dict[str, Any], text: str) -> tuple[float, ...]:
    own, new = words(text), beyond(text, paper["title"])
    best = max((rouge(own, words(target)) for target in paper["target"]), key=lambda scores: scores[0])
    return (*best, max(overlap(new, beyond(target, paper["title"])) for target in paper["target"]))


def _first(source: Sequence[str]) -> str:
    return source[0]


def _first_cue(source: Sequence[str]) -> str:
    return next((sentence for sentence in source if CUE.search(sentence)), source[0])


def _papers(path: Path) -> list[dict[str, Any]]:
    papers = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    for paper in papers:
        paper["source"] = [text for sentence in paper["source"] if (text := " ".join(sentence.split()))]
    return papers


def _write(names: Sequence[str], weights: Numbers, papers: int, *, with_dev: bool) -> None:
    learned = {
        name: round(float(weight) - BY_HAND.get(name, 0.0), 4) for name, weight in zip(names, weights, strict=True)
    }
    split = "train and dev" if with_dev else "train"
    about = (
        f"Learned from {papers} papers of SciTLDR-A, {split} (Cachola, Lo, Cohan, Weld 2020, "
        "github.com/allenai/scitldr, "
        "Apache-2.0) by benchmarks/summaries/train.py"
    )
    WEIGHTS.write_text(json.dumps({"about": about, "weights": learned}, indent=0) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
