"""What a person declares as a source: where digests come from, checked, as one frozen record.

Each kind uses a few of the fields; the configuration knows which, and gives all of them their defaults.
"""

from dataclasses import dataclass, field
from typing import Literal

SourceKind = Literal[
    "folder",
    "glob",
    "feed",
    "arxiv",
    "arxiv-query",
    "hugging-face",
    "openalex",
    "crossref",
    "semantic-scholar",
    "biorxiv",
    "maildir",
    "mbox",
    "imap",
]

Expect = Literal["never", "usual", "daily", "weekdays", "weekly", "monthly", "arxiv"]
"""When a source should have something new; ``usual`` is what its history shows, ``never`` promises nothing."""


@dataclass(frozen=True, slots=True)
class Source:
    """A place that digests come from. Fields that its kind does not use keep their defaults."""

    name: str
    kind: SourceKind
    path: str = ""
    """The folder, Maildir or mbox file."""
    pattern: str = ""
    """Which files: names in the folder, or a whole path, as `glob` knows them."""
    url: str = ""
    categories: tuple[str, ...] = ()
    query: str = ""
    """In the words of the API that is asked."""
    filter: str = ""
    """More conditions, in the syntax of the API."""
    server: str = ""
    """``biorxiv`` or ``medrxiv``."""
    days: int = 7
    """How far back to look: at first, and again in each later round, because records arrive late."""
    host: str = ""
    port: int = 993
    user: str = ""
    mailbox: str = "INBOX"
    senders: tuple[str, ...] = ()
    """Take only mails whose From holds one of these; empty for all."""
    secret: str = field(default="", repr=False)
    """The password, or the key of the API."""
    dialect: str | None = None
    """The reader to use; None for the surest."""
    expect: Expect = "usual"
    every: float = 3600.0
    """Seconds between two looks; 0 for each round."""
    allow_private: bool = False
    """Whether it may lie on this machine or in the local network."""
    max_bytes: int = 32 * 1024**2
    """Bytes of one digest, unpacked."""
    timeout: float = 60.0
    """Seconds for one answer, from the name look-up to the last byte."""
    delay: float = 1.0
    """Seconds between two requests to its host, at least."""
