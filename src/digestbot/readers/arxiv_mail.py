"""arXiv's daily mail and what is kept of it: listings of a day, a week or a month, and files of one abstract.

The mail may be bare text, an .eml, an mbox of many days or in the JSON of a mail service. Its subject says how many
new papers and cross-lists it brings; when fewer are there, the reading is partial.
"""

import re
from collections.abc import Iterator
from typing import BinaryIO

from digestbot.errors import MalformedDigestError
from digestbot.models import Paper, PartialDate, Reject
from digestbot.readers.arxiv_records import NUMBER, Records
from digestbot.readers.html_page import parse_page
from digestbot.readers.mailboxes import carrier_of, mails_of
from digestbot.readers.mails import Mail, header_date
from digestbot.readers.protocol import Item, Remark, name_of

DIALECT = "arxiv-mail"

_BAR = re.compile(r"^(?:>\s?)*\\\\\s*$", re.MULTILINE)
_NUMBERED = re.compile(rf"^(?:> ?)*{NUMBER.pattern}[ \t\r]{{0,4}}$", re.MULTILINE | re.IGNORECASE)
_ANNOUNCED = re.compile(r"\b([0-9]{1,5}) new(?:\s*\+\s*([0-9]{1,5})?\s*crosses)?\s+received", re.IGNORECASE)
_HEADER = re.compile(r"\A\s*Date:\s*(?P<date>[^\n]{5,60})\n(?:[^\n:]{1,40}:[^\n]*\n){0,5}")
_SUBJECT = re.compile(r"\A(?:[^\n:]{1,40}:[^\n]*\n){0,5}?Subject:\s*(?P<subject>[^\n]{0,200})\n")
_RECEIVED = re.compile(r"\breceived from\b[^\n]{5,60}\bto\s+(?P<date>[^\n]{5,40})", re.IGNORECASE)
_UNTIL = re.compile(r"\bPapers received as of\s+(?P<date>[^\n]{5,40}?)\.?\s*\n", re.IGNORECASE)


def sniff(head: bytes) -> float:
    """Return how sure it is: by a record's number between two bars. A whole mail goes to the reader of mails."""
    text = head.decode("utf-8", "replace")
    carried = carrier_of(head)
    if carried in ("mbox", "json") or (
        carried
        and re.search(r"^(?:From|Received|MIME-Version|Message-ID):", text[:4000], re.MULTILINE | re.IGNORECASE)
        and not _is_abstract(text)
    ):
        return 0.0
    return _sureness(text)


def sureness(mail: Mail) -> float:
    """Return how sure it is that a mail is one of arXiv's listings."""
    return max(
        _sureness(mail.text[: 1 << 16]), _sureness(_html_text(mail)[: 1 << 16]) if not mail.text.strip() else 0.0
    )


def read(file: BinaryIO) -> Iterator[Item]:
    """Yield the papers of each listing in a file, its date, and what is missing of it.

    Raises MalformedDigestError when there is no record at all, ReadError when the file cannot be read.
    """
    empty = True
    for mail in mails_of(file):
        found = list(items(mail)) if isinstance(mail, Mail) else [mail]
        empty = empty and not any(
            isinstance(item, Paper | Reject) or (isinstance(item, Remark) and item.verdict) for item in found
        )
        yield from found
    if empty:
        raise MalformedDigestError("no record of arXiv's form in it", source=name_of(file))


def items(mail: Mail) -> Iterator[Item]:
    """Yield what a listing holds: its date, papers, rejects and remarks."""
    text = mail.text if mail.text.strip() else _html_text(mail)
    records = Records()
    found = list(records.read(text.split("\n")))
    days = [item for item in found if isinstance(item, PartialDate)]
    if date := mail.date or _date(text) or next(iter(days), None):
        yield date
    papers = [item for item in found if not isinstance(item, PartialDate)]
    yield from papers
    yield from _remarks(mail, text, records, papers)


def _remarks(mail: Mail, text: str, records: Records, papers: list[Paper | Reject]) -> Iterator[Remark]:
    """Say what is missing, or that nothing was announced."""
    if records.cut:
        yield Remark("the file ends inside a record", "partial" if records.sections else "unreadable")
    subject = mail.subject or next((found["subject"] for found in _SUBJECT.finditer(text)), "")
    announced = _ANNOUNCED.search(subject)
    if announced:
        expected = int(announced[1]) + int(announced[2] or 0)
        here = sum(kind in ("new", "cross") for kind in records.sections)
        if here < expected:
            yield Remark(f"it announces {expected} new papers and cross-lists and holds {here}", "partial")
        elif not expected and not papers:
            yield Remark("it announces nothing new", "quiet")


def _date(text: str) -> PartialDate | None:
    """Return the day of a listing: of its own header, else the end of the time it covers."""
    for form in (_HEADER, _RECEIVED, _UNTIL):
        if (found := form.search(text[:4000])) and (date := header_date(found["date"])):
            return date
    return None


def _sureness(text: str) -> float:
    numbered = _NUMBERED.search(text)
    if not numbered:
        return 0.0
    fields = text[numbered.end() : numbered.end() + 3000]
    titled = re.search(r"^(?:>\s?)*(?:Title|Authors?):", fields, re.MULTILINE)
    return 1.0 if titled and _BAR.search(text) else 0.6 if titled else 0.0


def _is_abstract(text: str) -> bool:
    """Tell whether a file begins as one abstract: its From is a field of the record, not of a mail."""
    return bool(re.match(r"\s*(?:-{30,}\s+)?\\\\", text))


def _html_text(mail: Mail) -> str:
    """Return the lines of a mail that came in HTML only; a listing is set as it is written there."""
    if "arXiv:" not in mail.html:
        return ""
    return "\n".join(line.text for line in parse_page(mail.html).lines())
