"""The settings as the rest of the program gets them: frozen, checked, and silent about secrets."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Literal

from digestbot.declared import Source

Security = Literal["tls", "starttls", "none"]
"""How the connection is protected: from the first byte, by an upgrade that is insisted on, or not at all."""


class Secret:
    """Text that must not be seen. `reveal` gives it; everything else shows stars."""

    __slots__ = ("_text",)

    def __init__(self, text: str = "") -> None:
        self._text = text

    def reveal(self) -> str:
        """Return the text itself."""
        return self._text

    def __bool__(self) -> bool:
        return bool(self._text)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and other._text == self._text

    def __hash__(self) -> int:
        return hash(self._text)

    def __repr__(self) -> str:
        return "Secret('***')" if self._text else "Secret('')"


@dataclass(frozen=True, slots=True)
class Smtp:
    """The mail server that takes our mail."""

    host: str
    sender: str
    """The address in From: ``Digests <digests@example.org>``."""
    port: int = 465
    security: Security = "tls"
    user: str = ""
    password: Secret = field(default_factory=Secret)
    timeout: float = 90.0
    """Seconds to wait for an answer; one that comes later leaves the mail in doubt."""
    protocol: Literal["smtp", "lmtp"] = "smtp"
    command: tuple[str, ...] = ()
    """A program that takes mails in place of a server, with its options."""
    return_path: str = ""
    """The address that bounces go to; each delivery puts its key into it. Empty: the sender's."""
    connections: int = 5
    """At once, at most."""
    rate: float = 0.0
    """Mails a second, at most; 0 for no limit, as with the next two."""
    per_hour: int = 0
    per_day: int = 0
    doubt: Literal["resend", "hold"] = "resend"
    """Whether a mail in doubt is sent once more, or waits for a person."""


@dataclass(frozen=True, slots=True)
class Dkim:
    """What mails are signed with."""

    domain: str = ""
    """Whose mails they are; empty for the sender's."""
    keys: tuple[tuple[str, Path], ...] = ()
    """Selectors with the files of their private keys."""


@dataclass(frozen=True, slots=True)
class Bounces:
    """How mails that come back are read."""

    source: Source | None = None
    """The mailbox that they come to; None when another program hands them over."""
    soft: int = 5
    """How many mails in `days` days may fail for now before the address is given up."""
    days: int = 30


@dataclass(frozen=True, slots=True)
class LinkHost:
    """A host of code, models or deposits with an API: where it is asked, and as whom."""

    name: str
    url: str
    token: Secret = field(default_factory=Secret)


LINK_HOSTS: Final = (
    LinkHost("github", "https://api.github.com"),
    LinkHost("gitlab", "https://gitlab.com/api/v4"),
    LinkHost("huggingface", "https://huggingface.co"),
    LinkHost("zenodo", "https://zenodo.org/api"),
)


@dataclass(frozen=True, slots=True)
class Links:
    """Whether and how the links of papers are visited."""

    visit: bool = False
    requests: int = 60
    """Requests of one round at most."""
    allow_private: bool = False
    hosts: tuple[LinkHost, ...] = LINK_HOSTS


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything that can be set. Paths are absolute."""

    ledger: str = field(repr=False)
    """The ledger's URL, or its path where no URL can hold it. Out of the repr: a URL can hold a password."""
    digests: tuple[str, ...]
    """Patterns of digest files, as `glob` knows them."""
    subscriptions: Path
    """The folder of subscription files."""
    templates: tuple[Path, ...]
    """Folders whose templates go before the shipped ones."""
    theme: str
    """Which of the shipped looks."""
    domain: str
    """The domain in ids of mails and feeds: as set, else the sender's, else empty."""
    base_url: str
    """Where people reach the web application, without a slash at the end; empty when it does not run."""
    feeds: Path
    """The folder that feed files are written to."""
    folder: Path
    """The folder that editions of the channel ``folder`` are written to."""
    smtp: Smtp | None = None
    webhook_private: bool = False
    """Whether webhooks may be posted to addresses that are not of the public internet."""
    contact: str = ""
    """The mail address that sources are told, so that they can write to somebody; empty for none."""
    durable: bool = True
    """Whether each commit of the ledger is on the disk before it counts."""
    processes: int = 1
    """How many processes compose and render where many editions are due."""
    sources: tuple[Source, ...] = ()
    links: Links = field(default_factory=Links)
    path: Path | None = None
    """The file that was read."""
    dkim: Dkim = field(default_factory=Dkim)
    bounces: Bounces = field(default_factory=Bounces)
