"""Chats and pushes through Apprise's own JSON service, against real servers on loopback."""

import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bad_server import BadServer, bad_server
from digestbot.addresses import without
from digestbot.channels import notifying
from digestbot.channels.notify import BRIEF_MARKDOWN, BRIEF_TEXT, NotifyChannel
from digestbot.channels.notifying import notify, shortened, unmentioned
from digestbot.errors import ConfigError, DeliveryError, DoubtfulDeliveryError, PermanentDeliveryError
from digestbot.models import Message, Part
from http_sink import http_sink

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of what Apprise loads, not of ours

TEXT = "• Union of Experts — We route. https://arxiv.org/abs/2503.00001\n• Another\n\n2 papers · Friday\n"
MARKDOWN = "- [Union of Experts](https://arxiv.org/abs/2503.00001)\n- Another\n\n2 papers · Friday\n"


@pytest.fixture(scope="module")
def server() -> Iterator[BadServer]:
    with bad_server() as server:
        yield server


def short(address: str) -> Message:
    parts = (Part("a", BRIEF_TEXT, TEXT.encode()), Part("b", BRIEF_MARKDOWN, MARKDOWN.encode()))
    return Message("KEY26", "notify", address, "2 papers: @everyone look", parts)


def told(url: str) -> tuple[str, str]:
    """Send in this process, as the other one does: starting it takes a while."""
    return notify({"url": url, "title": "2 papers", "text": TEXT, "markdown": MARKDOWN})


def test_a_short_form_arrives(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DIGESTBOT_SMTP_PASSWORD", "never to be seen there")
    with http_sink() as sink, NotifyChannel() as channel:
        assert channel.deliver(short(f"json://user:s3cret@127.0.0.1:{sink.port}/room")) == "the service took it"
        assert told(f"json://127.0.0.1:{sink.port}/room?format=text")[0] == "sent"
    rich, plain = (json.loads(posted.body) for posted in sink.posted)
    assert rich["title"] == "2 papers: @\u2060everyone look"  # nobody is called by a title
    assert plain["message"].splitlines() == TEXT.splitlines()
    assert "[Union of Experts](https://arxiv.org/abs/2503.00001)" in rich["message"]
    assert sink.posted[0].path == "/room"


def test_a_service_that_does_not_come_to_an_end_is_ended(server: BadServer) -> None:
    with pytest.raises(
        DoubtfulDeliveryError, match=r"end within 3 s|library failed|without a word|raised an exception"
    ) as caught:
        NotifyChannel(seconds=3, memory=600 << 20).deliver(short(f"json://user:s3cret@127.0.0.1:{server.port}/endless"))
    assert "s3cret" not in caught.value.message


@pytest.mark.parametrize(
    ("path", "outcome", "words"),
    [
        ("500", "later", "error=500"),
        ("429", "later", "error=429"),
        ("403", "later", "error=403"),
        ("moved", "later", "error=301"),
        ("silent?rto=0.3", "doubt", "did not answer"),
        ("hang-up", "doubt", "did not answer"),
        ("cut", "doubt", "did not answer"),
    ],
)
def test_every_answer_is_an_outcome(server: BadServer, path: str, outcome: str, words: str) -> None:
    good = server.asked["/good"]
    found, said = told(f"json://user:s3cret@127.0.0.1:{server.port}/{path}")
    assert (found, words in said) == (outcome, True), said
    assert "s3cret" not in said
    assert "127.0.0.1" not in said
    assert server.asked["/good"] == good  # no redirect was followed


def test_nobody_there_is_for_later() -> None:
    assert told("json://127.0.0.1:9/room")[0] == "later"


@pytest.mark.parametrize("url", ["nonsense://T0K3N/s3cret", "slack://s3cret", "json://", "no address", ""])
def test_what_is_no_address_is_never_tried_again(url: str) -> None:
    outcome, said = told(url)
    assert (outcome, "s3cret" in said, "T0K3N" in said) == ("never", False, False)


def test_several_receivers_under_one_address_are_refused() -> None:
    """One of them may fail and the others have it: trying again would double it there."""
    outcome, said = told("slack://T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ/#one/#two")
    assert (outcome, "several receivers" in said) == ("never", True)


def test_without_the_extra_the_channel_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(ConfigError, match=r"pip install 'digestbot\[notify\]'"):
        NotifyChannel()


def test_a_process_that_cannot_be_started_is_for_later(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("digestbot.channels.notify._PROGRAM", (str(tmp_path / "none"),))
    with pytest.raises(DeliveryError, match="cannot be started"):
        NotifyChannel().deliver(short("json://127.0.0.1:9/"))


def test_a_process_that_dies_leaves_the_message_in_doubt(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("digestbot.channels.notify._PROGRAM", (sys.executable, "-c", "raise SystemExit(9)"))
    with pytest.raises(DoubtfulDeliveryError, match="without a word, with code 9"):
        NotifyChannel().deliver(short("json://127.0.0.1:9/"))


def test_the_process_sees_none_of_our_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    look = "import json, os; print(json.dumps(['sent', ' '.join(os.environ)]))"
    monkeypatch.setattr("digestbot.channels.notify._PROGRAM", (sys.executable, "-c", look))
    monkeypatch.setenv("DIGESTBOT_SMTP_PASSWORD", "x")
    said = NotifyChannel().deliver(short("json://127.0.0.1:9/"))
    assert "PATH" in said.split() or "PATH" not in os.environ
    assert "DIGESTBOT" not in said


def test_a_message_without_a_short_form_is_refused() -> None:
    with pytest.raises(PermanentDeliveryError, match="has no part of"):
        NotifyChannel().deliver(Message("KEY26", "notify", "json://x", "x", ()))


@given(st.lists(st.text("ab ", min_size=1).filter(str.strip), max_size=8), st.integers(0, 200))
def test_a_short_form_fits_or_holds_its_foot_alone(papers: list[str], room: int) -> None:
    body = "\n".join([*papers, "", "the foot"])
    short_form = shortened(body, room)
    lines = short_form.split("\n")
    kept = [line for line in lines if line in papers and not line.startswith("…")]
    assert lines[-1] == "the foot"
    assert len(short_form) <= room or not kept
    cut = sum(int(line.split()[2]) for line in lines if line.startswith("… and "))
    assert len(lines) - 2 - bool(cut) + cut == len(papers)


@pytest.mark.parametrize(
    ("text", "calls"),
    [
        ("@everyone", "@\u2060everyone"),
        ("see <!channel> <@U1> <#C1>", "see <\u2060!channel> <\u2060@\u2060U1> <\u2060#C1>"),
        ("ada@example.org https://medium.com/@ada a @ b", "ada@example.org https://medium.com/@ada a @ b"),
    ],
)
def test_nobody_is_called(text: str, calls: str) -> None:
    assert unmentioned(text) == calls


def test_no_piece_of_an_address_is_told() -> None:
    url = "tgram://123456789:abcdefg_hijklmnop/lead2gold/?format=markdown&key=p%40ssword"
    said = without(f"could not send to {url} of lead2gold: abcdefg_hijklmnop p@ssword\r\n\x1b[1m", url)
    assert not any(piece in said for piece in ("123456789", "abcdefg", "lead2gold", "p@ss", "p%40ss", "\x1b", "\n"))
    assert said.startswith("could not send to tgram://…")


def test_a_library_that_fails_leaves_the_message_in_doubt(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise MemoryError("s3cret")

    monkeypatch.setattr(notifying, "_notify", fail)
    assert told("json://127.0.0.1:9/") == ("doubt", "the notification library failed: MemoryError")
