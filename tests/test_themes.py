"""The shipped themes, the sandbox around templates of others, and the page that is made anew while one writes."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from digestbot import editions, resources
from digestbot.cli import watching
from digestbot.cli.watching import watch
from digestbot.errors import RenderError
from digestbot.models import Edition, Hit, Match, Paper, Proof, Subscription
from digestbot.rendering import Renderer

DUE = datetime(2026, 11, 20, 8, tzinfo=UTC)
Make = Callable[..., Paper]


@pytest.fixture
def edition(paper: Make) -> Edition:
    hits = (Hit("title", 9, 16, "Experts", "experts"),)
    subscription = Subscription("ada", "Sparse experts", "experts", note="*Hello*")
    return editions.compose(subscription, [Match("ada", paper(), hits)], DUE, Proof(1, 1, 1))


@pytest.mark.parametrize("theme", resources.THEMES)
@pytest.mark.parametrize("name", ["edition.html", "edition.md", "edition.txt"])
def test_golden_themes(golden: Callable[[str, str | bytes], None], edition: Edition, theme: str, name: str) -> None:
    renderer = Renderer(theme=theme)
    forms = {"edition.html": renderer.html, "edition.md": renderer.markdown, "edition.txt": renderer.text}

    golden(f"themes/{theme}-{name}", forms[name](edition))


def test_every_theme_names_the_paper_the_sentence_and_the_reason(edition: Edition) -> None:
    for theme in resources.THEMES:
        text = Renderer(theme=theme).text(edition)
        assert "Union of *Experts*: Routing in Parts" in text
        assert "We propose to route in parts." in text
        assert "experts" in text.partition("Why")[2]


def test_every_theme_says_why_a_paper_stands_where_it_does_and_who_wrote_of_it(edition: Edition) -> None:
    card = replace(edition.cards[0], place="beside “A <b>”, the same series", written_by="a <i> model")
    told = replace(edition, cards=(card,))
    for theme in resources.THEMES:
        renderer = Renderer(theme=theme)
        for form in (renderer.html(told), renderer.markdown(told), renderer.text(told)):
            words = " ".join(form.split())
            assert "tands beside “A" in words
            assert "ummary written by a" in words
        assert "tands beside “A &lt;b&gt;”, the same series" in renderer.html(told)
        assert "written by a &lt;i&gt; model, checked against the abstract" in renderer.html(told)
        assert "tands" not in renderer.text(edition).partition("Why")[2].partition("What stands")[0]


def test_the_compact_theme_leaves_the_abstract_out(edition: Edition) -> None:
    assert "Mixtures of experts grow fast" in Renderer().html(edition)
    assert "Mixtures of experts grow fast" not in Renderer(theme="compact").html(edition)


def test_a_folder_goes_before_a_theme(edition: Edition, tmp_path: Path) -> None:
    (tmp_path / "edition.txt").write_text("mine")

    assert Renderer([tmp_path], "compact").text(edition) == "mine\n"


@pytest.mark.parametrize(
    "template",
    [
        "{{ edition.__class__ }}",
        "{{ edition.due.__class__.__mro__ }}",
        "{{ ''.__class__.__mro__[1].__subclasses__() }}",
        "{{ edition.cards.__init__.__globals__ }}",
        "{{ self.__init__.__globals__ }}",
        "{{ '{0.__class__}'.format(edition) }}",
    ],
)
def test_a_template_of_others_reaches_nothing_behind(edition: Edition, tmp_path: Path, template: str) -> None:
    (tmp_path / "edition.txt").write_text(template)

    with pytest.raises(RenderError):
        Renderer([tmp_path]).text(edition)


def test_a_page_is_made_anew_when_a_template_changes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    templates, page, shown = tmp_path / "templates", tmp_path / "page.html", list[str]()
    templates.mkdir()
    monkeypatch.setattr(watching, "_LOOK", 0)

    def turns() -> Iterator[bool]:
        yield False
        assert b"one" in page.read_bytes()
        (templates / "edition.html").write_text("two")
        yield False
        assert b"is wrong" in page.read_bytes()
        (templates / "edition.html").write_text("three!")
        yield False
        yield True

    contents: Iterator[bytes | RenderError] = iter(
        [b"<head>one", RenderError("<this> is wrong", template="edition.html", line=1), b"<head>three"]
    )

    def render() -> bytes:
        made = next(contents)
        if isinstance(made, RenderError):
            raise made
        return made

    steps = turns()
    watch(render, [templates], page, lambda: next(steps), shown.append)

    assert page.read_bytes() == b'<head><meta http-equiv="refresh" content="1">three'
    assert shown == [page.as_uri()]


def test_a_theme_that_is_none_is_not_looked_for(edition: Edition) -> None:
    other = replace(edition, subject="other")

    assert resources.theme("full") is None
    assert Renderer(theme="full").html(other) == Renderer().html(other)
