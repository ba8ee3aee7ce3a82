"""One query against many stored papers: through the index of words, beside a plain scan.

    python benchmarks/backtest.py [PAPERS] [LEDGER]

Makes a ledger of that many papers (20,000 unless said otherwise), first seen evenly over 90 days; in a folder that is
removed at the end, or in LEDGER, which is used again when it is there. The papers are sentences of the digests in
../shared/seeds (else seeds/), mixed; in 49 of 50 papers all but the 60 most usual words are renamed to one of 49 other
vocabularies, so that words are about as rare as in a field of that size.

Each query is answered with the index three times, of which the median counts; once or twice when that takes longer than
five seconds. The plain scan holds it against the papers of the last nine days, and its time is taken ten times: that is
what a tenth of the papers costs. Both must find the same papers in those nine days. All times are the processor's.
"""

import random
import re
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median

from sqlalchemy import insert

from digestbot.ledger import Ledger, Transaction, filing, papers
from digestbot.ledger.schema import paper as paper_table
from digestbot.models import Paper
from digestbot.pipeline.backtesting import backtest, span_of
from digestbot.queries import Query, evaluate, parse
from digestbot.readers import read_path

ROOT = Path(__file__).resolve().parents[1]
NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
DAYS = 90
KEPT = 60
VOCABULARIES = 50
QUERIES = (
    '"mixture of experts"',
    '("mixture of experts" OR =MoE) (sparse OR pruning) -title:survey',
    "=RAG",
    "zeroshot",
    '"low rank adaptation"~5',
    "title:quantization",
    "~distill student",
    'prun* "language model"',
    "author:chen",
    "category:cs.CV diffusion",
    "quantum gravity",
    '"large language model" reasoning',
    "model",
)
_WORD = re.compile(r"[A-Za-z]{3,}")


def seeds() -> list[Paper]:
    shared = ROOT.parent / "shared" / "seeds"
    folder = shared if shared.is_dir() else ROOT / "seeds"
    found = [paper for path in sorted(folder.iterdir()) for paper in read_path(path).papers]
    return [paper for paper in found if paper.title]


class Maker:
    """Papers that nobody wrote, as many as are wanted."""

    def __init__(self) -> None:
        self._random = random.Random(1)
        self._papers = seeds()
        abstracts = [sentence for paper in self._papers for sentence in paper.abstract.split(". ") if sentence]
        self._sentences = abstracts or [paper.title for paper in self._papers]
        words = Counter(word.lower() for text in self._sentences for word in _WORD.findall(text))
        self._usual = {word for word, _ in words.most_common(KEPT)}

    def papers(self, count: int) -> Iterator[Paper]:
        for number in range(count):
            like, topic = self._random.choice(self._papers), self._random.randrange(VOCABULARIES)
            body = ". ".join(self._random.choice(self._sentences) for _ in range(8))
            yield Paper(
                self._renamed(like.title, topic),
                id=f"arxiv:{2000 + number // 90000}.{number % 90000:05}",
                abstract=self._renamed(body, topic),
                authors=tuple(self._renamed(name, topic) for name in like.authors) or (f"Ada Writer{topic}",),
                categories=(self._random.choice(("cs.LG", "cs.CL", "cs.CV", "stat.ML", "quant-ph")),),
                links=like.links,
            )

    def _renamed(self, text: str, topic: int) -> str:
        if not topic:
            return text
        end = "bcdfghjklm"[topic // 10] + "aeioubcdfg"[topic % 10]
        return _WORD.sub(lambda word: word[0] if word[0].lower() in self._usual else word[0] + end, text)


def fill(ledger: Ledger, count: int) -> None:
    """Store papers as an ingest would leave them, and tell what filing them took."""
    filed = 0.0
    some: list[tuple[int, Paper]] = []
    for row, item in enumerate(Maker().papers(count), 1):
        some.append((row, item))
        if len(some) == 1000 or row == count:
            with ledger.write() as tx:
                tx.connection.execute(insert(paper_table), [facts(row, item, count) for row, item in some])
                start = time.process_time()
                filing.file(tx.connection, some)
                filed += time.process_time() - start
            some = []
    print(f"filed in {1e6 * filed / count:,.0f} us a paper")


def facts(row: int, item: Paper, count: int) -> dict[str, object]:
    seen = NOW - timedelta(days=DAYS * (1 - row / count)) + timedelta(hours=11)
    return {"id": row, "canonical": item.id, "data": item.as_dict(), "first_seen": seen, "updated_at": seen}


def plain_scan(tx: Transaction, query: Query, since: datetime) -> tuple[float, list[str]]:
    start = time.process_time()
    found = [item.paper.id for item in papers.seen_since(tx, since) if evaluate(query, item.paper)]
    return time.process_time() - start, found


def measure(ledger: Ledger, text: str) -> None:
    query, times = parse(text), list[float]()
    while len(times) < 3 and sum(times) < 5:
        with ledger.read() as tx:
            start = time.process_time()
            found = backtest(tx, query, span_of(NOW, DAYS))
            times.append(time.process_time() - start)
    recent = span_of(NOW, DAYS // 10).since
    with ledger.read() as tx:
        scan, there = plain_scan(tx, query, recent)
    mine = [match.stored.paper.id for match in found.matches if match.stored.first_seen >= recent]
    assert sorted(mine) == sorted(there), text
    seconds = median(times)
    print(f"{text:<66} {len(found.matches):>7,} {seconds:>8.3f} {10 * scan:>8.1f} {10 * scan / seconds:>7.0f}")


def main(arguments: list[str]) -> None:
    count = int(arguments[0]) if arguments else 20_000
    with tempfile.TemporaryDirectory() as folder:
        file = Path(arguments[1]) if len(arguments) > 1 else Path(folder) / "ledger.db"
        known = file.exists()
        with Ledger.open(str(file)) as ledger:
            if not known:
                fill(ledger, count)
            run(ledger, file)


def run(ledger: Ledger, file: Path) -> None:
    with ledger.read() as tx:
        count = papers.count(tx)
        pages = "SELECT sum(pgsize) FROM dbstat WHERE name LIKE 'paper_words%'"
        index = tx.connection.exec_driver_sql(pages).scalar() or 0
    size = file.stat().st_size
    print(f"{count:,} papers, {size / 1e6:,.0f} MB; the index of words takes {index / count:,.0f} bytes a paper")
    print(f"{'query':<66} {'matches':>7} {'index s':>8} {'scan s':>8} {'ratio':>7}")
    for text in QUERIES:
        measure(ledger, text)


main(sys.argv[1:])
