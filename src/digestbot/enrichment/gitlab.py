"""GitLab, on gitlab.com and on hosts of its own: the project, its languages, README and releases (REST API v4)."""

from urllib.parse import quote

from digestbot.enrichment import readmes
from digestbot.enrichment.asking import Api, Asking, Said, from_json, number, record, text
from digestbot.enrichment.forges import repository
from digestbot.enrichment.targets import Target
from digestbot.visits import Visit


def visit(target: Target, asking: Asking) -> Visit:
    """Return what is found at a project. Raises FetchError, LimitedError, SpentError."""
    api = asking.apis["gitlab"] if target.host == "gitlab.com" else Api(f"https://{target.host}/api/v4")
    asked = f"{target.owner}/{target.name}"
    said = asking.said(f"{api.url}/projects/{quote(asked, safe='')}?license=true", _project, api.headers)
    here = f"{api.url}/projects/{said['id'] or quote(asked, safe='')}"
    spoken = asking.maybe(f"{here}/languages", _languages, api.headers)
    file, branch = said["readme"], target.branch or said["branch"]
    address = f"{here}/repository/files/{quote(file, safe='')}/raw?ref={quote(branch, safe='')}"
    readme = asking.maybe(address, _readme, api.headers) if file and branch else {}
    release = asking.maybe(f"{here}/releases?per_page=1", _release, api.headers)
    return repository(target, asked, {"language": "", **said, **spoken, **release}, readme)


def _project(data: bytes) -> Said:
    found = record(data)
    branch = text(found, "default_branch")
    behind = text(found, "readme_url").partition(f"/-/blob/{branch}/")[2]
    return {
        "id": number(found, "id"),
        "full": text(found, "path_with_namespace"),
        "page": text(found, "web_url"),
        "archived": found.get("archived") is True,
        "licence": text(found, "license", "name"),
        "stars": number(found, "star_count"),
        "pushed": text(found, "last_activity_at"),
        "branch": branch,
        "readme": behind or "README.md",
        "empty": found.get("empty_repo") is True or not branch,
    }


def _languages(data: bytes) -> Said:
    shares = {name: share for name, share in record(data).items() if isinstance(share, int | float)}
    return {"language": max(shares, key=lambda name: shares[name], default="")}


def _release(data: bytes) -> Said:
    found = from_json(data)
    return {"release": text(found[0], "tag_name") if isinstance(found, list) and found else ""}


def _readme(data: bytes) -> Said:
    return readmes.read(data.decode("utf-8", "replace"))
