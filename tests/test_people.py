"""Lines of authors: names out of every usual list, brackets put where they belong, and what names nobody."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digestbot.readers.people import People, looks_like_people, read_people


@pytest.mark.parametrize(
    ("line", "people"),
    [
        ("Ada Abe and Bo Berg", People(("Ada Abe", "Bo Berg"))),
        ("Ada Abe, Bo Berg, and Carl Clay", People(("Ada Abe", "Bo Berg", "Carl Clay"))),
        ("Ada Abe, Bo Berg & Carl Clay", People(("Ada Abe", "Bo Berg", "Carl Clay"))),
        ("Abe, A., Berg, B. C., & Clay, C.", People(("Abe, A.", "Berg, B. C.", "Clay, C."))),
        ("Abe, A., Berg, B. C. and Clay, C.", People(("Abe, A.", "Berg, B. C.", "Clay, C."))),
        ("Abe, A., Jr., Berg, B.", People(("Abe, A., Jr.", "Berg, B."))),
        ("Abe, Ada; Berg, Bo; and Clay, Carl", People(("Abe, Ada", "Berg, Bo", "Clay, Carl"))),
        ("Ada Abe, Jr., Bo Berg III, Carl Clay, PhD", People(("Ada Abe, Jr.", "Bo Berg III", "Carl Clay, PhD"))),
        ("Andr\\'e M\\\"uller, {\\L}ukasz {\\O}re and M{\\aa}ns", People(("André Müller", "Łukasz Øre", "Måns"))),
        ("Jos&eacute; Abe, M.~Li", People(("José Abe", "M. Li"))),
        ("Ada Abe (MIT), Bo Berg (ETH, Zurich)", People(("Ada Abe", "Bo Berg"), ("MIT", "ETH, Zurich"))),
        ("A. Abe (1), B. Berg (1,2) ((1) MIT, (2) ETH)", People(("A. Abe", "B. Berg"), ("MIT", "ETH"))),
        ("A. Abe (a), B. Berg (b) (a: MIT, b: ETH)", People(("A. Abe", "B. Berg"), ("MIT", "ETH"))),
        ("A. Abe (Dept. (North), MIT)", People(("A. Abe",), ("Dept. (North), MIT",))),
        ("A. Abe (MIT, B. Berg", People(("A. Abe", "B. Berg"), ("MIT",))),
        ("A. Abe), B. Berg", People(("A. Abe", "B. Berg"))),
        ("Aleksandra (Ola) Abe, B. Berg", People(("Aleksandra (Ola) Abe", "B. Berg"))),
        ("A. Abe (deceased), B. Berg (corresponding author)", People(("A. Abe", "B. Berg"))),
        ("CMS Collaboration: A. Abe, B. Berg", People(("CMS Collaboration", "A. Abe", "B. Berg"))),
        ("A. Abe (for the LIGO Collaboration)", People(("A. Abe", "LIGO Collaboration"))),
        ("A. Abe on behalf of the ATLAS Collaboration", People(("A. Abe", "ATLAS Collaboration"))),
        ("A. Abe, B. Berg et al.", People(("A. Abe", "B. Berg"), truncated=True)),
        ("A. Abe, B. Berg, ...", People(("A. Abe", "B. Berg"), truncated=True)),
        ("A. Abe, B. Berg (2 authors)", People(("A. Abe", "B. Berg"), count=2)),
        ("A. Abe, 2 authors", People(("A. Abe",), count=2)),
        ("A. Abe, B. Berg (40 additional authors not shown)", People(("A. Abe", "B. Berg"), truncated=True, count=42)),
        ("A. Abe and 12 others", People(("A. Abe",), truncated=True, count=13)),
        ("A. Abe, B. Berg, C. Clay; D. Dee", People(("A. Abe", "B. Berg", "C. Clay", "D. Dee"))),
        ("A.Abe, M.Berg", People(("A.Abe", "M.Berg"))),
        (
            "A. Abe (MIT) B. C. Berg (ETH, Zurich) Dora Dee (MIT)",
            People(("A. Abe", "B. C. Berg", "Dora Dee"), ("MIT", "ETH, Zurich")),
        ),
        (
            "Jason H. Abe (Fermilab) Octavio Berg (Basel)",
            People(("Jason H. Abe", "Octavio Berg"), ("Fermilab", "Basel")),
        ),
        ("A. Abe (1) and B. Berg (2); ((1) MIT, (2) ETH)", People(("A. Abe", "B. Berg"), ("MIT", "ETH"))),
        ("Abe, N. (1), Berg, Todd A. (2), De la Cruz, L. (1)", People(("Abe, N.", "Berg, Todd A.", "De la Cruz, L."))),
        ("A. Abe; B. Berg and C. Clay", People(("A. Abe", "B. Berg", "C. Clay"))),
        ("F. Abe--Berg", People(("F. Abe-Berg",))),
        ("👥 Ada Abe, Bo Berg", People(("Ada Abe", "Bo Berg"))),
        ("", People()),
        (" , ; ", People()),
    ],
)
def test_a_line_of_people_is_taken_apart(line: str, people: People) -> None:
    assert read_people(line) == people


@pytest.mark.parametrize(
    "line",
    [
        "Natalie Healey",
        "Ada Abe, Bo Berg, Carl Clay",
        "By Ada Abe and Bo Berg",
        "Abe J, Berg B, van der Clay CC",
        "Z Chen, S Li, M Le Nguyen",
        "Abe, J., Berg, B.",
        "Pinglay et al.",
        "Aleksandra (Ola) Abe, Bo Berg",
        "Ada Abe, Jr.",
        "Nick Petrić Howe & Benjamin Thompson",
    ],
)
def test_people_look_like_people(line: str) -> None:
    assert looks_like_people(line)


@pytest.mark.parametrize(
    "line",
    [
        "",
        "Open Access",
        "Research Highlights",
        "Nature Medicine",
        "Cell Stem Cell",
        "Kyoto, Japan",
        "Volume 12, Issue 3",
        "10-12 May 2025 | Two Rivers",
        "Deep Learning for Gardens",
        "We grew beans, and counted every leaf of them for years.",
        "A study of beans, peas and other things that grow in a row",
        "What grows? Beans, Peas",
        "ada@example.org, bo@example.org",
        "https://example.org/Ada_Abe",
        "Submit Manuscript",
        "Letter to the Editor",
    ],
)
def test_what_names_nobody_does_not(line: str) -> None:
    assert not looks_like_people(line)


@given(st.text(alphabet="AbC .,;:()&\\'{}1-é…", max_size=120))
def test_any_line_gives_names_with_letters_and_never_more_brackets(line: str) -> None:
    people = read_people(line)

    assert all(any(char.isalnum() for char in name) for name in people.names)
    assert all(name == name.strip() for name in people.names)
