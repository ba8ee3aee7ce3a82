"""The page that lists what templates see is made from the code: `--update-golden` writes it anew."""

import typing
from collections.abc import Callable, Iterator
from dataclasses import is_dataclass
from pathlib import Path

import pytest

from digestbot.rendering import feeds, pages, updates, views

PAGE = Path(__file__).parents[1] / "docs" / "template-types.md"
HEAD = """# What templates see, with types

Made from the code; [Templates](templates.md) says what each name holds. `Passages` is text with marks, `Address` an
address with `secure`, `Note` the editor's note; all of them print themselves as text that is safe for the form.
"""
ROOTS: tuple[tuple[str, type], ...] = (
    ("edition", pages.EditionView),
    ("card", views.CardView),
    ("feed", feeds.FeedView),
)
MODULES = (feeds, pages, updates, views)


def spelled(kind: object) -> str:
    """Return a type as the page writes it."""
    arguments = typing.get_args(kind)
    if typing.get_origin(kind) is tuple:
        return f"list of {spelled(arguments[0])}"
    if typing.get_origin(kind) is typing.Literal:
        return ", ".join(f"`{item}`" for item in arguments)
    if arguments:
        return " or ".join(spelled(item) for item in arguments)
    return "None" if kind is type(None) else f"`{getattr(kind, '__name__', kind)}`"


def names(view: type) -> Iterator[tuple[str, object]]:
    """Yield each name that a template can ask a view for, with its type."""
    space = {name: item for module in MODULES for name, item in vars(module).items()}
    hints = typing.get_type_hints(view, localns=space)
    yield from ((name, hint) for name, hint in hints.items() if not name.startswith("_"))
    for name, item in vars(view).items():
        if isinstance(item, property) and item.fget:
            yield name, typing.get_type_hints(item.fget, localns=space)["return"]


def views_below(view: type, found: dict[str, type]) -> dict[str, type]:
    """Return a view and those that it holds, in the order in which they are met."""
    if view.__name__ in found:
        return found
    found[view.__name__] = view
    for _, kind in names(view):
        for part in (kind, *typing.get_args(kind)):
            if isinstance(part, type) and is_dataclass(part) and part.__module__.startswith("digestbot.rendering"):
                views_below(part, found)
    return found


def page() -> str:
    """Return the whole page."""
    found: dict[str, type] = {}
    for _, root in ROOTS:
        views_below(root, found)
    called = {root.__name__: name for name, root in ROOTS}
    parts = [HEAD]
    for name, view in found.items():
        title = f"`{called[name]}`: {name}" if name in called else name
        rows = [f"| `{item}` | {spelled(kind)} |" for item, kind in names(view)]
        parts.append("\n".join([f"## {title}", "", "| name | type |", "|---|---|", *rows, ""]))
    return "\n".join(parts)


def test_the_page_is_what_the_code_says(request: pytest.FixtureRequest) -> None:
    if request.config.getoption("--update-golden"):
        PAGE.write_text(page(), encoding="utf-8")

    assert PAGE.read_text(encoding="utf-8") == page()


@pytest.mark.parametrize(("name", "view"), [*ROOTS, ("proof", pages.ProofView)])
def test_every_name_is_explained(name: str, view: type) -> None:
    explained = PAGE.with_name("templates.md").read_text(encoding="utf-8")

    assert [item for item, _ in names(view) if f"`{item}`" not in explained] == []


def test_the_reference_finds_what_is_nested() -> None:
    found = views_below(pages.EditionView, {})
    made: Callable[[str], bool] = found.__contains__

    assert made("LinkView")
    assert made("ProofView")
