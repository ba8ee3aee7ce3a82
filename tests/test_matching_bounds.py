"""Absurd queries and texts: what they cost is bounded, and told. And the index lives: it changes while it matches."""

import sqlite3
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from random import Random
from threading import Barrier, Thread

import pytest
import tantivy
from click.testing import CliRunner

from digestbot.cli import cli
from digestbot.matching import Index
from digestbot.matching.cost import cost, remarks
from digestbot.models import Paper
from digestbot.queries import Document, Query, all_of, any_of, evaluate, leaves, negate, parse
from digestbot.queries.nodes import And, Not, Or, Phrase
from digestbot.text.words import Words


def word(number: int) -> str:
    return f"w{chr(97 + number % 26)}{chr(97 + number // 26 % 26)}{chr(97 + number // 676)}x"


def bomb(groups: int, size: int) -> Query:
    """A conjunction of alternatives that multiplies out to ``size ** groups`` clauses."""
    return all_of(any_of(Phrase((word(group * size + at),)) for at in range(size)) for group in range(groups))


def nested(depth: int) -> Query:
    query: Query = Phrase(("deep",))
    for at in range(depth):
        query = (any_of if at % 2 else all_of)([query, Phrase((word(at),)), negate(Phrase((word(at + 500),)))])
    return query


ABSURD = {
    "alternatives": any_of(Phrase((word(at),)) for at in range(10_000)),
    "conjunction": all_of(Phrase((word(at),)) for at in range(10_000)),
    "exclusions": all_of([Phrase(("deep",)), *(negate(Phrase((word(at),))) for at in range(5_000))]),
    "bomb": bomb(40, 40),
    "negated bomb": negate(bomb(40, 40)),
    "nested": nested(50),
    "starts": any_of(Phrase((f"{chr(97 + at % 26)}{chr(97 + at // 26)}*",)) for at in range(676)),
    "near": any_of(parse(f'"the {word(at)}"~1000') for at in range(1000)),
    "stop words": any_of(Phrase(("the", "of", "and", "the")[: 2 + at % 3], ("", "title")[at % 2]) for at in range(6)),
    "long phrase": Phrase(("of", "the") * 50),
}


@pytest.mark.parametrize("name", ABSURD)
def test_clauses_never_outgrow_the_query(name: str) -> None:
    query = ABSURD[name]

    assert cost(query).clauses <= 2 * sum(1 for _ in leaves(query)) + 2


@pytest.mark.parametrize("name", ABSURD)
def test_an_absurd_query_is_answered_like_any_other(name: str) -> None:
    query, random, index = ABSURD[name], Random(2), Index()  # noqa: S311 (no secret)
    index.add("absurd", query)
    index.add("other", parse("deep"))
    texts = [" ".join(random.choices([word(at) for at in range(1600)], k=60)) for _ in range(4)]
    texts += [
        " ".join(word(group * 40 + random.randrange(40)) for group in range(40)),
        "deep of the and the",
        "of the " * 60,
    ]
    papers = [Document(Paper(text, abstract=f"deep {text}")) for text in texts]

    found = {(match.subscription, match.paper) for match in index.match(papers)}

    assert {paper.paper for paper in papers if evaluate(query, paper)} == {
        paper for key, paper in found if key == "absurd"
    }
    assert len([key for key, _ in found if key == "other"]) == len(papers)


def test_what_costs_much_is_told() -> None:
    assert remarks(parse("sparse experts OR prun*")) == ()
    assert "10,000 queries" in remarks(ABSURD["alternatives"])[0]
    assert "nearness" in remarks(ABSURD["near"])[1]
    told = CliRunner().invoke(cli, ["query", "ab* experts"])
    assert '"ab*" begins some word of nearly every paper' in told.output
    assert remarks(parse("ab* experts")) == ('"ab*" begins some word of nearly every paper',)


def test_a_text_of_hundreds_of_thousands_of_words_is_matched() -> None:
    index = Index()
    for at, query in enumerate(('"of the and"', "zeroshot", "wa*", '"experts routing"~5')):
        index.add(f"{at}", parse(query))
    text = "of the and zero-shot experts " * 50_000

    selection = index.select([Paper("x", abstract=text)])
    assert sorted(selection.key(int(who)) for column in selection.pairs() for who in column[0]) == ["0", "1"]


def test_the_index_changes_while_others_match() -> None:
    index, papers = Index(), [Document(Paper(f"{word(at)} deep")) for at in range(300)]
    for at in range(300):
        index.add(f"fixed{at}", parse(word(at)))
    errors: list[object] = []

    def match() -> None:
        for _ in range(6):
            found = {(m.subscription, m.paper.title) for m in index.match(papers) if m.subscription.startswith("fixed")}
            if found != {(f"fixed{at}", f"{word(at)} deep") for at in range(300)}:
                errors.append(found)

    threads = [Thread(target=match) for _ in range(2)]
    for thread in threads:
        thread.start()
    for at in range(1500):
        index.add(f"new{at}", parse(f"{word(at % 900)} -{word(at % 70)}"))
        if at % 3 == 0:
            index.remove(f"new{at // 2}") if f"new{at // 2}" in index else None
        if at % 700 == 0:
            index.compact()
    for thread in threads:
        thread.join()

    assert errors == []


WORDS = [word(at) for at in range(60)]


def shared_queries(random: Random) -> str:
    """Words, phrases, starts, titles and boolean operators: what the peers have as well."""
    one, two, three = random.choices(WORDS, k=3)
    return random.choice(
        (one, f"{one} {two}", f'"{one} {two}"', f'"{one} {two} {three}"', f"{one} OR {two}", f"{one} {two} -{three}",
         f"{one[:3]}*", f"title:{one}", f'title:"{one} {two}"', f'({one} OR "{two} {three}") {three}')
    )  # fmt: skip


def rows(papers: Sequence[Paper]) -> list[tuple[str, str]]:
    return [tuple(" ".join(Document(paper).zone(zone).row) for zone in ("title", "abstract")) for paper in papers]  # type: ignore[misc]


def world() -> tuple[dict[str, Query], list[Paper], set[tuple[str, int]]]:
    random, index = Random(11), Index()  # noqa: S311 (no secret)
    asked = {f"q{at}": parse(shared_queries(random)) for at in range(400)}
    for key, query in asked.items():
        index.add(key, query)
    texts = [[" ".join(random.choices(WORDS, k=size)) for size in (5, 40)] for _ in range(150)]
    papers = [Paper(title, abstract=abstract) for title, abstract in texts]
    selection = index.select(papers)
    pairs = [pair for column in selection.pairs() for pair in zip(*column, strict=True)]
    return asked, papers, {(selection.key(int(who)), int(paper)) for who, paper in pairs}


def test_sqlite_finds_the_same() -> None:
    asked, papers, found = world()
    database = sqlite3.connect(":memory:")
    database.execute("CREATE VIRTUAL TABLE paper USING fts5(title, abstract, tokenize='ascii')")
    database.executemany("INSERT INTO paper VALUES (?, ?)", rows(papers))

    theirs = {
        (key, row - 1)
        for key, query in asked.items()
        for (row,) in database.execute("SELECT rowid FROM paper WHERE paper MATCH ?", (fts(query),))
    }
    database.close()

    assert len(found) > 3000
    assert theirs == found


def fts(query: Query) -> str:
    if isinstance(query, And):
        wanted = " AND ".join(fts(part) for part in query.parts if not isinstance(part, Not))
        unwanted = [fts(part.part) for part in query.parts if isinstance(part, Not)]
        return f"(({wanted}) NOT {unwanted[0]})" if unwanted else f"({wanted})"
    if isinstance(query, Or):
        return f"({' OR '.join(map(fts, query.parts))})"
    assert isinstance(query, Phrase)
    text = " ".join(query.words)
    return f"{{{query.field or 'title abstract'}}} : " + (f'"{text[:-1]}"*' if text[-1] == "*" else f'"{text}"')


def test_tantivy_finds_the_same() -> None:
    asked, papers, found = world()
    builder = tantivy.SchemaBuilder()
    for field in ("title", "abstract"):
        builder.add_text_field(field, tokenizer_name="whitespace", index_option="position")
    builder.add_unsigned_field("row", stored=True)
    schema = builder.build()
    index = tantivy.Index(schema)
    writer = index.writer(heap_size=20_000_000, num_threads=1)
    for at, (title, abstract) in enumerate(rows(papers)):
        writer.add_document(tantivy.Document(title=title, abstract=abstract, row=at))
    writer.commit()
    writer.wait_merging_threads()
    index.reload()
    searcher = index.searcher()

    theirs = {
        (key, int(searcher.doc(address)["row"][0]))
        for key, query in asked.items()
        for _, address in searcher.search(tantivy_query(query, schema), limit=len(papers), count=False).hits
    }

    assert theirs == found


def tantivy_query(query: Query, schema: tantivy.Schema) -> tantivy.Query:
    must, may, never = tantivy.Occur.Must, tantivy.Occur.Should, tantivy.Occur.MustNot
    if isinstance(query, And):
        parts = [(never, part.part) if isinstance(part, Not) else (must, part) for part in query.parts]
        return tantivy.Query.boolean_query([(occur, tantivy_query(part, schema)) for occur, part in parts])
    if isinstance(query, Or):
        return tantivy.Query.boolean_query([(may, tantivy_query(part, schema)) for part in query.parts])
    assert isinstance(query, Phrase)
    fields = [query.field] if query.field else ["title", "abstract"]
    return tantivy.Query.boolean_query([(may, tantivy_leaf(query.words, field, schema)) for field in fields])


def tantivy_leaf(words: Sequence[str], field: str, schema: tantivy.Schema) -> tantivy.Query:
    if len(words) > 1:
        return tantivy.Query.phrase_query(schema, field, list(words))
    if words[0][-1] == "*":
        return tantivy.Query.regex_query(schema, field, f"{words[0][:-1]}.*")
    return tantivy.Query.term_query(schema, field, words[0])


def test_two_threads_may_ask_at_once_where_words_stand() -> None:
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    try:
        ask_at_once()
    finally:
        sys.setswitchinterval(interval)


def ask_at_once() -> None:
    text = "word " * 20_000
    for _ in range(5):
        words = Words(text)
        start = Barrier(3)

        def last(words: Words = words, start: Barrier = start) -> tuple[int, int]:
            start.wait()
            return words.span(19_999, 20_000)

        with ThreadPoolExecutor(3) as threads:
            found = [threads.submit(last) for _ in range(3)]
        assert {item.result() for item in found} == {(99_995, 99_999)}
