"""How a sentence stands alone: without what leans on its neighbours or only leads to its point."""

import re

from digestbot.summaries.clauses import LEADS_IN, capital

_HERE = (
    "(?:in|with|through) (?:this|the present|the current|our) (?:short |brief |present )?"
    "(?:paper|work|article|study|report|letter|note|survey|thesis|manuscript|research|contribution|review)"
)
_POINTER = (
    r"(?:this|these|those|such|it|the (?:above|aforementioned|former|latter|gaps?|problems?|issues?|challenges?|"
    r"(?:\w+ )?limitations?|needs?|questions?|end|effectiveness|shortcomings?|drawbacks?|difficult(?:y|ies))|"
    r"both (?:issues|problems|challenges))"
)
_GIVEN = "(?:motivated|inspired|guided|encouraged|informed) by|based on|building on|following|given|using|by"
_LINKS = (
    r"towards? (?:this|that|these|those) (?:ends?|aim|goal|purpose|direction)",
    r"to (?:this|that|these|those) (?:ends?|aims?|effect|extent)|to do (?:so|this|that)",
    r"with (?:this|that) (?:in mind|goal|aim)|for (?:this|that) (?:purpose|reason)",
    r"in (?:contrast|response|turn|fact|this (?:regard|case|context|sense))|by contrast",
    r"on the (?:contrary|other hand)|instead|rather|in other words|in doing so|in this way",
    rf"(?:in order )?to (?:\w+ly |help )?\w{{2,12}}(?: (?:and|or) \w{{4,12}}| with)? {_POINTER}\b[^,.;]{{0,60}}",
    rf"(?:{_GIVEN}) (?:this|these|that|those|such|our)\b[^,.;]{{0,50}}",
    r"along (?:this|these|the same) lines?|as (?:such|a (?:result|consequence|first step|proof of concept))",
    r"however|nevertheless|nonetheless|meanwhile|specifically|in particular|particularly|more specifically",
    r"more (?:precisely|importantly|concretely)|concretely|therefore|thus|hence|consequently|accordingly",
    r"moreover|furthermore|in addition(?: to [^,.;]{1,120})?|additionally|besides|also|further|indeed",
    r"here|importantly|crucially|notably",
    r"surprisingly|interestingly|remarkably|empirically|experimentally|theoretically|similarly|likewise|conversely",
    r"first(?:ly)?|second(?:ly)?|third(?:ly)?|next|then|finally|last(?:ly)?|subsequently|thereby|still|yet|so",
    r"in (?:summary|short|conclusion|brief|general|essence|sum)|to (?:summari[sz]e|conclude)|overall|briefly",
    r"taken together|altogether|for (?:example|instance)|to the best of our knowledge|to our knowledge",
)
_LINKS_BACK = "|".join(_LINKS)
_OPENER = re.compile(
    r"(?:here|thus|hence|then|so|therefore|further|finally) (?=we\b)|"
    r"(?:thus|hence|therefore) (?=(?:the|our|it|at|in)\b)|"
    rf"(?:{_HERE}|{_LINKS_BACK})(?:, ?| ?: | (?=we\b))|\(?(?:\d|i|ii|iii|iv|[a-d])[.)] |"
    r"(?:and|but|yet|so|also) (?=we\b|the\b|our\b|it\b)",
    re.IGNORECASE,
)
_AFTER_WE = re.compile(
    r"(?<=\bwe )(?:then|also|first|next|further|furthermore|additionally|finally|therefore|thus|hence|instead|here|"
    r"accordingly|consequently|subsequently|lastly|moreover|secondly|thereby) (?=[a-z])",
    re.IGNORECASE,
)
_HERE_INSIDE = re.compile(rf",? {_HERE}(?=[,.;:]|$)(?:,(?= (?:which|that|an?|called|named)\b))?", re.IGNORECASE)
_PURPOSE_INSIDE = re.compile(
    r",? (?:in order )?to (?:address|tackle|overcome|solve|alleviate|mitigate|fix|remedy|resolve|bridge|"
    r"fill|achieve|do|"
    rf"handle|deal with|combat|meet) {_POINTER}(?: [a-z]+)?(?=[,.;]|$)(?:,(?= (?:which|that|an?|called|by)\b))?",
    re.IGNORECASE,
)
_MAIN = re.compile(r", (?=(?:we|this (?:paper|work|article|study)|our (?:\w+ ){1,3}(?:is|can|shows?|achieves?))\b)")
_CLAIM = re.compile(
    r"(?:we|(?:our|the|these|extensive|empirical|experimental|numerical|theoretical|comprehensive|preliminary)?\s?"
    r"(?:\w+ ){0,3}(?:results|experiments|evaluations?|analys[ie]s|findings|studies|simulations|study)"
    r"(?: (?:on|in|with|of|from) [^,.;]{1,60}?)?) "
    r"(?:(?:further|also|empirically|theoretically|experimentally|formally|rigorously|then|first|have|clearly|"
    r"additionally|both|can) ){0,2}"
    r"(?:show|shows|showed|shown|demonstrate|demonstrates|demonstrated|find|found|prove|proved|observe|observed|"
    r"establish|reveal|reveals|revealed|confirm|confirmed|indicate|indicates|verify|illustrate|discover|"
    r"report|conclude|see|note) "
    r"that (?:for (?:the )?(?:\w+ ){1,4}?, )?",
    re.IGNORECASE,
)
_MORE_CLAIMS = re.compile(
    r"^(?:this|it|they|these|such)\b|\band that\b|\band (?:\w+ly )?(?:propose|introduce|present|provide|develop|"
    r"demonstrate|show|give|derive|prove|use|apply|design|offer|discuss|identify|establish|evaluate|"
    r"analy[sz]e|find|"
    r"study)\b",
    re.IGNORECASE,
)
_SECOND = re.compile(
    r"(?P<we>we) (?!(?:\w+ ){0,2}(?:not|whether|how)\b)[^;:]{5,220}?,? and (?:we )?"
    r"(?:(?:\w+ly|then|also|instead|further) ){0,2}"
    r"(?=(?:propose|introduce|present|develop|devise|(?:show|demonstrate|prove|find) (?:that|how)) )",
    re.IGNORECASE,
)
_THING = re.compile(
    r" (?:by|through) (?:proposing|introducing|presenting|developing|designing|devising) (?=an?\b|[A-Z])"
)


def upright(sentence: str) -> str:
    """Return the sentence without what leans on another: openers such as ``However,``, "in this paper", "then"."""
    rest = sentence
    for _ in range(4):
        opener = _OPENER.match(rest)
        if not opener:
            break
        rest = rest[opener.end() :]
    rest = _HERE_INSIDE.sub("", _AFTER_WE.sub("", rest))
    return capital(_PURPOSE_INSIDE.sub("", rest).strip())


def without_lead_in(sentence: str) -> str | None:
    """Return ``We propose Y`` for ``To speed up X, we propose Y``; None when there is no such clause."""
    main = _MAIN.search(sentence)
    if main is None or not LEADS_IN.match(sentence) or main.start() < 8:
        return None
    return capital(sentence[main.end() :])


def without_claim(sentence: str) -> str | None:
    """Return ``X helps`` for ``We show that X helps``; None when more than that is said, or nothing is shown."""
    claim = _CLAIM.match(sentence)
    rest = sentence[claim.end() :] if claim else ""
    return capital(rest) if rest and not _MORE_CLAIMS.search(rest) else None


def second_claim(sentence: str) -> str | None:
    """Return ``We propose Y`` for ``We study X and propose Y``; None when there is no such second half."""
    found = _SECOND.match(sentence)
    return None if found is None else f"{found['we']} {sentence[found.end() :]}"


def named_thing(sentence: str) -> str | None:
    """Return ``A new X`` for ``We solve this problem by introducing a new X``; None when there is no such end."""
    found = _THING.search(sentence)
    return None if found is None else capital(sentence[found.end() :])
