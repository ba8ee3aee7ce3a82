"""A language model that writes one sentence about a paper: any server that speaks chat completions as OpenAI has it.

One POST for a paper, bounded in size and time, to the address that the operator named and nowhere else: no redirect is
followed, so the key stays where it belongs. The address may be this machine; who names it owns both.
"""

import json
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

import httpx

from digestbot.connections import bodies
from digestbot.connections.pace import retry_after
from digestbot.connections.reach import Deadline, Guard
from digestbot.connections.web import PassingError, agent, in_words
from digestbot.connections.wire import DEADLINE, answer
from digestbot.enrichment.asking import record
from digestbot.errors import FetchError
from digestbot.summaries.asking import messages

_LARGEST: Final = 256 * 1024
_TOKENS: Final = 120
"""What a sentence of 40 words has at most, about twice."""


@dataclass(frozen=True, slots=True)
class Writer:
    """Which model is asked, where, and as whom."""

    endpoint: str
    """What stands before ``/chat/completions``: ``http://127.0.0.1:11434/v1``."""
    model: str
    key: str = field(default="", repr=False)
    timeout: float = 20.0
    """Seconds for one answer, all of it."""


def sentence(writer: Writer, title: str, abstract: str, seconds: float) -> str:
    """Return what the model answers for a paper, in one line, unchecked; within `seconds` or the writer's own time.

    Raises FetchError for whatever keeps a whole answer from being had.
    """
    deadline = Deadline(time.monotonic, min(writer.timeout, seconds))
    try:
        request = _request(writer, title, abstract, deadline)
        with in_words(writer.timeout), answer(Guard(allow_private=True), request) as response:
            return _said(_body(response, deadline))
    except PassingError as error:
        raise error.failure from error
    except (httpx.InvalidURL, UnicodeError, ValueError) as error:
        raise FetchError("its address cannot be asked", "down") from error


def _request(writer: Writer, title: str, abstract: str, deadline: Deadline) -> httpx.Request:
    asked = {
        "model": writer.model,
        "messages": messages(title, abstract),
        "temperature": 0,
        "max_tokens": _TOKENS,
        "stream": False,
    }
    headers = {
        "User-Agent": agent("", ""),
        "Content-Type": "application/json",
        "Accept": "application/json",
        "Accept-Encoding": bodies.ACCEPTED,
        **({"Authorization": f"Bearer {writer.key}"} if writer.key else {}),
    }
    content = json.dumps(asked, ensure_ascii=True).encode()
    url = f"{writer.endpoint}/chat/completions"
    return httpx.Request("POST", url, headers=headers, content=content, extensions={DEADLINE: deadline})


def _body(response: httpx.Response, deadline: Deadline) -> bytes:
    status, given = response.status_code, response.headers
    if 300 <= status < 400:
        raise FetchError(f"answered {status}; a redirect is not followed, since the key goes nowhere else", "blocked")
    if not 200 <= status < 300:
        wanted = retry_after(given.get("Retry-After", ""), lambda: datetime.now(UTC))
        verdict: Any = "blocked" if status < 500 else "down"
        raise FetchError(f"answered {status}", verdict, retry_after=wanted, status=status)
    return bodies.take(response.iter_raw(), given.get("Content-Encoding", ""), _LARGEST, deadline.left)


def _said(body: bytes) -> str:
    """Return the words of the first choice. Raises FetchError for another form, or when they were cut off."""
    choices = record(body).get("choices")
    choice = choices[0] if isinstance(choices, list) and choices and isinstance(choices[0], dict) else {}
    message = choice.get("message")
    said = message.get("content") if isinstance(message, dict) else None
    if not isinstance(said, str):
        raise FetchError("answered with JSON of another form", "unreadable")
    if choice.get("finish_reason") == "length":
        raise FetchError("broke off in the middle of its sentence", "unreadable")
    return said.strip()
