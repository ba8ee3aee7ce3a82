"""Law 1, at length: what the index finds is what evaluation finds, with every construct of the language.

The suite looks at some ten thousand pairs; ``DIGESTBOT_LAW_PAIRS=100000`` asks for more.
"""

import os
from collections.abc import Sequence
from random import Random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from digestbot.matching import Index
from digestbot.matching.chunks import Cutter
from digestbot.matching.sheets import rows_of
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
    keys = {(selection.key(int(who)), int(paper)) for who, paper in numbered}
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


def test_everyone_who_asks_the_same_is_told() -> None:
    index = Index()
    asked = {f"q{at}": parse(("dog", "cat OR cow", "cow -dog", "ant bee", "dog cow")[at % 5]) for at in range(6000)}
    for key, query in asked.items():
        index.add(key, query)
        if len(index) == 4000:
            index.compact()
    words = ("dog", "cat", "cow", "ant bee", "fly")
    papers = [Document(Paper(" ".join(word for at, word in enumerate(words) if bits >> at & 1))) for bits in range(32)]

    for number in range(0, 4000, 7):
        index.remove(f"q{number}")
        del asked[f"q{number}"]
    assert found(index, papers) == expected(asked, papers)


@pytest.mark.no_cover
def test_many_queries_are_picked_or_scanned_alike() -> None:
    random, index = Random(1), Index()  # noqa: S311 (no secret)
    asked = {f"q{at}": parse(f"w{at % 700}x v{at % 31}y") for at in range(3000)}
    for key, query in asked.items():
        index.add(key, query)
    papers = [
        Document(Paper(" ".join(f"w{random.randrange(700)}x v{random.randrange(31)}y" for _ in range(9))))
        for _ in range(50)
    ]

    for batch in (papers[:1], papers[:5], papers):
        assert found(index, batch) == expected(asked, batch)


@pytest.mark.parametrize("count", [0, 3, 1023, 1024, 40_000])
def test_every_bit_is_listed_once(count: int) -> None:
    dice = np.random.default_rng(count)
    masks = dice.integers(0, 1 << 64, (7, count), np.uint64)
    masks = np.bitwise_and.reduce(masks[: 2 + count % 3]) * (masks[6] % np.uint64(5) > 0) | masks[6] % np.uint64(2)
    masks[: count // 50] = dice.integers(0, 1 << 64, count // 50, np.uint64)
    before = masks.copy()

    rows, papers = rows_of(masks)

    again = np.zeros(count, np.uint64)
    np.bitwise_or.at(again, rows, np.uint64(1) << papers.astype(np.uint64))
    assert (masks == before).all()
    assert (again == masks).all()
    assert len(rows) == int(np.bitwise_count(masks).sum())


@pytest.mark.parametrize("seed", range(4))
def test_what_is_near_for_all_papers_at_once_is_near_for_each(seed: int) -> None:
    random, index = Random(seed), Index()  # noqa: S311 (no secret)
    fields = ("", "title:", "abstract:", "keyword:", "all:")
    asked = {}
    for at in range(80):
        words = random.choices(("of", "the", "zero", "shot", "zeroshot", "sho*"), k=random.randrange(2, 5))
        asked[f"q{at}"] = parse(f'{random.choice(fields)}"{" ".join(words)}"~{random.randrange(1, 9)}')
        index.add(f"q{at}", asked[f"q{at}"])
    said = (
        "of",
        "the",
        "zero",
        "shot",
        "zero-shot",
        "zeroshot",
        "of-the",
        "x",
        "y",
        "x-zero-shot",
        "shots.",
        "a b c d",
    )

    def text(size: int) -> str:
        return " ".join(random.choices(said, k=random.randrange(size)))

    papers = [Document(Paper(text(9), abstract=text(25), keywords=(text(4), text(4)))) for _ in range(300)]

    pairs = expected(asked, papers)
    assert 2000 < len(pairs) < 20_000
    assert found(index, papers) == pairs


def cut(texts: Sequence[str], cutter: Cutter, names: list[str]) -> tuple[list[str], list[str], list[object], list[int]]:
    """Return words, the same with their endings, closed words, and whose they are, as the cutter sees them."""
    rows = cutter.cut(texts)
    closed = zip(rows.closed_at, rows.closed_width, rows.closed_words, rows.closed_plains, strict=True)
    return (
        [names[number] for number in rows.words],
        [names[number] for number in rows.plains],
        [(at, width, names[word], names[plain]) for at, width, word, plain in closed],
        rows.texts.tolist(),
    )


def cut_plainly(texts: Sequence[str]) -> tuple[list[str], list[str], list[object], list[int]]:
    """Return the same as `split` sees it."""
    words, plains, closed, whose = list[str](), list[str](), list[object](), list[int]()
    for number, text in enumerate(texts):
        found = split(text)
        closed += ((len(words) + first, width, word, plain) for first, width, word, plain in found.joined)
        words += (*found.words, "")
        plains += (*(found.plain(at) for at in range(len(found))), "")
        whose += [number] * (len(found) + 1)
    return words, plains, closed, whose


@given(odd_texts)
def test_texts_are_cut_as_split_cuts_them(texts: list[str]) -> None:
    vocabulary = Vocabulary()
    cutter = Cutter(vocabulary)
    for _ in range(2):
        assert cut(texts, cutter, vocabulary.words) == cut_plainly(texts)


_TEX = r"\ \' \c e E \ss \alpha \mathbb R \hat x \frac 12 3 { } $ ~ -- --- - s ’ &amp; & _ ^ times textit{ \textbf{ é"
TEX = (
    *_TEX.split(),
    "``",
    "''",
    "e\u0301",
    "ﬁ",
    "²",
    "\t",
    "中文",
    "\\ ",
    "\\cite{a b}",
    "\\vspace [",
    "- \n",
    "-\n ",
    "\n",
    " ",
    "  ",
)


def test_tex_between_plain_words_is_cut_as_split_cuts_it() -> None:
    random, vocabulary = Random(1), Vocabulary()  # noqa: S311 (no secret)
    cutter = Cutter(vocabulary)
    for _ in range(1500):
        odd = "".join(random.choice(TEX) + " " * (random.random() < 0.3) for _ in range(random.randrange(1, 25)))
        texts = [f"plain words here {odd} more plain words at the end", odd, f"and {random.choice(TEX)}  more words"]
        assert cut(texts, cutter, vocabulary.words) == cut_plainly(texts)


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
