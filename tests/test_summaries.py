import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digestbot.summaries import LIMIT, summarise
from digestbot.text import to_unicode

FRAGMENTS = [
    "We propose ", "In this paper, ", "However, ", "e.g. ", "i.e., ", "et al. ", "Fig. 3 ", "3.14 ", ". ", "? ", ", ",
    "; ", "(see ", ") ", "[1, 2] ", "$x_1$ ", r"\cite{a,b} ", r"\textbf{bold} ", "which ", "by using ", " - ", "and ",
    "the ", "Background: ", "x[1]y ", "To this end, ", "J. ", "sparse ", "experts ", "!", "“a” ", "  ", "\n",
]  # fmt: skip
abstracts = st.lists(st.sampled_from(FRAGMENTS) | st.text(max_size=8), max_size=80).map("".join)


def words(text: str) -> list[str]:
    return re.findall(r"\w+", text.casefold())


@pytest.mark.parametrize(
    ("abstract", "sentence"),
    [
        ("", ""),
        ("Withdrawn.", ""),
        ("Large models are slow. We propose a small one.", "We propose a small one."),
        ("Large models are slow. We like small ones.", "We like small ones."),
        ("Large models are slow. Small ones are not", "Large models are slow."),
        ("Models are slow. This paper shows that pruning helps.", "This paper shows that pruning helps."),
        # what leans on a sentence before goes
        ("Slow. In this paper, we present Union of Experts.", "We present Union of Experts."),
        ("It is slow. However, in this paper we show a way out.", "We show a way out."),
        ("It is slow. To this end, we develop a cache.", "We develop a cache."),
        ("It is slow. To address this issue, we develop a cache.", "We develop a cache."),
        ("It is slow. Here we report a cache.", "We report a cache."),
        ("iGibson is a simulator of rooms and things.", "iGibson is a simulator of rooms and things."),
        # full stops that end nothing
        ("We study caches, e.g. KV caches, as Smith et al. Did in Fig. 3 at 1.5 bits. Good.",
         "We study caches, e.g. KV caches, as Smith et al. Did in Fig. 3 at 1.5 bits."),
        ("Proofs by J. Doe are long. They stay.", "Proofs by J. Doe are long."),
        ("Cells lack vitamin C. We add it to them.", "We add it to them."),
        ("Can we prune? We show yes.", "We show yes."),
        ("It has a new distribution.The model is ours, and we describe it.", "The model is ours, and we describe it."),
        # labels, citations, TeX
        ("BackgroundMalaria is old. MethodsWe examined blood.", "We examined blood."),
        ("BACKGROUND: Malaria is old and common.", "Malaria is old and common."),
        (r"We extend pruning \cite{lecun} [3, 4] (Han et al., 2015) to $\ell_1$ norms.",
         "We extend pruning to ℓ₁ norms."),
        (r"We propose \textbf{Union of Experts} for routing.", "We propose Union of Experts for routing."),
        ("We offer three things:", "We offer three things."),
    ],
)  # fmt: skip
def test_the_sentence_that_says_what_is_new(abstract: str, sentence: str) -> None:
    assert summarise("A Title", abstract) == sentence


@pytest.mark.parametrize(
    ("abstract", "sentence"),
    [
        (f"We propose a cache {'(' + 'small and tidy ' * 12 + ')'} for models.", "We propose a cache for models."),
        (f"We propose a cache for large models, which {'is small and tidy ' * 12}.",
         "We propose a cache for large models."),
        (f"While caches are {'small and tidy, or ' * 12}big, we propose none of them.", "We propose none of them."),
        (f"We propose a cache for large models of {'small and ' * 30}.",
         f"We propose a cache for large models of {'small and ' * 15}small."),
        (f"We propose caches, and {'tidy ' * 50}.", "We propose caches, and" + " tidy" * 36 + "."),
        (f"If we can, {'tidy ' * 30}, or {'tidy ' * 30}", "If we can," + " tidy" * 30 + "."),
    ],
)  # fmt: skip
def test_a_long_sentence_is_cut_where_a_clause_ends(abstract: str, sentence: str) -> None:
    assert summarise("A Title", abstract) == sentence


@given(abstracts)
def test_every_word_comes_from_the_abstract_in_its_order(abstract: str) -> None:
    rest = iter(words(to_unicode(abstract)) + words(abstract))

    summary = summarise("", abstract)

    assert all(word in rest for word in words(summary))
    assert len(summary.split()) <= LIMIT
    assert summary == " ".join(summary.split())


@pytest.mark.parametrize(
    "piece", [" ", "~", "A. ", "(A ", "[1", r"\cite{", "we ", "by ing", "we propose x, ", "“", "a, "]
)
def test_a_hostile_abstract_takes_no_time(piece: str) -> None:
    started = time.process_time()

    summarise(piece * 1000, piece * (1_000_000 // len(piece)))

    assert time.process_time() - started < 1
