"""Mails: parsed back strictly, the same bytes every time, and nothing hostile gets out of its header."""

import binascii
import re
from datetime import UTC, datetime, timedelta, timezone
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any, cast

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from digestbot.errors import RenderError
from digestbot.rendering.mail import compose

WHEN = datetime(2024, 5, 1, 8, 0, tzinfo=timezone(timedelta(hours=2)))
LETTER: dict[str, Any] = {
    "edition_subject": "3 papers on sparse experts: Union of Experts",
    "text": "Union of Experts\nhttps://arxiv.org/abs/2503.02495\n",
    "html": '<p><a href="https://arxiv.org/abs/2503.02495">Union of Experts</a></p>',
    "sender": "Digest <digest@example.org>",
    "recipient": "you@example.net",
    "key": "ABCDEFGHIJKLMNOPQRSTUVWXYZ",
    "generation": 0,
    "domain": "example.org",
    "date": WHEN,
    "subscription_id": "sparse-experts-1a2b3c",
    "subscription_name": "sparse experts",
    "unsubscribe_url": "https://example.org/unsubscribe/abc",
    "unsubscribe_mailto": "leave@example.org",
}
STRICT = policy.strict.clone(linesep="\r\n")


def written(**changes: Any) -> bytes:
    return compose(**(LETTER | changes))


def read(data: bytes) -> EmailMessage:
    """Parse strictly: every defect raises."""
    return message_from_bytes(data, policy=STRICT)


def head_of(data: bytes) -> str:
    return data.partition(b"\r\n\r\n")[0].decode()


def bodies(message: EmailMessage) -> tuple[str, str]:
    parts = [cast("EmailMessage", part) for part in message.iter_parts()]
    assert [part.get_content_type() for part in parts] == ["text/plain", "text/html"]
    return cast("tuple[str, str]", tuple(part.get_content().replace("\r\n", "\n") for part in parts))


def test_headers() -> None:
    headers = dict(read(written(language="en-GB")).items())
    assert headers == {
        "From": "Digest <digest@example.org>",
        "To": "you@example.net",
        "Subject": "3 papers on sparse experts: Union of Experts",
        "Date": "Wed, 01 May 2024 08:00:00 +0200",
        "Message-ID": "<ABCDEFGHIJKLMNOPQRSTUVWXYZ.0@example.org>",
        "List-Id": "sparse experts <sparse-experts-1a2b3c.example.org>",
        "List-Unsubscribe": "<https://example.org/unsubscribe/abc>, <mailto:leave@example.org>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        "Auto-Submitted": "auto-generated",
        "Precedence": "bulk",
        "Feedback-ID": "sparse-experts-1a2b3c:edition:digestbot",
        "X-Delivery-Key": "ABCDEFGHIJKLMNOPQRSTUVWXYZ.0",
        "Content-Language": "en-GB",
        "MIME-Version": "1.0",
        "Content-Type": 'multipart/alternative; boundary="=_ABCDEFGHIJKLMNOPQRSTUVWXYZ.0"',
    }


def test_both_parts_read_back() -> None:
    assert bodies(read(written())) == (LETTER["text"], LETTER["html"] + "\n")


def test_the_same_edition_gives_the_same_bytes() -> None:
    assert written() == written()
    assert written(generation=1) != written()


@pytest.mark.parametrize(
    ("url", "mailto", "expected", "one_click"),
    [
        ("", "", None, False),
        ("https://example.org/u", "", "<https://example.org/u>", True),
        ("http://localhost:8000/u", "", "<http://localhost:8000/u>", False),
        ("", "mailto:a@example.org?subject=leave", "<mailto:a@example.org?subject=leave>", False),
    ],
)
def test_one_click_is_promised_for_https_only(url: str, mailto: str, expected: str | None, one_click: bool) -> None:
    message = read(written(unsubscribe_url=url, unsubscribe_mailto=mailto))
    assert message["List-Unsubscribe"] == expected
    assert (message["List-Unsubscribe-Post"] is not None) == one_click


def test_a_long_unsubscribe_address_stays_as_it_is() -> None:
    url = f"https://example.org/{'x' * 300}"
    assert f"List-Unsubscribe: <{url}>,\r\n <mailto:leave@example.org>\r\n" in head_of(written(unsubscribe_url=url))


@pytest.mark.parametrize(
    ("name", "header"),
    [
        ("Digest", "Digest <digest@example.org>"),
        ('"Chen, Li"', '"Chen, Li" <digest@example.org>'),
        (r'"say \"hi\""', r'"say \"hi\"" <digest@example.org>'),
        ("Größe, Bot", "=?utf-8?b?R3LDtsOfZSwgQm90?= <digest@example.org>"),
        ("=?utf-8?q?trick?=", "=?utf-8?b?PT91dGYtOD9xP3RyaWNrPz0=?= <digest@example.org>"),
        ("", "digest@example.org"),
    ],
)
def test_display_names(name: str, header: str) -> None:
    data = written(sender=f"{name} <digest@example.org>")
    assert f"From: {header}\r\n" in head_of(data)


def test_a_long_name_with_a_comma_is_folded() -> None:
    name = "Group for Sparse Models, Routing, Pruning, Quantisation and all the other ways to make less of more"
    message = read(written(sender=f'"{name}" <digest@example.org>'))
    assert message["From"].addresses[0].display_name == name


def test_addresses_in_other_scripts() -> None:
    assert read(written(recipient="you@müller.example"))["To"] == "you@xn--mller-kva.example"
    data = written(recipient="grüße@example.net")
    assert "To: grüße@example.net\r\n" in head_of(data)
    assert written(recipient='"two words"@example.net').count(b'To: <"two words"@example.net>\r\n') == 1


def test_an_empty_subject_names_the_subscription() -> None:
    assert read(written(edition_subject=" \n\u202e "))["Subject"] == "sparse experts"
    assert read(written(edition_subject="", subscription_name="\x00"))["Subject"] == "sparse-experts-1a2b3c"


def test_an_endless_subject_is_cut() -> None:
    subject = read(written(edition_subject="word " * 1000))["Subject"]
    assert len(subject) <= 300
    assert subject.endswith("…")


def test_nothing_gets_out_of_its_header() -> None:
    evil = "x\r\nBcc: evil@example.org\r\n\r\n<script>\u202e\x00\u2028y"
    data = written(edition_subject=evil, subscription_name=evil)
    message = read(data)
    assert message["Subject"] == "x Bcc: evil@example.org <script> y"
    assert message["Bcc"] is None
    assert "\r\nBcc" not in head_of(data)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"recipient": "a@example.org\r\nBcc: b@example.org"}, "control character"),
        ({"recipient": "nobody"}, "has no @"),
        ({"sender": "a@b@c"}, "cannot stand before the @"),
        ({"domain": "example.org>\r\nX: y"}, "no domain name"),
        ({"key": "a b"}, "cannot be a delivery key"),
        ({"key": "k" * 51}, "cannot be a delivery key"),
        ({"subscription_id": "a.b>"}, "cannot be a subscription id"),
        ({"unsubscribe_url": "https://example.org/a b"}, "cannot be a unsubscribe address"),
        ({"unsubscribe_url": "javascript:alert(1)"}, "cannot be a unsubscribe address"),
        ({"unsubscribe_url": "https://example.org/>,<mailto:x"}, "cannot be a unsubscribe address"),
        ({"unsubscribe_url": "https://example.org/" + "x" * 900}, "shorter than 900"),
        ({"unsubscribe_mailto": "nobody"}, "has no @"),
        ({"language": "en\r\nX: y"}, "cannot be a language"),
        ({"date": datetime(2024, 5, 1)}, "no time zone"),  # noqa: DTZ001
    ],
)
def test_what_cannot_stand_in_a_header_is_an_error(changes: dict[str, Any], said: str) -> None:
    with pytest.raises(RenderError, match=said) as caught:
        written(**changes)
    assert caught.value.template == "mail"


@given(st.text(), st.text(), st.text(), st.text())
@example("=?utf-8?q?x?=", "\ud800", "--=_ABCDEFGHIJKLMNOPQRSTUVWXYZ.0--\n", ".\n..\nFrom me\n")
@example("é" * 200, "名" * 100, "名" * 500, "x" * 5000)
@example("a" * 200, "b" * 100 + " c", "trailing \t \n \n", "=20=\n")
def test_any_text_makes_a_well_formed_mail(subject: str, name: str, text: str, html: str) -> None:
    data = written(edition_subject=subject, subscription_name=name, text=text, html=html)
    message = read(data)
    assert [text_of(part) for part in bodies(message)] == [text_of(text), text_of(html)]
    assert data.isascii()
    assert data.replace(b"\r\n", b"").find(b"\n") == data.replace(b"\r\n", b"").find(b"\r") == -1
    assert all(len(line) <= 76 for line in data.split(b"\r\n"))
    assert not re.search(r"\r\n[ \t]*\r\n", head_of(data) + "\r\nx")
    assert all(len(word) <= 75 for word in re.findall(r"=\?\S+\?=", head_of(data)))
    assert read(data)["Subject"].encode("utf-8", "replace").decode() == message["Subject"]


def text_of(body: str) -> str:
    """Return what a mail can carry of a text: line ends are all the same, lone surrogates are not characters."""
    return "\n".join(re.split(r"\r\n|\r|\n", body)).encode("utf-8", "replace").decode().rstrip("\n")


@given(
    st.text(alphabet=st.characters(exclude_categories=["Cc", "Cs", "Zs", "Zl", "Zp", "Cf"]), min_size=1, max_size=280)
)
def test_a_subject_reads_back_as_it_was(subject: str) -> None:
    assert read(written(edition_subject=subject))["Subject"] == subject


def test_base64_only_where_it_is_shorter() -> None:
    message = read(written(text="plain words\n", html="<p>稀疏专家模型</p>"))
    encodings = [part["Content-Transfer-Encoding"] for part in message.iter_parts()]
    assert encodings == ["quoted-printable", "base64"]


def test_the_date_is_not_the_clock() -> None:
    assert read(written(date=datetime(1999, 1, 1, tzinfo=UTC)))["Date"] == "Fri, 01 Jan 1999 00:00:00 +0000"


def test_no_quoted_printable_line_is_longer_than_the_standard_allows() -> None:
    text = "plain words, " * 100 + " é=\t\n" * 9
    body = written(text=text).split(b"\r\n\r\n")[2].partition(b"\r\n--=_")[0]
    assert max(map(len, body.split(b"\r\n"))) <= 76
    assert binascii.a2b_qp(body).decode().replace("\r", "") == text.rstrip("\n")
