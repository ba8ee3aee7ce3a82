"""One paper in many digests is one; two papers that look alike stay two."""

import random
import time
from dataclasses import replace
from functools import reduce

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digestbot.identity import (
    aliases,
    find_id,
    group,
    keys,
    merge,
    paper_id,
    same,
    strong_ids,
    title_key,
    version_of,
)
from digestbot.models import Alternative, Link, Paper, PartialDate
from strategies import papers

IDS = {
    "arxiv:2306.14048": (
        "2306.14048",
        " arXiv:2306.14048 ",
        "https://arxiv.org/abs/2306.14048",
        "https://arxiv.org/abs//2306.14048",
        "http://export.arxiv.org/abs/2306.14048?context=cs",
        "https://arxiv.org/html/2306.14048",
        "10.48550/arXiv.2306.14048",
        "https://doi.org/10.48550/arxiv.2306.14048",
        "https://huggingface.co/papers/2306.14048",
        "https://www.alphaxiv.org/overview/2306.14048",
        "https://ar5iv.labs.arxiv.org/html/2306.14048",
        "oai:arXiv.org:2306.14048",
        "arXiv preprint arXiv:2306.14048, 2023",
        "https://scholar.example.org/url?to=https://arxiv.org/pdf/2306.14048&hl=en",
        "https://scholar.example.org/url?to=https%3A%2F%2Farxiv.org%2Fpdf%2F2306.14048",
    ),
    "arxiv:0704.0001": ("0704.0001", "arxiv.org/abs/0704.0001"),
    "arxiv:hep-th/9901001": ("hep-th/9901001", "https://arxiv.org/abs/hep-th/9901001", "arXiv:hep-th/9901001"),
    "arxiv:math/0309136": ("math.GT/0309136", "http://arxiv.org/pdf/math.GT/0309136", "arxiv:math/0309136"),
    "arxiv:astro-ph/0001001": ("https://arxiv.org/abs/astro-ph/0001001",),
    "doi:10.1161/cir.0000000000001412": (
        "10.1161/CIR.0000000000001412",
        "doi:10.1161/CIR.0000000000001412",
        "https://doi.org/10.1161/cir.0000000000001412.",
        "http://dx.doi.org/10.1161%2FCIR.0000000000001412",
        "https://www.example.org/doi/full/10.1161/CIR.0000000000001412?download=true",
        "https://www.example.org/doi/10.1161/CIR.0000000000001412/pdf",
    ),
    "doi:10.1016/s2589-7500(23)00083-3": ("(https://doi.org/10.1016/S2589-7500(23)00083-3).",),
    "doi:10.1000/a[1]": ("[doi:10.1000/a[1]]",),
    "doi:10.1002/(sici)1097-4636(199823)43:4<338::aid-jbm1>3.0.co;2-b": (
        "10.1002/(SICI)1097-4636(199823)43:4<338::AID-JBM1>3.0.CO;2-B",
    ),
    "doi:10.1038/s41586-023-06004-9": ("https://www.nature.com/articles/s41586-023-06004-9",),
    "pmid:23039619": (
        "pmid:23039619",
        "PMID: 23039619",
        "https://pubmed.ncbi.nlm.nih.gov/23039619/",
        "http://www.ncbi.nlm.nih.gov/pubmed/23039619",
    ),
    "openreview:HkghWScuoQ": (
        "openreview:HkghWScuoQ",
        "https://openreview.net/forum?id=HkghWScuoQ",
        "https://openreview.net/pdf?id=HkghWScuoQ",
        "https://openreview.net/forum?noteId=x&id=HkghWScuoQ",
    ),
    "s2:bdcbc589c8d1e4dd0c6572630f8511557406ad2f": (
        "s2:bdcbc589c8d1e4dd0c6572630f8511557406ad2f",
        "https://www.semanticscholar.org/paper/Some-Title/bdcbc589c8d1e4dd0c6572630f8511557406ad2f",
        "https://www.semanticscholar.org/paper/bdcbc589c8d1e4dd0c6572630f8511557406ad2f",
    ),
    "url:aclanthology.org/2024.acl-long.1": (
        "https://aclanthology.org/2024.acl-long.1/",
        "https://aclanthology.org/2024.acl-long.1.pdf",
    ),
    "url:aclanthology.org/P19-1001": ("https://www.aclweb.org/anthology/P19-1001",),
}

VERSIONS = {
    "2306.14048v3": ("arxiv:2306.14048", 3),
    "arXiv:2306.14048v3 [cs.LG]": ("arxiv:2306.14048", 3),
    "http://arxiv.org/pdf/2306.14048v12.pdf": ("arxiv:2306.14048", 12),
    "hep-th/9901001v2": ("arxiv:hep-th/9901001", 2),
    "https://www.biorxiv.org/content/10.1101/2023.12.16.571984v1.full.pdf": ("doi:10.1101/2023.12.16.571984", 1),
    "http://biorxiv.org/cgi/content/short/2023.12.16.571984v1?rss=1": ("doi:10.1101/2023.12.16.571984", 1),
    "10.64898/2026.05.07.26352693v2": ("doi:10.64898/2026.05.07.26352693", 2),
    "10.1000/handv2": ("doi:10.1000/handv2", None),
}

NO_IDS = (
    "",
    "2306.1404",
    "1501.0001",
    "0612.00001",
    "2313.14048",
    "score 2306.14048 of 1",
    "10.1/x",
    "10.1234/",
    "version 10.1234",
    "https://github.com/lab/tool",
    "https://arxiv.org/list/cs.LG/2306",
    "cs.LG/2306",
    "PMCID: PMC123",
    "https://openreview.net/group?id=X",
    "s2:abc",
    "https://aclanthology.org/venues/acl/",
    "http://biorxiv.org/cgi/content/short/2026.05.07.571984v1",
)

ABSTRACT = "Large models answer slowly because their caches grow with every word, so we drop what few heads ever read."
OTHER = "Proteins fold into shapes that decide their function, and this survey orders twenty years of predictors."


@pytest.mark.parametrize(("text", "expected"), [(text, name) for name, texts in IDS.items() for text in texts])
def test_reads_every_form_of_an_id(text: str, expected: str) -> None:
    assert find_id(text) == (expected, None)


@pytest.mark.parametrize(("text", "expected"), VERSIONS.items())
def test_keeps_the_version_apart(text: str, expected: tuple[str, int | None]) -> None:
    assert find_id(text) == expected


@pytest.mark.parametrize("text", NO_IDS)
def test_takes_nothing_else_for_an_id(text: str) -> None:
    assert find_id(text) is None


@pytest.mark.parametrize("name", IDS)
def test_an_id_reads_back_as_itself(name: str) -> None:
    assert find_id(name) == (name, None)


@given(st.text() | st.sampled_from(sorted(IDS)).flatmap(lambda name: st.text().map(lambda more: name + more)))
def test_any_text_has_sound_ids_or_none(text: str) -> None:
    found = find_id(text)
    assert found is None or find_id(found[0]) == (found[0], None)


def test_the_strongest_id_names_the_paper() -> None:
    paper = Paper(
        "A title",
        doi="10.1000/ABC",
        url="https://openreview.net/forum?id=HkghWScuoQ",
        pdf_url="https://arxiv.org/pdf/2306.14048v2",
    )

    assert paper_id(paper) == "arxiv:2306.14048"
    assert strong_ids(paper) == ("arxiv:2306.14048", "doi:10.1000/abc", "openreview:HkghWScuoQ")
    assert aliases(paper)[:3] == strong_ids(paper)
    assert aliases(paper)[3] == f"title:{paper_id(Paper('A title')).removeprefix('title:')}"
    assert keys(paper) == (*strong_ids(paper), paper_id(Paper("A title")))
    assert version_of(paper) == 2
    assert version_of(replace(paper, version=5)) == 5
    assert version_of(Paper("A title")) is None


def test_what_the_text_mentions_names_nothing() -> None:
    paper = Paper("A title", abstract="We extend arXiv:2306.14048.", comments="See 10.1000/abc", doi="none")
    assert strong_ids(paper) == ()


def test_a_made_id_tells_papers_of_one_title_apart() -> None:
    bare, one, two = Paper("A Title"), Paper("A Title", abstract=ABSTRACT), Paper("A title.", abstract=OTHER)

    assert len({paper_id(bare), paper_id(one), paper_id(two)}) == 3
    assert paper_id(one).startswith(paper_id(bare) + "-")
    assert paper_id(bare) == "title:" + paper_id(bare)[6:]
    assert len(paper_id(bare)) == 6 + 16
    assert len(paper_id(one)) == 6 + 16 + 1 + 12
    assert aliases(one) == (paper_id(one), paper_id(bare))
    assert paper_id(replace(one, abstract=ABSTRACT + " More.")) == paper_id(one)


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ("H$_2$O: Heavy-Hitter Oracle", "H_2O: heavy hitter oracle"),
        ("H2O: Heavy-Hitter Oracle.", "H$_{2}$O: Heavy-Hitter  Oracle"),
        ('K{\\"u}nstliche Netze', "Künstliche\nNetze"),
        ("Zero-Shot “Pruning”", "Zero Shot 'Pruning'"),
        ("SpQR: A Sparse-Quantized Representation", "SPQR: a sparse quantized representation"),
        ("???", " ??? "),
    ],
)
def test_one_title_has_one_key(one: str, two: str) -> None:
    assert title_key(one) == title_key(two)


def test_other_titles_have_other_keys() -> None:
    titles = ("GCNet", "Global Context Networks", "???", "!!!", "", "Part 1", "Part 2", "H2O", "H20")
    assert len({title_key(title) for title in titles}) == len(titles)


TITLE = "Dropping What Nobody Reads"
SAME = (
    ("itself", Paper("Editorial"), Paper("Editorial")),
    ("same arXiv id, other title", Paper("Old", url="arxiv.org/abs/2306.14048v1"), Paper("New", id="arxiv:2306.14048")),
    ("same DOI, one arXiv id", Paper("A", doi="10.1000/A"), Paper("B", doi="10.1000/a", id="arxiv:2306.14048")),
    ("title alone", Paper(TITLE), Paper(TITLE.upper() + ".")),
    ("title, one abstract", Paper(TITLE), Paper(TITLE, abstract=ABSTRACT)),
    ("title, one list of authors", Paper(TITLE, abstract=ABSTRACT), Paper(TITLE, authors=("Ada Lovelace",))),
    ("cut abstract", Paper(TITLE, abstract=ABSTRACT), Paper(TITLE, abstract=ABSTRACT[:70] + "…")),
    (
        "TeX and what sites make of it",
        Paper(TITLE, abstract=ABSTRACT + " It is 1.9$\\times$ faster than $\\mathcal{O}(n)$."),
        Paper(TITLE, abstract=ABSTRACT + " It is 1.9times faster than mathcal{O}(n)."),
    ),
    ("stub of an abstract", Paper(TITLE, abstract=ABSTRACT), Paper(TITLE, abstract="See the paper.")),
    (
        "initials and et al.",
        Paper(TITLE, authors=("Ada Lovelace", "Kurt Gödel", "Wei Zhang")),
        Paper(TITLE, authors=("A. Lovelace",), authors_truncated=True),
    ),
    ("family name first", Paper(TITLE, authors=("Lovelace, Ada",)), Paper(TITLE, authors=("Ada Lovelace",))),
    ("as PubMed prints", Paper(TITLE, authors=("Lovelace AK",)), Paper(TITLE, authors=("Ada King Lovelace",))),
    ("family name in capitals", Paper(TITLE, authors=("Wei LI",)), Paper(TITLE, authors=("Wei Li",))),
    ("turned round", Paper(TITLE, authors=("Zhang Wei",)), Paper(TITLE, authors=("Wei Zhang",))),
    ("family name alone", Paper(TITLE, authors=("Lovelace",)), Paper(TITLE, authors=("Ada Lovelace",))),
    ("accents in TeX", Paper(TITLE, authors=('Kurt G{\\"o}del',)), Paper(TITLE, authors=("K. Gödel",))),
    ("particles", Paper(TITLE, authors=("Jan van der Berg Jr.",)), Paper(TITLE, authors=("van der Berg, J.",))),
    (
        "other order",
        Paper(TITLE, authors=("Kurt Gödel", "Ada Lovelace")),
        Paper(TITLE, authors=("Ada Lovelace", "Kurt Gödel")),
    ),
    ("authors without a word", Paper(TITLE, authors=("—", "")), Paper(TITLE, authors=("Ada Lovelace",))),
    (
        "generic title, same text",
        Paper("Editorial", abstract=ABSTRACT),
        Paper("Editorial.", abstract=ABSTRACT, upvotes=3),
    ),
)
_REPO = (Link("https://github.com/lab/tool", "github", "", "abstract", ""),)
DIFFERENT = (
    ("other titles", Paper("Part 1"), Paper("Part 2")),
    (
        "shared repository and text",
        Paper("GCNet: Non-local Networks and Beyond", abstract=ABSTRACT + " It is fast.", links=_REPO),
        Paper("Global Context Networks", abstract=ABSTRACT, links=_REPO),
    ),
    ("other arXiv ids", Paper(TITLE, id="arxiv:2306.14048"), Paper(TITLE, id="arxiv:2306.14049")),
    (
        "other arXiv ids, the DOI of one volume",
        Paper(TITLE, id="arxiv:2306.14048", doi="10.1000/a"),
        Paper(TITLE, id="arxiv:2306.14049", doi="10.1000/a"),
    ),
    ("other DOIs", Paper(TITLE, doi="10.1000/a"), Paper(TITLE, doi="10.1000/b")),
    ("other abstracts", Paper(TITLE, abstract=ABSTRACT), Paper(TITLE, abstract=OTHER)),
    ("other authors", Paper(TITLE, authors=("Ada Lovelace",)), Paper(TITLE, authors=("Kurt Gödel",))),
    ("other initial", Paper(TITLE, authors=("Ada Lovelace",)), Paper(TITLE, authors=("B. Lovelace",))),
    (
        "other first author",
        Paper(TITLE, authors=("Ada Lovelace", "Wei Zhang")),
        Paper(TITLE, authors=("Kurt Gödel", "Wei Zhang")),
    ),
    ("a title of many", Paper("Editorial"), Paper("Editorial", upvotes=1)),
    ("a correction", Paper("Author Correction"), Paper("Author Correction", abstract=ABSTRACT)),
    ("no title", Paper("", upvotes=1), Paper("")),
)


@pytest.mark.parametrize(("one", "two"), [pytest.param(*pair, id=name) for name, *pair in SAME])
def test_one_paper(one: Paper, two: Paper) -> None:
    assert same(one, two)
    assert same(two, one)
    assert len(group([one, two])) == 1


@pytest.mark.parametrize(("one", "two"), [pytest.param(*pair, id=name) for name, *pair in DIFFERENT])
def test_two_papers(one: Paper, two: Paper) -> None:
    assert not same(one, two)
    assert not same(two, one)
    assert len(group([one, two])) == 2


@given(papers(), papers())
def test_sameness_is_symmetric_and_reflexive(one: Paper, two: Paper) -> None:
    assert same(one, one)
    assert same(one, two) == same(two, one)


@given(papers(), papers())
def test_same_papers_share_a_key(one: Paper, two: Paper) -> None:
    assert not same(one, two) or set(keys(one)) & set(keys(two))


@given(papers(), papers(), papers())
def test_merging_is_a_semilattice(one: Paper, two: Paper, three: Paper) -> None:
    assert merge(one, one) == one
    assert merge(one, two) == merge(two, one)
    assert merge(merge(one, two), three) == merge(one, merge(two, three))
    assert merge(merge(one, two), two) == merge(one, two)


def test_merging_takes_the_better_of_each_field() -> None:
    repo = Link("https://github.com/lab/tool", "github", "x", "abstract", "Code: …")
    page = Link("https://lab.github.io/tool", "project_page", "x", "abstract", "")
    hub = Paper(
        "A Title",
        id="title:0123456789abcdef",
        abstract="The whole abstract.",
        authors=("Ada Lovelace", "Kurt Gödel"),
        author_count=2,
        published=PartialDate(None, 3, 11),
        published_text="Mar 11",
        upvotes=7,
        links=(page,),
        promises_code=True,
        url="https://example.org/very/long/address",
        announce_type="replace",
    )
    archive = Paper(
        "A Title",
        id="arxiv:2306.14048",
        version=2,
        abstract="The whole abstract, but cut …",
        authors=("Ada Lovelace", "Kurt Gödel", "Wei Zhang"),
        authors_truncated=True,
        author_count=4,
        published=PartialDate(2024, 3, 11),
        published_text="2024-03-11",
        updated=PartialDate(2024, 5, 1),
        upvotes=3,
        links=(repo,),
        url="https://arxiv.org/abs/2306.14048",
        announce_type="new",
        alternatives=(Alternative("A", ("Title",), -3.0),),
    )

    both = merge(hub, archive)

    assert both == replace(
        archive,
        abstract=hub.abstract,
        authors=hub.authors,
        authors_truncated=False,
        upvotes=7,
        links=(repo, page),
        alternatives=(),
    )


def test_merging_counts_no_nan() -> None:
    assert merge(Paper("A", score=float("nan")), Paper("A", score=2.0)).score == 2.0


# A small world of records: few titles, two abstracts, four persons, some ids.
RECORDS = st.builds(
    Paper,
    title=st.sampled_from((TITLE, "Another Title", "Editorial")),
    abstract=st.sampled_from(("", "", ABSTRACT, ABSTRACT[:70] + "…", OTHER)),
    authors=st.sampled_from(((), ("Ada Lovelace", "Wei Zhang"), ("A. Lovelace",), ("Kurt Gödel",))),
    url=st.sampled_from(
        (None, None, "arxiv.org/abs/2306.14048v1", "arxiv.org/abs/2306.14048v2", "arxiv.org/abs/2401.00001")
    ),
    doi=st.sampled_from((None, None, "10.1000/a", "10.1000/b")),
    upvotes=st.sampled_from((None, 1)),
)


def _partition(records: list[Paper]) -> set[frozenset[Paper]]:
    return {frozenset(members) for members in group(records)}


@given(st.lists(RECORDS, max_size=9), st.randoms(use_true_random=False))
def test_the_partition_does_not_depend_on_order_or_repeats(records: list[Paper], chance: random.Random) -> None:
    again = records + records[::2]
    chance.shuffle(again)

    assert _partition(again) == _partition(records)


@given(st.lists(RECORDS, max_size=9))
def test_groups_keep_every_record_in_order(records: list[Paper]) -> None:
    groups = group(records)

    assert sorted((paper for members in groups for paper in members), key=repr) == sorted(records, key=repr)
    assert [members[0] for members in groups] == sorted((members[0] for members in groups), key=records.index)


@given(st.lists(RECORDS, min_size=1, max_size=5), st.randoms(use_true_random=False))
def test_a_group_has_one_face_in_any_order(records: list[Paper], chance: random.Random) -> None:
    shuffled = records[:]
    chance.shuffle(shuffled)
    assert reduce(merge, records) == reduce(merge, shuffled)


def test_records_chained_by_ids_are_one_paper() -> None:
    preprint = Paper("Old Title", id="arxiv:2306.14048")
    both = Paper("New Title", id="arxiv:2306.14048", doi="10.1000/a")
    article = Paper("Newest Title", doi="10.1000/a", id="pmid:23039619")

    assert group([preprint, article, both]) == ((preprint, article, both),)


def test_a_record_that_could_be_either_is_neither() -> None:
    one, two = Paper(TITLE, abstract=ABSTRACT), Paper(TITLE, abstract=OTHER)
    bare, again = Paper(TITLE), Paper(TITLE + ".")

    assert _partition([one, bare, two, again]) == {frozenset({one}), frozenset({two}), frozenset({bare, again})}


def test_strong_agreement_goes_before_weak() -> None:
    one = Paper(TITLE, abstract=ABSTRACT, authors=("Ada Lovelace",))
    anonymous = Paper(TITLE, abstract=ABSTRACT)
    stranger = Paper(TITLE, authors=("Kurt Gödel",))

    assert _partition([stranger, anonymous, one]) == {frozenset({one, anonymous}), frozenset({stranger})}


def test_a_title_of_hundreds_is_parted_by_id_in_linear_time() -> None:
    records = [Paper("Untitled", abstract=f"{ABSTRACT} {number}", upvotes=number) for number in range(300)]
    records += [Paper("Untitled", id=f"arxiv:2306.{number:05}") for number in range(3000)]
    start = time.process_time()

    groups = group(records)

    assert len(groups) == 3001
    assert time.process_time() - start < 10


def test_hostile_records_are_bounded() -> None:
    vast = Paper("x " * 100_000, abstract="10.1000/" * 50_000, authors=("A, " * 50_000,) * 10, url="arxiv" * 100_000)
    start = time.process_time()

    assert same(vast, replace(vast, upvotes=1))
    assert paper_id(vast).startswith("title:")
    assert time.process_time() - start < 10


def test_comments_that_tell_what_became_of_a_paper_go_before_longer_ones() -> None:
    long = Paper("A", comments="23 pages, 12 figures, 4 tables, 2 appendices; comments are welcome")
    accepted = replace(long, comments="Accepted at ICML 2027", venue="ICML 2027")
    gone = replace(long, comments="Withdrawn by the authors", venue="arXiv (Cornell University)")

    assert merge(long, accepted).comments == accepted.comments
    assert reduce(merge, [gone, long, accepted]).comments == gone.comments
    assert reduce(merge, [gone, long, accepted]).venue == "ICML 2027"
