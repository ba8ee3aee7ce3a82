"""The end of a subscription by one click (RFC 8058), and its way back.

Scanners open every link of a mail, so opening it changes nothing: the page has a button, and only its POST acts,
as does the POST that a mailbox provider sends for a person. Each can be repeated; all end in the same state.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Final, Literal

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from digestbot.ledger import Ledger, Transaction, subscriptions
from digestbot.ledger.subscriptions import Standing
from digestbot.rendering import Renderer
from digestbot.rendering.renderer import UnsubscribeState
from digestbot.tokens import is_genuine
from digestbot.web.answers import page
from digestbot.web.forms import read_form

REASON: Final = "unsubscribed"
"""Why the subscription is suppressed, as the ledger and `status` say it."""

Wish = Literal["stop", "resume"]
_FIELD: Final = "List-Unsubscribe"
_WISHES: Final[dict[str, Wish]] = {"One-Click": "stop", "Undo": "resume"}


class Unsubscribing:
    """Answers at the address that a mail holds."""

    def __init__(self, open_ledger: Callable[[], Ledger], renderer: Renderer) -> None:
        self._open_ledger, self._renderer = open_ledger, renderer

    async def answer(self, request: Request) -> Response:
        """Return the page, after doing what a POST asks for. Raises HTTPException."""
        wish = await _wish(request) if request.method == "POST" else None
        return await run_in_threadpool(self._page, request.path_params["name"], request.path_params["token"], wish)

    def _page(self, name: str, token: str, wish: Wish | None) -> Response:
        with self._open_ledger() as ledger:
            if not is_genuine(token, ledger.instance.secret, "unsubscribe", name):
                raise HTTPException(404)
            with ledger.write() if wish else ledger.read() as tx:
                standing = subscriptions.get(tx, name)
                if standing is None:
                    raise HTTPException(404)
                if wish and _obey(tx, standing, wish, datetime.now(UTC)):
                    standing = subscriptions.get(tx, name) or standing
        return page(self._renderer.unsubscribe(standing.subscription.name or name, _shown(standing)))


def _shown(standing: Standing) -> UnsubscribeState:
    """Return how it stands as the page tells it; only what was ended here can be taken back here."""
    if standing.state == "suppressed":
        return "stopped" if standing.reason == REASON else "held"
    return "active" if standing.state == "active" else "ended"


async def _wish(request: Request) -> Wish:
    """Return what the form asks for. Raises HTTPException when that is nothing we know: a person will see a page."""
    wish = _WISHES.get((await read_form(request)).get(_FIELD, ""))
    if wish is None:
        raise HTTPException(400)
    return wish


def _obey(tx: Transaction, standing: Standing, wish: Wish, now: datetime) -> bool:
    """Do what is wished, where it makes a difference. Return whether it did.

    What was removed stays removed, and what is suppressed for another reason is not brought back from here.
    """
    name, ended = standing.subscription.id, standing.reason == REASON
    if wish == "stop" and standing.state != "removed" and not ended:
        return subscriptions.suppress(tx, name, REASON, now)
    if wish == "resume" and standing.state == "suppressed" and ended:
        return subscriptions.resume(tx, name, now)
    return False
