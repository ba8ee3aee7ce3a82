"""Whether a piece of text reads like running prose (an abstract) or like a title, as evidence in log-odds.

No single trait decides. Length, sentence ends, the words that sentences need and titles avoid, and the share
of capitalised words each say something, and the sum says the rest: above 0 it is prose.
"""

import re
from collections.abc import Sequence

_LONGEST_TITLE = 300  # characters; arXiv's longest have some 250
_LONGEST_ABSTRACT = 1_920  # characters, arXiv's own bound
_LONG = 250
_SHORT = 120
_SAMPLE = 1_000  # characters that are looked at; the rest of a longer text changes nothing

_SENTENCE_END = re.compile(r"[.!?…][\"'’”)\]}$]*$")
_ADDRESS_END = re.compile(r"(?:https?://|www\.|[a-z]\.(?:com|org|io|net|edu)/)\S*$")
_BREAK = re.compile(r"[a-z0-9)\]$][.!?][\"'’”)\]]*\s+(?=[A-Z$\\(\"“])")
_WORD = re.compile(r"[^\W\d_][\w'’]*")
_SAYS_WE = frozenset(("we", "our", "us", "propose", "proposes", "introduce", "introduces", "however", "paper"))
_SENTENCE_WORDS = """
    is are was were be been has have had can may this these those that which it its their they there such also
    """
_OF_SENTENCES = frozenset(_SENTENCE_WORDS.split())
_GOES_ON = re.compile(
    r"(?:our (?:code|results|experiments|data|models?|project)|(?:source )?code\b|data(?:set)?s?\b.{0,40}available"
    r"|project page|furthermore|moreover|in addition|finally|additionally|to this end|specifically|extensive"
    r"|experiments?|we (?:also|further|then)|however|results show|keywords?:|comments?:|https?:)",
    re.IGNORECASE,
)
_CONTENT_WORD = re.compile(r"[^\W\d_][\w-]{4,}")
_OF_ALL_PAPERS_TEXT = """
    these those their which about based using while where through other paper propose proposed approach method model
    learning result show shows existing recent performance however between further large experiment demonstrate training
    neural network achieve state across various different several information
    """
_OF_ALL_PAPERS = frozenset(_OF_ALL_PAPERS_TEXT.split())
_SHARED = 0.1  # of the words of a paragraph; of further paragraphs 4 in 5 share more, of other abstracts 1 in 3


def prose_odds(text: str) -> float:
    """Return the log-odds that `text` is prose and not a title."""
    sample = text[:_SAMPLE]
    words = _WORD.findall(sample)
    return _by_length(len(text)) + _by_sentences(sample) + _by_words(words) + _by_capitals(words)


def is_long(text: str) -> bool:
    """Return whether `text` is too long for a title and for a line that was wrapped to a width."""
    return len(text) > _LONG


def ends_sentence(text: str) -> bool:
    """Return whether `text` ends where a sentence may end: with a full stop, or with an address."""
    return _SENTENCE_END.search(text[-8:]) is not None or _ADDRESS_END.search(text[-300:]) is not None


def goes_on(title: str, paragraphs: Sequence[str], size: int, following: str) -> bool:
    """Return whether `following` is a further paragraph of the abstract whose paragraphs have `size` characters.

    It is when the abstract breaks off, or when the paragraph begins in mid-sentence. Else both must fit into the
    length that arXiv allows for an abstract (of neighbours in real dumps, 1 pair in 40 does), and the paragraph
    must be short, begin as second paragraphs do, or share words with what stands above it.
    """
    if not ends_sentence(paragraphs[-1]) or following[:1].islower():
        return True
    if size + len(following) > _LONGEST_ABSTRACT:
        return False
    if len(following) <= _SHORT or _GOES_ON.match(following):
        return True
    words = _content(following)
    return len(words & _content(" ".join((title, *paragraphs)))) >= _SHARED * len(words)


def _content(text: str) -> set[str]:
    """Return the words of `text` that say what it is about, near enough."""
    return {word.casefold().rstrip("s") for word in _CONTENT_WORD.findall(text)} - _OF_ALL_PAPERS


def _by_length(length: int) -> float:
    steps = ((60, -3.0), (120, -2.0), (200, 0.0), (_LONGEST_TITLE, 2.0))
    return next((odds for bound, odds in steps if length <= bound), 7.0)


def _by_sentences(text: str) -> float:
    """Return what full stops say: a title seldom ends in a full stop and seldom holds one."""
    breaks = min(len(_BREAK.findall(text)), 3)
    end = -2.0 if not ends_sentence(text) else 0.0 if text.endswith(("?", "!")) else 2.5
    return end + 2.0 * breaks


def _by_words(words: list[str]) -> float:
    """Return what the words say: sentences need words that titles avoid, and write them small."""
    strong = sum(word in _SAYS_WE for word in words) + (words[:1] == ["We"])
    return min(1.5 * strong, 3.0) + min(0.5 * sum(word in _OF_SENTENCES for word in words), 2.0)


def _by_capitals(words: list[str]) -> float:
    """Return what the case says: Title Case speaks for a title; small letters throughout a little for prose."""
    long = [word for word in words[1:] if len(word) >= 4]
    if len(long) < 3:
        return 0.0
    share = sum(word[0].isupper() for word in long) / len(long)
    return -2.5 if share > 0.6 else 1.0 if share < 0.35 else 0.0
