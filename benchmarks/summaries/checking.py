"""How the check of a model's sentence judges sentences by people, by ourselves, and about another paper.

    .venv/bin/python benchmarks/summaries/checking.py FOLDER

FOLDER holds SciTLDR-A, see train.py. What people wrote is the nearest to what a good model writes; a sentence about
another paper is the plainest invention. About a quarter of a minute.
"""

import json
import sys
import time
from collections import Counter
from pathlib import Path

from digestbot.summaries import summarise
from digestbot.summaries.checking import flaw


def main(folder: Path) -> None:
    papers = [json.loads(line) for line in (folder / "train.jsonl").read_text(encoding="utf-8").splitlines()]
    texts = [(paper["title"], " ".join(" ".join(paper["source"]).split())) for paper in papers]
    own = [summarise(*text) for text in texts]
    people = [_sentence(paper["target"][0]) for paper in papers]
    start = time.process_time()
    for name, said in (("by people", people), ("by us", own), ("by us, about another paper", own[1:] + own[:1])):
        found = [flaw(sentence, *text) for sentence, text in zip(said, texts, strict=True)]
        why = Counter(" ".join(reason.split()[:2]) + " …" for reason in found if reason)
        passed = 100 * found.count("") / len(found)
        print(f"{name:<28} {passed:5.1f} % pass; " + ", ".join(f"{n} {reason}" for reason, n in why.most_common(4)))
    print(f"{1000 * (time.process_time() - start) / 3 / len(texts):.2f} ms a sentence")


def _sentence(text: str) -> str:
    """Return what people wrote as a sentence: many left the capital or the full stop out."""
    line = " ".join(text.split()).replace(" .", ".").replace(" ,", ",")
    return line[:1].upper() + line[1:].rstrip(".") + "."


if __name__ == "__main__":
    main(Path(sys.argv[1]))
