import json
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from typing import Any

import feedparser
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digestbot.editions import card
from digestbot.facts import Fact
from digestbot.feeds import Feed, FeedEntry
from digestbot.models import Hit, Match, Paper, Subscription
from digestbot.rendering import Renderer

NOW = datetime(2025, 3, 11, 8, 0, tzinfo=UTC)
RENDERER = Renderer()
SUBSCRIPTION = Subscription("sparse-experts", "sparse experts", '"mixture of experts"', channel="feed")
SELF = "https://digest.example.org/feeds/abc"
PAPERS = (
    Paper(
        "Union of Experts: Routing in <Parts> & Pieces",
        id="arxiv:2503.02495",
        abstract="Experts are many. We propose to unite them where a < b.",
        authors=("Ada Lovelace", r"Kurt G\"odel"),
        categories=("cs.LG", "cs.CL"),
        upvotes=12,
    ),
    Paper("A listing's paper", id="title:0f3a", organization="Example Lab", url="http://papers.example.edu/a?b=1&c=2"),
    Paper("Nobody knows where", id="title:77aa"),
)


def feed(*papers: Paper, **changes: Any) -> Feed:
    entries = tuple(
        FeedEntry(card(Match("s", paper, (Hit("title", 0, 1, paper.title[:1], "x"),))), NOW - timedelta(minutes=n))
        for n, paper in enumerate(papers)
    )
    return replace(Feed(SUBSCRIPTION, "digest.example.org", NOW, entries, SELF), **changes)


def read(data: bytes) -> Any:
    parsed = feedparser.parse(data, sanitize_html=False)
    assert not parsed.bozo
    return parsed


def test_golden_files(golden: Callable[[str, str | bytes], None]) -> None:
    made = feed(*PAPERS)
    facts = (Fact("code", "", "Code: <here>", "https://github.com/lab/a_b"), Fact("version", "2", "v1 → v2"))
    entries = (made.entries[0], replace(made.entries[1], facts=facts, changed=NOW + timedelta(days=2)), made.entries[2])
    made = replace(made, entries=entries, updated=NOW + timedelta(days=2))

    golden("rss.xml", RENDERER.rss(made))
    golden("atom.xml", RENDERER.atom(made))
    golden("feed.json", RENDERER.json_feed(made))


def test_the_same_papers_under_the_same_ids_in_all_three() -> None:
    rss, atom = read(RENDERER.rss(feed(*PAPERS))), read(RENDERER.atom(feed(*PAPERS)))
    items = json.loads(RENDERER.json_feed(feed(*PAPERS)))["items"]

    assert (rss.version, atom.version) == ("rss20", "atom10")
    assert [entry.id for entry in rss.entries] == [entry.id for entry in atom.entries] == [item["id"] for item in items]
    assert [entry.title for entry in rss.entries] == [item["title"] for item in items]
    assert [entry.link for entry in atom.entries] == [item["url"] for item in items]
    assert [entry.content[0].value for entry in rss.entries] == [item["content_html"].strip() for item in items]
    assert items[0]["id"] == "tag:digest.example.org,2026:sparse-experts/arxiv:2503.02495"


def test_what_feeds_say_of_themselves() -> None:
    rss, atom = read(RENDERER.rss(feed(*PAPERS))).feed, read(RENDERER.atom(feed(*PAPERS))).feed
    data = json.loads(RENDERER.json_feed(feed(*PAPERS)))

    assert rss.title == atom.title == data["title"] == "sparse experts"
    assert {link.href for link in rss.links if link.rel == "self"} == {SELF}
    assert {link.href for link in atom.links if link.rel == "self"} == {data["feed_url"]} == {SELF}
    assert rss.link == atom.link == data["home_page_url"] == "https://digest.example.org/"
    assert rss.updated == "Tue, 11 Mar 2025 08:00:00 +0000"
    assert atom.updated == "2025-03-11T08:00:00Z"
    assert atom.author == "digestbot"
    assert data["version"] == "https://jsonfeed.org/version/1.1"


def test_what_feeds_say_of_a_paper() -> None:
    first, second, third = read(RENDERER.rss(feed(*PAPERS))).entries

    assert first.title == "Union of Experts: Routing in <\u2060Parts> & Pieces"
    assert [author.name for author in first.authors] == ["Ada Lovelace", "Kurt Gödel"]
    assert [tag.term for tag in first.tags] == ["cs.LG", "cs.CL"]
    assert first.summary == "We propose to unite them where a &lt; b."
    assert first.published_parsed[:5] == (2025, 3, 11, 8, 0)
    assert (second.author, second.link) == ("Example Lab", "http://papers.example.edu/a?b=1&c=2")
    assert third.link == "https://scholar.google.com/scholar?q=%22Nobody+knows+where%22"
    assert "author" not in third


def test_an_address_that_is_not_known_is_left_out() -> None:
    bare = feed(*PAPERS, self_url="")

    assert "self" not in {link.rel for link in read(RENDERER.rss(bare)).feed.links}
    assert "feed_url" not in json.loads(RENDERER.json_feed(bare))


def test_an_empty_feed_is_a_feed() -> None:
    assert read(RENDERER.rss(feed())).entries == []
    assert read(RENDERER.atom(feed())).entries == []
    assert json.loads(RENDERER.json_feed(feed()))["items"] == []


def test_a_paper_comes_once() -> None:
    twice = feed(PAPERS[0], PAPERS[1], replace(PAPERS[0], title="An older record"))

    assert [entry.title[:5] for entry in read(RENDERER.rss(twice)).entries] == ["Union", "A lis"]


def test_an_id_does_not_change_with_time() -> None:
    later = feed(*PAPERS, updated=NOW + timedelta(days=4000))

    assert [entry.id for entry in read(RENDERER.atom(later)).entries] == [
        entry.id for entry in read(RENDERER.atom(feed(*PAPERS))).entries
    ]


FRAGMENTS = [
    "<script>alert(1)</script>", "<b>", "{{7*7}}", "\n", "\x00", "\x0b", "\u202e", "\u200f", "\ud800", "\ufffe",
    "&amp;", "&lt;", "]]>", "<![CDATA[", "<?xml", '"', "'", "שלום", "javascript:", "<a href='javascript:x'>", "a < b",
    "AT&T", "%",
]  # fmt: skip
awkward = st.lists(st.sampled_from(FRAGMENTS) | st.text(max_size=4), min_size=1, max_size=6).map("".join)


class Active(HTMLParser):
    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in {"p", "a", "strong", "mark", "code", "small", "br"}
        assert all(name == "href" and (value or "").startswith("https://") for name, value in attrs)


@settings(max_examples=100)
@given(awkward)
def test_no_text_breaks_a_feed(text: str) -> None:
    paper = Paper(
        f"t{text}",
        id=f"x:{text}",
        abstract=f"We say {text}",
        authors=(f"u{text}",),
        categories=(f"c{text}",),
        comments=text,
    )
    hostile = feed(paper, PAPERS[0], subscription=replace(SUBSCRIPTION, name=f"n{text}", query=text))
    rss, atom = read(RENDERER.rss(hostile)), read(RENDERER.atom(hostile))
    items = json.loads(RENDERER.json_feed(hostile))["items"]

    assert [entry.id for entry in rss.entries] == [entry.id for entry in atom.entries] == [item["id"] for item in items]
    assert re.fullmatch(r"tag:digest\.example\.org,2026:[A-Za-z0-9%:/.@~_-]+", items[0]["id"])
    for title in (rss.entries[0].title, atom.entries[0].title, items[0]["title"], rss.feed.title):
        assert not re.search(r"<[a-z/!?]|&(amp|lt|gt|#\d+);|[\x00-\x1f\u202e\u200f]", title, re.IGNORECASE)
    for item in items:
        Active().feed(item["content_html"])


@pytest.mark.parametrize("key", ["", "x" * 999, "ü/ ?#%", "\ud800"])
def test_any_id_makes_a_tag(key: str) -> None:
    item = json.loads(RENDERER.json_feed(feed(Paper("A title", id=key))))["items"][0]

    assert re.fullmatch(r"tag:digest\.example\.org,2026:sparse-experts/[A-Za-z0-9%:/.@~_-]+", item["id"])


def test_every_item_of_rss_has_a_description_before_its_content() -> None:
    items = RENDERER.rss(feed(*PAPERS)).decode().split("<item>")[1:]

    assert all(0 < item.find("<description>") < item.find("<content:encoded>") for item in items)
    assert all("<description></description>" not in item for item in items)
