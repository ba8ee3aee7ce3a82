"""What absurd queries cost: to compile, and to match beside 1,000 usual ones. CPU time.

python benchmarks/hostile_queries.py
"""

import time
import tracemalloc
from collections.abc import Callable

from matching_world import Asker, World

from digestbot.matching import Index
from digestbot.matching.cost import cost
from digestbot.models import Paper
from digestbot.queries import Query, parse

LETTERS = "abcdefghijklmnopqrstuvwxyz"


def words(count: int) -> list[str]:
    return [f"w{chr(97 + at % 26)}{chr(97 + at // 26 % 26)}{chr(97 + at // 676)}x" for at in range(count)]


def nested(depth: int) -> str:
    text = "deep"
    for at, word in enumerate(words(depth)):
        text = f"({text} {'OR' if at % 2 else 'AND'} {word})"
    return text


ABSURD: dict[str, Callable[[], str]] = {
    "one usual query": lambda: "sparse experts -survey",
    "10,000 alternatives": lambda: " OR ".join(words(10_000)),
    "10,000 words at once": lambda: " ".join(words(10_000)),
    "5,000 exclusions": lambda: "deep -" + " -".join(words(5_000)),
    "40 groups of 40 (40^40 clauses multiplied out)": lambda: " ".join(
        f"({' OR '.join(words(1600)[at : at + 40])})" for at in range(0, 1600, 40)
    ),
    "its negation": lambda: "-(" + ABSURD["40 groups of 40 (40^40 clauses multiplied out)"]() + ")",
    "brackets 49 deep": lambda: nested(49),
    "all 676 starts of two letters": lambda: " OR ".join(
        f"{chr(97 + a)}{chr(97 + b)}*" for a in range(26) for b in range(26)
    ),
    "ab*": lambda: "ab*",
    "a phrase of 100 stop words": lambda: f'"{"of the " * 50}"',
    "1,000 near stop words": lambda: " OR ".join(f'"the of {word}"~1000' for word in words(1000)),
    "of and the near each other": lambda: '"of the and"~3',
}


def main() -> None:
    world = World()
    papers = list(world.papers(1000))
    asker = Asker(papers)
    usual = [asker.query() for _ in range(1000)]
    print(f"{'query':48} {'terms':>7} {'compile':>9} {'memory':>8} {'clauses':>8} {'stages':>6} {'matching':>14}")
    matching(usual, None, papers)  # once to warm up
    base = matching(usual, None, papers)
    for name, text in ABSURD.items():
        query = parse(text())
        started = time.process_time()
        index = Index()
        index.add("absurd", query)
        compiled = time.process_time() - started
        tracemalloc.start()
        index = Index()
        index.add("absurd", query)
        memory = tracemalloc.get_traced_memory()[0]
        tracemalloc.stop()
        price = cost(query)
        took = matching(usual, query, papers)
        print(
            f"{name:48} {text().count(' ') + 1:7,} {compiled * 1e3:6.1f} ms {memory / 2**20:5.1f} MB {price.clauses:8,}"
            f" {price.stages:6} {(took - base) * 1e3:+7.0f} us/paper"
        )
    long = Paper("x", abstract="of the and zero-shot experts " * 200_000)
    index = Index()
    for at, one in enumerate(usual):
        index.add_text(f"{at}", one)
    started = time.process_time()
    index.select([long])
    took = time.process_time() - started
    print(f"a text of 1,000,000 words: {took:.2f} s (a usual paper: {base * 1e3:.0f} us)")


def matching(usual: list[str], absurd: Query | None, papers: list[Paper]) -> float:
    """Return CPU seconds for each 1,000 papers, words known."""
    index = Index()
    for at, text in enumerate(usual):
        index.add_text(f"{at}", text)
    if absurd:
        index.add("absurd", absurd)
    index.select(papers)
    times = []
    for _ in range(3):
        start = time.process_time()
        index.select(papers)
        times.append(time.process_time() - start)
    return min(times)


if __name__ == "__main__":
    main()
