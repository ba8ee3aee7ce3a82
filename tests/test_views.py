"""What a card says of a paper: dates as people write them, and marks that spoil no address."""

import pytest

from digestbot.links import find_links
from digestbot.models import Card, Hit, Paper, PartialDate
from digestbot.rendering.views import card_view


@pytest.mark.parametrize(
    ("date", "text", "shown"),
    [
        (PartialDate(2024, 12, 9), "Dec 9, 2024", "Dec 9, 2024"),
        (PartialDate(2023, 6, 1), "Thu, 01 Jun 2023 00:00:00 +0000", "Jun 1, 2023"),
        (PartialDate(2023, 6, 1), "2023-06-01T10:00:00Z", "Jun 1, 2023"),
        (PartialDate(2023, 6), None, "Jun 2023"),
        (PartialDate(None, 11, 17), None, "Nov 17"),
        (PartialDate(2023), None, "2023"),
        (None, "in press", "in press"),
        (None, None, ""),
    ],
)
def test_a_date_is_shown_as_printed_and_without_the_time_of_day(
    date: PartialDate | None, text: str | None, shown: str
) -> None:
    paper = Paper("A title", published=date, published_text=text)

    assert card_view(Card(paper, (), ())).date == shown


def test_an_address_is_not_marked_and_the_word_beside_it_is() -> None:
    abstract = "An llm, at https://github.com/lab/llm-awq and https://github.com/lab/llm-awq."
    paper = Paper("A title", abstract=abstract, links=find_links(abstract, "abstract"))
    starts = [n for n in range(len(abstract)) if abstract.startswith("llm", n)]
    hits = tuple(Hit("abstract", start, start + 3, "llm", "llm") for start in starts)

    view = card_view(Card(paper, hits, ()))

    assert len(starts) == 3
    assert [piece.text for piece in view.abstract if piece.marked] == ["llm"]
    assert str(view.abstract).startswith("An llm, at https://github.com/lab/llm-awq and")
