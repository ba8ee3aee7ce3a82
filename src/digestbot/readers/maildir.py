"""A Maildir: a folder in which each mail is a file of its own, in ``new`` and ``cur``; ``tmp`` is still being written.

A reader takes one file, so a folder is read file by file: one mail that is damaged keeps none of the others back.
"""

from collections.abc import Iterator
from pathlib import Path

from digestbot.errors import ReadError
from digestbot.models import Reading
from digestbot.readers import intake, read_path

_PLACES = ("cur", "new")


def mail_paths(folder: Path) -> tuple[Path, ...]:
    """Return the mails of a Maildir in the order of their names, which begin with the time of delivery.

    Raises ReadError when it is no Maildir or cannot be looked into; never OSError.
    """
    places = [folder / place for place in _PLACES]
    try:
        found = [path for place in places if place.is_dir() for path in place.iterdir() if path.is_file()]
        known = any(place.is_dir() for place in places)
    except OSError as error:
        raise ReadError(f"cannot be looked into: {error.strerror or error}", source=str(folder)) from error
    if not known:
        raise ReadError("is no Maildir: it has neither a folder cur nor one called new", source=str(folder))
    return tuple(sorted((path for path in found if not path.name.startswith(".")), key=lambda path: path.name))


def read_maildir(folder: Path, dialect: str | None = None, limit: int = intake.LIMIT) -> Iterator[Reading]:
    """Yield the reading of each mail, oldest first; of one that cannot be read, why. Raises as `mail_paths`."""
    for path in mail_paths(folder):
        try:
            yield read_path(path, dialect, limit)
        except ReadError as error:
            yield Reading(str(path), dialect or "", (), verdict="unreadable", reason=error.message)
