"""Where the files that travel with the program lie: inside the wheel, or at the top of a checkout."""

from pathlib import Path

_HERE = Path(__file__).resolve().parent


def templates() -> Path:
    """Return the folder of the templates that editions and feeds are rendered with."""
    return _folder("templates")


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
