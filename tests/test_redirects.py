"""Addresses as mails carry them: led back where that can be done at the desk, left alone where not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digestbot.readers.redirects import is_sharing, target_of


@pytest.mark.parametrize(
    ("url", "target"),
    [
        (
            "http://scholar.google.com/scholar_url?url=https://arxiv.org/pdf/1912.02015&hl=en&sa=X&d=1&scisig=A",
            "https://arxiv.org/pdf/1912.02015",
        ),
        (
            "https://scholar.google.com/scholar_url?url=https://example.org/x.pdf%3Fa%3D1&hl=en&sa=X",
            "https://example.org/x.pdf?a=1",
        ),
        ("https://www.google.com/url?q=https%3A%2F%2Fexample.org%2Fa%3Fb%3D1&sa=D", "https://example.org/a?b=1"),
        (
            "https://nam02.safelinks.protection.outlook.com/?url=https%3A%2F%2Fdoi.org%2F10.1000%2Fabc&data=05%7C",
            "https://doi.org/10.1000/abc",
        ),
        (
            "https://urldefense.proofpoint.com/v2/url?u=https-3A__doi.org_10.1000_abc-2Ddef&d=DwMF",
            "https://doi.org/10.1000/abc-def",
        ),
        ("https://urldefense.com/v3/__https://doi.org/10.1000/abc__;!!NLFG!x$", "https://doi.org/10.1000/abc"),
        (
            "https://click.notification.example.org/CL0/https:%2F%2Fexample.org%2Fcell%2Ffulltext%2FS0092(25)0-0%3Fdgcid=x/1/01-9/k=4",
            "https://example.org/cell/fulltext/S0092(25)0-0",
        ),
        (
            "https://x.example.org/r?u=https%253A%252F%252Fdoi.org%252F10.1000%252Fabc&x=1",
            "https://doi.org/10.1000/abc",
        ),
        ("https://login.proxy.example.edu/login?url=https://example.org/a?b=1&c=2", "https://example.org/a?b=1&c=2"),
        ("https://r.example.org/track/aHR0cHM6Ly9leGFtcGxlLm9yZy9wYXBlcg", "https://example.org/paper"),
        ("https://r.example.org/?to=aHR0cHM6Ly9leGFtcGxlLm9yZy9wYXBlcg%3D%3D", "https://example.org/paper"),
        (
            "https://a.example.org/?url=https%3A%2F%2Fb.example.org%2F%3Furl%3Dhttps%253A%252F%252Fexample.org%252Fc",
            "https://example.org/c",
        ),
        ("https://example.org/a?utm_source=x&id=3&utm_medium=y#f", "https://example.org/a?id=3#f"),
        ("https://example.org/a?utm_source=x", "https://example.org/a"),
        ("  https://example.org/a\n b ", "https://example.org/ab"),
    ],
)
def test_an_address_is_led_back(url: str, target: str) -> None:
    assert target_of(url) == target


@pytest.mark.parametrize(
    "url",
    [
        "https://links.example.org/f/a/9Y6TiL~~/AABE5hA~/E_Osg",
        "https://example.org/login?redirect_uri=%2Fhome",
        "https://example.org/search?q=graph+theory",
        "https://web.archive.org/web/20200101000000/https://example.org/page",
        "https://twitter.com/intent/tweet?url=https://example.org/x",
        "https://openreview.net/forum?id=AbCdEf123",
        "https://example.org/r?url=https%3A%2F%2Fnowhere",
        "https://r.example.org/track/aHR0c______",
        "https://r.example.org/?to=aHR0cHM6Ly_D_w",
        "",
    ],
)
def test_what_does_not_say_where_it_leads_stays(url: str) -> None:
    assert target_of(url) == url


@pytest.mark.parametrize(
    ("url", "sharing"),
    [
        ("https://twitter.com/intent/tweet?url=x", True),
        ("https://www.facebook.com/sharer/sharer.php?u=x", True),
        ("http://scholar.google.com/scholar_share?ss=tw", True),
        ("https://www.linkedin.com/shareArticle?url=x", True),
        ("https://twitter.com/somebody/status/1", False),
        ("https://example.org/share", False),
    ],
)
def test_addresses_that_only_share_are_known(url: str, sharing: bool) -> None:
    assert is_sharing(url) is sharing


@given(st.text(alphabet="htps:/?&=url.%23AFaHR0c_-", max_size=200).map(lambda text: f"https://example.org/{text}"))
def test_leading_back_twice_changes_no_more(url: str) -> None:
    once = target_of(url)

    assert not any(char.isspace() for char in once)
    assert target_of(once) == once or "%" in once or "url=" in once
