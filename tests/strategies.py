"""What hypothesis draws: papers and their parts, from a small world so that they collide."""

from random import Random

from hypothesis import strategies as st

from digestbot.models import Alternative, Link, LinkKind, Paper, PartialDate
from digestbot.queries import Query, all_of, any_of, negate, parse

_NAMES = (
    "Ada Lovelace",
    "Lovelace, Ada",
    "A. Lovelace",
    "Kurt Gödel",
    "Godel K",
    "Wei Zhang",
    "Zhang Wei",
    "Grace Hopper",
)
_KINDS: tuple[LinkKind, ...] = ("github", "huggingface", "zenodo", "project_page", "dataset", "other")
_ADDRESSES = (
    "https://github.com/lab/tool",
    "http://github.com/Lab/Tool.git",
    "https://github.com/lab/data",
    "https://huggingface.co/lab/model",
    "https://lab.github.io/tool",
    "https://arxiv.org/abs/2306.14048",
    "http://arxiv.org/pdf/2306.14048v2",
    "https://arxiv.org/abs/2401.00001",
    "https://doi.org/10.1000/abc",
    "https://openreview.net/forum?id=AbCdEf123",
    "https://example.org/paper",
)
_WORDS = st.sampled_from(
    (
        "routing",
        "experts",
        "sparse",
        "models",
        "$\\alpha$",
        "we",
        "propose",
        "attention",
        "Pruning,",
        "1.9$\\times$",
        "1.9times",
        "…",
    )
)


def partial_dates() -> st.SearchStrategy[PartialDate]:
    """Dates as precise as a source may print them."""
    days = st.dates().map(lambda day: PartialDate(day.year, day.month, day.day))
    vague = st.builds(PartialDate, st.integers(1990, 2030), st.none() | st.integers(1, 12))
    yearless = st.builds(PartialDate, st.none(), st.integers(1, 12), st.integers(1, 28))
    return days | vague | yearless


def links() -> st.SearchStrategy[Link]:
    """Links that often lead to one place."""
    return st.builds(
        Link,
        url=st.sampled_from(_ADDRESSES),
        kind=st.sampled_from(_KINDS),
        raw=st.sampled_from(("x", "\\url{x}")),
        field=st.sampled_from(("abstract", "comments", "record")),
        evidence=st.sampled_from(("", "Code: …", "The data is at …")),
    )


def texts(most: int = 12) -> st.SearchStrategy[str]:
    """Sentences of a few words, the same words again and again."""
    return st.lists(_WORDS, max_size=most).map(" ".join)


def papers() -> st.SearchStrategy[Paper]:
    """Records with every field there or missing."""
    names = st.lists(st.sampled_from(_NAMES), max_size=4).map(tuple)
    some = st.lists(st.sampled_from(("cs.LG", "cs.CL", "stat.ML")), max_size=3).map(tuple)
    address = st.none() | st.sampled_from(_ADDRESSES)
    count = st.none() | st.integers(0, 9)
    return st.builds(
        Paper,
        title=texts(4),
        id=st.sampled_from(
            ("", "arxiv:2306.14048", "doi:10.1000/abc", "title:0123456789abcdef", "title:0123456789abcdef-0a")
        ),
        version=st.none() | st.integers(1, 4),
        abstract=texts(),
        authors=names,
        authors_truncated=st.booleans(),
        author_count=count,
        affiliations=some,
        organization=st.none() | texts(2),
        published=st.none() | partial_dates(),
        published_text=st.none() | texts(2),
        updated=st.none() | partial_dates(),
        categories=some,
        announce_type=st.sampled_from((None, "new", "cross", "replace", "replace-cross")),
        comments=st.none() | texts(3),
        venue=st.none() | texts(2),
        doi=st.sampled_from((None, "10.1000/abc", "10.1000/ABC", "10.48550/arXiv.2306.14048")),
        url=address,
        pdf_url=address,
        keywords=some,
        upvotes=count,
        comment_count=count,
        score=st.none() | st.floats(allow_nan=False),
        machine_summary=st.none() | texts(3),
        links=st.lists(links(), max_size=3).map(tuple),
        promises_code=st.booleans(),
        alternatives=st.lists(st.builds(Alternative, texts(3), names, st.floats(-9, 0)), max_size=2).map(tuple),
    )


_ASKED = (
    "expert experts routing pruning prune pruned sparse zero shot zeroshot model models large language mixture of the "
    "a analysis analyses matrix matrices RAG rag MoE MoEs LLM LLMs bias class classes GPT 4 H2O Schölkopf naïve Straße "
    "数据 がん α 2024 attention node anode"
)
_ASKED_WORDS = tuple(_ASKED.split())
_JOINTS = (" ", " ", " ", "-", "–", "/", "_", "'", "’s ", ", ", ". ", "\n", "-\n", "", " of ", "\u00ad", "\u200b")
_MARKUP = (
    r"$ { } \ \alpha \log \textit{ ^ ^{ _{ _ 2 10 i x \'e {\"o} &amp; &frac12; &eacute; & ~ `` '' 1.9times uparrow2 "
    r"² ½ ₂ ᵢ é \% \\ \( \) \cite{a} \href{u}{ http://a.example.org/c_d~e--f \mathbb{R} \ss \c {a,b} {a} "
    r"pm sim textit{ ﬁ ß İ ŉ ™ Σ -- --- @ ำ ५ हि \method # <b> 's"
)
_MARKS = (*_MARKUP.split(), "e\u0301", "\u0301", "\u3099", "\\c c", " ", " ")


def printed_texts() -> st.SearchStrategy[str]:
    """Texts as digests print them: words that `queries` ask for, with TeX, entities and odd characters among them."""
    asked = st.sampled_from(_ASKED_WORDS)
    plain = st.lists(st.tuples(asked, st.sampled_from(_JOINTS)).map("".join), max_size=12).map("".join)
    marked = st.lists(st.sampled_from((*_ASKED_WORDS, *_JOINTS, *_MARKS)), max_size=10).map("".join)
    return plain | marked | st.text(max_size=30)


_PEOPLE = (
    "Tianlong Chen; Chen, Tianlong; T. Chen; Chen T; Chen TL; Yi Cheng; Bernhard Schölkopf; B. Schoelkopf; Weinan E; "
    "Laurens van der Maaten; García Márquez, Gabriel; Wei LI; 陈天龙; O'Brien; J. Smith Jr.; Chen; "
)
_LISTED = ("cs.LG", "LG", "cs.CV", "stat.ML", "QUANT-PH", "math.CO", "Machine Learning", "cs", "")
_LINKS = (
    Link("https://github.com/example/tool", "github", "", "abstract", ""),
    Link("https://huggingface.co/example/model", "huggingface", "", "abstract", ""),
    Link("https://huggingface.co/datasets/example/set", "huggingface", "", "abstract", ""),
    Link("https://tool.example.org", "project_page", "", "comments", ""),
    Link("https://[bad", "other", "", "abstract", ""),
)
_DATES = (
    PartialDate(2024, 6, 1),
    PartialDate(2024, 6),
    PartialDate(2024),
    PartialDate(None, 11, 17),
    PartialDate(2023, 2, 28),
    PartialDate(2024, None, 3),
    PartialDate(2024, 13, 1),
)


def askable_papers() -> st.SearchStrategy[Paper]:
    """Papers in which the words, names, categories and links that `queries` ask for are frequent."""
    return st.builds(
        Paper,
        title=printed_texts(),
        id=st.sampled_from(("arxiv:2306.14048", "doi:10.1000/example", "title:abc", "pmid:123", "")),
        abstract=printed_texts(),
        authors=st.lists(st.sampled_from(_PEOPLE.split("; ")), max_size=2).map(tuple),
        affiliations=st.sampled_from(((), ("Example University of Experts", "MoE Lab"))),
        organization=st.sampled_from((None, "meta-ai", "Sparse Models")),
        published=st.sampled_from((None, *_DATES)),
        categories=st.lists(st.sampled_from(_LISTED), max_size=2).map(tuple),
        announce_type=st.sampled_from((None, "new", "cross", "replace", "replace-cross")),
        comments=st.none() | printed_texts(),
        venue=st.sampled_from((None, "Language Models 2024")),
        doi=st.sampled_from((None, "10.1000/Example")),
        url=st.sampled_from((None, "https://arxiv.org/abs/2306.14048v2")),
        keywords=st.lists(printed_texts(), max_size=2).map(tuple),
        upvotes=st.sampled_from((None, 0, 19, 20, 21)),
        score=st.sampled_from((None, 9.5, 10.0, 10.5)),
        links=st.lists(st.sampled_from(_LINKS), max_size=2).map(tuple),
    )


_VALUES = (
    'author:chen; author:"Tianlong Chen"; author:"T. Chen"; author:Schölkopf; author:chen*; author:"van der Maaten"; '
    'author:Maaten; author:"Weinan E"; author:陈; author:="Tianlong Chen"; author:Li; category:cs; category:LG; '
    'category:cs.LG; category:"machine learning"; category:quant-ph; category:math; has:code; has:weights; has:data; '
    "has:page; has:video; code:github; code:huggingface; code:example; is:new; is:cross; is:replacement; date:2024-06; "
    "date:>=2024-06-01; date:<2024; date:2023..2024-06; date:2024; upvotes:>=20; upvotes:20; upvotes:<20; score:>10; "
    'score:<=10; id:2306.14048; id:doi:10.1000/example; id:title:abc; source:daily; org:meta; org:"sparse model"; '
    'venue:language; comment:expert; keyword:model; all:chen; all:cs; all:model; all:"machine learning"'
)


def leaf_texts() -> st.SearchStrategy[str]:
    """Texts of single clauses that can be read."""
    word = st.sampled_from(_ASKED_WORDS)
    phrase = st.lists(word, min_size=1, max_size=4).map(lambda parts: f'"{" ".join(parts)}"')
    start = word.filter(lambda text: len(text) > 2).map(lambda text: f"{text[:2]}*")
    text = st.one_of(
        word,
        word,
        phrase,
        st.lists(word, min_size=2, max_size=3).map("-".join),
        st.tuples(phrase, st.integers(1, 6)).map(lambda pair: f"{pair[0]}~{pair[1]}"),
        start,
        st.tuples(start, word).map(lambda pair: f'"{pair[0]} {pair[1]}"'),
        st.tuples(st.sampled_from("=~"), word | phrase).map("".join),
    )
    fielded = st.tuples(st.sampled_from(("title", "abs", "tiab", "comment", "keyword", "all", "org")), text).map(
        ":".join
    )
    return text | text | fielded | st.sampled_from(_VALUES.split("; "))


def queries() -> st.SearchStrategy[Query]:
    """Queries of every shape."""
    return st.recursive(
        leaf_texts().map(parse),
        lambda inner: (
            st.lists(inner, min_size=1, max_size=3).map(all_of)
            | st.lists(inner, min_size=1, max_size=3).map(any_of)
            | inner.map(negate)
        ),
        max_leaves=6,
    )


def query_texts(random: Random, depth: int = 2) -> str:
    """One query of any shape, from a seeded generator: for tests that need tens of thousands."""
    if depth == 0 or random.random() < 0.3:
        return _leaf_text(random)
    parts = [query_texts(random, depth - 1) for _ in range(random.choice((1, 2, 2, 3)))]
    text = f"({random.choice((' ', ' OR ')).join(parts)})"
    return f"-{text}" if random.random() < 0.15 else text


def _leaf_text(random: Random) -> str:
    words = [random.choice(_ASKED_WORDS) for _ in range(random.choice((1, 1, 1, 2, 2, 3)))]
    kind, phrase = random.randrange(12), " ".join(words)
    if kind == 0:
        return f"{next(word for word in (*words, 'expert') if len(word) > 2)[:3]}*"
    if kind == 1:
        return f'"{phrase}"~{random.randrange(1, 7)}'
    if kind == 2:
        return f'{random.choice("=~")}"{phrase}"'
    if kind == 3:
        return random.choice(_VALUES.split("; "))
    if kind == 4:
        return f'"{phrase} {random.choice(_ASKED_WORDS)[:2]}*"'
    field = random.choice(("", "", "", "title:", "abs:", "tiab:", "all:", "comment:"))
    return f'{field}"{phrase}"' if len(words) > 1 else f"{field}{phrase}"


def printed_text(random: Random, most: int = 14) -> str:
    """One text as digests print them, from a seeded generator."""
    pieces = (*_ASKED_WORDS, *_ASKED_WORDS, *_ASKED_WORDS, *_MARKS) if random.random() < 0.3 else _ASKED_WORDS
    return "".join(random.choice(pieces) + random.choice(_JOINTS) for _ in range(random.randrange(most)))


def askable_paper(random: Random) -> Paper:
    """One paper in which what `query_texts` asks for is frequent."""
    pick = random.choice
    return Paper(
        title=printed_text(random, 8),
        id=pick(("arxiv:2306.14048", "doi:10.1000/example", "title:abc", "pmid:123", "")),
        abstract=printed_text(random, 30),
        authors=tuple(random.choices(_PEOPLE.split("; "), k=random.randrange(3))),
        affiliations=pick(((), ("Example University of Experts", "MoE Lab"))),
        organization=pick((None, "meta-ai", "Sparse Models")),
        published=pick((None, *_DATES)),
        categories=tuple(random.choices(_LISTED, k=random.randrange(3))),
        announce_type=pick((None, "new", "cross", "replace", "replace-cross")),
        comments=pick((None, printed_text(random, 5))),
        venue=pick((None, "Language Models 2024")),
        doi=pick((None, "10.1000/Example")),
        url=pick((None, "https://arxiv.org/abs/2306.14048v2")),
        keywords=tuple(printed_text(random, 3) for _ in range(random.randrange(3))),
        upvotes=pick((None, 0, 19, 20, 21)),
        score=pick((None, 9.5, 10.0, 10.5)),
        links=tuple(random.choices(_LINKS, k=random.randrange(3))),
    )


_SIGNS = (
    r"""AND OR NOT ANDNOT and or not ( ) " “ ” | || && - – ! = ~ ~5 * ? ^2 : title: ti: author: date: upvotes:>= id: """
    r"""has: is: stars: like: foo: autor: [ti] [au] [ ] @moe @loop @none 2024-06 .. >=20 arXiv:2306.14048 \ \" $ """
    "（ ＂ ： { } https://example.org/a \x00 \ud800"
)


def query_noise() -> st.SearchStrategy[str]:
    """Anything a person, a cat or a program may put into the box."""
    sign = st.sampled_from(_SIGNS.split())
    glued = st.lists(st.sampled_from((*_ASKED_WORDS, *_SIGNS.split(), " ", " ", " ", " ")), max_size=10).map("".join)
    return glued | st.lists(leaf_texts() | sign, max_size=6).map(" ".join) | st.text(max_size=30)
