"""Alerts of publishers and libraries: tables of contents, new articles, saved searches, as mails or as the body of one.

No publisher's form is known by name: a paper is a title with people, an id or the address of a paper below it. Links
that count clicks are led back to their target where it stands in them; pictures, settings and advertisements are
no papers. Where no day is printed with a paper, it gets the mail's.
"""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import BinaryIO

from digestbot.errors import MalformedDigestError
from digestbot.models import Paper, PartialDate, Reject
from digestbot.readers.alert_entries import Found, read_entries
from digestbot.readers.alert_lines import lines_of
from digestbot.readers.alert_words import TEMPLATE, TRADE
from digestbot.readers.mailboxes import body_mail, carrier_of, mails_of
from digestbot.readers.mails import Mail
from digestbot.readers.protocol import Item, Remark, name_of

DIALECT = "alert"

_WEB_PAGE = re.compile(
    r"<script\b[^>]{0,200}\bsrc=|<link\b[^>]{0,200}rel=[\"']?(?:stylesheet|alternate)|<nav\b", re.IGNORECASE
)
_SHOWN = re.compile(
    r"\b(?:items|results|articles|showing):? ([0-9]{1,5}) ?(?:-|–|to) ?([0-9]{1,5}) of (?:about )?([0-9][0-9,]{0,8})\b",
    re.IGNORECASE,
)


def sniff(head: bytes) -> float:
    """Return how sure it is that this is the body of an alert: a mail's HTML, or text, with papers that have ids."""
    text = head.decode("utf-8", "replace")
    if carrier_of(head) or text[:1] in "{[" or re.match(r"<(?:\?xml|rss|feed|rdf)", text, re.IGNORECASE):
        return 0.0
    mail = body_mail(text)
    is_mail = bool(mail.html) and TEMPLATE.search(text) is not None and not _WEB_PAGE.search(text)
    if not mail.html and (
        not re.search(r"\bdoi\b|10\.[0-9]{4}/", text) or text.startswith(("#", "|", "%", "@", "\\", "TY  -", "PMID"))
    ):
        return 0.0
    named = sum(found.named for found in read_entries(lines_of(mail), None))
    if mail.html:
        return (
            0.75 if is_mail and named else 0.4 if is_mail else 0.35 if named > 2 and not _WEB_PAGE.search(text) else 0.0
        )
    return 0.45 if named > 1 and re.search(r"\balerts?\b", text, re.IGNORECASE) else 0.0


def sureness(mail: Mail) -> float:
    """Return how sure it is that a mail is an alert: it holds papers, and speaks as publishers do."""
    found = [each for each in _found(mail) if isinstance(each.item, Paper)]
    if any(each.named for each in found):
        return 0.8
    trade = {
        word.lower() for word in TRADE.findall(" ".join((mail.subject, mail.html[:1_000_000], mail.text[:1_000_000])))
    }
    return 0.5 if found and len(trade) > 1 else 0.0


def read(file: BinaryIO) -> Iterator[Item]:
    """Yield the papers of alerts, their date, and rejects for titles that nothing shows to be papers.

    Raises MalformedDigestError when there is no paper at all, ReadError when the file cannot be read.
    """
    empty = True
    for mail in mails_of(file):
        found = list(items(mail)) if isinstance(mail, Mail) else [mail]
        empty = empty and not any(
            isinstance(item, Paper | Reject) or (isinstance(item, Remark) and item.verdict) for item in found
        )
        yield from found
    if empty:
        raise MalformedDigestError("no title with people or an id below it", source=name_of(file))


def items(mail: Mail) -> Iterator[Item]:
    """Yield what an alert holds: the mail's date, papers, rejects and remarks."""
    if mail.date:
        yield mail.date
    yield from (each.item for each in _found(mail))
    shown = _SHOWN.search(mail.text) or _SHOWN.search(mail.html)
    if shown and int(shown[3].replace(",", "")) > int(shown[2]) - int(shown[1]) + 1:
        yield Remark(f"it shows {shown[1]} to {shown[2]} of {shown[3]}", "partial")


@lru_cache(maxsize=1)
def _found(mail: Mail) -> tuple[Found, ...]:
    """Return what becomes of a mail's entries; of its text where its HTML has none. It is asked for twice in a row."""
    found = read_entries(lines_of(mail), mail.date, _line(mail))
    if mail.html and mail.text and not any(isinstance(each.item, Paper) for each in found):
        found = read_entries(lines_of(Mail(text=mail.text)), mail.date, _line(mail))
    return tuple(found)


def _line(mail: Mail) -> int:
    """Return the line to name for all of a mail's entries; 0 for a body alone, whose lines are the file's."""
    return mail.line if mail.subject or mail.sender or isinstance(mail.date, PartialDate) else 0
