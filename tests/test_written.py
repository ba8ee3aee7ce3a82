"""What is written of editions reads back as it was, and what many of them show is made and sent once."""

import json
import pickle
from dataclasses import replace
from datetime import UTC, date, datetime

from hypothesis import given
from hypothesis import strategies as st

from digestbot.facts import Note
from digestbot.ledger import records
from digestbot.ledger.written import card_row, edition_row
from digestbot.models import Card, Edition, Hit, Link, Paper, Proof, Reason, SourceState, Subscription
from digestbot.updates import facts_shown
from digestbot.weeks import Week

NOW = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)
ADA = Subscription("ada", "Ada", "experts")
WORDS = st.text(st.characters(), max_size=8)
CARDS = st.builds(
    Card,
    st.builds(
        Paper,
        WORDS,
        st.sampled_from(["arxiv:2503.00001", ""]),
        version=st.none() | st.integers(1, 9),
        comments=st.none() | st.just("Accepted at ICML 2025"),
        links=st.just(()) | st.tuples(st.builds(Link, WORDS, st.just("github"), WORDS, st.just("abstract"), WORDS)),
    ),
    st.lists(st.builds(Hit, st.just("title"), st.integers(0, 9), st.integers(0, 9), WORDS, WORDS), max_size=2).map(
        tuple
    ),
    st.lists(st.builds(Reason, WORDS, st.tuples(WORDS), WORDS), max_size=2).map(tuple),
    *(WORDS, WORDS),
    st.lists(st.builds(Note, WORDS, WORDS), max_size=2).map(tuple),
    WORDS,
)


@given(CARDS)
def test_a_card_reads_back_as_it_was(card: Card) -> None:
    made = card_row(7, card)

    assert made.paper == 7
    assert records.card_of(json.loads(made.data)) == card
    assert made.facts == facts_shown(card.paper) == records.facts_of(json.loads(made.told))


@given(CARDS, CARDS)
def test_cards_that_differ_in_anything_are_written_as_they_are(one: Card, other: Card) -> None:
    mixed = [
        replace(one, **{name: getattr(other, name)})
        for name in ("paper", "hits", "reasons", "summary", "place", "notes", "written_by")
    ]

    assert [records.card_of(json.loads(card_row(1, item).data)) for item in mixed] == mixed


def test_cards_of_one_paper_and_the_same_hits_are_one_object_on_their_way_too() -> None:
    paper, hits = Paper("Union of Experts", "arxiv:2503.00001"), (Hit("title", 9, 16, "Experts", "experts"),)
    one, other = (card_row(1, Card(paper, hits, (Reason("experts", ("Experts",)),), "One sentence.")) for _ in range(2))
    many = [(one,) for _ in range(50)]

    assert one is other
    sent = pickle.loads(pickle.dumps(many))  # noqa: S301 (our own)
    assert len({id(card) for (card,) in sent}) == 1
    assert card_row(2, Card(paper, hits, ())).paper == 2


def test_a_paper_that_took_the_place_of_another_is_not_taken_for_it() -> None:
    told = [json.loads(card_row(1, Card(Paper(f"Experts {n}"), (), ())).data)["paper"]["title"] for n in range(5000)]

    assert told == [f"Experts {n}" for n in range(5000)]


def test_what_stands_behind_an_edition_reads_back() -> None:
    proof = Proof(3, 40, 5, "arxiv:2503.00001", NOW, (SourceState("a", "stale", "old"),))
    made = Edition(ADA, NOW, "subject", (), more=2, more_updates=1, proof=proof, weeks=(Week(date(2026, 11, 16), 4),))

    row = edition_row(made, 9)

    assert (row.subscription, row.due, row.subject, row.papers) == ("ada", NOW, "subject", 9)
    assert records.edition_of(json.loads(row.behind), subscription=ADA, due=NOW, subject="subject", cards=()) == made
    other = edition_row(replace(made, proof=replace(proof, matched=6)), 9)
    assert json.loads(other.behind)["proof"] == [3, 40, 6, "arxiv:2503.00001"]
