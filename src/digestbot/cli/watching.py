"""``preview --watch``: a page that is made anew whenever a template changes, for those who write one."""

import time
import webbrowser
from collections.abc import Callable, Iterable
from html import escape
from pathlib import Path
from typing import Final

import click

from digestbot.errors import RenderError

_LOOK: Final = 0.5
_AGAIN: Final = b'<meta http-equiv="refresh" content="1">'


def watch(
    render: Callable[[], bytes],
    folders: Iterable[Path],
    page: Path,
    stop: Callable[[], bool] = lambda: False,
    show: Callable[[str], object] = webbrowser.open,
) -> None:
    """Write what `render` gives to `page`, again after each change of a file in `folders`, until `stop` says so.

    The first page is shown; in a browser it loads itself anew each second. A fault in a template is shown in its place.
    """
    every, seen = list(folders), None
    while not stop():
        found = _state(every)
        if found != seen:
            first, seen = seen is None, found
            page.write_bytes(_again(_rendered(render)))
            click.echo(f"{page} is made", err=True)
            if first:
                show(page.as_uri())
        time.sleep(_LOOK)


def _rendered(render: Callable[[], bytes]) -> bytes:
    try:
        return render()
    except RenderError as error:
        click.echo(f"digestbot: {error}", err=True)
        return f"<!DOCTYPE html><html><head></head><body><pre>{escape(str(error))}</pre></body></html>".encode()


def _again(page: bytes) -> bytes:
    return page.replace(b"<head>", b"<head>" + _AGAIN, 1)


def _state(folders: Iterable[Path]) -> dict[str, int]:
    """Return when each file in the folders was changed last."""
    files = [path for folder in folders for path in folder.rglob("*") if path.is_file()]
    return {str(path): path.stat().st_mtime_ns for path in files}
