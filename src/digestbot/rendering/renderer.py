"""Editions and feeds into text, by templates that a user may replace one by one.

What a template prints is escaped for the form that its file name ends in, whoever wrote the template: ``.html``,
``.xml``, ``.md``, anything else is plain text.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Any, Literal

from jinja2 import (
    Environment,
    FileSystemLoader,
    StrictUndefined,
    TemplateError,
    TemplateSyntaxError,
    Undefined,
    pass_context,
    select_autoescape,
)
from jinja2.runtime import Context
from jinja2.sandbox import ImmutableSandboxedEnvironment
from markupsafe import Markup

from digestbot import resources
from digestbot.errors import RenderError
from digestbot.feeds import Feed
from digestbot.models import Edition
from digestbot.rendering.clicks import Address
from digestbot.rendering.feeds import FeedView, feed_view, json_feed
from digestbot.rendering.inert import Form, Ready, inert
from digestbot.rendering.notes import Note
from digestbot.rendering.pages import EditionView, edition_view
from digestbot.rendering.passages import Passages
from digestbot.rendering.plain import wrapped
from digestbot.rendering.updates import FactView
from digestbot.rendering.views import CardView, readable

_FORMS: dict[str, Form] = {".html": "html", ".xml": "xml", ".md": "markdown"}

UnsubscribeState = Literal["active", "stopped", "held", "ended"]
"""Gets editions; was stopped by the person; gets none for another reason; is no longer kept."""

_FAULTS = (TemplateError, ArithmeticError, AttributeError, LookupError, TypeError, ValueError, RecursionError, OSError)
"""What a template can raise: Jinja's own errors, and those of the expressions a person wrote into it."""


class Renderer:
    """Renders with the templates of `folders`, the first that has a file wins, and else with those that came along.

    Folders of others are not trusted: their templates see what they are given, and reach nothing behind it.
    """

    def __init__(self, folders: Sequence[Path] = (), theme: str = "full") -> None:
        own = [folder for folder in (resources.theme(theme), resources.templates()) if folder is not None]
        self._folders = tuple(str(folder) for folder in (*folders, *own))
        kind = ImmutableSandboxedEnvironment if folders else Environment
        self._environment = kind(
            loader=FileSystemLoader(self._folders),
            undefined=StrictUndefined,
            autoescape=select_autoescape(("html", "xml")),
            finalize=_printed,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._last: tuple[Edition | None, EditionView | None] = None, None

    def html(self, edition: Edition, unsubscribe_url: str = "") -> str:
        """Return the mail's HTML, or a page. Raises RenderError, as all methods here do."""
        return self._render("edition.html", edition=self._view(edition, unsubscribe_url)) + "\n"

    def text(self, edition: Edition, unsubscribe_url: str = "") -> str:
        """Return the mail's plain text: lines of at most 78 columns, addresses whole."""
        return wrapped(self._render("edition.txt", edition=self._view(edition, unsubscribe_url)))

    def markdown(self, edition: Edition) -> str:
        """Return the edition in Markdown."""
        return self._render("edition.md", edition=self._view(edition)) + "\n"

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

    def notice(self, title: str, text: str) -> str:
        """Return the web page that says why there is no other."""
        return self._render("notice.html", title=title, text=text) + "\n"

    def _view(self, edition: Edition, unsubscribe_url: str = "") -> EditionView:
        """Return what templates see. The forms of an edition are made one after the other, so the last view is kept."""
        last, view = self._last
        if view is None or last is not edition:
            view = edition_view(edition)
            self._last = edition, view
        return replace(view, unsubscribe_url=Address(unsubscribe_url))  # the installation's own, taken as it is

    def _feed(self, feed: Feed) -> FeedView:
        return feed_view(feed, self._entry)

    def _entry(self, card: CardView, updates: tuple[FactView, ...]) -> str:
        return self._render("_entry.html", card=card, updates=updates)

    def _render(self, name: str, **values: Any) -> str:
        with _translated(name, self._folders):
            return self._environment.get_template(name).render(values)


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


@pass_context
def _printed(context: Context, value: Any) -> Any:
    """Return what `{{ value }}` prints: Jinja calls this for every such place of every template."""
    if isinstance(value, Undefined | Markup | Ready):
        return value
    form = _form(context.name)
    if isinstance(value, Passages | Note | Address):
        return value.printed(form)
    return inert("" if value is None else str(value), form)


def _form(name: str | None) -> Form:
    return _FORMS.get(Path(name or "").suffix, "plain")
