"""HTML made for mail programs as a page of the web: what is there for looks alone moves into a style sheet.

Mail programs want every style inside its element, and tables to lay things out with. A policy that lets no stranger's
style in wants no such style, and who listens to a page wants no such table. Both say the same, so one is made from the
other, and a page looks like its mail.
"""

import re
from collections.abc import Mapping
from html import unescape
from typing import Final

_TAG: Final = re.compile(r"<(/?)([a-z][a-z0-9]{0,9})((?:\s+[a-z-]+(?:=\"[^\"<>]*\")?)*)\s*(/?)>")
_ATTRIBUTE: Final = re.compile(r"\s+([a-z-]+)(?:=\"([^\"<>]*)\")?")
_CONDITIONAL: Final = re.compile(r"<!--\[if [^\]]{1,40}\]>.*?<!\[endif\]-->", re.DOTALL)
_FRAME: Final = re.compile(r"<main\b")

_LOOKS: Final[Mapping[str, str]] = {
    "align": "text-align:{}",
    "valign": "vertical-align:{}",
    "bgcolor": "background-color:{}",
    "cellpadding": "",
    "cellspacing": "",
    "border": "",
}
_SIZES: Final = ("width", "height")
_CELLS: Final = frozenset({"table", "tbody", "tr", "td"})
_PLAIN: Final = (
    ".lay-table{display:table;border-spacing:0;margin:0 auto}.lay-tbody{display:table-row-group}"
    ".lay-tr{display:table-row}.lay-td{display:table-cell;overflow-wrap:anywhere}body{display:flow-root}"
)
"""What the tables that lay things out have in common."""


def lifted(html: str) -> str:
    """Return a page that says and looks the same without a style, a look or a table for looks in its elements.

    Each different style becomes a class of one more ``<style>``, before those that the page has: they overrule it.
    """
    sheet = _Sheet()
    page = _TAG.sub(sheet.moved, _CONDITIONAL.sub("", html))
    page = page.replace("<style>", f"<style>{sheet.text()}</style>\n<style>", 1)
    page = page.replace("<title>", '<meta name="robots" content="noindex, nofollow">\n<title>', 1)
    return page if _FRAME.search(page) else _framed(page)


class _Sheet:
    """The style sheet of one page, as it comes together tag by tag."""

    def __init__(self) -> None:
        self._classes: dict[str, str] = {}
        self._for_looks: list[bool] = []
        """Of each table that is open, whether it only lays things out."""

    def text(self) -> str:
        """Return the sheet."""
        return _PLAIN + "".join(f".{name}{{{style}}}" for style, name in self._classes.items())

    def moved(self, tag: re.Match[str]) -> str:
        """Return a tag without what is there for looks alone."""
        close, name, attributes, end = tag.groups()
        found = dict(_ATTRIBUTE.findall(attributes))
        as_block = self._lays_out(close, name, found)
        if close:
            return f"</{'div' if as_block else name}>"
        classes = [found.get("class", ""), f"lay-{name}" if as_block else "", self._class(_style(name, found))]
        if told := " ".join(filter(None, classes)):
            found["class"] = told
        return f"<{'div' if as_block else name}{''.join(_printed(*item) for item in found.items())}{end}>"

    def _lays_out(self, close: str, name: str, found: dict[str, str]) -> bool:
        """Tell whether a tag is one of a table that only lays things out; take its role away."""
        if name not in _CELLS:
            return False
        if name == "table" and not close:
            self._for_looks.append(found.get("role") == "presentation" and bool(found.pop("role")))
        is_so = bool(self._for_looks) and self._for_looks[-1]
        if name == "table" and close and self._for_looks:
            self._for_looks.pop()
        return is_so

    def _class(self, style: str) -> str:
        return self._classes.setdefault(style, f"s{len(self._classes)}") if style else ""


def _style(name: str, found: dict[str, str]) -> str:
    """Take what only mail programs need out of the attributes of an element; return it as a style."""
    looks = [form.format(value) for key, form in _LOOKS.items() if (value := found.pop(key, "")) and form]
    if name in _CELLS:
        looks += [f"{key}:{_length(value)}" for key in _SIZES if (value := found.pop(key, ""))]
    own = unescape(found.pop("style", "")).replace("<", "").strip(" ;")
    return ";".join(filter(None, (*looks, own)))


def _length(value: str) -> str:
    return f"{value}px" if value.isdigit() else value


def _printed(key: str, value: str) -> str:
    return f' {key}="{value}"' if value else f" {key}"


def _framed(page: str) -> str:
    """Return the page with its content in the element that says so, for those who listen to it."""
    page = re.sub(r"(<body\b[^>]*>)", r"\1\n<main>", page, count=1)
    return page.replace("</body>", "</main>\n</body>", 1)
