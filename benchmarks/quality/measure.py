"""Precision and recall against labels given by hand, beside other ways to look for the same words.

    python benchmarks/quality/measure.py [FOLDER] [--topics]

FOLDER holds the digests that were labelled, ../shared/seeds unless said otherwise. The systems: our query (a folded
phrase, or an exact acronym), a literal search (these characters as whole words, whatever their case), a search for a
piece of text, and tantivy with its default analyser. Precision is over what a system returns; recall over the papers
in which the words stand (said), and over all that speak of the topic (said or meant). See README.md beside it.
"""

import re
import sys
from collections.abc import Callable
from pathlib import Path

import tantivy

from digestbot.models import Paper
from digestbot.queries import evaluate, parse
from digestbot.readers import read_path

HERE = Path(__file__).resolve().parent
Labels = dict[str, dict[str, str]]
"""The label of each topic and title."""
Search = Callable[[str], set[str]]
"""The titles that a system returns for a topic."""
STRICT = ("no", "meant", "said")


def labels() -> Labels:
    found: Labels = {}
    for line in (HERE / "labels.tsv").read_text(encoding="utf-8").splitlines()[1:]:
        topic, first, second, title = line.split("\t")
        found.setdefault(topic, {})[title] = min(first, second, key=STRICT.index)
    return found


def papers_of(folder: Path) -> dict[str, Paper]:
    """Return the papers by their title in one line; a paper that comes twice is one."""
    found: dict[str, Paper] = {}
    for path in sorted(folder.iterdir()):
        for paper in read_path(path).papers:
            found.setdefault(paper.id, paper)
    return {" ".join(paper.title.split()): paper for paper in found.values()}


def ours(papers: dict[str, Paper], exact: bool = True) -> Search:
    def search(topic: str) -> set[str]:
        words = topic if exact else topic.lstrip("=")
        query = parse(words if words.startswith("=") else f'"{words}"')
        return {title for title, paper in papers.items() if evaluate(query, paper)}

    return search


def by_pattern(papers: dict[str, Paper], edge: str) -> Search:
    def search(topic: str) -> set[str]:
        pattern = re.compile(f"(?<!{edge}){re.escape(topic.lstrip('='))}(?!{edge})", re.IGNORECASE)
        return {title for title, paper in papers.items() if pattern.search(f"{paper.title}\n{paper.abstract}")}

    return search


def by_tantivy(papers: dict[str, Paper]) -> Search:
    builder = tantivy.SchemaBuilder()
    builder.add_text_field("name", stored=True, tokenizer_name="raw")
    builder.add_text_field("body", stored=False)
    index = tantivy.Index(builder.build())
    writer = index.writer()
    for title, paper in papers.items():
        writer.add_document(tantivy.Document(name=title, body=[paper.title, paper.abstract]))
    writer.commit()
    index.reload()
    searcher = index.searcher()

    def search(topic: str) -> set[str]:
        query = index.parse_query(f'"{topic.lstrip("=")}"', ["body"])
        hits = searcher.search(query, limit=len(papers)).hits
        return {str(searcher.doc(address)["name"][0]) for _, address in hits}

    return search


def measure(search: Search, judged: Labels, topics: list[str]) -> str:
    """Return precision and both recalls over several topics, every paper of every topic counting the same."""
    returned = right = said = said_found = spoken = 0
    for topic in topics:
        found, known = search(topic), judged[topic]
        unjudged = found - known.keys()
        assert not unjudged, (topic, unjudged)
        returned += len(found)
        right += sum(known[title] != "no" for title in found)
        said += sum(label == "said" for label in known.values())
        said_found += sum(known[title] == "said" for title in found)
        spoken += sum(label != "no" for label in known.values())
    return f"{right / returned:>9.3f} {said_found / said:>11.3f} {right / spoken:>11.3f} {returned:>9}"


def main(arguments: list[str]) -> None:
    named = [word for word in arguments if not word.startswith("--")]
    folder = Path(named[0]) if named else HERE.parents[2] / "shared" / "seeds"
    if not folder.is_dir():
        print(f"{folder} is not there: the digests that were labelled do not come with the project")
        return
    judged, papers = labels(), papers_of(folder)
    missing = {title for known in judged.values() for title in known} - papers.keys()
    if missing:
        print(f"{len(missing)} of the labelled papers are not in {folder}, {min(missing)!r} for one")
        return
    systems = {
        "ours": ours(papers),
        "ours, folded": ours(papers, exact=False),
        "literal": by_pattern(papers, r"\w"),
        "substring": by_pattern(papers, "\0"),
        "tantivy": by_tantivy(papers),
    }
    phrases = [topic for topic in judged if not topic.startswith("=")]
    acronyms = [topic for topic in judged if topic.startswith("=")]
    single = {topic: [topic] for topic in judged} if "--topics" in arguments else {}
    for name, topics in {"phrases": phrases, "acronyms": acronyms, **single}.items():
        print(f"{name}, {len(topics)} topics{'':<10} precision recall said recall all  returned")
        for system, search in systems.items():
            if system != "ours, folded" or topics[0].startswith("="):
                print(f"  {system:<22} {measure(search, judged, topics)}")
    pairs = [line.split("\t") for line in (HERE / "labels.tsv").read_text(encoding="utf-8").splitlines()[1:]]
    print(
        f"{len(pairs)} labels, of which {sum(first != second for _, first, second, _ in pairs)} differ between passes"
    )


main(sys.argv[1:])
