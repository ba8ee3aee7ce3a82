"""Zenodo: the record of a deposit. One that was taken back is answered with 410 and a tombstone."""

from digestbot.enrichment.asking import Asking, Said, record, text
from digestbot.enrichment.forges import moment
from digestbot.enrichment.targets import Target
from digestbot.text import fold
from digestbot.visits import Visit


def visit(target: Target, asking: Asking) -> Visit:
    """Return what is found at a deposit. Raises FetchError, LimitedError, SpentError."""
    api = asking.apis["zenodo"]
    said = asking.said(f"{api.url}/records/{target.name}", _record, api.headers)
    return Visit(
        target.url,
        "alive" if said["files"] else "empty",
        licence=said["licence"],
        pushed=moment(said["pushed"]),
        release=said["release"],
        datasets=(target.url,) if said["type"] == "dataset" else (),
        readme=said["words"],
    )


def _record(data: bytes) -> Said:
    found = record(data)
    about = found.get("metadata")
    about = about if isinstance(about, dict) else {}
    related = about.get("related_identifiers")
    papers = [text(item, "identifier") for item in related[:20]] if isinstance(related, list) else []
    description = about.get("description")
    files = found.get("files")
    return {
        "licence": text(about, "license", "id"),
        "pushed": text(found, "modified") or text(found, "updated"),
        "release": text(about, "version"),
        "type": text(about, "resource_type", "type"),
        "files": text(about, "access_right") not in {"", "open"} or bool(files),
        "words": fold(" ".join([text(about, "title"), *papers, str(description or "")[:20_000]])),
    }
