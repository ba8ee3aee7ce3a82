"""An edition into a message: the parts that its channel accepts, and no others."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from types import MappingProxyType
from typing import Final, Literal
from urllib.parse import quote

from digestbot import editions
from digestbot.addresses import parse_mailbox
from digestbot.channels import CHANNELS
from digestbot.channels.notify import BRIEF_MARKDOWN, BRIEF_TEXT
from digestbot.errors import RenderError
from digestbot.feeds import Feed, FeedEntry
from digestbot.ledger import Instance
from digestbot.ledger.editions import added_at
from digestbot.ledger.outbox import delivery_key
from digestbot.models import Edition, Message, Part, Subscription
from digestbot.rendering import NOWHERE, Addresses, Renderer
from digestbot.rendering.clicks import Address, web_address
from digestbot.rendering.dkim import DkimKey
from digestbot.rendering.mail import compose as compose_mail
from digestbot.rendering.mail import size_in_mail
from digestbot.rendering.payload import payload
from digestbot.rendering.renderer import Feedback
from digestbot.tokens import Direction, edition_path, feed_path, feedback_path, token, unsubscribe_path

ENTRIES: Final = 100
"""How many entries a feed shows."""


@dataclass(frozen=True, slots=True)
class Press:
    """What turns editions into messages."""

    renderer: Renderer
    sender: str = ""
    """The address in From; mails need one."""
    base_url: str = ""
    """Where the web application answers, without a slash at the end; empty when it does not run."""
    dkim: tuple[DkimKey, ...] = ()
    """What mails are signed with; each key gives a signature."""
    return_path: str = ""
    """Where a program reads what comes back, wishes to unsubscribe too; empty when nobody but the sender does."""
    writer: str = ""
    """The language model whose sentences are shown where there are some; empty for those of the abstracts."""


class _Pages:
    """The HTML of an edition, made once: a mail is measured with it, and then it goes out.

    Where there is no address of the web application, a folder gets the same as a page too. Where there is one, a page
    is made without it: pages are shown to others, who must not end the subscription, nor read on, nor say what they
    like in its reader's name.
    """

    def __init__(self, renderer: Renderer, feedback: Feedback | None = None) -> None:
        self._renderer, self.feedback = renderer, feedback
        self._made: list[tuple[Edition, Addresses, str]] = []

    def html(self, edition: Edition, addresses: Addresses = NOWHERE) -> str:
        """Return the page; one that was asked for before is not rendered again."""
        for known, before, page in self._made:
            if known is edition and before == addresses:
                return page
        page = self._renderer.html(edition, addresses, self.feedback if addresses.unsubscribe else None)
        self._made.append((edition, addresses, page))
        return page


@dataclass(frozen=True, slots=True)
class _Job:
    """One message to make."""

    press: Press
    instance: Instance
    edition: Edition
    older: tuple[FeedEntry, ...]
    key: str
    address: str
    subject: str
    now: datetime
    pages: _Pages
    addresses: Addresses

    @property
    def subscription(self) -> Subscription:
        return self.edition.subscription

    def brief(self, form: Literal["md", "txt"]) -> bytes:
        """Return the edition for a chat; all of it is on its page, which needs no log-in."""
        return self.press.renderer.brief(self.edition, form, self.addresses.page).encode()

    def feed(self, name: str) -> Feed:
        """Return the feed as the file `name` holds it: what is new, then what was there."""
        shown = enumerate((*self.edition.cards, *self.edition.lines))
        new = tuple(FeedEntry(card, added_at(self.now, position)) for position, card in shown)
        entries = editions.window(new + self.older, ENTRIES, by_change=name == "atom.xml")
        updated = max(map(editions.moment, entries), default=self.edition.due)
        url = _web(self.press, feed_path(self.instance.secret, self.subscription.id, name))
        return Feed(self.subscription, self.instance.domain, updated, entries, url)


def accepted(channel: str) -> frozenset[str]:
    """Return the media types that a channel takes; none when there is no such channel."""
    return frozenset(CHANNELS[channel].accepts) if channel in CHANNELS else frozenset()


def message_of(
    press: Press, instance: Instance, edition: Edition, older: tuple[FeedEntry, ...], now: datetime
) -> tuple[Edition, Message]:
    """Return an edition as the message for its subscription's channel, and what of it there is room for.

    `older` are the entries that a feed has already. Raises RenderError.
    """
    subscription = edition.subscription
    wanted = accepted(subscription.channel)
    if not wanted:
        raise RenderError(f"there is no channel {subscription.channel!r}", template=subscription.id)
    pages = _Pages(press.renderer, _feedback(press, instance, subscription))
    addresses = _addresses(press, instance, edition)
    if "message/rfc822" in wanted:
        edition = editions.fit(edition, lambda item: size_in_mail(pages.html(item, addresses)))
    key = delivery_key(instance.secret, subscription.id, edition.due, subscription.channel)
    address = subscription.address or (subscription.id if subscription.channel == "feed" else "")
    job = _Job(press, instance, edition, older, key, address, press.renderer.subject(edition), now, pages, addresses)
    parts = tuple(Part(name, kind, make(job)) for kind, (name, make) in _FORMS.items() if kind in wanted)
    return edition, Message(key, subscription.channel, address, job.subject, parts)


def _web(press: Press, path: str) -> str:
    """Return an address of the web application; empty when there is none. `path` needs no escaping."""
    base = _base(press.base_url)
    return Address(base + path) if base else ""


@lru_cache(maxsize=16)
def _base(url: str) -> str:
    return web_address(url).rstrip("/")


def _addresses(press: Press, instance: Instance, edition: Edition) -> Addresses:
    name, secret = edition.subscription.id, instance.secret
    paths = unsubscribe_path(secret, name), feed_path(secret, name, "atom.xml"), edition_path(secret, name, edition.due)
    return Addresses(*(_web(press, path) for path in paths))


def _feedback(press: Press, instance: Instance, subscription: Subscription) -> Feedback | None:
    """Return what gives each paper the addresses for saying what one thinks of it; None when nobody is to be asked."""
    if not (subscription.feedback and press.base_url):
        return None

    def address(paper: str, direction: Direction) -> str:
        return _web(press, feedback_path(instance.secret, subscription.id, direction, paper)) if paper else ""

    return address


def _unsubscribe_mailto(press: Press, instance: Instance, subscription: Subscription) -> str:
    """Return the address that mail programs write to where nothing answers on the web (RFC 6068).

    The subject holds the token of the address on the web: whoever sends it has the mail.
    """
    reader = press.return_path or press.sender
    if not reader:  # nobody would read it
        return ""
    wish = f"unsubscribe {subscription.id} {token(instance.secret, 'unsubscribe', subscription.id)}"
    return f"mailto:{_quoted_spec(reader)}?subject={quote(wish)}"


@lru_cache(maxsize=16)
def _quoted_spec(mailbox: str) -> str:
    """Return the bare address as an URL holds it. Raises RenderError."""
    try:
        return quote(parse_mailbox(mailbox).spec, safe="@")
    except ValueError as error:
        raise RenderError(str(error), template="mail") from error


def _mail(job: _Job) -> bytes:
    renderer, subscription = job.press.renderer, job.subscription
    mailbox = f"{subscription.id}@{job.instance.domain}"
    is_mail = subscription.channel == "email"
    if is_mail and not job.press.sender:
        raise RenderError("a mail needs a sender: set smtp.sender", template="mail")
    page = job.pages.html(job.edition, job.addresses)
    return compose_mail(
        edition_subject=job.subject,
        text=renderer.text(job.edition, job.addresses, job.pages.feedback),
        html=page,
        sender=job.press.sender or f"digestbot@{job.instance.domain}",
        recipient=job.address if is_mail else mailbox,
        key=job.key,
        generation=0,
        domain=job.instance.domain,
        date=job.now,
        subscription_id=subscription.id,
        subscription_name=subscription.name,
        unsubscribe_url=job.addresses.unsubscribe,
        unsubscribe_mailto=_unsubscribe_mailto(job.press, job.instance, subscription),
        language=_language(page),
        thread=token(job.instance.secret, "thread", subscription.id),
        keys=job.press.dkim if is_mail else (),
    )


def _language(page: str) -> str:
    """Return the language that a page says it is in; empty when it does not."""
    found = re.search(r"<html\b[^<>]{0,300}?\blang=[\"']?([A-Za-z]{2,8}(?:-[A-Za-z0-9]{1,8}){0,3})\b", page[:2000])
    return found[1] if found else ""


_FORMS: Final[Mapping[str, tuple[str, Callable[[_Job], bytes]]]] = MappingProxyType(
    {
        "message/rfc822": ("edition.eml", _mail),
        "text/html": ("edition.html", lambda job: job.pages.html(job.edition).encode()),
        "text/markdown": ("edition.md", lambda job: job.press.renderer.markdown(job.edition).encode()),
        BRIEF_TEXT: ("brief.txt", lambda job: job.brief("txt")),
        BRIEF_MARKDOWN: ("brief.md", lambda job: job.brief("md")),
        "application/json": ("edition.json", lambda job: payload(job.edition, job.key, job.subject)),
        "application/rss+xml": ("rss.xml", lambda job: job.press.renderer.rss(job.feed("rss.xml"))),
        "application/atom+xml": ("atom.xml", lambda job: job.press.renderer.atom(job.feed("atom.xml"))),
        "application/feed+json": ("feed.json", lambda job: job.press.renderer.json_feed(job.feed("feed.json"))),
    }
)
"""Every form of an edition, by media type: the part's name, and how it is made."""
