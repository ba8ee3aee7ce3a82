"""The page of one edition: what its mail shows, with every paper whole, for those who know its address."""

from collections.abc import Callable
from datetime import UTC, datetime

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from digestbot.ledger import Ledger, editions, subscriptions
from digestbot.models import Edition
from digestbot.rendering import Renderer
from digestbot.tokens import DUE, is_genuine
from digestbot.web.answers import document
from digestbot.web.lifting import lifted


class Editions:
    """Answers who opens an edition."""

    def __init__(self, open_ledger: Callable[[], Ledger], renderer: Renderer) -> None:
        self._open_ledger, self._renderer = open_ledger, renderer

    def answer(self, request: Request) -> Response:
        """Return a page. Raises HTTPException: 404 when the address is none, 410 when the subscription has ended."""
        name, token, due = (request.path_params[key] for key in ("name", "token", "due"))
        edition, made = self._edition(name, token, due)
        # It holds no address for unsubscribing and none for feedback: pages are passed on.
        return document(request.headers, lifted(self._renderer.html(edition)), modified=made)

    def _edition(self, name: str, token: str, due: str) -> tuple[Edition, datetime]:
        with self._open_ledger() as ledger:
            if not is_genuine(token, ledger.instance.secret, "edition", name, due):
                raise HTTPException(404)
            with ledger.read() as tx:
                standing = subscriptions.get(tx, name)
                if standing is None or standing.state == "removed":
                    raise HTTPException(410)
                found = editions.shown(tx, standing.subscription, datetime.strptime(due, DUE).replace(tzinfo=UTC))
        if found is None:
            raise HTTPException(404)
        return found
