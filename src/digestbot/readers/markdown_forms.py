"""What a few words in a Markdown list are, by their form alone: names, a date, a place of publication, an address."""

import re
from typing import NamedTuple

from digestbot.dates import parse_date
from digestbot.models import PartialDate
from digestbot.readers.name_lists import split_names
from digestbot.readers.names import form_odds

_VENUE = re.compile(
    r"\b(?:neurips|nips|icml|iclr|cvpr|iccv|eccv|acl|emnlp|naacl|eacl|coling|aaai|ijcai|kdd|sigir|www|cikm|wsdm|recsys|icra|iros"
    r"|corl|rss|interspeech|icassp|colm|tmlr|jmlr|tacl|miccai|wacv|bmvc|uai|aistats|colt|mlsys|osdi|sosp|nsdi|asplos|isca|hpca"
    r"|vldb|sigmod|chi|usenix|ndss|ccs|arxiv|biorxiv|medrxiv|preprint|nature|science|cell|pnas|ieee|acm|transactions|journal"
    r"|conference|proceedings|workshop|symposium|letters)\b",
    re.IGNORECASE,
)
_CATEGORY = re.compile(
    r"(?:cs|math|stat|eess|econ|physics|nlin|q-bio|q-fin|astro-ph|cond-mat)\.[A-Za-z]{2}(?:[A-Za-z-]{0,10})"
    r"|(?:hep-(?:th|ph|ex|lat)|nucl-(?:th|ex)|gr-qc|quant-ph|math-ph|astro-ph|cond-mat)"
)
_SENTENCE = re.compile(r"(?<=[^\W\d_]{2})[.:] (?=[A-Z\d\"“$\\])")
_BY = re.compile(r"by ", re.IGNORECASE)
_MONTH = r"(?:Jan|Feb|Mar|Apr|May|June?|July?|Aug|Sept?|Oct|Nov|Dec)[a-z]{0,6}\.?"
_DATES = re.compile(
    r"\d{4}[-/.]\d{1,2}(?:[-/.]\d{1,2})?"
    rf"|(?:\d{{1,2}}(?:st|nd|rd|th)? )?\b{_MONTH}(?: \d{{1,2}}(?:st|nd|rd|th)?(?![\d:]))?(?:,? (?:19|20)\d\d)?"
)
_PAPERS = re.compile(
    r"https?://(?:www\.|dx\.|export\.|browse\.|papers\.|proceedings\.|ojs\.|link\.)?(?:arxiv\.org(?!/{1,3}(?:list|search|a|auth|help|year|archive|new|catchup)\b|/?$)|alphaxiv\.org"
    r"|openreview\.net(?!/group\b|/?$)"
    r"|doi\.org|aclanthology\.org|biorxiv\.org|medrxiv\.org|mlr\.press|nips\.cc|neurips\.cc|openaccess\.thecvf\.com|aaai\.org"
    r"|ieeexplore\.ieee\.org|dl\.acm\.org|springer\.com|nature\.com|science\.org|sciencedirect\.com|pubmed\.ncbi\.nlm\.nih\.gov"
    r"|semanticscholar\.org|(?:huggingface\.co|hf\.co)/papers/[0-9]{4}\.[0-9]{4,5}|jmlr\.org|isca-speech\.org"
    r"|hal\.science|eprint\.iacr\.org|ssrn\.com"
    r"|osf\.io/preprints|pnas\.org|cell\.com|iopscience\.iop\.org|journals\.aps\.org|academic\.oup\.com|mdpi\.com|frontiersin\.org)"
    r"(?=[/:]|$)",
    re.IGNORECASE,
)
_OTHER_THINGS = re.compile(
    r"https?://(?:www\.|gist\.|mobile\.)?(?:github\.com|gitlab\.com|twitter\.com|x\.com|t\.co|youtube\.com|youtu\.be|discord\.\w+"
    r"|linkedin\.com|reddit\.com|facebook\.com|medium\.com|\w+\.substack\.com)(?=[/:]|$)",
    re.IGNORECASE,
)
_RANGE = re.compile(rf"\b{_MONTH} \d{{1,2}}(?:st|nd|rd|th)? ?[-–—] ?(?:{_MONTH} )?\d{{1,2}}\b", re.IGNORECASE)
_ANNOUNCES = re.compile(
    r"\b(?:listings?|papers?|articles|submissions|preprints)\b.{0,60}?\b(?:for|of|on|from)\b", re.IGNORECASE
)
_WITHIN = re.compile(r"(?:\.{1,2}/)?(?:[\w-]+\.md)?#|(?!https?:)[^\s#?]{1,300}\.md\b")
_LEAST_ODDS, _FAIR_ODDS, _GOOD_ODDS = -4.0, 1.0, 3.0  # log-odds of one name among several, of their mean, of one alone
_TAIL = 5  # commas from the end behind which a place of publication may begin


class People(NamedTuple):
    """Names, whether there are more, and what followed them."""

    names: tuple[str, ...]
    truncated: bool
    rest: str


def date_in(text: str) -> tuple[str, PartialDate] | None:
    """Return the one date within a heading, as printed and as read; None when there is none, or a span of days."""
    if _RANGE.search(text[:200]):
        return None
    dates = ((part, parse_date(part)) for part in _DATES.findall(text[:200]))
    found = [(part, date) for part, date in dates if date and (date.year or date.day)]  # ``May`` may be a verb
    return found[0] if len(found) == 1 else None


def dates_its_papers(level: int, heading: str) -> bool:
    """Return whether a heading's date is that of what stands below it: a page's is only when it announces papers."""
    return level > 1 or _ANNOUNCES.search(heading[:200]) is not None


def is_category(text: str) -> bool:
    """Return whether `text` is a category of arXiv."""
    return _CATEGORY.fullmatch(text) is not None


def is_venue(text: str) -> bool:
    """Return whether a few words name where a paper appeared."""
    return len(text) <= 80 and len(text.split()) <= 10 and _VENUE.search(text) is not None


def is_paper_address(url: str) -> bool:
    """Return whether an address is that of a paper."""
    return _PAPERS.match(url) is not None or url.lower().partition("?")[0].endswith(".pdf")


def is_other_address(url: str) -> bool:
    """Return whether an address is that of code, a film, a social network or a place in the page: never a paper's."""
    return _OTHER_THINGS.match(url) is not None or _WITHIN.match(url) is not None


def people_of(text: str) -> People | None:
    """Return the people that `text` begins with, when it begins with people.

    They may be all of it, or end where a sentence begins, or where a place of publication stands between commas.
    """
    listed = _BY.sub("", text, count=1) if _BY.match(text) else text
    if whole := _people(listed):
        return People(*whole, "")
    sentence = _SENTENCE.search(listed)
    if sentence and (first := _people(listed[: sentence.start()])):
        return People(*first, listed[sentence.end() :])
    commas = [place.start() for place in re.finditer(",", listed[:2000])]
    for comma in reversed(commas[-_TAIL:]):
        rest = listed[comma + 1 :].strip(" .")
        if (is_venue(rest) or parse_date(rest)) and (first := _people(listed[:comma])):
            return People(*first, rest)
    return None


def _people(text: str) -> tuple[tuple[str, ...], bool] | None:
    names, truncated = split_names(text) if len(text) <= 5000 else ((), False)
    if any(char.isdigit() or char in ":：" for name in names for char in name):
        return None
    odds = [form_odds(_given_first(name)) for name in names]
    if not odds or min(odds) < _LEAST_ODDS:
        return None
    fair = sum(odds) / len(odds) >= (_FAIR_ODDS if len(odds) > 1 else _GOOD_ODDS)
    return (names, truncated) if fair or truncated else None


def _given_first(name: str) -> str:
    family, comma, given = name.partition(", ")
    return f"{given} {family}" if comma else name
