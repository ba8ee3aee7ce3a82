"""Tokens: one for each purpose and subscription, the same every time, and nothing else passes."""

import re

from hypothesis import given
from hypothesis import strategies as st

from digestbot.tokens import feed_path, is_genuine, token, unsubscribe_path

SECRET = bytes(range(32))
ANY_TEXT = st.text(max_size=60) | st.text(st.characters(categories=["Cs"]), max_size=3)


def test_a_token_stays_the_same_for_ever() -> None:
    """Addresses in old mails have to work after every upgrade."""
    assert unsubscribe_path(SECRET, "ada") == "/unsubscribe/ada/xtmpcpkwj7ocoqj6d3eehpu4s7"
    assert feed_path(SECRET, "ada", "atom.xml") == "/feeds/ada/i27ftul3rybur576dy3rw5vksz/atom.xml"


@given(ANY_TEXT)
def test_a_token_is_genuine_for_its_purpose_and_subscription_only(name: str) -> None:
    made = token(SECRET, "unsubscribe", name)

    assert re.fullmatch("[a-z2-7]{26}", made)
    assert is_genuine(made, SECRET, "unsubscribe", name)
    assert not is_genuine(made, SECRET, "feed", name)
    assert not is_genuine(made, SECRET, "unsubscribe", f"{name}x")
    assert not is_genuine(made, bytes(32), "unsubscribe", name)


@given(ANY_TEXT)
def test_what_is_no_token_is_refused_whatever_it_is(forged: str) -> None:
    assert not is_genuine(forged, SECRET, "unsubscribe", "ada")


def test_every_character_counts() -> None:
    made = token(SECRET, "feed", "ada")

    assert not any(is_genuine(made[:at] + made[at + 1 :], SECRET, "feed", "ada") for at in range(len(made)))
    assert not is_genuine(made.upper(), SECRET, "feed", "ada")
