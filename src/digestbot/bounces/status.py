"""The fields that a mail server writes for programs (RFC 3464), read as they are really written.

::

    Final-Recipient: rfc822; ada@example.org
    Action: failed
    Status: 5.1.1
    Diagnostic-Code: smtp; 550 5.1.1 <ada@example.org>: user unknown
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Final

_FIELD: Final = re.compile(r"([A-Za-z][A-Za-z0-9-]{2,40})[ \t]{0,5}:(.*)")
_ADDRESS: Final = re.compile(r'("[^"\s@]{1,64}"|[^\s<>"@,;:()\[\]{}|]{1,128})@([^\s<>"@,;:()\[\]{}|]{1,253})')
ENHANCED: Final = re.compile(r"(?<![\d.])([245])\.(\d{1,3})\.(\d{1,3})(?![\d.]*\d)")
_RECIPIENTS: Final = ("final-recipient", "original-recipient", "x-actual-recipient")
_FORM: Final = re.compile(r"\s{0,20}(?:rfc822|utf-8|x-local|smtp|unknown|local)\s{0,5};", re.IGNORECASE)
_MOST: Final = 100
"""Recipients of one notice; a mail of ours has one."""


@dataclass(frozen=True, slots=True)
class Block:
    """What is said of one recipient."""

    recipient: str
    """Empty when no field holds an address."""
    action: str
    """In lower case: ``failed``, ``delayed``, ``delivered``, ``relayed``, ``expanded``; empty when it is not told."""
    status: str
    diagnostic: str


def addresses_in(text: str) -> list[str]:
    """Return the mail addresses in a line of text, in order, without repeats."""
    found: dict[str, None] = {}
    for local, domain in _ADDRESS.findall(text[:4000]):
        plain, place = local.lstrip("'*.~`"), domain.rstrip(".'*`=?!-")
        if plain and place:
            found[f"{plain}@{place}"] = None
    return list(found)


def blocks_of(text: str) -> list[Block]:
    """Return what the fields in `text` say of each recipient."""
    groups = (fields for fields in _groups(text) if any(name in fields for name in _RECIPIENTS))
    return [_block(fields) for fields in islice(groups, _MOST)]


def enhanced_in(text: str) -> str:
    """Return the first enhanced status code in a text that tells of a failure; empty when there is none."""
    found = next((each for each in ENHANCED.finditer(text[:4000]) if each[1] != "2"), None)
    return found[0] if found else ""


def is_vague(status: str) -> bool:
    """Return whether a status says nothing but that it failed."""
    return not status or status.endswith((".0.0", ".0"))


def _groups(text: str) -> Iterator[dict[str, str]]:
    """Yield the fields of each block; a second recipient begins a block even without a blank line."""
    group: dict[str, str] = {}
    name = ""
    for line in (*text.splitlines(), ""):
        found = _FIELD.match(line)
        if not line.strip():
            if group:
                yield group
            group, name = {}, ""
        elif line[0] in " \t" and name:
            group[name] = f"{group[name]} {line.strip()}"[:4000]
        elif found:
            name = found[1].lower()
            if name in group and name == "final-recipient":
                yield group
                group = {}
            group.setdefault(name, found[2].strip()[:4000])


def _block(fields: dict[str, str]) -> Block:
    values = [_FORM.sub("", fields.get(name, "")) for name in _RECIPIENTS]
    named = [found[0] for value in values if (found := addresses_in(value))]
    recipient = next((each for each in named if "." in each.rpartition("@")[2]), next(iter(named), ""))
    diagnostic = re.sub(r"^\s*[\w-]{1,20}\s?;", "", fields.get("diagnostic-code", "")).strip()
    status = enhanced_in(fields.get("status", ""))
    better = enhanced_in(diagnostic)
    if is_vague(status) and better:
        status = better
    if not status:
        status = next(
            (f"{found[1]}.0.0" for found in [re.match(r"\s*([245])\.", fields.get("status", ""))] if found), ""
        )
    action = fields.get("action", "").strip().lower().partition(" ")[0].rstrip(";,.")
    return Block(recipient, action, status, diagnostic)
