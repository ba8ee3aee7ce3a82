"""The process that speaks with Apprise: an order on standard input, what became of it on standard output.

Apprise says yes or no. Why, and how far it came, is only in its log: read here, and masked before it is told.
"""

import json
import logging
import re
import sys
from contextlib import suppress
from typing import Any, Final, Literal

from digestbot.addresses import without

Outcome = Literal["sent", "later", "never", "doubt"]

_HANDED_OVER: Final = re.compile(
    r"Socket Exception: .{0,500}?(?:Read timed out|Connection aborted|RemoteDisconnected|Connection broken)"
    r"|raised an exception",  # an answer that no memory holds, for one: it was asked, and may have done it
    re.DOTALL,
)
"""What Apprise logs when the request was out and no whole answer came: it may have arrived."""
_MENTION: Final = re.compile(r"(?<![\w/.])@(?=\w)|<(?=[!@#])")
_JOINER: Final = "\u2060"
_LONGEST: Final = 500


class _Log(logging.Handler):
    """Keeps what Apprise says."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.lines: list[tuple[int, str]] = []

    def emit(self, record: logging.LogRecord) -> None:
        with suppress(Exception):
            self.lines.append((record.levelno, record.getMessage()))

    @property
    def complaints(self) -> str:
        return "; ".join(text.strip() for level, text in self.lines if level >= logging.WARNING)

    @property
    def handed_over(self) -> bool:
        return any(_HANDED_OVER.search(text) for _, text in self.lines)


def notify(order: dict[str, Any]) -> tuple[Outcome, str]:
    """Send one message; return what became of it, in words without secrets."""
    log, url = _Log(), str(order["url"])
    try:
        outcome, said = _notify(order, url, log)
    except (MemoryError, Exception) as error:  # noqa: BLE001 (a plugin of a foreign library: whatever it is, tell it)
        outcome, said = "doubt", f"the notification library failed: {type(error).__name__}"
    return outcome, without(said, url)[:_LONGEST]


def _notify(order: dict[str, Any], url: str, log: _Log) -> tuple[Outcome, str]:
    import apprise  # noqa: PLC0415 (heavy, and an extra)

    _listen(log)
    asset = apprise.AppriseAsset(app_id="digestbot", app_desc="digestbot")
    service = apprise.Apprise.instantiate(url, asset=asset)
    if service is None:
        return "never", f"this is no address that Apprise knows how to use: {log.complaints or 'unknown kind'}"
    if len(service) > 1:  # one refuses, the others have it: trying again would double it
        return "never", "the address names several receivers; write a subscription for each"
    service.redirects = False  # a POST that is redirected becomes a GET, and nothing arrives
    service.overflow_mode = apprise.OverflowMode.TRUNCATE
    rich = _is_rich(service)
    body = shortened(order["markdown" if rich else "text"], _room(service, order["title"], rich=rich))
    form = apprise.NotifyFormat.MARKDOWN if rich else apprise.NotifyFormat.TEXT
    done = apprise.Apprise(asset=asset)
    done.add(service)
    if done.notify(body=unmentioned(body), title=unmentioned(order["title"]), body_format=form):
        return "sent", "the service took it"
    if log.handed_over:
        return "doubt", f"the service did not answer: {log.complaints}"
    return "later", log.complaints or "the service refused it without a word"


def _listen(log: _Log) -> None:
    logger = logging.getLogger("apprise")
    logger.addHandler(log)
    logger.setLevel(logging.DEBUG)
    logger.propagate = False


def _is_rich(service: Any) -> bool:
    """Return whether a service shows Markdown, or HTML that Apprise makes of it."""
    resolve = getattr(service, "resolve_format", None)  # services with several forms: Apprise 2
    form = resolve("markdown") if resolve else service.notify_format
    return str(getattr(form, "value", form)) != "text"


def _room(service: Any, title: str, *, rich: bool) -> int:
    """Return how many characters a body may have; what Apprise makes of Markdown is longer than that."""
    room = int(service.body_maxlen) - len(title) - 20
    return room * 2 // 3 if rich else room


def shortened(body: str, room: int) -> str:
    """Return a short form with so many papers left out at its end that it fits: its lines, an empty one, its foot."""
    papers, _, foot = body.strip("\n").rpartition("\n\n")
    lines = [line for line in papers.split("\n") if line]
    left = len(lines)
    while left and len(_joined(lines, left, foot)) > room:
        left -= 1
    return _joined(lines, left, foot)


def _joined(lines: list[str], left: int, foot: str) -> str:
    cut = len(lines) - left
    return "\n".join([*lines[:left], *([f"… and {cut} more"] if cut else []), "", foot])


def unmentioned(text: str) -> str:
    """Return text that calls nobody: no ``@everyone`` of a title rings in a chat."""
    return _MENTION.sub(lambda match: f"{match[0]}{_JOINER}", text)


def bound(memory: int) -> None:
    """Take no more memory than `memory` bytes, where the system can see to that."""
    with suppress(ImportError, ValueError, OSError):
        import resource  # noqa: PLC0415 (not on Windows)

        resource.setrlimit(resource.RLIMIT_AS, (memory, memory))


def main() -> None:
    """Carry one order out."""
    order = json.load(sys.stdin)
    bound(int(order["memory"]))
    sys.stdout.write(f"\n{json.dumps(notify(order))}\n")


if __name__ == "__main__":
    main()
