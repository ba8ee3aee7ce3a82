"""Editions and feeds into text, by templates that a user may replace one by one.

What a template prints is escaped for the form that its file name ends in, whoever wrote the template: ``.html``,
``.xml``, ``.md``, anything else is plain text. What it includes is printed in its form.
"""

from collections.abc import Callable, Iterator, MutableMapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import lru_cache, partial
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, NamedTuple

from jinja2 import (
    Environment,
    FileSystemLoader,
    StrictUndefined,
    TemplateError,
    TemplateSyntaxError,
    Undefined,
)
from jinja2.sandbox import ImmutableSandboxedEnvironment
from markupsafe import Markup

from digestbot import resources
from digestbot.errors import RenderError
from digestbot.feeds import Feed
from digestbot.models import Edition
from digestbot.rendering.clicks import Address
from digestbot.rendering.feeds import FeedView, feed_view, json_feed
from digestbot.rendering.inert import Form, Ready, inert, markup
from digestbot.rendering.notes import Note
from digestbot.rendering.pages import EditionView, edition_view
from digestbot.rendering.passages import Passages
from digestbot.rendering.plain import wrapped
from digestbot.rendering.updates import FactView
from digestbot.rendering.views import CardView, readable
from digestbot.tokens import Direction

_FORMS: dict[str, Form] = {".html": "html", ".xml": "xml", ".md": "markdown"}

UnsubscribeState = Literal["active", "stopped", "held", "ended"]
"""Gets editions; was stopped by the person; gets none for another reason; is no longer kept."""

Feedback = Callable[[str, Direction], str]
"""Returns where a person asks for more or less like a paper, by its id; empty where it cannot be asked."""

_FAULTS = (TemplateError, ArithmeticError, AttributeError, LookupError, TypeError, ValueError, RecursionError, OSError)
"""What a template can raise: Jinja's own errors, and those of the expressions a person wrote into it."""


class Addresses(NamedTuple):
    """Where one subscriber finds what is theirs on the web; empty where it is not served."""

    unsubscribe: str = ""
    feed: str = ""
    """Has every paper whole."""
    page: str = ""
    """Shows this edition whole."""


NOWHERE = Addresses()


class _Seen(NamedTuple):
    """What templates saw last."""

    edition: Edition
    bare: EditionView
    addresses: Addresses
    feedback: Feedback | None
    own: EditionView
    """With the addresses."""


class _Trusting(Environment):
    """Templates that came along."""

    def make_globals(self, d: MutableMapping[str, Any] | None) -> MutableMapping[str, Any]:
        """Return what all templates see: copied for each printing, and that is many times slower from a `ChainMap`."""
        return {**self.globals, **(d or {})}


class _Guarding(_Trusting, ImmutableSandboxedEnvironment):
    """Templates of others among them."""


class Renderer:
    """Renders with the templates of `folders`, the first that has a file wins, and else with those that came along.

    Folders of others are not trusted: their templates see what they are given, and reach nothing behind it.
    What is printed of a paper is `kept` for other editions, so many pieces; `renew` it when templates may have changed.
    """

    def __init__(self, folders: Sequence[Path] = (), theme: str = "full", kept: int = 5000) -> None:
        own = [folder for folder in (resources.theme(theme), resources.templates()) if folder is not None]
        self._folders = tuple(str(folder) for folder in (*folders, *own))
        self._kind = _Guarding if folders else _Trusting
        self._environments: dict[Form, Environment] = {}
        self._last: _Seen | None = None
        self._keeps = kept > 0
        self._kept = lru_cache(maxsize=kept)(self._piece)

    def html(self, edition: Edition, addresses: Addresses = NOWHERE, feedback: Feedback | None = None) -> str:
        """Return the mail's HTML, or a page. Raises RenderError, as all methods here do.

        `feedback` is for mails that ask what their reader thinks of each paper.
        """
        return self._render("edition.html", edition=self._view(edition, addresses, feedback)) + "\n"

    def text(self, edition: Edition, addresses: Addresses = NOWHERE, feedback: Feedback | None = None) -> str:
        """Return the mail's plain text: lines of at most 78 columns, addresses whole."""
        return wrapped(self._render("edition.txt", edition=self._view(edition, addresses, feedback)))

    def markdown(self, edition: Edition) -> str:
        """Return the edition in Markdown."""
        return self._render("edition.md", edition=self._view(edition)) + "\n"

    def brief(self, edition: Edition, form: Literal["md", "txt"], more_url: str = "") -> str:
        """Return the edition for a chat: a paper a line, an empty line, the foot with the address of all of it."""
        view = self._view(edition)
        return self._render(f"brief.{form}", edition=view, more_url=Address(more_url)).strip("\n") + "\n"

    def subject(self, edition: Edition) -> str:
        """Return the subject of the mail, in one line of at most 200 characters."""
        line = " ".join(self._render("subject.txt", edition=self._view(edition)).split())
        return line if len(line) <= 200 else f"{line[:199]}…"

    def rss(self, feed: Feed) -> bytes:
        """Return RSS 2.0 in UTF-8."""
        return self._render("rss.xml", feed=self._feed(feed)).encode() + b"\n"

    def atom(self, feed: Feed) -> bytes:
        """Return Atom (RFC 4287) in UTF-8."""
        return self._render("atom.xml", feed=self._feed(feed)).encode() + b"\n"

    def json_feed(self, feed: Feed) -> bytes:
        """Return JSON Feed 1.1 in UTF-8."""
        return json_feed(self._feed(feed))

    def unsubscribe(self, name: str, state: UnsubscribeState) -> str:
        """Return the web page at which a subscription can be stopped."""
        return self._render("unsubscribe.html", title=readable(name, 120), state=state) + "\n"

    def feedback(self, name: str, paper: str, direction: Direction, said: Direction | None) -> str:
        """Return the web page at which a person asks for more or less like a paper; `said` is what they said so far."""
        titles = {"title": readable(name, 120), "paper": readable(paper, 300)}
        return self._render("feedback.html", **titles, direction=direction, said=said) + "\n"

    def notice(self, title: str, text: str) -> str:
        """Return the web page that says why there is no other."""
        return self._render("notice.html", title=title, text=text) + "\n"

    def renew(self) -> None:
        """Forget what was printed: templates may have changed since."""
        self._kept.cache_clear()
        for environment in self._environments.values():
            known = environment.cache
            if known is not None and not all(template.is_up_to_date for template in known.values()):
                known.clear()

    def _view(self, edition: Edition, addresses: Addresses = NOWHERE, feedback: Feedback | None = None) -> EditionView:
        """Return what templates see. The forms of an edition are made one after the other, so the last view is kept."""
        if self._last is None or self._last.edition is not edition:
            view = edition_view(edition)
            self._last = _Seen(edition, view, NOWHERE, None, view)
        if addresses == NOWHERE and feedback is None:
            return self._last.bare
        if (self._last.addresses, self._last.feedback) != (addresses, feedback):
            own = _own(self._last.bare, addresses, feedback)
            self._last = self._last._replace(addresses=addresses, feedback=feedback, own=own)
        return self._last.own

    def _feed(self, feed: Feed) -> FeedView:
        return feed_view(feed, self._entry)

    def _entry(self, card: CardView, updates: tuple[FactView, ...]) -> str:
        return self._kept("_entry.html", card=card, updates=updates)

    def _card(self, suffix: str, card: CardView, number: int, total: int) -> str:
        """Return what `_card.html` or `_card.txt` prints of a card, which is everybody's unless its reader is asked."""
        make = self._kept if card.same is None else self._piece
        return make(f"_card{suffix}", card=card, number=number, total=total)

    def _paper(self, suffix: str, card: CardView) -> str:
        """Return what `_paper.html` or `_paper.txt` prints of a card. It sees nothing that is one person's alone."""
        return self._kept(f"_paper{suffix}", card=card.same or card)

    def _piece(self, name: str, **values: Any) -> str:
        """Return what a template prints that sees `values` alone, in its form."""
        text = self._render(name, **values)
        return markup(text) if _form(name) == "html" else Ready(wrapped(text))

    def _render(self, name: str, **values: Any) -> str:
        with _translated(name, self._folders):
            return self._environment(_form(name)).get_template(name).render(values)

    def _environment(self, form: Form) -> Environment:
        """Return the environment whose templates print for `form`; one is made when it is first asked for."""
        if form not in self._environments:
            self._environments[form] = self._kind(
                loader=FileSystemLoader(self._folders),
                undefined=StrictUndefined,
                autoescape=form in {"html", "xml"},
                finalize=partial(_printed, form),
                trim_blocks=True,
                lstrip_blocks=True,
                auto_reload=not self._keeps,
            )
            suffix = ".html" if form == "html" else ".txt"
            blocks = {"card_block": partial(self._card, suffix), "paper_block": partial(self._paper, suffix)}
            self._environments[form].globals.update(blocks, kept=self._kept)
        return self._environments[form]


def _own(view: EditionView, addresses: Addresses, feedback: Feedback | None) -> EditionView:
    """Return the view with one reader's addresses, which are the installation's own and taken as they are."""
    cards = view.cards if feedback is None else tuple(_asking(card, feedback) for card in view.cards)
    stop, feed, page = map(Address, addresses)
    return replace(view, cards=cards, unsubscribe_url=stop, feed_url=feed, page_url=page)


def _asking(card: CardView, feedback: Feedback) -> CardView:
    """Return the card with the addresses at which its reader can say what they think of the paper."""
    more, less = Address(feedback(card.id, "more")), Address(feedback(card.id, "less"))
    return replace(card, more_url=more, less_url=less, same=card)


@contextmanager
def _translated(template: str, folders: tuple[str, ...]) -> Iterator[None]:
    """Turn what a template raises into a RenderError that names the file and the line a person has to look at."""
    try:
        yield
    except TemplateSyntaxError as error:
        place = error.filename or error.name or template
        raise RenderError(error.message or "syntax error", template=place, line=error.lineno) from error
    except _FAULTS as error:
        place, line = _last_place(error.__traceback__, folders) or (template, None)
        message = str(error) or type(error).__name__
        raise RenderError(message, template=place, line=line) from error


def _last_place(traceback: TracebackType | None, folders: tuple[str, ...]) -> tuple[str, int] | None:
    """Return the innermost template and line of the traceback. Jinja gives its frames the template's file and lines."""
    place = None
    while traceback:
        path = traceback.tb_frame.f_code.co_filename
        if path.startswith(folders):
            place = path, traceback.tb_lineno
        traceback = traceback.tb_next
    return place


def _printed(form: Form, value: Any) -> Any:
    """Return what `{{ value }}` prints: Jinja calls this for every such place of every template."""
    if type(value) is str:
        return _short(value, form) if len(value) <= _SHORT else inert(value, form)
    if isinstance(value, _AS_IT_IS):
        return value
    if isinstance(value, _BY_ITSELF):
        return value.printed(form)
    return inert("" if value is None else str(value), form)


_SHORT = 60
_AS_IT_IS = (Undefined, Markup, Ready)
_BY_ITSELF = (Passages, Note, Address)
_short = lru_cache(maxsize=2048)(inert)  # colours, labels, categories: what is printed again and again


@lru_cache(maxsize=64)
def _form(name: str) -> Form:
    return _FORMS.get(Path(name).suffix, "plain")
