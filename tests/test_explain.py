"""Why a paper is in or out, as a person reads it: one example of everything that a query can ask."""

from collections.abc import Callable
from typing import get_args

import pytest
from hypothesis import given

from digestbot.matching import explain
from digestbot.models import Link, Paper, PartialDate
from digestbot.queries import Document, Leaf, Query, evaluate, leaves, parse, parse_with_warnings
from digestbot.queries.evaluate import holds
from strategies import askable_papers, queries

MOE = Paper(
    "A Survey on Mixture of Experts (MoE)",
    id="arxiv:2407.06204",
    abstract="Sparse experts route tokens to few parameters. Mixture-of-experts layers behave well; $k$-means and "
    "H$_2$O do, too. Quantization of MoE layers needs a data set.",
    authors=("Tianlong Chen", "Ada Lovelace"),
    affiliations=("MIT", "Example Lab"),
    organization="meta-ai",
    published=PartialDate(2024, 6),
    published_text="June 2024",
    categories=("LG", "cs.CL"),
    announce_type="new",
    comments="12 pages, accepted at TKDE",
    venue="TKDE",
    keywords=("mixture of experts", "routing"),
    upvotes=23,
    score=1.5,
    links=(
        Link("https://github.com/example/moe", "github", "", "abstract", ""),
        Link("https://moe.example.org", "project_page", "", "comments", ""),
    ),
)
PRUNING = Paper(
    "Pruning neural networks without retraining",
    id="title:abc",
    abstract="We prune kernels of attention layers. Code will be released.",
    authors=("Yi Cheng",),
    authors_truncated=True,
    promises_code=True,
    published=PartialDate(None, 5, 1),
    published_text="May 1",
)
RAG = Paper(
    "Retrieval-Augmented Generation for fragmented storage",
    id="arxiv:2501.00001",
    abstract="A rag doll explains generative models. Visual question answering by VQA models behaves well.",
    published=PartialDate(2025, 1, 2),
    published_text="2 Jan 2025",
    categories=("cs.CL",),
    announce_type="cross",
    upvotes=3,
    links=(Link("https://gitlab.com/example/rag", "gitlab", "", "abstract", ""),),
)
BARE = Paper("Sparse attention kernels")

PAIRS = (
    # words and phrases that are there
    ("moe", MOE),
    ('"Mixture of Experts" sparse', MOE),
    ("zeroshot OR h2o OR kmeans", MOE),
    ("Experts -vision", MOE),
    ("(quantum OR tokens) -(survey title:vision)", MOE),
    ("~routes =MoE prun* OR rout*", MOE),
    ('"experts tokens"~3 title:survey comment:pages keyword:routing venue:tkde org:lab all:lovelace', MOE),
    ("author:Chen category:cs has:code code:github is:new date:2024 upvotes:>=20 score:>1 id:2407.06204", MOE),
    # words that are not there, or otherwise
    ("experts vision", MOE),
    ("prune -kernels", PRUNING),
    ("prunes retrain", PRUNING),
    ("generation transform*", BARE),
    ("generative generativ", RAG),
    ("quantisation", MOE),
    ("quantizaton", MOE),
    ("dataset", MOE),
    # acronyms
    ('"visual question answering" -VQA', RAG),
    ('title:"visual question answering"', RAG),
    ("=VQA =RAG", RAG),
    ("RAG", PRUNING),
    ('"mixture of experts"', Paper("Pruning MoE layers", abstract="MoEs are large.")),
    ("=MoE", Paper("Mixtures of experts, sparsely")),
    ("SMoE", Paper("A sparse mixture of experts")),
    # phrases and nearness
    ('"expert tokens"', MOE),
    ('"tokens route"', MOE),
    ('"kernel attention"~4', Paper("A kernel for all of the many layers of attention")),
    ('"survey tokens"', MOE),
    ('"survey tokens"~50', MOE),
    ('"sparse vision tokens"', MOE),
    ('~"route experts"', MOE),
    ('="mixture of experts" ="Sparse Experts"', MOE),
    # fields
    ("title:tokens", MOE),
    ("abstract:survey", MOE),
    ("tkde lovelace", MOE),
    ("venue:neurips org:cmu comment:poster", MOE),
    ("keyword:experts", PRUNING),
    ("source:daily", Document(MOE, source="weekly list")),
    # the record
    ("author:Chen", PRUNING),
    ('author:"Wei Chen"', MOE),
    ('author:"T. Chen" -author:lovelace', MOE),
    ("author:hinton", BARE),
    ("category:cs.CV", MOE),
    ("category:math", MOE),
    ("category:cs", BARE),
    ("has:weights", MOE),
    ("has:code", PRUNING),
    ("code:github", RAG),
    ("code:github", BARE),
    ("date:2023", MOE),
    ("date:>=2024-06-15", MOE),
    ("date:2024", PRUNING),
    ("date:2024", BARE),
    ("upvotes:>=50 score:<1", MOE),
    ("upvotes:5..20", RAG),
    ("upvotes:>=20", BARE),
    ("is:cross", MOE),
    ("is:new", BARE),
    ("id:2401.00001", MOE),
    # exclusions and alternatives
    ("experts -survey", MOE),
    ("experts -tokens", MOE),
    ("experts -author:chen", MOE),
    ("(vision medical) OR (experts -moe)", MOE),
    ("-(experts moe)", MOE),
    ("(vision OR medical) experts", MOE),
    ("-date:2024 -has:code", MOE),
)


def told(query: str, paper: Paper | Document) -> str:
    parsed = parse_with_warnings(query)
    return f"{query}\n{explain(parsed.query, paper, parsed.typed)}\n"


def test_explanations_read_as_they_did(golden: Callable[[str, str | bytes], None]) -> None:
    golden("explain.txt", "\n".join(told(query, paper) for query, paper in PAIRS))


def test_every_kind_of_leaf_is_explained_where_it_holds_and_where_it_does_not() -> None:
    kinds = {(type(leaf), holds(leaf, document)) for text, paper in PAIRS for leaf, document in leaves_of(text, paper)}

    assert kinds == {(kind, verdict) for kind in get_args(Leaf) for verdict in (True, False)}


def leaves_of(text: str, paper: Paper | Document) -> list[tuple[Leaf, Document]]:
    document = paper if isinstance(paper, Document) else Document(paper)
    return [(leaf, document) for leaf, _ in leaves(parse(text))]


@given(queries(), askable_papers())
def test_a_repair_repairs(query: Query, paper: Paper) -> None:
    for repair in explain(query, paper).repairs:
        assert evaluate(parse(repair.query), paper)


@pytest.mark.parametrize(("query", "paper"), PAIRS, ids=[query for query, _ in PAIRS])
def test_a_repair_of_what_was_typed_repairs(query: str, paper: Paper | Document) -> None:
    parsed = parse_with_warnings(query)

    for repair in explain(parsed.query, paper, parsed.typed).repairs:
        assert evaluate(parse(repair.query), paper)
