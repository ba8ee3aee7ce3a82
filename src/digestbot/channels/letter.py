"""A message as it goes on the wire: checked, in its envelope. Its bytes are frozen, so nothing is recoded."""

from collections.abc import Mapping
from dataclasses import dataclass

from digestbot.addresses import Mailbox, parse_mailbox
from digestbot.channels.server import Envelope
from digestbot.errors import DeliveryError, PermanentDeliveryError, Scope
from digestbot.models import Message


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail with its envelope."""

    message: Message
    sender: Mailbox
    recipient: Mailbox
    content: bytes

    @property
    def eight_bit(self) -> bool:
        """Whether it needs 8BITMIME (RFC 6152)."""
        return not self.content.isascii()

    @property
    def international(self) -> bool:
        """Whether it needs SMTPUTF8 (RFC 6531 3.4)."""
        if self.sender.international or self.recipient.international:
            return True
        return self.eight_bit and not self.content.partition(b"\r\n\r\n")[0].isascii()

    @property
    def stuffed(self) -> bytes:
        """The content with its dots doubled and the last dot behind it (RFC 5321 4.5.2)."""
        lead, end = b"." * self.content.startswith(b"."), b"" if self.content.endswith(b"\r\n") else b"\r\n"
        # Faster than to replace them: that counts them first.
        stuffed = b"\r\n..".join(self.content.split(b"\r\n."))
        return b"".join((lead, stuffed, end, b".\r\n"))

    def options(self, features: Mapping[str, str], place: str) -> list[str]:
        """Return what MAIL has to say of the mail to a server with these extensions.

        Raises PermanentDeliveryError when the server cannot take such a mail.
        """
        found = []
        if "size" in features:
            limit, size = features["size"], len(self.content)
            if limit.isdecimal() and 0 < int(limit[:18]) < size:
                text = f"the mail has {size} bytes, {place} takes {limit}"
                raise failure(PermanentDeliveryError, self.message, text)
            found.append(f"SIZE={size}")
        for wanted, extension, option, what, scope in self._needs():
            if wanted and extension not in features:
                raise failure(PermanentDeliveryError, self.message, f"{place} takes no {what}", "", scope)
            found += [option] if wanted else []
        return found

    def _needs(self) -> tuple[tuple[bool, str, str, str, Scope], ...]:
        return (
            (self.eight_bit, "8bitmime", "BODY=8BITMIME", "8-bit mails", "message"),
            (self.international, "smtputf8", "SMTPUTF8", "addresses beyond ASCII", "recipient"),
        )


def letter_of(message: Message, envelope: Envelope) -> Letter:
    """Return what goes over the wire. Raises PermanentDeliveryError for what no server should see."""
    content = next((part.content for part in message.parts if part.media_type == "message/rfc822"), b"")
    if not content:
        raise failure(PermanentDeliveryError, message, "the message has no part of message/rfc822")
    if not _has_plain_ends(content):
        # A server may take a line end that is none for the end of the mail.
        raise failure(PermanentDeliveryError, message, "the mail holds a line end that is not CRLF")
    try:
        return Letter(message, envelope.sender_of(message), parse_mailbox(message.address), content)
    except ValueError as error:
        raise failure(PermanentDeliveryError, message, str(error), "", "recipient") from error


def _has_plain_ends(content: bytes) -> bool:
    """Return whether every line ends with CRLF; the last one needs no end."""
    lines = b"\r\n".join(content.splitlines())  # bytes know no other ends than CR, LF and CRLF
    return content in (lines, lines + b"\r\n")


def failure(
    kind: type[DeliveryError], message: Message, text: str, reply: str = "", scope: Scope = "message"
) -> DeliveryError:
    """Return an error about a message of this channel."""
    return kind(text, channel="email", address=message.address, reply=reply, scope=scope)
