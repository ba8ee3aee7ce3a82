"""Any other address: whether something answers there, and where one ends up."""

from urllib.parse import urlsplit

from digestbot.enrichment.asking import Asking, Said
from digestbot.enrichment.targets import Target
from digestbot.errors import FetchError
from digestbot.links import link_key
from digestbot.visits import Visit


def visit(target: Target, asking: Asking) -> Visit:
    """Return whether a page is there. Raises FetchError, LimitedError, SpentError."""
    try:
        said = asking.said(target.url, _nothing)
    except FetchError as error:
        if error.verdict == "unreadable":  # too large for us, or packed strangely: there all the same
            return Visit(target.url, "alive")
        if error.status in {401, 403, 405, 406}:  # many a site keeps programs out, and lets people in
            raise FetchError(error.message, "down") from error
        raise
    return Visit(target.url, "alive", moved_to=said["from"] if _moved(target.url, said["from"]) else "")


def _nothing(_data: bytes) -> Said:
    return {}


def _moved(asked: str, found: str) -> bool:
    """Tell whether a redirect led to another site; a DOI is made to do so."""
    hosts = [(urlsplit(url).hostname or "").removeprefix("www.") for url in (asked, found)]
    return hosts[0] != hosts[1] and not link_key(asked).startswith("doi.org/")
