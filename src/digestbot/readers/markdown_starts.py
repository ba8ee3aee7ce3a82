"""How an entry of a Markdown list begins: which of its words are the title, and what stands before and behind them."""

import re

from digestbot.readers.markdown_forms import is_category, is_paper_address, is_venue, people_of
from digestbot.readers.markdown_inline import Start, plain, read_inline, starting_link, starting_strong, without_links

_ENDS = re.compile(
    r" (?:[-–—|·]|--) | by (?=[A-Z])| [(\[](?=[A-Z\d])| https?://"
    r"|, (?=(?:[A-Z][\w.'’-]{0,40} ){1,4}et al)|(?<=[^\W\d_]{2})\. (?=[A-Z])|(?<=[^\W\d_][?!]) (?=[A-Z]\S+ [A-Z])"
)
_BUTTONS = frozenset(
    (
        *(
            "paper",
            "pdf",
            "arxiv",
            "code",
            "link",
            "abs",
            "html",
            "project",
            "page",
            "website",
            "demo",
            "video",
            "slides",
            "poster",
        ),
        *(
            "github",
            "data",
            "dataset",
            "blog",
            "model",
            "models",
            "weights",
            "supp",
            "bibtex",
            "tweet",
            "openreview",
            "official",
        ),
    )
)
_NUMBER = re.compile(r"[\W\d_]*(?:v\d+)?")
_LEADING_GROUP = re.compile(r"\s*[(\[]([^()\[\]]{2,40})[)\]]\s+(?=\S)")
_INSIGNIFICANT = re.compile(r"[\W\d_]*")
_MOST_BEFORE = 60  # characters that may stand before a title: a number, a date, a venue
_GOOD_TITLE = 4  # words of a link that is more likely the title than what stands before it


def start_of(source: str) -> Start:
    """Return the start of the entry that a line of Markdown holds; an unmarked title ends with its sentence."""
    strong, link = starting_strong(source), starting_link(source)
    if strong and (not link or len(strong.before) <= len(link.before)) and _may_be_title(strong):
        return strong
    if link and _may_be_title(link):
        return link
    return _plain_start(source)


def leads_to_paper(source: str) -> bool:
    """Return whether a line begins with a marked title and links to a paper."""
    start = starting_strong(source) or starting_link(source)
    if not start or not _INSIGNIFICANT.fullmatch(plain(start.before)) or _is_button(start.title):
        return False
    addresses = (start.url, *(anchor.url for anchor in read_inline(start.after).anchors))
    return len(start.title.split()) >= 3 and any(map(is_paper_address, addresses))


def is_buttons(source: str) -> bool:
    """Return whether a line holds nothing but links, one of them to a paper: ``📄 [Full paper](https://…)``."""
    bare = without_links(source)
    return _INSIGNIFICANT.fullmatch(bare.text) is not None and any(is_paper_address(link.url) for link in bare.anchors)


def _may_be_title(start: Start) -> bool:
    """Return whether what is marked as title may be it: no button, no date or place, and nothing better before it."""
    title = start.title.strip(" []().:")
    if not title or _is_button(title) or is_category(title) or _INSIGNIFICANT.fullmatch(title):
        return False
    if is_venue(title) and len(title.split()) <= 3:
        return False
    before = plain(start.before).strip(' "“[](),:.-–—|')
    if _INSIGNIFICANT.fullmatch(before) or (len(before) <= _MOST_BEFORE and (is_venue(before) or is_category(before))):
        return True
    return people_of(before) is not None or (len(before) <= _MOST_BEFORE and len(title.split()) >= _GOOD_TITLE)


def _is_button(words: str) -> bool:
    """Return whether a link's words are those of a button: ``paper``, ``arXiv:2306.14048``, ``project page``."""
    return all(
        word in _BUTTONS or _NUMBER.fullmatch(word) for word in re.split(r"[\s:/]+", words.casefold().strip("[] "))
    )


def _plain_start(source: str) -> Start:
    """Return the words up to the first sign that something else begins. Links are buttons, and come behind."""
    bare = without_links(source)
    group = _LEADING_GROUP.match(bare.text)
    before, text = (group[1], bare.text[group.end() :]) if group else ("", bare.text)
    end = next((place for place in _ENDS.finditer(text, 3) if not _reads_on(text, place)), None)
    title, rest = (text[: end.start()], text[end.start() :].lstrip(".")) if end else (text, "")
    buttons = " ".join(f"[{anchor.words}]({anchor.url})" for anchor in bare.anchors)
    return Start(before, title.strip(" \"“”'"), "", f"{rest} {buttons}")


def _reads_on(text: str, end: re.Match[str]) -> bool:
    """Return whether ``by`` is a word of the title and names nobody."""
    return end[0] == " by " and people_of(text[end.end() :]) is None
