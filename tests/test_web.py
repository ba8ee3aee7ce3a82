"""The web application as mail providers, feed readers, browsers and strangers meet it: over a real connection."""

import asyncio
import base64
import hashlib
import json
import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import format_datetime
from html import unescape
from pathlib import Path
from typing import Any

import feedparser
import httpx
import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import Envelope
from hypothesis import given
from hypothesis import strategies as st
from starlette.applications import Starlette
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.types import Message

from digestbot.channels.smtp import SmtpChannel, SmtpServer
from digestbot.errors import ConfigError
from digestbot.ledger import Ledger, claiming, opinions, papers, subscriptions
from digestbot.ledger.claiming import Wanted
from digestbot.ledger.outbox import Lease
from digestbot.ledger.subscriptions import Standing
from digestbot.models import Paper, Reading, Subscription
from digestbot.pipeline import Press, deliver, ingest, publish
from digestbot.rendering import Renderer
from digestbot.tokens import Direction, edition_path, feed_path, feedback_path, unsubscribe_path
from digestbot.web import create_app
from digestbot.web.answers import is_known, takes_gzip
from digestbot.web.forms import LARGEST, read_form
from digestbot.web.lifting import lifted
from digestbot.web.server import address_of, listen, serving

BASE = "https://digests.example.org/papers"
ONE_CLICK = {"List-Unsubscribe": "One-Click"}
UNDO = {"List-Unsubscribe": "Undo"}
NOW = datetime(2026, 11, 20, 8, 0, 0, 250_000, tzinfo=UTC)
DUE = NOW.replace(microsecond=0)
PAPERS = (
    Paper(
        "Union of <b>Experts</b> & More",
        "arxiv:2503.00001",
        abstract="We route each token to a few experts.",
        url="https://arxiv.org/abs/2503.00001",
    ),
    Paper(
        "Experts without Regret", "arxiv:2503.00002", abstract="We remove half of the experts, and it still works. " * 8
    ),
)
ADA = Subscription("ada", "Sparse experts & <more>", "experts", "email", "ada@example.org", "daily 08:00")


@dataclass
class Site:
    """A running application, a browser for it, and the ledger behind both."""

    browser: httpx.Client
    path: Path
    secret: bytes

    @property
    def leave(self) -> str:
        return unsubscribe_path(self.secret, "ada")

    def feed(self, name: str = "atom.xml") -> str:
        return feed_path(self.secret, "ada", name)

    def standing(self) -> Standing:
        with Ledger.open(str(self.path)) as ledger, ledger.read() as tx:
            found = subscriptions.get(tx, "ada")
        assert found is not None
        return found

    def change(self, state: str, reason: str = "") -> None:
        with Ledger.open(str(self.path)) as ledger, ledger.write() as tx:
            if state == "removed":
                subscriptions.remove(tx, "ada", NOW)
            else:
                subscriptions.suppress(tx, "ada", reason, NOW)


@contextmanager
def running(app: Starlette) -> Iterator[httpx.Client]:
    listening = listen("127.0.0.1:0")
    address = address_of(listening)
    with serving(app, listening), httpx.Client(base_url=address, trust_env=False, timeout=30) as browser:
        yield browser


def filled(path: Path, channel: str = "email") -> bytes:
    """Make a ledger with an edition in it; return its secret."""
    with Ledger.open(str(path), owner=True, domain="digests.example.org") as ledger:
        with ledger.write() as tx:
            subscriptions.put(tx, replace(ADA, channel=channel), NOW)
        ingest(ledger, [Reading("a.txt", "test", PAPERS)], NOW)
        assert len(publish(ledger, Press(Renderer(), "Digests <digests@example.org>", BASE), NOW).issues) == 1
        return ledger.instance.secret


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A site that tests only read."""
    yield from site_at(tmp_path_factory.mktemp("shared") / "ledger.db")


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    """A site of one's own."""
    yield from site_at(tmp_path / "ledger.db")


def site_at(path: Path) -> Iterator[Site]:
    secret = filled(path)
    with running(create_app(lambda: Ledger.open(str(path), create=False), Renderer(), BASE)) as browser:
        yield Site(browser, path, secret)


def forged(path: str) -> list[str]:
    """Return addresses that are nearly right."""
    *_, name, token = path.removesuffix("/atom.xml").split("/")
    end = "/atom.xml" if path.endswith("/atom.xml") else ""
    other = "b" if token[0] == "a" else "a"
    wrong = [other + token[1:], token[:-1], f"{token}a", token.upper(), "%00", "%F0%9F%A6%89", "%ff", "a" * 5000]
    root = path.split("/")[1]
    return [f"/{root}/{name}/{item}{end}" for item in wrong] + [f"/{root}/eve/{token}{end}"]


# unsubscribing


def test_opening_the_link_shows_a_button_and_changes_nothing(site: Site) -> None:
    answer = site.browser.get(site.leave)

    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.text.count("<button") == answer.text.count('<form method="post">') == 1
    assert "Sparse experts &amp; &lt;more&gt;" in answer.text
    assert "<script" not in answer.text
    assert '<meta name="robots" content="noindex, nofollow">' in answer.text
    assert site.browser.head(site.leave).status_code == 200
    assert site.standing().state == "active"


def test_one_click_ends_it_and_can_be_repeated(site: Site) -> None:
    answers = [site.browser.post(site.leave, data=ONE_CLICK) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [200, 200]
    assert answers[0].text == answers[1].text == site.browser.get(site.leave).text
    assert not answers[0].cookies
    assert (site.standing().state, site.standing().reason) == ("suppressed", "unsubscribed")
    with Ledger.open(str(site.path), owner=True) as ledger, ledger.write() as tx:
        assert claiming.claim(tx, Wanted(10), Lease("reader", 0), NOW) == []


def test_one_click_may_come_as_multipart(site: Site) -> None:
    answer = site.browser.post(site.leave, files={"List-Unsubscribe": (None, "One-Click")})

    assert answer.status_code == 200
    assert site.standing().reason == "unsubscribed"


def test_it_can_be_taken_back(site: Site) -> None:
    site.browser.post(site.leave, data=ONE_CLICK)
    assert 'value="Undo"' in site.browser.get(site.leave).text

    answers = [site.browser.post(site.leave, data=UNDO) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [200, 200]
    assert 'value="One-Click"' in answers[1].text
    assert (site.standing().state, site.standing().reason) == ("active", "")


def test_taken_back_it_gets_what_came_meanwhile(site: Site) -> None:
    press, later = Press(Renderer(), "Digests <digests@example.org>", BASE), NOW + timedelta(days=2)
    missed = Paper("Experts in the Meantime", "arxiv:2503.00003")
    site.browser.post(site.leave, data=ONE_CLICK)
    with Ledger.open(str(site.path), owner=True) as ledger:
        ingest(ledger, [Reading("b.txt", "test", (missed,))], NOW + timedelta(days=1))
        assert publish(ledger, press, later).issues == ()

    site.browser.post(site.leave, data=UNDO)

    with Ledger.open(str(site.path), owner=True) as ledger:
        (issue,) = publish(ledger, press, later).issues
    assert issue.papers == 1
    assert "Experts in the Meantime" in site.browser.get(site.feed()).text


def test_what_bounced_is_not_brought_back(site: Site) -> None:
    site.change("suppressed", "bounced")

    site.browser.post(site.leave, data=UNDO)
    assert (site.standing().state, site.standing().reason) == ("suppressed", "bounced")
    assert 'value="One-Click"' in site.browser.get(site.leave).text
    site.browser.post(site.leave, data=ONE_CLICK)
    assert site.standing().reason == "unsubscribed"


@pytest.mark.parametrize("wish", [ONE_CLICK, UNDO])
def test_what_was_removed_stays_so(site: Site, wish: dict[str, str]) -> None:
    site.change("removed")

    answer = site.browser.post(site.leave, data=wish)

    assert answer.status_code == 200
    assert "<button" not in answer.text
    assert site.standing().state == "removed"


def test_a_forged_address_finds_nothing(shared: Site) -> None:
    for path in forged(shared.leave):
        answers = [shared.browser.get(path), shared.browser.post(path, data=ONE_CLICK)]
        assert [answer.status_code for answer in answers] == [404, 404], path
        assert "There is nothing here" in answers[1].text
    assert shared.browser.post(f"/unsubscribe/ada/{shared.feed().split('/')[3]}", data=ONE_CLICK).status_code == 404
    assert shared.standing().state == "active"


def test_a_subscription_that_the_ledger_does_not_know(shared: Site) -> None:
    assert shared.browser.get(unsubscribe_path(shared.secret, "eve")).status_code == 404


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ("application/x-www-form-urlencoded", b""),
        ("application/x-www-form-urlencoded", b"List-Unsubscribe=Yes"),
        ("application/x-www-form-urlencoded", b"&".join(b"a=%d" % n for n in range(50))),
        ("multipart/form-data", b"--B\r\n\r\nOne-Click\r\n--B--"),
        ("multipart/form-data; boundary=B", b"--B\r\nContent-Disposition: form-data; name=x\r\n\r\nOne-Click\r\n--B--"),
        ("multipart/form-data; boundary=B", b"--B\r\nContent-Type: multipart/x; boundary=C\r\n\r\n--C\r\n" * 40),
        ("application/json", b'{"List-Unsubscribe": "One-Click"}'),
    ],
)
def test_a_body_that_asks_for_nothing_changes_nothing(shared: Site, content_type: str, body: bytes) -> None:
    answer = shared.browser.post(shared.leave, content=body, headers={"Content-Type": content_type})

    assert answer.status_code == 400
    assert shared.standing().state == "active"


def test_a_huge_body_is_not_read(shared: Site) -> None:
    def endless() -> Iterator[bytes]:
        for _ in range(1000):
            yield b"List-Unsubscribe=One-Click&" * 1000

    assert shared.browser.post(shared.leave, content=b"a" * (LARGEST + 1)).status_code == 413
    with suppress(httpx.WriteError):  # the connection may be closed while we are still talking
        assert shared.browser.post(shared.leave, content=endless()).status_code == 413
    assert shared.standing().state == "active"


def request_of(*messages: Message, content_type: str = "application/x-www-form-urlencoded") -> Request:
    coming = iter(messages)

    async def receive() -> Message:
        try:
            return next(coming)
        except StopIteration:
            return await asyncio.Future()  # silence

    headers = [(b"content-type", content_type.encode("latin-1"))]
    return Request({"type": "http", "method": "POST", "headers": headers}, receive)


@pytest.mark.parametrize(("messages", "status"), [([], 408), ([{"type": "http.disconnect"}], 400)])
def test_a_body_that_never_ends(messages: Sequence[Message], status: int) -> None:
    with pytest.raises(HTTPException) as caught:
        asyncio.run(read_form(request_of(*messages), patience=0.01))

    assert caught.value.status_code == status


@given(
    st.sampled_from(["multipart/form-data; boundary=B", "multipart/form-data; boundary=", "text/plain", ""])
    | st.text(st.characters(codec="latin-1"), max_size=40),
    st.lists(
        st.sampled_from([b"--B", b"\r\n", b"Content-Type: multipart/x; boundary=C\r\n\r\n", b"--C", b"--", b"=", b"&"])
        | st.binary(max_size=20)
    ).map(b"".join),
)
def test_whatever_comes_is_a_form_or_refused(content_type: str, body: bytes) -> None:
    form: dict[str, str] = {}
    with suppress(HTTPException):
        form = asyncio.run(read_form(request_of({"type": "http.request", "body": body}, content_type=content_type)))
    assert all(isinstance(text, str) for item in form.items() for text in item)


# feeds


@pytest.mark.parametrize(
    ("name", "media_type"),
    [
        ("atom.xml", "application/atom+xml; charset=utf-8"),
        ("rss.xml", "application/rss+xml; charset=utf-8"),
        ("feed.json", "application/feed+json"),
    ],
)
def test_a_feed_has_each_paper_and_knows_its_address(shared: Site, name: str, media_type: str) -> None:
    answer = shared.browser.get(shared.feed(name))

    assert answer.status_code == 200
    assert answer.headers["content-type"] == media_type
    assert answer.headers["last-modified"] == "Fri, 20 Nov 2026 08:00:00 GMT"
    assert f"{BASE}{shared.feed(name)}" in answer.text
    if name == "feed.json":
        assert len(json.loads(answer.content)["items"]) == 2
    else:
        assert {entry.link for entry in feedparser.parse(answer.content).entries} == {
            "https://arxiv.org/abs/2503.00001",
            "https://arxiv.org/abs/2503.00002",
        }


@pytest.mark.parametrize("encoding", ["gzip", "identity"])
def test_a_feed_comes_once(shared: Site, encoding: str) -> None:
    headers = {"Accept-Encoding": encoding}
    first = shared.browser.get(shared.feed(), headers=headers)
    again = [
        {"If-None-Match": first.headers["etag"]},
        {"If-None-Match": f'"other", W/{first.headers["etag"]}'},
        {"If-None-Match": "*"},
        {"If-Modified-Since": first.headers["last-modified"]},
        {"If-None-Match": first.headers["etag"], "If-Modified-Since": "Fri, 01 Jan 1999 00:00:00 GMT"},
    ]
    new = [
        {"If-None-Match": '"other"', "If-Modified-Since": first.headers["last-modified"]},
        {"If-Modified-Since": "Fri, 20 Nov 2026 07:59:59 GMT"},
        {"If-Modified-Since": "yesterday"},
    ]

    known = [shared.browser.get(shared.feed(), headers={**headers, **item}) for item in again]
    assert [(answer.status_code, answer.content) for answer in known] == [(304, b"")] * len(again)
    assert {answer.headers["etag"] for answer in known} == {first.headers["etag"]}
    assert [shared.browser.get(shared.feed(), headers={**headers, **item}).status_code for item in new] == [200] * 3


def test_a_feed_is_packed_for_those_who_can_unpack_it(shared: Site) -> None:
    packed = shared.browser.get(shared.feed(), headers={"Accept-Encoding": "br, gzip;q=0.5"})
    whole = shared.browser.get(shared.feed(), headers={"Accept-Encoding": "gzip;q=0"})

    assert packed.headers["content-encoding"] == "gzip"
    assert "content-encoding" not in whole.headers
    assert int(packed.headers["content-length"]) < len(whole.content) == int(whole.headers["content-length"])
    assert packed.content == whole.content
    assert packed.headers["etag"] != whole.headers["etag"]
    assert packed.headers["vary"] == whole.headers["vary"] == "Accept-Encoding"


def test_head_has_the_headers_alone(shared: Site) -> None:
    whole, head = shared.browser.get(shared.feed()), shared.browser.head(shared.feed())

    assert head.content == b""
    assert {**head.headers, "date": ""} == {**whole.headers, "date": ""}


def test_a_forged_feed_address_finds_nothing(shared: Site) -> None:
    name = shared.feed().rpartition("/")[0]

    assert [shared.browser.get(path).status_code for path in forged(shared.feed())] == [404] * 9
    assert shared.browser.get(f"{name}/edition.html").status_code == 404


def test_a_feed_ends_with_its_subscription_and_not_with_its_mails(site: Site) -> None:
    site.change("suppressed", "unsubscribed")
    assert site.browser.get(site.feed()).status_code == 200

    site.change("removed")
    assert site.browser.get(site.feed()).status_code == 410


def test_a_feed_without_an_edition_is_empty(site: Site) -> None:
    with Ledger.open(str(site.path)) as ledger, ledger.write() as tx:
        subscriptions.put(tx, replace(ADA, id="new"), NOW + timedelta(days=1))

    answer = site.browser.get(feed_path(site.secret, "new", "atom.xml"))

    assert feedparser.parse(answer.content).entries == []
    assert answer.headers["last-modified"] == "Sat, 21 Nov 2026 08:00:00 GMT"


@given(st.text(st.characters(codec="latin-1"), max_size=60))
def test_no_condition_is_too_strange(text: str) -> None:
    asked = Headers({"if-modified-since": text})

    assert is_known(asked, "tag", NOW) in {True, False}
    assert not is_known(Headers({"if-none-match": text.replace("tag", "").replace("*", "")}), "tag", None)
    takes_gzip([text])


@given(st.datetimes(datetime(1990, 1, 1), datetime(2200, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001
def test_a_copy_from_before_is_old(moment: datetime) -> None:
    asked = Headers({"if-modified-since": format_datetime(moment.replace(microsecond=0), usegmt=True)})

    assert is_known(asked, "", NOW) == (moment >= NOW.replace(microsecond=0))


# everything


def test_a_path_in_the_address_may_stay_or_be_cut_off(shared: Site) -> None:
    for path in (shared.leave, shared.feed(), "/health"):
        assert shared.browser.get(f"/papers{path}").status_code == shared.browser.get(path).status_code == 200


def test_health_knows_whether_the_ledger_can_be_read(site: Site) -> None:
    well = site.browser.get("/health")
    site.path.rename(site.path.with_name("elsewhere.db"))
    ill = site.browser.get("/health")

    assert (well.status_code, well.json()) == (200, {"status": "ok"})
    assert (ill.status_code, ill.json()) == (503, {"status": "failing"})


def test_without_a_ledger_nothing_is_lost_and_all_is_said(site: Site) -> None:
    site.path.rename(site.path.with_name("elsewhere.db"))

    answer = site.browser.post(site.leave, data=ONE_CLICK)

    assert answer.status_code == 503
    assert answer.headers["retry-after"] == "60"
    assert str(site.path) not in answer.text


@pytest.mark.parametrize("method", ["DELETE", "OPTIONS", "PATCH", "POST", "PUT", "TRACE", "QUERY"])
def test_other_methods_are_refused(shared: Site, method: str) -> None:
    answer = shared.browser.request(method, shared.feed())

    assert answer.status_code == 405
    assert set(answer.headers["allow"].split(", ")) == {"GET", "HEAD"}


def test_every_answer_is_guarded(shared: Site) -> None:
    for path in ("/", "/health", "/<script>", shared.leave, shared.feed(), shared.leave[:-1]):
        headers = shared.browser.get(path).headers
        rules = dict(item.strip().partition(" ")[::2] for item in headers["content-security-policy"].split(";"))
        assert (rules["default-src"], rules["frame-ancestors"], rules["base-uri"]) == ("'none'", "'none'", "'none'")
        assert headers["x-frame-options"] == "DENY"
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "no-referrer"
        assert headers["cache-control"]
        assert "set-cookie" not in headers
        assert "server" not in headers


def test_a_page_has_no_style_but_its_sheet(shared: Site) -> None:
    answer = shared.browser.get(shared.leave)

    assert " style=" not in answer.text
    assert answer.text.count("<style>") == answer.headers["content-security-policy"].count("'sha256-") == 1


@pytest.mark.parametrize(("template", "asked"), [("unsubscribe.html", ""), ("notice.html", "x"), ("page.html", "")])
def test_a_broken_template_is_told_to_the_log(
    tmp_path: Path, template: str, asked: str, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / template).write_text("{{ nothing }}")
    path = tmp_path / "ledger.db"
    secret = filled(path)
    with running(create_app(lambda: Ledger.open(str(path)), Renderer([tmp_path]))) as browser:
        answer = browser.get(unsubscribe_path(secret, "ada") + asked)

    assert answer.status_code == (404 if asked else 500)
    assert template in caplog.text
    assert template not in answer.text


def test_a_fault_of_ours_is_a_kind_page(caplog: pytest.LogCaptureFixture) -> None:
    def broken() -> Ledger:
        raise ZeroDivisionError("a fault")

    with running(create_app(broken, Renderer())) as browser:
        answer = browser.get("/health")

    assert answer.status_code == 500
    assert "It is not your fault" in answer.text
    assert answer.headers["x-frame-options"] == "DENY"
    assert "ZeroDivisionError: a fault" in caplog.text


# the server, and the command


@pytest.mark.parametrize("place", ["", "8000", ":8000", "127.0.0.1:", "127.0.0.1:99999", "a b:80", "::1:80", "[::1]"])
def test_a_place_that_is_none(place: str) -> None:
    with pytest.raises(ConfigError, match="is no address"):
        listen(place)


def test_a_place_that_is_taken_or_elsewhere() -> None:
    with listen("127.0.0.1:0") as taken:
        port = taken.getsockname()[1]
        with pytest.raises(ConfigError, match="cannot listen on"):
            listen(f"127.0.0.1:{port}")
    with pytest.raises(ConfigError, match="cannot listen on"):
        listen("nowhere.invalid:80")


@pytest.mark.skipif(not socket.has_ipv6, reason="this machine has no IPv6")
def test_a_place_in_ipv6() -> None:
    try:
        listening = listen("[::1]:0")
    except ConfigError as error:
        pytest.skip(str(error))
    with listening:
        assert re.fullmatch(r"http://\[::1\]:\d+", address_of(listening))


def test_serve_answers_and_ends_on_a_signal(tmp_path: Path) -> None:
    command = [sys.executable, "-u", "-m", "digestbot"]
    subprocess.run([*command, "init"], cwd=tmp_path, check=True, capture_output=True)
    with subprocess.Popen(
        [*command, "serve", "--every", "3600", "--web", "127.0.0.1:0"],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as service:
        assert service.stderr is not None
        assert service.stdout is not None
        said = [service.stderr.readline() for _ in range(3)]
        service.stdout.readline()  # the first round has made the ledger
        (address,) = re.findall(r"http://127\.0\.0\.1:\d+", said[1])
        with httpx.Client(base_url=address, trust_env=False) as browser:
            health = browser.get("/health")
        service.send_signal(signal.SIGTERM)
        _, rest = service.communicate(timeout=60)

    assert health.json() == {"status": "ok"}
    assert "base_url is not set" in said[2]
    assert (service.returncode, rest) == (0, "digestbot is ready\n")


def test_preview_tells_where_a_feed_is_found(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "digestbot"]
    subprocess.run([*command, "init"], cwd=tmp_path, check=True, capture_output=True)
    preview = [*command, "preview", "Sparse experts", "--format", "atom"]
    environment = {**os.environ, "DIGESTBOT_BASE_URL": BASE}

    done = subprocess.run(preview, cwd=tmp_path, env=environment, check=True, capture_output=True, text=True)

    (address,) = [link.href for link in feedparser.parse(done.stdout).feed.links if link.rel == "self"]
    with running(create_app(lambda: Ledger.open(str(tmp_path / "digestbot.db")), Renderer(), BASE)) as browser:
        assert browser.get(address.removeprefix("https://digests.example.org")).status_code == 200


@pytest.mark.parametrize("missing", ["starlette", "uvicorn"])
def test_without_the_extra_serve_says_what_to_install(tmp_path: Path, missing: str) -> None:
    script = f"import sys; sys.modules[{missing!r}] = None; from digestbot.cli import main; main()"

    done = subprocess.run(
        [sys.executable, "-c", script, "serve", "--web", "127.0.0.1:0"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 2
    assert "pip install 'digestbot[web]'" in done.stderr


# from digest to inbox to the end of it


class Relay(Controller):
    """A mail server on a free port that keeps what it takes."""

    def __init__(self) -> None:
        self.taken: list[bytes] = []
        super().__init__(self, hostname="127.0.0.1", port=0)

    def _trigger_server(self) -> None:
        assert isinstance(self.server, asyncio.Server)
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()  # type: ignore[no-untyped-call]

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Envelope) -> str:  # noqa: N802
        assert isinstance(envelope.original_content, bytes)
        self.taken.append(envelope.original_content)
        return "250 2.0.0 queued"


def mailed(path: Path) -> EmailMessage:
    """Send what is in the outbox through a mail server; return the one mail as a strict parser reads it."""
    relay = Relay()
    relay.start()
    try:
        server = SmtpServer("127.0.0.1", "Digests <digests@example.org>", "none", relay.port)
        with Ledger.open(str(path), owner=True) as ledger:
            assert deliver(ledger, lambda _: SmtpChannel(server), lambda: NOW).count("sent") == 1
    finally:
        relay.stop()
    (content,) = relay.taken
    return message_from_bytes(content, policy=policy.strict)


def test_every_link_of_a_mail_to_ourselves_works(site: Site) -> None:
    mail = mailed(site.path)
    bodies = {
        part.get_content_type(): part.get_content() for part in mail.iter_parts() if isinstance(part, EmailMessage)
    }
    assert list(bodies) == ["text/plain", "text/html"]
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"

    found = {kind: set(re.findall(rf"{re.escape(BASE)}[^\s\"<>]*", text)) for kind, text in bodies.items()}
    (header,) = re.findall(r"<(https:[^>]+)>", mail["List-Unsubscribe"])
    page = f"{BASE}{edition_path(site.secret, 'ada', DUE)}"
    assert found == {"text/plain": {header, page}, "text/html": {header, page}}
    assert site.browser.get(page.removeprefix("https://digests.example.org")).status_code == 200

    path = header.removeprefix("https://digests.example.org")
    assert site.browser.get(path).status_code == 200
    assert site.standing().state == "active"
    assert site.browser.post(path, data=ONE_CLICK).status_code == 200
    assert site.standing().state == "suppressed"


# feedback

GIVE, TAKE_BACK = {"feedback": "give"}, {"feedback": "take-back"}


@pytest.fixture
def asking(site: Site) -> Site:
    with Ledger.open(str(site.path)) as ledger, ledger.write() as tx:
        subscriptions.put(tx, replace(ADA, feedback=True), NOW)
    return site


def said(site: Site) -> list[tuple[str, bool]]:
    with Ledger.open(str(site.path)) as ledger, ledger.read() as tx:
        return [(item.paper.id, item.liked) for item in opinions.listing(tx, "ada")]


def feedback(site: Site, direction: Direction = "more", paper: str = "arxiv:2503.00001") -> str:
    return feedback_path(site.secret, "ada", direction, paper)


def test_asking_for_more_takes_a_click_and_a_button(asking: Site) -> None:
    for _ in range(2):
        shown = asking.browser.get(feedback(asking))
        assert asking.browser.head(feedback(asking)).status_code == 200
        assert (shown.status_code, said(asking)) == (200, [])
    assert shown.text.count("<button") == 1
    assert "Union of &lt;b&gt;Experts&lt;/b&gt; &amp; More" in shown.text
    assert "Sparse experts &amp; &lt;more&gt;" in shown.text

    answers = [asking.browser.post(feedback(asking), data=GIVE) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [200, 200]
    assert answers[0].text == answers[1].text == asking.browser.get(feedback(asking)).text
    assert 'value="take-back"' in answers[0].text
    assert said(asking) == [("arxiv:2503.00001", True)]


def test_feedback_has_the_headers_of_every_page(asking: Site) -> None:
    pages = [asking.browser.get(feedback(asking)), asking.browser.get(asking.leave)]
    own, other = ({**page.headers, "date": "", "content-length": ""} for page in pages)

    assert own == other
    assert "script" not in pages[0].text


def test_the_last_word_counts_and_goes_when_it_is_taken_back(asking: Site) -> None:
    asking.browser.post(feedback(asking), data=GIVE)
    assert "You asked for more like this." in asking.browser.get(feedback(asking, "less")).text

    asking.browser.post(feedback(asking, "less"), data=GIVE)
    assert said(asking) == [("arxiv:2503.00001", False)]

    answer = asking.browser.post(feedback(asking, "less"), data=TAKE_BACK)
    assert 'value="give"' in answer.text
    assert said(asking) == []


@pytest.mark.parametrize("body", [b"", b"feedback=yes", b"List-Unsubscribe=One-Click"])
def test_feedback_that_asks_for_nothing_changes_nothing(asking: Site, body: bytes) -> None:
    headers = {"Content-Type": "application/x-www-form-urlencoded"}

    assert asking.browser.post(feedback(asking), content=body, headers=headers).status_code == 400
    assert said(asking) == []


def test_a_token_of_feedback_is_for_one_paper_and_one_direction(asking: Site) -> None:
    path = feedback(asking)
    wrong = [
        path.replace("/more/", "/less/"),
        path.replace("/more/", "/rather/"),
        path.replace("00001", "00002"),
        path.replace("/ada/", "/eve/"),
        path[:-1],
        feedback(asking, paper="arxiv:2503.99999"),  # genuine, and there is no such paper
        feedback(asking).replace(path.split("/")[4], asking.leave.rpartition("/")[2]),
    ]

    assert [asking.browser.post(item, data=GIVE).status_code for item in wrong] == [404] * len(wrong)
    assert said(asking) == []


def test_nobody_who_is_not_asked_can_answer(site: Site) -> None:
    assert site.browser.post(feedback(site), data=GIVE).status_code == 404
    site.change("removed")
    assert site.browser.get(feedback(site)).status_code == 410


def test_an_address_of_feedback_outlives_a_better_id(asking: Site) -> None:
    plain = Paper("Experts with a Slash", abstract="We slash.", authors=("Jane Doe",))
    later = NOW + timedelta(days=1)
    with Ledger.open(str(asking.path), owner=True) as ledger:
        ingest(ledger, [Reading("b.txt", "test", (plain,))], later)
        with ledger.read() as tx:
            old = next(item.paper.id for item in papers.every(tx) if item.paper.title == plain.title)
        assert len(publish(ledger, Press(Renderer(), "d@example.org", BASE), later).issues) == 1
        better = replace(plain, id="doi:10.1000/a(b)/c", doi="10.1000/a(b)/c")
        ingest(ledger, [Reading("c.txt", "test", (better,))], later)

    assert old.startswith("title:")
    assert asking.browser.post(feedback(asking, paper=old), data=GIVE).status_code == 200
    assert said(asking) == [("doi:10.1000/a(b)/c", True)]
    assert asking.browser.post(feedback(asking, "less", "doi:10.1000/a(b)/c"), data=GIVE).status_code == 200
    assert said(asking) == [("doi:10.1000/a(b)/c", False)]


# the page of an edition


def page_of(site: Site) -> str:
    return edition_path(site.secret, "ada", DUE)


def test_an_edition_has_a_page_with_every_paper_whole(shared: Site) -> None:
    answer = shared.browser.get(page_of(shared))

    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.headers["x-robots-tag"] == "noindex, nofollow"
    words = unescape(re.sub(r"</?(?:mark|b)\b[^>]*>", "", answer.text))
    for paper in PAPERS:
        assert paper.title in words
        assert paper.abstract.strip() in words
    assert "Sparse experts &amp; &lt;more&gt;" in answer.text
    assert "1 digest read" in answer.text
    assert answer.text.count("<main>") == answer.text.count("</main>") == 1


def test_the_page_gives_nobody_the_rights_of_its_subscriber(shared: Site) -> None:
    page = shared.browser.get(page_of(shared)).text

    assert "/unsubscribe/" not in page
    assert "/feeds/" not in page
    assert "/feedback/" not in page
    assert "ada@example.org" not in page


def test_no_style_of_the_page_is_outside_its_sheets(shared: Site) -> None:
    answer = shared.browser.get(page_of(shared))

    sheets = re.findall(r"<style>(.*?)</style>", answer.text, re.DOTALL)
    policy = answer.headers["content-security-policy"]
    hashes = [base64.b64encode(hashlib.sha256(sheet.encode()).digest()).decode() for sheet in sheets]
    assert "style=" not in answer.text
    assert "<script" not in answer.text
    assert not re.search(r" (?:align|valign|width|border|cellpadding|cellspacing|bgcolor)=", answer.text)
    assert len(sheets) == 3
    assert policy.endswith("style-src " + " ".join(f"'sha256-{item}'" for item in hashes))


def test_the_page_is_sent_once(shared: Site) -> None:
    first = shared.browser.get(page_of(shared))

    by_tag = shared.browser.get(page_of(shared), headers={"If-None-Match": first.headers["etag"]})
    by_time = shared.browser.get(page_of(shared), headers={"If-Modified-Since": first.headers["last-modified"]})

    assert [by_tag.status_code, by_time.status_code] == [304, 304]
    assert first.headers["cache-control"] == "private, no-cache"
    assert first.headers["content-encoding"] == "gzip"
    assert shared.browser.head(page_of(shared)).status_code == 200


def test_a_forged_page_is_not_there(shared: Site) -> None:
    _, root, name, token, due = page_of(shared).split("/")
    wrong = [f"/{root}/{name}/{shared.leave.rpartition('/')[2]}/{due}", f"/{root}/eve/{token}/{due}"]
    wrong += [
        f"/{root}/{name}/{token}/{other}" for other in ("20261120T080001000000Z", "x", "%00", "99999999T999999000000Z")
    ]

    assert [shared.browser.get(path).status_code for path in wrong] == [404] * 6
    # one that was never made, though its address is genuine
    assert shared.browser.get(edition_path(shared.secret, "ada", DUE - timedelta(days=1))).status_code == 404


def test_the_page_of_what_was_removed_is_gone(site: Site) -> None:
    site.change("removed")

    assert site.browser.get(page_of(site)).status_code == 410


def test_the_mail_names_the_page(site: Site) -> None:
    with Ledger.open(str(site.path)) as ledger, ledger.read() as tx:
        (mail,) = tx.connection.exec_driver_sql("SELECT content FROM message_part").scalars()
    parts = [part.get_content() for part in message_from_bytes(mail, policy=policy.default).iter_parts()]

    assert len(parts) == 2
    assert all(f"{BASE}{page_of(site)}" in part for part in parts)


def test_the_page_has_what_the_mail_had_no_room_for(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    papers = tuple(
        Paper(f"Experts {n}", f"arxiv:2503.1{n:04}", abstract=f"We route experts, {n} of them. " * 100)
        for n in range(60)
    )
    with Ledger.open(str(path), owner=True, domain="digests.example.org") as ledger:
        with ledger.write() as tx:
            subscriptions.put(tx, replace(ADA, limit=20), NOW)
        ingest(ledger, [Reading("a.txt", "test", papers)], NOW)
        publish(ledger, Press(Renderer(), "Digests <digests@example.org>", BASE), NOW)
        secret = ledger.instance.secret
        with ledger.read() as tx:
            (mail,) = tx.connection.exec_driver_sql("SELECT content FROM message_part").scalars()
    (html,) = (
        part.get_content()
        for part in message_from_bytes(mail, policy=policy.default).iter_parts()
        if part.get_content_type() == "text/html"
    )

    with running(create_app(lambda: Ledger.open(str(path), create=False), Renderer(), BASE)) as browser:
        page = browser.get(edition_path(secret, "ada", DUE)).text

    assert len(html.encode()) <= 102_000
    assert "the page of this edition" in html
    assert html.count("<h2") < 25
    assert page.count("of them. We route") >= 50 * 99
    assert "And 10 more that match" in page  # they come with the next edition


@pytest.mark.parametrize(
    ("element", "page"),
    [
        ('<td align="left" style="color:red">', '<td class="s0">'),
        ('<td class="ink" style="color:red">', '<td class="ink s0">'),
        ('<table width="100%" border="0" cellpadding="0">', '<table class="s0">'),
        (
            '<table role="presentation" width="9"><tr><td>x</td></tr></table>',
            '<div class="lay-table s0"><div class="lay-tr"><div class="lay-td">x</div></div></div>',
        ),
        (
            '<table role="presentation"><tr><td><table><tr><td>x</td></tr></table></td></tr></table>',
            '<div class="lay-td"><table><tr><td>x</td></tr></table></div></div></div>',
        ),
        (
            '<a href="https://a.example/?x=1&amp;y=2" style="color:red">',
            '<a href="https://a.example/?x=1&amp;y=2" class="s0">',
        ),
        (
            "<p>a style=&quot;b&quot; &lt;p style=&#34;c&#34;&gt;</p>",
            "<p>a style=&quot;b&quot; &lt;p style=&#34;c&#34;&gt;</p>",
        ),
        ("<!--[if mso]><table><![endif]-->", ""),
        ("<br>", "<br>"),
    ],
)
def test_styles_move_into_a_sheet(element: str, page: str) -> None:
    assert page in lifted(element)
    assert ' style="' not in lifted(element)


def test_a_style_does_not_end_its_sheet() -> None:
    assert "</style>x" not in lifted('<style></style><p style="font-family:&lt;/style&gt;x">')
