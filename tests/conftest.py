"""What the tests share: a paper by a few words, golden files, and how hard the property tests look."""

import gc
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

from digestbot.models import Paper

GOLDEN = Path(__file__).parent / "golden"

# A busy machine is no fault of the code: time is measured in the benchmarks, not here.
settings.register_profile("default", max_examples=90, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("ci", settings.get_profile("default"), max_examples=2000)
settings.load_profile("ci" if os.environ.get("CI") else "default")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Count no branch that a law reaches: it reaches others in each run, and counting makes it twice as slow.

    For the same reason tests of bounds, and of what lies beside the checkout of some, are marked so by hand.
    """
    for item in items:
        if getattr(getattr(item, "obj", None), "is_hypothesis_test", False):
            item.add_marker(pytest.mark.no_cover)


def pytest_collection_finish() -> None:
    """Take what is there for good out of the collector's sight: walking over it takes a tenth of the time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 50, 100)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update-golden", action="store_true", help="write tests/golden anew from what the code gives")


@pytest.fixture
def paper() -> Callable[..., Paper]:
    """Return a factory: ``paper()`` is a whole one, ``paper(title="…")`` changes what is named."""

    def make(title: str = "Union of Experts: Routing in Parts", **changes: Any) -> Paper:
        values: dict[str, Any] = {
            "id": "arxiv:2503.02495",
            "abstract": "Mixtures of experts grow fast. In this paper, we propose to route in parts.",
            "authors": ("Ada Lovelace", "Kurt Gödel"),
        }
        return Paper(title=title, **(values | changes))

    return make


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Callable[[str, str | bytes], None]:
    """Return a check: ``golden("edition.md", text)`` holds the text against tests/golden/edition.md."""
    update = request.config.getoption("--update-golden")

    def check(name: str, actual: str | bytes) -> None:
        data = actual if isinstance(actual, bytes) else actual.encode()
        path = GOLDEN / name
        if update:
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(data)
        assert data.decode() == path.read_bytes().decode()

    return check
