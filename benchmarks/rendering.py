"""Editions rendered per second, beside Jinja alone, and the memory that ten thousand of them take.

    python benchmarks/rendering.py [EDITIONS]

An edition has ten papers and is rendered as HTML and as text. The peer renders the same templates with the same Jinja
from values that are ready: no reading of TeX (a third of the abstracts hold some), no marks to find, no addresses to
check, nothing to make harmless but Jinja's own escaping, no lines to break. Both run in turns, in processor time; the
ratio is that of the medians.

It is told twice: for one day's 400 papers, of which each of 2,000 people gets ten, most of them with words of their own
marked, which is what a round of publishing does; and for papers that nobody got before, as for the first of them.

Before, EDITIONS (10,000) are composed and rendered, each of papers with other ids and links and the words of one
language, with the peak memory after a tenth of them and at the end.
"""

import random
import resource
import statistics
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import fields, is_dataclass, replace
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template, select_autoescape
from markupsafe import Markup, escape

from digestbot import resources
from digestbot.editions import compose
from digestbot.models import Edition, Hit, Link, Match, Paper, Proof, Subscription
from digestbot.rendering import Addresses, Renderer
from digestbot.rendering.notes import Note
from digestbot.rendering.pages import edition_view
from digestbot.rendering.passages import Passages
from digestbot.weeks import weeks

DUE = datetime(2026, 11, 20, 8, tzinfo=UTC)
STOP = "https://digests.example.org/unsubscribe/sparse/abc"
ADDRESSES = Addresses(STOP)
ROUNDS, EACH = 15, 20
SENTENCE = "We propose sparse mixtures of experts that route tokens to those parts of layer %d which know about them. "
TEX = r"It takes $\mathcal{O}(n^2)$ steps and $\alpha_i \leq 10^{-3}$. "


def papers(number: int) -> Iterator[Paper]:
    for n in range(number * 10, number * 10 + 10):
        yield Paper(
            f"Pruning Number {n % 1000}: Sparse Experts and their Parts",
            id=f"arxiv:2611.{n % 100_000:05}",
            abstract=SENTENCE % (n % 1000) * 10 + TEX * (n % 3 == 0),
            authors=(f"Ada Lovelace {n % 1000}", "Kurt Gödel", "Emmy Noether", f"Alan Turing {n % 1000}"),
            categories=("cs.LG", "stat.ML"),
            links=(Link(f"https://github.com/lab/{n}", "github", "", "record", f"Code: github.com/lab/{n}"),),
        )


def edition(number: int) -> Edition:
    """Return an edition of ten papers that no other edition has."""
    return of_papers(papers(number), ("sparse", "experts"))


def of_a_day(number: int) -> Edition:
    """Return an edition of ten of a day's papers, for somebody who asked for two of a few words."""
    chance = random.Random(number)
    mine = chance.sample(DAY, 10)
    return of_papers(mine, sorted(chance.sample(("sparse", "experts", "tokens", "layer"), 2)))


def of_papers(papers: Iterable[Paper], words: Sequence[str]) -> Edition:
    subscription = Subscription("sparse", "Sparse experts", " ".join(words), note="Ten on *routing*.")
    matches = [Match("sparse", paper, tuple(hits(paper, words))) for paper in papers]
    past = [(DUE - timedelta(weeks=n), n) for n in range(1, 9)]
    made = compose(subscription, matches, DUE, Proof(5, 413, 10, "arxiv:2611.00001", DUE))
    return replace(made, weeks=weeks(past, made.due))


def hits(paper: Paper, words: Sequence[str]) -> Iterator[Hit]:
    for name, text in (("title", paper.title), ("abstract", paper.abstract)):
        for word in (form for each in words for form in (each, each.title())):
            if (start := text.find(word)) >= 0:
                yield Hit(name, start, start + len(word), word, word.lower())


DAY = tuple(paper for number in range(40) for paper in papers(number))


class Pieces(tuple[Any, ...]):
    """A text in pieces as a template prints it."""

    def tinted(self, style: str, *, bold: bool = False) -> Markup:
        opening, closing = f'<mark style="{style}">{"<b>" * bold}', f"{'</b>' * bold}</mark>"
        pieces = (f"{opening}{escape(text)}{closing}" if marked else escape(text) for text, marked in self)
        return Markup("".join(pieces))

    def __str__(self) -> str:
        return "".join(text for text, _ in self)


def ready(value: Any, form: str) -> Any:
    """Return a view with nothing left to do for a template of this form."""
    if isinstance(value, Note):
        return value.printed("html" if form == "html" else "plain") if value else ""
    if isinstance(value, Passages):
        return Pieces(value) if form == "html" else str(value)
    if isinstance(value, tuple):
        return tuple(ready(item, form) for item in value)
    if is_dataclass(value):
        names = [item.name for item in fields(value)]
        names += [name for name, item in vars(type(value)).items() if isinstance(item, property)]
        return SimpleNamespace(**{name: ready(getattr(value, name), form) for name in names})
    return value


def bare(form: str) -> Template:
    """Return the template of an edition by Jinja alone, which prints each paper where it stands."""
    environment = Environment(
        loader=FileSystemLoader(resources.templates()),
        undefined=StrictUndefined,
        autoescape=select_autoescape(("html", "xml")),
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )

    def paper_block(card: Any) -> str:
        text = environment.get_template(f"_paper.{form}").render(card=card)
        return Markup(text) if form == "html" else text

    environment.globals["paper_block"] = paper_block
    return environment.get_template(f"edition.{form}")


def seconds(work: Callable[[int], object], first: int) -> float:
    """Return the processor time of one edition."""
    start = time.process_time()
    for number in range(first, first + EACH):
        work(number)
    return (time.process_time() - start) / EACH


def speed(renderer: Renderer, make: Callable[[int], Edition], start: int) -> None:
    made = [make(start + number) for number in range((ROUNDS + 1) * EACH)]
    views = [edition_view(item) for item in made]
    values = [{form: ready(view, form) for form in ("html", "txt")} for view in views]
    templates = {form: bare(form) for form in ("html", "txt")}

    def ours(number: int) -> None:
        renderer.html(made[number], ADDRESSES)
        renderer.text(made[number], ADDRESSES)

    def peer(number: int) -> None:
        for form, template in templates.items():
            template.render(edition=values[number][form])

    times: dict[str, list[float]] = {"digestbot": [], "Jinja": []}
    for turn in range(ROUNDS + 1):
        for name, work in (("digestbot", ours), ("Jinja", peer)):
            took = seconds(work, turn * EACH)
            times[name] += [took] if turn else []  # the first turn warms up
    medians = {name: statistics.median(taken) for name, taken in times.items()}
    for name, median in medians.items():
        print(f"{name:<10} {1 / median:>7.0f} editions/s   {1000 * median:.2f} ms")
    print(f"ratio      {medians['Jinja'] / medians['digestbot']:>7.2f}")


def memory(renderer: Renderer, count: int) -> None:
    for number in range(count):
        item = edition(number)
        renderer.html(item, ADDRESSES)
        renderer.text(item, ADDRESSES)
        if number + 1 in {max(1, count // 10), count}:
            scale = 1e6 if sys.platform == "darwin" else 1e3
            print(f"peak after {number + 1:>6} {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / scale:>7.1f} MB")


def main(arguments: list[str]) -> None:
    renderer = Renderer()
    memory(renderer, int(arguments[0]) if arguments else 10_000)
    print("papers that nobody got before")
    speed(renderer, edition, 50_000)
    print("a day's papers")
    for number in range(2000):
        item = of_a_day(number)
        renderer.html(item, ADDRESSES)
        renderer.text(item, ADDRESSES)
    speed(renderer, of_a_day, 2000)


if __name__ == "__main__":
    main(sys.argv[1:])
