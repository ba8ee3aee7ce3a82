import importlib.util
import shutil
from pathlib import Path

from digestbot import resources


def test_a_checkout_has_them_at_its_top() -> None:
    assert (resources.templates() / "edition.html").is_file()
    assert any(resources.sample_seeds().iterdir())
    assert any(resources.sample_subscriptions().glob("*.toml"))


def test_a_wheel_has_them_inside(tmp_path: Path) -> None:
    package = tmp_path / "site-packages" / "digestbot"
    (package / "_data" / "templates").mkdir(parents=True)
    (tmp_path / "templates").mkdir()
    shutil.copy(resources.__file__, package)
    spec = importlib.util.spec_from_file_location("shipped", package / "resources.py")
    assert spec is not None
    assert spec.loader is not None
    shipped = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(shipped)

    assert shipped.templates() == package / "_data" / "templates"
