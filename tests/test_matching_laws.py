"""Law 1, at length: what the index finds is what evaluation finds, with every construct of the language.

The suite looks at some ten thousand pairs; ``DIGESTBOT_LAW_PAIRS=100000`` asks for more.
"""

import os
from collections.abc import Sequence
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digestbot.matching import Index
from digestbot.matching.chunks import Cutter
from digestbot.matching.vocabulary import Vocabulary
from digestbot.models import Paper
from digestbot.queries import Document, Query, evaluate, format_query, parse, parse_canonical
from digestbot.text import clean_text, split
from digestbot.text.words import _clean
from strategies import askable_paper, printed_text, printed_texts, queries, query_texts

PAIRS = int(os.environ.get("DIGESTBOT_LAW_PAIRS", "12800"))
PAPERS, QUERIES = 64, 50
ODD = (
    *("--", "---", "``", "''", "zero-", "\n", " \n", "-\n", "-\n\n", "-\n\n\n\n", "shot", "textit{", "1pm2", "3times"),
    *(
        "\\",
        "}{",
        "} {",
        "~",
        "-",
        "\ud800",
        "\x00",
        "\xff",
        "\u2028",
        "\x1c",
        "'s",
        "s",
        "’",
        "\u3000",
        "-\xa0\n",
        "\x85",
    ),
)
odd_texts = st.lists(printed_texts() | st.lists(st.sampled_from(ODD) | printed_texts()).map("".join), max_size=3)


def documents(random: Random, count: int) -> list[Document]:
    return [Document(askable_paper(random), random.choice(("", "daily", ("a", "daily sparse")))) for _ in range(count)]


def found(index: Index, papers: Sequence[Document]) -> set[tuple[str, int]]:
    """Return the pairs twice over: as columns of numbers, and as keys; both ways agree."""
    selection = index.select(papers)
    numbered = {(who, paper) for column in selection.pairs() for who, paper in zip(*map(list, column), strict=True)}
    keys = {(index.key(int(who)), int(paper)) for who, paper in numbered}
    assert len(keys) == len(numbered)
    return keys


def expected(asked: dict[str, Query], papers: Sequence[Document]) -> set[tuple[str, int]]:
    return {(key, at) for at, paper in enumerate(papers) for key, query in asked.items() if evaluate(query, paper)}


@pytest.mark.parametrize("seed", range(PAIRS // (PAPERS * QUERIES)))
def test_the_index_finds_what_evaluation_finds(seed: int) -> None:
    random = Random(seed)  # noqa: S311 (no secret)
    asked = {f"q{at}": parse(query_texts(random)) for at in range(QUERIES)}
    papers = documents(random, PAPERS)
    index = Index()
    for at, (key, query) in enumerate(asked.items()):
        index.add(key, query)
        if at == 20:
            found(index, papers[:3])
        if at == 30:
            index.compact()

    assert found(index, papers) == expected(asked, papers)
    assert found(index, papers[:1]) == expected(asked, papers[:1])


@pytest.mark.no_cover
def test_many_queries_are_picked_or_scanned_alike() -> None:
    random, index = Random(1), Index()  # noqa: S311 (no secret)
    asked = {f"q{at}": parse(f"w{at % 700}x v{at % 31}y") for at in range(5000)}
    for key, query in asked.items():
        index.add(key, query)
    papers = [
        Document(Paper(" ".join(f"w{random.randrange(700)}x v{random.randrange(31)}y" for _ in range(9))))
        for _ in range(70)
    ]

    for batch in (papers[:1], papers[:5], papers):
        assert found(index, batch) == expected(asked, batch)


@given(odd_texts)
def test_texts_are_cut_as_split_cuts_them(texts: list[str]) -> None:
    vocabulary = Vocabulary()
    cutter = Cutter(vocabulary)
    for _ in range(2):
        rows, words, plains, closed = cutter.cut(texts), list[str](), list[str](), list[tuple[int, int, str, str]]()
        for text in texts:
            cut = split(text)
            closed += ((len(words) + first, width, word, plain) for first, width, word, plain in cut.joined)
            words += (*cut.words, "")
            plains += (*(cut.plain(at) for at in range(len(cut))), "")
        names = vocabulary.words
        columns = (rows.closed_at, rows.closed_width, rows.closed_words, rows.closed_plains)

        assert [names[number] for number in rows.words] == words
        assert [names[number] for number in rows.plains] == plains
        assert rows.texts.tolist() == [at for at, text in enumerate(texts) for _ in range(len(split(text)) + 1)]
        assert [
            (at, width, names[word], names[plain]) for at, width, word, plain in zip(*columns, strict=True)
        ] == closed


@given(odd_texts)
def test_a_text_is_cleaned_alike_with_and_without_the_way_back(texts: list[str]) -> None:
    for text in texts:
        assert clean_text(text) == _clean(text).text


@given(queries())
def test_canonical_text_is_read_alike_in_both_ways(query: Query) -> None:
    text = format_query(query)

    assert parse_canonical(text) == parse(text) == query


def test_words_nobody_asks_for_are_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("digestbot.matching.chunks._MOST_CHUNKS", 50)
    random, index = Random(3), Index()  # noqa: S311 (no secret)
    asked = {f"q{at}": parse(query_texts(random)) for at in range(60)}
    for key, query in asked.items():
        index.add(key, query)
    for round_ in range(6):
        other = " ".join(f"{chr(97 + round_)}word{chr(97 + at % 26)}{chr(97 + at // 26)}" for at in range(80))
        papers = [*documents(random, 20), Document(Paper(other + printed_text(random)))]
        assert found(index, papers) == expected(asked, papers)
    assert len(index.atoms.vocabulary) < 1200
