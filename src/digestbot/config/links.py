"""The section ``[links]``: whether the links of papers are visited, whom to ask, and as whom."""

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

from digestbot.config import values as kinds
from digestbot.config.settings import LINK_HOSTS, LinkHost, Links, Secret
from digestbot.config.source import Fault

_SAFE: Final = re.compile(r"https://|http://(?:127\.0\.0\.1|localhost|\[::1\])[:/]")

KEYS: Final[Mapping[tuple[str, str], tuple[kinds.Read, Any]]] = MappingProxyType(
    {
        ("links", "visit"): (kinds.switch, False),
        ("links", "requests"): (kinds.requests, 60),
        ("links", "allow_private"): (kinds.switch, False),
        **{
            ("links", f"{host.name}{end}"): value
            for host in LINK_HOSTS
            for end, value in {
                "_url": (kinds.url, host.url),
                "_token": (kinds.no_token, None),
                "_token_file": (kinds.path, None),
            }.items()
        },
    }
)
"""Every key, how it is read, and its default."""


def read_links(given: Mapping[str, Any], faults: list[Fault]) -> Links:
    """Return the settings from the values of their keys. Adds what does not go together to `faults`."""
    hosts = tuple(
        LinkHost(host.name, given.get(f"{host.name}_url") or host.url, _token(host.name, given, faults))
        for host in LINK_HOSTS
    )
    faults.extend(
        Fault(f"links.{host.name}_url would send the token in clear text; write https://")
        for host in hosts
        if host.token and not _SAFE.match(f"{host.url}/")
    )
    return Links(
        visit=bool(given.get("visit")),
        requests=given.get("requests") or 60,
        allow_private=bool(given.get("allow_private")),
        hosts=hosts,
    )


def _token(host: str, given: Mapping[str, Any], faults: list[Fault]) -> Secret:
    """Return the token of a host, from its variable or its file."""
    token: Secret = given.get(f"{host}_token") or Secret()
    file = given.get(f"{host}_token_file")
    if not token and file is not None:
        try:
            token = Secret(file.read_text(encoding="utf-8").strip())
        except (OSError, ValueError) as error:
            reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
            faults.append(Fault(f"links.{host}_token_file: {file} cannot be read: {reason}"))
    text = token.reveal()
    if not (text.isascii() and (text.isprintable() or not text)):
        faults.append(Fault(f"the token for {host} holds characters that no request can carry"))
        return Secret()
    return token
