"""The fields a query can name, in every habit's spelling, and where in a paper each of them looks."""

from difflib import get_close_matches
from types import MappingProxyType

ZONES = MappingProxyType(
    {
        "": ("title", "abstract", "comments", "keywords"),
        "title": ("title",),
        "abstract": ("abstract",),
        "tiab": ("title", "abstract"),
        "comment": ("comments",),
        "keyword": ("keywords",),
        "venue": ("venue",),
        "org": ("organization", "affiliations"),
        "author": ("authors",),
        "source": ("source",),
        "all": (
            "title",
            "abstract",
            "comments",
            "keywords",
            "authors",
            "categories",
            "venue",
            "organization",
            "affiliations",
        ),
    }
)
"""The fields of a paper in which the words of a text field are looked for. ``source`` is that of the digest."""
TEXT_FIELDS = frozenset(ZONES) - {"author"}
_SPELLINGS = MappingProxyType(
    {
        "title": "title ti intitle allintitle",
        "abstract": "abstract abs ab",
        "tiab": "tiab title_abstract",
        "author": "author authors au auth inauthor fau lastname",
        "category": "category categories cat subj",
        "comment": "comment comments co",
        "venue": "venue journal jr ta",
        "org": "org organization organisation affiliation affiliations aff ad institution",
        "keyword": "keyword keywords kw ot",
        "source": "source",
        "id": "id ids arxiv doi pmid openreview",
        "all": "all",
        "has": "has",
        "code": "code",
        "is": "is",
        "date": "date published year submitted dp",
        "upvotes": "upvotes upvote likes votes",
        "score": "score",
        "stars": "stars star",
        "like": "like similar",
    }
)
SPELLINGS = MappingProxyType({name: field for field, names in _SPELLINGS.items() for name in names.split()})
"""Every accepted spelling of a field's name, in lower case."""
_TAGS = MappingProxyType(
    {
        "ti": "title",
        "title": "title",
        "tiab": "tiab",
        "title/abstract": "tiab",
        "ab": "abstract",
        "abstract": "abstract",
        "au": "author",
        "author": "author",
        "fau": "author",
        "1au": "author",
        "ad": "org",
        "affiliation": "org",
        "ta": "venue",
        "jour": "venue",
        "journal": "venue",
        "ot": "keyword",
        "mh": "keyword",
        "mesh": "keyword",
        "dp": "date",
        "pdat": "date",
        "all": "all",
        "all fields": "all",
        "tw": "",
        "text word": "",
    }
)


def field_of_tag(tag: str) -> str | None:
    """Return the field that a tag behind a term names, as PubMed writes them (``[ti]``), or None."""
    return _TAGS.get(" ".join(tag.casefold().split()))


def nearest_field(name: str) -> str | None:
    """Return the spelling of a field that `name` is probably a slip of."""
    near = get_close_matches(name.casefold(), [*SPELLINGS], n=1, cutoff=0.7)
    return near[0] if near else None
