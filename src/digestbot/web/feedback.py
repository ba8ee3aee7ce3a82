"""More or less like a paper, by one click under its card, and the way back.

Scanners open every link of a mail, so opening it changes nothing: the page has a button, and only its POST acts. Each
can be repeated. The last word on a paper counts, whichever of its two addresses it came by.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Final, Literal, NamedTuple

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from digestbot.ledger import Ledger, Transaction, opinions, subscriptions
from digestbot.ledger.papers import StoredPaper
from digestbot.rendering import Renderer
from digestbot.tokens import Direction, is_genuine
from digestbot.web.answers import page
from digestbot.web.forms import read_form

Wish = Literal["give", "take-back"]
_FIELD: Final = "feedback"
_WISHES: Final[dict[str, Wish]] = {"give": "give", "take-back": "take-back"}
_DIRECTIONS: Final[dict[str, Direction]] = {"more": "more", "less": "less"}


class _Asked(NamedTuple):
    """What an address is about."""

    name: str
    direction: Direction
    paper: str


class Feedback:
    """Answers at the addresses that a card holds."""

    def __init__(self, open_ledger: Callable[[], Ledger], renderer: Renderer) -> None:
        self._open_ledger, self._renderer = open_ledger, renderer

    async def answer(self, request: Request) -> Response:
        """Return the page, after doing what a POST asks for. Raises HTTPException."""
        name, word, token, paper = (request.path_params[key] for key in ("name", "direction", "token", "paper"))
        if word not in _DIRECTIONS:
            raise HTTPException(404)
        wish = await _wish(request) if request.method == "POST" else None
        return await run_in_threadpool(self._page, _Asked(name, _DIRECTIONS[word], paper), token, wish)

    def _page(self, asked: _Asked, token: str, wish: Wish | None) -> Response:
        with self._open_ledger() as ledger:
            if not is_genuine(token, ledger.instance.secret, asked.direction, asked.name, asked.paper):
                raise HTTPException(404)
            with ledger.write() if wish else ledger.read() as tx:
                title, stored = _known(tx, asked)
                if wish:
                    _obey(tx, asked, stored, wish)
                liked = opinions.said(tx, asked.name, stored)
        said: Direction | None = None if liked is None else "more" if liked else "less"
        return page(self._renderer.feedback(title, stored.paper.title, asked.direction, said))


def _known(tx: Transaction, asked: _Asked) -> tuple[str, StoredPaper]:
    """Return the subscription's name, and the paper.

    Raises HTTPException: 404 when there is no such paper or the subscription asks nobody any more, 410 when it ended.
    """
    standing, stored = subscriptions.get(tx, asked.name), opinions.shown(tx, asked.name, asked.paper)
    if standing is not None and standing.state == "removed":
        raise HTTPException(410)
    if standing is None or stored is None or not standing.subscription.feedback:
        raise HTTPException(404)
    return standing.subscription.name or asked.name, stored


async def _wish(request: Request) -> Wish:
    """Return what the form asks for. Raises HTTPException when that is nothing we know: a person will see a page."""
    wish = _WISHES.get((await read_form(request)).get(_FIELD, ""))
    if wish is None:
        raise HTTPException(400)
    return wish


def _obey(tx: Transaction, asked: _Asked, stored: StoredPaper, wish: Wish) -> None:
    if wish == "give":
        opinions.give(tx, asked.name, stored, asked.direction == "more", datetime.now(UTC))
    else:
        opinions.take_back(tx, asked.name, stored)
