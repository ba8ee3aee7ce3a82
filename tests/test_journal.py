"""What a round prints ends in a journal that others read: no address, no password, no token is in it."""

import base64
import json
import logging
from asyncio.base_events import Server
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from aiosmtpd.controller import Controller
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from digestbot.addresses import masked
from digestbot.cli import cli
from digestbot.ledger import Ledger
from digestbot.tokens import token, webhook_secret
from http_sink import Sink, http_sink

ROOT = Path(__file__).resolve().parents[1]
PASSWORD = "hunter2-of-the-mail-server"
CLEAR = 'host = "127.0.0.1"\nport = {port}\nsecurity = "none"\nsender = "Digests <digests@example.com>"\n'
SEALED = 'host = "127.0.0.1"\nport = {port}\nsecurity = "tls"\nuser = "bot"\nsender = "digests@example.com"\n'
SUBSCRIPTIONS = """
[[subscription]]
id = "mail"
name = "By mail"
email = "Ada Lovelace <ada.lovelace@example.org>"
query = "a OR the OR we"

[[subscription]]
id = "hook"
name = "By webhook"
channel = "webhook"
address = "http://hookuser:hookpass@127.0.0.1:{port}/404/T0K3N-of-the-hook?key=K3Y-of-the-hook"
query = "a OR the OR we"

[[subscription]]
id = "chat"
name = "By chat"
channel = "notify"
address_file = "chat.url"
query = "a OR the OR we"
"""
CHAT = "json://chatuser:chatpass@127.0.0.1:{port}/500/T0K3N-of-the-chat"
SECRETS = ("ada.lovelace", "Lovelace", PASSWORD, "hookuser", "hookpass", "T0K3N", "K3Y-of", "chatuser", "chatpass")


class Refusing(Controller):
    """A mail server on a free port to whom everybody is unknown; it says so with the address."""

    def __init__(self) -> None:
        super().__init__(self, hostname="127.0.0.1", port=0)

    def _trigger_server(self) -> None:
        assert isinstance(self.server, Server)
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()  # type: ignore[no-untyped-call]

    async def handle_RCPT(self, _server: object, _session: object, _to: object, address: str, _: object) -> str:  # noqa: N802
        return f"550 5.1.1 <{address}>: Recipient address rejected: {address} unknown"


@contextmanager
def refusing() -> Iterator[int]:
    server = Refusing()
    server.start()
    try:
        yield server.port
    finally:
        server.stop()


@pytest.fixture
def sink(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Sink]:
    """A folder with a digest and three subscriptions whose every address holds something to keep."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("DIGESTBOT_CONFIG", raising=False)
    (tmp_path / "digests").mkdir()
    (tmp_path / "digests" / "a.txt").write_bytes(min((ROOT / "seeds").iterdir()).read_bytes())
    (tmp_path / "subscriptions").mkdir()
    with http_sink() as sink:
        (tmp_path / "subscriptions" / "chat.url").write_text(CHAT.format(port=sink.port) + "\n")
        (tmp_path / "subscriptions" / "all.toml").write_text(SUBSCRIPTIONS.format(port=sink.port))
        yield sink


def settings(smtp: str) -> None:
    Path("digestbot.toml").write_text(
        f'[digestbot]\nbase_url = "https://digests.example.org"\n[smtp]\n{smtp}[webhook]\nallow_private = true\n'
    )


def printed(caplog: pytest.LogCaptureFixture, *words: str) -> str:
    """Run a command and return all that it prints and logs."""
    result = CliRunner().invoke(cli, words)
    assert result.exit_code in {0, 1}, result.output
    logged = [record.getMessage() for record in caplog.records if record.name != "mail.log"]  # that is the server's own
    return "\n".join([result.output, *logged])


def own_secrets() -> list[str]:
    """Return the tokens and keys of this installation."""
    with Ledger.open("digestbot.db") as ledger:
        secret = ledger.instance.secret
    tokens = [token(secret, purpose, name) for purpose in ("unsubscribe", "feed") for name in ("mail", "hook", "chat")]
    return [*tokens, secret.hex(), base64.b64encode(secret).decode()]


def leaks(text: str) -> list[str]:
    return [secret for secret in (*SECRETS, *own_secrets()) if secret in text]


@pytest.mark.parametrize("form", [[], ["--json"]], ids=["lines", "json"])
def test_a_round_prints_no_address_and_no_secret(
    sink: Sink, form: list[str], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    with refusing() as port:
        settings(CLEAR.format(port=port))
        text = printed(caplog, "run", *form)
    assert leaks(text) == []
    assert "a…@example.org" in text  # in the server's words: what was refused can still be told
    assert {posted.path.split("/")[1] for posted in sink.posted} == {"404", "500"}  # they were tried
    again = printed(caplog, "run", *form)  # counts the refusal
    assert "refused" in again
    assert leaks(again) == []
    for words in (["status"], ["status", "--json"], ["doctor"], ["subscriptions", "list", "--json"]):
        found = leaks(printed(caplog, *words))
        assert found == ([] if words[0] != "subscriptions" else ["ada.lovelace", "Lovelace"]), words


def test_a_password_is_not_printed_when_a_log_in_fails(
    sink: Sink, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    monkeypatch.setenv("DIGESTBOT_SMTP_PASSWORD", PASSWORD)
    with refusing() as port:  # it speaks no TLS
        settings(SEALED.format(port=port))
        text = printed(caplog, "run") + printed(caplog, "doctor") + printed(caplog, "status", "--json")
    assert "email a…@example.org: due" in text
    assert leaks(text) == []


def test_json_names_what_a_program_needs(sink: Sink, caplog: pytest.LogCaptureFixture) -> None:
    settings(CLEAR.format(port=9))
    rows = [json.loads(line) for line in CliRunner().invoke(cli, ["run", "--json"]).stdout.splitlines()]
    issues = {row["published"]["key"]: row["published"]["subscription"] for row in rows if "published" in row}
    told = {issues[row["delivered"]["key"]]: row["delivered"] for row in rows if "delivered" in row}
    assert {name: item["state"] for name, item in told.items()} == {"mail": "due", "hook": "failed", "chat": "due"}
    assert not any("address" in item for row in rows for item in row.values() if isinstance(item, dict))


def test_a_mistake_is_told_without_the_address(sink: Sink, caplog: pytest.LogCaptureFixture) -> None:
    settings(CLEAR.format(port=9))
    text = Path("subscriptions/all.toml").read_text().replace("http://hookuser", "htp://hookuser")
    Path("subscriptions/all.toml").write_text(text.replace("lovelace@", "lovelace@@"))
    text = printed(caplog, "run")
    assert "no address to post to" in text
    assert [secret for secret in leaks(text) if secret not in {"ada.lovelace", "Lovelace"}] == []
    assert "ada.lovelace@" not in text


def test_an_error_of_the_ledger_holds_no_parameters(tmp_path: Path) -> None:
    """A traceback shows the database's error too, and that would show what was to be written."""
    with Ledger.open(str(tmp_path / "x.db")) as ledger, pytest.raises(Exception, match="nowhere") as caught:  # noqa: SIM117
        with ledger.write() as tx:
            tx.connection.exec_driver_sql("INSERT INTO nowhere VALUES (?)", ("ada@example.org",))
    assert "ada@example.org" not in str(caught.value) + str(caught.value.__cause__)


def test_the_secret_of_a_webhook_is_shown_to_its_owner(sink: Sink) -> None:
    settings(CLEAR.format(port=9))
    shown = CliRunner().invoke(cli, ["subscriptions", "secret", "hook"])
    address = f"http://hookuser:hookpass@127.0.0.1:{sink.port}/404/T0K3N-of-the-hook?key=K3Y-of-the-hook"
    with Ledger.open("digestbot.db") as ledger:
        assert shown.stdout == f"{webhook_secret(ledger.instance.secret, address)}\n"
    refused = CliRunner().invoke(cli, ["subscriptions", "secret", "mail"])
    assert (refused.exit_code, "no webhook" in refused.output) == (2, True)


def test_what_is_exported_can_be_imported_again(sink: Sink) -> None:
    settings(CLEAR.format(port=9))
    exported = CliRunner().invoke(cli, ["subscriptions", "export"]).stdout
    Path("subscriptions/all.toml").unlink()
    Path("exported.toml").write_text(exported)
    assert "imported 3, 0 faults" in CliRunner().invoke(cli, ["subscriptions", "import", "exported.toml"]).output
    assert CliRunner().invoke(cli, ["subscriptions", "export"]).stdout == exported


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("ada@example.org", "a…@example.org"),
        ("Ada Lovelace <ada@example.org>", "a…@example.org"),
        ("550 <ada@example.org>: unknown", "550 <a…@example.org>: unknown"),
        ("https://ada:pw@example.org/hooks/T0K3N?x#y", "https://example.org/…"),
        ("HTTPS://example.org?key=T0K3N", "https://example.org/…"),
        ("see https://example.org/.", "see https://example.org/…"),
        ("https://example.org", "https://example.org"),
        ("slack://T0/K3/N", "slack://…"),
        ("group/experts", "group/experts"),
        ("", ""),
    ],
)
def test_masks(text: str, shown: str) -> None:
    assert masked(text) == shown


@given(st.from_regex(r"[a-z0-9.!#$%&*+/=?^_`{|}~-]{2,64}@[a-z]{1,9}\.org", fullmatch=True), st.text(max_size=20))
def test_no_mail_address_is_left(address: str, around: str) -> None:
    assert address not in masked(f"<{address}> {around}")
    assert address not in masked(address)
