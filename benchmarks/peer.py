"""The script that one writes on a Friday: feedparser, a few regular expressions, a page for each subscription.

    python benchmarks/peer.py DIGESTS QUERIES OUT

DIGESTS is a folder, QUERIES a file of lines ``name<TAB>words``; all words must be in title or abstract. It stands
beside digestbot in benchmarks/run.py and does the same job as far as it goes: it takes a line for a title and a long
line for its abstract, knows no authors, dates or schedules, forgets everything, and sends the same again tomorrow.
"""

import html
import re
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

import feedparser

URL = re.compile(r"https?://(?:github|gitlab|huggingface)[^\s)}]+")


def papers(path: Path) -> Iterator[tuple[str, str]]:
    if path.suffix == ".xml":
        for entry in feedparser.parse(path.read_bytes()).entries:
            yield entry.title, entry.get("summary", "")
        return
    title = ""
    for line in path.read_text(encoding="utf-8", errors="replace").splitlines():
        if len(line) > 200:
            yield title, line
        elif line.strip():
            title = line.strip()


def page(name: str, found: Iterable[tuple[str, str]]) -> str:
    items = "".join(
        f"<h2>{html.escape(title)}</h2><p>{html.escape(abstract)}</p>"
        + "".join(f'<a href="{html.escape(url)}">code</a>' for url in URL.findall(abstract))
        for title, abstract in found
    )
    return f"<!doctype html><title>{html.escape(name)}</title>{items}"


def main(digests: str, queries: str, out: str) -> None:
    seen = {title: abstract for path in sorted(Path(digests).iterdir()) for title, abstract in papers(path)}
    Path(out).mkdir(parents=True, exist_ok=True)
    for line in Path(queries).read_text(encoding="utf-8").splitlines():
        name, words = line.split("\t")
        patterns = [re.compile(rf"\b{re.escape(word)}", re.IGNORECASE) for word in words.split()]
        found = [paper for paper in seen.items() if all(p.search(" ".join(paper)) for p in patterns)]
        if found:
            (Path(out) / f"{name}.html").write_text(page(name, found), encoding="utf-8")


main(*sys.argv[1:])
