"""Files that are there whole or not at all: a reader never sees half of one, a crash never leaves half of one."""

import os
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path, PurePosixPath

from digestbot.errors import PermanentDeliveryError, TransientDeliveryError
from digestbot.models import Message, Part

_LONGEST_ADDRESS = 255  # bytes: no usual file system takes a longer name


def write_whole(path: Path, content: bytes) -> bool:
    """Put `content` at `path` in one step, making its folders. Return False, touching nothing, when it is there.

    The bytes are on the disk before the name is. Raises OSError.
    """
    if path.is_file() and path.read_bytes() == content:
        return False
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        with draft.open("xb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    except OSError:
        draft.unlink(missing_ok=True)
        raise
    _sync_folder(path.parent)
    return True


def _sync_folder(folder: Path) -> None:
    """Make a rename last. Windows can neither open a folder nor needs to."""
    if os.name != "posix":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def place_of(message: Message, root: Path) -> Path:
    """Return the folder below `root` that the message's address names.

    Raises PermanentDeliveryError when the address would lead out of `root` or cannot be a path.
    """
    path = PurePosixPath(message.address)
    plain = message.address.isprintable() and not set(message.address) & set("\\:")
    if not plain or path.is_absolute() or ".." in path.parts or len(message.address.encode()) > _LONGEST_ADDRESS:
        text = f"{message.address!r} is no folder below {root}"
        raise PermanentDeliveryError(text, channel=message.channel, address=message.address)
    return root / path


def files_of(message: Message, names: Mapping[str, str]) -> list[tuple[str, Part]]:
    """Return the parts whose media type is in `names`, each with what `names` says of it.

    Raises PermanentDeliveryError when there is none.
    """
    found = [(names[part.media_type], part) for part in message.parts if part.media_type in names]
    if not found:
        text = f"the message has no part of {', '.join(names)}"
        raise PermanentDeliveryError(text, channel=message.channel, address=message.address)
    return found


@contextmanager
def disk_errors(message: Message) -> Iterator[None]:
    """Turn what the disk says into a TransientDeliveryError: a full disk can be emptied, a right be granted."""
    try:
        yield
    except OSError as error:
        text = f"cannot write {error.filename or message.address!r}: {error.strerror or error}"
        raise TransientDeliveryError(text, channel=message.channel, address=message.address) from error
