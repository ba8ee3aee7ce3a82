"""How a query is read, printed and refused."""

from collections.abc import Mapping

import pytest

from digestbot.errors import QueryError
from digestbot.models import Link, LinkKind, Paper, PartialDate
from digestbot.queries import (
    Document,
    evaluate,
    excludes_only,
    format_query,
    parse,
    typed_clauses,
    unseen_words,
    warnings,
)
from digestbot.queries.fields import SPELLINGS
from digestbot.queries.lexer import MAX_LENGTH
from digestbot.queries.parser import MAX_DEPTH, MAX_TERMS

MACROS = {
    "moe": '"mixture of experts" OR =MoE',
    "new": "@moe is:new",
    "a": "@b",
    "b": "@c x",
    "c": "@a",
    "bad": "x AND",
}

CANONICAL = (
    ("sparse AND pruning", "sparse pruning"),
    ("sparse && pruning", "sparse pruning"),
    ("+sparse +pruning", "sparse pruning"),
    ("((sparse) (pruning))", "sparse pruning"),
    ("sparse pruning sparse", "sparse pruning"),
    ("a|b", "a OR b"),
    ("a || b", "a OR b"),
    ("a OR (b OR c)", "a OR b OR c"),
    ("a b OR c", "(a b) OR c"),
    ("a (b OR c)", "a (b OR c)"),
    ("NOT a b", "-a b"),
    ("a ANDNOT b", "a -b"),
    ("a !b −c –d", "a -b -c -d"),
    ("NOT NOT a", "a"),
    ("NOT (a OR b) c", "-(a OR b) c"),
    ("“mixture of experts”", '"mixture of expert"'),
    ("（a｜b）", "a OR b"),
    ("Mixture-of-Experts", '"mixture of expert"'),
    ("GPT4", '"gpt 4"'),
    ("H$_2$O", '"h 2 o"'),
    ('Sch\\"olkopf', "scholkopf"),
    ('"Sch{\\"o}lkopf rule"', '"scholkopf rule"'),
    ("AT&amp;T", '"at t"'),
    ('"word"', "word"),
    ('"and"', '"and"'),
    ("Matrices", "matrix"),
    ("Prun*", "prun*"),
    ('"Prun* methods"', '"prun* method"'),
    ("k-means*", '"k means*"'),
    ("gpt4*", '"gpt 4*"'),
    ("=RAG", "=RAG"),
    ('="RAG"', "=RAG"),
    ("=GPT-4", '="GPT-4"'),
    ('="or"', '="or"'),
    ("~pruning", "~prune"),
    ('~"pruned networks"', '~"prune network"'),
    ('"routing experts"~4', '"routing expert"~4'),
    ('"routing"~4', "routing"),
    ('"routing experts"~0', '"routing expert"'),
    ("ti:x", "title:x"),
    ("Title: x", "title:x"),
    ("intitle:x", "title:x"),
    ("x[ti]", "title:x"),
    ('"x y" [tiab]', 'tiab:"x y"'),
    ("x[tw]", "x"),
    ("=X[ti]", "title:=X"),
    ('title:(a OR "b c")', 'title:a OR title:"b c"'),
    ("title:(a author:chen)", "title:a author:chen"),
    ("title:(-a)", "-title:a"),
    ("(a OR b)[ti] c", "(title:a OR title:b) c"),
    ("(a OR b)[tw] c", "(a OR b) c"),
    ("title:@moe", 'title:"mixture of expert" OR title:=MoE'),
    ("@moe[ti]", 'title:"mixture of expert" OR title:=MoE'),
    ("@new x", '("mixture of expert" OR =MoE) is:new x'),
    ("@moe @moe", '"mixture of expert" OR =MoE'),
    ("au:Chen", "author:chen"),
    ('author:"Chen, Tianlong"', 'author:"tianlong chen"'),
    ('author:"Chen T"', 'author:"t chen"'),
    ("au:chen_t", 'author:"t chen"'),
    ("Chen T[au]", 'author:"t chen"'),
    ("Tianlong Chen[au]", 'author:"tianlong chen"'),
    ("sparse chen[au]", "sparse author:chen"),
    ('author:"van der Maaten"', 'author:"van der maaten,"'),
    ('author:"Laurens van der Maaten"', 'author:"van der maaten, laurens"'),
    ('author:"E, Weinan"', 'author:"e, weinan"'),
    ("author:Schölk*", "author:scholk*"),
    ('author:"Chen, Ti*"', 'author:"chen, ti*"'),
    ("author:=Chen", "author:=Chen"),
    ("author:陈天龙", "author:陈天龙"),
    ("cat:LG", "category:cs.LG"),
    ("category:CS.lg", "category:cs.LG"),
    ("category:cs.*", "category:cs"),
    ("category:QUANT-PH", "category:quant-ph"),
    ('category:"Machine Learning"', 'category:"machine learning"'),
    ("category:q-bio.NC", "category:q-bio.NC"),
    ("has:repo", "has:code"),
    ("has:(code OR dataset)", "has:code OR has:data"),
    ("code:GitHub", "code:github"),
    ("code:https://github.com/", "code:github.com"),
    ("is:updated", "is:replacement"),
    ("date:2024", "date:2024"),
    ("date:2024-06-01..2024-06-30", "date:2024-06"),
    ("date:2024-06..2024-12", "date:2024-06..2024-12"),
    ("date:2023-01..2024-12", "date:2023..2024"),
    ("date:2024/6/1", "date:2024-06-01"),
    ("date:[2024-01 TO 2024-06]", "date:2024-01..2024-06"),
    ("date:[2024 TO *]", "date:>=2024-01-01"),
    ("date:>2024-06", "date:>=2024-07-01"),
    ("date:<2024-06", "date:<=2024-05-31"),
    ("date:..2024", "date:<=2024-12-31"),
    ("year:>=2024", "date:>=2024-01-01"),
    ("2024[dp]", "date:2024"),
    ("date:(2023 OR 2024-06)", "date:2023 OR date:2024-06"),
    ("date:0001", "date:0001"),
    ("date:9999-12-31", "date:9999-12-31"),
    ("upvotes:20", "upvotes:20"),
    ("upvotes >= 20", "upvotes:>=20"),
    ("upvotes:≥20", "upvotes:>=20"),
    ("upvotes:=>20", "upvotes:>=20"),
    ("upvotes:20..50", "upvotes:20..50"),
    ('upvotes:"20"', "upvotes:20"),
    ("score:>10.50", "score:>10.5"),
    ("score:<-1", "score:<-1"),
    ("score:<=0.1", "score:<=0.1"),
    ("id:2306.14048", "id:arxiv:2306.14048"),
    ("arXiv:2306.14048v3", "id:arxiv:2306.14048"),
    ("2306.14048", "id:arxiv:2306.14048"),
    ("https://arxiv.org/pdf/2306.14048v1.pdf", "id:arxiv:2306.14048"),
    ("id:hep-th/9901001", "id:arxiv:hep-th/9901001"),
    ("doi:10.1000/ABC.", "id:doi:10.1000/abc"),
    ("id:10.1016/S0140-6736(20)30183-5", 'id:"doi:10.1016/s0140-6736(20)30183-5"'),
    ("pmid:37654321", "id:pmid:37654321"),
    ("openreview:AbC_d-1", "id:openreview:abc_d-1"),
    ("https://openreview.net/forum?id=AbC_d-1", "id:openreview:abc_d-1"),
    ("source:daily", "source:daily"),
    ("Experts:Adapting", '"expert adapting"'),
    ("3:1", '"3 1"'),
    ("LLM.int8() x", '"llm int 8" x'),
    ("[MASK] x", "mask x"),
    ("https://example.org/a", '"http example org a"'),
    ("R & D", "r d"),
    ("a - b", "a b"),
    ("what?", "what"),
    ("x ] y", "x y"),
    ("x\\", "x"),
    ("=foo\\", "=foo"),
    ("×2^n", '"2 n"'),
)


@pytest.mark.parametrize(("typed", "canonical"), CANONICAL)
def test_spellings_that_mean_the_same_are_printed_alike(typed: str, canonical: str) -> None:
    tree = parse(typed, MACROS)

    assert format_query(tree) == canonical
    assert parse(canonical) == tree


FAULTS = (
    ("", 0, "nothing to look for", None),
    (" ,", 0, "nothing to look for", None),
    ('"mixture of experts AND sparse', 0, "never closed", '"mixture of experts" AND sparse'),
    ('a "b c', 2, "never closed", 'a "b c"'),
    ('a "', 2, "never closed", "a"),
    ('a "b -c', 2, "never closed", 'a "b" -c'),
    ("(a OR b", 0, "never closed", "(a OR b)"),
    ("a) b", 1, "never opened", "a b"),
    ("a ()", 2, "nothing in the brackets", "a"),
    ("a AND", 2, "nothing to its right", "a"),
    ("AND a", 0, "nothing to its left", "a"),
    ("a AND AND b", 6, "nothing to its left", "a AND b"),
    ("a OR", 2, "nothing to its right", "a"),
    ("| a", 0, "nothing to its left", "a"),
    ("a NOT", 2, "nothing to its right", "a"),
    ("a AND NOT", 6, "nothing to its right", "a"),
    ("a NOT ,", 2, "nothing to its right", "a ,"),
    ("autor:chen", 0, "no field", "author:chen"),
    ("x titel:chen", 2, "no field", "x title:chen"),
    ("foo:bar", 0, "no field", '"foo bar"'),
    ("title:", 0, "nothing behind it", None),
    ("x title:", 2, "nothing behind it", "x"),
    ("title:, x", 0, "nothing behind it", "x"),
    ("title:-x", 6, "before the field", "-title:x"),
    ("[ti] x", 0, "behind a term", "x"),
    ("p*", 0, "2 letters", "p"),
    ("x *", 2, "2 letters", "x"),
    ("*ing", 0, "beginning", "ing"),
    ("gener*tion", 0, "middle", "genertion"),
    ("x author:,", 2, "nothing behind it", "x"),
    ('"' + "a " * 101 + '"', 0, "100 words", '"' + "a " * 99 + 'a"'),
    ("=" + "a-" * 101, 0, "100 words", None),
    ("a " + "数" * 101, 2, "100 words", 'a "' + "数" * 100 + '"'),
    ('(x "a)', 3, "never closed", '(x "a")'),
    ("author:c*", 7, "2 letters", 'author:"c"'),
    ("wom?n", 3, '"?"', "wom*"),
    ("prune~2", 0, "fuzzy", "prune"),
    ("prune^3", 0, "weights", "prune"),
    ('"a b"~', 5, "distance", '"a b"~5'),
    ('"a b"~5000', 0, "AND", '"a b"~50'),
    ('author:"a b"~2', 7, "name", 'author:"a b"'),
    ("=, x", 0, "no word", "x"),
    ("=(x)", 0, "before a word", "(x)"),
    ("has:=code", 4, "form", "has:code"),
    ("has:~code", 4, "stem", "has:code"),
    ("has:wieghts", 4, "weights", "has:weights"),
    ("has:", 0, "nothing behind it", None),
    ("has:?", 4, "has: knows", "has:code"),
    ("is:old", 3, "is: knows", "is:new"),
    ("code:$", 5, "host", "code:github"),
    ("category:*", 9, "category", "category:cs.LG"),
    ('id:"a b"', 3, "one id", None),
    ("date:soon", 5, "2024-06-01", None),
    ("date:2024-13", 5, "a date looks like", None),
    ("date:2025..2024", 5, "ends before", "date:2024..2025"),
    ("date:>9999", 5, "out of range", None),
    ("date:..", 5, "no limits", None),
    ("upvotes:many", 8, "takes a number", None),
    ("upvotes:50..20", 8, "ends before", "upvotes:20..50"),
    ("upvotes:<>5", 8, "compares nothing", "upvotes:>=5"),
    ("stars:many", 6, "takes a number", None),
    ("like:arxiv:2306.14048 x", 0, "not built yet", "x"),
    ("@none x", 0, "there is no @none", "x"),
    ("@meo x", 0, "there is no @meo", "@moe x"),
    ("x @a", 2, "asks for itself: @a → @b → @c → @a", "x"),
    ("x @bad", 2, "in @bad: AND has nothing to its right", "x"),
    ('(a "b', 3, "never closed", None),
)


@pytest.mark.parametrize(("typed", "column", "message", "repair"), FAULTS)
def test_a_fault_is_shown_at_its_place_with_the_likeliest_repair(
    typed: str, column: int, message: str, repair: str | None
) -> None:
    with pytest.raises(QueryError) as caught:
        parse(typed, MACROS)

    assert message in caught.value.message
    assert caught.value.column == column
    if repair is not None:
        assert caught.value.repair == repair
        parse(repair, MACROS)


WARNINGS = (
    ("sparse and experts", ((7, '"and" is read as a word'),)),
    ("sparse or experts", ((7, "OR"),)),
    ("sparse not experts", ((7, "NOT"),)),
    ("not experts", ((0, "NOT"),)),
    ("or experts", ()),
    ('"this and that"', ()),
    ("a -a", ((2, "nothing can match"),)),
    ("a -b", ()),
    ("-survey", ((0, "only excludes"),)),
    ("-a OR -b", ((0, "only excludes"),)),
    ("“a b”", ((0, "plain quote"),)),
    ("a , b", ((2, "holds no word"),)),
    ("2306.14048", ((0, "read as id:arxiv:2306.14048"),)),
    ("https://example.org", ((0, "address"),)),
    ("Experts:Adapting", ((0, "both sides are read as words"),)),
    ("author:Tianlong Chen", ((7, 'author:"Tianlong Chen"'),)),
    ("author:Chen pruning", ()),
    ("x @odd", ((2, "in @odd:"),)),
)


@pytest.mark.parametrize(("typed", "expected"), WARNINGS)
def test_what_may_not_be_meant_is_said(typed: str, expected: tuple[tuple[int, str], ...]) -> None:
    said = warnings(typed, {"odd": "y , z"})

    assert [warning.column for warning in said] == [column for column, _ in expected]
    assert all(part in warning.message for warning, (_, part) in zip(said, expected, strict=True))


def test_words_that_no_paper_holds_are_named_with_the_closest_ones() -> None:
    vocabulary = {"pruning", "prune", "sparse", "expert", "mixture", "of"}

    said = unseen_words(
        'sparse "mixture of exprts" prunning pru* xyz* -gone =Sparse ~prune @m', vocabulary, {"m": "moo"}
    )

    assert [(warning.column, warning.message) for warning in said] == [
        (0, 'no stored paper holds "moo"'),
        (19, 'no stored paper holds "exprt"; some hold expert'),
        (27, 'no stored paper holds "prunning"; some hold pruning'),
        (41, 'no stored paper holds "xyz*"'),
    ]


def test_nesting_length_and_terms_are_bounded() -> None:
    deep = "(" * (MAX_DEPTH + 1) + "a" + ")" * (MAX_DEPTH + 1)
    bomb = {f"m{level}": f"@m{level + 1} OR (@m{level + 1} x{level})" for level in range(30)} | {"m30": "a b c"}
    chain = {f"m{level}": f"@m{level + 1} x" for level in range(100)} | {"m100": "a"}
    texts: tuple[tuple[str, Mapping[str, str], str], ...] = (
        (deep, {}, "deeper"),
        ("a " * (MAX_LENGTH // 2) + "a", {}, "characters at most"),
        ("a " * (MAX_TERMS + 1), {}, "terms at most"),
        ("@m0", bomb, "terms at most"),
        ("@m0", chain, "deeper"),
    )

    for text, macros, message in texts:
        with pytest.raises(QueryError, match=message):
            parse(text, macros)
    assert parse(deep[1:-1]) == parse("a")
    assert parse("NOT " * 5001 + "a") == parse("-a")


def test_of_a_long_line_only_the_fault_is_shown() -> None:
    words = "word " * 300

    with pytest.raises(QueryError) as caught:
        parse(f"x\n{words}foo:bar {words}")
    line, caret = str(caught.value).splitlines()
    assert len(line) < 140
    assert line[caret.index("^") :].startswith("foo:bar")
    assert caret.endswith('"foo"')
    with pytest.raises(QueryError) as caught:
        parse(words + '"')
    assert str(caught.value).splitlines()[0].endswith('word "')
    with pytest.raises(QueryError) as caught:
        parse('"' + "word, " * 30)
    assert str(caught.value).splitlines()[0].startswith('"word,')


def test_a_query_of_exclusions_only_is_known() -> None:
    assert excludes_only(parse("-a -b"))
    assert excludes_only(parse("a OR -b"))
    assert not excludes_only(parse("a -b"))
    assert not excludes_only(parse("-(-a)"))
    assert excludes_only(parse("-(a b)"))


def with_link(url: str, kind: LinkKind) -> Paper:
    return Paper("x", links=(Link(url, kind, url, "abstract", ""),))


HUB = "https://huggingface.co/"
RECORDS = (
    ("has:code", with_link("https://github.com/example/x", "github"), True),
    ("has:code", with_link("https://example.org/x", "other"), False),
    ("has:weights", with_link(HUB + "example/x", "huggingface"), True),
    ("has:weights", with_link(HUB + "datasets/example/x", "huggingface"), False),
    ("has:data", with_link(HUB + "datasets/example/x", "huggingface"), True),
    ("has:page", with_link(HUB + "spaces/example/x", "huggingface"), True),
    ("has:page", with_link("https://x.example.org", "project_page"), True),
    ("has:video", with_link("https://x.example.org", "video"), True),
    ("code:github", with_link("https://github.com/example/x", "github"), True),
    ("code:github.com", with_link("https://github.com/example/x", "github"), True),
    ("code:gitlab", with_link("https://gitlab.example.org/x", "other"), True),
    ("code:gitlab", with_link("https://[broken", "other"), False),
    ("date:2024-06", Paper("x", published=PartialDate(2024, 6, 30)), True),
    ("date:2024-06", Paper("x", published=PartialDate(2024, 6)), True),
    ("date:2024-06", Paper("x", published=PartialDate(2024)), False),
    ("date:2024", Paper("x", published=PartialDate(2024)), True),
    ("date:>=2024-06-02", Paper("x", published=PartialDate(2024, 6)), False),
    ("date:>2024-06", Paper("x", published=PartialDate(2024, 7)), True),
    ("date:>2024-06", Paper("x", published=PartialDate(2024, 6, 30)), False),
    ("date:<2024", Paper("x", published=PartialDate(2023, 12, 31)), True),
    ("date:2023..2025", Paper("x", published=PartialDate(None, 11, 17)), False),
    ("date:>=0001", Paper("x", published=PartialDate(9999, 12)), True),
    ("date:2024", Paper("x"), False),
    ("-date:2024", Paper("x"), True),
    ("upvotes:>=20", Paper("x", upvotes=20), True),
    ("upvotes:>20", Paper("x", upvotes=20), False),
    ("upvotes:<20", Paper("x", upvotes=20), False),
    ("upvotes:<=20", Paper("x", upvotes=20), True),
    ("upvotes:10..20", Paper("x", upvotes=15), True),
    ("upvotes:10..20", Paper("x", upvotes=21), False),
    ("upvotes:>=0", Paper("x"), False),
    ("NOT upvotes:>=20", Paper("x"), True),
    ("upvotes:<20", Paper("x"), False),
    ("score:>9.5", Paper("x", score=9.6), True),
    ("is:new", Paper("x", announce_type="new"), True),
    ("is:cross", Paper("x", announce_type="replace-cross"), True),
    ("is:replacement", Paper("x", announce_type="replace"), True),
    ("is:new", Paper("x"), False),
    ("id:2306.14048v1", Paper("x", id="arxiv:2306.14048", version=2), True),
    ("id:2306.14049", Paper("x", id="arxiv:2306.14048"), False),
    ("id:10.1000/abc", Paper("x", id="title:abc", doi="10.1000/ABC"), True),
    ("id:123", Paper("x", id="pmid:123"), True),
    ("https://arxiv.org/abs/2306.14048", Paper("x", id="title:y", url="http://arxiv.org/abs/2306.14048v4"), True),
    ("org:meta", Paper("x", organization="Meta AI"), True),
    ("org:mit", Paper("x", affiliations=("MIT CSAIL",)), True),
    ("venue:neurips", Paper("x", venue="NeurIPS 2024"), True),
    ('comment:"12 pages"', Paper("x", comments="12 pages, 3 figures"), True),
    ("keyword:pruning", Paper("x", keywords=("network pruning",)), True),
    ("category:cs", Paper("x", categories=("cs.LG",)), True),
    ("category:cs.LG", Paper("x", categories=("Machine Learning (cs.LG)",)), True),
    ("category:cs.LG", Paper("x", categories=("CL",)), False),
    ("category:stat.AP", Paper("x", categories=("AP",)), True),
    ("category:cs.RO", Paper("x", categories=("Learning to rank in RO",)), False),
    ("category:math", Paper("x", categories=("math-ph",)), False),
    ("category:neuroscience", Paper("x", categories=("Neuroscience",)), True),
    ("category:quant-ph", Paper("x", categories=("QUANT-PH",)), True),
)


@pytest.mark.parametrize(("query", "paper", "expected"), RECORDS)
def test_what_the_record_says_decides(query: str, paper: Paper, expected: bool) -> None:
    assert evaluate(parse(query), paper) is expected


def test_the_source_is_known_to_the_document_alone() -> None:
    paper = Paper("x")

    assert evaluate(parse("source:daily"), Document(paper, source="daily papers.txt"))
    assert not evaluate(parse("source:daily"), paper)


PEOPLE = (
    (
        "Tianlong Chen",
        ("Tianlong Chen", "Chen, Tianlong", "T. Chen", "Chen T", "Chen T."),
        ("Tianlong Cheng", "Wei Chen", ""),
    ),
    ("T. Chen", ("Tianlong Chen", "Chen, Tianlong", "Chen TL"), ("Yi Cheng", "Wei Chen", "Chen")),
    ("Chen T", ("Tianlong Chen",), ("Chen Wang",)),
    ("chen", ("Chen, T", "Tianlong Chen", "CHEN T", "Chen"), ("Yi Cheng", "Chen Wang")),
    ("Schölkopf", ("Bernhard Schoelkopf", "B. Scholkopf", 'B. Sch{\\"o}lkopf'), ("B. Schilkopf",)),
    ("scholkopf", ("Bernhard Schoelkopf",), ()),
    ("Müller", ("A. Mueller", "A. Muller"), ("A. Miller",)),
    ("Xu", ("Wei Xu",), ("Wei Xue",)),
    ("van der Maaten", ("Laurens van der Maaten", "van der Maaten, L."), ("Laurens Maaten",)),
    ("Maaten", ("Laurens van der Maaten", "van der Maaten, L."), ()),
    ("García Márquez", ("Gabriel García Márquez", "García Márquez, Gabriel"), ("Gabriel García",)),
    ("Garcia", ("García Márquez, Gabriel",), ("Gabriel García Márquez",)),
    ("Weinan E", ("Weinan E", "E, Weinan"), ("Weinan Zhang",)),
    ("Wei LI", ("Wei Li", "W. Li", "Li W"), ("Li Na",)),
    ("O'Brien", ("Pat O’Brien",), ("Pat Brien",)),
    ("Levi-Strauss", ("Claude Levi-Strauss", "Claude Lévi-Strauss"), ("Johann Strauss",)),
    ("Geoffrey Hinton", ("Geoffrey E. Hinton", "G. E. Hinton", "Hinton GE"), ("Geoff Hinton", "George Hinton")),
    ("Geoffrey E. Hinton", ("Geoffrey Hinton",), ()),
    ("Tian-Long Chen", ("Tianlong Chen", "Tian-Long Chen", "T.-L. Chen"), ()),
    ("陈天龙", ("陈天龙",), ("陈天",)),
    ("陈", ("陈天龙",), ("李天龙",)),
    ("chen*", ("Yi Cheng",), ("Yi Chin",)),
    ("J. Smith Jr.", ("John Smith", "John Smith, Jr."), ("John Smythe",)),
)


@pytest.mark.parametrize(("asked", "same", "others"), PEOPLE)
def test_a_name_finds_the_ways_to_print_it_and_nobody_else(
    asked: str, same: tuple[str, ...], others: tuple[str, ...]
) -> None:
    query = parse(f'author:"{asked}"')

    assert [name for name in same if not evaluate(query, Paper("x", authors=(name,)))] == []
    assert [name for name in others if evaluate(query, Paper("x", authors=(name,)))] == []


def test_every_spelling_of_a_field_is_read() -> None:
    values = {
        "date": "2024",
        "upvotes": "5",
        "score": "5",
        "stars": "5",
        "has": "code",
        "is": "new",
        "id": "2306.14048",
    }

    for spelling, field in SPELLINGS.items():
        if field != "like":
            parse(f"{spelling}:{values.get(field, 'x')}")


def test_a_raised_digit_is_no_name() -> None:
    with pytest.raises(QueryError):
        parse("author:²")
    assert parse("chen author:Chen²") == parse("chen author:chen")


TYPED: tuple[tuple[str, dict[str, str]], ...] = (
    ('"Mixture of Experts" =MoE', {'"mixture of expert"': '"Mixture of Experts"'}),
    ("Experts[ti] “Sparse  Models”~4", {"title:expert": "title:Experts", '"sparse model"~4': '"Sparse Models"~4'}),
    ("title:(Networks OR ~Pruning) author:Chen", {
        "title:network": "title:Networks", "title:~prune": "title:~Pruning", "author:chen": "author:Chen",
    }),
    ("@unknown Networks date:2024 moe", {"network": "Networks"}),
    ('Networks (never closed', {}),
    ('"never closed', {}),
)  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), TYPED)
def test_clauses_are_known_as_they_were_typed(text: str, expected: dict[str, str]) -> None:
    assert typed_clauses(text) == expected
