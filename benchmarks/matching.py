"""Papers matched per second against 1,000 to 1,000,000 subscriptions, beside tantivy and SQLite's FTS5.

    python benchmarks/matching.py [SUBSCRIPTIONS ...]

digestbot starts from papers as a digest holds them: TeX, closed words, plurals, fields, authors, categories, all on.
The peers get the same words ready made, each with its simplest tokenizer; they index the 1,000 papers and run every
query (beyond 10,000 queries a sample of 5,000, scaled). tantivy keeps its query objects. CPU time, best of three, of
papers whose words were seen before, as most are on any day but the first. Every engine's matches are counted.
"""

import resource
import sqlite3
import sys
import time
from collections.abc import Callable, Sequence

import tantivy
from matching_world import Asker, World

from digestbot.matching import Index
from digestbot.matching.snapshot import dump, load
from digestbot.models import Paper
from digestbot.queries import Document, Query, parse_canonical
from digestbot.queries.nodes import And, Author, Category, Not, Or, Phrase

PAPERS = 1000
SAMPLE = 5000
KEY = b"benchmark"


def main(sizes: Sequence[int]) -> None:
    world = World()
    seen = list(world.papers(3000))
    papers = seen[:PAPERS]
    asker = Asker(seen)
    rows = [peer_row(paper) for paper in papers]
    index, count = Index(), 0
    per_paper: dict[int, float] = {}
    for size in sizes:
        started = time.process_time()
        texts = []
        while count < size:
            texts.append(asker.query())
            count += 1
        made = time.process_time()
        for at, text in enumerate(texts, count - len(texts)):
            index.add_text(f"s{at}", text)
        index.compact()
        built = time.process_time()
        sample = [parse_canonical(text) for text in texts[: SAMPLE if size > 10_000 else size]]
        # the sample stands for all: queries come from one mix
        scale = size / len(sample)
        matched = [0, 0, 0]
        masks, pairs = ours(index, papers, matched)
        kept = tantivy_time(rows, sample, scale, matched)
        fts = fts_time(rows, sample, scale, matched)
        per_paper[size] = pairs / PAPERS
        print(
            f"{size:>9,} subscriptions: digestbot {PAPERS / pairs:,.0f} papers/s ({PAPERS / masks:,.0f} as masks)"
            f" | tantivy {PAPERS / kept:,.0f} | FTS5 {PAPERS / fts:,.0f}"
            f" | {kept / pairs:.1f}x tantivy, {fts / pairs:.1f}x FTS5"
            f" | matches {matched[0]:,} / {matched[1] * scale:,.0f} / {matched[2] * scale:,.0f}"
            f" | built {len(texts):,} in {built - made:.1f} s (written in {made - started:.1f} s)"
            f" | {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:,.0f} MB at most",
            flush=True,
        )
    tell_growth(per_paper)
    tell_life(index, papers)


def best(run: Callable[[], object], repeats: int = 3) -> float:
    times = []
    for _ in range(repeats):
        start = time.process_time()
        run()
        times.append(time.process_time() - start)
    return min(times)


def ours(index: Index, papers: Sequence[Paper], matched: list[int]) -> tuple[float, float]:
    for _ in range(2):
        index.select(papers)  # words and frequencies are learnt
    masks = best(lambda: index.select(papers))

    def all_pairs() -> None:
        matched[0] = sum(len(who) for who, _ in index.select(papers).pairs())

    return masks, best(all_pairs)


def peer_row(paper: Paper) -> tuple[str, str, str, str]:
    document = Document(paper)
    words = [" ".join(document.zone(zone).row) for zone in ("title", "abstract")]
    return words[0], words[1], " ".join(paper.authors).lower(), " ".join(map(category, paper.categories))


def category(code: str) -> str:
    return code.replace(".", "").replace("-", "").lower()


FIELDS = ("title", "abstract", "author", "cat")


def tantivy_time(rows: Sequence[Sequence[str]], sample: Sequence[Query], scale: float, matched: list[int]) -> float:
    builder = tantivy.SchemaBuilder()
    for field in FIELDS:
        builder.add_text_field(field, tokenizer_name="whitespace", index_option="position")
    schema = builder.build()
    queries = [tantivy_query(query, schema) for query in sample]

    def index() -> tantivy.Index:
        found = tantivy.Index(schema)
        writer = found.writer(heap_size=50_000_000, num_threads=1)
        for row in rows:
            writer.add_document(tantivy.Document(**dict(zip(FIELDS, row, strict=True))))
        writer.commit()
        writer.wait_merging_threads()
        found.reload()
        return found

    searcher = index().searcher()

    def search() -> None:
        matched[1] = sum(len(searcher.search(query, limit=PAPERS, count=False).hits) for query in queries)

    return best(index) + scale * best(search)


def tantivy_query(query: Query, schema: tantivy.Schema) -> tantivy.Query:
    must, may, never = tantivy.Occur.Must, tantivy.Occur.Should, tantivy.Occur.MustNot
    if isinstance(query, And):
        parts = [(never, part.part) if isinstance(part, Not) else (must, part) for part in query.parts]
        return tantivy.Query.boolean_query([(occur, tantivy_query(part, schema)) for occur, part in parts])
    if isinstance(query, Or):
        return tantivy.Query.boolean_query([(may, tantivy_query(part, schema)) for part in query.parts])
    if isinstance(query, Author):
        return tantivy.Query.term_query(schema, "author", query.family[0])
    if isinstance(query, Category):
        return tantivy.Query.term_query(schema, "cat", category(query.code))
    assert isinstance(query, Phrase)
    fields = [query.field] if query.field else ["title", "abstract"]
    return tantivy.Query.boolean_query([(may, tantivy_words(query.words, field, schema)) for field in fields])


def tantivy_words(words: Sequence[str], field: str, schema: tantivy.Schema) -> tantivy.Query:
    if len(words) > 1:
        return tantivy.Query.phrase_query(schema, field, list(words))
    if words[0].endswith("*"):
        return tantivy.Query.regex_query(schema, field, f"{words[0][:-1]}.*")
    return tantivy.Query.term_query(schema, field, words[0])


def fts_time(rows: Sequence[Sequence[str]], sample: Sequence[Query], scale: float, matched: list[int]) -> float:
    texts = [fts_query(query) for query in sample]

    def index() -> sqlite3.Connection:
        found = sqlite3.connect(":memory:")
        found.execute("CREATE VIRTUAL TABLE paper USING fts5(title, abstract, author, cat, tokenize='ascii')")
        found.executemany("INSERT INTO paper VALUES (?, ?, ?, ?)", rows)
        return found

    database = index()

    def search() -> None:
        run = database.execute
        matched[2] = sum(len(run("SELECT rowid FROM paper WHERE paper MATCH ?", (text,)).fetchall()) for text in texts)

    return best(index) + scale * best(search)


def fts_query(query: Query) -> str:
    if isinstance(query, And):
        wanted = " AND ".join(fts_query(part) for part in query.parts if not isinstance(part, Not))
        unwanted = [fts_query(part.part) for part in query.parts if isinstance(part, Not)]
        return f"(({wanted}) NOT ({' OR '.join(unwanted)}))" if unwanted else f"({wanted})"
    if isinstance(query, Or):
        return f"({' OR '.join(map(fts_query, query.parts))})"
    if isinstance(query, Author):
        return f'author : "{query.family[0]}"'
    if isinstance(query, Category):
        return f'cat : "{category(query.code)}"'
    assert isinstance(query, Phrase)
    words = query.words[0]
    text = f'"{words[:-1]}"*' if words.endswith("*") else f'"{" ".join(query.words)}"'
    return f"{{{query.field or 'title abstract'}}} : {text}"


def tell_growth(per_paper: dict[int, float]) -> None:
    sizes = [size for size in per_paper if size >= 10_000]
    if len(sizes) > 1:
        from math import log  # noqa: PLC0415

        low, high = sizes[0], sizes[-1]
        exponent = log(per_paper[high] / per_paper[low]) / log(high / low)
        print(f"time per paper from {low:,} to {high:,}: exponent {exponent:.2f}")


def tell_life(index: Index, papers: Sequence[Paper]) -> None:
    """What adding, removing, keeping and starting anew cost beside everything that is there."""
    size = len(index)
    texts = [f"w{chr(97 + at % 26)}{chr(97 + at // 26 % 26)}x {chr(97 + at // 676)}qv" for at in range(1000)]
    queries = [parse_canonical(text) for text in texts]
    start = time.process_time()
    for at, query in enumerate(queries):
        index.add(f"new{at}", query)
    added = time.process_time()
    for at in range(1000):
        index.remove(f"s{at}")
    removed = time.process_time()
    index.select(papers[:1])
    matched = time.process_time()
    pieces = b"".join(dump(index, {}, KEY))
    dumped = time.process_time()
    again = load(pieces, KEY)
    loaded = time.process_time()
    assert again is not None
    assert len(again.restored) == size
    print(
        f"add {(added - start) * 1e3:.1f} us, remove {(removed - added) * 1e3:.1f} us, next match of one paper"
        f" {(matched - removed) * 1e3:.1f} ms, snapshot {len(pieces) / size:.0f} bytes a subscription, written in"
        f" {dumped - matched:.2f} s, started from in {loaded - dumped:.2f} s"
    )


if __name__ == "__main__":
    main([int(text.replace(",", "")) for text in sys.argv[1:]] or [1000, 10_000, 100_000, 1_000_000])
