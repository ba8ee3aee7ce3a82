"""The labels that Markdown lists print before a field, and the words that give a place of publication away."""

import re
from typing import NamedTuple

_FIELDS = {
    "title": "title | paper title | 标题 | 论文标题",
    "authors": "authors | author | by | author(s) | 作者 | first author",
    "abstract": "abstract | summary | description | snippet | 摘要 | 英文摘要",
    "machine_summary": "tl;dr | relevance | tldr | tl dr | ai summary | 中文摘要 | 一句话总结",
    "details": "motivation | method | methods | result | results | conclusion | title (zh) | abstract (zh)",
    "published": (
        "date | 日期 | 发布日期 | 发表日期 | published | submitted | publish date | published date | released"
    ),
    "updated": "updated | 更新日期 | last updated | revised",
    "link": "link | 链接 | links | url | paper | paper link | arxiv | arxiv link | arxiv id | abs | preprint",
    "pdf": "pdf | pdf link | pdf url | paper pdf",
    "other": (
        "code | github | project | project page | website | demo | dataset | data | model | models | weights"
        " | 代码 | 代码/项目"
    ),
    "categories": (
        "categories | category | main category | primary category | subjects | subject | subject areas | 类别 | 分类"
        " | arxiv所属领域"
    ),
    "keywords": "keywords | 关键词 | keyword | key words | tags | tag | topics | topic",
    "comments": "comments | comment | note | notes | 备注",
    "venue": "venue | source | journal | journal ref | journal-ref | journal reference | conference | publication",
    "doi": "doi",
    "upvotes": "upvotes | upvote | likes | votes",
    "ignored": "score | relevance score | rank | rating | citations | 评分",
    "affiliations": "affiliations | affiliation | institution | institutions | organizations",
}
_NAMES = {label.strip(): name for name, labels in _FIELDS.items() for label in labels.split("|")}
_WORDS = r"(?P<label>[A-Za-z\u4e00-\u9fff][A-Za-z\u4e00-\u9fff;()/ -]{0,24})"
_OPEN, _CLOSE = r"(?:[*_]{1,3}|<b>|<strong>)", r"(?:[*_]{1,3}|</b>|</strong>)"
_BADGE = r"(?:[^\w\s*_\[(<|\"“#>+`:-]{1,3}\s?)?"  # 📄, 🔗 …
_SHAPES = (
    re.compile(rf"{_OPEN}\s?{_BADGE}{_WORDS}\s?(?:[:：]\s?{_CLOSE}|{_CLOSE}\s?[:：])(?P<value>.*)"),
    re.compile(rf"{_BADGE}{_WORDS}[:：](?!//)(?P<value>.*)"),
    re.compile(rf"(?:[*_]{{2,3}}|<b>)\s?{_WORDS}\s?(?:[*_]{{2,3}}|</b>)(?P<value>)"),
)
_CJK_TITLE = re.compile(r"(?:[*_]{2,3})?\s?(?:\[\d{1,3}\]|\d{1,3}[.、])?\s?《([^《》]{5,400})》\s?(?:[*_]{2,3})?")
_FONT = re.compile(r"</?font\b[^<>]{0,100}>", re.IGNORECASE)
_BAR = re.compile(r"\s[|·•]\s")
_LONGEST = 10_000  # characters of a line that are looked at
_WITHIN = re.compile(
    r"(?:^|[,;|]\s{0,3})[*_]{0,2}(?P<label>papers?|pdf|links?|code|project(?: page)?|website|demo"
    r"|data(?:set)?|models?|weights)[*_]{0,2}\s?:[*_]{0,2}\s?[*_]{0,2}(?=\[|https?://)",
    re.IGNORECASE,
)


class Labelled(NamedTuple):
    """A line that says itself what it is."""

    field: str
    label: str
    value: str


def labelled(source: str) -> Labelled | None:
    """Return the field that the Markdown line `source` fills, else None."""
    source = _FONT.sub("", source) if "font" in source else source
    for shape in _SHAPES:
        found = shape.fullmatch(source)
        name = _NAMES.get(" ".join(found["label"].split()).casefold()) if found else None
        if found and name:
            return Labelled(name, found["label"].strip(), found["value"].strip())
    quoted = _CJK_TITLE.fullmatch(source) if "《" in source else None
    return Labelled("title", "", quoted[1].strip()) if quoted else None


def labelled_links(source: str) -> tuple[str, tuple[Labelled, ...]]:
    """Return what stands before the first ``Paper: [..](..)`` within a line, and the links that are labelled so."""
    found = list(_WITHIN.finditer(source[:_LONGEST]))
    if not found:
        return source, ()
    ends = [*(each.start() for each in found[1:]), len(source)]
    return source[: found[0].start()], tuple(
        Labelled(_NAMES.get(each["label"].casefold(), "link"), each["label"], source[each.end() : end])
        for each, end in zip(found, ends, strict=True)
    )


def parted(item: Labelled) -> tuple[Labelled, ...]:
    """Return the fields of ``Published: 2024-01-13 | Category: cs.LG``, each by itself."""
    head, *more = _BAR.split(item.value[:_LONGEST]) if len(item.value) <= _LONGEST else [item.value]
    rest = [labelled(piece) for piece in more]
    if not rest or not all(rest):
        return (item,)
    return (item._replace(value=head), *(each for each in rest if each))
