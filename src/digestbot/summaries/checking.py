"""Whether a sentence that somebody else wrote about a paper may be shown: held against the paper, word by word.

A model can be wrong, or have been talked into something by an abstract. So its sentence counts only when it is one
sentence of bounded length, without addresses and markup, and when every number, name and acronym in it stands in title
or abstract. What it claims about them cannot be checked so; most of its other words have to be the paper's, too.
"""

import re
from collections.abc import Set as AbstractSet
from typing import Final

from digestbot.summaries.candidates import LIMIT, size
from digestbot.summaries.sentences import plain, sentences
from digestbot.summaries.words import DULL, stem, stems
from digestbot.text import to_unicode

_CHARACTERS: Final = 400
_SHORTEST: Final = 5
_SHARE: Final = 0.6
"""How many of the words that say something have to be the paper's."""

_ADDRESS: Final = re.compile(
    r"://|\bwww\.|@|\b[\w-]+\.(?:com|org|net|io|ai|dev|app|edu|gov|info|co|me|ly|xyz)\b", re.IGNORECASE
)
_MARKUP: Final = re.compile(r"</?[a-z!]|&#?\w{1,30};|[`{}\\|*_~]|\]\(|^[#>-]", re.IGNORECASE)
_SIGNS: Final = frozenset(" .,;:!?'\"()-–—%’‘“”/+&")
"""What may stand between words though the paper does not print it."""
_ENDS: Final = (".", "!", "?", "。", "！", "？")
_NUMBER: Final = re.compile(r"(?<![^\W\d_])\d+(?:[.,]\d+)*(?:\s?(?:%|percent\b|x\b|×))?")
_WORD: Final = re.compile(r"[^\W_]+")
_COUNTS: Final = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
    "eighteen nineteen twenty thirty forty fifty sixty seventy eighty ninety hundred hundreds thousand thousands "
    "million millions billion billions trillion dozen dozens once twice thrice double doubles doubled doubling triple "
    "triples tripled tripling quadruple half halves halved halving quarter third thirds twofold threefold fourfold "
    "fivefold tenfold hundredfold"
)
_COUNTED: Final = frozenset(_COUNTS.split())
_BEGINNINGS: Final = (
    "a an the this these we our it its by using with for in on to from through via under given unlike despite while "
    "when as new novel paper study work article authors researchers method approach introduces introducing proposes "
    "proposing presents presenting shows showing demonstrates develops describes provides investigates studies "
    "evaluates explores compares analyzes analyses establishes derives designs offers examines reports extends "
    "combines combining applies uses finds proves improves reduces enables learns trains builds adapts surveys reviews"
)
_OPENERS: Final = frozenset(_BEGINNINGS.split())
"""How a sentence may begin though the paper does not print it; everything else with a capital is a name."""


def flaw(sentence: str, title: str, abstract: str) -> str:
    """Return why a sentence may not be shown as the summary of a paper; empty when it may."""
    form = _form(sentence)
    if form:
        return form
    known = f"{to_unicode(title)} {plain(abstract)} {title} {abstract}"
    return _sign(sentence, known) or _number(sentence, known) or _name(sentence, known) or _drift(sentence, known)


def _form(sentence: str) -> str:
    """Return the first thing that is wrong with a sentence whatever the paper is."""
    faults = {
        "it is empty": not sentence.strip(),
        f"it has more than {LIMIT} words": len(sentence) > _CHARACTERS or size(sentence) > LIMIT,
        "it holds characters that cannot be printed": not sentence.isprintable(),
        f"it has fewer than {_SHORTEST} words": size(sentence) < _SHORTEST,
        "it holds an address": bool(_ADDRESS.search(sentence[:_CHARACTERS])),
        "it holds markup": bool(_MARKUP.search(sentence[:_CHARACTERS])),
        "it is not one sentence": len(sentences(sentence)) != 1 or not sentence.endswith(_ENDS),
    }
    return next((name for name, is_so in faults.items() if is_so), "")


def _sign(sentence: str, known: str) -> str:
    """Return what is wrong with a sign (an emoji, a currency, a superscript) that the paper does not print."""
    strange = next((c for c in sentence if not (c.isalpha() or c in _SIGNS or "0" <= c <= "9" or c in known)), "")
    return f"the sign {strange} is not in the paper" if strange else ""


def _number(sentence: str, known: str) -> str:
    """Return what is wrong with a number; digits that belong to a name are the name's."""
    there = {_plain_number(text) for text in _NUMBER.findall(known)}
    there |= {re.sub(r"[^\d.]", "", text) for text in there}
    words = set(_words(known))
    for text in _NUMBER.findall(sentence):
        if _plain_number(text) not in there:
            return f"the number {text} is not in the paper"
    new = next((word for word in _words(sentence) if word in _COUNTED and word not in words), "")
    return f"the number {new} is not in the paper" if new else ""


def _plain_number(text: str) -> str:
    """Return a number without the commas of its thousands, and with its unit in one form."""
    digits = re.sub(r",(?=\d{3}(?!\d))", "", text)
    return re.sub(r"\s?(?:%|percent)$", "%", re.sub(r"\s?[x×]$", "x", digits))


def _name(sentence: str, known: str) -> str:
    """Return what is wrong with a name or an acronym: a word with a capital, or with letters and digits."""
    printed = frozenset(_WORD.findall(known))
    folded = frozenset(map(str.casefold, printed))
    for place, found in enumerate(_WORD.finditer(sentence)):
        word = found[0]
        if not _looks_named(word) or (place == 0 and word.istitle() and _begins(word.lower(), known)):
            continue
        is_acronym = sum(sign.isupper() for sign in word) > 1  # "IT" is not "it"
        if not (_is_there(word, printed) if is_acronym else _is_there(word.casefold(), folded)):
            return f"the name {word} is not in the paper"
    return ""


def _begins(word: str, known: str) -> bool:
    """Tell whether a sentence may begin with a word that is no name: a usual one, or a form of one of the paper's."""
    return word in _OPENERS or stem(word) in frozenset(stems(known))


def _looks_named(word: str) -> bool:
    return word != word.lower() or (not word.isdigit() and any(sign.isdigit() for sign in word))


def _is_there(word: str, there: AbstractSet[str]) -> bool:
    """Tell whether the paper has the word, alone or in the plural."""
    return word in there or f"{word}s" in there or (word.endswith("s") and word[:-1] in there)


def _drift(sentence: str, known: str) -> str:
    """Return what is wrong when most of the words that say something are not the paper's."""
    there = frozenset(stems(known))
    own = [word for word in stems(sentence) if word not in DULL]
    if sum(word in there for word in own) < _SHARE * len(own):
        return "most of its words are not the paper's"
    return ""


def _words(text: str) -> list[str]:
    return [word.casefold() for word in _WORD.findall(text)]
