"""The application: five kinds of address, and a kind page for everything else.

::

    /unsubscribe/ID/TOKEN              GET asks and changes nothing, POST acts
    /feeds/ID/TOKEN/atom.xml           rss.xml, feed.json
    /editions/ID/TOKEN/20261120T080000000000Z
    /feedback/ID/more/TOKEN/PAPER      or less; GET asks and changes nothing, POST acts
    /health, /ready                    200 or 503

No session, no cookie, no state: the token in the address is the right to it, and the ledger, opened for each
request beside the rounds, is the only memory.
"""

import logging
from collections.abc import Callable, Sequence
from typing import Final
from urllib.parse import urlsplit

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Mount, Route

from digestbot.errors import LedgerError, RenderError
from digestbot.ledger import Ledger
from digestbot.ledger.overview import counts
from digestbot.rendering import Renderer
from digestbot.web.answers import content, line, page
from digestbot.web.feedback import Feedback
from digestbot.web.feeds import Feeds
from digestbot.web.reading import Editions
from digestbot.web.unsubscribing import Unsubscribing

OpenLedger = Callable[[], Ledger]
"""Opens the ledger for one request, not as its owner. Raises LedgerError."""

Silent = Callable[[], Sequence[str]]
"""Names the jobs beside the application that have not ended for too long."""

_LOG: Final = logging.getLogger("digestbot.web")
_SAID: Final = {
    400: ("This was not understood", "Please open the link of your mail again and use the button on the page."),
    404: ("There is nothing here", "The link may be cut short or too old. The newest mail or feed has one that works."),
    405: ("This does not work here", "Please open the link of your mail again and use the button on the page."),
    408: ("This took too long", "Please try again."),
    410: ("This has ended", "The subscription is no longer kept, and nothing is sent for it."),
    413: ("This was too much", "Please open the link of your mail again and use the button on the page."),
    500: ("Something is wrong here", "It is not your fault. Please try again later."),
    503: ("Not at the moment", "Nothing was changed. Please try again in a few minutes."),
}


def create_app(
    open_ledger: OpenLedger, renderer: Renderer, base_url: str = "", silent: Silent = lambda: ()
) -> Starlette:
    """Return the application. `base_url` is where people reach it, as feeds say of themselves.

    When `base_url` has a path, the application answers below it and without it: some front servers cut it off.
    `silent` tells of jobs that hang.
    """
    notices = _Notices(renderer)
    feedback = Feedback(open_ledger, renderer)
    routes: list[BaseRoute] = [
        Route("/unsubscribe/{name}/{token}", Unsubscribing(open_ledger, renderer).answer, methods=["GET", "POST"]),
        Route("/feeds/{name}/{token}/{file}", Feeds(open_ledger, renderer, base_url).answer, methods=["GET"]),
        Route("/editions/{name}/{token}/{due}", Editions(open_ledger, renderer).answer, methods=["GET"]),
        Route("/feedback/{name}/{direction}/{token}/{paper:path}", feedback.answer, methods=["GET", "POST"]),
        Route("/health", _Health(open_ledger, silent).health, methods=["GET"]),
        Route("/ready", _Health(open_ledger, silent).ready, methods=["GET"]),
    ]
    prefix = urlsplit(base_url).path.rstrip("/")
    return Starlette(
        routes=[*routes, *([Mount(prefix, routes=routes)] if prefix else [])],
        exception_handlers={
            HTTPException: notices.of_http,
            LedgerError: notices.of_ledger,
            RenderError: notices.of_template,
            Exception: notices.of_fault,
        },
    )


class _Health:
    """Whether the ledger can be read, so that links work, and whether the jobs beside us go on."""

    def __init__(self, open_ledger: OpenLedger, silent: Silent) -> None:
        self._open_ledger, self._silent = open_ledger, silent

    def ready(self, request: Request) -> Response:
        """Return 200 when links work, else 503; nothing that a stranger should not know."""
        try:
            with self._open_ledger() as ledger, ledger.read() as tx:
                counts(tx)
        except LedgerError as error:
            _LOG.warning("the ledger cannot be read: %s", error)
            return line('{"status": "failing"}', 503, "application/json")
        return content(request.headers, b'{"status": "ok"}\n', "application/json")

    def health(self, request: Request) -> Response:
        """Return 503 when a job hangs, too: a restart would help."""
        if silent := self._silent():
            _LOG.warning("these jobs have not ended for long: %s", ", ".join(silent))
            return line('{"status": "silent"}', 503, "application/json")
        return self.ready(request)


class _Notices:
    """What is said when something else is to be said than what was asked for."""

    def __init__(self, renderer: Renderer) -> None:
        self._renderer = renderer

    def of_http(self, _request: Request, error: Exception) -> Response:
        status = error.status_code if isinstance(error, HTTPException) else 500
        return self._said(status, dict(getattr(error, "headers", None) or {}))

    def of_ledger(self, _request: Request, error: Exception) -> Response:
        _LOG.warning("%s", error)
        return self._said(503, {"Retry-After": "60"})

    def of_template(self, _request: Request, error: Exception) -> Response:
        _LOG.error("%s", error)
        return self._said(500)

    def of_fault(self, _request: Request, _error: Exception) -> Response:
        return self._said(500)  # the server logs it, with its traceback

    def _said(self, status: int, headers: dict[str, str] | None = None) -> Response:
        title, text = _SAID.get(status, _SAID[500])
        try:
            return page(self._renderer.notice(title, text), status, headers or {})
        except RenderError as error:
            _LOG.error("%s", error)
            return line(f"{title}. {text}", status)
