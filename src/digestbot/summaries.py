"""One sentence that says what is new, in the abstract's own words and order.

The sentence is chosen without training: the first that announces something ("we propose", "this paper shows"), else
the first with "we", else the first. It then loses what leans on its neighbours ("However,", "In this paper,") and,
when it is long, its tail: at most 40 words, cut where a clause ends.
"""

import re
from collections.abc import Iterator

from digestbot.text import to_unicode

LIMIT = 40
"""Words a summary has at most."""

# An abstract is read this far; what is longer is not an abstract.
_READ = 20_000

_VERBS = (
    "propos|introduc|present|develop|describ|stud|investigat|explor|show|demonstrat|provid|address|analy[sz]|prove|"
    "deriv|design|offer|suggest|examin|report|extend|establish"
)
_CUE = re.compile(rf"\b(?:we|this (?:paper|work|article|study)|the paper)\b.{{0,40}}?\b(?:{_VERBS})", re.IGNORECASE)
_WE = re.compile(r"\bwe\b", re.IGNORECASE)

_CITE = re.compile(r"[~ ]?\\(?:cite|ref|eqref|label)[a-zA-Z]{0,8}\*?(?:\[[^\]{}]{0,99}\]){0,2}\{[^{}]{0,499}\}(?!\w)")
_NUMBERED = re.compile(r" ?\[\d{1,3}(?: ?[,;–-] ?\d{1,3}){0,20}\](?!\w)")
_NAMED = re.compile(
    r" ?\((?:e\.g\.,? |see )?[A-Z][^()\d]{1,80},? (?:et al\.|[^()\d ]{1,40}), ?(?:19|20)\d\d[a-z]?"
    r"(?:;[^()]{0,300})?\)(?!\w)"
)
# Headings of structured abstracts; some sites glue them to the text: "BackgroundMalaria is".
_LABEL = re.compile(
    r"(?:background|introduction|motivation|objectives?|aims?|purpose|methods?|methodology|results?|findings|"
    r"conclusions?|significance|summary|abstract)(?: ?[:—–] ?|\. (?=[A-Z])|(?-i:(?=[A-Z][a-z])))",
    re.IGNORECASE,
)

_HERE = (
    "(?:in|with) (?:this|the present|the current|our) "
    "(?:paper|work|article|study|report|letter|note|survey|thesis|manuscript)"
)
_POINTER = "(?:this|these|those|such|the (?:above|gaps?|problems?|issues?|challenges?|limitations?))"
_LINKS_BACK = "|".join(
    (
        r"towards? (?:this|that|these) (?:ends?|aim|goal|purpose)|to (?:this|that|these) (?:ends?|aim)",
        r"for (?:this|that) (?:purpose|reason)|in contrast|by contrast|on the (?:contrary|other hand)|instead|rather",
        rf"(?:in order )?to \w{{4,9}} {_POINTER}\b[^,.;]{{0,60}}",
        r"(?:(?:motivated|inspired) by|based on) (?:this|these|that)\b[^,.;]{0,40}",
        r"however|nevertheless|nonetheless|meanwhile|specifically|in particular|particularly|more specifically",
        r"more (?:precisely|importantly)|concretely|therefore|thus|hence|consequently|accordingly|as a consequence",
        r"moreover|furthermore|in addition|additionally|besides|also|further|indeed|here|as a result",
        r"first(?:ly)?|second(?:ly)?|third(?:ly)?|next|then|finally|last(?:ly)?",
        r"in (?:summary|short|conclusion|brief)|to (?:summari[sz]e|conclude)|overall|briefly",
    )
)
_OPENER = re.compile(rf"(?:{_HERE}|here) (?=we\b)|(?:{_HERE}|{_LINKS_BACK}), ?", re.IGNORECASE)

# The second form is a full stop whose space was lost: "a new distribution.The model".
_END = re.compile(r"[.!?][\"'”’)\]]{0,3} (?=[\"'“‘(\[]?[A-Z0-9$\\])|(?<=[a-z]{3})[.!?](?=[A-Z][a-z]{0,12} )")
_SHORT_FORM = re.compile(
    r"e\.g|i\.e|al|cf|vs|viz|resp|approx|ca|figs?|eqs?|secs?|tab|refs?|thm|prop|def|nos?|vol|ch|pp?|dr|prof|mrs?|ms|st|"
    r"jr|inc|corp|ltd|univ|dept|w\.r\.t|a\.k\.a|s\.t|i\.i\.d|u\.s|u\.k",
    re.IGNORECASE,
)
# What follows "vitamin C." when that ends a sentence, and not "J." of a name.
_STARTER = re.compile(
    r"(?:we|the|this|these|our|in|it|an?|to|for|however|here|by|as|with|they|such|while)\b", re.IGNORECASE
)

# Where a clause may end: a mark, or the word that opens the next clause.
_BORDER = re.compile(
    r"[,;:](?=\s)|\s[–—-]{1,3}(?=\s)|\s(?=(?:which|while|whereas|where|because|although|so that|such that|"
    r"by [a-z]+ing|using|in order to|that can|and (?:show|demonstrate|prove|provide|evaluate|find))\b)"
)
_LEAD_IN = re.compile(
    r"(?:to|by|while|although|though|when|if|with|for|in|on|as|since|despite|unlike|given|because|after|before|through|"
    r"using|based|motivated|inspired|under|from|compared)\b",
    re.IGNORECASE,
)
_DANGLING = re.compile(
    r"an?|the|of|by|to|with|for|in|on|at|from|and|n?or|but|that|which|who|whose|where|when|while|as|is|are|was|were|be|"
    r"been|being|can|may|using|via|such|than|into|onto|over|under|between|among|our|their|its|this|these|those|we|it|"
    r"both|either|not|only|more|most|very|also|has|have|i\.e\.|e\.g\.",
    re.IGNORECASE,
)


def summarise(title: str, abstract: str) -> str:  # noqa: ARG001 - a trained choice will weigh what the title says already
    """Return one sentence of at most 40 words, made of words of `abstract` in their order; ``""`` when it has none."""
    sentences = [part for sentence in _sentences(_plain(abstract)) if len((part := _upright(sentence)).split()) > 1]
    if not sentences:
        return ""
    return _closed(_short(_chosen(sentences)))


def _plain(abstract: str) -> str:
    """Return the abstract as readable text in one line, without its citations."""
    text = " ".join(to_unicode(_CITE.sub("", " ".join(abstract[:_READ].split()))).split())
    return _NAMED.sub("", _NUMBERED.sub("", text))


def _sentences(text: str) -> Iterator[str]:
    start = 0
    for end in _END.finditer(text):
        if not _goes_on(text[start : end.start()], text[end.end() : end.end() + 12], text[end.start()]):
            yield text[start : end.end()].strip()
            start = end.end()
    yield text[start:].strip()


def _goes_on(before: str, after: str, mark: str) -> bool:
    """Tell whether the full stop between the two belongs to a short form (``et al.``, ``J. Doe``)."""
    if mark != ".":
        return False
    last = before.rpartition(" ")[2].lstrip("(\"'“[")
    initial = len(last) == 1 and last.isupper()
    return bool(_SHORT_FORM.fullmatch(last)) or (initial and not _STARTER.match(after))


def _upright(sentence: str) -> str:
    """Return the sentence without what leans on another: section labels and openers such as ``However,``."""
    rest = _LABEL.sub("", sentence, count=1) if _LABEL.match(sentence) else sentence
    for _ in range(4):
        opener = _OPENER.match(rest)
        if not opener:
            break
        rest = rest[opener.end() :]
    # "we" gets its capital; a name such as "iGibson" keeps its form.
    return rest[0].upper() + rest[1:] if re.match(r"[a-z](?:[a-z]| )", rest) else rest


def _chosen(sentences: list[str]) -> str:
    for cue in (_CUE, _WE):
        for sentence in sentences:
            if cue.search(sentence):
                return sentence
    return sentences[0]


def _short(sentence: str) -> str:
    """Return the sentence, or as much of it as fits and still is a clause."""
    for candidate in _lighter(sentence):
        if len(candidate.split()) <= LIMIT:
            return candidate
    shorter = [cut for candidate in _lighter(sentence) for cut in _cuts(candidate)]
    if shorter:
        return max(shorter, key=lambda cut: (bool(_WE.search(cut)), len(cut)))
    words = sentence.split()[:LIMIT]
    while len(words) > 1 and _DANGLING.fullmatch(words[-1]):
        words.pop()
    return " ".join(words)


def _lighter(sentence: str) -> Iterator[str]:
    """Yield the sentence, then without its brackets, then also without a clause that leads in."""
    yield sentence
    bare = re.sub(r"\s?\([^()]{0,300}\)", "", sentence)
    yield bare
    main = re.search(r",\s(we\s.+)", bare)
    if main and _LEAD_IN.match(bare):
        yield "W" + main[1][1:]


def _cuts(sentence: str) -> Iterator[str]:
    """Yield the beginnings of the sentence that end with a clause."""
    for border in _BORDER.finditer(sentence):
        cut = sentence[: border.start()].rstrip(" ,;:–—-")
        words = cut.split()
        if len(words) > LIMIT:
            return
        leans = _LEAD_IN.match(cut) and not _WE.search(cut)
        if len(words) > 5 and not leans and not _DANGLING.fullmatch(words[-1]) and _balanced(cut):
            yield cut


def _balanced(text: str) -> bool:
    return (
        all(text.count(left) == text.count(right) for left, right in ("()", "[]", "{}", "“”"))
        and not text.count("$") % 2
    )


def _closed(sentence: str) -> str:
    """Return the sentence with a full stop."""
    rest = sentence.rstrip(" ,;:–—-")
    return rest if rest.endswith((".", "!", "?", ".”", '."', ".)", "?”")) else f"{rest}."
