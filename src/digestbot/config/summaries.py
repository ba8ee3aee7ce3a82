"""The section ``[summaries]``: whether a language model writes the sentences, which one, and as whom it is asked."""

import re
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from digestbot.config import values as kinds
from digestbot.config.settings import Secret, Summaries
from digestbot.config.source import Fault

_SAFE: Final = re.compile(r"https://|http://(?:127\.0\.0\.1|localhost|\[::1\])[:/]")
_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,99}")

KEYS: Final[Mapping[tuple[str, str], tuple[kinds.Read, Any]]] = MappingProxyType(
    {
        ("summaries", "endpoint"): (kinds.url, ""),
        ("summaries", "model"): (kinds.word, ""),
        ("summaries", "key"): (kinds.no_token, None),
        ("summaries", "key_file"): (kinds.path, None),
        ("summaries", "key_env"): (kinds.word, ""),
        ("summaries", "timeout"): (kinds.seconds, 20),
        ("summaries", "calls"): (kinds.count, 50),
        ("summaries", "seconds"): (kinds.seconds, 60),
    }
)
"""Every key, how it is read, and its default."""


def read_summaries(given: Mapping[str, Any], environ: Mapping[str, str], faults: list[Fault]) -> Summaries:
    """Return the settings from the values of their keys. Adds what does not go together to `faults`."""
    endpoint, model = given.get("endpoint") or "", given.get("model") or ""
    if not endpoint:
        return Summaries()
    key = _key(given, environ, faults)
    if "@" in endpoint:  # it would stand in the ledger and in the journal
        faults.append(Fault("summaries.endpoint holds a log-in; name the key by key_env or key_file"))
    if not model:
        faults.append(Fault("summaries.model is missing: which model is to write?"))
    if not (model.isprintable() and len(model) <= 100):
        faults.append(Fault("summaries.model is no name of a model: at most 100 characters that can be printed"))
    if key and not _SAFE.match(f"{endpoint}/"):
        faults.append(Fault("summaries.endpoint would be sent the key in clear text; write https://"))
    timeout, seconds = given.get("timeout") or 20.0, given.get("seconds") or 60.0
    return Summaries(endpoint, model, key, timeout, given.get("calls") or 50, seconds)


def _key(given: Mapping[str, Any], environ: Mapping[str, str], faults: list[Fault]) -> Secret:
    """Return the key, from its variable, from the one that is named, or from its file."""
    found: Secret = given.get("key") or Secret()
    name, file = given.get("key_env") or "", given.get("key_file")
    if not found and name:
        if not _NAME.fullmatch(name):
            faults.append(Fault("summaries.key_env is to be the name of a variable, such as OPENAI_API_KEY"))
            return Secret()
        found = Secret(environ.get(name, "").strip())
        if not found:
            faults.append(Fault(f"summaries.key_env: the variable {name} is not set"))
    if not found and file is not None:
        found = _in_file(file, faults)
    text = found.reveal()
    if not (text.isascii() and (text.isprintable() or not text)):
        faults.append(Fault("the key for summaries holds characters that no request can carry"))
        return Secret()
    return found


def _in_file(file: Path, faults: list[Fault]) -> Secret:
    try:
        return Secret(file.read_text(encoding="utf-8").strip())
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        faults.append(Fault(f"summaries.key_file: {file} cannot be read: {reason}"))
        return Secret()
