"""The ids that catalogues give to papers, read from text and addresses and brought to one form.

======================  ======================================================================
``arxiv:2306.14048``    arXiv, both styles, without version and subject class (arXiv's own rule)
``doi:10.1000/abc``     in small letters, as DOIs do not tell them apart; a preprint's is arXiv's
``pmid:23039619``       PubMed
``openreview:HkghWS``   the id of the forum
``s2:0f34…``            Semantic Scholar, 40 hexadecimal digits
``url:aclanthology…``   the ACL Anthology, whose addresses are its ids
======================  ======================================================================
"""

import re
from collections.abc import Iterator
from urllib.parse import unquote

KINDS = ("arxiv", "doi", "pmid", "openreview", "s2", "url")
"""From the strongest to the weakest."""

_LONGEST = 10_000  # characters of a text that are searched

_ARCHIVES = (
    r"(?:astro-ph|cond-mat|gr-qc|hep-(?:ex|lat|ph|th)|math-ph|nucl-(?:ex|th)|quant-ph|nlin|math|physics|cs|q-bio|q-fin|stat"
    r"|econ|eess|acc-phys|adap-org|alg-geom|ao-sci|atom-ph|bayes-an|chao-dyn|chem-ph|cmp-lg|comp-gas|dg-ga|funct-an|mtrl-th"
    r"|patt-sol|plasm-ph|q-alg|solv-int|supr-con)"
)
_ARXIV = (
    rf"(?:(?P<new>[0-9]{{2}}(?:0[1-9]|1[0-2])\.[0-9]{{4,5}})|(?P<archive>{_ARCHIVES})(?:\.[a-z]{{2}})?/(?P<old>[0-9]{{7}}))"
    r"(?:v(?P<version>[0-9]{1,3}))?(?![0-9])"
)
_ARXIV_ALONE = re.compile(rf"\[?(?:arxiv:\s?)?{_ARXIV}\]?(?:\s?\[[a-z.-]{{1,20}}\])?", re.IGNORECASE)
_ARXIV_WITHIN = re.compile(
    r"(?<![a-z0-9])(?:(?:\w{1,20}\.)?arxiv(?:\.org)?\s?[:./]?\s?/{0,2}(?:(?:abs|pdf|html|ps|e-print|format|src|tb)/{1,2})?"
    rf"|(?:huggingface\.co|hf\.co|emergentmind\.com|arxiv-vanity\.com)/papers/|alphaxiv\.org/\w{{1,20}}/|ar5iv[a-z.]{{0,20}}/\w{{1,5}}/){_ARXIV}",
    re.IGNORECASE | re.ASCII,
)
_DOI = re.compile(
    r"(?<![\w.])10\.[0-9]{4,9}(?:\.[0-9]{1,9}){0,3}/(?:\(SICI\)[^\s\"]{1,200}|[^\s\"<>{}|\\^`]{1,500})", re.IGNORECASE
)
_DOI_QUERY = re.compile(r"[?#&].*$", re.DOTALL)
_DOI_VIEW = re.compile(
    r"(?:/(?:full|pdf|epdf|abstract|abs|html|fulltext|meta|summary|references|figures)|\.(?:full|abstract))?(?:\.pdf|/)?$"
)
_RXIV_VERSION = re.compile(r"(?<=[0-9])v([0-9]{1,3})$")
_RXIV_SHORT = re.compile(
    r"(?:bio|med)rxiv\.org/cgi/content/\w{1,20}/(20(?:19|2[0-4])(?:\.[0-9]{2}){2}\.[0-9]{6,8}v[0-9]{1,3})", re.ASCII
)
_NATURE = re.compile(r"nature\.com/articles/(s[0-9]{5}-[0-9]{3}-[0-9]{5}-[0-9a-z])")
_PMID = re.compile(
    r"(?:pubmed\.ncbi\.nlm\.nih\.gov/|ncbi\.nlm\.nih\.gov/(?:m/)?pubmed/|\bpmid\s?:?\s?)([0-9]{1,8})(?![0-9])",
    re.IGNORECASE,
)
_OPENREVIEW = re.compile(
    r"(?:openreview\.net/\w{1,20}(?:/pdf)?/?\?(?:[^#\s]{0,200}?&)?id=|(?<![\w.])openreview:)([\w-]{5,20})", re.ASCII
)
_S2 = re.compile(r"(?:semanticscholar\.org/[^\s?#]{1,300}?/|(?<![\w.])s2:)([0-9a-f]{40})(?![0-9a-z])", re.IGNORECASE)
_ACL = re.compile(
    r"acl(?:anthology\.org|anthology\.info/papers|web\.org/anthology)/([A-Z][0-9]{2}-[0-9]{4}|[0-9]{4}\.[a-z0-9]{1,30}-[a-z0-9]{1,30}\.[0-9]{1,5})"
)


def find_id(text: str) -> tuple[str, int | None] | None:
    """Return the strongest id in a text or address, and its version: ``("arxiv:2306.14048", 3)``."""
    return next(iter(find_ids(text)), None)


def find_ids(text: str) -> tuple[tuple[str, int | None], ...]:
    """Return the ids in a text or address, the strongest first, with their versions."""
    plain = unquote(text[:_LONGEST]) if "%" in text else text[:_LONGEST]
    found: dict[str, int | None] = {}
    for search in (_arxiv, _doi, _plain):
        for name, version in search(plain):
            found[name] = max(found.get(name) or 0, version or 0) or None
    return tuple(found.items())


def kind_of_id(name: str) -> str:
    """Return the kind: what stands before the first colon."""
    return name.partition(":")[0]


def _arxiv(text: str) -> Iterator[tuple[str, int | None]]:
    alone = _ARXIV_ALONE.fullmatch(text.strip())
    for found in [alone] if alone else _ARXIV_WITHIN.finditer(text):
        if number := _arxiv_number(found):
            yield f"arxiv:{number}", int(found["version"]) if found["version"] else None


def _arxiv_number(found: re.Match[str]) -> str:
    """Return the number without subject class, or nothing where its length does not fit its date.

    Four digits from April 2007, five from January 2015 (arXiv's "Understanding the arXiv identifier").
    """
    if found["old"]:
        return f"{found['archive'].lower()}/{found['old']}"
    month, _, rest = str(found["new"]).partition(".")
    return (
        found["new"] if ("0704" <= month <= "1412" and len(rest) == 4) or (month >= "1501" and len(rest) == 5) else ""
    )


def _doi(text: str) -> Iterator[tuple[str, int | None]]:
    texts = [found[0] for found in _DOI.finditer(text)]
    texts += [f"10.1101/{found[1]}" for found in _RXIV_SHORT.finditer(text)]
    texts += [f"10.1038/{found[1]}" for found in _NATURE.finditer(text)]
    for printed in texts:
        doi = _trimmed(printed.lower())
        version = _RXIV_VERSION.search(doi) if doi.startswith(("10.1101/", "10.64898/")) else None
        doi = doi[: version.start()] if version else doi
        if not doi.endswith("/") and not doi.startswith("10.48550/arxiv."):
            yield f"doi:{doi}", int(version[1]) if version else None


def _trimmed(doi: str) -> str:
    """Return `doi` without what a sentence or an address added to its end."""
    doi = _DOI_QUERY.sub("", doi)
    while True:
        short = doi.rstrip(".,;:!?'’”*")
        for opening, closing in ("()", "[]"):
            if short.endswith(closing) and short.count(closing) > short.count(opening):
                short = short[:-1]
        short = _DOI_VIEW.sub("", short, count=1)
        if short == doi:
            return doi
        doi = short


def _plain(text: str) -> Iterator[tuple[str, int | None]]:
    """Yield the ids that need no care."""
    for kind, pattern in (("pmid", _PMID), ("openreview", _OPENREVIEW), ("s2", _S2)):
        for found in pattern.finditer(text):
            yield f"{kind}:{found[1].lower() if kind == 's2' else found[1]}", None
    for found in _ACL.finditer(text):
        yield f"url:aclanthology.org/{found[1]}", None
