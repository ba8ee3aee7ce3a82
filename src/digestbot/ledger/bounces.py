"""What came back, and who gets nothing any longer because of it.

::

    Report ─its marks→ message of ours ─→ bounce ─hard, complained, soft too often→ suppression ─→ subscriptions held

Only what proves that it answers a mail of ours is acted on: the key in the return path or in the Message-ID, which
nobody can guess who has not got the mail. What is known by its address alone is written down and nothing more, so
nobody can be shut out by a forged bounce.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any, Final, Literal

from sqlalchemy import Row, delete, exists, func, select, update

from digestbot.addresses import parse_mailbox
from digestbot.bounces import HARD, Failure, Report
from digestbot.bounces.phrases import reason_of
from digestbot.bounces.status import enhanced_in
from digestbot.ledger.bounce_tables import bounce, suppression
from digestbot.ledger.schema import message, subscription
from digestbot.ledger.store import Transaction
from digestbot.ledger.subscriptions import resume, suppress
from digestbot.tokens import is_genuine

Found = Literal["return-path", "message-id", "refusal", "address", ""]
BounceKind = Literal["hard", "soft", "complaint"]

REASONS: Final = ("bounced", "bouncing", "complained", "by hand")
"""Why an address is suppressed: it is dead, it failed too often, its owner complained, somebody said so."""
_COUNTED: Final = ("return-path", "message-id", "refusal")
_NO_COMPLAINT: Final = frozenset({"auth-failure", "dmarc", "dkim", "opt-out", "opt-out-list"})
"""Kinds of feedback that tell of something else than that somebody did not want the mail."""


@dataclass(frozen=True, slots=True)
class Terms:
    """The time, and when an address is given up that fails only for the moment."""

    now: datetime
    soft: int = 5
    """Mails that may come back so"""
    days: int = 30
    """within this many days."""


@dataclass(frozen=True, slots=True)
class Taken:
    """What was made of one bounce."""

    address: str
    kind: BounceKind
    reason: str
    found_by: Found
    subscription: str = ""
    """Whose message it was, when that is known."""
    known: bool = False
    """Whether it was read before; it counts once."""
    suppressed: str = ""
    """Why the address gets nothing from now on; empty when it still does."""


@dataclass(frozen=True, slots=True)
class Suppressed:
    """An address that gets nothing."""

    address: str
    reason: str
    since: datetime


def take(tx: Transaction, report: Report, data: bytes, terms: Terms) -> list[Taken]:
    """Write down what a mail says of our messages, and act on it where it proves that it answers one. Idempotent.

    `data` is the mail itself; it names one that has no Message-ID.
    """
    if report.kind not in {"bounce", "complaint"}:
        return []
    if report.stop[0]:
        return _obey(tx, report, terms.now)
    ours, found_by = _message_of(tx, report)
    name = report.mail_id or hashlib.sha256(data).hexdigest()
    failures = [_chosen(report.failures, ours.address)] if ours is not None else list(report.failures)
    return [_taken(tx, report, failure, (ours, found_by, name), terms) for failure in failures]


def learn(tx: Transaction, terms: Terms) -> list[Taken]:
    """Count what servers refused to take: a 550 at the door says what a bounce would say."""
    known = exists().where(bounce.c.message_id == message.c.id)
    recent = (message.c.state == "failed") & (message.c.state_at >= terms.now - timedelta(days=terms.days))
    refused = recent & (message.c.channel == "email") & (message.c.reply != "") & ~known
    return [_refused(tx, row, terms) for row in tx.connection.execute(select(message).where(refused)).all()]


def add(tx: Transaction, address: str, reason: str, now: datetime, bounce_id: int | None = None) -> list[str]:
    """Suppress an address and the subscriptions that go to it; return their ids."""
    plain = _plain(address)
    if not tx.connection.execute(select(suppression).where(suppression.c.address == plain)).first():
        tx.connection.execute(suppression.insert().values(address=plain, reason=reason, since=now, bounce_id=bounce_id))
    return hold(tx, now)


def hold(tx: Transaction, now: datetime) -> list[str]:
    """Suppress the active subscriptions whose address is suppressed, new ones too; return their ids."""
    listed = tx.connection.execute(select(suppression.c.address, suppression.c.reason))
    reasons = {row.address: row.reason for row in listed}
    if not reasons:
        return []
    # The database knows a bare address when it sees one; the others are few.
    bare = func.lower(subscription.c.address).in_(select(suppression.c.address))
    mails = (subscription.c.state == "active") & (subscription.c.channel == "email")
    mails &= bare | subscription.c.address.regexp_match("[^ -~]|>$")
    rows = tx.connection.execute(select(subscription.c.id, subscription.c.address).where(mails)).all()
    held = [(row.id, reasons[plain]) for row in rows if (plain := _plain(row.address)) in reasons]
    for name, reason in held:
        suppress(tx, name, reason, now)
    return [name for name, _ in held]


def forgive(tx: Transaction, address: str, now: datetime) -> list[str] | None:
    """Take an address off the list and let its subscriptions go on; return their ids, None when it was not on it.

    Its bounces stop counting: they are of before.
    """
    plain = _plain(address)
    if not tx.connection.execute(delete(suppression).where(suppression.c.address == plain)).rowcount:
        return None
    tx.connection.execute(update(bounce).where(bounce.c.address == plain).values(found_by=""))
    held = (subscription.c.state == "suppressed") & subscription.c.reason.in_(REASONS)
    rows = tx.connection.execute(select(subscription.c.id, subscription.c.address).where(held)).all()
    names = [row.id for row in rows if _plain(row.address) == plain]
    for name in names:
        resume(tx, name, now)
    return names


def listing(tx: Transaction) -> list[Suppressed]:
    """Return the suppressed addresses, the newest first."""
    columns = (suppression.c.address, suppression.c.reason, suppression.c.since)
    rows = tx.connection.execute(select(*columns).order_by(suppression.c.since.desc(), suppression.c.address))
    return [Suppressed(*row) for row in rows]


def counts(tx: Transaction, since: datetime) -> dict[str, int]:
    """Return how many bounces of each kind were read since a moment."""
    recent = select(bounce.c.kind, func.count()).where(bounce.c.read_at >= since).group_by(bounce.c.kind)
    return {row[0]: row[1] for row in tx.connection.execute(recent)}


def latest(tx: Transaction, limit: int = 20) -> Iterator[dict[str, Any]]:
    """Yield the last bounces, the newest first, with the subscription each belongs to."""
    names = ("address", "kind", "reason", "status", "said", "found_by", "read_at")
    joined = bounce.outerjoin(message, message.c.id == bounce.c.message_id)
    columns = (*(bounce.c[name] for name in names), message.c.subscription_id)
    for row in tx.connection.execute(select(*columns).select_from(joined).order_by(bounce.c.id.desc()).limit(limit)):
        yield dict(row._mapping)


def _message_of(tx: Transaction, report: Report) -> tuple[Row[Any] | None, Found]:
    """Return the message that a report answers, and how it was found: by its key first, by the address last."""
    for mark in report.marks:
        named = (message.c.key == mark.key) & (message.c.generation == mark.generation)
        row = tx.connection.execute(select(message).where(named, message.c.channel == "email")).first()
        if row is not None:
            return row, mark.by
    return None, ""


def _chosen(failures: tuple[Failure, ...], address: str) -> Failure:
    """Return the failure that is of this address; else the first: it was forwarded, or is written otherwise."""
    plain = _plain(address)
    mine = next((failure for failure in failures if _plain(failure.recipient) == plain), None)
    return mine or next(iter(failures), Failure("", "unclear"))


@dataclass(frozen=True, slots=True)
class _Note:
    """A bounce as it is written down."""

    mark: str
    message_id: int | None
    address: str
    kind: BounceKind
    reason: str
    status: str
    said: str
    found_by: Found


def _taken(
    tx: Transaction, report: Report, failure: Failure, origin: tuple[Row[Any] | None, Found, str], terms: Terms
) -> Taken:
    ours, found_by, name = origin
    address = ours.address if ours is not None else failure.recipient
    kind: BounceKind = "complaint" if report.kind == "complaint" else "hard" if failure.hard else "soft"
    # One delivery bounces once, however many servers on its way tell of it; by its key, that is one mark.
    mark = f"{ours.key}.{ours.generation} {kind}" if ours is not None else f"{name} {failure.recipient}"
    if ours is None and _is_known(tx, address):
        found_by = "address"
    reason = report.feedback if kind == "complaint" else failure.reason
    row = ours.id if ours is not None else None
    note = _Note(mark, row, address, kind, reason, failure.status, failure.said, found_by)
    return _acted(tx, note, ours.subscription_id if ours is not None else "", terms)


def _refused(tx: Transaction, row: Row[Any], terms: Terms) -> Taken:
    status = enhanced_in(row.reply)
    reason = reason_of(status, row.reply)
    kind: BounceKind = "hard" if reason in HARD and row.reply.startswith("5") else "soft"
    mark = f"{row.key}.{row.generation} {kind}"
    note = _Note(mark, row.id, row.address, kind, reason, status, row.reply[:500], "refusal")
    return _acted(tx, note, row.subscription_id, terms)


def _acted(tx: Transaction, note: _Note, person: str, terms: Terms) -> Taken:
    """Write a bounce down, and suppress its address when that is due."""
    number = _write(tx, note, terms.now)
    why = _verdict(tx, note, terms) if number is not None and note.found_by in _COUNTED else ""
    if why:
        add(tx, note.address, why, terms.now, number)
    return Taken(note.address, note.kind, note.reason, note.found_by, person, number is None, why)


def _write(tx: Transaction, note: _Note, now: datetime) -> int | None:
    """Write a bounce down; return its row, None when it is there."""
    digest = hashlib.sha256(note.mark.encode("utf-8", "replace")).hexdigest()
    if tx.connection.execute(select(bounce.c.id).where(bounce.c.mark == digest)).first():
        return None
    values = asdict(note) | {"mark": digest, "address": _plain(note.address), "read_at": now}
    return tx.insert(bounce, **values)


def _verdict(tx: Transaction, note: _Note, terms: Terms) -> str:
    """Return why an address is to be suppressed; empty when it is not."""
    if note.kind == "hard":
        return "bounced"
    if note.kind == "complaint":
        return "" if note.reason in _NO_COMPLAINT else "complained"
    mine = (bounce.c.address == _plain(note.address)) & (bounce.c.kind == "soft") & bounce.c.found_by.in_(_COUNTED)
    recent = bounce.c.read_at > terms.now - timedelta(days=terms.days)
    count = select(func.count(bounce.c.message_id.distinct())).where(mine, recent)
    return "bouncing" if (tx.connection.scalar(count) or 0) >= terms.soft else ""


def _obey(tx: Transaction, report: Report, now: datetime) -> list[Taken]:
    """End a subscription as its person wrote, if the token is the right one."""
    name, given = report.stop
    if not is_genuine(given.lower(), tx.instance.secret, "unsubscribe", name):
        return []
    row = tx.connection.execute(select(subscription).where(subscription.c.id == name)).first()
    if row is None or row.state == "removed":
        return []
    known = row.state == "suppressed" and row.reason == "unsubscribed"
    if not known:
        suppress(tx, name, "unsubscribed", now)
    return [Taken(row.address, "complaint", "opt-out", "message-id", name, known, "" if known else "unsubscribed")]


def _is_known(tx: Transaction, address: str) -> bool:
    plain = _plain(address)
    mails = (subscription.c.channel == "email") & (func.lower(subscription.c.address) == plain)
    return bool(plain) and tx.connection.execute(select(subscription.c.id).where(mails).limit(1)).first() is not None


def _plain(address: str) -> str:
    """Return a bare address without capitals; what is none stays as it is."""
    try:
        return parse_mailbox(address).spec.lower()
    except ValueError:
        return address.strip().lower()[:320]
