"""Webhooks: real servers on loopback, good and bad ones; each hand-over has an outcome, repeats bear one id."""

import base64
import hashlib
import hmac
import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from bad_server import BadServer, bad_server
from digestbot.channels import Channel
from digestbot.channels.folder import FolderChannel
from digestbot.channels.webhook import Posting, WebhookChannel, signed
from digestbot.connections.reach import Guard
from digestbot.errors import DeliveryError, PermanentDeliveryError, TransientDeliveryError
from digestbot.ledger import Ledger, claiming, subscriptions
from digestbot.ledger.claiming import Wanted
from digestbot.ledger.outbox import Lease
from digestbot.ledger.schema import message
from digestbot.models import Message, Paper, Part, Reading, Subscription
from digestbot.pipeline import Digest, Press, deliver, ingest, publish
from digestbot.rendering import Renderer
from digestbot.tokens import webhook_key, webhook_secret
from http_sink import http_sink

NOW = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)
SECRET = bytes(range(32))
BODY = b'{"type": "edition.published"}'
HERE = Posting(Guard(allow_private=True), seconds=0.5, clock=lambda: 1_700_000_000.7)


@pytest.fixture(scope="module")
def server() -> Iterator[BadServer]:
    with bad_server() as server:
        yield server


def call(address: str, generation: int = 0) -> Message:
    return Message("k" * 26, "webhook", address, "3 papers", (Part("x", "application/json", BODY),), generation)


def failure(address: str, posting: Posting = HERE) -> DeliveryError:
    with pytest.raises(DeliveryError) as caught, WebhookChannel(SECRET, posting) as channel:
        channel.deliver(call(address))
    return caught.value


def verified(secret: str, headers: dict[str, str], body: bytes) -> bool:
    """Verify a signature as the page on channels tells receivers to, from nothing but what they have."""
    key = base64.b64decode(secret.removeprefix("whsec_"))
    signed_text = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    wanted = base64.b64encode(hmac.new(key, signed_text, hashlib.sha256).digest()).decode()
    given = [part.removeprefix("v1,") for part in headers["webhook-signature"].split() if part.startswith("v1,")]
    return any(hmac.compare_digest(wanted, signature) for signature in given)


def test_a_call_is_signed_and_a_repeat_bears_the_same_id() -> None:
    with http_sink() as sink, WebhookChannel(SECRET, HERE) as channel:
        assert channel.deliver(call(f"{sink.url}/hook?q=1")) == "200 OK"
        assert channel.deliver(call(f"{sink.url}/hook?q=1")) == "200 OK"
        channel.deliver(call(f"{sink.url}/hook?q=1", generation=1))
    first, again, ordered = sink.posted
    heads = {name.lower(): value for name, value in first.headers.items()}
    assert (first.path, first.body, heads["content-type"]) == ("/hook?q=1", BODY, "application/json")
    assert heads["webhook-timestamp"] == "1700000000"
    assert first.headers["webhook-id"] == again.headers["webhook-id"] == f"{'k' * 26}.0"
    assert ordered.headers["webhook-id"] == f"{'k' * 26}.1"
    assert verified(webhook_secret(SECRET, f"{sink.url}/hook?q=1"), heads, first.body)
    assert not verified(webhook_secret(SECRET, f"{sink.url}/other"), heads, first.body)
    assert not verified(webhook_secret(SECRET, f"{sink.url}/hook?q=1"), heads, first.body + b" ")


def test_the_signature_is_that_of_the_specification() -> None:
    headers = signed(SECRET, call("https://example.org/"), BODY, 1)
    known = hmac.new(webhook_key(SECRET, "https://example.org/"), b"k" * 26 + b".0.1." + BODY, hashlib.sha256).digest()
    assert headers["webhook-signature"] == f"v1,{base64.b64encode(known).decode()}"


def test_a_log_in_goes_into_its_header_and_not_into_the_address() -> None:
    with http_sink() as sink, WebhookChannel(SECRET, HERE) as channel:
        channel.deliver(call(f"http://ada:p%40ss@127.0.0.1:{sink.port}/hook#top"))
    (posted,) = sink.posted
    assert posted.path == "/hook"
    assert posted.headers["Authorization"] == f"Basic {base64.b64encode(b'ada:p@ss').decode()}"
    assert "p%40ss" not in posted.headers["Host"]


@pytest.mark.parametrize(
    ("path", "kind", "words"),
    [
        ("/500", TransientDeliveryError, "answered 500 Internal Server Error"),
        ("/429", TransientDeliveryError, "answered 429 Too Many Requests"),
        ("/403", PermanentDeliveryError, "answered 403 Forbidden"),
        ("/410", PermanentDeliveryError, "answered 410 Gone"),
        ("/moved", PermanentDeliveryError, "answered 301 Moved Permanently; it redirects"),
        ("/to-private", PermanentDeliveryError, "answered 302 Found; it redirects"),
        ("/silent", TransientDeliveryError, r"did not answer within 0.5 s"),
        ("/slow-head", TransientDeliveryError, r"did not answer within 0.5 s"),
        ("/hang-up", TransientDeliveryError, "no answer that is HTTP"),
        ("/no-http", TransientDeliveryError, "no answer that is HTTP"),
        ("/huge-head", TransientDeliveryError, "no answer that is HTTP"),
    ],
)
def test_every_answer_is_an_outcome(server: BadServer, path: str, kind: type[DeliveryError], words: str) -> None:
    good = server.asked["/good"]
    error = failure(server.url + path)
    assert type(error) is kind
    assert words in error.message
    assert server.asked["/good"] == good  # no redirect was followed


@pytest.mark.parametrize("path", ["/good", "/endless", "/cut", "/slow-body", "/bomb"])
def test_a_2xx_is_enough_whatever_comes_behind_it(server: BadServer, path: str) -> None:
    assert WebhookChannel(SECRET, HERE).deliver(call(server.url + path)) == "200 OK"


def test_nobody_there_is_for_later(server: BadServer) -> None:
    error = failure("http://127.0.0.1:9/hook")
    assert type(error) is TransientDeliveryError
    assert "cannot be reached" in error.message
    slow = replace(HERE, guard=Guard(resolve=lambda host, port: []))
    assert "cannot be reached" in failure("http://nobody.example/", slow).message


@pytest.mark.parametrize("host", ["127.0.0.1", "[::1]", "10.0.0.1", "169.254.169.254", "[::ffff:127.0.0.1]"])
def test_private_addresses_are_asked_only_when_that_is_allowed(host: str) -> None:
    error = failure(f"http://{host}:9/latest/meta-data", Posting(seconds=0.5))
    assert type(error) is TransientDeliveryError
    assert "private address" in error.message
    assert "webhook.allow_private" in error.message


def test_a_name_that_leads_home_is_private_too() -> None:
    guard = Guard(resolve=lambda host, port: ["127.0.0.1"])
    assert "private address" in failure("http://rebound.example/", Posting(guard, 0.5)).message


@pytest.mark.parametrize("address", ["", "ftp://example.org/", "http://", "http://[::1", "http://a:99999/", "x"])
def test_what_is_no_address_is_never_tried_again(address: str) -> None:
    assert type(failure(address)) is PermanentDeliveryError


def test_a_message_without_data_is_refused() -> None:
    with pytest.raises(PermanentDeliveryError, match="has no part of application/json"):
        WebhookChannel(SECRET).deliver(replace(call("https://example.org/"), parts=()))


def test_words_of_a_refusal_are_kept_without_addresses() -> None:
    with http_sink() as sink:
        error = failure(f"{sink.url}/404/T0K3N")
    assert error.reply.startswith("404 Not Found: no /404/… here, a…@example.org")


# The outbox


@pytest.fixture
def ledger() -> Iterator[Ledger]:
    with Ledger.open("sqlite://", domain="digests.example.org") as ledger:
        yield ledger


def published(ledger: Ledger, *who: Subscription) -> None:
    papers = (Paper("Union of Experts", "arxiv:2503.00001", abstract="We route tokens.", url="javascript:alert(1)"),)
    with ledger.write() as tx:
        for item in who:
            subscriptions.put(tx, item, NOW)
    ingest(ledger, [Digest("a", "a", lambda: Reading("a", "test", papers))], NOW)
    publish(ledger, Press(Renderer(), "Digests <digests@example.org>", "https://example.org"), NOW)


def opener(ledger: Ledger, folder: Path, posting: Posting = HERE) -> Callable[[str], Channel]:
    def open_channel(name: str) -> Channel:
        return WebhookChannel(ledger.instance.secret, posting) if name == "webhook" else FolderChannel(folder)

    return open_channel


def hook(name: str, address: str) -> Subscription:
    return Subscription(name, name, "experts", "webhook", address, "daily 08:00")


def state_of(ledger: Ledger) -> dict[str, str]:
    with ledger.read() as tx:
        rows = tx.connection.execute(select(message.c.subscription_id, message.c.state))
        return {row.subscription_id: row.state for row in rows}


def test_each_receiver_has_its_outcome_and_the_others_are_served(
    ledger: Ledger, server: BadServer, tmp_path: Path
) -> None:
    paths = ["/good", "/500", "/429", "/403", "/silent", "/hang-up", "/moved", "/endless"]
    box = Subscription("box", "box", "experts", "folder", "", "daily 08:00")
    published(ledger, box, *(hook(path[1:], server.url + path) for path in paths))
    deliver(ledger, opener(ledger, tmp_path), lambda: NOW)
    sent, waits, failed = ("good", "endless", "box"), ("500", "429", "silent", "hang-up"), ("403", "moved")
    assert state_of(ledger) == dict.fromkeys(sent, "sent") | dict.fromkeys(waits, "due") | dict.fromkeys(
        failed, "failed"
    )


def test_the_edition_is_posted_as_the_documented_data(ledger: Ledger, tmp_path: Path) -> None:
    with http_sink() as sink:
        published(ledger, hook("hook", f"{sink.url}/x"))
        deliver(ledger, opener(ledger, tmp_path), lambda: NOW)
    (posted,) = sink.posted
    data = json.loads(posted.body)
    assert (data["type"], data["data"]["version"]) == ("edition.published", 1)
    assert posted.headers["webhook-id"] == f"{data['data']['key']}.0"
    (paper,) = data["data"]["papers"]
    assert paper["paper"]["title"] == "Union of Experts"
    assert Paper.from_dict(paper["paper"]).abstract == "We route tokens."
    assert paper["url"] == "https://arxiv.org/abs/2503.00001"  # and no script that stood in the digest
    assert paper["why"] == [{"clause": "experts", "words": ["Experts"]}]


def test_an_answer_that_was_lost_is_asked_for_again_under_the_same_id(
    ledger: Ledger, server: BadServer, tmp_path: Path
) -> None:
    published(ledger, hook("hook", f"{server.url}/hang-up"))
    before = len(server.heads)
    deliver(ledger, opener(ledger, tmp_path), lambda: NOW)
    deliver(ledger, opener(ledger, tmp_path), lambda: NOW + timedelta(minutes=10))
    lines = [line for head in server.heads[before:] for line in head.splitlines()]
    first, again = (line for line in lines if line.startswith("webhook-id: "))
    assert first == again
    assert state_of(ledger) == {"hook": "due"}


def test_a_killed_hand_over_is_made_again(ledger: Ledger, tmp_path: Path) -> None:
    with http_sink() as sink:
        published(ledger, hook("hook", f"{sink.url}/x"))
        with ledger.write() as tx:
            (item,) = claiming.claim(tx, Wanted(1), Lease("gone", 0), NOW)
            claiming.hand(tx, [item], NOW)
        WebhookChannel(ledger.instance.secret, HERE).deliver(call(f"{sink.url}/x"))  # and then the process died
        deliver(ledger, opener(ledger, tmp_path), lambda: NOW + timedelta(hours=1))
    assert state_of(ledger) == {"hook": "sent"}
    assert item.channel == "webhook"


def test_who_is_gone_gets_nothing_more(ledger: Ledger, server: BadServer, tmp_path: Path) -> None:
    published(ledger, hook("gone", f"{server.url}/410"), hook("here", f"{server.url}/good"))
    deliver(ledger, opener(ledger, tmp_path), lambda: NOW)
    with ledger.read() as tx:
        standings = {item.subscription.id: (item.state, item.reason) for item in subscriptions.listing(tx)}
    assert standings == {"gone": ("suppressed", "the webhook answered 410 Gone"), "here": ("active", "")}
