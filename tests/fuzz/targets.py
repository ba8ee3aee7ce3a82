"""What is given any bytes, and a watch over it. Run by readers.py, in processes of their own: the fuzzer ends them."""

import io
import json
import re
import resource
import sys
import tempfile
import time
import traceback
import zlib
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["digestbot"], enable_loader_override=False):
    from digestbot.errors import QueryError, ReadError
    from digestbot.links import find_links
    from digestbot.queries import format_query, parse
    from digestbot.readers import read
    from digestbot.readers.mailboxes import mails_of
    from digestbot.readers.mails import parse_mail
    from digestbot.readers.protocol import NamedBytes
    from digestbot.text import to_unicode

ROOT = Path(__file__).resolve().parents[2]
LONGEST = 16_384  # bytes of an input
SECONDS, MEGABYTES = 2.0, 200  # what one input may take
WORDS = Path(__file__).with_name("words.dict")

FAMILIES: dict[str, tuple[str, ...]] = {
    "feeds": ("feed",),
    "json": (
        *("json-feed", "hugging-face", "semantic-scholar", "openalex", "crossref", "biorxiv", "europe-pmc"),
        *("openreview", "paper-json", "row-json"),
    ),
    "lines": ("json-lines", "paper-lines"),
    "xml": ("oai-pmh", "pubmed-xml", "pubmed-summary", "jats", "opml"),
    "tables": ("csv", "markdown-table"),
    "references": ("bibtex", "ris", "medline", "endnote", "web-of-science"),
    "text": ("daily-papers", "papers-scrape", "group-listing", "markdown-list"),
    "pages": ("arxiv-list", "paper-page", "hugging-face-page", "scholar", "alert"),
    "mail": ("mail", "arxiv-mail"),
}
"""The dialects of each family of readers. Every reader is in one."""

_LENGTHS = {"everything": 2048, "queries": 500, "links": 4096, "unicode": 2048}
_SEEDS = {
    "queries": (
        '("mixture of experts" OR =MoE) AND (sparse OR pruning) -title:survey',
        'author:"Tianlong Chen" category:cs has:code date:>=2024-06 id:arxiv:2306.14048',
        '"expert routing"~4 prun* ~prune NOT (title:(quantization OR pruning))',
        "au:Lovelace_A ti:limits AND cat:cs.* [tiab] NEAR/3 2024/01/01:2024/12/31[dp] upvotes:>10",
    ),
    "links": (
        "Code is available at https://github.com/a/b-c. See \\url{http://x.org/~y}, www.z.io/p, 10.5281/zenodo.1",
        "[page](https://a.github.io/b) <a href='https://hf.co/c/d'>weights</a> github. com / e / f",
    ),
    "unicode": (
        "H$_2$O, $\\alpha^{-1}$ and \\'{e}, {\\o}, \\textbf{bold $x_{i}$}, \\frac{a}{b}, ``q'' --- \\mathcal{O}(n^2)",
    ),
}

Target = Callable[[bytes], object]


def read_any(data: bytes, dialects: tuple[str, ...] = ()) -> None:
    """Read the bytes as whatever they seem to be, and as one of these dialects."""
    named = dialects[zlib.crc32(data) % len(dialects)] if dialects else None
    for dialect in {None, named}:
        try:
            reading = read(io.BytesIO(data), "fuzz", dialect)
        except ReadError:
            continue
        for paper in reading.papers:
            assert paper.title.strip(), "a paper without a title"
            assert paper.id, "a paper without an id"
            json.dumps(paper.as_dict(), ensure_ascii=False).encode()
        for reject in reading.rejects:
            assert reject.line >= 1, "a reject on no line"
            f"{reject.reason}{reject.excerpt}".encode()


def read_mails(data: bytes) -> None:
    """Take a mailbox or a mail apart."""
    parse_mail(data)
    try:
        for mail in mails_of(NamedBytes(data, "fuzz")):
            str(mail).encode()
    except ReadError:
        pass


def ask(data: bytes) -> None:
    """Parse a query; what it is formatted as means the same."""
    try:
        query = parse(data.decode("utf-8", "replace"))
    except QueryError as error:
        str(error).encode()
        return
    assert parse(format_query(query)) == query, "a query that its canonical form does not give back"


def look_for_links(data: bytes) -> None:
    """Find links; each stands in the text, and leads somewhere."""
    text = data.decode("utf-8", "replace")
    for link in find_links(text, "abstract"):
        assert link.raw in text, "a link that is not in the text"
        assert link.url.startswith(("http://", "https://")), "a link that leads nowhere"


def spell(data: bytes) -> None:
    """Bring TeX to Unicode."""
    to_unicode(data.decode("utf-8", "replace")).encode()


TARGETS: dict[str, Target] = {
    **{family: partial(read_any, dialects=dialects) for family, dialects in FAMILIES.items()},
    "mailboxes": read_mails,
    "queries": ask,
    "links": look_for_links,
    "unicode": spell,
}


def everything(data: bytes) -> None:
    """Read the bytes, and give them to each target that is no reader."""
    read_any(data, tuple(dialect for dialects in FAMILIES.values() for dialect in dialects))
    for name, target in TARGETS.items():
        if name not in FAMILIES:
            target(data)


class Watched:
    """A target whose faults are told once each and kept, and which goes on."""

    def __init__(self, target: Target, folder: Path) -> None:
        self._target = target
        self._folder = folder
        self._told: set[str] = set()
        self._peak = 0

    def __call__(self, data: bytes) -> None:
        self._peak = self._peak or _peak_megabytes()
        start = time.process_time()
        try:
            self._target(data)
        except Exception as error:  # noqa: BLE001 - whatever it is, it is a fault
            at = traceback.extract_tb(error.__traceback__)[-1]
            self._tell(f"{type(error).__name__} at {Path(at.filename).name}:{at.lineno}", data, traceback.format_exc())
        if (seconds := time.process_time() - start) > SECONDS:
            self._tell("takes too long", data, f"{seconds:.1f} seconds")
        if (peak := _peak_megabytes()) > self._peak + MEGABYTES:
            self._tell("takes too much memory", data, f"{peak - self._peak} MB")
            self._peak = peak

    def _tell(self, what: str, data: bytes, details: str) -> None:
        if what not in self._told:
            self._told.add(what)
            path = self._folder / f"{re.sub(r'[^A-Za-z0-9]+', '-', what)}-{zlib.crc32(data):08x}"
            path.write_bytes(data)
            print(f"FAULT {what}: {path}\n{details}", file=sys.stderr, flush=True)


def _peak_megabytes() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def seeds(family: str) -> Iterator[bytes]:
    """Yield what a family begins with: the digests of its dialects; all of them for what is no reader."""
    if family in _SEEDS:
        yield from (text.encode() for text in _SEEDS[family])
        return
    if family == "everything":
        for folder in sorted((ROOT / "tests" / "corpus").iterdir()):
            yield min(folder.iterdir()).read_bytes()
        return
    dialects = FAMILIES.get(family)
    for folder in (ROOT / "tests" / "corpus", *(ROOT.parent / "shared" / name for name in ("inputs", "seeds"))):
        for path in sorted(folder.rglob("*")) if folder.is_dir() else ():
            if path.is_file() and not path.name.endswith(".expected.json"):
                data = path.read_bytes()
                if dialects is None or path.parent.name in dialects or _dialect(data) in dialects:
                    yield data


def _dialect(data: bytes) -> str:
    try:
        return read(io.BytesIO(data), "seed").dialect
    except ReadError:
        return ""


def main(family: str, faults: str, seed: str, limit: str) -> None:
    """Search in this process, which ends with it."""
    longest = _LENGTHS.get(family, LONGEST)
    with tempfile.TemporaryDirectory() as corpus:
        for number, data in enumerate(seeds(family)):
            Path(corpus, f"{number:04}").write_bytes(data[:longest])
        settings = [f"-seed={seed}", f"-max_len={longest}", f"-dict={WORDS}", "-timeout=60", "-rss_limit_mb=2048"]
        settings += ["-report_slow_units=600"]  # seconds of the clock, which say little on a busy machine
        target = Watched(TARGETS.get(family, everything), Path(faults))
        atheris.Setup([sys.argv[0], limit, *settings, f"-artifact_prefix={faults}/", corpus], target)
        atheris.Fuzz()


main(*sys.argv[1:])
