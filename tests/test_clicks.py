import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digestbot.models import Paper
from digestbot.rendering.clicks import Address, paper_address, search_address, web_address


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("https://arxiv.org/abs/2306.14048", "https://arxiv.org/abs/2306.14048"),
        (" HTTPS://Example.org/A?b=1&c=2#d ", "https://example.org/A?b=1&c=2#d"),
        # what is known to answer to https does so
        ("http://arxiv.org/abs/1", "https://arxiv.org/abs/1"),
        ("http://a.github.io/x/", "https://a.github.io/x/"),
        ("http://notgithub.io/", "http://notgithub.io/"),
        ("http://arxiv.org:8080/", "http://arxiv.org:8080/"),
        # nothing is left that a form could trip over
        (
            "https://x.example/a (b)'\"<>`|\\^[]*é",
            "https://x.example/a%20%28b%29%27%22%3C%3E%60%7C%5C%5E%5B%5D%2A%C3%A9",
        ),
        ("https://x.example/100%/%20", "https://x.example/100%25/%20"),
        ("https://münchen.example/", "https://xn--mnchen-3ya.example/"),
        ("https://[2001:db8::1]:8443/", "https://[2001:db8::1]:8443/"),
        # none of these is a place on the web
        (None, ""),
        ("", ""),
        ("javascript:alert(1)", ""),
        ("java\nscript:alert(1)", ""),
        ("data:text/html,x", ""),
        ("//example.org/", ""),
        ("example.org", ""),
        ("ftp://example.org/", ""),
        ("https://", ""),
        ("https://user:word@example.org/", ""),
        ("https://exa mple.org/", ""),
        ("https://x.example:port/", ""),
        ("https://[::1/", ""),
        ("https://x.example/\ud800", ""),
        ("https://\ud800.example/", ""),
        ("https://x.example/" + "a" * 2000, ""),
    ],
)
def test_a_click_leads_to_the_web_or_nowhere(text: str | None, address: str) -> None:
    assert web_address(text) == address


@given(st.text() | st.text().map("https://x.example/{}".format) | st.from_regex(r"https?://[^/]{1,20}/"))
def test_an_address_needs_no_escaping(text: str) -> None:
    address = web_address(text)

    assert re.fullmatch(r"(https?://[a-z0-9.:\[\]-]+[A-Za-z0-9%/:;=?&@!$,+._~#-]*)?", address)
    assert web_address(address) == address


def test_an_address_prints_itself() -> None:
    address = web_address("https://x.example/?a=1&lt;=2")

    assert address.printed("html") == "https://x.example/?a=1&amp;lt;=2"
    assert address.printed("markdown") == "https://x.example/?a=1&amp;lt;=2"
    assert address.printed("plain") == address
    assert Address("https://x.example/javascript:").printed("html") == "https://x.example/javascript&#58;"


@pytest.mark.parametrize(
    ("paper", "address"),
    [
        (Paper("x", id="arxiv:2306.14048", url="https://x.example/"), "https://x.example/"),
        (Paper("x", id="arxiv:2306.14048", url="javascript:x"), "https://arxiv.org/abs/2306.14048"),
        (Paper("x", id="arxiv:hep-th/9901001"), "https://arxiv.org/abs/hep-th/9901001"),
        (Paper("x", id="doi:10.1/a<b>"), "https://doi.org/10.1/a%3Cb%3E"),
        (Paper("x", id="pmid:123"), "https://pubmed.ncbi.nlm.nih.gov/123"),
        (Paper("x", id="openreview:aB1"), "https://openreview.net/forum?id=aB1"),
        (Paper("x", id="title:abc", pdf_url="https://x.example/a.pdf"), "https://x.example/a.pdf"),
        (Paper("x", id="title:abc"), ""),
        (Paper("x", id="arxiv:"), ""),
        (Paper("x", id="doi:\ud800"), "https://doi.org/%3F"),
        (Paper("x"), ""),
    ],
)
def test_where_a_paper_can_be_read(paper: Paper, address: str) -> None:
    assert paper_address(paper) == address


@given(st.text())
def test_a_search_is_a_web_address(title: str) -> None:
    address = search_address(title)

    assert web_address(address) == address
    assert address.secure
