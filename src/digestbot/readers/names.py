"""What a person's name looks like, as evidence in log-odds.

Shape says most: two or three words that begin with a capital, initials, particles in between, no words of the
trade. A small stock of frequent names and what the same file shows elsewhere (`Known`) say the rest. No list of
names is ever complete, so a name that stands in none is only a little less likely, never impossible.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable
from functools import lru_cache

from digestbot.readers.stocks import FAMILY_NAMES, GIVEN_NAMES, GROUPS, JOINTS, PARTICLES, SMALL_WORDS, TRADE_WORDS

_SUFFIXES = frozenset(("jr", "sr", "ii", "iii", "iv", "phd", "md"))
_WORD_ENDS = re.compile(
    r"(?:tions?|ments?|ness|isms?|ities|[bgltvr]ity|izers?|izing|ability|ology|ological|graphs?|ings|[a-z]{4}ing|ically)$"
)
_PINYIN = re.compile(
    r"(?:(?:zh|ch|sh|[bpmfdtnlgkhjqxrzcsyw])(?:iang|iong|uang|ang|eng|ing|ong|ian|iao|uai|uan|ai|an|ao|ei|en|er|ia|ie|in|iu|ou"
    r"|ua|ue|ui|un|uo|ve|[aeiouv])|ang|ai|an|ao|ou|en|e){1,3}"
)
_EAST_ASIAN = re.compile(r"[\u4e00-\u9fff]{2,4}|[\uac00-\ud7a3]{2,4}")
_INITIAL = re.compile(r"(?:[^\W\d_]\.[-‐]?){1,4}[^\W\d_]?\.?")
_PLAIN = re.compile(r"[^\W\d_][^\W\d_]*(?:['’ʼ`´‘][^\W\d_]+)*['’]?\.?")
_PREFIXED = re.compile(
    r"(?:Mc|Mac|De|Di|Da|Du|La|Le|Van|Von|Fitz|Abd|El|Al|St|Ben|Del|Dos|Ter|Ten)(?=[^\W\d_])|[^\W\d_]['’ʼ`´‘]"
)
_DOTTED = re.compile(r"\b([^\W\d_])\.(?=[^\W\d_]{2})")
_TEX = re.compile(r"\\(?:[\"'`^~=.]|[a-zA-Z]+)\s*|[{}$]")
_HYPHEN = re.compile(r"[-‐‑]")
_BY_LENGTH = (-3.0, 2.0, 1.5, 0.0, -2.0, -4.0, -6.0)  # log-odds of a name of one word, of two …
_LEAST, _MOST = -12.0, 14.0

LONGEST_NAME = 80
"""Characters a name may have."""


class Known:
    """The names that a file shows where they cannot be mistaken: behind a comma."""

    def __init__(self) -> None:
        self.people: Counter[str] = Counter()
        self.given: Counter[str] = Counter()
        self.family: Counter[str] = Counter()

    def add(self, names: Iterable[str]) -> None:
        """Learn names."""
        for name in names:
            tokens = name.split()
            self.people[name] += 1
            self.given[folded(tokens[0])] += 1
            self.family[folded(tokens[-1])] += 1


def folded(token: str) -> str:
    """Return a name's token for comparison: TeX accents and diacritics off, small letters."""
    plain = unicodedata.normalize("NFKD", _TEX.sub("", token)).casefold()
    return "".join(char for char in plain if not unicodedata.combining(char)).strip(".'’")


def is_trade_word(token: str) -> bool:
    """Return whether a word is one that titles are made of and names are not."""
    word = token.casefold().strip(".,:;!?'\"")
    return word in TRADE_WORDS or word in SMALL_WORDS or _ends_like_a_noun(word)


def _ends_like_a_noun(word: str) -> bool:
    """Return whether a word ends like an abstract noun; ``Fengming`` does not, for it is two syllables of pinyin."""
    if len(word) < 7 or word in FAMILY_NAMES or word in GIVEN_NAMES or _PINYIN.fullmatch(word):
        return False
    return _WORD_ENDS.search(word) is not None


def is_joint(token: str) -> bool:
    """Return whether a word is an article, a preposition or the like, with which no title ends."""
    return token.casefold() in JOINTS


def is_given_name(token: str) -> bool:
    """Return whether a word, or each half of a double one (``Jean-Baptiste``, ``JinWoo``), is a frequent given name."""
    parts = [folded(hump) for part in _HYPHEN.split(token) for hump in humps_of(part)]
    return folded(token) in GIVEN_NAMES or (bool(parts) and all(part in GIVEN_NAMES for part in parts))


def humps_of(word: str) -> list[str]:
    """Return the parts of a word that each begin with a capital: ``Kinect``, ``Fusion``."""
    starts = [0, *(place for place in range(1, len(word)) if word[place].isupper() and not word[place - 1].isupper())]
    return [word[start:end] for start, end in zip(starts, [*starts[1:], len(word)], strict=True)]


def name_odds(name: str, known: Known) -> float:
    """Return the log-odds that `name` is a person's (or a group's) and no part of a title."""
    form = form_odds(name)
    return form if form == _LEAST else min(form + _known_odds(name, known), _MOST)


@lru_cache(maxsize=1 << 14)
def form_odds(name: str) -> float:
    """Return what `name` says by itself: by its shape, and by the stock of frequent names."""
    tokens = _DOTTED.sub(r"\1. ", name).split() if len(name) <= LONGEST_NAME else []
    if not 0 < len(tokens) <= len(_BY_LENGTH):
        return _LEAST
    if _EAST_ASIAN.fullmatch(name):
        return 3.0
    if _is_group(tokens):
        return 1.5 if len(tokens) > 1 else 0.0
    shapes = sum(_shape_odds(token, place, len(tokens)) for place, token in enumerate(tokens))
    if len(tokens) > 1 and all(token.isupper() and len(token) > 1 for token in tokens):
        shapes += 6.0  # it was shouted, which says nothing about each of its words
    return max(_LEAST, min(_BY_LENGTH[len(tokens) - 1] + shapes + _stock_odds(tokens), _MOST))


def _is_group(tokens: list[str]) -> bool:
    """Return whether a name is that of a group: ``Gemma Team``, ``CMS Collaboration``, ``DeepSeek-AI``, ``OpenAI``."""
    last = tokens[-1]
    if len(tokens) == 1:
        return (
            len(last) > 4
            and last.endswith("AI")
            and last[0].isupper()
            and last[1].islower()
            and len(humps_of(last)) <= 3
        )
    return (
        len(tokens) <= 4 and last.casefold() in GROUPS and not any(token.casefold() in SMALL_WORDS for token in tokens)
    )


def _stock_odds(tokens: list[str]) -> float:
    """Return what the stock of frequent names says."""
    last = folded(tokens[-1])
    family = any(part in FAMILY_NAMES for part in (last, *last.split("-")))
    return 2.0 * is_given_name(tokens[0]) + (1.5 * family if len(tokens) > 1 else 0.0)


def _known_odds(name: str, known: Known) -> float:
    """Return what the same file shows elsewhere."""
    if not known.people:
        return 0.0
    if known.people[name]:
        return 6.0
    tokens = name.split()
    given, family = known.given[folded(tokens[0])], known.family[folded(tokens[-1])]
    return 1.5 * bool(given) + 1.5 * bool(family and len(tokens) > 1)


def _shape_odds(token: str, place: int, count: int) -> float:
    """Return what the shape of one word of a name says; `place` counts from 0."""
    if token in PARTICLES:
        return 0.5 if place < count - 1 else -5.0
    if place and token.strip(".").casefold() in _SUFFIXES:
        return 0.5
    if _INITIAL.fullmatch(token) or len(token) == 1:
        return _LEAST if count == 1 else 0.8 if len(token) > 1 else -0.5
    if token[0].islower():
        return -6.0
    parts = [part for part in _HYPHEN.split(_TEX.sub("", token)) if part] or [token]
    odds = [_word_odds(part) + (_later_humps_odds(part) if place else 0.0) for part in parts]
    return min(odds) if min(odds) < -2.0 else sum(odds) / len(odds)


def _later_humps_odds(part: str) -> float:
    """Return what capitals within another word than the given name say: the border of the title may be there."""
    return -2.0 if len(humps_of(part)) > 1 and not _PREFIXED.match(part) else 0.0


def _word_odds(part: str) -> float:
    """Return what the shape of one word, or of a half of a hyphenated one, says."""
    if not _PLAIN.fullmatch(part):
        return -6.0
    if is_trade_word(part):
        return -3.0 if _ends_like_a_noun(part.casefold()) else -5.0
    if len(part) == 1:
        return -0.5
    return _case_odds(part)


def _case_odds(part: str) -> float:
    """Return what the capitals of a word say."""
    if part.isupper():
        return -3.0 if len(part) > 2 else -1.5
    if part.islower():  # the second half of a double name may be small, a word may not
        return 0.5 if len(part) <= 6 else -4.0
    pieces = humps_of(_PREFIXED.sub("", part, count=1) or part)
    if len(pieces) == 1:
        shouted = part[1].isupper() and not _PREFIXED.match(part)
        return -5.0 if shouted else 1.0 if _PINYIN.fullmatch(part.casefold()) else 0.5
    if len(pieces) > 2 or part[1].isupper() or any(is_trade_word(piece) for piece in pieces):
        return -5.0
    return -0.5 if is_given_name(part) else -1.5
