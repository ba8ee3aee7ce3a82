"""BibTeX and BibLaTeX: what reference managers, journals and preprint servers export.

TeX is this format's spelling and not the authors': names become Unicode, braces that only keep capitals go. Formulas
stay.
"""

import re
from collections.abc import Iterator, Mapping
from typing import BinaryIO

from digestbot.dates import parse_date
from digestbot.errors import MalformedDigestError
from digestbot.identity import find_id
from digestbot.models import Paper, PartialDate, Reject
from digestbot.readers.bibtex_text import Entry, entries_in
from digestbot.readers.intake import to_text
from digestbot.readers.markup import flat, html_to_line, html_to_text, looks_like_html
from digestbot.readers.name_lists import given_first
from digestbot.readers.protocol import Item, Remark, excerpt_of, name_of
from digestbot.readers.record_links import given_link
from digestbot.text import to_unicode

DIALECT = "bibtex"

_HEAD = re.compile(
    r"^\s{0,20}@\s{0,8}(?:article|inproceedings|conference|misc|incollection|inbook|book|techreport|report|phdthesis|mastersthesis|thesis"
    r"|unpublished|online|proceedings|string|preamble|comment|software|dataset|electronic|www|manual|booklet|patent|periodical|eprint)\s{0,8}[{(]",
    re.IGNORECASE | re.MULTILINE,
)
_TITLE = re.compile(r"\btitle\s*=\s*[{\"]", re.IGNORECASE)
_FORMULA = re.compile(r"(?<!\\)(\$[^$]{1,1000}\$)")
_AND = re.compile(r"\s+and\s+", re.IGNORECASE)
_BRACED = re.compile(r"\{[^{}]*\}")
_ARXIV = re.compile(r"arxiv|corr\b", re.IGNORECASE)


def sniff(head: bytes) -> float:
    """Return how sure it is: entries of known types, and titles in them."""
    text = head.decode("utf-8", "replace")
    found = _HEAD.search(text)
    if not found or not _TITLE.search(text, found.end()):
        return 0.0
    return 1.0 if text.lstrip().startswith(("@", "%")) else 0.6 if found.start() < 4000 else 0.2


def read(file: BinaryIO) -> Iterator[Item]:
    """Yield the entries as papers. Raises MalformedDigestError when there is none."""
    source = name_of(file)
    text = to_text(file.read(), source)[0]
    seen, cut = 0, False
    for entry in entries_in(text):
        seen += 1
        whole = not entry.fault or "value" not in entry.fault
        paper = _paper(entry) if whole else None
        cut = not whole
        yield paper or Reject(entry.line, entry.fault or "an entry without a title", excerpt_of(entry.text))
    if not seen:
        raise MalformedDigestError("holds no entry of BibTeX", source=source)
    if cut:
        yield Remark("the last entry is cut off", "partial")


def _paper(entry: Entry) -> Paper | None:
    fields = entry.fields
    title = _line(fields.get("title", "") or fields.get("maintitle", ""))
    if subtitle := _line(fields.get("subtitle", "")):
        title = f"{title}: {subtitle}"
    if not re.search(r"\w", title):
        return None
    authors, truncated = _people(fields)
    text, date = _published(fields)
    url = next(
        (word for name in ("url", "link", "howpublished", "ee") for word in _addresses(fields.get(name, ""))), None
    )
    name = _name(fields)
    return Paper(
        title=title,
        id=name[0],
        version=name[1],
        abstract=_abstract(fields),
        authors=authors,
        authors_truncated=truncated,
        affiliations=tuple(filter(None, (_line(fields.get("affiliation", "")),))),
        published=date,
        published_text=text,
        categories=tuple(_line(fields.get("primaryclass", "")).split()),
        comments=_line(fields.get("note", "") or fields.get("comment", "")) or None,
        venue=_first(fields, "journal", "journaltitle", "booktitle", "school", "institution", "publisher"),
        doi=_first(fields, "doi"),
        url=url,
        pdf_url=next(_addresses(fields.get("pdf", "")), None),
        keywords=tuple(
            filter(None, re.split(r"\s*[,;]\s*", _line(fields.get("keywords", "") or fields.get("keyword", ""))))
        ),
        links=tuple(
            link
            for name in ("code", "github", "codeurl")
            for address in _addresses(fields.get(name, ""))
            for link in given_link(address, name)
        ),
    )


def _line(value: str) -> str:
    """Return a value as people read it: TeX outside of formulas as Unicode, without braces, on one line."""
    if not value:
        return ""
    parts = _FORMULA.split(value)
    plain = (part if place % 2 else _plain(part) for place, part in enumerate(parts))
    text = flat("".join(plain))
    return html_to_line(text) if looks_like_html(text) else text


def _plain(text: str) -> str:
    if "\\" not in text and "{" not in text and "--" not in text and "~" not in text and "`" not in text:
        return text.replace("}", "")
    start, end = text[: len(text) - len(text.lstrip())], text[len(text.rstrip()) :]
    return f"{start}{re.sub(r'[{}]', '', to_unicode(f'{text.strip()}'))}{end}"


def _first(fields: Mapping[str, str], *names: str) -> str | None:
    return next((line for name in names if (line := _line(fields.get(name, "")))), None)


def _abstract(fields: Mapping[str, str]) -> str:
    text = flat(re.sub(r"\\par\b|\\\\\s", " ", fields.get("abstract", "")))
    if looks_like_html(text):
        text = html_to_text(text)[0]
    return text.replace("{", "").replace("}", "") if "\\" not in text and "$" not in text else text


def _people(fields: Mapping[str, str]) -> tuple[tuple[str, ...], bool]:
    """Return the authors, given names first; what stands in braces is one name."""
    printed = [part.strip() for part in _split_people(fields.get("author", ""))]
    names = tuple(
        name for part in printed if part and part.lower() not in ("others", "et al.") and (name := _person(part))
    )
    return names, len(names) < len(printed) and any(part.lower() in ("others", "et al.") for part in printed)


def _split_people(value: str) -> list[str]:
    """Split at ``and`` outside of braces."""
    hidden = _BRACED.sub(lambda found: _AND.sub("\ue000and\ue000", found[0]), " ".join(value.split()))
    return [part.replace("\ue000and\ue000", " and ") for part in _AND.split(hidden)] if hidden else []


def _person(printed: str) -> str:
    group = printed.startswith("{") and printed.endswith("}") and _BRACED.fullmatch(printed)
    return _line(printed) if group else given_first(_line(printed))


def _published(fields: Mapping[str, str]) -> tuple[str | None, PartialDate | None]:
    """Return the date, as printed and as read: BibLaTeX's ``date``, or year, month and day."""
    if whole := _line(fields.get("date", "")):
        return whole, parse_date(whole.partition("/")[0]) or parse_date(whole[:4])
    year, month, day = (_line(fields.get(name, "")) for name in ("year", "month", "day"))
    if not year:
        return None, None
    if found := re.fullmatch(r"([A-Za-z]{3,9})\.?\s*(?:~|\s)?([0-9]{1,2})", month):
        month, day = found[1], day or found[2]
    text = " ".join(part for part in (year, month, day) if part)
    parts = "-".join(part.zfill(2) for part in (year, month, day) if part)
    return text, (parse_date(parts) if month.isdecimal() else parse_date(text)) or parse_date(year)


def _addresses(value: str) -> Iterator[str]:
    """Yield the addresses in a value; TeX's escapes in them are undone."""
    for found in re.finditer(r"https?://[^\s{}|<>\"]{1,2000}", value[:10_000]):
        yield re.sub(r"\\([_%#&~])", r"\1", found[0]).rstrip(".,;")


def _name(fields: Mapping[str, str]) -> tuple[str, int | None]:
    """Return the id of a preprint server that the entry names, or PubMed's where there is no DOI."""
    kind = (fields.get("archiveprefix", "") or fields.get("eprinttype", "")).lower()
    eprint = _line(fields.get("eprint", ""))
    texts = [f"arXiv:{_line(fields.get(name, ''))}" for name in ("arxivid", "arxiv") if fields.get(name)]
    texts += [f"arXiv:{eprint}"] if eprint and kind in ("", "arxiv") else []
    journal = " ".join(_line(fields.get(name, "")) for name in ("journal", "volume", "note", "howpublished", "number"))
    if _ARXIV.search(journal):
        texts += [journal, journal.replace("abs/", "arXiv:")]
    if fields.get("pmid", "").isdecimal() and not fields.get("doi"):
        texts.append(f"pmid:{fields['pmid']}")
    return next((found for text in texts if (found := find_id(text))), ("", None))
