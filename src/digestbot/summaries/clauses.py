"""Where a sentence can be cut so that what is left still is one, and says nothing that the whole did not.

Cuts only leave words out. A cut never goes in front of what limits a claim ("unless", "but", "only if"), nor into what
is open: a bracket, a quotation, a formula.
"""

import re
from collections.abc import Iterator

LEADS_IN = re.compile(
    r"(?:to|by|while|although|though|when|if|with|for|in|on|as|since|despite|unlike|given|because|after|"
    r"before|through|"
    r"using|based|building|motivated|inspired|under|from|compared|rather|instead|leveraging|following|"
    r"drawing|combining|"
    r"contrary|at|considering|without|throughout|during|where|whereas|recently|towards?|different|\w+ly)\b",
    re.IGNORECASE,
)
"""How a clause begins that only leads to the main one."""

# No cut is looked for after so many characters: 40 words end before.
_FAR = 480

_OPENS = re.compile(r"[(\[{$]")
# What limits a claim stays with it.
_LIMITS = (
    "but|unless|except|only|provided|if|not|without|nor|even|subject|up to|at the (?:cost|expense)|when|given|assuming"
)
_ADVERBS = "(?:then |also |further |empirically |theoretically )?"
_BORDERS = {
    "clause": re.compile(
        r"(?:,|;|:|\s[–—-]{1,3})?\s(?=(?:which|whose|while|whilst|whereas|where|wherein|because|although|though|"
        r"so that|such that|since|thus|thereby|hence|therefore|leading to|resulting in|enabling|allowing|making|"
        r"achieving|outperforming|yielding|providing|showing|demonstrating|reducing|improving|ensuring|"
        rf"and (?:we )?{_ADVERBS}(?:show|demonstrate|prove|provide|evaluate|find|apply|study|discuss|propose|"
        rf"present|use|"
        r"analy[sz]e|validate|illustrate|derive|establish|verify|report|observe|compare|introduce|develop|obtain|"
        r"achieve|explore|investigate|argue|give|test|perform|describe|conduct))\b)"
    ),
    "by": re.compile(r",?\s(?=(?:by (?:\w+ly )?[a-z]+ing|using|via|through|based on|based upon|with the help)\b)"),
    "with": re.compile(
        r",?\s(?=(?:with|under|across|such as|including|e\.g\.|i\.e\.|compared (?:to|with)|like|(?:on|in) "
        r"(?:a|an|the|several|multiple|various|many|both|two|three|large|different|[A-Z0-9]\w*))\b)"
    ),
    "pointer": re.compile(
        r",?\s(?=(?:(?:in|for|on|to|with|under|by|from|over|across|via|using|through|against|"
        r"in terms of) (?:\w+ing )?|"
        r"(?:in order )?to (?:\w+ly )?\w{3,12} |(?:that|which) \w{3,12} |where )(?:both (?:of )?)?"
        r"(?:this|these|those|such|the (?:above|aforementioned|former|latter))\b(?! (?:paper|work|article|"
        r"study)\b))"
    ),
    "mark": re.compile(rf"[,;:](?=\s)(?!\s(?:{_LIMITS})\b)|\s[–—-]{{1,3}}(?=\s)"),
}
_LISTED = re.compile(
    r",?\s(?:and|or)\s|[,;:]?\s(?:[^\s,]+\s){0,5}?(?:[^\s,]+,\s(?:[^\s,]+\s){0,5}?)*[^\s,]+,?\s(?:and|or)\s"
)

_DANGLING = re.compile(
    r"an?|the|of|by|to|with|for|in|on|at|from|and|n?or|but|that|which|who|whose|where|when|while|as|is|"
    r"are|was|were|be|"
    r"been|being|can|may|using|via|such|than|into|onto|over|under|between|among|our|their|its|this|these|"
    r"those|we|it|"
    r"both|either|not|only|more|most|very|also|has|have|i\.e\.|e\.g\.|how|what|whether|why|if|each|every|"
    r"well|based|"
    r"improve|make|provide|allow|enable|show|demonstrate|use|several|many|various|different|new|novel|"
    r"without|across|"
    r"through|even|because|so|then|about|against|during|per|al|will|would|should|could|might|must|does|do|"
    r"did|called|named|"
    r"termed|dubbed|namely|including|like|especially|simultaneously|jointly|directly|efficiently|however|"
    r"thus|therefore|"
    r"instead|hence|moreover|terms|order|addition|spite|cannot",
    re.IGNORECASE,
)
# An adjective, a verb or a participle whose complement was cut off.
_OPEN = re.compile(
    r"able|easy|difficult|hard|possible|likely|sufficient|necessary|available|prone|robust|due|similar|invariant|"
    r"sensitive|relevant|important|effective|essential|crucial|critical|capable|close|equal|equivalent|"
    r"suitable|useful|"
    r"access|ability|following|aims?|tends?|seeks?|attempts?|tries|try|needs?|leads?|relies|rely|depends?|differs?|"
    r"focus(?:es)?|results?|consists?|compete|competitive|comparable|superior|respect|used|"
    r"(?!need|speed|feed|seed)[a-z]{3,}ed|(?!train|learn|cod|embedd|process|reason|pool|sampl|prun|rout|"
    r"model|cluster|"
    r"schedul|forecast|rank|pars|imag|plann|sett)[a-z]{3,}ing",
    re.IGNORECASE,
)
# "that when it is small" and "but as it grows" want a comma and a main clause after them.
_HALF = re.compile(
    r"(?:\bthat|\b(?:but|and)|,) (?:when|if|while|although|though|as|since|because|unless|whenever|given|"
    r"by|despite) "
    r"[^,]*$"
)
_SUBORDINATE = re.compile(
    r"\b(?:that|which|whose|where|when|while|whereas|because|if|since|how|whether|although|though)\b"
)
_FINITE = re.compile(
    r"\b(?:is|are|was|were|has|have|had|can|could|may|might|will|would|must|should|does|do|did|cannot|"
    r"(?:propos|introduc|achiev|improv|reduc|increas|us|combin|enabl|outperform|provid|requir|generaliz|generalis|"
    r"leverag|produc|deriv|describ|explor|analyz|analys|studi|appli|rel|captur|encod|compris)(?:es|ed|e)|"
    r"(?:present|show|demonstrat|learn|allow|depend|obtain|yield|help|attain|perform|exhibit|extend|"
    r"represent|suggest|"
    r"address|develop|investigat|consider|examin|offer|need|contain|consist|lead|work|find|mean|differ|exist|occur|"
    r"support|establish|form|act|serv|report|remain|converg|scal|transfer|match|surpass|benefit|suffer|tend|fail|"
    r"predict|generat|creat|correspond|arise|correlat|contribut|affect|impact|determin|explain|reveal|indicat)"
    r"(?:s|es|ed|e)?|became|becomes?|led|found|takes?|took|gives?|gave|makes?|made|shown|goes|holds?)\b"
)
_WE_DO = re.compile(r"\bwe (?:\w+ly )?[a-z]+", re.IGNORECASE)


def cuts(sentence: str) -> Iterator[tuple[str, str]]:
    """Yield the beginnings of the sentence that can stand alone, each with the kind of border it ends at."""
    inside = _inside(sentence[:_FAR]) if _OPENS.search(sentence) else ()
    seen: set[int] = set()
    for kind, border in _BORDERS.items():
        for match in border.finditer(sentence, 20, _FAR):
            start = match.start()
            if start in seen or (inside and inside[start]):
                continue
            seen.add(start)
            left = sentence[:start].rstrip(" ,;:–—-")
            if is_clause(left) and not (kind == "mark" and _in_list(sentence, start)):
                yield kind, left


def is_clause(text: str) -> bool:
    """Tell whether the text can stand alone: six words, a subject and a verb, nothing open at its end."""
    words = text.split()
    if len(words) < 6 or dangling(words[-1]) or _OPEN.fullmatch(words[-1]) or _unfinished(text):
        return False
    return is_whole(text)


def is_whole(text: str) -> bool:
    """Tell whether the end of a sentence can stand alone: five words, a subject and a verb, nothing half open."""
    if len(text.split()) < 5 or not balanced(text):
        return False
    return bool(_WE_DO.search(text) or (_FINITE.search(text, 3) and not LEADS_IN.match(text)))


def balanced(text: str) -> bool:
    """Tell whether every bracket, quotation and formula is closed."""
    pairs = (("(", ")"), ("[", "]"), ("{", "}"), ("“", "”"))
    return all(text.count(left) == text.count(right) for left, right in pairs) and not (
        text.count("$") % 2 or text.count('"') % 2
    )


def dangling(word: str) -> bool:
    """Tell whether a sentence cannot end with this word."""
    return bool(_DANGLING.fullmatch(word.strip(",;:"))) or word == "al."


def without_brackets(sentence: str) -> str:
    """Return the sentence without its parentheses, where none stands in a formula."""
    if "$" in sentence:
        return sentence
    return re.sub(r"\s\([^()]{0,300}\)(?=[\s,.;:]|$)", "", sentence)


def capital(text: str) -> str:
    """Return the text with a capital first letter; a name such as ``iGibson`` keeps its form."""
    return text[0].upper() + text[1:] if re.match(r"[a-z](?:[a-z-]+\b|\b)(?![A-Z])", text) else text


def _in_list(sentence: str, border: int) -> bool:
    """Tell whether the mark at `border` stands between the items of a list."""
    return ":" in sentence[:border] or bool(_LISTED.match(sentence, border, border + 200))


def _unfinished(text: str) -> bool:
    """Tell whether the last subordinate clause has lost its verb, or what the verb needs."""
    if _HALF.search(text):
        return True
    *before, tail = _SUBORDINATE.split(text)
    return bool(before) and (len(tail.split()) < 3 or not (_FINITE.search(tail) or _WE_DO.search(tail)))


def _inside(text: str) -> list[bool]:
    """Return for every character whether it stands inside brackets or a formula."""
    depth, formula = 0, False
    found: list[bool] = []
    for char in text:
        depth = max(0, depth + (char in "([{") - (char in ")]}"))
        formula ^= char == "$"
        found.append(depth > 0 or formula)
    return found
