"""What a person likes goes into the order of an edition, and into nothing else."""

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Literal, get_args

import pytest
from click.testing import CliRunner, Result
from hypothesis import given
from hypothesis import strategies as st

from digestbot.cli import cli
from digestbot.editions import compose
from digestbot.ledger import Ledger, opinions, papers, subscriptions
from digestbot.ledger.papers import StoredPaper
from digestbot.models import Edition, Hit, Match, Paper, PartialDate, Proof, Reading, Subscription
from digestbot.personal import Leaning, Taste, learn
from digestbot.pipeline import Press, ingest, preview, publish
from digestbot.readers import read_path
from digestbot.rendering import Renderer
from digestbot.tokens import Direction, feedback_path
from older_ledgers import rewind

ROOT = Path(__file__).resolve().parents[1]
NOW = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)
BASE = "https://digests.example.org"
PRESS = Press(Renderer(), "Digests <digests@example.org>", BASE)
ADA = Subscription("ada", "Models", "model* OR network* OR layer*", "email", "ada@example.org", limit=50)
LIKED = ("remoe", "moefication", "outrageously large", "a survey on inference", "union of experts")
"""How the titles of the five begin that are liked."""
ALIKE = ("mixtral of experts", "pre-gated moe", "sparse moe as")
"""Others of that kind."""


def seeds() -> tuple[Paper, ...]:
    found = [paper for path in sorted((ROOT / "seeds").iterdir()) for paper in read_path(path).papers]
    return tuple({paper.title: paper for paper in found}.values())


SEEDS = seeds()


def those(beginnings: Sequence[str]) -> list[Paper]:
    return [paper for paper in SEEDS if paper.title.lower().startswith(tuple(beginnings))]


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    with Ledger.open(str(tmp_path / "digestbot.db"), owner=True, domain="digests.example.org") as ledger:
        with ledger.write() as tx:
            subscriptions.put(tx, ADA, NOW)
        ingest(ledger, [Reading("seeds", "test", SEEDS)], NOW)
        yield ledger


def stored(ledger: Ledger, title: str) -> StoredPaper:
    with ledger.read() as tx:
        return next(item for item in papers.every(tx) if item.paper.title.lower().startswith(title))


def say(ledger: Ledger, liked: bool, *titles: str, at: datetime = NOW) -> None:
    for title in titles:
        paper = stored(ledger, title)
        with ledger.write() as tx:
            opinions.give(tx, "ada", paper, liked, at)


def edition_of(ledger: Ledger, now: datetime = NOW) -> Edition:
    edition = preview(ledger, "ada", now)
    assert edition is not None
    return edition


def place(edition: Edition, title: str) -> int:
    """Return where a paper stands among those that were not judged."""
    titles = [card.paper.title.lower() for card in edition.cards if not card.paper.title.lower().startswith(LIKED)]
    return next(at for at, shown in enumerate(titles) if shown.startswith(title))


# --- what is learned


def test_papers_like_the_liked_ones_lean_to_them_and_name_their_words() -> None:
    taste = learn(those(LIKED), [], [paper for paper in SEEDS if paper not in those(LIKED)])
    order = sorted(SEEDS, key=lambda paper: -taste.leaning(paper).value)
    new = [paper for paper in order if paper not in those(LIKED)]

    assert len(those(LIKED)) == 5
    assert {paper.title for paper in those(ALIKE)} == {paper.title for paper in new[:3]}
    for paper in new[:3]:
        said = taste.leaning(paper).because
        assert {"experts", "moe", "mixture"} & set(re.split(r"\W+", " ".join(said).lower()))
        text = f"{paper.title} {paper.abstract}"
        assert all(word in " ".join(text.split()) for word in said)


def test_a_disliked_kind_leans_away() -> None:
    taste = learn([], those(LIKED), SEEDS)

    assert all(taste.leaning(paper).value < -0.2 for paper in those(ALIKE))


def test_a_person_who_said_nothing_leans_nowhere() -> None:
    taste = learn([], [], SEEDS)

    assert {taste.leaning(paper) for paper in SEEDS} == {Leaning(0.0)}


papers_drawn = st.lists(st.sampled_from(SEEDS), unique_by=lambda paper: paper.title, max_size=8)


@given(papers_drawn, papers_drawn, papers_drawn, st.randoms(use_true_random=False))
def test_the_same_papers_give_the_same_taste_in_any_order(
    liked: list[Paper], disliked: list[Paper], others: list[Paper], dice: object
) -> None:
    taste = learn(liked, disliked, others)
    assert learn(liked[::-1], disliked[::-1], others[::-1]) == taste
    assert Taste.from_dict(json.loads(json.dumps(taste.as_dict()))) == taste


@given(st.lists(st.builds(Paper, title=st.text(max_size=40), abstract=st.text(max_size=200)), max_size=4))
def test_any_text_can_be_learned_from(odd: list[Paper]) -> None:
    taste = learn(odd, odd[:1], odd)

    for paper in (*odd, Paper("")):
        leaning = taste.leaning(paper)
        assert -1 <= leaning.value <= 1
        assert len(leaning.because) <= 3


# --- the law: the same papers, whatever the weights

Sort = Literal["relevance", "date", "upvotes"]
sorts: st.SearchStrategy[Sort] = st.sampled_from(get_args(Sort))
words = st.sampled_from(["Sparse Experts", "Routing II", "Routing III", "Pruning", "Caches", "Graphs"])
matches_drawn = st.lists(
    st.builds(
        lambda number, title, field: Match(
            "ada",
            Paper(f"{title} {number}", f"arxiv:{number}", authors=("Ada",), published=PartialDate(2026, 11, 1)),
            (Hit(field, 0, 3, "abc", "abc"),),
        ),
        st.integers(0, 60),
        words,
        st.sampled_from(["title", "abstract"]),
    ),
    max_size=45,
)
leanings_drawn = st.dictionaries(
    st.integers(0, 60).map(lambda number: f"arxiv:{number}"),
    st.builds(Leaning, st.floats(-1, 1), st.lists(st.sampled_from(["routing", "experts"]), max_size=2).map(tuple)),
)


@given(matches_drawn, leanings_drawn, st.integers(1, 5), sorts)
def test_an_edition_holds_the_same_papers_whatever_is_liked(
    found: list[Match], leanings: dict[str, Leaning], limit: int, sort: Sort
) -> None:
    item = replace(ADA, limit=limit, sort=sort)
    plain = compose(item, found, NOW, Proof())
    personal = compose(item, found, NOW, Proof(), leanings=leanings)

    shown = [{card.paper for card in (*made.cards, *made.lines)} for made in (plain, personal)]
    assert shown[0] == shown[1]
    assert (len(plain.cards), plain.more) == (len(personal.cards), personal.more)
    if sort != "relevance":
        assert plain == personal


# --- in the ledger


def test_liked_papers_bring_their_kind_up_and_the_card_says_why(ledger: Ledger) -> None:
    before = edition_of(ledger)
    say(ledger, True, *LIKED)
    after = edition_of(ledger)

    moved = {title: place(before, title) - place(after, title) for title in ALIKE}
    assert all(up >= 0 for up in moved.values())
    assert sum(moved.values()) >= 15
    assert {card.paper.id for card in before.cards} == {card.paper.id for card in after.cards}
    reasons = [card.place for card in after.cards if "higher because of: " in card.place]
    assert reasons
    assert "- stands higher because of: " in Renderer().text(after)
    assert not any("because of" in card.place for card in before.cards)


def test_the_same_opinions_give_the_same_edition(ledger: Ledger) -> None:
    say(ledger, True, *LIKED)
    first = edition_of(ledger)
    with ledger.write() as tx:
        tx.connection.exec_driver_sql("DELETE FROM taste")

    assert edition_of(ledger) == first


def test_what_was_learned_is_kept_until_an_opinion_changes(ledger: Ledger) -> None:
    say(ledger, True, *LIKED)
    edition_of(ledger)
    with ledger.read() as tx:
        kept = tx.connection.exec_driver_sql("SELECT mark, learned_at FROM taste").all()
    edition_of(ledger, NOW + timedelta(hours=1))
    with ledger.read() as tx:
        assert tx.connection.exec_driver_sql("SELECT mark, learned_at FROM taste").all() == kept
    say(ledger, False, LIKED[0], at=NOW + timedelta(hours=2))
    edition_of(ledger, NOW + timedelta(hours=2))
    with ledger.read() as tx:
        assert tx.connection.exec_driver_sql("SELECT mark, learned_at FROM taste").all() != kept


def test_dates_are_left_as_they_are(ledger: Ledger) -> None:
    with ledger.write() as tx:
        subscriptions.put(tx, replace(ADA, sort="date"), NOW)
    before = edition_of(ledger)
    say(ledger, True, *LIKED)

    assert edition_of(ledger).cards == before.cards


def test_the_last_word_counts_and_can_be_taken_back(ledger: Ledger) -> None:
    paper = stored(ledger, LIKED[0])
    say(ledger, True, LIKED[0])
    say(ledger, False, LIKED[0])
    with ledger.write() as tx:
        assert [(item.paper.title, item.liked) for item in opinions.listing(tx, "ada")] == [(paper.paper.title, False)]
        opinions.take_back(tx, "ada", paper)
        assert opinions.said(tx, "ada", paper) is None
        assert opinions.mark(tx, "ada") == ""
    assert all("because of" not in card.place for card in edition_of(ledger).cards)


def test_an_opinion_stays_with_a_paper_that_gets_a_better_id(ledger: Ledger) -> None:
    known = Paper("Gates that Learn to Close", abstract="We close gates.", authors=("Jane Doe",))
    ingest(ledger, [Reading("one", "test", (known,))], NOW)
    say(ledger, True, "gates that")
    old = stored(ledger, "gates that").paper.id
    better = replace(known, id="arxiv:2611.00001", url="https://arxiv.org/abs/2611.00001")
    ingest(ledger, [Reading("two", "test", (better,))], NOW)
    paper = stored(ledger, "gates that")

    assert paper.paper.id != old
    with ledger.read() as tx:
        assert opinions.said(tx, "ada", paper) is True
    say(ledger, False, "gates that")
    with ledger.read() as tx:
        assert len(opinions.listing(tx, "ada")) == 1


def test_an_older_ledger_learns_too(tmp_path: Path) -> None:
    path = tmp_path / "old.db"
    with Ledger.open(str(path)) as ledger, ledger.write() as tx:
        subscriptions.put(tx, ADA, NOW)
    rewind(path, 8)

    with Ledger.open(str(path)) as ledger, ledger.write() as tx:
        standing = subscriptions.get(tx, "ada")
        assert standing is not None
        assert standing.subscription.feedback is False
        assert opinions.take_in(tx, "ada", SEEDS, NOW) == len(SEEDS)


# --- asking, in mails alone


def mail_of(ledger: Ledger, press: Press = PRESS) -> tuple[str, str]:
    """Publish; return the plain text and the HTML of the mail."""
    assert len(publish(ledger, press, NOW).issues) == 1
    with ledger.read() as tx:
        raw = tx.connection.exec_driver_sql("SELECT content FROM message_part WHERE name = 'edition.eml'").scalar()
    assert raw is not None
    mail = message_from_bytes(raw, EmailMessage, policy=policy.default)
    text, html = (str(part.get_content()) for part in mail.iter_parts())
    return text, html


def test_a_mail_asks_when_that_is_wanted(ledger: Ledger) -> None:
    with ledger.write() as tx:
        subscriptions.put(tx, replace(ADA, feedback=True, limit=5), NOW)
    edition = edition_of(ledger)
    text, html = mail_of(ledger)

    assert len(edition.cards) == 5

    assert html.count(">More like this</a>") == html.count(">Less like this</a>") == len(edition.cards)
    for direction in get_args(Direction):
        path = feedback_path(ledger.instance.secret, "ada", direction, edition.cards[0].paper.id)
        assert f'href="{BASE}{path}"' in html
        assert f"{direction.title()} like this:" in text
        assert f" {BASE}{path}" in text.splitlines()[[path in line for line in text.splitlines()].index(True)]


@pytest.mark.parametrize(("wanted", "base"), [(False, BASE), (True, "")])
def test_nobody_is_asked_unless_they_want_it_and_can_answer(ledger: Ledger, wanted: bool, base: str) -> None:
    with ledger.write() as tx:
        subscriptions.put(tx, replace(ADA, feedback=wanted), NOW)

    assert all("like this" not in part for part in mail_of(ledger, replace(PRESS, base_url=base)))


def test_a_page_asks_nobody(ledger: Ledger) -> None:
    with ledger.write() as tx:
        subscriptions.put(tx, replace(ADA, feedback=True, channel="folder", address="ada"), NOW)
    publish(ledger, PRESS, NOW)

    with ledger.read() as tx:
        rows = tx.connection.exec_driver_sql("SELECT name, content FROM message_part").all()
    parts = {row.name: row.content for row in rows}
    assert b"feedback" not in parts["edition.html"] + parts["edition.md"]


# --- the command

BIBTEX = """@article{a, title = {Routing Tokens to Sparse Experts}, author = {Doe, Jane}, year = {2024},
  doi = {10.1000/xyz}, abstract = {We route tokens to a few experts.}}
@article{b, title = {Pruning Experts without Regret}, author = {Roe, Rick}, year = {2023}}
"""
RIS = """TY  - JOUR
TI  - Routing Tokens to Sparse Experts
AU  - Doe, Jane
DO  - 10.1000/xyz
AB  - We route tokens to a few experts.
ER  -

TY  - JOUR
TI  - Gates that Learn to Close
AU  - Roe, Rick
PY  - 2022
ER  -
"""
CSL = [
    {
        "id": "doe/routing",
        "type": "article-journal",
        "title": "Experts in Graphs",
        "author": [{"family": "Doe", "given": "Jane"}],
        "DOI": "10.1000/graphs",
        "abstract": "Graphs have experts.",
        "issued": {"date-parts": [[2024, 3, 1]]},
    }
]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("DIGESTBOT_CONFIG", raising=False)
    (tmp_path / "subscriptions").mkdir()
    (tmp_path / "subscriptions" / "ada.toml").write_text(
        '[[subscription]]\nid = "ada"\nname = "Models"\nchannel = "folder"\nquery = "experts"\nfeedback = true\n'
    )
    (tmp_path / "my.bib").write_text(BIBTEX)
    (tmp_path / "my.ris").write_text(RIS)
    (tmp_path / "my.json").write_text(json.dumps(CSL))
    return tmp_path


def call(*given_words: str) -> Result:
    return CliRunner().invoke(cli, given_words)


def test_a_library_is_liked_each_paper_once(folder: Path) -> None:
    first = call("library", "import", "my.bib", "my.ris", "my.json")
    again = call("library", "import", "my.bib", "--for", "Models", "--json")
    listed = call("library", "list", "--json")

    assert (first.exit_code, first.stdout) == (0, "ada likes 4 papers of 3 files, 4 of them new\n")
    facts = {"subscription": "ada", "papers": 2, "new": 0, "left_out": 0, "faults": 0}
    assert json.loads(again.stdout) == facts
    found = [json.loads(line) for line in listed.stdout.splitlines()]
    assert {(item["title"], item["liked"], item["origin"]) for item in found} == {
        (title, True, "library")
        for title in (
            "Routing Tokens to Sparse Experts",
            "Pruning Experts without Regret",
            "Gates that Learn to Close",
            "Experts in Graphs",
        )
    }


def test_a_library_brings_no_paper_into_an_edition(folder: Path) -> None:
    call("library", "import", "my.bib")

    with Ledger.open("digestbot.db") as ledger, ledger.read() as tx:
        assert papers.count(tx) == 0
        assert len(opinions.listing(tx, "ada")) == 2


def test_a_library_does_not_overrule_what_was_said(folder: Path) -> None:
    call("subscriptions", "list")
    with Ledger.open("digestbot.db", owner=True) as ledger:
        paper = replace(read_path(folder / "my.bib").papers[0])
        ingest(ledger, [Reading("a", "test", (paper,))], NOW)
        say(ledger, False, "routing tokens")
    call("library", "import", "my.bib")

    assert "less  feedback  Routing Tokens to Sparse Experts" in call("library", "list").stdout
    assert call("library", "forget").stdout == "forgot 1 papers of the library of ada\n"
    assert call("library", "list").stdout.count("\n") == 1


def test_what_cannot_be_read_is_told_and_the_rest_comes_in(folder: Path) -> None:
    (folder / "odd.bin").write_bytes(b"\0\1\2")
    result = call("library", "import", "odd.bin", "missing.bib", "my.bib")

    assert result.exit_code == 1
    assert "odd.bin" in result.stderr
    assert "missing.bib" in result.stderr
    assert "likes 2 papers" in result.stdout


def test_it_has_to_be_said_whose_library_it_is(folder: Path) -> None:
    call("subscriptions", "add", "Two", "--query", "graphs", "--channel", "folder", "--feedback")

    assert "say which with --for" in call("library", "import", "my.bib").stderr
    assert "feedback = true" in call("subscriptions", "export").stdout


def test_feedback_is_true_or_false(folder: Path) -> None:
    (folder / "subscriptions" / "ada.toml").write_text(
        '[[subscription]]\nname = "Models"\nchannel = "folder"\nquery = "experts"\nfeedback = "yes"\n'
    )

    assert "ada.toml:5:" in call("subscriptions", "list").stderr
