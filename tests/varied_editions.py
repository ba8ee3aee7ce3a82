"""Fifty editions as different as they can be: how many papers, in which writing, how hostile, in which theme.

    python tests/varied_editions.py FOLDER

writes each as it would go out: ``.html``, ``.txt``, ``.md`` and the three feeds, for programs that judge them.
"""

import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

from digestbot.editions import compose, fit, moment, retold
from digestbot.facts import Fact
from digestbot.feeds import Feed, FeedEntry
from digestbot.models import Edition, Hit, Link, Match, Paper, PartialDate, Proof, SourceState, Subscription, Updated
from digestbot.rendering import Addresses, Renderer
from digestbot.rendering.mail import size_in_mail
from digestbot.resources import THEMES
from digestbot.weeks import weeks

DUE = datetime(2026, 11, 20, 8, tzinfo=UTC)
UNSUBSCRIBE = "https://digests.example.org/unsubscribe/varied/abcdefghijklmnopqrstuvwxyz?a=1&b=2"
FEED = "https://digests.example.org/feeds/varied/abcdefghijklmnopqrstuvwxyz/atom.xml"
PAGE = "https://digests.example.org/editions/varied/abcdefghijklmnopqrstuvwxyz/20261120T080000000000Z"
ADDRESSES = Addresses(UNSUBSCRIBE, FEED, PAGE)
PROOF = Proof(7, 413, 3, "arxiv:2611.01234", DUE - timedelta(hours=5))
PAST = tuple((DUE - timedelta(days=7 * n, hours=1), (5 * n * n) % 17) for n in range(1, 14))
STATES = tuple(SourceState(f"source-{n}", "stale", "the same as yesterday, " * (n % 5)) for n in range(15))

SENTENCE = "We propose sparse mixtures of experts that route tokens to the parts of a layer which know about them. "
TEX = (
    r"Let $f:\mathbb{R}^{n\times d}\to\mathbb{R}$ be $\alpha$-smooth; we show $\tilde{\mathcal{O}}(\sqrt{T})$ regret, "
    r"$\sum_{i=1}^{n} x_i \leq 10^{-3}$, $\|x\|_2^{2/3}$ and $\frac{a+b}{c}$ for \emph{all} H$_2$O, 90$^\circ$ and "
    r"$\begin{cases} 0 \\ 1 \end{cases}$ with $5 and $6 left. "
)
HOSTILE = (
    "<script>alert(1)</script><img src=x onerror=alert(1)> {{7*7}} {% include 'x' %} ${x} <%= x %> javascript:alert(1) "
    "</td></table><style>*{display:none}</style> ]]> &lt;b&gt; \u202eevil\u202c \x00\x1b[31m [x](javascript:alert(1)) "
    "@import url(x) "
)
NOTE = "# Hello\n\nTwo on *routing*, [see why](https://example.org/?a=1&b=2).\n\n- one\n- two\n\n> quoted `code`"
HOSTILE_NOTE = (
    "> " * 800
    + "\n\n"
    + "- " * 300
    + "deep\n\n<b>raw</b> ![x](http://x.example/p.png) [j](javascript:alert(1))\n\n"
    + "&<" * 900
)


class Varied(NamedTuple):
    """An edition, what it is for, and the theme it is shown in."""

    name: str
    theme: str
    edition: Edition


def paper(number: int, **changes: Any) -> Paper:
    """Return a usual paper; `changes` make it unusual."""
    values: dict[str, Any] = {
        "title": f"Pruning Number {number}: Sparse Experts in Parts",
        "id": f"arxiv:2611.{number:05}",
        "abstract": SENTENCE * (4 + number % 9),
        "authors": ("Ada Lovelace", "Kurt Gödel", "Emmy Noether"),
        "published": PartialDate(2026, 11, 1 + number % 19),
        "categories": ("cs.LG", "stat.ML"),
        "links": (Link(f"https://github.com/lab/{number}", "github", "", "record", f"Code: github.com/lab/{number}"),),
    }
    return Paper(**(values | changes))


def hits(item: Paper) -> tuple[Hit, ...]:
    """Return the first places of a few words."""
    found = []
    for field, text in (("title", item.title), ("abstract", item.abstract)):
        for word, clause in (("Sparse", "spars*"), ("sparse", "spars*"), ("experts", '"mixture of expert"')):
            if (start := text.find(word)) >= 0:
                found.append(Hit(field, start, start + len(word), word, clause))
    return tuple(found)


def made(
    *papers: Paper, proof: Proof = PROOF, updates: tuple[Updated, ...] = (), past: Any = PAST, **changes: Any
) -> Edition:
    """Return the edition of these papers."""
    values: dict[str, Any] = {"id": "varied", "name": "Sparse experts", "query": "spars* AND experts", "limit": 20}
    subscription = Subscription(**(values | changes))
    matches = [Match("varied", item, hits(item)) for item in papers]
    edition = compose(subscription, matches, DUE, replace(proof, matched=len(papers)), updates)
    return replace(edition, weeks=weeks(past, edition.due))


def updated(count: int) -> tuple[Updated, ...]:
    """Return news of every kind."""
    kinds = (
        Fact("withdrawn", "", "This paper has been withdrawn due to an error in Lemma 2"),
        Fact("code", "", "Code: https://github.com/lab/x", "https://github.com/lab/x"),
        Fact("venue", "ICML 2026", "Accepted at ICML 2026 (oral)"),
        Fact("version", "3", "v1 → v3"),
    )
    return tuple(Updated(paper(n), kinds[n % 4 : n % 4 + 1 + n % 3]) for n in range(count))


def papers(count: int, **changes: Any) -> list[Paper]:
    """Return so many papers, each with the same changes."""
    return [paper(number, **changes) for number in range(count)]


def unusual() -> dict[str, Paper]:
    """Return papers that have something about them."""
    links = tuple(Link(f"http://host{n}.example/{'x' * 80}", "other", "", "record", "see " * 30) for n in range(12))
    return {
        "no-abstract": paper(1, abstract="", authors=(), author_count=6, links=()),
        "no-address": paper(2, id="title:0f3a", links=(), promises_code=True),
        "many-authors": paper(3, authors=tuple(f"Author Number {n} of the Collaboration" for n in range(3000))),
        "long-author": paper(4, authors=("Wolfeschlegelsteinhausen" * 40,), organization="O" * 300),
        "arabic": paper(
            5,
            title="تعلم الآلة: sparse experts في أجزاء",
            abstract="نقترح sparse experts جديدة. " * 20,
            authors=("محمد الخوارزمي",),
        ),
        "hebrew": paper(6, title="שלום (sparse) עולם", abstract="אנחנו מציעים experts. " * 20, authors=("דוד המלך",)),
        "chinese": paper(
            7,
            title="稀疏专家混合模型的路由方法",
            abstract="我们提出一种新的方法，将词元路由到专家。" * 30,
            authors=("王小明", "李华"),
        ),
        "japanese": paper(
            8, title="疎な専門家の混合", abstract="本論文では新しい手法を提案する。" * 30, authors=("山田太郎",)
        ),
        "tex": paper(9, title=r"$\tilde{O}(n^{2/3})$ Bounds for $k$-Sparse $\ell_\infty$ Experts", abstract=TEX * 4),
        "hostile": paper(
            10,
            title=HOSTILE,
            abstract=HOSTILE * 8,
            authors=(HOSTILE,) * 3,
            categories=(HOSTILE,),
            venue=HOSTILE,
            comments=HOSTILE,
            url="javascript:x",
        ),
        "unbroken": paper(11, title="x" * 400, abstract="y" * 5000, authors=("z" * 200,), comments="w" * 500),
        "many-links": paper(12, links=links, url="http://plain.example/paper"),
        "emoji": paper(13, title="👩‍🔬 Experts 🔥 in 🅿arts", abstract="We 🔥 propose 👨‍👩‍👧‍👦 sparse experts. " * 40),
        "marks": paper(14, title="Z̷̡̛a̸͎͝l̴̰̽g̶̤̈́o̵̼͐ Experts", abstract="s̷p̶a̴r̵s̷e̴ sparse " * 60),
        "whole": paper(
            15,
            venue="ICML 2026",
            comments="12 pages, sparse",
            upvotes=12,
            score=19.4,
            machine_summary="Keeps what matters.",
            organization="Example Lab",
        ),
    }


def of_papers() -> Iterator[tuple[str, Edition]]:
    """Yield editions that differ in their papers."""
    for count in (1, 3, 5, 10, 20, 30, 50, 100, 200, 300):
        yield f"papers-{count}", made(*papers(count))
    yield "limit-100", made(*papers(300), limit=100)
    yield "long-abstracts", made(*papers(25, abstract="'sparse' & <experts> " * 200), limit=25)
    yield "long-titles", made(*papers(60, title="Sparse 'experts' & <more> " * 20), limit=5)
    told = made(*papers(8, links=(), promises_code=False))
    yield "no-code", retold(told, {card.paper.id: SENTENCE for card in told.cards}, "a <model> & more")
    odd = unusual()
    for name, item in odd.items():
        yield name, made(item, paper(99))
    yield "all-unusual", made(*odd.values())
    yield "hostile-many", made(*papers(60, title=HOSTILE, abstract=HOSTILE * 10, authors=(HOSTILE,) * 6))


def of_the_rest() -> Iterator[tuple[str, Edition]]:
    """Yield editions that differ in everything but their papers."""
    few, news = papers(3), updated(12)
    for number, proof in enumerate((Proof(), Proof(1), Proof(5, 413), replace(PROOF, faults=STATES))):
        yield f"empty-{number}", made(proof=proof)
    yield "updates", made(*few, updates=news)
    yield "updates-only", made(updates=news)
    yield "updates-one", made(updates=news[:1])
    yield "updates-many", made(*papers(60), updates=updated(60))
    yield "faults", made(*few, proof=replace(PROOF, faults=STATES))
    yield (
        "note",
        made(
            *few,
            note=NOTE,
        ),
    )
    yield "note-hostile", made(*few, note=HOSTILE_NOTE)
    yield "note-long", made(*papers(25), note="A **long** note & more. " * 300)
    yield "name-hostile", made(*few, name=HOSTILE[:150], query=HOSTILE)
    yield "name-arabic", made(*few, name="خبراء متفرقون", query="title:خبراء")
    yield "query-long", made(*few, query=" OR ".join(f'"phrase number {n}"' for n in range(60)))
    yield "weeks-few", made(*few, past=PAST[:3])
    yield "weeks-none", made(*few, past=PAST[:2])
    yield "weeks-huge", made(*few, past=[(due, 1234 * n) for n, (due, _) in enumerate(PAST)])
    yield "zone", made(*few, timezone="Asia/Kathmandu")


def varied() -> Iterator[Varied]:
    """Yield the fifty, each in one of the themes."""
    for number, (name, edition) in enumerate((*of_papers(), *of_the_rest())):
        theme = THEMES[number % len(THEMES)]
        yield Varied(f"{number:02}-{name}-{theme}", theme, edition)


def fitted(renderer: Renderer, edition: Edition) -> Edition:
    """Return what of the edition goes into a mail."""
    return fit(edition, lambda item: size_in_mail(renderer.html(item, ADDRESSES)))


def feed_of(edition: Edition, file: str) -> Feed:
    """Return the feed of what the edition shows."""
    shown = enumerate((*edition.cards, *edition.lines))
    entries = tuple(FeedEntry(card, DUE - timedelta(seconds=n)) for n, card in shown)
    url = FEED.replace("atom.xml", file)
    return Feed(edition.subscription, "digests.example.org", max(map(moment, entries), default=DUE), entries, url)


def main(folder: Path) -> None:
    """Write all forms of all editions into `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, theme, whole in varied():
        renderer = Renderer(theme=theme)
        edition = fitted(renderer, whole)
        place = folder / name
        place.with_suffix(".html").write_text(renderer.html(edition, ADDRESSES), encoding="utf-8")
        place.with_suffix(".txt").write_text(renderer.text(edition, ADDRESSES), encoding="utf-8")
        place.with_suffix(".md").write_text(renderer.markdown(edition), encoding="utf-8")
        place.with_suffix(".rss.xml").write_bytes(renderer.rss(feed_of(edition, "rss.xml")))
        place.with_suffix(".atom.xml").write_bytes(renderer.atom(feed_of(edition, "atom.xml")))
        place.with_suffix(".feed.json").write_bytes(renderer.json_feed(feed_of(edition, "feed.json")))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
