"""Lists of people as feeds print them, taken apart: one text in, names as printed out.

``A B, C D and E F`` · ``A B; C D`` · ``Last, F., Last, G. H.`` · ``Last, First; Last, First`` · ``A B et al.``
``A.Bell, C.Dorn`` · ``Last, F., Last, First G.`` · ``👥 A B, C D``
"""

import re
from itertools import pairwise

from digestbot.readers.markup import flat

_ET_AL = re.compile(
    r"[,;]?\s*(?:\b(?:and|&)\s+)?(?:\bet[\s.]\s?al\b\.?|\bothers\b|…|\.\.\."
    r"|\s等\s?(?:[0-9]{1,5}\s?[位名]?\s?(?:作者|人)?)?)\s*$",
    re.IGNORECASE,
)
_BY = re.compile(r"^(?:by|authors?\s*:)\s+", re.IGNORECASE)
_INITIALS = re.compile(r"(?:[A-ZÀ-ÖØ-ÞА-Я]{1,2}(?:\.[\s‐-]?|[\s‐-]|$)){1,5}(?:\s*(?:Jr|Sr|II|III)\.?)?")
_AND = re.compile(r",?\s+(?:and|&)\s+")
_CJK = re.compile(r"[\u3040-\u30ff\u4e00-\u9fff\uac00-\ud7af]")
_CJK_COMMAS = re.compile(r"[、，；]")
_BADGE = re.compile(r"[\u2190-\u2bff\U0001f000-\U0001faff\ufe0f\u200d\s]+")
_GLUED = re.compile(r"[^\W\d_a-z]\.\s?\S")  # ``A.Bell``: a whole name with its initials
_GIVEN = re.compile(r"[^\W\d_a-z][\w'’-]*(?: [^\W\d_a-z]\.?){1,3}")  # ``Todd A.``
_SUFFIX = re.compile(r"(?:Jr|Sr|II|III|IV|Ph\.?\s?D|M\.?D)\.?", re.IGNORECASE)


def split_names(text: str) -> tuple[tuple[str, ...], bool]:
    """Return the names of a list as printed, and whether the list says that there are more (``et al.``)."""
    line = flat(text)
    badge = _BADGE.match(line)
    line = _BY.sub("", line[badge.end() :] if badge else line)
    shortened = _ET_AL.sub("", line)
    return tuple(_split(shortened)), shortened != line


def _split(line: str) -> list[str]:
    if cjk := _CJK.search(line):
        line = _CJK_COMMAS.sub(",", line)
    line = line.lstrip(" ,;.:").rstrip(" ,;")
    if ";" in line:
        return [name for part in line.split(";") for piece in _AND.split(f" {part}") if (name := piece.strip(" ,"))]
    parts = [part for piece in line.split(",") if (part := piece.strip())]
    names = [name for part in parts for piece in _AND.split(f" {part}") if (name := piece.strip())]
    if any(_is_initials(part) and not _is_initials(before) for before, part in pairwise(names)):
        return _in_pairs(names) or _with_initials(names)
    if len(parts) == 2 and not cjk and not any(" " in part or _GLUED.match(part) for part in parts):
        return [", ".join(parts)]  # one person, family name first
    return _with_suffixes(names)


def _is_initials(part: str) -> bool:
    return len(part) <= 30 and _INITIALS.fullmatch(part) is not None


def _in_pairs(parts: list[str]) -> list[str]:
    """Return ``Bell, N., Dorn, Todd A.`` as two people; nothing when some family names stand without given ones."""
    families, given = parts[::2], parts[1::2]
    if len(families) != len(given) or any(_is_initials(name) or _SUFFIX.fullmatch(name) for name in families):
        return []
    initials = sum(map(_is_initials, given))
    if 2 * initials < len(given) or not all(_is_initials(name) or _GIVEN.fullmatch(name) for name in given):
        return []
    return [f"{family}, {name}" for family, name in zip(families, given, strict=True)]


def _with_initials(parts: list[str]) -> list[str]:
    """Put ``Last`` and ``F. M.`` together again; what stands without initials is a name of its own."""
    names: list[str] = []
    waiting = False
    for name in parts:
        if names and _SUFFIX.fullmatch(name):
            names[-1] += f", {name}"
        elif waiting and _is_initials(name) and not _is_initials(names[-1]):
            names[-1] += f", {name}"
            waiting = False
        else:
            names.append(name)
            waiting = True
    return names


def _with_suffixes(parts: list[str]) -> list[str]:
    """Put ``John Smith`` and ``Jr.`` together again."""
    names: list[str] = []
    for part in parts:
        if names and _SUFFIX.fullmatch(part):
            names[-1] += f", {part}"
        else:
            names.append(part)
    return names


def given_first(name: str) -> str:
    """Return ``Given Family`` for ``Family, Given`` and ``Family, Suffix, Given``; another form as it is."""
    family, *rest = (part.strip() for part in name.split(","))
    if not rest or not family or len(rest) > 2:
        return name
    suffix = rest[0] if len(rest) == 2 and _SUFFIX.fullmatch(rest[0]) else rest[1] if len(rest) == 2 else ""
    given = rest[1] if suffix == rest[0] and len(rest) == 2 else rest[0]
    if _SUFFIX.fullmatch(given):
        return name  # ``John Smith, Jr.``
    return " ".join(part for part in (given, family, suffix) if part)
