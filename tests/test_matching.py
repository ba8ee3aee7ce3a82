"""Many queries at once, where they hit, and why they do not."""

from random import Random

import pytest

from digestbot.matching import Index, explain, find
from digestbot.models import Hit, Link, Paper, PartialDate
from digestbot.queries import Document, Query, evaluate, parse, parse_with_warnings

MOE = Paper(
    "A Survey on Mixture of Experts (MoE)",
    id="arxiv:2407.06204",
    abstract="Sparse experts route tokens. Mixture-of-experts layers prune nothing; $k$-means and H$_2$O do.",
    authors=("Tianlong Chen", "Ada Lovelace"),
    affiliations=("MIT", "Example Lab"),
    organization="meta-ai",
    published=PartialDate(2024, 6),
    published_text="June 2024",
    categories=("LG", "cs.CL"),
    announce_type="new",
    comments="12 pages",
    venue="TKDE",
    keywords=("mixture of experts", "routing"),
    upvotes=23,
    score=1.5,
    links=(
        Link("https://github.com/example/moe", "github", "", "abstract", ""),
        Link("https://moe.example.org", "project_page", "", "comments", ""),
    ),
)
PRUNING = Paper("Pruning neural networks", id="title:abc", abstract="Code will be released.", promises_code=True)


def slices(query: str, paper: Paper = MOE) -> list[tuple[str, int | None, str, str]]:
    return [(hit.field, hit.item, hit.text, hit.clause) for hit in find(parse(query), paper)]


def keys(index: Index, paper: Paper) -> list[str]:
    return [match.subscription for match in index.match([paper])]


def test_every_place_of_every_true_clause_is_a_hit_in_reading_order() -> None:
    assert find(parse('"mixture of experts" moe'), MOE) == (
        Hit("title", 12, 30, "Mixture of Experts", '"mixture of expert"'),
        Hit("title", 32, 35, "MoE", "moe"),
        Hit("abstract", 29, 47, "Mixture-of-experts", '"mixture of expert"'),
        Hit("keywords", 0, 18, "mixture of experts", '"mixture of expert"', 0),
    )


def test_offsets_are_those_of_the_printed_text() -> None:
    assert slices("h2o kmeans") == [
        ("abstract", None, "k$-means", "kmean"),
        ("abstract", None, "H$_2$O", '"h 2 o"'),
    ]


def test_excluded_and_unfulfilled_clauses_give_no_hit() -> None:
    assert slices("routing -vision") == [("keywords", 1, "routing", "routing")]
    assert slices("(routing vision) OR tokens") == [("abstract", None, "tokens", "token")]
    assert slices("-(-routing)") == [("keywords", 1, "routing", "routing")]
    assert slices("-(vision OR -routing)") == [("keywords", 1, "routing", "routing")]
    assert slices("-vision") == []
    assert slices("vision") == []


def test_near_words_are_hits_of_their_own() -> None:
    assert slices('"tokens sparse"~3') == [
        ("abstract", None, "Sparse", '"token sparse"~3'),
        ("abstract", None, "tokens", '"token sparse"~3'),
    ]
    assert slices('"tokens survey"~500') == []
    assert slices('"sparse sparse"~5') == []
    assert slices('"experts experts"~9')[0][2] == "experts"


def test_the_record_gives_hits_as_well() -> None:
    assert slices("author:chen category:cs has:code code:example org:lab") == [
        ("authors", 0, "Tianlong Chen", "author:chen"),
        ("affiliations", 1, "Lab", "org:lab"),
        ("categories", 0, "LG", "category:cs"),
        ("categories", 1, "cs.CL", "category:cs"),
        ("links", 0, "https://github.com/example/moe", "has:code"),
        ("links", 1, "https://moe.example.org", "code:example"),
    ]
    assert slices("date:2024 upvotes:>=20 score:>1 is:new id:2407.06204") == [
        ("published", None, "June 2024", "date:2024"),
        ("upvotes", None, "23", "upvotes:>=20"),
        ("score", None, "1.5", "score:>1"),
        ("announce_type", None, "new", "is:new"),
        ("id", None, "arxiv:2407.06204", "id:arxiv:2407.06204"),
    ]


def test_a_document_brings_its_source() -> None:
    document, index = Document(MOE, source="daily papers"), Index()
    index.add("it", parse("source:daily"))

    assert [hit.field for hit in find(parse("source:daily"), document)] == ["source"]
    assert [match.subscription for match in index.match([document, MOE])] == ["it"]


def test_queries_come_and_go() -> None:
    index = Index()
    index.add("b", parse("experts"))
    index.add("a", parse("experts"))
    index.add("c", parse("vision"))

    assert len(index) == 3
    assert "a" in index
    assert keys(index, MOE) == ["a", "b"]
    index.add("a", parse("vision"))
    assert keys(index, MOE) == ["b"]
    index.remove("b")
    assert keys(index, MOE) == []
    index.add("d", parse("-vision"))
    assert keys(index, MOE) == ["d"]
    for key in ("a", "c", "d"):
        index.remove(key)
    assert len(index) == 0
    assert keys(index, MOE) == []
    index.add("e", parse("experts"))
    index.remove("e")
    with pytest.raises(KeyError):
        index.remove("e")
    assert index.match([]) == []


def test_matches_come_by_paper_then_by_key() -> None:
    index = Index({"expert": 3}, papers=10)
    for key in ("z", "m", "a"):
        index.add(key, parse("networks OR experts"))

    assert [(match.paper.title[0], match.subscription) for match in index.match([PRUNING, MOE])] == [
        ("P", "a"),
        ("P", "m"),
        ("P", "z"),
        ("A", "a"),
        ("A", "m"),
        ("A", "z"),
    ]


QUERIES = (
    "experts; -experts; experts -survey; experts OR vision; (experts OR date:2024) sparse; date:2024; upvotes:>=20",
    "author:chen; author:che*; has:code; code:github; is:new; id:2407.06204; category:cs.LG; category:cs; category:foo",
    '~pruning; ~"mixture expert"; pru*; "spar* experts"; =MoE; all:lovelace; venue:tkde; all:mi*; org:~mit',
    '"tokens sparse"~4; kmeans; "k means"; h2o; -(-experts); -(vision OR -experts); -(experts survey); -(experts)',
    'title:survey comment:pages; keyword:routing; tiab:tokens; has:weights; category:"machine learning"; source:x; mi*',
    "upvotes:>=20 sparse; author:=Ada; -(experts) OR moe",
)


@pytest.mark.parametrize("seed", range(5))
def test_the_index_finds_what_evaluation_finds_while_it_learns(seed: int) -> None:
    random, index = Random(seed), Index()  # noqa: S311 (no secret)
    asked: dict[str, Query] = {}
    papers = [MOE, PRUNING, Paper("Vision", abstract="Mixture of sparse experts"), Paper("")]

    for round_ in range(20):
        key = f"q{random.randrange(40)}"
        asked[key] = parse(random.choice("; ".join(QUERIES).split("; ")))
        index.add(key, asked[key])
        if round_ % 3 == 2:
            gone = random.choice(sorted(asked))
            del asked[gone]
            index.remove(gone)
        batch = random.choices(papers, k=random.randrange(4))
        expected = [(key, paper) for paper in batch for key in sorted(asked) if evaluate(asked[key], paper)]

        assert [(match.subscription, match.paper) for match in index.match(batch)] == expected


EXPLAINED = (
    ("experts -survey", MOE, ("-survey",), "it is excluded"),
    ("experts vision", MOE, ("vision",), "not in the title, abstract, comments and keywords"),
    ("title:tokens", MOE, ("title:token",), "not in the title; it stands only in the abstract"),
    ("prune", PRUNING, ("prune",), "it has “Pruning”"),
    ('"sparse tokens"', MOE, ('"sparse token"',), "3 positions apart; a phrase wants"),
    ('"sparse tokens"~2', MOE, ('"sparse token"~2',), "3 positions apart, you allow 2"),
    ('"survey tokens"~2', MOE, ('"survey token"~2',), "the words stand in different fields"),
    ('"sparse vision"', MOE, ('"sparse vision"',), "and keywords: vision"),
    ("=MOE", MOE, ("=MOE",), "only in another form"),
    ("=Vision", MOE, ("=Vision",), "not in"),
    ('~"sparse tokens"', MOE, ('~"spar token"',), "all words"),
    ("~vision", MOE, ("~vision",), "not in"),
    ("author:hinton", MOE, ("author:hinton",), "its authors are Tianlong Chen, Ada Lovelace"),
    ("author:hinton", PRUNING, ("author:hinton",), "its digest prints no author"),
    ("author:xi", Paper("x", authors=tuple("abcdefg")), ("author:xi",), "and 2 more"),
    ("category:math", MOE, ("category:math",), "its categories are LG, cs.CL"),
    ("has:weights", MOE, ("has:weights",), "no link to weights; its links: code at https://github.com"),
    ("has:code", PRUNING, ("has:code",), "promised without a link"),
    ("code:github", Paper("x"), ("code:github",), "it has no links"),
    ("date:2023", MOE, ("date:2023",), "it was published June 2024"),
    ("date:2023", Paper("x", published=PartialDate(None, 5, 1)), ("date:2023",), "--05-01, without a year"),
    ("date:2023", PRUNING, ("date:2023",), "prints no date"),
    ("upvotes:>=50", MOE, ("upvotes:>=50",), "its upvotes: 23"),
    ("upvotes:>=50", PRUNING, ("upvotes:>=50",), "prints no upvotes"),
    ("is:cross", MOE, ("is:cross",), "announced as new"),
    ("is:cross", PRUNING, ("is:cross",), "announces no kind"),
    ("id:2401.00001", MOE, ("id:arxiv:2401.00001",), "its id is arxiv:2407.06204"),
    ("id:2401.00001", Paper("x"), ("id:arxiv:2401.00001",), "it has no id"),
    ("(vision medical) OR (experts -moe)", MOE, ("-moe",), "excluded"),
    ("vision medical", MOE, ("vision", "medical"), "not in"),
    ("-(experts moe)", MOE, ("-expert",), "excluded"),
    ("org:cmu", MOE, ("org:cmu",), "not in the organisation and affiliations"),
)


@pytest.mark.parametrize(("query", "paper", "nearest", "reason"), EXPLAINED)
def test_what_is_missing_is_said(query: str, paper: Paper, nearest: tuple[str, ...], reason: str) -> None:
    told = explain(parse(query), paper)

    assert not told.matched
    assert told.nearest == nearest
    assert any(reason in clause.reason for clause in told.clauses if not clause.fulfilled)


def test_an_explanation_reads_like_words() -> None:
    asked = parse_with_warnings('moe "Mixture of Experts" -survey')

    assert str(explain(asked.query, MOE, asked.typed)).splitlines() == [
        '“A Survey on Mixture of Experts (MoE)” does not match  moe "Mixture of Experts" -survey',
        "  yes  moe: MoE (title)",
        '  yes  "Mixture of Experts": Mixture of Experts (title, keywords), Mixture-of-experts (abstract)',
        "  no   -survey: Survey (title) — it is excluded",
        "It would match without -survey.",
    ]
    assert explain(parse("moe"), Document(MOE)).matched


def test_an_index_of_nothing_can_be_put_in_order() -> None:
    index = Index()
    index.compact()

    assert index.match([Paper("Experts")]) == []
    index.add("ada", parse("experts"))
    index.compact()
    assert [match.subscription for match in index.match([Paper("Experts")])] == ["ada"]
