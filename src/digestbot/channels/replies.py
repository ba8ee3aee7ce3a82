"""What a mail server's refusal is about, read from its code, its enhanced status and its words.

::

    reply                          about       so
    421, 530, 454, no TLS …        server      everything waits: it says nothing about the mail
    5.1.7, 5.7.2x, "relay denied"  policy      everything waits: it is about us, and would be said of every mail
    550 5.1.1, 450 greylisted      recipient   this address alone
    452 4.2.2, 552 5.2.2           mailbox     this address alone, and it exists
    5.1.2, 450 4.4.1               domain      every address of the domain
    552 5.3.4, 554 5.6.0, 5.7.1    message     this mail alone
"""

import re
from dataclasses import dataclass
from typing import Final, Literal

from digestbot.errors import Scope

Step = Literal["MAIL", "RCPT", "DATA", "the mail"]

_NOT_ABOUT_THE_MAIL: Final = (421, 454, 530, 534, 535, 538)  # RFC 4954, 5321: log-in wanted, or closing
_ENHANCED: Final = re.compile(r"([245])\.(\d{1,3})\.(\d{1,3})(?!\S)")
_BY_STATUS: Final = (
    (re.compile(r"1\.(2|10)$"), "domain"),
    (re.compile(r"1\.[78]$"), "policy"),
    (re.compile(r"1\.|2\.[0145]"), "recipient"),
    (re.compile(r"2\.2$"), "mailbox"),
    (re.compile(r"2\.3$|3\.4$|6\."), "message"),
    (re.compile(r"3\."), "server"),
    (re.compile(r"4\.5$|5\.3$|7\.(8|9|1[0-9])$"), "server"),
    (re.compile(r"4\."), "domain"),
    (re.compile(r"7\.(2[0-9])$"), "policy"),
)
"""What the second and third number say (RFC 3463, 4954, 7372, 7505). The first tells only whether it may pass."""
_ABOUT_US: Final = re.compile(
    r"\brelay|\bsender\b|\bfrom address|\bblack ?list|\bblock ?list|\brbl\b|\bdnsbl\b|reverse|\bptr\b|\bhelo\b|\bspf\b|"
    r"\bdkim\b|\bdmarc\b|"
    r"\byour (ip|host|server|network|domain)|\bclient host|too many (messages|connections|mails)|\brate\b|authenticat",
    re.IGNORECASE,
)
_FULL: Final = re.compile(
    r"(mailbox|quota|storage)\b.{0,30}(full|exceed)|over ?quota|(full|exceeded) (mailbox|quota)", re.IGNORECASE
)
_GREY: Final = re.compile(r"gr[ae]y ?-?list", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Reply:
    """A server's answer: its code, its enhanced status (empty without one), and all of it on one line."""

    code: int
    status: str
    line: str

    @property
    def passes(self) -> bool:
        """Whether the same may succeed later."""
        return self.code // 100 != 5


def reply_of(code: int, answer: bytes | str, longest: int = 1000) -> Reply:
    """Return a reply with its text cleaned and cut."""
    text = answer.decode("utf-8", "replace") if isinstance(answer, bytes) else answer
    shown = text if text.isprintable() else "".join(each if each.isprintable() else " " for each in text)
    plain = " ".join(shown.split())
    found = _ENHANCED.match(plain)
    return Reply(code, found[0] if found else "", f"{code} {plain}"[:longest].rstrip())


def scope_of(reply: Reply, step: Step) -> Scope:
    """Return what a refusal is about: the narrowest thing that explains it."""
    if reply.code in _NOT_ABOUT_THE_MAIL or reply.code // 100 not in (4, 5):
        return "server"
    if _GREY.search(reply.line):
        return "recipient"
    if _FULL.search(reply.line) and step != "MAIL":
        return "mailbox"
    if reply.code == 452 and reply.status in {"", "4.3.1"}:  # RFC 5321, 4.2.3: too little room in the system
        return "server"
    detail = reply.status[2:]
    known: Scope | None = next((scope for pattern, scope in _BY_STATUS if detail and pattern.match(detail)), None)  # type: ignore[misc]
    if known in (None, "recipient") and _ABOUT_US.search(reply.line) and not detail.startswith("1.1"):
        return "policy"
    return known or {"MAIL": "policy", "RCPT": "recipient"}.get(step, "message")  # type: ignore[return-value]
