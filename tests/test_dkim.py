"""Signatures, checked by a verifier that shares no code with what signs, and by the example of RFC 8463."""

import base64
import hashlib
import re
from datetime import UTC, datetime

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_der_public_key,
)
from hypothesis import given, settings
from hypothesis import strategies as st

from digestbot.rendering import dkim
from digestbot.rendering.dkim import DkimKey, load_key, new_key

WHEN = datetime(2026, 5, 4, 8, 0, tzinfo=UTC)
RSA = load_key(new_key("rsa"), "Digests.example", "2026a")
ED = load_key(new_key("ed25519"), "digests.example", "2026b")
MAIL = (
    b"From: Digest <bot@digests.example>\r\nTo: ada@there.example\r\nSubject: Two  words\r\n and a fold\r\n"
    b"Date: Mon, 04 May 2026 08:00:00 +0000\r\nMessage-ID: <a.0@digests.example>\r\n"
    b"List-Unsubscribe: <https://digests.example/u>\r\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n"
    b"X-Other: no matter\r\n\r\nFirst  line \r\n.\r\n\r\nlast\r\n\r\n\r\n"
)


def signed(mail: bytes, keys: tuple[DkimKey, ...], when: datetime) -> bytes:
    """Return a mail with its signatures; empty lines at the end of a body do not count (RFC 6376, 3.4.4)."""
    head, _, body = mail.partition(b"\r\n\r\n")
    relaxed_body = dkim.relaxed_body(body)
    while relaxed_body.endswith(b"\r\n\r\n") or relaxed_body == b"\r\n":
        relaxed_body = relaxed_body.removesuffix(b"\r\n")
    return dkim.signatures(head + b"\r\n", relaxed_body, keys, when) + mail


def relaxed(name: str, value: str) -> str:
    unfolded = value.replace("\r\n", "")
    return f"{name.lower().strip()}:{' '.join(re.split('[ ' + chr(9) + ']+', unfolded)).strip()}\r\n"


def verified(mail: bytes, key: DkimKey) -> dict[str, str]:
    """Return the tags of the signature of `key` if it is good; raises InvalidSignature or AssertionError if not."""
    head, _, body = mail.decode("latin-1").partition("\r\n\r\n")
    fields = re.findall(r"^([!-9;-~]+)[ \t]*:([^\r\n]*(?:\r\n[ \t][^\r\n]*)*)", head, re.MULTILINE)
    mine = next(value for name, value in fields if name == "DKIM-Signature" and f"s={key.selector};" in value)
    pairs = [part.partition("=") for part in mine.split(";")]
    tags = {name.strip(): re.sub(r"\s", "", value) for name, _, value in pairs}
    lines = [re.sub(r"[ \t]+", " ", line).rstrip() for line in body.split("\r\n")]
    text = "\r\n".join(lines).rstrip("\r\n") + "\r\n" if any(lines) else ""
    assert tags["bh"] == base64.b64encode(hashlib.sha256(text.encode("latin-1")).digest()).decode()
    left = [(name.lower(), name, value) for name, value in fields]
    data = ""
    for wanted in tags["h"].lower().split(":"):
        found = next((each for each in reversed(left) if each[0] == wanted), None)
        if found:
            left.remove(found)
            data += relaxed(found[1], found[2])
    bare = re.sub(r"(\bb=)[^;]*$", r"\1", mine)
    data += relaxed("DKIM-Signature", bare).removesuffix("\r\n")
    check(key, base64.b64decode(tags["b"]), data.encode("latin-1"))
    return tags


def check(key: DkimKey, signature: bytes, data: bytes) -> None:
    public = base64.b64decode(key.record.partition("p=")[2])
    if "k=ed25519" in key.record:
        ed25519.Ed25519PublicKey.from_public_bytes(public).verify(signature, hashlib.sha256(data).digest())
        return
    loaded = load_der_public_key(public)
    assert isinstance(loaded, rsa.RSAPublicKey)
    loaded.verify(signature, data, padding.PKCS1v15(), SHA256())


def test_both_signatures_are_good_and_say_what_they_should() -> None:
    mail = signed(MAIL, (ED, RSA), WHEN)
    assert mail.endswith(MAIL)
    tags = verified(mail, RSA)
    assert (tags["a"], tags["d"], tags["s"], tags["c"]) == ("rsa-sha256", "digests.example", "2026a", "relaxed/relaxed")
    assert (tags["t"], "x" in tags) == (str(int(WHEN.timestamp())), False)
    assert verified(mail, ED)["a"] == "ed25519-sha256"
    assert all(len(line) <= 78 for line in mail.partition(b"\r\n\r\n")[0].split(b"\r\n"))


def test_headers_that_count_are_named_once_more_than_they_occur() -> None:
    names = verified(signed(MAIL, (ED,), WHEN), ED)["h"].split(":")
    for name in ("From", "To", "Subject", "Date", "Message-ID", "List-Unsubscribe", "List-Unsubscribe-Post"):
        assert names.count(name) == 2, name
    assert names.count("Reply-To") == names.count("Cc") == 1
    assert "X-Other" not in names


@pytest.mark.parametrize("key", [RSA, ED])
@pytest.mark.parametrize(
    "change",
    [
        (b"First  line", b"First line!"),
        (b"bot@", b"not@"),
        (b"One-Click", b"Two-Click"),
        (b"From: Digest", b"From: Other <o@there.example>\r\nFrom: Digest"),
        (b"Date: Mon", b"Reply-To: o@there.example\r\nDate: Mon"),
        (b"Subject: Two", b"Subject: Three\r\nSubject: Two"),
    ],
)
def test_what_is_changed_or_added_on_the_way_shows(key: DkimKey, change: tuple[bytes, bytes]) -> None:
    mail = signed(MAIL, (key,), WHEN)
    with pytest.raises((InvalidSignature, AssertionError)):
        verified(mail.replace(*change, 1), key)


def test_what_servers_may_change_does_not_matter() -> None:
    mail = signed(MAIL, (RSA,), WHEN).replace(b"Subject: Two  words\r\n and", b"SUBJECT:  Two words   and")
    verified(mail.replace(b"First  line ", b"First line"), RSA)


@given(st.lists(st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=60), max_size=12))
@settings(max_examples=60, deadline=None)
def test_any_body_is_signed(lines: list[str]) -> None:
    head = MAIL.partition(b"\r\n\r\n")[0]
    verified(signed(head + b"\r\n\r\n" + "\r\n".join(lines).encode() + b"\r\n", (ED,), WHEN), ED)


def test_the_same_mail_gets_the_same_signature() -> None:
    assert signed(MAIL, (ED, RSA), WHEN) == signed(MAIL, (ED, RSA), WHEN)


def test_the_example_of_rfc_8463() -> None:
    seed = base64.b64decode("nWGxne/9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A=")
    private = ed25519.Ed25519PrivateKey.from_private_bytes(seed)
    pem = private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    key = load_key(pem, "football.example.com", "brisbane")
    assert key.record == "v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="
    mail = (
        b"From: Joe <joe@football.example.com>\r\n\r\nHi.\r\n\r\nWe lost the game.  Are you hungry yet?\r\n\r\nJoe.\r\n"
    )
    assert verified(signed(mail, (key,), WHEN), key)["bh"] == "2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8="


def test_what_the_dns_is_to_hold() -> None:
    line = RSA.zone_line
    assert line.startswith('2026a._domainkey.digests.example. IN TXT ("v=DKIM1; k=rsa; p=')
    parts = re.findall(r'"([^"]*)"', line)
    assert "".join(parts) == RSA.record
    assert max(map(len, parts)) <= 255
    assert ED.zone_line.startswith('2026b._domainkey.digests.example. IN TXT "v=DKIM1; k=ed25519; p=')


def test_nothing_shows_a_key() -> None:
    pem = new_key("ed25519")
    secret = pem.decode().splitlines()[1]
    assert secret not in repr(load_key(pem, "digests.example", "a"))
    with pytest.raises(ValueError, match="no private key") as caught:
        load_key(pem[:-40], "digests.example", "a")
    assert secret[:8] not in repr(caught.value.__cause__) + str(caught.value)


@pytest.mark.parametrize(
    ("pem", "selector", "said"),
    [
        (b"nothing", "a", "no private key"),
        (new_key("ed25519"), "a b", "no selector"),
        (new_key("ed25519"), "", "no selector"),
        (
            ec.generate_private_key(ec.SECP256R1()).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()),
            "a",
            "neither RSA nor Ed25519",
        ),
    ],
)
def test_keys_that_cannot_be(pem: bytes, selector: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        load_key(pem, "digests.example", selector)
