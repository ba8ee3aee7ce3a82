"""Addresses: what is taken apart, what is refused, and domains in other scripts."""

import idna
import pytest
from hypothesis import given
from hypothesis import strategies as st

from digestbot.addresses import Mailbox, domain_to_ascii, parse_mailbox


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("you@example.org", Mailbox("you", "example.org")),
        (" You@Example.ORG ", Mailbox("You", "example.org")),
        ("<you@example.org>", Mailbox("you", "example.org")),
        ("Ada <you@example.org>", Mailbox("you", "example.org", "Ada")),
        ('"Chen, Li" <li@example.org>', Mailbox("li", "example.org", "Chen, Li")),
        (r'"a \"b\" c" <li@example.org>', Mailbox("li", "example.org", 'a "b" c')),
        ('"Größe, Bot" <a@example.org>', Mailbox("a", "example.org", "Größe, Bot")),
        ("Chen, Li <li@example.org>", Mailbox("li", "example.org", "Chen, Li")),
        ('"two words"@example.org', Mailbox('"two words"', "example.org")),
        ('"a@b"@example.org', Mailbox('"a@b"', "example.org")),
        ("a+b.c=d@example.org", Mailbox("a+b.c=d", "example.org")),
        ("you@localhost", Mailbox("you", "localhost")),
        ("you@[192.0.2.1]", Mailbox("you", "[192.0.2.1]")),
        ("you@[IPv6:2001:db8:0::1]", Mailbox("you", "[IPv6:2001:db8::1]")),
        ("you@müller.example", Mailbox("you", "xn--mller-kva.example")),
        ("gru\u0308ße@example.org", Mailbox("grüße", "example.org")),  # composed, as RFC 6532 asks
    ],
)
def test_what_is_taken_apart(text: str, expected: Mailbox) -> None:
    assert parse_mailbox(text) == expected


def test_only_a_local_part_beyond_ascii_needs_smtputf8() -> None:
    assert parse_mailbox("grüße@example.org").international
    assert not parse_mailbox("Grüße <you@müller.example>").international


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "no @"),
        ("you", "no @; an address looks like you@example.org"),
        ("@example.org", "cannot stand before the @"),
        ("a b@example.org", "cannot stand before the @"),
        ("a..b@example.org", "cannot stand before the @"),
        (".a@example.org", "cannot stand before the @"),
        ("a@b@example.org", "cannot stand before the @"),
        ("a@example.org, b@example.org", "cannot stand before the @"),
        ("a@example.org <b@example.org>", "looks like another address"),
        ("a@example.org\r\nBcc: b@example.org", "control character"),
        ("a\x00@example.org", "control character"),
        ("a\u202e@example.org", "control character"),
        ("a\ud800@example.org", "control character"),
        ("a@", "no domain name"),
        ("a@-x.org", "no domain name"),
        ("a@x..org", "no domain name"),
        ("a@exa mple.org", "no domain name"),
        ("a@☃.example", "no domain name"),
        (f"a@{'x' * 64}.org", "no domain name"),
        ("a@" + "x." * 130 + "org", "too long for a domain"),
        ("a@[300.0.0.1]", "no IP address"),
        (f"{'a' * 65}@example.org", "too long"),
        ("a" * 501, "shorter than 500"),
    ],
)
def test_what_is_refused(text: str, said: str) -> None:
    with pytest.raises(ValueError, match=said.replace(".", r"\.")):
        parse_mailbox(text)


@pytest.mark.parametrize(
    "domain",
    [
        "müller.example",
        "faß.example",
        "例え.テスト",
        "пример.испытание",
        "παράδειγμα.δοκιμή",
        "βόλος.example",
        "مثال.إختبار",
    ],
)
def test_domains_agree_with_a_library_of_the_standard(domain: str) -> None:
    assert domain_to_ascii(domain) == idna.encode(domain, uts46=True).decode()


def test_the_full_stops_of_other_scripts_part_labels() -> None:
    assert domain_to_ascii("例え。テスト") == domain_to_ascii("例え.テスト")


@given(st.text() | st.text(alphabet='ab@<>". \\,[]é\r\n').map(lambda text: f"{text}@example.org"))
def test_any_text_is_one_safe_address_or_a_value_error(text: str) -> None:
    try:
        mailbox = parse_mailbox(text)
    except ValueError:
        return
    assert not set(mailbox.spec) & set("\r\n\0<>") or mailbox.local.startswith('"')
    assert "\n" not in mailbox.spec + mailbox.name
    assert parse_mailbox(mailbox.spec) == Mailbox(mailbox.local, mailbox.domain)
