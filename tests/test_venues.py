"""What comments say became of a paper: many as people write them, each with what it says or that it says nothing."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digestbot.venues import acceptances, alike, is_published_in, is_publishers_doi
from digestbot.withdrawals import withdrawal

ACCEPTED = {
    "Accepted at ICML 2025": "ICML 2025",
    "Accepted to NeurIPS 2024": "NeurIPS 2024",
    "Accepted by IEEE TPAMI": "IEEE TPAMI",
    "12 pages, 5 figures, accepted at CVPR 2024": "CVPR 2024",
    "Accepted at ICLR 2025, 23 pages, 8 figures": "ICLR 2025",
    "Accepted for publication in MNRAS": "MNRAS",
    "accepted for publication in Phys. Rev. D": "Phys. Rev. D",
    "Accepted to appear in Proc. of the 41st ICML": "Proc. of the 41st ICML",
    "Accepted as a spotlight at NeurIPS 2023": "NeurIPS 2023",
    "ICLR 2025 (oral)": "ICLR 2025 (oral)",
    "ICLR 2025": "ICLR 2025",
    "15 pages, ICCV 2023 Oral": "ICCV 2023 Oral",
    "CVPR'24": "CVPR'24",
    "To appear in STOC 2025": "STOC 2025",
    "to appear in the Annals of Mathematics": "Annals of Mathematics",
    "To appear at EMNLP 2024 (Findings)": "EMNLP 2024 (Findings)",
    "Published in Trans. on Machine Learning Research (TMLR), 2024": "Trans. on Machine Learning Research (TMLR), 2024",
    "Published as a conference paper at ICLR 2024": "ICLR 2024",
    "Camera ready": "",
    "ICML 2025 camera ready": "ICML 2025",
    "Camera-ready version for ACL 2024": "ACL 2024",
    "In Proceedings of the ACM Web Conference 2025 (WWW '25)": "Proceedings of the ACM Web Conference 2025 (WWW '25)",
    "Accepted for publication": "",
    "Accepted.": "",
    "v2: accepted version, minor changes": "",
    "Version published in JHEP": "JHEP",
    "matches published version": "",
    "20 pages; v3: published version": "",
    "Findings of ACL 2024": "Findings of ACL 2024",
    "EMNLP 2024 main conference": "EMNLP 2024 main conference",
    "This paper has been accepted by the 38th NeurIPS (NeurIPS 2024)": "38th NeurIPS (NeurIPS 2024)",
    "Accepted at ICML 2024 Workshop on Models in the Wild": "ICML 2024 Workshop on Models in the Wild",
    "NeurIPS 2024 Datasets and Benchmarks Track": "NeurIPS 2024 Datasets and Benchmarks Track",
    "ICML 2024 Workshop on Theory of LLMs": "ICML 2024 Workshop on Theory of LLMs",
    "Accepted (AAAI 2025)": "AAAI 2025",
    "Accepted: KDD 2024": "KDD 2024",
    "ICSE 2025 accepted paper": "ICSE 2025",
    "Accepted on 5 May 2024": "",
    "Accepted in principle by Nature": "Nature",
    "conditionally accepted at CHI 2025": "CHI 2025",
    "Accepted with minor revisions at JMLR": "JMLR",
    "Extended version of the paper accepted at AAAI 2025": "AAAI 2025",
    "Full version of a paper to appear at CRYPTO 2024": "CRYPTO 2024",
    "Submitted to and accepted by JMLR": "JMLR",
    "Dataset paper accepted at NeurIPS 2023": "NeurIPS 2023",
    "Accepted to the main conference of ACL 2025": "ACL 2025",
    "Presented at the NeurIPS 2023 Workshop on Symmetry": "NeurIPS 2023 Workshop on Symmetry",
    "In press": "",
    "Forthcoming in Econometrica": "Econometrica",
    "Rejected from NeurIPS 2023, accepted at ICLR 2024": "ICLR 2024",
    "Accepted to TMLR. Code: https://github.com/a/b": "TMLR",
    "Accepted at INTERSPEECH 2024; code at https://x.org": "INTERSPEECH 2024",
    "Accepted manuscript": "",
    "9 pages, 4 figures. Accepted for oral presentation at MICCAI 2024": "MICCAI 2024",
    "Will appear in the proceedings of SIGIR 2024": "proceedings of SIGIR 2024",
    "To be presented at ICASSP 2025": "ICASSP 2025",
    "Accepted by Nature Communications": "Nature Communications",
    "Accepted at the Conf. on Robot Learning, Yokohama, Japan": "Conf. on Robot Learning, Yokohama, Japan",
    "8 pages. To appear in: Journal of Fluid Mechanics": "Journal of Fluid Mechanics",
    "ACM MM 2024": "ACM MM 2024",
    "SIGGRAPH Asia 2024. Project page: https://x.github.io": "SIGGRAPH Asia 2024",
    "AAAI-25": "AAAI-25",
    "Accepted at 3DV 2025 (Spotlight, 12 pages)": "3DV 2025",
    "Accepted to the Conference on Automated Planning": "Conference on Automated Planning",
    "published in Review of Economic Studies": "Review of Economic Studies",
    "Accepted for publication in Physical Review D, 14 pages": "Physical Review D",
    "Accepted in Nature Reviews Physics": "Nature Reviews Physics",
    "ICML 2024; code at https://github.com/a/b": "ICML 2024",
    "Submitted to ICML 2024, then accepted at UAI 2025": "UAI 2025",
    "Accepted at the 2nd Workshop on Efficient NLP. Previously under review.": "2nd Workshop on Efficient NLP",
}
"""Comments, and the place that they name; an empty one where they name none."""

NOT_ACCEPTED = (
    "Submitted to ICML 2025",
    "Under review at ICLR 2025",
    "Under review",
    "Preprint. Under review.",
    "12 pages, 5 figures",
    "Submitted to Phys. Rev. D",
    "Rejected from NeurIPS 2024",
    "accepted version of our dataset",
    "Code will be released upon acceptance",
    "Code published at https://github.com/a/b",
    "Dataset accepted at the Hugging Face library",
    "published on arXiv",
    "ICML 2025 submission",
    "NeurIPS 2024 under review",
    "Not accepted yet",
    "If accepted, code follows",
    "A preliminary version appeared at ECCV 2022",
    "A shorter version of this paper was accepted at ICLR 2024 workshop",
    "Extends our ICML 2023 paper",
    "Conference version accepted at ICRA 2023",
    "1st place in the CVPR 2024 challenge",
    "Solution of the KDD Cup 2024",
    "Work in progress",
    "Comments are welcome",
    "Minor revision at JMLR",
    "in preparation for submission to Nature",
    "Resubmitted to ApJ",
    "This replaces arXiv:2301.00001",
    "Technical report",
    "PhD thesis, 200 pages",
    "Intended for IEEE Access",
    "Withdrawn from ICLR 2025",
    "arXiv admin note: text overlap with arXiv:2301.00001",
    "Models published at https://huggingface.co/a",
    "To be submitted to PRL",
    "Table 3 appears in the appendix",
    "Uses the ICDAR 2019 dataset",
    "Based on a talk at STOC 2024",
    "Widely accepted definitions are in Section 2",
    "published online",
    "ICLR 2025 reviewed version",
    "Data will be published in Zenodo",
    "Manuscript submitted to Nature, 12 pages",
    "Submitted for publication",
    "Presentation at a group meeting",
    "Code and models are publicly accepted",
    "To be considered for AAAI 2026",
    "icml",
    "Proceedings",
    "ICML style file was used",
    "Draft; comments accepted by mail",
)

SAME = (
    ("ICML 2025", "42nd International Conference on Machine Learning"),
    ("NeurIPS 2024", "38th Conference on Neural Information Processing Systems (NeurIPS 2024)"),
    ("Phys. Rev. D", "Physical Review D"),
    ("MNRAS", "Monthly Notices of the Royal Astronomical Society"),
    ("ICLR 2025 (oral)", "ICLR 2025"),
    ("EMNLP 2024 main", "Conference on Empirical Methods in Natural Language Processing"),
    ("CVPR'24", "IEEE/CVF Conference on Computer Vision and Pattern Recognition (CVPR) 2024"),
    ("TMLR", "Transactions on Machine Learning Research"),
    ("NeurIPS", "Neural Information Processing Systems"),
    ("IEEE TPAMI", "IEEE Transactions on Pattern Analysis and Machine Intelligence"),
    ("ACL 2024", "Annual Meeting of the Association for Computational Linguistics"),
    ("Nature", "Nature"),
    ("A&A", "Astronomy & Astrophysics"),
    ("JHEP", "Journal of High Energy Physics"),
    ("NIPS 2017", "NeurIPS 2017"),
    ("Phys. Rev. Lett. 130, 101802 (2024)", "Physical Review Letters"),
)

DIFFERENT = (
    ("NeurIPS 2024", "ICLR 2025"),
    ("ICML 2024", "ICML 2025"),
    ("Nature", "Physical Review D"),
    ("ICLR 2024", "IEEE TPAMI"),
    ("NeurIPS 2023 Workshop on Symmetry", "ICML 2024"),
    ("Phys. Rev. D", "Phys. Rev. Lett."),
    ("Nature", "Science"),
    ("ACL 2024", "NAACL 2024"),
    ("Phys. Rev. D", "JHEP"),
)

WITHDRAWN = (
    ("", "", "This paper has been withdrawn by the author due to a crucial error in equation 3"),
    ("", "", "This submission has been withdrawn by arXiv administrators due to inappropriate text overlap"),
    ("", "", "Withdrawn"),
    ("", "", "12 pages. Withdrawn due to an error in Lemma 2"),
    ("", "", "This paper is withdrawn; see arXiv:2401.00001"),
    ("", "This paper has been withdrawn by the authors.", ""),
    ("WITHDRAWN: Sparse experts", "", ""),
    ("RETRACTED ARTICLE: Sparse experts", "", ""),
    ("Retracted: Sparse experts", "", ""),
    ("", "", "The authors have withdrawn this paper"),
    ("", "", "We withdraw this paper because of an error"),
    ("", "", "This article has been removed by arXiv administrators because the submitter did not have the authority"),
    ("", "", "Paper withdrawn by the authors"),
    ("", "", "This manuscript has been temporarily withdrawn"),
    ("", "", "Author withdrawn"),
    ("", "", "This version withdrawn by arXiv administrators"),
    ("", "We prove a thing. This paper has been withdrawn due to an error in Section 3.", ""),
    ("Sparse experts (withdrawn)", "", ""),
    ("", "", "withdrawn from arXiv"),
    ("", "Withdrawn due to a gap in the proof.", ""),
    ("", "", "arXiv admin note: This submission has been withdrawn by arXiv due to disputed authorship"),
)
"""Titles, abstracts and comments."""

NOT_WITHDRAWN = (
    ("", "", "Withdrawn from ICLR 2025"),
    ("", "", "This replaces arXiv:2301.1, which was withdrawn by the authors"),
    ("", "The drug was withdrawn from the market in 2004.", ""),
    ("", "Patients who withdrew are left out.", ""),
    ("Retracted papers and their citations", "", ""),
    (
        "A study of withdrawn submissions on arXiv",
        "We study submissions that were withdrawn by their authors.",
        "12 pages",
    ),
    ("Withdrawal behaviour of experts", "", ""),
    ("", "", "The dataset has been withdrawn"),
    ("", "", "Version 1 was withdrawn because of an error"),
    ("", "", "This paper has not been withdrawn"),
    ("", "", "Supersedes a previously withdrawn submission"),
    ("", "In 1998 the Lancet published a study. This article was retracted in 2010 by the editors.", ""),
    ("On retraction: a topological view", "", ""),
    ("", "", "12 pages, ICML 2025"),
    ("", "Cash is withdrawn due to fear.", ""),
)


@pytest.mark.parametrize(("comments", "name"), ACCEPTED.items())
def test_an_acceptance_is_read_with_its_place(comments: str, name: str) -> None:
    (found,) = acceptances(comments)

    assert found.name == name
    assert found.words.removesuffix(")") in " ".join(comments.split())


@pytest.mark.parametrize("comments", NOT_ACCEPTED)
def test_what_is_no_acceptance(comments: str) -> None:
    assert acceptances(comments) == ()


def test_the_words_are_those_that_say_it() -> None:
    comments = "12 pages, 5 figures. This paper has been accepted at ICML 2025 (oral); code: https://example.org"

    assert acceptances(comments)[0].words == "This paper has been accepted at ICML 2025 (oral)"


def test_two_places_are_two() -> None:
    found = acceptances("Presented at the NeurIPS 2023 Workshop on Symmetry; accepted by TMLR")

    assert [item.name for item in found] == ["NeurIPS 2023 Workshop on Symmetry", "TMLR"]


@pytest.mark.parametrize(("one", "two"), SAME)
def test_one_place_by_two_names(one: str, two: str) -> None:
    assert alike(one, two)
    assert alike(two, one)


@pytest.mark.parametrize(("one", "two"), DIFFERENT)
def test_two_places(one: str, two: str) -> None:
    assert not alike(one, two)
    assert not alike(two, one)


@pytest.mark.parametrize(("title", "abstract", "comments"), WITHDRAWN)
def test_a_withdrawal_is_read_with_its_words(title: str, abstract: str, comments: str) -> None:
    words = withdrawal(title, abstract, comments)

    assert re.search("withdr[ae]w|retracted|removed", words, re.IGNORECASE)
    assert words in f"{title}|{abstract}|{comments}"


@pytest.mark.parametrize(("title", "abstract", "comments"), NOT_WITHDRAWN)
def test_what_is_no_withdrawal(title: str, abstract: str, comments: str) -> None:
    assert withdrawal(title, abstract, comments) == ""


@pytest.mark.parametrize(
    "venue",
    [
        "arXiv",
        "arXiv (Cornell University)",
        "arXiv.org",
        "bioRxiv",
        "medRxiv",
        "CoRR",
        "SSRN Electronic Journal",
        "Submitted to ICLR 2025",
        "ICLR 2025 Conference Withdrawn Submission",
        "Under review for TMLR",
        "Zenodo",
        "ICLR.cc/2025/Conference",
        "",
        "2024",
    ],
)
def test_an_archive_is_no_venue(venue: str) -> None:
    assert not is_published_in(venue)


@pytest.mark.parametrize(
    "venue", ["ICLR 2025 Poster", "Physical Review D", "Nature Reviews Physics", "Accepted by TMLR", "Cell", "物理学报"]
)
def test_a_venue(venue: str) -> None:
    assert is_published_in(venue)


@pytest.mark.parametrize(
    ("doi", "expected"),
    [
        ("10.48550/arXiv.2306.14048", False),
        ("10.1101/2024.05.01.592001", False),
        ("10.1101/gr.279364.124", True),
        ("https://doi.org/10.1103/PhysRevD.110.012345", True),
        ("10.2139/ssrn.4567890", False),
        ("10.21203/rs.3.rs-1/v1", False),
        ("10.1038/s41586-024-07487-w", True),
        ("10.5281/zenodo.123", False),
        ("none", False),
    ],
)
def test_a_publishers_doi(doi: str, expected: bool) -> None:
    assert is_publishers_doi(doi) is expected


@given(st.text(max_size=300), st.text(max_size=80), st.text(max_size=80))
def test_any_text_can_be_read(text: str, one: str, two: str) -> None:
    assert all(item.words for item in acceptances(f"accepted at {text}"))
    assert withdrawal(one, two, text) in f"{' '.join(one.split())}|{' '.join(two.split())}|{' '.join(text.split())}"
    assert alike(one, two) == alike(two, one)
    assert alike(one, one)
