"""Where the title ends when a listing glued the first author to it: ``… with Any MaskAjay Jaiswal, Haoyu Ma``.

Every capital within a word may be where the name begins. Each such place is scored by the evidence for the two
halves it makes; the best one wins if it beats having no authors at all, and the next best are kept as alternatives.
All scores are log-odds in nats, set by hand and checked against real titles and names:

* the names: their shape, a stock of frequent names, the names that the file shows elsewhere (`names.name_odds`);
* the title's last word: whether the abstract, the other abstracts or titles in general know it;
* the border: small letter to capital, punctuation to capital, within capitals;
* what would be torn: a word that the abstract writes in one piece, a bracket, a formula.
"""

import re
from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple

from digestbot.models import Alternative
from digestbot.readers.names import (
    LONGEST_NAME,
    Known,
    form_odds,
    humps_of,
    is_given_name,
    is_joint,
    is_trade_word,
    name_odds,
)
from digestbot.readers.stocks import BRAND_ENDINGS, IN_ONE_PIECE

_ET_AL = re.compile(r"[\s,]*\b(?:et\.?\s*al\b\.?|and others)\s*$")
_COMMA = re.compile(r" ?[,;](?! ?(?:Jr|Sr|I{2,3}|IV)\b\.?(?: ?[,;]|$)) ?(?:(?:and|&) )?")
_AND = re.compile(r" (?:and|&) ")
_WORD = re.compile(r"[^\W_](?:[\w'’+.-]*[\w+])?")
_INITIALS = re.compile(r"[^\W\d_]{2,5} ")  # ``DJ Strouse``
_HYPHEN = re.compile(r"[-/–]")
_HUMP = re.compile(r"[^\W\d_][^\W\d_A-Z]*")
_EDGES = ".,:;!?\"'“”‘’()[]{}$"
_NO_BORDER = frozenset("-‐‑–—’ʼ‘“([{/\\_^@#&=<>~`´|,;:")
_PAIRS = (("(", ")"), ("[", "]"), ("{", "}"))

_CLEAN = 1.5  # log-odds of a name from which it is learnt from
_WITHOUT_ET_AL = -1.0  # an entry without any author is rare, a capital within a title's last word is not
_WITH_ET_AL = 8.0  # somebody stands before it
_REACH = 2 * LONGEST_NAME  # characters from the end of which a name may begin
_LONGEST_TITLE = 600  # characters; arXiv's longest have some 250
_HOPELESS = -30.0
_MOST_ALTERNATIVES = 3
_WORDS_KEPT = 200_000


class Split(NamedTuple):
    """A line taken apart."""

    title: str
    authors: tuple[str, ...]
    truncated: bool
    """The line said that there are more authors."""
    score: float
    """Log-odds against no authors at all."""
    alternatives: tuple[Alternative, ...] = ()


class _Candidate(NamedTuple):
    """A place where the authors may begin, in characters from the start of the line."""

    place: int
    score: float


class Evidence:
    """What a file tells about its names and its words."""

    def __init__(self) -> None:
        self.known = Known()
        self.words: set[str] = set()
        self.endings: Counter[str] = Counter()
        """How many lines' glued part ends with a text that may be the first author."""

    def add_abstract(self, text: str) -> None:
        """Learn the words of an abstract."""
        if len(self.words) < _WORDS_KEPT:
            self.words.update(words_of(text))

    def add_line(self, line: str) -> None:
        """Learn the names behind the first comma of a glued line, and what may be the name before it."""
        body, _ = _without_et_al(line)
        names: list[str] = []
        for start, end in reversed(_segments(body)):
            part = body[start:end]
            if start == 0 or form_odds(part) <= _CLEAN:
                if len(self.endings) < _WORDS_KEPT:
                    self.endings.update({body[place:end] for place in _places(body, start, end)})
                break
            names.append(part)
        if len(self.endings) < _WORDS_KEPT:
            self.known.add(names)


def words_of(text: str) -> frozenset[str]:
    """Return the words of `text` in small letters, hyphenated ones whole and in parts."""
    whole = {word.casefold() for word in _WORD.findall(text)}
    return frozenset(whole | {part for word in whole if "-" in word for part in word.split("-")})


def is_truncated(line: str) -> bool:
    """Whether a line ends with ``et al.``."""
    return _without_et_al(line)[1]


def split(line: str, abstract: str, evidence: Evidence) -> Split:
    """Take a glued line apart by the evidence of its abstract and its file."""
    body, truncated = _without_et_al(line)
    words = words_of(abstract)
    found = sorted(_candidates(body, words, evidence), key=lambda item: -item.score)
    prior = _WITH_ET_AL if truncated else _WITHOUT_ET_AL
    ranked = [item._replace(score=item.score + prior) for item in found[: _MOST_ALTERNATIVES + 1]]
    ranked = sorted([*ranked, _Candidate(len(body), 0.0)], key=lambda item: -item.score)
    best, others = ranked[0], ranked[1 : _MOST_ALTERNATIVES + 1]
    return Split(
        body[: best.place].rstrip(),
        _authors(body[best.place :]),
        truncated,
        best.score,
        tuple(
            Alternative(body[: item.place].rstrip(), _authors(body[item.place :]), round(item.score - best.score, 2))
            for item in others
        ),
    )


def _without_et_al(line: str) -> tuple[str, bool]:
    tail = _ET_AL.search(line, max(0, len(line) - 20))
    return (line[: tail.start()].rstrip(), True) if tail else (line, False)


def _authors(text: str) -> tuple[str, ...]:
    """Return the names of an author list."""
    return tuple(name for part in _COMMA.split(text) for name in _AND.split(part) if name)


def _segments(body: str) -> list[tuple[int, int]]:
    """Return where the parts between the commas begin and end."""
    commas = [match.span() for match in _COMMA.finditer(body)]
    return list(zip([0, *(end for _, end in commas)], [*(start for start, _ in commas), len(body)], strict=True))


def _candidates(body: str, words: frozenset[str], evidence: Evidence) -> Iterator[_Candidate]:
    """Yield every place where the authors may begin, from the end backwards."""
    later = 0.0
    for start, end in reversed(_segments(body)):
        for place in _places(body, start, end):
            names = _AND.split(body[place:end])
            comma = 0.0 if not start else -2.0 if " " in body[start:place] else -4.0
            odds = name_odds(names[0], evidence.known) + sum(_clipped(name, evidence.known) for name in names[1:])
            repeated = 3.0 if evidence.endings[body[place:end]] > 1 else 0.0
            yield _Candidate(place, comma + later + odds + repeated + _title_odds(body, place, words, evidence.words))
        later += sum(_clipped(name, evidence.known) for name in _AND.split(body[start:end]))
        if later < _HOPELESS:
            return


def _clipped(name: str, known: Known) -> float:
    """Return what a name behind a comma says. It says less than the glued one, for titles have commas too."""
    return max(-12.0, min(name_odds(name, known), 3.0))


def _places(body: str, start: int, end: int) -> Iterator[int]:
    """Yield where in `body[start:end]` a name may be glued to what stands before it."""
    for place in range(max(start + 1, end - _REACH), min(end, _LONGEST_TITLE)):
        char, before = body[place], body[place - 1]
        if char.islower() or not char.isalpha() or before.isspace() or before in _NO_BORDER:
            continue
        if not char.isupper():
            if before.isascii():  # another script
                yield place
        elif (
            not body[place + 1 : place + 2].isupper()
            or _INITIALS.match(body, place, end)
            or _is_shouted(body[place:end])
        ):
            yield place


def _is_shouted(text: str) -> bool:
    """Return whether a name is in capitals throughout."""
    return " " in text and text.isupper()


def _title_odds(body: str, place: int, words: frozenset[str], file_words: set[str]) -> float:
    """Return what the title that ends at `place` says for ending there."""
    title = body[:place]
    last = title[title.rfind(" ") + 1 :]
    return (
        _last_word_odds(last, words, file_words)
        + _border_odds(body[place - 1], body[place : place + 2])
        + _torn_odds(body, place, last, words, file_words)
        + (-5.0 if any(title.count(one) > title.count(two) for one, two in _PAIRS) or title.count("$") % 2 else 0.0)
        + (-3.0 if title.count('"') % 2 or (last.endswith("'") and title.count("'") % 2) else 0.0)
    )


def _last_word_odds(last: str, words: frozenset[str], file_words: set[str]) -> float:
    """Return whether a title may end with this word: best when its own abstract knows it."""
    whole = last.strip(_EDGES)
    part = _HYPHEN.split(whole)[-1]
    if not part:
        return 1.0 if last[-1:] in ')]}$"?!.' else -2.0
    if is_joint(whole):
        return -6.0
    for word, bonus in ((whole, 0.0), (part, -1.0)):
        if _in(word, words):
            return (4.0 if len(word) > 1 else 1.0) + bonus
    if is_trade_word(whole) or is_trade_word(part):
        return 3.0
    if _in(whole, file_words) or _in(part, file_words):
        return 2.0
    return _unknown_word_odds(part)


def _unknown_word_odds(part: str) -> float:
    """Return whether a title may end with a word that nothing knows: ``KinectFusion`` rather than ``RetrievalZhen``."""
    humps = humps_of(part)
    if len(humps) == 1:
        return -1.0 if len(part) == 1 else 0.5
    if humps[-1].casefold() in BRAND_ENDINGS or is_trade_word(humps[-1]):
        return 1.0
    return -4.0 if is_given_name(humps[-1]) else -1.5 * (len(humps) - 1)


def _in(word: str, words: frozenset[str] | set[str]) -> bool:
    """Whether a word, or its other number, is among the words."""
    small = word.casefold()
    return small in words or f"{small}s" in words or (small.endswith("s") and len(small) > 2 and small[:-1] in words)


def _border_odds(before: str, after: str) -> float:
    """Return what the characters at the border say."""
    if before.isupper():
        return -0.5 if after[0].isupper() else 0.0
    if before.islower():
        return 1.0
    if before.isdigit():
        return 0.5 if after[1:].isalpha() else -3.0  # ``26K``, ``3D`` are in one piece
    return 0.5 if before == "." else 2.0


def _torn_odds(body: str, place: int, last: str, words: frozenset[str], file_words: set[str]) -> float:
    """Return what it costs that the border tears a word which is written in one piece elsewhere."""
    end = body.find(" ", place)
    token = (last + body[place : end if end >= 0 else len(body)]).strip(_EDGES)
    hump = _HUMP.match(body, place)
    joined = (last + hump[0]).strip(_EDGES) if hump else token
    pieces = {piece.casefold() for text in (token, joined) for piece in (text, _HYPHEN.split(text)[-1])}
    if pieces & words or pieces & IN_ONE_PIECE:
        return -6.0
    return -4.0 if pieces & file_words else 0.0
