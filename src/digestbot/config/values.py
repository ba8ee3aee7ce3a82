"""One value at a time: how each kind of setting is read, from TOML or from a variable's text.

Every reader takes the value and the folder that paths start from. It raises ValueError with the end of a
sentence that begins with the key's name.
"""

import os
import re
import shlex
from collections.abc import Callable, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Final, get_args

from digestbot.addresses import domain_to_ascii, parse_mailbox
from digestbot.config.settings import Secret, Security

_LONGEST: Final = 31 * 86_400
_LARGEST: Final = 256 * 1024**2
_UNITS: Final = {"": 1, "K": 1024, "M": 1024**2, "G": 1024**3}

Read = Callable[[Any, Path], Any]


def word(value: Any, _base: Path) -> str:
    """Return text as it is, without blanks around it."""
    return _text(value).strip()


def path(value: Any, base: Path) -> Path:
    """Return an absolute path; ``~`` is the home folder."""
    name = _text(value).strip()
    if not name:
        raise ValueError("is empty; name a path")
    try:
        return base / Path(name).expanduser()
    except RuntimeError as error:
        raise ValueError(f"names a home folder that is not known: {name}") from error


def paths(value: Any, base: Path) -> tuple[Path, ...]:
    """Return absolute paths of a list, or of one text with the system's separator between them."""
    items = value.split(os.pathsep) if isinstance(value, str) else value
    _expect(isinstance(items, list), "is to be a path or a list of paths", value)
    return tuple(path(item, base) for item in items)


def patterns(value: Any, base: Path) -> tuple[str, ...]:
    """Return patterns for `glob`, absolute; what stands in for the folder is taken as it is."""
    return tuple(str(item) for item in paths(value, base))


def ledger(value: Any, base: Path) -> str:
    """Return a URL as it is, a path as the URL of a file; one that no URL can hold stays a path."""
    name = _text(value).strip()
    if "://" in name:
        return name
    place = path(name, base)
    return str(place) if "?" in str(place) else f"sqlite:///{place}"


def domain(value: Any, base: Path) -> str:
    """Return a domain in the form of the DNS; empty text stands for none."""
    name = word(value, base)
    return domain_to_ascii(name) if name else ""


def sender(value: Any, base: Path) -> str:
    """Return one mail address, with or without a name."""
    name = word(value, base)
    parse_mailbox(name)
    return name


def url(value: Any, base: Path) -> str:
    """Return the address of a page, without a slash at its end."""
    address = word(value, base).rstrip("/")
    if address and not re.fullmatch(r"https?://[^\s/?#]+(/[^\s?#]*)?", address):
        raise ValueError(f"{address!r} is no address of a page; one looks like https://digests.example.org")
    return address


def security(value: Any, base: Path) -> str:
    """Return how a connection is protected."""
    name = word(value, base).lower()
    if name not in get_args(Security):
        raise ValueError(f"{name!r} is no protection; {choice(name, get_args(Security))}")
    return name


def port(value: Any, _base: Path) -> int:
    """Return the number of a TCP port."""
    number = _number(value)
    if not (1 <= number <= 65535 and number.is_integer()):
        raise ValueError("is to be a whole number from 1 to 65535")
    return int(number)


def seconds(value: Any, _base: Path) -> float:
    """Return a time to wait."""
    number = _number(value)
    if not 1 <= number <= 600:
        raise ValueError("is to be seconds, from 1 to 600")
    return number


def flag(value: Any, _base: Path) -> bool:
    """Return true or false."""
    _expect(isinstance(value, bool), "is to be true or false", value)
    return bool(value)


def switch(value: Any, base: Path) -> bool:
    """Return true or false, from a variable's text too."""
    words = {"true": True, "false": False}
    return flag(words.get(value.strip().lower(), value) if isinstance(value, str) else value, base)


def several(value: Any, _base: Path) -> int:
    """Return how many there may be at once, connections or processes."""
    number = _number(value)
    if not (1 <= number <= 50 and number.is_integer()):
        raise ValueError("is to be a whole number from 1 to 50")
    return int(number)


def rate(value: Any, _base: Path) -> float:
    """Return how many mails may go in a second; 0 for no limit."""
    number = _number(value)
    if not (number == 0 or 0.001 <= number <= 10_000):
        raise ValueError("is to be mails a second, from 0.001 to 10000, or 0 for no limit")
    return number


def quota(value: Any, _base: Path) -> int:
    """Return how many mails may go in an hour or a day; 0 for no limit."""
    number = _number(value)
    if not (0 <= number <= 10**9 and number.is_integer()):
        raise ValueError("is to be a whole number of mails, or 0 for no limit")
    return int(number)


def interval(value: Any, _base: Path) -> float:
    """Return a time between two looks in seconds, from a text such as ``30m``, ``6h``, ``1d``; 0 for none."""
    found = re.fullmatch(r"\s*([0-9]{1,6})\s*([smhd]?)\s*", str(value) if not isinstance(value, bool) else "")
    if not found or (found[1].strip("0") and not found[2]):
        raise ValueError('is to be a time such as "30m", "6h" or "1d", or 0 for each round')
    seconds = int(found[1]) * {"": 1, "s": 1, "m": 60, "h": 3600, "d": 86_400}[found[2]]
    if seconds > _LONGEST:
        raise ValueError('is at most "31d"')
    return float(seconds)


def delay(value: Any, _base: Path) -> float:
    """Return seconds between two requests."""
    number = _number(value)
    if not 0 <= number <= 60:
        raise ValueError("is to be seconds, from 0 to 60")
    return number


def days(value: Any, _base: Path) -> int:
    """Return a number of days to look back."""
    number = _number(value)
    if not (1 <= number <= 366 and number.is_integer()):
        raise ValueError("is to be a whole number of days from 1 to 366")
    return int(number)


def count(value: Any, _base: Path) -> int:
    """Return how many times something may happen."""
    number = _number(value)
    if not (1 <= number <= 1000 and number.is_integer()):
        raise ValueError("is to be a whole number from 1 to 1000")
    return int(number)


def command(value: Any, _base: Path) -> tuple[str, ...]:
    """Return a program with its options, from a list or from one text as a shell would split it."""
    try:
        words_of = shlex.split(_text(value)) if isinstance(value, str) else [_text(item) for item in value]
    except TypeError:
        _expect(False, "is to be a program with its options", value)
        raise
    if not words_of or not words_of[0].startswith("/"):
        raise ValueError("is to begin with the whole path of a program, such as /usr/sbin/sendmail")
    return tuple(words_of)


def named_paths(value: Any, base: Path) -> tuple[tuple[str, Path], ...]:
    """Return pairs of a name and a path, from texts such as ``2026a=dkim.pem``; in a variable with ``,`` in between."""
    items = value.split(",") if isinstance(value, str) else value
    _expect(isinstance(items, list), "is to be a list of texts such as 2026a=dkim.pem", value)
    pairs = []
    for item in items:
        name, mark, file = _text(item).strip().partition("=")
        if not (mark and name.strip() and file.strip()):
            raise ValueError(f"{item!r} has no name; one looks like 2026a=dkim.pem")
        pairs.append((name.strip(), path(file.strip(), base)))
    return tuple(pairs)


def size(value: Any, _base: Path) -> int:
    """Return a number of bytes, from a number or a text such as ``32 MB``."""
    found = re.fullmatch(r"\s*([0-9]{1,12})\s*([kKMG]?B?)\s*", str(value) if not isinstance(value, bool) else "")
    number = int(found[1]) * _UNITS[found[2][:1].upper().strip("B")] if found else 0
    if not 1 <= number <= _LARGEST:
        raise ValueError('is to be a size such as "32 MB", at most "256 MB"')
    return number


def words(value: Any, base: Path) -> tuple[str, ...]:
    """Return a list of texts; one text stands for a list of one."""
    items = [value] if isinstance(value, str) else value
    _expect(isinstance(items, list), "is to be a list of texts", value)
    found = tuple(text for item in items if (text := word(item, base)))
    if not found:
        raise ValueError("is empty")
    return found


def filled(value: Any, base: Path) -> str:
    """Return text that is not empty."""
    text = word(value, base)
    if not text:
        raise ValueError("is empty")
    return text


def one_of(*options: str) -> Read:
    """Return a reader of one of a few words."""

    def read(value: Any, base: Path) -> str:
        name = word(value, base)
        if name not in options:
            raise ValueError(f"{name!r} is not known here; {choice(name, options)}")
        return name

    return read


def contact(value: Any, base: Path) -> str:
    """Return a bare mail address; empty text stands for none."""
    name = word(value, base)
    return parse_mailbox(name).spec if name else ""


def requests(value: Any, _base: Path) -> int:
    """Return how many requests there are at most."""
    number = _number(value)
    if not (10 <= number <= 5000 and number.is_integer()):
        raise ValueError("is to be a whole number from 10 to 5000")
    return int(number)


def forbidden(_value: Any, _base: Path) -> str:
    """Refuse a password in a file that others read."""
    raise ValueError(
        "does not belong here, where others read it: set DIGESTBOT_SMTP_PASSWORD, or write it into a file of its own "
        "and name that as password_file"
    )


def no_token(_value: Any, _base: Path) -> str:
    """Refuse a token in a file that others read."""
    raise ValueError("does not belong here, where others read it: set its variable, or name a file of its own")


def secret(value: Any, _base: Path) -> Secret:
    """Return text that nobody sees."""
    return Secret(_text(value))


def choice(name: str, known: Sequence[str]) -> str:
    """Return what was likely meant, or what there is."""
    near = get_close_matches(name, known, n=1)
    return f"did you mean {near[0]}?" if near else f"there is {', '.join(known)}"


def _text(value: Any) -> str:
    _expect(isinstance(value, str), "is to be text in quotes", value)
    if any(ord(character) < 32 for character in value):
        raise ValueError("holds a control character")
    return str(value)


def _number(value: Any) -> float:
    _expect(isinstance(value, int | float | str) and not isinstance(value, bool), "is to be a number", value)
    try:
        return float(value)
    except (ValueError, OverflowError) as error:
        raise ValueError("is to be a number") from error


def _expect(right: bool, wanted: str, value: Any) -> None:
    if not right:
        kinds = {bool: "true or false", int: "a number", float: "a number", list: "a list", dict: "a table"}
        raise ValueError(f"{wanted}, not {kinds.get(type(value), 'text' if isinstance(value, str) else 'a date')}")
