"""HTML made for mail programs as a page of the web: styles and looks of single elements move into a style sheet.

Mail programs want every style inside its element and tables with attributes of the nineties; a policy that lets no
stranger's style in wants neither. Both say the same, so one is made from the other, and a page looks like its mail.
"""

import re
from collections.abc import Mapping
from html import unescape
from typing import Final

_TAG: Final = re.compile(r"<([a-z][a-z0-9]{0,9})((?:\s+[a-z-]+(?:=\"[^\"<>]*\")?)+)\s*(/?)>")
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
_PLAIN: Final = "table{border-spacing:0;margin:0 auto}td{padding:0}body{display:flow-root}"
"""What the attributes say that mail's tables have in common."""


def lifted(html: str) -> str:
    """Return a page that says and looks the same without a style or a look in any element.

    Each different style becomes a class of one more ``<style>``, before those that the page has: they overrule it.
    """
    classes: dict[str, str] = {}

    def moved(tag: re.Match[str]) -> str:
        name, attributes, end = tag.groups()
        found = dict(_ATTRIBUTE.findall(attributes))
        style = _style(name, found)
        if style:
            known = classes.setdefault(style, f"s{len(classes)}")
            found["class"] = f"{found.get('class', '')} {known}".strip()
        return f"<{name}{''.join(_printed(key, value) for key, value in found.items())}{end}>"

    page = _TAG.sub(moved, _CONDITIONAL.sub("", html))
    sheet = _PLAIN + "".join(f".{name}{{{style}}}" for style, name in classes.items())
    page = page.replace("<style>", f"<style>{sheet}</style>\n<style>", 1)
    page = page.replace("<title>", '<meta name="robots" content="noindex, nofollow">\n<title>', 1)
    return page if _FRAME.search(page) else _framed(page)


def _style(name: str, found: dict[str, str]) -> str:
    """Take what only mail programs need out of the attributes of an element; return it as a style."""
    looks = [form.format(value) for key, form in _LOOKS.items() if (value := found.pop(key, "")) and form]
    if name in {"table", "td", "tr"}:
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
