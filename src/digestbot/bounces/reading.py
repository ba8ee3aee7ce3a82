"""One mail into what it says: a bounce, a complaint, a delay, an automatic reply, or nothing of the kind.

::

    message/feedback-report          complaint
    message/delivery-status          each recipient by its own fields
    X-Failed-Recipients, a notice    recipients by the words around them
    Auto-Submitted: auto-replied …   reply, unless a mail server speaks
"""

import re
from collections.abc import Iterable
from collections.abc import Set as AbstractSet
from dataclasses import replace
from typing import Final

from digestbot.bounces.letters import Letter, open_letter
from digestbot.bounces.marks import marks_in
from digestbot.bounces.models import HARD, Failure, Reason, Report
from digestbot.bounces.notices import cut, is_failure_notice, recipients_in, telling_lines, words_about
from digestbot.bounces.notifications import read_notification
from digestbot.bounces.phrases import folded, reason_of
from digestbot.bounces.signs import AWAY, DELAYED, OVER, RETURNED, SERVER
from digestbot.bounces.status import Block, addresses_in, blocks_of, enhanced_in

_DONE: Final = ("delivered", "relayed", "expanded")
_LONGEST_WORDS: Final = 500


def read_report(data: bytes, domain: str = "") -> Report:
    """Return what a mail says; never raises. `domain` is the one in our Message-IDs, to know our own deliveries."""
    letter = open_letter(data)
    notice, rest = cut(letter.notice)
    letter = replace(letter, notice=notice, original=letter.original or rest)
    report = read_notification(letter.notice) or _complaint(letter) or _bounce(letter)
    marks = marks_in(replace(letter, notice=f"{notice}\n{rest}"), domain) if domain else ()
    if marks and report.why == _NAMELESS:  # the delivery is known, and so is whom it went to
        report = Report("bounce", (_by_notice(letter, "", {""}),))
    stop = _STOP.match(letter.header("subject")) if report.feedback == "opt-out" else None
    wish = (stop[1], stop[2]) if stop else ("", "")
    return replace(report, marks=marks, mail_id=letter.header("message-id")[:500], stop=wish)


_NAMELESS: Final = "it names no address"
_STOP: Final = re.compile(r"(?:re: ?)?unsubscribe ([A-Za-z0-9_-]{1,100}) ([a-z2-7]{26})$", re.IGNORECASE)


def _complaint(letter: Letter) -> Report | None:
    """Return a complaint (RFC 5965), or what a receiver reports in its form (RFC 6591); None when it is neither."""
    if not letter.feedback:
        kind = _plain_complaint(letter)
        whom = addresses_in(_header_in(letter.original, "to"))[:20] if kind == "abuse" else _addresses(letter, "from")
        return (
            Report("complaint", tuple(Failure(each, "policy", said=kind) for each in whom), feedback=kind)
            if kind
            else None
        )
    fields = {name.lower(): value.strip() for name, value in _FIELD.findall(letter.feedback)}
    kind = fields.get("feedback-type", "abuse").lower()[:40]
    if kind == "not-spam":
        return Report("none", why="somebody says that it is no spam")
    told = addresses_in(" ".join(fields.get(name, "") for name in ("original-rcpt-to", "removal-recipient")))
    whom = told or addresses_in(_header_in(letter.original, "to"))
    return Report("complaint", tuple(Failure(address, "policy", said=kind) for address in whom[:20]), feedback=kind)


def _plain_complaint(letter: Letter) -> str:
    """Return the kind of a complaint that is told in words alone; empty when it is none."""
    if letter.status or "x-failed-recipients" in letter.headers:
        return ""
    subject, words = folded(letter.header("subject")), folded(letter.notice[:2000])
    if re.match(r"(re: ?)?unsubscribe\b", subject) or "sent this email to unsubscribe" in words:
        return "opt-out"
    told = re.search(
        r"(abuse|complaint|spam|junk|feedback) (report|about (a |the |your )?(message|mail)|loop|notification)", subject
    )
    told = told or re.search(
        r"(this is an |e-?mail )abuse report|reported (this|the|your) (message|mail|e-?mail)[^.]{0,40} as "
        r"(spam|junk|abuse)",
        words,
    )
    return "abuse" if told and letter.original else ""


_FIELD: Final = re.compile(r"^([A-Za-z][A-Za-z0-9-]{0,40}):[ \t]*(.*)$", re.MULTILINE)


def _bounce(letter: Letter) -> Report:
    """Return the failures that a mail tells of."""
    blocks = blocks_of(letter.status) or ([] if letter.status else blocks_of(letter.notice))
    open_ones = [block for block in blocks if block.action not in _DONE and not block.status.startswith("2.")]
    if blocks and not open_ones:
        return Report("none", why="it was delivered")
    reply = _why_reply(letter, bool(blocks))
    if reply:
        return Report("reply", why=reply)
    failed = letter.headers.get("x-failed-recipients", ())
    if not (blocks or failed or _is_notice(letter)):
        return Report("none", why="it says of no mail that it was not delivered")
    failures = _by_fields(letter, open_ones) if open_ones else _by_words(letter, failed)
    if not failures:
        return Report("none", why=_NAMELESS)
    kind = "bounce" if any(failure.action == "failed" for failure in failures) else "delay"
    return Report("bounce" if kind == "bounce" else "delay", tuple(failures))


def _why_reply(letter: Letter, has_fields: bool) -> str:
    """Return why a mail is an automatic reply of a person's program; empty when it is none (RFC 3834)."""
    if has_fields or letter.headers.get("x-failed-recipients"):
        return ""
    subject = folded(letter.header("subject"))
    by_server = _from_server(letter)
    if not by_server and any(name in letter.headers for name in ("x-autoreply", "x-autorespond", "x-autoresponse")):
        return "an automatic reply"
    if "auto-replied" in letter.header("auto-submitted").lower() and not (by_server or RETURNED.search(subject)):
        return "an automatic reply"
    if AWAY.search(subject) and not (by_server and RETURNED.search(subject)):
        return "an automatic reply"
    return ""


def _from_server(letter: Letter) -> bool:
    """Return whether a mail server speaks: by its name, or by a return path that is empty (RFC 5321, 4.5.5)."""
    sender = folded(" ".join((letter.header("from"), letter.header("sender"))).replace("@", " @ "))
    path = letter.headers.get("return-path", ("?",))[0].strip().lower()
    return bool(SERVER.search(sender)) or path in {"<>", ""} or "mailer-daemon" in path


def _is_notice(letter: Letter) -> bool:
    """Return whether a mail is a notice of failure, by two signs of three: its sender, its subject, its words."""
    by_server, by_subject = _from_server(letter), bool(RETURNED.search(folded(letter.header("subject"))))
    is_report = "report" in letter.header("content-type").lower()[:40]
    return sum((by_server, by_subject, is_failure_notice(letter.notice), is_report)) >= 2


def _by_fields(letter: Letter, blocks: Iterable[Block]) -> list[Failure]:
    blocks = list(blocks)
    named = [block.recipient for block in blocks if block.recipient]
    lost = [block for block in blocks if not block.recipient]
    guessed = [each for each in _recipients(letter) if each not in named] if lost else []
    known = {block.recipient.lower(): block for block in reversed(blocks) if block.recipient}  # the first of each
    failures = [_by_block(letter, block, set(known)) for block in reversed(known.values())]
    for block, recipient in zip(lost, guessed, strict=False):
        failures.append(_by_block(letter, replace(block, recipient=recipient), {*map(str.lower, named + guessed)}))
    return _distinct(failures)


def _by_block(letter: Letter, block: Block, everybody: AbstractSet[str]) -> Failure:
    around = words_about(letter.notice, block.recipient, everybody - {block.recipient.lower()})
    words = [block.diagnostic, telling_lines(around), around]
    if len(everybody) == 1:
        words += [telling_lines(letter.notice), letter.notice]
    reason = _doubted(reason_of(block.status, *words), block.status, letter, everybody)
    action = "delayed" if block.action == "delayed" else "failed"
    said = block.diagnostic or around or letter.notice
    status = block.status or enhanced_in(telling_lines(around))
    return Failure(block.recipient, reason, status, "delayed" if action == "delayed" else "failed", _line(said))


def _by_words(letter: Letter, failed: Iterable[str]) -> list[Failure]:
    named = [address for value in failed for address in addresses_in(value)][:100] or _recipients(letter)
    everybody = {each.lower() for each in named}
    return _distinct([_by_notice(letter, recipient, everybody) for recipient in named])


def _by_notice(letter: Letter, recipient: str, everybody: AbstractSet[str]) -> Failure:
    around = words_about(letter.notice, recipient, everybody - {recipient.lower()})
    told = telling_lines(around)
    words = [told, around]
    if len(everybody) == 1:
        words += [telling_lines(letter.notice), letter.notice, letter.header("subject")]
        told = told or telling_lines(letter.notice)
    status = enhanced_in(told)
    reason = _doubted(reason_of(status, *words), status, letter, everybody)
    plain = folded(f"{letter.header('subject')} {letter.notice}"[:6000])
    late = bool(DELAYED.search(plain)) and not OVER.search(plain)
    return Failure(recipient, reason, status, "delayed" if late else "failed", _line(told or around or letter.notice))


_AFTER_DATA: Final = re.compile(
    r"\bend of (data|message)\b|(after|to|for|our|your) (the )?(final )?data\b|>>> data\b|\.data\b|\bdata command"
    r"|for text command"
)


def _doubted(reason: Reason, status: str, letter: Letter, everybody: AbstractSet[str]) -> Reason:
    """Return the reason, or ``unclear`` for an unknown user of whom nothing was said before the mail itself was there.

    A server that has taken the recipient and refuses the mail may well mean the mail, unless its status says not.
    """
    if reason not in HARD or status.startswith("5.1.") or len(everybody) > 2:
        return reason
    words = folded(f"{letter.status}\n{letter.notice}")
    return "unclear" if _AFTER_DATA.search(words) and not _AT_RCPT.search(words) else reason


_AT_RCPT: Final = re.compile(r"rcpt[ _]to|rcpt\b(?! \(recipient)")


def _recipients(letter: Letter) -> list[str]:
    own = {
        each.lower()
        for name in ("from", "to", "reply-to", "sender", "return-path")
        for each in _addresses(letter, name)
    }
    wanted = {each.lower() for name in ("to", "cc", "bcc") for each in addresses_in(_header_in(letter.original, name))}
    found = recipients_in(letter.notice, own - wanted, wanted)
    return found or addresses_in(_header_in(letter.original, "to"))[:1]


def _addresses(letter: Letter, name: str) -> list[str]:
    return [address for value in letter.headers.get(name, ()) for address in addresses_in(value)]


def _header_in(head: str, name: str) -> str:
    """Return a header of the original, unfolded; empty when it has none."""
    found = re.search(rf"^[> ]{{0,4}}{name}[ \t]{{0,4}}:(.*(?:\n[ \t].*){{0,50}})", head, re.IGNORECASE | re.MULTILINE)
    return " ".join(found[1].split()) if found else ""


def _distinct(failures: Iterable[Failure]) -> list[Failure]:
    """Return one failure for each address: the one that is for good, else the first."""
    found: dict[str, Failure] = {}
    for failure in failures:
        known = found.get(failure.recipient.lower())
        if known is None or (failure.hard and not known.hard):
            found[failure.recipient.lower()] = failure
    return list(found.values())


def _line(text: str) -> str:
    return "".join(each if each.isprintable() else " " for each in " ".join(text.split()))[:_LONGEST_WORDS]
