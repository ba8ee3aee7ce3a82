"""Whether a piece of text reads like running prose (an abstract) or like a title, as evidence in log-odds.

No single trait decides. Length, sentence ends, the words that sentences need and titles avoid, and the share
of capitalised words each say something, and the sum says the rest: above 0 it is prose.
"""

import re

_LONGEST_TITLE = 300  # characters; arXiv's longest have some 250
_LONGEST_ABSTRACT = 1_920  # characters, arXiv's own bound
_LONG = 250
_SAMPLE = 3_000  # characters that are looked at; the rest of a longer text changes nothing

_SENTENCE_END = re.compile(r"[.!?…][\"'’”)\]}$]*$")
_BREAK = re.compile(r"[a-z0-9)\]$][.!?][\"'’”)\]]*\s+(?=[A-Z$\\(\"“])")
_WORD = re.compile(r"[^\W\d_][\w'’]*")
_SAYS_WE = frozenset(("we", "our", "us", "propose", "proposes", "introduce", "introduces", "however", "paper"))
_SENTENCE_WORDS = """
    is are was were be been has have had can may this these those that which it its their they there such also
    """
_OF_SENTENCES = frozenset(_SENTENCE_WORDS.split())
_GOES_ON = re.compile(
    r"(?:our (?:code|results|experiments|data|models?|project)|(?:source )?code\b|data(?:set)?s?\b.{0,40}available"
    r"|project page|furthermore|moreover|in addition|finally|additionally|in this (?:paper|work)"
    r"|to (?:this end|address)|specifically"
    r"|extensive|experiment|experiments|we (?:also|further|then)|however|results show|keywords?:|comments?:|https?:)",
    re.IGNORECASE,
)


def prose_odds(text: str) -> float:
    """Return the log-odds that `text` is prose and not a title."""
    sample = text[:_SAMPLE]
    words = _WORD.findall(sample)
    return _by_length(len(text)) + _by_sentences(sample) + _by_words(words) + _by_capitals(words)


def is_long(text: str) -> bool:
    """Whether `text` is too long for a title and for a line that was wrapped to a width."""
    return len(text) > _LONG


def ends_sentence(text: str) -> bool:
    """Whether `text` ends where a sentence may end."""
    return _SENTENCE_END.search(text[-8:]) is not None


def goes_on(last: str, size: int, following: str) -> bool:
    """Whether `following` is a further paragraph of the abstract that ends with `last` and has `size` characters.

    It is when the abstract breaks off, or when the paragraph begins in mid-sentence, is short, or begins as second
    paragraphs do; two whole abstracts seldom fit into the length that arXiv allows for one.
    """
    if not ends_sentence(last) or following[:1].islower():
        return True
    if size + len(following) > _LONGEST_ABSTRACT:
        return False
    return len(following) <= _LONG or _GOES_ON.match(following) is not None


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
