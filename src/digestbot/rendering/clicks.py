"""Where a click may lead: web addresses only, in a form that needs no escaping anywhere."""

import re
from urllib.parse import quote, urlencode, urlsplit, urlunsplit

from digestbot.models import Paper
from digestbot.rendering.inert import Form, Ready, html_text, markup

_LONGEST = 2000
"""Characters of an address; browsers and mail programs cut longer ones."""

# These answer to https for every address of theirs, so an old http link to them can be mended.
_SECURE = re.compile(
    r"(?:^|\.)(?:arxiv\.org|doi\.org|github\.com|github\.io|gitlab\.com|bitbucket\.org|huggingface\.co|openreview\.net|"
    r"zenodo\.org|osf\.io|figshare\.com|codeberg\.org|biorxiv\.org|medrxiv\.org|nih\.gov|youtube\.com|youtu\.be|"
    r"google\.com|semanticscholar\.org|aclanthology\.org|thecvf\.com|neurips\.cc|mlr\.press)$"
)
_PLAIN = re.compile(r"https?://[A-Za-z0-9/._~-]*")  # nothing to escape: our own addresses are such
_HOST = re.compile(r"[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?|\[[0-9a-f:.]{2,45}\]")
_BY_ID = {
    "arxiv": "https://arxiv.org/abs/",
    "doi": "https://doi.org/",
    "pmid": "https://pubmed.ncbi.nlm.nih.gov/",
    "openreview": "https://openreview.net/forum?id=",
}


class Address(str):
    """A web address as `web_address` returns it. Prints itself unchanged but for HTML's ampersands."""

    __slots__ = ()

    def printed(self, form: Form) -> str:
        """Return the address for `form`."""
        if form in {"html", "xml"}:
            return markup(self) if _PLAIN.fullmatch(self) else html_text(self)
        # Markdown reads entities even in addresses.
        return Ready(re.sub(r"&(?=#?\w{1,32};)", "&amp;", self) if form == "markdown" else self)

    @property
    def secure(self) -> bool:
        """Whether it is an https address. Mail links no others: some servers take http links for a sign of spam."""
        return self.startswith("https:")


def web_address(text: str | None) -> Address:
    """Return a http or https address, percent-encoded, or ``""`` when `text` is anything else.

    No user names (they imitate hosts), no host that DNS could not know, nothing longer than 2000 characters.
    """
    if not text or len(text) > _LONGEST:
        return Address()
    try:
        parts = urlsplit(text.strip())
        host, port = (parts.hostname or "").rstrip("."), parts.port
        host = host if host.isascii() else host.encode("idna").decode("ascii")
        encoded = (_encoded(parts.path), _encoded(parts.query), _encoded(parts.fragment))
    except ValueError:  # ports that are none, hosts and lone surrogates that cannot be encoded
        return Address()
    if parts.scheme not in {"http", "https"} or "@" in parts.netloc or not _HOST.fullmatch(_bracketed(host)):
        return Address()
    scheme = "https" if _SECURE.search(host) and port is None else parts.scheme
    netloc = _bracketed(host) + (f":{port}" if port is not None else "")
    return Address(urlunsplit((scheme, netloc, *encoded)))


def paper_address(paper: Paper) -> Address:
    """Return where the paper can be read: as printed, else as its id says, else its PDF; ``""`` when nobody knows."""
    kind, _, key = paper.id.partition(":")
    by_id = _BY_ID[kind] + quote(key, safe="/", errors="replace") if kind in _BY_ID and key else ""
    return web_address(paper.url) or web_address(by_id) or web_address(paper.pdf_url)


def search_address(title: str) -> Address:
    """Return a search for the title, for papers that came without any address."""
    return Address("https://scholar.google.com/scholar?" + urlencode({"q": f'"{title[:300]}"'}, errors="replace"))


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def _encoded(part: str) -> str:
    """Return a part of an address with everything encoded that HTML, Markdown or a line of text could trip over."""
    return quote(re.sub(r"%(?![0-9A-Fa-f]{2})", "%25", part), safe="%/:;=?&@!$,+-._~")
