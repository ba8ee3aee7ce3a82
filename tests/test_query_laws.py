"""The laws of the query language, for all queries and papers."""

import re

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from digestbot.errors import QueryError
from digestbot.matching import Index, explain, find
from digestbot.models import Hit, Match, Paper
from digestbot.queries import (
    Document,
    Leaf,
    Query,
    all_of,
    any_of,
    evaluate,
    excludes_only,
    format_query,
    negate,
    parse,
    parse_with_warnings,
)
from digestbot.queries.nodes import Near, Phrase, Stems
from digestbot.queries.terms import exact
from digestbot.text import fold, plain_word, split, stem_word
from strategies import askable_papers, leaf_texts, printed_texts, queries, query_noise

MACROS = {"moe": '"mixture of experts" OR =MoE', "loop": "@loop a", "deep": "@moe sparse"}
LETTERS = ("zero", "shot", "multi", "head", "pre", "train", "k", "mean", "data", "set")
some_queries = st.lists(queries(), max_size=4)
some_papers = st.lists(askable_papers(), max_size=3)


def brute_force(asked: dict[str, Query], seen: list[Paper]) -> list[tuple[str, Paper]]:
    return [(key, paper) for paper in seen for key in sorted(asked) if evaluate(asked[key], paper)]


def pairs(matches: list[Match]) -> list[tuple[str, Paper]]:
    return [(match.subscription, match.paper) for match in matches]


@given(some_queries, some_papers, some_papers)
def test_the_index_finds_what_evaluation_finds(asked: list[Query], first: list[Paper], second: list[Paper]) -> None:
    index, by_key = Index(), {f"q{at}": query for at, query in enumerate(asked)}
    for key, query in by_key.items():
        index.add(key, query)

    assert pairs(index.match(first)) == brute_force(by_key, first)
    assert pairs(index.match(second)) == brute_force(by_key, second)


@given(queries())
def test_what_is_printed_is_read_back(query: Query) -> None:
    text = format_query(query)

    assert parse(text) == query
    assert format_query(parse(text)) == text


@given(leaf_texts())
def test_what_is_typed_is_printed_and_read_back(text: str) -> None:
    assert parse(format_query(parse(text))) == parse(text)


@given(query_noise())
def test_any_text_gives_a_query_or_an_error_with_a_place(text: str) -> None:
    try:
        query, warnings, _ = parse_with_warnings(text, MACROS)
    except QueryError as error:
        check_error(error, text)
    else:
        assert parse(format_query(query)) == query
        assert all(0 <= warning.column <= len(text) for warning in warnings)


def check_error(error: QueryError, text: str) -> None:
    assert 0 <= error.column <= len(text)
    assert error.message in str(error)
    if error.repair is not None:
        parse(error.repair, MACROS)


@given(queries(), queries(), queries(), askable_papers())
def test_boolean_algebra_changes_no_match(one: Query, two: Query, three: Query, paper: Paper) -> None:
    document = Document(paper)

    def same(left: Query, right: Query) -> bool:
        return evaluate(left, document) is evaluate(right, document)

    assert negate(negate(one)) == one
    assert same(negate(all_of([one, two])), any_of([negate(one), negate(two)]))
    assert same(negate(any_of([one, two])), all_of([negate(one), negate(two)]))
    assert same(all_of([one, two]), all_of([two, one]))
    assert same(any_of([one, two]), any_of([two, one]))
    assert same(all_of([one, any_of([two, three])]), any_of([all_of([one, two]), all_of([one, three])]))
    assert same(any_of([one, all_of([two, three])]), all_of([any_of([one, two]), any_of([one, three])]))


@given(queries(), askable_papers())
def test_every_hit_is_a_slice_that_folds_to_what_it_stands_for(query: Query, paper: Paper) -> None:
    hits = find(query, Document(paper, source="daily sparse models"))

    assert list(hits) == list(dict.fromkeys(hits))
    for hit in hits:
        if hit.field in ("title", "abstract", "comments", "keywords", "venue", "organization", "affiliations"):
            assert hit.text == text_of(paper, hit)[hit.start : hit.end]
            assert stands_for(hit.clause, hit.text)
        elif hit.field in ("authors", "categories", "links"):
            assert hit.item is not None
            assert hit.text


def text_of(paper: Paper, hit: Hit) -> str:
    value = getattr(paper, hit.field)
    return str(value if hit.item is None else value[hit.item])


def stands_for(clause: str, text: str) -> bool:
    """Return whether `text` folds to the words of a clause in canonical form, closed words aside."""
    body = clause.partition(":")[2] if re.match("[a-z]+:", clause) else clause
    words = re.sub(r'^[=~]|"(?:~\d+)?', "", body)
    if body.startswith("~"):
        return [stem_word(word) for word in split(text).words] == words.split()
    if body.startswith("="):
        return fold(text) == fold(words)
    surfaces = "".join(map(plain_word, split(text).surfaces))
    if "~" in body:
        return any(asked(word, text, surfaces) for word in words.split())
    if "*" in body:
        pattern = ".*".join(map(re.escape, words.replace(" ", "").split("*")))
        return re.match(pattern, surfaces) is not None or re.match(pattern, fold(text).replace(" ", "")) is not None
    return fold(text).replace(" ", "") == words.replace(" ", "")


def asked(word: str, text: str, surfaces: str) -> bool:
    return surfaces.startswith(word[:-1]) if word.endswith("*") else fold(text).replace(" ", "") == word


@given(printed_texts(), st.data())
def test_what_a_paper_says_is_found_there(text: str, data: st.DataObject) -> None:
    words = split(text)
    assume(words.words)
    first = data.draw(st.integers(0, len(words) - 1))
    end = data.draw(st.integers(first + 1, min(len(words), first + 4)))
    run = words.words[first:end]
    last, said = words.plain(end - 1), text[slice(*words.span(first, end))]
    free = (first == 0 or words.gap(first)) and (end == len(words) or words.gap(end))
    leaves: list[Leaf | None] = [
        Phrase(tuple(run)),
        Phrase((*run[:-1], f"{last}*")) if len(last) > 1 else None,
        Phrase((*run[:-1], f"{last[:2]}*")) if len(last) > 1 else None,
        Stems(tuple(map(stem_word, run))),
        Near(tuple(dict.fromkeys(run)), end - first) if len(set(run)) > 1 else None,
        exact("", said, 0) if free else None,
    ]
    paper = Paper(title="", abstract=text)

    for leaf in leaves:
        if leaf is None:
            continue
        query = parse(format_query(leaf))
        index = Index()
        index.add("one", query)

        assert evaluate(query, paper)
        assert [match.hits for match in index.match([paper])] == [find(query, paper)]
        assert isinstance(leaf, Near) or words.span(first, end)[0] in {hit.start for hit in find(query, paper)}


@given(st.lists(st.sampled_from(LETTERS), min_size=2, max_size=3), st.sampled_from("-–/_'"), printed_texts())
def test_joined_and_closed_words_match_each_other(parts: list[str], joint: str, rest: str) -> None:
    closed, joined = "".join(parts), joint.join(parts)

    for asked, said in ((closed, joined), (joined, closed), (f'"{" ".join(parts)}"', closed), (f'"{joined}"', joined)):
        paper = Paper(title=f"{said}. {rest}")
        assert evaluate(parse(asked), paper)
        assert find(parse(asked), paper)[0].text == said


@given(query_noise() | leaf_texts())
def test_a_clause_as_typed_is_read_as_that_clause(text: str) -> None:
    try:
        typed = parse_with_warnings(text, MACROS).typed
    except QueryError:
        return
    assert [(words, parse(words)) for words in typed.values()] == [(words, leaf) for leaf, words in typed.items()]


@given(queries(), askable_papers())
def test_a_match_has_hits_unless_it_only_excludes(query: Query, paper: Paper) -> None:
    hits = find(query, paper)

    if hits:
        assert evaluate(query, paper)
    elif evaluate(query, paper):
        assert excludes_only(query)


@given(queries(), askable_papers())
def test_an_explanation_agrees_with_the_verdict(query: Query, paper: Paper) -> None:
    told = explain(query, paper)

    assert told.matched is evaluate(query, paper)
    assert bool(told.nearest) is not told.matched
    assert told.query in str(told)


@given(printed_texts())
def test_folding_is_idempotent(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@given(printed_texts())
def test_every_run_of_words_reads_alone_as_it_reads_in_its_text(text: str) -> None:
    words = split(text)

    for first in range(len(words)):
        for end in range(first + 1, len(words) + 1):
            start, stop = words.span(first, end)
            assert split(text[start:stop]).words == words.words[first:end]


VARIANTS = (
    ("zero-shot transfer", "zero shot transfer", "Zero_Shot Transfer", "zero/shot transfer", "zero–shot transfers"),
    ("Schölkopf", "SCHOLKOPF", "Scho\u0308lkopf", 'Sch{\\"o}lkopf', 'Sch\\"olkopf', "Sch&ouml;lkopf"),
    ("large language model", "Large Language Models", "LARGE  LANGUAGE\nMODELS", "\\textbf{large} language model’s"),
    ("GPT-4", "GPT4", "gpt 4", "GPT–4"),
    ("H2O", "H$_2$O", "H_2O", "H₂O", "H\\textsubscript{2}O"),
    ("analysis of matrix", "analyses of matrices", "Analyses Of Matrices"),
)


@pytest.mark.parametrize("variants", VARIANTS)
@given(before=printed_texts(), after=printed_texts())
def test_case_accents_hyphens_plurals_and_markup_fold_away(variants: tuple[str, ...], before: str, after: str) -> None:
    folded = {fold(f"{fold(before)} {variant} {fold(after)}") for variant in variants}

    assert len(folded) == 1
