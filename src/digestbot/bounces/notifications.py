"""Bounces and complaints that a mail service tells as JSON, in a mail that is nothing else (Amazon's SES by SNS).

::

    {"notificationType": "Bounce", "bounce": {"bounceType": "Permanent", "bouncedRecipients": [
        {"emailAddress": "ada@example.org", "action": "failed", "status": "5.1.1", "diagnosticCode": "smtp; 550 …"}]}}
"""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from digestbot.bounces.models import HARD, Failure, Report
from digestbot.bounces.phrases import reason_of
from digestbot.bounces.status import addresses_in, enhanced_in


def read_notification(text: str) -> Report | None:
    """Return what a notification says; None when the text is none."""
    if not text.lstrip().startswith("{"):
        return None
    # Mails break long lines, and what the service adds behind the JSON is for people.
    try:
        document, _ = json.JSONDecoder(strict=False).raw_decode(re.sub(r"\n", "", text.strip()))
    except (ValueError, RecursionError):
        return None
    document = _unwrapped(document)
    kind = str(document.get("notificationType") or document.get("eventType") or "")
    if kind == "Bounce":
        return _bounce(_object(document, "bounce"))
    if kind == "Complaint":
        return _complaint(_object(document, "complaint"))
    return Report("none", why="it was delivered") if kind == "Delivery" else None


def _unwrapped(document: Any) -> Mapping[str, Any]:
    """Return the notification, out of the envelope that SNS may put around it."""
    if isinstance(document, dict) and isinstance(document.get("Message"), str):
        try:
            document = json.loads(document["Message"])
        except (ValueError, RecursionError):
            return {}
    return document if isinstance(document, dict) else {}


def _object(document: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    value = document.get(key)
    return value if isinstance(value, dict) else {}


def _people(document: Mapping[str, Any], key: str) -> list[Mapping[str, Any]]:
    value = document.get(key)
    return [item for item in value[:100] if isinstance(item, dict)] if isinstance(value, list) else []


def _bounce(bounce: Mapping[str, Any]) -> Report:
    permanent = bounce.get("bounceType") == "Permanent"
    people = _people(bounce, "bouncedRecipients")
    failures = [failure for person in people for failure in _failures(bounce, person, permanent=permanent)]
    return Report("bounce", tuple(failures)) if failures else Report("none", why="it names no address")


def _failures(bounce: Mapping[str, Any], person: Mapping[str, Any], *, permanent: bool) -> Iterator[Failure]:
    said = re.sub(r"^[\w-]{1,20};", "", str(person.get("diagnosticCode") or ""))[:500].strip()
    status = enhanced_in(str(person.get("status") or said))
    reason = reason_of(status, said, str(bounce.get("bounceSubType") or ""))
    if reason in HARD and not permanent:  # the service knows better than the words
        reason = "unclear"
    for address in addresses_in(str(person.get("emailAddress") or ""))[:1]:
        yield Failure(address, reason, status, "failed", said)


def _complaint(complaint: Mapping[str, Any]) -> Report:
    kind = str(complaint.get("complaintFeedbackType") or "abuse")[:40]
    named = " ".join(str(person.get("emailAddress")) for person in _people(complaint, "complainedRecipients"))
    return Report("complaint", tuple(Failure(each, "policy", said=kind) for each in addresses_in(named)), feedback=kind)
