"""Feeds and APIs as they are asked: addresses, pages, cursors, totals. Answers are small, in the APIs' own forms."""

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bad_server import feed
from digestbot.connections.web import Web, World
from digestbot.declared import Source
from digestbot.errors import FetchError
from digestbot.ledger import Ledger, runs
from digestbot.ledger.runs import SourceRun
from digestbot.pipeline import Fetching, ingest
from digestbot.pipeline.fetching import asked_of
from digestbot.sources.apis import APIS
from digestbot.sources.items import Fetched, Item
from digestbot.sources.kinds import KINDS, opener

NOW = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)
DAY = timedelta(days=1)
Answer = httpx.Response | bytes | dict[str, Any] | list[Any]
Route = Callable[[str, dict[str, str], httpx.Headers], Answer]


class Net:
    """The internet, as far as it is needed: a function from address and parameters to an answer."""

    def __init__(self, route: Route) -> None:
        self.route = route
        self.asked: list[httpx.URL] = []
        world = World(
            clock=lambda: 0.0, pause=lambda _: None, moment=lambda: NOW, transport=httpx.MockTransport(self._answer)
        )
        self.web = Web("you@example.org", world=world)

    def _answer(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request.url)
        parts = urlsplit(str(request.url))
        given = {key: values[0] for key, values in parse_qs(parts.query).items()}
        found = self.route(f"{parts.netloc}{parts.path}", given, request.headers)
        if isinstance(found, httpx.Response):
            return found
        data = found if isinstance(found, bytes) else json.dumps(found).encode()
        return httpx.Response(200, stream=httpx.ByteStream(data))

    def take(self) -> list[str]:
        """Return what was asked since the last time, without scheme."""
        asked = [str(url).removeprefix("https://") for url in self.asked]
        self.asked.clear()
        return asked


@pytest.fixture
def ledger() -> Iterator[Ledger]:
    with Ledger.open("sqlite://") as ledger:
        yield ledger


def run(ledger: Ledger, source: Source, net: Net, now: datetime = NOW) -> SourceRun:
    (seen,) = ingest(ledger, (), now, Fetching([source], opener(net.web))).sources
    return seen


def state(ledger: Ledger, source: Source) -> dict[str, Any]:
    with ledger.read() as tx:
        return dict(runs.recall(tx, source.name, asked_of(source), NOW).state)


def says(status: int, **headers: str) -> httpx.Response:
    return httpx.Response(status, headers=headers, stream=httpx.ByteStream(b""))


# Feeds


def test_a_feed_that_has_not_changed_is_not_sent_again(ledger: Ledger) -> None:
    source = Source("a", "feed", url="https://a.example.org/feed", every=0)

    def route(_: str, __: dict[str, str], headers: httpx.Headers) -> Answer:
        if headers.get("If-None-Match") == '"1"':
            return says(304)
        return httpx.Response(200, headers={"ETag": '"1"'}, stream=httpx.ByteStream(feed()))

    net = Net(route)

    assert [run(ledger, source, net, NOW + DAY * day).verdict for day in range(2)] == ["fresh", "quiet"]
    assert state(ledger, source) == {"seen": {"at": source.url, "etag": '"1"'}}


def test_what_could_not_be_read_is_asked_for_again(ledger: Ledger) -> None:
    source = Source("a", "feed", url="https://a.example.org/feed", every=0)
    answers = iter([b"what is this", feed()])

    def route(_: str, __: dict[str, str], headers: httpx.Headers) -> Answer:
        assert "If-None-Match" not in headers
        return httpx.Response(200, headers={"ETag": '"1"'}, stream=httpx.ByteStream(next(answers)))

    net = Net(route)

    assert [run(ledger, source, net).verdict for _ in range(2)] == ["unreadable", "fresh"]


def test_only_papers_are_news(ledger: Ledger) -> None:
    source = Source("a", "feed", url="https://a.example.org/feed", every=0)
    texts = [feed("One"), feed("One").replace(b"Caf", b"New caf"), feed("One", "Two"), feed("Two")]
    net = Net(lambda *_: texts.pop(0))

    found = [run(ledger, source, net) for _ in range(4)]

    assert [(item.verdict, item.papers, item.news) for item in found] == [
        ("fresh", 1, 1),
        ("quiet", 1, 0),
        ("fresh", 2, 1),
        ("quiet", 1, 0),  # the same paper under another title
    ]


def test_two_sources_with_the_same_papers_have_news_both(ledger: Ledger) -> None:
    one, two = (Source(name, "feed", url=f"https://{name}.example.org/", every=0) for name in "ab")
    net = Net(lambda *_: feed())

    assert run(ledger, one, net).verdict == "fresh"
    assert run(ledger, two, net).verdict == "fresh"
    assert run(ledger, two, net).verdict == "quiet"


PAGE = b'<html><head><link rel="alternate" type="application/rss+xml" href="/feed"></head></html>'


def test_the_feed_of_a_page_is_remembered_until_it_fails(ledger: Ledger) -> None:
    source = Source("a", "feed", url="https://a.example.org/", every=0)
    broken: list[str] = []

    def route(place: str, _: dict[str, str], headers: httpx.Headers) -> Answer:
        if place in broken:
            return says(404)
        if place == "a.example.org/":
            return PAGE
        if headers.get("If-None-Match") == '"1"':
            return says(304)
        return httpx.Response(200, headers={"ETag": '"1"'}, stream=httpx.ByteStream(feed()))

    net = Net(route)

    assert run(ledger, source, net).verdict == "fresh"
    assert net.take() == ["a.example.org/", "a.example.org/feed"]
    assert run(ledger, source, net).verdict == "quiet"
    assert net.take() == ["a.example.org/feed"]
    broken.append("a.example.org/feed")
    assert run(ledger, source, net).verdict == "blocked"
    broken.clear()
    net.take()
    assert run(ledger, source, net).verdict == "quiet"
    assert net.take() == ["a.example.org/", "a.example.org/feed"]


def test_with_a_dialect_a_page_is_what_is_wanted(ledger: Ledger) -> None:
    source = Source("a", "feed", url="https://a.example.org/", dialect="feed", every=0)
    net = Net(lambda *_: PAGE)

    assert run(ledger, source, net).verdict == "unreadable"
    assert net.take() == ["a.example.org/"]


def test_a_page_and_its_feed_that_have_not_changed(ledger: Ledger) -> None:
    source = Source("a", "feed", url="https://a.example.org/", every=0)
    place = {"page": source.url, "feed": "https://a.example.org/feed", "seen": {"at": "https://x.example.org/"}}
    net = Net(lambda *_: feed())

    items = list(KINDS["feed"](source, place, net.web, NOW))

    assert isinstance(items[0], Fetched)
    assert net.take() == ["a.example.org/feed"]
    assert items[0].remember == {"seen": None}


def test_categories_of_arxiv(ledger: Ledger) -> None:
    source = Source("a", "arxiv", categories=("cs.LG", "math.OC"), expect="arxiv", every=0)
    net = Net(lambda *_: feed())

    assert run(ledger, source, net).verdict == "fresh"
    assert net.take() == ["rss.arxiv.org/rss/cs.LG+math.OC"]
    saturday = run(ledger, source, Net(lambda *_: says(200)), NOW + DAY)
    assert saturday.verdict == "unreadable"


def test_announcements_that_have_not_changed(ledger: Ledger) -> None:
    source = Source("a", "arxiv", categories=("cs.LG",), every=0)

    def route(_: str, __: dict[str, str], headers: httpx.Headers) -> Answer:
        if "If-None-Match" in headers:
            return says(304)
        return httpx.Response(200, headers={"ETag": '"1"'}, stream=httpx.ByteStream(feed()))

    net = Net(route)

    assert [run(ledger, source, net).digests for _ in range(2)] == [1, 0]


def test_a_weekend_at_arxiv_is_quiet_and_a_missed_mailing_is_not(ledger: Ledger) -> None:
    source = Source("a", "arxiv", categories=("cs.LG",), expect="arxiv", every=0)
    empty = b'<rss version="2.0"><channel><title>cs.LG updates on arXiv.org</title></channel></rss>'
    friday = Net(lambda *_: feed())
    later = Net(lambda *_: empty)

    seen = [run(ledger, source, friday)] + [run(ledger, source, later, NOW + DAY * day) for day in (1, 2, 3)]

    assert [(item.verdict, item.reason) for item in seen] == [
        ("fresh", ""),
        ("quiet", "nothing new, arXiv announces nothing on the evening of Friday, 20 November"),
        ("quiet", "nothing new, arXiv announces nothing on the evening of Saturday, 21 November"),
        (
            "stale",
            "nothing new since Friday, 20 November, 08:00 UTC, and it was due by Monday, 23 November, 07:00 UTC",
        ),
    ]


def test_the_most_that_arxiv_gives_is_perhaps_not_all(ledger: Ledger) -> None:
    source = Source("a", "arxiv", categories=("cs",), every=0)
    full = feed().replace(b"</channel>", b"<!--" + b"<item" * 2000 + b"--></channel>")
    net = Net(lambda *_: full)

    seen = run(ledger, source, net)

    assert (seen.verdict, seen.reason) == (
        "partial",
        "it holds 2000 entries, the most that arXiv gives; ask for fewer categories",
    )


# The daily papers of the hub


def hub(*ids: str) -> list[Any]:
    return [
        {"paper": {"id": name, "title": f"Paper {name}", "upvotes": 3, "summary": "We route."}, "numComments": 1}
        for name in ids
    ]


def days(net: Net) -> list[str]:
    return [address.partition("date=")[2].partition("&")[0] for address in net.take()]


def test_the_hub_is_asked_day_by_day(ledger: Ledger) -> None:
    source = Source("hub", "hugging-face", days=3, every=0, expect="weekdays")
    papers = {"2026-11-18": hub("2511.00018"), "2026-11-20": hub("2511.00020")}
    net = Net(lambda _, given, __: papers.get(given["date"], []))

    first = run(ledger, source, net)

    assert net.asked[0].params["limit"] == "100"
    assert days(net) == ["2026-11-17", "2026-11-18", "2026-11-19", "2026-11-20"]
    assert (first.verdict, first.digests, first.news) == ("fresh", 2, 2)
    assert run(ledger, source, net, NOW + timedelta(hours=3)).verdict == "quiet"
    assert days(net) == ["2026-11-19", "2026-11-20"]
    papers["2026-11-23"] = hub("2511.00023")
    later = run(ledger, source, net, NOW + 4 * DAY)
    assert days(net) == ["2026-11-19", "2026-11-20", "2026-11-21", "2026-11-22", "2026-11-23", "2026-11-24"]
    assert (later.verdict, later.news) == ("fresh", 1)


def test_a_day_of_the_hub_that_fails_is_asked_for_again(ledger: Ledger) -> None:
    source = Source("hub", "hugging-face", days=3, every=0)
    fine: list[bool] = []

    def route(_: str, given: dict[str, str], __: httpx.Headers) -> Answer:
        if given["date"] == "2026-11-19" and not fine:
            return says(500)
        return hub(f"2511.000{given['date'][-2:]}")

    net = Net(route)

    first = run(ledger, source, net)
    assert (first.verdict, first.reason) == ("partial", "answered 500 Internal Server Error, after 2 new papers")
    fine.append(True)
    net.take()
    assert run(ledger, source, net).news == 2
    assert days(net) == ["2026-11-17", "2026-11-18", "2026-11-19", "2026-11-20"]


def test_today_at_the_hub_is_asked_with_conditions(ledger: Ledger) -> None:
    source = Source("hub", "hugging-face", days=1, every=0)

    def route(_: str, given: dict[str, str], headers: httpx.Headers) -> Answer:
        if headers.get("If-None-Match") == '"20"':
            return says(304)
        data = json.dumps(hub(f"2511.000{given['date'][-2:]}")).encode()
        return httpx.Response(200, headers={"ETag": f'"{given["date"][-2:]}"'}, stream=httpx.ByteStream(data))

    net = Net(route)

    assert [run(ledger, source, net).digests for _ in range(2)] == [2, 1]


def test_a_clock_that_was_set_back(ledger: Ledger) -> None:
    source = Source("hub", "hugging-face", every=0)
    net = Net(lambda *_: [])
    run(ledger, source, net)
    net.take()

    run(ledger, source, net, NOW - 9 * DAY)

    assert days(net) == ["2026-11-11"]


def test_a_long_absence_is_made_up_for_in_parts(ledger: Ledger) -> None:
    source = Source("hub", "hugging-face", every=0)
    net = Net(lambda *_: [])
    run(ledger, source, net)
    net.take()

    run(ledger, source, net, NOW + 100 * DAY)
    assert (len(net.asked), days(net)[-1]) == (61, "2027-01-18")
    run(ledger, source, net, NOW + 100 * DAY)
    assert days(net)[-1] == "2027-02-28"


def test_a_day_with_as_many_papers_as_are_given(ledger: Ledger) -> None:
    source = Source("hub", "hugging-face", days=1, every=0)
    net = Net(lambda _, given, __: hub(*(f"2511.{n:05d}" for n in range(100))) if given["date"][-2:] == "20" else [])

    seen = run(ledger, source, net)

    assert (seen.verdict, seen.reason) == (
        "partial",
        "2026-11-20 has 100 papers, the most that is given; there may be more",
    )


# Queries, page by page


def atom(total: int, *ids: str) -> bytes:
    entries = "".join(
        f"<entry><id>http://arxiv.org/abs/{name}v1</id><title>Paper {name}</title><summary>We route.</summary></entry>"
        for name in ids
    )
    return (
        '<feed xmlns="http://www.w3.org/2005/Atom" xmlns:opensearch="http://a9.com/-/spec/opensearch/1.1/">'
        f"<opensearch:totalResults>{total}</opensearch:totalResults>{entries}</feed>"
    ).encode()


def open_alex(total: int, cursor: str | None, *names: str) -> dict[str, Any]:
    works = [{"title": f"Paper {name}", "authorships": [], "doi": f"https://doi.org/10.1000/{name}"} for name in names]
    return {"meta": {"count": total, "next_cursor": cursor}, "results": works}


def cross(total: int, cursor: str, *names: str) -> dict[str, Any]:
    works = [{"title": [f"Paper {name}"], "DOI": f"10.1000/{name}"} for name in names]
    return {"message": {"total-results": total, "next-cursor": cursor, "items": works}}


def scholar(token: str | None, *names: str) -> dict[str, Any]:
    papers = [{"paperId": name, "title": f"Paper {name}", "externalIds": {"DOI": f"10.1000/{name}"}} for name in names]
    return {"total": 99, "token": token, "data": papers}


def bio(total: int | str, *names: str) -> dict[str, Any]:
    papers = [{"title": f"Paper {name}", "doi": f"10.1101/{name}", "server": "bioRxiv"} for name in names]
    return {"messages": [{"status": "ok", "count": len(names), "total": total}], "collection": papers}


QUERY = Source("q", "arxiv-query", query="cat:cs.LG", every=0)


def test_a_search_of_arxiv(ledger: Ledger) -> None:
    pages = {"0": atom(3, "2511.00001", "2511.00002"), "2": atom(3, "2511.00003")}
    net = Net(lambda _, given, __: pages[given["start"]])

    seen = run(ledger, QUERY, net)

    first, second = (url.params for url in net.asked)
    assert net.asked[0].host == "export.arxiv.org"
    assert first["search_query"] == "(cat:cs.LG) AND submittedDate:[202611130000 TO 202611202359]"
    assert (first["max_results"], first["sortBy"], second["start"]) == ("200", "submittedDate", "2")
    assert (seen.verdict, seen.digests, seen.news) == ("fresh", 2, 3)
    assert state(ledger, QUERY) == {"reached": "2026-11-20"}


def test_a_search_with_a_mistake_is_told_by_the_api(ledger: Ledger) -> None:
    error = (
        '<feed xmlns="http://www.w3.org/2005/Atom"><entry><id>http://arxiv.org/api/errors#1</id><title>Error</title>'
        "<summary>incorrect id format</summary></entry></feed>"
    )

    seen = run(ledger, QUERY, Net(lambda *_: error.encode()))

    assert seen.verdict == "unreadable"
    assert seen.reason.endswith("the source answered with an error: incorrect id format")


def test_a_search_that_gives_less_than_it_announces(ledger: Ledger) -> None:
    pages = {"0": atom(500, "2511.00001"), "1": atom(500)}
    net = Net(lambda _, given, __: pages[given["start"]])

    seen = run(ledger, QUERY, net)

    assert (seen.verdict, seen.reason) == ("partial", "it announces 500 records and gave 1")
    assert "reached" not in state(ledger, QUERY)  # the same days are asked for again


def test_the_next_walk_looks_back(ledger: Ledger) -> None:
    net = Net(lambda *_: atom(0))

    assert run(ledger, QUERY, net).verdict == "quiet"
    net.take()
    run(ledger, QUERY, net, NOW + 30 * DAY)

    assert net.asked[0].params["search_query"].endswith("[202611130000 TO 202612202359]")


def test_openalex(ledger: Ledger) -> None:
    source = Source("q", "openalex", query="sparse experts", filter="type:article", secret="key", every=0)
    pages = {"*": open_alex(3, "next", "a", "b"), "next": open_alex(3, "more", "c"), "more": open_alex(3, None)}
    net = Net(lambda _, given, __: pages[given["cursor"]])

    seen = run(ledger, source, net)

    assert dict(net.asked[0].params) == {
        "search": "sparse experts",
        "filter": "type:article,from_publication_date:2026-11-13,to_publication_date:2026-11-20",
        "per-page": "100",
        "cursor": "*",
        "api_key": "key",
        "mailto": "you@example.org",
    }
    assert (seen.verdict, seen.news, len(net.asked)) == ("fresh", 3, 3)
    assert "key" not in json.dumps(state(ledger, source))


def test_crossref(ledger: Ledger) -> None:
    source = Source("q", "crossref", filter="issn:1234-5678", every=0)
    names = [f"a{n}" for n in range(100)]
    pages = {"*": cross(101, "next", *names), "next": cross(101, "next", "b")}
    net = Net(lambda _, given, __: pages[given["cursor"]])

    seen = run(ledger, source, net)

    assert net.asked[0].params["filter"] == "issn:1234-5678,from-created-date:2026-11-13,until-created-date:2026-11-20"
    assert "query" not in net.asked[0].params
    assert (seen.verdict, seen.news, len(net.asked)) == ("fresh", 101, 2)


def test_semantic_scholar(ledger: Ledger) -> None:
    source = Source("q", "semantic-scholar", query='"sparse experts"', secret="key", every=0)
    keys: list[str | None] = []

    def route(place: str, given: dict[str, str], headers: httpx.Headers) -> Answer:
        keys.append(headers.get("x-api-key"))
        return scholar(None, "b") if given.get("token") else scholar("t", "a")

    net = Net(route)

    seen = run(ledger, source, net)

    assert net.asked[0].path == "/graph/v1/paper/search/bulk"
    assert net.asked[0].params["publicationDateOrYear"] == "2026-11-13:2026-11-20"
    assert (seen.verdict, seen.news, keys) == ("fresh", 2, ["key", "key"])


def test_biorxiv(ledger: Ledger) -> None:
    source = Source("q", "biorxiv", server="medrxiv", categories=("public_health",), every=0)
    pages = {"0": bio("3", "a", "b"), "2": bio("3", "c")}
    net = Net(lambda place, *_: pages[place.split("/")[5]])

    seen = run(ledger, source, net)

    assert net.take() == [
        "api.biorxiv.org/details/medrxiv/2026-11-13/2026-11-20/0/json?category=public_health",
        "api.biorxiv.org/details/medrxiv/2026-11-13/2026-11-20/2/json?category=public_health",
    ]
    assert (seen.verdict, seen.news) == ("fresh", 3)
    none = {"messages": [{"status": "no posts found"}]}
    assert run(ledger, Source("n", "biorxiv", server="biorxiv"), Net(lambda *_: none)).verdict == "quiet"
    odd = {"messages": [{"status": "error: no such server"}]}
    assert run(ledger, Source("o", "biorxiv", server="biorxiv"), Net(lambda *_: odd)).verdict == "unreadable"


def test_a_walk_that_breaks_off_goes_on_where_it_stopped(ledger: Ledger) -> None:
    source = Source("q", "openalex", query="x", every=0)
    pages: dict[str, Answer] = {"*": open_alex(2, "next", "a"), "next": says(503)}
    net = Net(lambda _, given, __: pages[given["cursor"]])

    broken = run(ledger, source, net)

    assert (broken.verdict, broken.reason) == ("partial", "answered 503 Service Unavailable, after 1 new papers")
    assert state(ledger, source) == {"next": "next", "first": "2026-11-13", "last": "2026-11-20", "got": 1}
    pages["next"] = open_alex(2, None, "b")
    net.take()
    mended = run(ledger, source, net, NOW + DAY)
    assert [url.params["cursor"] for url in net.asked] == ["next"]
    assert "to_publication_date:2026-11-20" in net.asked[0].params["filter"]
    assert (mended.verdict, mended.news, state(ledger, source)) == ("fresh", 1, {"reached": "2026-11-20"})


def test_a_cursor_that_is_not_good_any_more(ledger: Ledger) -> None:
    source = Source("q", "crossref", query="x", every=0)
    names = [f"a{n}" for n in range(100)]
    pages: dict[str, Answer] = {"*": cross(101, "old", *names), "old": says(503)}
    net = Net(lambda _, given, __: pages[given["cursor"]])
    run(ledger, source, net)
    pages["old"] = says(400)

    assert run(ledger, source, net).verdict == "blocked"
    assert state(ledger, source) == {}


def test_who_wants_to_be_left_alone_keeps_the_cursor(ledger: Ledger) -> None:
    source = Source("q", "crossref", query="x", every=0)
    names = [f"a{n}" for n in range(100)]
    pages: dict[str, Answer] = {"*": cross(101, "next", *names), "next": says(429, **{"Retry-After": "7200"})}
    net = Net(lambda _, given, __: pages[given["cursor"]])

    run(ledger, source, net)

    assert state(ledger, source)["next"] == "next"
    hour = timedelta(hours=1)
    asked = [len(ingest(ledger, (), NOW + hour * h, Fetching([source], opener(net.web))).sources) for h in (0, 1, 2)]
    assert asked == [0, 0, 1]


def test_a_walk_without_end_is_taken_in_parts(ledger: Ledger) -> None:
    source = Source("q", "openalex", query="x", every=0)

    def route(_: str, given: dict[str, str], __: httpx.Headers) -> Answer:
        page = int(given["cursor"].replace("*", "0"))
        return open_alex(10**6, str(page + 1), f"{page:03d}")

    net = Net(route)

    seen = run(ledger, source, net)

    assert (seen.verdict, seen.digests) == ("fresh", 50)
    assert seen.reason == "50 pages were read; the others come with the next run"
    assert state(ledger, source)["got"] == 50


def test_a_walk_in_a_circle_ends(ledger: Ledger) -> None:
    source = Source("q", "semantic-scholar", query="x", every=0)
    net = Net(lambda *_: scholar("same", "a"))

    run(ledger, source, net)

    assert len(net.asked) == 2


@pytest.mark.parametrize("kind", APIS)
def test_an_answer_in_no_known_form_is_left_to_the_readers(kind: Any, ledger: Ledger) -> None:
    source = Source("q", kind, query="x", server="biorxiv", every=0)

    for data in (b"<html>log in</html>", b"{}", b'{"error": "no"}', b"[" * 5000, b"\xff"):
        seen = run(ledger, source, Net(lambda *_, data=data: data))
        assert seen.verdict == "unreadable", seen


KEYS = (
    ["meta", "count", "next_cursor", "results", "message", "items", "next-cursor", "total-results"],
    ["data", "token", "messages", "collection", "total", "status"],
)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from([key for keys in KEYS for key in keys]),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@given(st.sampled_from(sorted(APIS)), json_values)
def test_any_answer_is_a_page_or_none(kind: str, value: Any) -> None:
    page = APIS[kind].page(json.dumps(value).encode(), "")

    assert page is None or page.count >= 0


def test_every_kind_gives_items_or_an_error() -> None:
    net = Net(lambda *_: says(500))
    for kind in KINDS:
        source = Source("x", kind, path="/nowhere", pattern="/nowhere/*", url="https://x.example.org/", host="")
        items: list[Item] = []
        try:
            items.extend(KINDS[kind](source, {}, net.web, NOW))
        except FetchError as error:
            assert error.verdict == "down", kind  # noqa: PT017
        assert items == []
