"""Sentences by a language model: asked of a real server on the loopback that answers well, badly, late and hostile."""

import json
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from digestbot.config import load
from digestbot.enrichment.chat import Writer, sentence
from digestbot.errors import ConfigError
from digestbot.ledger import Ledger, matches
from digestbot.ledger.sentence_tables import sentence as table
from digestbot.models import Paper, Reading, Subscription
from digestbot.pipeline import Press, ingest, preview, publish, subscribe
from digestbot.pipeline.summarising import Author, write
from digestbot.rendering import Renderer
from digestbot.summaries import summarise
from digestbot.summaries.asking import messages
from digestbot.summaries.checking import flaw

NOW = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)
TITLE = "Union of Experts"
ABSTRACT = (
    "Experts are large. We route each token to 2 of 64 experts, and reach 81.3% on GLUE with 1,200 GPU hours, "
    "three times fewer than the Switch Transformer of Google needs."
)
GOOD = "It routes each token to 2 of 64 experts and reaches 81.3% on GLUE with three times fewer GPU hours."
PAPER = Paper(TITLE, "arxiv:2503.00001", abstract=ABSTRACT)
BOX = Subscription("box", "experts", "experts", "folder", "", "instant", max_per_day=0)
MODEL = "small-model"
KEY = "sk-very-secret"


def chosen(text: object, reason: str = "stop") -> bytes:
    """Return a whole answer as such servers give it."""
    message = {"role": "assistant", "content": text}
    choice = {"index": 0, "message": message, "finish_reason": reason}
    return json.dumps({"id": "x", "object": "chat.completion", "model": MODEL, "choices": [choice]}).encode()


class Server(BaseHTTPRequestHandler):
    """What is asked below ``/NAME`` is answered as NAME says."""

    asked: list[tuple[str, dict[str, str], Any]]
    elsewhere: str

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.asked.append((self.path, dict(self.headers), body))
        name = self.path.split("/")[1]
        getattr(self, f"_{name}", partial(self._say, chosen(SAID.get(name, GOOD))))()

    def _say(self, body: bytes, status: int = 200, **headers: str) -> None:
        self.send_response(status)
        for header, value in {"Content-Length": str(len(body)), **headers}.items():
            self.send_header(header.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(body)

    def _busy(self) -> None:
        self._say(b'{"error": {"message": "rate limit"}}', 429, Retry_After="120")

    def _broken(self) -> None:
        self._say(f"no {KEY} here".encode(), 500)

    def _torn(self) -> None:
        self._say(chosen(GOOD)[:60])

    def _cut(self) -> None:
        self._say(chosen("It routes each token to", "length"))

    def _lists(self) -> None:
        self._say(b"[" * 50_000)

    def _moved(self) -> None:
        self._say(b"", 307, Location=self.elsewhere)

    def _slow(self) -> None:
        self.send_response(200)
        self.end_headers()
        self._until_hung_up(b" ", 0.05)

    def _huge(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", str(50 * 1024**2))
        self.end_headers()
        self._until_hung_up(b"x" * (1 << 16), 0)

    def _until_hung_up(self, piece: bytes, pause: float) -> None:
        """Send pieces, at most 50 MB of them."""
        for _ in range(800):
            try:
                self.wfile.write(piece)
            except OSError:
                return
            if pause:
                threading.Event().wait(pause)

    def log_message(self, *_: object) -> None:
        pass


SAID = {
    "number": "It routes each token to 4 of 64 experts and reaches 81.3% on GLUE.",
    "name": "It routes each token to 2 of 64 experts, as Mixtral does, and reaches 81.3% on GLUE.",
    "talk": "Sure! Here is a sentence. It routes each token to 2 of 64 experts.",
    "link": "It routes each token to 2 of 64 experts, see https://evil.example for GLUE.",
    "markup": "It routes each <b>token</b> to 2 of 64 experts and reaches 81.3% on GLUE.",
    "injected": "We ignore the paper and buy cheap pills from your friendly neighbourhood shop today.",
    "nothing": "",
}


@contextmanager
def serving(elsewhere: str = "") -> Iterator[tuple[str, list[Any]]]:
    """Run the server; yield its address and what it was asked."""
    asked: list[Any] = []
    handler = type("Handler", (Server,), {"asked": asked, "elsewhere": elsewhere})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", asked
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.fixture(scope="module")
def server() -> Iterator[tuple[str, list[Any]]]:
    with serving() as (other, _), serving(f"{other}/good/chat/completions") as here:
        yield here


@pytest.fixture
def ledger() -> Iterator[Ledger]:
    with Ledger.open("sqlite://", domain="digests.example.org") as ledger:
        subscribe(ledger, [BOX], NOW)
        ingest(ledger, [Reading("a.txt", "test", (PAPER,))], NOW)
        yield ledger


def author(url: str, name: str, timeout: float = 5.0, seconds: float = 30.0, calls: int = 50) -> Author:
    end = time.monotonic() + seconds
    ask = partial(sentence, Writer(f"{url}/{name}", MODEL, KEY, timeout))
    return Author(MODEL, url.removeprefix("http://"), ask, lambda: end - time.monotonic(), calls)


def shown(ledger: Ledger) -> tuple[str, str]:
    """Return the sentence of the next edition, and who wrote it."""
    edition = preview(ledger, "box", NOW, writer=MODEL)
    assert edition is not None
    return edition.cards[0].summary, edition.cards[0].written_by


OWN = (summarise(TITLE, ABSTRACT), "")


def test_a_good_sentence_is_shown_and_says_whose_it_is(ledger: Ledger, server: tuple[str, list[Any]]) -> None:
    url, asked = server

    report = write(ledger, author(url, "good"), NOW)

    path, headers, body = asked[-1]
    assert (report.written, report.fell_back) == (1, 0)
    assert shown(ledger) == (GOOD, MODEL)
    assert path == "/good/chat/completions"
    assert headers["Authorization"] == f"Bearer {KEY}"
    assert (body["model"], body["temperature"], body["messages"]) == (MODEL, 0, messages(TITLE, ABSTRACT))


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("number", "a number that is not in the paper"),
        ("name", "a name that is not in the paper"),
        ("talk", "it is not one sentence"),
        ("link", "it holds an address"),
        ("markup", "it holds markup"),
        ("injected", "most of its words are not the paper's"),
        ("nothing", "it is empty"),
    ],
)
def test_what_the_paper_does_not_say_is_not_shown(
    ledger: Ledger, server: tuple[str, list[Any]], name: str, reason: str
) -> None:
    url, asked = server
    report = write(ledger, author(url, name), NOW)
    before = len(asked)

    again = write(ledger, author(url, name), NOW)

    assert dict(report.refused) == {reason: 1}
    assert (report.written, report.fell_back) == (0, 1)
    assert shown(ledger) == OWN
    assert (len(asked) - before, again.fell_back) == (0, 0)  # it is not asked for again
    with ledger.read() as tx:  # nothing of what was refused is kept
        assert [row.text for row in tx.connection.execute(select(table))] == [""]


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("broken", "answered 500"),
        ("busy", "answered 429"),
        ("torn", "answered with something that is no JSON"),
        ("lists", "answered with something that is no JSON"),
        ("cut", "broke off in the middle of its sentence"),
        ("huge", "has more than 262,144 bytes"),
        ("moved", "answered 307; a redirect is not followed"),
        ("slow", "did not answer within 0.3 s"),
    ],
)
def test_an_answer_that_is_none_leaves_the_sentence_of_the_abstract(
    ledger: Ledger, server: tuple[str, list[Any]], name: str, reason: str
) -> None:
    url, asked = server
    before = len(asked)
    started = time.monotonic()

    report = write(ledger, author(url, name, timeout=0.3 if name == "slow" else 5.0), NOW)

    (fault,) = report.faults
    assert fault.startswith(reason)
    assert KEY not in fault
    assert (report.written, report.fell_back, len(asked) - before) == (0, 1, 1)
    assert shown(ledger) == OWN
    assert time.monotonic() - started < 4


def test_a_server_that_is_not_there_is_a_fault_and_no_more(ledger: Ledger) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        report = write(ledger, author(f"http://127.0.0.1:{taken.getsockname()[1]}", "good"), NOW)

    assert report.faults.total() == 1
    assert shown(ledger) == OWN


def test_one_that_has_enough_is_left_alone_for_as_long_as_it_says(
    ledger: Ledger, server: tuple[str, list[Any]]
) -> None:
    url, asked = server
    ingest(ledger, [Reading("b.txt", "test", (Paper("Experts", "arxiv:2503.00002", abstract="We cut experts."),))], NOW)
    before = len(asked)

    first = write(ledger, author(url, "busy"), NOW)
    soon = write(ledger, author(url, "good"), NOW + timedelta(seconds=60))
    asked_soon = len(asked)
    later = write(ledger, author(url, "good"), NOW + timedelta(seconds=121))

    assert (first.faults.total(), first.left, soon.left) == (1, 1, 2)
    assert asked_soon - before == 1
    assert later.written == 1  # the other paper's abstract has none of these words


def test_calls_time_and_patience_have_an_end(ledger: Ledger, server: tuple[str, list[Any]]) -> None:
    url, asked = server
    many = tuple(Paper(f"Experts {n}", f"arxiv:2503.1{n:04}", abstract=ABSTRACT) for n in range(6))
    ingest(ledger, [Reading("b.txt", "test", many)], NOW)

    before = len(asked)
    report = write(ledger, author(url, "good", calls=2), NOW)
    assert (report.written, len(asked) - before) == (2, 2)

    before = len(asked)
    report = write(ledger, author(url, "broken"), NOW)
    assert (report.faults.total(), report.left, len(asked) - before) == (3, 2, 3)

    before = len(asked)
    report = write(ledger, author(url, "good", seconds=0), NOW)
    assert (report.left, len(asked) - before) == (5, 0)


def test_a_repeat_costs_no_call_and_is_the_same_to_the_byte(ledger: Ledger, server: tuple[str, list[Any]]) -> None:
    url, asked = server
    write(ledger, author(url, "good"), NOW)
    before = len(asked)

    again = write(ledger, author(url, "good"), NOW)
    pages = [Renderer().html(edition) for _ in range(2) if (edition := preview(ledger, "box", NOW, writer=MODEL))]

    assert (again.written, len(asked) - before) == (0, 0)
    assert pages[0] == pages[1]
    assert f"Summary written by {MODEL}, checked against the abstract" in pages[0]


def test_another_abstract_or_model_wants_another_sentence(ledger: Ledger, server: tuple[str, list[Any]]) -> None:
    url, _ = server
    write(ledger, author(url, "good"), NOW)
    revised = Paper(TITLE, "arxiv:2503.00001", version=2, abstract=f"{ABSTRACT} We also release code.")
    ingest(ledger, [Reading("b.txt", "test", (revised,))], NOW)

    assert shown(ledger)[1] == ""
    other = preview(ledger, "box", NOW, writer="another")
    assert other is not None
    assert other.cards[0].written_by == ""
    assert write(ledger, author(url, "good"), NOW).written == 1
    assert shown(ledger) == (GOOD, MODEL)


def test_an_edition_that_was_made_does_not_change(ledger: Ledger, server: tuple[str, list[Any]]) -> None:
    url, _ = server
    press = Press(Renderer(), writer=MODEL)
    publish(ledger, press, NOW)
    with ledger.read() as tx:
        before = [tuple(row) for row in tx.connection.exec_driver_sql("SELECT * FROM card")]
        parts = [tuple(row) for row in tx.connection.exec_driver_sql("SELECT * FROM message_part")]

    report = write(ledger, author(url, "good"), NOW)
    publish(ledger, press, NOW + timedelta(minutes=1))

    assert (report.written, report.left) == (0, 0)  # what an edition has is wanted no more
    with ledger.read() as tx:
        assert matches.open_counts(tx) == {}
        assert [tuple(row) for row in tx.connection.exec_driver_sql("SELECT * FROM card")] == before
        assert [tuple(row) for row in tx.connection.exec_driver_sql("SELECT * FROM message_part")] == parts


def test_an_edition_goes_out_with_it_in_every_form(ledger: Ledger, server: tuple[str, list[Any]]) -> None:
    url, _ = server
    write(ledger, author(url, "good"), NOW)
    edition = preview(ledger, "box", NOW, writer=MODEL)
    assert edition is not None

    renderer = Renderer()
    for form in (renderer.html(edition), renderer.markdown(edition), renderer.text(edition)):
        words = " ".join(form.split()).replace("\\-", "-")
        assert "ummary written by small-model, checked against the abstract" in words


def test_who_is_not_due_is_not_written_for(ledger: Ledger, server: tuple[str, list[Any]]) -> None:
    url, asked = server
    publish(ledger, Press(Renderer()), NOW)
    weekly = Subscription("later", "experts", "experts", "folder", "", "weekly mon 08:00")
    subscribe(ledger, [BOX, weekly], NOW)
    publish(ledger, Press(Renderer()), NOW)  # it looks back, and is due on Monday
    ingest(ledger, [Reading("b.txt", "test", (Paper("Experts", "arxiv:2503.00002", abstract=ABSTRACT),))], NOW)
    publish(ledger, Press(Renderer()), NOW)
    before = len(asked)

    write(ledger, author(url, "good"), NOW)

    assert len(asked) == before


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        (GOOD, ""),
        ("This paper routes tokens to experts and reaches 81.3 percent on GLUE.", ""),
        ("The LLM routes each token to 2 of 64 experts.", "the name LLM is not in the paper"),
        ("It routes each token to 2 of 64 experts with 1200 GPU hours.", ""),
        ("It routes each token to two of 64 experts.", "the number two is not in the paper"),
        ("It needs three times fewer GPUs than the Switch Transformer of Google.", ""),
        ("It needs thrice fewer GPU hours than the Switch Transformer.", "the number thrice is not in the paper"),
        ("It reaches 64% on GLUE with 2 of 64 experts.", "the number 64% is not in the paper"),
        ("Routing each token to 2 of 64 experts reaches 81.3% on GLUE.", ""),
        ("Mixtral routes each token to 2 of 64 experts.", "the name Mixtral is not in the paper"),
        ("It routes each token to 2 of 64 experts like GPT4.", "the name GPT4 is not in the paper"),
        ("It routes each token to 2 of 64 experts 🚀.", "the sign 🚀 is not in the paper"),
        ("It routes each token to 2 of 64 experts for $.", "the sign $ is not in the paper"),
        ("It routes each token to 2 of 64 experts\u202e on GLUE.", "it holds characters that cannot be printed"),
        ("It routes each token\nto 2 of 64 experts on GLUE.", "it holds characters that cannot be printed"),
        ("It routes each token to 2 of 64 experts", "it is not one sentence"),
        ("It routes tokens. It reaches 81.3% on GLUE.", "it is not one sentence"),
        ("Experts route tokens.", "it has fewer than 5 words"),
        ("**It routes each token to 2 of 64 experts.**", "it holds markup"),
        ("It routes each token to 2 of 64 experts at evil.com.", "it holds an address"),
        ("token " * 41 + ".", "it has more than 40 words"),
        ("x" * 1_000_000, "it has more than 40 words"),
    ],
)
def test_every_number_name_and_acronym_is_the_papers(said: str, reason: str) -> None:
    assert flaw(said, TITLE, ABSTRACT) == reason


@given(st.text(max_size=200) | st.text(alphabet="aA1.,%$<&@ \n\u202e", max_size=80))
def test_nothing_that_passes_holds_a_number_or_a_sign_of_its_own(said: str) -> None:
    if not flaw(said, TITLE, ABSTRACT):
        assert said.isprintable()
        assert all(not sign.isnumeric() or sign in ABSTRACT for sign in said)
        assert "<" not in said


@pytest.mark.parametrize("piece", ["1", "a.", "&#1", "<a", "A ", "1,", "(", "word "])
def test_a_hostile_answer_takes_no_time(piece: str) -> None:
    started = time.process_time()

    flaw(piece * (200_000 // len(piece)), TITLE, ABSTRACT)
    flaw(piece * (390 // len(piece)), TITLE, piece * (20_000 // len(piece)))

    assert time.process_time() - started < 10  # without bounds, minutes


def configured(folder: Path, text: str) -> Path:
    path = folder / "digestbot.toml"
    path.write_text(text)
    return path


def test_out_of_the_box_nobody_is_asked(tmp_path: Path) -> None:
    assert load(configured(tmp_path, ""), {}).summaries.endpoint == ""


ENDPOINT = '[summaries]\nendpoint = "https://llm.example.org/v1/"\nmodel = "m"\n'


@pytest.mark.parametrize(
    ("more", "environ"),
    [
        ('key_env = "MY_KEY"', {"MY_KEY": KEY}),
        ('key_file = "key.txt"', {}),
        ("", {"DIGESTBOT_SUMMARIES_KEY": KEY}),
    ],
)
def test_the_key_comes_from_outside_and_is_not_shown(tmp_path: Path, more: str, environ: dict[str, str]) -> None:
    (tmp_path / "key.txt").write_text(f"{KEY}\n")

    found = load(configured(tmp_path, ENDPOINT + more), environ)

    assert (found.summaries.endpoint, found.summaries.key.reveal()) == ("https://llm.example.org/v1", KEY)
    assert KEY not in repr(found)
    assert KEY not in repr(Writer("https://llm.example.org/v1", "m", KEY))


@pytest.mark.parametrize(
    ("text", "environ", "fault"),
    [
        (ENDPOINT + f'key = "{KEY}"', {}, "does not belong here"),
        (ENDPOINT + 'key_env = "MY_KEY"', {}, "the variable MY_KEY is not set"),
        (ENDPOINT + 'key_env = "a b"', {}, "is to be the name of a variable"),
        (ENDPOINT + 'key_file = "no.txt"', {}, "cannot be read"),
        ('[summaries]\nendpoint = "https://llm.example.org/v1"', {}, "summaries.model is missing"),
        (ENDPOINT.replace("https", "http"), {"DIGESTBOT_SUMMARIES_KEY": KEY}, "in clear text"),
        (ENDPOINT.replace("llm", "me:you@llm"), {}, "holds a log-in"),
        (ENDPOINT, {"DIGESTBOT_SUMMARIES_KEY": "sk-é"}, "that no request can carry"),
    ],
)
def test_what_does_not_go_together_is_told(tmp_path: Path, text: str, environ: dict[str, str], fault: str) -> None:
    with pytest.raises(ConfigError, match=fault) as raised:
        load(configured(tmp_path, text), environ)

    assert KEY not in str(raised.value)


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("MODEL", "other", "other"),
        ("ENDPOINT", "http://127.0.0.1:1/v1", "http://127.0.0.1:1/v1"),
        ("TIMEOUT", "7", 7.0),
        ("CALLS", "3", 3),
        ("SECONDS", "9", 9.0),
    ],
)
def test_every_key_has_a_variable(tmp_path: Path, name: str, text: str, value: object) -> None:
    found = load(configured(tmp_path, ENDPOINT), {f"DIGESTBOT_SUMMARIES_{name}": text})

    assert getattr(found.summaries, name.lower()) == value


def test_a_round_tells_what_became_of_it_and_never_the_key(tmp_path: Path, server: tuple[str, list[Any]]) -> None:
    url, _ = server
    paper = {"title": TITLE, "id": "arxiv:2503.00001", "abstract": ABSTRACT}
    (tmp_path / "digests").mkdir()
    (tmp_path / "digests" / "a.jsonl").write_text(json.dumps(paper) + "\n")
    (tmp_path / "subscriptions").mkdir()
    (tmp_path / "subscriptions" / "box.toml").write_text(
        '[[subscription]]\nname = "box"\nquery = "experts"\nchannel = "folder"\nschedule = "instant"\n'
    )
    said, asked = {}, len(server[1])
    for name in ("name", "good"):
        text = f'[digestbot]\nledger = "{name}.db"\n[summaries]\nendpoint = "{url}/{name}"\nmodel = "{MODEL}"\n'
        configured(tmp_path, f'{text}key_env = "MY_KEY"\n[folder]\npath = "{name}"\n')
        command = [sys.executable, "-m", "digestbot", "run"]
        subprocess.run([*command, "--dry-run"], cwd=tmp_path, env={"MY_KEY": KEY}, capture_output=True, check=True)
        done = subprocess.run(
            command, cwd=tmp_path, env={"MY_KEY": KEY, "PATH": "/bin"}, capture_output=True, text=True, check=True
        )
        said[name] = done.stdout + done.stderr
        pages = [path.read_text() for path in (tmp_path / name).rglob("*.html")]
        assert pages
        assert all((GOOD in page) == (name == "good") for page in pages)
        assert KEY.encode() not in (tmp_path / f"{name}.db").read_bytes()

    assert len(server[1]) - asked == 2  # nothing is sent in a dry run
    assert f"summaries by {MODEL}: 1 written\n" in said["good"]
    told = "0 written; 1 left to the abstract's own sentence; 1 × a name that is not in the paper"
    assert f"summaries by {MODEL}: {told}\n" in said["name"]
    assert KEY not in "".join(said.values())
