"""What the steps work on, made from the settings: the ledger, the press, the channels, the digests."""

import glob
import os
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import click

from digestbot.addresses import masked, parse_mailbox
from digestbot.channels import Channel
from digestbot.channels.feed import FeedChannel
from digestbot.channels.folder import FolderChannel
from digestbot.channels.notify import NotifyChannel
from digestbot.channels.sendmail import SendmailChannel
from digestbot.channels.server import Envelope, SmtpServer
from digestbot.channels.smtp import SmtpChannel
from digestbot.channels.webhook import Posting, WebhookChannel
from digestbot.cli.context import Clock, clean
from digestbot.config import Settings
from digestbot.declared import Source
from digestbot.errors import ConfigError, FetchError
from digestbot.ledger import Ledger
from digestbot.ledger.outbox import LEASE
from digestbot.ledger.relays import Limits
from digestbot.models import Fault
from digestbot.pipeline import Delivery, Digest, Fetching, Press, Printers, Terms, digest_of, subscribe
from digestbot.rendering import Renderer
from digestbot.rendering.dkim import DkimKey
from digestbot.sources.items import Item, Past
from digestbot.subscriptions import Declared, load_folder
from digestbot.tracing import Trace, untraced

if TYPE_CHECKING:
    from digestbot.pipeline.summarising import Author
    from digestbot.pipeline.visiting import Begin


@dataclass(frozen=True, slots=True)
class Workplace:
    """A ledger that agrees with the subscription files, and what the steps need beside it."""

    settings: Settings
    ledger: Ledger
    press: Press
    faults: tuple[Fault, ...]
    """What is wrong in the subscription files."""
    macros: Mapping[str, str] = field(default_factory=dict)
    """The named queries of the subscription files."""
    trace: Trace = untraced

    def open_channel(self, name: str) -> Channel:
        """Return the channel with this name. Raises ConfigError when it is not set up."""
        if name == "feed":
            return FeedChannel(self.settings.feeds)
        if name == "folder":
            return FolderChannel(self.settings.folder)
        if name == "notify":
            return NotifyChannel()
        if name == "webhook":
            return WebhookChannel(self.ledger.instance.secret, Posting.to(private=self.settings.webhook_private))
        return mail_channel(self.settings)

    @property
    def printers(self) -> Printers:
        """What helps to make many editions."""
        return Printers(self.settings.processes, partial(_begun, self.settings, self.ledger.path))

    def terms(self, stop: Callable[[], bool], tell: Callable[[Delivery], None]) -> Terms:
        """Return how messages are delivered here."""
        smtp = self.settings.smtp
        if smtp is None:
            return Terms(stop=stop, tell=tell)
        limits = Limits(smtp.connections, smtp.rate, 0.0, smtp.per_hour, smtp.per_day)
        # Nobody else may take a mail up while a slow server has it.
        lease = max(LEASE, timedelta(seconds=2 * smtp.timeout + 180))
        hold = ("email",) if smtp.doubt == "hold" else ()
        return Terms(lease=lease, limits={"email": limits}, hold=hold, stop=stop, tell=tell)

    def fetching(self, stop: Callable[[], bool] = lambda: False) -> Fetching | None:
        """Return the declared sources and what asks them; None when there are none."""
        settings = self.settings
        if not settings.sources:
            return None
        from digestbot.connections.web import Web, World  # noqa: PLC0415
        from digestbot.sources.kinds import opener  # noqa: PLC0415 (httpx takes a while)

        opened = opener(Web(settings.contact, settings.base_url, World(pause=lambda seconds: pause(seconds, stop))))

        def tell(source: Source, past: Past, now: datetime) -> Iterator[Item]:
            if sys.stderr.isatty():
                click.echo(clean(f"asking {source.name}"), err=True)
            return opened(source, past, now)

        return Fetching(settings.sources, tell, stop, self.trace)

    def asking(self, stop: Callable[[], bool] = lambda: False) -> "Begin":
        """Return what begins a round of visits to links."""
        from digestbot.connections.web import Web, World  # noqa: PLC0415
        from digestbot.enrichment import Api, Asking, Bounds  # noqa: PLC0415 (httpx takes a while)

        settings = self.settings
        web = Web(settings.contact, settings.base_url, World(pause=lambda seconds: pause(seconds, stop)))
        apis = {host.name: Api(host.url, host.token.reveal()) for host in settings.links.hosts}
        bounds = Bounds(allow_private=settings.links.allow_private)
        return lambda waiting: Asking(web, apis, bounds, settings.links.requests, waiting)

    def author(self) -> "Author":
        """Return what writes the sentences of one round, within its seconds."""
        from digestbot.enrichment.chat import Writer, sentence  # noqa: PLC0415 (httpx takes a while)
        from digestbot.pipeline.summarising import Author  # noqa: PLC0415

        told = self.settings.summaries
        writer = Writer(told.endpoint, told.model, told.key.reveal(), told.timeout)
        end = time.monotonic() + told.seconds
        host = urlsplit(told.endpoint).netloc
        return Author(told.model, host, partial(sentence, writer), lambda: end - time.monotonic(), told.calls)

    def digests(self, files: Sequence[str] = ()) -> Iterator[Digest]:
        """Yield the digests in `files`, or else in those that the settings name; one is in memory at a time."""
        for path in digest_files(files or self.settings.digests, named=bool(files)):
            yield digest_of(path)


def pause(seconds: float, stop: Callable[[], bool]) -> None:
    """Wait. Raises FetchError as soon as `stop` says so: what waits for a source must not keep us from ending."""
    end = time.monotonic() + seconds
    while (left := end - time.monotonic()) > 0:
        if stop():
            raise FetchError("we were stopped", "down")
        time.sleep(min(left, 0.2))


def press_of(settings: Settings) -> Press:
    """Return what turns editions into messages."""
    sender = settings.smtp.sender if settings.smtp else ""
    return_path = settings.smtp.return_path if settings.smtp else ""
    return Press(
        Renderer(settings.templates, settings.theme),
        sender,
        settings.base_url,
        dkim_keys(settings),
        return_path,
        settings.summaries.model,
    )


def _begun(settings: Settings, ledger: str) -> tuple[Ledger, Press]:
    """Return what a process that makes editions works with."""
    return Ledger.open(ledger, create=False, durable=settings.durable), press_of(settings)


def dkim_keys(settings: Settings) -> tuple[DkimKey, ...]:
    """Return what mails are signed with. Raises ConfigError with all that is wrong with the keys."""
    if not settings.dkim.keys:
        return ()
    from digestbot.rendering.dkim import load_key  # noqa: PLC0415 (needs an extra)

    found, faults = [], []
    domain = settings.dkim.domain or (parse_mailbox(settings.smtp.sender).domain if settings.smtp else "")
    if not domain:
        faults.append("dkim.keys: set dkim.domain, or smtp.sender: whose mails are they?")
    for selector, file in settings.dkim.keys:
        try:
            found.append(load_key(_private(file), domain, selector))
        except (OSError, ValueError) as error:
            faults.append(f"dkim.keys: {selector}={file}: {getattr(error, 'strerror', None) or error}")
    if faults:
        raise ConfigError("\n".join(faults), path=str(settings.path or "digestbot.toml"))
    return tuple(found)


def _private(file: Path) -> bytes:
    """Return what a file holds that nobody else may read. Raises OSError, ValueError."""
    with file.open("rb") as opened:
        if os.name == "posix" and os.fstat(opened.fileno()).st_mode & 0o007:
            raise ValueError(f"everybody can read it or write to it: chmod 600 {file}")
        return opened.read(1 << 16)


def mail_channel(settings: Settings) -> SmtpChannel | SendmailChannel:
    """Return what takes mails: a server, or a program. Raises ConfigError when there is neither."""
    smtp = settings.smtp
    if smtp is not None and smtp.command:
        try:
            return SendmailChannel(smtp.command, Envelope(smtp.sender, smtp.return_path), smtp.timeout)
        except ValueError as error:
            raise ConfigError(f"smtp: {error}", path=str(settings.path or "digestbot.toml")) from error
    return SmtpChannel(smtp_server(settings))


def smtp_server(settings: Settings) -> SmtpServer:
    """Return the mail server as its channel takes it. Raises ConfigError when there is none."""
    smtp = settings.smtp
    place = str(settings.path or "digestbot.toml")
    if smtp is None:
        raise ConfigError("[smtp] names no host, so mails wait in the outbox", path=place)
    try:
        return SmtpServer(
            smtp.host,
            smtp.sender,
            smtp.security,
            smtp.port,
            smtp.user,
            smtp.password.reveal(),
            dot_timeout=smtp.timeout,
            protocol=smtp.protocol,
            return_path=smtp.return_path,
        )
    except ValueError as error:
        raise ConfigError(f"smtp: {error}", path=place) from error


def digest_files(patterns: Sequence[str], *, named: bool = False) -> list[Path]:
    """Return the files that `patterns` stand for, by name; hidden ones and folders are left out.

    A pattern that was `named` by a person and fits nothing is kept, so that its absence is told.
    """
    found: dict[Path, None] = {}
    for pattern in patterns:
        paths = [Path(name) for name in sorted(glob.glob(pattern, recursive=True))]  # noqa: PTH207 (absolute patterns)
        files = [path for path in paths if not path.is_dir() and not path.name.startswith(".")]
        found |= dict.fromkeys(files or ([Path(pattern)] if named else []))
    return list(found)


@contextmanager
def workplace(
    settings: Settings, clock: Clock, *, owner: bool, ledger_url: str = "", trace: Trace = untraced
) -> Iterator[Workplace]:
    """Open the ledger and make it agree with the subscription files; their faults go to standard error.

    `owner` takes the right to run steps. `ledger_url` puts another ledger in place of the settings' one. `trace`
    opens spans for what is done.
    """
    url = ledger_url or settings.ledger
    with Ledger.open(url, owner=owner, domain=settings.domain, durable=settings.durable) as ledger:
        declared = declare(ledger, settings, clock())
        tell_faults(declared.faults)
        yield Workplace(settings, ledger, press_of(settings), declared.faults, declared.macros, trace)


def declare(ledger: Ledger, settings: Settings, now: datetime) -> Declared:
    """Make the ledger agree with the subscription files, and return what they declare."""
    declared = load_folder(settings.subscriptions)
    subscribe(ledger, declared.subscriptions, now, declared.faulty, declared.macros)
    return declared


def tell_faults(faults: Sequence[Fault]) -> None:
    """Print what is wrong in the subscription files to standard error."""
    for fault in faults:
        click.echo(fault_text(fault), err=True)


def fault_text(fault: Fault) -> str:
    """Return a fault as a person reads it: the place, what is wrong, and the line with a caret; addresses masked."""
    place = f"{fault.path}:{fault.line}:{fault.column}"
    return f"{place}: {masked(fault.message)}" + (f"\n{masked(fault.excerpt)}" if fault.excerpt else "")
