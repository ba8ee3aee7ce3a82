"""Editions as different as they can be keep within the bounds of mail, and lose nothing on the way."""

import re
from itertools import pairwise

import pytest

from digestbot.editions import BUDGET
from digestbot.rendering import Renderer
from digestbot.rendering.mail import size_in_mail
from varied_editions import ADDRESSES, Varied, feed_of, fitted, varied

EDITIONS = tuple(varied())
RENDERERS = {theme: Renderer(theme=theme) for theme in {item.theme for item in EDITIONS}}


def test_there_are_fifty() -> None:
    assert len(EDITIONS) == 50


@pytest.mark.parametrize("item", EDITIONS, ids=lambda item: item.name)
def test_every_edition_fits_and_counts_what_it_leaves_out(item: Varied) -> None:
    renderer, whole = RENDERERS[item.theme], item.edition
    edition = fitted(renderer, whole)
    html = renderer.html(edition, ADDRESSES)

    assert size_in_mail(html) <= BUDGET
    levels = [0, *map(int, re.findall(r"<h(\d)", html))]
    assert all(after <= before + 1 for before, after in pairwise(levels))
    shown = len(edition.cards) + len(edition.lines)
    assert shown + edition.more == len(whole.cards) + len(whole.lines) + whole.more
    assert len(edition.updates) + edition.more_updates == len(whole.updates) + whole.more_updates
    for left in filter(None, (edition.more, edition.more_updates)):
        assert f"And {left} more" in html
        assert "with the next edition" in html
    assert html.count(ADDRESSES.page) == 1 + bool(edition.lines)
    assert ADDRESSES.feed not in html  # the page is for people


def test_feeds_hold_what_lines_leave_out() -> None:
    item = next(item for item in EDITIONS if "papers-50" in item.name)
    feed = feed_of(item.edition, "atom.xml")

    assert len(feed.entries) == 50
    assert RENDERERS[item.theme].atom(feed).count(b"<content") == 50
