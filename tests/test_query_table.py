"""The cases that every researcher would try first."""

from collections.abc import Mapping
from typing import Any

import pytest

from digestbot.matching import Index, find
from digestbot.models import Paper
from digestbot.queries import evaluate, parse

TITLE_MOE = "A Survey on Mixture of Experts (MoE)"
CASES: tuple[tuple[str, Mapping[str, Any], bool], ...] = (
    ("mixture of experts", {"title": "Union of Experts: a mixture of routers"}, True),
    ('"mixture of experts"', {"title": "Sparse Mixture-of-Experts layers"}, True),
    ('"mixture of expert"', {"title": "Mixtures of Experts"}, True),
    ("RAG", {"title": "fragmented storage"}, False),
    ("=RAG", {"title": "a rag doll"}, False),
    ("=RAG", {"title": "Does RAG help?"}, True),
    ("rag", {"title": "RAG systems"}, True),
    ("vit", {"title": "ViTs often suffer"}, True),
    ('"vision language model"', {"title": "large vision-language models (LVLMs)"}, True),
    ("zeroshot", {"title": "zero-shot transfer"}, True),
    ('"zero-shot"', {"title": "zero shot transfer"}, True),
    ("zero-shot", {"title": "zeroshot transfer"}, True),
    ("anode", {"title": "a node of a graph"}, False),
    ("h2o", {"title": "H$_2$O: Heavy-Hitter Oracle"}, True),
    ("prun*", {"title": "Pruning-assisted localization"}, True),
    ("prune", {"title": "Pruning neural networks"}, False),
    ("~prune", {"title": "Pruning neural networks"}, True),
    ('"expert routing"~3', {"title": "routing of tokens to experts"}, False),
    ('"expert routing"~4', {"title": "routing of tokens to experts"}, True),
    ("title:quantization", {"title": "Fewer bits", "abstract": "Quantization of weights."}, False),
    ("quantization", {"title": "Fewer bits", "abstract": "Quantization of weights."}, True),
    ("moe -survey", {"title": TITLE_MOE}, False),
    ("moe", {"title": TITLE_MOE}, True),
    ('author:"T. Chen"', {"title": "x", "authors": ("Tianlong Chen",)}, True),
    ("author:chen", {"title": "x", "authors": ("Yi Cheng",)}, False),
    ("category:cs", {"title": "x", "categories": ("LG",)}, True),
    ("has:code", {"title": "x", "abstract": "Code will be released", "promises_code": True}, False),
    ("GPT4", {"title": "What GPT-4 knows"}, True),
    ("GPT-4", {"title": "What GPT 4 knows"}, True),
    ('"large language model"', {"title": "Large Language Models"}, True),
    ("generation", {"title": "A general method"}, False),
    ('"experts routing"', {"title": "Experts", "abstract": "Routing"}, False),
    ('"experts routing"', {"title": "x", "keywords": ("experts", "routing")}, False),
    ('"deep learning"', {"title": "x", "keywords": ("deep learning", "routing")}, True),
    ("chen", {"title": "x", "authors": ("Tianlong Chen",)}, False),
    ("all:chen", {"title": "x", "authors": ("Tianlong Chen",)}, True),
    ("=MoE", {"title": "Two MoEs"}, False),
    ("MoE", {"title": "Two MoEs"}, True),
    ("=C++", {"title": "Written in C++, of course"}, True),
    ("=C++", {"title": "Written in C, of course"}, False),
    ('="Adam"', {"title": "AdamW"}, False),
    ("=GPT", {"title": "GPT4"}, False),
    ("模型", {"title": "大语言模型的剪枝"}, True),
    ("模剪", {"title": "大语言模型的剪枝"}, False),
    ("naive schölkopf", {"title": 'A na\\"ive view, after Sch{\\"o}lkopf'}, True),
)


@pytest.mark.parametrize(
    ("query", "fields", "expected"), CASES, ids=[f"{query} in {fields}" for query, fields, _ in CASES]
)
def test_the_query_decides_as_a_researcher_would(query: str, fields: Mapping[str, Any], expected: bool) -> None:
    paper, tree, index = Paper(**fields), parse(query), Index()
    index.add("it", tree)

    assert evaluate(tree, paper) is expected
    assert bool(index.match([paper])) is expected
    assert bool(find(tree, paper)) is expected
