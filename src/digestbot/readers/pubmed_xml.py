"""PubMed's XML, as efetch answers and as the yearly files have it: articles and chapters of books.

An abstract in parts keeps its labels (``BACKGROUND: …``), a group among the authors its name, a date is as precise as
the journal printed it: ``2012 Oct``, ``2000 Spring``, ``1998 Dec-1999 Jan``, of which only the first year is sure.
"""

import re
from collections.abc import Iterator
from typing import BinaryIO

from digestbot.dates import parse_date
from digestbot.errors import MalformedDigestError
from digestbot.models import Paper, PartialDate, Reject
from digestbot.readers.feed_text import find_root
from digestbot.readers.intake import to_utf8
from digestbot.readers.markup import flat
from digestbot.readers.protocol import Item, Remark, excerpt_of, name_of
from digestbot.readers.xml_records import Element, records_in, refuse_entities

DIALECT = "pubmed-xml"

_ROOTS = (
    "pubmedarticleset",
    "pubmedarticle",
    "pubmedbookarticleset",
    "pubmedbookarticle",
    "medlinecitationset",
    "medlinecitation",
)
_RECORDS = ("PubmedArticle", "PubmedBookArticle")
_OLD_RECORDS = ("MedlineCitation",)
_BRACKETS = re.compile(r"\[(.+)\](\.?)")
_NO_TITLE = ("[Not Available].", "[Not Available]", "Not Available")


def sniff(head: bytes) -> float:
    """Return how sure it is: by the root element."""
    root = find_root(head.decode("utf-8", "replace"))
    return 1.0 if root and root.name in _ROOTS else 0.0


def read(file: BinaryIO) -> Iterator[Item]:
    """Yield the articles. Raises MalformedDigestError for what is no such XML or not safe to parse."""
    source = name_of(file)
    data = to_utf8(file.read(), source)[0]
    refuse_entities(data, source)
    names = _RECORDS if any(f"<{name}".encode() in data for name in _RECORDS) else _OLD_RECORDS
    seen = 0
    for record in records_in(data, *names):
        seen += 1
        if record.element is None:
            yield record.reject or Reject(record.line, "cannot be read", "")
            yield from [Remark("the answer is cut off", "partial")] if record.is_cut else []
        else:
            yield _paper(record.element) or Reject(
                record.line, "a record without a title", excerpt_of(record.element.text())
            )
    if not seen and (root := find_root(data.decode())) and root.name not in _ROOTS:
        raise MalformedDigestError(f"is no answer of PubMed: it begins with <{root.qualified}>", source=source)
    if not seen:
        yield Remark("the set holds no article", "quiet")


def _paper(record: Element) -> Paper | None:
    citation = record.find("MedlineCitation") or record.find("BookDocument") or record
    article = citation.find("Article") or citation
    book = citation.find("Book")
    title = _title(article)
    if not title:
        return None
    pmid, doi = citation.text("PMID"), _doi(record, article)
    text, date = _published(article, book, record)
    people = article.find("AuthorList")
    return Paper(
        title=title,
        id=f"pmid:{pmid}" if pmid.isdecimal() else "",
        abstract=_abstract(article) or _abstract(citation, "OtherAbstract"),
        authors=_people(people),
        authors_truncated=people is not None and people.attributes.get("CompleteYN") == "N",
        affiliations=_affiliations(people),
        published=date,
        published_text=text or None,
        updated=_date(citation.find("DateRevised"))[1],
        categories=article.texts("PublicationTypeList/PublicationType"),
        comments=_notices(citation),
        venue=article.text("Journal/Title")
        or article.text("Journal/ISOAbbreviation")
        or (book.text("BookTitle") if book else "")
        or None,
        doi=doi,
        url=f"https://pubmed.ncbi.nlm.nih.gov/{pmid}/" if pmid.isdecimal() else None,
        keywords=citation.texts("KeywordList/Keyword"),
    )


def _title(article: Element) -> str:
    return plain_title(article.text("ArticleTitle"), article.text("VernacularTitle") or article.text("Book/BookTitle"))


def plain_title(title: str, vernacular: str) -> str:
    """Return a title without the brackets that PubMed puts around a translated one; else the vernacular."""
    if title in ("", *_NO_TITLE):
        title = vernacular
    translated = _BRACKETS.fullmatch(title)
    return f"{translated[1]}{translated[2]}" if translated and "[" not in translated[1] else title


def _abstract(article: Element, name: str = "Abstract") -> str:
    """Return the abstract, a line each part, with its label."""
    lines: list[str] = []
    for part in article.find_all(f"{name}/AbstractText"):
        text = flat("".join(part.pieces()))
        label = part.attributes.get("Label", "").strip()
        if text:
            lines.append(f"{label}: {text}" if label and label != "UNLABELLED" else text)
    return "\n".join(lines)


def _people(people: Element | None) -> tuple[str, ...]:
    authors = people.children("Author") if people else iter(())
    names = (_person(author) for author in authors if author.attributes.get("ValidYN") != "N")
    return tuple(name for name in names if name)


def _person(author: Element) -> str:
    """Return given names, family name and suffix; a group's own name."""
    given = author.text("ForeName") or " ".join(f"{letter}." for letter in author.text("Initials"))
    parts = (given, author.text("LastName"), author.text("Suffix"))
    return " ".join(part for part in parts if part) if parts[1] else author.text("CollectiveName")


def _affiliations(people: Element | None) -> tuple[str, ...]:
    authors = list(people.children("Author")) if people else []
    places = [
        place
        for author in authors
        for path in ("AffiliationInfo/Affiliation", "Affiliation")
        for place in author.texts(path)
    ]
    return tuple(dict.fromkeys(places))


def _doi(record: Element, article: Element) -> str | None:
    """Return the DOI that the article prints, else the one PubMed filed it under; not those of its references."""
    printed = [
        each.text()
        for each in article.children("ELocationID")
        if _is_doi(each, "EIdType") and each.attributes.get("ValidYN") != "N"
    ]
    for data in ("PubmedData", "PubmedBookData"):
        filed = record.find_all(f"{data}/ArticleIdList/ArticleId")
        printed += [each.text() for each in filed if _is_doi(each, "IdType")]
    return next((doi for doi in printed if doi), None)


def _is_doi(element: Element, attribute: str) -> bool:
    return element.attributes.get(attribute, "").lower() == "doi"


def _published(article: Element, book: Element | None, record: Element) -> tuple[str, PartialDate | None]:
    """Return the journal's date, as printed and as read; else that of the electronic version, the book, or PubMed's."""
    places = [
        article.find("Journal/JournalIssue/PubDate"),
        article.find("ArticleDate"),
        book.find("PubDate") if book else None,
    ]
    places += [
        each
        for each in record.find_all("PubmedData/History/PubMedPubDate")
        if each.attributes.get("PubStatus") == "pubmed"
    ]
    found = [_date(place) for place in places]
    return next((each for each in found if each[1]), next((each for each in found if each[0]), ("", None)))


def _date(element: Element | None) -> tuple[str, PartialDate | None]:
    """Return a date in parts, or one that is a text (``MedlineDate``)."""
    if element is None:
        return "", None
    text = element.text("MedlineDate")
    if text:
        return text, read_pubmed_date(text)
    year, month, day = (element.text(name) for name in ("Year", "Month", "Day"))
    text = " ".join(part for part in (year, month or element.text("Season"), day) if part)
    if month.isdecimal():
        return text, parse_date("-".join(part.zfill(2) for part in (year, month, day) if part))
    return text, read_pubmed_date(text)


def read_pubmed_date(text: str) -> PartialDate | None:
    """Return a date of MEDLINE; of a span the year it begins with, and the month of ``2000 Mar 1-15``."""
    if whole := parse_date(text):
        return whole
    found = re.match(r"([0-9]{4})(?: ([A-Z][a-z]{2})(?= [0-9]))?", text)
    return parse_date(" ".join(filter(None, found.groups()))) if found else None


def _notices(citation: Element) -> str | None:
    """Return that a paper was retracted or corrected, as PubMed refers to it."""
    notices = (
        f"{re.sub(r'(?<=[a-z])(?=[A-Z])', ' ', each.attributes.get('RefType', ''))}: {each.text('RefSource')}"
        for each in citation.find_all("CommentsCorrectionsList/CommentsCorrections")
        if each.attributes.get("RefType")
        in ("RetractionIn", "ErratumIn", "ExpressionOfConcernIn", "UpdateIn", "RetractionOf")
    )
    return "; ".join(notices) or None
