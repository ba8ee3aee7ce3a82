"""What hypothesis draws: papers and their parts, from a small world so that they collide."""

from hypothesis import strategies as st

from digestbot.models import Alternative, Link, LinkKind, Paper, PartialDate

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
