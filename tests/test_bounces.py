"""Mails that came back: a corpus in the forms of standards and servers, the laws that hold for any mail, and bounds."""

import json
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digestbot.bounces import HARD, read_report
from digestbot.bounces.phrases import folded, reason_of
from digestbot.bounces.status import addresses_in, blocks_of, enhanced_in
from digestbot.bounces.vocabulary import REASONS, pattern_of

CORPUS = Path(__file__).parent / "corpus" / "bounces"
EXPECTED: dict[str, Any] = json.loads((CORPUS / "expected.json").read_text(encoding="utf-8"))
KEY = "abcdefghijklmnopqrstuvwxyz"


def mail_of(name: str) -> bytes:
    return (CORPUS / f"{name}.eml").read_bytes()


def told(data: bytes) -> dict[str, Any]:
    report = read_report(data, "digests.example")
    failures = [{"recipient": each.recipient, "hard": each.hard, "reason": each.reason} for each in report.failures]
    return {"kind": report.kind, "failures": failures}


def test_the_corpus_is_whole() -> None:
    assert {path.stem for path in CORPUS.glob("*.eml")} == set(EXPECTED)
    assert len(EXPECTED) > 50


@pytest.mark.parametrize("name", EXPECTED)
def test_what_a_mail_says(name: str) -> None:
    assert told(mail_of(name)) == EXPECTED[name]


@pytest.mark.parametrize("name", EXPECTED)
@pytest.mark.parametrize("end", [b"\r\n", b"\r"])
def test_ends_of_lines_make_no_difference(name: str, end: bytes) -> None:
    assert told(mail_of(name).replace(b"\n", end)) == EXPECTED[name]


@pytest.mark.parametrize("name", EXPECTED)
def test_a_line_of_an_mbox_before_it_makes_no_difference(name: str) -> None:
    assert told(b"From MAILER-DAEMON Mon May  4 09:00:00 2026\n" + mail_of(name)) == EXPECTED[name]


@pytest.mark.parametrize("name", [name for name, each in EXPECTED.items() if each["kind"] in {"reply", "none"}])
def test_what_is_no_bounce_is_never_a_hard_one_however_it_is_torn(name: str) -> None:
    data = mail_of(name)
    for end in range(0, len(data), 37):
        report = read_report(data[:end], "digests.example")
        assert not any(failure.hard for failure in report.failures), end


@given(st.binary(max_size=3000))
@settings(max_examples=150, deadline=None)
def test_any_bytes_are_read(data: bytes) -> None:
    report = read_report(data, "digests.example")
    assert report.kind in {"bounce", "complaint", "delay", "reply", "none"}


@given(st.sampled_from(sorted(EXPECTED)), st.integers(0, 3000), st.binary(max_size=8))
@settings(max_examples=150, deadline=None)
def test_a_damaged_mail_is_read(name: str, at: int, junk: bytes) -> None:
    data = mail_of(name)
    for failure in read_report(data[:at] + junk + data[at + len(junk) :], "digests.example").failures:
        assert failure.hard == (failure.action == "failed" and failure.reason in HARD)
        assert "\n" not in failure.said
        assert len(failure.said) <= 500


@pytest.mark.parametrize(
    "data",
    [
        b"Subject: Undeliverable\n\n" + b"a@" * 400_000,
        b"Subject: Undeliverable\n\n" + b"<" * 500_000,
        b"Subject: Undeliverable\n\n" + (b"user is not found " * 30_000),
        b"Subject: Undeliverable\nContent-Type: text/html\n\n" + b"<style>" * 60_000,
        b"Subject: Undeliverable\nContent-Type: text/html\n\n" + b"<a " * 100_000,
        b"Subject: Undeliverable\n\n" + b"x: y\n" * 100_000,
        b"From: MAILER-DAEMON@a.example\n\n" + b"mailbox " * 60_000 + b"full",
        b"From: MAILER-DAEMON@a.example\n\n" + b"Final-Recipient: rfc822; a@b.example\n" * 30_000,
        b"".join(b"Content-Type: multipart/mixed; boundary=%d\n\n--%d\n" % (n, n) for n in range(3000)),
    ],
    ids=["ats", "brackets", "words", "styles", "tags", "fields", "blanks", "recipients", "multiparts"],
)
def test_a_mail_that_is_made_to_be_slow_is_read_in_time(data: bytes) -> None:
    start = time.process_time()
    read_report(data, "digests.example")
    assert time.process_time() - start < 5.0  # a hundred times what it takes; without bounds it would be minutes


def test_every_pattern_compiles_and_has_an_example_of_its_own() -> None:
    """No row of the table is shadowed as a whole by those above it."""
    examples = {
        "full": "mailbox is full",
        "takes no mail": "domain does not accept mail",
        "content": "message contains a virus",
        "too large": "message too large",
        "policy": "listed on a block list",
        "disabled": "this account has been suspended",
        "moved": "the recipient has moved",
        "unknown host": "no such domain",
        "unknown user": "user unknown",
        "network": "connection refused",
        "expired": "delivery failed 20 attempts",
        "system": "i/o error",
    }
    assert {reason for reason, _ in REASONS} == set(examples)
    for reason, words in examples.items():
        assert reason_of("", words) == reason


def test_classes_of_words_are_written_out() -> None:
    assert pattern_of("<gap>x\n <not> y").pattern == r"[^.;\n]{0,40}x|(not?|n't) y"


@pytest.mark.parametrize(
    ("status", "words", "reason"),
    [
        ("5.1.1", "", "unknown user"),
        ("5.1.1", "mailbox full", "full"),
        ("4.1.1", "user unknown", "unclear"),
        ("5.7.1", "user unknown", "policy"),
        ("5.2.1", "user unknown", "unknown user"),
        ("5.2.2", "", "full"),
        ("5.4.4", "", "unknown host"),
        ("5.0.0", "", "unclear"),
        ("", "", "unclear"),
        ("5.7.1", "something", "policy"),
        ("", "name service error for domain example.com: host not found", "unknown host"),
        ("", "name service error for domain example.com: host not found, try again", "network"),
        ("", "dns lookup failed temporarily", "network"),
        ("5.4.1", "550 5.4.1 recipient address rejected: access denied", "unknown user"),
    ],
)
def test_status_and_words_together(status: str, words: str, reason: str) -> None:
    assert reason_of(status, words) == reason


def test_words_about_another_host_after_the_mail_itself_end_no_address() -> None:
    """The domain that does not exist may well be the sender's."""
    notice = b"From: MAILER-DAEMON@a.example\nSubject: Mail delivery failed\nX-Failed-Recipients: ada@there.example\n\n"
    notice += (
        b"  ada@there.example\n    SMTP error from remote mail server after end of data:\n    553 no such domain\n"
    )
    (found,) = read_report(notice).failures
    assert (found.hard, found.reason) == (False, "unclear")


def test_text_is_folded() -> None:
    assert folded("Boîte  de ada@there.example\tPLEINE") == "boite de ada@there pleine"
    assert folded("メールボックス") == "メールボックス"


def test_addresses_in_a_line() -> None:
    line = "To: 'Ada' <ada@there.example>, mailto:bob@there.example. and =?utf-8?q?x?=@there.example"
    found = addresses_in(line)
    assert found[0] == "ada@there.example"
    assert "there.example" in found[1]


def test_fields_of_a_status() -> None:
    one, two = blocks_of(
        "Reporting-MTA: dns; a\n\nFinal-Recipient: rfc822;<a@b.example>\nStatus: 5.1.1 (bad)\nAction: FAILED\n"
        "Final-Recipient: x\nOriginal-Recipient: rfc822; c@d.example\nDiagnostic-Code: smtp; 550\n 5.2.2 full"
    )
    assert (one.recipient, one.status, one.action) == ("a@b.example", "5.1.1", "failed")
    assert (two.recipient, two.status, two.diagnostic) == ("c@d.example", "5.2.2", "550 5.2.2 full")


def test_a_version_or_an_address_is_no_status() -> None:
    assert enhanced_in("Exchange 15.20.5.4 from 4.3.2.1, then 250 2.1.5 and 550 5.1.1 no") == "5.1.1"


# ---- which delivery a mail answers ------------------------------------------------------------------------


def test_the_delivery_is_found_by_the_return_path_first_then_by_what_is_quoted() -> None:
    data = mail_of("exim").replace(b"To: bounces@", f"To: bounces+{KEY[::-1]}.1@".encode(), 1)
    marks = read_report(data, "digests.example").marks
    assert [(mark.by, mark.key, mark.generation) for mark in marks] == [
        ("return-path", KEY[::-1], 1),
        ("message-id", KEY, 0),
    ]


@pytest.mark.parametrize("name", ["dsn-postfix-unknown", "dsn-headers-only", "qmail", "exim", "yahoo", "arf-abuse"])
def test_the_message_id_of_the_original_is_found(name: str) -> None:
    assert [mark.key for mark in read_report(mail_of(name), "digests.example").marks] == [KEY]
    assert read_report(mail_of(name), "elsewhere.example").marks == ()
    assert read_report(mail_of(name)).marks == ()


def test_a_key_whose_letters_a_server_made_capitals_of() -> None:
    data = mail_of("qmail").replace(b"To: bounces@", f"To: BOUNCES+{KEY.upper()}.0@".encode(), 1)
    assert read_report(data, "digests.example").marks[0].key == KEY


def test_a_bounce_that_names_nobody_counts_where_the_delivery_is_known() -> None:
    data = b"From: MAILER-DAEMON@a.example\nSubject: Undeliverable\nTo: b+" + KEY.encode()
    data += b".0@digests.example\n\nIt could not be delivered: user unknown\n"
    report = read_report(data, "digests.example")
    assert (report.kind, [each.recipient for each in report.failures]) == ("bounce", [""])
    assert read_report(data).kind == "none"


def test_a_wish_to_unsubscribe_by_mail() -> None:
    report = read_report(mail_of("opt-out"), "digests.example")
    assert report.feedback == "opt-out"
    assert report.stop == ("sparse-experts", "abcdefghijklmnopqrstuvwx23")
