"""The names under which people file what a paper has: one table for JSON keys, CSV headers and table columns.

A name is compared without case, blanks and punctuation: ``Publish Date``, ``publish_date`` and ``publishDate`` are one.
The first name of a row that holds something wins.
"""

import re
from functools import lru_cache

_BLANKS = re.compile(r"[\W_]+")
_LONGEST = 60  # characters of a name
# fmt: off
_NAMES = {
    "title": (
        "title titles papertitle articletitle documenttitle titletext maintitle displayname ti "
        "标题 论文标题 题目 タイトル"
    ),
    "name": "paper papername paperinfo article name",
    "abstract": (
        "abstract abstracttext abstractnote paperabstract abstracts descriptions abstractstripped abstracten ab "
        "摘要 概要"
    ),
    "summary": "summary description shortabstract snippet papersummary desc content",
    "tldr": (
        "tldr aisummary aitldr summaryai llmsummary generatedsummary chinesesummary summaryzh abstractzh abstractcn "
        "中文摘要 一句话要点 ai"
    ),
    "authors": (
        "authors author authorlist authornames authornameslist creators creator authorsparsed authorsstring "
        "authorstring authorfullnames fau au 作者 著者"
    ),
    "firstauthor": "firstauthor leadauthor",
    "arxiv": "arxivid arxiv arxiveprints arxivnumber arxividentifier eprint arxivno paperarxivid",
    "doi": "doi dois doiurl doilink digitalobjectidentifier di",
    "pmid": "pmid pubmedid pubmed",
    "id": "paperid id entryid identifier shortid openreviewid uid",
    "published": (
        "published publisheddate publishedat publishedon publicationdate publishdate publishtime publishedtime "
        "pubdate firstpublicationdate firstposted submitted submitteddate submissiondate submittedat submittedon "
        "preprintdate posteddate date issued issueddate releasedate coverdate 日期 发布日期 发表日期"
    ),
    "year": "publicationyear publishedyear pubyear year py",
    "created": "created createddate createdate createdat cdate",
    "updated": "updated updatedat updateddate lastupdated updatedate lastmodified modified revised reviseddate",
    "url": (
        "url urlabs paperurlabs absurl abstracturl arxivurl arxivlink paperurl paperlink htmlurl link links href "
        "landingpageurl landingpage permalink abs html articleurl entryurl openreview homeurl read 链接"
    ),
    "pdf": "pdf pdfurl urlpdf pdflink paperurlpdf fulltext openaccesspdf",
    "code": (
        "code codeurl codelink codeurls codelinks github githubrepo githuburl githublink repo repos repourl "
        "repository repositoryurl officialcode officialcodeurl implementation sourcecode gitlab 代码"
    ),
    "project": "projectpage projecturl projectlink project homepage projectwebsite website demo demourl",
    "data": "dataset datasets dataseturl",
    "weights": "model models modelurl weights",
    "video": "video videourl",
    "primary": "primarycategory maincategory arxivprimarycategory primarysubject",
    "categories": (
        "categories category subjects subject subjectareas arxivcategories fieldsofstudy fields 分类 类别"
    ),
    "keywords": "keywords keyword authorkeywords tags tag topics tasks 关键词",
    "venue": (
        "venue journal journalref journaltitle journalname journalbook publicationtitle sourcetitle containertitle "
        "publicationname fulljournalname conference booktitle proceeding publication so conferencename"
    ),
    "comments": "comments comment authorcomment authorscomment note notes 备注",
    "affiliations": "affiliations affiliation institutions institution organizations authoraffiliations 机构",
    "upvotes": "upvotes upvote likes votes numupvotes",
    "commentcount": "numcomments commentcount commentscount",
    "score": "score relevancescore relevance",
    "announced": "announcetype announced",
    "version": "version arxivversion",
    "versions": "versions",
    "forum": "forum forumid",
}
# fmt: on
FIELDS: dict[str, tuple[str, ...]] = {name: tuple(names.split()) for name, names in _NAMES.items()}
"""The names of each field, as `bare` gives them, the best first."""

_PLACES = {
    name: (field, rank) for field, names in reversed(FIELDS.items()) for rank, name in reversed(tuple(enumerate(names)))
}


def bare(name: str) -> str:
    """Return a name without case, blanks and punctuation."""
    return _bare(name[:_LONGEST])


@lru_cache(maxsize=4096)
def _bare(name: str) -> str:
    return _BLANKS.sub("", name.casefold())


def field_of(name: str) -> str | None:
    """Return the field that a name stands for: ``published`` for ``Publish Date``. None for an unknown name."""
    place = place_of(name)
    return place[0] if place else None


def place_of(name: str) -> tuple[str, int] | None:
    """Return the field that a name stands for, and how good a name for it that is: 0 is the best."""
    return _PLACES.get(bare(name))
