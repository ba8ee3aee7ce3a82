"""Large digests of many dialects, made up from nothing: so many papers, no two alike, the same ones in each dialect."""

import json
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from email.message import EmailMessage
from html import escape
from typing import Any

_TEXT = (
    "sparse dense routing experts tokens attention memory model models training inference graph kernel kernels language"
    " vision retrieval benchmark data noise gradient bound proof learning small large fast cheap robust causal linear"
    " random neural optimal latent signal protein genome climate robot agent reward policy prompt theory speech image"
    " pruning quantized distilled scaling transfer of the for with and in to a from by under without is are we this"
    " which show propose find keep train measure compare between across over only every few many most"
)
_PEOPLE = """Ada Kurt Emmy Alan Grace Sofia Jun Wei Mei Ravi Ines Olga Pierre Aiko Lars
Lovelace Gödel Noether Turing Hopper Kowalski Tanaka Zhang Li Patel Costa Ivanova Curie Sato Berg"""
_WORDS = _TEXT.split()
_GIVEN, _FAMILY = (line.split() for line in _PEOPLE.splitlines())


@dataclass(frozen=True)
class Record:
    """What a made-up paper has; an abstract of some 1,100 letters, code in every sixth."""

    number: int
    title: str
    abstract: str
    people: tuple[tuple[str, str], ...]

    @property
    def arxiv(self) -> str:
        return f"24{self.number // 90_000 % 12 + 1:02}.{10_000 + self.number % 90_000}"

    @property
    def doi(self) -> str:
        return f"10.1000/x.{self.number}"

    @property
    def names(self) -> list[str]:
        return [" ".join(person) for person in self.people]


def records() -> Iterator[Record]:
    """Yield papers without end, the same ones every time."""
    chance = random.Random(1)
    number = 0
    while True:
        number += 1
        sentences = [" ".join(chance.choices(_WORDS, k=chance.randint(12, 28))).capitalize() for _ in range(9)]
        code = f" Code is available at https://github.com/example/part{number}." if number % 6 == 0 else ""
        people = tuple((chance.choice(_GIVEN), chance.choice(_FAMILY)) for _ in range(chance.randint(1, 6)))
        title = " ".join(chance.choices(_WORDS[:52], k=chance.randint(5, 11))).title()
        yield Record(number, title, ". ".join(sentences) + "." + code, people)


def _rss(paper: Record) -> str:
    return f"""<item><title>{paper.title}</title><link>https://arxiv.org/abs/{paper.arxiv}</link>
<description>arXiv:{paper.arxiv}v1 Announce Type: new
Abstract: {paper.abstract}</description><guid isPermaLink="false">oai:arXiv.org:{paper.arxiv}v1</guid>
<category>cs.LG</category><category>cs.CL</category><pubDate>Tue, 16 Jan 2024 00:00:00 -0500</pubDate>
<arxiv:announce_type>new</arxiv:announce_type><dc:rights>http://creativecommons.org/licenses/by/4.0/</dc:rights>
<dc:creator>{", ".join(paper.names)}</dc:creator></item>
"""


def _atom(paper: Record) -> str:
    people = "".join(f"<author><name>{name}</name></author>" for name in paper.names)
    return f"""<entry><id>http://arxiv.org/abs/{paper.arxiv}v1</id><updated>2024-01-15T18:59:59Z</updated>
<published>2024-01-15T18:59:59Z</published><title>{paper.title}</title><summary>  {paper.abstract}
</summary>{people}<arxiv:comment xmlns:arxiv="http://arxiv.org/schemas/atom">12 pages</arxiv:comment>
<link href="http://arxiv.org/abs/{paper.arxiv}v1" rel="alternate" type="text/html"/>
<link title="pdf" href="http://arxiv.org/pdf/{paper.arxiv}v1" rel="related" type="application/pdf"/>
<category term="cs.LG" scheme="http://arxiv.org/schemas/atom"/></entry>
"""


def _journal(paper: Record) -> str:
    """An item of a journal's feed, with HTML in it."""
    people = "".join(f"<dc:creator>{name}</dc:creator>" for name in paper.names)
    imprint = f"Published online: 15 January 2024; <a href='https://j.example.org/{paper.number}'>doi:{paper.doi}</a>"
    page = f"<p>Journal, {imprint}</p><p>{paper.abstract}</p>"
    return f"""<item rdf:about="https://j.example.org/{paper.number}">
<title><![CDATA[{paper.title} <i>in vivo</i>]]></title>
<link>https://j.example.org/{paper.number}</link><content:encoded><![CDATA[{page}]]></content:encoded>{people}
<dc:identifier>doi:{paper.doi}</dc:identifier><dc:date>2024-01-15</dc:date><prism:doi>{paper.doi}</prism:doi>
<prism:publicationName>Journal of Examples</prism:publicationName></item>
"""


def _oai(paper: Record) -> str:
    people = "".join(f"<author><keyname>{f}</keyname><forenames>{g}</forenames></author>" for g, f in paper.people)
    return f"""<record><header><identifier>oai:arXiv.org:{paper.arxiv}</identifier>
<datestamp>2024-01-16</datestamp></header>
<metadata><arXiv xmlns="http://arxiv.org/OAI/arXiv/"><id>{paper.arxiv}</id><created>2024-01-15</created>
<authors>{people}</authors><title>{paper.title}</title><categories>cs.LG cs.CL</categories>
<license>http://creativecommons.org/licenses/by/4.0/</license><abstract>  {paper.abstract}
</abstract></arXiv></metadata></record>
"""


def _pubmed(paper: Record) -> str:
    people = "".join(
        f'<Author ValidYN="Y"><LastName>{f}</LastName><ForeName>{g}</ForeName><Initials>{g[0]}</Initials></Author>'
        for g, f in paper.people
    )
    number = 30_000_000 + paper.number
    return f"""<PubmedArticle><MedlineCitation Status="MEDLINE" Owner="NLM"><PMID Version="1">{number}</PMID>
<Article PubModel="Print"><Journal><JournalIssue><PubDate><Year>2024</Year><Month>Jan</Month></PubDate></JournalIssue>
<Title>Journal of Examples</Title></Journal><ArticleTitle>{paper.title}.</ArticleTitle>
<Abstract><AbstractText Label="BACKGROUND">{paper.abstract}</AbstractText></Abstract>
<AuthorList CompleteYN="Y">{people}</AuthorList></Article></MedlineCitation><PubmedData><ArticleIdList>
<ArticleId IdType="pubmed">{number}</ArticleId><ArticleId IdType="doi">{paper.doi}</ArticleId></ArticleIdList>
</PubmedData></PubmedArticle>
"""


def _medline(paper: Record) -> str:
    people = "".join(f"FAU - {f}, {g}\nAU  - {f} {g[0]}\n" for g, f in paper.people)
    return f"""
PMID- {30_000_000 + paper.number}
TI  - {paper.title}.
AB  - {paper.abstract}
{people}JT  - Journal of Examples
DP  - 2024 Jan 15
LID - {paper.doi} [doi]
"""


def _ris(paper: Record) -> str:
    people = "".join(f"AU  - {f}, {g}\n" for g, f in paper.people)
    return f"""TY  - JOUR
TI  - {paper.title}
{people}PY  - 2024/01/15
JO  - Journal of Examples
DO  - {paper.doi}
AB  - {paper.abstract}
ER  -

"""


def _bibtex(paper: Record) -> str:
    people = " and ".join(f"{f}, {g}" for g, f in paper.people).replace("ö", '{\\"o}')
    return f"""@article{{key{paper.number},
  title = {{{{{paper.title}}}}},
  author = {{{people}}},
  year = {{2024}}, month = jan,
  journal = {{arXiv preprint arXiv:{paper.arxiv}}},
  doi = {{{paper.doi}}},
  abstract = {{{paper.abstract}}}
}}

"""


def _csv(paper: Record) -> str:
    return f'{paper.title},"{"; ".join(paper.names)}",2024-01-15,{paper.doi},"{paper.abstract}"\n'


def _table(paper: Record) -> str:
    number = paper.arxiv
    return (
        f"|**2024-01-15**|**{paper.title}**|{paper.names[0]} et.al.|[{number}](http://arxiv.org/abs/{number})|null|\n"
    )


def _list(paper: Record) -> str:
    return f"""### [{paper.title}](https://arxiv.org/abs/{paper.arxiv})

*{", ".join(paper.names)}*

Abstract: {paper.abstract}

"""


def _daily(paper: Record) -> str:
    return f"{paper.title}\n\n{paper.abstract}\n\n·{len(paper.people)} authors\n\n·\nJan 15, 2024\n\n"


def _mail(paper: Record) -> str:
    mail = EmailMessage()
    mail["From"], mail["Subject"] = "scholaralerts-noreply@google.com", "routing - new results"
    mail["Date"] = "Tue, 16 Jan 2024 08:00:00 +0000"
    address = f"https://scholar.google.com/scholar_url?url=https://arxiv.org/abs/{paper.arxiv}&amp;hl=en"
    mail.set_content(
        f'<h3><a href="{address}" class="gse_alrt_title">{paper.title}</a></h3>'
        f'<div style="color:#006621">{", ".join(paper.names)} - arXiv, 2024</div>'
        f'<div class="gse_alrt_sni">{escape(paper.abstract[:300])}</div>',
        subtype="html",
    )
    return f"From x Tue Jan 16 08:00:00 2024\n{mail.as_string()}\n"


def _page(paper: Record) -> str:
    """An item of arXiv's list of new papers."""
    return f"""<dt><a name="item{paper.number}">[{paper.number}]</a>
<a href="/abs/{paper.arxiv}" title="Abstract">arXiv:{paper.arxiv}</a></dt>
<dd><div class="meta"><div class="list-title mathjax"><span class="descriptor">Title:</span> {paper.title}</div>
<div class="list-authors">{", ".join(f'<a href="/a">{name}</a>' for name in paper.names)}</div>
<div class="list-subjects"><span class="descriptor">Subjects:</span> <span>Machine Learning (cs.LG)</span></div>
<p class="mathjax">{paper.abstract}</p></div></dd>
"""


def _ours(paper: Record) -> Any:
    return {
        "paper": {
            "title": paper.title,
            "id": f"arxiv:{paper.arxiv}",
            "abstract": paper.abstract,
            "authors": paper.names,
        }
    }


def _plain(paper: Record) -> Any:
    return {
        "title": paper.title,
        "authors": paper.names,
        "abstract": paper.abstract,
        "url": f"https://arxiv.org/abs/{paper.arxiv}",
        "published": "2024-01-15",
    }


def _hub(paper: Record) -> Any:
    inner = {"id": paper.arxiv, "title": paper.title, "summary": paper.abstract, "upvotes": 3}
    inner["authors"] = [{"name": name, "hidden": False} for name in paper.names]
    return {"paper": inner, "publishedAt": "2024-01-15T00:00:00.000Z", "numComments": 2}


def _scholar(paper: Record) -> Any:
    return {
        "paperId": f"{paper.number:040x}",
        "externalIds": {"ArXiv": paper.arxiv, "DOI": paper.doi},
        "title": paper.title,
        "abstract": paper.abstract,
        "publicationDate": "2024-01-15",
        "authors": [{"authorId": str(paper.number), "name": name} for name in paper.names],
    }


def _alex(paper: Record) -> Any:
    words: dict[str, list[int]] = {}
    for place, word in enumerate(paper.abstract.split()):
        words.setdefault(word, []).append(place)
    return {
        "id": f"https://openalex.org/W{paper.number}",
        "doi": f"https://doi.org/{paper.doi}",
        "title": paper.title,
        "publication_date": "2024-01-15",
        "authorships": [{"author": {"display_name": name}, "institutions": []} for name in paper.names],
        "abstract_inverted_index": words,
    }


def _crossref(paper: Record) -> Any:
    return {
        "DOI": paper.doi,
        "URL": f"https://doi.org/{paper.doi}",
        "title": [paper.title],
        "abstract": f"<jats:p>{paper.abstract}</jats:p>",
        "author": [{"given": g, "family": f, "sequence": "additional", "affiliation": []} for g, f in paper.people],
        "issued": {"date-parts": [[2024, 1, 15]]},
        "container-title": ["Journal of Examples"],
    }


def _pmc(paper: Record) -> Any:
    return {
        "id": str(30_000_000 + paper.number),
        "source": "MED",
        "pmid": str(30_000_000 + paper.number),
        "doi": paper.doi,
        "title": f"{paper.title}.",
        "authorString": ", ".join(f"{f} {g[0]}" for g, f in paper.people) + ".",
        "abstractText": paper.abstract,
        "firstPublicationDate": "2024-01-15",
    }


def _rxiv(paper: Record) -> Any:
    return {
        "title": paper.title,
        "authors": "; ".join(f"{f}, {g[0]}." for g, f in paper.people),
        "doi": f"10.1101/2024.01.15.{570_000 + paper.number}",
        "date": "2024-01-15",
        "version": "1",
        "category": "genomics",
        "abstract": paper.abstract,
        "server": "biorxiv",
    }


def _review(paper: Record) -> Any:
    content = {"title": paper.title, "authors": paper.names, "abstract": paper.abstract}
    return {
        "id": f"id{paper.number:08}",
        "forum": f"id{paper.number:08}",
        "cdate": 1_705_000_000_000,
        "invitation": "Example.cc/2024/Conference/-/Submission",
        "content": {name: {"value": value} for name, value in content.items()},
    }


def _item(paper: Record) -> Any:
    return {
        "id": f"https://j.example.org/{paper.number}",
        "url": f"https://j.example.org/{paper.number}",
        "title": paper.title,
        "content_html": f"<p>{paper.abstract}</p>",
        "authors": [{"name": name} for name in paper.names],
        "date_published": "2024-01-15T00:00:00Z",
    }


_RDF = (
    '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/"'
    ' xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:content="http://purl.org/rss/1.0/modules/content/"'
    ' xmlns:prism="http://prismstandard.org/namespaces/basic/2.0/">'
)
_RSS = (
    '<rss xmlns:arxiv="http://arxiv.org/schemas/atom" xmlns:dc="http://purl.org/dc/elements/1.1/" version="2.0">'
    "<channel><title>cs updates on arXiv.org</title><pubDate>Tue, 16 Jan 2024 00:00:00 -0500</pubDate>\n"
)
_TEXTS: dict[str, tuple[str, Callable[[Record], str], str]] = {
    "RSS, arXiv's": (f'<?xml version="1.0"?>{_RSS}', _rss, "</channel></rss>"),
    "Atom, arXiv's": ('<?xml version="1.0"?><feed xmlns="http://www.w3.org/2005/Atom">\n', _atom, "</feed>"),
    "RDF with HTML": (f'<?xml version="1.0"?>{_RDF}<channel><title>J</title></channel>', _journal, "</rdf:RDF>"),
    "oai-pmh": (
        '<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/"><ListRecords>\n',
        _oai,
        "</ListRecords></OAI-PMH>",
    ),
    "pubmed-xml": ("<PubmedArticleSet>\n", _pubmed, "</PubmedArticleSet>"),
    "medline": ("", _medline, ""),
    "ris": ("", _ris, ""),
    "bibtex": ("", _bibtex, ""),
    "csv": ("title,authors,date,doi,abstract\n", _csv, ""),
    "markdown-table": ("|Publish Date|Title|Authors|PDF|Code|\n|---|---|---|---|---|\n", _table, ""),
    "markdown-list": ("# Papers\n\n", _list, ""),
    "daily-papers": ("Daily Papers\n\nbyAK and the research community\n\nJan 16\n\n", _daily, ""),
    "mail": ("", _mail, ""),
    "arxiv-list": ("<html><body><h3>New submissions</h3><dl id='articles'>\n", _page, "</dl></body></html>"),
}
_JSON: dict[str, tuple[str, Callable[[Record], Any], str, str]] = {
    "json-lines": ("", _ours, "\n", "\n"),
    "paper-lines": ("", _plain, "\n", "\n"),
    "paper-json": ('{"date": "2024-01-16", "papers": [', _plain, ",\n", "]}"),
    "json-feed": ('{"version": "https://jsonfeed.org/version/1.1", "title": "J", "items": [', _item, ",\n", "]}"),
    "hugging-face": ("[", _hub, ",\n", "]"),
    "semantic-scholar": ('{"total": 9, "offset": 0, "data": [', _scholar, ",\n", "]}"),
    "openalex": ('{"meta": {"count": 9}, "results": [', _alex, ",\n", "]}"),
    "crossref": ('{"status": "ok", "message-type": "work-list", "message": {"items": [', _crossref, ",\n", "]}}"),
    "europe-pmc": ('{"version": "6.9", "resultList": {"result": [', _pmc, ",\n", "]}}"),
    "biorxiv": ('{"messages": [{"status": "ok"}], "collection": [', _rxiv, ",\n", "]}"),
    "openreview": ('{"notes": [', _review, ",\n", "]}"),
}

FAMILIES = (*_TEXTS, *_JSON)
FEEDS = tuple(name for name in _TEXTS if name.startswith(("RSS", "Atom", "RDF")))


def digest(family: str, size: int) -> bytes:
    """Return a digest of at least `size` bytes."""
    if family in _TEXTS:
        head, write, tail = _TEXTS[family]
        between = ""
    else:
        head, value, between, tail = _JSON[family]
        write = lambda paper: json.dumps(value(paper), ensure_ascii=False)  # noqa: E731
    pieces, length = [head], len(head)
    for paper in records():
        piece = write(paper)
        pieces.append(piece if paper.number == 1 else between + piece)
        length += len(piece)
        if length >= size:
            return ("".join(pieces) + tail).encode()
    raise AssertionError("records do not end")
