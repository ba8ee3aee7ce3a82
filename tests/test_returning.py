"""What came back, from the mail to the ledger and the command line: who is suppressed, who is not, and only once."""

import json
import re
import shutil
import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import update

from digestbot.bounces import read_report
from digestbot.cli import cli
from digestbot.ledger import Ledger, bounces, editions, outbox, subscriptions
from digestbot.ledger.bounces import Taken, Terms
from digestbot.ledger.outbox import Letter
from digestbot.ledger.schema import message
from digestbot.ledger.written import edition_row
from digestbot.models import Edition, Message, Part, Subscription
from digestbot.pipeline import subscribe
from digestbot.rendering.dkim import new_key
from digestbot.tokens import token

NOW = datetime(2026, 5, 4, 9, 0, tzinfo=UTC)
DAY = timedelta(days=1)
CORPUS = Path(__file__).parent / "corpus" / "bounces"
HARD = "550 5.1.1 no such user"
FULL = "552 5.2.2 mailbox full"


def key(number: int) -> str:
    return f"{'abcdefghij'[number] * 26}"


@pytest.fixture
def ledger() -> Iterator[Ledger]:
    with Ledger.open("sqlite://", domain="digests.example") as ledger:
        yield ledger


def sent(ledger: Ledger, name: str, address: str, count: int = 1, first: int = 0) -> list[int]:
    """Send `count` mails to a subscription, with the keys from number `first` on; return their rows."""
    item = Subscription(name, name, "x", "email", address)
    rows = []
    with ledger.write() as tx:
        subscriptions.put(tx, item, NOW)
        for number in range(first, first + count):
            due = NOW + number * DAY
            [row] = editions.add(tx, [edition_row(Edition(item, due, "s", ()), 1)], NOW)
            part = Part("a.eml", "message/rfc822", b"x")
            message = Message(key(number), "email", address, "s", (part,))
            rows += outbox.enqueue(tx, [Letter(row, due, name, message)], NOW)
    return rows


def bounce(said: str, recipient: str, *, to: str = "bounces", quoted: str = "", mail_id: str = "b1") -> bytes:
    original = f"--b\nContent-Type: text/rfc822-headers\n\nMessage-ID: <{quoted}>\nSubject: x\n\n" if quoted else ""
    return (
        f"Return-Path: <>\nFrom: MAILER-DAEMON@mx.example\nTo: {to}@digests.example\n"
        f"Message-ID: <{mail_id}@mx.example>\n"
        "Subject: Undelivered Mail Returned to Sender\nMIME-Version: 1.0\n"
        'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\n\n'
        "--b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx.example\n\n"
        f"Final-Recipient: rfc822; {recipient}\nAction: failed\nStatus: {said[4:9]}\nDiagnostic-Code: smtp; {said}\n\n"
        f"{original}--b--\n"
    ).encode()


def take(ledger: Ledger, data: bytes, now: datetime = NOW, **limits: int) -> list[Taken]:
    with ledger.write() as tx:
        return bounces.take(tx, read_report(data, "digests.example"), data, Terms(now, **limits))


def states(ledger: Ledger) -> dict[str, tuple[str, str]]:
    with ledger.read() as tx:
        return {each.subscription.id: (each.state, each.reason) for each in subscriptions.listing(tx)}


@pytest.mark.parametrize("options", [{"to": f"bounces+{key(0)}.0"}, {"quoted": f"{key(0)}.0@digests.example"}])
def test_a_hard_bounce_of_ours_ends_the_address(ledger: Ledger, options: dict[str, str]) -> None:
    sent(ledger, "ada", "ada@there.example")
    sent(ledger, "bob", "bob@there.example", first=1)
    sent(ledger, "again", "Ada <ADA@there.example>", first=2)

    (taken,) = take(ledger, bounce(HARD, "ada@there.example", **options))

    assert (taken.kind, taken.subscription, taken.suppressed) == ("hard", "ada", "bounced")
    assert taken.found_by == ("return-path" if "to" in options else "message-id")
    assert states(ledger) == {
        "ada": ("suppressed", "bounced"),
        "again": ("suppressed", "bounced"),
        "bob": ("active", ""),
    }


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"to": f"bounces+{key(7)}.0"},
        {"to": f"bounces+{key(0)}.1"},
        {"quoted": f"{key(7)}.0@digests.example"},
        {"quoted": f"{key(0)}.0@elsewhere.example"},
    ],
)
def test_a_forged_bounce_ends_nobody(ledger: Ledger, options: dict[str, str]) -> None:
    sent(ledger, "ada", "ada@there.example")

    (taken,) = take(ledger, bounce(HARD, "ada@there.example", **options))

    assert (taken.found_by, taken.suppressed) == ("address", "")
    assert states(ledger) == {"ada": ("active", "")}


def test_who_has_a_mail_can_end_its_own_address_and_no_other(ledger: Ledger) -> None:
    sent(ledger, "eve", "eve@there.example")
    sent(ledger, "ada", "ada@there.example", first=1)

    (taken,) = take(ledger, bounce(HARD, "ada@there.example", to=f"bounces+{key(0)}.0"))

    assert taken.address == "eve@there.example"
    assert states(ledger) == {"ada": ("active", ""), "eve": ("suppressed", "bounced")}


def test_a_forged_complaint_ends_nobody_and_a_real_one_does(ledger: Ledger) -> None:
    sent(ledger, "ada", "ada@isp.example")
    forged = (CORPUS / "arf-abuse.eml").read_bytes()
    take(ledger, forged)
    assert states(ledger)["ada"] == ("active", "")

    real = forged.replace(b"abcdefghijklmnopqrstuvwxyz.0@", f"{key(0)}.0@".encode())
    (taken,) = take(ledger, real)

    assert taken.kind == "complaint"
    assert states(ledger)["ada"] == ("suppressed", "complained")


def test_soft_ones_count_by_mail_and_end_the_address_at_last(ledger: Ledger) -> None:
    sent(ledger, "ada", "ada@there.example", count=4)
    for number in range(2):
        data = bounce(FULL, "ada@there.example", to=f"bounces+{key(number)}.0", mail_id=f"b{number}")
        assert [item.suppressed for item in take(ledger, data, soft=3)] == [""]
        (again,) = take(ledger, data.replace(b"<b", b"<other"), soft=3)  # another server tells of the same mail
        assert again.known
    assert states(ledger)["ada"] == ("active", "")

    (last,) = take(ledger, bounce(FULL, "ada@there.example", to=f"bounces+{key(2)}.0"), soft=3)

    assert last.suppressed == "bouncing"
    assert states(ledger)["ada"] == ("suppressed", "bouncing")


def test_soft_ones_of_long_ago_are_forgotten(ledger: Ledger) -> None:
    sent(ledger, "ada", "ada@there.example", count=3)
    for number in range(3):
        data = bounce(FULL, "ada@there.example", to=f"bounces+{key(number)}.0")
        take(ledger, data, NOW + number * 20 * DAY, soft=3, days=30)
    assert states(ledger)["ada"] == ("active", "")


@pytest.mark.parametrize("name", ["dsn-delayed", "reply-vacation", "none-person", "dsn-delivered", "arf-not-spam"])
def test_what_is_no_bounce_leaves_nothing(ledger: Ledger, name: str) -> None:
    sent(ledger, "ada", "ada@there.example")
    data = (CORPUS / f"{name}.eml").read_bytes()
    data = data.replace(b"To: bounces@", f"To: bounces+{key(0)}.0@".encode())
    assert take(ledger, data) == []
    assert states(ledger)["ada"] == ("active", "")


def test_a_refusal_at_the_door_counts_like_a_bounce(ledger: Ledger) -> None:
    dead, full, spam = (sent(ledger, name, f"{name}@there.example", first=n)[0] for n, name in enumerate("abc"))
    for row, reply in ((dead, HARD), (full, FULL), (spam, "554 5.7.1 spam; user unknown to our list")):
        refuse(ledger, row, reply)
    with ledger.write() as tx:
        taken = bounces.learn(tx, Terms(NOW))
        assert bounces.learn(tx, Terms(NOW)) == []

    assert [(item.kind, item.suppressed) for item in taken] == [("hard", "bounced"), ("soft", ""), ("soft", "")]
    assert states(ledger)["a"] == ("suppressed", "bounced")
    # The bounce that follows counts no second time.
    (again,) = take(ledger, bounce(FULL, "b@there.example", to=f"bounces+{key(1)}.0"))
    assert again.known


def refuse(ledger: Ledger, row: int, reply: str) -> None:
    with ledger.write() as tx:
        values = {"state": "failed", "state_at": NOW, "reply": reply}
        tx.connection.execute(update(message).where(message.c.id == row).values(values))


def test_a_new_subscription_for_a_dead_address_gets_nothing_until_it_is_forgiven(ledger: Ledger) -> None:
    sent(ledger, "ada", "ada@there.example")
    take(ledger, bounce(HARD, "ada@there.example", to=f"bounces+{key(0)}.0"))
    more = Subscription("more", "more", "y", "email", "ada@there.example", origin="a.toml")
    subscribe(ledger, [more], NOW)
    assert states(ledger)["more"] == ("suppressed", "bounced")

    with ledger.write() as tx:
        assert bounces.forgive(tx, "ADA@there.example", NOW) == ["ada", "more"]
        assert bounces.forgive(tx, "ada@there.example", NOW) is None
        assert bounces.listing(tx) == []
    assert set(states(ledger).values()) == {("active", "")}


def test_a_person_who_unsubscribed_is_not_brought_back_with_the_address(ledger: Ledger) -> None:
    sent(ledger, "ada", "ada@there.example")
    with ledger.write() as tx:
        subscriptions.suppress(tx, "ada", "unsubscribed", NOW)
        bounces.add(tx, "ada@there.example", "by hand", NOW)
        assert bounces.forgive(tx, "ada@there.example", NOW) == []
    assert states(ledger)["ada"] == ("suppressed", "unsubscribed")


def test_unsubscribing_by_mail_needs_the_token(ledger: Ledger) -> None:
    sent(ledger, "ada", "ada@there.example")
    wish = (CORPUS / "opt-out.eml").read_bytes().replace(b"sparse-experts", b"ada")
    assert take(ledger, wish) == []
    assert states(ledger)["ada"] == ("active", "")

    proof = token(ledger.instance.secret, "unsubscribe", "ada").encode()
    (taken,) = take(ledger, wish.replace(b"abcdefghijklmnopqrstuvwx23", proof))

    assert taken.suppressed == "unsubscribed"
    assert states(ledger)["ada"] == ("suppressed", "unsubscribed")


# ---- the command line -------------------------------------------------------------------------------------


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with settings, a ledger, and one mail sent to ada@there.example."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("DIGESTBOT_CONFIG", raising=False)
    (tmp_path / "subscriptions").mkdir()
    (tmp_path / "digestbot.toml").write_text(
        '[digestbot]\ndomain = "digests.example"\n[[source]]\nname = "back"\nkind = "maildir"\npath = "back"\n'
        '[bounces]\nsource = "back"\n[smtp]\nhost = "localhost"\nsender = "bot@digests.example"\n'
        'return_path = "bounces@digests.example"\n'
    )
    with Ledger.open("digestbot.db", domain="digests.example") as ledger:
        sent(ledger, "ada", "ada@there.example")
    return tmp_path


def run(*words: str, stdin: bytes | str | None = None) -> Result:
    return CliRunner().invoke(cli, words, input=stdin)


def lines(result: Result) -> list[Any]:
    return [json.loads(line) for line in result.stdout.splitlines()]


REAL = bounce(HARD, "ada@there.example", to=f"bounces+{key(0)}.0")


def test_a_mail_that_is_piped_in(folder: Path) -> None:
    result = run("bounces", "-", stdin=REAL)
    assert result.exit_code == 0
    assert "ada@there.example: hard, unknown user (found by return-path of ada); suppressed, bounced" in result.stdout
    assert "ada@there.example  bounced" in run("suppressions", "list").stdout
    assert lines(run("status", "--json"))[0]["bounces"] == {"hard": 1}
    assert "1 addresses suppressed" in run("status").stdout


def test_a_mail_waits_with_the_mail_server_while_the_ledger_cannot_be_used(folder: Path) -> None:
    (folder / "digestbot.db").write_bytes(b"this is no database" * 100)
    assert run("bounces", "-", stdin=REAL).exit_code == 75
    (folder / "one.eml").write_bytes(REAL)
    assert run("bounces", "one.eml").exit_code == 2


def test_files_of_every_kind_and_one_that_is_not_there(folder: Path) -> None:
    (folder / "one.eml").write_bytes(REAL)
    (folder / "many.mbox").write_bytes(
        b"From MAILER-DAEMON Mon May  4 09:00:00 2026\n" + REAL + b"\nFrom ada Mon May  4 09:00:00 2026\n"
        b"From: Ada <ada@there.example>\nSubject: hello\n\n>From here to there.\n"
    )
    shutil.copytree(CORPUS, folder / "box" / "new")

    result = run("bounces", "--json", "--dry-run", "one.eml", "many.mbox", "box", "gone.eml")

    found = lines(result)
    assert result.exit_code == 1
    assert "gone.eml: No such file" in result.stderr
    assert [item["kind"] for item in found[:3]] == ["bounce", "bounce", "none"]
    assert found[0]["bounces"][0] | {"said": ""} == {
        "recipient": "ada@there.example",
        "reason": "unknown user",
        "status": "5.1.1",
        "action": "failed",
        "said": "",
        "hard": True,
    }
    assert found[0]["taken"][0]["suppressed"] == "bounced"
    assert len(found) == 3 + len(list(CORPUS.iterdir()))
    assert run("suppressions", "list").stdout == ""


def test_paths_come_from_a_list(folder: Path) -> None:
    (folder / "one.eml").write_bytes(REAL)
    (folder / "two.eml").write_bytes(REAL)
    found = lines(run("bounces", "--json", "--files-from", "-", stdin="one.eml\ntwo.eml\n"))
    assert [item["file"] for item in found] == ["one.eml", "two.eml"]
    assert [item["taken"][0]["known"] for item in found] == [False, True]


def test_without_a_ledger_mails_are_only_looked_at(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "one.eml").write_bytes(REAL)
    result = run("bounces", "one.eml")
    assert (result.exit_code, "hard, unknown user 5.1.1" in result.stdout) == (0, True)
    assert "nothing is written down" in result.stderr
    assert not (tmp_path / "digestbot.db").exists()


def test_the_mailbox_of_the_settings_is_read_once_and_by_the_round(folder: Path) -> None:
    for name in ("cur", "new", "tmp"):
        (folder / "back" / name).mkdir(parents=True)
    (folder / "back" / "new" / "1.a").write_bytes(REAL)
    first, second = run("bounces"), run("bounces")
    assert "suppressed, bounced" in first.stdout
    assert second.stdout == ""
    (folder / "back" / "new" / "2.a").write_bytes(REAL.replace(b"<b1@", b"<b2@"))
    assert "; known" in run("run").stdout


def test_a_mailbox_that_is_not_there_is_told(folder: Path) -> None:
    result = run("bounces")
    assert result.exit_code == 1
    assert "no folder cur" in result.stderr


def test_addresses_by_hand(folder: Path) -> None:
    assert run("suppressions", "add", "ada@there.example").exit_code == 0
    assert lines(run("suppressions", "list", "--json"))[0]["suppressed"]["reason"] == "by hand"
    assert "1 subscriptions go on" in run("suppressions", "remove", "ada@there.example").stderr
    assert run("suppressions", "remove", "ada@there.example").exit_code == 2
    assert run("suppressions", "add", "nobody").exit_code == 2


# ---- keys -------------------------------------------------------------------------------------------------


def test_a_key_is_made_shown_and_checked(folder: Path) -> None:
    assert run("dkim").exit_code == 2
    assert run("dkim", "--new", "rsa.pem").exit_code == 0
    assert run("dkim", "--new", "ed.pem", "--type", "ed25519").exit_code == 0
    assert (folder / "rsa.pem").stat().st_mode & 0o777 == 0o600
    assert run("dkim", "--new", "rsa.pem").exit_code == 2
    with (folder / "digestbot.toml").open("a") as file:
        file.write('[dkim]\nkeys = ["2026a=rsa.pem", "2026b=ed.pem"]\n')

    shown = run("dkim").stdout

    assert [line.partition(".")[0] for line in shown.splitlines()] == ["2026a", "2026b"]
    assert "2026b._domainkey.digests.example. IN TXT" in run("doctor").stdout
    secret = (folder / "ed.pem").read_text().splitlines()[1]
    assert secret not in shown + run("doctor").stdout + run("--help").stdout


@pytest.mark.parametrize(
    ("mode", "content", "said"),
    [(0o644, None, "chmod 600"), (0o600, b"nothing", "no private key"), (0o600, b"", "no private key")],
)
def test_a_key_that_cannot_be_used_stops_before_anything_is_sent(
    folder: Path, mode: int, content: bytes | None, said: str
) -> None:
    (folder / "k.pem").write_bytes(new_key("ed25519") if content is None else content)
    (folder / "k.pem").chmod(mode)
    with (folder / "digestbot.toml").open("a") as file:
        file.write('[dkim]\nkeys = ["a=k.pem", "b=gone.pem"]\n')

    result = run("publish")

    assert result.exit_code == 2
    assert said in result.stderr
    assert "gone.pem: No such file" in result.stderr


# ---- what mails of one subscription have in common, and what a bad address does to the others -----------------


def editions_of(folder: Path) -> list[bytes]:
    with sqlite3.connect(folder / "digestbot.db") as connection:
        rows = connection.execute("select content from message_part where media_type = 'message/rfc822' order by 1")
        return [row[0] for row in rows]


def headers(mail: bytes) -> dict[str, str]:
    return {name: value for name, value in message_from_bytes(mail, policy=policy.strict).items() if value}


def test_mails_are_signed_threaded_and_the_same_when_made_again(folder: Path) -> None:
    (folder / "digestbot.db").unlink()
    for name, kind in (("rsa.pem", "rsa"), ("ed.pem", "ed25519")):
        run("dkim", "--new", name, "--type", kind)
    with (folder / "digestbot.toml").open("a") as file:
        file.write('[dkim]\nkeys = ["b=ed.pem", "a=rsa.pem"]\n')
    (folder / "subscriptions" / "a.toml").write_text(
        '[[subscription]]\nname = "one"\nemail = "Ada <ada@there.example>"\nquery = "surfing"\nempty = "send"\n'
        'schedule = "daily 08:00"\n[[subscription]]\nname = "two"\nemail = "\\"two words\\"@there.example"\n'
        'query = "surfing"\nempty = "send"\nschedule = "daily 08:00"\n'
    )
    assert run("ingest", "--now", "2026-05-04T06:00:00Z").exit_code == 0
    shutil.copy(folder / "digestbot.db", folder / "copy.db")
    for day in (4, 5):
        assert run("publish", "--now", f"2026-05-0{day}T09:00:00Z").exit_code == 0
    mails = editions_of(folder)

    (folder / "digestbot.db").unlink()
    for name in ("digestbot.db-wal", "digestbot.db-shm"):
        (folder / name).unlink(missing_ok=True)
    shutil.copy(folder / "copy.db", folder / "digestbot.db")
    for day in (4, 5):
        assert run("publish", "--now", f"2026-05-0{day}T09:00:00Z").exit_code == 0

    # The clock goes on from the moment that was set, so that the seconds may differ, and with them the signatures.
    assert [unsigned(mail) for mail in editions_of(folder)] == [unsigned(mail) for mail in mails]
    heads = [headers(mail) for mail in mails]
    roots = {head["In-Reply-To"] for head in heads}
    assert len(heads) == 4
    assert len(roots) == 2
    assert all(head["References"] == head["In-Reply-To"] for head in heads)
    assert {head["Content-Language"] for head in heads} == {"en"}
    assert all(mail.startswith(b"DKIM-Signature: v=1; a=rsa-sha256;") for mail in mails)
    assert all(mail.count(b"DKIM-Signature:") == 2 for mail in mails)
    assert all("mailto:bounces@digests.example?subject=unsubscribe%20" in head["List-Unsubscribe"] for head in heads)
    assert max(len(line) for mail in mails for line in mail.partition(b"\r\n\r\n")[2].split(b"\r\n")) <= 76


def unsigned(mail: bytes) -> bytes:
    bare = re.sub(rb"(?m)^DKIM-Signature:.*\r\n(?:[ \t].*\r\n)*", b"", mail)
    return re.sub(rb"09:00:\d\d", b"09:00:00", bare)
