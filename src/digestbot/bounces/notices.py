"""What a notice says to people: where the original begins, which addresses were not reached, and in which words.

Mail servers agree on little but this: the address stands on a line of its own or begins one, the reason follows, and
the original comes last.
"""

import re
from collections.abc import Collection, Iterable, Sequence
from typing import Final

from digestbot.bounces.phrases import folded
from digestbot.bounces.signs import FAILED
from digestbot.bounces.status import addresses_in

_LONGEST: Final = 40_000
_MOST: Final = 100
_BORDER: Final = re.compile(
    r"""^[ \t]{0,8}[-=_*+>|\ ]{0,80}[ \t]{0,8}(?:
      (?:below\ this\ line|this)\ is\ a\ copy\ of\ (?:the|your)
    | (?:here|the\ following|attached|included|enclosed)\ is\ (?:a\ copy|the\ (?:original|message|header))
    | enclosed\ please\ find\ (?:a\ copy|the\ (?:original|message|header))
    | (?:the\ )?original\ (?:message|mail|e-?mail|text|header|headers|lines|subject)s?
      (?:\ (?:text|headers?|follows|is\ (?:below|attached|following)|source|below|information))?
      \s{0,3}[-=:.>*|\ ]{1,80}$
    | (?:the\ )?(?:start\ of|begin(?:ning)?(?:\ of)?)\ (?:the\ )?(?:returned|original|message|unsent|text)
    | (?:un(?:sent|delivered)|returned|failed|rejected|bounced)\ (?:message|mail|e-?mail|header)s?
      (?:\ text)?(?:\ headers?)?(?:\ (?:follows?|below|is))?\s{0,3}[-=:.>*|\ ]{1,80}$
    | (?:the\ )?(?:headers?|text)\ of\ (?:the|your)\ (?:original|message|mail|returned)
    | (?:the\ )?(?:message|mail)\ (?:header|headers|text|body|source)s?
      (?:\ (?:follows?|is|are)(?:\ below)?)?\s{0,3}[-=:.>*|\ ]{0,80}$
    | (?:your|the)\ (?:original\ |undelivered\ )?(?:message|mail)\ (?:is|was)?\ ?
      (?:reads|follows|begins|enclosed|header)
    | content-type:\ (?:message/rfc822|text/rfc822-headers)
    | (?:the\ )?(?:first\ \d+\ )?(?:lines|body)\ of\ the\ (?:message|original)
    | (?:message|mail)\ header\ follows
    | (?:原文|送信されたメール|メッセージのヘッダ|元のメッセージ|original\ nachricht|ursprüngliche\ nachricht)
    )""",
    re.IGNORECASE | re.VERBOSE,
)
_HEAD: Final = re.compile(
    r"(?:received|return-path|mime-version|message-id|dkim-signature|x-mailer|x-originating-ip): ?\S", re.IGNORECASE
)
_HEAD_LINE: Final = re.compile(r"[!-9;-~]{1,60}:[ \t]?|[ \t]+\S")
_ASIDE: Final = re.compile(
    r"(?:^|\b)(?:mail from|from|sender|reply-to|message-id|return-path|contact|please (?:send|contact|write|forward)|"
    r"(?:send|write) (?:a )?(?:mail|message|email) to|cc|for (?:further|more) (?:assistance|help|info\w*)|postmaster|"
    r"assistance|help ?desk|support|administrator|references|in-reply-to|errors-to|your message|"
    r"unsubscribe|questions?)\b",
    re.IGNORECASE,
)
_TELLING: Final = re.compile(
    r"rcpt to|final-recipient|original-recipient|\bto\b ?[:<]|recipient|deliver|user|mailbox|unknown|undeliver|"
    r"addressee|account|could not|couldn't|unable|fail|not (?:found|exist|reach)|empfänger|destinataire|"
    r"адрес|宛先|не удалось|smtp|\b[45]\d\d\b",
    re.IGNORECASE,
)
_LEAD: Final = re.compile(
    r"^[ \t>*+\-•]{0,12}(?:[45]\d\d[ -](?:[45]\.\d\.\d )?)?(?:[\"'(][^\"'()@\n]{0,80}[\"')] )?"
    r"[<\[(\"']{0,2}(?:mailto:|smtp:|rfc822;? ?)?[^\s<>\"@]{1,128}@",
    re.IGNORECASE,
)
_BY_ITSELF: Final = re.compile(
    r"^(mailer-daemon|postmaster|post_master|mail-?daemon|noreply|no-reply|abuse|helpdesk|help|support)@", re.IGNORECASE
)


def cut(text: str) -> tuple[str, str]:
    """Return what stands before the original and the original itself, if it is in there."""
    lines = text[:_LONGEST].split("\n")
    for number, line in enumerate(lines):
        if number and _BORDER.match(line[:200]):
            return "\n".join(lines[:number]), "\n".join(lines[number + 1 :])
        if number > 1 and _HEAD.match(line):
            start = _start_of_head(lines, number)
            if start is not None:
                return "\n".join(lines[:start]), "\n".join(lines[start:])
    return "\n".join(lines), ""


def _start_of_head(lines: Sequence[str], at: int) -> int | None:
    """Return where a head begins that has a line at `at`; None when it stands alone, in the middle of a text."""
    start = at
    while start > 0 and _HEAD_LINE.match(lines[start - 1]):
        start -= 1
    end = at
    while end + 1 < len(lines) and _HEAD_LINE.match(lines[end + 1]):
        end += 1
    return start if end - start >= 2 else None


def recipients_in(notice: str, own: Collection[str], wanted: Collection[str]) -> list[str]:
    """Return the addresses that were not reached, surest first.

    `own` are those of the mail's own head, `wanted` those that the original went to; both in lower case.
    """
    lines = [line for line in notice.split("\n") if "@" in line][:1000]
    ways = (
        [line for line in lines if _LEAD.match(line[:300]) and not _ASIDE.match(line.strip()[:60])],
        [line for line in lines if _TELLING.search(line[:600]) and not _ASIDE.search(line[:600])],
        [line for line in lines if not _ASIDE.search(line[:600])],
        lines,
    )
    for number, way in enumerate(ways):
        found = _named(way, own)
        sure = [address for address in found if address.lower() in wanted]
        if found:
            return found if number == 0 or not sure else sure
    return _named(ways[0], ())


def _named(lines: Iterable[str], own: Collection[str]) -> list[str]:
    """Return the first address of each line; it is the one the line is about."""
    found: dict[str, str] = {}
    for line in lines:
        for address in addresses_in(line)[:1]:
            if len(found) < _MOST and address.lower() not in own and not _BY_ITSELF.match(address):
                found.setdefault(address.lower(), address)
    return list(found.values())


def words_about(notice: str, recipient: str, others: Collection[str]) -> str:
    """Return the lines about one recipient: those that name it, and what follows up to the next address."""
    kept: list[str] = []
    mine = False
    for line in notice.split("\n"):
        named = [address.lower() for address in addresses_in(line)] if "@" in line else []
        if recipient.lower() in named:
            mine = True
        elif any(address in others for address in named):
            mine = False
        if mine and line.strip():
            kept.append(line.strip())
    return "\n".join(kept)[:4000]


def telling_lines(notice: str) -> str:
    """Return the lines that quote a server: those with a reply code or an enhanced status."""
    lines = [line.strip() for line in notice.split("\n")]
    marked = [n for n, line in enumerate(lines) if _CODE.search(line[:600])]
    return "\n".join("\n".join(lines[n : n + 2]) for n in marked)[:4000]


_CODE: Final = re.compile(
    r"(?<![\d.:-])[45][0-5]\d[ \-:#]|(?<![\d.])[45]\.\d{1,2}\.\d{1,3}(?![\d.])|\breason:|\bsaid:|#\d", re.IGNORECASE
)


def is_failure_notice(text: str) -> bool:
    """Return whether the words of a mail are those of one that could not be delivered."""
    return bool(FAILED.search(folded(text[:6000])))
