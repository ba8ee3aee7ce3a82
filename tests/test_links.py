"""Links are found as a person would want to click them, and nothing else is."""

import json
import re
import time
from collections import Counter
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digestbot.links import find_links, is_code_link, kind_of, link_key, merge_links, promises_code, spots
from digestbot.models import Link

CORPUS = Path(__file__).parent / "corpus" / "links"
SEEDS = Path(__file__).parents[1].parent / "shared" / "seeds"

# Links of each sample digest, counted by hand: host → entries whose text holds it.
IN_SEEDS = {
    "000": {"github.com": 17, "bit.ly": 1, "huggingface.co": 1, "anonymous.4open.science": 1},
    "001": {
        "github.com": 36,
        "wandb.ai": 1,
        "vita-group.github.io": 1,
        "huggingface.co": 3,
        "anonymous.4open.science": 1,
    },
    "002": {"github.com": 21, "huggingface.co": 2, "bitbucket.org": 1, "aka.ms": 1},
    "003": {"github.com": 7, "monai.io": 1, "ibm.biz": 1},
    "004": {"github.com": 59, "vladbogo.github.io": 1, "anonymous.4open.science": 1, "huggingface.host": 1},
}
PROMISES_IN_SEEDS = {"000": 1, "001": 1, "002": 4, "003": 1, "004": 11}

SAME_PLACE = (
    (
        "https://github.com/Lab/Tool",
        "http://www.github.com/lab/tool/",
        "github.com/lab/tool.git",
        "https://github.com/lab/tool/tree/main",
        "https://github.com/lab/tool/blob/master/README.md",
        "https://github.com/lab/tool?tab=readme-ov-file#usage",
        "HTTPS://GITHUB.COM:443/lab/tool.git/?utm_source=x",
    ),
    ("https://gitlab.com/lab/tool", "https://gitlab.com/lab/tool/-/tree/main", "gitlab.com/Lab/Tool.git"),
    ("https://bitbucket.org/lab/tool", "https://bitbucket.org/lab/tool/src/master"),
    ("https://huggingface.co/lab/model", "hf.co/lab/model/", "https://huggingface.co/lab/model/tree/main"),
    ("https://zenodo.org/record/123", "https://zenodo.org/records/123", "https://doi.org/10.5281/zenodo.123"),
    ("https://doi.org/10.1000/AbC", "http://dx.doi.org/10.1000/abc"),
    ("https://arxiv.org/abs/2401.00001", "http://export.arxiv.org/pdf/2401.00001.pdf", "arxiv.org/abs//2401.00001"),
    ("https://youtu.be/AbC?si=1", "https://www.youtube.com/watch?v=AbC&feature=x", "https://m.youtube.com/watch?v=AbC"),
    ("https://example.org/%7Eann", "https://example.org/~ann/", "example.org/~ann/index.html", "example.org//~ann"),
    ("https://example.org/x?a=1&b=2", "https://example.org/x?b=2&a=1&utm_medium=mail&fbclid=z"),
    ("https://anonymous.4open.science/r/tool-1", "https://anonymous.4open.science/r/tool-1/README.md"),
    ("https://github.com/lab", "github.com/Lab/"),
)  # fmt: skip
OTHER_PLACES = (
    "https://github.com/lab/tool/tree/main/sub",
    "https://github.com/lab/tool/issues/1",
    "https://github.com/lab/tool2",
    "https://gitlab.com/lab/tool/-/tree/dev",
    "https://huggingface.co/datasets/lab/model",
    "https://example.org/x?a=2",
    "https://example.org/X",
    "https://zenodo.org/communities/x",
    "https://www.youtube.com/@lab",
    "https://youtu.be/",
)


def _cases() -> list[Any]:
    return [
        pytest.param(case, id=f"{path.stem}-{number}")
        for path in sorted(CORPUS.glob("*.json"))
        for number, case in enumerate(json.loads(path.read_text(encoding="utf-8")))
    ]


@pytest.mark.parametrize("case", _cases())
def test_corpus(case: dict[str, Any]) -> None:
    links = find_links(case["text"], "abstract")

    assert [[link.url, link.kind] for link in links] == case["links"]
    assert promises_code(case["text"], links) == case.get("promises", promises_code(case["text"], links))


@pytest.mark.parametrize("digest", sorted(IN_SEEDS))
def test_sample_digests(digest: str) -> None:
    if not SEEDS.is_dir():
        pytest.skip("the sample digests are not beside this checkout")
    (path,) = SEEDS.glob(f"{digest}_*.txt")
    hosts: Counter[str | None] = Counter()
    promises = 0
    for line in path.read_text(encoding="utf-8").splitlines():
        links = find_links(line, "abstract")
        hosts.update(urlsplit(link.url).hostname for link in links)
        promises += promises_code(line, links)
        unread = line
        for link in links:
            unread = unread.replace(link.raw, "")
        assert not re.search(r"https?:|www\.|github\.com|\\url|href", unread)

    assert dict(hosts) == IN_SEEDS[digest]
    assert promises == PROMISES_IN_SEEDS[digest]


def test_a_link_tells_where_it_stood() -> None:
    text = "It works. Our code is at~\\url{https://github.com/lab/my\\_tool.git}, tested on two machines. More follows."

    (link,) = find_links(text, "comments")

    assert link == Link(
        "https://github.com/lab/my_tool",
        "github",
        "\\url{https://github.com/lab/my\\_tool.git}",
        "comments",
        "Our code is at …",
    )


@pytest.mark.parametrize(
    ("text", "evidence"),
    [
        ("A method. Code: https://example.org/x", ["Code: …"]),
        ("We share (https://example.org/x) our code.", ["We share … our code"]),
        ("Code at https://example.org/x and https://example.org/y", ["Code at …", "Code at … and …"]),
        (
            "The data is at https://example.org/x while our code is at https://example.org/y",
            ["The data is at …", "while our code is at …"],
        ),
        ("See [the code](https://example.org/x).", ["See the code …"]),
        ("See [https://example.org/x](https://example.org/x).", ["See …"]),
        ("\\href{https://example.org/x}{Our page}", ["Our page …"]),
        ('<p>See <a href="https://example.org/x">our page</a> now', ["See our page … now"]),
        ("word " * 100 + "https://example.org/x", ["word " * 31 + "…"]),
        ("https://example.org/x " + "word " * 100, ["… " + "word " * 14 + "word"]),
        ("w" * 300 + " https://example.org/x", ["…"]),
    ],
)  # fmt: skip
def test_evidence_is_the_part_of_the_sentence_around(text: str, evidence: list[str]) -> None:
    assert [link.evidence for link in find_links(text, "abstract")] == evidence


def test_evidence_is_short() -> None:
    text = "long " * 30 + "https://example.org/x " + "words " * 30
    (link,) = find_links(text, "abstract")
    assert 100 < len(link.evidence) <= 160


@pytest.mark.parametrize("urls", SAME_PLACE)
def test_one_place_has_one_key(urls: tuple[str, ...]) -> None:
    assert len({link_key(url) for url in urls}) == 1


def test_other_places_have_other_keys() -> None:
    keys = {link_key(urls[0]) for urls in SAME_PLACE} | {link_key(url) for url in OTHER_PLACES}
    assert len(keys) == len(SAME_PLACE) + len(OTHER_PLACES)


def test_kind_needs_no_scheme() -> None:
    assert kind_of("www.GitHub.com/lab/tool") == "github"
    assert kind_of("") == "other"


def test_merging_keeps_the_first_mention_and_the_order() -> None:
    one = find_links("https://github.com/b/b https://github.com/a/a", "abstract")
    two = find_links("https://github.com/A/A.git https://github.com/c/c", "comments")

    merged = merge_links(one, two)

    assert [(link.url, link.field) for link in merged] == [
        ("https://github.com/b/b", "abstract"),
        ("https://github.com/a/a", "abstract"),
        ("https://github.com/c/c", "comments"),
    ]
    assert merge_links() == ()


def test_a_link_to_code_is_one_by_its_site_or_its_evidence() -> None:
    def link(kind: Any, evidence: str) -> Link:
        return Link("https://example.org/x", kind, "", "abstract", evidence)

    assert is_code_link(link("github", "The dataset is at …"))
    assert is_code_link(link("other", "Our source code is at …"))
    assert is_code_link(link("zenodo", "Everything is at …"))
    assert not is_code_link(link("zenodo", "The data is at …"))
    assert not is_code_link(link("huggingface", "Models: …"))
    assert not is_code_link(link("project_page", "Project page: …"))


PIECES = st.sampled_from(
    (
        "https://", "http://", "github.com/", "https://github.com/lab/tool", "lab", "/", ".", "www.", "example.org",
        " ", "\n", "\\url{", "\\href{", "{", "}", "(", ")", "[", "](", "]", "~", "\\_", "$", "\\sim", "'s",
        "Code is at ", ".The", "é", "。", "doi:10.5281/zenodo.", "12", "@", "-", "_", "#", "?a=1", "&amp;", "&lt;",
        '<a href="', '">', "</a>", "…", "*", ",", ":", "lab.github.io", "osf.io/ab12c", "huggingface.co/ ",
        "github. com", "git@github.com:", ".git",
    )
)  # fmt: skip
TEXTS = st.lists(PIECES, max_size=25).map("".join) | st.text()


@given(TEXTS)
def test_links_are_clickable_slices_without_repeats(text: str) -> None:
    links = find_links(text, "abstract")

    keys = [link_key(link.url) for link in links]
    assert len(set(keys)) == len(keys)
    for link in links:
        assert link.raw in text
        assert re.fullmatch(r"https?://[^\s<>\"{}\\^`|]+", link.url)
        assert urlsplit(link.url).hostname
        assert len(link.evidence) <= 160
        assert "\n" not in link.evidence


@given(TEXTS)
def test_what_was_found_is_found_again_alone(text: str) -> None:
    for link in find_links(text, "abstract"):
        again = find_links(link.url, "abstract")
        assert [link_key(found.url) for found in again] == [link_key(link.url)]


@given(TEXTS)
def test_keys_are_fixed_points(url: str) -> None:
    assert link_key(link_key(url)) == link_key(url)


SAYINGS = st.sampled_from(
    (
        "We",
        "our",
        "the",
        "release",
        "will",
        "be",
        "code",
        "not",
        "available",
        "open-source",
        ",",
        "(",
        "model",
        "in",
        ".",
    )
)


@given(st.lists(SAYINGS))
def test_promises_never_fail(words: list[str]) -> None:
    assert promises_code(" ".join(words), ()) in (True, False)


HOSTILE = (
    "http://", "(", "\\url{", "https://a.bc/(", "github.com/", "github.com/a/b ", "www.", "a.a/", "a-", "[a](", "é",
    "... ", 'href="', "10.5281/zenodo.1", "=https://", "https://github.com/ ", "http://a.bc/{", "our code and ",
    "we release ", "https://a.bc/'s",
)  # fmt: skip


@pytest.mark.parametrize("unit", HOSTILE)
def test_time_is_linear_in_hostile_text(unit: str) -> None:
    def seconds(size: int) -> float:
        text = (unit * (size // len(unit) + 1))[:size]
        start = time.process_time()
        promises_code(text, find_links(text, "abstract"))
        return time.process_time() - start

    small = min(seconds(25_000) for _ in range(2))
    large = seconds(200_000)  # 8 times as much; quadratic code takes 64 times as long

    assert large < 24 * max(small, 0.01)


def test_a_megabyte_of_nothing_is_read_through() -> None:
    for unit in ("http://", "(", "\\url{"):
        assert find_links(unit * (1_000_000 // len(unit)), "abstract") == ()


def test_there_is_an_end_to_links() -> None:
    text = " ".join(f"https://example.org/{number}" for number in range(1000))
    assert len(find_links(text, "abstract")) == 200


def test_an_endless_address_is_none() -> None:
    assert find_links("https://example.org/" + "x" * 3000, "abstract") == ()


LABELS = (
    "github",
    "gitlab",
    "huggingface",
    "4open",
    "anonymous",
    "science",
    "com",
    "co",
    "www",
    "http",
    "https",
    "git@",
)
JOINTS = (
    ".",
    " . ",
    ". ",
    " .",
    "/",
    " /",
    "\\/",
    ":",
    ": ",
    "://",
    "10.5281/zenodo.1",
    "doi",
    "a",
    "-",
    "@",
    " ",
    "{",
    "~",
)


@given(st.lists(st.sampled_from(LABELS + JOINTS), max_size=14).map("".join))
def test_a_text_without_a_hint_holds_no_beginning_of_an_address(text: str) -> None:
    if not spots._HINT.search(text):
        assert not spots._START.search(text)
