"""The settings: ``digestbot.toml``, each key overridable by a ``DIGESTBOT_…`` variable, all faults told at once.

::

    [digestbot]  ledger = "digestbot.db"         DIGESTBOT_LEDGER=…
    [smtp]       host = "mail.example.org"       DIGESTBOT_SMTP_HOST=…
    [[source]]   kind = "arxiv"                  any number of them; only their secrets are variables

Paths in the file are relative to the file, paths in variables to the working directory; an empty variable
counts as unset. A password comes from a variable or from a file of its own, and nothing ever shows it.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from digestbot import resources
from digestbot.addresses import parse_mailbox
from digestbot.config import links
from digestbot.config import values as kinds
from digestbot.config.settings import Bounces, Dkim, Links, Secret, Security, Settings, Smtp
from digestbot.config.source import Fault, Source
from digestbot.config.sources import read_sources, secrets_of
from digestbot.declared import Source as DeclaredSource

__all__ = ["KEYS", "Bounces", "Dkim", "Links", "Secret", "Security", "Settings", "Smtp", "load", "variable"]

KEYS: Final[Mapping[tuple[str, str], tuple[kinds.Read, Any]]] = MappingProxyType(
    {
        ("digestbot", "ledger"): (kinds.ledger, "digestbot.db"),
        ("digestbot", "digests"): (kinds.patterns, ["digests/*"]),
        ("digestbot", "subscriptions"): (kinds.path, "subscriptions"),
        ("digestbot", "templates"): (kinds.paths, []),
        ("digestbot", "theme"): (kinds.one_of(*resources.THEMES), "full"),
        ("digestbot", "domain"): (kinds.domain, ""),
        ("digestbot", "base_url"): (kinds.url, ""),
        ("digestbot", "contact"): (kinds.contact, ""),
        ("digestbot", "durable"): (kinds.switch, True),
        ("digestbot", "processes"): (kinds.several, 1),
        ("smtp", "host"): (kinds.word, ""),
        ("smtp", "port"): (kinds.port, None),
        ("smtp", "security"): (kinds.security, "tls"),
        ("smtp", "user"): (kinds.word, ""),
        ("smtp", "password"): (kinds.forbidden, None),
        ("smtp", "password_file"): (kinds.path, None),
        ("smtp", "sender"): (kinds.sender, None),
        ("smtp", "timeout"): (kinds.seconds, 90),
        ("smtp", "protocol"): (kinds.one_of("smtp", "lmtp"), "smtp"),
        ("smtp", "command"): (kinds.command, None),
        ("smtp", "return_path"): (kinds.contact, ""),
        ("dkim", "domain"): (kinds.domain, ""),
        ("dkim", "keys"): (kinds.named_paths, []),
        ("bounces", "source"): (kinds.word, ""),
        ("bounces", "soft"): (kinds.count, 5),
        ("bounces", "days"): (kinds.days, 30),
        ("smtp", "connections"): (kinds.several, 5),
        ("smtp", "rate"): (kinds.rate, 0),
        ("smtp", "per_hour"): (kinds.quota, 0),
        ("smtp", "per_day"): (kinds.quota, 0),
        ("smtp", "doubt"): (kinds.one_of("resend", "hold"), "resend"),
        ("feed", "path"): (kinds.path, "out/feeds"),
        ("folder", "path"): (kinds.path, "out/editions"),
        ("webhook", "allow_private"): (kinds.switch, False),
        **links.KEYS,
    }
)
"""Every section and key: how it is read, and its default (None: there is none)."""

_PREFIX: Final = "DIGESTBOT_"
_OTHERS: Final = frozenset({"DIGESTBOT_CONFIG"})
"""Variables that are no settings: the command line reads them."""
_PORTS: Final[Mapping[str, int]] = MappingProxyType({"tls": 465, "starttls": 587, "none": 25})

_LMTP_PORT: Final = 24
_MAILBOXES: Final = ("maildir", "mbox", "imap")

_Values = dict[tuple[str, str], Any]


def load(path: Path | None, environ: Mapping[str, str]) -> Settings:
    """Return the settings of a file (None: the defaults) with the variables of `environ` over it.

    Raises ConfigError with the place of the first fault and the text of all of them.
    """
    source = Source(path)
    faults: list[Fault] = []
    given = {name: text for name, text in environ.items() if text}
    values = _values(source, given, faults)
    smtp = _smtp(values, faults)
    sources = read_sources(source, given, faults)
    visits = links.read_links({key: value for (section, key), value in values.items() if section == "links"}, faults)
    bounces = _bounces(values, sources, faults)
    if faults:
        raise source.error(faults)
    domain = values["digestbot", "domain"] or (parse_mailbox(smtp.sender).domain if smtp else "")
    return Settings(
        ledger=values["digestbot", "ledger"],
        digests=values["digestbot", "digests"],
        subscriptions=values["digestbot", "subscriptions"],
        templates=values["digestbot", "templates"],
        theme=values["digestbot", "theme"],
        domain=domain,
        base_url=values["digestbot", "base_url"],
        feeds=values["feed", "path"],
        folder=values["folder", "path"],
        smtp=smtp,
        webhook_private=bool(values["webhook", "allow_private"]),
        contact=values["digestbot", "contact"],
        durable=values["digestbot", "durable"],
        processes=values["digestbot", "processes"],
        sources=tuple(item for item in sources if item is not bounces.source),
        links=visits,
        path=path,
        dkim=Dkim(values["dkim", "domain"], values["dkim", "keys"]),
        bounces=bounces,
    )


def variable(section: str, key: str) -> str:
    """Return the name of the variable that overrides a key."""
    return _PREFIX + (key if section == "digestbot" else f"{section}_{key}").upper()


def _values(source: Source, environ: Mapping[str, str], faults: list[Fault]) -> _Values:
    """Return every key's value: from its variable, from the file, or its default; None where it is faulty."""
    given = source.read(KEYS, faults)
    faults.extend(_unknown_variables(environ, secrets_of(source)))
    values: _Values = {}
    for (section, key), (read, default) in KEYS.items():
        name = variable(section, key)
        try:
            if name in environ:
                values[section, key] = _reader(read)(environ[name], Path.cwd())
            else:
                value = given.get((section, key), default)
                values[section, key] = None if value is None else read(value, source.folder)
        except ValueError as error:
            faults.append(Fault(f"{name} {error}") if name in environ else source.fault(section, key, str(error)))
            values[section, key] = None
    return values


def _reader(read: kinds.Read) -> kinds.Read:
    """Return how a variable is read: it may hold what the file must not."""
    return kinds.secret if read in {kinds.forbidden, kinds.no_token} else read


def _unknown_variables(environ: Mapping[str, str], secrets: Collection[str]) -> Iterator[Fault]:
    known = {variable(section, key) for section, key in KEYS} | set(secrets)
    for name in sorted(environ):
        if name.startswith(_PREFIX) and name not in known | _OTHERS:
            yield Fault(f"the variable {name} is unknown; {kinds.choice(name, sorted(known))}")


def _smtp(values: _Values, faults: list[Fault]) -> Smtp | None:
    """Return the mail server, or None when no host is named. Adds what does not go together to `faults`."""
    given = {key: value for (section, key), value in values.items() if section == "smtp" and value is not None}
    if not given.get("host") and not given.get("command"):
        return None
    if given.get("host", "").startswith("/"):  # a socket of this machine: there is nobody in between
        given["security"] = "none"
    password = given.pop("password", None) or _password(given.pop("password_file", None), faults)
    given.pop("password_file", None)
    security = given.setdefault("security", "tls")
    if "sender" not in given and not any(fault.key == "smtp.sender" for fault in faults):
        faults.append(Fault('smtp.sender is missing: the address that mail comes from, "Digests <you@example.org>"'))
    if password and not given.get("user"):
        faults.append(Fault("smtp.user is missing: there is a password, but for whom?"))
    if password and security == "none":
        faults.append(Fault('smtp.security = "none" would send the password in clear text; use "tls" or "starttls"'))
    port = _LMTP_PORT if given.get("protocol") == "lmtp" else _PORTS[security]
    defaults: dict[str, Any] = {"host": "", "port": port, "sender": "", "password": password}
    return Smtp(**defaults | given)


def _bounces(values: _Values, sources: Sequence[DeclaredSource], faults: list[Fault]) -> Bounces:
    """Return how mails that come back are read. Adds a name that is no mailbox to `faults`."""
    name = values["bounces", "source"]
    found = next((item for item in sources if item.name == name), None)
    if name and (found is None or found.kind not in _MAILBOXES):
        wanted = ", ".join(item.name for item in sources if item.kind in _MAILBOXES) or "none"
        text = f"bounces.source names {name!r}, which is no [[source]] of the kind {' or '.join(_MAILBOXES)}"
        faults.append(Fault(f"{text}; there is {wanted}"))
    return Bounces(found, values["bounces", "soft"] or 5, values["bounces", "days"] or 30)


def _password(file: Path | None, faults: list[Fault]) -> Secret:
    if file is None:
        return Secret()
    try:
        return Secret(file.read_text(encoding="utf-8").rstrip("\r\n"))
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        faults.append(Fault(f"smtp.password_file: {file} cannot be read: {reason}"))
        return Secret()
