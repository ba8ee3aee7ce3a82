"""What a mail says about mails of ours: who was not reached and why, or who complained."""

from dataclasses import dataclass
from typing import Final, Literal

Kind = Literal["bounce", "complaint", "delay", "reply", "none"]
"""``delay``: still being tried. ``reply``: an absence note, a challenge, a receipt. Neither says that a mail is lost.
"""

Reason = Literal[
    "unknown user",
    "unknown host",
    "moved",
    "takes no mail",
    "full",
    "disabled",
    "too large",
    "expired",
    "network",
    "policy",
    "content",
    "system",
    "unclear",
]
HARD: Final[frozenset[Reason]] = frozenset({"unknown user", "unknown host", "moved", "takes no mail"})
"""Reasons that no later try will mend: the address is none, or none any longer."""


@dataclass(frozen=True, slots=True)
class Failure:
    """One address that was not reached."""

    recipient: str
    """Empty when the notice does not say."""
    reason: Reason
    status: str = ""
    """The enhanced status code (RFC 3463), ``5.1.1``; empty when there is none."""
    action: Literal["failed", "delayed"] = "failed"
    said: str = ""
    """The other side's words, on one line, cut to 500 characters."""

    @property
    def hard(self) -> bool:
        """Whether it is for good. In doubt it is not."""
        return self.action == "failed" and self.reason in HARD


@dataclass(frozen=True, slots=True)
class Mark:
    """The sign of one of our deliveries, found in a mail. Only the ledger can tell whether it is genuine."""

    by: Literal["return-path", "message-id"]
    key: str
    generation: int


@dataclass(frozen=True, slots=True)
class Report:
    """What one mail says."""

    kind: Kind
    failures: tuple[Failure, ...] = ()
    """Of a ``complaint``: who complained, when that is told."""
    marks: tuple[Mark, ...] = ()
    """The surest first."""
    mail_id: str = ""
    """The Message-ID of the mail itself; empty when it has none."""
    feedback: str = ""
    """The kind of a complaint (RFC 5965, RFC 6591): ``abuse``, ``fraud``, ``auth-failure`` …"""
    stop: tuple[str, str] = ("", "")
    """The subscription that a person wants to end by mail, and the token that proves it; empty for none."""
    why: str = ""
    """Why it is taken for what it is, when that is not a bounce."""
