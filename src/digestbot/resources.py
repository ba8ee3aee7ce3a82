"""Where the files that travel with the program lie: inside the wheel, or at the top of a checkout."""

from pathlib import Path
from typing import Final

THEMES: Final = ("full", "compact", "plain")
"""What editions can look like, as shipped."""
_HERE = Path(__file__).resolve().parent


def templates() -> Path:
    """Return the folder of the templates that editions and feeds are rendered with."""
    return _folder("templates")


def theme(name: str) -> Path | None:
    """Return the folder of a theme's own templates; None for the full one, which has none of its own."""
    return None if name == "full" else templates() / "themes" / name


def sample_seeds() -> Path:
    """Return the folder of the sample digests."""
    return _folder("seeds")


def sample_subscriptions() -> Path:
    """Return the folder of the sample subscriptions."""
    return _folder("subscriptions")


def _folder(name: str) -> Path:
    # The wheel comes first: beside an installed package a stranger's folder may have the same name.
    shipped = _HERE / "_data" / name
    return shipped if shipped.is_dir() else _HERE.parents[1] / name
