"""A mail is given to a program of this machine, as ``/usr/sbin/sendmail`` is one, and its exit code is the answer.

::

    digestbot ─the mail→ sendmail -i -f bounces+KEY@example.org -- ada@example.org ─exit code→ outcome

The codes are those of ``sysexits.h``. A program that had the whole mail and then did not end in time, or was killed,
leaves it in doubt.
"""

import shutil
import subprocess
from collections.abc import Collection, Sequence
from types import TracebackType
from typing import ClassVar, Final, Self

from digestbot.channels.letter import Letter, failure, letter_of
from digestbot.channels.server import Envelope
from digestbot.errors import (
    DeliveryError,
    DoubtfulDeliveryError,
    PermanentDeliveryError,
    Scope,
    TransientDeliveryError,
)
from digestbot.models import Message

_REFUSED: Final[dict[int, tuple[str, Scope]]] = {
    65: ("the mail is malformed (EX_DATAERR)", "message"),
    67: ("there is no such user (EX_NOUSER)", "recipient"),
    68: ("there is no such host (EX_NOHOST)", "domain"),
}
"""What says something about the mail or its address; every other code is about the program or the machine."""
_NAMES: Final = {
    64: "called in a wrong way (EX_USAGE)",
    69: "unavailable (EX_UNAVAILABLE)",
    70: "an internal error (EX_SOFTWARE)",
    71: "an error of the system (EX_OSERR)",
    72: "a file of the system is missing (EX_OSFILE)",
    73: "cannot create a file (EX_CANTCREAT)",
    74: "an error of input or output (EX_IOERR)",
    75: "try again later (EX_TEMPFAIL)",
    76: "an error of the protocol (EX_PROTOCOL)",
    77: "not permitted (EX_NOPERM)",
    78: "its configuration is wrong (EX_CONFIG)",
    126: "cannot be run",
    127: "not found",
}
_LONGEST_WORDS: Final = 500


class SendmailChannel:
    """Hands each mail to a new run of a program."""

    accepts: ClassVar[Collection[str]] = ("message/rfc822",)

    def __init__(self, command: Sequence[str], envelope: Envelope, seconds: float = 90.0) -> None:
        """`command` is the program with its own options; no shell reads it."""
        self._command, self._envelope, self._seconds = tuple(command), envelope, seconds

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close nothing: a program ends by itself."""

    def deliver(self, message: Message) -> str:
        """Hand the mail over and return what the program said. Raises the DeliveryError tree."""
        letter = letter_of(message, self._envelope)
        if letter.recipient.spec.startswith("-"):  # some programs know no ``--``
            raise failure(PermanentDeliveryError, message, "the address begins with a dash", "", "recipient")
        command = [*self._command, "-i", "-f", letter.sender.spec, "--", letter.recipient.spec]
        mail = letter.content.replace(b"\r\n", b"\n")  # what a program of this machine takes for a line
        try:
            done = subprocess.run(  # noqa: S603 (its own words, no shell)
                command, input=mail, capture_output=True, timeout=self._seconds, check=False
            )
        except subprocess.TimeoutExpired as error:
            text = f"{self._command[0]} did not end within {self._seconds:g} s: it may have taken the mail"
            raise failure(DoubtfulDeliveryError, message, text) from error
        except OSError as error:
            text = f"cannot run {self._command[0]}: {error.strerror or error}"
            raise failure(TransientDeliveryError, message, text, "", "server") from error
        said = _line(done.stderr or done.stdout)
        if done.returncode == 0:
            return said or f"{self._command[0]} took it"
        raise self._failed(letter, done.returncode, said)

    def probe(self) -> str:
        """Return where the program is. Raises TransientDeliveryError when there is none that can be run."""
        place = shutil.which(self._command[0])
        if place is None:
            text = f"cannot run {self._command[0]}: there is no such program"
            raise failure(TransientDeliveryError, Message("", "email", "", "", ()), text, "", "server")
        return place

    def _failed(self, letter: Letter, code: int, said: str) -> DeliveryError:
        program, words = self._command[0], f": {said}" if said else ""
        if code < 0:
            text = f"{program} was ended by signal {-code}: it may have taken the mail{words}"
            return failure(DoubtfulDeliveryError, letter.message, text, said)
        if code in _REFUSED:
            why, scope = _REFUSED[code]
            return failure(PermanentDeliveryError, letter.message, f"{program}: {why}{words}", said, scope)
        text = f"{program}: {_NAMES.get(code, 'it failed')}, exit code {code}{words}"
        return failure(TransientDeliveryError, letter.message, text, said, "server")


def _line(said: bytes) -> str:
    text = said[:4000].decode("utf-8", "replace")
    return " ".join("".join(each if each.isprintable() else " " for each in text).split())[:_LONGEST_WORDS]
