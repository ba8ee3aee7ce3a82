"""What a word is, and how a printed text reads."""

import pytest
from hypothesis import given

from digestbot.text import (
    decode,
    definitions,
    fold,
    fold_word,
    is_glue,
    is_spaceless,
    other_spellings,
    plain_word,
    split,
    stem_word,
    to_unicode,
    tokens,
)
from strategies import printed_texts

READABLE = (
    ("plain text, 50% of it", "plain text, 50% of it"),
    ("H$_2$O", "H₂O"),
    ("$x_{ij}^{2}$ and x_i", "xᵢⱼ² and x_i"),
    ("10^6, 10^{-3}, n^T, y^{*}, x_{max}", "10⁶, 10⁻³, nᵀ, y^*, xₘₐₓ"),
    ("$q_{Q}$", "q_Q"),
    (r"Andr\'e, Sch{\"o}lkopf, \v{S}, \c c, \~n, na\"ive, \'{\i}", "André, Schölkopf, Š, ç, ñ, naïve, í"),
    (r"Stra\ss e, Erd{\H o}s, \L ukasz, \o{}re", "Straße, Erdős, Łukasz, øre"),
    (r"\textit{sparse} \textbf{models} {\em x} y", "sparse models x y"),
    (r"$\alpha$-helix, $k$-means, $\mathbb{R}^n$, \mathbb C", "α-helix, k-means, ℝⁿ, ℂ"),
    (r"$\mathbb{b}$", "𝕓"),
    (r"$O(n\log n)$, \frac{a}{b}, 2\times", "O(n log n), a/b, 2×"),
    (r"$\log{n}$", "log n"),
    (r"x\log y, \log\alpha", "x log y, log α"),
    (r"\LaTeX\ and a\quad b\\c", "LaTeX and a b c"),
    (r"100\% of \$5 \& \_x \{a\}", "100% of $5 & _x {a}"),
    (r"\(x\) \[y\] a\!b", "x y ab"),
    (r"our \method is (\ours)", "our method is (ours)"),
    (
        r"see \cite{a,b}. \href{https://example.org}{here} \url{https://example.org/~x_y}",
        "see . here https://example.org/~x_y",
    ),
    ("Fig.~3, et~al., ~5, 3~5, 70%~80%, a ~ b, /~x", "Fig. 3, et al., ~5, 3~5, 70%~80%, a ~ b, /~x"),
    ("``ghost'' isn''t", "“ghost” isn”t"),
    ("isn''t", "isn''t"),
    ("a -- b --- c, --help, ----", "a – b — c, --help, ----"),
    ("https://example.org/a--b~c", "https://example.org/a--b~c"),
    ("AT&amp;T &#x27;x&#39; &amp;lt; &nosuch; &", "AT&T 'x' < &nosuch; &"),
    ("costs $5 and $10, not $ 5 $ or $5$6", "costs $5 and $10, not $ 5 $ or $5$6"),
    ("$$x$$", "x"),
    ("{BERT}: of {0, 1}", "BERT: of {0, 1}"),
    ("f{a}{b}", "fa} {b}"),
    ("1.9times, 5pm2, uparrow2.72%, sim10, textit{x}, rightarrow", "1.9×, 5±2, ↑2.72%, ∼10, x, →"),
    ("sometimes, 3 times, https://example.org/5times", "sometimes, 3 times, https://example.org/5times"),
    (r"$\tilde{O}(n^{2/3})$, $\hat x$, $\widetilde{\mathcal{O}}(1)$", "Õ(n^(2/3)), x̂, Õ(1)"),
    (
        r"$\frac{a+b}{c}$, $\frac{1}{2n+1}$, $\tfrac12$, $\sqrt{x+1}$, $\sqrt{d_k}$",
        "(a+b)/c, 1/(2n+1), 1/2, √(x+1), √dₖ",
    ),
    (r"$90^\circ$C, $M_{\odot}$, $\ell_\infty$, $A^{\top}$, $W^*$, $f^\prime$", "90°C, M⊙, ℓ∞, Aᵀ, W*, f′"),
    (r"$\sum_{i=1}^{n} x^{(k)}$, $e^{i\pi}$, $2^{\Omega(n)}$", "∑_(i=1)ⁿ x⁽ᵏ⁾, e^(iπ), 2^(Ω(n))"),
    (r"$10^{-3.5}$, 1.38^+0.44_-0.79, HarrisZ^+: a", "10^-3.5, 1.38^+0.44_-0.79, HarrisZ⁺: a"),
    (r"by $\sim$2-3\%, $\|x\|_2 \leqslant 1$", "by ∼2-3%, ‖x‖₂ ⩽ 1"),
    ("\\", "\\"),
    ("", ""),
)


@pytest.mark.parametrize(("printed", "readable"), READABLE)
def test_tex_and_entities_become_what_they_stand_for(printed: str, readable: str) -> None:
    assert to_unicode(printed) == readable


FOLDED = (
    ("Zero-Shot zero_shot ZERO/SHOT zero–shot", "zero shot " * 3 + "zero shot"),
    ("GPT-4 GPT4 gpt 4", "gpt 4 gpt 4 gpt 4"),
    ("H$_2$O H_2O H₂O H2O", "h 2 o h 2 o h 2 o h 2 o"),
    ("Schölkopf Łukasz Æther straße ﬁne Ｗｉｄｅ 𝐁𝐨𝐥𝐝 İ", "scholkopf lukasz aether strasse fine wide bold i"),
    ("soft\u00adhyphen zero\u200bwidth \u202eleft\u202c e\u0301", "softhyphen zerowidth left e"),
    ("model's models’ user’s x's2 's it 's", "model model user x 2 s it s"),
    ("BERT™ R² x½ ５ ५", "bert r 2 x 5 5"),
    ("α-synuclein ΑΛΦΑ ς σ", "α synuclein αλφα σ σ"),
    ("大语言模型 がん ｶﾞ 한국어", "大 语 言 模 型 か ん が".replace("か ん が", "が ん ガ") + " 한국어"),
    ("हिन्दी ไทย", "हिन्दी ไ ท ย"),
    ("1.9times 2,72", "1 9 time 2 72"),
    ("\x00\x01 ,;", ""),
)


@pytest.mark.parametrize(("text", "folded"), FOLDED)
def test_forms_of_a_word_fold_to_one(text: str, folded: str) -> None:
    assert fold(text) == folded


PLURALS = (
    "models:model LLMs:llm GPUs:gpu ViTs:vit analyses:analysis hypotheses:hypothesis matrices:matrix "
    "submatrices:submatrix vertices:vertex indices:index corpora:corpus criteria:criterion phenomena:phenomenon "
    "studies:study queries:query classes:class losses:loss processes:process boxes:box hashes:hash "
    "branches:branch approaches:approach caches:cache cases:case databases:database viruses:virus biases:bias "
    "lenses:lens curves:curve wolves:wolf leaves:leaf movies:movie ties:tie heroes:hero axes:axis foci:focus "
    "formulae:formula women:woman mice:mouse topics:topic polyhedra:polyhedron diagnoses:diagnosis quizzes:quiz "
    "colloquies:colloquy lms:lm APIs:api CPUs:cpu menus:menu ReLUs:relu AIs:ai "
)
SINGULARS = (
    "model bias basis loss class virus corpus analysis series species news lens gas chaos physics semantics "
    "dynamics robotics is us as this has nas tts gps thus data media across process pandas bayes it s plus bus "
    "thus virus trans "
)


@pytest.mark.parametrize("pair", PLURALS.split())
def test_plurals_fold_to_the_singular(pair: str) -> None:
    plural, singular = pair.split(":")

    assert fold_word(plural) == singular
    assert fold_word(singular) == singular
    assert fold_word(fold_word(f"{plural}s")) == fold_word(f"{plural}s")


@pytest.mark.parametrize("word", SINGULARS.split())
def test_what_is_no_plural_stays(word: str) -> None:
    assert fold_word(word) == word


def test_words_keep_their_place_in_the_printed_text() -> None:
    text = 'B. Sch{\\"o}lkopf: H$_2$O &amp; \\textit{LLMs}'

    assert [text[token.start : token.end] for token in tokens(text)] == [
        "B", 'Sch{\\"o}lkopf', "H", "2", "O", "LLMs"
    ]  # fmt: skip
    assert [token.word for token in tokens(text)] == ["b", "scholkopf", "h", "2", "o", "llm"]
    assert tokens("LLMs")[0].surface == "LLMs"


def test_joined_words_are_one_closed_word_as_well() -> None:
    def closed(text: str) -> list[str]:
        return [word for _, _, word, _ in split(text).joined]

    assert closed("zero-shot models") == ["zeroshot"]
    assert closed("multi-head-attention") == ["multihead", "multiheadattention", "headattention"]
    assert closed("trans-\nformers") == ["transformer"]
    assert closed("don't O’Brien") == ["dont", "obrien"]
    assert closed("-x- a - b 2020-2021 gpt-4 a--b\n c") == ["ab"]
    assert [plain for *_, plain in split("zero-shots").joined] == ["zeroshots"]


def test_stems_are_a_fixed_point() -> None:
    assert {stem_word(word) for word in ("prune", "pruning", "pruned", "prunes")} == {"prune"}
    for word in ("licenses", "universities", "generalizations", "analyses", "news", "", "模"):
        assert stem_word(stem_word(word)) == stem_word(word)


def test_borders_of_words() -> None:
    assert is_glue("a")
    assert is_glue("4")
    assert not is_glue("-")
    assert not is_glue("")
    assert not is_glue("ʼ")
    assert not is_glue("模")
    assert is_spaceless("模")
    assert not is_spaceless("é")


def test_a_renderer_finds_the_place_of_a_hit_in_the_readable_text() -> None:
    text = r"Sch{\"o}lkopf and \textit{pruning}"
    decoded = decode(text)
    start, end = decoded.locate(text.index("pruning"), text.index("pruning") + 7)

    assert decoded.text[start:end] == "pruning"
    assert decoded.locate(0, 13) == (0, 9)
    assert decode("plain").locate(1, 3) == (1, 3)
    assert decoded.locate(len(text), len(text) + 1) == (0, 0)
    assert decoded.span(0, 9) == (0, 13)


def test_a_gap_is_what_stands_between_words() -> None:
    words = split("a,  b!")

    assert [words.gap(at) for at in range(3)] == ["", ",  ", "!"]
    assert words.printed(0, 2) == "a,  b"
    assert words.around(1, 2, 1, 5) == (" ", "!")
    assert len(words) == 2


@given(printed_texts())
def test_every_character_of_a_readable_text_stands_for_something_printed(text: str) -> None:
    decoded = decode(text)

    assert decoded.text == to_unicode(text)
    if decoded.starts is not None and decoded.ends is not None:
        assert len(decoded.starts) == len(decoded.ends) == len(decoded.text)
        assert all(0 <= start <= end <= len(text) for start, end in zip(decoded.starts, decoded.ends, strict=True))
        assert sorted(decoded.starts) == decoded.starts


@given(printed_texts())
def test_words_of_names_keep_their_endings(text: str) -> None:
    for surface in split(text).surfaces:
        assert plain_word(plain_word(surface)) == plain_word(surface)
        assert fold_word(plain_word(surface)) == fold_word(surface)


@pytest.mark.parametrize("block", range(0, 0x3000, 0x400))
def test_every_character_folds_to_a_fixed_point_wherever_it_stands(block: int) -> None:
    for char in map(chr, range(block, block + 0x400)):
        for text in (char, f"a{char}b", f"1{char}2"):
            assert fold(fold(text)) == fold(text)
            for token in tokens(text):
                assert fold(text[token.start : token.end]) == token.word


@pytest.mark.parametrize(
    "piece", ["{", "}", "$", "\\c ", "\\cite{", "a-", "http://", "~", "&amp", "''``", "\u0301", "²", "^{"]
)
@pytest.mark.no_cover
def test_time_grows_with_length_only(piece: str) -> None:
    text = piece * (20_000 // len(piece))

    assert fold(to_unicode(text)) == fold(fold(to_unicode(text)))
    split(text)


DEFINED: tuple[tuple[str, list[tuple[str, str]]], ...] = (
    ("We study Mixture of Experts (MoE) layers.", [("Mixture of Experts", "MoE")]),
    ("Large Language Models (LLMs) and graph neural networks (GNN);", [
        ("Large Language Models", "LLM"), ("graph neural networks", "GNN"),
    ]),
    ("Mixture-of-Experts ( MoE ) works", [("Mixture-of-Experts", "MoE")]),
    ("Post-training quantization (PTQ, as usual)", [("Post-training quantization", "PTQ")]),
    ("an accuracy of 90% (see Table 2) and nothing (here)", []),
    ("It (IT) is (ABC) so (2024)", []),
    ("a sentence far away from what it means in the end without any of the letters (XQZ)", []),
    ("(MoE)", []),
)  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), DEFINED)
def test_acronyms_are_found_where_they_are_spelled_out(text: str, expected: list[tuple[str, str]]) -> None:
    found = list(definitions(text))

    assert [(item.long, item.short) for item in found] == expected
    assert all(text[item.start :].startswith(item.long) for item in found)


@given(printed_texts())
def test_an_acronym_stands_behind_its_letters(text: str) -> None:
    for item in definitions(text):
        assert item.long in text
        assert item.short in text


SPELLINGS = (
    "behaviour behavior",
    "quantisation quantization",
    "analyse analyze",
    "modelling modeling",
    "centre center",
)


@pytest.mark.parametrize("pair", SPELLINGS)
def test_a_word_has_a_spelling_on_either_side_of_the_atlantic(pair: str) -> None:
    british, american = pair.split()

    assert list(other_spellings(british)) == [american]
    assert list(other_spellings(american)) == [british]
    assert list(other_spellings("expert")) == []
