"""One sentence that says what is new, in the abstract's own words and order.

::

    abstract ─sentences→ each alone ─candidates→ cut in a few ways ─ranking→ the one to show

Words are only ever left out: what is shown stands in the abstract, in this order, so no number, name or claim is new.
"""

from functools import lru_cache

from digestbot.summaries.candidates import LIMIT, candidates, shortened
from digestbot.summaries.ranking import best
from digestbot.summaries.sentences import sentences

__all__ = ["LIMIT", "summarise"]

_TITLE = 2_000


@lru_cache(maxsize=1024)  # a paper goes to many people, and it takes milliseconds
def summarise(title: str, abstract: str) -> str:
    """Return one sentence of at most 40 words, made of words of `abstract` in their order; ``""`` when it has none.

    Takes bounded time for any text: what follows the first 20,000 characters is not read.
    """
    found = sentences(abstract)
    options = candidates(found)
    if options:
        return closed(best(title[:_TITLE], found, options).text)
    return shortened(found[0].text) if found else ""


def closed(sentence: str) -> str:
    """Return the sentence with a full stop."""
    rest = sentence.rstrip(" ,;:–—-")
    if rest.rstrip(".").endswith("…"):
        return rest.rstrip(" .…") + "…"
    return rest if rest.endswith((".", "!", "?", "。", "！", "？", ".”", '."', ".)", "?”")) else f"{rest}."
