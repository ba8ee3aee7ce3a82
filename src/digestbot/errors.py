"""Everything that can go wrong here, as one tree whose errors carry facts.

::

    DigestbotError
    ├── ConfigError(path, line, column)
    ├── SubscriptionError(path, line, column)
    ├── QueryError(text, column, expected, repair)     its message points at the column
    ├── FetchError(verdict, retry_after)               a source did not give what was asked of it
    ├── ReadError(source)
    │   ├── UnknownDialectError(tried)                 no reader knows this form
    │   └── MalformedDigestError(line)                 known form, nothing could be read
    ├── RenderError(template, line)
    ├── DeliveryError(channel, address, reply, scope)
    │   ├── TransientDeliveryError                     try again later
    │   ├── PermanentDeliveryError                     do not try again
    │   └── DoubtfulDeliveryError                      handed over, the answer was lost
    └── LedgerError(path)
        └── LedgerBusyError                            another process owns the ledger

Bad input is data (a `Reject`, a `Fault`); a run that cannot go on is an exception. Exceptions of other
libraries are translated where the module that owns the library ends, always with ``raise … from``.
"""

from collections.abc import Sequence
from typing import Literal

Scope = Literal["recipient", "mailbox", "domain", "message", "policy", "server"]
"""What a refused hand-over is about. ``mailbox``: it exists and is full. ``policy``: we are not wanted. ``server``: the
way itself does not work. The last two say nothing about the one message that met them."""


class DigestbotError(Exception):
    """Root of every error this package raises on purpose."""


class _PlacedError(DigestbotError):
    """An error with a place in a file that a person wrote. `line` and `column` count from 1."""

    def __init__(self, message: str, *, path: str, line: int | None = None, column: int | None = None) -> None:
        self.message, self.path, self.line, self.column = message, path, line, column
        place = ":".join(str(part) for part in (path, line, column) if part is not None)
        super().__init__(f"{place}: {message}")


class ConfigError(_PlacedError):
    """The configuration cannot be used."""


class SubscriptionError(_PlacedError):
    """One subscription cannot be used; the others can."""


class QueryError(DigestbotError):
    """A query that cannot be read. `column` counts from 0 and lies in the text (or just behind its end)."""

    def __init__(self, message: str, *, text: str, column: int, repair: str | None = None) -> None:
        self.message, self.text, self.column, self.repair = message, text, column, repair
        super().__init__(self._drawn())

    def _drawn(self) -> str:
        """Return the query with a caret under the fault, what is wrong, and the likeliest repair.

        Of a long line only what is around the fault is shown, and a long repair is left to `repair`.
        """
        start = self.text.rfind("\n", 0, self.column) + 1
        line, at = self.text[start:].partition("\n")[0], self.column - start
        if len(line) > 160:
            first = max(0, at - 60)
            before, after = "…" if first else "", "…" if at + 60 < len(line) else ""
            line, at = f"{before}{line[first : at + 60]}{after}", at - first + len(before)
        hint = f"; did you mean  {self.repair}" if self.repair and len(self.repair) <= 1000 else ""
        return f"{line}\n{' ' * at}^ {self.message}{hint}"


class FetchError(DigestbotError):
    """A source did not give what was asked of it. `verdict` says of which sort: refused, out of order, or useless.

    `retry_after` is in seconds: for how long the other side wants to be left alone, when it said so. `status` is the
    code of HTTP, where an answer came that was a refusal.
    """

    def __init__(
        self,
        message: str,
        verdict: Literal["blocked", "down", "unreadable"],
        *,
        retry_after: float | None = None,
        status: int | None = None,
    ) -> None:
        self.message, self.verdict, self.retry_after, self.status = message, verdict, retry_after, status
        super().__init__(message)


class ReadError(DigestbotError):
    """A digest cannot be read at all. `source` is its path, address or name."""

    def __init__(self, message: str, *, source: str) -> None:
        self.message, self.source = message, source
        super().__init__(f"{source}: {message}")


class UnknownDialectError(ReadError):
    """No reader knows this form. `tried` names the dialects that looked at it."""

    def __init__(self, message: str, *, source: str, tried: Sequence[str] = ()) -> None:
        self.tried = tuple(tried)
        super().__init__(message, source=source)


class MalformedDigestError(ReadError):
    """The form is known, yet nothing could be read. `line` counts from 1."""

    def __init__(self, message: str, *, source: str, line: int | None = None) -> None:
        self.line = line
        super().__init__(message, source=source)


class RenderError(DigestbotError):
    """A template failed. `line` counts from 1 in the template's file."""

    def __init__(self, message: str, *, template: str, line: int | None = None) -> None:
        self.message, self.template, self.line = message, template, line
        place = template if line is None else f"{template}:{line}"
        super().__init__(f"{place}: {message}")


class DeliveryError(DigestbotError):
    """A message did not go out. `reply` holds the other side's own words, if there were any."""

    def __init__(self, message: str, *, channel: str, address: str, reply: str = "", scope: Scope = "message") -> None:
        self.message, self.channel, self.address, self.reply, self.scope = message, channel, address, reply, scope
        super().__init__(f"{channel}: {message}")

    @property
    def stops(self) -> bool:
        """Whether every other message of the channel would meet the same, so that there is no use in going on."""
        return self.scope in {"policy", "server"}


class TransientDeliveryError(DeliveryError):
    """It may work later: SMTP 4yz, a refused connection, a time-out before the hand-over."""


class PermanentDeliveryError(DeliveryError):
    """It will not work however often it is tried: SMTP 5yz, an address that is none."""


class DoubtfulDeliveryError(DeliveryError):
    """The whole message was handed over and the answer was lost (RFC 1047): it may have arrived."""


class LedgerError(DigestbotError):
    """The ledger cannot be used."""

    def __init__(self, message: str, *, path: str) -> None:
        self.message, self.path = message, path
        super().__init__(f"{path}: {message}")


class LedgerBusyError(LedgerError):
    """Another process owns the ledger."""
