"""Mails of any kind: an .eml, an mbox, the JSON of a mail service. Each message goes to whoever is surest of its words.

::

    message ─→ arXiv's listing | Google Scholar | a publisher's alert

A message in which nobody sees a paper becomes a reject with its subject: mailboxes hold other mail too.
"""

import re
from collections.abc import Iterator
from typing import BinaryIO, Protocol

from digestbot.errors import MalformedDigestError
from digestbot.models import Paper, PartialDate, Reject
from digestbot.readers import alert, arxiv_mail, scholar
from digestbot.readers.mailboxes import carrier_of, mails_of
from digestbot.readers.mails import Mail
from digestbot.readers.protocol import Item, Remark, excerpt_of, name_of

DIALECT = "mail"

_SURE_ENOUGH = 0.3
_HEADERS = re.compile(
    rb"^(?:From|Received|Return-Path|Delivered-To|Message-ID|MIME-Version):", re.IGNORECASE | re.MULTILINE
)


class Words(Protocol):
    """A module that reads what a mail says."""

    def sureness(self, mail: Mail, /) -> float:
        """Return how sure it is, from 0 to 1."""

    def items(self, mail: Mail, /) -> Iterator[Item]:
        """Yield what the mail holds."""


WORDS: tuple[Words, ...] = (arxiv_mail, scholar, alert)


def sniff(head: bytes) -> float:
    """Return how sure it is that these are mails: by their headers, or by the keys of a mail service's JSON."""
    match carrier_of(head):
        case "mbox":
            return 1.0
        case "json":
            return 0.9
        case "mail":
            return 0.95 if _HEADERS.search(head[:20_000]) else 0.6
        case _:
            return 0.0


def read(file: BinaryIO) -> Iterator[Item]:
    """Yield the papers of all messages in their order, rejects, remarks, and at the end the newest message's date.

    Raises MalformedDigestError when there is no message, or JSON that is none; ReadError when it cannot be read.
    """
    dates: list[PartialDate] = []
    count, said = 0, False
    for mail in mails_of(file):
        if not isinstance(mail, Mail):
            said = said or (isinstance(mail, Remark) and mail.verdict is not None)
            yield mail
            continue
        count += 1
        for item in _read(mail):
            if isinstance(item, PartialDate):
                dates.append(item)
            else:
                yield item
    if not count and not said:
        raise MalformedDigestError("holds no mail that could be read", source=name_of(file))
    if dates:
        yield max(dates, key=lambda date: (date.year or 0, date.month or 0, date.day or 0))
    if count > 1:
        yield Remark(f"{count} messages")


def _read(mail: Mail) -> Iterator[Item]:
    """Yield what the surest reader finds in a message, or why there is nothing."""
    sure, best = max(((words.sureness(mail), words) for words in WORDS), key=lambda pair: pair[0])
    found = list(best.items(mail)) if sure >= _SURE_ENOUGH else []
    yield from found
    if not any(isinstance(item, Paper | Reject) or (isinstance(item, Remark) and item.verdict) for item in found):
        if mail.date and not found:
            yield mail.date
        if not mail.cover:
            yield Reject(mail.line, "a message without papers", excerpt_of(mail.subject or mail.text or mail.sender))
