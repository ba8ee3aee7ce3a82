"""What the two forges have in common: from what was said of a repository and in its README to a visit."""

from datetime import UTC, datetime

from digestbot.enrichment.asking import Said
from digestbot.enrichment.targets import Target
from digestbot.visits import Visit, VisitState


def repository(target: Target, asked: str, said: Said, readme: Said) -> Visit:
    """Return the visit to a repository that was asked for as ``owner/name``."""
    moved = said["full"] and said["full"].casefold() != asked.casefold()
    return Visit(
        target.url,
        _state(said, readme),
        moved_to=said["page"] if moved else "",
        archived=said["archived"],
        licence=said["licence"],
        stars=said["stars"],
        pushed=moment(said["pushed"]),
        language=said["language"],
        release=said.get("release", ""),
        weights=tuple(readme.get("weights", ())),
        datasets=tuple(readme.get("datasets", ())),
        readme=readme.get("words", ""),
    )


def _state(said: Said, readme: Said) -> VisitState:
    """Return how it stands. A README may mean a part; so only one without code beside it is believed."""
    if said["language"]:
        return "alive"
    if readme.get("coming"):
        return "coming"
    return "empty" if said["empty"] and not readme.get("words") else "alive"


def moment(text: str) -> datetime | None:
    """Return a moment that a host printed (RFC 3339), aware; None for what is none."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)
