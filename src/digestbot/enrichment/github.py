"""GitHub: the repository, its README in the branch that the link names, its latest release (REST API, 2022-11-28)."""

import base64
import binascii
from typing import Final
from urllib.parse import quote

from digestbot.enrichment import readmes
from digestbot.enrichment.asking import Asking, Said, number, record, text
from digestbot.enrichment.forges import repository
from digestbot.enrichment.targets import Target
from digestbot.visits import Visit

_VERSION: Final = {"Accept": "application/vnd.github+json", "X-GitHub-Api-Version": "2022-11-28"}


def visit(target: Target, asking: Asking) -> Visit:
    """Return what is found at a repository. Raises FetchError, LimitedError, SpentError."""
    api = asking.apis["github"]
    headers = {**_VERSION, **api.headers}
    asked = f"{target.owner}/{target.name}"
    said = asking.said(f"{api.url}/repos/{quote(asked)}", _repository, headers)
    here = f"{api.url}/repos/{quote(said['full'] or asked)}"
    branch = f"?ref={quote(target.branch, safe='')}" if target.branch else ""
    readme = asking.maybe(f"{here}/readme{branch}", _readme, headers)
    release = asking.maybe(f"{here}/releases/latest", _release, headers)
    return repository(target, asked, {**said, **release}, readme)


def _repository(data: bytes) -> Said:
    found = record(data)
    licence = text(found, "license", "spdx_id")
    return {
        "full": text(found, "full_name"),
        "page": text(found, "html_url"),
        "archived": found.get("archived") is True,
        "licence": text(found, "license", "name") if licence == "NOASSERTION" else licence,
        "stars": number(found, "stargazers_count"),
        "pushed": text(found, "pushed_at"),
        "language": text(found, "language"),
        "empty": number(found, "size") == 0,
    }


def _release(data: bytes) -> Said:
    return {"release": text(record(data), "tag_name")}


def _readme(data: bytes) -> Said:
    content = record(data).get("content")
    try:
        words = base64.b64decode(content, validate=False).decode("utf-8", "replace") if isinstance(content, str) else ""
    except (binascii.Error, ValueError):
        words = ""
    return readmes.read(words)
